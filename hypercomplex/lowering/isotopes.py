r"""What a learned product is: the same up to a change of basis, on each of three sides by itself.

Two products are *isotopic* if $B'(P x, Q y) = R\,B(x, y)$ with invertible maps P, Q and R. Data
that a network sees in bases of its own determine a product up to that only. But isotopes with a
unit say more: one that is associative is isomorphic to every other (Albert), so what does not
depend on a basis tells the algebra. If $R_v: x \mapsto B(x, v)$ and $L_u: y \mapsto B(u, y)$ are
invertible,

$$x \circ y = B(R_v^{-1} x,\ L_u^{-1} y)$$

is an isotope with the unit $B(u, v)$ (Kaplansky). All of it is linear algebra in float64.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra, Bilinear, named
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.clifford import clifford
from hypercomplex.algebra.constructions import COMPLEX, OCTONION, QUATERNION, REAL
from hypercomplex.lowering.learned import LearnedBilinear

__all__ = ["Diagnosis", "Invariants", "diagnosed", "invariants", "rounded", "unital"]

_TRIES = 64  # random factors, of which the best serves as u and as v
_SINGULAR = 1e8  # the condition number from which on a factor is none
_DEGENERATE = 1e-6  # a value of the trace form beside its largest
_VANISHES = 1e-3  # the same where that is 1


class Invariants(NamedTuple):
    r"""What does not depend on the basis of an algebra with unit, measured.

    Attributes:
        associator: the largest coefficient of a product $(xy)z - x(yz)$ of basis elements.
        commutator: that of $xy - yx$.
        centre: the dimension of what commutes with everything, and associates.
        derivations: the dimension of the maps with $D(xy) = D(x)\,y + x\,D(y)$.
        trace_form: how many squares of $(x, y) \mapsto \operatorname{tr} L(xy)$ are positive,
            negative and zero.
    """

    associator: float
    commutator: float
    centre: int
    derivations: int
    trace_form: tuple[int, int, int]

    def agrees(self, other: Invariants, tolerance: float) -> bool:
        """Whether both have the same dimensions, signs and laws."""
        laws = [
            (a <= tolerance) == (b <= tolerance)
            for a, b in ((self.associator, other.associator), (self.commutator, other.commutator))
        ]
        return all(laws) and self[2:] == other[2:]


class Diagnosis(NamedTuple):
    """The invariants of a learned product's unital isotope, and the algebras that share them."""

    invariants: Invariants
    algebras: tuple[Algebra, ...]

    def __str__(self) -> str:
        names = ", ".join(map(str, self.algebras)) or "no algebra that is known here"
        associator, commutator, centre, derivations, signs = self.invariants
        return (
            f"as {names}: associator {associator:.1g}, commutator {commutator:.1g}, centre of "
            f"dimension {centre}, derivations of dimension {derivations}, trace form {signs}"
        )


# ---------------------------------------------------------------------- an isotope with unit


def unital(constants: Tensor) -> Tensor:
    r"""The constants of an isotope whose unit is the first basis element.

    The basis is orthonormal for the form $\operatorname{tr} L(xy) / n$ up to signs, and grown by
    products: a composition algebra comes in a basis whose products are $\pm$ basis elements.

    Raises:
        ValueError: if the three widths differ, a constant is not finite, or no multiplication is
            invertible.
    """
    c = constants.detach().double().cpu()
    if not c.shape[0] == c.shape[1] == c.shape[2]:
        raise ValueError(
            f"`constants` of shape {tuple(c.shape)} must have three equal sides for an isotope "
            "with a unit"
        )
    if not c.isfinite().all():
        raise ValueError("`constants` must be finite")
    c = c / (c.abs().max() or 1)  # what the form does not see keeps its size
    u, v = _factor(c, "left"), _factor(c, "right")
    left, right = torch.einsum("ijk,i->kj", c, u), torch.einsum("ijk,j->ki", c, v)
    there = torch.linalg.inv(right), torch.linalg.inv(left)
    product = torch.einsum("ijk,ix,jy->xyk", c, *there)
    one = torch.einsum("ijk,i,j->k", c, u, v)
    scaled = _diagonal(product)
    product, one = _in_basis(product, scaled), torch.linalg.solve(scaled.t(), one)
    return _in_basis(product, _grown(product, one))


