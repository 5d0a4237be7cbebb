r"""Linear algebra over the numbers, with derivatives.

A matrix has its components on the last axis, `(…, M, N, n)`. Names, arguments, results and errors
are those of `torch.linalg`; typed tensors go straight into `torch.linalg` itself.

Equations (`solve`, `inv`, `matrix_exp` …) hold over every associative algebra. Lengths and unitary
matrices (`det`, `qr`, `svd`, `eigh`, `pinv` …) need $x \bar x > 0$ for all $x \ne 0$: the algebras
that are ℝ, ℂ or ℍ in some basis. `sylvester` holds over all. What an algebra cannot have is
refused with the reason.
"""

from hypercomplex.linalg.determinant import det, logdet, slogdet
from hypercomplex.linalg.eigen import eig, eigvals
from hypercomplex.linalg.factor import (
    cholesky,
    cholesky_ex,
    cholesky_inverse,
    cholesky_solve,
    qr,
)
from hypercomplex.linalg.lowrank import pca_lowrank, svd_lowrank
from hypercomplex.linalg.lu import lu, lu_factor, lu_factor_ex, lu_solve, lu_unpack
from hypercomplex.linalg.norms import cond, matrix_norm, matrix_rank, norm
from hypercomplex.linalg.powers import matrix_exp, matrix_power, multi_dot
from hypercomplex.linalg.solve import (
    inv,
    inv_ex,
    lstsq,
    pinv,
    solve,
    solve_ex,
    solve_sylvester,
    solve_triangular,
    sylvester,
    tensorinv,
    tensorsolve,
)
from hypercomplex.linalg.spectral import eigh, eigvalsh, matrix_sqrth, polar, svd, svdvals

__all__ = [
    "cholesky",
    "cholesky_ex",
    "cholesky_inverse",
    "cholesky_solve",
    "cond",
    "det",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "inv_ex",
    "logdet",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_factor_ex",
    "lu_solve",
    "lu_unpack",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_sqrth",
    "multi_dot",
    "norm",
    "pca_lowrank",
    "pinv",
    "polar",
    "qr",
    "slogdet",
    "solve",
    "solve_ex",
    "solve_sylvester",
    "solve_triangular",
    "svd",
    "svd_lowrank",
    "svdvals",
    "sylvester",
    "tensorinv",
    "tensorsolve",
]
