"""Elements are exact values with the operators of tensors, and formulas of them run on tensors."""

import pickle
from fractions import Fraction
from random import Random

import pytest
import sympy as sp
import torch

import hypercomplex as hc
from tests.cases import every_small_algebra

R, C, H, OCT = hc.REAL, hc.COMPLEX, hc.QUATERNION, hc.OCTONION


@every_small_algebra
def test_operators_are_those_of_the_algebra(algebra):
    a, b = algebra.symbols("a"), algebra.symbols("b")
    assert (a * b).coefficients == algebra.multiply(tuple(a), tuple(b))
    assert a.conj().coefficients == algebra.conjugate(tuple(a))
    assert a.norm() == algebra.norm(tuple(a))
    assert (a + b - b).coefficients == tuple(a)
    assert (2 * a - a * 2) == 0
    assert (1 + a - 1).expand() == a
    assert a**0 == 1
    assert (a**3).expand() == (a * (a * a)).expand()
    assert a.real == a[0]
    x = algebra.element([Fraction(k + 1, 2) for k in range(algebra.dimension)])
    assert x / 2 == x * Fraction(1, 2)
    assert -x + x == 0
    assert not -x + x
    assert list(x) == [Fraction(k + 1, 2) for k in range(algebra.dimension)]


@pytest.mark.parametrize(
    "algebra", [C, H, OCT, hc.clifford(3), hc.M2, hc.SPLIT_QUATERNION], ids=str
)
def test_inverses_are_exact(algebra):
    x = algebra.element([3 + k for k in range(algebra.dimension - 1)] + [-1])
    one = algebra.element(algebra.unit)
    assert x * x.inverse() == one == x.inverse() * x
    assert x / x == 1
    assert 1 / x == x**-1
    symbolic = algebra.symbols("x") if algebra.dimension <= 4 else None
    if symbolic is not None:
        assert (symbolic * symbolic.inverse()).simplify() == one


@pytest.mark.parametrize(
    "other", [0.5, 1j, "i", None, torch.ones(4), hc.QuaternionTensor.ones(2)], ids=str
)
def test_what_is_not_exact_is_refused(other):
    i = H.basis[1]
    for call in (lambda: i * other, lambda: other * i, lambda: i + other, lambda: i - other,
                 lambda: i / other, lambda: other / i):  # fmt: skip
        with pytest.raises(TypeError):
            call()


def test_what_has_no_inverse_says_so():
    for x in (hc.SPLIT_COMPLEX.element("1+j"), hc.M2.element("E11"), H.element("0")):
        with pytest.raises(ZeroDivisionError, match="has no inverse in"):
            x.inverse()
    with pytest.raises(NotImplementedError, match="an inverse needs a unit, and SO3 has none"):
        hc.SO3.basis[0].inverse()


def test_hidden_zeros_are_no_divisors():
    """Norms and determinants that are 0, but not as they stand."""
    root = sp.sqrt(2)
    for algebra, *coefficients in [
        (hc.SPLIT_COMPLEX, 1 + root, sp.sqrt(3 + 2 * root)),
        (hc.M2, 1 + root, 1, 3 + 2 * root, 1 + root),
    ]:
        with pytest.raises(ZeroDivisionError, match="has no inverse in"):
            algebra.element(coefficients).inverse()
    with pytest.raises(
        NotImplementedError, match=r"whether .* has an inverse in .* is not decided"
    ):
        hc.jordan(hc.M2).element((root, 0, 0, -root)).inverse()


BASES = [((1, 0, 0, 1), (1, 1, 0, -1), (0, 1, 0, 0), (0, 1, 1, 0)),
         ((1, 1, 0, 0), (0, 1, 0, 0), (0, 1, 1, 0), (0, 0, 1, 1))]  # fmt: skip


@pytest.mark.parametrize("basis", BASES)
def test_inverses_in_jordan_algebras_are_those_of_matrices(basis):
    """Where `y ↦ x y` is singular, many y have `x y = 1`: one is the inverse, x again here."""
    A = hc.change_basis(hc.jordan(hc.M2), basis)
    columns = sp.Matrix(basis).T
    x = A.element([Fraction(int(c.p), int(c.q)) for c in columns.solve(sp.Matrix([1, 0, 0, -1]))])
    assert x * x == 1
    assert sp.Matrix(A.left_matrix(x)).det() == 0
    assert x.inverse() == x
    typed = hc.tensor_type(A)(torch.tensor([float(c) for c in x], dtype=torch.float64))
    hc.testing.assert_close(typed.inverse(), typed)


