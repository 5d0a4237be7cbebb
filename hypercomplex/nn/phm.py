r"""Parameterised hypercomplex multiplication: layers that learn their algebra.

$$W = \sum_{m=1}^{n} A_m \otimes S_m, \qquad y = W x + b$$

The n matrices $A_m$, n by n, are the rule: how the m-th component of a weight acts on a number of n
components. The $S_m$ are those components, of all weights: what a layer over an algebra has, too,
where the $A_m$ are fixed. So a PHM layer is the layer `Linear` or `Conv…` over a `LearnedBilinear`
map, $c_{mjk} = (A_m)_{kj}$, and its `weight[..., m]` is $S_m$. Only its sizes count reals.

The left factor of $A \otimes S$ is the outer one: rows and columns are sorted by components, which
is the folded layout of this library, `[all first components | all second ones | …]`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from hypercomplex import functional
from hypercomplex.functional.arguments import Amounts, Count, Counts, checked
from hypercomplex.functional.conv import Padding, PaddingMode
from hypercomplex.lowering import AnyProduct, Choice, LearnedBilinear
from hypercomplex.nn.affine import Affine
from hypercomplex.nn.conv import Conv, ConvNd, ConvTranspose
from hypercomplex.nn.init import Criterion, Scheme, mean_squared_modulus
from hypercomplex.nn.linear import Linear

__all__ = [
    "LowRankPHMLinear",
    "PHMConv1d",
    "PHMConv2d",
    "PHMConv3d",
    "PHMConvTranspose1d",
    "PHMConvTranspose2d",
    "PHMConvTranspose3d",
    "PHMLinear",
]

Device = torch.device | str | None


class _WithRule(nn.Module):
    """A layer with a rule of n components, its own one or a shared one; its sizes count reals."""

    n: int
    shares: bool
    """Whether the rule was given, and perhaps to others, too."""
    algebra: Any

    def _take_rule(
        self,
        n: int,
        algebra: AnyProduct | None,
        learn: bool,
        device: Device,
        dtype: torch.dtype | None,
    ) -> LearnedBilinear:
        """Take the rule that is given, or one of the layer's own that begins as `algebra` says."""
        self.n, self.shares = n, isinstance(algebra, LearnedBilinear)
        if algebra is not None and algebra.product.shape != (n, n, n):
            raise ValueError(
                f"`algebra` (={algebra}) multiplies {algebra.product.shape} components, but must "
                f"map `n` (={n}) and {n} to {n}"
            )
        if isinstance(algebra, LearnedBilinear):
            if not learn:
                raise ValueError(
                    f"`learn` (={learn}) is for a rule of the layer's own; a shared one stops to "
                    "learn by algebra.requires_grad_(False)"
                )
            return algebra
        constants = torch.empty(n, n, n, device=device, dtype=dtype)
        rule = LearnedBilinear(nn.Parameter(constants, requires_grad=learn))
        rule.start = algebra if algebra is None else algebra.product
        return rule

    def _reset_rule(self, generator: torch.Generator | None) -> None:
        """Begin with the rule anew if it is the layer's own."""
        if not self.shares:
            self.algebra.reset_parameters(generator)

    def _whole(self, argument: str) -> int:
        """A size in numbers."""
        size = getattr(self, argument)
        if size % self.n:
            raise ValueError(
                f"`n` (={self.n}) must divide `{argument}` (={size}): sizes count real features, "
                "of which n make one number"
            )
        return int(size) // self.n


class _PHM(_WithRule, Affine):
    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Begin with the rule anew if it is the layer's own, and draw the weight."""
        self._reset_rule(generator)
        super().reset_parameters(generator)

    def _algebra_repr(self) -> str:
        return f"bias={self.bias is not None}"


