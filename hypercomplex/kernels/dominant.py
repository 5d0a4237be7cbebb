"""The quaternion that maximises a quadratic form: nearest rotations, means and alignments."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.kernels.scaling import unit_or_nan

__all__ = ["dominant"]


_APART = 64  # roundings between the largest eigenvalue and the next, if there is one maximum


def dominant(form: Tensor) -> Tensor:
    r"""The unit $q$ with the largest $q^\top A q$, with $w \ge 0$: `(…, 4, 4)` → `(…, 4)`.

    Where many are as good, the one with the largest $w$, which is the smallest turn: the projection
    of 1 onto their space.

    The value comes from `eigh`, outside of autograd: its derivative divides by the distances of
    all eigenvalues, which are zero where this problem has no singularity. Derivatives come from
    one step of Rayleigh quotient iteration from there. It converges cubically, so that first and
    second derivatives are exact, and it divides by the distance to the largest eigenvalue only. It
    does not move q among the equally good ones.

    A form that is zero or not finite has no such q: NaN, and the others of a batch are not touched.
    """
    one = torch.eye(4, dtype=form.dtype, device=form.device)
    form = form / form.detach().abs().amax((-2, -1), keepdim=True)
    meant = form.detach().isfinite().flatten(-2).all(-1)
    form = torch.where(meant[..., None, None], form, one)
    values, vectors = torch.linalg.eigh(form.detach())
    best = values >= values[..., -1:] - _APART * torch.finfo(form.dtype).eps
    space = (vectors * best.unsqueeze(-2)) @ vectors.mT
    q = _nearest_to_one(space, vectors[..., -1], best.sum(-1) == 1)
    image = (form * q.unsqueeze(-2)).sum(-1)
    quotient = (image * q).sum(-1, keepdim=True)
    matrix = quotient.unsqueeze(-1) * one - form + space
    q = unit_or_nan(q + torch.linalg.solve_ex(matrix, image - quotient * q)[0])
    return q.masked_fill(~meant.unsqueeze(-1), torch.nan)


def _nearest_to_one(space: Tensor, vector: Tensor, alone: Tensor) -> Tensor:
    """The unit with the largest real part in the image of a projection; the given one, if alone or
    if the space is across 1.
    """
    shadow = space[..., 0]
    across = shadow[..., 0] < (_APART * torch.finfo(space.dtype).eps) ** 2
    vector = torch.where(vector[..., :1] < 0, -vector, vector)
    return torch.where((alone | across).unsqueeze(-1), vector, unit_or_nan(shadow))
