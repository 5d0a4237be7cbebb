"""Layers that are written as an equation of numbers: ours in that form, and everything they get."""

import re
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.utils import rnn

import hypercomplex as hc
from hypercomplex.lowering import fold
from tests.cases import every_telling_algebra, numbers
from tests.project.test_docs import EXAMPLE

PAGE = Path(__file__).parents[2] / "docs/pages/own-layers.md"
OURS = {}  # the page's classes
for _example in EXAMPLE.findall(PAGE.read_text())[:4]:
    exec(compile(_example, str(PAGE), "exec"), OURS)

KINDS = {
    "RNN": hc.nn.RNN,
    "LSTM": hc.nn.LSTM,
    "GRU": hc.nn.GRU,
    "LiGRU": lambda *sizes, **options: hc.nn.LiGRU(*sizes, normalization="none", **options),
}
every_kind = pytest.mark.parametrize("kind", KINDS)
HIDDEN, LENGTHS = 3, [2, 5, 3]


def fill(written, fused, direction=""):
    """Give a written layer the weights of a fused one."""
    w, u, *biases = (getattr(fused, f"{n}_l0{direction}") for n in names(fused))
    with torch.no_grad():
        for bias in biases:
            bias.normal_()
        written.W.components.copy_(w)
        written.U.components.copy_(u)
        total = sum(biases)
        if hasattr(written, "a"):  # the bias of U h in the candidate of a GRU is gated
            total = torch.cat((total[: 2 * HIDDEN], biases[0][2 * HIDDEN :]))
            written.a.components.copy_(biases[1][2 * HIDDEN :, None])
        written.b.components.copy_(total[:, None])


def names(fused):
    given = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return [name for name in given if hasattr(fused, f"{name}_l0")]


def pair(kind, algebra, bidirectional=False, batch_first=False):
    """A layer as it is written, and the fused one, with equal weights."""
    options = {"bidirectional": bidirectional, "batch_first": batch_first, "algebra": algebra}
    fused = KINDS[kind](2, HIDDEN, **options).double()
    each = [
        OURS[kind](2, HIDDEN, hc.tensor_type(algebra), batch_first=batch_first).double()
        for _ in range(1 + bidirectional)
    ]
    for written, direction in zip(each, ("", "_reverse"), strict=False):
        fill(written, fused, direction)
    return hc.nn.Bidirectional(*each) if bidirectional else each[0], fused


def flat(answer):
    """All tensors of an answer."""
    if isinstance(answer, rnn.PackedSequence):
        return [answer.data]
    if isinstance(answer, tuple):
        return [x for each in answer for x in flat(each)]
    return [fold(answer.components, answer.ndim - 1)] if hasattr(answer, "components") else [answer]


def folded(algebra, *shape):
    return fold(numbers(algebra, *shape), len(shape) - 1)


@every_kind
@every_telling_algebra
def test_ours_in_that_form_are_the_fused_ones(kind, algebra):
    written, fused = pair(kind, algebra)
    x = folded(algebra, 5, 3, 2).requires_grad_()
    y, z = flat(written(x)), flat(fused(x))
    torch.testing.assert_close(y, z)
    typed = flat(written(hc.as_hypercomplex(x, algebra, folded=-1)))
    torch.testing.assert_close(typed, y)
    weights = [written.W, written.U, written.b], [getattr(fused, f"{n}_l0") for n in names(fused)]
    found = torch.autograd.grad(y[0].square().sum(), [x, *weights[0]])
    wanted = torch.autograd.grad(z[0].square().sum(), [x, *weights[1]])
    torch.testing.assert_close(found[0], wanted[0])
    for a, b in zip(found[1:3], wanted[1:3], strict=True):
        torch.testing.assert_close(a.components, b)


