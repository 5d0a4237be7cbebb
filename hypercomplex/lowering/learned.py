r"""Bilinear maps whose constants are learned: $B(a, b)_k = \sum_{ij} c_{ijk}\, a_i b_j$.

What multiplies by the exact maps of `hypercomplex.algebra` multiplies by these, too, and the
constants have gradients as the factors have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from hypercomplex.algebra import Algebra, Bilinear
from hypercomplex.door.signatures import Count, checked, complex_components, explained
from hypercomplex.host.mode import all_digits

if TYPE_CHECKING:
    from hypercomplex.lowering.isotopes import Diagnosis

__all__ = ["AnyBilinear", "AnyProduct", "LearnedBilinear"]


class LearnedBilinear(nn.Module):
    r"""The map $B(a, b)_k = \sum_{ij} c_{ijk}\, a_i b_j$ with a tensor of constants.

    It stands wherever an exact `Bilinear` does, `algebra=` of a layer included. It is a module, so
    that the layers and models that hold it find its constants, if these are a parameter. Layers
    that share one map learn one parameter, which their `state_dict` has once for each layer.

    Numbers and weights keep their type: the constants are converted to it where they meet.

    Args:
        constants: the $c_{ijk}$, `(left, right, out)`.

    Raises:
        ValueError: if the constants have another number of axes.

    Example:
        >>> rule = LearnedBilinear.like(hc.QUATERNION.product)
        >>> layer = hc.nn.Linear(3, 5, algebra=rule)
        >>> [name for name, _ in layer.named_parameters()]
        ['weight', 'bias', 'algebra.constants']

    Source:
        A. Zhang et al., *Beyond Fully-Connected Layers with Quaternions: Parameterization of
        Hypercomplex Multiplications with 1/n Parameters*, ICLR 2021.
    """

    constants: Tensor
    start: Bilinear | None = None
    """The exact map as which they begin; None if they are drawn at random."""

    @explained
    def __init__(self, constants: Tensor) -> None:
        super().__init__()
        if constants.is_complex():
            raise complex_components("constants", constants)
        if constants.ndim != 3:
            raise ValueError(
                f"`constants` of shape {tuple(constants.shape)} must have the shape "
                "(left, right, out): the components of both factors and of the result"
            )
        if isinstance(constants, nn.Parameter):
            self.constants = constants
        else:
            self.register_buffer("constants", constants)

    @classmethod
    @checked
    def like(
        cls,
        product: Algebra | Bilinear,
        *,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> LearnedBilinear:
        """A map that is an exact one before it learns.

        Example:
            >>> LearnedBilinear.like(hc.COMPLEX).constants[1, 1].tolist()  # i i = -1
            [-1.0, 0.0]
        """
        empty = torch.empty(product.product.shape, dtype=dtype, device=device)
        rule = cls(nn.Parameter(empty))
        rule.start = product.product
        rule.reset_parameters()
        return rule

    @classmethod
    @checked
    def random(
        cls,
        n: Count,
        *,
        generator: torch.Generator | None = None,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> LearnedBilinear:
        """A map of n, n → n components that is drawn at random before it learns.

        The constants are independent and normal, with the mean square 1/n that those of a
        composition algebra have: products keep mean squares as they do there.

        Example:
            >>> LearnedBilinear.random(3).shape
            (3, 3, 3)
        """
        rule = cls(nn.Parameter(torch.empty(n, n, n, dtype=dtype, device=device)))
        rule.reset_parameters(generator)
        return rule

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Begin anew: as the exact map from which constants began to learn, or at random.

        Constants that are no parameter stay.
        """
        if not isinstance(self.constants, nn.Parameter):
            return
        with torch.no_grad():
            if self.start is None:
                _, right, _ = self.shape
                self.constants.normal_(0, right**-0.5, generator=generator)
            else:
                self.constants.copy_(_dense(self.start))

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many components both factors and the result have."""
        left, right, out = self.constants.shape
        return left, right, out

    @property
    def product(self) -> LearnedBilinear:
        """The map itself, as of an exact one."""
        return self

    @property
    def of_left(self) -> LearnedBilinear:
        r"""The gradient of the left factor: $(g, b) \mapsto \sum c_{ijk}\, g_k b_j$."""
        return LearnedBilinear(self.constants.permute(2, 1, 0))

    @property
    def of_right(self) -> LearnedBilinear:
        r"""The gradient of the right factor: $(a, g) \mapsto \sum c_{ijk}\, a_i g_k$."""
        return LearnedBilinear(self.constants.permute(0, 2, 1))

    @property
    def swapped(self) -> LearnedBilinear:
        """The map `(b, a) ↦ B(a, b)`."""
        return LearnedBilinear(self.constants.transpose(0, 1))

    def structure(self, side: str, like: Tensor) -> Tensor:
        """The matrix with rows `(k, j)` and columns i, of the right factor `(k, i)` and j."""
        axes = (2, 1, 0) if side == "left" else (2, 0, 1)
        return self._beside(like.dtype).permute(axes).flatten(0, 1)

    def of_structure(self, matrix: Tensor) -> Tensor:
        """The adjoint of `structure` on the left: what its gradient is to the constants."""
        left, right, out = self.shape
        return matrix.view(out, right, left).permute(2, 1, 0)

    def table(self, like: Tensor) -> Tensor:
        """The matrix with rows j and columns `(k, i)`."""
        return self._beside(like.dtype).permute(1, 2, 0).flatten(1)

    def of_table(self, matrix: Tensor) -> Tensor:
        """The adjoint of `table`."""
        left, right, out = self.shape
        return matrix.view(right, out, left).permute(2, 0, 1)

    @explained
    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """The images of components on the last axis, `(…, left)`, `(…, right)` → `(…, out)`.

        Raises:
            ValueError: if a last axis has another number of components.
        """
        left, right, out = self.shape
        for name, x, width in (("a", a, left), ("b", b, right)):
            if x.shape[-1:] != (width,):
                raise ValueError(
                    f"`{name}` of shape {tuple(x.shape)} must hold the {width} components that a "
                    f"{self} takes, on its last axis"
                )
        c = self._beside(torch.promote_types(a.dtype, b.dtype)).reshape(left, right * out)
        with all_digits(a):
            rows = (a.to(c.dtype) @ c).unflatten(-1, (right, out))
            return (b.to(c.dtype).unsqueeze(-2) @ rows).squeeze(-2)

    def unital(self) -> LearnedBilinear:
        r"""An isotope with a unit, the first basis element; fixed constants, in float64.

        $x \circ y = B(R_v^{-1} x, L_u^{-1} y)$, where $R_v x = B(x, v)$ and $L_u y = B(u, y)$, has
        the unit $B(u, v)$. If it is associative, every isotope with a unit is isomorphic to it: its
        invariants are those of the product, whatever the bases of factors and results are. The
        basis is orthonormal for the form $\operatorname{tr} L(xy)/n$, up to signs, and grown by
        products: composition algebras come in a basis whose products are ± basis elements.

        Raises:
            ValueError: if factors and results differ in width, or no number multiplies invertibly.

        Example:
            >>> P, Q, R = torch.randn(3, 4, 4, dtype=torch.float64)  # bases that nobody knows
            >>> c = hc.LearnedBilinear.like(hc.QUATERNION, dtype=torch.float64).constants
            >>> seen = hc.LearnedBilinear(torch.einsum("ijk,ix,jy,zk->xyz", c, P, Q, R))
            >>> bool(seen.unital().to_algebra().isomorphism_to(hc.QUATERNION))
            True

        Source:
            A. A. Albert, *Non-associative algebras I*, Annals of Mathematics 1942, for isotopes;
            I. Kaplansky, *Infinite-dimensional quadratic forms permitting composition*, 1953, for
            the unit.
        """
        from hypercomplex.lowering import isotopes

        return LearnedBilinear(isotopes.unital(self.constants))

    def diagnose(self, tolerance: float = 1e-3) -> Diagnosis:
        """The known algebras that share the invariants of the `unital` isotope, and these.

        Compared are whether it associates and commutes, the dimensions of its centre and of its
        derivations, and the signs of the trace form, each to the tolerance. Isomorphic algebras
        are all listed. It is no proof, as `to_algebra` can be; and of what is not alternative,
        isotopes with a unit need not be isomorphic, so that sedenions, say, are not recognised.

        Raises:
            ValueError: see `unital`.

        Example:
            >>> found = hc.LearnedBilinear.like(hc.OCTONION).diagnose()
            >>> found.algebras[0].name, found.invariants.derivations
            ('OCTONION', 14)
        """
        from hypercomplex.lowering import isotopes

        return isotopes.diagnosed(self.constants, tolerance)

    def to_algebra(self, tolerance: float = 1e-3, denominator: int = 1) -> Algebra:
        """The exact algebra that is learned, its constants rounded to fractions.

        Args:
            tolerance: how far a constant may be from a fraction.
            denominator: that of all fractions; integers by default.

        Raises:
            ValueError: if factors and results differ in width, or a constant is farther off.

        Example:
            >>> hc.LearnedBilinear.like(hc.COMPLEX).to_algebra()
            learned, dimension 2
               │ 1  e1
            ───┼──────
             1 │ 1  e1
            e1 │ e1 -1
        """
        from hypercomplex.lowering import isotopes

        return isotopes.rounded(self.constants, tolerance, denominator)

    def _beside(self, dtype: torch.dtype) -> Tensor:
        """The constants in the type of numbers; integers would lose them."""
        holds = dtype.is_floating_point or dtype.is_complex
        return self.constants.to(dtype) if holds else self.constants

    def extra_repr(self) -> str:  # noqa: D102
        return str(self.shape)

    def __str__(self) -> str:
        return f"learned bilinear map {self.shape}"


def _dense(product: Bilinear) -> Tensor:
    """All constants of an exact map."""
    dense = torch.zeros(product.shape, dtype=torch.float64)
    for i, j, k, c in product.constants:
        dense[i, j, k] = float(c)
    return dense


AnyBilinear = Bilinear | LearnedBilinear
AnyProduct = Algebra | Bilinear | LearnedBilinear
"""What layers take for `algebra=`: a bilinear map, or an algebra, which stands for its product."""
