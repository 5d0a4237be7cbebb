"""Recurrent layers: the literal loop over time = the layer = the stock real layer."""

from __future__ import annotations

import copy
import io
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import hypercomplex as hc
from hypercomplex.functional import componentwise
from hypercomplex.nn import init
from tests.cases import every_telling_algebra, needs_gpu

L, N, I, H = 4, 3, 2, 3  # noqa: E741
TORCH_KINDS = ("RNN", "LSTM", "GRU")
KINDS = (*TORCH_KINDS, "LiGRU")

every_torch_kind = pytest.mark.parametrize("kind", TORCH_KINDS)
every_kind = pytest.mark.parametrize("kind", KINDS)
half = pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
both_ways = pytest.mark.parametrize("fused", [True, False], ids=["fused", "loop"])


def make(kind: str, algebra: hc.Algebra = hc.QUATERNION, **options: Any) -> Any:
    """A layer in float64 with weights and biases of moderate size."""
    if kind == "LiGRU":
        options.pop("fused", None)
        options.setdefault("normalization", "layernorm")
    layer = getattr(hc.nn, kind)(I, H, algebra=algebra, **{"dtype": torch.float64} | options)
    return randomized(layer)


def randomized(layer: Any) -> Any:
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.normal_(0, 0.4)
    return layer


def sequence(algebra: hc.Algebra, *shape: int) -> Any:
    return hc.as_hypercomplex(torch.randn(*shape, algebra.dimension, dtype=torch.float64), algebra)


def folded(q: Any) -> Tensor:
    """Component-major on the last axis of numbers."""
    return q.components.movedim(-1, -2).flatten(-2)


def states_of(kind: str, algebra: hc.Algebra, cells: int, batch: int = N) -> Any:
    states = tuple(sequence(algebra, cells, batch, H) for _ in range(1 + (kind == "LSTM")))
    return states if kind == "LSTM" else states[0]


def each(function: Any, states: Any) -> Any:
    return tuple(map(function, states)) if isinstance(states, tuple) else function(states)


def close(a: Any, b: Any) -> None:
    if isinstance(a, tuple):
        for x, y in zip(a, b, strict=True):
            close(x, y)
        return
    assert type(a) is type(b)
    assert a.shape == b.shape
    parts = [x.components if isinstance(x, hc.HypercomplexTensor) else x for x in (a, b)]
    torch.testing.assert_close(*parts, rtol=1e-10, atol=1e-10)


# ---------------------------------------------------------------------- the literal twin


def sigmoid(q: Any) -> Any:
    return componentwise(torch.sigmoid, q)


def tanh(q: Any) -> Any:
    return componentwise(torch.tanh, q)


def gated(a: Any, b: Any) -> Any:
    """The product of every component with its counterpart."""
    return hc.as_hypercomplex(a.components * b.components, a.algebra)


def one_minus(q: Any) -> Any:
    return componentwise(lambda x: 1 - x, q)


def times(weight: Any, x: Any, side: str) -> Any:
    """A matrix of numbers times a batch of vectors: `W x`, or `x W`."""
    return (weight @ x.T).T if side == "left" else x @ weight.T


def rnn_step(x: Any, u: Any, h: Any, c: Any, layer: Any) -> tuple[Any, Any]:
    f = torch.tanh if layer.nonlinearity == "tanh" else torch.relu
    return componentwise(f, x[0] + u[0]), None


def lstm_step(x: Any, u: Any, h: Any, c: Any, layer: Any) -> tuple[Any, Any]:
    i, f, g, o = (a + b for a, b in zip(x, u, strict=True))
    c = gated(sigmoid(f), c) + gated(sigmoid(i), tanh(g))
    return gated(sigmoid(o), tanh(c)), c


def gru_step(x: Any, u: Any, h: Any, c: Any, layer: Any) -> tuple[Any, Any]:
    r, z = sigmoid(x[0] + u[0]), sigmoid(x[1] + u[1])
    return gated(one_minus(z), tanh(x[2] + gated(r, u[2]))) + gated(z, h), None


def ligru_step(x: Any, u: Any, h: Any, c: Any, layer: Any) -> tuple[Any, Any]:
    if layer.stabilized:
        u = standardized(u, layer.algebra)
    f = {"relu": torch.relu, "tanh": torch.tanh, "sin": torch.sin}[layer.nonlinearity]
    z, a = sigmoid(x[0] + u[0]), componentwise(f, x[1] + u[1])
    return gated(z, h) + gated(one_minus(z), a), None


STEPS = {"RNN": rnn_step, "LSTM": lstm_step, "GRU": gru_step, "LiGRU": ligru_step}


def standardized(gates: list[Any], algebra: hc.Algebra) -> list[Any]:
    """All components of all gates of one sample to mean 0 and variance 1."""
    values = torch.stack([g.components for g in gates], 1)
    mean = values.mean((1, 2, 3), keepdim=True)
    variance = (values - mean).square().mean((1, 2, 3), keepdim=True)
    normal = (values - mean) / (variance + 1e-5).sqrt()
    return [hc.as_hypercomplex(g, algebra) for g in normal.unbind(1)]


def normalized(norm: Any, gates: list[list[Any]], algebra: hc.Algebra) -> list[list[Any]]:
    """`gates[t][g]` by a real norm over folded features, of all times at once."""
    if norm is None:
        return gates
    rows = torch.cat([torch.cat([folded(g) for g in step], -1) for step in gates])
    real = norm(rows).chunk(len(gates))
    n = algebra.dimension
    return [
        [
            hc.as_hypercomplex(g.unflatten(-1, (n, -1)).movedim(-2, -1), algebra)
            for g in step.chunk(2, -1)
        ]
        for step in real
    ]


