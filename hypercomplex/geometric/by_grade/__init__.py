"""What functions mean for numbers that store some grades only.

Functions that move numbers, act on all components alike or ask about the tensor mean what they
always do: their rules know nothing of an algebra but how many components a number has. What
multiplies has its rules here, which plan by the grades of the factors; a function of one number is
taken of all components, and what cannot come out is left out. All else refuses.

Importing this package fills the table of `hypercomplex.door.registry`.
"""

from hypercomplex.geometric.by_grade import (  # noqa: F401 (whose rules are registered)
    contraction,
    duality,
    functions,
    parts,
    powers,
    products,
    sums,
    unchanged,
    versors,
)

unchanged.register()  # last, what no rule is written for
