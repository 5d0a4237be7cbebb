"""One row for each function: what it is called with, and the law that says what comes out.

A row names a function as rules do (every spelling is called) and its arguments. `q(2, 3)` stands
for a tensor of numbers, `r(3)` and `real(2)` for real numbers beside them, `raw(3)` for a real
tensor that the plain function takes as it is (a weight). The families have an oracle each, made of
torch's own function on plain tensors:

- shape: run on the places of the numbers, it says which number goes where;
- linear: run on each component by itself;
- product: bilinear, run on all pairs of components, weighted by the structure constants.

Other rows bring `oracle(algebra, *args, **kwargs)`, which sees components `(…, n)`.
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import torch
from torch.overrides import get_testing_overrides
from torch.utils._pytree import tree_flatten, tree_unflatten

import hypercomplex as hc
from hypercomplex.door.registry import family_of, spellings
from tests.cases import FLOATING
from tests.torches import is_removed

ALGEBRAS = (hc.QUATERNION, hc.OCTONION, hc.clifford(1, 1, 1))
LAYOUTS = ("contiguous", "planar", "transposed", "sliced")
FAMILIES = ("shape", "linear", "product", "involution", "analytic")
MOVING = {f"{f}_" for f in ("transpose", "t", "squeeze", "unsqueeze", "swapaxes", "swapdims")}


@dataclass(frozen=True)
class Operand:
    """A place for a tensor: numbers, real numbers beside them, or a real tensor as it is."""

    kind: str
    shape: tuple[int, ...]
    value: float | None = None

    def __repr__(self) -> str:
        return f"{self.kind}{self.shape}" if self.value is None else f"{self.value}"


def q(*shape: int) -> Operand:
    return Operand("numbers", shape)


def r(*shape: int) -> Operand:
    return Operand("reals", shape)


def raw(*shape: int) -> Operand:
    return Operand("raw", shape)


def real(value: float) -> Operand:
    """A Python number that stands for a number of the algebra."""
    return Operand("scalar", (), value)


@dataclass(frozen=True)
class Row:
    """A call; `row` makes them."""

    names: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    oracle: Callable[..., Any] | None = None  # in place of the family's
    is_real: bool | tuple[bool, ...] = False  # the result is a plain tensor, or each of them
    rounds: int = 0  # the result is no integer: how many times the usual rounding is allowed
    is_double: bool = False  # the result is in double precision
    precise: bool = False  # in single and double precision only
    contiguous: bool = False  # only for contiguous input
    compiles: bool = True  # False: the shape of the result depends on values
    raises: type[Exception] | tuple[type[Exception], ...] | None = None  # torch's error, also ours
    algebras: tuple[hc.Algebra, ...] = ALGEBRAS
    integers: tuple[int, int] = (-3, 4)  # where the numbers come from

    def __str__(self) -> str:
        name = self.names if isinstance(self.names, str) else self.names[0].__name__
        shown = ", ".join(map(str, self.args)) if len(self.args) else ""
        return f"{name.split()[0]}({' '.join(shown.split())[:60]})"

    @property
    def functions(self) -> list[Callable[..., Any]]:
        found = spellings(self.names) if isinstance(self.names, str) else self.names
        return [function for function in found if not is_removed(function)]

    @property
    def family(self) -> str:
        return family_of(self.functions[0])


SETTINGS = (
    "oracle", "is_real", "rounds", "is_double", "precise", "contiguous", "compiles", "raises", "algebras", "integers",
)  # fmt: skip


def row(names: Any, *args: Any, **named: Any) -> Row:
    """A row; keywords that are no setting of rows are the function's."""
    settings = {name: named.pop(name) for name in SETTINGS if name in named}
    return Row(names, args, named, **settings)


# ---------------------------------------------------------------------- operands


def leaves(sample: Row) -> list[Operand]:
    flat, _ = tree_flatten((sample.args, sample.kwargs))
    return [leaf for leaf in flat if isinstance(leaf, Operand)]


