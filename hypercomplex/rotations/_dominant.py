"""The quaternion that maximises a quadratic form: nearest rotations, means and alignments."""

from __future__ import annotations

import torch
from torch import Tensor

from hypercomplex.functional import normalize

__all__ = ["dominant"]


def dominant(form: Tensor) -> Tensor:
    r"""The unit $q$ with the largest $q^\top A q$, with $w \ge 0$: `(…, 4, 4)` → `(…, 4)`.

    The value comes from `eigh`, outside of autograd: its derivative divides by the distances of
    all eigenvalues, which are zero where this problem has no singularity. Derivatives come from
    one step of Rayleigh quotient iteration from there. It converges cubically, so that first and
    second derivatives are exact, and it divides by the distance to the largest eigenvalue only.

    A form that is zero or not finite has no such q: NaN, and the others of a batch are not touched.
    """
    one = torch.eye(4, dtype=form.dtype, device=form.device)
    form = form / form.detach().abs().amax((-2, -1), keepdim=True)
    meant = form.detach().isfinite().flatten(-2).all(-1)
    form = torch.where(meant[..., None, None], form, one)
    q = torch.linalg.eigh(form.detach())[1][..., -1]
    q = torch.where(q[..., :1] < 0, -q, q)
    image = (form * q.unsqueeze(-2)).sum(-1)
    quotient = (image * q).sum(-1, keepdim=True)
    ridge = 4 * torch.finfo(form.dtype).eps  # finite where the maximum is not unique
    matrix = (quotient.unsqueeze(-1) + ridge) * one - form
    matrix = matrix + q.unsqueeze(-1) * q.unsqueeze(-2)
    q = normalize(q + torch.linalg.solve_ex(matrix, image - quotient * q)[0])
    return q.masked_fill(~meant.unsqueeze(-1), torch.nan)