def twin(kind: str, layer: Any, x: Any, states: Any) -> tuple[Any, Any]:
    """The equations on typed tensors, in a Python loop: sequences `(L, N, I)` and all states."""
    algebra, gates = layer.algebra, layer.gates
    hs, cs = states if kind == "LSTM" else (states, None)
    ends = []
    steps = list(x.unbind(0))
    index = 0
    for number in range(layer.num_layers):
        outputs = []
        for suffix in ("", "_reverse")[: layer.num_directions]:
            parameters = {
                name: [
                    hc.as_hypercomplex(gate, algebra)
                    for gate in getattr(layer, f"{name}_l{number}{suffix}").chunk(gates)
                ]
                if hasattr(layer, f"{name}_l{number}{suffix}")
                else None
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            }

            def affine(name: str, v: Any, p: Any = parameters) -> list[Any]:
                products = [times(w, v, layer.side) for w in p[f"weight_{name}"]]
                if p[f"bias_{name}"] is None:
                    return products
                return [y + b for y, b in zip(products, p[f"bias_{name}"], strict=True)]

            norm = layer.norms[index] if getattr(layer, "norms", None) is not None else None
            inputs = normalized(norm, [affine("ih", v) for v in steps], algebra)
            h, c = hs[index], cs[index] if cs is not None else None
            output = []
            for t in reversed(range(len(steps))) if suffix else range(len(steps)):
                h, c = STEPS[kind](inputs[t], affine("hh", h), h, c, layer)
                output.append(h)
            outputs.append(output[::-1] if suffix else output)
            ends.append((h, c))
            index += 1
        steps = [torch.cat(pair, -1) for pair in zip(*outputs, strict=True)]
    h_n = torch.stack([h for h, _ in ends])
    if kind == "LSTM":
        return torch.stack(steps), (h_n, torch.stack([c for _, c in ends]))
    return torch.stack(steps), h_n


@every_telling_algebra
@every_kind
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_layer_is_its_equations(algebra: hc.Algebra, kind: str, side: str) -> None:
    layer = make(kind, algebra, num_layers=2, bidirectional=True, side=side)
    x, states = sequence(algebra, L, N, I), states_of(kind, algebra, 4)
    with torch.no_grad():
        expected = twin(kind, layer, x, states)
        typed = layer(x, states)
        plain = layer(folded(x), each(folded, states))
    close(typed, expected)
    close(plain, (folded(typed[0]), each(folded, typed[1])))


@every_torch_kind
@pytest.mark.parametrize("bias", [True, False])
def test_the_loop_is_the_kernel(kind: str, bias: bool) -> None:
    layer = make(kind, num_layers=2, bidirectional=True, batch_first=True, bias=bias)
    loop = copy.deepcopy(layer)
    loop.fused = False
    x = torch.randn(N, L, 4 * I, dtype=torch.float64, requires_grad=True)
    results = []
    for module in (layer, loop):
        output, state = module(x)
        loss = output.square().sum() + sum(s.sum() for s in each(torch.sin, state))
        grads = torch.autograd.grad(loss, [x, *module.parameters()])
        results.append((output, state, grads))
    close(*results)


def test_relu_networks() -> None:
    layer = make("RNN", nonlinearity="relu", num_layers=2)
    x, h0 = sequence(hc.QUATERNION, L, N, I), states_of("RNN", hc.QUATERNION, 2)
    close(layer(x, h0), twin("RNN", layer, x, h0))
    close(layer.to_real()(folded(x), folded(h0)), layer(folded(x), folded(h0)))


@pytest.mark.parametrize("normalization", ["batchnorm", "layernorm", "none"])
@pytest.mark.parametrize("stabilized", [False, True])
@pytest.mark.parametrize("nonlinearity", ["relu", "tanh", "sin"])
def test_ligru_variants(normalization: str, stabilized: bool, nonlinearity: str) -> None:
    layer = make(
        "LiGRU",
        num_layers=2,
        bidirectional=True,
        normalization=normalization,
        stabilized=stabilized,
        nonlinearity=nonlinearity,
    )
    x, h0 = sequence(hc.QUATERNION, L, N, I), states_of("LiGRU", hc.QUATERNION, 4)
    close(copy.deepcopy(layer)(x, h0), twin("LiGRU", copy.deepcopy(layer), x, h0))
    layer(x, h0)  # the first batch moves running statistics
    layer.eval()
    close(layer(x, h0), twin("LiGRU", layer, x, h0))


def test_batch_statistics_are_those_of_time_and_batch() -> None:
    layer = make("LiGRU", normalization="batchnorm")
    x = torch.randn(L, N, 4 * I, dtype=torch.float64)
    layer(x)
    gates = torch.nn.functional.linear(
        x.flatten(0, 1), hc.lowering.gate_matrix(layer.weight_ih_l0, hc.QUATERNION.product, 2)
    )
    close(layer.norms[0].running_mean, 0.1 * gates.mean(0))


def test_stabilized_gradients_stay_small() -> None:
    """A state that grows by half at every step, unless what comes back is normalised."""
    norms = []
    for stabilized in (False, True):
        layer = make("LiGRU", stabilized=stabilized)
        with torch.no_grad():
            layer.weight_hh_l0.zero_()
            layer.weight_hh_l0[H:, :, 0] = 2 * torch.eye(H)
        output, _ = layer(torch.rand(100, N, 4 * I, dtype=torch.float64))
        norms.append(torch.autograd.grad(output[-1].sum(), layer.weight_ih_l0)[0].norm())
    assert norms[0] > 1e12
    assert norms[1] < 1e3


# ---------------------------------------------------------------------- against torch


@every_torch_kind
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_over_the_reals_a_layer_is_torchs(kind: str, dtype: torch.dtype, bias: bool) -> None:
    options: dict[str, Any] = {"num_layers": 2, "bidirectional": True, "batch_first": True}
    options |= {"bias": bias, "dtype": dtype}
    stock = getattr(torch.nn, kind)(I, H, **options)
    layer = getattr(hc.nn, kind)(I, H, algebra=hc.REAL, **options)
    layer.load_state_dict({k: v.unsqueeze(-1) for k, v in stock.state_dict().items()})
    x = torch.randn(N, L, I, dtype=dtype)
    expected, got = stock(x), layer(x)
    assert torch.equal(got[0], expected[0])
    for a, b in zip(got[1], expected[1], strict=True):
        assert torch.equal(a, b)


