"""Functions of lists are functions of each number, or refuse: no list is a back door."""

import pytest
import torch

import hypercomplex as hc
from hypercomplex.door.registry import resolve
from tests.cases import every_algebra, numbers
from tests.torches import WRITTEN_FOR

NAMES = sorted(name for name in dir(torch) if name.startswith("_foreach_"))
PUBLIC = getattr(torch, "foreach", None)  # in newer torches
PUBLIC_NAMES = [f"foreach.{name}" for name in getattr(PUBLIC, "__all__", ())]
UNARY = (
    "abs acos asin atan ceil cos cosh erf erfc exp expm1 floor frac lgamma log log10 log1p log2 max "
    "neg reciprocal round rsqrt sigmoid sign sin sinh sqrt tan tanh trunc zero clone"
)
BINARY = "add sub mul div copy clamp_max clamp_min maximum minimum pow mm"
OPERANDS = {
    **dict.fromkeys(UNARY.split(), 0),
    **dict.fromkeys(BINARY.split(), 1),
    "addcmul": 2,
    "addcdiv": 2,
    "lerp": 2,
    "norm": 0,
    "powsum": 0,
}


def typed(*shapes):
    return [hc.QuaternionTensor(numbers(hc.QUATERNION, *shape)) for shape in shapes]


def short_of(name):
    return name.removeprefix("_foreach_").removeprefix("foreach.")


def test_every_list_function_is_looked_at():
    looked_at = {short_of(name).rstrip("_") for name in [*NAMES, *PUBLIC_NAMES]}
    assert looked_at == set(OPERANDS) if WRITTEN_FOR else looked_at <= set(OPERANDS)


@pytest.mark.parametrize("name", [*NAMES, *PUBLIC_NAMES])
def test_a_list_function_is_the_function_of_each_or_refuses(name):
    short, function = short_of(name), resolve(name)
    single = {"norm": torch.linalg.vector_norm}.get(
        short, getattr(torch.Tensor if short.endswith("_") else torch, short, None)
    )
    q, *others = (typed((2, 2), (2, 2)) for _ in range(1 + OPERANDS[short.rstrip("_")]))
    if short.startswith("lerp"):
        others[-1] = [weights.real for weights in others[-1]]
    try:
        expected = [single(*(x.clone() for x in row)) for row in zip(q, *others, strict=True)]
    except (NotImplementedError, TypeError, AttributeError):
        with pytest.raises(NotImplementedError, match="is refused for QuaternionTensor"):
            function(q, *others)
        return
    copies = [x.clone() for x in q]
    results = function(copies, *others)
    assert name not in PUBLIC_NAMES or (results is copies) == short.endswith("_")
    for result, value in zip(results, expected, strict=True):
        assert type(result) is type(value)
        assert torch.equal(result, value)
    assert all((a is b) == short.endswith("_") for a, b in zip(results, copies, strict=True))


@every_algebra
def test_lists_multiply_numbers(algebra):
    T = hc.tensor_type(algebra)
    q, r = ([T(numbers(algebra, 3)) for _ in range(2)] for _ in range(2))
    for product, a, b in zip(torch._foreach_mul(q, r), q, r, strict=True):
        assert torch.equal(product, a * b)
    for scaled, a in zip(torch._foreach_mul(q, 2.0), q, strict=True):
        assert torch.equal(scaled, a * 2)
    for scaled, a, c in zip(torch._foreach_mul(q, [2.0, 3.0]), q, (2, 3), strict=True):
        assert torch.equal(scaled, a * c)
    for scaled, a in zip(torch._foreach_mul(q, torch.tensor(0.5)), q, strict=True):
        assert torch.equal(scaled, a * 0.5)
    for total, a, b in zip(torch._foreach_add(q, r, alpha=2), q, r, strict=True):
        assert torch.equal(total, a + 2 * b)


def test_lists_may_mix_numbers_and_reals():
    q, t = typed((3,))[0], torch.arange(3.0).double()
    first, second = torch._foreach_mul([q, t], [t, t])
    assert torch.equal(first, q * t)
    assert type(second) is torch.Tensor
    assert torch.equal(second, t * t)
    with pytest.raises(NotImplementedError, match="does not fit into a real tensor"):
        torch._foreach_add_([t], [q])
    norms = torch._foreach_norm([q.float(), t.float()], 2, torch.float64)
    assert torch.allclose(norms[0], q.components.norm())
    assert [norm.dtype for norm in norms] == [torch.float64] * 2


def test_lists_of_different_lengths_do_not_combine():
    with pytest.raises(
        RuntimeError, match=r"_foreach_add expects lists of the same length.*\[1, 2\]"
    ):
        torch._foreach_add(typed((3,), (3,)), typed((3,)))


def test_unscaling_finds_what_is_not_finite():
    q, found = typed((3,))[0], torch.zeros(())
    twice = q * 2
    torch._amp_foreach_non_finite_check_and_unscale_([twice], found, torch.tensor(0.5))
    assert torch.equal(twice, q)
    assert found == 0
    q.components[1, 2] = float("inf")
    torch._amp_foreach_non_finite_check_and_unscale_([q], found, torch.tensor(0.5))
    assert found == 1


def test_fused_updates_are_for_components():
    q = typed((3,))
    options = {"weight_decay": 0.0, "momentum": 0.0, "lr": 0.1, "dampening": 0.0}
    switches = {"nesterov": False, "maximize": False, "is_first_step": True}
    with pytest.raises(NotImplementedError, match="_fused_sgd_ is refused for QuaternionTensor"):
        torch._fused_sgd_(q, q, q, **options, **switches)
