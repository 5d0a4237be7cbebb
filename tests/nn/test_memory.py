"""What layers keep for backward: at most what torch's layer of the same width does, weights compact.

Bytes are counted once for each storage that is saved, however often and as whatever view.
"""

import pytest
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

import hypercomplex as hc
from hypercomplex.lowering.plans import PLANS

ROWS, WIDTH, HEADS = 24, 64, 4
TABLE = (hc.QUATERNION, hc.OCTONION, hc.clifford(1, 1))

over_some = pytest.mark.parametrize("algebra", TABLE, ids=str)


def kept(call):
    """Every storage that is saved while it is called: its address → its bytes."""
    found = {}

    def pack(x):
        memory = x.untyped_storage()
        found[memory.data_ptr()] = memory.nbytes()
        return x

    with saved_tensors_hooks(pack, lambda x: x):
        y = call()
    assert y.requires_grad  # and so alive
    return found


def apart(layer, call):
    """Bytes of parameters, and of all else, that are kept."""
    found = kept(call)
    own = {p.untyped_storage().data_ptr() for p in layer.parameters()}
    weights = sum(size for at, size in found.items() if at in own)
    return weights, sum(found.values()) - weights


def size(x):
    return x.numel() * x.element_size()


def features(*shape):
    return torch.randn(*shape, WIDTH, requires_grad=True)


@over_some
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("plan", [None, *PLANS])
def test_a_linear_layer_keeps_its_input_and_its_compact_weight(plan, side, algebra):
    n, x = algebra.dimension, features(ROWS)
    if plan and PLANS[plan].refusal(algebra.product, x.dtype):
        pytest.skip("does not serve")
    layer = hc.nn.Linear(WIDTH // n, WIDTH // n, algebra=algebra, side=side, plan=plan)
    real = nn.Linear(WIDTH, WIDTH)
    _, beside = apart(real, lambda: real(x))
    assert apart(layer, lambda: layer(x)) == (size(layer.weight), beside)


@over_some
@pytest.mark.parametrize("plan", [None, *PLANS])
def test_typed_input_is_kept_once(plan, algebra):
    n = algebra.dimension
    if plan and PLANS[plan].refusal(algebra.product, torch.float32):
        pytest.skip("does not serve")
    layer = hc.nn.Linear(WIDTH // n, WIDTH // n, algebra=algebra, plan=plan)
    x = hc.as_hypercomplex(torch.randn(ROWS, WIDTH // n, n), algebra).requires_grad_()
    found = apart(layer, lambda: layer(x))
    assert found == (size(layer.weight), 4 * ROWS * WIDTH)


@pytest.mark.parametrize("need_weights", [False, True])
@over_some
def test_attention_keeps_one_tensor_more_than_torchs(algebra, need_weights):
    """The heads' results, whose components are put together before they are projected."""
    n, x = algebra.dimension, features(3, 8)
    layer = hc.nn.MultiheadAttention(WIDTH // n, HEADS, batch_first=True, algebra=algebra)
    real = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    weights, beside = apart(layer, lambda: layer(x, x, x, need_weights=need_weights)[0])
    theirs, besides = apart(real, lambda: real(x, x, x, need_weights=need_weights)[0])
    assert weights == sum(size(p) for p in layer.parameters() if p.ndim == 3) == theirs // n
    assert beside <= besides + size(x)


@pytest.mark.parametrize("dropout", [0.0, 0.1])
@pytest.mark.parametrize("norm_first", [False, True])
@over_some
def test_an_encoder_layer_keeps_what_torchs_keeps_and_compact_weights(algebra, norm_first, dropout):
    n, x = algebra.dimension, features(3, 8)
    words = {"dropout": dropout, "batch_first": True, "norm_first": norm_first}
    wide = 2 * WIDTH
    layer = hc.nn.TransformerEncoderLayer(WIDTH // n, HEADS, wide // n, algebra=algebra, **words)
    real = nn.TransformerEncoderLayer(WIDTH, HEADS, wide, **words)
    weights, beside = apart(layer, lambda: layer(x))
    theirs, besides = apart(real, lambda: real(x))
    assert weights <= theirs / n + 2 * 4 * WIDTH  # the factors and shifts of normalisation
    assert beside <= besides + size(x) + 4 * 4 * WIDTH  # the heads' results once more, and factors
    assert weights + beside < theirs + besides


@over_some
def test_a_frozen_layer_that_learns_keeps_no_more(algebra):
    n, x = algebra.dimension, features(ROWS)
    layer = hc.nn.freeze(hc.nn.Linear(WIDTH // n, WIDTH // n, algebra=algebra, plan="block"))
    with torch.no_grad():
        layer(x)
    assert apart(layer, lambda: layer(x)) == (size(layer.weight), size(x))
    layer.requires_grad_(False)
    assert sum(kept(lambda: layer(x)).values()) <= size(layer.weight) + size(x)
