"""Attention: heads of whole numbers, torch's own over the reals, and its literal twin."""

import copy
import math
import pickle
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

import hypercomplex as hc
from hypercomplex import functional
from hypercomplex.lowering import fold, unfold
from tests.cases import every_telling_algebra, numbers

E, HEADS = 4, 2
SCORES = ("real", "modulus")
every_score = pytest.mark.parametrize("score", SCORES)


def attention(algebra: hc.Algebra, **options: Any) -> Any:
    layer = hc.nn.MultiheadAttention(
        E, HEADS, **{"batch_first": True, "dtype": torch.float64} | options, algebra=algebra
    )
    with torch.no_grad():
        for p in layer.parameters():
            p.add_(0.1 * torch.randn_like(p))
    return layer


def slow(layer: Any, query: Any, key: Any, value: Any, allowed: Tensor) -> tuple[Any, Tensor]:
    """Head by head and pair by pair, with the tensor's operators."""
    q, k, v = layer.q_proj(query), layer.k_proj(key), layer.v_proj(value)
    d, n = E // HEADS, layer.algebra.dimension
    joined, weights = [], []
    for head in range(HEADS):
        part = slice(head * d, (head + 1) * d)
        a, b = q[..., part].unsqueeze(-2), k[..., part].unsqueeze(-3)  # (N, L, 1, d), (N, 1, S, d)
        if layer.score == "real":
            scores = (a.components * b.components).sum((-2, -1))
        else:
            scores = abs((a.conj() * b).sum(-1))
        weight = (scores / math.sqrt(n * d)).masked_fill(~allowed, -math.inf).softmax(-1)
        weights.append(weight)
        joined.append((v[..., part].unsqueeze(-3) * weight.unsqueeze(-1)).sum(-2))
    return layer.out_proj(torch.cat(joined, -1)), torch.stack(weights, 1)


@every_telling_algebra
@every_score
def test_attention_is_its_literal_twin(algebra: hc.Algebra, score: str) -> None:
    layer = attention(algebra, score=score, kdim=3, vdim=5)
    n = algebra.dimension
    x, y, z = (numbers(algebra, 2, length, width) for length, width in ((5, E), (6, 3), (6, 5)))
    query, key, value = (hc.as_hypercomplex(part, algebra) for part in (x, y, z))
    forbidden = torch.rand(5, 6) < 0.3
    forbidden[:, 0] = False
    ignored = torch.tensor([[False] * 6, [False] * 4 + [True] * 2])
    for masks, allowed in (
        ({}, torch.ones(2, 5, 6, dtype=torch.bool)),
        ({"is_causal": True}, torch.ones(2, 5, 6).tril() > 0),
        ({"attn_mask": forbidden, "key_padding_mask": ignored}, ~(forbidden | ignored[:, None])),
        (
            {"is_causal": True, "key_padding_mask": ignored},
            (torch.ones(5, 6).tril() > 0) & ~ignored[:, None],
        ),
    ):
        expected, by_head = slow(layer, query, key, value, allowed)
        for need_weights in (True, False):
            typed, weights = layer(query, key, value, need_weights=need_weights, **masks)
            folded, _ = layer(
                fold(x, 2), fold(y, 2), fold(z, 2), need_weights=need_weights, **masks
            )
            assert type(typed) is type(query)
            assert type(folded) is Tensor
            torch.testing.assert_close(typed.components, expected.components)
            torch.testing.assert_close(unfold(folded, 2, n), expected.components)
            assert (weights is None) is (not need_weights)
            if weights is not None:
                torch.testing.assert_close(weights, by_head.mean(1))
        _, weights = layer(query, key, value, average_attn_weights=False, **masks)
        torch.testing.assert_close(weights, by_head)


def test_the_score_is_the_real_part_of_the_product() -> None:
    """Re(q̄ k) is the inner product of all components, in ℝ, ℂ, ℍ and 𝕆."""
    for algebra in (hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION):
        x, y = numbers(algebra, 7), numbers(algebra, 7)
        product = hc.as_hypercomplex(x, algebra).conj() * hc.as_hypercomplex(y, algebra)
        torch.testing.assert_close(product.real, (x * y).sum(-1))


