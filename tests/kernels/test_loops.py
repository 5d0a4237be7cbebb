"""Compiled kernels are one vectorised loop, right for numbers of every size."""

from types import SimpleNamespace

import pytest
import torch

import hypercomplex as hc
from hypercomplex.kernels import OPERATIONS
from tests.kernels.test_sizes import assert_same, of_every_size

INVERT = OPERATIONS["invert"]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_inverses_of_every_size(dtype, backend):
    x = of_every_size(dtype)
    inverse = torch.compile(
        lambda x: hc.functional.inverse(x, hc.QUATERNION), fullgraph=True, backend=backend
    )
    assert_same(inverse(x), INVERT.twin(x, hc.QUATERNION))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_inverses_in_half_precision(dtype, backend):
    x = torch.randn(300, 4).to(dtype)
    inverse = torch.compile(
        lambda x: hc.functional.inverse(x, hc.QUATERNION), fullgraph=True, backend=backend
    )
    expected = INVERT.twin(x.double(), hc.QUATERNION)
    size = expected.norm(dim=-1, keepdim=True)
    found = inverse(x)
    assert found.dtype == dtype
    torch.testing.assert_close(
        found.double() / size, expected / size, rtol=0, atol=8 * torch.finfo(dtype).eps
    )


@pytest.mark.parametrize("algebra", [hc.COMPLEX, hc.QUATERNION, hc.OCTONION], ids=str)
def test_gradients_of_inverses(algebra, backend):
    x = torch.randn(30, algebra.dimension, dtype=torch.float64) * 1e200
    g = torch.randn_like(x)
    gradients = []
    inverse = torch.compile(
        lambda x: hc.functional.inverse(x, algebra), fullgraph=True, backend=backend
    )
    for function in (inverse, lambda x: INVERT.twin(x, algebra)):
        leaf = x.clone().requires_grad_()
        (function(leaf) * 1e200 * g).sum().backward()
        gradients.append(leaf.grad * 1e200)
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_matrices_of_every_size(dtype, backend):
    x = of_every_size(dtype)
    found = torch.compile(hc.rotations.to_matrix, fullgraph=True, backend=backend)(x)
    expected = OPERATIONS["matrix"].twin(x)
    torch.testing.assert_close(
        found, expected, rtol=0, atol=16 * torch.finfo(dtype).eps, equal_nan=True
    )


FUNCTIONS = ["exp", "log", "sqrt", "tanh"]


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("algebra", [hc.QUATERNION, hc.clifford(1)], ids=str)
def test_functions_are_columns_until_the_end(name, algebra):
    """A tensor of several components in between would make a loop of its own."""
    if name == "log" and not algebra.is_division:
        pytest.skip("zero divisors are looked for besides")
    graphs = []

    def keep(graph, _):
        graphs.append(graph)
        return graph.forward

    torch.compiler.reset()
    function = getattr(hc.functional, name)
    x = torch.randn(5, algebra.dimension).abs()
    torch.compile(lambda x: function(x, algebra), fullgraph=True, backend=keep)(x)
    nodes = [n for n in graphs[0].graph.nodes if n.op.startswith("call")]
    tensors = [n for n in nodes if isinstance(n.meta.get("example_value"), torch.Tensor)]
    joined = [n.target for n in tensors if n.meta["example_value"].shape[-1] != 1]
    assert joined == [torch.cat, "to"]
    assert not {n.target for n in nodes} & {torch.isinf, torch.isnan}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_functions_of_every_size(name, dtype, backend):
    torch.compiler.reset()
    x = of_every_size(dtype)
    function = getattr(hc.functional, name)
    compiled = torch.compile(lambda x: function(x, hc.QUATERNION), fullgraph=True, backend=backend)
    found = [_with_gradient(f, x) for f in (compiled, lambda x: function(x, hc.QUATERNION))]
    for ours, expected in zip(*found, strict=True):
        size = expected.nan_to_num(0, 0, 0).abs().amax(-1, True).clamp(torch.finfo(dtype).tiny)
        torch.testing.assert_close(
            ours / size, expected / size, rtol=0, atol=512 * torch.finfo(dtype).eps, equal_nan=True
        )