def _factor(c: Tensor, side: str) -> Tensor:
    """The number by which to multiply from that side is inverted best."""
    n = c.shape[0]
    draws = torch.randn(_TRIES, n, generator=torch.Generator().manual_seed(0), dtype=c.dtype)
    numbers = torch.cat([torch.eye(n, dtype=c.dtype), draws])
    matrices = torch.einsum("ijk,ti->tkj" if side == "left" else "ijk,tj->tki", c, numbers)
    conditions = torch.linalg.cond(matrices)
    best = int(conditions.nan_to_num(torch.inf).argmin())
    if not conditions[best] < _SINGULAR:
        raise ValueError(
            f"`constants`: no number multiplies invertibly from the {side}, as far as was tried, "
            "so there is no isotope with a unit"
        )
    return numbers[best]


def _in_basis(c: Tensor, basis: Tensor) -> Tensor:
    """The constants in the basis whose elements are the rows."""
    return torch.einsum("ijk,xi,yj,kz->xyz", c, basis, basis, torch.linalg.inv(basis))


def _traces(c: Tensor) -> Tensor:
    """The traces of multiplications by basis elements from the left, over n."""
    return c.diagonal(dim1=1, dim2=2).mean(-1)


def _form(c: Tensor) -> Tensor:
    r"""The symmetric form $\operatorname{tr} L(xy) / n$."""
    form = c @ _traces(c)
    return (form + form.t()) / 2


def _diagonal(c: Tensor) -> Tensor:
    """A basis, in rows, of which the form makes 1, -1 and 0."""
    values, vectors = torch.linalg.eigh(_form(c))
    small = values.abs() <= _DEGENERATE * values.abs().max()
    return vectors.t() / values.abs().sqrt().masked_fill(small, 1).unsqueeze(1)


def _grown(c: Tensor, one: Tensor) -> Tensor:
    """A basis, in rows, that begins with the unit; each element is what products leave, or new."""
    form = _form(c)
    basis, pairs = [one], [(0, 0)]
    while len(basis) < len(c):
        found = None
        while pairs and found is None:
            i, j = pairs.pop(0)
            found = _rest(torch.einsum("ijk,i,j->k", c, basis[i], basis[j]), basis, form)
        basis.append(_new(basis, form) if found is None else found)
        pairs += [(i, len(basis) - 1) for i in range(1, len(basis) - 1)]
    return torch.stack(basis)


def _rest(x: Tensor, basis: list[Tensor], form: Tensor) -> Tensor | None:
    """What is orthogonal to the basis, normalised; None if the form does not see it."""
    for e in basis:
        square = e @ form @ e
        if square.abs() > _VANISHES:
            x = x - (x @ form @ e) / square * e
    square = x @ form @ x
    return x / square.abs().sqrt() if square.abs() > _VANISHES else None


def _new(basis: list[Tensor], form: Tensor) -> Tensor:
    """An element orthogonal to the basis, of the largest square; if all are 0, one that is free."""
    rows = torch.stack(basis)
    orthogonal = _kernel(rows @ form)
    values, vectors = torch.linalg.eigh(orthogonal @ form @ orthogonal.t())
    most = values.abs().argmax()
    found = _rest(vectors[:, most] @ orthogonal, basis, form)
    if found is not None:
        return found
    unseen = _kernel(form)
    free = unseen - unseen @ torch.linalg.pinv(rows) @ rows
    return unseen[free.square().sum(-1).argmax()]


def _kernel(matrix: Tensor) -> Tensor:
    """An orthonormal basis, in rows, of what a matrix maps to nothing."""
    _, values, rows = torch.linalg.svd(matrix)
    return rows[int((values > _VANISHES).sum()) :]


# ---------------------------------------------------------------------- what it is