def test_the_modulus_is_blind_to_a_common_phase_of_the_key() -> None:
    layer = attention(hc.QUATERNION, score="modulus", bias=False)
    x, y = numbers(hc.QUATERNION, 2, 5, E), numbers(hc.QUATERNION, 2, 6, E)
    q, k = hc.QuaternionTensor(x), hc.QuaternionTensor(y)
    phase = torch.nn.functional.normalize(numbers(hc.QUATERNION, 1), dim=-1)
    _, weights = layer(q, k, k)
    _, turned = layer(q, k * hc.QuaternionTensor(phase), k)
    torch.testing.assert_close(weights, turned)


# ---------------------------------------------------------------------- the reals


def copied(ours: Any, theirs: nn.MultiheadAttention) -> None:
    """Torch's weights, in our shapes."""
    with torch.no_grad():
        for p in theirs.parameters():
            p.copy_(torch.randn_like(p) / 2)
        weights = (
            theirs.in_proj_weight.chunk(3)
            if theirs.in_proj_weight is not None
            else (theirs.q_proj_weight, theirs.k_proj_weight, theirs.v_proj_weight)
        )
        projections = (ours.q_proj, ours.k_proj, ours.v_proj)
        for projection, weight in zip(projections, weights, strict=True):
            projection.weight.copy_(weight.unsqueeze(-1))
        ours.out_proj.weight.copy_(theirs.out_proj.weight.unsqueeze(-1))
        if theirs.in_proj_bias is not None:
            biases = theirs.in_proj_bias.chunk(3)
            for projection, bias in zip(projections, biases, strict=True):
                projection.bias.copy_(bias.unsqueeze(-1))
            ours.out_proj.bias.copy_(theirs.out_proj.bias.unsqueeze(-1))


@pytest.mark.parametrize(
    "options",
    [{}, {"batch_first": True}, {"bias": False}, {"kdim": 3, "vdim": 5}],
    ids=str,
)
def test_over_the_reals_it_is_torchs(options: dict[str, Any]) -> None:
    twin = nn.MultiheadAttention(6, 3, **options, dtype=torch.float64)
    layer = hc.nn.MultiheadAttention(6, 3, **options, algebra=hc.REAL, dtype=torch.float64)
    copied(layer, twin)
    batch_first = options.get("batch_first", False)

    def sequence(length: int, width: int) -> Tensor:
        shape = (2, length, width) if batch_first else (length, 2, width)
        return torch.randn(shape, dtype=torch.float64)

    query, key, value = (
        sequence(4, 6),
        sequence(5, options.get("kdim", 6)),
        sequence(5, options.get("vdim", 6)),
    )
    forbidden = torch.rand(4, 5) < 0.3
    forbidden[:, 0] = False
    for masks in (
        {},
        {"need_weights": False},
        {"attn_mask": forbidden},
        {"attn_mask": torch.randn(4, 5, dtype=torch.float64)},
        {"attn_mask": torch.randn(6, 4, 5, dtype=torch.float64), "average_attn_weights": False},
        {"attn_mask": forbidden, "key_padding_mask": torch.arange(5).expand(2, 5) > 3},
        {"attn_mask": torch.ones(4, 5).triu(1) > 0, "is_causal": True, "need_weights": False},
    ):
        for mine, its in zip(
            layer(query, key, value, **masks), twin(query, key, value, **masks), strict=True
        ):
            torch.testing.assert_close(mine, its)
    if not batch_first:
        alone = (query[:, 0], key[:, 0], value[:, 0])
        for mine, its in zip(layer(*alone), twin(*alone), strict=True):
            torch.testing.assert_close(mine, its)


