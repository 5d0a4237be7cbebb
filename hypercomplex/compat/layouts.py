"""Checkpoints of other libraries → checkpoints of `hypercomplex.nn`: dictionaries in and out.

Keys that belong to no weight pass unchanged, and nothing is written to the dictionary given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.constructions import QUATERNION
from hypercomplex.functional.arguments import Tolerance, checked
from hypercomplex.lowering import structure, unfold

__all__ = ["from_four_weights", "from_kronecker"]

ORKIS = ("r_weight", "i_weight", "j_weight", "k_weight")


@checked
def from_four_weights(
    state: Mapping[str, Tensor],
    names: Sequence[str] = ORKIS,
    *,
    inputs_first: bool = True,
    bias: str = "bias",
    algebra: Algebra = QUATERNION,
) -> dict[str, Tensor]:
    """One tensor for each component → one with the components last.

    The layout of Orkis' Pytorch-Quaternion-Neural-Networks and of SpeechBrain, which call the
    parts `r_weight` … `k_weight` and keep matrices with the inputs first; and of hTorch, with the
    names that its version has. Kernels are `(O, I/groups, *K)` everywhere.

    Args:
        state: what `state_dict()` gave.
        names: what the parts are called, in the order of the components.
        inputs_first: whether matrices are `(I, O)`.
        bias: what the folded bias is called.
        algebra: the algebra of the numbers.

    Raises:
        ValueError: if a part is missing, or a layer rotates (it has a `zero_kernel`).

    Example:
        >>> from hypercomplex.compat.speechbrain import QLinear
        >>> theirs = QLinear(5, input_shape=12)
        >>> ours = hc.nn.QuaternionLinear(3, 5)
        >>> ours.load_state_dict(from_four_weights(theirs.state_dict()))
        <All keys matched successfully>
        >>> x = torch.randn(2, 12)
        >>> torch.allclose(ours(x), theirs(x), atol=1e-6)
        True
    """
    converted = dict(state)
    for prefix in _prefixes(state, names[0]):
        if prefix + "zero_kernel" in state:
            raise ValueError(
                f"`state` has {prefix + 'zero_kernel'!r}: this layer rotates, "
                "and no layer of hypercomplex.nn does the same"
            )
        parts = [_pop(converted, prefix + name) for name in names]
        weight = torch.stack(parts, -1)
        if inputs_first and weight.ndim == 3:
            weight = weight.transpose(0, 1).contiguous()
        converted[prefix + "weight"] = weight
        _fold_back(converted, prefix + bias, prefix + "bias", algebra.dimension)
    return converted


@checked
def from_kronecker(
    state: Mapping[str, Tensor],
    names: Sequence[str] = ("A", "S"),
    *,
    algebra: Algebra | None,
    tolerance: Tolerance = 1e-4,
) -> dict[str, Tensor]:
    r"""Sums of Kronecker products $W = \sum_i A_i \otimes S_i$ → weights over an algebra, or PHM.

    The layout of HyperNets and of other parametrised hypercomplex layers: `A` `(n, n, n)` was
    learned, `S` is `(n, O, I, *K)`. Where the matrices $A_i$ have become combinations of the left
    multiplications of the algebra, $A_i = \sum_m t_{im} L(e_m)$, the weight is
    $\sum_i t_{im} S_i$. HyperNets' convolutions never add their bias, so it becomes zero.

    Args:
        state: what `state_dict()` gave.
        names: what `A` and `S` are called.
        algebra: the algebra that the layers are believed to have learned; None keeps what they have
            learned, for `PHMLinear` and `PHMConv1d/2d/3d` of `hypercomplex.nn`.
        tolerance: how far, relative to its largest entry, `A` may be from it.

    Raises:
        ValueError: if a part is missing, or `A` is not of that algebra.

    Example:
        >>> units = hc.functional.left_matrix(torch.eye(4), hc.QUATERNION)
        >>> theirs = {"A": units, "S": torch.randn(4, 5, 3)}
        >>> from_kronecker(theirs, algebra=hc.QUATERNION)["weight"].shape
        torch.Size([5, 3, 4])
        >>> ours = hc.nn.PHMLinear(4, 12, 20, bias=False)
        >>> ours.load_state_dict(from_kronecker(theirs, algebra=None))
        <All keys matched successfully>

    Source:
        A. Zhang et al., *Beyond Fully-Connected Layers with Quaternions*, ICLR 2021, section 3.
    """
    converted = dict(state)
    for prefix in _prefixes(state, names[0]):
        rules, parts = (_pop(converted, prefix + name) for name in names)
        if algebra is None:
            converted[prefix + "algebra.constants"] = rules.mT.contiguous()
            converted[prefix + "weight"] = parts.movedim(0, -1).contiguous()
        else:
            shares = _shares(prefix + names[0], rules, algebra, tolerance)
            converted[prefix + "weight"] = torch.tensordot(parts, shares, dims=([0], [0]))
        _fold_back(converted, prefix + "bias", prefix + "bias", len(rules))
        if parts.ndim > 3 and prefix + "bias" in converted:
            converted[prefix + "bias"] = torch.zeros_like(converted[prefix + "bias"])
    return converted


def _shares(key: str, rules: Tensor, algebra: Algebra, tolerance: float) -> Tensor:
    """The t of A_i = Σ t_im L(e_m)."""
    n = algebra.dimension
    if rules.shape != (n, n, n):
        raise ValueError(
            f"`state[{key!r}]` of shape {tuple(rules.shape)} must be {(n, n, n)} over {algebra}"
        )
    units = structure(algebra.product, "left", rules).t().view(n, n, n)
    # e_0 is the unit, so the first column of L(e_m) is e_m: the first columns of A are the shares.
    shares = rules[:, :, 0]
    error = (rules - torch.tensordot(shares, units, dims=1)).abs().max()
    if error > tolerance * rules.abs().max():
        raise ValueError(
            f"`state[{key!r}]` is no table of {algebra}: it differs by {float(error):.2g}; "
            "a layer that learned another product has no counterpart over this algebra"
        )
    return shares


def _prefixes(state: Mapping[str, Tensor], name: str) -> list[str]:
    """What stands before the name in the keys whose last word it is."""
    return [key[: -len(name)] for key in state if ("." + key).endswith("." + name)]


def _pop(state: dict[str, Tensor], key: str) -> Tensor:
    if key not in state:
        raise ValueError(f"`state` must have {key!r}, beside the other parts of this weight")
    return state.pop(key)


def _fold_back(state: dict[str, Tensor], old: str, new: str, n: int) -> None:
    """A folded bias `(n·O)` → `(O, n)`, under its new name."""
    if old in state:
        state[new] = unfold(state.pop(old), 0, n).contiguous()