@every_torch_kind
def test_over_the_reals_a_cell_is_torchs(kind: str) -> None:
    stock = getattr(torch.nn, f"{kind}Cell")(I, H, dtype=torch.float64)
    cell = getattr(hc.nn, f"{kind}Cell")(I, H, algebra=hc.REAL, dtype=torch.float64)
    cell.load_state_dict({k: v.unsqueeze(-1) for k, v in stock.state_dict().items()})
    x, states = torch.randn(N, I, dtype=torch.float64), folded(sequence(hc.REAL, N, H))
    hx = (states, states.cos()) if kind == "LSTM" else states
    close(cell(x, hx), stock(x, hx))
    close(cell(x), stock(x))


@every_telling_algebra
@every_torch_kind
@pytest.mark.parametrize("bidirectional", [False, True])
def test_to_real(algebra: hc.Algebra, kind: str, bidirectional: bool) -> None:
    layer = make(kind, algebra, num_layers=2, bidirectional=bidirectional)
    real = layer.to_real()
    assert type(real) is getattr(torch.nn, kind)
    x = folded(sequence(algebra, L, N, I))
    states = each(folded, states_of(kind, algebra, 4 if bidirectional else 2))
    output, ends = layer(x, states)
    real_output, real_ends = real(x, states)
    close(ends, real_ends)
    n = algebra.dimension
    if bidirectional:  # [forward folded | backward folded] to component-major
        directions = [half.unflatten(-1, (n, H)) for half in real_output.chunk(2, -1)]
        real_output = torch.cat(directions, -1).flatten(-2)
    close(output, real_output)


@every_torch_kind
def test_to_real_keeps_every_option(kind: str) -> None:
    options: dict[str, Any] = {"num_layers": 2, "bias": False, "batch_first": True, "dropout": 0.25}
    layer = make(kind, bidirectional=True, **options).eval()
    state = torch.get_rng_state()
    real = layer.to_real()
    assert torch.equal(torch.get_rng_state(), state)
    for name, value in {**options, "bidirectional": True, "training": False}.items():
        assert getattr(real, name) == value
    assert real.weight_ih_l0.dtype == torch.float64
    assert real.weight_ih_l0.requires_grad
    assert real.weight_ih_l0.untyped_storage().data_ptr() != layer.weights[0].data_ptr()
    meta = getattr(hc.nn, kind)(I, H, algebra=hc.COMPLEX, device="meta").to_real()
    assert meta.weight_hh_l0.is_meta
    single = getattr(hc.nn, kind)(I, H, algebra=hc.COMPLEX, side="right")
    x = torch.randn(L, N, 2 * I)
    assert torch.equal(single.to_real()(x)[0], single(x)[0])


@every_telling_algebra
@every_torch_kind
@pytest.mark.parametrize("bias", [True, False])
def test_cells_to_real(algebra: hc.Algebra, kind: str, bias: bool) -> None:
    cell = randomized(
        getattr(hc.nn, f"{kind}Cell")(
            I, H, algebra=algebra, side="right", bias=bias, dtype=torch.float64
        )
    )
    x, states = folded(sequence(algebra, N, I)), states_of(kind, algebra, 1)
    hx = each(lambda s: folded(s[0]), states)
    real = cell.to_real()
    assert type(real) is getattr(torch.nn, f"{kind}Cell")
    close(cell(x, hx), real(x, hx))


# ---------------------------------------------------------------------- forms of the input


@every_kind
@both_ways
def test_packed_sequences_are_single_ones(kind: str, fused: bool) -> None:
    layer = make(kind, num_layers=2, bidirectional=True, fused=fused)
    lengths = [2, 4, 1]
    x = torch.randn(max(lengths), len(lengths), 4 * I, dtype=torch.float64)
    states = each(folded, states_of(kind, hc.QUATERNION, 4))
    packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    output, ends = layer(packed, states)
    padded, back = pad_packed_sequence(output)
    assert back.tolist() == lengths
    for b, length in enumerate(lengths):
        alone, end = layer(x[:length, b], each(lambda s, b=b: s[:, b], states))
        close(padded[:length, b], alone)
        close(each(lambda s, b=b: s[:, b], ends), end)


@every_kind
def test_packed_in_falling_order(kind: str) -> None:
    layer = make(kind, batch_first=True)
    x = torch.randn(2, 3, 4 * I, dtype=torch.float64)
    output, ends = layer(pack_padded_sequence(x, torch.tensor([3, 2]), batch_first=True))
    padded, _ = pad_packed_sequence(output, batch_first=True)
    close(padded[0], layer(x[0])[0])
    close(padded[1, :2], layer(x[1, :2])[0])
    assert each(lambda s: s.shape, ends) == each(lambda s: s.shape, layer(x)[1])


def test_padding_is_no_part_of_batch_statistics() -> None:
    layer = make("LiGRU", normalization="batchnorm")
    x = torch.randn(4, 2, 4 * I, dtype=torch.float64)
    x[2:, 1] = 1e6
    layer(pack_padded_sequence(x, torch.tensor([4, 2])))
    assert layer.norms[0].running_mean.abs().max() < 10


@every_kind
@both_ways
def test_streaming_is_one_pass(kind: str, fused: bool) -> None:
    options = {"normalization": "batchnorm"} if kind == "LiGRU" else {}
    layer = make(kind, num_layers=2, fused=fused, **options).eval()
    x, states = sequence(hc.QUATERNION, 5, N, I), None
    chunks = []
    for chunk in (x[:2], x[2:3], x[3:]):
        output, states = layer(chunk, states)
        chunks.append(output)
    close((torch.cat(chunks), states), layer(x))


