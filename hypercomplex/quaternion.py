"""Tensors of quaternions, with the methods that only they have: rotations.

The mathematics is in `hypercomplex.rotations`; a method is its function with the tensor in front.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from hypercomplex import rotations
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional.arguments import check_choice
from hypercomplex.functional.data import as_tensor
from hypercomplex.rotations.order import ORDERS
from hypercomplex.tensor import HypercomplexTensor, register

__all__ = ["QuaternionTensor"]


class QuaternionTensor(HypercomplexTensor):
    """A tensor of quaternions, components `(w, x, y, z)`, real part first, with `ij = k`.

    As a rotation a quaternion is active, `v ↦ q v q⁻¹`, and needs no unit length.

    Example:
        >>> q = hc.QuaternionTensor([[1., 2, 3, 4], [0, 1, 0, 0]])
        >>> q.shape
        torch.Size([2])
        >>> q[0] * q[1]
        QuaternionTensor(-2+1i+4j-3k, shape=(), dtype=torch.float32)
        >>> q[1] * q[0]
        QuaternionTensor(-2+1i-4j+3k, shape=(), dtype=torch.float32)
    """

    algebra = QUATERNION

    # ------------------------------------------------------------------ factories

    @classmethod
    def identity(
        cls,
        *size: int,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
        requires_grad: bool = False,
    ) -> Any:
        """Ones: rotations that move nothing.

        Example:
            >>> hc.QuaternionTensor.identity()
            QuaternionTensor(1+0i+0j+0k, shape=(), dtype=torch.float32)
        """
        options: dict[str, Any] = {"dtype": dtype, "device": device, "requires_grad": requires_grad}
        return cls.ones(*(size or ((),)), **options)

    @classmethod
    def random(
        cls,
        *size: int,
        generator: torch.Generator | None = None,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
        requires_grad: bool = False,
    ) -> Any:
        """Uniformly distributed rotations; see `rotations.random`.

        Example:
            >>> hc.QuaternionTensor.random(2, 3).shape
            torch.Size([2, 3])
        """
        components = rotations.random(*size, generator=generator, dtype=dtype, device=device)
        return cls(components, requires_grad=requires_grad)

    @classmethod
    def from_components(cls, x: Any, *, order: str = "wxyz") -> Any:
        """Quaternions of components in the order `"wxyz"` (shared) or `"xyzw"` (copied).

        Raises:
            ValueError: if `order` is another one.

        Example:
            >>> hc.QuaternionTensor.from_components([1., 2, 3, 4], order="xyzw")
            QuaternionTensor(4+1i+2j+3k, shape=(), dtype=torch.float32)
        """
        check_choice("order", order, ORDERS)
        x = as_tensor(x)
        real = x if x.is_floating_point() or x.is_complex() else x.to(torch.get_default_dtype())
        return cls(rotations.reorder(real, from_=order, to="wxyz"))

    @classmethod
    def from_matrix(cls, m: Tensor) -> Any:
        """Rotation matrices `(…, 3, 3)`; see `rotations.from_matrix`.

        Example:
            >>> hc.QuaternionTensor.from_matrix([[-1, 0, 0], [0, -1, 0], [0, 0, 1]])
            QuaternionTensor(0+0i+0j+1k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.from_matrix(m))

    @classmethod
    def from_rotvec(cls, v: Tensor, degrees: bool = False) -> Any:
        """Rotation vectors `(…, 3)`; see `rotations.from_rotvec`.

        Example:
            >>> hc.QuaternionTensor.from_rotvec([0, 0, 90], degrees=True)
            QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.from_rotvec(v, degrees))

    @classmethod
    def from_axis_angle(cls, axis: Tensor, angle: Tensor, degrees: bool = False) -> Any:
        """Axes `(…, 3)` of any length and angles; see `rotations.from_axis_angle`.

        Example:
            >>> hc.QuaternionTensor.from_axis_angle([0, 0, 2], 90, degrees=True)
            QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.from_axis_angle(axis, angle, degrees))

    @classmethod
    def from_euler(cls, seq: str, angles: Tensor, degrees: bool = False) -> Any:
        """Angles about the axes of `seq`, as `"ZYX"`; see `rotations.from_euler`.

        Example:
            >>> hc.QuaternionTensor.from_euler("ZYX", [90, 0, 0], degrees=True)
            QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.from_euler(seq, angles, degrees))

    @classmethod
    def from_davenport(cls, axes: Tensor, order: str, angles: Tensor, degrees: bool = False) -> Any:
        """Angles about three given axes; see `rotations.from_davenport`.

        Example:
            >>> axes = torch.eye(3)
            >>> hc.QuaternionTensor.from_davenport(axes, "intrinsic", [90, 0, 0], degrees=True)
            QuaternionTensor(0.7071+0.7071i+0j+0k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.from_davenport(axes, order, angles, degrees))

    @classmethod
    def from_mrp(cls, p: Tensor) -> Any:
        """Modified Rodrigues parameters `(…, 3)`; see `rotations.from_mrp`.

        Example:
            >>> hc.QuaternionTensor.from_mrp([1, 0, 0])  # a half turn
            QuaternionTensor(0+1i+0j+0k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.from_mrp(p))

    @classmethod
    def from_gibbs(cls, g: Tensor) -> Any:
        """Gibbs vectors `(…, 3)`; see `rotations.from_gibbs`.

        Example:
            >>> hc.QuaternionTensor.from_gibbs([0, 0, 1])  # a quarter turn
            QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.from_gibbs(g))

    @classmethod
    def from_6d(cls, x: Tensor) -> Any:
        """Two columns `(…, 6)`, made orthonormal; see `rotations.from_6d`.

        Example:
            >>> hc.QuaternionTensor.from_6d([0, 2, 0, -3, 1, 0])
            QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.from_6d(x))

    @classmethod
    def from_9d(cls, m: Tensor) -> Any:
        """The rotations nearest to any matrices; see `rotations.from_9d`.

        Example:
            >>> hc.QuaternionTensor.from_9d([0, -5, 0, 4, 0, 0, 0, 0, 1])
            QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.from_9d(m))

    @classmethod
    def from_two_vectors(cls, a: Tensor, b: Tensor) -> Any:
        """From the direction of `a` to that of `b`; see `rotations.from_two_vectors`.

        Example:
            >>> hc.QuaternionTensor.from_two_vectors([1, 0, 0], [0, 3, 0])
            QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.from_two_vectors(a, b))

    @classmethod
    def align_vectors(
        cls, a: Tensor, b: Tensor, weights: Tensor | None = None, residual: bool = False
    ) -> Any:
        """From the vectors `b` to the vectors `a`, `(…, n, 3)`; see `rotations.align_vectors`.

        Example:
            >>> hc.QuaternionTensor.align_vectors([[0, 1, 0], [-1, 0, 0]], [[1, 0, 0], [0, 1, 0]])
            QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
        """
        found = rotations.align_vectors(a, b, weights, residual)
        return (cls(found[0]), found[1]) if residual else cls(found)

    @classmethod
    def look_at(
        cls, direction: Tensor, up: Tensor, *, forward: str = "x", upward: str = "z"
    ) -> Any:
        """Turn the axis `forward` to `direction`; see `rotations.look_at`.

        Example:
            >>> hc.QuaternionTensor.look_at([0, 5, 0], [0, 0, 1])
            QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.look_at(direction, up, forward=forward, upward=upward))

    @classmethod
    def create_group(
        cls,
        group: str,
        axis: str = "Z",
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> Any:
        """The symmetries of a body, `"T"`, `"O"`, `"C5"` …; see `rotations.create_group`.

        Example:
            >>> hc.QuaternionTensor.create_group("O").shape
            torch.Size([24])
        """
        return cls(rotations.create_group(group, axis, dtype=dtype, device=device))

    @classmethod
    def from_scipy(cls, rotation: Any) -> Any:
        """The rotations of a `scipy.spatial.transform.Rotation`, in its precision.

        Raises:
            TypeError: if `rotation` is something else.

        Example:
            >>> from scipy.spatial.transform import Rotation
            >>> hc.QuaternionTensor.from_scipy(Rotation.from_quat([0, 0, 0, 1]))
            QuaternionTensor(1+0i+0j+0k, shape=(), dtype=torch.float64)
        """
        if not hasattr(rotation, "as_quat"):
            raise TypeError(
                f"`rotation` is a {type(rotation).__name__}, but must be a Rotation of "
                "scipy.spatial.transform"
            )
        return cls.from_components(rotation.as_quat(), order="xyzw")

    @classmethod
    def from_numpy_quaternion(cls, array: Any) -> Any:
        """An array of NumPy's quaternion dtype, of the package `numpy-quaternion`, copied.

        Raises:
            ImportError: if the package is not installed.

        Example:
            >>> import quaternion  # doctest: +SKIP
            >>> hc.QuaternionTensor.from_numpy_quaternion(quaternion.one)  # doctest: +SKIP
            QuaternionTensor(1+0i+0j+0k, shape=(), dtype=torch.float64)
        """
        return cls(
            torch.as_tensor(_package("quaternion", "numpy-quaternion").as_float_array(array).copy())
        )

    # ------------------------------------------------------------------ accessors

    @property
    def w(self) -> Tensor:
        """The real parts `(…)`, a view that can be written to, as `real`.

        Example:
            >>> hc.QuaternionTensor([1., 2, 3, 4]).w
            tensor(1.)
        """
        return self.components[..., 0]

    @w.setter
    def w(self, value: Any) -> None:
        self.components[..., 0] = value

    @property
    def x(self) -> Tensor:
        """The components along i `(…)`, a view that can be written to.

        Example:
            >>> q = hc.QuaternionTensor([1., 2, 3, 4])
            >>> q.x = 5
            >>> q
            QuaternionTensor(1+5i+3j+4k, shape=(), dtype=torch.float32)
        """
        return self.components[..., 1]

    @x.setter
    def x(self, value: Any) -> None:
        self.components[..., 1] = value

    @property
    def y(self) -> Tensor:
        """The components along j `(…)`, a view that can be written to.

        Example:
            >>> hc.QuaternionTensor([1., 2, 3, 4]).y
            tensor(3.)
        """
        return self.components[..., 2]

    @y.setter
    def y(self, value: Any) -> None:
        self.components[..., 2] = value

    @property
    def z(self) -> Tensor:
        """The components along k `(…)`, a view that can be written to.

        Example:
            >>> hc.QuaternionTensor([1., 2, 3, 4]).z
            tensor(4.)
        """
        return self.components[..., 3]

    @z.setter
    def z(self, value: Any) -> None:
        self.components[..., 3] = value

    def to_components(self, *, order: str = "wxyz", canonical: bool = False) -> Tensor:
        """The components in the order `"wxyz"` (a view) or `"xyzw"` (a copy); those of
        `canonicalize`, a copy, if asked for.

        Raises:
            ValueError: if `order` is another one.

        Example:
            >>> hc.QuaternionTensor([1., 2, 3, 4]).to_components(order="xyzw")
            tensor([2., 3., 4., 1.])
        """
        check_choice("order", order, ORDERS)
        q = self.canonicalize() if canonical else self
        return rotations.reorder(q.components, from_="wxyz", to=order)

    def to_matrix(self) -> Tensor:
        """Rotation matrices `(…, 3, 3)`; see `rotations.to_matrix`.

        Example:
            >>> hc.QuaternionTensor([0., 0, 0, 2]).to_matrix()
            tensor([[-1.,  0.,  0.],
                    [ 0., -1.,  0.],
                    [ 0.,  0.,  1.]])
        """
        return rotations.to_matrix(self)

    def to_rotvec(self, degrees: bool = False, shortest: bool = True) -> Tensor:
        """The shortest rotation vectors `(…, 3)`, or 2 im log q; see `rotations.to_rotvec`.

        Example:
            >>> hc.QuaternionTensor([1., 0, 0, 1]).to_rotvec(degrees=True)
            tensor([ 0.,  0., 90.])
        """
        return rotations.to_rotvec(self, degrees, shortest)

    def to_axis_angle(self, degrees: bool = False) -> tuple[Tensor, Tensor]:
        """Unit axes `(…, 3)` and angles; see `rotations.to_axis_angle`.

        Example:
            >>> hc.QuaternionTensor([0., 0, 3, 0]).to_axis_angle(degrees=True)
            (tensor([0., 1., 0.]), tensor(180.))
        """
        return rotations.to_axis_angle(self, degrees)

    def to_euler(self, seq: str, degrees: bool = False) -> Tensor:
        """Angles `(…, 3)` about the axes of `seq`, as `"ZYX"`; see `rotations.to_euler`.

        Example:
            >>> hc.QuaternionTensor([1., 0, 0, 1]).to_euler("ZYX", degrees=True)
            tensor([90.,  0.,  0.])
        """
        return rotations.to_euler(self, seq, degrees)

    def to_davenport(self, axes: Tensor, order: str, degrees: bool = False) -> Tensor:
        """Angles `(…, 3)` about three given axes; see `rotations.to_davenport`.

        Example:
            >>> hc.QuaternionTensor([1., 1, 0, 0]).to_davenport(torch.eye(3), "extrinsic", True)
            tensor([90.,  0.,  0.])
        """
        return rotations.to_davenport(self, axes, order, degrees)

    def to_mrp(self) -> Tensor:
        """Modified Rodrigues parameters `(…, 3)`; see `rotations.to_mrp`.

        Example:
            >>> hc.QuaternionTensor([0., 5, 0, 0]).to_mrp()
            tensor([1., 0., 0.])
        """
        return rotations.to_mrp(self)

    def to_gibbs(self) -> Tensor:
        """Gibbs vectors `(…, 3)`; see `rotations.to_gibbs`.

        Example:
            >>> hc.QuaternionTensor([2., 0, 0, 2]).to_gibbs()
            tensor([0., 0., 1.])
        """
        return rotations.to_gibbs(self)

    def to_6d(self) -> Tensor:
        """The first two columns of the matrices, `(…, 6)`; see `rotations.to_6d`.

        Example:
            >>> hc.QuaternionTensor([1., 0, 0, 1]).to_6d()
            tensor([ 0.,  1.,  0., -1.,  0.,  0.])
        """
        return rotations.to_6d(self)

    def to_9d(self) -> Tensor:
        """The rotation matrices row by row, `(…, 9)`; see `rotations.to_9d`.

        Example:
            >>> hc.QuaternionTensor([1., 0, 0, 0]).to_9d()
            tensor([1., 0., 0., 0., 1., 0., 0., 0., 1.])
        """
        return rotations.to_9d(self)

    def to_scipy(self) -> Any:
        """A `scipy.spatial.transform.Rotation`, outside of autograd, in float64.

        Raises:
            ImportError: if SciPy is not installed.

        Example:
            >>> round(float(hc.QuaternionTensor([1.0, 0, 0, 1]).to_scipy().magnitude()), 4)
            1.5708
        """
        rotation = _package("scipy.spatial.transform", "scipy").Rotation
        return rotation.from_quat(self.to_components(order="xyzw").detach().cpu().double().numpy())

    def to_numpy_quaternion(self) -> Any:
        """An array of NumPy's quaternion dtype, of the package `numpy-quaternion`, in float64.

        Raises:
            ImportError: if the package is not installed.

        Example:
            >>> hc.QuaternionTensor([1., 0, 0, 0]).to_numpy_quaternion()  # doctest: +SKIP
            quaternion(1, 0, 0, 0)
        """
        numbers = self.components.detach().cpu().double().contiguous().numpy()
        return _package("quaternion", "numpy-quaternion").as_quat_array(numbers)

    # ------------------------------------------------------------------ operations

    def rotate(self, vectors: Tensor) -> Tensor:
        r"""Rotate vectors, actively: $v \mapsto q\,v\,q^{-1}$. Units are not required.

        Shape:
            `(…)` quaternions and `(…, 3)` vectors, broadcast → `(…, 3)`.

        Raises:
            ValueError: if the last axis of `vectors` is not 3 wide.

        Example:
            >>> quarter_turn_about_z = hc.QuaternionTensor([1., 0, 0, 1])
            >>> quarter_turn_about_z.rotate(torch.tensor([1., 0, 0]))
            tensor([0., 1., 0.])
        """
        return rotations.rotate(self, vectors)

    def canonicalize(self) -> Any:
        """Of q and -q the one that starts with a positive component; see `rotations.canonicalize`.

        Example:
            >>> hc.QuaternionTensor([-1., 0, 0, 2]).canonicalize()
            QuaternionTensor(1-0i-0j-2k, shape=(), dtype=torch.float32)
        """
        return rotations.canonicalize(self)

    def reduce(self, left: Any = None, right: Any = None, indices: bool = False) -> Any:
        """The smallest turn up to symmetries; see `rotations.reduce`.

        Example:
            >>> turn = hc.QuaternionTensor.from_rotvec([0, 0, 100.], degrees=True)
            >>> cube = hc.QuaternionTensor.create_group("O")
            >>> turn.reduce(right=cube).rotation_angle(degrees=True).round()
            tensor(10.)
        """
        return rotations.reduce(self, left, right, indices)

    def slerp(self, other: Any, t: Tensor | float, shortest: bool = True) -> Any:
        """At constant speed to another rotation; see `rotations.slerp`.

        Example:
            >>> one, k = hc.QuaternionTensor([[1., 0, 0, 0], [0, 0, 0, 1]])
            >>> one.slerp(k, 0.5)
            QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
        """
        return rotations.slerp(self, other, t, shortest)

    def nlerp(self, other: Any, t: Tensor | float, shortest: bool = True) -> Any:
        """Straight to another rotation, then made a unit; see `rotations.nlerp`.

        Example:
            >>> one, k = hc.QuaternionTensor([[1., 0, 0, 0], [0, 0, 0, 1]])
            >>> one.nlerp(k, 0.5)
            QuaternionTensor(0.7071+0i+0j+0.7071k, shape=(), dtype=torch.float32)
        """
        return rotations.nlerp(self, other, t, shortest)

    def swing_twist(self, axis: Tensor) -> tuple[Any, Any]:
        """Swing and twist about an axis; see `rotations.swing_twist`.

        Example:
            >>> swing, twist = hc.QuaternionTensor([0., 0, 3, 0]).swing_twist([0, 1, 0])
            >>> twist
            QuaternionTensor(0+0i+1j+0k, shape=(), dtype=torch.float32)
        """
        return rotations.swing_twist(self, axis)

    def rotation_angle(self, degrees: bool = False) -> Tensor:
        """How far the rotations turn, in [0, π]; see `rotations.angle`.

        It is twice what `q.angle()` is where the real part is not negative: that is the angle in
        the polar form of the number.

        Example:
            >>> quarter_turn = hc.QuaternionTensor([1., 0, 0, 1])
            >>> quarter_turn.rotation_angle(degrees=True), quarter_turn.angle().rad2deg()
            (tensor(90.), tensor(45.))
        """
        return rotations.angle(self, degrees)

    def geodesic_distance(
        self, other: Any, modulo_sign: bool = True, degrees: bool = False
    ) -> Tensor:
        """The angle to another rotation; see `rotations.geodesic_distance`.

        Example:
            >>> one, k = hc.QuaternionTensor([[1., 0, 0, 0], [0, 0, 0, -1]])
            >>> one.geodesic_distance(k, degrees=True)
            tensor(180.)
        """
        return rotations.geodesic_distance(self, other, modulo_sign, degrees)


def _package(module: str, distribution: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"this conversion needs the package {distribution!r}; pip install {distribution}"
        ) from error


register(QuaternionTensor)
