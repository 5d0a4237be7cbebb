"""State dicts of numbers as plain arrays, in files and back."""

import json
from fractions import Fraction

import pytest
import torch
from torch import nn

import hypercomplex as hc
from hypercomplex import state as S
from hypercomplex.geometric.multivector import multivector_type
from tests.cases import every_algebra

FRACTIONAL = hc.Algebra(
    ("1", "a"), ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, Fraction(-7, 3)))
)
ROWS = hc.change_basis(hc.QUATERNION, [[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]])


def model_of(algebra):
    cls = hc.tensor_type(algebra)
    model = nn.Module()
    model.weight = nn.Parameter(cls(torch.randn(2, 3, algebra.dimension)))
    model.register_buffer("shift", cls(torch.randn(algebra.dimension)))
    model.layer = hc.nn.Linear(2, 3, algebra=algebra)
    return model


@every_algebra
def test_there_and_back(algebra):
    model, other = model_of(algebra), model_of(algebra)
    state = model.state_dict()
    plain = S.to_components(state)
    assert {type(x) for x in plain.values()} == {torch.Tensor}
    assert plain["weight"].data_ptr() == model.weight.data_ptr()
    assert not plain["weight"].requires_grad
    told = S.metadata(model)
    assert S.algebras(told) == {"weight": algebra, "shift": algebra}
    for like in (other, state, S.algebras(told), {"weight": algebra, "shift": algebra}):
        numbers = S.from_components(plain, like, told)
        assert torch.equal(numbers["weight"], model.weight)
        other.load_state_dict(numbers)
        assert torch.equal(other.weight, model.weight)
        assert torch.equal(other.shift, model.shift)


@pytest.mark.parametrize("algebra", [FRACTIONAL, ROWS], ids=["fractions", "rows"])
def test_algebras_are_told_exactly(algebra):
    found = S.algebras(S.metadata(model_of(algebra)))["weight"]
    assert found == algebra
    assert (found.units, found.name) == (algebra.units, algebra.name)


def test_what_stands_inside_one_another():
    q = hc.QuaternionTensor.randn(3).requires_grad_()
    state = {"a": [q, {"b": q}], "c": 3, "d": torch.ones(2), "e": None, "f": (1, q)}
    plain = S.to_components(state)
    assert torch.equal(plain["f"][1], q.components)
    assert torch.equal(plain["a"][1]["b"], q.components)
    assert (plain["c"], plain["e"], plain["f"][0]) == (3, None, 1)
    assert plain["d"] is state["d"]
    assert type(S.to_components(q)) is torch.Tensor
    with torch.no_grad():
        plain["a"][0].zero_()
    assert not q.components.any()


def test_one_state_dict_is_read_at_a_time():
    state = {"model": {"turn": hc.QuaternionTensor.randn(3)}, "epochs": [1, 2]}
    for call in (S.metadata, lambda x: S.from_components(S.to_components(x), x)):
        with pytest.raises(ValueError, match="'model', of type dict, holds numbers further inside"):
            call(state)


def test_several_algebras_are_written_once():
    tensors = [hc.tensor_type(a).randn(2) for a in (hc.QUATERNION, hc.OCTONION, hc.QUATERNION)]
    text = S.metadata(dict(zip("abc", tensors, strict=True)))
    assert len(json.loads(text["hypercomplex"])["algebras"]) == 2
    assert S.algebras(text)["c"] == hc.QUATERNION
    assert S.metadata({"x": torch.ones(2)}) == S.metadata({})
    assert S.algebras(None) == S.algebras({}) == {}


def test_another_algebra_is_told():
    split = model_of(hc.SPLIT_QUATERNION)
    plain, told = S.to_components(split.state_dict()), S.metadata(split)
    with pytest.raises(ValueError, match=r"numbers of SPLIT_QUATERNION in the file, but is a Quat"):
        S.from_components(plain, model_of(hc.QUATERNION), told)
    S.from_components(plain, model_of(hc.QUATERNION))  # nothing is told: the widths fit
    with pytest.raises(
        ValueError, match=r"'weight' \(=\(2, 3, 4\)\) must be the 8 components of a Oct"
    ):
        S.from_components(plain, model_of(hc.OCTONION))
    with pytest.raises(ValueError, match=r"'weight' \(=str\) must be the 4 components"):
        S.from_components({"weight": "text"}, model_of(hc.QUATERNION))
    with pytest.raises(
        TypeError, match=r"`like`, of type Algebra, must be a model, a state dict, or the algebra"
    ):
        S.from_components(plain, hc.QUATERNION)


