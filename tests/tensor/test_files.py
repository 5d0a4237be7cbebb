"""A file can hold numbers and algebras, and can do no harm: it is plain data, checked and bounded."""

import copy
import io
import pickle
import random
import time
import types
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from torch import nn

import hypercomplex as hc
from hypercomplex.tensor import _rebuild
from tests.cases import ALGEBRAS, FRACTIONAL, every_algebra

FILES = Path(__file__).parent / "files"
SEVEN = (("1", "i"), ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, -7)), (1, -1), "SEVEN")


class Reduced:
    """Pickles as a call, and a state if there is one: what a forged file says."""

    def __init__(self, function, *args, state=None):
        self.function, self.args, self.state = function, args, state

    def __reduce__(self):
        call = (self.function, self.args)
        return call if self.state is None else (*call, self.state)


def saved(value):
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


def load(content):
    return torch.load(io.BytesIO(content), weights_only=True)


def forged(*args, **kwargs):
    return load(saved(Reduced(*args, **kwargs)))


def arange(algebra, *shape):
    components = torch.empty(*shape, algebra.dimension)
    components.copy_(torch.arange(float(components.numel())).reshape(components.shape) / 8)
    return hc.tensor_type(algebra)(components)


# ---------------------------------------------------------------------- what files of ours hold


@every_algebra
def test_algebras_go_through_files(algebra):
    for twin in (
        load(saved(algebra)),
        load(saved({"algebra": [algebra]}))["algebra"][0],
        pickle.loads(pickle.dumps(algebra)),
        copy.deepcopy(algebra),
        copy.copy(algebra),
    ):
        assert twin == algebra
        assert (twin.name, twin.units) == (algebra.name, algebra.units)
        assert twin.product.terms == algebra.product.terms


def test_files_of_the_first_version_load():
    """Written by 0.1 with Python 3.11: classes by name, fractions as text."""
    found = torch.load(FILES / "version_0_1.pt", weights_only=True)
    again = torch.load(FILES / "version_0_1.pt", weights_only=False)
    dual = hc.Algebra(("1", "ε"), ((0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 1, 1)), (1, -1))
    quaternions = hc.QUATERNION
    for name, right in {
        "quaternion": arange(quaternions, 2),
        "half": arange(hc.COMPLEX, 2).half(),
        "leaf": arange(hc.OCTONION, 1).requires_grad_(),
        "parameter": nn.Parameter(arange(FRACTIONAL, 2)),
        "frozen": nn.Parameter(arange(FRACTIONAL, 1), requires_grad=False),
        "ad hoc": arange(dual, 3),
        "clifford": arange(hc.clifford(2), 1),
        "view": arange(quaternions, 2, 3).T[1],
    }.items():
        for twin in (found[name], again[name]):
            assert type(twin) is type(right)
            assert torch.equal(twin, right)
            assert twin.dtype == right.dtype
            assert twin.requires_grad == right.requires_grad
            assert isinstance(twin, nn.Parameter) == isinstance(right, nn.Parameter)
    assert found["algebra"] == FRACTIONAL
    assert found["algebras"] == [hc.QUATERNION, dual]
    assert found["algebras"][1].name == "DUAL NUMBERS"
    assert found["number"] == Fraction(3, 7)
    assert torch.equal(found["module"]["weight"], arange(quaternions, 3))
    layer = hc.nn.QuaternionLinear(2, 1)
    layer.load_state_dict(found["layer"])
    assert torch.equal(layer.weight.flatten(), torch.arange(float(layer.weight.numel())))


def test_pickles_of_the_first_version_load():
    found = pickle.loads((FILES / "version_0_1.pickle").read_bytes())
    assert torch.equal(found["parameter"], nn.Parameter(arange(FRACTIONAL, 2)))
    assert found["algebra"] == FRACTIONAL


def test_types_pickle_by_name():
    for algebra in (*ALGEBRAS, hc.Algebra(*SEVEN)):
        T = hc.tensor_type(algebra)
        assert pickle.loads(pickle.dumps(T)) is T


# ---------------------------------------------------------------------- what forged files hold


def test_no_class_of_ours_is_among_the_safe_globals():
    """A class could be called without its constructor, and what it makes be given any state."""
    ours = [f for f in torch.serialization.get_safe_globals() if "hypercomplex" in repr(f)]
    assert ours
    for entry in ours:
        function = entry[0] if isinstance(entry, tuple) else entry
        assert isinstance(function, types.FunctionType)


