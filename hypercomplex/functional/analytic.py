r"""Analytic functions of numbers: exp, log, sqrt, sin … as the algebra's own functions.

Where every $x = a + v$ has a real $v^2 = -s$ (all Cayley–Dickson algebras, Cl(2,0), Cl(1,1) …),
$f(x) = A(a, s) + B(a, s)\, v$ with real formulas (`kernels.elementary`). So $f$ commutes with
every automorphism and with $x \mapsto u x u^{-1}$, and on $\mathbb C \subset \mathbb H$ it is
torch's complex function, principal branch included. Other algebras whose powers need no brackets
go through matrices (`functional.matrix_functions`); the rest refuse.

**Branches.** Cuts lie where torch's complex functions have them and are continued from above:
on a cut of the real axis, $v = 0$, the result points along the first imaginary unit with a
negative square: $\log(-1) = \pi i$, $\sqrt{-1} = i$. Signed zeros are not told apart.

**Derivatives** of all orders are those of the function wherever it is analytic, on the real axis
too. On a real cut, where there is none, that along $v$ is taken as 0 and the rest is the real one.
$\sqrt x$ has the derivative 0 at 0.

**Domains.** Where the algebra holds no value (the logarithm of a split-complex number beyond the
light cone, of a dual number without positive real part) the result is NaN, as torch's real log.

All take components `(…, n)` to components `(…, n)`. They raise a ValueError if the last axis is
not `n` wide, and a NotImplementedError where the function is not known for the algebra.
Half precision is computed in float32 and rounded once.

**Precision.** The inverse functions are right to some units in the last place of the number next to
their branch points too, and the derivatives of `tanh`, `sigmoid` and `expm1` far out, where
they vanish, are right relative to themselves. Nilpotent parts, such as dual ones, may be larger or
smaller than the rest by any factor in range, and so may one component than another. Where $f'$ is
out of range itself, so is its product with a dual part.

**At infinity** logarithms, roots and inverse functions are torch's complex ones, along the infinite
components, where imaginary parts square to $-|v|^2$; their derivatives there are 0. Periodic
functions are what IEEE arithmetic makes of their formulas, mostly NaN. At poles an imaginary part
is infinite in each nonzero component. Next to a pole, a branch point or a cut, derivatives that
grow as $1/|v|$ hold as far as they are in range, second ones where $1/|v|^2$ is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.declarations import numbers
from hypercomplex.functional import matrix_functions
from hypercomplex.functional.arguments import check_components, check_floating
from hypercomplex.functional.numbers import inverse
from hypercomplex.kernels import elementary
from hypercomplex.kernels.inverse import nan_without_inverse
from hypercomplex.kernels.plane import Analytic, evaluate
from hypercomplex.kernels.precision import single
from hypercomplex.lowering import has_real_squares, is_power_associative

__all__ = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cos",
    "cosh",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "rsqrt",
    "sigmoid",
    "sin",
    "sinc",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
]


@numbers("x", basis="adapted")
def exp(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The exponential: $e^{a+v} = e^a (\cos|v| + \frac{v}{|v|} \sin|v|)$ where $v^2 = -|v|^2$.

    Example:
        >>> exp(torch.tensor([0., torch.pi, 0, 0]), hc.QUATERNION)
        tensor([-1.0000e+00, -8.7423e-08, -0.0000e+00, -0.0000e+00])
    """
    return _analytic("exp", elementary.EXP, torch.linalg.matrix_exp, x, algebra)


