r"""A recurrent layer as a scan over time that records one node, with its gradient by hand.

The input's part `W x` of all steps is one product; a step adds `U h` to it and turns the gates into
states, in place. What is kept are the values of the gates and the states. Backward, all that does
not depend on the order of steps is computed for all of them at once, before (`Cell.slopes`) and
after: the gradients of W and of U are one product each. A step back costs one product.

Where somebody looks on, a transform or an exporter, the equations are written out step by step.
Torch's compiler meets one operator for all steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function

from hypercomplex.functional.arguments import check_probability
from hypercomplex.functional.gated import CELLS, Cell, States
from hypercomplex.functional.sequences import (
    Layout,
    from_rows,
    recurrent_mask,
    scan,
    stack,
    to_rows,
)
from hypercomplex.host.mode import (
    all_digits,
    is_compiling,
    is_eager,
    is_exporting,
    is_ordinary,
    stands_for_many,
)
from hypercomplex.kernels.precision import autocast_dtype, needs_single
from hypercomplex.lowering import AnyBilinear, Choice, Kept, LearnedBilinear, affine_rows
from hypercomplex.lowering.kept import serving
from hypercomplex.lowering.plan import planned, use
from hypercomplex.lowering.plans import PLANS
from hypercomplex.lowering.plans.plan import Gradients, Needs
from hypercomplex.lowering.recurrence import Recurrence, Stepping

__all__ = ["Stack", "Weights", "in_type", "scan_layer", "scan_stack"]


class Weights(NamedTuple):
    """The parameters of one layer and direction, compact.

    Without an input weight the rows are the gates `W x` themselves.
    """

    of_input: Tensor | None
    of_state: Tensor
    input_bias: Tensor | None = None
    state_bias: Tensor | None = None


class Stack(NamedTuple):
    """How layers are scanned, each in all directions, the weight being the left factor."""

    cell: str
    product: AnyBilinear
    dtype: torch.dtype
    """Of the result; see `in_type`."""
    directions: int = 1
    batch_first: bool = False
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    plan: Choice = None
    kept: Kept | None = None

    @classmethod
    def of(
        cls,
        cell: str,
        input: Tensor,
        weights: Sequence[Tensor],
        product: AnyBilinear,
        *,
        directions: int,
        batch_first: bool,
        dropout: float,
        recurrent_dropout: float,
        training: bool,
        plan: Choice,
        kept: Kept | None,
    ) -> Stack:
        """The same, where drops act in training only, and what is made of weights is kept only
        where they are multiplied in their own type.
        """
        check_probability("dropout", dropout)
        check_probability("recurrent_dropout", recurrent_dropout)
        drops = (dropout, recurrent_dropout) if training else (0.0, 0.0)
        dtype = autocast_dtype(input)
        kept = serving(kept, product, *weights) if dtype == weights[0].dtype else None
        return cls(cell, product, dtype, directions, batch_first, *drops, plan, kept)


def scan_stack(
    stacked: Stack,
    input: Tensor,
    batch_sizes: Tensor | None,
    states: States,
    weights: Sequence[Tensor],
    enter: Callable[[int, Tensor, Weights], tuple[Tensor, Weights]] = lambda _, *given: given,
) -> tuple[Tensor, States]:
    """Folded sequences and states `(layers·directions, N, n·H)` → the same of the results.

    The weights are those of all layers and directions, one after another. What a layer scans, and
    with which of them, `enter` may change.
    """
    how, n = stacked, stacked.product.shape[2]
    each = len(weights) // len(states[0])
    rows, layout = to_rows(input, batch_sizes, how.batch_first)

    def layer(index: int, rows: Tensor, states: States, reverse: bool) -> tuple[Tensor, States]:
        own = in_type(weights[each * index :][:each], how.dtype)
        rows, given = enter(index, rows, Weights(*own))
        return scan_layer(
            how.cell,
            rows,
            given,
            states,
            layout,
            product=how.product,
            reverse=reverse,
            mask=recurrent_mask(states[0], how.recurrent_dropout),
            plan=how.plan,
            kept=None if how.kept is None else how.kept.part(index),
        )

    rows, *starts = (x.unflatten(-1, (n, -1)) for x in in_type((rows, *states), how.dtype))
    rows, ends = stack(layer, rows, tuple(starts), how.directions, how.dropout)
    output, *folded_ends = (x.flatten(-2).to(how.dtype) for x in (rows, *ends))
    return from_rows(output, layout), tuple(folded_ends)


def in_type(tensors: Sequence[Tensor], dtype: torch.dtype) -> list[Tensor]:
    """As that type, and where sums are not made in half precision, in single on top of that."""
    converted = [x.to(dtype) for x in tensors]
    return [x.float() if needs_single(x, dtype) else x for x in converted]


class _Task(NamedTuple):
    """What is no tensor."""

    cell: str
    product: AnyBilinear
    layout: Layout
    reverse: bool
    plan: Choice


def scan_layer(
    cell: str,
    rows: Tensor,
    weights: Weights,
    states: States,
    layout: Layout,
    *,
    product: AnyBilinear,
    reverse: bool = False,
    mask: Tensor | None = None,
    plan: Choice = None,
    kept: Kept | None = None,
) -> tuple[Tensor, States]:
    """Rows `(R, n, I)` of all steps and states `(B, n, H)` → rows `(R, n, H)` and states.

    All in one type; the weight is the left factor of the product.
    """
    task = _Task(cell, product, layout, reverse, plan)
    learned = product.constants if isinstance(product, LearnedBilinear) else None
    tensors = (learned, rows, *weights, mask, *states)
    present = [x for x in tensors if x is not None]
    with all_digits(rows):
        if is_compiling() and not is_exporting():
            return _compiled(task, rows, weights, mask, states)
        if not (is_eager() and all(is_ordinary(x) for x in present)):
            return _literal(task, rows, weights, mask, states)
        if torch.is_grad_enabled() and any(x.requires_grad for x in present):
            output, *ends = _Scan.apply(task, learned, rows, *weights, mask, *states)  # type: ignore[no-untyped-call]
            return output, tuple(ends)
        of_input, of_state = (None, None) if kept is None else (kept.part(0), kept.part(1))
        of = weights.of_state, product, plan or use.forced
        recurrence = Recurrence.of(*of) if of_state is None else of_state.of(Recurrence.of, *of)
        gates, late = _gates(task, rows, weights, of_input)
        done = _forward(
            CELLS[cell], gates, recurrence, late, mask, states, layout.sizes, reverse, keep=False
        )
        return done.output, done.ends


# ---------------------------------------------------------------------- step by step


def _literal(
    task: _Task, rows: Tensor, weights: Weights, mask: Tensor | None, states: States
) -> tuple[Tensor, States]:
    """The definition, in operations that torch differentiates, maps and writes down."""
    cell = CELLS[task.cell]
    recurrence = Recurrence.of(weights.of_state, task.product, task.plan)
    bias = None if weights.state_bias is None else weights.state_bias.t()

    def step(x: Tensor, states: States) -> States:
        h = states[0] if mask is None else states[0] * mask[: len(x)]
        u = recurrence(h)
        return cell.step(x, u if bias is None else u + bias, *states)

    gates = rows
    if weights.of_input is not None:
        gates = affine_rows(
            rows, weights.of_input, weights.input_bias, task.product, plan=task.plan
        )
    return scan(step, gates, states, task.layout.sizes, task.reverse)


# ---------------------------------------------------------------------- all at once


class _Done(NamedTuple):
    """What a scan leaves: its result, and what its gradient needs."""

    output: Tensor
    ends: States
    gates: Tensor
    kept: Tensor


def _gates(
    task: _Task, rows: Tensor, weights: Weights, kept: Kept | None = None
) -> tuple[Tensor, Tensor | None]:
    """`W x + b` in memory of its own, and the bias that waits for `U h`."""
    w, _, bias, late = weights
    if late is not None and not CELLS[task.cell].apart:
        bias, late = late if bias is None else bias + late, None
    if w is None:
        gates = rows.clone(memory_format=torch.contiguous_format)
        gates = gates if bias is None else gates.add_(bias.t())
    else:
        gates = affine_rows(rows, w, bias, task.product, plan=task.plan, kept=kept).contiguous()
    return gates, None if late is None else late.t()


def _forward(
    cell: Cell,
    gates: Tensor,
    recurrence: Recurrence,
    late: Tensor | None,
    mask: Tensor | None,
    states: States,
    sizes: list[int],
    reverse: bool,
    keep: bool,
) -> _Done:
    """Run through time; the gates become their values."""
    rows, n, _ = gates.shape
    batch, _, width = states[0].shape
    states = tuple(s.clone(memory_format=torch.contiguous_format) for s in states)
    output = gates.new_empty(rows, n, width)
    kept = gates.new_empty(rows if keep else 0, n, cell.kept * width)
    stepping = Stepping(recurrence, states[0])
    apart = gates.new_empty(batch, *gates.shape[1:]) if cell.apart else None
    rooms = kept.split(sizes) if keep else [None] * len(sizes)
    pieces = zip(*(piece.split(sizes) for piece in cell.pieces(gates)), strict=True)
    blocks = list(zip(gates.split(sizes), pieces, rooms, output.split(sizes), strict=True))
    for u, x, room, out in reversed(blocks) if reverse else blocks:
        count = len(u)
        before = states if count == batch else tuple(s[:count] for s in states)
        if apart is not None:
            u = apart[:count]
            u.zero_() if late is None else u.copy_(late)
        h = before[0] if mask is None else before[0] * mask[:count]
        stepping.add(h, u)
        after = cell.advance(x, x if apart is None else cell.pieces(u), before, room, out)
        if count < batch:
            after = tuple(torch.cat((a, s[count:])) for a, s in zip(after, states, strict=True))
        states = after
    read = gates if keep and cell.read else gates.new_empty(0)
    return _Done(output, tuple(s.clone() for s in states), read, kept)


def _backward(
    cell: Cell,
    grads: States,
    done: _Done,
    recurrence: Recurrence,
    mask: Tensor | None,
    states: States,
    sizes: list[int],
    reverse: bool,
) -> tuple[Tensor, Tensor, States, Tensor]:
    """The gradients of `W x`, of `U h` and of the states, and the h that U met."""
    of_output, *ends = grads
    values = (done.output, done.kept)[: cell.states]
    before = tuple(
        _before(all_steps, s, sizes, reverse) for all_steps, s in zip(values, states, strict=True)
    )
    slopes = cell.slopes(done.gates, done.kept, done.output, before)
    of_states = tuple(g.clone(memory_format=torch.contiguous_format) for g in ends)
    stepping = Stepping(recurrence, of_states[0])
    steps = [s.split(sizes) for s in (of_output, *slopes)]
    blocks = list(zip(*steps, strict=True))
    batch = len(of_states[0])
    for of_h, *block in blocks if reverse else reversed(blocks):
        count = len(of_h)
        here = of_states if count == batch else tuple(g[:count] for g in of_states)
        h = here[0].add_(of_h)
        cell.pull(tuple(block), here)
        if mask is None:
            stepping.pull(block[0], h, cell.direct)
        else:
            through = torch.empty_like(h)
            stepping.pull(block[0], through, False)
            through.mul_(mask[:count])
            h.add_(through) if cell.direct else h.copy_(through)
    seen = before[0] if mask is None else before[0] * _every(mask, sizes)
    return cell.of_input(slopes), slopes[0], of_states, seen


def _before(values: Tensor, start: Tensor, sizes: list[int], reverse: bool) -> Tensor:
    """The state that each row met, from those of all steps and the one at the start."""
    steps = values.split(sizes)
    met: list[Tensor] = []
    if reverse:
        for after, size in zip(steps[1:], sizes):
            met += [after, start[len(after) : size]]
        return torch.cat([*met, start[: sizes[-1]]])
    met = [start[: sizes[0]]]
    met += [before[:size] for before, size in zip(steps, sizes[1:])]
    return torch.cat(met)


def _every(mask: Tensor, sizes: list[int]) -> Tensor:
    """The mask of each row."""
    return torch.cat([mask[:size] for size in sizes])


class _Scan(Function):
    """The scan with its own first derivatives; others are those of the literal equations."""

    @staticmethod
    def forward(
        ctx: Any,
        task: _Task,
        learned: Tensor | None,
        rows: Tensor,
        w: Tensor | None,
        u: Tensor,
        b: Tensor | None,
        late: Tensor | None,
        mask: Tensor | None,
        *states: Tensor,
    ) -> Any:
        cell, weights = CELLS[task.cell], Weights(w, u, b, late)
        recurrence = Recurrence.of(u, task.product, task.plan)
        gates, waiting = _gates(task, rows, weights)
        done = _forward(
            cell, gates, recurrence, waiting, mask, states, task.layout.sizes, task.reverse,
            keep=True,
        )  # fmt: skip
        ctx.task, ctx.states = task, len(states)
        ctx.save_for_backward(
            learned, rows, *weights, mask, *states, done.output, done.gates, done.kept
        )
        return done.output, *done.ends

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        *given, output, gates, kept = ctx.saved_tensors  # asked once: a checkpoint counts
        task: _Task = ctx.task
        needs = ctx.needs_input_grad[1:]
        again = torch.is_grad_enabled()  # a derivative of this one may be wanted
        if again or any(map(stands_for_many, grads)):
            with torch.enable_grad():
                return None, *_again(task, tuple(given), needs, grads, again)
        _, rows, w, u, _, _, mask, *states = given
        product = task.product
        with all_digits(rows):
            recurrence = Recurrence.of(u, product, task.plan)
            done = _Done(output, (), gates, kept)
            of_x, of_u, of_states, h = _backward(
                CELLS[task.cell], grads, done, recurrence, mask, tuple(states),
                task.layout.sizes, task.reverse,
            )  # fmt: skip
            way = PLANS[planned(h, u, product, "step", task.plan)]
            through_u = way.backward(of_u, h, u, product, Needs(False, needs[3], needs[0]))
            through_w = Gradients(of_x, None, None)
            if w is not None:
                way = PLANS[planned(rows, w, product, "step", task.plan)]
                needed = Needs(needs[1], needs[2], needs[0])
                through_w = way.backward(of_x, rows, w, product, needed)
            of_c = [g.constants for g in (through_u, through_w) if g.constants is not None]
            of_b = of_x.sum(0).t() if needs[4] else None
            of_late = of_u.sum(0).t() if needs[5] else None
        of_weights = through_w.weight, through_u.weight, of_b, of_late
        return None, sum(of_c) if of_c else None, through_w.rows, *of_weights, None, *of_states


def _again(
    task: _Task, given: States, needs: tuple[bool, ...], grads: States, again: bool
) -> list[Tensor | None]:
    """The gradients, where they are needed, as functions of everything."""
    fresh = [None if x is None else x.view_as(x) for x in given]  # one may be given twice
    learned, rows, w, u, b, late, mask, *states = fresh
    if learned is not None:
        task = task._replace(product=LearnedBilinear(learned))
    assert rows is not None
    assert u is not None
    with all_digits(rows):
        output, ends = _literal(
            task, rows, Weights(w, u, b, late), mask, tuple(s for s in states if s is not None)
        )
    wanted = [x for x, need in zip(fresh, needs, strict=True) if x is not None and need]
    found = iter(
        torch.autograd.grad(
            (output, *ends), wanted, grads, create_graph=again, materialize_grads=True
        )
    )
    return [next(found) if need else None for need in needs]


# ---------------------------------------------------------------------- for torch's compiler


def _compiled(
    task: _Task, rows: Tensor, weights: Weights, mask: Tensor | None, states: States
) -> tuple[Tensor, States]:
    """The products of all steps as they are, and one operator for the steps."""
    recurrence = Recurrence.of(weights.of_state, task.product, task.plan)
    gates, late = _gates(task, rows, weights)
    layout = task.layout
    output, ends, *_ = _scan_op(
        task.cell, gates, *recurrence, late, mask, torch.stack(states), layout.batch_sizes,
        layout.steps, task.reverse, torch.is_grad_enabled(),
    )  # fmt: skip
    return output, tuple(ends.unbind(0))


def _sizes(states: Tensor, batch_sizes: Tensor | None, steps: int) -> list[int]:
    return Layout(steps, states.shape[1], batch_sizes, False).sizes


@torch.library.custom_op("hypercomplex::scan", mutates_args=())
def _scan_op(
    cell: str,
    gates: Tensor,
    matrix: Tensor,
    table: Tensor | None,
    late: Tensor | None,
    mask: Tensor | None,
    states: Tensor,
    batch_sizes: Tensor | None,
    steps: int,
    reverse: bool,
    keep: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    done = _forward(
        CELLS[cell], gates.clone(memory_format=torch.contiguous_format),
        Recurrence(matrix, table), late, mask, states.unbind(0),
        _sizes(states, batch_sizes, steps), reverse, keep,
    )  # fmt: skip
    return done.output, torch.stack(done.ends), done.gates, done.kept


@_scan_op.register_fake
def _(cell: str, gates: Tensor, *others: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    *_, states, _, _, _, keep = others
    rows, n, _ = gates.shape
    width = states.shape[-1]
    output = gates.new_empty(rows, n, width)
    kept = gates.new_empty(rows if keep else 0, n, CELLS[cell].kept * width)
    read = gates.new_empty(gates.shape if keep and CELLS[cell].read else 0)
    return output, states.new_empty(states.shape), read, kept


@torch.library.custom_op("hypercomplex::scan_backward", mutates_args=())
def _scan_backward_op(
    cell: str,
    of_output: Tensor,
    of_ends: Tensor,
    output: Tensor,
    gates: Tensor,
    kept: Tensor,
    matrix: Tensor,
    table: Tensor | None,
    mask: Tensor | None,
    states: Tensor,
    batch_sizes: Tensor | None,
    steps: int,
    reverse: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    done = _Done(output, (), gates, kept)
    of_x, of_u, of_states, h = _backward(
        CELLS[cell], (of_output, *of_ends.unbind(0)), done, Recurrence(matrix, table), mask,
        states.unbind(0), _sizes(states, batch_sizes, steps), reverse,
    )  # fmt: skip
    of_u = of_u.new_empty(0) if of_u is of_x else of_u  # results share no memory
    return of_x, of_u, torch.stack(of_states), h


@_scan_backward_op.register_fake
def _(
    cell: str, of_output: Tensor, of_ends: Tensor, output: Tensor, gates: Tensor, *_: Any
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    rows, n, width = output.shape
    of_x = gates.new_empty(rows, n, CELLS[cell].gates * width)
    of_u = gates.new_empty(of_x.shape if CELLS[cell].apart else 0)
    return of_x, of_u, of_ends.new_empty(of_ends.shape), output.new_empty(output.shape)


def _remember(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    cell, _, matrix, table, _, mask, states, batch_sizes, *rest = inputs
    y, _, gates, kept = output
    ctx.save_for_backward(y, gates, kept, matrix, table, mask, states, batch_sizes)
    ctx.cell, ctx.rest = cell, rest[:2]


def _op_gradients(ctx: Any, of_output: Tensor, of_ends: Tensor, *_: Any) -> Any:
    y, gates, kept, matrix, table, mask, states, batch_sizes = ctx.saved_tensors
    of_x, of_u, of_states, h = _scan_backward_op(
        ctx.cell, of_output, of_ends, y, gates, kept, matrix, table, mask, states, batch_sizes,
        *ctx.rest,
    )  # fmt: skip
    of_u = of_u if CELLS[ctx.cell].apart else of_x
    needs = ctx.needs_input_grad
    of_matrix, of_table = Recurrence(matrix, table).gradients(h, of_u, needs[3])
    of_late = of_u.sum(0) if needs[4] else None
    return None, of_x, of_matrix, of_table, of_late, None, of_states, None, None, None, None


_scan_op.register_autograd(_op_gradients, setup_context=_remember)
