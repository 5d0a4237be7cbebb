r"""Layers over Clifford algebras that commute with the group Pin: with rotations and reflections.

$f(\rho(w)(x)) = \rho(w)(f(x))$ for every product $w$ of invertible vectors, see
`functional.equivariant`. A network of such layers does not have to learn that space has no
preferred direction.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from hypercomplex import functional
from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import Count, checked, explained
from hypercomplex.functional.equivariant import invariant_numbers
from hypercomplex.lowering import Choice, block_kernel, fold
from hypercomplex.nn import init
from hypercomplex.nn.freezing import Freezable
from hypercomplex.nn.init import Criterion

__all__ = [
    "EquivariantLayerNorm",
    "EquivariantLinear",
    "FullyConnectedProduct",
    "GeometricBilinear",
    "GradeGate",
    "GradeNorm",
    "WeightedProduct",
]

Device = torch.device | str | None


class EquivariantLinear(Freezable):
    r"""Affine maps by grades: $y_o = \sum_{ig} w_{oig} \langle x_i\rangle_g + b_o$.

    One weight for each grade, and a bias for the scalar: all affine maps that commute with
    rotations and reflections. In projective geometry $e_0$ is left alone by the group, so
    $e_0 \wedge \langle x\rangle_g$ have weights, too, and $e_0$ has a bias.

    Args:
        in_features: numbers in each input sample.
        out_features: numbers in each output sample.
        bias: whether to add a learned invariant to each output.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: a Clifford algebra.
        criterion: `"glorot"` or `"he"`, see `init.isotropic_`.
        plan: a way to compute it, see `Linear`.

    Shape:
        - Input: typed `(*, in_features)`, or folded `(*, n·in_features)`.
        - Output: the same kind, `(*, out_features)` or `(*, n·out_features)`.

    Attributes:
        weight: `(out_features, in_features, m)`, normal; one for each map, see
            `functional.equivariant_linear`.
        bias: `(out_features, b)`, zeros; one for each invariant.

    Raises:
        ValueError: if a size is not a positive integer, the algebra has no grades, or an input has
            another width.

    Example:
        >>> layer = EquivariantLinear(3, 5, algebra=hc.clifford(3))
        >>> layer(torch.randn(2, 8 * 3)).shape, layer.weight.shape
        (torch.Size([2, 40]), torch.Size([5, 3, 4]))
        >>> EquivariantLinear(3, 5, algebra=hc.PGA).weight.shape  # e0 before four of the grades
        torch.Size([5, 3, 9])

        In numbers:

        >>> A, grade = hc.clifford(3), hc.geometric.grade
        >>> layer, x = EquivariantLinear(3, 5, algebra=A), hc.tensor_type(A).randn(3)
        >>> y = sum(layer.weight[..., g] @ grade(x, g) for g in range(4)) + layer.bias[:, 0]
        >>> torch.allclose(layer(x), y, atol=1e-5)
        True

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 4; with
        $e_0$ J. Brehmer et al., *Geometric Algebra Transformer*, NeurIPS 2023, proposition 2.
    """

    @checked
    def __init__(
        self,
        in_features: Count,
        out_features: Count,
        bias: bool = True,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
        criterion: Criterion = "glorot",
        plan: Choice = None,
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.algebra, self.criterion, self.plan = algebra, criterion, plan
        group = algebra.blades.equivariance
        weights, invariants = group.maps.shape[0], len(group.invariants)
        self.weight = _parameter((out_features, in_features, weights), device, dtype)
        self.bias = _parameter((out_features, invariants), device, dtype) if bias else None
        self.reset_parameters()

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weight anew from the generator and set the bias to zero."""
        maps = self.algebra.blades.equivariance.maps
        init.isotropic_(self.weight, self.criterion, generator, algebra=maps)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        return functional.equivariant_linear(
            input, self.weight, self.bias, algebra=self.algebra, plan=self.plan, kept=self.kept
        )

    def to_real(self) -> nn.Linear:
        """The stock layer that does the same to folded input.

        Example:
            >>> EquivariantLinear(3, 5, algebra=hc.clifford(2)).to_real()
            Linear(in_features=12, out_features=20, bias=True)
        """
        n, weight = self.algebra.dimension, self.weight
        real = skip_init(
            nn.Linear, n * self.in_features, n * self.out_features, bias=self.bias is not None,
            device=weight.device, dtype=weight.dtype,
        )  # fmt: skip
        with torch.no_grad():
            real.weight.copy_(block_kernel(weight, self.algebra.blades.equivariance.maps))
            if self.bias is not None:
                real.bias.copy_(fold(invariant_numbers(self.bias, self.algebra), 0))
        return real.train(self.training)

    def extra_repr(self) -> str:
        return (
            f"{self.in_features}, {self.out_features}, bias={self.bias is not None}, "
            f"algebra={self.algebra}"
        )