@pytest.mark.parametrize("seed", range(5))
def test_minimal_polynomials_vanish_and_are_least(seed):
    A, draw = hc.hermitian(3, C), Random(seed)
    x = A.element([Fraction(draw.randrange(-2, 3), draw.randrange(1, 3)) for _ in A.units])
    polynomial = x.minimal_polynomial()
    powers = [x**k for k in range(len(polynomial))]
    assert not any(sum((p * c for c, p in zip(polynomial, powers, strict=True)), 0 * x))
    assert sp.Matrix([list(p) for p in powers[:-1]]).rank() == len(polynomial) - 1 <= 3
    if polynomial[0]:
        assert x * x.inverse() == 1
        assert (x * x) * x.inverse() == x


def test_minimal_polynomials_are_of_exact_elements_of_algebras_with_1():
    assert hc.polynomial_quotient([-1, -1, 1]).element("x").minimal_polynomial() == (-1, -1, 1)
    assert H.element("0").minimal_polynomial() == (0, 1)
    assert H.element("3/2").minimal_polynomial() == (Fraction(-3, 2), 1)
    with pytest.raises(TypeError, match="must have integers and fractions for coefficients"):
        H.symbols("x").minimal_polynomial()
    with pytest.raises(NotImplementedError, match="a minimal polynomial needs a unit, and SO3"):
        hc.SO3.basis[0].minimal_polynomial()


def test_right_matrices_multiply_from_the_right():
    for A in (H, hc.OCTONION, hc.SO3, hc.M2):
        x, y = A.symbols("x"), A.symbols("y")
        images = sp.Matrix(A.right_matrix(y)) * sp.Matrix(list(x))
        assert images.expand() == sp.Matrix(list(x * y)).expand()
        assert A.right_matrix(list(y)) == hc.opposite(A).left_matrix(list(y))


def test_units_are_elements():
    one, i, j, k = H.basis
    assert i * j == k == -(j * i)
    assert (one, i * i) == (1, -1)
    assert repr(1 + 2 * i - k / 2) == "1+2i-1/2k"
    assert {i, j, i} == {j, i}
    x, y, z = hc.SO3.basis
    assert x * y == z
    assert hc.M2.basis[0] + hc.M2.basis[3] == 1


def test_elements_are_made_of_all_that_is_exact():
    assert H.element("1-2i + 1/2k") == H.element((1, -2, 0, Fraction(1, 2)))
    assert H.element(H.element("i")) == H.basis[1]
    q = sp.Quaternion(1, 2, sp.Symbol("t"), 4)
    assert H.element(q).to_sympy() == q
    a, b = sp.symbols("a b", real=True)
    assert C.element((a, b)).to_sympy() == a + sp.I * b
    x, y = H.symbols("x"), H.symbols("y")
    difference = (x * y).to_sympy() - x.to_sympy() * y.to_sympy()
    assert [sp.expand(c) for c in difference.args[:4]] == [0] * 4
    assert pickle.loads(pickle.dumps(H.element("i"))) == H.basis[1]


def test_elements_print_in_latex():
    assert hc.clifford(2).element("1/2-3e12").latex() == r"\frac{1}{2} - 3\,e_{12}"
    assert H.element("0").latex() == "0"
    assert H.element("-i+k").latex() == "-i + k"
    a = C.symbols("a")
    assert (a * a).latex() == r"a_{0}^{2} - a_{1}^{2} + 2 a_{0} a_{1}\,i"
    assert (a * C.symbols("b"))._repr_latex_().startswith(r"$\displaystyle ")
    assert H._repr_latex_().startswith(r"$\displaystyle \begin{array}{r|rrrr} & 1 & i & j & k")
    assert hc.CGA._repr_latex_() is None
    assert r"\begin{array}{r|rr} & 1 & e_{1}" in hc.CGA.latex((0, 0), 2)
    assert hc.SPACETIME.element("γ01").latex() == r"\gamma_{01}"