@every_kind
@pytest.mark.parametrize("batch_first", [False, True])
def test_one_sequence_without_a_batch(kind: str, batch_first: bool) -> None:
    layer = make(kind, num_layers=2, bidirectional=True, batch_first=batch_first)
    batch = 0 if batch_first else 1
    x, states = sequence(hc.QUATERNION, L, I), states_of(kind, hc.QUATERNION, 4, batch=1)
    output, ends = layer(x, each(lambda s: s.squeeze(1), states))
    expected = layer(x.unsqueeze(batch), states)
    close((output, ends), (expected[0].squeeze(batch), each(lambda s: s.squeeze(1), expected[1])))


@every_kind
def test_missing_states_are_zero_and_batch_first_moves_axes(kind: str) -> None:
    layer = make(kind, num_layers=2, bidirectional=True)
    other = make(kind, num_layers=2, bidirectional=True, batch_first=True)
    other.load_state_dict(layer.state_dict())
    x, states = sequence(hc.QUATERNION, L, N, I), states_of(kind, hc.QUATERNION, 4)
    output, ends = layer(x, each(lambda s: s * 0, states))
    close((output, ends), layer(x))
    close((output.transpose(0, 1), ends), other(x.transpose(0, 1)))


@every_kind
def test_an_empty_batch(kind: str) -> None:
    layer = make(kind)
    for module in (layer, make(kind, fused=False)):
        assert module(torch.empty(L, 0, 4 * I, dtype=torch.float64))[0].shape == (L, 0, 4 * H)


@every_telling_algebra
@every_kind
def test_cells_step_by_step_are_the_layer(algebra: hc.Algebra, kind: str) -> None:
    layer = make(kind, algebra, side="right")
    options = {"normalization": layer.normalization} if kind == "LiGRU" else {}
    cell = getattr(hc.nn, f"{kind}Cell")(
        I, H, algebra=algebra, side="right", dtype=torch.float64, **options
    )
    renamed = {
        k.replace("norms.0", "norm").removesuffix("_l0"): v for k, v in layer.state_dict().items()
    }
    cell.load_state_dict(renamed)
    x = sequence(algebra, L, N, I)
    for input in (x, folded(x)):
        states, hs = None, []
        for step in input:
            states = cell(step, states)
            hs.append(states[0] if kind == "LSTM" else states)
        output, ends = layer(input)
        close(torch.stack(hs), output)
        close(states, each(lambda s: s[0], ends))
    close(each(lambda s: s[0], cell(x[0])), cell(x[0, 0]))  # without a batch


# ---------------------------------------------------------------------- dropout


HEIGHTS = {  # of a state that is dropped, or kept and doubled, where it meets U
    "RNN": ([1, 1, 1], [1, 3, 7]),
    "LiGRU": ([0.5, 0.75, 0.875], [0.5, 1.25, 2.375]),
}


@pytest.mark.parametrize("kind", ["RNN", "LiGRU"])
def test_recurrent_dropout_drops_the_same_whole_numbers_at_every_step(kind: str) -> None:
    """With U = 1, W = 0 and b = 1 the state tells by its height whether it was dropped."""
    options: dict[str, Any] = {"nonlinearity": "relu", "recurrent_dropout": 0.5}
    if kind == "LiGRU":
        options["normalization"] = "none"
    numbers = 50
    layer = getattr(hc.nn, f"Quaternion{kind}")(1, numbers, **options)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        layer.weight_hh_l0[-numbers:, :, 0] = torch.eye(numbers)
        layer.bias_ih_l0[-numbers:] = 1
    output, _ = layer(torch.zeros(3, 2, 4))
    states = output.unflatten(-1, (4, numbers))
    assert torch.equal(states, states[:, :, :1].expand_as(states))  # numbers drop whole
    dropped, kept = (
        ([1, 1, 1], [1, 3, 7]) if kind == "RNN" else ([0.5, 0.75, 0.875], [0.5, 1.25, 2.375])
    )
    histories = states[:, :, 0].flatten(1).T
    is_dropped = (histories == torch.tensor(dropped)).all(-1)
    is_kept = (histories == torch.tensor(kept)).all(-1)
    assert bool((is_dropped ^ is_kept).all())
    assert 20 < is_dropped.sum() < 80
    assert not torch.equal(states[2, 0], states[2, 1])  # each sequence its own
    layer.eval()
    assert bool((layer(torch.zeros(3, 2, 4))[0] == layer(torch.zeros(3, 2, 4))[0][..., :1]).all())


@every_kind
def test_recurrent_dropout_runs_everywhere(kind: str) -> None:
    layer = make(kind, num_layers=2, bidirectional=True, recurrent_dropout=0.5)
    x = torch.randn(L, N, 4 * I, dtype=torch.float64)
    first, _ = layer(x)
    assert not torch.allclose(first, layer(x)[0])
    packed = pack_padded_sequence(x, torch.tensor([4, 3, 1]))
    layer(packed)[0].data.sum().backward()
    assert all(p.grad.isfinite().all() for p in layer.parameters())
    layer.eval()
    assert torch.equal(layer(x)[0], layer(x)[0])


@every_kind
@both_ways
def test_dropout_acts_between_layers(kind: str, fused: bool) -> None:
    """All dropped, the second layer sees zeros."""
    layer = make(kind, num_layers=2, dropout=1.0, fused=fused)
    upper = make(kind, fused=fused)
    second = {k: v for k, v in layer.state_dict().items() if "_l1" in k or "norms.1" in k}
    second["weight_ih_l1"] = second["weight_ih_l1"][:, :I]  # they meet zeros
    upper.load_state_dict(
        {k.replace("norms.1", "norms.0").replace("_l1", "_l0"): v for k, v in second.items()}
    )
    zeros = torch.zeros(L, N, 4 * I, dtype=torch.float64)
    x = torch.randn(L, N, 4 * I, dtype=torch.float64)
    close(layer(x)[0], upper(zeros)[0])
    assert not torch.allclose(layer.eval()(x)[0], upper(zeros)[0])


