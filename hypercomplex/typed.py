"""What all tensors of numbers share: how they are made, taken apart, shown, copied and kept.

Which components a type stores it says itself: all of an algebra, or those of some grades only.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor

from hypercomplex import notebook, printing
from hypercomplex.algebra import Algebra
from hypercomplex.arrays import Arrays
from hypercomplex.door.calls import Typed
from hypercomplex.door.values import FLOATING
from hypercomplex.functional.arguments import check_dtype, number_axis, shown
from hypercomplex.functional.data import as_tensor
from hypercomplex.host.leaves import leaf, typed
from hypercomplex.host.overrides import as_components
from hypercomplex.lowering import fold
from hypercomplex.lowering.constants import check_floats
from hypercomplex.printing import unit_texts
from hypercomplex.rules import refusal
from hypercomplex.rules.axes import sizes

__all__ = ["TypedTensor", "check_type", "check_width", "from_file", "is_parameter"]


class TypedTensor(Arrays, Typed):
    """A tensor of numbers whose components stand on one more axis, the last, which is not seen.

    Its types are made by `tensor_type(algebra)` and `multivector_type(algebra, grades)`.
    """

    made_by: ClassVar[str]
    """What makes a type that has an algebra."""
    kind: ClassVar[str]
    """Of what it holds the components, in messages."""

    def __new__(  # noqa: D102
        cls,
        data: Any,
        *more: Any,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
        requires_grad: bool = False,
    ) -> TypedTensor:
        check_type(cls)
        if more:
            raise TypeError(
                f"{cls.__name__} takes `data` alone, with the components on its last axis, and "
                f"was given {1 + len(more)} arguments; pass one list of numbers, "
                "`torch.stack(components, -1)`, or sizes to its `zeros`, `ones` or `randn`"
            )
        if isinstance(data, TypedTensor):
            if not (issubclass(cls, type(data)) or issubclass(type(data), cls)):
                other = "grades" if data.algebra == cls.algebra else "algebra"
                raise TypeError(
                    f"`data` is a {type(data).__name__}, numbers of another {other} than "
                    f"{cls.algebra}; pass its .components if you mean to read them anew"
                )
            data = data.components
        if isinstance(data, (list, tuple)) and any(isinstance(x, TypedTensor) for x in data):
            return cls(
                torch.stack(list(data)), dtype=dtype, device=device, requires_grad=requires_grad
            )
        components = _as_components(data, dtype, device)
        check_width(cls, components, "data")
        return leaf(cls, components).requires_grad_() if requires_grad else typed(cls, components)

    # ------------------------------------------------------------------ new tensors

    @classmethod
    def zeros(cls, *size: Any, requires_grad: bool = False, **options: Any) -> Any:
        """Zeros, as `torch.zeros` has them: sizes, `dtype`, `device`, `requires_grad`.

        Example:
            >>> hc.QuaternionTensor.zeros(2, 3).shape
            torch.Size([2, 3])
        """
        shape = (*sizes(size, {}), check_type(cls))
        if options.get("dtype") is not None:
            check_dtype("dtype", options["dtype"])
        return cls(torch.zeros(shape, **options), requires_grad=requires_grad)

    @classmethod
    def ones(cls, *size: Any, requires_grad: bool = False, **options: Any) -> Any:
        """Ones, as `torch.ones` has them: each is the unit of the algebra.

        Example:
            >>> hc.QuaternionTensor.ones(())
            QuaternionTensor(1+0i+0j+0k, shape=(), dtype=torch.float32)
        """
        return cls.full(sizes(size, {}), 1, requires_grad=requires_grad, **options)

    @classmethod
    def full(
        cls, size: Any, fill_value: Any, *, requires_grad: bool = False, **options: Any
    ) -> Any:
        """The same number everywhere, real or a single typed one, as `torch.full` has it.

        Example:
            >>> hc.QuaternionTensor.full((), 2)
            QuaternionTensor(2+0i+0j+0k, shape=(), dtype=torch.float32)
        """
        return cls.zeros(size, **options).fill_(fill_value).requires_grad_(requires_grad)

    @classmethod
    def eye(
        cls, n: int, m: int | None = None, *, requires_grad: bool = False, **options: Any
    ) -> Any:
        """The identity matrix of numbers, as `torch.eye` has it.

        Example:
            >>> hc.QuaternionTensor.eye(2).real
            tensor([[1., 0.],
                    [0., 1.]])
        """
        zeros = cls.zeros(n, n if m is None else m, **options)
        return zeros.fill_diagonal_(1).requires_grad_(requires_grad)

    @classmethod
    def randn(
        cls, *size: Any, generator: Any = None, requires_grad: bool = False, **options: Any
    ) -> Any:
        """Normal numbers with |q|² = 1 on average, as torch's complex ones are.

        Example:
            >>> hc.QuaternionTensor.randn(10_000).abs().square().mean().round()
            tensor(1.)
        """
        numbers = cls.zeros(*size, **options).normal_(generator=generator)
        return numbers.requires_grad_(requires_grad)

    # ------------------------------------------------------------------ parts

    @property
    def components(self) -> Tensor:
        """The real components as a plain tensor `(…, n)`, sharing storage and gradients.

        Example:
            >>> q = hc.QuaternionTensor([1., 2, 3, 4])
            >>> q.components[0] = 5
            >>> q
            QuaternionTensor(5+2i+3j+4k, shape=(), dtype=torch.float32)
            >>> q.components = torch.ones(4)  # written where the numbers are
            >>> q
            QuaternionTensor(1+1i+1j+1k, shape=(), dtype=torch.float32)
        """
        with as_components():
            return self.view_as(self)

    @components.setter
    def components(self, value: Any) -> None:
        self.components[...] = value

    def folded(self, dim: int = -1) -> Tensor:
        """The components in a real axis, `(…, C, …)` → `(…, n·C, …)`, as layers take plain tensors.

        `as_hypercomplex(x, algebra, folded=dim)` goes back.

        Example:
            >>> q = hc.QuaternionTensor([[1., 2, 3, 4], [5, 6, 7, 8]])
            >>> q.folded()
            tensor([1., 5., 2., 6., 3., 7., 4., 8.])
        """
        return fold(self.components, number_axis(self.components, dim))

    def new_full(  # type: ignore[override]
        self, size: Any, fill_value: Any, *, requires_grad: bool = False, **options: Any
    ) -> Any:
        """As `torch.Tensor.new_full`, which takes Python's numbers only: a typed one, too.

        Example:
            >>> i = hc.QuaternionTensor([0., 1, 0, 0])
            >>> i.new_full((2,), i)
            QuaternionTensor([0+1i+0j+0k, 0+1i+0j+0k], shape=(2,), dtype=torch.float32)
        """
        if not isinstance(fill_value, Tensor):
            return super().new_full(size, fill_value, requires_grad=requires_grad, **options)
        filled = self.new_zeros(size, **options).fill_(fill_value)
        return filled.requires_grad_() if requires_grad else filled

    def set_(self, *args: Any, **kwargs: Any) -> Any:
        """Share the memory of numbers of the same type, `q.set_(r)`; all else is refused, by our
        own method: torch asks no tensor type whether its storage may change.

        Example:
            >>> q = hc.QuaternionTensor.ones(3)
            >>> q.set_(hc.QuaternionTensor.zeros(2)).shape
            torch.Size([2])
            >>> q.set_()  # doctest: +ELLIPSIS
            Traceback (most recent call last):
                ...
            NotImplementedError: torch.Tensor.set_ is refused for QuaternionTensor: it reaches ...
        """
        if len(args) != 1 or kwargs or type(args[0]) is not type(self):
            raise refusal(Tensor.set_, type(self))
        with as_components():
            return super().set_(args[0])  # type: ignore[call-overload]

    def normalize(self) -> Any:
        """The numbers of length 1, `x / |x|`; zero stays zero, as in `torch.sgn`.

        Example:
            >>> hc.QuaternionTensor([0., 3, 0, 4]).normalize()
            QuaternionTensor(0+0.6i+0j+0.8k, shape=(), dtype=torch.float32)
        """
        return self.sgn()

    # ------------------------------------------------------------------ Python's protocols

    def __rmul__(self, other: Any) -> Any:
        # torch hands over `Tensor.__rmul__` as `mul`, the factors the wrong way round
        return torch.mul(other, self) if isinstance(other, Tensor) else super().__rmul__(other)

    def __repr__(self) -> str:  # type: ignore[override]
        return printing.format_tensor(type(self).__name__, self)

    def __format__(self, format_spec: str) -> str:
        if not format_spec:
            return repr(self)
        if self.ndim:
            raise TypeError(
                f"`format_spec` (={format_spec!r}) formats a single number, but the tensor has "
                f"shape {tuple(self.shape)}; set torch.set_printoptions, or format each number"
            )
        return printing.format_number(self.components, unit_texts(self), format_spec)

    def _repr_html_(self) -> str:
        return notebook.html(type(self).__name__, self)

    def _repr_latex_(self) -> str | None:
        return notebook.latex(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) in memo:
            return memo[id(self)]
        if not self.is_leaf:
            raise RuntimeError(
                "only tensors created by the user (graph leaves) support deepcopy; use q.detach()"
            )
        components = copy.deepcopy(self.components.detach(), memo)
        remake, arguments = self._remade(components)
        result = remake(*arguments)
        memo[id(self)] = result
        if self.grad is not None:
            result.grad = copy.deepcopy(self.grad, memo)
        return result

    def __reduce_ex__(self, proto: Any) -> Any:
        return self._remade(self.components.detach())

    def _remade(self, components: Tensor) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """What makes such numbers of components, and of what, for copies and files."""
        raise NotImplementedError


def check_type(cls: type[TypedTensor]) -> int:
    """How many components a number has, of a type of which there are tensors."""
    if not isinstance(getattr(cls, "algebra", None), Algebra):
        raise TypeError(f"{cls.__name__} has no algebra; use {cls.made_by}")
    check_floats(cls.algebra.product)
    return cls.width


def check_width(cls: type[TypedTensor], components: Tensor, argument: str) -> None:
    """Refuse what does not hold the components of whole numbers on its last axis."""
    if components.ndim == 0 or components.shape[-1] != cls.width:
        raise ValueError(
            f"`{argument}` of shape {tuple(components.shape)} must have the {cls.width} components "
            f"of {cls.kind} on its last axis; `torch.stack(components, -1)` and "
            "`data.movedim(dim, -1)` put them there"
        )


def from_file(
    type_of: Callable[[Algebra], type[TypedTensor]],
    algebra: Any,
    components: Any,
    requires_grad: Any,
    parameter: Any,
) -> Any:
    """Numbers of what a file says, which may be anything: an algebra, and plain components."""
    if not isinstance(algebra, Algebra):
        raise TypeError(f"a file holds numbers of no algebra, but of {type(algebra).__name__}")
    if type(components) is not Tensor or components.layout != torch.strided:
        raise TypeError(f"a file holds numbers of {algebra} without plain components")
    cls = type_of(algebra)
    check_dtype("components", components.dtype)
    check_width(cls, components, "components")
    result = leaf(cls, components).requires_grad_(requires_grad is True)
    return torch.nn.Parameter(result, requires_grad is True) if parameter is True else result


def _as_components(
    data: Any, dtype: torch.dtype | None, device: torch.device | str | None
) -> Tensor:
    if dtype is not None:
        check_dtype("dtype", dtype)
    components = _read(data, dtype, device)
    if components.dtype in FLOATING:
        return components
    if components.is_complex():
        raise TypeError(
            f"`data` holds {components.dtype}, but components are floating-point numbers; "
            "torch.view_as_real gives two for each complex number"
        )
    if components.is_floating_point():
        check_dtype("data", components.dtype)
    return components.to(torch.get_default_dtype())


def _read(data: Any, dtype: torch.dtype | None, device: torch.device | str | None) -> Tensor:
    try:
        return as_tensor(data, dtype, device)
    except RuntimeError as error:
        if isinstance(data, Tensor) or "infer dtype" not in str(error):
            raise
    raise TypeError(
        f"`data` (={shown(data)}) must hold components: a tensor, an array, numbers in nested "
        "lists, or a list of typed tensors"
    )


def is_parameter(x: Tensor) -> bool:
    """Whether a tensor is a parameter, which a copy of it is, too."""
    return isinstance(x, torch.nn.Parameter)
