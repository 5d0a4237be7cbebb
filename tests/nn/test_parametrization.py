"""Torch's own tools for parameters work on the layers, and what each of them means for numbers."""

import math

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune

import hypercomplex as hc
from hypercomplex import lowering
from tests.cases import every_normed_algebra, every_telling_algebra

Q = hc.QUATERNION


def fit(layer, x, parameters=None, steps=5, after=lambda: None):
    """A few steps of plain descent; the losses."""
    optimizer = torch.optim.SGD(parameters or layer.parameters(), 0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (layer(x) - 1).square().mean()
        loss.backward()
        optimizer.step()
        after()
        losses.append(loss.item())
    return losses


# ---------------------------------------------------------------------- weight_norm


@every_normed_algebra
def test_weight_norm_over_axis_0_sets_the_norm_of_each_output(algebra):
    """g_o is the norm of all numbers into output o, and of each of its rows of the real matrix."""
    layer = hc.nn.Linear(3, 5, algebra=algebra, dtype=torch.float64)
    before = layer.weight.detach().clone()
    parametrizations.weight_norm(layer, dim=0)
    torch.testing.assert_close(layer.weight, before)
    g = layer.parametrizations.weight.original0
    assert g.shape == (5, 1, 1)
    nn.init.constant_(g, 2)
    rows = lowering.disarrange(layer._real_kernel(), algebra.dimension)
    norms = rows.square().sum((1, 3)).sqrt()  # component and number of the output
    torch.testing.assert_close(norms, torch.full_like(norms, 2))
    losses = fit(layer, torch.randn(4, 3 * algebra.dimension, dtype=torch.float64))
    assert losses[-1] < losses[0]
    assert {name for name, _ in layer.named_parameters()} == {
        "bias",
        "parametrizations.weight.original0",
        "parametrizations.weight.original1",
    }


def test_weight_norm_of_single_numbers():
    """Over no axis but the component: g is not reachable by one `dim`; dim=None is one norm."""
    layer = parametrizations.weight_norm(hc.nn.QuaternionConv1d(2, 4, 3), dim=None)
    assert layer.parametrizations.weight.original0.numel() == 1
    torch.testing.assert_close(layer.weight.norm(), layer.parametrizations.weight.original0)


class Product(hc.nn.Equation):
    """W x, with a typed parameter."""

    def __init__(self):
        super().__init__(3)
        self.W = nn.Parameter(hc.QuaternionTensor.randn(5, 3, dtype=torch.float64))

    def equation(self, x):
        return self.W @ x


@pytest.mark.parametrize("dim", [0, 1, None])
def test_weight_norm_of_a_typed_parameter_sets_lengths_of_its_numbers(dim):
    layer = Product()
    W, x = layer.W.detach().clone(), torch.randn(4, 12, dtype=torch.float64)
    parametrizations.weight_norm(layer, "W", dim)
    torch.testing.assert_close(layer.W, W)
    g, v = layer.parametrizations.W.original0, layer.parametrizations.W.original1
    assert type(g) is nn.Parameter
    assert type(v) is type(W)
    nn.init.constant_(g, 2)
    others = {0: (1, -1), 1: (0, -1), None: None}[dim]
    lengths = layer.W.components.square().sum(others).sqrt()
    torch.testing.assert_close(lengths, torch.full_like(lengths, 2))
    losses = fit(layer, x)
    assert losses[-1] < losses[0]
    assert layer.to_real().weight.shape == (20, 12)


class Twice(nn.Module):
    def forward(self, numbers):
        return 2 * numbers

    def right_inverse(self, numbers):
        return numbers / 2


def test_own_parametrizations_of_a_typed_parameter():
    layer = Product()
    W, x = layer.W.detach().clone(), torch.randn(4, 12, dtype=torch.float64)
    before, parameter = layer(x), layer.W
    parametrize.register_parametrization(layer, "W", Twice())
    assert layer.parametrizations.W.original is parameter  # which an optimizer may hold
    torch.testing.assert_close(parameter.detach(), W / 2)
    torch.testing.assert_close(layer(x), before)
    layer.W = W * 3
    torch.testing.assert_close(layer.W.detach(), W * 3)
    losses = fit(layer, x, steps=9)
    assert losses[-1] < losses[0]
    parametrize.remove_parametrizations(layer, "W")
    assert type(layer.W) is type(W)


@pytest.mark.parametrize(
    "tool",
    [parametrizations.spectral_norm, parametrizations.orthogonal, nn.utils.spectral_norm],
)
def test_what_takes_a_typed_parameter_for_a_real_matrix_refuses(tool):
    layer = Product()
    with pytest.raises(TypeError, match=r"of Product.*a real matrix; use a layer.*nn\.\w+ of that"):
        tool(layer, "W")
    assert not parametrize.is_parametrized(layer)
    parametrize.register_parametrization(layer, "W", Twice())
    with pytest.raises(TypeError, match="is refused for `W`"):
        tool(layer, "W")


# ---------------------------------------------------------------------- the real operator


class Lipschitz(nn.Module):
    """Divides a weight by the norm of its real operator: what makes a layer 1-Lipschitz."""

    def __init__(self, layer):
        super().__init__()
        self.algebra, self.side = layer.algebra, layer.side

    def forward(self, weight):
        kernel = lowering.block_kernel(weight, self.algebra.product, side=self.side)
        return weight / torch.linalg.matrix_norm(kernel, 2)


@every_telling_algebra
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_parametrization_may_use_the_real_operator(algebra, side):
    layer = hc.nn.Linear(3, 5, algebra=algebra, side=side, dtype=torch.float64)
    parametrize.register_parametrization(layer, "weight", Lipschitz(layer))
    losses = fit(layer, torch.randn(4, 3 * algebra.dimension, dtype=torch.float64))
    assert losses[-1] < losses[0]
    norm = torch.linalg.matrix_norm(layer.to_real().weight, 2)
    torch.testing.assert_close(norm.item(), 1.0)


# ---------------------------------------------------------------------- orthogonal


@pytest.mark.parametrize("make", [hc.nn.orthogonal, parametrizations.orthogonal])
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("layer", "options", "shape"),
    [
        (hc.nn.Linear, (6, 5), (4, 6)),
        (hc.nn.Linear, (3, 5), (4, 3)),
        (hc.nn.Conv1d, (4, 6, 3, 1, 0, 1, 2), (4, 4, 5)),
        (hc.nn.ConvTranspose1d, (4, 2, 3), (4, 4, 5)),
    ],
)
@pytest.mark.parametrize("algebra", [hc.COMPLEX, hc.QUATERNION, hc.clifford(3)], ids=str)
def test_orthogonal_is_the_real_operator(algebra, layer, options, shape, side, make):
    """While it is learned, too: rows or columns are orthonormal, whichever are fewer."""
    layer = make(layer(*options, algebra=algebra, side=side, dtype=torch.float64))
    x = hc.as_hypercomplex(torch.randn(*shape, algebra.dimension).double(), algebra)
    optimizer = torch.optim.SGD(layer.parameters(), 0.05)
    losses = []
    for _ in range(4):
        optimizer.zero_grad()
        loss = (layer(x).components - 1).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    lowered = hc.nn.init.to_matrices(
        layer.weight.detach(), algebra, side, layer.transposed, layer.groups
    )
    for matrix in lowered:
        gram = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
        torch.testing.assert_close(gram, torch.eye(len(gram)).double())


