"""Questions about a tensor: its shape, where it lives, its gradient, whether numbers are equal.

Sizes count numbers; dtype is that of the real components.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge, get_gradient_edge

from hypercomplex import functional
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule
from hypercomplex.door.values import TensorType, alias, lift, lift_both, only_numbers, wrap
from hypercomplex.functional.arguments import check_dtype
from hypercomplex.host.leaves import become, leaf, own, shows_plain
from hypercomplex.host.mode import is_eager, is_wrapped
from hypercomplex.host.overrides import as_numbers
from hypercomplex.rules.axes import in_order
from hypercomplex.rules.patterns import answers

answers(
    "metadata",
    "Tensor.dtype Tensor.device Tensor.layout Tensor.requires_grad Tensor.is_leaf Tensor.grad_fn "
    "Tensor.is_cpu Tensor.is_cuda Tensor.is_meta Tensor.is_mps Tensor.is_xpu Tensor.is_xla "
    "Tensor.is_ipu Tensor.is_maia Tensor.is_mtia Tensor.is_vulkan Tensor.is_mkldnn "
    "Tensor.is_sparse Tensor.is_sparse_csr Tensor.is_quantized Tensor.is_nested "
    "Tensor._base Tensor._version Tensor.output_nr Tensor.retains_grad Tensor.name Tensor.volatile "
    "Tensor._backward_hooks Tensor._post_accumulate_grad_hooks Tensor._grad_fn Tensor._cdata "
    "Tensor.grad_dtype Tensor._has_grad_dtype_override Tensor.nbytes "
    "Tensor._backward_hooks= Tensor.grad_dtype= "
    "is_floating_point is_complex is_signed is_conj is_neg is_inference is_pinned is_shared "
    "is_distributed is_set_to get_device data_ptr const_data_ptr storage_offset "
    "_has_compatible_shallow_copy_type storage _typed_storage storage_type "
    "_is_view retain_grad "
    "__hash__ __dir__ __array_priority__ result_type",
)


@rule("metadata", "Tensor.shape")
def shape(cls: TensorType, input: Tensor) -> torch.Size:
    return input.shape[:-1]


@rule("metadata", "size")
def size(cls: TensorType, input: Tensor, dim: int | None = None) -> Any:
    return input.shape[:-1] if dim is None else input.shape[:-1][dim]


@rule("metadata", "Tensor.ndim dim ndimension")
def dim(cls: TensorType, input: Tensor) -> int:
    return input.ndim - 1


@rule("metadata", "numel nelement")
def numel(cls: TensorType, input: Tensor) -> int:
    return math.prod(input.shape[:-1])


@rule("metadata", "__len__")
def length(cls: TensorType, input: Tensor) -> int:
    if input.ndim == 1:
        raise TypeError("len() of a 0-d tensor")
    return input.shape[0]


@rule("metadata", "stride")
def stride(cls: TensorType, input: Tensor, dim: int | None = None) -> Any:
    return input.stride()[:-1] if dim is None else input.stride()[:-1][dim]


@rule("metadata", "is_contiguous")
def is_contiguous(
    cls: TensorType, input: Tensor, memory_format: torch.memory_format = torch.contiguous_format
) -> bool:
    return bool(in_order(memory_format, Tensor.is_contiguous, input))


@rule("metadata", "dim_order")
def dim_order(cls: TensorType, input: Tensor, *args: Any, **kwargs: Any) -> tuple[int, ...]:
    order = input.dim_order(*args, **kwargs)
    return tuple(d for d in order if d != input.ndim - 1)


@rule("metadata", "element_size Tensor.itemsize")
def element_size(cls: TensorType, input: Tensor) -> int:
    return input.element_size() * cls.width


@rule("metadata", "is_same_size")
def is_same_size(cls: TensorType, input: Tensor, other: Tensor) -> bool:
    shapes = [x.shape[:-1] if is_typed(x) else x.shape for x in (input, other)]
    return shapes[0] == shapes[1]


# ---------------------------------------------------------------------- gradients


@rule("metadata", "Tensor.grad Tensor._grad")
def grad(cls: TensorType, input: Tensor) -> Any:
    gradient = input.grad
    if type(gradient) is Tensor and is_eager():
        become(cls, gradient)  # autograd made it, for this tensor: it stays the same object
    return gradient if gradient is None or is_typed(gradient) else wrap(cls, gradient)


@rule("metadata", "Tensor.grad=")
def set_grad(cls: TensorType, input: Tensor, value: Any) -> None:
    only_numbers(cls, input)
    _check_sizes("grad", cls, input, value)
    input.grad = None if value is None else lift(cls, value, input)


def _check_sizes(name: str, cls: TensorType, input: Tensor, x: Any) -> None:
    """A plain tensor holds a real number for each number: components would be taken for more."""
    if isinstance(x, Tensor) and not is_typed(x) and x.shape != input.shape[:-1]:
        raise RuntimeError(
            f"`{name}` is a plain tensor of shape {tuple(x.shape)}, real numbers, for numbers of "
            f"shape {tuple(input.shape[:-1])}; pass {cls.__name__}(…) of components"
        )


@rule("metadata", "requires_grad_")
def requires_grad_(cls: TensorType, input: Tensor, requires_grad: bool = True) -> Tensor:
    if requires_grad and not input.requires_grad:
        own(input)
    return input.requires_grad_(requires_grad)


@rule("metadata", "Tensor.requires_grad=")
def set_requires_grad(cls: TensorType, input: Tensor, value: bool) -> None:
    requires_grad_(cls, input, value)


@rule("metadata", "share_memory_")
def share_memory_(cls: TensorType, input: Tensor) -> Tensor:
    return input.share_memory_()


@rule("metadata", "detach_")
def detach_(cls: TensorType, input: Tensor) -> Tensor:
    if shows_plain(input):
        own(input)
    return input.detach_()


@rule("metadata", "register_hook")
def register_hook(cls: TensorType, input: Tensor, hook: Callable[[Any], Any]) -> Any:
    def typed_hook(gradient: Tensor) -> Any:
        with as_numbers():
            return hook(wrap(cls, gradient))

    return input.register_hook(typed_hook)


@rule("metadata", "register_post_accumulate_grad_hook")
def register_post_accumulate_grad_hook(
    cls: TensorType, input: Tensor, hook: Callable[[Any], None]
) -> Any:
    def typed_hook(leaf: Tensor) -> None:
        with as_numbers():
            hook(input)

    return input.register_post_accumulate_grad_hook(typed_hook)


@rule("metadata", "Tensor.data=")
def set_data(cls: TensorType, input: Tensor, data: Tensor) -> None:
    only_numbers(cls, input)
    _check_sizes("data", cls, input, data)
    numbers = lift(cls, data, input)
    check_dtype("data", numbers.dtype)
    input.data = numbers


@rule("metadata", "module_load")
def module_load(cls: TensorType, input: Tensor, other: Tensor, assign: bool = False) -> Tensor:
    only_numbers(cls, input)
    numbers = lift(cls, other, input)
    return leaf(cls, numbers if assign else alias(input).copy_(numbers))


@rule("metadata", [torch.autograd.backward])
def backward_all(
    cls: TensorType,
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    plain = [_plain(t) for t in _sequence(tensors)]
    gradients = None if grad_tensors is None else [_plain(g) for g in _sequence(grad_tensors)]
    leaves = None if inputs is None else [_edge(t) for t in _sequence(inputs)]
    with as_numbers():  # hooks and recomputed code see types
        torch.autograd.backward(plain, gradients, retain_graph, create_graph, inputs=leaves)


@rule("metadata", "backward")
def backward(
    cls: TensorType,
    input: Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    backward_all(cls, input, gradient, retain_graph, create_graph, None, inputs)


@rule("metadata", [torch.autograd.grad])
def autograd_grad(
    cls: TensorType, outputs: Any, inputs: Any, grad_outputs: Any = None, *args: Any, **kwargs: Any
) -> tuple[Any, ...]:
    sources, results = _sequence(inputs), _sequence(outputs)
    given = None if grad_outputs is None else [_plain(g) for g in _sequence(grad_outputs)]
    if any(isinstance(t, Tensor) and is_wrapped(t) for t in (*sources, *results)):
        # torch.func may have left the level that recorded these: they are no edges here
        gradients = torch.autograd.grad(results, sources, given, *args, **kwargs)
    else:
        plain, edges = [_plain(t) for t in results], [_edge(t) for t in sources]
        with as_numbers():
            gradients = torch.autograd.grad(plain, edges, given, *args, **kwargs)
    return tuple(
        wrap(cls, g) if is_typed(t) and g is not None else g
        for t, g in zip(sources, gradients, strict=True)
    )


def _plain(x: Any) -> Any:
    with torch.enable_grad():  # backward may be called where recording is off
        return alias(x) if is_typed(x) else x


def _edge(x: Any) -> Any:
    """A typed tensor's place in the graph, which the engine takes without asking its type."""
    return get_gradient_edge(x) if is_typed(x) else x


