"""Linear algebra: `torch.linalg` and torch's other spellings, by `hypercomplex.linalg`.

A real matrix beside one of numbers is a matrix of numbers. Of the results, what is real stays
plain: singular values, the eigenvalues of Hermitian matrices, ranks, norms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from hypercomplex import linalg
from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import is_typed
from hypercomplex.door.registry import rule, spellings
from hypercomplex.door.values import TensorType, lift, wrap
from hypercomplex.linalg.blocks import adjoint, return_types
from hypercomplex.linalg.powers import chain
from hypercomplex.rules.layers import check_algebra

_MATRICES = (
    "A",
    "B",
    "C",
    "L",
    "LU",
    "M",
    "a",
    "b",
    "c",
)  # how `hypercomplex.linalg` calls its numbers


def _rule(
    function: Callable[..., Any],
    names: str,
    numbers: Sequence[int] = (0,),
    matrices: int = 1,
    family: str = "product",
) -> None:
    """Register a function for names of torch; `numbers` says which of its results are numbers."""

    @rule(family, [function, *spellings(names)])
    def apply(cls: TensorType, *args: Any, algebra: Algebra | None = None, **kwargs: Any) -> Any:
        check_algebra(cls, cls.algebra if algebra is None else algebra)
        if "input" in kwargs:
            args = (kwargs.pop("input"), *args)
        like = next(x for x in (*args, *kwargs.values()) if is_typed(x))
        args = tuple(lift(cls, x, like) if m < matrices else x for m, x in enumerate(args))
        kwargs = {k: lift(cls, x, like) if k in _MATRICES else x for k, x in kwargs.items()}
        return _typed(cls, function(*args, algebra=cls.algebra, **kwargs), numbers)


def _typed(cls: TensorType, result: Any, numbers: Sequence[int]) -> Any:
    if isinstance(result, Tensor):
        return wrap(cls, result) if 0 in numbers else result
    parts = (wrap(cls, x) if m in numbers else x for m, x in enumerate(result))
    return type(result)(tuple(parts))


_rule(linalg.solve, "linalg.solve", matrices=2)
_rule(linalg.solve_ex, "linalg.solve_ex", matrices=2)
_rule(linalg.solve_triangular, "linalg.solve_triangular", matrices=2)
_rule(linalg.lstsq, "linalg.lstsq", matrices=2)
_rule(linalg.tensorsolve, "linalg.tensorsolve", matrices=2)
_rule(linalg.tensorinv, "linalg.tensorinv")
_rule(linalg.sylvester, "", matrices=3)
_rule(linalg.solve_sylvester, "", matrices=3)
_rule(linalg.inv, "linalg.inv inverse")
_rule(linalg.inv_ex, "linalg.inv_ex")
_rule(linalg.pinv, "linalg.pinv")
_rule(linalg.cholesky, "linalg.cholesky cholesky")
_rule(linalg.cholesky_ex, "linalg.cholesky_ex")
_rule(linalg.cholesky_solve, "cholesky_solve", matrices=2)
_rule(linalg.cholesky_inverse, "cholesky_inverse")
_rule(linalg.lu, "linalg.lu", (0, 1, 2))
_rule(linalg.lu_factor, "linalg.lu_factor")
_rule(linalg.lu_factor_ex, "linalg.lu_factor_ex")
_rule(linalg.qr, "linalg.qr", (0, 1))
_rule(linalg.svd, "linalg.svd", (0, 2))
_rule(linalg.svdvals, "linalg.svdvals", ())
_rule(linalg.pca_lowrank, "pca_lowrank", (0, 2))
_rule(linalg.eigh, "linalg.eigh", (1,))
_rule(linalg.eigvalsh, "linalg.eigvalsh", ())
_rule(linalg.eig, "linalg.eig", (0, 1))
_rule(linalg.eigvals, "linalg.eigvals")
_rule(linalg.matrix_exp, "linalg.matrix_exp matrix_exp")
_rule(linalg.matrix_power, "linalg.matrix_power matrix_power")
_rule(linalg.matrix_rank, "linalg.matrix_rank", ())
_rule(linalg.matrix_norm, "linalg.matrix_norm", (), family="involution")
_rule(linalg.norm, "linalg.norm", (), family="involution")
_rule(linalg.cond, "linalg.cond", (), family="involution")


@rule("product", [linalg.det, *spellings("det linalg.det")])
def det(cls: TensorType, A: Tensor, *, algebra: Algebra | None = None) -> Tensor:
    check_algebra(cls, cls.algebra if algebra is None else algebra)
    return _typed(cls, linalg.det(A, algebra=cls.algebra), _of_determinant(cls))


@rule("product", [linalg.logdet, *spellings("logdet")])
def logdet(cls: TensorType, A: Tensor, *, algebra: Algebra | None = None) -> Tensor:
    check_algebra(cls, cls.algebra if algebra is None else algebra)
    numbers = (0,) if cls.algebra.dimension == 2 else ()
    return _typed(cls, linalg.logdet(A, algebra=cls.algebra), numbers)


@rule("product", [linalg.slogdet, *spellings("slogdet linalg.slogdet")])
def slogdet(cls: TensorType, A: Tensor, *, algebra: Algebra | None = None) -> Any:
    check_algebra(cls, cls.algebra if algebra is None else algebra)
    return _typed(cls, linalg.slogdet(A, algebra=cls.algebra), _of_determinant(cls))


def _of_determinant(cls: TensorType) -> Sequence[int]:
    """A determinant is a number over ℝ and ℂ, and real over ℍ."""
    return (0,) if cls.algebra.dimension < 4 else ()


@rule("product", "svd")
def svd(cls: TensorType, input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    if not compute_uv:
        raise NotImplementedError(
            f"`compute_uv` (={compute_uv}): torch fills the vectors with zeros then; call "
            "torch.linalg.svdvals"
        )
    U, S, Vh = linalg.svd(input, not some, algebra=cls.algebra)
    V = adjoint(Vh, cls.algebra)
    return return_types.svd((wrap(cls, U), S, wrap(cls, V)))


@rule("product", "qr")
def qr(cls: TensorType, input: Tensor, some: bool = True) -> Any:
    mode = "reduced" if some else "complete"
    Q, R = linalg.qr(input, mode, algebra=cls.algebra)
    return return_types.qr((wrap(cls, Q), wrap(cls, R)))


@rule("product", [linalg.svd_lowrank, *spellings("svd_lowrank")])
def svd_lowrank(
    cls: TensorType,
    A: Any,
    q: int | None = 6,
    niter: int | None = 2,
    M: Any = None,
    *,
    algebra: Algebra | None = None,
) -> Any:
    check_algebra(cls, cls.algebra if algebra is None else algebra)
    like = A if is_typed(A) else M
    less = None if M is None else lift(cls, M, like)
    parts = linalg.svd_lowrank(lift(cls, A, like), q, niter, less, algebra=cls.algebra)
    return _typed(cls, parts, (0, 2))


@rule("product", "lu")
def lu(cls: TensorType, A: Tensor, pivot: bool = True, get_infos: bool = False) -> Any:
    packed, pivots, info = linalg.lu_factor_ex(
        A, pivot=pivot, check_errors=not get_infos, algebra=cls.algebra
    )
    return (wrap(cls, packed), pivots, *([info] if get_infos else []))


@rule("product", [linalg.lu_unpack, *spellings("lu_unpack")])
def lu_unpack(
    cls: TensorType,
    LU_data: Tensor,
    LU_pivots: Tensor,
    unpack_data: bool = True,
    unpack_pivots: bool = True,
    *,
    algebra: Algebra | None = None,
) -> Any:
    check_algebra(cls, cls.algebra if algebra is None else algebra)
    parts = linalg.lu_unpack(LU_data, LU_pivots, unpack_data, unpack_pivots, algebra=cls.algebra)
    return _typed(cls, parts, (0, 1, 2))


@rule("product", [linalg.lu_solve, *spellings("linalg.lu_solve")])
def lu_solve(
    cls: TensorType,
    LU: Any,
    pivots: Tensor,
    B: Any,
    *,
    left: bool = True,
    adjoint: bool = False,
    algebra: Algebra | None = None,
) -> Tensor:
    check_algebra(cls, cls.algebra if algebra is None else algebra)
    like = LU if is_typed(LU) else B
    factors, numbers = lift(cls, LU, like), lift(cls, B, like)
    X = linalg.lu_solve(factors, pivots, numbers, left=left, adjoint=adjoint, algebra=cls.algebra)
    return wrap(cls, X)


@rule("product", "lu_solve")
def solve_with_lu(cls: TensorType, b: Any, LU_data: Any, LU_pivots: Tensor) -> Tensor:
    return lu_solve(cls, LU_data, LU_pivots, b)


@rule("product", "triangular_solve")
def triangular_solve(
    cls: TensorType,
    b: Any,
    A: Any,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> Any:
    like = A if is_typed(A) else b
    B, matrix = lift(cls, b, like), lift(cls, A, like)
    if transpose:
        upper, coefficients = not upper, matrix.transpose(-3, -2)
    else:
        coefficients = matrix
    X = linalg.solve_triangular(
        coefficients, B, upper=upper, unitriangular=unitriangular, algebra=cls.algebra
    )
    return return_types.triangular_solve((wrap(cls, X), wrap(cls, matrix.clone())))


@rule("product", "pinverse")
def pinverse(cls: TensorType, input: Tensor, rcond: float = 1e-15) -> Tensor:
    return wrap(cls, linalg.pinv(input, rtol=rcond, algebra=cls.algebra))


@rule("product", "linalg.multi_dot")
def multi_dot(cls: TensorType, tensors: Sequence[Tensor]) -> Tensor:
    return chain_matmul(cls, *tensors)


@rule("product", [chain, *spellings("chain_matmul")])
def chain_matmul(cls: TensorType, *matrices: Tensor, algebra: Algebra | None = None) -> Tensor:
    check_algebra(cls, cls.algebra if algebra is None else algebra)
    like = next(x for x in matrices if is_typed(x))
    numbers = (lift(cls, x, like) for x in matrices)
    return wrap(cls, chain(*numbers, algebra=cls.algebra))
