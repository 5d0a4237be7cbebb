"""Every overridable function of the installed torch has exactly one verdict."""

import math
from collections import Counter

import pytest
import torch
from torch.overrides import get_overridable_functions, resolve_name

import hypercomplex as hc
from hypercomplex.door.registry import FAMILIES, add, family_of, resolve, rule_of
from hypercomplex.rules.refused import REFUSED, refused_functions, spelled
from tests.torches import WRITTEN_FOR

OVERRIDABLE = {f: resolve_name(f) for fs in get_overridable_functions().values() for f in fs}
REFUSALS = {function for function, _, _ in refused_functions()}


def test_every_function_is_in_exactly_one_family(nightly):
    """What another torch has more is refused; thorough runs name it."""
    verdicts = Counter()
    for function in OVERRIDABLE:
        verdicts[function] += rule_of(function) is not None
        verdicts[function] += function in REFUSALS
    undecided = sorted(OVERRIDABLE[f] for f in OVERRIDABLE if verdicts[f] == 0)
    twice = sorted(OVERRIDABLE[f] for f in OVERRIDABLE if verdicts[f] > 1)
    assert twice == []
    if WRITTEN_FOR or nightly:
        assert undecided == [], "new functions of torch need a rule or a refusal"
    q = hc.QuaternionTensor.randn(2, 2)
    for function in (f for f in OVERRIDABLE if OVERRIDABLE[f] in undecided):
        with pytest.raises((NotImplementedError, AttributeError), match="it has no rule"):
            hc.QuaternionTensor.__torch_function__(function, (hc.QuaternionTensor,), (q,))


def test_rules_are_in_known_families():
    families = {family_of(f) for f in OVERRIDABLE if rule_of(f)}
    assert families | {"ours", "refused"} == set(FAMILIES)


def test_a_function_is_refused_for_one_reason():
    reasons = {}
    for function, _, entry in refused_functions():
        assert reasons.setdefault(function, entry.reason) == entry.reason, OVERRIDABLE[function]


def test_refused_names_exist():
    names = [name for entry in REFUSED for name in entry.names.split()]
    assert len(names) == len(set(names))
    if WRITTEN_FOR:
        assert [n for n in names if not any(resolve(path) for path in spelled(n))] == []


@pytest.mark.parametrize("entry", REFUSED, ids=lambda entry: entry.names.split()[0])
def test_a_refusal_names_function_type_reason_and_remedy(entry):
    q = hc.QuaternionTensor(torch.ones(2, 2, 4))
    function, path, _ = [row for row in refused_functions() if row[2] is entry][-1]
    reason = entry.reason.format(algebra="QUATERNION")
    message = f"torch.{path} is refused for QuaternionTensor: {reason}; {entry.remedy}"
    kind = TypeError if function is torch.Tensor.__index__ else NotImplementedError
    with pytest.raises(kind) as error:
        hc.QuaternionTensor.__torch_function__(function, (hc.QuaternionTensor,), (q,))
    assert str(error.value) == message


@pytest.mark.parametrize(
    "call",
    [
        lambda q: q > q,
        lambda q: q // 2,
        lambda q: q % 2,
        lambda q: torch.erf(q),
        lambda q: torch.relu(q),
        lambda q: torch.nn.functional.relu(q),
        lambda q: q.sort(),
        lambda q: q.max(),
        lambda q: q.softmax(-1),
        lambda q: torch.nn.functional.bilinear(q[0], q[0], q[None]),
        lambda q: torch.nn.functional.cross_entropy(q, q),
        lambda q: torch.fft.fft(q),
        lambda q: torch.linalg.ldl_factor(q),
        lambda q: q[0, 0].item(),
        lambda q: float(q[0, 0]),
        lambda q: q.uniform_(),
        lambda q: torch.view_as_complex(q),
        lambda q: torch._foreach_maximum([q], [q]),
        lambda q: torch.linalg.cross(q, q),
    ],
)
def test_nothing_falls_back_to_components(call):
    with pytest.raises(NotImplementedError, match="is refused for QuaternionTensor"):
        call(hc.QuaternionTensor(torch.ones(2, 2, 4)))


def test_what_torch_may_bring_is_refused_too():
    q = hc.QuaternionTensor(torch.ones(4))

    def not_yet_invented(x):
        return torch.overrides.handle_torch_function(not_yet_invented, (x,), x)

    with pytest.raises(NotImplementedError, match=r"not_yet_invented is refused .* it has no rule"):
        not_yet_invented(q)


@pytest.mark.parametrize("name", ["pow", "pow_", "__rsub__", "__rpow__", "mul", "abs"])
def test_a_function_is_known_by_itself_not_by_its_name(name):
    """Somebody's overridable `pow` is not torch's, compiled neither."""
    q = hc.QuaternionTensor(torch.ones(4))

    def theirs(x):
        if torch.overrides.has_torch_function_unary(x):
            return torch.overrides.handle_torch_function(theirs, (x,), x)
        return x

    theirs.__name__ = name
    assert rule_of(theirs) is None
    with pytest.raises(NotImplementedError, match=f"{name} is refused .* it has no rule"):
        theirs(q)


def test_a_function_has_one_rule():
    twice = lambda cls, *args: None
    with pytest.raises(ValueError, match="has a rule already"):
        add("product", torch.mul, twice)
    assert rule_of(torch.mul) is not twice
    with pytest.raises(ValueError, match="`family`"):
        add("sorcery", torch.mul, twice)


def test_missing_attributes_are_missing():
    q = hc.QuaternionTensor(torch.ones(4))
    assert not hasattr(q, "__cuda_array_interface__")
    assert not hasattr(q, "no_such_attribute")
    assert math.prod(q.shape) == 1