class PHMLinear(_PHM, Linear):
    r"""A linear layer whose algebra is learned: $y = W x + b$, $W = \sum_m A_m \otimes S_m$.

    It has 1/n of the weights of `torch.nn.Linear`, and n³ constants. Everything that `Linear` does
    it does: `to_real()`, `hc.nn.freeze`, plans, typed input of n components.

    Args:
        n: the components of a number; divides both sizes.
        in_features: real features of each input sample.
        out_features: real features of each output sample.
        bias: whether to add a learned bias.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the rule. None for constants of its own, drawn at random; an algebra or another
            exact map, as which constants of its own begin; or a `LearnedBilinear`, which may be
            shared with other layers.
        learn: whether the layer's own rule learns; `layer.algebra.requires_grad_()` changes it.
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        init: how the weight is drawn, see `init.fill_`; no component is preferred by default. The
            mean squares of outputs are those of the criterion for the constants at hand.
        plan: see `Linear`.

    Shape:
        - Input: `(*, in_features)`, folded; or typed, `(*, in_features/n)`.
        - Output: `(*, out_features)`, or typed.

    Attributes:
        weight: the $S_m$, `(out_features/n, in_features/n, n)`, drawn as `init` says.
        bias: `(out_features/n, n)`, zeros.
        algebra: the `LearnedBilinear` rule, whose `constants` are $c_{mjk} = (A_m)_{kj}$.

    Raises:
        ValueError: if n does not divide a size, or the rule does not have n components.

    Example:
        >>> layer = PHMLinear(4, 512, 512, bias=False)
        >>> sum(p.numel() for p in layer.parameters())  # 512²/4 + 4³
        65600
        >>> layer(torch.randn(2, 512)).shape
        torch.Size([2, 512])

        The sum of Kronecker products:

        >>> layer, x = PHMLinear(3, 6, 9), torch.randn(2, 6)
        >>> A, S = layer.algebra.constants.mT, layer.weight.movedim(-1, 0)
        >>> A, S = A.contiguous(), S.contiguous()  # which torch.kron wants
        >>> W = sum(torch.kron(a, s) for a, s in zip(A, S))
        >>> torch.allclose(layer(x), x @ W.T + layer.bias.T.flatten(), atol=1e-5)
        True

        Two layers with one rule, which begins with Hamilton's product:

        >>> rule = hc.LearnedBilinear.like(hc.QUATERNION)
        >>> one, two = (PHMLinear(4, *sizes, algebra=rule) for sizes in ((8, 16), (16, 8)))
        >>> model = torch.nn.Sequential(one, torch.nn.ReLU(), two)
        >>> sum(p.numel() for p in model.parameters()) == 2 * 8 * 16 // 4 + 16 + 8 + 4**3
        True

    Source:
        A. Zhang et al., *Beyond Fully-Connected Layers with Quaternions: Parameterization of
        Hypercomplex Multiplications with 1/n Parameters*, ICLR 2021, section 3.
    """

    @checked
    def __init__(
        self,
        n: Count,
        in_features: Count,
        out_features: Count,
        bias: bool = True,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct | None = None,
        learn: bool = True,
        criterion: Criterion = "glorot",
        init: Scheme = "isotropic",
        plan: Choice = None,
    ) -> None:
        rule = self._take_rule(n, algebra, learn, device, dtype)
        super().__init__(
            in_features, out_features, bias, device, dtype,
            algebra=rule, criterion=criterion, init=init, plan=plan,
        )  # fmt: skip

    def _numbers(self) -> tuple[int, int]:
        inputs = self._whole("in_features")
        return self._whole("out_features"), inputs

    def extra_repr(self) -> str:
        return f"{self.n}, {super().extra_repr()}"