class _Product(nn.Module):
    """A weight for each way in which grades multiply."""

    def __init__(
        self, shape: tuple[int, ...], device: Device, dtype: torch.dtype | None, algebra: Algebra
    ) -> None:
        super().__init__()
        self.algebra = algebra
        paths = len(algebra.blades.equivariance.paths)
        self.weight = _parameter((*shape, paths), device, dtype)
        self.reset_parameters()

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the weight anew from the generator."""
        channels = prod(self.weight.shape[1:-1])  # of which each output is the sum
        products = channels * len(self.algebra.products) / self.algebra.dimension
        with torch.no_grad():
            self.weight.normal_(0, products**-0.5, generator=generator)


class WeightedProduct(_Product):
    r"""The geometric product, weighted by grades:
    $z_c = \sum_{ijk} w_{cijk} \langle\langle x_c\rangle_i \langle y_c\rangle_j\rangle_k$.

    Args:
        num_features: numbers in each factor.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: a Clifford algebra.

    Shape:
        - Input and other: typed `(*, num_features)`, or folded `(*, n·num_features)`. The other
          factor is the input, if it is not given.
        - Output: the same.

    Attributes:
        weight: `(num_features, P)`, normal, so that independent factors of variance 1 have such
            products; one for each of `algebra.blades.equivariance.paths`.

    Raises:
        ValueError: if a size is not a positive integer, the algebra has no grades, or an input has
            another width.

    Example:
        >>> layer = WeightedProduct(6, algebra=hc.clifford(3))
        >>> x = torch.randn(2, 8 * 6)
        >>> layer(x).shape, layer.weight.shape  # x with itself
        (torch.Size([2, 48]), torch.Size([6, 20]))

        In numbers:

        >>> A, grade = hc.clifford(3), hc.geometric.grade
        >>> layer, (x, y) = WeightedProduct(6, algebra=A), hc.tensor_type(A).randn(2, 6)
        >>> paths = zip(layer.weight.T, A.blades.equivariance.paths)
        >>> z = sum(w * grade(grade(x, i) * grade(y, j), k) for w, (i, j, k) in paths)
        >>> torch.allclose(layer(x, y), z, atol=1e-5)
        True

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 4.
    """

    @checked
    def __init__(
        self,
        num_features: Count,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
    ) -> None:
        self.num_features = num_features
        super().__init__((num_features,), device, dtype, algebra)

    @explained
    def forward(self, input: Tensor, other: Tensor | None = None) -> Tensor:
        other = input if other is None else other
        return functional.weighted_product(input, other, self.weight, algebra=self.algebra)

    def extra_repr(self) -> str:
        return f"{self.num_features}, algebra={self.algebra}"


class FullyConnectedProduct(_Product):
    r"""Sums of geometric products, weighted by grades:
    $z_o = \sum_c \sum_{ijk} w_{ocijk} \langle\langle x_c\rangle_i \langle y_c\rangle_j\rangle_k$.

    Args:
        in_features: numbers in each factor.
        out_features: numbers in each output sample.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: a Clifford algebra.

    Shape:
        - Input and other: typed `(*, in_features)`, or folded `(*, n·in_features)`. The other
          factor is the input, if it is not given.
        - Output: the same kind, `(*, out_features)` or `(*, n·out_features)`.

    Attributes:
        weight: `(out_features, in_features, P)`, normal, as in `WeightedProduct`.

    Raises:
        ValueError: if a size is not a positive integer, the algebra has no grades, or an input has
            another width.

    Example:
        >>> layer = FullyConnectedProduct(6, 4, algebra=hc.clifford(3))
        >>> right = EquivariantLinear(6, 6, algebra=hc.clifford(3))
        >>> x = torch.randn(2, 8 * 6)
        >>> layer(x, right(x)).shape
        torch.Size([2, 32])

        In numbers:

        >>> A, grade = hc.clifford(3), hc.geometric.grade
        >>> layer, (x, y) = FullyConnectedProduct(6, 4, algebra=A), hc.tensor_type(A).randn(2, 6)
        >>> paths = zip(layer.weight.movedim(-1, 0), A.blades.equivariance.paths)
        >>> z = sum(w @ grade(grade(x, i) * grade(y, j), k) for w, (i, j, k) in paths)
        >>> torch.allclose(layer(x, y), z, atol=1e-5)
        True

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 4.
    """

    @checked
    def __init__(
        self,
        in_features: Count,
        out_features: Count,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
    ) -> None:
        self.in_features, self.out_features = in_features, out_features
        super().__init__((out_features, in_features), device, dtype, algebra)

    @explained
    def forward(self, input: Tensor, other: Tensor | None = None) -> Tensor:
        other = input if other is None else other
        return functional.fully_connected_product(input, other, self.weight, algebra=self.algebra)

    def extra_repr(self) -> str:
        return f"{self.in_features}, {self.out_features}, algebra={self.algebra}"


class GeometricBilinear(nn.Module):
    r"""Geometric products and joins of mixed channels:
    $y = V\,(A x \cdot B x) + V'\, I(r)\,(C x \vee D x)$, maps that are `EquivariantLinear`.

    Products of points, lines and planes are their projections and what moves them; joins are what
    passes through them. A reflection changes the sign of a join, so a pseudoscalar stands with it,
    see `functional.join`.

    Args:
        in_features: numbers in each input sample.
        out_features: numbers in each output sample.
        hidden_features: products, and joins; half of the outputs if None.
        bias: whether the outputs have one.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: a Clifford algebra.

    Shape:
        - Input: typed `(*, in_features)`, or folded `(*, n·in_features)`.
        - Reference, whose last component is taken: typed `(*, 1)`, or `(*, n)`, of the same kind; a
          learned sum of the channels of the input if None. The pseudoscalar itself keeps rotations
          and translations, but not reflections.
        - Output: the same kind, `(*, out_features)` or `(*, n·out_features)`.

    Attributes:
        left: A, and B, C and D are `right`, `join_left` and `join_right`, without a bias.
        of_products: V.
        of_joins: V', without a bias.
        reference: makes the reference r of the input, if none is given; without a bias.

    Raises:
        ValueError: if a size is not a positive integer, the algebra has no grades, or an input has
            another width.

    Example:
        >>> layer = GeometricBilinear(6, 4, algebra=hc.PGA)
        >>> layer(torch.randn(2, 16 * 6)).shape
        torch.Size([2, 64])

        In numbers:

        >>> layer, x = GeometricBilinear(6, 4, algebra=hc.PGA), hc.tensor_type(hc.PGA).randn(6)
        >>> joins = hc.geometric.regressive(layer.join_left(x), layer.join_right(x))
        >>> joins = layer.reference(x).components[..., -1] * joins
        >>> y = layer.of_products(layer.left(x) * layer.right(x)) + layer.of_joins(joins)
        >>> torch.allclose(layer(x), y, atol=1e-5)
        True

    Source:
        J. Brehmer et al., *Geometric Algebra Transformer*, NeurIPS 2023, section 3.
    """

    @checked
    def __init__(
        self,
        in_features: Count,
        out_features: Count,
        hidden_features: Count | None = None,
        bias: bool = True,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
    ) -> None:
        super().__init__()
        self.algebra = algebra
        hidden = hidden_features or max(1, out_features // 2)

        def mix(inputs: int, outputs: int, bias: bool = False) -> EquivariantLinear:
            return EquivariantLinear(inputs, outputs, bias, device, dtype, algebra=algebra)

        self.left, self.right = mix(in_features, hidden), mix(in_features, hidden)
        self.join_left, self.join_right = mix(in_features, hidden), mix(in_features, hidden)
        self.of_products, self.of_joins = mix(hidden, out_features, bias), mix(hidden, out_features)
        self.reference = mix(in_features, 1)

    @explained
    def forward(self, input: Tensor, reference: Tensor | None = None) -> Tensor:
        A, r = self.algebra, self.reference(input) if reference is None else reference
        products = functional.geometric_product(self.left(input), self.right(input), algebra=A)
        joins = functional.join(self.join_left(input), self.join_right(input), r, algebra=A)
        y: Tensor = self.of_products(products) + self.of_joins(joins)
        return y


class _PerGrade(nn.Module):
    """Real numbers for each grade of each channel."""

    def __init__(
        self, num_features: int, device: Device, dtype: torch.dtype | None, algebra: Algebra
    ) -> None:
        super().__init__()
        self.num_features, self.algebra = num_features, algebra
        shape = num_features, algebra.blades.equivariance.grades
        self.weight = _parameter(shape, device, dtype)

    def extra_repr(self) -> str:
        return f"{self.num_features}, algebra={self.algebra}"


class GradeGate(_PerGrade):
    r"""Grades that are gated by their invariants:
    $y_c = \sum_g \sigma(a_{cg} s_{cg} + b_{cg}) \langle x_c\rangle_g$.

    $s_{c0}$ is the scalar of $x_c$, which the sigmoid turns into SiLU, and
    $s_{cg} = \langle \widetilde{\langle x_c\rangle_g} \langle x_c\rangle_g\rangle_0$.

    Args:
        num_features: numbers in each input sample.
        function: σ, a real function.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: a Clifford algebra.

    Shape:
        typed `(*, num_features)`, or folded `(*, n·num_features)`; the same comes out.

    Attributes:
        weight: a, `(num_features, G)` for G grades, ones.
        bias: b, `(num_features, G)`, zeros.

    Raises:
        ValueError: if the size is not a positive integer, the algebra has no grades, or an input
            has another width.

    Example:
        >>> layer = GradeGate(1, algebra=hc.clifford(2))
        >>> layer(torch.tensor([[3., 0, 0, 0]])), torch.nn.functional.silu(torch.tensor(3.))
        (tensor([[2.8577, 0.0000, 0.0000, 0.0000]], grad_fn=<ViewBackward0>), tensor(2.8577))

        In numbers:

        >>> A = hc.clifford(2)
        >>> layer, x = GradeGate(6, algebra=A), hc.tensor_type(A).randn(6)
        >>> parts = [hc.geometric.grade(x, g) for g in range(3)]
        >>> s = [x.real, *((hc.geometric.reverse(part) * part).real for part in parts[1:])]
        >>> gates = torch.sigmoid(layer.weight * torch.stack(s, -1) + layer.bias)
        >>> y = sum(gates[:, g] * parts[g] for g in range(3))
        >>> torch.allclose(layer(x), y, atol=1e-5)
        True

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 4.
    """

    @checked
    def __init__(
        self,
        num_features: Count,
        function: Callable[[Tensor], Tensor] = torch.sigmoid,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
    ) -> None:
        super().__init__(num_features, device, dtype, algebra)
        self.function = function
        self.bias = _parameter(tuple(self.weight.shape), device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the factors to one and the shifts to zero."""
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        return functional.grade_gate(
            input, self.weight, self.bias, self.function, algebra=self.algebra
        )


