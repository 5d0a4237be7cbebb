r"""Matrices of numbers as real block matrices, and what an algebra must have for each function.

`A ↦ L(A)`, every number replaced by the matrix of multiplying with it, is a homomorphism of
matrices exactly when the algebra is associative; then equations are solved in `L(A)`. Unitarity,
singular values and determinants need more: $x \bar x > 0$ for all $x \ne 0$. By Frobenius'
theorem such an associative algebra is ℝ, ℂ or ℍ in some basis; `standard_form` finds the basis.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.constructions import COMPLEX, QUATERNION, REAL
from hypercomplex.door.declarations import Gives, numbers
from hypercomplex.functional.arguments import check_precise, refusal
from hypercomplex.functional.matmul import matmul
from hypercomplex.functional.numbers import conj
from hypercomplex.host.known import known_when_traced
from hypercomplex.host.mode import all_digits, can_be_read
from hypercomplex.kernels.inverse import determined
from hypercomplex.lowering import operator
from hypercomplex.lowering.block import Side

__all__ = [
    "Standard",
    "adjoint",
    "anchored",
    "as_complex",
    "block",
    "definite",
    "eye",
    "hermitian_part",
    "linear_algebra",
    "numbers_of_block",
    "orthonormalize",
    "require_associative",
    "return_types",
    "settle",
    "settle_ex",
    "singular",
    "stack",
    "standard_form",
    "unstack",
]

P = ParamSpec("P")
R = TypeVar("R")

return_types: Any = torch.return_types  # made at import, unknown to type checkers

LinAlgError: Any = torch.linalg.LinAlgError  # type: ignore[attr-defined]
_SMALL_PIVOT = 1e-4  # beside the largest: above it no matrix is singular but for rounding
_STANDARD = {1: REAL, 2: COMPLEX, 4: QUATERNION}


def linear_algebra(gives: Gives) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function of matrices of numbers, in full precision, also under autocast.

    Like torch's linear algebra it takes float32 and float64 only. What is annotated as a tensor
    holds numbers, but for `pivots`; a tolerance may be a real tensor. A real matrix beside one of
    numbers is a matrix of numbers. `gives` says for each result whether it holds numbers.
    """
    return lambda function: _checked(function, gives)


def _checked(function: Callable[P, R], gives: Gives) -> Callable[P, R]:
    parameters = inspect.signature(function).parameters
    kinds = {name: parameter.annotation for name, parameter in parameters.items()}
    matrices = [n for n in kinds if kinds[n] in ("Tensor", "Tensor | None") and n != "pivots"]

    @numbers(" ".join(matrices), gives, beside="reals", basis="adapted")
    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        algebra = kwargs.get("algebra")
        if not isinstance(algebra, Algebra):
            raise refusal("algebra", algebra, Algebra)
        given = (*zip(parameters, args), *kwargs.items())
        tensors = {name: x for name, x in given if name in matrices and isinstance(x, Tensor)}
        for name, x in tensors.items():
            check_precise(name, x, function.__name__, algebra)
        if not tensors:
            return function(*args, **kwargs)
        with all_digits(next(iter(tensors.values()))):
            return function(*args, **kwargs)

    return checked


# ---------------------------------------------------------------------- what algebras allow


@known_when_traced
def _is_associative(algebra: Algebra) -> bool:
    return bool(algebra.is_associative)


def require_associative(algebra: Algebra, name: str) -> None:
    """Refuse an algebra whose matrices do not associate."""
    if not _is_associative(algebra):
        raise NotImplementedError(
            f"linalg.{name} is refused over {algebra}: its numbers do not associate, so neither do "
            "its matrices, and no real matrix stands for one; functional.left_matrix(x, algebra) "
            "is the real matrix of one multiplication"
        )


class Standard(NamedTuple):
    """ℝ, ℂ or ℍ, and the real matrices that lead to its basis and back."""

    algebra: Algebra
    there: tuple[tuple[float, ...], ...] | None  # None: the basis is the standard one already
    back: tuple[tuple[float, ...], ...] | None

    def enter(self, x: Tensor) -> Tensor:
        """Components in the standard basis."""
        return x if self.there is None else x @ x.new_tensor(self.there).mT

    def leave(self, x: Tensor) -> Tensor:
        """Components in the algebra's own basis."""
        return x if self.back is None else x @ x.new_tensor(self.back).mT


