"""Weights of other libraries mean the same in ours."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex.compat import speechbrain as sb
from hypercomplex.compat.layouts import from_four_weights, from_kronecker
from tests.cases import every_telling_algebra, naive_product, numbers

CONVOLUTIONS = {
    1: (sb.QConv1d, hc.nn.QuaternionConv1d),
    2: (sb.QConv2d, hc.nn.QuaternionConv2d),
}


def test_a_network_of_four_weights():
    theirs = torch.nn.Sequential(sb.QLinear(5, 12), sb.QBatchNorm(20), sb.QLinear(2, 20, False))
    theirs[0].bias.data.normal_()
    state = theirs.state_dict()
    converted = from_four_weights(state)
    ours = torch.nn.Sequential(
        hc.nn.QuaternionLinear(3, 5), sb.QBatchNorm(20), hc.nn.QuaternionLinear(5, 2, bias=False)
    )
    ours.load_state_dict(converted)
    x = torch.randn(7, 12)
    torch.testing.assert_close(ours(x), theirs(x))
    assert "0.r_weight" in state


@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize("groups", [1, 2])
def test_convolutions_of_four_weights(axes, groups):
    their_type, our_type = CONVOLUTIONS[axes]
    size = (7,) * axes
    theirs = their_type(4, 3, (2, *size, 8), groups=groups, padding="valid")
    theirs.bias.data.normal_()
    ours = our_type(2, 4, 3, groups=groups)
    ours.load_state_dict(from_four_weights(theirs.state_dict()))
    x = torch.randn(2, *size, 8)
    torch.testing.assert_close(ours(x.transpose(1, -1)), theirs(x).transpose(1, -1))


@every_telling_algebra
def test_other_names_with_outputs_first(algebra):
    names = [f"w{unit}" for unit in range(algebra.dimension)]
    weight, bias = numbers(algebra, 5, 3), numbers(algebra, 5)
    state = {f"a.{name}": part for name, part in zip(names, weight.unbind(-1), strict=True)}
    state["a.offset"] = bias.T.flatten()
    options = {"inputs_first": False, "bias": "offset", "algebra": algebra}
    converted = from_four_weights(state, names, **options)
    torch.testing.assert_close(converted, {"a.weight": weight, "a.bias": bias})


def kronecker(rules, parts):
    """The real matrix of the definition, product by product."""
    return sum(torch.kron(a, s) for a, s in zip(rules, parts, strict=True))


@every_telling_algebra
def test_sums_of_kronecker_products(algebra):
    n = algebra.dimension
    mixture = torch.randn(n, n).double() + n * torch.eye(n)  # learned, so of no basis in particular
    units = hc.functional.left_matrix(torch.eye(n).double(), algebra)
    state = {
        "A": torch.einsum("im,mkj->ikj", mixture, units),
        "S": torch.randn(n, 5, 3).double(),
        "bias": torch.randn(n * 5).double(),
    }
    layer = hc.nn.Linear(3, 5, algebra=algebra).double()
    layer.load_state_dict(from_kronecker(state, algebra=algebra))
    x = torch.randn(2, n * 3).double()
    expected = x @ kronecker(state["A"], state["S"]).T + state["bias"]
    torch.testing.assert_close(layer(x), expected)


def test_kronecker_convolutions_have_no_bias():
    units = hc.functional.left_matrix(torch.eye(4), hc.QUATERNION)
    state = {"c.A": units, "c.S": torch.randn(4, 5, 3, 1, 1), "c.bias": torch.randn(20)}
    converted = from_kronecker(state, algebra=hc.QUATERNION)
    layer = torch.nn.ModuleDict({"c": hc.nn.QuaternionConv2d(3, 5, 1)})
    layer.load_state_dict(converted)
    x = numbers(hc.QUATERNION, 3).float()
    y = layer["c"](x.T.reshape(1, 12, 1, 1)).view(4, 5).T
    weight = state["c.S"].view(4, 5, 3).movedim(0, -1)
    torch.testing.assert_close(y, naive_product(weight, x, hc.QUATERNION).sum(1))


UNITS = hc.functional.left_matrix(torch.eye(4), hc.QUATERNION)
OTHER_SIDE = hc.functional.right_matrix(torch.eye(4), hc.QUATERNION)


@pytest.mark.parametrize(
    ("convert", "message"),
    [
        (lambda: from_four_weights({"a.r_weight": torch.ones(2, 2)}), "must have 'a.i_weight'"),
        (lambda: from_four_weights(sb.QLinear(2, 8, spinor=True).state_dict()), "this layer rot"),
        (lambda: from_kronecker({"A": UNITS}, algebra=hc.QUATERNION), "must have 'S'"),
        (
            lambda: from_kronecker({"A": UNITS, "S": UNITS}, algebra=hc.COMPLEX),
            r"of shape \(4, 4, 4\) must be \(2, 2, 2\)",
        ),
        (
            lambda: from_kronecker({"A": OTHER_SIDE, "S": UNITS}, algebra=hc.QUATERNION),
            "is no table of QUATERNION: it differs by",
        ),
    ],
)
def test_errors(convert, message):
    with pytest.raises(ValueError, match=message):
        convert()