def copied_layer(ours: Any, theirs: nn.Module) -> None:
    """Random weights in a layer of ours, and the same in torch's."""
    for name, its in theirs.named_children():
        mine = getattr(ours, name)
        if isinstance(its, nn.MultiheadAttention):
            copied(mine, its)
        for part, other in zip(mine.parameters(), its.parameters(), strict=False):
            if not isinstance(its, nn.MultiheadAttention):
                with torch.no_grad():
                    part.copy_(torch.randn_like(part))
                    other.copy_(part.view_as(other))


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize(
    "activation", ["relu", "gelu", torch.tanh], ids=["relu", "gelu", "function"]
)
@pytest.mark.parametrize("bias", [False, True])
def test_the_encoder_layer_over_the_reals_is_torchs(
    norm_first: bool, batch_first: bool, activation: Any, bias: bool
) -> None:
    options: dict[str, Any] = {
        "activation": activation,
        "batch_first": batch_first,
        "norm_first": norm_first,
        "bias": bias,
        "dtype": torch.float64,
    }
    twin = nn.TransformerEncoderLayer(6, 3, 7, **options).eval()
    layer = hc.nn.TransformerEncoderLayer(6, 3, 7, **options, algebra=hc.REAL).eval()
    copied_layer(layer, twin)
    x = torch.randn(3, 5, 6, dtype=torch.float64)
    length = x.shape[1 if batch_first else 0]
    causal = torch.ones(length, length).triu(1) > 0
    torch.testing.assert_close(layer(x), twin(x))
    torch.testing.assert_close(layer(x, causal), twin(x, causal))
    torch.testing.assert_close(layer(x, is_causal=True), twin(x, causal))


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_the_decoder_layer_over_the_reals_is_torchs(
    norm_first: bool, batch_first: bool, bias: bool
) -> None:
    options: dict[str, Any] = {
        "batch_first": batch_first, "norm_first": norm_first, "bias": bias, "dtype": torch.float64,
    }  # fmt: skip
    twin = nn.TransformerDecoderLayer(6, 3, 7, **options).eval()
    layer = hc.nn.TransformerDecoderLayer(6, 3, 7, **options, algebra=hc.REAL).eval()
    copied_layer(layer, twin)
    x, memory = torch.randn(2, 4, 6, dtype=torch.float64), torch.randn(2, 4, 6, dtype=torch.float64)
    length, batch = (4, 2) if batch_first else (2, 4)
    causal = torch.ones(length, length).triu(1) > 0
    ignored = torch.arange(length).expand(batch, length) == length - 1
    for masks in (
        {},
        {"tgt_mask": causal, "memory_mask": causal},
        {"tgt_key_padding_mask": ignored, "memory_key_padding_mask": ignored},
    ):
        torch.testing.assert_close(layer(x, memory, **masks), twin(x, memory, **masks))
    expected = twin(x, memory, causal, causal)
    torch.testing.assert_close(
        layer(x, memory, tgt_is_causal=True, memory_is_causal=True), expected
    )
    stack = nn.TransformerDecoder(layer, 2)
    torch.testing.assert_close(
        stack(x, memory, tgt_mask=causal, tgt_is_causal=True),
        nn.TransformerDecoder(twin, 2)(x, memory, tgt_mask=causal, tgt_is_causal=True),
    )


# ---------------------------------------------------------------------- the layers of transformers


@every_telling_algebra
@pytest.mark.parametrize("norm_first", [False, True])
def test_the_encoder_layer_is_its_literal_twin(algebra: hc.Algebra, norm_first: bool) -> None:
    layer = hc.nn.TransformerEncoderLayer(
        E, HEADS, 3, 0.0, norm_first=norm_first, algebra=algebra, dtype=torch.float64
    )
    x = numbers(algebra, 5, 2, E)
    q = hc.as_hypercomplex(x, algebra)

    def attend(q: Any) -> Any:
        return layer.self_attn(q, q, q)[0]

    def feed_forward(q: Any) -> Any:
        hidden = layer.linear1(q).components.relu()
        return layer.linear2(hc.as_hypercomplex(hidden, algebra))

    if norm_first:
        middle = q + attend(layer.norm1(q))
        expected = middle + feed_forward(layer.norm2(middle))
    else:
        middle = layer.norm1(q + attend(q))
        expected = layer.norm2(middle + feed_forward(middle))
    torch.testing.assert_close(layer(q).components, expected.components)
    torch.testing.assert_close(unfold(layer(fold(x, 2)), 2, algebra.dimension), expected.components)


@every_telling_algebra
@pytest.mark.parametrize("norm_first", [False, True])
def test_the_decoder_layer_is_its_literal_twin(algebra: hc.Algebra, norm_first: bool) -> None:
    layer = hc.nn.TransformerDecoderLayer(
        E, HEADS, 3, 0.0, norm_first=norm_first, algebra=algebra, dtype=torch.float64
    )
    x, y = numbers(algebra, 5, 2, E), numbers(algebra, 3, 2, E)
    q, memory = hc.as_hypercomplex(x, algebra), hc.as_hypercomplex(y, algebra)
    parts = (
        (layer.norm1, lambda q: layer.self_attn(q, q, q, is_causal=True)[0]),
        (layer.norm2, lambda q: layer.multihead_attn(q, memory, memory)[0]),
        (layer.norm3, lambda q: layer.linear2(hc.functional.split(torch.relu)(layer.linear1(q)))),
    )
    expected: Any = q
    for norm, part in parts:
        expected = (
            expected + part(norm(expected)) if norm_first else norm(expected + part(expected))
        )
    typed = layer(q, memory, tgt_is_causal=True)
    folded = layer(fold(x, 2), fold(y, 2), tgt_is_causal=True)
    torch.testing.assert_close(typed.components, expected.components)
    torch.testing.assert_close(unfold(folded, 2, algebra.dimension), expected.components)