def test_orthogonal_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="must be associative"):
        parametrizations.orthogonal(hc.nn.Linear(3, 3, algebra=hc.OCTONION))
    with pytest.raises(ValueError, match="`orthogonal_map`"):
        parametrizations.orthogonal(hc.nn.QuaternionLinear(3, 3), orthogonal_map="cayley")
    with pytest.raises(TypeError, match="affine map of numbers"):
        hc.nn.orthogonal(nn.Linear(3, 3))
    plain = parametrizations.orthogonal(nn.Linear(3, 3))
    torch.testing.assert_close(plain.weight @ plain.weight.T, torch.eye(3))


# ---------------------------------------------------------------------- spectral norm


@pytest.mark.parametrize(
    "make", [hc.nn.spectral_norm, parametrizations.spectral_norm, nn.utils.spectral_norm]
)
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("layer", "options", "shape"),
    [
        (hc.nn.Linear, (6, 5), (4, 6)),
        (hc.nn.Conv1d, (4, 6, 3, 1, 0, 1, 2), (4, 4, 5)),
        (hc.nn.ConvTranspose1d, (4, 2, 3), (4, 4, 5)),
    ],
)
@pytest.mark.parametrize("algebra", [hc.QUATERNION, hc.OCTONION, hc.clifford(1, 1, 1)], ids=str)
@pytest.mark.filterwarnings("ignore:.*spectral_norm.*:FutureWarning")
def test_spectral_norm_is_that_of_the_real_layer(algebra, layer, options, shape, side, make):
    """Torch's, of the layer that does the same to folded input, and of the weight before."""
    layer = layer(*options, algebra=algebra, side=side, dtype=torch.float64)
    before = layer.weight.detach().clone()
    real = layer.to_real()
    kernel = next(m for m in real.modules() if hasattr(m, "weight"))
    parametrizations.spectral_norm(kernel, n_power_iterations=300)
    options = {"dim": int(layer.transposed)} if make is parametrizations.spectral_norm else {}
    layer = make(layer, n_power_iterations=300, **options)
    x = hc.as_hypercomplex(torch.randn(*shape, algebra.dimension).double(), algebra)
    axis = -1 if isinstance(layer, hc.nn.Linear) else 1
    torch.testing.assert_close(layer(x).folded(axis), real(x.folded(axis)))
    scale = before.norm() / layer.weight.norm()
    torch.testing.assert_close(layer.weight * scale, before)