# ---------------------------------------------------------------------- gradients


@pytest.mark.parametrize("kind", ["LSTM", "LiGRU"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_gradients(kind: str, bidirectional: bool) -> None:
    layer = getattr(hc.nn, kind)(
        1, 1, algebra=hc.COMPLEX, bidirectional=bidirectional, dtype=torch.float64,
        **({"nonlinearity": "tanh", "normalization": "layernorm"} if kind == "LiGRU" else {}),
    )  # fmt: skip
    names = [name for name, _ in layer.named_parameters()]

    def run(x: Tensor, *parameters: Tensor) -> Tensor:
        state = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(layer, state, x)[0]

    x = torch.randn(2, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(run, (x, *layer.parameters()))


@every_kind
@both_ways
def test_double_backward(kind: str, fused: bool) -> None:
    """On a CPU torch's kernels can be differentiated twice as well; cuDNN's cannot."""
    options = {"nonlinearity": "tanh"} if kind == "LiGRU" else {}
    layer = getattr(hc.nn, kind)(1, 1, algebra=hc.COMPLEX, dtype=torch.float64, **options)
    if kind != "LiGRU":
        layer.fused = fused
    x = torch.randn(2, 2, 2, dtype=torch.float64, requires_grad=True)
    w = layer.weight_hh_l0.detach().requires_grad_()

    def run(x: Tensor, w: Tensor) -> Tensor:
        return torch.func.functional_call(layer, {"weight_hh_l0": w}, x)[0]

    assert torch.autograd.gradgradcheck(run, (x, w), fast_mode=True)


def test_double_backward_in_single_precision() -> None:
    """Torch's LSTM runs on oneDNN in float32, and on its own kernels in float64."""
    grads = []
    for dtype in (torch.float32, torch.float64):
        torch.manual_seed(0)
        layer = hc.nn.QuaternionLSTM(I, H).to(dtype)
        x = torch.randn(L, N, 4 * I).to(dtype).requires_grad_()
        (first,) = torch.autograd.grad(layer(x)[0].square().sum(), x, create_graph=True)
        grads.append(torch.autograd.grad(first.square().sum(), layer.weight_hh_l0)[0])
    torch.testing.assert_close(grads[0].double(), grads[1], rtol=1e-3, atol=1e-5)


# ---------------------------------------------------------------------- parameters


@every_kind
def test_initialisation_is_per_gate(kind: str) -> None:
    layer = getattr(hc.nn, kind)(60, 40, algebra=hc.QUATERNION)
    g = layer.gates
    for name, inputs in (("weight_ih_l0", 60), ("weight_hh_l0", 40)):
        weight = getattr(layer, name).detach()
        assert weight.shape == (g * 40, inputs, 4)
        expected = init.mean_squared_modulus((40, inputs, 4))
        for gate in weight.chunk(g):
            assert abs(gate.square().sum(-1).mean() / expected - 1) < 0.1
    biases = [p for name, p in layer.named_parameters() if name.startswith("bias")]
    assert all(not b.any() for b in biases)
    assert len(biases) == (0 if kind == "LiGRU" else 2)


@pytest.mark.parametrize("name", [*KINDS, *(f"{kind}Cell" for kind in KINDS)])
def test_reset_parameters_draws_from_the_generator(name: str) -> None:
    layer = getattr(hc.nn, f"Quaternion{name}")(I, H)
    fresh = copy.deepcopy(layer)
    for norm in layer.modules():
        if norm is not layer and isinstance(norm, torch.nn.BatchNorm1d):
            torch.nn.init.normal_(norm.weight)
    state = torch.get_rng_state()
    for module in (layer, fresh):
        module.reset_parameters(torch.Generator().manual_seed(3))
    assert torch.equal(torch.get_rng_state(), state)
    for a, b in zip(layer.state_dict().values(), fresh.state_dict().values(), strict=True):
        assert torch.equal(a, b)


@every_torch_kind
def test_parameters_have_torchs_names_and_order(kind: str) -> None:
    options = {"num_layers": 2, "bidirectional": True}
    stock = getattr(torch.nn, kind)(I, H, **options)
    layer = getattr(hc.nn, kind)(I, H, algebra=hc.OCTONION, **options)
    shapes = {k: (*v.shape, 8) for k, v in stock.named_parameters()}
    assert {k: tuple(v.shape) for k, v in layer.named_parameters()} == shapes
    assert list(shapes) == [k for k, _ in layer.named_parameters()]


def test_published_parameter_counts() -> None:
    """Copy task: 8 real inputs, one bias in each gate, a real readout of 9 classes."""

    def count(layer: torch.nn.Module, width: int) -> int:
        modules = (layer, torch.nn.Linear(width, 9))
        named = [p for m in modules for p in m.named_parameters()]
        return sum(p.numel() for name, p in named if not name.startswith("bias_hh"))

    assert count(hc.nn.LSTM(8, 40, algebra=hc.REAL), 40) == 8209
    assert count(hc.nn.QuaternionLSTM(2, 20), 80) == 8089


@pytest.mark.parametrize("name", [*KINDS, *(f"{kind}Cell" for kind in KINDS)])
def test_state_dict_both_ways_and_copies(name: str) -> None:
    layer, other = (getattr(hc.nn, f"Quaternion{name}")(I, H).eval() for _ in range(2))
    x = torch.randn(N, 4 * I) if name.endswith("Cell") else torch.randn(L, N, 4 * I)
    expected = first(layer(x)).clone()
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(first(other(x)), expected)
    twin_layer = copy.deepcopy(layer)
    with torch.no_grad():
        layer.weight_ih.zero_() if name.endswith("Cell") else layer.weight_ih_l0.zero_()
    assert torch.equal(first(twin_layer(x)), expected)
    assert not torch.equal(first(layer(x)), expected)


def first(x: Any) -> Tensor:
    return first(x[0]) if isinstance(x, tuple) else x


@pytest.mark.parametrize("name", [*KINDS, *(f"{kind}Cell" for kind in KINDS)])
def test_device_and_dtype(name: str) -> None:
    layer = getattr(hc.nn, f"Quaternion{name}")(I, H, device="meta", dtype=torch.bfloat16)
    assert all(p.is_meta for p in layer.parameters())
    assert all(p.dtype == torch.bfloat16 for p in layer.parameters())
    shape = (N, 4 * I) if name.endswith("Cell") else (L, N, 4 * I)
    output = first(layer(torch.empty(shape, device="meta", dtype=torch.bfloat16)))
    assert output.is_meta
    assert output.shape == (*shape[:-1], 4 * H)
    assert output.dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (
            lambda: hc.nn.LSTM(2, 3, 2, dropout=0.5, side="right", fused=False, algebra=hc.COMPLEX),
            "LSTM(2, 3, num_layers=2, dropout=0.5, fused=False, algebra=COMPLEX, side='right')",
        ),
        (
            lambda: hc.nn.RNN(2, 3, recurrent_dropout=0.5, algebra=hc.REAL),
            "RNN(2, 3, nonlinearity='tanh', recurrent_dropout=0.5, algebra=REAL)",
        ),
        (
            lambda: hc.nn.LSTMCell(2, 3, bias=False, side="right", algebra=hc.REAL),
            "LSTMCell(2, 3, bias=False, algebra=REAL, side='right')",
        ),
    ],
)
def test_repr(layer: Any, text: str) -> None:
    assert repr(layer()) == text


# ---------------------------------------------------------------------- compilers and precisions


@every_kind
def test_compiled_in_one_graph(kind: str, backend: str) -> None:
    layer = getattr(hc.nn, f"Quaternion{kind}")(1, 2, bidirectional=True)
    compiled = torch.compile(layer, fullgraph=True, backend=backend)
    x = torch.randn(2, 2, 4)
    results = []
    for run in (layer, compiled):
        layer.zero_grad()
        output, state = run(x)
        (output.square().sum() + first(state).sum()).backward()
        results.append((output, first(state), *(p.grad.clone() for p in layer.parameters())))
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["LSTM", "LiGRU"])
def test_typed_tensors_compiled(kind: str, backend: str) -> None:
    layer = getattr(hc.nn, f"Quaternion{kind}")(1, 1).eval()
    compiled = torch.compile(layer, fullgraph=True, backend=backend)
    x = hc.QuaternionTensor(torch.randn(2, 2, 1, 4))
    with torch.no_grad():
        output, expected = compiled(x)[0], layer(x)[0]
    assert type(output) is hc.QuaternionTensor
    torch.testing.assert_close(output.components, expected.components, rtol=1e-4, atol=1e-5)


