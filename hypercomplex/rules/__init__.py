"""What each torch function means for hypercomplex tensors, by the law that it keeps.

- *shape* moves numbers and never mixes components;
- *linear* acts on every component alike;
- *product* multiplies numbers;
- *involution* is built on the conjugate: norm, inverse, direction;
- *layers* are the functions of `hypercomplex.functional`;
- *metadata* answers questions about a tensor;
- *refused* has no meaning, or none yet, and says so.

Importing this package fills the table; `rule_of` looks a function up.
"""

from hypercomplex.rules import (
    copies,
    indexing,
    involution,
    joining,
    layers,
    linear,
    metadata,
    product,
    recurrent,
    shape,
    statistics,
)
from hypercomplex.rules.keywords import call
from hypercomplex.rules.refused import refusal
from hypercomplex.rules.registry import FAMILIES, family_of, rule_of

__all__ = [
    "FAMILIES",
    "call",
    "copies",
    "family_of",
    "indexing",
    "involution",
    "joining",
    "layers",
    "linear",
    "metadata",
    "product",
    "recurrent",
    "refusal",
    "rule_of",
    "shape",
    "statistics",
]