class GradeNorm(_PerGrade):
    r"""Grades whose norms are brought nearer to 1:
    $y_c = \sum_g \langle x_c\rangle_g / (1 + \sigma(a_{cg}) (\lVert x_c\rVert_g - 1))$.

    Args:
        num_features: numbers in each input sample.
        eps: what makes norms smooth at 0, see `functional.grade_norms`.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: a Clifford algebra.

    Shape:
        typed `(*, num_features)`, or folded `(*, n·num_features)`; the same comes out.

    Attributes:
        weight: a, `(num_features, G)` for G grades, zeros: half the way.

    Raises:
        ValueError: if the size is not a positive integer, the algebra has no grades, or an input
            has another width.

    Example:
        >>> layer = GradeNorm(1, algebra=hc.clifford(2))
        >>> layer(torch.tensor([[1., 3, 4, 0]])).detach()  # e1 and e2 of norm 5, over 1 + 4 / 2
        tensor([[1.0000, 1.0000, 1.3333, 0.0000]])

        In numbers:

        >>> A = hc.clifford(2)
        >>> layer, x = GradeNorm(6, algebra=A), hc.tensor_type(A).randn(6)
        >>> near = 1 + layer.weight.sigmoid() * (hc.functional.grade_norms(x) - 1)
        >>> y = sum(hc.geometric.grade(x, g) / near[:, g] for g in range(3))
        >>> torch.allclose(layer(x), y, atol=1e-5)
        True

    Source:
        D. Ruhe et al., *Clifford Group Equivariant Neural Networks*, NeurIPS 2023, section 4.
    """

    @checked
    def __init__(
        self,
        num_features: Count,
        eps: float = 1e-8,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
    ) -> None:
        super().__init__(num_features, device, dtype, algebra)
        self.eps = eps
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set a to zero."""
        nn.init.zeros_(self.weight)

    def forward(self, input: Tensor) -> Tensor:
        return functional.grade_normalize(input, self.weight, self.eps, algebra=self.algebra)


class EquivariantLayerNorm(nn.Module):
    r"""Scaling of each sample by invariants: $y_c = \gamma_c x_c / \sqrt{\sigma^2 + \varepsilon}$.

    $\sigma^2$ is the mean square of the components whose blades have a square that is not 0, by
    grades, see `functional.equivariant_layer_norm`. Nothing is subtracted.

    Args:
        num_features: numbers in each input sample.
        eps: added to the mean square.
        elementwise_affine: whether γ is learned.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: a Clifford algebra.

    Shape:
        typed `(*, num_features)`, or folded `(*, n·num_features)`; the same comes out.

    Attributes:
        weight: the real γ, `(num_features,)`, ones.

    Raises:
        ValueError: if the size is not a positive integer, the algebra has no grades, or an input
            has another width.

    Example:
        >>> layer = EquivariantLayerNorm(6, algebra=hc.PGA)
        >>> layer(torch.randn(2, 16 * 6)).shape
        torch.Size([2, 96])

        In numbers:

        >>> A = hc.clifford(3)
        >>> layer, x = EquivariantLayerNorm(6, algebra=A), hc.tensor_type(A).randn(6)
        >>> mean_square = (hc.geometric.reverse(x) * x).real.mean() / 8
        >>> torch.allclose(layer(x), x / (mean_square + layer.eps).sqrt(), atol=1e-5)
        True

    Source:
        J. Brehmer et al., *Geometric Algebra Transformer*, NeurIPS 2023, section 3.
    """

    @checked
    def __init__(
        self,
        num_features: Count,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: Algebra,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.algebra = num_features, eps, algebra
        self.weight = _parameter((num_features,), device, dtype) if elementwise_affine else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the factors to one."""
        if self.weight is not None:
            nn.init.ones_(self.weight)

    def forward(self, input: Tensor) -> Tensor:
        return functional.equivariant_layer_norm(input, self.weight, self.eps, algebra=self.algebra)

    def extra_repr(self) -> str:
        return f"{self.num_features}, eps={self.eps}, algebra={self.algebra}"


def _parameter(shape: tuple[int, ...], device: Device, dtype: torch.dtype | None) -> nn.Parameter:
    return nn.Parameter(torch.empty(shape, device=device, dtype=dtype))