def test_spectral_norm_while_it_is_learned():
    """Differences of two passes, as critics need them; the derivative of σ; files; evaluation."""
    torch.manual_seed(0)
    layer = hc.nn.spectral_norm(hc.nn.QuaternionLinear(3, 2, dtype=torch.float64))
    x = torch.randn(5, 12, dtype=torch.float64)
    (layer(x) - layer(-x)).square().sum().backward()
    assert layer.parametrizations.weight.original.grad.isfinite().all()
    layer.eval()
    assert torch.equal(layer.weight, layer.weight)
    norm = layer.parametrizations.weight[0]
    weight = layer.parametrizations.weight.original
    assert torch.autograd.gradcheck(norm, weight)
    other = hc.nn.spectral_norm(hc.nn.QuaternionLinear(3, 2, dtype=torch.float64)).eval()
    other.load_state_dict(layer.state_dict())
    assert torch.equal(other(x), layer(x))
    parametrize.remove_parametrizations(layer, "weight")
    torch.testing.assert_close(layer(x), other(x))


def test_spectral_norm_of_zeros_and_what_it_refuses():
    layer = hc.nn.QuaternionLinear(3, 2)
    nn.init.zeros_(layer.weight)
    assert not hc.nn.spectral_norm(layer).weight.any()
    with pytest.raises(TypeError, match="affine map of numbers"):
        hc.nn.spectral_norm(nn.Linear(3, 3))
    with pytest.raises(TypeError, match="must have a fixed product"):
        hc.nn.spectral_norm(hc.nn.PHMLinear(2, 8, 8))
    with pytest.raises(ValueError, match=r"`n_power_iterations` \(=0\)"):
        parametrizations.spectral_norm(hc.nn.QuaternionLinear(3, 2), n_power_iterations=0)
    with pytest.raises(ValueError, match=r"`dim` \(=1\)"):
        parametrizations.spectral_norm(hc.nn.QuaternionLinear(3, 2), dim=1)


