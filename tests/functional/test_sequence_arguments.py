"""What does not fit is refused before a kernel sees it: torch's kernels for sequences do not look."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence

import hypercomplex as hc
import hypercomplex.compat.speechbrain as sb
from hypercomplex import functional

L, N, I, H = 3, 3, 2, 2  # noqa: E741
GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1, "ligru": 2}
SIZES = [3, 3, 1]  # of the steps of packed sequences


class Call:
    """The arguments of one network that fit each other."""

    def __init__(
        self, mode: str, algebra: hc.Algebra, layers: int, both: bool, bias: bool, packed: bool
    ) -> None:
        n, directions = algebra.dimension, 2 if both else 1
        rows, biases = GATES[mode] * H, bias * (1 if mode == "ligru" else 2)
        self.mode, self.algebra = mode, algebra
        self.options = {"num_layers": layers, "bidirectional": both}
        self.tensors: dict[str, Tensor] = {}
        for layer in range(layers):
            for _ in range(directions):
                width = directions * H if layer else I
                shapes = [(rows, width, n), (rows, H, n), *[(rows, n)] * biases]
                for shape in shapes:
                    self.tensors[f"weights[{len(self.tensors)}]"] = torch.randn(shape)
        states = ("h0", "c0") if mode == "lstm" else ("h0",)
        for name in states:
            self.tensors[name] = torch.randn(layers * directions, N, n * H)
        lead = (sum(SIZES),) if packed else (L, N)
        self.tensors["input"] = torch.randn(*lead, n * I)
        if packed:
            self.tensors["batch_sizes"] = torch.tensor(SIZES)

    def run(self, **changed: Any) -> tuple[Tensor, ...]:
        named = self.tensors | changed
        weights = [x for name, x in named.items() if name.startswith("weights")]
        options = {"algebra": self.algebra, "batch_sizes": named.get("batch_sizes"), **self.options}
        if self.mode == "ligru":
            return functional.ligru(named["input"], named["h0"], weights, **options)
        states = (named["h0"], named.get("c0"))
        return functional.recurrent(named["input"], *states, weights, mode=self.mode, **options)


calls = st.builds(
    Call,
    st.sampled_from(list(GATES)),
    st.sampled_from([hc.REAL, hc.QUATERNION]),
    st.sampled_from([1, 2]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(calls, st.data())
def test_one_wrong_size_is_an_error(call: Call, data: st.DataObject) -> None:
    """Of any argument, on any axis (another number of steps is no mistake)."""
    assert all(x.isfinite().all() for x in call.run())
    name = data.draw(st.sampled_from(list(call.tensors)))
    right = call.tensors[name]
    free = name == "input" and right.ndim == 3
    axis = data.draw(st.integers(1 if free else 0, right.ndim - 1))
    size = data.draw(st.integers(0, 2 * right.shape[axis] + 1).filter(right.shape[axis].__ne__))
    shape = [*right.shape[:axis], size, *right.shape[axis + 1 :]]
    with pytest.raises(ValueError, match=r"`(weights|input|h0|c0|batch_sizes)"):
        call.run(**{name: torch.ones(shape, dtype=right.dtype)})


@given(calls, st.data())
def test_one_wrong_rank_is_an_error(call: Call, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(call.tensors)))
    right = call.tensors[name]
    wrong = right.unsqueeze(0) if data.draw(st.booleans()) else right[0]
    if name == "input" and wrong.ndim == 2:  # one sequence, for which the states are too many
        wrong = wrong[..., :-1]
    with pytest.raises(ValueError, match=r"`(weights|input|h0|c0|batch_sizes)"):
        call.run(**{name: wrong})


@given(calls, st.data())
def test_one_wrong_type_or_device_is_an_error(call: Call, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(call.tensors)))
    dtypes = [torch.float64, torch.bfloat16, torch.int32]
    with pytest.raises(TypeError, match=r"` holds torch\."):
        call.run(**{name: call.tensors[name].to(data.draw(st.sampled_from(dtypes)))})
    with pytest.raises((ValueError, TypeError), match=r"` (lives on|holds torch.int64 on meta)"):
        call.run(**{name: call.tensors[name].to("meta")})


@pytest.mark.parametrize("mode", GATES)
@pytest.mark.parametrize(
    "sizes",
    [[], [7, 0], [3, 4], [3, -1, 5], [1] * 8, [8], [4, 4], [-7], [0, 7], [2, 2, 2, 2, -1]],
)
def test_wrong_batch_sizes_are_an_error(mode: str, sizes: list[int]) -> None:
    call = Call(mode, hc.QUATERNION, 1, False, True, True)
    del call.tensors["h0"]
    call.tensors.pop("c0", None)
    with pytest.raises(ValueError, match="`batch_sizes`"):
        call.run(h0=None, batch_sizes=torch.tensor(sizes, dtype=torch.int64))


@pytest.mark.parametrize("mode", GATES)
def test_batch_sizes_may_have_any_strides(mode: str) -> None:
    call = Call(mode, hc.QUATERNION, 1, False, True, True)
    apart = torch.tensor([[size, 2] for size in SIZES])[:, 0]
    for output, right in zip(call.run(batch_sizes=apart), call.run(), strict=True):
        assert torch.equal(output, right)


@pytest.mark.parametrize("mode", GATES)
def test_weights_are_counted(mode: str) -> None:
    call = Call(mode, hc.QUATERNION, 2, True, True, False)
    weights = [x for name, x in call.tensors.items() if name.startswith("weights")]
    for count in (0, 1, 2, len(weights) - 1, len(weights) + 1, 2 * len(weights)):
        call.tensors = {k: v for k, v in call.tensors.items() if not k.startswith("weights")}
        call.tensors |= {f"weights[{i}]": (weights * 2)[i] for i in range(count)}
        with pytest.raises(ValueError, match=rf"`weights` holds {count} tensors"):
            call.run()


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU", "LiGRU"])
def test_cells_refuse_what_would_broadcast(kind: str) -> None:
    """One column, one row or one sample too few would stretch in silence."""
    options = {"normalization": "none"} if kind == "LiGRU" else {}
    cell = getattr(hc.nn, f"Quaternion{kind}Cell")(I, H, **options)
    x = torch.randn(N, 4 * I)
    right = dict(cell.named_parameters())
    for name, parameter in right.items():
        for axis in range(parameter.ndim):
            wrong = {name: parameter.narrow(axis, 0, 1)}
            with pytest.raises(ValueError, match=r"`(weight|bias|input)"):
                torch.func.functional_call(cell, {**right, **wrong}, (x,))
        with pytest.raises(TypeError, match=r"holds torch\.float"):
            torch.func.functional_call(cell, {**right, name: parameter.double()}, (x,))
    h = torch.randn(1, 4 * H)
    with pytest.raises(ValueError, match="`h` of shape"):
        cell(x, (h, h) if kind == "LSTM" else h)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU", "LiGRU"])
@pytest.mark.parametrize("batch", [2, 4, 8])
def test_the_state_of_another_batch_is_no_state_of_packed_sequences(kind: str, batch: int) -> None:
    """Sequences are sorted, and their states with them: rows must not be picked from another."""
    layer = getattr(hc.nn, f"Quaternion{kind}")(I, H)
    packed = pack_sequence([torch.randn(k, 4 * I) for k in (2, 3, 1)], enforce_sorted=False)
    h = torch.randn(1, batch, 4 * H)
    with pytest.raises(ValueError, match=rf"`h0` of shape \(1, {batch}, 8\) must"):
        layer(packed, (h, h) if kind == "LSTM" else h)


def test_norms_are_counted() -> None:
    call = Call("ligru", hc.QUATERNION, 2, False, False, False)
    weights = [x for name, x in call.tensors.items() if name.startswith("weights")]
    norms = [torch.nn.Identity()]
    with pytest.raises(ValueError, match=r"`norms` holds 1 functions, .*: 2"):
        functional.ligru(
            call.tensors["input"], None, weights, norms, algebra=hc.QUATERNION, num_layers=2
        )
    norms.append(lambda gates: gates[:, :1])  # type: ignore[arg-type]
    with pytest.raises(
        ValueError, match=r"`norms\[1\]\(W x\)` of shape \(9, 1\) must have the shape"
    ):
        functional.ligru(
            call.tensors["input"], None, weights, norms, algebra=hc.QUATERNION, num_layers=2
        )


# ---------------------------------------------------------------------- SpeechBrain's names


@pytest.mark.parametrize("network", [sb.QRNN, sb.QLSTM, sb.QLiGRU])
@pytest.mark.parametrize("both", [False, True], ids=["forward", "both"])
@pytest.mark.parametrize("strict", [False, True])
def test_networks_of_the_compatible_names(network: Any, both: bool, strict: bool) -> None:
    def refuses() -> None:
        net = network(2, (3, 4, 8), num_layers=2, bidirectional=both)
        cells = 4 if both else 2
        x, h = torch.randn(3, 4, 8), torch.randn(cells, 3, 8)
        net(x, h)
        for shape in [(3, 4, 4), (3, 4, 80), (3, 0, 8), (4, 8), (3, 4, 8, 1), (8,)]:
            with pytest.raises(ValueError, match="`x` of shape"):
                net(torch.ones(shape))
        for shape in [(cells, 8, 8), (cells, 1, 8), (1, 3, 8), (cells, 3, 12), (3, 8), ()]:
            with pytest.raises(ValueError, match=r"`hx` of shape .* must have the shape"):
                net(x, torch.ones(shape))
        with pytest.raises(TypeError, match=r"`hx` holds torch\.complex64"):
            net(x, h + 0j)
        with pytest.raises(TypeError, match="`hx` is a tuple"):
            net(x, (h, h))
        with pytest.raises(ValueError, match="`x` lives on meta"):
            net(x.to("meta"), h)
        with pytest.raises(TypeError, match=r"`x` holds torch\.complex64"):
            net(x.to(torch.complex64))
        with pytest.raises(TypeError, match="`x` is a PackedSequence"):
            net(pack_sequence(list(x)))
        layer = net.rnn[0]
        with pytest.raises(ValueError, match=r"`x` of shape .* must have 8 entries on axis -1"):
            layer(torch.ones(2, 5, 12))
        with pytest.raises(ValueError, match="`hx` of shape"):
            layer(x, torch.ones(1, 8))
        wrong = {f"u.{name}_weight": torch.ones(2, 1) for name in "rijk"}
        with pytest.raises(ValueError, match="`u` of shape"):
            torch.func.functional_call(layer, wrong, (x,))

    if strict:
        with sb.strict():
            refuses()
    else:
        refuses()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sb.QBatchNorm(262), "`input_size` (=262) must be divisible by 4"),
        (lambda: sb.QBatchNorm(8)(torch.ones(3, 12)), "must have 8 entries on axis -1"),
        (lambda: sb.QBatchNorm(8, dim=1)(torch.ones(8, 4, 8)), "must have 8 entries on axis 1"),
        (lambda: sb.QBatchNorm(8).eval()(torch.ones(3, 1)), "`input` of shape (3, 1)"),
        (lambda: sb.QPooling2d("max", 2)(torch.ones(2, 4, 4, 10)), "divisible by 4"),
        (lambda: sb.QLinear(3, 10), "= 10: `input_shape` must end"),
        (lambda: sb.QLSTM(4, (2, 5, 10)), "for instance 12"),
        (lambda: sb.QLinear(3, 8)(torch.ones(2, 12)), "must have 8 entries on axis -1"),
        (lambda: sb.QLinear(3, 8, spinor=True)(torch.ones(2, 4)), "must have 8 entries"),
        (lambda: sb.QLinear(3, 8)(torch.ones(())), "`x` of shape ()"),
        (lambda: sb.QConv1d(3, 3, (2, 9, 8))(torch.ones(2, 9, 12)), "8 entries on axis -1"),
        (lambda: sb.QConv1d(3, 3, (2, 9, 8))(torch.ones(9, 8)), "must have 3 axes"),
        (
            lambda: sb.QConv2d(3, 3, (2, 8, 9, 9), skip_transpose=True)(torch.ones(2, 4, 9, 9)),
            "must have 8 entries on axis 1",
        ),
    ],
)
def test_layers_of_the_compatible_names(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


@pytest.mark.parametrize("layer", [hc.nn.QuaternionLinear(2, 2), hc.nn.QuaternionConv1d(2, 2, 1)])
@pytest.mark.parametrize("input", [None, [1.0] * 8, "x"])
def test_layers_take_tensors(layer: Any, input: Any) -> None:
    with pytest.raises(TypeError, match=r"`input` is a .*, but must be a tensor"):
        layer(input)


def test_rotations_of_scipy_are_asked_for() -> None:
    with pytest.raises(TypeError, match="`rotation` is a NoneType, but must be a Rotation"):
        hc.QuaternionTensor.from_scipy(None)
