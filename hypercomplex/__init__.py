"""Hypercomplex numbers as a first-class tensor type, and neural networks on them."""

from hypercomplex import compat, functional, nn
from hypercomplex.algebra import Algebra
from hypercomplex.constructions import (
    COMPLEX,
    OCTONION,
    QUATERNION,
    REAL,
    cayley_dickson,
    clifford,
)
from hypercomplex.tensor import (
    HypercomplexTensor,
    QuaternionTensor,
    as_hypercomplex,
    tensor_type,
)

__version__ = "0.1.0"

__all__ = [
    "COMPLEX",
    "OCTONION",
    "QUATERNION",
    "REAL",
    "Algebra",
    "HypercomplexTensor",
    "QuaternionTensor",
    "as_hypercomplex",
    "cayley_dickson",
    "clifford",
    "compat",
    "functional",
    "nn",
    "tensor_type",
]