class UnitQuaternions(nn.Module):
    def forward(self, weight):
        return hc.functional.normalize(weight)

    def right_inverse(self, weight):
        return weight


def test_numbers_are_parametrized_on_the_last_axis():
    layer = hc.nn.QuaternionLinear(6, 5, dtype=torch.float64)
    parametrize.register_parametrization(layer, "weight", UnitQuaternions())
    fit(layer, torch.randn(4, 24, dtype=torch.float64))
    norms = layer.weight.norm(dim=-1)
    torch.testing.assert_close(norms, torch.ones_like(norms))
    parametrize.remove_parametrizations(layer, "weight")
    torch.testing.assert_close(layer.weight.norm(dim=-1), norms)
    assert type(layer) is hc.nn.QuaternionLinear


@pytest.mark.parametrize("wrap", [parametrizations.weight_norm, parametrizations.spectral_norm])
def test_parametrized_layers_become_real_and_save(wrap):
    layer = wrap(hc.nn.QuaternionConv1d(2, 4, 3)).eval()
    x = torch.randn(2, 8, 7)
    torch.testing.assert_close(hc.nn.to_real(nn.Sequential(layer))(x), layer(x))
    other = wrap(hc.nn.QuaternionConv1d(2, 4, 3)).eval()
    other.load_state_dict(layer.state_dict())
    assert torch.equal(other(x), layer(x))
    typed = layer(hc.as_hypercomplex(lowering.unfold(x, 1, 4), Q))
    torch.testing.assert_close(lowering.fold(typed.components, 1), layer(x))


# ---------------------------------------------------------------------- prune


def test_prune_components_outputs_and_inputs():
    layer = hc.nn.QuaternionLinear(6, 8)
    prune.l1_unstructured(layer, "weight", amount=0.25)  # components, one by one
    assert (layer.weight == 0).sum() == 48
    prune.remove(layer, "weight")
    layer = hc.nn.QuaternionLinear(6, 8)
    norms = layer.weight.detach().square().sum((1, 2))
    prune.ln_structured(layer, "weight", amount=2, n=2, dim=0)  # whole outputs
    gone = (layer.weight == 0).all(-1).all(-1)
    assert torch.equal(gone.nonzero().flatten(), norms.argsort()[:2].sort().values)
    y = lowering.unfold(layer(torch.randn(3, 24)), 1, 4)
    assert torch.equal((y == 0).all(-1).all(0), gone)
    layer = hc.nn.QuaternionLinear(6, 8)
    prune.ln_structured(layer, "weight", amount=2, n=2, dim=1)  # whole inputs
    gone = (layer.weight == 0).all(-1).all(0)
    assert gone.sum() == 2
    x = torch.zeros(6, 4)
    x[gone] = 1
    assert (layer(lowering.fold(x, 0)) == 0).all()


def test_prune_whole_numbers_by_a_mask():
    layer = hc.nn.RotationLinear(6, 8, algebra=Q)
    keep = layer.scale.detach().abs() > layer.scale.detach().abs().median()
    prune.custom_from_mask(layer, "weight", keep.unsqueeze(-1).expand(8, 6, 4))
    loss = layer(torch.randn(3, 24)).square().sum()
    loss.backward()
    gradient = layer.weight_orig.grad
    assert gradient.isfinite().all()
    assert (gradient[~keep] == 0).all()
    blocks = lowering.disarrange(layer._real_kernel(), 4)
    assert torch.equal((blocks != 0).any(0).any(0), keep)


# ---------------------------------------------------------------------- weight decay


def test_weight_decay_is_grouped_by_name():
    """A bias has two axes, (O, n), so `p.ndim > 1` does not tell weights; the names do."""
    model = nn.Sequential(hc.nn.QuaternionConv1d(2, 4, 3), hc.nn.RotationConv1d(4, 2, 3, algebra=Q))
    named = dict(model.named_parameters())
    decayed = [p for name, p in named.items() if not name.endswith("bias")]
    free = [p for name, p in named.items() if name.endswith("bias")]
    assert {p.ndim for p in free} == {2}
    assert len(decayed) == 3
    for parameter in free:
        nn.init.ones_(parameter)
    before = {name: p.detach().clone() for name, p in named.items()}
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.5}, {"params": free, "weight_decay": 0.0}], lr=0.1
    )
    for parameter in named.values():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    for name, parameter in named.items():
        factor = 1.0 if name.endswith("bias") else 1 - 0.1 * 0.5
        torch.testing.assert_close(parameter.detach(), factor * before[name])


