"""Loops that torch's compiler makes for large tensors: the same numbers, and only where asked for."""

import warnings

import pytest
import torch

import hypercomplex as hc
from hypercomplex.host import mode
from hypercomplex.host.compiler import why_no_machine_code
from hypercomplex.kernels import OPERATIONS, compile_large, large
from hypercomplex.kernels.large import _Compiled
from tests.kernels.samples import planar

Q = hc.QUATERNION
CALLS = {
    "multiply": lambda q, v: q * q.conj(),
    "rotate": lambda q, v: q.rotate(v),
    "invert": lambda q, v: q.inverse(),
    "safe_length": lambda q, v: q.abs(),
    "matrix": lambda q, v: hc.rotations.to_matrix(q),
    "analytic": lambda q, v: q.log(),
}
graphs = []


def counting(graph, _):
    """A backend that keeps the graphs that it runs as they are."""
    graphs.append(graph)
    return graph.forward


def with_loops():
    return [name for name, o in OPERATIONS.items() if _is_compiled(o.variants[:1])]


def _is_compiled(variants):
    return any(isinstance(v.function, _Compiled) for v in variants)


@pytest.fixture
def small(monkeypatch, backend):
    """Few numbers are large, and nothing is kept."""
    graphs.clear()
    monkeypatch.setattr(large, "_LARGE", 10)
    monkeypatch.setattr(mode, "_FEW", 10)
    monkeypatch.setattr(large, "_BACKEND", counting)
    monkeypatch.setattr(large, "_loops", {})
    monkeypatch.setattr(large, "why_no_machine_code", lambda: None)
    yield
    compile_large(False)


def data(*shape, dtype=torch.float64):
    return hc.QuaternionTensor(torch.randn(*shape, 4, dtype=dtype)), torch.randn(
        *shape, 3, dtype=dtype
    )


def test_it_is_off_unless_asked_for(small):
    assert not with_loops()
    compile_large()
    compile_large()
    assert set(with_loops()) == set(CALLS)
    assert all(not _is_compiled(o.variants[1:]) for o in OPERATIONS.values())
    compile_large(False)
    assert not with_loops()


@pytest.mark.parametrize("name", CALLS)
def test_a_loop_is_its_twin_for_all_sizes(name, small):
    call = CALLS[name]
    for shape in ((30,), (7, 5), (500,)):
        q, v = data(*shape)
        expected = call(q, v)
        compile_large()
        found = call(q, v)
        compile_large(False)
        assert type(found) is type(expected)
        assert found.shape == expected.shape
        assert torch.allclose(found, expected)
    assert len(graphs) == 1


@pytest.mark.parametrize("name", [pytest.param("multiply", marks=pytest.mark.nightly), "rotate"])
def test_derivatives(name, small, monkeypatch, backend):
    monkeypatch.setattr(large, "_BACKEND", backend)
    q, v = data(12)
    q.requires_grad_()
    expected = torch.autograd.grad(CALLS[name](q, v).square().sum().abs(), q)[0]
    compile_large()
    (found,) = torch.autograd.grad(CALLS[name](q, v).square().sum().abs(), q)
    assert type(found) is hc.QuaternionTensor
    torch.testing.assert_close(found.components, expected.components)
    x, y = q.components.detach().requires_grad_(), v.requires_grad_()
    function = (lambda x, y: hc.functional.rotate(x, y, Q)) if name == "rotate" else (
        lambda x, y: hc.functional.product(x, x, Q) * y.sum()
    )  # fmt: skip
    assert torch.autograd.gradgradcheck(function, (x, y), fast_mode=True)


def test_others_get_what_they_always_did(small):
    compile_large()
    q, v = data(12)
    few, _ = data(5)
    x = q.components
    few * few
    hc.functional.product(x, x[:1], Q)
    hc.functional.product(planar(x), planar(x), Q)
    torch.func.vmap(lambda x, v: hc.functional.rotate(x, v, Q))(x, v)
    torch.func.jvp(lambda x: hc.functional.inverse(x, Q), (x,), (x,))
    assert not graphs
    q * q
    assert len(graphs) == 1


def test_who_forbids_the_compiler_is_served(small):
    compile_large()
    q, _ = data(12)
    with torch.compiler.set_stance("force_eager"):
        found = q * q
    assert not graphs
    assert torch.allclose(found, hc.QuaternionTensor(OPERATIONS["multiply"].twin(q.components, q.components, Q.product)))  # fmt: skip


def test_without_a_compiler_it_says_so(small, monkeypatch):
    monkeypatch.setattr(large, "why_no_machine_code", lambda: "torch finds no C++ compiler")
    with pytest.warns(UserWarning, match=r"not compiled: torch finds no C\+\+ compiler") as told:
        compile_large()
    assert len(told) == 1
    assert not with_loops()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        q, _ = data(12)
        q * q
    assert not graphs


def test_torch_is_asked_for_its_compiler(backend):
    from torch._inductor import config

    with config.patch({"cpp.cxx": ("no-such-compiler",)}):
        assert "finds no C++ compiler" in (why_no_machine_code() or "")


def test_a_compiler_that_fails_is_not_asked_again(small, monkeypatch):
    def failing(graph, _):
        raise RuntimeError("no header files")

    monkeypatch.setattr(large, "_BACKEND", failing)
    q, _ = data(12)
    expected = q * q
    compile_large()
    with pytest.warns(UserWarning, match="compiler fails, .*no header files"):
        found = q * q
    assert torch.equal(found.components, expected.components)
    assert not with_loops()


@pytest.mark.nightly
def test_machine_code(small, monkeypatch):
    monkeypatch.setattr(large, "_BACKEND", "inductor")
    q, v = data(1000, dtype=torch.float32)
    for name, call in CALLS.items():
        expected = call(q, v)
        compile_large()
        assert torch.allclose(call(q, v), expected, rtol=1e-4, atol=1e-4), name
        compile_large(False)
