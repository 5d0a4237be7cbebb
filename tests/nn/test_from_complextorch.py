"""Every row of the page for users of complextorch, where it is installed: its layer and ours, with the same weights."""

import pytest
import torch
from torch import nn

import hypercomplex as hc
from tests import moving

ct = pytest.importorskip("complextorch.nn")

PAGE = "from-complextorch.md", "complextorch"
C, T = hc.COMPLEX, hc.tensor_type(hc.COMPLEX)


def random(*size):
    return torch.randn(*size, dtype=torch.complex64)


def typed(z):
    return T(torch.view_as_real(z))


def same(theirs, ours):
    ours = torch.view_as_complex(ours.components.contiguous()) if isinstance(ours, T) else ours
    torch.testing.assert_close(theirs, ours, rtol=1e-5, atol=1e-5)


def weights(theirs, ours):
    """Their weight and bias in a layer of ours."""
    ours.load_state_dict(
        {k.split(".")[-1]: torch.view_as_real(v) for k, v in theirs.state_dict().items()}
    )
    return ours


def gates(cell, letters):
    """The four arrays of a cell of theirs, as typed tensors with one gate below the other."""
    for side in "ih":
        each = [getattr(cell, f"w_{side}{letter}").linear for letter in letters]
        yield typed(torch.cat([layer.weight for layer in each]))
        yield typed(torch.cat([layer.bias for layer in each]))


WITH_WEIGHTS = {
    "Linear": ((3, 2), (5, 3)),
    "Conv1d": ((3, 2, 3), (5, 3, 7)),
    "Conv2d": ((3, 2, 3), (5, 3, 7, 7)),
    "Conv3d": ((3, 2, 3), (2, 3, 5, 5, 5)),
    "ConvTranspose1d": ((3, 2, 3), (5, 3, 7)),
    "ConvTranspose2d": ((3, 2, 3), (5, 3, 7, 7)),
    "ConvTranspose3d": ((3, 2, 3), (2, 3, 3, 3, 3)),
}

WITHOUT = {
    "AvgPool1d": (2,), "AvgPool2d": (2,), "AvgPool3d": (2,),
    "AdaptiveAvgPool1d": (3,), "AdaptiveAvgPool2d": (3,), "AdaptiveAvgPool3d": (3,),
    "MagMaxPool1d": (2,), "MagMaxPool2d": (2,), "MagMaxPool3d": (2,),
}  # fmt: skip

ACTIVATIONS = {
    "Mod": lambda z: z.abs(),
    "CVCardiod": hc.nn.Cardioid(algebra=C),
    "CVPolarTanh": hc.nn.ModTanh(algebra=C),
    "CVSplitTanh": hc.nn.Split(nn.Tanh()),
    "CTanh": hc.nn.Split(nn.Tanh()),
    "CVSplitSigmoid": hc.nn.Split(nn.Sigmoid()),
    "CSigmoid": hc.nn.Split(nn.Sigmoid()),
    "CVSplitReLU": hc.nn.Split(nn.ReLU()),
    "CReLU": hc.nn.Split(nn.ReLU()),
    "CVSplitELU": hc.nn.Split(nn.ELU()),
    "CELU": hc.nn.Split(nn.ELU()),
    "CVSplitCELU": hc.nn.Split(nn.CELU()),
    "CCELU": hc.nn.Split(nn.CELU()),
    "CVSplitGELU": hc.nn.Split(nn.GELU()),
    "CGELU": hc.nn.Split(nn.GELU()),
    "CVSplitAbs": hc.nn.Split(torch.abs),
}


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_layers_with_weights(name):
    arguments, size = WITH_WEIGHTS[name]
    theirs = getattr(ct, name)(*arguments)
    z = random(*size)
    same(theirs(z), weights(theirs, getattr(hc.nn, name)(*arguments, algebra=C))(typed(z)))