@every_kind
def test_exported(kind: str) -> None:
    layer = getattr(hc.nn, f"Quaternion{kind}")(I, H).eval()
    x = torch.randn(2, N, 4 * I)
    program = torch.export.export(layer, (x,))
    torch.testing.assert_close(program.module()(x)[0], layer(x)[0])


@every_kind
@both_ways
@half
def test_autocast(kind: str, fused: bool, dtype: torch.dtype) -> None:
    options = {} if kind == "LiGRU" else {"fused": fused}
    layer = getattr(hc.nn, f"Quaternion{kind}")(I, H, num_layers=2, bidirectional=True, **options)
    x = torch.randn(L, N, 4 * I)
    expected, _ = layer(x)
    for input in (x, hc.QuaternionTensor(x.unflatten(-1, (4, I)).movedim(-2, -1))):
        with torch.autocast("cpu", dtype):
            output, ends = layer(input)
        if isinstance(output, hc.QuaternionTensor):
            output = folded(output)
        output.float().sum().backward()
        torch.testing.assert_close(output.float(), expected, rtol=0.05, atol=0.05)
        assert all(p.grad.isfinite().all() for p in layer.parameters())
        if kind == "LSTM":  # torch's own, where the CPU has a kernel for it
            assert {output.dtype, *(s.dtype for s in ends)} == {dtype}


@half
def test_an_lstm_under_autocast_is_one_in_single_precision_on_every_cpu(dtype: torch.dtype) -> None:
    """Only the matrices and the result are rounded, whatever kernels the machine has."""
    layer = hc.nn.QuaternionLSTM(I, H, num_layers=2)
    x = torch.randn(L, N, 4 * I)
    with torch.autocast("cpu", dtype):
        output, _ = layer(x)
        lowered = hc.lowering.lower_gates(
            layer.weights, layer.algebra.product, 4, num_layers=2, bidirectional=False
        )
    real = layer.to_real()
    for parameter, matrix in zip(real.parameters(), lowered, strict=True):
        parameter.data = matrix.detach().float()
    assert torch.equal(output, real(x)[0].to(dtype))
    double = layer.double()
    with torch.autocast("cpu", dtype):  # which leaves float64 alone
        assert double(x.double())[0].dtype == torch.float64


@every_kind
@both_ways
@half
def test_half_precision(kind: str, fused: bool, dtype: torch.dtype) -> None:
    options: dict[str, Any] = (
        {"normalization": "layernorm"} if kind == "LiGRU" else {"fused": fused}
    )
    layer = getattr(hc.nn, f"Quaternion{kind}")(I, H, num_layers=2, **options)
    x = torch.randn(L, N, 4 * I)
    expected, _ = layer(x)
    output, ends = layer.to(dtype)(x.to(dtype))
    assert {output.dtype, *(s.dtype for s in ends)} == {dtype}
    torch.testing.assert_close(output.float(), expected, rtol=0.05, atol=0.05)
    output.sum().backward()
    assert all(p.grad.dtype == dtype and p.grad.isfinite().all() for p in layer.parameters())
    packed = pack_padded_sequence(x.to(dtype), torch.tensor([4, 3, 1]))
    assert layer(packed)[0].data.dtype == dtype


