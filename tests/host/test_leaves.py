"""A leaf owns its place: whatever changes it in place, its views give the gradients that torch's
complex tensors give, step after step."""

import copy
import pickle

import pytest
import torch
from torch import nn
from torch.utils._mode_utils import no_dispatch

import hypercomplex as hc
from tests.cases import through_a_file

C = hc.tensor_type(hc.COMPLEX)
SHAPE = (3, 3)


def set_requires_grad(q):
    q.requires_grad = True
    return q


def in_module(q, change):
    module = nn.Module()
    module.weight = nn.Parameter(q)
    change(module)
    return module.weight


def swapped(change):
    def swap(module):
        torch.__future__.set_swap_module_params_on_conversion(True)
        try:
            change(module)
        finally:
            torch.__future__.set_swap_module_params_on_conversion(False)

    return swap


def made_without_grad(x):
    with torch.no_grad():
        return C(x) * 1


def with_grad(q):
    (q * q).abs().sum().backward()
    return q


def made_in_place(x):
    q = C(x)
    q.T  # noqa: B018 - a view that was made before
    return q.requires_grad_()


LEAVES = {
    "requires_grad_": lambda x: C(x).requires_grad_(),
    "requires_grad=": lambda x: set_requires_grad(C(x)),
    "argument": lambda x: C(x, requires_grad=True),
    "a view before": made_in_place,
    "as_hypercomplex": lambda x: hc.as_hypercomplex(x, hc.COMPLEX).requires_grad_(),
    "as_subclass": lambda x: x.as_subclass(C).requires_grad_(),
    "lists": lambda x: C(x.tolist(), dtype=torch.float64).requires_grad_(),
    "NumPy": lambda x: C(x.numpy()).requires_grad_(),
    "another dtype": lambda x: C(x.float(), dtype=torch.float64, requires_grad=True),
    "product": lambda x: (C(x) * 1).requires_grad_(),
    "without grad": lambda x: made_without_grad(x).requires_grad_(),
    "clone": lambda x: C(x).clone().requires_grad_(),
    "to": lambda x: C(x).float().to(torch.float64).requires_grad_(),
    "detach": lambda x: (C(x).requires_grad_() * 1).detach().requires_grad_(),
    "detach_": lambda x: (C(x).requires_grad_() * 1).detach_().requires_grad_(),
    "detach of a leaf": lambda x: C(x).requires_grad_().detach().requires_grad_(),
    "data": lambda x: C(x).data.requires_grad_(),
    "set data": lambda x: set_data(C.zeros(1).requires_grad_(), C(x)),
    "row": lambda x: C(torch.stack([x, x]))[1].requires_grad_(),
    "transposed": lambda x: C(x.transpose(0, 1)).T.requires_grad_(),
    "split": lambda x: C(torch.cat([x, x])).split(3)[0].requires_grad_(),
    "components": lambda x: C(C(x).components).requires_grad_(),
    "Parameter": lambda x: nn.Parameter(C(x)),
    "Parameter of a Parameter": lambda x: nn.Parameter(nn.Parameter(C(x))),
    "Parameter in a module": lambda x: in_module(C(x).float(), lambda m: m.double()),
    "Parameter with gradient": lambda x: in_module(with_grad(nn.Parameter(C(x))), nn.Module.double),
    "swapped in a module": lambda x: in_module(C(x).float(), swapped(nn.Module.double)),
    "swapped by loading": lambda x: in_module(
        C.zeros(*SHAPE, dtype=torch.float64), swapped(lambda m: m.load_state_dict({"weight": C(x)}))
    ),
    "loaded": lambda x: in_module(
        C.zeros(*SHAPE, dtype=torch.float64), lambda m: m.load_state_dict({"weight": C(x)})
    ),
    "assigned": lambda x: in_module(
        C.zeros(*SHAPE), lambda m: m.load_state_dict({"weight": C(x)}, assign=True)
    ),
    "deepcopy": lambda x: copy.deepcopy(C(x).requires_grad_()),
    "deepcopy of a Parameter": lambda x: copy.deepcopy(nn.Parameter(C(x))),
    "copy": lambda x: copy.copy(C(x).requires_grad_()),
    "pickle": lambda x: pickle.loads(pickle.dumps(C(x).requires_grad_())),
    "file": lambda x: through_a_file(C(x).requires_grad_()),
    "file of a Parameter": lambda x: through_a_file(nn.Parameter(C(x))),
    "file of numbers": lambda x: through_a_file(C(x)).requires_grad_(),
    "zeros": lambda x: filled(C.zeros(*SHAPE, dtype=torch.float64, requires_grad=True), x),
    "full": lambda x: filled(C.full(SHAPE, 2, dtype=torch.float64, requires_grad=True), x),
    "eye": lambda x: filled(C.eye(3, dtype=torch.float64, requires_grad=True), x),
    "randn": lambda x: filled(C.randn(*SHAPE, dtype=torch.float64, requires_grad=True), x),
    "zeros_like": lambda x: filled(torch.zeros_like(C(x), requires_grad=True), x),
    "full_like": lambda x: filled(torch.full_like(C(x), 2.0, requires_grad=True), x),
    "randn_like": lambda x: filled(torch.randn_like(C(x), requires_grad=True), x),
    "new_zeros": lambda x: filled(C(x).new_zeros(SHAPE, requires_grad=True), x),
    "new_tensor": lambda x: filled(C(x).new_tensor(x.tolist(), requires_grad=True), x),
    "zeros, then": lambda x: filled(C.zeros(*SHAPE, dtype=torch.float64).requires_grad_(), x),
}