@pytest.mark.parametrize("name", WITHOUT)
def test_pools(name):
    ours = getattr(hc.nn, name.removeprefix("Mag"))
    z = random(2, 3, *[6] * int(name[-2]))
    same(getattr(ct, name)(*WITHOUT[name])(z), ours(*WITHOUT[name], algebra=C)(typed(z)))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name):
    z = random(5, 3)
    same(getattr(ct, name)()(z.clone()), ACTIVATIONS[name](typed(z)))


def test_rectified_modulus():
    z, ours = random(5, 3), hc.nn.ModReLU(3, algebra=C)
    nn.init.constant_(ours.bias, -0.3)
    same(ct.modReLU(-0.3)(z), ours(typed(z)))


def test_gates_are_complex_products_there():
    """As the page says: the equations are ours, but for the products of gates, which are split here."""
    sigmoid, tanh = map(hc.functional.split, (torch.sigmoid, torch.tanh))
    cell, x, h, c = ct.LSTMCell(3, 2), random(3), random(2), random(2)
    W, b, U, d = gates(cell, "ifgo")
    i, f, g, o = (W @ typed(x) + b + U @ typed(h) + d).chunk(4)
    new = sigmoid(f) * typed(c) + sigmoid(i) * tanh(g)
    same(cell(x[None], (h[None], c[None]))[0][0], sigmoid(o) * tanh(new))


@pytest.mark.parametrize("scale", [1, 0.5])
def test_losses(scale):
    a, b = random(5, 3), random(5, 3)
    theirs = ct.MSELoss() if scale == 1 else ct.CVQuadError()
    same(theirs(a, b), scale * nn.functional.mse_loss(typed(a), typed(b)))


def test_norms_differ():
    """As the page says: of one input both have covariance 1, by another root of it."""
    z = random(200, 3) + (1 + 1j) * random(200, 3).real
    theirs = torch.view_as_real(ct.BatchNorm1d(3, affine=False)(z))
    ours = hc.nn.BatchNorm1d(3, affine=False, algebra=C)(typed(z)).components
    assert (theirs - ours).abs().max() > 0.1
    for y in (theirs, ours):
        covariance = torch.einsum("nci,ncj->cij", y, y) / 200
        scale = covariance.diagonal(dim1=-2, dim2=-1).mean(-1)[:, None, None]
        torch.testing.assert_close(
            covariance / scale, torch.eye(2).expand(3, 2, 2), atol=1e-3, rtol=0
        )


def test_layouts():
    z = random(5, 3)
    folded = typed(z).folded()
    same(ct.ConcatenatedToComplex()(folded), hc.as_hypercomplex(folded, C, folded=-1))
    same(ct.ComplexToConcatenated()(z), folded)
    interleaved = torch.view_as_real(z).flatten(-2)
    numbers = hc.nn.FeaturesToNumbers(algebra=C)(interleaved)
    same(ct.InterleavedToComplex()(interleaved), hc.as_hypercomplex(numbers, C, folded=-1))
    same(ct.RealToComplex()(z.real), T(nn.functional.pad(z.real.unsqueeze(-1), (0, 1))))
    image = random(2, 3, 4)
    doubled = nn.functional.interpolate(typed(image), scale_factor=2)
    same(ct.Upsample(scale_factor=2)(image), doubled)


def test_the_page_names_all_that_there_is():
    offered = {name for name in ct.__all__ if isinstance(getattr(ct, name), type)}
    assert offered - moving.named(*PAGE) == set()


def test_all_that_the_page_answers_is_compared():
    others = {"modReLU", "MSELoss", "CVQuadError", "Upsample"}
    layouts = {
        "InterleavedToComplex",
        "ConcatenatedToComplex",
        "ComplexToConcatenated",
        "RealToComplex",
    }
    assert moving.answered(*PAGE) == {*WITH_WEIGHTS, *WITHOUT, *ACTIVATIONS} | others | layouts