@pytest.mark.parametrize(
    ("components", "error"),
    [
        (torch.ones(3, 5), ValueError),
        (torch.ones(()), ValueError),
        (torch.ones(3, 4, dtype=torch.int64), TypeError),
        (torch.ones(3, 4, dtype=torch.complex64), TypeError),
        (torch.ones(3, 4, dtype=torch.bool), TypeError),
        (torch.ones(3, 4).to(torch.float8_e4m3fn), TypeError),
        (torch.ones(3, 4).to_sparse(), TypeError),
        (nn.Parameter(torch.ones(3, 4)), TypeError),
        ([1.0, 2, 3, 4], TypeError),
        (None, TypeError),
    ],
    ids=str,
)
def test_components_fit_their_algebra(components, error):
    with pytest.raises(error, match=r"components|numbers"):
        forged(_rebuild, hc.QUATERNION, components, False, False)


@pytest.mark.parametrize("algebra", [None, 4, "QUATERNION", (SEVEN,), torch.ones(4)], ids=str)
def test_numbers_are_those_of_an_algebra(algebra):
    with pytest.raises(TypeError, match="numbers of no algebra"):
        forged(_rebuild, algebra, torch.ones(3, 4), False, False)


def test_flags_are_flags():
    q = forged(_rebuild, hc.QUATERNION, torch.ones(2, 4), "yes", [1])
    assert not q.requires_grad
    assert not isinstance(q, nn.Parameter)


def test_an_algebra_is_given_no_state():
    state = {"terms": ((),) * 4, "units": ("a", "b", "c", "d")}
    table = hc.clifford(2).__reduce__()[1]
    with pytest.raises(pickle.UnpicklingError, match="Can only build"):
        forged(hc.Algebra, *table, state=state)
    with pytest.raises(TypeError, match="follows from its table"):
        pickle.loads(pickle.dumps(Reduced(hc.Algebra, *table, state=state)))
    assert hc.clifford(2).units == ("1", "e1", "e2", "e12")
    e1 = arange(hc.clifford(2), 1) * 0 + hc.tensor_type(hc.clifford(2))([0.0, 1, 0, 0])
    assert (e1 * e1).components.tolist() == [[1, 0, 0, 0]]


@pytest.mark.parametrize(
    "table",
    [
        ((1, 2), *SEVEN[1:]),
        (list(SEVEN[0]), *SEVEN[1:]),
        (SEVEN[0], list(SEVEN[1]), *SEVEN[2:]),
        (SEVEN[0], (*SEVEN[1], (1, 1, 1, 0.5)), *SEVEN[2:]),
        (SEVEN[0], (*SEVEN[1], (1, 1, 1, torch.ones(1))), *SEVEN[2:]),
        (SEVEN[0], (*SEVEN[1], (1, 1, 1)), *SEVEN[2:]),
        (SEVEN[0], (*SEVEN[1], (1, 1, 1, 1, 2)), *SEVEN[2:]),
        (SEVEN[0], (*SEVEN[1], (1, 1, (1,), 1)), *SEVEN[2:]),
        (SEVEN[0], (*SEVEN[1], (1, 1, 2, 1)), *SEVEN[2:]),
        (SEVEN[0], SEVEN[1], (1.0, -1.0), SEVEN[3]),
        (SEVEN[0], SEVEN[1], (-1, -1), SEVEN[3]),
        (*SEVEN[:3], 5),
        (*SEVEN[:3], ((),)),
    ],
)
def test_bad_tables_are_refused(table):
    assert forged(hc.Algebra, *SEVEN) == hc.Algebra(*SEVEN)
    with pytest.raises((TypeError, ValueError)):
        forged(hc.Algebra, *table)


def test_tables_are_looked_at_before_they_are_hashed():
    """Python's hash of deeply nested tuples overflows its stack."""
    units, products, signs = b"X\x01\x00\x00\x001\x85", b")" + b"\x85" * 10**5, b"K\x01\x85"
    arguments = b"(" + units + products + signs + b"X\x01\x00\x00\x00At"
    stream = b"\x80\x02chypercomplex.algebra\nAlgebra\n" + arguments + b"R."
    with pytest.raises(TypeError, match="a file holds no algebra"):
        load(with_pickle(saved(0), stream))


