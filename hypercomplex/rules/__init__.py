"""What each torch function means for hypercomplex tensors, by the law that it keeps.

- *shape* moves numbers and never mixes components;
- *linear* acts on every component alike;
- *product* multiplies numbers;
- *involution* is built on the conjugate: norm, inverse, direction;
- *analytic* are the algebra's own functions of one number: exp, log, sin, powers, angle;
- *metadata* answers questions about a tensor;
- *refused* has no meaning, or none yet, and says so.

What functions of this library mean, they declare where they stand (`hypercomplex.door`).
Importing this package fills the table of `hypercomplex.door.registry`.
"""

from hypercomplex.door.registry import add_operators
from hypercomplex.rules import (
    analytic,
    collectives,
    contraction,
    copies,
    creation,
    distances,
    exchange,
    foreach,
    images,
    indexing,
    involution,
    joining,
    linalg,
    linear,
    lookup,
    losses,
    metadata,
    product,
    sequences,
    shape,
    statistics,
    truth,
    weighted,
)
from hypercomplex.rules.refused import refusal

add_operators()

__all__ = [
    "analytic",
    "collectives",
    "contraction",
    "copies",
    "creation",
    "distances",
    "exchange",
    "foreach",
    "images",
    "indexing",
    "involution",
    "joining",
    "linalg",
    "linear",
    "lookup",
    "losses",
    "metadata",
    "product",
    "refusal",
    "sequences",
    "shape",
    "statistics",
    "truth",
    "weighted",
]

foreach.register()  # after the functions that it repeats
