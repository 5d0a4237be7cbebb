"""Against the packages `clifford` and `kingdon`, where they are installed, on random multivectors.

Each row names what is compared, how we call it and how they do. Where a convention of theirs is
another, the row says how both are related.
"""

import numpy as np
import pytest
import torch

import hypercomplex as hc
from hypercomplex import geometric as G

SQUARES = [(1, 1), (1, 1, 1), (1, 1, -1), (1, -1, 0), (1, -1, -1, -1), (0, 1, 1, 1)]
"""Of the generators, so that no package chooses their order."""
every_signature = pytest.mark.parametrize("squares", SQUARES, ids=str)


class Clifford:
    """Its blades are sorted by grade; its numbers are single.

    What it compiles for each algebra takes longer than all that is asked here.
    """

    def __init__(self, squares):
        pytest.importorskip("numba").config.DISABLE_JIT = True
        package = pytest.importorskip("clifford")
        self.layout = package.Cl(sig=np.array(squares))[0]
        self.order = [sum(1 << (i - 1) for i in blade) for blade in self.layout.bladeTupList]

    def number(self, x):
        return self.layout.MultiVector(x.numpy()[self.order])

    def components(self, number):
        found = np.zeros(len(self.order))
        found[self.order] = getattr(number, "value", self.layout.scalar.value * number)
        return torch.from_numpy(found)

    def __call__(self, operation, *arguments):
        """One number after the other."""
        rows = zip(*arguments, strict=True)
        return torch.stack([self.components(operation(*map(self.number, row))) for row in rows])


class Kingdon:
    """Its keys are our places; its coefficients may be arrays, and only those that are not zero."""

    def __init__(self, squares):
        self.algebra = pytest.importorskip("kingdon").Algebra(signature=list(squares))

    def number(self, x):
        stored = [place for place in range(x.shape[-1]) if x[..., place].any()]
        values = [x[..., place].numpy() for place in stored]
        return self.algebra.multivector(keys=tuple(stored), values=values)

    def __call__(self, operation, *arguments):
        found = torch.zeros_like(arguments[0])
        for place, value in operation(*map(self.number, arguments)).items():
            found[..., place] = torch.as_tensor(value)
        return found


def algebra(squares):
    return hc.clifford(metric=np.diag(squares).tolist())


def random(A, *grades):
    """A few multivectors, of these grades or of all."""
    x = torch.randn(4, A.dimension, dtype=torch.float64)
    return G.grade(x, grades, A) if grades else x


def same(ours, theirs, name="", digits=10):
    if ours.shape != theirs.shape:  # reals
        ours = torch.nn.functional.pad(ours.unsqueeze(-1), (0, theirs.shape[-1] - 1))
    tolerance = {"rtol": 10**-digits, "atol": 10**-digits}
    torch.testing.assert_close(ours, theirs, **tolerance, msg=lambda text: f"{name}: {text}")


def without_scalars(f):
    """The inner product of `clifford` is that of Hestenes: 0 with scalars."""
    return lambda a, b, A: f(*(x - G.grade(x, 0, A) for x in (a, b)), A)


PRODUCTS = {
    "geometric": (hc.functional.product, lambda a, b: a * b, lambda a, b: a * b),
    "exterior": (G.wedge, lambda a, b: a ^ b, lambda a, b: a ^ b),
    "left contraction": (G.left_contraction, lambda a, b: a << b, lambda a, b: a.lc(b)),
    "right contraction": (G.right_contraction, None, lambda a, b: a.rc(b)),
    "inner": (G.inner, None, lambda a, b: a | b),
    "inner of Hestenes": (without_scalars(G.inner), lambda a, b: a | b, None),
    "scalar": (G.scalar_product, lambda a, b: (a * b)(0), lambda a, b: a.sp(b)),
    "commutator": (G.commutator, lambda a, b: a.commutator(b), lambda a, b: a.cp(b)),
    "commutator, x": (G.commutator, lambda a, b: a.x(b), None),
    "anticommutator": (G.anticommutator, lambda a, b: a.anticommutator(b), lambda a, b: a.acp(b)),
    "regressive": (G.regressive, lambda a, b: a & b, lambda a, b: a & b),
    "vee": (G.regressive, lambda a, b: a.vee(b), lambda a, b: a.rp(b)),
}

UNARY = {
    "reverse": (G.reverse, lambda x: ~x, lambda x: ~x),
    "grade involution": (G.involute, lambda x: x.gradeInvol(), lambda x: x.involute()),
    "conjugate": (G.conjugate, lambda x: x.conjugate(), lambda x: x.conjugate()),
    "even": (G.even, lambda x: x.even, lambda x: x.grade(*range(0, x.algebra.d + 1, 2))),
    "odd": (G.odd, lambda x: x.odd, lambda x: x.grade(*range(1, x.algebra.d + 1, 2))),
    "grade 1": (lambda x, A: G.grade(x, 1, A), lambda x: x(1), lambda x: x.grade(1)),
    "right complement": (G.hodge, lambda x: x.right_complement(), lambda x: x.hodge()),
    "left complement": (G.unhodge, lambda x: x.left_complement(), lambda x: x.unhodge()),
}

