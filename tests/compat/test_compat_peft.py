"""LoRA by PEFT on layers of numbers: learned, switched off, merged, saved, and as stock layers."""

import pytest
import torch
from torch import nn

import hypercomplex as hc

peft = pytest.importorskip("peft", reason="needs the extra `peft`")
from hypercomplex.compat.peft import LoraLinear, register  # noqa: E402

Q = hc.QUATERNION


def net(algebra=Q, side="left"):
    layer = lambda i, o: hc.nn.Linear(i, o, algebra=algebra, side=side, dtype=torch.float64)
    return nn.Sequential(layer(8, 16), hc.nn.SplitReLU(), layer(16, 8))


def adapted(model, **options):
    config = peft.LoraConfig(**{"r": 2, "lora_alpha": 3, "target_modules": ["0", "2"], **options})
    return peft.get_peft_model(model, register(config))


def moved(model):
    """With changes that are not zero."""
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            nn.init.normal_(parameter, std=0.2)
    return model


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("algebra", [hc.COMPLEX, Q, hc.clifford(3)], ids=str)
def test_adapters_are_learned_merged_and_taken_out(algebra, side):
    model, x = net(algebra, side), torch.randn(5, 8 * algebra.dimension, dtype=torch.float64)
    before = model(x).detach()
    ours = adapted(model)
    assert isinstance(ours.base_model.model[0], LoraLinear)
    assert torch.equal(ours(x), before)
    ours(x).square().sum().backward()
    learned = {name for name, p in ours.named_parameters() if p.grad is not None}
    assert learned
    assert all("lora_" in name for name in learned)

    after = moved(ours)(x).detach()
    assert not torch.allclose(after, before)
    with ours.disable_adapter():
        assert torch.equal(ours(x), before)
    torch.testing.assert_close(hc.nn.to_real(ours)(x), after)
    ours.merge_adapter()
    torch.testing.assert_close(ours(x), after)
    torch.testing.assert_close(hc.nn.to_real(ours)(x), after)
    ours.unmerge_adapter()
    torch.testing.assert_close(ours(x), after)
    whole = ours.merge_and_unload()
    assert type(whole[0]) is hc.nn.Linear
    torch.testing.assert_close(whole(x), after)


def test_adapters_are_saved_and_loaded(tmp_path):
    model, x = net(), torch.randn(5, 32, dtype=torch.float64)
    kept = {name: p.clone() for name, p in model.state_dict().items()}
    ours = moved(adapted(model))
    ours.save_pretrained(tmp_path)
    other = net()
    other.load_state_dict(kept)
    config = register(peft.LoraConfig.from_pretrained(tmp_path))
    loaded = peft.PeftModel.from_pretrained(other, tmp_path, config=config)
    torch.testing.assert_close(loaded(x), ours(x))


def test_two_adapters_stand_beside_each_other():
    ours, x = moved(adapted(net())), torch.randn(5, 32, dtype=torch.float64)
    first = ours(x)
    ours.add_adapter("other", register(peft.LoraConfig(r=1, target_modules=["0"])))
    ours.set_adapter("other")
    assert not torch.allclose(ours(x), first)
    ours.set_adapter("default")
    torch.testing.assert_close(ours(x), first)


def test_numbers_go_in_and_out():
    ours, q = moved(adapted(net())), hc.QuaternionTensor(torch.randn(5, 8, 4, dtype=torch.float64))
    torch.testing.assert_close(ours(q).folded(1), ours(q.folded(1)))


def test_whole_numbers_are_dropped():
    ours = moved(adapted(net(), lora_dropout=0.5))
    ones = hc.QuaternionTensor(torch.ones(5, 8, 4, dtype=torch.float64))
    dropped = ours.base_model.model[0].lora_dropout["default"](ones).components
    assert torch.equal(dropped, dropped[..., :1].expand(5, 8, 4))
    assert type(ours(ones)) is hc.QuaternionTensor
    assert ours(ones.folded(1)).shape == (5, 32)


@pytest.mark.parametrize(
    ("algebra", "options", "message"),
    [
        (hc.OCTONION, {}, "associative"),
        (hc.LearnedBilinear.like(Q, dtype=torch.float64), {}, "no rule that is learned"),
        (Q, {"use_dora": True}, "`config`: use_dora"),
        (Q, {"lora_bias": True}, "`config`: lora_bias"),
        (Q, {"init_lora_weights": "pissa"}, "`config`: init_lora_weights"),
    ],
)
def test_what_is_for_reals_is_refused(algebra, options, message):
    with pytest.raises(ValueError, match=message):
        adapted(net(algebra), **options)