SPECIAL = [  # a + v of a quaternion, in units of the largest and the smallest number
    [0, 0, 0, 0], [-1, 0, 0, 0], [1, 0, 0, 0], [-0.0, -0.0, 0, 0], [-1, 0, -0.0, 0], [2, 0, 0, 0],
    [0, 1, 0, 0], [-1, 1e-7, 0, 0], [1, 1e-7, 0, 0], [1, 0, 3e-4, 1e-5], [0.6, 0, 0.8, 0],
    [-3, 0, 1e-30, 2e-30], [1e30, 1e-30, 0, 0], [-1e30, 1e-30, 0, 2e-30], [1e-30, 1e30, 1e10, 0],
    [1e38, 1e38, -1e38, 1e38], [3e38, 0, 0, 0], [-3e38, 0, 0, 0], [0, -3e38, 0, 0],
    [1e-45, 0, 0, 0], [-1e-45, 0, 0, 0], [0, 1e-45, 1e-45, 0], [1e-40, 2e-40, 0, -1e-40],
    [torch.inf, 0, 0, 0], [-torch.inf, 0, 0, 0], [torch.inf, 1, 2, 3], [-torch.inf, 1e38, 0, 1e38],
    [0, torch.inf, 0, 0], [1, torch.inf, 1e38, -torch.inf], [-torch.inf, torch.inf, 1, 0],
    [torch.inf, -torch.inf, torch.inf, 0], [torch.nan, 0, 0, 0], [0, torch.nan, 0, 0],
    [torch.inf, torch.nan, 0, 0], [torch.nan, torch.inf, 1, 0], [-200, 1, 2, 3],
]  # fmt: skip


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_the_logarithm_alone_is_that_of_the_formula(dtype, backend):
    """Where nothing is differentiated the formula is another."""
    torch.compiler.reset()
    function = hc.functional.log
    x = torch.cat([of_every_size(dtype), 2 * torch.randn(1000, 4, dtype=dtype)])
    x = torch.cat([x, torch.tensor(SPECIAL, dtype=dtype)])
    compiled = torch.compile(lambda x: function(x, hc.QUATERNION), fullgraph=True, backend=backend)
    found, expected = compiled(x), function(x, hc.QUATERNION)
    size = expected.nan_to_num(0, 0, 0).abs().amax(-1, True).clamp(torch.finfo(dtype).tiny)
    torch.testing.assert_close(
        found / size, expected / size, rtol=0, atol=32 * torch.finfo(dtype).eps, equal_nan=True
    )


def test_where_derivatives_are_asked_for_it_is_the_formula():
    algebra, x = hc.QUATERNION, torch.zeros(3, 4, dtype=torch.float64)
    x[:, 0] = 2

    def log(x):
        return hc.functional.log(x, algebra)

    def of(function):
        forward = torch.func.jvp(function, (x,), (torch.ones_like(x),))[1]
        return forward, torch.func.jacrev(function)(x), torch.func.hessian(function)(x)

    compiled = torch.compile(lambda: of(log), backend="aot_eager")
    for ours, expected in zip(compiled(), of(log), strict=True):
        torch.testing.assert_close(ours, expected)
    exported = torch.export.export(_Log(), (x,)).module()
    leaf = x.clone().requires_grad_()
    found = torch.autograd.grad(exported(leaf).sum(), leaf)[0]
    torch.testing.assert_close(found, torch.autograd.grad(log(leaf).sum(), leaf)[0])


class _Log(torch.nn.Module):
    def forward(self, x):
        return hc.functional.log(x, hc.QUATERNION)


def _with_gradient(function, x):
    leaf = x.clone().requires_grad_()
    y = function(leaf)
    return y.detach(), torch.autograd.grad(y.sum(), leaf)[0]


@pytest.mark.nightly
@pytest.mark.parametrize(
    "kernel",
    [
        lambda q: q * q,
        lambda q: q.rotate(q.imag),
        lambda q: q.inverse(),
        lambda q: q.abs(),
        lambda q: hc.rotations.to_matrix(q),
        torch.exp,
        torch.log,
        torch.tanh,
    ],
    ids=["product", "rotate", "inverse", "abs", "to_matrix", "exp", "log", "tanh"],
)
def test_the_loop_is_vectorised(kernel):
    """The loads of components jump, and torch's compiler alone would leave the loop scalar."""
    from torch._inductor.utils import run_and_get_code

    torch.compiler.reset()
    q = hc.QuaternionTensor(torch.randn(1000, 4))
    with torch.compiler.config.patch(force_disable_caches=True):
        found, (code, *_) = run_and_get_code(torch.compile(kernel, fullgraph=True), q)
    assert code.count("extern") == code.count("async_compile.cpp_pybinding(") == 1
    assert code.count("for(int64_t") <= 2  # and the numbers that are left over
    assert "Vectorized<float>" in code
    torch.testing.assert_close(found, kernel(q))


def test_only_loops_of_kernels_are_asked_to_be_vectorised():
    from torch._inductor import config
    from torch._inductor.codegen.cpp import CppKernelProxy

    def setting(trace):
        seen = []
        maker = SimpleNamespace(
            legalize_lowp_fp_dtype=lambda _: None,
            data_type_propagation=lambda _: None,
            codegen_functions=lambda *_: seen.append(config.cpp.enable_tiling_heuristics),
        )
        origin = SimpleNamespace(meta={"stack_trace": trace})
        node = SimpleNamespace(group=(None, ()), node=SimpleNamespace(origins=[origin]))
        CppKernelProxy.codegen_nodes(maker, [node])
        return seen

    kernel = OPERATIONS["multiply"].twin.__code__.co_filename
    assert setting(f'File "{kernel}", line 1, in multiply') == [False]
    assert setting('File "another.py", line 1') == setting(None) == [True]
    assert config.cpp.enable_tiling_heuristics