POLARITIES = {
    "polarity": (G.polarity, lambda x: x.dual(), lambda x: x.polarity()),
    "back": (G.unpolarity, lambda x: x * x.layout.pseudoScalar, lambda x: x.unpolarity()),
}


INVERSES = {
    "inverse": (hc.functional.inverse, lambda x: x.inv(), None),
    "by a linear system": (hc.functional.inverse, lambda x: x.leftLaInv(), None),
    "by conjugates": (hc.functional.inverse, lambda x: x.hitzer_inverse(), None),
    "by powers": (hc.functional.inverse, lambda x: x.shirokov_inverse(), None),
    "by a formula": (hc.functional.inverse, None, lambda x: x.inv()),
}


def compared(table, package, squares, arguments):
    theirs, A = package(squares), algebra(squares)
    for name, (ours, by_clifford, by_kingdon) in table.items():
        operation = by_clifford if package is Clifford else by_kingdon
        if operation is not None:
            given = [random(A) for _ in range(arguments)]
            same(ours(*given, A), theirs(operation, *given), name)


every_package = pytest.mark.parametrize("package", [Clifford, Kingdon], ids=["clifford", "kingdon"])


@every_package
@every_signature
def test_products(package, squares):
    compared(PRODUCTS, package, squares, 2)


@every_package
@every_signature
def test_involutions_grades_and_complements(package, squares):
    compared(UNARY, package, squares, 1)


@every_package
@pytest.mark.parametrize("squares", [s for s in SQUARES if 0 not in s], ids=str)
def test_polarities(package, squares):
    """Where the pseudoscalar I has an inverse: x I⁻¹, and x I, which leads back."""
    compared(POLARITIES, package, squares, 1)


@every_package
@every_signature
def test_the_metric_chooses_the_dual(package, squares):
    """A polarity, or the complement if a generator squares to 0."""
    compared({"dual": (G.dual, lambda x: x.dual(), lambda x: x.dual())}, package, squares, 1)


@every_package
@every_signature
def test_inverses(package, squares):
    compared(INVERSES, package, squares, 1)


@every_signature
def test_norms(squares):
    """`mag2` is the scalar of x̃ x, and `normsq` all of x x̃."""
    A = algebra(squares)
    x = random(A)
    same(G.squared_norm(x, A), Clifford(squares)(lambda x: x.mag2(), x))
    same(hc.functional.product(x, G.reverse(x, A), A), Kingdon(squares)(lambda x: x.normsq(), x))


@every_signature
def test_exponentials(squares):
    """clifford adds up a series to some nine digits, of anything; kingdon knows those of bivectors,
    one at a time, where all have a square that is a number.
    """
    A = algebra(squares)
    x = random(A) / 4
    same(hc.functional.exp(x, A), Clifford(squares)(lambda x: x.exp(), x), digits=7)
    if len(squares) < 4:
        theirs = Kingdon(squares)
        for plane in random(A, 2):
            same(hc.functional.exp(plane, A), theirs(lambda x: x.exp(), plane))


@every_signature
def test_versors(squares):
    """`R >> x` is `apply_versor` of what is normalised: kingdon simplifies by that."""
    theirs, A = Kingdon(squares), algebra(squares)
    x, rotor, vector = random(A), hc.functional.exp(random(A, 2), A), random(A, 1)
    by_rotor = theirs(lambda r, x: r >> x, rotor, x)
    same(G.sandwich(rotor, x, A), by_rotor)
    same(G.apply_versor(rotor, x, A), by_rotor)
    vector = of_square_one(vector, A)
    same(G.apply_versor(vector, x, A), theirs(lambda v, x: v >> x, vector, x))


@every_signature
def test_projections(squares):
    """On a blade, that of kingdon a normalised one; clifford contracts, and so differs where what
    is projected has the higher grade.
    """
    A, product = algebra(squares), hc.functional.product
    x, v = random(A), random(A, 1)
    contracted = product(G.left_contraction(x, v, A), hc.functional.inverse(v, A), A)
    same(contracted, Clifford(squares)(lambda x, v: v.project(x), x, v))
    x_or_less = G.grade(x, (0, 1), A)
    same(G.project(x_or_less, v, A), Clifford(squares)(lambda x, v: v.project(x), x_or_less, v))
    v = of_square_one(v, A)
    same(G.project(x, v, A), Kingdon(squares)(lambda x, v: x @ v, x, v))


def of_square_one(vector, A):
    """Scaled, and moved along e_n where that squares to less."""
    square = G.scalar_product(vector, vector, A).unsqueeze(-1)
    best = max(range(A.blades.generators), key=lambda a: A.blades.metric[a][a])
    axis = torch.zeros_like(vector)
    axis[:, 1 << best] = 1
    found = torch.where(square > 0, vector / square.abs().sqrt(), axis)
    assert (G.scalar_product(found, found, A) - 1).abs().max() < 1e-12
    return found
