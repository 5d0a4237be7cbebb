"""Arguments for each operation of `hypercomplex.kernels`: what its variants are compared on.

A row of `SAMPLES` is an operation, its options, the shapes of its tensors, components left out, and
what is made of random numbers first, if they will not do.
"""

import torch

import hypercomplex as hc
from hypercomplex.algebra import Bilinear
from hypercomplex.kernels.elementary import EXP, LOG, SQRT
from hypercomplex.kernels.matrix import matrix
from hypercomplex.kernels.product import VECTOR_PRODUCT
from tests.cases import ALGEBRAS, SEDENION

CLIFFORD_128 = hc.clifford(4, 3)
SHAPES = [((), ()), ((3, 1), (5,)), ((0, 2), (2,)), ((3,), (3,)), ((2, 3), (2, 3)), ((5,), ())]


def maps():
    """Bilinear maps of every kind."""
    for algebra in (*ALGEBRAS, SEDENION):
        yield algebra.product
    for algebra in (hc.QUATERNION, hc.COMPLEX, hc.clifford(1, 1, 1)):
        yield algebra.commutator
        yield algebra.inner_product
        yield algebra.product.of_left
        yield algebra.product.scaled(right=algebra.conjugation)
    yield VECTOR_PRODUCT
    yield Bilinear((3, 2, 5), ((0, 1, 4, 2), (2, 0, 1, -3), (1, 1, 4, 1)), "oblong")


def _multiply():
    for product in maps():
        yield (product,), [tuple(zip(s, product.shape[:2], strict=True)) for s in SHAPES]
    yield (CLIFFORD_128.product,), [(((2, 1), 128), ((3,), 128))]


def _sandwich():
    batches = [((), (5,), ()), ((2, 1), (2, 7), (2, 1)), ((3, 1, 1), (2, 5), (1, 1)), ((), (), ())]
    batches += [((1,), (0, 4), ()), ((4,), (4,), (4,)), ((2, 1), (6,), (2, 1))]
    for algebra in (hc.QUATERNION, hc.clifford(1, 1, 1)):
        maps = algebra.commutator, algebra.product
        n = algebra.dimension
        yield maps, [tuple((batch, n) for batch in three) for three in batches]


def _rotate():
    for algebra in ALGEBRAS:
        n = algebra.dimension
        yield (algebra,), [((a, n), (b, n - 1)) for a, b in SHAPES]


def _analytic():
    for f in (EXP, LOG, SQRT):
        for algebra in (hc.COMPLEX, hc.QUATERNION, hc.OCTONION):
            yield (f, algebra), _each(algebra.dimension)


def _of_turns(width):
    def rows():
        for scale in (0.5, 2.0, 100.0):
            yield (scale,), _each(width)

    return rows


def _each(width):
    """Of one tensor."""
    return [((shape, width),) for shape in ((), (3, 1), (0, 2), (5,), (40, 300))]


def _matrix():
    yield (), [((shape, 4),) for shape in (*(shape for shape, _ in SHAPES), (20,))]


def _near_rotations():
    for distance in (1e-8, 1e-3):
        yield (), [((shape, 9),) for shape, _ in SHAPES], _rotation_but_for(distance)


def _rotation_but_for(distance):
    return lambda x: matrix.twin(x[..., :4]) + distance * x.unflatten(-1, (3, 3))


def _blends():
    ends = [
        ((), (), ()),
        ((3, 1), (5,), (5,)),
        ((2, 3), (2, 3), (1,)),
        ((5,), (), ()),
        ((0, 2), (2,), ()),
    ]
    yield (), [((a, 4), (b, 4), (t, 1)) for a, b, t in ends], torch.tanh


def _graded_products():
    for algebra in (hc.clifford(2), hc.clifford(1, 1, 1), hc.clifford(metric=((1, 1), (1, -3)))):
        n, paths = algebra.dimension, len(algebra.blades.equivariance.paths)
        factors = (2,), (0, 2), (3, 2), (2, 5, 2), (40, 2)
        yield (algebra,), [((each, n), (each, n), ((3, 2), paths)) for each in factors]


def _inverse_factor():
    shapes = [(((*batch, n), n), (batch, n)) for batch in ((), (5,), (2, 3)) for n in (1, 2, 4)]
    yield (), shapes, _covariance_or_bound


def _covariance_or_bound(x):
    if x.ndim > 1 and x.shape[-1] == x.shape[-2]:
        return x @ x.mT + 2 * torch.eye(x.shape[-1], dtype=x.dtype)
    return x / 1e6  # far below all pivots


def _invert():
    for algebra in ALGEBRAS:
        yield (algebra,), _each(algebra.dimension)


def _lengths():
    for width in (1, 2, 4, 8, 16):
        yield (), _each(width)


def _right_inverse():
    for algebra in ALGEBRAS:
        if not algebra.has_real_norm:
            yield (algebra,), _each(algebra.dimension)[:4]


SAMPLES = {
    "graded_products": _graded_products,
    "inverse_factor": _inverse_factor,
    "invert": _invert,
    "safe_length": _lengths,
    "right_inverse": _right_inverse,
    "analytic": _analytic,
    "exponential": _of_turns(3),
    "from_orthogonal": _near_rotations,
    "logarithm": _of_turns(4),
    "matrix": _matrix,
    "multiply": _multiply,
    "nearest": _near_rotations,
    "nlerp": _blends,
    "rotate": _rotate,
    "sandwich": _sandwich,
    "slerp": _blends,
}


def samples():
    """Operation, options, shapes of tensors, and what is made of these, one call each."""
    for name, rows in SAMPLES.items():
        for options, shapes, *made in rows():
            for each in shapes:
                make = made[0] if made else lambda x: x
                yield name, options, [(*batch, width) for batch, width in each], make


def tensors(shapes, dtype=torch.float64):
    return [torch.randn(shape, dtype=dtype) for shape in shapes]


def planar(x):
    """The same numbers, component axis first in memory."""
    return x.movedim(-1, 0).contiguous().movedim(0, -1)


def off_by_one(x):
    """The same numbers where no pair of components is aligned."""
    room = x.new_empty(*x.shape[:-1], x.shape[-1] + 3)
    room[..., 1:-2] = x
    return room[..., 1:-2]


LAYOUTS = {"": lambda x: x, "planar": planar, "off_by_one": off_by_one}