@every_kind
def test_mapped_and_differentiated_forward(kind: str) -> None:
    """Torch's kernels cannot be; the loop stands in for them."""
    layer = make(kind)
    xs = torch.randn(2, L, N, 4 * I, dtype=torch.float64)
    parameters = {name: p.detach() for name, p in layer.named_parameters()}

    def run(parameters: Any, x: Tensor) -> Tensor:
        return torch.func.functional_call(layer, parameters, x)[0]

    close(torch.vmap(lambda x: layer(x)[0])(xs), torch.stack([layer(x)[0] for x in xs]))
    many = {name: torch.stack((p, 2 * p)) for name, p in parameters.items()}
    expected = torch.stack(
        [run({name: p[i] for name, p in many.items()}, x) for i, x in enumerate(xs)]
    )
    close(torch.vmap(run)(many, xs), expected)
    _, tangent = torch.func.jvp(lambda x: run(parameters, x), (xs[0],), (xs[1],))
    nudged = (run(parameters, xs[0] + 1e-6 * xs[1]) - run(parameters, xs[0] - 1e-6 * xs[1])) / 2e-6
    torch.testing.assert_close(tangent, nudged, rtol=1e-6, atol=1e-8)
    with pytest.raises(ValueError, match="channels on axis -1"):
        torch.vmap(lambda x: layer(x)[0])(xs[..., 1:])


def test_autocast_lowers_everything_to_one_precision() -> None:
    """CuDNN refuses weights and biases of different types."""
    layer = hc.nn.QuaternionLSTM(I, H, num_layers=2)
    with torch.autocast("cpu", torch.bfloat16):
        lowered = hc.lowering.lower_gates(
            layer.weights, layer.algebra.product, layer.gates, num_layers=2, bidirectional=False
        )
    assert {w.dtype for w in lowered} == {torch.bfloat16}


@needs_gpu
@every_kind
def test_on_a_gpu(kind: str) -> None:
    layer = getattr(hc.nn, f"Quaternion{kind}")(I, H, num_layers=2, bidirectional=True).eval()
    x = torch.randn(L, N, 4 * I)
    expected, _ = layer(x)
    layer.cuda()
    output, _ = layer(x.cuda())
    torch.testing.assert_close(output.cpu(), expected, rtol=1e-3, atol=1e-3)
    with torch.autocast("cuda", torch.bfloat16):
        half, _ = layer(x.cuda())
    torch.testing.assert_close(half.float().cpu(), expected, rtol=0.1, atol=0.1)
    if kind != "LiGRU":
        real, _ = layer.to_real()(x.cuda())
        assert real.device == output.device


# ---------------------------------------------------------------------- errors

Q = hc.QUATERNION
TYPED = hc.QuaternionTensor(torch.zeros(L, N, I, 4))
PLAIN = torch.zeros(L, N, 4 * I)


@every_kind
def test_complex_tensors_are_told_how_to_enter(kind: str) -> None:
    layer = make(kind, hc.COMPLEX)
    z = torch.randn(L, N, I, dtype=torch.complex128)
    with pytest.raises(TypeError, match=r"as_hypercomplex\(torch.view_as_real\(input\)"):
        layer(z)
    output, _ = layer(hc.as_hypercomplex(torch.view_as_real(z), hc.COMPLEX))
    assert torch.view_as_complex(output.components.contiguous()).shape == (L, N, H)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: hc.nn.LSTM(0, 3, algebra=Q), ValueError, "`input_size` (=0)"),
        (lambda: hc.nn.LSTM(2, -1, algebra=Q), ValueError, "`hidden_size` (=-1)"),
        (lambda: hc.nn.LSTM(2, 3, 0, algebra=Q), ValueError, "`num_layers` (=0)"),
        (lambda: hc.nn.LSTM(2, 3, 2, dropout=1.5, algebra=Q), ValueError, "`dropout` (=1.5)"),
        (
            lambda: hc.nn.GRU(2, 3, recurrent_dropout=-1.0, algebra=Q),
            ValueError,
            "`recurrent_dropout` (=-1.0)",
        ),
        (lambda: hc.nn.LSTM(2, 3, algebra="Q"), TypeError, "`algebra` (='Q')"),
        (lambda: hc.nn.LSTM(2, 3, algebra=Q, side="up"), ValueError, "`side` (='up')"),
        (lambda: hc.nn.LSTMCell(2, 3, algebra="Q"), TypeError, "`algebra` (='Q')"),
        (
            lambda: hc.nn.RNN(2, 3, nonlinearity="sin", algebra=Q),
            ValueError,
            "`nonlinearity` (='sin')",
        ),
        (
            lambda: hc.nn.RNNCell(2, 3, nonlinearity="sin", algebra=Q),
            ValueError,
            "`nonlinearity` (='sin')",
        ),
        (
            lambda: hc.nn.LiGRU(2, 3, nonlinearity="cos", algebra=Q),
            ValueError,
            "`nonlinearity` (='cos')",
        ),
        (
            lambda: hc.nn.LiGRU(2, 3, normalization="group", algebra=Q),
            ValueError,
            "`normalization` (='group')",
        ),
        (lambda: hc.nn.QuaternionLSTM(2, 3)(PLAIN[..., 1:]), ValueError, "4·2 = 8 channels"),
        (lambda: hc.nn.QuaternionLiGRU(2, 3)(TYPED[..., 1:]), ValueError, "4·2 = 8 channels"),
        (lambda: hc.nn.QuaternionGRUCell(2, 3)(PLAIN[0, :, 1:]), ValueError, "4·2 = 8 channels"),
        (lambda: hc.nn.QuaternionLSTM(2, 3)(PLAIN[None]), ValueError, "must be a sequence (L, C)"),
        (lambda: hc.nn.QuaternionLSTM(2, 3)(PLAIN[0, 0]), ValueError, "must be a sequence (L, C)"),
        (lambda: hc.nn.QuaternionLSTM(2, 3)(TYPED[0, 0, 0]), ValueError, "has no axis of channels"),
        (lambda: hc.nn.QuaternionLSTM(2, 3)(PLAIN[:0]), ValueError, "no time steps on axis 0"),
        (
            lambda: hc.nn.QuaternionLiGRU(2, 3, batch_first=True)(PLAIN[:, :0]),
            ValueError,
            "no time steps on axis 1",
        ),
        (
            lambda: hc.nn.QuaternionGRU(2, 3)(PLAIN, torch.zeros(1, N + 1, 12)),
            ValueError,
            "`h0` of shape (1, 4, 12) must have the shape (1, 3, 12)",
        ),
        (
            lambda: hc.nn.QuaternionLSTM(2, 3)(
                PLAIN, (torch.zeros(1, N, 12), torch.zeros(2, N, 12))
            ),
            ValueError,
            "`c0` of shape (2, 3, 12)",
        ),
        (
            lambda: hc.nn.QuaternionGRUCell(2, 3)(PLAIN[0], torch.zeros(N, 11)),
            ValueError,
            "`h` of shape (3, 11)",
        ),
        (
            lambda: hc.nn.QuaternionLSTM(2, 3)(PLAIN, torch.zeros(1, N, 12)),
            TypeError,
            "`hx` must be a pair (h, c)",
        ),
        (
            lambda: hc.nn.LSTM(2, 3, algebra=hc.OCTONION)(TYPED),
            TypeError,
            "`algebra` (=OCTONION) is not that of a QuaternionTensor",
        ),
        (
            lambda: hc.nn.QuaternionGRU(2, 3)(TYPED, torch.zeros(1, N, 12)),
            TypeError,
            "must all be typed, or all be folded",
        ),
        (
            lambda: hc.nn.QuaternionLSTM(2, 3)(
                PLAIN, (torch.zeros(1, N, 12), hc.QuaternionTensor(torch.zeros(1, N, 3, 4)))
            ),
            TypeError,
            "must all be typed, or all be folded",
        ),
        (
            lambda: hc.functional.recurrent(
                PLAIN, None, None, hc.nn.QuaternionRNN(2, 3).weights, mode="srn", algebra=Q
            ),
            ValueError,
            "`mode` (='srn')",
        ),
        (
            lambda: hc.functional.recurrent(
                PLAIN,
                None,
                torch.zeros(1, N, 12),
                hc.nn.QuaternionGRU(2, 3).weights,
                mode="gru",
                algebra=Q,
            ),
            ValueError,
            "a cell state belongs to `mode`='lstm', not to 'gru'",
        ),
        (
            lambda: hc.functional.ligru(
                PLAIN, None, hc.nn.QuaternionLiGRU(2, 3).weights, nonlinearity="cos", algebra=Q
            ),
            ValueError,
            "`nonlinearity` (='cos')",
        ),
    ],
)
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        call()
    assert message in str(raised.value)