@every_score
@pytest.mark.parametrize("need_weights", [False, True])
def test_truths_are_kept_apart_from_what_is_added(score: str, need_weights: bool) -> None:
    """In a layer True forbids, in a function it allows, as in torch; numbers are added in both."""
    layer = attention(hc.QUATERNION, score=score)
    x = fold(numbers(hc.QUATERNION, 2, 5, E), 2)
    forbidden = torch.ones(5, 5).triu(1) > 0
    expected, _ = layer(x, x, x, is_causal=True)
    y, _ = layer(x, x, x, attn_mask=forbidden, need_weights=need_weights)
    torch.testing.assert_close(y, expected)
    q, k, v = layer.q_proj(x), layer.k_proj(x), layer.v_proj(x)
    options: Any = {"algebra": hc.QUATERNION, "score": score, "need_weights": need_weights}
    y, _ = functional.attention(q, k, v, HEADS, ~forbidden, **options)
    torch.testing.assert_close(layer.out_proj(y), expected)
    for dtype in (torch.int64, torch.uint8, torch.complex64):
        with pytest.raises(TypeError, match=r"`attn_mask` holds .* True where .* is forbidden"):
            layer(x, x, x, attn_mask=forbidden.to(dtype))
        with pytest.raises(TypeError, match="`key_padding_mask` holds"):
            layer(x, x, x, key_padding_mask=torch.zeros(2, 5, dtype=dtype))
        with pytest.raises(TypeError, match=r"`mask` holds .* True where .* is allowed"):
            functional.attention(q, k, v, HEADS, forbidden.to(dtype), **options)


def test_truths_in_equivariant_attention() -> None:
    layer = hc.nn.EquivariantAttention(E, HEADS, algebra=hc.PGA)
    x = torch.randn(2, 5, 16 * E)
    forbidden = torch.ones(5, 5).triu(1) > 0
    expected = layer(x, is_causal=True)
    torch.testing.assert_close(layer(x, attn_mask=forbidden), expected)
    q, k, v = layer.q_proj(x), layer.k_proj(x), layer.v_proj(x)
    y = functional.equivariant_attention(q, k, v, HEADS, ~forbidden, algebra=hc.PGA)
    torch.testing.assert_close(layer.out_proj(y), expected)
    with pytest.raises(TypeError, match="`attn_mask` holds"):
        layer(x, attn_mask=forbidden.long())


def test_a_decoder_goes_on_with_the_keys_and_values_that_it_has() -> None:
    """One position at a time, of which keys and values are kept, as in the whole sequence."""
    layer = attention(hc.QUATERNION)
    x = fold(numbers(hc.QUATERNION, 2, 5, E), 2)
    whole, _ = layer(x, x, x, is_causal=True)
    keys = values = x.new_empty(2, 0, x.shape[-1])
    for t in range(5):
        now = x[:, t : t + 1]
        keys = torch.cat([keys, layer.k_proj(now)], 1)
        values = torch.cat([values, layer.v_proj(now)], 1)
        y, _ = functional.attention(layer.q_proj(now), keys, values, HEADS, algebra=hc.QUATERNION)
        torch.testing.assert_close(layer.out_proj(y), whole[:, t : t + 1])


def test_dropout_of_the_encoder_layer_takes_whole_numbers() -> None:
    layer = hc.nn.QuaternionTransformerEncoderLayer(E, HEADS, 3, 0.5)
    dropped = [m for m in layer.modules() if isinstance(m, hc.nn.Dropout)]
    assert len(dropped) == 3
    for module in dropped:
        y = module(torch.ones(50, 2, 4 * E)).unflatten(-1, (4, E))
        assert torch.equal(y, y[..., :1, :].expand_as(y))
        assert (y == 0).any()
    assert not torch.equal(layer(torch.ones(5, 2, 4 * E)), layer(torch.ones(5, 2, 4 * E)))


