"""Tensors of hypercomplex numbers, as if torch had a dtype for them.

A `HypercomplexTensor` of shape `(2, 3)` holds six numbers. Its real components lie on one more
axis of the storage, the last, which no torch function sees: `__torch_function__` looks up what
the function means (`hypercomplex.rules`), runs that on the real components and wraps the result,
or refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import count
from threading import RLock
from typing import Any
from weakref import WeakValueDictionary, ref

from torch import Tensor

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.algebra.files import rebuild, rebuild_fraction
from hypercomplex.algebra.isomorphisms import Isomorphism
from hypercomplex.door.calls import Typed, is_typed
from hypercomplex.door.keywords import call
from hypercomplex.door.operators import answer_operators, leave_operators
from hypercomplex.door.registry import meaning_of
from hypercomplex.functional.arguments import (
    check_whole,
    explained,
)
from hypercomplex.host.batches import batches_of
from hypercomplex.host.files import files_may_call
from hypercomplex.host.known import known_when_traced
from hypercomplex.host.mode import compiler_looks
from hypercomplex.host.overrides import as_components
from hypercomplex.lowering import image, real_part, refuse_basis, unfold
from hypercomplex.rules import refusal
from hypercomplex.typed import TypedTensor, from_file, is_parameter

__all__ = ["HypercomplexTensor", "as_hypercomplex", "register", "tensor_type"]


class HypercomplexTensor(TypedTensor):
    """A tensor of numbers of one algebra; `tensor_type(algebra)` makes its subclass.

    Subclasses carry the algebra, so it survives views, arithmetic, `.to`, `detach` and
    `nn.Parameter`. `shape`, `len`, indices and axes count numbers; `dtype` is that of the real
    components. Numbers combine with typed tensors of the same algebra, with real tensors (one
    real number for each number) and with real scalars.

    Args:
        data: the components on the last axis, `(…, n)`, as a tensor (shared, not copied), an
            array or nested lists; or a list of typed tensors, to stack. Integers become numbers
            of the default dtype.
        dtype: the floating-point type of the components.
        device: where they live.
        requires_grad: whether autograd records operations on the new leaf, which shares memory with
            `data` as `data.detach()` does.

    Raises:
        TypeError: if the components are complex, `dtype` is not a floating-point type, or
            `HypercomplexTensor` itself is called.
        ValueError: if the last axis does not hold `n` components.

    Example:
        >>> o = hc.tensor_type(hc.OCTONION)([0., 1, 0, 0, 2, 0, 0, 0])
        >>> o * o
        OctonionTensor(-5+0i+0j+0k+0l+0il+0jl+0kl, shape=(), dtype=torch.float32)
    """

    made_by = "tensor_type(algebra)(data), or QuaternionTensor(data)"

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "algebra" in vars(cls):
            cls.width, cls.kind = cls.algebra.dimension, str(cls.algebra)
        answering = next(c for c in cls.__mro__ if "__torch_function__" in vars(c))
        if answering is not HypercomplexTensor:
            leave_operators(cls)

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        meaning = meaning_of(func)
        if meaning is None:
            raise refusal(func, cls)
        if meaning.family == "metadata" and compiler_looks():
            with as_components():
                return func(*args, **(kwargs or {}))
        for other in types:
            if (
                other is not cls
                and not (issubclass(cls, other) or issubclass(other, cls))
                and issubclass(other, Typed)
            ):
                if other.places is not None:
                    return NotImplemented  # which numbers by grade answer
                raise RuntimeError(
                    f"{cls.__name__} and {other.__name__} do not combine: {cls.algebra} and "
                    f"{other.algebra} are different algebras"
                )
        with as_components():
            return call(meaning, func, cls, args, kwargs)

    # ------------------------------------------------------------------ parts

    @property
    def real(self) -> Tensor:
        """The real parts `(…)`, a view that can be written to.

        In a basis that does not begin with 1 (`algebra.is_adapted`) they are computed, by
        `algebra.real_form`, and no view.

        Example:
            >>> q = hc.QuaternionTensor([[1., 2, 3, 4], [5, 6, 7, 8]])
            >>> q.real
            tensor([1., 5.])
            >>> q.real = 0  # or q.real[0] = 0 for one of them
            >>> q[1]
            QuaternionTensor(0+6i+7j+8k, shape=(), dtype=torch.float32)
        """
        if _is_adapted(type(self)):
            return self.components[..., 0]
        return real_part(self.components, self.algebra)

    @real.setter
    def real(self, value: Any) -> None:
        if _is_adapted(type(self)):
            self.components[..., 0] = value
        else:  # no view: the multiple of 1 is what changes
            self.add_(value - self.real)

    @property
    def imag(self) -> Tensor:
        """The imaginary parts `(…, n - 1)`, a view that can be written to.

        Example:
            >>> q = hc.QuaternionTensor([1., 2, 3, 4])
            >>> q.imag
            tensor([2., 3., 4.])
            >>> q.imag[0] = 0
            >>> q
            QuaternionTensor(1+0i+3j+4k, shape=(), dtype=torch.float32)
        """
        if not _is_adapted(type(self)):
            refuse_basis(self.algebra, "imag")
        return self.components[..., 1:]

    @imag.setter
    def imag(self, value: Any) -> None:
        if not _is_adapted(type(self)):
            refuse_basis(self.algebra, "imag")
        self.components[..., 1:] = value

    def inverse(self) -> Any:
        """The inverse of each number, `x x⁻¹ = 1`; see `functional.inverse`.

        Example:
            >>> hc.QuaternionTensor([0., 0, 2, 0]).inverse()
            QuaternionTensor(0-0i-0.5j-0k, shape=(), dtype=torch.float32)
        """
        return self.reciprocal()

    def left_divide(self, other: Any) -> Any:
        """The quotient from the left, `q⁻¹ r`, which solves `q x = r`; `r / q` solves `x q = r`.

        Example:
            >>> i, k = hc.QuaternionTensor([0., 1, 0, 0]), hc.QuaternionTensor([0., 0, 0, 1])
            >>> i.left_divide(k)  # ij = k
            QuaternionTensor(0+0i+1j+0k, shape=(), dtype=torch.float32)
        """
        return functional.left_divide(self, other, self.algebra)

    # ------------------------------------------------------------------ other algebras

    def through(self, isomorphism: Isomorphism) -> Any:
        """The numbers of another algebra that an isomorphism makes of these, so that
        `(q * r).through(f)` is `q.through(f) * r.through(f)`; see `Algebra.isomorphism_to`.

        Raises:
            ValueError: if the isomorphism is one of another algebra, or there is none.
            TypeError: if `isomorphism` is none.

        Example:
            >>> f = hc.SPLIT_QUATERNION.isomorphism_to(hc.clifford(2))
            >>> q = hc.tensor_type(hc.SPLIT_QUATERNION)([1., 2, 3, 4])
            >>> q.through(f).components  # of 1, e1, e2 and e12
            tensor([ 1.,  3., -4.,  2.])
        """
        if not isinstance(isomorphism, Isomorphism):
            raise TypeError(
                f"`isomorphism` (={isomorphism!r}) must be an isomorphism, such as "
                "QUATERNION.isomorphism_to(clifford(0, 2))"
            )
        if isomorphism.images is None:
            raise ValueError(
                f"`isomorphism` (={isomorphism!r}) maps nothing: {isomorphism.source} and "
                f"{isomorphism.target} are not isomorphic"
            )
        if not _leads_from(isomorphism, type(self)):
            raise ValueError(
                f"`isomorphism` (={isomorphism!r}) must be one of {self.algebra}, the algebra of "
                "the numbers"
            )
        return as_hypercomplex(image(self.components, isomorphism), isomorphism.target)

    # ------------------------------------------------------------------ polar form

    def axis(self) -> Any:
        """The unit direction of the imaginary part, 0 where that is 0; see `functional.axis`.

        Example:
            >>> hc.QuaternionTensor([7., 3, 0, 4]).axis()
            QuaternionTensor(0+0.6i+0j+0.8k, shape=(), dtype=torch.float32)
        """
        return functional.axis(self)

    def polar(self) -> tuple[Tensor, Tensor, Any]:
        """Length, angle and axis: `abs · (cos(angle) + axis · sin(angle))`.

        Example:
            >>> hc.QuaternionTensor([0., 0, 2, 0]).polar()[:2]
            (tensor(2.), tensor(1.5708))
        """
        return functional.polar(self)

    @classmethod
    def from_polar(cls, abs: Any, angle: Any, axis: Any) -> Any:
        """The number with this length, angle in radians, and axis; undoes `polar`.

        The axis is a typed tensor, or its components `(…, n)`; its real part is not looked at.

        Example:
            >>> hc.QuaternionTensor.from_polar(2., 0., [0., 0, 1, 0])
            QuaternionTensor(2+0i+0j+0k, shape=(), dtype=torch.float32)
        """
        return functional.from_polar(abs, angle, cls(axis))

    def is_unit(self, tolerance: float | None = None) -> Tensor:
        """Whether the length is 1, up to rounding or `tolerance`; see `functional.is_unit`.

        Example:
            >>> hc.QuaternionTensor([[0., 0.6, 0.8, 0], [1, 1, 0, 0]]).is_unit()
            tensor([ True, False])
        """
        return functional.is_unit(self, tolerance)

    def is_pure(self, tolerance: float = 0.0) -> Tensor:
        """Whether there is no real part, up to `tolerance` times the length.

        Example:
            >>> hc.QuaternionTensor([[0., 1, 2, 3], [0.1, 1, 2, 3]]).is_pure()
            tensor([ True, False])
            >>> hc.QuaternionTensor([0.1, 1, 2, 3]).is_pure(tolerance=0.1)
            tensor(True)
        """
        return functional.is_pure(self, tolerance)

    def _remade(self, components: Tensor) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _rebuild, (self.algebra, components, self.requires_grad, is_parameter(self))


def tensor_type(algebra: Algebra) -> type[HypercomplexTensor]:
    """The tensor type of an algebra: always the same class for equal algebras.

    Raises:
        TypeError: if `algebra` is not an `Algebra`.

    Example:
        >>> hc.tensor_type(hc.clifford(0, 2)) is hc.QuaternionTensor
        True
    """
    if not isinstance(algebra, Algebra):
        raise TypeError(f"`algebra` (={algebra!r}) must be an Algebra, such as QUATERNION")
    _have_type(algebra)
    return algebra.__dict__["_tensor_type"]()


@explained
def as_hypercomplex(components: Tensor, algebra: Algebra, *, folded: int | None = None) -> Any:
    """View real components `(…, n)` as numbers, as `torch.view_as_complex` does; zero-copy.

    What layers give is folded, `(…, n·C, …)`, and `folded` names that axis, which becomes one of C
    numbers. A last axis of several numbers, n·C > n, is a folded one without being named.

    Raises:
        TypeError: if they are not floating-point numbers, which would have to be copied, or
            `algebra` is not an `Algebra`.
        ValueError: if an axis does not hold the components of whole numbers.

    Example:
        >>> x = torch.zeros(2, 4)
        >>> as_hypercomplex(x, hc.QUATERNION).shape
        torch.Size([2])
        >>> y = hc.nn.QuaternionLinear(1, 3)(x)
        >>> y.shape, as_hypercomplex(y, hc.QUATERNION).shape
        (torch.Size([2, 12]), torch.Size([2, 3]))
        >>> as_hypercomplex(x, hc.QUATERNION, folded=-1).shape  # one number on the axis
        torch.Size([2, 1])
    """
    cls = tensor_type(algebra)
    if isinstance(components, Tensor) and not components.is_floating_point():
        raise TypeError(
            f"`components` holds {components.dtype}, of which numbers are no view; convert it, for "
            "instance with .float()"
        )
    if folded is None and _holds_several(components, algebra.dimension):
        folded = -1
    if folded is not None:
        check_whole("components", components, folded, algebra.product)
        components = unfold(components, folded % components.ndim, algebra.dimension)
    return cls(components)


@known_when_traced
def _is_adapted(cls: type[HypercomplexTensor]) -> bool:
    return cls.algebra.is_adapted


@known_when_traced
def _leads_from(isomorphism: Isomorphism, cls: type[HypercomplexTensor]) -> bool:
    """Whether there is a map of numbers of this type, to a type that is made if there is none."""
    tensor_type(isomorphism.target)
    return isomorphism.source.product == cls.algebra.product


def _holds_several(components: Any, n: int) -> bool:
    """Whether the last axis of a plain tensor holds whole numbers, more than one."""
    if not isinstance(components, Tensor) or is_typed(components) or components.ndim == 0:
        return False
    width = components.shape[-1]
    return width > n > 1 and width % n == 0


# ---------------------------------------------------------------------- the type of an algebra

_types: WeakValueDictionary[Algebra, type[HypercomplexTensor]] = WeakValueDictionary()
_named: WeakValueDictionary[str, type[HypercomplexTensor]] = WeakValueDictionary()
_lately: dict[Algebra, type[HypercomplexTensor]] = {}  # these live on without tensors
_making = RLock()
_numbers = count(2)
_MOST_KEPT, _LONGEST_NAME = 256, 60


@known_when_traced
def _have_type(algebra: Algebra) -> None:
    """See that the algebra knows its type, weakly: compiled code reads it there."""
    known = algebra.__dict__.get("_tensor_type")
    if known is None or known() is None:
        algebra.__dict__["_tensor_type"] = ref(_find_type(algebra))


def _find_type(algebra: Algebra) -> type[HypercomplexTensor]:
    """The one type that the algebra has, whoever asks at the same time, made if need be."""
    with _making:
        known = _types.get(algebra)
        known = known if known is not None else register(_make_type(algebra))
        _lately[algebra] = known
        if len(_lately) > _MOST_KEPT:
            del _lately[next(iter(_lately))]
        return known


def _make_type(algebra: Algebra) -> type[HypercomplexTensor]:
    """A subclass named after the algebra, with a number where another has the name."""
    name = algebra.name.title() if algebra.name.isupper() else algebra.name
    stem = re.sub(r"\W", "_", name[:_LONGEST_NAME]).strip("_") or "Algebra"
    name = f"{stem}Tensor"
    while name in _named or name in globals():
        name = f"{stem}Tensor_{next(_numbers)}"
    body = {"algebra": algebra, "__module__": __name__, "__doc__": f"A tensor of {algebra}."}
    return type(name, (HypercomplexTensor,), body)


def register(cls: type[HypercomplexTensor]) -> type[HypercomplexTensor]:
    """Make a class the tensor type of its algebra, found by its name in this module."""
    with _making:
        _types[cls.algebra] = _named[cls.__name__] = cls
    return cls


def __getattr__(name: str) -> Any:
    """The types that exist, for pickles of a type and for compilers."""
    known = _named.get(name)
    if known is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return known


# ---------------------------------------------------------------------- files


def _rebuild(algebra: Any, components: Any, requires_grad: Any, parameter: Any) -> Any:
    """What pickles; the type is found again."""
    return from_file(tensor_type, algebra, components, requires_grad, parameter)


answer_operators(HypercomplexTensor)
batches_of(HypercomplexTensor)
files_may_call(
    [
        _rebuild,
        (rebuild, f"{Algebra.__module__}.{Algebra.__qualname__}"),
        (rebuild_fraction, "fractions.Fraction"),
    ]
)
