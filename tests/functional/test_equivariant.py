"""Functions of grades: each is its formula, and commutes with the group Pin."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex import functional as F
from hypercomplex.lowering import fold, unfold
from tests.cases import naive_product
from tests.versors import CLIFFORD, check_equivariant, check_invariant

ALGEBRAS = (*CLIFFORD, hc.PGA)
every = pytest.mark.parametrize("algebra", ALGEBRAS, ids=str)
SMALL = (hc.clifford(3), hc.PGA)
DOUBLE = {"dtype": torch.float64}


def numbers(algebra, *shape):
    return torch.randn(*shape, algebra.dimension, **DOUBLE)


def on_numbers(function, **options):
    """A function of features as one of components last."""

    def apply(*inputs):
        y = function(*(fold(x, x.ndim - 2) for x in inputs), **options)
        return unfold(y, y.ndim - 1, inputs[0].shape[-1])

    return apply


def grade(algebra, x, g):
    return x * torch.tensor([of == g for of in algebra.blades.of])


def weights(algebra, *shape, of="maps"):
    return torch.randn(*shape, getattr(algebra.blades.equivariance, of).shape[0], **DOUBLE)


# ---------------------------------------------------------------------- the formulas


@every
def test_linear_is_its_formula(algebra):
    x, group = numbers(algebra, 3, 2), algebra.blades.equivariance
    w = weights(algebra, 4, 2)
    b = torch.randn(4, len(group.invariants), **DOUBLE)
    y = on_numbers(F.equivariant_linear, weight=w, bias=b, algebra=algebra)(x)
    expected = torch.zeros(3, 4, algebra.dimension, **DOUBLE)
    expected[..., 0] += b[:, 0]
    for g in range(group.grades):
        expected += torch.einsum("oi,bin->bon", w[..., g], grade(algebra, x, g))
    if algebra == hc.PGA:
        e0 = torch.eye(16, **DOUBLE)[1]
        expected[..., 1] += b[:, 1]
        for g in range(4):
            part = naive_product(e0, grade(algebra, x, g), algebra)
            expected += torch.einsum("oi,bin->bon", w[..., 5 + g], part)
    torch.testing.assert_close(y, expected)


def literal_product(algebra, x, y, weight):
    """`weight` is `(O, C, P)`; factors `(B, C, n)`; all constants, with the weight of each."""
    n, of, paths = algebra.dimension, algebra.blades.of, algebra.blades.equivariance.paths
    table = torch.zeros(*weight.shape[:2], n, n, n, **DOUBLE)
    for i, j, k, c in algebra.products:
        table[..., i, j, k] = c * weight[..., paths.index((of[i], of[j], of[k]))]
    return torch.einsum("ocijk,bci,bcj->bok", table, x, y)


@every
def test_products_are_their_formulas(algebra):
    x, y = numbers(algebra, 2, 3, 2)
    w = weights(algebra, 4, 2, of="sums")
    z = on_numbers(F.fully_connected_product, weight=w, algebra=algebra)(x, y)
    torch.testing.assert_close(z, literal_product(algebra, x, y, w))
    w = w[:2, 0]
    z = on_numbers(F.weighted_product, weight=w, algebra=algebra)(x, y)
    each = [literal_product(algebra, x[:, [c]], y[:, [c]], w[c, None, None]) for c in (0, 1)]
    torch.testing.assert_close(z, torch.cat(each, 1))
    z = on_numbers(F.geometric_product, algebra=algebra)(x, y)
    torch.testing.assert_close(z, naive_product(x, y, algebra))


def test_joins_are_lines_and_planes():
    """Of points e123 + a e032 + …, as the exterior products of their complements say."""
    points = numbers(hc.PGA, 3, 1)
    points = grade(hc.PGA, points, 3)
    a, b, c = (fold(p.unsqueeze(0), 1) for p in points)
    one = torch.eye(16, **DOUBLE)[15]
    line = F.join(a, b, one, algebra=hc.PGA)
    assert (line == grade(hc.PGA, line, 2)).all()
    plane = F.join(line, c, one, algebra=hc.PGA)
    assert (plane == grade(hc.PGA, plane, 1)).all()
    for point in points:  # lie on the plane: the exterior product of both is 0
        wedge = hc.PGA.blades.wedge(plane[0].tolist(), point[0].tolist())
        assert max(map(abs, wedge)) < 1e-12


@every
def test_squares_and_norms_of_grades(algebra):
    x = numbers(algebra, 5)
    squares = F.grade_squares(x, algebra)
    reverse = torch.tensor(algebra.blades.reverse)
    for g in range(algebra.blades.generators + 1):
        part = grade(algebra, x, g)
        expected = naive_product(part * reverse, part, algebra)[:, 0]
        torch.testing.assert_close(squares[:, g], expected)
    torch.testing.assert_close(F.grade_norms(x, algebra, 0.0), squares.abs().sqrt())
    typed = hc.as_hypercomplex(x, algebra)
    assert torch.equal(F.grade_norms(typed), F.grade_norms(x, algebra))


def test_norms_are_smooth_at_zero():
    x = torch.zeros(8, **DOUBLE, requires_grad=True)
    F.grade_norms(x, hc.clifford(3)).sum().backward()
    assert torch.equal(x.grad, torch.zeros(8, **DOUBLE))


def test_norms_of_half_precision_are_those_of_single():
    x = torch.tensor([[0.0] * 8, [300.0] * 8], dtype=torch.float16, requires_grad=True)
    norms = F.grade_norms(x, hc.clifford(3))
    assert torch.equal(norms, F.grade_norms(x.float(), hc.clifford(3)).half())
    norms.sum().backward()
    assert norms.isfinite().all()
    assert x.grad.isfinite().all()


@every
def test_gates_and_norms_are_their_formulas(algebra):
    x, G = numbers(algebra, 3, 2), algebra.blades.generators + 1
    a, b = torch.randn(2, 2, G, **DOUBLE)
    squares, norms = F.grade_squares(x, algebra), F.grade_norms(x, algebra)
    invariants = torch.cat([x[..., :1], squares[..., 1:]], -1)
    gated = on_numbers(F.grade_gate, weight=a, bias=b, algebra=algebra)(x)
    nearer = on_numbers(F.grade_normalize, weight=a, algebra=algebra)(x)
    for g in range(G):
        gate = torch.sigmoid(a[:, g] * invariants[..., g] + b[:, g]).unsqueeze(-1)
        torch.testing.assert_close(grade(algebra, gated, g), gate * grade(algebra, x, g))
        factor = (1 + torch.sigmoid(a[:, g]) * (norms[..., g] - 1)).unsqueeze(-1)
        torch.testing.assert_close(grade(algebra, nearer, g), grade(algebra, x, g) / factor)
    measured = sum(bool(any(row)) for row in _form(algebra))
    size = squares.abs().sum(-1).mean(-1) / measured
    scaled = on_numbers(F.equivariant_layer_norm, algebra=algebra)(x)
    torch.testing.assert_close(scaled, x / (size + 1e-5).sqrt()[:, None, None])


def _form(algebra):
    """`⟨x̃ y⟩` of blades, by their products."""
    n, reverse = algebra.dimension, algebra.blades.reverse
    unit = lambda k, sign=1: [sign * (k == m) for m in range(n)]
    return [[algebra.product(unit(i, reverse[i]), unit(j))[0] for j in range(n)] for i in range(n)]


# ---------------------------------------------------------------------- the group


def calls(algebra):
    """Each function of numbers `(B, C, n)` with everything but the numbers given."""
    G = algebra.blades.generators + 1
    invariants = len(algebra.blades.equivariance.invariants)
    a, b = torch.randn(2, 2, G, **DOUBLE)
    given = {
        F.equivariant_linear: {
            "weight": weights(algebra, 3, 2),
            "bias": torch.randn(3, invariants, **DOUBLE),
        },
        F.weighted_product: {"weight": weights(algebra, 2, of="sums")},
        F.fully_connected_product: {"weight": weights(algebra, 3, 2, of="sums")},
        F.geometric_product: {},
        F.join: {},
        F.grade_gate: {"weight": a, "bias": b},
        F.grade_normalize: {"weight": a},
        F.equivariant_layer_norm: {"weight": a[:, 0]},
    }
    two = (F.weighted_product, F.fully_connected_product, F.geometric_product)
    for function, options in given.items():
        inputs = 3 if function is F.join else 2 if function in two else 1
        yield function.__name__, on_numbers(function, **options, algebra=algebra), inputs


@every
def test_functions_commute_with_the_group(algebra):
    for _, function, inputs in calls(algebra):
        check_equivariant(function, algebra, *numbers(algebra, inputs, 5, 2))


@every
def test_squares_and_norms_are_invariant(algebra):
    x = numbers(algebra, 5)
    check_invariant(lambda x: F.grade_squares(x, algebra), algebra, x)
    check_invariant(lambda x: F.grade_norms(x, algebra), algebra, x)


def test_what_is_not_equivariant_is_found():
    """The check can fail: components have no meaning to the group."""
    with pytest.raises(AssertionError):
        check_equivariant(torch.relu, hc.clifford(3), numbers(hc.clifford(3), 5))


# ---------------------------------------------------------------------- torch


@pytest.mark.parametrize("algebra", SMALL, ids=str)
def test_derivatives(algebra):
    for _, function, inputs in calls(algebra):
        given = [x.requires_grad_() for x in numbers(algebra, inputs, 1, 2).unbind()]
        assert torch.autograd.gradcheck(function, given, fast_mode=True)
        assert torch.autograd.gradgradcheck(function, given, fast_mode=True)


@pytest.mark.parametrize("algebra", SMALL, ids=str)
def test_functions_of_weights_have_derivatives(algebra):
    x, y = (fold(z, 1) for z in numbers(algebra, 2, 2, 2))
    w = weights(algebra, 3, 2, of="sums").requires_grad_()
    function = lambda w: F.fully_connected_product(x, y, w, algebra=algebra)
    assert torch.autograd.gradcheck(function, w, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, w, fast_mode=True)
    function = lambda w: F.weighted_product(x, y, w[0], algebra=algebra)
    assert torch.autograd.gradcheck(function, w, fast_mode=True)
    v = weights(algebra, 3, 2).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda v: F.equivariant_linear(x, v, algebra=algebra), v, fast_mode=True
    )


@pytest.mark.parametrize("algebra", SMALL, ids=str)
def test_functions_map_and_take_what_is_empty(algebra):
    for _, function, inputs in calls(algebra):
        given = numbers(algebra, inputs, 4, 2, 2)
        mapped = torch.func.vmap(function)(*given)
        torch.testing.assert_close(mapped, torch.stack([function(*x) for x in given.unbind(1)]))
        assert function(*given[:, :0, 0]).shape == (0, *mapped.shape[2:])
        _, tangent = torch.func.jvp(function, tuple(given), tuple(given))
        assert tangent.isfinite().all()


@pytest.mark.parametrize("algebra", SMALL, ids=str)
def test_typed_numbers_give_typed_numbers(algebra):
    for name, _, inputs in calls(algebra):
        given = numbers(algebra, inputs, 3, 2)
        typed = getattr(F, name)(
            *(hc.as_hypercomplex(x, algebra) for x in given), **_options(name, algebra)
        )
        assert type(typed) is hc.tensor_type(algebra)
        plain = on_numbers(getattr(F, name), **_options(name, algebra), algebra=algebra)(*given)
        torch.testing.assert_close(typed.components, plain)


def _options(name, algebra):
    """Fixed weights."""
    G, group = algebra.blades.generators + 1, algebra.blades.equivariance
    per_grade = torch.linspace(-1, 1, 2 * G, **DOUBLE).view(2, G)
    return {
        "equivariant_linear": {"weight": torch.ones(3, 2, group.maps.shape[0], **DOUBLE)},
        "weighted_product": {"weight": torch.ones(2, len(group.paths), **DOUBLE)},
        "fully_connected_product": {"weight": torch.ones(3, 2, len(group.paths), **DOUBLE)},
        "grade_gate": {"weight": per_grade, "bias": per_grade},
        "grade_normalize": {"weight": per_grade},
    }.get(name, {})


def test_algebras_without_grades_are_refused():
    with pytest.raises(ValueError, match=r"`algebra` \(=OCTONION\) has no grades"):
        F.grade_squares(torch.ones(8), hc.OCTONION)
    with pytest.raises(ValueError, match=r"`weight` of shape \(3, 2, 5\) must have the shape"):
        F.equivariant_linear(torch.ones(16), torch.ones(3, 2, 5), algebra=hc.clifford(3))
    with pytest.raises(ValueError, match=r"`other` of shape \(24,\) must have 8·2 = 16 channels"):
        F.geometric_product(torch.ones(16), torch.ones(24), algebra=hc.clifford(3))
    w, b = torch.ones(3, 2, 4), torch.ones(3, 2)
    with pytest.raises(ValueError, match=r"`bias` of shape \(3, 2\) must have the shape \(O, b\)"):
        F.equivariant_linear(torch.ones(16), w, b, algebra=hc.clifford(3))