def set_data(q, other):
    q.data = other
    return q


def filled(q, x):
    with torch.no_grad():
        q.copy_(C(x))
    return q


def without_grad(change):
    def write(q):
        with torch.no_grad():
            change(q)

    return write


def optimizer(cls, fused=None, **options):
    def write(q):
        given = q.grad
        q.grad = 0.1 * q.detach()
        cls([q], lr=0.1, fused=None if q.is_complex() else fused, **options).step()
        q.grad = given

    return write


def average(q):
    q.detach().lerp_(torch.ones_like(q.detach()), 0.25)


def to_components(q):
    real = q.components if isinstance(q, C) else torch.view_as_real(q)
    real.mul_(0.75)


def real_part(q):
    q.real = 0.5


def row(q):
    q[0] = q[1]


def exchange_data(q):
    q.data = q.data * 0.5


def written_to_data(q):
    q.data.mul_(0.5)


WRITES = {
    "mul_": without_grad(lambda q: q.mul_(0.5)),
    "times itself": without_grad(lambda q: q.mul_(q)),
    "copy_": without_grad(lambda q: q.copy_(q * 0.5)),
    "row": without_grad(row),
    "real part": without_grad(real_part),
    "components": without_grad(to_components),
    "view": without_grad(lambda q: q.T[0].mul_(0.5)),
    "foreach": without_grad(lambda q: torch._foreach_mul_([q], 0.5)),
    "detach": lambda q: q.detach().mul_(0.5),
    "detach row": lambda q: row(q.detach()),
    "detach of a view": lambda q: q.T.detach().mul_(0.5),
    "average": average,
    "data": written_to_data,
    "exchanged data": exchange_data,
    "SGD": optimizer(torch.optim.SGD, foreach=False),
    "SGD foreach": optimizer(torch.optim.SGD, foreach=True, momentum=0.5),
    "Adam": optimizer(torch.optim.Adam, foreach=False),
    "Adam fused": optimizer(torch.optim.Adam, fused=True),
}


def components_of(q):
    if isinstance(q, C):
        return q.components
    return torch.view_as_real(q) if q.is_complex() else q


VIEWS = {
    "itself": lambda q: q,
    "T": lambda q: q.T,
    "transposed twice": lambda q: q.T.mT,
    "row": lambda q: q[1],
    "view": lambda q: q.view(9),
    "row of a view": lambda q: q.view(9)[1:5].view(2, 2),
    "diagonal": lambda q: q.diagonal(),
    "expand": lambda q: q.unsqueeze(0).expand(2, 3, 3),
    "real": lambda q: q.real,
    "imag": lambda q: components_of(q)[..., 1:],
    "components": components_of,
    "row of components": lambda q: components_of(q.T)[0],
    "numbers of components": lambda q: C(components_of(q)) if isinstance(q, C) else q.view(3, 3),
}


def loss(view):
    return (components_of(view) ** 3).sum()


def gradients(leaf, view, write, steps=3):
    """The gradients in each step of a view that was made once, before the first."""
    found, tied = [], view(leaf)
    for _ in range(steps):
        leaf.grad = None
        (loss(tied) + loss(leaf)).backward()
        found.append(leaf.grad.clone())
        write(leaf)
    return found