def invariants(constants: Tensor, tolerance: float) -> Invariants:
    """Those of a product with unit, by singular values that are at most the tolerance."""
    c = constants.detach().double().cpu()
    n = len(c)
    associators = torch.einsum("ijm,mkl->ijkl", c, c) - torch.einsum("jkm,iml->ijkl", c, c)
    commutators = c - c.transpose(0, 1)
    around = [commutators, *(associators.movedim(place, 0) for place in range(3))]
    central = torch.cat([x.reshape(n, -1).t() for x in around])  # 0 where a factor is central
    signs = torch.linalg.eigvalsh(_form(c))
    positive, negative = int((signs > tolerance).sum()), int((signs < -tolerance).sum())
    return Invariants(
        float(associators.abs().max()),
        float(commutators.abs().max()),
        _nullity(central.t() @ central, tolerance),
        _nullity(_of_derivations(c), tolerance),
        (positive, negative, n - positive - negative),
    )


def _of_derivations(c: Tensor) -> Tensor:
    r"""The form $\sum |D(e_i e_j) - D(e_i)\,e_j - e_i\,D(e_j)|^2$ of the entries `D[a, m]`."""
    n = len(c)
    eye = torch.eye(n, dtype=c.dtype)

    def summed(equation: str, *factors: Tensor) -> Tensor:
        return torch.einsum(f"{equation}->ambl", *factors).reshape(n**2, n**2)

    squares = summed("ijm,ijl,ab", c, c, eye)
    squares += summed("ajk,bjk,ml", c, c, eye) + summed("iak,ibk,ml", c, c, eye)
    mixed = summed("alk,mbk", c, c) - summed("ljm,bja", c, c) - summed("ilm,iba", c, c)
    return squares + mixed + mixed.t()


def _nullity(squares: Tensor, tolerance: float) -> int:
    """The dimension of what a map takes to nearly nothing, by the squares of lengths."""
    return int((torch.linalg.eigvalsh(squares) <= tolerance**2).sum())


def diagnosed(constants: Tensor, tolerance: float) -> Diagnosis:
    """The invariants of the unital isotope, and the known algebras that have the same."""
    found = invariants(unital(constants), tolerance)
    known = _known(len(constants))
    same = [A for A in known if found.agrees(_of_known(A.product, tolerance), tolerance)]
    return Diagnosis(found, tuple(same))


@lru_cache
def _known(n: int) -> tuple[Algebra, ...]:
    """The algebras of that dimension which have a unit and a name, and the Clifford algebras."""
    every = [REAL, COMPLEX, QUATERNION, OCTONION, *map(named.named, named.NAMED)]
    generators = n.bit_length() - 1
    if n == 2**generators and 1 < n <= 64:
        every += [
            clifford(p, q, generators - p - q)
            for p in range(generators + 1)
            for q in range(generators + 1 - p)
        ]
    found = {A.product.constants: A for A in reversed(every) if A.dimension == n and A.unit}
    return tuple(reversed(found.values()))


@lru_cache
def _of_known(product: Bilinear, tolerance: float) -> Invariants:
    """Those of an exact product, which are asked for again."""
    exact = LearnedBilinear.like(product, dtype=torch.float64)
    return invariants(unital(exact.constants), tolerance)


# ---------------------------------------------------------------------- exactly


def rounded(constants: Tensor, tolerance: float, denominator: int) -> Algebra:
    """The algebra whose constants are the nearest fractions with that denominator.

    Raises:
        ValueError: if the three widths differ, or a constant is farther from a fraction.
    """
    c = constants.detach().double().cpu()
    if not c.shape[0] == c.shape[1] == c.shape[2]:
        raise ValueError(f"`constants` of shape {tuple(c.shape)} must have three equal sides")
    whole = (c * denominator).round()
    off = (c - whole / denominator).abs()
    if not off.max() <= tolerance:
        i, j, k = (int(x) for x in torch.unravel_index(off.argmax(), off.shape))
        raise ValueError(
            f"`constants[{i}, {j}, {k}]` (={float(c[i, j, k]):.4g}) is off by "
            f"{float(off.max()):.2g} from fractions with `denominator` (={denominator}), more than "
            f"`tolerance` (={tolerance}); `unital()` finds a better basis, if there is one"
        )
    entries = [(int(i), int(j), int(k)) for i, j, k in whole.nonzero()]
    products = tuple((*at, plain(Fraction(int(whole[at]), denominator))) for at in entries)
    units = tuple(f"e{i}" for i in range(len(c)))
    found = Algebra(units, products, name="learned")
    if not found.begins_with_one:
        return found
    return Algebra(("1", *units[1:]), products, (1, *[-1] * (len(c) - 1)), "learned")