class LowRankPHMLinear(_WithRule):
    r"""A PHM layer with a weight of low rank: $W = \sum_m A_m \otimes (s_m t_m)$.

    With $s_m$ of k/n rows and r columns, and $t_m$ of r rows and d/n columns, a layer of d inputs
    and k outputs has r (k + d) weights beside its rule, which adapters share. No matrix is made
    of them.

    Args:
        n: the components of a number; divides both sizes.
        in_features: real features of each input sample.
        out_features: real features of each output sample.
        rank: r.
        bias: whether to add a learned bias.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the rule, see `PHMLinear`.
        learn: whether the layer's own rule learns.
        criterion: `"glorot"` or `"he"`, for the product of both factors.

    Shape:
        `(*, in_features)` → `(*, out_features)`, folded, or typed with n times fewer.

    Attributes:
        left: the $s_m$, `(out_features/n, rank, n)`, normal.
        right: the $t_m$, `(rank, in_features/n, n)`, normal.
        bias: `(out_features/n, n)`, zeros.
        algebra: the `LearnedBilinear` rule.

    Raises:
        ValueError: if n does not divide a size, or the rule does not have n components.

    Example:
        >>> rule = hc.LearnedBilinear.random(4)
        >>> down = LowRankPHMLinear(4, 768, 24, algebra=rule)
        >>> up = LowRankPHMLinear(4, 24, 768, algebra=rule)
        >>> adapter = torch.nn.Sequential(down, torch.nn.GELU(), up)
        >>> sum(p.numel() for p in adapter.parameters()) == 2 * (768 + 24) + 24 + 768 + 4**3
        True

    Source:
        R. Karimi Mahabadi, J. Henderson and S. Ruder, *Compacter: Efficient Low-Rank Hypercomplex
        Adapter Layers*, NeurIPS 2021, section 4.
    """

    bias: nn.Parameter | None

    @checked
    def __init__(
        self,
        n: Count,
        in_features: Count,
        out_features: Count,
        rank: Count = 1,
        bias: bool = True,
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct | None = None,
        learn: bool = True,
        criterion: Criterion = "glorot",
    ) -> None:
        super().__init__()
        self.algebra = self._take_rule(n, algebra, learn, device, dtype)
        self.in_features, self.out_features, self.rank = in_features, out_features, rank
        self.criterion: Criterion = criterion
        inputs, outputs = self._whole("in_features"), self._whole("out_features")

        def parameter(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.empty(shape, device=device, dtype=dtype))

        self.left, self.right = parameter(outputs, rank, n), parameter(rank, inputs, n)
        self.bias = parameter(outputs, n) if bias else None
        self.reset_parameters()

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Begin with the rule anew if it is the layer's own, and draw both factors."""
        self._reset_rule(generator)
        shape = len(self.left), self.right.shape[1], self.n
        mean_square = mean_squared_modulus(shape, self.criterion, algebra=self.algebra)
        # a component of the weight is a sum of r products
        deviation = (mean_square / self.n / self.rank) ** 0.25
        for factor in (self.left, self.right):
            nn.init.normal_(factor, 0, deviation, generator)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        return functional.low_rank_linear(
            input, self.left, self.right, self.bias, algebra=self.algebra
        )

    def to_real(self) -> nn.Linear:
        """The stock layer that does the same to folded input, of as many weights as it has.

        Example:
            >>> LowRankPHMLinear(4, 8, 12).to_real()
            Linear(in_features=8, out_features=12, bias=True)
        """
        bias = self.bias is not None
        full = PHMLinear(
            self.n, self.in_features, self.out_features, bias, self.left.device, self.left.dtype,
            algebra=self.algebra,
        )  # fmt: skip
        with torch.no_grad():
            full.weight.copy_(torch.einsum("oam,aim->oim", self.left, self.right))
            if full.bias is not None and self.bias is not None:
                full.bias.copy_(self.bias)
        return full.train(self.training).to_real()

    def extra_repr(self) -> str:
        sizes = f"{self.n}, {self.in_features}, {self.out_features}, rank={self.rank}"
        return f"{sizes}, bias={self.bias is not None}"


class _PHMConvNd(_PHM, ConvNd):
    def _channels(self) -> tuple[int, int]:
        return self._whole("in_channels"), self._whole("out_channels")

    def extra_repr(self) -> str:
        return f"{self.n}, {super().extra_repr()}"


class _PHMConv(_PHMConvNd, Conv):
    @checked
    def __init__(
        self,
        n: Count,
        in_channels: Count,
        out_channels: Count,
        kernel_size: Counts,
        stride: Counts = 1,
        padding: Padding = 0,
        dilation: Counts = 1,
        groups: Count = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct | None = None,
        learn: bool = True,
        criterion: Criterion = "glorot",
        init: Scheme = "isotropic",
        plan: Choice = None,
    ) -> None:
        rule = self._take_rule(n, algebra, learn, device, dtype)
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias,
            padding_mode, device, dtype,
            algebra=rule, criterion=criterion, init=init, plan=plan,
        )  # fmt: skip


class _PHMConvTranspose(_PHMConvNd, ConvTranspose):
    @checked
    def __init__(
        self,
        n: Count,
        in_channels: Count,
        out_channels: Count,
        kernel_size: Counts,
        stride: Counts = 1,
        padding: Amounts = 0,
        output_padding: Amounts = 0,
        groups: Count = 1,
        bias: bool = True,
        dilation: Counts = 1,
        padding_mode: PaddingMode = "zeros",
        device: Device = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct | None = None,
        learn: bool = True,
        criterion: Criterion = "glorot",
        init: Scheme = "isotropic",
    ) -> None:
        rule = self._take_rule(n, algebra, learn, device, dtype)
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias,
            dilation, padding_mode, device, dtype, algebra=rule, criterion=criterion, init=init,
        )  # fmt: skip


class PHMConv1d(_PHMConv):
    r"""A convolution over one axis whose algebra is learned; see `PHMConv2d`.

    Shape:
        `(N, in_channels, L)` → `(N, out_channels, L')`, folded, or typed with n times fewer.

    Example:
        >>> PHMConv1d(3, 6, 9, 5, padding="causal")(torch.randn(2, 6, 20)).shape
        torch.Size([2, 9, 20])
    """

    axes = 1


