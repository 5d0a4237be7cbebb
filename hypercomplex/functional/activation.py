"""Activations of whole numbers: each multiplies a number by a real factor of zero or more.

So the modulus changes and the direction stays, whatever basis the components are written in.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.door.declarations import numbers
from hypercomplex.functional.arguments import check_numbers
from hypercomplex.functional.numbers import normalize
from hypercomplex.kernels.length import root
from hypercomplex.kernels.scaling import largest

__all__ = ["cardioid", "mod_relu", "mod_tanh"]


@numbers("x")
def mod_relu(x: Tensor, bias: Tensor) -> Tensor:
    r"""The rectified modulus: $\frac{x}{|x|}\, \max(|x| + b, 0)$, and 0 at 0.

    Its gradient is finite everywhere; at zero it is that of $\max(b, 0)\, x$.

    Shape:
        `(…, n)`, bias `(…)` broadcast → `(…, n)`.

    Example:
        >>> mod_relu(torch.tensor([0., 3, 0, 4]), torch.tensor(-2.5))
        tensor([0.0000, 1.5000, 0.0000, 2.0000])

    Source:
        M. Arjovsky et al., *Unitary Evolution Recurrent Neural Networks*, ICML 2016, section 4.5.
    """
    check_numbers("x", x)
    direction, modulus = _polar(x)
    return direction * torch.relu(modulus + bias.unsqueeze(-1))


@numbers("x")
def mod_tanh(x: Tensor) -> Tensor:
    r"""The squashed modulus: $\frac{x}{|x|} \tanh |x|$, and 0 at 0; over the reals `tanh`.

    Shape:
        `(…, n)` → `(…, n)`.

    Example:
        >>> mod_tanh(torch.tensor([0., 30, 0, 40]))
        tensor([0.0000, 0.6000, 0.0000, 0.8000])

    Source:
        A. Hirose, *Complex-Valued Neural Networks*, 2nd ed., 2012, section 2.
    """
    check_numbers("x", x)
    direction, modulus = _polar(x)
    return direction * torch.tanh(modulus)


@numbers("x", basis="only adapted")
def cardioid(x: Tensor) -> Tensor:
    r"""Attenuation by the angle to the real axis: $\tfrac12 \left(1 + \cos\angle x\right) x$.

    $\cos\angle x = \operatorname{Re} x / |x|$: positive reals pass, negative ones vanish,
    imaginary numbers are halved. Over the reals it is `relu`.

    Shape:
        `(…, n)` → `(…, n)`.

    Example:
        >>> cardioid(torch.tensor([0., 2, 0, 0]))
        tensor([0., 1., 0., 0.])

    Source:
        P. Virtue et al., *Better than Real: Complex-valued Neural Nets for MRI Fingerprinting*,
        ICIP 2017, section 3.
    """
    return 0.5 * (1 + normalize(x)[..., :1]) * x


def _polar(x: Tensor) -> tuple[Tensor, Tensor]:
    """`normalize(x)` and `norm(x)` at the price of one: `(…, n)` → `(…, n)`, `(…, 1)`."""
    scale = largest(x)
    unit = x / scale
    size = root(unit).unsqueeze(-1)
    return unit / size.masked_fill(size == 0, 1), size * scale