def definite(algebra: Algebra, name: str) -> Standard:
    """The standard form of an associative algebra with a definite norm; refuse any other."""
    require_associative(algebra, name)
    standard = standard_form(algebra)
    if standard is None:
        raise NotImplementedError(
            f"linalg.{name} is refused over {algebra}: x x̄ is not a positive real number for every "
            "x ≠ 0, so no matrix has a length or is unitary; solve, inv, pinv of the real matrix "
            "functional.left_matrix(x, algebra), matrix_exp, det of numbers that commute need none"
        )
    return standard


@known_when_traced
def standard_form(algebra: Algebra) -> Standard | None:
    """The basis in which the algebra is ℝ, ℂ or ℍ, or None."""
    return _find_standard_form(algebra)


@lru_cache(256)
def _find_standard_form(algebra: Algebra) -> Standard | None:
    """The isomorphism with ℝ, ℂ or ℍ that keeps the conjugation, or None.

    The imaginary units are made orthonormal for `Re(x ȳ)`; two of them and their product are
    i, j, k.
    """
    if not (algebra.has_real_norm and algebra.is_associative and _divides(algebra)):
        return None
    n = algebra.dimension
    unit = [tuple(float(m == u) for m in range(n)) for u in range(n)]
    basis = [unit[0]]
    for e in unit[1:3]:
        for b in basis[1:]:
            overlap = _inner(algebra, e, b)
            e = tuple(x - overlap * y for x, y in zip(e, b, strict=True))
        length = _inner(algebra, e, e) ** 0.5
        basis.append(tuple(x / length for x in e))
    if n == 4:
        basis.append(tuple(map(float, algebra.multiply(basis[1], basis[2]))))
    if basis == unit:
        return Standard(_STANDARD[n], None, None)
    there = tuple(tuple(_inner(algebra, b, e) for e in unit) for b in basis)
    return Standard(_STANDARD[n], there, tuple(zip(*basis, strict=True)))


def _divides(algebra: Algebra) -> bool:
    try:
        return bool(algebra.is_division)
    except NotImplementedError:  # undecided
        return False


def _inner(algebra: Algebra, x: tuple[float, ...], y: tuple[float, ...]) -> float:
    return float(algebra.multiply(x, algebra.conjugate(y))[0])


# ---------------------------------------------------------------------- real block matrices


def block(A: Tensor, algebra: Algebra, side: Side = "left") -> Tensor:
    """The real matrix `(…, M·n, N·n)` of `X ↦ A X`, or of `x ↦ x A` for the transposed layout.

    Rows and columns belonging to one number stand together, so that triangular stays triangular.
    """
    blocks = operator(A, algebra.product, side).movedim((0, 1), (-3, -1))  # (…, M, k, N, j)
    return blocks.flatten(-4, -3).flatten(-2, -1)


def numbers_of_block(blocks: Tensor, algebra: Algebra) -> Tensor:
    """The numbers whose block matrix this is: `x = L(x) 1`, so the first column of each block."""
    return unstack(blocks[..., :: algebra.dimension], algebra)


def stack(B: Tensor) -> Tensor:
    """Columns of numbers `(…, N, K, n)` as real columns `(…, N·n, K)`."""
    return B.transpose(-2, -1).flatten(-3, -2)


