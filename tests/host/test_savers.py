"""Packages of others that save, count and move tensors: with typed ones, and with the road instead.

Each runs where the package is installed, as the extra `ecosystem` does.
"""

import pytest
import torch
from torch import nn
from torch.nn.utils import rnn

import hypercomplex as hc

Q = hc.QuaternionTensor
ROAD = r"hypercomplex\.state\.plain_parameters\(model\)"


class Turn(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(Q.randn(4, 3))
        self.layer = hc.nn.QuaternionLinear(3, 2)

    def forward(self, components):
        return (Q(components) @ self.weight.mT).components


def test_torchinfo_counts_parameters():
    torchinfo = pytest.importorskip("torchinfo")
    count = lambda model, x: torchinfo.summary(model, input_data=[x], verbose=0).total_params
    x = torch.ones(2, 3, 4)
    assert count(Turn(), x) == 12 + 4 * 6 + 8  # numbers, as complex ones are counted
    assert count(hc.state.plain_parameters(Turn()), x) == 4 * 12 + 4 * 6 + 8
    with pytest.raises(NotImplementedError, match=r"pass q\.components"):
        count(Turn(), Q(x))


def test_tensordict_saves_components(tmp_path):
    tensordict = pytest.importorskip("tensordict")
    data = tensordict.TensorDict({"q": Q.randn(4, 3), "x": torch.ones(4)}, batch_size=[4])
    for given in (data.reshape(2, 2), torch.stack([data, data]), data.clone(), data[0]):
        assert type(given["q"]) is Q
    with pytest.raises(NotImplementedError, match="write its components"):
        data.save(tmp_path / "typed")
    with pytest.raises(NotImplementedError, match="write its components"):
        data.memmap(tmp_path / "mapped")
    with pytest.raises(TypeError, match="bytes, not numbers"):
        data.consolidate()
    plain = data.apply(hc.state.to_components)
    plain.save(tmp_path / "plain")
    for found in (tensordict.TensorDict.load(tmp_path / "plain"), plain.consolidate()):
        assert torch.equal(Q(found["q"]), data["q"])


def test_accelerate_saves_plain_parameters(tmp_path):
    accelerate = pytest.importorskip("accelerate")
    for safe, make in (
        (True, lambda: hc.state.plain_parameters(Turn())),
        (False, Turn),
    ):
        accelerator = accelerate.Accelerator(cpu=True)
        model = make()
        model, _ = accelerator.prepare(model, torch.optim.Adam(model.parameters()))
        accelerator.save_state(tmp_path / str(safe), safe_serialization=safe)
        kept = model.weight.detach().clone()
        with torch.no_grad():
            next(model.parameters()).zero_()
        accelerator.load_state(tmp_path / str(safe))
        assert torch.equal(model.weight, kept)
    with pytest.raises(NotImplementedError, match=ROAD):
        accelerator.save_state(tmp_path / "refused")


def test_transformers_save_plain_parameters(tmp_path):
    transformers = pytest.importorskip("transformers", exc_type=ImportError)

    class Config(transformers.PretrainedConfig):
        model_type = "turn"

    class Typed(transformers.PreTrainedModel):
        config_class = Config

        def __init__(self, config):
            super().__init__(config)
            self.inner = Turn()
            self.post_init()

        def _init_weights(self, module):
            pass

    class Plain(Typed):
        def __init__(self, config):
            super().__init__(config)
            hc.state.plain_parameters(self)

    model = Plain(Config())
    model.save_pretrained(tmp_path)
    assert torch.equal(Plain.from_pretrained(tmp_path).inner.weight, model.inner.weight)
    with pytest.raises(NotImplementedError, match=ROAD):
        Typed(Config()).save_pretrained(tmp_path / "typed")


def test_sequences_are_padded():
    long, short = Q.randn(3, 2), Q.randn(2, 2)
    padded = rnn.pad_sequence([long, short], batch_first=True)
    assert type(padded) is Q
    assert padded.shape == (2, 3, 2)
    again = rnn.unpad_sequence(padded, torch.tensor([3, 2]), batch_first=True)
    for x, y in zip(again, (long, short), strict=True):
        assert torch.equal(x, y)
    packed = rnn.pack_sequence([long, short])
    assert type(packed.data) is Q
    for x, y in zip(rnn.unpack_sequence(packed), (long, short), strict=True):
        assert torch.equal(x, y)
