"""Random programs on typed tensors, beside oracles that know nothing of them.

A program is a few random operations on a handful of tensors: views are taken, written in place,
indexed, joined, multiplied. The oracle of ℂ is torch's complex128. That of any other algebra is a
structure of arrays: one plain tensor for each component, on which torch's own function moves, writes
and adds, and whose products are sums over the structure constants. Where the oracle raises, so must
the typed program; otherwise all tensors that it made are compared, and their gradients.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

import hypercomplex as hc

DIGITS = 2**20 * torch.finfo(torch.float64).eps  # of sums of products that may cancel
WRONG = (RuntimeError, IndexError, ValueError, TypeError)
START = ((2, 3), (3, 2), (3,), (1, 3), (2, 1, 3), ())

# ---------------------------------------------------------------------- worlds


class Typed:
    """The tensors under test; a complex tensor of torch is its own world in the same words."""

    @staticmethod
    def each(function: Callable[..., Any], *numbers: Any) -> Any:
        return function(*numbers)

    product = each


class Arrays:
    """Numbers as tuples of plain tensors, one for each component."""

    def __init__(self, algebra: hc.Algebra):
        self.algebra = algebra

    def each(self, function: Callable[..., Any], *numbers: Any) -> Any:
        parts = [function(*each) for each in zip(*numbers, strict=True)]
        return None if parts[0] is None else tuple(parts)

    def product(self, function: Callable[..., Any], a: Any, b: Any) -> Any:
        out: list[Any] = [0] * self.algebra.dimension
        for i, j, k, c in self.algebra.products:
            out[k] = out[k] + float(c) * function(a[i], b[j])
        return tuple(out)


def start(world: Any, components: list[Tensor], algebra: hc.Algebra) -> list[Any]:
    """Leaves of a world with these components."""
    if isinstance(world, Arrays):
        return [tuple(x.clone().requires_grad_() for x in z.unbind(-1)) for z in components]
    if world == "complex":
        return [torch.view_as_complex(z.clone()).requires_grad_() for z in components]
    return [hc.tensor_type(algebra)(z.clone(), requires_grad=True) for z in components]


def components(x: Any) -> Tensor:
    if isinstance(x, tuple):
        return torch.stack(x, -1)
    return x.components if isinstance(x, hc.HypercomplexTensor) else torch.view_as_real(x)


def shape_of(x: Any) -> tuple[int, ...]:
    return tuple((x[0] if isinstance(x, tuple) else x).shape)


# ---------------------------------------------------------------------- operations


class Draw:
    """Random arguments for a tensor of a shape."""

    def __init__(self, rng: random.Random, shape: tuple[int, ...]):
        self.rng, self.shape = rng, shape

    def axis(self, extra: int = 0) -> int:
        ndim = len(self.shape) + extra
        return self.rng.randrange(-ndim, ndim) if ndim else self.rng.choice([0, -1])

    def place(self, axis: int) -> int:
        size = self.shape[axis] if self.shape else 1
        return self.rng.randrange(-size, size) if size else 0

    def places(self, axis: int) -> Tensor:
        size = max(self.shape[axis] if self.shape else 1, 1)
        return torch.tensor(
            [self.rng.randrange(size) for _ in range(self.rng.randint(1, 3))]
        ).long()

    def order(self) -> list[int]:
        return self.rng.sample(range(len(self.shape)), len(self.shape))

    def index(self, twice: bool = True) -> tuple[Any, ...]:
        """Integers, slices, new axes, and, if a place may be named twice, lists."""
        entries: list[Any] = []
        for size in self.shape[: self.rng.randint(0, len(self.shape))]:
            known = [slice(None), slice(1, None), slice(None, None, 2), slice(0, 0), None]
            known += [self.rng.randrange(-size, size)] if size else []
            known += [[self.rng.randrange(size) for _ in range(2)]] if size and twice else []
            entries.append(self.rng.choice(known))
        return (*entries, ...) if self.rng.random() < 0.3 else tuple(entries)

    def factor(self) -> float:
        return self.rng.choice([2, -1, 0.5, -0.25, 1.5])


def none(draw: Draw) -> tuple[Any, ...]:
    return ()


def along(draw: Draw) -> tuple[Any, ...]:
    return (draw.axis(),)


def picked(draw: Draw) -> tuple[Any, ...]:
    axis = draw.axis()
    return axis, draw.place(axis)


def gathered(draw: Draw) -> tuple[Any, ...]:
    axis = draw.axis()
    return axis, draw.places(axis)


def write(x: Any, index: Any, y: Any = 0) -> None:
    x[index] = y


Row = tuple[Callable[[Draw], tuple[Any, ...]], Callable[..., Any]]

ONE: dict[str, Row] = {  # of one tensor, on every component alike
    "transpose": (lambda d: (d.axis(), d.axis()), lambda x, a, b: x.transpose(a, b)),
    "permute": (lambda d: (d.order(),), lambda x, order: x.permute(order)),
    "unsqueeze": (lambda d: (d.axis(1),), lambda x, a: x.unsqueeze(a)),
    "squeeze": (along, lambda x, a: x.squeeze(a)),
    "expand": (lambda d: ((2, *d.shape),), lambda x, size: x.expand(size)),
    "reshape": (lambda d: (d.rng.choice([(-1,), (1, -1), (-1, 1)]),), lambda x, s: x.reshape(s)),
    "select": (picked, lambda x, a, i: x.select(a, i)),
    "narrow": (lambda d: (d.axis(), d.rng.randint(0, 2)), lambda x, a, n: x.narrow(a, 0, n)),
    "index": (lambda d: (d.index(),), lambda x, index: x[index]),
    "flip": (lambda d: ([d.axis()],), lambda x, a: x.flip(a)),
    "roll": (along, lambda x, a: x.roll(1, a)),
    "diagonal": (lambda d: (d.rng.randint(-1, 1),), lambda x, k: x.diagonal(k)),
    "unbind": (along, lambda x, a: x.unbind(a)[-1].clone()),
    "chunk": (along, lambda x, a: x.chunk(2, a)[0].clone()),
    "repeat": (along, lambda x, a: x.repeat_interleave(2, a)),
    "index_select": (gathered, lambda x, a, i: x.index_select(a, i)),
    "unfold": (along, lambda x, a: x.unfold(a, 1, 1)),
    "take": (lambda d: (d.places(0),), lambda x, i: x.take(i)),
    "tril": (none, lambda x: x.tril()),
    "ravel": (none, lambda x: x.ravel()),
    "clone": (none, lambda x: x.clone()),
    "detach": (none, lambda x: x.detach()),
    "negative": (none, lambda x: -x),
    "scaled": (lambda d: (d.factor(),), lambda x, c: c * x),
    "sum": (lambda d: (d.axis(), d.rng.random() < 0.5), lambda x, a, keep: x.sum(a, keep)),
    "total": (none, lambda x: x.sum()),
    "mean": (along, lambda x, a: x.mean(a)),
    "cumsum": (along, lambda x, a: x.cumsum(a)),
    "diff": (along, lambda x, a: x.diff(dim=a)),
    "zero_": (none, lambda x: _nothing(x.zero_())),
    "neg_": (none, lambda x: _nothing(x.neg_())),
    "mul_": (lambda d: (d.factor(),), lambda x, c: _nothing(x.mul_(c))),
    "index_fill_": (gathered, lambda x, a, i: _nothing(x.index_fill_(a, i, 0))),
    "erase": (lambda d: (d.index(),), write),
}
TWO: dict[str, Row] = {  # of two tensors, on every component alike
    "add": (none, lambda x, y: x + y),
    "sub": (lambda d: (d.factor(),), lambda x, y, c: torch.sub(x, y, alpha=c)),
    "lerp": (lambda d: (d.factor(),), lambda x, y, c: torch.lerp(x, y, c)),
    "cat": (along, lambda x, y, a: torch.cat([x, y], a)),
    "stack": (along, lambda x, y, a: torch.stack([x, y], a)),
    "where": (none, lambda x, y: torch.where(torch.tensor([True, False, True]), x, y)),
    "add_": (none, lambda x, y: _nothing(x.add_(y))),
    "copy_": (none, lambda x, y: _nothing(x.copy_(y))),
    "write": (lambda d: (d.index(False),), lambda x, y, index: write(x, index, y)),
}
PRODUCTS: dict[str, Callable[[Any, Any], Any]] = {
    "mul": torch.mul,
    "matmul": torch.matmul,
    "outer": torch.outer,
    "einsum": lambda x, y: torch.einsum("...i,...i->...", x, y),
}
NAMES = (*ONE, *TWO, *PRODUCTS, *["mul", "matmul", "index", "write", "add_", "copy_"])


def _nothing(result: Any) -> None:
    """What writes in place makes no new tensor."""


Step = tuple[str, int, int, tuple[Any, ...]]


def step(rng: random.Random, shapes: list[tuple[int, ...]]) -> Step:
    name, one, two = rng.choice(NAMES), rng.randrange(len(shapes)), rng.randrange(len(shapes))
    rows = ONE if name in ONE else TWO
    return name, one, two, rows[name][0](Draw(rng, shapes[one])) if name in rows else ()


def perform(world: Any, numbers: list[Any], todo: Step) -> None:
    """One step; what it makes is appended."""
    name, one, two, given = todo
    if name in PRODUCTS:
        result = world.product(PRODUCTS[name], numbers[one], numbers[two])
    elif name in ONE:
        result = world.each(lambda x: ONE[name][1](x, *given), numbers[one])
    else:
        result = world.each(lambda x, y: TWO[name][1](x, y, *given), numbers[one], numbers[two])
    if result is not None:
        numbers.append(result)


# ---------------------------------------------------------------------- programs


class Program:
    """A random program over an algebra: its numbers, its steps, and what its oracle says."""

    def __init__(self, seed: int, algebra: hc.Algebra):
        rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
        self.algebra = algebra
        self.world: Any = Typed() if algebra == hc.COMPLEX else Arrays(algebra)
        self.kind = "complex" if algebra == hc.COMPLEX else self.world
        shapes = rng.sample(START, 3)
        self.given = [
            torch.randn(*s, algebra.dimension, generator=generator, dtype=torch.float64)
            for s in shapes
        ]
        self.steps: list[Step] = []
        self.refused: list[tuple[int, Step]] = []  # with the number of steps before
        self.leaves = start(self.kind, self.given, algebra)
        self.expected = [self.world.each(torch.clone, x) for x in self.leaves]
        while len(self.steps) < 8:
            todo = step(rng, [shape_of(x) for x in self.expected])
            try:
                perform(self.world, self.expected, todo)
                self.steps.append(todo)
            except WRONG as error:
                if "memory location" not in str(error):  # ours may go by way of a copy
                    self.refused.append((len(self.steps), todo))
            if sum(components(x).numel() for x in self.expected) > 4000:
                break

    def typed(self) -> list[Any]:
        return start(None, self.given, self.algebra)

    def run(self, leaves: list[Any], check_refusals: bool = False) -> list[Any]:
        """All tensors that the typed program makes."""
        numbers = [x.clone() for x in leaves]
        for place in range(len(self.steps) + 1):
            for before, todo in self.refused if check_refusals else ():
                if before == place:
                    with contextlib.suppress(*WRONG):
                        perform(Typed(), numbers, todo)
                        raise AssertionError(f"{todo} is done, which the oracle refuses")
            if place < len(self.steps):
                perform(Typed(), numbers, self.steps[place])
        return numbers

    def gradients(self, numbers: list[Any], leaves: list[Any]) -> list[Tensor] | None:
        """Of a weighted sum of what was made last; None if autograd refuses."""
        generator = torch.Generator().manual_seed(0)
        flat = [x for leaf in leaves for x in (leaf if isinstance(leaf, tuple) else (leaf,))]
        loss: Any = sum((x * 0).sum() for x in map(components, leaves))
        for x in map(components, numbers[-4:]):
            loss = loss + (x * torch.randn(x.shape, generator=generator, dtype=x.dtype)).sum()
        try:
            found = iter(torch.autograd.grad(loss, flat))
        except RuntimeError:
            return None
        whole = [
            tuple(next(found) for _ in leaf) if isinstance(leaf, tuple) else next(found)
            for leaf in leaves
        ]
        return [components(x) for x in whole]


def compare(ours: list[Tensor], theirs: list[Tensor]) -> None:
    """The same shapes, and values up to rounding beside the largest of them."""
    assert [x.shape for x in ours] == [x.shape for x in theirs]
    sizes = [float(x.nan_to_num().abs().max()) for x in theirs if x.numel()]
    largest = max([1.0, *sizes])
    for place, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        close = torch.allclose(a, b, rtol=0, atol=DIGITS * largest, equal_nan=True)
        assert close, f"tensor {place} is off by {(a - b).abs().max():.1e} of {largest:.1e}"


# ---------------------------------------------------------------------- ways to run one


def eagerly(program: Program) -> None:
    """Values, refusals and gradients."""
    leaves = program.typed()
    numbers = program.run(leaves, check_refusals=True)
    values = [components(x).detach() for x in program.expected]
    compare([components(x).detach() for x in numbers], values)
    ours = program.gradients(numbers, leaves)
    theirs = program.gradients(program.expected, program.leaves)
    if ours is not None and theirs is not None:
        compare(ours, theirs)


def without_history(program: Program) -> None:
    with torch.no_grad():
        numbers = program.run(program.typed())
    compare([components(x) for x in numbers], [components(x).detach() for x in program.expected])


def mapped(program: Program) -> None:
    """As the first of a batch of two under `vmap`."""
    batch = [torch.stack([x, x + 1]).detach() for x in program.typed()]
    numbers = torch.func.vmap(lambda *leaves: tuple(program.run(list(leaves))))(*batch)
    values = [components(x).detach() for x in program.expected]
    compare([components(x)[0] for x in numbers], values)


def compiled(program: Program) -> None:
    """Traced by the compiler."""
    torch._dynamo.reset()
    traced = torch.compile(lambda *leaves: tuple(program.run(list(leaves))), backend="eager")
    numbers = traced(*[x.detach() for x in program.typed()])
    compare([components(x) for x in numbers], [components(x).detach() for x in program.expected])


WAYS = (eagerly, without_history, mapped)


def failures(
    seeds: range, algebras: tuple[hc.Algebra, ...], ways: tuple[Any, ...] = WAYS
) -> Iterator[str]:
    """The programs that fail, with the seed that repeats them."""
    for seed in seeds:
        algebra, way = algebras[seed % len(algebras)], ways[seed // len(algebras) % len(ways)]
        program = Program(seed, algebra)
        try:
            way(program)
        except Exception as error:
            if "memory location" in str(error):  # torch warns of these writes, ours raises
                continue
            yield f"{way.__name__}(Program({seed}, {algebra})): {type(error).__name__}: {error}"
