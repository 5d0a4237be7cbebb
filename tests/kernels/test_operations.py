"""Every variant of every operation is its twin, with gradients, wherever it may serve."""

from itertools import product

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import hypercomplex as hc
from hypercomplex.host import mode as host_mode
from hypercomplex.host.mode import (
    COMPILED,
    EAGER,
    FACTS,
    FEW,
    IN_PLACE,
    MANY,
    PACKED,
    PRECISE,
    READABLE,
    mode,
)
from hypercomplex.kernels import OPERATIONS, blocks, rows, use
from tests.kernels.samples import LAYOUTS, SAMPLES, off_by_one, planar, samples, tensors
from tests.precision import rounded_products

VARIANTS = [
    (name, v.name)
    for name, operation in OPERATIONS.items()
    for v in operation.variants
    if not v.needs & COMPILED
]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Many numbers come in blocks of an odd size."""
    monkeypatch.setattr(blocks, "_BLOCK", 7)


def suitable(operation, variant, options, given):
    wanted = next(v for v in operation.variants if v.name == variant)
    facts = mode(*given, asked=wanted.needs)
    return wanted.suits(*options) and facts & wanted.needs == wanted.needs


def fixed(function, options):
    """The function of the tensors alone."""
    return lambda *tensors: function(*tensors, *options)


def calls(name, variant, layout=LAYOUTS[""], dtype=torch.float64, requires_grad=False):
    """What a variant and its twin find in every sample that the variant may serve."""
    operation = OPERATIONS[name]
    (v,) = (v for v in operation.variants if v.name == variant)
    for _, options, shapes, make in (s for s in samples() if s[0] == name):
        given = [layout(make(x)).requires_grad_(requires_grad) for x in tensors(shapes, dtype)]
        serves = v.suits(*options) and not v.needs & ~mode(*given, asked=v.needs)
        found = v.function(*given, *options) if serves else None
        if found is not None:
            yield given, found, fixed(v.function, options), fixed(operation.twin, options)


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_every_variant_is_its_twin(name, variant):
    served = 0
    for layout, dtype in product(LAYOUTS.values(), (torch.float64, torch.float32)):
        for given, found, _, twin in calls(name, variant, layout, dtype):
            served += 1
            expected = twin(*(x.double() for x in given))
            size = expected.abs().amax().item() if expected.numel() else 0
            tolerance = 256 * max(x.shape[-1] for x in given) * torch.finfo(dtype).eps * (1 + size)
            torch.testing.assert_close(found.double(), expected, rtol=tolerance, atol=tolerance)
            assert found.dtype == dtype
    assert served, "no sample of this variant"


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_every_variant_has_the_gradients_of_its_twin(name, variant):
    twice = 0
    for leaves, found, function, twin in calls(name, variant, requires_grad=True):
        if not found.requires_grad:
            continue
        g = torch.randn_like(found)
        ours = torch.autograd.grad(found, leaves, g, allow_unused=True, materialize_grads=True)
        theirs = torch.autograd.grad(
            twin(*leaves), leaves, g, allow_unused=True, materialize_grads=True
        )
        torch.testing.assert_close(ours, theirs)
        if 0 < found.numel() < 20 and twice < 2:
            twice += 1
            assert torch.autograd.gradgradcheck(function, leaves)


def test_every_operation_has_samples():
    assert set(SAMPLES) == set(OPERATIONS)


def test_a_twin_needs_nothing():
    """It is compiled, mapped and differentiated forward."""
    for name, options, shapes, make in samples():
        if len(options) <= 1 and all(0 not in shape for shape in shapes):
            given = [make(x) for x in tensors([(2, *shape) for shape in shapes])]
            twin = fixed(OPERATIONS[name].twin, options)
            mapped = torch.func.vmap(twin)(*given)
            torch.testing.assert_close(mapped[0], twin(*(x[0] for x in given)))


# ---------------------------------------------------------------------- the choice


def chosen(name, *arguments, monkeypatch):
    """The variants that were called, the last of which answered."""
    called = []
    operation = OPERATIONS[name]

    def spied(v):
        def function(*given):
            called.append(v.name)
            return v.function(*given)

        function.__name__ = v.name
        return type(v)(function, v.needs, v.pays, v.suits)

    with monkeypatch.context() as patch:
        patch.setattr(operation, "variants", tuple(map(spied, operation.variants)))
        patch.setattr(operation, "_known", {})
        operation(*arguments)
    return called[-1] if called else "twin"


def test_the_variant_is_chosen_by_shape_layout_and_dtype(monkeypatch):
    def choose(*shape, algebra=hc.QUATERNION, dtype=torch.float32, change=lambda x: x):
        given = [change(torch.randn(*shape, algebra.dimension, dtype=dtype)) for _ in range(2)]
        return chosen("multiply", *given, algebra.product, monkeypatch=monkeypatch)

    assert choose(3) == choose(2000) == choose(dtype=torch.float64) == "matrices"
    assert choose(3000) == choose(3000, dtype=torch.float64) == "pairs"
    assert choose(3000, change=off_by_one) == "pairs"
    assert choose(3, dtype=torch.float16) == choose(3, dtype=torch.bfloat16) == "twin"
    assert choose(3000, change=planar) == choose(3000, algebra=hc.clifford(2)) == "twin"
    assert choose(3, algebra=hc.REAL) == "twin"
    assert choose(3, algebra=hc.clifford(4, 3)) == "table"
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert choose(3) == "pairs"
    with rounded_products():
        assert choose(3) == "pairs"
        assert choose(3, dtype=torch.float64) == "matrices"


def test_rotations_are_chosen_by_number_and_derivative(monkeypatch):
    def choose(count, algebra=hc.QUATERNION, requires_grad=False):
        n = algebra.dimension
        q, v = torch.randn(count, n, requires_grad=requires_grad), torch.randn(count, n - 1)
        return chosen("rotate", q, v, algebra, monkeypatch=monkeypatch)

    assert choose(3) == choose(3, requires_grad=True) == "few"
    assert choose(3000) == choose(3000, hc.OCTONION) == "blocks"
    assert choose(3000, requires_grad=True) == "recorded_blocks"
    assert choose(3000, hc.OCTONION, requires_grad=True) == "unit"
    assert choose(3, hc.clifford(3)) == "twin"


def test_matrices_are_taken_by_number_and_distance_from_rotations(monkeypatch):
    def choose(count, distance, name="nearest"):
        m = OPERATIONS["matrix"].twin(torch.randn(count, 4).double())
        return chosen(name, m + distance * torch.randn_like(m), monkeypatch=monkeypatch)

    assert choose(3, 0) == "few"
    assert choose(3000, 0) == choose(3000, 1e-8) == "planes"
    assert choose(3000, 0, "from_orthogonal") == "orthogonal_planes"
    assert choose(3, 0.1) == choose(3000, 0.1) == "eigenvectors"


def test_few_are_counted_once_they_are_broadcast(monkeypatch):
    a, b = torch.randn(700, 1, 4), torch.randn(1, 700, 4)
    assert chosen("multiply", a, b, hc.QUATERNION.product, monkeypatch=monkeypatch) == "pairs"
    assert mode(a, a) & FEW
    assert mode(a, b[0]) & MANY


# ---------------------------------------------------------------------- at the edges


@pytest.mark.parametrize("algebra", [hc.REAL, hc.COMPLEX], ids=str)
def test_a_map_without_constants_keeps_its_graph(algebra):
    """Where all numbers commute the commutator is 0, a new tensor, with derivatives 0."""
    a, b = (torch.randn(3, algebra.dimension, requires_grad=True) for _ in range(2))
    found = hc.functional.commutator(a, b, algebra)
    for gradient in torch.autograd.grad(found.sum(), (a, b)):
        assert torch.equal(gradient, torch.zeros_like(a))
    found = hc.functional.commutator(a.detach(), b.detach(), algebra)
    found += torch.arange(found.numel()).view_as(found)
    assert found.flatten().tolist() == list(range(found.numel()))
    assert hc.functional.commutator(a.detach() * torch.inf, b, algebra).isnan().all()


@pytest.mark.parametrize("count", [1, 3000])
def test_an_infinite_component_stays_in_its_product(count):
    one, end = torch.ones(count, 4), torch.tensor([1.0, 1, 1, torch.inf])
    for a, b in ((one, end), (end, one)):
        assert hc.functional.inner_product(a, b, hc.QUATERNION).eq(torch.inf).all()


# ---------------------------------------------------------------------- the setting


def test_a_forced_variant_is_used(monkeypatch):
    q = torch.randn(3000, 4)
    for variant in ("matrices", "pairs", "twin"):
        with use(variant, "multiply"):
            with monkeypatch.context() as patch:
                patch.setattr(host_mode, "_FEW", 10**6)
                z = hc.functional.product(q, q, hc.QUATERNION)
            torch.testing.assert_close(z, OPERATIONS["multiply"].twin(q, q, hc.QUATERNION.product))
        assert OPERATIONS["multiply"].forced is None


def test_the_setting_holds_until_it_is_taken_back():
    try:
        use("twin")
        assert all(operation.forced == operation.twin.__name__ for operation in OPERATIONS.values())
        compiled = torch.compile(
            lambda q: hc.functional.rotate(q, q[..., 1:], hc.QUATERNION), backend="aot_eager"
        )
        q = torch.randn(3, 4)
        torch.testing.assert_close(compiled(q), hc.functional.rotate(q, q[..., 1:], hc.QUATERNION))
    finally:
        use(None)
    assert not any(operation.forced for operation in OPERATIONS.values())


def test_settings_overlap():
    """Each puts back what it has forced, and may be used again."""
    first, operations = use("twin", "multiply"), OPERATIONS
    second = use("twin", "rotate")
    first.__exit__(None, None, None)
    assert operations["multiply"].forced is None
    assert operations["rotate"].forced == "rotate"
    second.__exit__(None, None, None)
    assert not any(operation.forced for operation in operations.values())
    with first:
        assert operations["multiply"].forced == "multiply"
    assert not any(operation.forced for operation in operations.values())


def test_what_cannot_be_forced_says_why():
    q = torch.randn(3, 4, dtype=torch.float16)
    with (
        use("pairs"),
        pytest.raises(RuntimeError, match="`pairs` cannot do multiply here: it need"),
    ):
        hc.functional.product(q, q, hc.QUATERNION)
    q, huge = q.float(), torch.full((3, 4), 1e30)
    with use("pairs"), pytest.raises(RuntimeError, match="no such variant for "):
        hc.functional.product(q, q, hc.clifford(2))
    with use("few", "rotate"), pytest.raises(RuntimeError, match="it declines these values"):
        hc.functional.rotate(huge, q[:, 1:], hc.QUATERNION)
    with pytest.raises(ValueError, match=r"`variant` .*'magic'.* is none of any operation"):
        use("magic")
    with pytest.raises(
        ValueError, match=r"`variant` .*'few'.* of multiply must be 'twin' or among"
    ):
        use("few", "multiply")
    with pytest.raises(ValueError, match=r"`operations` .*'divide'"):
        use("twin", "divide")
    assert not any(operation.forced for operation in OPERATIONS.values())


def test_the_table_says_all_of_it():
    table = list(rows())
    for name, operation in OPERATIONS.items():
        known = [row[1] for row in table if row[0] == name]
        assert known == [*(v.name for v in operation.variants), "twin"]
    assert all(sentence for *_, sentence in table)


# ---------------------------------------------------------------------- the mode


def test_the_mode_says_what_is_the_case():
    x = torch.randn(3, 4)
    facts = mode(x)
    assert facts & FEW
    assert facts & IN_PLACE
    assert facts & READABLE
    assert not mode(x, x.double()) & PRECISE
    assert not mode(planar(x)) & PACKED
    assert not mode(x.to("meta")) & (READABLE | IN_PLACE)
    with FlopCounterMode(display=False):
        assert not mode(x) & (EAGER | READABLE)
    with torch.autograd.forward_ad.dual_level():
        assert not mode(x) & EAGER
        assert mode(x) & READABLE
    seen = []
    torch.func.vmap(lambda x: seen.append(mode(x)) or x)(x)
    assert not seen[0] & (READABLE | EAGER | IN_PLACE | COMPILED)
    assert all(":" in text for text in FACTS.values())