@pytest.mark.parametrize(
    "number",
    [("1e1000000000",), ("1e9",), ("0.5",), ("1" * 5000,), ("1/0",), (1, 0), (0.5,), ((1,), 2), ()],
    ids=lambda n: str(n)[:20],
)
def test_fractions_are_short(number):
    start = time.process_time()
    with pytest.raises((TypeError, ValueError)):
        forged(Fraction, *number)
    assert time.process_time() - start < 1


def test_fractions_of_every_python():
    assert forged(Fraction, "-3/7") == forged(Fraction, -3, 7) == Fraction(-3, 7)
    assert forged(Fraction, "5") == forged(Fraction, 5) == 5


def test_algebras_of_files_are_bounded():
    n = 3000
    units = tuple(map(str, range(n)))
    products = (*((0, i, i, 1) for i in range(n)), *((i, 0, i, 1) for i in range(1, n)))
    start = time.process_time()
    with pytest.raises(ValueError, match="3000 units, more than the 512"):
        forged(hc.Algebra, units, products, (1,) + (-1,) * (n - 1), "LARGE")
    assert time.process_time() - start < 1
    large = hc.Algebra(units, products, (1,) + (-1,) * (n - 1), "LARGE")
    assert copy.deepcopy(large) is large
    assert pickle.loads(pickle.dumps(large)) == large


# ---------------------------------------------------------------------- anything else


def pickle_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("archive/data.pkl")


def with_pickle(content, stream):
    """The file with another pickle in it."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.infolist():
            is_pickle = entry.filename.endswith("data.pkl")
            new.writestr(entry, stream if is_pickle else old.read(entry))
    return changed.getvalue()


OPCODES = b"(.012NQRabehijloqrstu}]\x80\x81\x85\x86\x87\x88\x89\x8a)KMJX"


def mutated(stream, rng):
    """A pickle with a few bytes, opcodes or pieces changed, doubled, moved or gone."""
    stream = bytearray(stream)
    for _ in range(rng.randint(1, 4)):
        i, j = sorted(rng.randrange(2, len(stream)) for _ in range(2))
        piece = stream[i : min(j, i + rng.randint(1, 40))]
        match rng.randrange(6):
            case 0:
                stream[i] = rng.randrange(256)
            case 1:
                stream[i] = rng.choice(OPCODES)
            case 2:
                del stream[i : i + len(piece)]
            case 3:
                stream[j:j] = piece
            case 4:
                stream.insert(i, rng.choice(OPCODES))
            case _:
                stream[i] = (stream[i] + rng.choice((-1, 1))) % 256
    return bytes(stream)


def values(x):
    if isinstance(x, dict):
        x = list(x.values())
    return [y for part in x for y in values(part)] if isinstance(x, list | tuple) else [x]


def test_what_a_broken_file_holds_is_whole(nightly):
    """Whatever the bytes, loading ends soon, in an error or in numbers that fit their algebra."""
    rng = random.Random(0)
    tables = {algebra: algebra.product.terms for algebra in ALGEBRAS}
    parameter = nn.Parameter(arange(FRACTIONAL, 1))
    value = {"q": arange(hc.QUATERNION, 2), "p": parameter, "a": FRACTIONAL}
    contents = [saved(value), saved([arange(hc.Algebra(*SEVEN), 2)])]
    loaded = 0
    for k in range(20_000 if nightly else 600):
        content = contents[k % 2]
        start = time.process_time()
        try:
            found = load(with_pickle(content, mutated(pickle_of(content), rng)))
        except Exception:
            continue
        finally:
            assert time.process_time() - start < 2
        loaded += 1
        for x in values(found):
            if isinstance(x, hc.HypercomplexTensor):
                assert x.components.shape[-1] == x.algebra.dimension
                assert x.is_floating_point()
            if isinstance(x, hc.Algebra):
                assert x == hc.Algebra(x.units, x.products, x.conjugation)
    assert loaded
    assert all(algebra.product.terms == terms for algebra, terms in tables.items())
    assert all(
        hc.tensor_type(algebra).algebra.product.terms == terms for algebra, terms in tables.items()
    )
