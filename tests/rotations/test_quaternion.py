"""The quaternion tensor as rotations: typed in, typed out; compiled, mapped, and other libraries."""

import io
import pickle
import sys
from inspect import signature

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

import hypercomplex as hc
from hypercomplex import rotations as R
from hypercomplex.door.declarations import DECLARED

T = hc.QuaternionTensor


def quaternions(*size):
    return T(torch.randn(*size, 4, dtype=torch.float64))


def arguments(function):
    """Plain arguments for every function of the tables, by the names of its parameters."""
    q, b = torch.randn(2, 5, 4, dtype=torch.float64)
    v, t = torch.randn(5, 3, dtype=torch.float64), torch.rand(5, dtype=torch.float64)
    known = {
        "q": q,
        "a": q,
        "b": b,
        "control_a": b,
        "control_b": q,
        "derivative": b,
        "initial": q[0],
        "v": v,
        "axis": v,
        "rates": v,
        "t": t,
        "seq": "ZYX",
        "dt": 0.1,
        "order": "intrinsic",
        "axes": torch.eye(3, dtype=torch.float64),
        "times": torch.arange(5).double(),
    }
    names = [p.name for p in signature(function).parameters.values() if p.default is p.empty]
    names += ["initial"] if function is R.integrate else []
    return {name: known[name] for name in names}


DECLARATIONS = {f: DECLARED[f] for f in (getattr(R, n) for n in R.__all__) if f in DECLARED}
TYPED = {f: known for f, known in DECLARATIONS.items() if known.numbers}


@pytest.mark.parametrize("function", TYPED, ids=lambda f: f.__name__)
def test_same_kind_out_as_in(function):
    plain = arguments(function)
    typed = {k: T(x) if k in TYPED[function].numbers else x for k, x in plain.items()}
    expected, ours = function(**plain), function(**typed)
    expected, ours = (x if isinstance(x, tuple) else (x,) for x in (expected, ours))
    for x, y in zip(expected, ours, strict=True):
        assert type(x) is torch.Tensor
        assert type(y) is (torch.Tensor if TYPED[function].gives == "reals" else T)
        assert torch.equal(y.components if isinstance(y, T) else y, x)


@pytest.mark.parametrize("function", TYPED, ids=lambda f: f.__name__)
def test_other_algebras_are_no_rotations(function):
    plain = arguments(function)
    split = hc.tensor_type(hc.cayley_dickson(hc.COMPLEX, gamma=1))
    typed = {k: split(x) if k in TYPED[function].numbers else x for k, x in plain.items()}
    with pytest.raises(TypeError, match=r"function of numbers of QUATERNION, but a .*Tensor holds"):
        function(**typed)


def test_all_public_functions_have_a_rule():
    without_rotations = {"GimbalLockWarning", "Slerp", "create_group", "random"}
    declared = {f.__name__ for f in DECLARATIONS}
    assert declared | without_rotations == set(R.__all__)


def test_mixed_kinds_are_refused():
    q = quaternions(3)
    with pytest.raises(TypeError, match=r"`b` of rotations\.slerp is a plain tensor beside a Quat"):
        R.slerp(q, q.components, 0.5)
    with pytest.raises(
        TypeError, match=r"`v` of rotations.rotate must be a plain tensor .* `q` may be typed"
    ):
        R.rotate(q, q)
    with pytest.raises(
        TypeError, match=r"`m` of rotations.from_matrix .* of its arguments nothing may be"
    ):
        R.from_matrix(q)