def unstack(columns: Tensor, algebra: Algebra) -> Tensor:
    """Real columns `(…, N·n, K)` as columns of numbers `(…, N, K, n)`."""
    n = algebra.dimension
    return columns.unflatten(-2, (columns.shape[-2] // n, n)).transpose(-2, -1)


def adjoint(A: Tensor, algebra: Algebra) -> Tensor:
    """The conjugate transpose."""
    return conj(A, algebra).transpose(-3, -2)


def hermitian_part(A: Tensor, upper: bool, algebra: Algebra) -> Tensor:
    """The Hermitian matrix that one triangle of `A` and the real part of its diagonal describe."""
    ones = torch.ones(A.shape[-3:-1], dtype=torch.bool, device=A.device)
    strictly = (ones.triu(1) if upper else ones.tril(-1)).unsqueeze(-1)
    triangle = A.masked_fill(~strictly, 0)
    diagonal = torch.diag_embed(torch.diagonal(A[..., 0], dim1=-2, dim2=-1)).unsqueeze(-1)
    diagonal = torch.nn.functional.pad(diagonal, (0, algebra.dimension - 1))
    return triangle + adjoint(triangle, algebra) + diagonal


def eye(size: int, like: Tensor) -> Tensor:
    """The unit matrix of numbers `(size, size, n)`."""
    ones = torch.eye(size, dtype=like.dtype, device=like.device)
    return torch.nn.functional.pad(ones.unsqueeze(-1), (0, like.shape[-1] - 1))


def as_complex(A: Tensor) -> Tensor:
    """Pairs of components as complex numbers, whatever their strides."""
    return torch.complex(A[..., 0], A[..., 1])


def orthonormalize(Q: Tensor, algebra: Algebra) -> Tensor:
    """One step of Newton and Schulz, $Q (3 - Q^* Q) / 2$: an error of δ becomes one of δ²."""
    overlap = matmul(adjoint(Q, algebra), Q, algebra)
    return matmul(Q, 3 * eye(Q.shape[-2], Q) - overlap, algebra) / 2


def anchored(value: Tensor, path: Tensor) -> Tensor:
    """This value with the derivatives of that path, which is equal to it up to rounding."""
    return value.detach() + (path - path.detach())


def singular(error: Exception, algebra: Algebra) -> Exception:
    """Torch's error for a singular matrix; where numbers divide zero, it says so."""
    if standard_form(algebra) is not None:
        return error
    return type(error)(f"{error} Over {algebra} zero divisors count as zero: they have no inverse.")


def settle(solution: Tensor, matrix: Tensor, name: str, algebra: Algebra) -> Tensor:
    """The solution of a system of numbers, unless its real matrix is singular but for rounding.

    Over ℝ, ℂ and ℍ that is left to torch, as for its own matrices.
    """
    regular = _is_regular(matrix, algebra)
    if regular is None:
        return solution
    if not can_be_read(regular):
        return solution * torch.where(regular, 1.0, torch.nan).to(solution)[..., None, None]
    if not regular.all():
        where = regular.ndim and f" (Batch element {int((~regular).flatten().int().argmax())})"
        error = LinAlgError(f"linalg.{name}:{where or ''} the matrix is singular up to rounding.")
        raise singular(error, algebra)
    return solution


def settle_ex(
    solution: Tensor, info: Tensor, matrix: Tensor, name: str, check: bool, algebra: Algebra
) -> tuple[Tensor, Tensor]:
    """`settle` without an error unless asked for: the last row is named, the solution is NaN."""
    if check:
        return settle(solution, matrix, name, algebra), info
    regular = _is_regular(matrix, algebra)
    if regular is None:
        return solution, info
    info = torch.where(regular | (info > 0), info, matrix.shape[-1])
    return solution * torch.where(regular, 1.0, torch.nan).to(solution)[..., None, None], info


def _is_regular(matrix: Tensor, algebra: Algebra) -> Tensor | None:
    """Which real matrices have an inverse; None where torch's own check is enough."""
    if matrix.numel() == 0 or standard_form(algebra) is not None:
        return None
    matrix = matrix.detach()
    pivots = torch.linalg.lu_factor_ex(matrix)[0].diagonal(dim1=-2, dim2=-1).abs()
    if can_be_read(pivots) and (pivots.amin(-1) > _SMALL_PIVOT * pivots.amax(-1)).all():
        return None
    return determined(matrix, torch.linalg.inv_ex(matrix.double())[0])


def solve_linear(matrix: Tensor, columns: Tensor, name: str, equation: str) -> Tensor:
    """The solution of a real system, which stands for this equation between numbers."""
    try:
        return torch.linalg.solve(matrix, columns)
    except LinAlgError as error:
        where = str(error).partition("(Batch element")[2].partition(")")[0]
        raise LinAlgError(
            f"linalg.{name}: {equation} has no unique solution"
            + (f" (batch element{where})" if where else "")
        ) from None