@numbers("x", basis="adapted")
def exp2(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The power of two: $2^x = e^{x \log 2}$.

    Example:
        >>> exp2(torch.tensor([3., 0, 0, 0]), hc.QUATERNION)
        tensor([8., 0., 0., 0.])
    """
    return _analytic("exp2", elementary.EXP2, matrix_functions.exp2, x, algebra)


@numbers("x", basis="adapted")
def expm1(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The exponential minus one: $e^x - 1$, accurate near 0.

    Example:
        >>> expm1(torch.tensor([1e-9, 0, 2e-9, 0]), hc.QUATERNION)
        tensor([1.0000e-09, 0.0000e+00, 2.0000e-09, 0.0000e+00])
    """
    return _analytic("expm1", elementary.EXPM1, matrix_functions.expm1, x, algebra)


@numbers("x", basis="adapted")
def log(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The principal logarithm: $\log|x| + \frac{v}{|v|} \arg x$, with $\log(-1) = \pi i$.

    Example:
        >>> log(torch.tensor([-1., 0, 0, 0]), hc.QUATERNION)
        tensor([0.0000, 3.1416, 0.0000, 0.0000])
    """
    return _logarithm("log", elementary.LOG, matrix_functions.log, x, algebra)


@numbers("x", basis="adapted")
def log2(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The principal logarithm to base 2: $\log x / \log 2$.

    Example:
        >>> log2(torch.tensor([0., 8, 0, 0]), hc.QUATERNION)
        tensor([3.0000, 2.2662, 0.0000, 0.0000])
    """
    return _logarithm("log2", elementary.LOG2, matrix_functions.log2, x, algebra)


@numbers("x", basis="adapted")
def log10(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The principal logarithm to base 10: $\log x / \log 10$.

    Example:
        >>> log10(torch.tensor([100., 0, 0, 0]), hc.QUATERNION)
        tensor([2., 0., 0., 0.])
    """
    return _logarithm("log10", elementary.LOG10, matrix_functions.log10, x, algebra)


@numbers("x", basis="adapted")
def log1p(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The logarithm of one more: $\log(1 + x)$, accurate near 0.

    Example:
        >>> log1p(torch.tensor([1e-9, 0, 2e-9, 0]), hc.QUATERNION)
        tensor([1.0000e-09, 0.0000e+00, 2.0000e-09, 0.0000e+00])
    """
    return _analytic("log1p", elementary.LOG1P, matrix_functions.log1p, x, algebra)


@numbers("x", basis="adapted")
def sqrt(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The principal square root:
    the $y$ with $y^2 = x$ and $\operatorname{Re} y \ge 0$; $\sqrt{-1} = i$.

    Example:
        >>> sqrt(torch.tensor([-3., 0, 4, 0]), hc.QUATERNION)
        tensor([1., 0., 2., 0.])
    """
    return _analytic("sqrt", elementary.SQRT, matrix_functions.sqrt, x, algebra)


@numbers("x", basis="adapted")
def sin(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The sine: $\sin x = \sum_k (-1)^k x^{2k+1} / (2k+1)!$.

    Example:
        >>> sin(torch.tensor([0., 0, 1, 0]), hc.QUATERNION)
        tensor([0.0000, 0.0000, 1.1752, 0.0000])
    """
    return _analytic("sin", elementary.SIN, matrix_functions.sin, x, algebra)


@numbers("x", basis="adapted")
def cos(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The cosine: $\cos x = \sum_k (-1)^k x^{2k} / (2k)!$.

    Example:
        >>> cos(torch.tensor([0., 0, 1, 0]), hc.QUATERNION)
        tensor([1.5431, -0.0000, -0.0000, -0.0000])
    """
    return _analytic("cos", elementary.COS, matrix_functions.cos, x, algebra)


@numbers("x", basis="adapted")
def tan(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The tangent: $\tan x = \sin x\, (\cos x)^{-1}$.

    Example:
        >>> tan(torch.tensor([0., 0, 1, 0]), hc.QUATERNION)
        tensor([0.0000, 0.0000, 0.7616, 0.0000])
    """
    return _analytic("tan", elementary.TAN, matrix_functions.tan, x, algebra)


@numbers("x", basis="adapted")
def asin(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The principal inverse sine:
    $\sin(\operatorname{asin} x) = x$, cut on the reals beyond $\pm 1$.

    Example:
        >>> asin(torch.tensor([0., 0, 1, 0]), hc.QUATERNION)
        tensor([0.0000, 0.0000, 0.8814, 0.0000])
    """
    return _analytic("asin", elementary.ASIN, matrix_functions.asin, x, algebra)


@numbers("x", basis="adapted")
def acos(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The principal inverse cosine:
    $\operatorname{acos} x = \pi/2 - \operatorname{asin} x$, cut on the reals beyond $\pm 1$.

    Example:
        >>> acos(torch.tensor([0., 0, 1, 0]), hc.QUATERNION)
        tensor([ 1.5708, -0.0000, -0.8814, -0.0000])
    """
    return _analytic("acos", elementary.ACOS, matrix_functions.acos, x, algebra)


@numbers("x", basis="adapted")
def atan(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The principal inverse tangent:
    $\tan(\operatorname{atan} x) = x$, cut where $a = 0$, $|v| > 1$.

    Example:
        >>> atan(torch.tensor([0., 0, 0.5, 0]), hc.QUATERNION)
        tensor([0.0000, 0.0000, 0.5493, 0.0000])
    """
    return _analytic("atan", elementary.ATAN, matrix_functions.atan, x, algebra)


@numbers("x", basis="adapted")
def sinh(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The hyperbolic sine: $\sinh x = (e^x - e^{-x}) / 2$.

    Example:
        >>> sinh(torch.tensor([0., 0, 1, 0]), hc.QUATERNION)
        tensor([0.0000, 0.0000, 0.8415, 0.0000])
    """
    return _analytic("sinh", elementary.SINH, matrix_functions.sinh, x, algebra)


@numbers("x", basis="adapted")
def cosh(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The hyperbolic cosine: $\cosh x = (e^x + e^{-x}) / 2$.

    Example:
        >>> cosh(torch.tensor([0., 0, 1, 0]), hc.QUATERNION)
        tensor([0.5403, 0.0000, 0.0000, 0.0000])
    """
    return _analytic("cosh", elementary.COSH, matrix_functions.cosh, x, algebra)


@numbers("x", basis="adapted")
def tanh(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The hyperbolic tangent: $\tanh x = \sinh x\, (\cosh x)^{-1}$.

    Example:
        >>> tanh(torch.tensor([0., 0, 1, 0]), hc.QUATERNION)
        tensor([0.0000, 0.0000, 1.5574, 0.0000])
    """
    return _analytic("tanh", elementary.TANH, matrix_functions.tanh, x, algebra)


@numbers("x", basis="adapted")
def asinh(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The principal inverse hyperbolic sine:
    $\log(x + \sqrt{1 + x^2})$, cut where $a = 0$, $|v| > 1$.

    Example:
        >>> asinh(torch.tensor([0., 0, 0.5, 0]), hc.QUATERNION)
        tensor([0.0000, 0.0000, 0.5236, 0.0000])
    """
    return _analytic("asinh", elementary.ASINH, matrix_functions.asinh, x, algebra)


@numbers("x", basis="adapted")
def acosh(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The principal inverse hyperbolic cosine:
    $\log(x + \sqrt{x - 1} \sqrt{x + 1})$, cut on the reals below 1.

    Example:
        >>> acosh(torch.tensor([0., 0, 1, 0]), hc.QUATERNION)
        tensor([0.8814, 0.0000, 1.5708, 0.0000])
    """
    return _analytic("acosh", elementary.ACOSH, matrix_functions.acosh, x, algebra)


@numbers("x", basis="adapted")
def atanh(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The principal inverse hyperbolic tangent:
    $\tfrac12 (\log(1 + x) - \log(1 - x))$, cut on the reals beyond $\pm 1$.

    Example:
        >>> atanh(torch.tensor([0., 0, 1, 0]), hc.QUATERNION)
        tensor([0.0000, 0.0000, 0.7854, 0.0000])
    """
    return _analytic("atanh", elementary.ATANH, matrix_functions.atanh, x, algebra)


@numbers("x", basis="adapted")
def sigmoid(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The logistic function: $1 / (1 + e^{-x})$.

    Example:
        >>> sigmoid(torch.tensor([0., 0, 1, 0]), hc.QUATERNION)
        tensor([0.5000, 0.0000, 0.2732, 0.0000])
    """
    return _analytic("sigmoid", elementary.SIGMOID, matrix_functions.sigmoid, x, algebra)


@numbers("x", basis="adapted")
def sinc(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The normalised cardinal sine: $\sin(\pi x) / (\pi x)$, and 1 at 0.

    Example:
        >>> sinc(torch.tensor([0., 0, 0.5, 0]), hc.QUATERNION)
        tensor([1.4651, 0.0000, 0.0000, 0.0000])
    """
    return _analytic("sinc", elementary.SINC, matrix_functions.sinc, x, algebra)


@numbers("x", basis="adapted")
def rsqrt(x: Tensor, algebra: Algebra) -> Tensor:
    r"""The inverse of the principal square root: $(\sqrt x)^{-1}$; that of a zero divisor is not
    finite.

    Example:
        >>> rsqrt(torch.tensor([-3., 0, 4, 0]), hc.QUATERNION)
        tensor([ 0.2000, -0.0000, -0.4000, -0.0000])
    """
    if algebra.dimension == 1:
        return x.rsqrt()
    root, pole = sqrt(single(x), algebra), (x == 0).all(-1, keepdim=True)
    result = nan_without_inverse(inverse(root, algebra), single(x), algebra, lambda: ~pole)
    result = result.to(x.dtype)
    # ∞ + NaN i, as for torch's complex numbers
    return torch.cat([result[..., :1].masked_fill(pole, torch.inf), result[..., 1:]], -1)


def _logarithm(
    name: str,
    plane: Analytic,
    matrix: Callable[[Tensor], Tensor],
    x: Tensor,
    algebra: Algebra,
) -> Tensor:
    """Not of zero divisors, on the light cone: where rounding may leave something finite."""
    result = _analytic(name, plane, matrix, x, algebra)
    if not has_real_squares(algebra):
        return result
    return nan_without_inverse(result, single(x), algebra, lambda: _is_not_zero(x))


def _is_not_zero(x: Tensor) -> Tensor:
    """Whether one of the components is not 0, as a column, of columns."""
    return reduce(torch.logical_or, (part != 0 for part in x.split(1, -1)))


def _analytic(
    name: str,
    plane: Analytic,
    matrix: Callable[[Tensor], Tensor],
    x: Tensor,
    algebra: Algebra,
) -> Tensor:
    """By the plane of 1 and v, or by a matrix, as the algebra allows."""
    check_components("x", x, algebra)
    check_floating("x", x)
    if has_real_squares(algebra):
        return evaluate(plane, x, algebra)
    if not is_power_associative(algebra):
        raise NotImplementedError(
            f"{name} is not known for {algebra}: powers of one number are ambiguous there, so that "
            "no series in it means anything"
        )
    return matrix_functions.by_matrix(matrix, x, algebra)