def test_methods_are_functions():
    q, p = quaternions(7), quaternions(7)
    v, a = torch.randn(7, 3, dtype=torch.float64), torch.rand(7, dtype=torch.float64)
    axes = torch.eye(3, dtype=torch.float64)
    pairs = [
        (T.from_matrix(q.to_matrix()), R.from_matrix(R.to_matrix(q))),
        (T.from_rotvec(v, True), R.from_rotvec(v, True)),
        (T.from_axis_angle(v, a, True), R.from_axis_angle(v, a, True)),
        (T.from_euler("zyx", v, True), R.from_euler("zyx", v, True)),
        (T.from_davenport(axes, "extrinsic", v), R.from_davenport(axes, "extrinsic", v)),
        (T.from_mrp(v), R.from_mrp(v)),
        (T.from_gibbs(v), R.from_gibbs(v)),
        (T.from_6d(q.to_6d()), R.from_6d(R.to_6d(q))),
        (T.from_9d(q.to_matrix()), R.from_9d(R.to_matrix(q))),
        (T.from_two_vectors(v, -v.flip(0)), R.from_two_vectors(v, -v.flip(0))),
        (T.align_vectors(v, v.flip(0), a), R.align_vectors(v, v.flip(0), a)),
        (
            T.look_at(v, v.flip(1), forward="z", upward="-y"),
            R.look_at(v, v.flip(1), forward="z", upward="-y"),
        ),
        (q.slerp(p, a, False), R.slerp(q, p, a, False)),
        (q.nlerp(p, a), R.nlerp(q, p, a)),
        (q.normalize(), T(hc.functional.normalize(q.components))),
        *zip(q.swing_twist(v), R.swing_twist(q, v), strict=True),
    ]
    for ours, expected in pairs:
        assert type(ours) is T
        assert torch.equal(ours.components, getattr(expected, "components", expected))
    for ours, expected in (
        (q.to_rotvec(True), R.to_rotvec(q, True)),
        (q.to_axis_angle(True)[1], R.angle(q, True)),
        (q.to_euler("zyx", True), R.to_euler(q, "zyx", True)),
        (q.to_davenport(axes, "extrinsic"), R.to_davenport(q, axes, "extrinsic")),
        (q.to_mrp(), R.to_mrp(q)),
        (q.to_gibbs(), R.to_gibbs(q)),
        (q.to_9d(), R.to_9d(q)),
        (q.rotation_angle(True), R.angle(q, True)),
        (q.geodesic_distance(p), R.geodesic_distance(q, p)),
        (q.geodesic_distance(p, False, True), R.geodesic_distance(q, p, False, True)),
        (q.rotate(v), R.rotate(q, v)),
    ):
        assert torch.equal(ours, expected)
    one = T.identity(2, 3, dtype=torch.float64)
    assert one.shape == (2, 3)
    assert torch.equal(one.components, torch.eye(4).double()[0].expand(2, 3, 4))
    g = torch.Generator().manual_seed(3)
    assert T.random(2, generator=g).abs().allclose(torch.ones(2))


def test_all_methods_have_an_example():
    methods = [x for name, x in vars(T).items() if hasattr(x, "__doc__") and name[0] != "_"]
    methods = [x for x in methods if callable(x) or isinstance(x, classmethod | property)]
    assert len(methods) > 30
    assert not [x for x in methods if "Example:\n" not in x.__doc__]


def test_methods_take_lists_arrays_and_integers():
    quarter = T.from_euler("ZYX", [90, 0, 0], degrees=True)
    x, y = [1, 0, 0], [0, 1, 0]
    for as_data in (list, np.array, torch.tensor):
        torch.testing.assert_close(quarter.rotate(as_data(x)).float(), torch.tensor(y).float())
        for same in (
            T.from_two_vectors(as_data(x), as_data([0, 2, 0])),
            T.from_components(as_data([0, 0, 1, 1]), order="xyzw").normalize(),
            T.from_matrix(as_data([[0, -1, 0], [1, 0, 0], [0, 0, 1]])),
            T.look_at(as_data([0, 5, 0]), as_data([0, 0, 1])),
        ):
            assert type(same) is T
            assert same.geodesic_distance(quarter.to(same)) < 1e-6
    assert T.identity(2).slerp(T.random(2), [0.1, 0.2]).shape == (2,)
    with pytest.raises(TypeError, match=r"`b` of rotations\.slerp is of type list beside a Quat"):
        quarter.slerp([1, 0, 0, 0], 0.5)


def test_new_rotations_can_be_leaves():
    for q in (T.random(2, requires_grad=True), T.identity(2, requires_grad=True)):
        assert q.is_leaf
        q.rotate([1.0, 0, 0]).sum().backward()
        assert q.grad is not None
    q = R.random(2, requires_grad=True)
    assert q.is_leaf
    assert q.requires_grad
    assert not T.random(2).requires_grad


def test_axes_of_a_typed_mean_can_stay():
    q = quaternions(2, 3, 5)
    assert R.mean(q, dim=(0, 2), keepdim=True).shape == (1, 3, 1)
    assert R.median(q, keepdim=True).shape == (1, 1, 1)


def test_angles_in_polar_form_are_half_those_of_rotations():
    q = T.from_rotvec([0, 0, 90], degrees=True)
    torch.testing.assert_close(q.rotation_angle(), 2 * q.angle())
    torch.testing.assert_close((-q).rotation_angle(), q.rotation_angle())


def test_components_by_name():
    q = quaternions(3)
    for k, name in enumerate("wxyz"):
        part = getattr(q, name)
        assert type(part) is torch.Tensor
        assert torch.equal(part, q.components[:, k])
        setattr(q, name, k)
        part += 1  # a view
        assert q.components[:, k].tolist() == [k + 1] * 3
    q.requires_grad_().x.sum().backward()
    assert q.grad.components.tolist() == [[0, 1, 0, 0]] * 3
    mapped = torch.func.vmap(lambda q: q.y + q.z)(q.detach())
    assert torch.equal(mapped, q.detach().y + q.detach().z)