def test_dropout_of_a_single_layer_warns() -> None:
    with pytest.warns(UserWarning, match=r"`dropout` \(=0.5\) acts between layers"):
        hc.nn.QuaternionLSTM(2, 3, dropout=0.5)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU", "LiGRU"])
@pytest.mark.parametrize("batch_first", [False, True])
def test_lengths_hide_the_padding(kind: str, batch_first: bool) -> None:
    """Each sequence of a padded batch gives what it gives alone; the rest is zero."""
    net = getattr(hc.nn, kind)(
        2, 3, 2, bidirectional=True, batch_first=batch_first, algebra=hc.QUATERNION
    )
    net.double().eval()
    lengths = [4, 6, 1]
    x = torch.randn(3, 6, 8, dtype=torch.float64)
    padded = x if batch_first else x.transpose(0, 1)
    y, states = net(padded, lengths=torch.tensor(lengths))
    y = y if batch_first else y.transpose(0, 1)
    for i, length in enumerate(lengths):
        alone = x[i : i + 1, :length]
        expected, ends = net(alone if batch_first else alone.transpose(0, 1))
        torch.testing.assert_close(y[i, :length], expected.reshape(length, -1))
        assert not y[i, length:].any()
        pairs = zip(states, ends, strict=True) if kind == "LSTM" else [(states, ends)]
        for batch, one in pairs:
            torch.testing.assert_close(batch[:, i], one[:, 0])
    with pytest.raises(ValueError, match="`lengths` go with a padded batch"):
        net(x[0], lengths=lengths)
    q = hc.QuaternionTensor(padded.unflatten(-1, (4, 2)).movedim(-2, -1))
    typed, _ = net(q, lengths=lengths)
    y = y if batch_first else y.transpose(0, 1)
    torch.testing.assert_close(folded(typed), y)
    for wrong in ([4, 6], [4, 7, 1], [4, 6, 0]):
        for sequences in (padded, q):
            with pytest.raises(ValueError, match="`lengths`"):
                net(sequences, lengths=wrong)
    with pytest.raises(TypeError, match=r"`lengths` holds torch\.float32"):
        net(padded, lengths=torch.ones(3))


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_idioms_of_torchs_layers(kind: str) -> None:
    options: dict[str, Any] = {"num_layers": 2, "bidirectional": True, "bias": False}
    layer = getattr(hc.nn, kind)(2, 3, algebra=hc.COMPLEX, **options)
    stock = getattr(torch.nn, kind)(2, 3, **options)
    layer.flatten_parameters()
    assert layer.proj_size == stock.proj_size == 0
    assert [[len(p) for p in cell] for cell in layer.all_weights] == [
        [len(p) for p in cell] for cell in stock.all_weights
    ]
    assert layer.all_weights[3][1] is layer.weight_hh_l1_reverse
    hc.nn.QuaternionLiGRU(2, 3).flatten_parameters()


def test_states_are_not_projected() -> None:
    assert hc.nn.QuaternionLSTM(2, 3, proj_size=0).proj_size == 0
    with pytest.raises(ValueError, match=r"`proj_size` \(=2\) must be 0"):
        hc.nn.QuaternionLSTM(2, 3, proj_size=2)