def same(typed, twin):
    return torch.allclose(components_of(typed), components_of(twin.contiguous()), rtol=1e-12)


def start():
    return torch.randn(*SHAPE, 2, generator=torch.Generator().manual_seed(1)).double()


def twin():
    return torch.view_as_complex(start()).clone().requires_grad_()


def check(leaf, view, write):
    q = LEAVES[leaf](start())
    assert q.is_leaf
    assert q.requires_grad
    right = gradients(twin(), VIEWS[view], WRITES[write])
    found = gradients(q, VIEWS[view], WRITES[write])
    assert all(map(same, found, right)), (leaf, view, write)


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_view_keeps_the_graph_of_any_leaf(leaf):
    for write in WRITES:
        check(leaf, "T", write)


@pytest.mark.parametrize("view", VIEWS)
def test_any_view_keeps_the_graph_of_a_leaf(view):
    for write in WRITES:
        for leaf in ("requires_grad_", "Parameter"):
            check(leaf, view, write)


FUNCTIONS = {
    "product": lambda q: q * q,
    "quotient": lambda q: 1 / q,
    "matmul": lambda q: q @ q,
    "exp": torch.exp,
    "abs": torch.abs,
    "sgn": torch.sgn,
    "prod": lambda q: q.prod(0),
    "pow": lambda q: q**3,
    "components": lambda q: components_of(q).square(),
    "real": lambda q: q.real.exp(),
}


# Neither `.data` nor torch's fused optimizers count what they change, of plain tensors either.
@pytest.mark.parametrize("write", [w for w in WRITES if "data" not in w and "fused" not in w])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_was_recorded_stays_right_or_refuses(function, write):
    """Whatever changes a leaf counts as a change, however it is reached."""
    f = FUNCTIONS[function]
    for leaf in ("requires_grad_", "Parameter", "file", "product"):
        q, untouched = LEAVES[leaf](start()), LEAVES[leaf](start())
        y = f(q)
        WRITES[write](q)
        loss(f(untouched)).backward()
        refusal = None
        try:
            components_of(y).backward(3 * components_of(f(untouched)).detach() ** 2)
        except RuntimeError as error:
            refusal = str(error)
        if refusal is None:
            assert torch.allclose(q.grad, untouched.grad), leaf
        else:
            assert "modified by an inplace operation" in refusal


def test_numbers_share_memory_and_graph():
    """What is written to the components, or to numbers, is written to the other with its graph."""
    p = C(start(), requires_grad=True)
    for write_to_numbers in (False, True):
        x = torch.zeros(*SHAPE, 2, dtype=torch.float64)
        q = C(x)
        assert q.data_ptr() == x.data_ptr()
        (q if write_to_numbers else x)[0] = (
            (p * p)[0] if write_to_numbers else (p * p).components[0]
        )
        for total in (x.sum(), q.components.sum(), C(x).components.sum(), q.T.components.sum()):
            (g,) = torch.autograd.grad(total, p, retain_graph=True)
            (right,) = torch.autograd.grad((p * p).components[0].sum(), p)
            assert torch.equal(g, right)


def test_numbers_of_a_graph_are_part_of_it():
    for x in (start().requires_grad_(), start().requires_grad_() * 2):
        q = C(x)
        assert not q.is_leaf
        assert q.data_ptr() == x.data_ptr()
        (g,) = torch.autograd.grad((q.components**2).sum(), x)
        assert torch.equal(g, 2 * x)
    leaf = C(start().requires_grad_(), requires_grad=True)
    assert leaf.is_leaf


def test_leaves_share_memory():
    x = start()
    q = C(x).requires_grad_()
    x.mul_(2)
    assert torch.equal(q.components, x)
    y = q * q
    x.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.abs().sum().backward()


def test_what_is_made_without_grad_may_be_written_to_with_it():
    p = C(start(), requires_grad=True)
    with torch.no_grad():
        made = [C.zeros(*SHAPE), C(start()) * 2, C(start()).clone(), C([[[1.0, 2]] * 3] * 3)]
        view = p.T
    for w in made:
        w[0] = (p * 1)[0]
        (g,) = torch.autograd.grad(w.components.sum(), p)
        assert torch.equal(g[0], C([[1.0, 1.0]] * 3))
    with pytest.raises(RuntimeError, match="created in no_grad mode"):
        view.mul_(2)