def test_matrices_of_any_length_compiled():
    m = 3 * R.to_matrix(R.random(5, dtype=torch.float64))
    noisy = m + 0.1 * torch.randn(5, 3, 3, dtype=torch.float64)
    compiled = torch.compile(lambda m: R.from_matrix(m), fullgraph=True, backend="aot_eager")
    for x in (m, noisy):
        torch.testing.assert_close(compiled(x), R.from_matrix(x), atol=1e-9, rtol=0)
        assert R.geodesic_distance(compiled(x), R.from_9d(x)).max() < 1e-9
    assert compiled(-m).isnan().all()


def test_order_is_said():
    x = torch.tensor([1.0, 2, 3, 4])
    q = T.from_components(x, order="xyzw")
    assert q.components.tolist() == [4, 1, 2, 3]
    assert torch.equal(q.to_components(order="xyzw"), x)
    assert T.from_components(x).components.data_ptr() == x.data_ptr()
    for call in (lambda: T.from_components(x, order="zyxw"), lambda: q.to_components(order="xyz")):
        with pytest.raises(ValueError, match=r"`order` .* must be 'wxyz' or 'xyzw'"):
            call()


def test_scipy_both_ways():
    theirs = Rotation.random(5, random_state=0)
    q = T.from_scipy(theirs)
    torch.testing.assert_close(q.to_matrix(), torch.from_numpy(theirs.as_matrix()))
    back = (-2 * q.requires_grad_()).to_scipy()
    np.testing.assert_allclose(back.as_matrix(), theirs.as_matrix())


def test_numpy_quaternion_both_ways():
    quaternion = pytest.importorskip("quaternion")
    theirs = quaternion.as_quat_array(np.random.default_rng(0).normal(size=(2, 3, 4)))
    q = T.from_numpy_quaternion(theirs)
    assert q.shape == (2, 3)
    assert (q.to_numpy_quaternion() == theirs).all()
    assert ((q * q).to_numpy_quaternion() == theirs * theirs).mean() > 0.5
    np.testing.assert_allclose(q.to_matrix(), quaternion.as_rotation_matrix(theirs))


def test_absent_packages_are_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "quaternion", None)
    monkeypatch.setitem(sys.modules, "scipy.spatial.transform", None)
    q = quaternions(2)
    with pytest.raises(ImportError, match="pip install numpy-quaternion"):
        q.to_numpy_quaternion()
    with pytest.raises(ImportError, match="pip install numpy-quaternion"):
        T.from_numpy_quaternion(None)
    with pytest.raises(ImportError, match="pip install scipy"):
        q.to_scipy()


def test_pickles_and_the_old_place_of_the_class():
    q = quaternions(3)
    assert torch.equal(pickle.loads(pickle.dumps(q)), q)
    assert pickle.loads(pickle.dumps(T)) is T
    assert pickle.loads(b"chypercomplex.tensor\nQuaternionTensor\n.") is T
    assert hc.tensor_type(hc.QUATERNION) is T
    buffer = io.BytesIO()
    torch.save(q, buffer)
    buffer.seek(0)
    assert torch.equal(torch.load(buffer, weights_only=True), q)


AXES = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=torch.float64)
TIMES = torch.arange(5, dtype=torch.float64)


def shown(q, p, v, t):
    """Other descriptions of rotations, and real numbers."""
    return [
        *(R.to_matrix(q), R.to_rotvec(q), R.to_mrp(q), R.to_gibbs(q), R.to_6d(q), R.to_9d(q)),
        *(*R.to_axis_angle(q), R.angle(q), R.to_euler(q, "ZYX"), R.to_euler(q, "xyx")),
        *(R.rotate(q, v), R.to_davenport(q, AXES, "intrinsic")),
        *(R.geodesic_distance(q, p), R.chordal_distance(q, p, False)),
        *(R.angular_velocity(q, p), R.angular_velocity(q, p, "body"), R.angular_rates(q, 0.1)),
    ]


def between(q, p, v, t):
    """Rotations from rotations."""
    return [
        *(R.slerp(q, p, t), R.slerp(q, p, t, False), R.nlerp(q, p, t)),
        *(*R.swing_twist(q, v), R.squad_controls(q), R.squad(q, p, p, q, t), R.unroll(q)),
        *(R.mean(q), R.karcher_mean(q, t, iterations=2), R.median(q, iterations=2)),
        *(R.integrate(v, 0.1, p[0]), R.spline(TIMES, q, t)),
    ]


