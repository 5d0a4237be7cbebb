"""Distributions of torch refuse numbers, and the roads that they name draw all components."""

import pytest
import torch
from torch import distributions as D

import hypercomplex as hc

REFUSED = r"torch\.distributions\.\w+ is refused for QuaternionTensor: it draws one real number"


def numbers(*shape: int) -> hc.QuaternionTensor:
    return hc.QuaternionTensor.ones(*shape)


@pytest.mark.parametrize(
    "make",
    [
        lambda q: D.Normal(q, 1.0),
        lambda q: D.Normal(q, 1.0, validate_args=False),
        lambda q: D.Normal(torch.zeros(2), q, validate_args=False),
        lambda q: D.LogNormal(q, 1.0),
        lambda q: D.Laplace(q, torch.ones(2)),
        lambda q: D.StudentT(3.0, q),
        lambda q: D.Independent(D.Normal(q, 1.0), 1),
        lambda q: D.MultivariateNormal(q, torch.eye(2)),
        lambda q: D.MultivariateNormal(q, scale_tril=torch.eye(2), validate_args=False),
        lambda q: D.LowRankMultivariateNormal(q, torch.ones(2, 1), torch.ones(2)),
        lambda q: D.TransformedDistribution(D.Normal(torch.zeros(2), 1.0), D.AffineTransform(q, 1.0)).sample(),
        lambda q: D.AffineTransform(0.0, q).inv(torch.zeros(2)),
        lambda q: D.ExpTransform()(q),
        lambda q: D.Normal(torch.zeros(2), 1.0, validate_args=True).log_prob(q),
        lambda q: D.Normal(torch.zeros(2), 1.0, validate_args=True).cdf(q),
    ],
)  # fmt: skip
def test_numbers_are_refused(make) -> None:
    with pytest.raises(TypeError, match=REFUSED):
        make(numbers(2))


KINDS = [each for each in map(D.__dict__.get, D.__all__) if isinstance(each, type)]
MADE = [
    each
    for each in KINDS
    if issubclass(each, D.Distribution) and each not in (D.Distribution, D.ExponentialFamily)
]
ERRORS = (TypeError, ValueError, NotImplementedError, AttributeError, RuntimeError, AssertionError)


@pytest.mark.parametrize("kind", MADE, ids=lambda kind: kind.__name__)
def test_no_distribution_is_made_of_numbers(kind: type) -> None:
    """Wherever they stand, though they are real and positive here, and nothing is validated."""
    q = numbers(2, 2)
    for arguments in (
        (q,),
        (q, 1.0),
        (q, torch.eye(2)),
        (1.0, q),
        (torch.ones(2, 2), q),
        (1, 2, q),
    ):
        with pytest.raises(ERRORS):
            kind(*arguments, validate_args=False)


def test_the_roads_draw_all_components() -> None:
    torch.manual_seed(0)
    q = hc.QuaternionTensor([1.0, 2, 3, 4]).expand(10_000)
    normal = D.Independent(D.Normal(q.components, 0.5), 1)
    for drawn in (q + 0.5 * torch.randn_like(q), type(q)(normal.rsample())):
        noise = (drawn - q).components
        torch.testing.assert_close(noise.mean(0), torch.zeros(4), atol=0.03, rtol=0)
    torch.testing.assert_close(noise.T.cov(), torch.eye(4) / 4, atol=0.02, rtol=0)
    assert normal.log_prob(q.components).shape == (10_000,)


class Around(D.Distribution):
    """Somebody's own, of numbers."""

    def __init__(self, centre: hc.QuaternionTensor) -> None:
        self.centre = centre
        super().__init__(centre.shape, validate_args=False)

    def sample(self, sample_shape=()) -> hc.QuaternionTensor:
        return self.centre + torch.randn_like(self.centre.expand(*sample_shape, *self.batch_shape))


def test_distributions_of_others_may_hold_numbers() -> None:
    assert Around(numbers(2)).sample((3,)).shape == (3, 2)


def test_a_normal_distribution_is_compiled_as_before(backend: str) -> None:
    def density(x: torch.Tensor) -> torch.Tensor:
        return D.Normal(x, 1.0).log_prob(2 * x)

    x = torch.randn(3)
    found = torch.compile(density, backend=backend, fullgraph=True)(x)
    torch.testing.assert_close(found, density(x))
