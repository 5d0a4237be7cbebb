r"""Geometric algebra: multivectors, the numbers of Clifford algebras, by their grades.

Every function takes plain components `(…, n)` with their algebra, or typed tensors, which know
theirs, and gives back the kind it was given. The algebra is one whose basis are blades, such as
`clifford(p, q, r)`, `PGA` or `QUATERNION`; `algebra.blades` says the grades of its basis. The
geometric product itself is `functional.product`, or `a * b` of typed tensors.
"""

from importlib import import_module
from typing import Any

from hypercomplex.geometric import by_grade  # noqa: F401 (the rules of multivectors)
from hypercomplex.geometric.bivectors import (
    exp,
    invariant_decomposition,
    log,
    outer_cos,
    outer_exp,
    outer_sin,
    outer_tan,
    sqrt,
)
from hypercomplex.geometric.duality import (
    dual,
    hodge,
    polarity,
    undual,
    unhodge,
    unpolarity,
)
from hypercomplex.geometric.grades import (
    conjugate,
    embed_grade,
    even,
    extract_grade,
    grade,
    grades,
    involute,
    odd,
    reverse,
)
from hypercomplex.geometric.multivector import graded
from hypercomplex.geometric.names import Basis, basis
from hypercomplex.geometric.products import (
    anticommutator,
    commutator,
    inner,
    left_contraction,
    regressive,
    right_contraction,
    scalar_product,
    wedge,
)
from hypercomplex.geometric.versors import (
    apply_versor,
    is_versor,
    norm,
    normalize,
    project,
    reflect,
    reject,
    sandwich,
    squared_norm,
    versor_inverse,
)

__all__ = [
    "Basis",
    "anticommutator",
    "apply_versor",
    "basis",
    "commutator",
    "conjugate",
    "dual",
    "embed_grade",
    "even",
    "exp",
    "extract_grade",
    "grade",
    "graded",
    "grades",
    "hodge",
    "inner",
    "invariant_decomposition",
    "involute",
    "is_versor",
    "left_contraction",
    "log",
    "norm",
    "normalize",
    "odd",
    "outer_cos",
    "outer_exp",
    "outer_sin",
    "outer_tan",
    "polarity",
    "project",
    "reflect",
    "regressive",
    "reject",
    "reverse",
    "right_contraction",
    "sandwich",
    "scalar_product",
    "sqrt",
    "squared_norm",
    "undual",
    "unhodge",
    "unpolarity",
    "versor_inverse",
    "wedge",
]


def __getattr__(name: str) -> Any:
    """Open the modules of single algebras when asked, so that importing makes none."""
    if name in ("conformal", "projective"):
        return import_module(f"hypercomplex.geometric.{name}")
    raise AttributeError(f"module 'hypercomplex.geometric' has no attribute {name!r}")