def constructed(q, p, v, t):
    """Rotations from other descriptions."""
    return [
        *(R.from_matrix(R.to_matrix(q)), R.from_rotvec(v), R.from_axis_angle(v, t), R.from_mrp(v)),
        *(R.from_gibbs(v), R.from_6d(R.to_6d(q)), R.from_9d(R.to_matrix(q))),
        *(R.from_euler("ZYX", v), R.from_davenport(AXES, "extrinsic", v)),
        *(R.from_two_vectors(v, v.flip(0)), R.look_at(v, v.flip(0))),
        *(R.align_vectors(v, v.flip(0)), *R.align_points(v, v.flip(0), t, scale=True)),
    ]


def everything(*inputs):
    return shown(*inputs), between(*inputs), constructed(*inputs)


def compare(ours, expected):
    for group, other in zip(ours, expected, strict=True):
        for x, y in zip(group, other, strict=True):
            assert type(x) is type(y)
            x, y = (getattr(z, "components", z) for z in (x, y))
            torch.testing.assert_close(x, y, atol=1e-9, rtol=1e-9)


def inputs():
    v, t = torch.randn(5, 3, dtype=torch.float64), torch.rand(5, dtype=torch.float64)
    return quaternions(5), quaternions(5), v, t


@pytest.mark.parametrize("functions", [shown, between, constructed])
def test_everything_compiles(functions, monkeypatch):
    """Traced whole; generating code for all of it at once would take minutes."""
    torch._dynamo.reset()
    # each of Newton's steps of a spline, 8 where none can be seen, is traced like the first
    monkeypatch.setattr(sys.modules["hypercomplex.rotations.spline"], "_STEPS", 1)
    q, p, v, t = inputs()
    compiled = torch.compile(functions, fullgraph=True, backend="eager")
    compare([compiled(q, p, v, t)], [functions(q, p, v, t)])


def test_gradients_compile(backend):

    def loss(q, v):
        turned = R.from_rotvec(v) + R.slerp(q, R.from_matrix(R.to_matrix(q)), 0.3)
        return (R.to_rotvec(turned) + R.to_euler(turned, "ZYX")).square().sum()

    q = torch.tensor([[1.0, 0, 0, 0], [0, 1, 0, 0], [1, 2, 3, 4]], dtype=torch.float64)
    v = torch.randn(3, 3, dtype=torch.float64)
    both = lambda q, v: (q.slerp(T.from_rotvec(v), 0.3), q.to_rotvec())
    typed = torch.compile(both, fullgraph=True, backend=backend)
    turned, logarithm = typed(T(q), v)
    assert type(turned) is T
    torch.testing.assert_close(turned.components, R.slerp(q, R.from_rotvec(v), 0.3))
    torch.testing.assert_close(logarithm, R.to_rotvec(q))
    x = [a.clone().requires_grad_() for a in (q, v)]
    expected = torch.autograd.grad(loss(*x), x)
    compiled = torch.compile(loss, fullgraph=True, backend=backend)
    for ours, value in zip(torch.autograd.grad(compiled(*x), x), expected, strict=True):
        torch.testing.assert_close(ours, value)


def test_everything_maps_over_plain_numbers():
    q, p, v, t = (
        torch.stack([getattr(x, "components", x) for x in xs])
        for xs in zip(inputs(), inputs(), strict=True)
    )
    mapped = torch.func.vmap(everything)(q, p, v, t)
    compare([[x[1] for x in group] for group in mapped], everything(q[1], p[1], v[1], t[1]))


def test_everything_on_meta():
    real = inputs()
    q, p, v, t = (getattr(x, "components", x).to("meta") for x in real)

    def shapes(groups):
        return [[tuple(getattr(x, "components", x).shape) for x in group] for group in groups]

    on_meta = everything_but_constants(q, p, v, t)
    assert shapes([on_meta]) == shapes(
        [everything_but_constants(*[getattr(x, "components", x) for x in real])]
    )


def everything_but_constants(q, p, v, t):
    return [
        *(
            R.to_matrix(q),
            R.to_euler(q, "ZYX"),
            R.slerp(q, p, t),
            R.mean(q),
            R.from_9d(R.to_matrix(q)),
        ),
        *(
            R.from_matrix(R.to_matrix(q)),
            R.integrate(v, 0.1),
            R.align_vectors(v, v),
            R.look_at(v, v),
        ),
        *(R.squad_controls(q), R.unroll(q), R.karcher_mean(q, t), *R.swing_twist(q, v)),
    ]


def test_reflections_are_not_a_number_where_values_cannot_be_read():
    m = torch.stack([torch.eye(3), -torch.eye(3)])
    mapped = torch.func.vmap(R.from_matrix)(m)
    assert mapped[0].tolist() == [1, 0, 0, 0]
    assert mapped[1].isnan().all()
    compiled = torch.compile(R.from_matrix, fullgraph=True, backend="eager")(m)
    assert torch.equal(compiled[0], mapped[0])
    assert compiled[1].isnan().all()