@every_kind
@pytest.mark.parametrize("bidirectional", [False, True])
def test_packed_with_lengths_and_both_ways(kind, bidirectional):
    written, fused = pair(kind, hc.QUATERNION, bidirectional, batch_first=True)
    x = folded(hc.QUATERNION, 3, 5, 2)
    states = tuple(folded(hc.QUATERNION, 1 + bidirectional, 3, HIDDEN) for _ in written.states)
    hx = states if len(states) > 1 else states[0]
    torch.testing.assert_close(flat(written(x, hx)), flat(fused(x, hx)))
    given = {"lengths": LENGTHS}
    torch.testing.assert_close(flat(written(x, hx, **given)), flat(fused(x, hx, **given)))
    packed = rnn.pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    torch.testing.assert_close(flat(written(packed, hx)), flat(fused(packed, hx)))
    torch.testing.assert_close(flat(written(x[0])), flat(fused(x[0])))


@every_kind
def test_pieces_of_a_stream(kind):
    written, _ = pair(kind, hc.QUATERNION)
    x, states, outputs = hc.QuaternionTensor(numbers(hc.QUATERNION, 7, 3, 2)), None, []
    for piece in (x[:1], x[1:4], x[4:]):
        y, states = written(piece, states)
        outputs.append(y)
    torch.testing.assert_close(flat((torch.cat(outputs), states)), flat(written(x)))


# ---------------------------------------------------------------------- the input's part, at once


class Counted(hc.nn.Recurrence):
    """`h = W x + h` with a weight of its own choice."""

    def __init__(self, step):
        super().__init__(2, 3)
        self.W = nn.Parameter(hc.QuaternionTensor(numbers(hc.QUATERNION, 3, 2)))
        self.equation = step

    def step(self, x, h):
        return self.equation(self, x, h)


