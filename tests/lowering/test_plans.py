"""Every plan gives the literal sum of products, with gradients, whoever looks on."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

import hypercomplex as hc
from hypercomplex.lowering import LearnedBilinear, affine_rows, constants, machines
from hypercomplex.lowering.plan import Rows, costs, planned
from hypercomplex.lowering.plans import PLANS
from tests.cases import TELLING
from tests.torches import WRITTEN_FOR

pytestmark = pytest.mark.numerical

SIZES = Rows(rows=3, inputs=5, outputs=2)
LEARNED = LearnedBilinear(
    torch.nn.Parameter(torch.linspace(-1, 1, 2 * 3 * 4, dtype=torch.float64).view(2, 3, 4))
)


def literal(rows: Tensor, weight: Tensor, bias: Tensor, product, side) -> Tensor:
    """The definition: every product of a number of the weight with one of the input, summed."""
    c = torch.zeros(product.shape, dtype=rows.dtype)
    if isinstance(product, LearnedBilinear):
        c = product.constants
    else:
        for i, j, k, value in product.constants:
            c[i, j, k] = float(value)
    c = c if side == "left" else c.transpose(0, 1)
    return torch.einsum("abk,oia,rbi->rko", c, weight, rows) + bias.t()


def operands(product, side, sizes=SIZES, dtype=torch.float64) -> tuple[Tensor, Tensor, Tensor]:
    m, n, k = product.shape if side == "left" else product.swapped.shape
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)

    rows, inputs, outputs = sizes
    tensors = draw(rows, n, inputs), draw(outputs, inputs, m), draw(outputs, k)
    return tuple(x.requires_grad_() for x in tensors)


def ways(product, dtype=torch.float64) -> Iterator[str]:
    return (name for name, plan in PLANS.items() if not plan.refusal(product, dtype))


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("algebra", [*TELLING, hc.clifford(3), LEARNED], ids=str)
@pytest.mark.parametrize("count", [1, 3, 515])  # more than the cache is asked to hold at a time
def test_plans_are_the_literal_sum(algebra, side, count):
    product = algebra.product
    tensors = operands(product, side, SIZES._replace(rows=count))
    learned = list(LEARNED.parameters()) if algebra is LEARNED else []
    wanted = literal(*tensors, product, side)
    g = torch.linspace(-1, 1, wanted.numel(), dtype=wanted.dtype).view_as(wanted)
    gradients = torch.autograd.grad(wanted, [*tensors, *learned], g)
    for name in ways(product if side == "left" else product.swapped):
        y = affine_rows(*tensors, product, side, name)
        torch.testing.assert_close(y, wanted)
        for ours, true in zip(
            torch.autograd.grad(y, [*tensors, *learned], g), gradients, strict=True
        ):
            torch.testing.assert_close(ours, true)
        with torch.no_grad():
            torch.testing.assert_close(affine_rows(*tensors, product, side, name), wanted)


@pytest.mark.parametrize("algebra", [hc.QUATERNION, hc.OCTONION, LEARNED], ids=str)
@pytest.mark.parametrize("name", list(PLANS))
def test_derivatives_of_derivatives(algebra, name):
    product = algebra.product
    if name not in ways(product):
        pytest.skip(PLANS[name].refusal(product, torch.float64))
    tensors = operands(product, "left")

    def call(*tensors: Tensor) -> Tensor:
        return affine_rows(*tensors, product, "left", name)

    torch.autograd.gradcheck(call, tensors, check_forward_ad=True)
    torch.autograd.gradgradcheck(call, tensors)


def test_components_that_no_product_reaches():
    """The commutator has no real part, and none in its factors: results and gradients are zero."""
    product = hc.QUATERNION.commutator
    tensors = operands(product, "left")
    wanted = literal(*tensors, product, "left")
    for name in ways(product):
        for _ in range(3):
            torch.full((4096,), float("nan"), dtype=torch.float64)  # what memory may hold
            y = affine_rows(*tensors, product, "left", name)
            torch.testing.assert_close(y, wanted)
            for ours, true in zip(
                torch.autograd.grad(y.sum(), tensors),
                torch.autograd.grad(wanted.sum(), tensors, retain_graph=True),
                strict=True,
            ):
                torch.testing.assert_close(ours, true)


@pytest.mark.parametrize("algebra", [hc.QUATERNION, hc.OCTONION, hc.clifford(2)], ids=str)
def test_some_outputs_at_a_time(algebra, monkeypatch):
    """A weight that is more than the cache is asked to hold, in slices of which the last is less."""
    monkeypatch.setattr("hypercomplex.lowering.plans.bilinear._WEIGHTS", 0)
    product = algebra.product
    tensors = operands(product, "left", Rows(rows=3, inputs=5, outputs=37))
    wanted = literal(*tensors, product, "left")
    y = affine_rows(*tensors, product, "left", "bilinear")
    torch.testing.assert_close(y, wanted)
    g = torch.linspace(-1, 1, wanted.numel(), dtype=wanted.dtype).view_as(wanted)
    for ours, true in zip(
        torch.autograd.grad(y, tensors, g), torch.autograd.grad(wanted, tensors, g), strict=True
    ):
        torch.testing.assert_close(ours, true)


@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_learned_constants_where_the_weight_is_turned_round(count):
    """Before and behind the number of rows from which on the input is not expanded any more."""
    product = LearnedBilinear(torch.randn(3, 2, 4, dtype=torch.float64).requires_grad_())
    tensors = operands(product, "left", Rows(count, inputs=5, outputs=5))
    wanted, given = literal(*tensors, product, "left"), [*tensors, product.constants]
    y = affine_rows(*tensors, product, "left", "input")
    torch.testing.assert_close(y, wanted)
    g = torch.linspace(-1, 1, wanted.numel(), dtype=wanted.dtype).view_as(wanted)
    for ours, true in zip(
        torch.autograd.grad(y, given, g), torch.autograd.grad(wanted, given, g), strict=True
    ):
        torch.testing.assert_close(ours, true)


@pytest.mark.parametrize("name", list(PLANS))
def test_each_gradient_alone(name):
    """Whatever else is frozen, also with a graph of the gradient, and from a sum."""
    product = hc.QUATERNION.product
    whole = operands(product, "left")
    wanted = torch.autograd.grad(literal(*whole, product, "left").sum(), whole)
    for place, gradient in enumerate(wanted):
        alone = [x.detach() for x in whole]
        alone[place].requires_grad_()
        for create_graph in (False, True):
            y = affine_rows(*alone, product, "left", name)
            (found,) = torch.autograd.grad(y.sum(), alone[place], create_graph=create_graph)
            torch.testing.assert_close(found, gradient)


@pytest.mark.parametrize("name", list(PLANS))
@pytest.mark.parametrize("sizes", [Rows(0, 3, 2), Rows(3, 0, 2), Rows(3, 2, 0), Rows(0, 0, 0)])
def test_of_nothing(sizes, name):
    product = hc.QUATERNION.product
    tensors = operands(product, "left", sizes)
    y, wanted = affine_rows(*tensors, product, "left", name), literal(*tensors, product, "left")
    torch.testing.assert_close(y, wanted)
    gradients = (torch.autograd.grad(of.sum(), tensors) for of in (y, wanted))
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("name", list(PLANS))
@pytest.mark.parametrize("count", [1, 5, 70])
def test_a_result_may_be_written_into(count, name):
    """As `nn.ReLU(inplace=True)` does after a layer."""
    product = hc.QUATERNION.product
    tensors = operands(product, "left", SIZES._replace(rows=count))
    y = affine_rows(*tensors, product, "left", name).relu_()
    wanted = literal(*tensors, product, "left").relu()
    gradients = (torch.autograd.grad(of.sum(), tensors) for of in (y, wanted))
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("algebra", [hc.QUATERNION, LEARNED], ids=str)
@pytest.mark.parametrize("name", list(PLANS))
def test_many_gradients_at_once(name, algebra):
    """As in a Jacobian that is vectorised: many gradients of one result, on either way of torch."""
    product = algebra.product
    if name not in ways(product):
        pytest.skip(PLANS[name].refusal(product, torch.float64))
    tensors = operands(product, "left")
    y = affine_rows(*tensors, product, "left", name)
    many = torch.randn(2, *y.shape, dtype=y.dtype)

    def pulled(g: Tensor, *, at_once: bool = False) -> tuple[Tensor, ...]:
        return torch.autograd.grad(y, tensors, g, retain_graph=True, is_grads_batched=at_once)

    wanted = tuple(map(torch.stack, zip(*map(pulled, many), strict=True)))
    torch.testing.assert_close(pulled(many, at_once=True), wanted)
    torch.testing.assert_close(torch.vmap(pulled)(many), wanted)


@pytest.mark.parametrize("name", list(PLANS))
def test_traced_for_rows_of_any_number(name):
    product = hc.QUATERNION.product
    rows, weight, bias = (x.detach() for x in operands(product, "left"))

    def call(rows: Tensor) -> Tensor:
        return affine_rows(rows, weight, bias, product, "left", name)

    constants._constants.clear()
    traced = torch.jit.trace(call, rows)
    more = rows.repeat(3, 1, 1)
    torch.testing.assert_close(traced(more), call(more))


def test_a_tracer_takes_the_plan_for_any_number_of_rows():
    layer = hc.nn.QuaternionLinear(256, 256)  # which expands few rows
    traced = torch.jit.trace(layer, torch.randn(2, 1024))
    more = torch.randn(9, 1024)
    torch.testing.assert_close(traced(more), layer(more), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", list(PLANS))
def test_under_transforms_and_the_compiler(name):
    product = hc.QUATERNION.product
    rows, weight, bias = operands(product, "left")
    plain = affine_rows(rows, weight, bias, product, "left", name)

    def call(rows: Tensor) -> Tensor:
        return affine_rows(rows, weight, bias, product, "left", name)

    several = torch.stack([rows, 2 * rows])
    mapped = torch.func.vmap(call)(several)
    torch.testing.assert_close(mapped[0], plain)
    torch.testing.assert_close(mapped[1], call(2 * rows))
    compiled = torch.compile(call, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(rows), plain)
    (ours,) = torch.autograd.grad(compiled(rows).sum(), rows)
    torch.testing.assert_close(ours, torch.autograd.grad(plain.sum(), rows)[0])


@pytest.mark.parametrize("algebra", [hc.clifford(2), LEARNED], ids=str)
def test_compiled_on_the_right(algebra):
    layer = hc.nn.Linear(3, 2, algebra=algebra, side="right", dtype=torch.float64)
    x = torch.randn(5, layer.input_width * 3, dtype=torch.float64)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), layer(x))
    wanted = torch.autograd.grad(layer(x).square().sum(), layer.parameters())
    for ours, true in zip(
        torch.autograd.grad(compiled(x).square().sum(), layer.parameters()), wanted, strict=True
    ):
        torch.testing.assert_close(ours, true)


@pytest.mark.parametrize("name", list(PLANS))
def test_without_values(name):
    product = hc.OCTONION.product
    rows, weight, bias = (x.detach().to("meta") for x in operands(product, "left"))
    y = affine_rows(rows, weight, bias, product, "left", name)
    assert (y.shape, y.device.type) == ((3, 8, 2), "meta")
    none = affine_rows(*operands(product, "left", SIZES._replace(rows=0)), product, "left", name)
    assert none.shape == (0, 8, 2)


@pytest.mark.parametrize("strict", [True, False])
def test_exported(strict):
    layer = hc.nn.QuaternionLinear(64, 64)
    x = torch.randn(2, 256)
    for plan in (None, *PLANS):
        layer.plan = plan
        program = torch.export.export(layer, (x,), strict=strict)
        torch.testing.assert_close(program.module()(x), layer(x))


def test_autocast_rounds_the_factors_as_it_does_for_torch():
    layer, x = hc.nn.QuaternionLinear(32, 32), torch.randn(5, 128)
    with torch.autocast("cpu", torch.bfloat16):
        for plan in PLANS:
            layer.plan = plan
            y = layer(x)
            assert y.dtype == torch.bfloat16
            wanted = layer.double()(x.double().requires_grad_())
            layer.float()
            torch.testing.assert_close(y.double(), wanted.double(), atol=0.1, rtol=0.05)
            y.sum().backward()
            assert layer.weight.grad.dtype == torch.float32


ERRORS = {"block": 1, "input": 1.2, "bilinear": 2.5}
"""How much larger rounding errors may be than those of `block`."""


@pytest.mark.parametrize(
    "algebra", [hc.QUATERNION, hc.OCTONION, hc.clifford(3), hc.clifford(3, 1)], ids=str
)
def test_rounding_errors_are_those_stated(algebra):
    """In float32, of sums over 256 numbers, as root mean squares."""
    product, sizes = algebra.product, Rows(16, 256, 16)
    exact = operands(product, "left", sizes)
    single = [x.detach().float() for x in exact]
    wanted = affine_rows(*[x.double() for x in single], product, "left", "block")

    def error(name: str) -> float:
        y = affine_rows(*single, product, "left", name)
        return float((y.double() - wanted).square().mean().sqrt())

    base = error("block")
    for name in ways(product, torch.float32):
        assert error(name) <= ERRORS[name] * base, name


def test_half_precision_takes_no_algorithm_that_amplifies():
    bilinear = PLANS["bilinear"]
    for algebra in (hc.QUATERNION, hc.OCTONION, hc.clifford(3)):
        product = algebra.product
        assert bilinear.refusal(product, torch.float32) == ""
        if bilinear.refusal(product, torch.bfloat16) == "":
            assert hc.algebra.scheme(product, most_amplification=1.5).amplification <= 1.5


@pytest.mark.parametrize("name", list(PLANS))
@pytest.mark.parametrize("place", range(3))
def test_types_are_not_mixed(name, place):
    mixed = [x.detach() for x in operands(hc.QUATERNION.product, "left")]
    mixed[place] = mixed[place].float()
    with pytest.raises(RuntimeError, match=r"`bias` torch.float\d\d must have the same dtype"):
        affine_rows(*mixed, hc.QUATERNION.product, "left", name)


def test_what_does_not_serve_is_refused_by_name():
    layer = hc.nn.Linear(3, 2, algebra=LEARNED, plan="bilinear")
    with pytest.raises(ValueError, match=r"`plan` \(='bilinear'\) does not serve here: .*learned"):
        layer(torch.randn(1, 9))
    with pytest.raises(ValueError, match=r"`plan` \(='fast'\)"):
        hc.lowering.use("fast")
    with pytest.raises(ValueError, match=r"`plan` \(='fast'\)"):
        hc.functional.linear(
            torch.randn(1, 4), torch.randn(1, 1, 4), algebra=hc.QUATERNION, plan="fast"
        )


def test_a_context_forces_a_plan_and_leaves():
    rows, weight, _ = operands(hc.QUATERNION.product, "left")

    def name(plan=None) -> str:
        return planned(rows, weight, hc.QUATERNION.product, "step", plan)

    before = name()
    with hc.lowering.use("bilinear"):
        assert name() == "bilinear"
        assert name("block") == "block"
    assert name() == before


def test_the_choice_follows_the_shapes():
    """Few rows of a wide layer: the weight stays as it is; many: multiplications are saved."""
    weight = torch.empty(256, 256, 4)

    def name(rows: int, product=hc.QUATERNION.product, weight=weight) -> str:
        return planned(torch.empty(rows, 4, 256), weight, product, "step", None)

    assert [name(1), name(4), name(4096)] == ["input", "input", "bilinear"]
    assert name(4096, weight=torch.empty(8, 8, 4)) == "block"


@pytest.mark.parametrize(
    ("algebra", "width", "best"),
    [
        (hc.QUATERNION, 4096, {1: "input", 16: "input", 64: "bilinear", 256: "bilinear"}),
        (hc.clifford(3), 4096, {4: "input", 16: "input", 64: "bilinear", 256: "bilinear"}),
        (hc.OCTONION, 4096, {4: "input", 16: "input", 64: "bilinear", 256: "bilinear"}),
        (hc.clifford(3), 2048, {1: "input", 16: "input", 64: "bilinear"}),
        (hc.OCTONION, 512, {1: "input", 16: "input", 256: "bilinear"}),
    ],
    ids=str,
)
def test_the_choice_is_what_was_fastest(algebra, width, best):
    """As timed on the machine whose constants come with the library."""
    machine = next(one for one in machines._shipped() if one.capability == "AVX2").of(torch.float32)
    side = width // algebra.dimension

    def choice(rows: int) -> str:
        weighed = costs(Rows(rows, side, side), algebra.product, "step")
        return min(weighed, key=lambda name: weighed[name].seconds(machine, 4))

    assert {rows: choice(rows) for rows in best} == best


def test_costs_count_what_is_multiplied():
    found = costs(Rows(10, 3, 2), hc.OCTONION.product, "forward")
    assert {name: cost.multiplications for name, cost in found.items()} == {
        "block": 64 * 10 * 3 * 2,
        "input": 64 * 10 * 3 * 2,
        "bilinear": 24 * 10 * 3 * 2,
    }


@pytest.mark.parametrize("name", list(PLANS))
@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_what_is_not_finite_spoils_its_row_alone(name, value):
    product = hc.QUATERNION.product
    rows, weight, bias = (x.detach() for x in operands(product, "left"))
    spoiled = rows.clone()
    spoiled[1, 2, 3] = value
    y = affine_rows(spoiled, weight, bias, product, "left", name)
    wanted = affine_rows(rows, weight, bias, product, "left", name)
    assert not y[1].isfinite().any()
    torch.testing.assert_close(y[::2], wanted[::2])


def kernels(step) -> int:
    """How many calls of torch's kernels a step makes, views among them."""
    step()  # constants are made once
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as seen:
        step()
    top = [event for event in seen.events() if event.name.startswith("aten::")]
    inner = {id(child) for event in top for child in event.cpu_children}
    return sum(id(event) not in inner for event in top)


@pytest.mark.parametrize(
    ("name", "count", "most"), [("input", 1, 25), ("input", 16, 42), ("bilinear", 64, 50)]
)
def test_a_step_makes_few_calls(name, count, most):
    layer = hc.nn.QuaternionLinear(8, 8, bias=False, plan=name)
    x = torch.randn(count, 32, requires_grad=True)
    g = torch.randn(count, 32)
    calls = kernels(lambda: torch.autograd.grad(layer(x), [x, layer.weight], g))
    assert calls <= most + (not WRITTEN_FOR)