# ---------------------------------------------------------------------- max_norm_


MAX_NORM = [
    lambda: hc.nn.QuaternionLinear(3, 5),
    lambda: hc.nn.QuaternionConv2d(4, 6, 3, groups=2),
    lambda: hc.nn.QuaternionConvTranspose1d(4, 6, 3, groups=2),
    lambda: hc.nn.Linear(3, 5, algebra=hc.OCTONION),
]


def output_norms(layer):
    """The norm of the weight of each output, by loops."""
    weight, groups = layer.weight.detach(), layer.groups
    if not layer.transposed:
        return torch.stack([w.norm() for w in weight])
    return torch.stack(
        [part[:, o].norm() for part in weight.chunk(groups) for o in range(weight.shape[1])]
    )


@pytest.mark.parametrize("make", MAX_NORM)
def test_max_norm_shortens_the_long_ones_only(make):
    layer = make().double()
    norms = output_norms(layer)
    bound = 1.001 * norms.median().item()
    before, address = layer.weight.detach().clone(), layer.weight.data_ptr()
    bias = layer.bias.detach().clone()
    assert hc.nn.max_norm_(layer, bound) is layer
    after = output_norms(layer)
    torch.testing.assert_close(after, norms.clamp_max(bound), rtol=0, atol=1e-12)
    same = (layer.weight == before).sum()
    assert 0 < same < before.numel()
    assert layer.weight.data_ptr() == address
    assert torch.equal(layer.bias, bias)
    if not layer.transposed:
        assert torch.equal(layer.weight[norms <= bound], before[norms <= bound])
        weight = hc.nn.max_norm_(before, bound)
        assert weight is before
        assert torch.equal(weight, layer.weight)


def test_max_norm_at_zero_and_far_away():
    weight = torch.zeros(3, 2, 4)
    weight[1, 0, 0] = 1e30
    weight[2, 1, 3] = 1e-30
    hc.nn.max_norm_(weight, 2.0)
    expected = torch.zeros(3, 2, 4)
    expected[1, 0, 0] = 2
    expected[2, 1, 3] = 1e-30
    torch.testing.assert_close(weight, expected, rtol=1e-6, atol=0)


def test_max_norm_in_training():
    model = nn.Sequential(hc.nn.QuaternionLinear(3, 5), nn.Tanh(), hc.nn.QuaternionLinear(5, 2))
    hc.nn.max_norm_(model, 0.3)
    losses = fit(model, torch.randn(4, 12), after=lambda: hc.nn.max_norm_(model, 0.3))
    assert losses[-1] < losses[0]
    assert all((output_norms(layer) <= 0.3 + 1e-6).all() for layer in (model[0], model[2]))


