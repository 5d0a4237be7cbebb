"""Linear algebra: `torch.linalg` and torch's other spellings, by `hypercomplex.linalg`.

A real matrix beside one of numbers is a matrix of numbers. Of the results, what is real stays
plain: singular values, the eigenvalues of Hermitian matrices, ranks, norms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from hypercomplex import linalg
from hypercomplex.door.registry import Rule, rule, rule_of
from hypercomplex.door.values import TensorType, lift_both, wrap
from hypercomplex.linalg.blocks import adjoint, return_types
from hypercomplex.linalg.powers import chain

_NAMES: dict[Callable[..., Any], str] = {
    linalg.solve: "linalg.solve",
    linalg.solve_ex: "linalg.solve_ex",
    linalg.solve_triangular: "linalg.solve_triangular",
    linalg.lstsq: "linalg.lstsq",
    linalg.tensorsolve: "linalg.tensorsolve",
    linalg.tensorinv: "linalg.tensorinv",
    linalg.inv: "linalg.inv inverse",
    linalg.inv_ex: "linalg.inv_ex",
    linalg.pinv: "linalg.pinv",
    linalg.cholesky: "linalg.cholesky cholesky",
    linalg.cholesky_ex: "linalg.cholesky_ex",
    linalg.cholesky_solve: "cholesky_solve",
    linalg.cholesky_inverse: "cholesky_inverse",
    linalg.det: "linalg.det det",
    linalg.logdet: "logdet",
    linalg.slogdet: "linalg.slogdet slogdet",
    linalg.lu: "linalg.lu",
    linalg.lu_factor: "linalg.lu_factor",
    linalg.lu_factor_ex: "linalg.lu_factor_ex",
    linalg.lu_solve: "linalg.lu_solve",
    linalg.lu_unpack: "lu_unpack",
    linalg.qr: "linalg.qr",
    linalg.svd: "linalg.svd",
    linalg.svdvals: "linalg.svdvals",
    linalg.svd_lowrank: "svd_lowrank",
    linalg.pca_lowrank: "pca_lowrank",
    linalg.eigh: "linalg.eigh",
    linalg.eigvalsh: "linalg.eigvalsh",
    linalg.eig: "linalg.eig",
    linalg.eigvals: "linalg.eigvals",
    linalg.matrix_exp: "linalg.matrix_exp matrix_exp",
    linalg.matrix_power: "linalg.matrix_power matrix_power",
    linalg.matrix_rank: "linalg.matrix_rank",
    linalg.matrix_sqrth: "linalg.matrix_sqrth",
    linalg.polar: "linalg.polar",
    chain: "chain_matmul",
}
_LENGTHS: dict[Callable[..., Any], str] = {
    linalg.matrix_norm: "linalg.matrix_norm",
    linalg.norm: "linalg.norm",
    linalg.cond: "linalg.cond",
}
_OURS = {"LU_data": "LU", "LU_pivots": "pivots", "input2": "L"}  # how arguments are called here


def _meaning(function: Callable[..., Any]) -> Rule:
    """What torch's function means: our rule, with torch's names of arguments."""
    ours = rule_of(function)
    assert ours is not None, function

    def apply(cls: TensorType, *args: Any, **kwargs: Any) -> Any:
        if "input" in kwargs:
            args = (kwargs.pop("input"), *args)
        return ours(cls, *args, **{_OURS.get(name, name): x for name, x in kwargs.items()})

    return apply


for _family, _table in (("product", _NAMES), ("involution", _LENGTHS)):
    for _function, _names in _table.items():
        rule(_family, _names)(_meaning(_function))


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


@rule("product", "lu")
def lu(cls: TensorType, A: Tensor, pivot: bool = True, get_infos: bool = False) -> Any:
    packed, pivots, info = linalg.lu_factor_ex(
        A, pivot=pivot, check_errors=not get_infos, algebra=cls.algebra
    )
    return (wrap(cls, packed), pivots, *([info] if get_infos else []))


@rule("product", "lu_solve")
def solve_with_lu(cls: TensorType, b: Any, LU_data: Any, LU_pivots: Tensor) -> Tensor:
    solution: Tensor = _meaning(linalg.lu_solve)(cls, LU_data, LU_pivots, b)
    return solution


@rule("product", "triangular_solve")
def triangular_solve(
    cls: TensorType,
    b: Any,
    A: Any,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> Any:
    B, matrix = lift_both(cls, b, A)
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
    chained: Tensor = _meaning(chain)(cls, *tensors)
    return chained