def _sequence(x: Any) -> Sequence[Any]:
    return (x,) if isinstance(x, (Tensor, GradientEdge)) else tuple(x)


# ---------------------------------------------------------------------- comparisons


@rule("metadata", "eq __eq__")
def eq(cls: TensorType, input: Any, other: Any) -> Any:
    if not _comparable(other):
        return NotImplemented
    a, b = lift_both(cls, input, other)
    return (a == b).all(-1)


def _comparable(other: Any) -> bool:
    return isinstance(other, (Tensor, bool, int, float, complex))


@rule("metadata", "ne not_equal __ne__")
def ne(cls: TensorType, input: Any, other: Any) -> Any:
    equal = eq(cls, input, other)
    return equal if equal is NotImplemented else ~equal


@rule("metadata", "equal")
def equal(cls: TensorType, input: Tensor, other: Tensor) -> bool:
    return is_typed(input) and is_typed(other) and torch.equal(input, other)


@rule("metadata", "isclose")
def isclose(
    cls: TensorType,
    input: Tensor,
    other: Tensor,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    equal_nan: bool = False,
) -> Tensor:
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise RuntimeError(f"`{name}` (={tolerance}) must not be negative")
    a, b = lift_both(cls, input, other)
    distance = functional.norm(a - b)
    close = (distance <= atol + rtol * functional.norm(b)) & distance.isfinite()
    close = close | (a == b).all(-1)
    return close | (a.isnan().any(-1) & b.isnan().any(-1)) if equal_nan else close


@rule("metadata", "allclose")
def allclose(cls: TensorType, input: Tensor, other: Tensor, *args: Any, **kwargs: Any) -> bool:
    return bool(isclose(cls, input, other, *args, **kwargs).all())


@rule("metadata", "isnan")
def isnan(cls: TensorType, input: Tensor) -> Tensor:
    return input.isnan().any(-1)


@rule("metadata", "isinf")
def isinf(cls: TensorType, input: Tensor) -> Tensor:
    return input.isinf().any(-1)


@rule("metadata", "isfinite")
def isfinite(cls: TensorType, input: Tensor) -> Tensor:
    return input.isfinite().all(-1)


# ---------------------------------------------------------------------- Python's own questions


def _by_the_type(name: str) -> None:
    """`torch.Tensor.__repr__(q)` is `q.__repr__()`, which the tensor type defines."""

    @rule("metadata", name)
    def answer(cls: TensorType, input: Tensor, *args: Any) -> Any:
        return getattr(cls, name)(input, *args)


for _name in ("__repr__", "__format__", "__deepcopy__", "__reduce_ex__"):
    _by_the_type(_name)
