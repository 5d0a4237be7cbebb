"""Hypercomplex numbers as a first-class tensor type, and neural networks on them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import hypercomplex.host.imports  # noqa: F401 (the first, which keeps other threads out)
from hypercomplex import fft, functional, geometric, linalg, nn, rotations, state
from hypercomplex.algebra import Algebra, Bilinear
from hypercomplex.algebra.clifford import clifford, even_subalgebra
from hypercomplex.algebra.composites import (
    complexify,
    direct_sum,
    dual,
    hermitian,
    jordan,
    lie,
    matrix_algebra,
    opposite,
    tensor_product,
    unitization,
)
from hypercomplex.algebra.constructions import (
    COMPLEX,
    OCTONION,
    QUATERNION,
    REAL,
    cayley_dickson,
)
from hypercomplex.algebra.elements import Element
from hypercomplex.algebra.named import NAMED, named
from hypercomplex.algebra.parts import change_basis, quotient, subalgebra
from hypercomplex.algebra.presented import from_matrices, group_algebra, polynomial_quotient
from hypercomplex.algebra.relations import from_relations
from hypercomplex.algebra.written import from_rules, from_table
from hypercomplex.geometric.multivector import MultivectorTensor, multivector, multivector_type
from hypercomplex.host.checkpoints import checkpoints_hold_components
from hypercomplex.host.collectives import collectives_ask, new_tensors_of_collectives_are_numbers
from hypercomplex.host.compiler import teach_the_compiler
from hypercomplex.host.distributions import distributions_are_of_reals
from hypercomplex.host.hooks import hooks_see_numbers
from hypercomplex.host.imports import one_copy
from hypercomplex.host.layers import tools_find_layers
from hypercomplex.host.optimizers import see_components
from hypercomplex.host.sharding import refuse_shards_of_numbers
from hypercomplex.host.strangers import strangers_are_told
from hypercomplex.host.transforms import keep_types
from hypercomplex.lowering import LearnedBilinear, explain
from hypercomplex.quaternion import QuaternionTensor
from hypercomplex.state.components import agree, tell
from hypercomplex.symbolic import lambdify
from hypercomplex.tensor import HypercomplexTensor, as_hypercomplex, tensor_type

if TYPE_CHECKING:
    from hypercomplex import compat, testing

__version__ = "0.1.0"

__all__ = [
    "COMPLEX",
    "OCTONION",
    "QUATERNION",
    "REAL",
    "Algebra",
    "Bilinear",
    "Element",
    "HypercomplexTensor",
    "LearnedBilinear",
    "MultivectorTensor",
    "QuaternionTensor",
    "as_hypercomplex",
    "cayley_dickson",
    "change_basis",
    "clifford",
    "compat",
    "complexify",
    "direct_sum",
    "dual",
    "even_subalgebra",
    "explain",
    "fft",
    "from_matrices",
    "from_relations",
    "from_rules",
    "from_table",
    "functional",
    "geometric",
    "group_algebra",
    "hermitian",
    "jordan",
    "kernels",
    "lambdify",
    "lie",
    "linalg",
    "lowering",
    "matrix_algebra",
    "multivector",
    "multivector_type",
    "nn",
    "opposite",
    "polynomial_quotient",
    "quotient",
    "rotations",
    "state",
    "subalgebra",
    "tensor_product",
    "tensor_type",
    "testing",
    "unitization",
]


keep_types()
teach_the_compiler()
see_components()
tools_find_layers()
hooks_see_numbers()
strangers_are_told()
distributions_are_of_reals()
checkpoints_hold_components(tell, agree)
collectives_ask()
new_tensors_of_collectives_are_numbers()
refuse_shards_of_numbers()


def __getattr__(name: str) -> Any:
    """Open the doors from other libraries and to tests, and make algebras that have names, when
    asked, so that importing stays light.
    """
    if name in ("compat", "testing"):
        return import_module(f"hypercomplex.{name}")
    if name in NAMED:
        return named(name)
    raise AttributeError(f"module 'hypercomplex' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *NAMED, *(name for name in globals() if name.startswith("__"))})


one_copy(__name__)  # the last word, when nothing can fail any more