def test_dropout_of_attention_drops_weights_when_training_only() -> None:
    layer = attention(hc.QUATERNION, dropout=0.5)
    x = fold(numbers(hc.QUATERNION, 2, 5, E), 2)
    _, weights = layer(x, x, x, average_attn_weights=False)
    assert (weights == 0).any()
    _, weights = layer.eval()(x, x, x, average_attn_weights=False)
    torch.testing.assert_close(weights.sum(-1), torch.ones_like(weights[..., 0]))


# ---------------------------------------------------------------------- every layer


@every_score
@pytest.mark.parametrize("need_weights", [False, True])
def test_gradients(score: str, need_weights: bool) -> None:
    layer = attention(hc.QUATERNION, score=score)
    x = fold(numbers(hc.QUATERNION, 1, 3, E), 2).requires_grad_()
    names = [name for name, _ in layer.named_parameters()]
    values = [p.detach().clone().requires_grad_() for p in layer.parameters()]

    def run(x: Tensor, *values: Tensor) -> Tensor:
        state = dict(zip(names, values, strict=True))
        options = {"need_weights": need_weights}
        return torch.func.functional_call(layer, state, (x, x, x), options)[0]

    assert torch.autograd.gradcheck(run, (x, *values), fast_mode=True)


LAYERS: list[Callable[[], nn.Module]] = [
    lambda: hc.nn.QuaternionMultiheadAttention(E, HEADS),
    lambda: hc.nn.QuaternionTransformerEncoderLayer(E, HEADS, 3, 0.0),
    lambda: hc.nn.QuaternionTransformerDecoderLayer(E, HEADS, 3, 0.0),
]


class SelfAttention(nn.Module):
    """One input, one output."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        if isinstance(self.layer, hc.nn.MultiheadAttention):
            return self.layer(x, x, x, is_causal=True)[0]
        if isinstance(self.layer, hc.nn.TransformerDecoderLayer):
            return self.layer(x, x, tgt_is_causal=True)
        return self.layer(x, is_causal=True)


@pytest.mark.parametrize("make", LAYERS)
def test_copied_compiled_exported_and_under_autocast(make: Callable[[], nn.Module]) -> None:
    layer = SelfAttention(make())
    x = torch.randn(5, 2, 4 * E)
    fresh = SelfAttention(make())
    fresh.load_state_dict(layer.state_dict())
    torch.testing.assert_close(copy.deepcopy(fresh)(x), layer(x))
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")(x)
    torch.testing.assert_close(compiled, layer(x))
    compiled.square().sum().backward()
    torch.testing.assert_close(torch.export.export(layer, (x,)).module()(x), layer(x))
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x)
    assert y.isfinite().all()
    y.float().sum().backward()
    assert all(p.grad.isfinite().all() for p in layer.parameters())


QUATERNIONS = torch.ones(5, 2, 4 * E)
ERRORS: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: hc.nn.QuaternionMultiheadAttention(4, 3),
        r"`num_heads` \(=3\) must divide `embed_dim` \(=4\): a head holds whole numbers",
    ),
    (
        lambda: hc.nn.QuaternionMultiheadAttention(0, 3),
        r"`embed_dim` \(=0\) must be a positive integer",
    ),
    (
        lambda: hc.nn.QuaternionMultiheadAttention(4, 2, 2.0),
        r"`dropout` \(=2.0\) must be a probability",
    ),
    (
        lambda: hc.nn.QuaternionMultiheadAttention(4, 2, score="dot"),
        r"`score` \(='dot'\) must be 'real' or 'modulus'",
    ),
    (
        lambda: hc.functional.attention(
            *[QUATERNIONS] * 3, num_heads=2, algebra=hc.QUATERNION, score="dot"
        ),
        r"`score` \(='dot'\) must be 'real' or 'modulus'",
    ),
    (
        lambda: hc.functional.attention(*[QUATERNIONS] * 3, num_heads=3, algebra=hc.QUATERNION),
        r"`query` of shape \(5, 2, 16\) must hold a multiple of `num_heads` \(=3\) numbers",
    ),
    *[
        (
            lambda x=x, y=y: hc.functional.attention(
                QUATERNIONS, x, y, num_heads=2, algebra=hc.QUATERNION
            ),
            r"`key` of shape .* and `value` of shape .* must have the same length S",
        )
        for x, y in ((QUATERNIONS, QUATERNIONS[:, :1]), (QUATERNIONS[:, :1], QUATERNIONS))
    ],
    (
        lambda: LAYERS[0]()(*[QUATERNIONS] * 3, attn_mask=torch.ones(5, 4) > 0),
        r"`attn_mask` of shape \(5, 4\) must have the shape \(5, 5\) or \(4, 5, 5\)",
    ),
    (
        lambda: LAYERS[0]()(*[QUATERNIONS] * 3, key_padding_mask=torch.ones(5, 2) > 0),
        r"`key_padding_mask` of shape \(5, 2\) must have the shape \(2, 5\)",
    ),
    (
        lambda: LAYERS[0]()(hc.QuaternionTensor(torch.ones(5, 2, E, 4)), QUATERNIONS, QUATERNIONS),
        r"`key` of functional.attention is a plain tensor beside a QuaternionTensor",
    ),
    (
        lambda: hc.nn.QuaternionTransformerEncoderLayer(4, 2, activation="sin"),
        r"`activation` \(='sin'\) must be 'relu', 'gelu' or a function",
    ),
]


@pytest.mark.parametrize(("call", "message"), ERRORS)
def test_errors_say_what_is_wrong(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        call()


# ---------------------------------------------------------------------- derivatives of all orders


@pytest.mark.parametrize("mode", ["plain", "mask", "causal"])
@pytest.mark.parametrize("kernel", [None, SDPBackend.MATH])
def test_attention_has_second_derivatives(mode: str, kernel: SDPBackend | None) -> None:
    """Torch's fused kernels have none: there the literal formula is differentiated."""
    q, k, v = (torch.randn(2, s, 12).double().requires_grad_() for s in (3, 4, 4))
    mask = torch.zeros(3, 4).double()
    mask[:, 2] = -math.inf

    def attend(*qkv: Tensor) -> Tensor:
        options = {"mask": mask} if mode == "mask" else {"is_causal": mode == "causal"}
        return functional.attention(*qkv, 3, **options, algebra=hc.QUATERNION)[0]

    with nullcontext() if kernel is None else sdpa_kernel(kernel):
        assert torch.autograd.gradcheck(attend, (q, k, v), fast_mode=True)
        assert torch.autograd.gradgradcheck(attend, (q, k, v), fast_mode=True)
        hessian = torch.autograd.functional.hessian(lambda q: attend(q, k, v).pow(2).sum(), q)
        twice = torch.func.hessian(lambda q: attend(q, k, v).pow(2).sum())(q)
        torch.testing.assert_close(twice, hessian)