def products(layer, x, monkeypatch):
    """How many columns each product of a weight had."""
    seen, home = [], sys.modules["hypercomplex.functional.matmul"]
    affine_rows, affine_columns = home.affine_rows, home.affine_columns

    def counted(rows, weight, *others):
        seen.append(len(rows) * len(weight) // 3)  # the larger of the two is the weight
        return affine_rows(rows, weight, *others)

    def counted_columns(columns, weight, product):
        seen.append(columns.shape[1] * len(weight) // 3)
        return affine_columns(columns, weight, product)

    with monkeypatch.context() as patch:
        patch.setattr(home, "affine_rows", counted)
        patch.setattr(home, "affine_columns", counted_columns)
        layer(x)
    return seen


def test_the_product_of_all_times_is_one(monkeypatch):
    x = hc.QuaternionTensor(numbers(hc.QUATERNION, 9, 4, 2))
    plain = Counted(lambda self, x, h: self.W @ x + h)
    assert products(plain, x, monkeypatch) == [4, 8 * 4]
    with torch.inference_mode():
        assert products(plain, x * 1, monkeypatch) == [4, 8 * 4]
    assert products(plain, x[:1], monkeypatch) == [4]
    both = hc.nn.Bidirectional(plain, plain)
    assert products(both, x, monkeypatch) == [4, 32, 4, 32]
    other = Counted(lambda self, x, h: self.W @ (2 * x) + h)
    assert products(other, x, monkeypatch) == [4] * 9
    new = Counted(lambda self, x, h: (2 * self.W) @ x + h)
    assert products(new, x, monkeypatch) == [4] * 9


def changes_weight(self, x, h):
    y = self.W @ x + h
    with torch.no_grad():
        self.W.mul_(0.5)
    return y


def changes_input(self, x, h):
    x.mul_(0.5)
    return self.W @ x + h


def looks_without_gradient(self, x, h):
    with torch.no_grad():
        y = self.W @ x
    return self.W @ x + h + 0 * y


@pytest.mark.parametrize("step", [changes_weight, changes_input, looks_without_gradient])
def test_no_stale_product_is_seen(step):
    """The literal loop is the twin: what happens in a step is seen in that step and after it."""
    layer, x = Counted(step), numbers(hc.QUATERNION, 6, 4, 2)
    weight, given = layer.W.detach().clone(), hc.QuaternionTensor(x.clone())
    h = hc.QuaternionTensor.zeros(3, 4, dtype=torch.float64)
    for each in given:
        h = step(layer, each.mT, h)
    wanted = h.components.detach()
    gradient = None
    if step is looks_without_gradient:
        h.components.sum().backward()
        gradient, layer.W.grad = layer.W.grad, None
    with torch.no_grad():
        layer.W.copy_(weight)
    _, h = layer(hc.QuaternionTensor(x.clone()))
    torch.testing.assert_close(h[0].mT.components, wanted)
    if gradient is not None:
        h.components.sum().backward()
        torch.testing.assert_close(layer.W.grad.components, gradient.components)


def test_under_transforms_and_compiled(backend):
    written, _ = pair("LSTM", hc.QUATERNION)
    x = folded(hc.QUATERNION, 3, 2, 2)
    run = lambda x: written(x)[0]
    y = run(x)
    assert torch.autograd.gradcheck(run, (x.requires_grad_(),), fast_mode=True)
    assert torch.autograd.gradgradcheck(run, (x,), fast_mode=True)
    mapped = torch.func.vmap(run)(torch.stack((x, 2 * x)).detach())
    torch.testing.assert_close(mapped, torch.stack((y, run(2 * x))))
    compiled = torch.compile(run, backend=backend, fullgraph=True)
    torch.testing.assert_close(compiled(x), y)


# ---------------------------------------------------------------------- equations


class Biased(hc.nn.Equation):
    def __init__(self, algebra):
        super().__init__(3)
        T = hc.tensor_type(algebra)
        self.W, self.b = (nn.Parameter(T(numbers(algebra, 5, k))) for k in (3, 1))

    def equation(self, x):
        return self.W @ x + self.b


@every_telling_algebra
def test_an_equation_is_a_layer(algebra):
    layer, linear = Biased(algebra), hc.nn.Linear(3, 5, algebra=algebra).double()
    with torch.no_grad():
        linear.weight.copy_(layer.W.components)
        linear.bias.copy_(layer.b.components[:, 0])
    x = folded(algebra, 2, 7, 3)
    torch.testing.assert_close(layer(x), linear(x))
    typed = hc.as_hypercomplex(x, algebra, folded=-1)
    torch.testing.assert_close(layer(typed).components, linear(typed).components)
    real, expected = layer.to_real(), linear.to_real()
    torch.testing.assert_close(real.weight, expected.weight)
    torch.testing.assert_close(real.bias, expected.bias)


class Turning(Biased):
    """No affine map, of which there is a stock layer."""

    def equation(self, x):
        return self.W @ x * self.b.normalize() + self.b * self.b


@every_telling_algebra
def test_with_plain_parameters_an_equation_is_the_same(algebra):
    layer, x = Biased(algebra), folded(algebra, 2, 3)
    expected = layer(x)
    layer = hc.state.plain_parameters(layer)
    torch.testing.assert_close(layer(x), expected)
    torch.testing.assert_close(layer.to_real()(x), expected)


def exported(layer, x, axis):
    shapes = ({axis: torch.export.Dim("batch")},)
    program = torch.export.export(layer, (x,), strict=True, dynamic_shapes=shapes)
    return program.module()


@pytest.mark.nightly  # the page of written layers does nearly the same
def test_an_equation_with_plain_parameters_is_exported_for_any_batch():
    layer, x = hc.state.plain_parameters(Turning(hc.QUATERNION)), folded(hc.QUATERNION, 9, 3)
    program = exported(layer, x[:3], 0)
    for batch in (1, 4, 9):  # there are five rows in the weight
        torch.testing.assert_close(program(x[:batch]), layer(x[:batch]))


@pytest.mark.nightly
@every_kind
def test_recurrences_with_plain_parameters_are_exported_for_any_batch(kind):
    layer = hc.state.plain_parameters(OURS[kind](2, HIDDEN))
    program = exported(layer, torch.randn(3, 2, 8), 1)
    for batch in (1, 2, 5):
        x = torch.randn(3, batch, 8)
        for ours, expected in zip(flat(program(x)), flat(layer(x)), strict=True):
            torch.testing.assert_close(ours, expected)


def test_what_export_cannot_do_says_what_can():
    layer, x = Turning(hc.QUATERNION), folded(hc.QUATERNION, 2, 3)
    road = r"hypercomplex\.state\.plain_parameters\(model\)"
    with pytest.raises(NotImplementedError, match=road):
        torch.export.export(layer, (x,), strict=False)
    with pytest.raises(Exception, match=road):  # an error of torch's compiler that quotes ours
        torch.export.export(layer, (x,), strict=True)
    with pytest.raises(NotImplementedError, match="strict=True"):
        torch.export.export(hc.state.plain_parameters(layer), (x,), strict=False)


def test_what_cannot_work_is_refused():
    class Squared(Biased):
        def equation(self, x):
            return self.W @ (x * x)

    class Short(OURS["RNN"]):
        def step(self, x, h):
            return h[:1]

    with pytest.raises(ValueError, match="is not affine"):
        Squared(hc.QUATERNION).to_real()
    with pytest.raises(ValueError, match="must hold 3 numbers of QUATERNION, or 12 folded"):
        Biased(hc.QUATERNION)(torch.randn(2, 8))
    with pytest.raises(ValueError, match=r"must return 1 states of shape \(3, 4\)"):
        Short(2, 3)(torch.randn(5, 4, 8))
    with pytest.raises(TypeError, match="`hx` must hold 2 states: h, c"):
        OURS["LSTM"](2, 3)(torch.randn(5, 4, 8), torch.randn(1, 4, 12))
    with pytest.raises(ValueError, match="`ahead` and `back` must have equal sizes"):
        hc.nn.Bidirectional(OURS["RNN"](2, 3), OURS["RNN"](2, 4))
    with pytest.raises(NotImplementedError, match="must have a method `step`"):
        hc.nn.Recurrence(2, 3)(hc.QuaternionTensor.randn(5, 4, 2))


# ---------------------------------------------------------------------- what layers say of themselves

OF_NO_NUMBERS = {
    "it is written by its user": ("Bidirectional", "Equation", "Recurrence"),
    "it is a function of components": (
        "Split", "SplitGELU", "SplitHardtanh", "SplitLeakyReLU", "SplitReLU", "SplitSiLU",
        "SplitSigmoid", "SplitTanh",
    ),
    "it makes numbers of reals": ("FeaturesToImaginary", "FeaturesToNumbers", "LearnedVector"),
    "it moves channels": ("ChannelPermutation",),
    "its product is learned": (
        "LowRankPHMLinear", "PHMConv", "PHMConvTranspose", "PHMLinear",
    ),
    "it is MaxPool of windows of other sizes": ("AdaptiveMaxPool",),
}  # fmt: skip


def families():
    """The layers of a kind, over whatever axes."""
    found = {}
    for name in hc.nn.__all__:
        layer = getattr(hc.nn, name)
        if isinstance(layer, type) and issubclass(layer, nn.Module):
            kind = name.removeprefix("Lazy").removeprefix("Quaternion")
            found.setdefault(re.sub("[123]d$", "", kind), []).append(layer)
    return found


def test_layers_say_in_numbers_what_they_are():
    silent = {
        kind
        for kind, layers in families().items()
        if not any("In numbers:" in (layer.__doc__ or "") for layer in layers)
    }
    assert silent == {kind for kinds in OF_NO_NUMBERS.values() for kind in kinds}


def test_a_step_may_combine_its_input_with_itself():
    class Twice(hc.nn.Recurrence):
        def __init__(self):
            super().__init__(3, 3)
            self.W = nn.Parameter(hc.QuaternionTensor.randn(3, 3))

        def step(self, x, h):
            return self.W @ (x + x) + h

    layer, x = Twice(), hc.QuaternionTensor.randn(5, 2, 3)
    torch.testing.assert_close(layer(x)[1][0], 2 * (layer.W @ x.sum(0).mT).mT)


def test_shapes_of_recurrences_are_known_without_values():
    layer = Counted(lambda layer, x, h: layer.W @ x + h).to("meta")
    y, h = layer(torch.ones(5, 4, 8, dtype=torch.float64, device="meta"))
    assert y.is_meta
    assert (y.shape, h.shape) == ((5, 4, 12), (1, 4, 12))
