r"""Powers of numbers: by products where the exponent is an integer, else by exp and log.

The convention is $x^p = e^{\log(x)\, p}$, in this order; for real $p$ the order does not matter.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import numbers
from hypercomplex.functional.analytic import exp, log
from hypercomplex.functional.arguments import check_components
from hypercomplex.functional.numbers import inverse, product
from hypercomplex.host.mode import can_be_read
from hypercomplex.kernels.inverse import nan_without_inverse
from hypercomplex.kernels.precision import single
from hypercomplex.lowering import embedded, in_adapted_basis, is_power_associative

__all__ = ["power", "real_power"]


@numbers("x exponent", basis="adapted")
def power(x: Tensor, exponent: Tensor, algebra: Algebra) -> Tensor:
    r"""The power of numbers: $x^p = e^{\log(x)\, p}$ with the principal logarithm.

    $0^p$ is 0 where $\operatorname{Re} p > 0$, 1 where $p = 0$, else NaN.

    Shape:
        `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if a last axis is not `n` wide.
        NotImplementedError: if exp and log are not known for this algebra.

    Example:
        >>> i, j = torch.tensor([0., 1, 0, 0]), torch.tensor([0., 0, 1, 0])
        >>> power(i, j, hc.QUATERNION)  # exp(πi/2 · j) = exp(πk/2) = k
        tensor([-4.3711e-08,  0.0000e+00,  0.0000e+00,  1.0000e+00])
    """
    check_components("x", x, algebra)
    check_components("exponent", exponent, algebra)
    base, p = single(x), single(exponent)
    zero = (base == 0).all(-1, keepdim=True)
    result = exp(product(log(_one_where(zero, base), algebra), p, algebra), algebra)
    at_zero = torch.where((p == 0).all(-1, keepdim=True), _one(p), _zero_or_nan(p[..., :1]))
    return torch.where(zero, at_zero, result).to(torch.promote_types(x.dtype, exponent.dtype))


@numbers("x")
def real_power(x: Tensor, exponent: float | Tensor, algebra: Algebra) -> Tensor:
    r"""The real power of numbers: $x^p$.

    An `exponent` that is an integer in Python (2, or 2.0) multiplies: exact where products are,
    with every derivative at 0, in all power-associative algebras; negative ones invert. Others
    are $e^{p \log x}$, with $x^0 = 1$, and $0^p = 0$ for $p > 0$ (with derivative 0). A negative
    power of a zero divisor is not finite.

    Shape:
        `(…, n)`, `(…)` → `(…, n)`, broadcast.

    Raises:
        ValueError: if the last axis is not `n` wide.
        NotImplementedError: if powers are ambiguous, or exp and log not known for this algebra.

    Example:
        >>> real_power(torch.tensor([0., 1, 0, 0]), 2, hc.QUATERNION)
        tensor([-1.,  0.,  0.,  0.])
        >>> real_power(torch.tensor([0., 1, 0, 0]), torch.tensor([0.5, 1]), hc.QUATERNION)
        tensor([[ 7.0711e-01,  7.0711e-01,  0.0000e+00,  0.0000e+00],
                [-4.3711e-08,  1.0000e+00,  0.0000e+00,  0.0000e+00]])
    """
    check_components("x", x, algebra)
    if not isinstance(exponent, Tensor):
        if float(exponent).is_integer():
            return _integer_power(x, int(exponent), algebra)
        exponent = torch.as_tensor(exponent, dtype=single(x).dtype, device=x.device)
    if not algebra.is_adapted:
        return in_adapted_basis(lambda x, A: real_power(x, exponent, A), algebra, x)
    dtype = x.dtype if exponent.ndim == 0 else torch.promote_types(x.dtype, exponent.dtype)
    exponent = exponent.to(dtype).unsqueeze(-1)
    if algebra.dimension == 1:
        return x.pow(exponent)
    base, p = single(x), single(exponent)
    zero = (base == 0).all(-1, keepdim=True)
    if can_be_read(zero) and not zero.any():
        result = exp(log(base, algebra) * p, algebra)
        return nan_without_inverse(result, base, algebra, lambda: p < 0).to(dtype)
    result = exp(log(_one_where(zero, base), algebra) * p, algebra)
    result = nan_without_inverse(result, base, algebra, lambda: p < 0)
    at_zero = torch.where(p == 0, _one(base), _zero_or_nan(p))
    return torch.where(zero, at_zero, result).to(dtype)


def _integer_power(x: Tensor, exponent: int, algebra: Algebra) -> Tensor:
    """By repeated squaring, which power-associativity allows."""
    if abs(exponent) > 2 and not is_power_associative(algebra):
        raise NotImplementedError(
            f"`exponent` (={exponent}): powers over {algebra}, which is not power-associative, are "
            "ambiguous; multiply in the order that you mean"
        )
    if exponent < 0:
        return _integer_power(inverse(x, algebra), -exponent, algebra)
    if exponent < 2:
        return x.clone() if exponent else embedded(x[..., 0].pow(0), algebra)
    result = None
    while exponent:
        if exponent & 1:
            result = x if result is None else product(result, x, algebra)
        exponent >>= 1
        if exponent:
            x = product(x, x, algebra)
    assert result is not None
    return result


def _one(x: Tensor) -> Tensor:
    """The unit, in the shape of x."""
    return _embed(torch.ones_like(x[..., :1]), x)


def _embed(real: Tensor, like: Tensor) -> Tensor:
    return torch.nn.functional.pad(real, (0, like.shape[-1] - 1))


def _one_where(condition: Tensor, x: Tensor) -> Tensor:
    return torch.where(condition, _one(x), x)


def _zero_or_nan(exponent: Tensor) -> Tensor:
    """Zero to a real power other than 0."""
    return torch.where(exponent > 0, torch.zeros_like(exponent), torch.nan)
