"""Linear equations over the numbers: each is one real system of n times the size.

All of these are torch's own functions of the real block matrix, so they have its derivatives.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.functional.arguments import check_matrix, check_square
from hypercomplex.linalg.arguments import linear_algebra
from hypercomplex.linalg.blocks import (
    LinAlgError,
    block,
    eye,
    hermitian_part,
    numbers_of_block,
    return_types,
    rows_of_numbers,
    settle,
    settle_ex,
    singular,
    solve_linear,
    stack,
    unstack,
)
from hypercomplex.linalg.standard import definite, require_associative
from hypercomplex.lowering import operator

__all__ = [
    "inv",
    "inv_ex",
    "lstsq",
    "pinv",
    "solve",
    "solve_ex",
    "solve_sylvester",
    "solve_triangular",
    "sylvester",
    "tensorinv",
    "tensorsolve",
]


@linear_algebra("numbers")
def solve(A: Tensor, B: Tensor, *, left: bool = True, algebra: Algebra) -> Tensor:
    r"""The solution of $A X = B$, or of $X A = B$ if not `left`, over an associative algebra.

    Shape:
        `(…, N, N, n)`, `(…, N, K, n)` → `(…, N, K, n)`, batches broadcast; a vector `(N, n)`, or
        `(…, N, n)` with the batch of `A`, is a column (a row if not `left`), as in torch.

    Raises:
        LinAlgError: if a matrix is singular; where numbers divide zero, so is one that rounding
            alone keeps from it (`functional.inverse`).
        RuntimeError: if `A` is not square, or the shapes do not fit.
        NotImplementedError: if the algebra is not associative.

    Example:
        >>> A, B = torch.randn(3, 3, 4), torch.randn(3, 2, 4)
        >>> X = solve(A, B, algebra=hc.QUATERNION)
        >>> torch.allclose(hc.functional.matmul(A, X, hc.QUATERNION), B, atol=1e-4)
        True
    """
    return _solve(A, B, left, "solve", algebra)


def _solve(A: Tensor, B: Tensor, left: bool, name: str, algebra: Algebra) -> Tensor:
    matrix, columns, vector = _system(A, B, left, name, algebra)
    try:
        solution = torch.linalg.solve(matrix, columns)
    except LinAlgError as error:
        raise singular(error, algebra) from None
    return _numbers(settle(solution, matrix, name, algebra), left, vector, algebra)


@linear_algebra("numbers integers")
def solve_ex(
    A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False, algebra: Algebra
) -> Any:
    r"""`solve` without an error: the solution and `info`, which is 0 where there is one.

    Shape:
        as `solve`; `info` `(…)`.

    Example:
        >>> A, B = torch.zeros(1, 1, 4), torch.ones(1, 1, 4)
        >>> bool(solve_ex(A, B, algebra=hc.QUATERNION).info > 0)
        True
    """
    matrix, columns, vector = _system(A, B, left, "solve_ex", algebra)
    try:
        solution, info = torch.linalg.solve_ex(matrix, columns, check_errors=check_errors)
    except LinAlgError as error:
        raise singular(error, algebra) from None
    solution, info = settle_ex(solution, info, matrix, "solve_ex", check_errors, algebra)
    result = _numbers(solution, left, vector, algebra)
    return return_types.linalg_solve_ex((result, rows_of_numbers(info, algebra)))


@linear_algebra("numbers")
def inv(A: Tensor, *, algebra: Algebra) -> Tensor:
    r"""The inverse: $A A^{-1} = A^{-1} A = 1$, over an associative algebra.

    Shape:
        `(…, N, N, n)` → `(…, N, N, n)`.

    Raises:
        LinAlgError: if a matrix is singular.
        RuntimeError: if `A` is not square.
        NotImplementedError: if the algebra is not associative.

    Example:
        >>> i = torch.tensor([[[0., 1, 0, 0]]])
        >>> inv(i, algebra=hc.QUATERNION) + 0.0
        tensor([[[ 0., -1.,  0.,  0.]]])
    """
    require_associative(algebra, "inv")
    check_square(A, "inv")
    matrix = block(A, algebra)
    try:
        inverse = torch.linalg.inv(matrix)
    except LinAlgError as error:
        raise singular(error, algebra) from None
    return numbers_of_block(settle(inverse, matrix, "inv", algebra), algebra)


@linear_algebra("numbers integers")
def inv_ex(A: Tensor, *, check_errors: bool = False, algebra: Algebra) -> Any:
    r"""`inv` without an error: the inverse and `info`, which is 0 where there is one.

    Shape:
        `(…, N, N, n)` → `(…, N, N, n)` and `(…)`.

    Example:
        >>> inverse, info = inv_ex(torch.ones(1, 1, 2), algebra=hc.COMPLEX)
        >>> int(info)
        0
    """
    require_associative(algebra, "inv_ex")
    check_square(A, "inv_ex")
    matrix = block(A, algebra)
    try:
        inverse, info = torch.linalg.inv_ex(matrix, check_errors=check_errors)
    except LinAlgError as error:
        raise singular(error, algebra) from None
    inverse, info = settle_ex(inverse, info, matrix, "inv_ex", check_errors, algebra)
    result = numbers_of_block(inverse, algebra)
    return return_types.linalg_inv_ex((result, rows_of_numbers(info, algebra)))


@linear_algebra("numbers")
def solve_triangular(
    A: Tensor,
    B: Tensor,
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
    algebra: Algebra,
) -> Tensor:
    r"""`solve` that reads one triangle of `A` only, without its diagonal if `unitriangular`.

    Shape:
        `(…, N, N, n)`, `(…, N, K, n)` → `(…, N, K, n)`.

    Example:
        >>> A, B = torch.randn(3, 3, 4), torch.randn(3, 1, 4)
        >>> X = solve_triangular(A, B, upper=True, unitriangular=True, algebra=hc.QUATERNION)
        >>> torch.allclose(X[-1], B[-1])
        True
    """
    check_square(A, "solve_triangular")
    kept = torch.ones(A.shape[-3:-1], dtype=torch.bool, device=A.device)
    offset = int(unitriangular)
    kept = kept.triu(offset) if upper else kept.tril(-offset)
    A = A.masked_fill(~kept.unsqueeze(-1), 0)
    if unitriangular:
        A = A + eye(A.shape[-2], A)
    return _solve(A, B, left, "solve_triangular", algebra)


@linear_algebra("numbers")
def pinv(
    A: Tensor,
    *,
    atol: Any = None,
    rtol: Any = None,
    hermitian: bool = False,
    algebra: Algebra,
) -> Tensor:
    r"""The Moore–Penrose inverse: $A A^+ A = A$, $A^+ A A^+ = A^+$, both products Hermitian.

    Singular values below `max(atol, rtol · σ₁)` count as zero, with torch's defaults. Its
    derivative is right where the rank is constant.

    Shape:
        `(…, M, N, n)` → `(…, N, M, n)`.

    Raises:
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> pinv(torch.tensor([[[2., 0, 0, 0]], [[0., 0, 0, 0]]]), algebra=hc.QUATERNION).shape
        torch.Size([1, 2, 4])

    Source:
        R. Penrose, *A generalized inverse for matrices*, 1955.
    """
    form = definite(algebra, "pinv")
    check_matrix(A, "pinv")
    numbers = form.enter(A)
    if hermitian:
        numbers = hermitian_part(numbers, False, form.algebra)
    matrix = block(numbers, form.algebra)
    if rtol is None:
        rtol = 0.0 if _positive(atol) else max(A.shape[-3:-1]) * torch.finfo(A.dtype).eps
    inverse = torch.linalg.pinv(matrix, atol=atol, rtol=rtol, hermitian=hermitian)
    return form.leave(numbers_of_block(inverse, form.algebra))


@linear_algebra("numbers reals integers reals")
def lstsq(
    A: Tensor,
    B: Tensor,
    rcond: float | None = None,
    *,
    driver: str | None = None,
    algebra: Algebra,
) -> Any:
    r"""The $X$ that minimises $\lVert A X - B \rVert_F$, with torch's drivers and results.

    `residuals`, `rank` and `singular_values` count numbers; they are empty where torch's are.
    Singular values up to `rcond` times the largest count as 0, as in torch.

    Shape:
        `(…, M, N, n)`, `(…, M, K, n)` → `(…, N, K, n)`; residuals `(…, K)`.

    Raises:
        NotImplementedError: if the algebra is not associative with a definite norm.

    Example:
        >>> A, B = torch.randn(5, 3, 4), torch.randn(5, 2, 4)
        >>> lstsq(A, B, algebra=hc.QUATERNION).solution.shape
        torch.Size([3, 2, 4])
    """
    form = definite(algebra, "lstsq")
    check_matrix(A, "lstsq")
    n = algebra.dimension
    vector = A.ndim - 1 == B.ndim and A.shape[:-2] == B.shape[:-1]
    columns = B.unsqueeze(-2) if vector else B
    if rcond is None:
        rcond = max(A.shape[-3:-1]) * torch.finfo(A.dtype).eps
    solution, residuals, rank, values = torch.linalg.lstsq(
        block(form.enter(A), form.algebra), stack(form.enter(columns)), rcond, driver=driver
    )
    solution = form.leave(unstack(solution, form.algebra))
    rank = rows_of_numbers(rank, algebra)
    solution = solution.squeeze(-2) if vector else solution
    residuals = residuals.squeeze(-1) if vector and residuals.ndim else residuals
    return return_types.linalg_lstsq((solution, residuals, rank, values[..., ::n]))


@linear_algebra("numbers")
def sylvester(a: Tensor, b: Tensor, c: Tensor, *, algebra: Algebra) -> Tensor:
    r"""The number $x$ with $a x + x b = c$, for each triple of numbers.

    Linear in $x$, so it holds for every algebra: $(L(a) + R(b))\, x = c$. Over the quaternions it
    is unique unless $a$ and $-b$ have equal real parts and equally long imaginary parts.

    Shape:
        `(…, n)`, `(…, n)`, `(…, n)` → `(…, n)`, broadcast.

    Raises:
        LinAlgError: if there is no unique solution.

    Example:
        >>> i, j, k = torch.eye(4)[1:]
        >>> x = sylvester(2 * i, j, k, algebra=hc.QUATERNION)  # 2ix + xj = k
        >>> product = hc.functional.product
        >>> product(2 * i, x, hc.QUATERNION) + product(x, j, hc.QUATERNION)
        tensor([0., 0., 0., 1.])

    Source:
        J. J. Sylvester, *Sur l'équation en matrices px = xq*, 1884.
    """
    a, b, c = torch.broadcast_tensors(a, b, c)
    maps = operator(a, algebra.product, "left") + operator(b, algebra.product, "right")
    matrix = maps.movedim((0, 1), (-2, -1))
    return solve_linear(matrix, c.unsqueeze(-1), "sylvester", "a x + x b = c").squeeze(-1)


@linear_algebra("numbers")
def solve_sylvester(A: Tensor, B: Tensor, C: Tensor, *, algebra: Algebra) -> Tensor:
    r"""The matrix $X$ with $A X + X B = C$.

    Linear in $X$, so it holds for every algebra; solved as one real system of $M N n$ equations,
    which suits small matrices.

    Shape:
        `(…, M, M, n)`, `(…, N, N, n)`, `(…, M, N, n)` → `(…, M, N, n)`, batches broadcast.

    Raises:
        LinAlgError: if there is no unique solution.
        RuntimeError: if `A` or `B` is not square, or the sizes of `C` are not theirs.

    Example:
        >>> A, B, C = torch.randn(2, 2, 4), torch.randn(3, 3, 4), torch.randn(2, 3, 4)
        >>> solve_sylvester(A, B, C, algebra=hc.QUATERNION).shape
        torch.Size([2, 3, 4])
    """
    check_square(A, "solve_sylvester")
    check_square(B, "solve_sylvester", "B")
    m, p = A.shape[-2], B.shape[-2]
    if C.shape[-3:-1] != (m, p):
        raise RuntimeError(
            f"linalg.solve_sylvester: `C` of shape {tuple(C.shape[:-1])} must hold matrices of "
            f"{m} by {p} numbers, the sizes of `A` and of `B`"
        )
    left = operator(A, algebra.product, "left").movedim((0, 1), (-2, -1))
    right = operator(B, algebra.product, "right").movedim((0, 1), (-2, -1))
    rows, columns = (torch.eye(size, dtype=A.dtype, device=A.device) for size in (m, p))
    system = torch.einsum("...mxkj,py->...mpkxyj", left, columns)
    system = system + torch.einsum("...ypkj,mx->...mpkxyj", right, rows)
    matrix = system.flatten(-6, -4).flatten(-3, -1)
    column = C.flatten(-3, -1).unsqueeze(-1)
    flat = solve_linear(matrix, column, "solve_sylvester", "A X + X B = C").squeeze(-1)
    return flat.unflatten(-1, (m, p, algebra.dimension))


@linear_algebra("numbers")
def tensorinv(A: Tensor, ind: int = 2, *, algebra: Algebra) -> Tensor:
    r"""The inverse of a tensor as a map from its last axes to its first `ind`, as in torch.

    Shape:
        `(*I, *J, n)` → `(*J, *I, n)`, with as many numbers in `I`, of `ind` axes, as in `J`.

    Raises:
        RuntimeError: if the sizes or `ind` do not fit, or there is no inverse.

    Example:
        >>> tensorinv(torch.randn(4, 2, 2, 4), ind=1, algebra=hc.QUATERNION).shape
        torch.Size([2, 2, 4, 4])
    """
    if ind <= 0:
        raise RuntimeError("Expected a strictly positive integer for `ind`")
    rows, columns = A.shape[:ind], A.shape[ind:-1]
    if math.prod(rows) != math.prod(columns):
        raise RuntimeError(
            f"Expected `A` to satisfy the requirement prod(A.shape[ind:]) == "
            f"prod(A.shape[:ind]), but got {math.prod(columns)} != {math.prod(rows)}"
        )
    matrix = A.reshape(math.prod(rows), math.prod(columns), A.shape[-1])
    return inv(matrix, algebra=algebra).reshape(*columns, *rows, A.shape[-1])


@linear_algebra("numbers")
def tensorsolve(
    A: Tensor, B: Tensor, dims: tuple[int, ...] | None = None, *, algebra: Algebra
) -> Tensor:
    r"""The tensor $X$ with `tensordot(A, X, X.ndim) = B`, as in torch.

    Shape:
        `(*B, *X, n)` and `(*B, n)` → `(*X, n)`, with as many numbers in `B` as in `X`; `dims` of A
        are moved to its end first.

    Raises:
        RuntimeError: if the sizes do not fit, or there is no solution.

    Example:
        >>> A, B = torch.randn(2, 3, 6, 4), torch.randn(2, 3, 4)
        >>> tensorsolve(A, B, algebra=hc.QUATERNION).shape
        torch.Size([6, 4])
    """
    n = A.shape[-1]
    axes = A.ndim - 1
    moved = (
        A
        if dims is None
        else A.movedim(tuple(d % axes for d in dims), tuple(range(axes))[-len(dims) :])
    )
    unknown = moved.shape[B.ndim - 1 : -1]
    size = math.prod(unknown)
    if size != math.prod(B.shape[:-1]):
        raise RuntimeError(
            f"Expected `A` and `B` to satisfy the requirement prod(A.shape[B.ndim:]) == "
            f"prod(A.shape[:B.ndim]), but got {size} != {math.prod(B.shape[:-1])}"
        )
    X = solve(moved.reshape(size, size, n), B.reshape(size, 1, n), algebra=algebra)
    return X.reshape(*unknown, n)


def _system(
    A: Tensor, B: Tensor, left: bool, name: str, algebra: Algebra
) -> tuple[Tensor, Tensor, bool]:
    """The real system with the unknown on the left, and whether B was a vector."""
    require_associative(algebra, name)
    check_square(A, name)
    vector = B.ndim == 2 or (A.ndim - 1 == B.ndim and A.shape[:-2] == B.shape[:-1])
    if vector:
        B = B.unsqueeze(-2 if left else -3)
    size = B.shape[-3 if left else -2]
    if size != A.shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: Incompatible shapes of A and B for the equation "
            f"{'AX = B' if left else 'XA = B'} ({A.shape[-3]}x{A.shape[-2]} and "
            f"{B.shape[-3]}x{B.shape[-2]})"
        )
    if left:
        return block(A, algebra), stack(B), vector
    A, B = A.transpose(-3, -2), B.transpose(-3, -2)
    return block(A, algebra, "right"), stack(B), vector


def _numbers(solution: Tensor, left: bool, vector: bool, algebra: Algebra) -> Tensor:
    X = unstack(solution, algebra)
    X = X if left else X.transpose(-3, -2)
    return X.squeeze(-2 if left else -3) if vector else X


def _positive(atol: Any) -> bool:
    return atol is not None and (isinstance(atol, Tensor) or atol > 0)