@pytest.mark.parametrize(
    ("unit", "latex"),
    [
        ("1", "1"), ("i", "i"), ("il", "il"), ("e12", "e_{12}"), ("γ01", r"\gamma_{01}"),
        ("E12i", "E_{12} i"), ("1₂", "1_{2}"), ("E11₂", "E_{11,2}"), ("x²", "x^{2}"),
        ("x¹²", "x^{12}"), ("1⊗i", r"1 \otimes i"), ("e1⊗1", r"e_{1} \otimes 1"),
        ("εi", r"\varepsilon i"), ("up∧x", r"up \wedge x"), ("(012)", r"\text{(012)}"),
        ("a_b", r"\text{a\_b}"),
    ],
)  # fmt: skip
def test_units_are_written_in_latex(unit, latex):
    from hypercomplex.algebra.tabular import latex_unit

    assert latex_unit(unit) == latex


def test_tables_print_by_blocks():
    A = hc.clifford(5)
    full = A.table().splitlines()
    assert len(full) == 34
    block = A.table((1, 2), 4).splitlines()
    assert block[0].split() == ["│", "e4", "e14", "e24", "e124"]
    assert [line.split("│")[0].strip() for line in block[2:]] == ["e3", "e13", "e23", "e123"]
    assert block[2].split("│")[1].split() == ["e34", "-e134", "-e234", "e1234"]
    assert len(A.table((3, 3), 10).splitlines()) == 4
    for bad in ((0, 9), (0,), 3, ("a", 0), (-1, 0)):
        with pytest.raises(ValueError, match=r"`block` \(=.*\) must be two integers"):
            A.table(bad)
    with pytest.raises(ValueError, match=r"`size` \(=0\) must be a positive integer"):
        A.table((0, 0), 0)


# ---------------------------------------------------------------------- formulas of tensors


@every_small_algebra
def test_formulas_are_products_of_tensors(algebra):
    x, y = algebra.symbols("x"), algebra.symbols("y")
    f = hc.lambdify(x * y - 2 * y.conj() + 1, [x, y])
    kind = hc.tensor_type(algebra)
    a, b = (kind.randn(3, 1, dtype=torch.float64), kind.randn(2, dtype=torch.float64))
    expected = a * b - 2 * b.conj() + 1
    assert type(f(a, b)) is kind
    torch.testing.assert_close(f(a, b).components, expected.components.contiguous())
    plain = f(a.components, b.components)
    assert type(plain) is torch.Tensor
    torch.testing.assert_close(plain, expected.components.contiguous())