class PHMConv2d(_PHMConv):
    r"""A convolution over two axes whose algebra is learned: $W[s] = \sum_m A_m \otimes S_m[s]$.

    `torch.nn.Conv2d` with 1/n of its weights, and n³ constants; the arguments after n are torch's.

    Args:
        n: the components of a number; divides both numbers of channels.
        in_channels: real channels of the input.
        out_channels: real channels of the output.
        kernel_size: points of the kernel along each axis.
        stride: step of the kernel.
        padding: points added on both sides, or `"same"` (stride 1 only), or `"valid"`.
        dilation: distance between kernel points.
        groups: number of independent groups; a group holds whole numbers.
        bias: whether to add a learned bias to each output channel.
        padding_mode: `"zeros"`, `"reflect"`, `"replicate"` or `"circular"`.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the rule, its own or a shared one, see `PHMLinear`.
        learn: whether the layer's own rule learns.
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        init: how the weight is drawn, see `PHMLinear`.
        plan: see `Conv2d`.

    Shape:
        `(N, in_channels, H, W)` → `(N, out_channels, H', W')`, folded, or typed with n times
        fewer channels.

    Attributes:
        weight: the $S_m$, `(out_channels/n, in_channels/n/groups, *kernel_size, n)`.
        bias: `(out_channels/n, n)`, zeros.
        algebra: the `LearnedBilinear` rule.

    Raises:
        ValueError: if n does not divide the channels, the rule does not have n components, or a
            size, a mode or the groups do not fit.

    Example:
        >>> layer = PHMConv2d(4, 16, 32, 3, padding=1)
        >>> layer(torch.randn(2, 16, 8, 8)).shape
        torch.Size([2, 32, 8, 8])
        >>> sum(p.numel() for p in layer.parameters()) == 16 * 32 * 9 // 4 + 4**3 + 32
        True

    Source:
        E. Grassucci, A. Zhang and D. Comminiello, *PHNNs: Lightweight Neural Networks via
        Parameterized Hypercomplex Convolutions*, IEEE TNNLS 2022, section III.
    """

    axes = 2


class PHMConv3d(_PHMConv):
    r"""A convolution over three axes whose algebra is learned; see `PHMConv2d`.

    Shape:
        `(N, in_channels, D, H, W)` → `(N, out_channels, D', H', W')`, folded, or typed with n
        times fewer channels.

    Example:
        >>> PHMConv3d(2, 4, 6, 3)(torch.randn(2, 4, 5, 5, 5)).shape
        torch.Size([2, 6, 3, 3, 3])
    """

    axes = 3


class PHMConvTranspose1d(_PHMConvTranspose):
    r"""A transposed convolution over one axis whose algebra is learned; see `PHMConvTranspose2d`.

    Shape:
        `(N, in_channels, L)` → `(N, out_channels, L')`, folded, or typed with n times fewer.

    Example:
        >>> PHMConvTranspose1d(3, 6, 9, 4, stride=2, padding=1)(torch.randn(2, 6, 10)).shape
        torch.Size([2, 9, 20])
    """

    axes = 1


class PHMConvTranspose2d(_PHMConvTranspose):
    r"""A transposed convolution over two axes whose algebra is learned.

    `torch.nn.ConvTranspose2d` with 1/n of its weights, and n³ constants: every number of the input
    is multiplied by the kernel and scattered. The arguments after n are torch's; `algebra`,
    `learn`, `criterion` and `init` are those of `PHMLinear`.

    Shape:
        `(N, in_channels, H, W)` → `(N, out_channels, H', W')`, folded, or typed with n times
        fewer channels.

    Attributes:
        weight: `(in_channels/n, out_channels/n/groups, *kernel_size, n)`.
        bias: `(out_channels/n, n)`, zeros.
        algebra: the `LearnedBilinear` rule.

    Raises:
        ValueError: if n does not divide the channels, the rule does not have n components, or a
            size or the groups do not fit.

    Example:
        >>> PHMConvTranspose2d(4, 8, 4, 2, stride=2)(torch.randn(2, 8, 5, 5)).shape
        torch.Size([2, 4, 10, 10])
    """

    axes = 2


class PHMConvTranspose3d(_PHMConvTranspose):
    r"""A transposed convolution over three axes whose algebra is learned; see `PHMConvTranspose2d`.

    Shape:
        `(N, in_channels, D, H, W)` → `(N, out_channels, D', H', W')`, folded, or typed with n
        times fewer channels.

    Example:
        >>> PHMConvTranspose3d(2, 4, 6, 2, stride=2)(torch.randn(2, 4, 3, 3, 3)).shape
        torch.Size([2, 6, 6, 6, 6])
    """

    axes = 3
