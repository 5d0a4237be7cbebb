"""A scan over time is its literal equations, step by step; compiled, it is one operator."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from functorch.compile import make_boxed_func
from torch import Tensor
from torch._dynamo.backends.common import aot_autograd
from torch.nn.utils.rnn import pack_padded_sequence

import hypercomplex as hc
from hypercomplex.functional import scanning
from hypercomplex.functional.gated import CELLS
from hypercomplex.functional.scanning import Weights, scan_layer
from hypercomplex.functional.sequences import Layout
from hypercomplex.lowering.recurrence import Steps, scans

PADDED, PACKED = [3, 3, 3, 3], [3, 3, 2, 1]
FORMS = list(itertools.product((PADDED, PACKED), (False, True)))

every_cell = pytest.mark.parametrize("cell", CELLS)
every_form = pytest.mark.parametrize(("sizes", "reverse"), FORMS)


def layout_of(sizes: list[int]) -> Layout:
    if sizes == PADDED:
        return Layout(len(sizes), sizes[0], None, False)
    return Layout(len(sizes), 0, torch.tensor(sizes), False)


def drawn(*shape: int, scale: float = 0.5) -> Tensor:
    return (scale * torch.randn(shape, dtype=torch.float64)).requires_grad_()


def given(cell: str, n: int, sizes: list[int], *, biased: bool, inputs: int = 2) -> list[Any]:
    """Rows, an input weight (none for no inputs), a state weight, two biases, and states."""
    hidden, batch = 3, sizes[0]
    rows = CELLS[cell].gates * hidden
    biases = [drawn(rows, n) if biased else None for _ in range(2)]
    w = drawn(rows, inputs, n) if inputs else None
    states = [drawn(batch, n, hidden) for _ in range(CELLS[cell].states)]
    return [drawn(sum(sizes), n, inputs or rows), w, drawn(rows, hidden, n), *biases, *states]


def both(
    cell: str,
    tensors: list[Any],
    sizes: list[int],
    reverse: bool,
    mask: Tensor | None,
    product: Any,
) -> list[Any]:
    """The results and all gradients, of the scan and of its definition."""
    rows, w, u, b, late, *states = tensors
    parameters, layout = Weights(w, u, b, late), layout_of(sizes)
    task = scanning._Task(cell, product, layout, reverse, None)
    runs = (
        lambda: scan_layer(
            cell, rows, parameters, tuple(states), layout,
            product=product, reverse=reverse, mask=mask,
        ),
        lambda: scanning._literal(task, rows, parameters, mask, tuple(states)),
    )  # fmt: skip
    wanted = [x for x in tensors if x is not None]
    if isinstance(product, hc.LearnedBilinear):
        wanted.append(product.constants)
    found = []
    for run in runs:
        output, ends = run()
        loss = output.sin().sum() + sum(end.square().sum() for end in ends)
        found.append((output, *ends, *torch.autograd.grad(loss, wanted)))
    with torch.no_grad():
        output, ends = runs[0]()
    torch.testing.assert_close((output, *ends), found[0][: 1 + len(ends)], rtol=0, atol=0)
    return found


@every_cell
@every_form
@pytest.mark.parametrize("biased", [False, True])
def test_a_scan_is_its_equations(cell: str, sizes: list[int], reverse: bool, biased: bool) -> None:
    for mask in (None, 2.0 * (torch.rand(3, 1, 3, dtype=torch.float64) < 0.5)):
        tensors = given(cell, 4, sizes, biased=biased, inputs=2 if biased else 0)
        scan, literal = both(cell, tensors, sizes, reverse, mask, hc.QUATERNION.product)
        torch.testing.assert_close(scan, literal, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("cell", ["lstm", "gru", "stabilized_ligru_tanh"])
@pytest.mark.parametrize(
    "product",
    [
        hc.REAL.product,
        hc.OCTONION.product,
        hc.QUATERNION.product.swapped,
        hc.QUATERNION.commutator,
        hc.LearnedBilinear.like(hc.QUATERNION, dtype=torch.float64),
    ],
    ids=str,
)
def test_of_any_product(cell: str, product: Any) -> None:
    n = product.shape[0]
    for plan in ("block", "input"):
        with hc.lowering.use(plan):  # type: ignore[arg-type]
            found = both(cell, given(cell, n, PACKED, biased=True), PACKED, False, None, product)
        torch.testing.assert_close(*found, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU", "LiGRU"])
@pytest.mark.parametrize("batch", [1, 5])
def test_in_single_precision(kind: str, batch: int) -> None:
    """The state is bounded, so a step adds few roundings of sums of 64 products."""
    options = {"nonlinearity": "tanh"} if kind == "LiGRU" else {"fused": False}
    layer = getattr(hc.nn, f"Quaternion{kind}")(16, 16, **options).eval()
    x = torch.randn(10, batch, 64)
    single, double = layer(x)[0], layer.double()(x.double())[0]
    bound = 10 * 64**0.5 * torch.finfo(torch.float32).eps
    torch.testing.assert_close(single.double(), double, rtol=0, atol=bound)


@every_cell
def test_second_derivatives(cell: str) -> None:
    sizes = [2, 1]
    tensors = given(cell, 2, sizes, biased=True)

    def run(*tensors: Any) -> tuple[Tensor, ...]:
        rows, w, u, b, late, *states = tensors
        output, ends = scan_layer(
            cell, rows, Weights(w, u, b, late), tuple(states), layout_of(sizes),
            product=hc.COMPLEX.product,
        )  # fmt: skip
        return output, *ends

    assert torch.autograd.gradcheck(run, tensors, fast_mode=True)
    assert torch.autograd.gradgradcheck(run, tensors, fast_mode=True)


def test_many_gradients_at_once() -> None:
    with hc.lowering.use("input"):
        layer = hc.nn.QuaternionLSTM(2, 3).double()
        y, _ = layer(torch.randn(4, 2, 8, dtype=torch.float64))
    weights, many = list(layer.parameters()), torch.randn(2, *y.shape, dtype=y.dtype)
    found = torch.autograd.grad(y, weights, many, retain_graph=True, is_grads_batched=True)
    each = [torch.autograd.grad(y, weights, g, retain_graph=True) for g in many]
    torch.testing.assert_close(found, tuple(map(torch.stack, zip(*each, strict=True))))


def test_the_gradient_can_be_taken_again() -> None:
    """Nothing that is kept is written over."""
    layer = hc.nn.QuaternionLSTM(2, 3, fused=False)
    output, _ = layer(torch.randn(4, 2, 8))
    grads = [torch.autograd.grad(output.sum(), layer.weights, retain_graph=True) for _ in range(2)]
    assert all(torch.equal(a, b) for a, b in zip(*grads, strict=True))


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU", "LiGRU"])
def test_little_is_kept(kind: str) -> None:
    """At most what torch keeps for the gradient of the layer of the same real width."""
    options: dict[str, Any] = {"normalization": "none"} if kind == "LiGRU" else {"fused": False}
    layer = getattr(hc.nn, f"Quaternion{kind}")(8, 8, **options)
    stock = getattr(torch.nn, "GRU" if kind == "LiGRU" else kind)(32, 32)
    x, bytes_kept = torch.randn(20, 4, 32), []
    for module in (layer, stock):
        kept: dict[int, int] = {}

        def note(t: Tensor, kept: dict[int, int] = kept) -> Tensor:
            kept[t.untyped_storage().data_ptr()] = t.untyped_storage().nbytes()
            return t

        with torch.autograd.graph.saved_tensors_hooks(note, lambda t: t):
            output = module(x)
        bytes_kept.append(sum(kept.values()))
        del output
    assert bytes_kept[0] <= bytes_kept[1]


# ---------------------------------------------------------------------- compiled


def nodes_of(layer: Any, steps: int) -> list[int]:
    """How many nodes there are, forward and backward."""
    counts = []

    def count(graph: Any, _: Any) -> Any:
        counts.append(len(graph.graph.nodes))
        return make_boxed_func(graph.forward)

    torch._dynamo.reset()
    compiled = torch.compile(layer, fullgraph=True, backend=aot_autograd(fw_compiler=count))
    compiled(torch.randn(steps, 2, 8, requires_grad=True))[0].sum().backward()
    return counts


@pytest.mark.parametrize("kind", ["LSTM", "LiGRU"])
def test_compiling_does_not_unroll_time(kind: str) -> None:
    layer = getattr(hc.nn, f"Quaternion{kind}")(2, 2)
    few, many = nodes_of(layer, 3), nodes_of(layer, 30)
    assert len(few) == 2
    assert few == many


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_compiled_with_everything(kind: str, backend: str) -> None:
    """Two layers, both directions, states and recurrent dropout of the same numbers."""
    options: dict[str, Any] = {"num_layers": 2, "bidirectional": True, "dtype": torch.float64}
    rule = hc.LearnedBilinear.like(hc.COMPLEX, dtype=torch.float64)
    layer = getattr(hc.nn, kind)(2, 2, algebra=rule, **options)
    x = torch.randn(3, 2, 4, dtype=torch.float64)
    states = torch.randn(4, 2, 4, dtype=torch.float64)
    hx = (states, states.cos()) if kind == "LSTM" else states
    compiled = torch.compile(layer, fullgraph=True, backend=backend)
    results = []
    for run in (layer, compiled):
        output, _ = run(x, hx)
        results.append(torch.autograd.grad(output.sin().sum(), list(layer.parameters())))
    torch.testing.assert_close(*results)


# ---------------------------------------------------------------------- the choice


def test_wide_states_are_scanned() -> None:
    product, like = hc.QUATERNION.product, torch.zeros(())
    for passes in ("forward", "step"):
        for batch in (1, 16):
            assert not scans(Steps(100, batch, 64, 64, 256), product, like, passes)
            assert scans(Steps(50, batch, 256, 256, 1024), product, like, passes)
            with hc.lowering.use("block"):
                assert not scans(Steps(50, batch, 256, 256, 1024), product, like, passes)
            with hc.lowering.use("input"):
                assert scans(Steps(100, batch, 64, 64, 256), product, like, passes)
    assert not scans(Steps(50, 1, 1024, 1024, 4096), hc.REAL.product, like, True)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_both_ways_agree(kind: str) -> None:
    layer = getattr(hc.nn, kind)(
        2, 3, 2, bidirectional=True, algebra=hc.QUATERNION, dtype=torch.float64
    )
    packed = pack_padded_sequence(
        torch.randn(4, 3, 8, dtype=torch.float64), torch.tensor([4, 3, 1])
    )
    found = []
    for plan in ("block", "input"):
        with hc.lowering.use(plan):  # type: ignore[arg-type]
            output, _ = layer(packed)
            grads = torch.autograd.grad(output.data.sin().sum(), layer.weights)
            found.append((output.data, *grads))
    torch.testing.assert_close(*found, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU", "LiGRU"])
@pytest.mark.parametrize("reentrant", [False, True])
def test_a_scan_inside_a_checkpoint(kind, reentrant):
    """A checkpoint computes once more what was saved, and lets it be asked for once."""
    layer = getattr(hc.nn, kind)(2, 3, algebra=hc.QUATERNION, plan="input").eval()
    x = torch.randn(4, 2, 8, requires_grad=True)
    expected = torch.autograd.grad(layer(x)[0].square().sum(), [x, *layer.parameters()])
    torch.utils.checkpoint.checkpoint(
        lambda x: layer(x)[0].square().sum(), x, use_reentrant=reentrant
    ).backward()
    for leaf, gradient in zip([x, *layer.parameters()], expected, strict=True):
        torch.testing.assert_close(leaf.grad, gradient)
