"""The affine layer."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from hypercomplex import functional
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional.arguments import Count, checked
from hypercomplex.lowering import AnyProduct, Choice
from hypercomplex.lowering.block import Side
from hypercomplex.nn.affine import Affine
from hypercomplex.nn.flagship import over
from hypercomplex.nn.init import Criterion, Scheme

__all__ = ["Linear", "QuaternionLinear"]


class Linear(Affine):
    r"""The affine map of numbers: $y_o = \sum_i w_{oi}\, x_i + b_o$.

    `torch.nn.Linear` with numbers of an algebra for reals; over `REAL` it equals it bit for bit.

    Args:
        in_features: numbers in each input sample.
        out_features: numbers in each output sample.
        bias: whether to add a learned number to each output.
        device: where the parameters live.
        dtype: the floating-point type of the parameters.
        algebra: the algebra of the numbers; or another bilinear map of weights and inputs, exact or
            learned, of whatever widths.
        side: where the weight stands, `"left"` (w x) or `"right"` (x w).
        criterion: `"glorot"` or `"he"`, see `init.polar_`.
        init: `"polar"`, `"isotropic"`, `"unitary"`, `"orthogonal"` or `"identity"`, or a function;
            see `init.fill_`.
        plan: `"block"`, `"input"` or `"bilinear"` asks for one way to compute the products; None
            has it chosen, see `hypercomplex.lowering.plan`.

    Shape:
        - Input: typed `(*, in_features)`, or folded `(*, n·in_features)`.
        - Output: the same kind, `(*, out_features)` or `(*, n·out_features)`.

    Attributes:
        weight: `(out_features, in_features, n)`, drawn as `init` says.
        bias: `(out_features, n)`, zeros.

    Raises:
        ValueError: if a size is not a positive integer, or an input has another width.

    Example:
        >>> layer = Linear(3, 5, algebra=hc.OCTONION)
        >>> layer(torch.randn(2, 8 * 3)).shape
        torch.Size([2, 40])
        >>> layer(hc.as_hypercomplex(torch.randn(2, 3, 8), hc.OCTONION)).shape
        torch.Size([2, 5])

        In numbers:

        >>> layer, x = hc.nn.QuaternionLinear(3, 5), hc.QuaternionTensor.randn(3)
        >>> W, b = map(hc.QuaternionTensor, (layer.weight, layer.bias))
        >>> torch.allclose(layer(x), W @ x + b, atol=1e-5)
        True

    Source:
        T. Parcollet et al., *Quaternion Recurrent Neural Networks*, ICLR 2019, section 3.
    """

    @checked
    def __init__(
        self,
        in_features: Count,
        out_features: Count,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        algebra: AnyProduct,
        side: Side = "left",
        criterion: Criterion = "glorot",
        init: Scheme = "polar",
        plan: Choice = None,
    ) -> None:
        self.in_features = in_features
        self.out_features = out_features
        self.plan: Choice = plan
        shape = outputs, _ = self._numbers()
        super().__init__(shape, outputs, bias, algebra, side, criterion, device, dtype, init)

    def _numbers(self) -> tuple[int, int]:
        return self.out_features, self.in_features

    def forward(self, input: Tensor) -> Tensor:
        return functional.linear(
            input,
            self.weight,
            self.bias,
            algebra=self.algebra,
            side=self.side,
            plan=self.plan,
            kept=self.kept,
        )

    def to_real(self) -> nn.Linear:
        """The stock layer that does the same to folded input, with the block matrix for weight.

        Example:
            >>> Linear(3, 5, algebra=hc.QUATERNION).to_real()
            Linear(in_features=12, out_features=20, bias=True)
        """
        outputs, inputs = self._numbers()
        real = skip_init(
            nn.Linear,
            self.input_width * inputs,
            self.output_width * outputs,
            bias=self.bias is not None,
            device=self.weight.device,
            dtype=self.weight.dtype,
        )
        return self._fill_real(real)

    def extra_repr(self) -> str:
        plan = "" if self.plan is None else f", plan={self.plan!r}"
        return f"{self.in_features}, {self.out_features}, {self._algebra_repr()}{plan}"


@final
class QuaternionLinear(Linear):
    """`Linear` over the quaternions.

    Example:
        >>> QuaternionLinear(3, 5)
        QuaternionLinear(3, 5, bias=True, algebra=QUATERNION)
    """

    __init__ = over(QUATERNION, Linear.__init__)