def test_formulas_have_gradients_and_real_variables():
    x, t = C.symbols("x"), sp.Symbol("t", real=True)
    f = hc.lambdify(sp.exp(t) * x * x, [x, t])
    z = torch.randn(4, 2, dtype=torch.float64, requires_grad=True)
    s = torch.randn(4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(f, (z, s))
    torch.testing.assert_close(torch.func.vmap(f)(z, s), f(z, s))
    norm = hc.lambdify(sp.sqrt(x.norm()), [x])
    torch.testing.assert_close(norm(z), z.norm(dim=-1))
    constant = hc.lambdify(C.element((sp.pi, 1)) + 0 * x, [x])
    assert constant(z).shape == (4, 2)


def test_sympy_writes_elements():
    a, b = C.symbols("a"), C.symbols("b")
    expected = r"a_{0} b_{0} - a_{1} b_{1} + \left(a_{0} b_{1} + a_{1} b_{0}\right)\,i"
    assert sp.latex(a * b) == (a * b).latex() == expected
    assert (a * b)._repr_latex_() == rf"$\displaystyle {expected}$"
    assert sp.latex([C.basis[1], sp.Rational(1, 2)]) == r"\left[ i, \  \frac{1}{2}\right]"


@pytest.mark.parametrize(
    "constant",
    [sp.sqrt(2), sp.sin(1), sp.E * sp.pi, sp.Integer(10) ** 30, sp.Rational(1, 10**30),
     sp.Abs(sp.sqrt(3) - 2), 2**sp.Rational(1, 3), sp.gamma(sp.Rational(1, 3))],
    ids=str,
)  # fmt: skip
def test_formulas_have_constants(constant):
    x, t = H.symbols("x"), sp.Symbol("t", positive=True)
    a, s = hc.QuaternionTensor.randn(3, dtype=torch.float64), torch.rand(3, dtype=torch.float64) + 1
    f = hc.lambdify(x * constant + 3, [x])
    torch.testing.assert_close(
        f(a).components, (a * float(constant) + 3).components, rtol=1e-15, atol=1e-15
    )
    g = hc.lambdify(sp.sqrt(t) + sp.exp(t * constant / sp.Abs(constant)) ** 2 + constant, [t])
    torch.testing.assert_close(g(s), s.sqrt() + (2 * s).exp() + float(constant))
    assert hc.lambdify(x * constant, [x])(a.float()).dtype == torch.float32


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: H.element(3), TypeError, r"`value` \(=3\) must be the coefficients"),
        (lambda: H.element((1, 2)), ValueError, r"`value` \(=\(1, 2\)\) must have 4 coefficients"),
        (lambda: H.element((1, 0.5, 0, 0)), TypeError, "`value` .* holds 0.5; give integers"),
        (lambda: H.element("1+x"), ValueError, "`value`: in '1\\+x', there is no unit 'x'"),
        (lambda: H.symbols(3), TypeError, r"`name` \(=3\) must be the name"),
        (lambda: H.basis[1] * C.basis[1], TypeError, "i of QUATERNION and i of COMPLEX are numbers"),
        (lambda: H.basis[1] ** 0.5, TypeError, r"`exponent` \(=0.5\) must be an integer"),
        (lambda: 1 + hc.SO3.basis[0], NotImplementedError, "needs a unit, and SO3 has none"),
        (lambda: OCT.basis[1].to_sympy(), ValueError, "sympy has no numbers of OCTONION"),
        (lambda: hc.lambdify(H.symbols("x"), []), ValueError, "`variables` is empty"),
        (lambda: hc.lambdify(H.symbols("x"), [H.symbols("y")]), ValueError, "x0, x1, x2, x3 is not"),
        (lambda: hc.lambdify(3, [H.symbols("y")]), TypeError, r"`expression` \(=3\) must be an El"),
        (lambda: hc.lambdify(H.symbols("x"), H.symbols("x")), TypeError, "`variables` .* a sequence"),
        (lambda: hc.lambdify(H.symbols("x"), ["x"]), TypeError, "`variables` holds 'x'; give elem"),
        (lambda: hc.lambdify(H.symbols("x"), [H.symbols("x")])(torch.ones(3)), ValueError,
         "`tensors` must hold numbers of QUATERNION"),
        (lambda: hc.lambdify(C.symbols("x"), [C.symbols("x")])(hc.QuaternionTensor.ones(2)),
         TypeError, "`tensors` holds numbers of QUATERNION, not of COMPLEX"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_numbers_of_another_algebra_are_no_coefficients():
    """Of split quaternions i² is 1, of quaternions −1: nothing may take one for the other."""
    S = hc.SPLIT_QUATERNION
    x = S.basis[2]
    f = S.isomorphism_to(hc.clifford(2))
    for call in (
        lambda: H.multiply(x, H.basis[1]),
        lambda: H.multiply(H.basis[1], x),
        lambda: H.conjugate(x),
        lambda: H.norm(x),
        lambda: H.left_matrix(x),
        lambda: H.format(x),
        lambda: H.element(x),
        lambda: H.representation()(x),
        lambda: hc.subalgebra(H, [x]),
        lambda: hc.quotient(H, [x]),
        lambda: hc.change_basis(H, [x, *H.basis[1:]]),
        lambda: f(H.basis[1]),
    ):
        with pytest.raises(TypeError, match=r"is a number of (SPLIT_)?QUATERNION, not of "):
            call()
    assert H.element(tuple(x)) == H.basis[2]


def test_an_isomorphism_maps_elements_to_elements():
    f = hc.SPLIT_QUATERNION.isomorphism_to(hc.clifford(2))
    a, b = hc.SPLIT_QUATERNION.symbols("a"), hc.SPLIT_QUATERNION.symbols("b")
    assert f(a).algebra == hc.clifford(2)
    assert (f(a) * f(b) - f(a * b)).expand() == 0
    assert f.inverse(f(a)) == a
    assert f((1, 2, 3, 4)) == f(hc.SPLIT_QUATERNION.element((1, 2, 3, 4))).coefficients


@pytest.mark.parametrize("algebra", [H, hc.M2, hc.TESSARINE], ids=str)
def test_equal_elements_have_one_hash(algebra):
    one, other = algebra.element(algebra.unit), algebra.basis[-1]
    for c in (0, 1, -3, Fraction(1, 2), sp.Symbol("c", real=True)):
        assert c * one == c
        assert hash(c * one) == hash(c)
    assert hash(other) == hash(algebra.element(tuple(other)))
    assert {1, one} == {1}
    assert hash(hc.lie(H).basis[1]) == hash(hc.lie(H).basis[1])  # without 1
