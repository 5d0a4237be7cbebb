"""The blades of a Clifford algebra by their names, as numbers to write multivectors with."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import torch

from hypercomplex.algebra import Algebra
from hypercomplex.door.signatures import refusal
from hypercomplex.functional.arguments import check_dtype
from hypercomplex.geometric.arguments import blades_of
from hypercomplex.tensor import tensor_type

__all__ = ["Basis", "basis"]


class Basis:
    """The blades as typed tensors of one number each; `basis` makes it.

    An attribute is a blade by its name, and so is an item; `e21` is `-e12`. It unpacks in the order
    of the algebra's basis.
    """

    def __init__(self, algebra: Algebra, numbers: Any) -> None:
        self.algebra, self.numbers = algebra, numbers

    def __getattr__(self, name: str) -> Any:
        found = None if name.startswith("_") else _signed_place(self.algebra, name)
        if found is None:
            raise AttributeError(f"{self.algebra} has no blade {name!r}; it has {_some(self)}")
        return self._times(*found)

    def __getitem__(self, name: str) -> Any:
        found = _signed_place(self.algebra, name)
        if found is None:
            raise KeyError(f"{self.algebra} has no blade {name!r}; it has {_some(self)}")
        return self._times(*found)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.numbers.unbind())

    def __len__(self) -> int:
        return self.algebra.dimension

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.algebra.units[1:]]

    def __repr__(self) -> str:
        return f"Basis of {self.algebra}: {_some(self)}"

    def _times(self, place: int, sign: int) -> Any:
        return self.numbers[place] if sign > 0 else -self.numbers[place]


def basis(
    algebra: Algebra,
    *,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Basis:
    """The blades by name, as typed tensors of one number: `e.e12`, `e["e12"]`, or unpacked.

    Args:
        algebra: the algebra.
        dtype: the floating-point type of the components, torch's default if not given.
        device: where they live.

    Raises:
        ValueError: if the algebra has no grades.
        TypeError: if `algebra` is none, or `dtype` not a floating-point type.

    Example:
        >>> e = basis(hc.clifford(2))
        >>> 3 + 2 * e.e1 - e["e12"]
        Cl_2_0Tensor(3+2*e1+0*e2-1*e12, shape=(), dtype=torch.float32)
        >>> one, e1, e2, e12 = e
        >>> bool(e2 * e1 == e.e21)
        True
    """
    if not isinstance(algebra, Algebra):
        raise refusal("algebra", algebra, Algebra)
    blades_of(algebra)
    if dtype is not None:
        check_dtype("dtype", dtype)
    numbers = tensor_type(algebra)(torch.eye(algebra.dimension, dtype=dtype, device=device))
    return Basis(algebra, numbers)


def _signed_place(algebra: Algebra, name: str) -> tuple[int, int] | None:
    """Where the blade of this name stands and its sign; None if there is none."""
    units = algebra.units
    if name in units:
        return units.index(name), 1
    generators = {units[1 << a]: 1 << a for a in range(algebra.blades.generators)}
    places = [generators.get(f"e{digit}", 0) for digit in name[1:]] if name[:1] == "e" else []
    if not places or 0 in places or len({*places}) < len(places):
        return None
    exchanges = sum(a > b for a, b in combinations(places, 2))
    return sum(places), (-1) ** exchanges


def _some(basis: Basis) -> str:
    units = basis.algebra.units
    return ", ".join(units if len(units) <= 16 else [*units[:8], "…", units[-1]])