def fill(sample: Row, values: list[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments with the operands replaced, in order; other tensors are copied."""
    flat, structure = tree_flatten((sample.args, sample.kwargs))
    rest = iter(values)
    return tree_unflatten(
        [next(rest) if isinstance(leaf, Operand) else leaf for leaf in flat], structure
    )


def values_of(sample: Row, algebra: hc.Algebra) -> list[Any]:
    """Small integers for every operand, in float64: components, real tensors, Python numbers."""
    seed = zlib.crc32(str(sample).encode())
    generator = torch.Generator().manual_seed(seed)
    values: list[Any] = []
    for leaf in leaves(sample):
        shape = (*leaf.shape, algebra.dimension) if leaf.kind == "numbers" else leaf.shape
        numbers = torch.randint(*sample.integers, shape, generator=generator).double()
        values.append(leaf.value if leaf.kind == "scalar" else numbers)
    return values


def typed_arguments(
    sample: Row, algebra: hc.Algebra, dtype: torch.dtype = torch.float64, layout: str = LAYOUTS[0]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What the typed call gets."""
    cls = hc.tensor_type(algebra)
    values = values_of(sample, algebra)
    for i, leaf in enumerate(leaves(sample)):
        if leaf.kind == "numbers":
            values[i] = cls(laid_out(values[i].to(dtype), layout))
        elif leaf.kind != "scalar":
            values[i] = values[i].to(dtype)
    return fill(sample, values)


def laid_out(components: torch.Tensor, layout: str) -> torch.Tensor:
    """The same components with other strides."""
    ndim = components.ndim
    if layout == "planar":
        return components.movedim(-1, 0).contiguous().movedim(0, -1)
    if layout == "transposed":
        order = (*reversed(range(ndim - 1)), ndim - 1)
        return components.permute(order).contiguous().permute(order)
    if layout == "sliced":
        wide = torch.stack([components, components + 1], 0 if ndim == 1 else -2)
        return wide[0] if ndim == 1 else wide.flatten(-3, -2)[..., ::2, :]
    return components.contiguous()


# ---------------------------------------------------------------------- oracles


def expected_of(sample: Row, function: Callable[..., Any], algebra: hc.Algebra) -> Any:
    """What comes out, in float64: components of numbers, or what a real answer is."""
    values = values_of(sample, algebra)
    if sample.oracle is not None:
        args, kwargs = fill(sample, values)
        return sample.oracle(algebra, *args, **kwargs)
    return ORACLES[sample.family](sample, function, algebra, values)


def moved(sample: Row, function: Callable[..., Any], algebra: hc.Algebra, values: list[Any]) -> Any:
    pool, places, count = [torch.zeros(1, algebra.dimension).double()], [], 1
    for leaf, value in zip(leaves(sample), values, strict=True):
        if leaf.kind == "raw":
            places.append(value)
            continue
        numbers = value if leaf.kind == "numbers" else lifted(value, algebra)
        flat = numbers.reshape(-1, algebra.dimension)
        place = torch.arange(count, count + len(flat)).double().view(numbers.shape[:-1])
        places.append(float(count) if leaf.kind == "scalar" else place)
        pool.append(flat)
        count += len(flat)
    args, kwargs = fill(sample, places)
    return over(function(*args, **kwargs), lambda place: torch.cat(pool)[place.long()])


def on_each_component(
    sample: Row, function: Callable[..., Any], algebra: hc.Algebra, values: list[Any]
) -> Any:
    kinds = [leaf.kind for leaf in leaves(sample)]

    def component(k: int) -> Any:
        pick = {
            "numbers": lambda x: x[..., k].contiguous(),
            "raw": lambda x: x,
            "reals": lambda x: x if k == 0 else torch.zeros_like(x),
            "scalar": lambda x: x if k == 0 else 0.0,
        }
        args, kwargs = fill(sample, [pick[i](x) for i, x in zip(kinds, values, strict=True)])
        return function(*args, **kwargs)

    return together([component(k) for k in range(algebra.dimension)])


def on_pairs_of_components(
    sample: Row, function: Callable[..., Any], algebra: hc.Algebra, values: list[Any]
) -> Any:
    typed = [i for i, leaf in enumerate(leaves(sample)) if leaf.kind == "numbers"]
    if len(typed) == 1:
        (place,) = typed
        parts = [
            call_with(sample, function, values, {place: part}) for part in values[place].unbind(-1)
        ]
        return together(parts)
    left, right = typed
    out: list[Any] = [0] * algebra.dimension
    for i, j, k, c in algebra.products:
        pair = {left: values[left][..., i], right: values[right][..., j]}
        out[k] = out[k] + float(c) * call_with(sample, function, values, pair)
    like = next(x for x in out if isinstance(x, torch.Tensor))
    return together([x if isinstance(x, torch.Tensor) else torch.zeros_like(like) for x in out])


ORACLES = {"shape": moved, "linear": on_each_component, "product": on_pairs_of_components}


def call_with(
    sample: Row, function: Callable[..., Any], values: list[Any], changed: dict[int, Any]
) -> Any:
    args, kwargs = fill(sample, [changed.get(i, value) for i, value in enumerate(values)])
    return function(*args, **kwargs)


def lifted(value: Any, algebra: hc.Algebra) -> torch.Tensor:
    x = torch.as_tensor(value, dtype=torch.float64)
    return torch.nn.functional.pad(x.unsqueeze(-1), (0, algebra.dimension - 1))


def over(result: Any, f: Callable[[torch.Tensor], Any]) -> Any:
    if isinstance(result, (tuple, list)):
        return [over(part, f) for part in result]
    return f(result)


def together(parts: list[Any]) -> Any:
    if isinstance(parts[0], (tuple, list)):
        return [together(list(each)) for each in zip(*parts, strict=True)]
    return torch.stack(parts, -1)


# ---------------------------------------------------------------------- comparing


def check(ours: Any, expected: Any, sample: Row, algebra: hc.Algebra, dtype: torch.dtype) -> None:
    """Type, dtype, shape and values."""
    if isinstance(expected, (tuple, list)):
        assert len(ours) == len(expected)
        flags = (
            sample.is_real if isinstance(sample.is_real, tuple) else [sample.is_real] * len(ours)
        )
        for part, other, is_real in zip(ours, expected, flags, strict=True):
            check(part, other, replace(sample, is_real=is_real), algebra, dtype)
        return
    if not isinstance(expected, torch.Tensor):
        assert type(ours) is type(expected)
        assert ours == expected
        return
    assert type(ours) is (torch.Tensor if sample.is_real else hc.tensor_type(algebra)), type(ours)
    components = ours if sample.is_real else ours.components
    dtype = torch.float64 if sample.is_double else sample.kwargs.get("dtype") or dtype
    assert components.dtype == (dtype if expected.is_floating_point() else expected.dtype)
    assert components.shape == expected.shape
    if sample.rounds and expected.is_floating_point():
        digits = 16 * sample.rounds * torch.finfo(dtype).eps
        torch.testing.assert_close(
            components.double(), expected, rtol=digits, atol=digits, equal_nan=True
        )
    else:
        wrong = components.double() != expected
        assert not wrong.any(), f"{components}\n{expected}"


def same(ours: Any, expected: Any, rounds: int = 0) -> None:
    """The typed or plain results agree, type included."""
    if isinstance(expected, (tuple, list)):
        assert len(ours) == len(expected)
        for part, other in zip(ours, expected, strict=True):
            same(part, other, rounds)
        return
    assert type(ours) is type(expected)
    if not isinstance(expected, torch.Tensor):
        assert ours == expected
        return
    a, b = (x.components if isinstance(x, hc.HypercomplexTensor) else x for x in (ours, expected))
    assert a.dtype == b.dtype
    if rounds and b.is_floating_point():
        digits = 64 * rounds * torch.finfo(b.dtype).eps
        torch.testing.assert_close(a, b, rtol=digits, atol=digits, equal_nan=True)
    else:
        torch.testing.assert_close(a, b, rtol=0, atol=0, equal_nan=True)


# ---------------------------------------------------------------------- laws


def eager_is_oracle(sample: Row, algebra: hc.Algebra, pairs: bool) -> None:
    """Every spelling, dtype and layout gives what the oracle says; or all pairs of these two."""
    dtypes = FLOATING[2:] if sample.precise else FLOATING
    layouts = LAYOUTS[:1] if sample.contiguous else LAYOUTS
    combined = list(product(dtypes, layouts) if pairs else each_once(dtypes, layouts, algebra))
    for function in sample.functions:
        expected = expected_of(sample, function, algebra)
        for dtype, layout in combined:
            args, kwargs = typed_arguments(sample, algebra, dtype, layout)
            check(function(*args, **kwargs), expected, sample, algebra, dtype)


def each_once(
    dtypes: tuple[torch.dtype, ...], layouts: tuple[str, ...], algebra: hc.Algebra
) -> Iterator[tuple[torch.dtype, str]]:
    """Each dtype with some layout and each layout with some dtype, others for another algebra."""
    turn = ALGEBRAS.index(algebra) if algebra in ALGEBRAS else 0
    for i in range(max(len(dtypes), len(layouts))):
        yield dtypes[(i + turn) % len(dtypes)], layouts[i % len(layouts)]


def errors_are_torchs(sample: Row, algebra: hc.Algebra) -> None:
    """Where torch raises on plain tensors of the same shape, so do we, with the same type."""
    plain = [
        leaf.value if leaf.kind == "scalar" else torch.zeros(leaf.shape, dtype=torch.float64)
        for leaf in leaves(sample)
    ]
    for function in sample.functions:
        for args, kwargs in (fill(sample, plain), typed_arguments(sample, algebra)):
            try:
                result = function(*args, **kwargs)
            except sample.raises:
                continue
            raise AssertionError(f"{function} returned {result}")


def in_place_is_out_of_place(sample: Row, algebra: hc.Algebra) -> list[Callable[..., Any]]:
    """`f_` writes what `f` returns and returns what it was given; the functions that it called.

    A result of another shape raises, unless moving the axes is what the function does.
    """
    called = []
    if not isinstance(sample.args[0], Operand) or sample.args[0].kind != "numbers":
        return []
    for function in sample.functions:
        written = in_place_twin(function)
        if sample.raises or family_of(written) not in FAMILIES:
            continue
        for layout in LAYOUTS[:2]:
            args, kwargs = typed_arguments(sample, algebra, layout=layout)
            expected = function(*args, **kwargs)
            target = args[0].clone()
            if expected.shape == target.shape or written.__name__ in MOVING:
                assert written(target, *args[1:], **kwargs) is target
                same(target, expected)
                called.append(written)
            else:
                try:
                    written(target, *args[1:], **kwargs)
                except RuntimeError:
                    continue
                raise AssertionError(f"{written} changed the shape")
    return called


def in_place_twin(function: Callable[..., Any]) -> Callable[..., Any] | None:
    name = getattr(function, "__name__", "")
    twin = f"__i{name[2:]}" if name.startswith("__") else f"{name}_"
    return getattr(torch.Tensor, twin, None)


def out_is_functional(sample: Row, algebra: hc.Algebra) -> bool:
    """With `out=`, where torch takes it, the same numbers arrive in what is given."""
    done = False
    for function in sample.functions:
        signature = get_testing_overrides().get(function)
        if sample.raises or not signature or function.__name__.startswith("__"):
            continue
        if "out" not in inspect.signature(signature).parameters:
            continue
        if function is torch.chain_matmul:  # torch drops its `out` before it asks us
            continue
        args, kwargs = typed_arguments(sample, algebra)
        expected = function(*args, **kwargs)
        if not isinstance(expected, torch.Tensor):
            continue
        for out in (expected.new_empty(0), torch.empty_like(expected)):
            try:
                assert function(*args, **kwargs, out=out) is out, function
            except TypeError:  # torch documents an `out` that its parser does not know
                continue
            same(out, expected)
            done = True
    return done


def compiled_is_eager(
    samples: list[Row], algebra: hc.Algebra, dtype: torch.dtype, **options: Any
) -> None:
    """All rows in one compiled function, without a break in the graph."""
    functions = [sample.functions[0] for sample in samples]

    def everything(calls: list[Any]) -> list[Any]:
        return [
            over(called(function, args, kwargs), lambda x: x.clone())
            for function, (args, kwargs) in zip(functions, calls, strict=True)
        ]

    def calls() -> list[Any]:  # anew for each run: some functions write into what they get
        return [typed_arguments(sample, algebra, dtype) for sample in samples]

    compiled = torch.compile(everything, fullgraph=True, **options)(calls())
    for sample, ours, expected in zip(samples, compiled, everything(calls()), strict=True):
        same(ours, expected, sample.rounds)


def called(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The call; an attribute's getter is no function for the compiler."""
    descriptor = getattr(function, "__self__", None)
    if function.__name__ == "__get__":
        return getattr(args[0], descriptor.__name__)
    return function(*args, **kwargs)