def test_the_graph_of_attention_is_kept_when_asked() -> None:
    q, k = torch.randn(3, 12, requires_grad=True), torch.randn(4, 12)
    y, _ = functional.attention(q, k, k, 3, algebra=hc.QUATERNION)
    first, second = (
        torch.autograd.grad(y.sum(), q, retain_graph=keep)[0] for keep in (True, False)
    )
    assert torch.equal(first, second)
    with pytest.raises(RuntimeError, match="second time"):
        y.sum().backward()


def test_attention_keeps_nothing_after_its_backward() -> None:
    """A loss that lives on does not hold queries, keys and values."""
    q = torch.randn(3, 12, requires_grad=True)
    key = q * 1
    y, _ = functional.attention(q, key, key, 3, algebra=hc.QUATERNION)
    held = weakref.ref(key)
    y.sum().backward()
    del key
    assert held() is None


@pytest.mark.parametrize("training", [True, False])
def test_gradient_penalty_through_an_encoder(training: bool) -> None:
    layer = hc.nn.QuaternionTransformerEncoderLayer(6, 3, 8, dropout=0.0).train(training)
    x = torch.randn(5, 2, 24, requires_grad=True)
    (g,) = torch.autograd.grad(layer(x).sum(), x, create_graph=True)
    g.square().sum().backward()
    grads = [p.grad for p in layer.parameters() if p.grad is not None]
    assert len(grads) > 6
    assert all(grad.isfinite().all() for grad in grads)


def test_files_of_whole_models_name_the_former_place_of_layers() -> None:
    layer = hc.nn.QuaternionTransformerEncoderLayer(4, 2, 8).eval()
    file = pickle.dumps(layer, protocol=2)  # where names of modules end with a line
    former = file.replace(b"hypercomplex.nn.transformer\n", b"hypercomplex.nn.attention\n")
    assert former != file
    x = torch.randn(5, 2, 16)
    assert torch.equal(pickle.loads(former)(x), layer(x))
