"""Tensors of quaternions, with the methods that only they have: rotations.

The mathematics is in `hypercomplex.rotations`; a method is its function with the tensor in front.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hypercomplex import rotations
from hypercomplex.constructions import QUATERNION
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
        cls, *size: int, dtype: torch.dtype | None = None, device: torch.device | str | None = None
    ) -> Any:
        """Ones: rotations that move nothing.

        Example:
            >>> hc.QuaternionTensor.identity()
            QuaternionTensor(1+0i+0j+0k, shape=(), dtype=torch.float32)
        """
        real = torch.ones(size, dtype=dtype, device=device)
        return cls(torch.nn.functional.pad(real.unsqueeze(-1), (0, 3)))

    @classmethod
    def random(
        cls,
        *size: int,
        generator: torch.Generator | None = None,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> Any:
        """Uniformly distributed rotations; see `rotations.random`.

        Example:
            >>> hc.QuaternionTensor.random(2, 3).shape
            torch.Size([2, 3])
        """
        return cls(rotations.random(*size, generator=generator, dtype=dtype, device=device))

    @classmethod
    def from_components(cls, x: Any, *, order: str = "wxyz") -> Any:
        """Quaternions of components in the order `"wxyz"` (shared) or `"xyzw"` (copied).

        Raises:
            ValueError: if `order` is another one.

        Example:
            >>> hc.QuaternionTensor.from_components([1., 2, 3, 4], order="xyzw")
            QuaternionTensor(4+1i+2j+3k, shape=(), dtype=torch.float32)
        """
        return cls(rotations.reorder(torch.as_tensor(x), from_=order, to="wxyz"))

    @classmethod
    def from_matrix(cls, m: Tensor) -> Any:
        """Rotation matrices `(…, 3, 3)`; see `rotations.from_matrix`."""
        return cls(rotations.from_matrix(m))

    @classmethod
    def from_rotvec(cls, v: Tensor, degrees: bool = False) -> Any:
        """Rotation vectors `(…, 3)`; see `rotations.from_rotvec`."""
        return cls(rotations.from_rotvec(v, degrees))

    @classmethod
    def from_axis_angle(cls, axis: Tensor, angle: Tensor, degrees: bool = False) -> Any:
        """Axes `(…, 3)` of any length and angles; see `rotations.from_axis_angle`."""
        return cls(rotations.from_axis_angle(axis, angle, degrees))

    @classmethod
    def from_mrp(cls, p: Tensor) -> Any:
        """Modified Rodrigues parameters `(…, 3)`; see `rotations.from_mrp`."""
        return cls(rotations.from_mrp(p))

    @classmethod
    def from_gibbs(cls, g: Tensor) -> Any:
        """Gibbs vectors `(…, 3)`; see `rotations.from_gibbs`."""
        return cls(rotations.from_gibbs(g))

    @classmethod
    def from_6d(cls, x: Tensor) -> Any:
        """Two columns `(…, 6)`, made orthonormal; see `rotations.from_6d`."""
        return cls(rotations.from_6d(x))

    @classmethod
    def from_9d(cls, m: Tensor) -> Any:
        """The rotations nearest to any matrices; see `rotations.from_9d`."""
        return cls(rotations.from_9d(m))

    @classmethod
    def from_two_vectors(cls, a: Tensor, b: Tensor) -> Any:
        """From the direction of `a` to that of `b`; see `rotations.from_two_vectors`."""
        return cls(rotations.from_two_vectors(a, b))

    @classmethod
    def look_at(
        cls, direction: Tensor, up: Tensor, *, forward: str = "x", upward: str = "z"
    ) -> Any:
        """Turn the axis `forward` to `direction`; see `rotations.look_at`."""
        return cls(rotations.look_at(direction, up, forward=forward, upward=upward))

    # ------------------------------------------------------------------ accessors

    def to_components(self, *, order: str = "wxyz") -> Tensor:
        """The components in the order `"wxyz"` (a view) or `"xyzw"` (a copy).

        Raises:
            ValueError: if `order` is another one.

        Example:
            >>> hc.QuaternionTensor([1., 2, 3, 4]).to_components(order="xyzw")
            tensor([2., 3., 4., 1.])
        """
        return rotations.reorder(self.components, from_="wxyz", to=order)

    def to_matrix(self) -> Tensor:
        """Rotation matrices `(…, 3, 3)`; see `rotations.to_matrix`."""
        return rotations.to_matrix(self)

    def to_rotvec(self, degrees: bool = False) -> Tensor:
        """The shortest rotation vectors `(…, 3)`; see `rotations.to_rotvec`."""
        return rotations.to_rotvec(self, degrees)

    def to_axis_angle(self, degrees: bool = False) -> tuple[Tensor, Tensor]:
        """Unit axes `(…, 3)` and angles; see `rotations.to_axis_angle`."""
        return rotations.to_axis_angle(self, degrees)

    def to_mrp(self) -> Tensor:
        """Modified Rodrigues parameters `(…, 3)`; see `rotations.to_mrp`."""
        return rotations.to_mrp(self)

    def to_gibbs(self) -> Tensor:
        """Gibbs vectors `(…, 3)`; see `rotations.to_gibbs`."""
        return rotations.to_gibbs(self)

    def to_6d(self) -> Tensor:
        """The first two columns of the matrices, `(…, 6)`; see `rotations.to_6d`."""
        return rotations.to_6d(self)

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


register(QuaternionTensor)
