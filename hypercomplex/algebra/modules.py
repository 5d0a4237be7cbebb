r"""Isomorphisms of semisimple algebras, by their smallest modules.

Central idempotents split both into simple algebras, which are matched one by one. The matrices that
commute with the smallest representation of a simple algebra are a division algebra $D$, and over it
the module has a basis; the algebra is all that commutes with $D$. So an isomorphism of these
division algebras, extended to the modules by mapping basis to basis, takes the matrices of one
algebra to those of the other.

Source:
    R. S. Pierce, *Associative Algebras*, 1982, chapters 3 and 12 (the double centralizer).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypercomplex.algebra import linear
from hypercomplex.algebra.algebra import Algebra
from hypercomplex.algebra.composites import matrix_algebra
from hypercomplex.algebra.linear import Echelon, Row
from hypercomplex.algebra.parts import coordinates, spanned
from hypercomplex.algebra.representations import Representation, representation
from hypercomplex.algebra.sparse import added, generators, sparse_table, times
from hypercomplex.algebra.wedderburn import idempotents

__all__ = ["by_modules"]

Found = Callable[[Algebra, Algebra], list[Row] | None]
"""Gives the images of the basis elements under an isomorphism; None if it knows none."""


def by_modules(A: Algebra, B: Algebra, found: Found) -> list[Row] | None:
    """The images of the basis elements of A under an isomorphism of semisimple algebras, None if
    none is found; `found` gives isomorphisms of smaller algebras.
    """
    mine, others = _simple_parts(A), _simple_parts(B)
    if len(mine) != len(others):
        return None
    if len(mine) == 1:
        return _of_simple(A, B, found)
    basis: list[Row] = []
    images: list[Row] = []
    for part, rows in mine:
        for place, (other, columns) in enumerate(others):
            inside = found(part, other) if part.dimension == other.dimension else None
            if inside is not None:
                basis += rows
                images += [linear.row_times(x, columns) for x in inside]
                del others[place]
                break
        else:
            return None
    back = linear.inverse(basis)
    assert back is not None
    return [linear.row_times(x, images) for x in back]


def _simple_parts(A: Algebra) -> list[tuple[Algebra, list[Row]]]:
    """The ideals of central idempotents, and their bases."""
    table, n = sparse_table(A), A.dimension
    bases = [Echelon(times(table, e, {i: 1}) for i in range(n)).basis for e in idempotents(A)]
    return [(spanned(A, basis, None, f"part of {A}"), basis) for basis in bases]


def _of_simple(A: Algebra, B: Algebra, found: Found) -> list[Row] | None:
    M, N = (representation(each, "smallest") for each in (A, B))
    size = M.size
    if size != N.size:
        return None
    D, E = _commutant(M), _commutant(N)
    if len(D) != len(E) or len(D) == A.dimension:  # the latter is no smaller question
        return None
    scalars = [spanned(matrix_algebra(size), rows, None, "commutant") for rows in (D, E)]
    between = found(*scalars)
    if between is None:
        return None
    mine = _frame(D, size)
    other = _frame([linear.row_times(x, E) for x in between], size)
    if not len(mine) == len(other) == size:
        return None
    back, there = linear.inverse(mine), linear.inverse(other)
    assert back is not None
    assert there is not None
    # vectors are rows here, so that matrices are transposed
    product = linear.matrix_product
    to, fro = product(there, mine), product(back, other)
    inside = coordinates([linear.flat(_transposed(m), size) for m in N.matrices], size * size)
    images = [
        inside(linear.flat(product(product(to, _transposed(m)), fro), size)) for m in M.matrices
    ]
    return None if any(x is None for x in images) else [x for x in images if x is not None]


def _transposed(matrix: Sequence[Sequence[Any]]) -> list[Row]:
    return [linear.sparse_row(column) for column in zip(*matrix, strict=True)]


def _commutant(M: Representation) -> list[Row]:
    """A basis of the matrices that commute with all of a representation, row after row."""
    size, A = M.size, M.algebra
    equations: list[Row] = []
    for g in generators(sparse_table(A), A.dimension, A.begins_with_one):
        m = M.matrices[g]
        for i in range(size):
            for j in range(size):
                left = {k * size + j: c for k, c in enumerate(m[i]) if c}
                right = {i * size + k: m[k][j] for k in range(size) if m[k][j]}
                equations.append(added(left, right, -1))
    return linear.nullspace(equations, size * size)


def _frame(D: Sequence[Row], size: int) -> list[Row]:
    """Vectors `d v` for all d in the basis of D and a few v: a basis of all, if D is a division
    algebra.
    """
    space, frame = Echelon(), []
    for v in range(size):
        if {v: 1} not in space:
            moved = [{i: d[i * size + v] for i in range(size) if i * size + v in d} for d in D]
            frame += [x for x in moved if space.add(x)]
    return frame