def test_max_norm_changes_nothing_in_eval():
    model = nn.Sequential(hc.nn.QuaternionLinear(3, 5), hc.nn.QuaternionLinear(5, 2).eval())
    first, second = model[0].weight.detach().clone(), model[1].weight.detach().clone()
    hc.nn.max_norm_(model, 1e-3)
    assert not torch.equal(model[0].weight, first)
    assert torch.equal(model[1].weight, second)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: hc.nn.max_norm_(torch.ones(2, 2, 4), 0.0),
            r"`max_norm` \(=0.0\) must be positive",
        ),
        (lambda: hc.nn.max_norm_(torch.ones(2, 2, 4), math.nan), r"`max_norm` \(=nan\)"),
        (
            lambda: hc.nn.max_norm_(
                nn.Sequential(parametrizations.weight_norm(hc.nn.QuaternionLinear(2, 2))), 1.0
            ),
            "the weight of 0 is computed by a parametrization",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ---------------------------------------------------------------------- changes of low rank


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("layer", "options", "shape"),
    [
        (hc.nn.Linear, (3, 5), (4, 3)),
        (hc.nn.Conv1d, (4, 6, 3, 1, 0, 1, 2), (4, 4, 5)),
        (hc.nn.ConvTranspose1d, (4, 3, 3), (4, 4, 5)),
    ],
)
@every_telling_algebra
def test_a_change_of_low_rank_is_learned_and_merged(algebra, layer, options, shape, side):
    layer = layer(*options, algebra=algebra, side=side, dtype=torch.float64)
    x = hc.as_hypercomplex(torch.randn(*shape, algebra.dimension).double(), algebra)
    before, weight = layer(x), layer.weight.detach().clone()
    assert hc.nn.lora(layer, 1, alpha=2) is layer
    assert torch.equal(layer(x), before)
    change = layer.parametrizations.weight[0]
    learned = [p for p in layer.parameters() if p.requires_grad]
    assert set(learned) == {change.first, change.others}
    losses = fit(layer, x.folded(1), learned)
    assert losses[-1] < losses[0]

    a, b = (hc.as_hypercomplex(p.detach(), algebra) for p in (change.others, change.first))
    left, right = (b, a) if (side == "left") != layer.transposed else (a.T, b.T)
    expected = (left @ right).components
    expected = expected if left is b else expected.transpose(0, 1)
    torch.testing.assert_close(layer.weight, weight + 2 * expected.reshape(weight.shape))

    after, real = layer(x), hc.nn.to_real(layer)
    torch.testing.assert_close(real(x.folded(1)), after.folded(1))
    parametrize.remove_parametrizations(layer, "weight")
    torch.testing.assert_close(layer(x), after)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_change_of_low_rank_is_two_layers_in_a_row(side):
    """Over an associative algebra: y = W x + B (A x), or x W + (x A) B."""
    layer = hc.nn.QuaternionLinear(6, 5, bias=False, side=side, dtype=torch.float64)
    before = layer.weight.detach().clone()
    change = hc.nn.lora(layer, 2).parametrizations.weight[0]
    nn.init.normal_(change.first)
    x = torch.randn(7, 24, dtype=torch.float64)
    linear = lambda x, w: hc.functional.linear(x, w, algebra=Q, side=side)
    inner = linear(linear(x, change.others), change.first)
    torch.testing.assert_close(layer(x), linear(x, before) + inner)
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    assert torch.equal(layer.weight, before)


def test_changes_of_low_rank_compile_and_are_kept_in_files(backend):
    layer = hc.nn.lora(hc.nn.QuaternionLinear(3, 5), 2)
    nn.init.normal_(layer.parametrizations.weight[0].first)
    x = torch.randn(7, 12)
    torch.testing.assert_close(torch.compile(layer, backend=backend)(x), layer(x))
    other = hc.nn.lora(hc.nn.QuaternionLinear(3, 5), 2)
    other.load_state_dict(layer.state_dict())
    assert torch.equal(other(x), layer(x))


def test_changes_of_low_rank_are_refused_where_there_are_none():
    with pytest.raises(TypeError, match="`layer`, of type Linear, must be an affine map"):
        hc.nn.lora(nn.Linear(3, 3), 2)
    with pytest.raises(ValueError, match="call the layer once before"):
        hc.nn.lora(hc.nn.LazyLinear(3, algebra=hc.QUATERNION), 2)
    with pytest.raises(ValueError, match="`rank`"):
        hc.nn.lora(hc.nn.QuaternionLinear(3, 3), 0)
    maps = hc.lowering.LearnedBilinear(nn.Parameter(torch.randn(2, 3, 4)))
    with pytest.raises(ValueError, match="no products with each other"):
        hc.nn.lora(hc.nn.Linear(3, 3, algebra=maps, init="isotropic"), 2)
