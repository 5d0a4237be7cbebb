"""A product that was learned in unknown bases is told by what does not depend on them."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex.nn import PHMLinear
from tests.cases import FRACTIONAL

WIDE = {"dtype": torch.float64}
COMPOSITION = (
    hc.COMPLEX,
    hc.SPLIT_COMPLEX,
    hc.QUATERNION,
    hc.SPLIT_QUATERNION,
    hc.OCTONION,
    hc.SPLIT_OCTONION,
)
TOLD = (*COMPOSITION, hc.REAL, hc.DUAL, hc.clifford(1, 0, 1), hc.BICOMPLEX, hc.clifford(0, 3))


def constants(algebra):
    return hc.LearnedBilinear.like(algebra, **WIDE).constants.detach()


def hidden(algebra, seed=0):
    """The product in three other bases."""
    n, generator = algebra.dimension, torch.Generator().manual_seed(seed)
    maps = torch.randn(3, n, n, generator=generator, **WIDE)
    return torch.einsum("ijk,ix,jy,zk->xyz", constants(algebra), *maps)


@pytest.mark.parametrize("algebra", TOLD, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_an_isotope_with_unit(algebra, seed):
    c = hc.LearnedBilinear(hidden(algebra, seed)).unital().constants
    eye = torch.eye(algebra.dimension, **WIDE)
    torch.testing.assert_close(c[0], eye, atol=1e-7, rtol=0)
    torch.testing.assert_close(c[:, 0], eye, atol=1e-7, rtol=0)


@pytest.mark.parametrize("algebra", TOLD, ids=str)
def test_named_algebras_are_told(algebra):
    found = hc.LearnedBilinear(hidden(algebra)).diagnose()
    assert any(known.isomorphism_to(algebra) for known in found.algebras)
    exact = found.invariants
    assert exact.derivations == len(algebra.derivations)
    assert exact.centre == len(algebra.centre)
    assert exact.trace_form == algebra.trace_form_signature
    assert (exact.associator < 1e-6) == bool(algebra.is_associative)
    assert str(algebra) in str(hc.LearnedBilinear.like(algebra).diagnose())


@pytest.mark.parametrize("size", [1e3, 1e-3])
def test_degenerate_algebras_are_told_in_any_unit(size):
    assert hc.PGA in hc.LearnedBilinear(size * hidden(hc.PGA)).diagnose().algebras


@pytest.mark.parametrize("algebra", COMPOSITION, ids=str)
def test_composition_algebras_are_found_exactly(algebra):
    noisy = hidden(algebra)
    noisy = noisy + 1e-7 * torch.randn(noisy.shape, **WIDE)
    found = hc.LearnedBilinear(noisy).unital().to_algebra()
    assert found.is_composition
    assert found.isomorphism_to(algebra)


def test_rounding_is_exact_and_refuses_what_is_far():
    rule = hc.LearnedBilinear.like(FRACTIONAL)
    assert rule.to_algebra(denominator=4) == FRACTIONAL
    with pytest.raises(ValueError, match=r"`constants\[1, 1, 0\]` .*`denominator` \(=1\)"):
        rule.to_algebra()
    matrices = hc.LearnedBilinear.like(hc.M2).to_algebra()
    assert matrices.products == hc.M2.products
    for call in (lambda rule: rule.to_algebra(), lambda rule: rule.unital()):
        with pytest.raises(ValueError, match=r"shape \(2, 3, 4\) must have three equal sides"):
            call(hc.LearnedBilinear(torch.randn(2, 3, 4)))
    with pytest.raises(ValueError, match="no number multiplies invertibly"):
        hc.LearnedBilinear.like(hc.SO3).unital()


def fitted(model, loss, steps=80):
    optimizer = torch.optim.LBFGS(
        model.parameters(), max_iter=steps, tolerance_grad=1e-12, tolerance_change=0,
        line_search_fn="strong_wolfe", history_size=50,
    )  # fmt: skip

    def closure():
        optimizer.zero_grad()
        found = loss()
        found.backward()
        return found

    optimizer.step(closure)
    return closure().item()


def test_a_rule_fed_with_hamilton_products_recovers_the_quaternions():
    """Factors and products are seen in bases that nobody told; the division algebra is found."""
    p, q = (hc.QuaternionTensor.randn(200, **WIDE) for _ in range(2))
    seen = [x.components @ torch.randn(4, 4, **WIDE) for x in (p, q, p * q)]
    rule = hc.LearnedBilinear.random(4, **WIDE)
    assert fitted(rule, lambda: (rule(*seen[:2]) - seen[2]).square().mean()) < 1e-14
    assert "QUATERNION" in map(str, rule.diagnose().algebras)
    found = rule.unital().to_algebra()
    assert found.is_division
    assert found.isomorphism_to(hc.QUATERNION)


def test_a_layer_fed_with_hamilton_products_recovers_the_quaternions():
    """Weight and rule are both unknown; inputs and outputs are in unknown bases, too."""
    hidden = hc.nn.QuaternionLinear(4, 4, bias=False, **WIDE)
    x = torch.randn(300, 16, **WIDE)
    into, out = (torch.randn(4, 4, **WIDE) for _ in range(2))
    with torch.no_grad():
        y = hidden(torch.einsum("bjc,jk->bkc", x.unflatten(1, (4, 4)), into).flatten(1))
        y = torch.einsum("bjc,jk->bkc", y.unflatten(1, (4, 4)), out).flatten(1)
    layer = PHMLinear(4, 16, 16, bias=False, **WIDE)
    assert fitted(layer, lambda: (layer(x) - y).square().mean(), 400) < 1e-12
    assert "QUATERNION" in map(str, layer.algebra.diagnose().algebras)
    assert layer.algebra.unital().to_algebra().isomorphism_to(hc.QUATERNION)


def test_what_is_no_rule_is_refused():
    with pytest.raises(ValueError, match="`n` \\(=0\\) must be a positive integer"):
        hc.LearnedBilinear.random(0)
    with pytest.raises(TypeError, match="`product` \\(=4\\)"):
        hc.LearnedBilinear.like(4)
    with pytest.raises(ValueError, match="`b` of shape \\(5, 3\\) must hold the 2 components"):
        hc.LearnedBilinear.random(2)(torch.ones(5, 2), torch.ones(5, 3))
    with pytest.raises(ValueError, match="`constants` must be finite"):
        hc.LearnedBilinear(torch.full((2, 2, 2), torch.nan)).unital()