def test_one_of_many_views_refuses_a_leaf_that_changes():
    """As torch has it: what `split` and `unbind` made cannot be recorded anew."""
    for leaf in (twin(), C(start(), requires_grad=True), nn.Parameter(C(start()))):
        parts = [*leaf.split(2), *leaf.unbind(1)]
        with torch.no_grad():
            leaf.mul_(2)
        for part in parts:
            with pytest.raises(RuntimeError, match="multiple views"):
                loss(part).backward()


def test_results_that_need_gradients_keep_their_graph():
    p = C(start(), requires_grad=True)
    for y in (p * 2, p.T):
        assert y.requires_grad_() is y
        y.requires_grad = True
        (g,) = torch.autograd.grad(y.components.sum(), p)
        assert g.components.all()


def test_detaching_in_place():
    p = C(start(), requires_grad=True)
    y = p * 2
    assert y.detach_() is y
    assert y.is_leaf
    assert not y.requires_grad
    assert p.clone().detach_().requires_grad_().is_leaf
    with pytest.raises(RuntimeError, match="detach views in-place"):
        p.T.detach_()


def test_a_gradient_is_one_object():
    p = nn.Parameter(C(start()))
    (p * p).abs().sum().backward()
    first = p.grad
    assert isinstance(first, C)
    assert p.grad is first
    (p * p).abs().sum().backward()  # accumulates in place
    assert p.grad is first
    given = torch.ones_like(p)
    p.grad = given
    assert p.grad is given
    optimizer = torch.optim.SGD([p], lr=0.1)
    for create_graph in (False, True):
        (p * p).abs().sum().backward(create_graph=create_graph)
        optimizer.zero_grad(set_to_none=False)
        assert not p.grad.requires_grad
        assert not p.grad.components.any()


def test_conversion_of_modules_takes_gradients_along():
    module = nn.Module()
    module.weight = with_grad(nn.Parameter(C(start())))
    module.float()
    assert module.weight.grad.dtype == torch.float32
    assert module.weight.is_leaf


def test_what_torch_gives_becomes_numbers_and_what_users_hold_stays():
    q, real, held = hc.QuaternionTensor.randn(3, 3), torch.ones(3, 3), torch.ones(3, 3, 4)
    for result in (q + q, q - real, real + q, q * q, q @ q, hc.functional.split(torch.tanh)(q)):
        assert type(result) is hc.QuaternionTensor
    given = hc.functional.split(lambda x: held)(q)
    assert type(given) is hc.QuaternionTensor
    assert type(real) is type(held) is torch.Tensor


def test_parts_are_views_of_the_whole():
    q = hc.QuaternionTensor.zeros(4, 2)
    for part in (*q.chunk(2), *q.split([1, 3]), *q.unbind(1), q.mT):
        assert type(part) is hc.QuaternionTensor
        part += 1
    assert torch.equal(q.real, torch.full((4, 2), 4.0))


def test_a_function_that_gives_its_input_back_gives_numbers():
    q = hc.QuaternionTensor.randn(3, requires_grad=True)
    same = hc.functional.split(torch.positive)(q)
    assert same is not q
    assert torch.equal(same.components, q.components)
    same.components.sum().backward()
    assert torch.equal(q.grad.components, torch.ones(3, 4))


class WithSlots(hc.QuaternionTensor):
    __slots__ = ("frame",)


class Watching(hc.QuaternionTensor):
    """Numbers below whose type Python code sees every operation."""

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        with no_dispatch():
            return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    "function",
    [
        lambda q: q + q,
        lambda q: q - q,
        lambda q: q * q,
        lambda q: q @ q.mT,
        lambda q: q.mT,
        lambda q: q.unbind(0)[0],
        hc.functional.split(torch.relu),
    ],
)
@pytest.mark.parametrize("cls", [WithSlots, Watching])
def test_results_are_of_types_that_hold_more_than_tensors(cls, function):
    q = hc.QuaternionTensor.randn(2, 3)
    result = function(q.as_subclass(cls))
    assert type(result) is cls
    sees = torch._C._dispatch_keys(result).has(torch._C.DispatchKey.Python)
    assert sees == (cls is Watching)
    with no_dispatch():
        torch.testing.assert_close(result.as_subclass(hc.QuaternionTensor), function(q))
