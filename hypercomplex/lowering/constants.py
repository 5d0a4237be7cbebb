"""What is constant about an algebra: tensors, made once for each dtype and device, and answers.

Only ordinary tensors are kept: never what a tracer or a fake mode makes, and never one that belongs
to inference mode, since autograd could not save it later.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra, Bilinear
from hypercomplex.algebra.blades import Blades
from hypercomplex.algebra.forms import Form
from hypercomplex.algebra.rotors import Rotors
from hypercomplex.host.known import known_when_traced
from hypercomplex.host.mode import can_be_kept, is_compiling, is_concrete, untraced

__all__ = [
    "Entries",
    "check_floats",
    "constant",
    "derived",
    "equivariant",
    "has_real_norm",
    "has_real_squares",
    "imaginary_form",
    "is_associative",
    "is_commutative",
    "is_euclidean",
    "is_power_associative",
    "needs_powers",
    "norm_form",
]

Values = Callable[..., Any]


class Entries(NamedTuple):
    """A tensor that is mostly zero: where its entries are, counted along the rows, and these."""

    shape: tuple[int, ...]
    places: list[int]
    numbers: list[float]

    def dense(self) -> list[float]:
        """All entries, one row after the other."""
        flat = [0.0] * prod(self.shape)
        for place, number in zip(self.places, self.numbers, strict=True):
            flat[place] = number
        return flat


_constants: dict[tuple[Any, ...], Tensor] = {}
_MOST_KEPT = 1024


def constant(values: Values, of: Algebra | Bilinear, like: Tensor, *options: Any) -> Tensor:
    """The tensor of `values(of, *options)`, nested lists or entries, beside `like`."""
    if not is_concrete(like):
        return _make(values, of, like, options)
    key = (values, of, options, like.dtype, like.device)
    known = _constants.get(key)
    if known is None:
        with torch.inference_mode(False), untraced():
            known = _make(values, of, like, options)
        if can_be_kept(known):
            if len(_constants) >= _MOST_KEPT:
                _constants.clear()
            _constants[key] = known
    return known


@known_when_traced
def is_associative(algebra: Algebra) -> bool:
    """Whether the algebra is associative, also for code that is compiled."""
    return bool(algebra.is_associative)


@known_when_traced
def is_commutative(algebra: Algebra) -> bool:
    """Whether the algebra is commutative, also for code that is compiled."""
    return bool(algebra.is_commutative)


@known_when_traced
def has_real_norm(algebra: Algebra) -> bool:
    """Whether `x x̄` is real for every number, also for code that is compiled."""
    return algebra.has_real_norm


@known_when_traced
def has_real_squares(algebra: Algebra) -> bool:
    """Whether `v²` is real for every `v` without real part, also for code that is compiled."""
    return algebra.has_real_squares


@known_when_traced
def is_euclidean(algebra: Algebra) -> bool:
    """Whether `N(x)` is the squared length of the components, also for code that is compiled."""
    return algebra.is_euclidean


def norm_form(algebra: Algebra) -> Form:
    """The form `N(x) = Re(x x̄)`, also for code that is compiled."""
    form: Form = derived(algebra, "norm_form")
    return form


def imaginary_form(algebra: Algebra) -> Form:
    """The form `−Re(v²)` of `v` without real part, also for code that is compiled."""
    form: Form = derived(algebra, "imaginary_form")
    return form


def derived(of: Algebra | Bilinear | Blades | Rotors, name: str) -> Any:
    """What is made of an algebra, its blades or a map, also for code that is compiled."""
    _prepare(of, name)
    return getattr(of, name)


def equivariant(algebra: Algebra, name: str) -> Any:
    """What commutes with the group of a Clifford algebra, see `Equivariance`, also for code that is
    compiled.
    """
    return derived(derived(derived(algebra, "blades"), "equivariance"), name)


@known_when_traced
def _prepare(of: Algebra | Bilinear | Blades | Rotors, name: str) -> bool:
    """Make the map before the compiler looks for it: it knows none that are made on its way."""
    return getattr(of, name) is not None


def check_floats(product: Bilinear) -> None:
    """The constants are of a size that floating-point numbers have."""
    if product.without_float:
        i, j, k, _ = product.without_float[0]
        raise ValueError(
            f"{product} has no tensors: the constant of e_{k} in e_{i} e_{j} is beyond float64, "
            "which holds 0 and sizes from 2.3e-308 to 1.7e308; scale a unit of the algebra"
        )


@known_when_traced
def is_power_associative(algebra: Algebra) -> bool:
    """Whether powers of a number need no brackets, also for code that is compiled."""
    return bool(algebra.is_power_associative)


@known_when_traced
def needs_powers(algebra: Algebra) -> bool:
    """Whether powers need no brackets, but `x (x y) = x² y` fails, so that a function of the matrix
    of x is not the matrix of the function.
    """
    return not algebra.is_alternative and bool(algebra.is_power_associative)


def _make(values: Values, of: Algebra | Bilinear, like: Tensor, options: tuple[Any, ...]) -> Tensor:
    check_floats(of.product if isinstance(of, Algebra) else of)
    found = values(of, *options)
    if not isinstance(found, Entries):
        return torch.tensor(found, dtype=like.dtype, device=like.device)
    if is_compiling():
        return torch.tensor(found.dense(), dtype=like.dtype, device=like.device).view(found.shape)
    flat = torch.zeros(prod(found.shape), dtype=like.dtype)
    flat[torch.tensor(found.places, dtype=torch.int64)] = torch.tensor(
        found.numbers, dtype=like.dtype
    )
    return flat.view(found.shape).to(like.device)