def test_numbers_by_grade_keep_their_grades():
    even, vectors = (multivector_type(hc.clifford(3), grades) for grades in ((0, 2), 1))
    state = {"turn": even.randn(3)}
    plain, told = S.to_components(state), S.metadata(state)
    assert plain["turn"].shape == (3, 4)
    assert torch.equal(S.from_components(plain, state, told)["turn"], state["turn"])
    for like in ({"turn": vectors.randn(3)}, S.algebras(told)):
        with pytest.raises(ValueError, match="holds other components in the file, but is a Cl_3_0"):
            S.from_components(plain, like, told)
    alone = S.from_components(plain, metadata=told)["turn"]  # no model is at hand
    assert type(alone) is even
    assert torch.equal(alone, state["turn"])
    model = nn.Module()
    model.turn = nn.Parameter(even.randn(3))
    assert type(S.plain_parameters(model).turn) is even


def test_a_file_alone_tells_its_numbers():
    model = model_of(hc.OCTONION)
    plain, told = S.to_components(model.state_dict()), S.metadata(model)
    found = S.from_components(plain, metadata=told)
    assert {type(x).__name__ for x in found.values()} == {"OctonionTensor", "Tensor"}
    assert torch.equal(found["weight"], model.weight)
    for nothing in (None, {}, {"format": "pt"}):
        with pytest.raises(ValueError, match="tells no algebras, and without them `like` must"):
            S.from_components(plain, metadata=nothing)
    assert S.from_components({"a": 1}, metadata=S.metadata({"a": torch.ones(2)})) == {"a": 1}
    text = S.metadata({"turn": multivector_type(hc.clifford(3), 1).randn(2)})["hypercomplex"]
    for wrong in ("[1, 2]", "[1, 2, 4, 9]", "[4, 2, 1]", "[]"):
        changed = {"hypercomplex": text.replace("[1, 2, 4]", wrong)}
        with pytest.raises(ValueError, match=r"no whole grades of Cl\(3,0\)|grade"):
            S.from_components({"turn": torch.ones(2, 3)}, metadata=changed)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"algebras": 3, "numbers": {}}', '{"algebras": [], "numbers": {"a": 0}}',
        '{"algebras": [[["1"], [[0, 0, 0, 1.5]], null, "A"]], "numbers": {"a": 0}}',
        '{"algebras": [[["1"], [[0, 0, 0, "1e999999999"]], null, "A"]], "numbers": {"a": 0}}',
        '{"algebras": [[["1"], [[0, 0, 5, 1]], null, "A"]], "numbers": {"a": 0}}',
        '{"algebras": [[[3], [], null, "A"]], "numbers": {"a": 0}}',
        '{"algebras": [[["1"], [[0, 0, 0, 1]], [2], "A"]], "numbers": {"a": 0}}',
        '{"algebras": ' + "[" * 100_000,
    ],
)  # fmt: skip
def test_what_a_file_may_hold_of_an_algebra_is_checked(text):
    with pytest.raises(ValueError, match="does not tell algebras as this library writes them"):
        S.algebras({"hypercomplex": text})


# ---------------------------------------------------------------------- safetensors


def test_safetensors_keep_a_typed_model(tmp_path):
    safetensors = pytest.importorskip("safetensors.torch")
    path = tmp_path / "model.safetensors"
    model, other = model_of(hc.OCTONION), model_of(hc.OCTONION)
    state = model.state_dict()
    safetensors.save_file(S.to_components(state), path, S.metadata(state))
    with safetensors.safe_open(path, "pt") as file:
        found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        told = file.metadata()
    other.load_state_dict(S.from_components(found, other, told))
    for name, x in other.state_dict().items():
        assert torch.equal(x, state[name])
    with pytest.raises(ValueError, match="numbers of OCTONION in the file"):
        S.from_components(found, model_of(hc.SPLIT_OCTONION), told)


def test_safetensors_refuse_typed_models_and_take_those_of_plain_parameters(tmp_path):
    safetensors = pytest.importorskip("safetensors.torch")
    path = tmp_path / "model.safetensors"
    road = r"hypercomplex\.state\.plain_parameters\(model\)"
    for save in (
        lambda m: safetensors.save_model(m, path),
        lambda m: safetensors.save_file(m.state_dict(), path),
    ):
        with pytest.raises(NotImplementedError, match=rf"state\.to_components.*{road}"):
            save(model_of(hc.QUATERNION))
    model, other = (hc.state.plain_parameters(model_of(hc.QUATERNION)) for _ in range(2))
    safetensors.save_model(model, path)
    safetensors.load_model(other, path)
    assert torch.equal(other.weight, model.weight)
    assert torch.equal(other.shift, model.shift)
