"""Random elements of the group Pin, as the matrices of their actions."""

import torch

import hypercomplex as hc
from hypercomplex import functional as F

SIGNATURES = ((2, 0, 0), (3, 0, 0), (1, 3, 0), (4, 1, 0))
CLIFFORD = tuple(hc.clifford(*signature) for signature in SIGNATURES)


def reflection(algebra: hc.Algebra) -> torch.Tensor:
    r"""The matrix of $x \mapsto v \hat x v^{-1}$ for a random vector v with an inverse."""
    generators = algebra.blades.places((1,))
    while True:
        v = torch.zeros(algebra.dimension, dtype=torch.float64)
        v[list(generators)] = torch.randn(len(generators), dtype=torch.float64)
        square = F.product(v, v, algebra)[0]
        if square.abs() > 0.6 * v.square().sum():  # no large boosts
            break
    involution = torch.tensor(algebra.blades.involute, dtype=torch.float64)
    return F.left_matrix(v, algebra) @ F.right_matrix(v / square, algebra) * involution


def actions(algebra: hc.Algebra, most: int = 3) -> list[torch.Tensor]:
    """Of products of one to so many vectors: reflections, rotations, boosts, translations."""
    found = [reflection(algebra)]
    for _ in range(most - 1):
        found.append(reflection(algebra) @ found[-1])
    return found


def check_equivariant(function, algebra, *inputs, tolerance=1e-12):
    """The function of numbers `(…, n)` commutes with the group, relative to what comes out."""
    for act in actions(algebra):
        before = function(*(x @ act.T for x in inputs))
        after = function(*inputs) @ act.T
        error = (before - after).abs().max() / (1 + after.abs().max())
        assert error < tolerance, float(error)


def check_invariant(function, algebra, *inputs, tolerance=1e-12):
    """The reals that it makes of numbers are left alone by the group."""
    for act in actions(algebra):
        before, after = function(*(x @ act.T for x in inputs)), function(*inputs)
        error = (before - after).abs().max() / (1 + after.abs().max())
        assert error < tolerance, float(error)
