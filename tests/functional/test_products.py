"""Products: the order of factors and brackets, equations at random, derivatives where one is zero."""

from itertools import product as pairs

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import hypercomplex as hc
from hypercomplex import functional as F
from tests.cases import ALGEBRAS, FRACTIONAL, SEDENION, every_algebra, naive_product, numbers

WHOLE = [a for a in ALGEBRAS if a != FRACTIONAL]


def integers(algebra, *shape):
    return torch.randint(-2, 3, (*shape, algebra.dimension)).double()


def one(algebra):
    return torch.eye(algebra.dimension).double()[0]


# ---------------------------------------------------------------------- einsum


def literal_einsum(terms, output, operands, algebra):
    """Loops over every index; the factors multiplied one after the other, from the left.

    An operand of as many axes as letters is real.
    """
    sizes = {}
    for term, x in zip(terms, operands, strict=True):
        for letter, size in zip(term, x.shape, strict=False):
            sizes[letter] = max(size, sizes.get(letter, 1))
    result = torch.zeros(*[sizes[letter] for letter in output], algebra.dimension).double()
    for values in pairs(*[range(size) for size in sizes.values()]):
        at = dict(zip(sizes, values, strict=True))
        total = one(algebra)
        for term, x in zip(terms, operands, strict=True):
            where = tuple(at[c] % x.shape[i] for i, c in enumerate(term))  # size one broadcasts
            factor = x[where]
            is_real = x.ndim == len(term)
            total = total * factor if is_real else naive_product(total, factor, algebra)
        result[tuple(at[c] for c in output)] += total
    return result


@st.composite
def equations(draw):
    """Terms, output, sizes of the axes of each operand, and which operands are real."""
    terms = draw(st.lists(st.text("abcd", max_size=3), min_size=1, max_size=3))
    letters = sorted(set("".join(terms)))
    sizes = {letter: draw(st.integers(1, 3)) for letter in letters}
    output = draw(st.permutations(letters))[: draw(st.integers(0, len(letters)))]
    narrow = [{c: draw(st.sampled_from([sizes[c]] * 3 + [1])) for c in letters} for _ in terms]
    shapes = [[at[c] for c in term] for term, at in zip(terms, narrow, strict=True)]
    # torch takes an axis of the output from any operand that has it in full
    real = draw(st.sets(st.integers(0, len(terms) - 1), max_size=len(terms) - 1))
    return terms, "".join(output), shapes, real


@given(equations(), st.sampled_from([hc.QUATERNION, hc.OCTONION, hc.clifford(1, 1, 1)]))
def test_einsum_is_what_it_says(case, algebra):
    terms, output, shapes, real = case
    operands = [
        torch.randint(-2, 3, shape).double() if m in real else integers(algebra, *shape)
        for m, shape in enumerate(shapes)
    ]
    actual = F.einsum(f"{','.join(terms)}->{output}", *operands, algebra=algebra, real=real)
    assert torch.equal(actual, literal_einsum(terms, output, operands, algebra))


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("...i", [(2, 3)]),
        ("ba", [(2, 3)]),
        ("Ab", [(2, 3)]),
        ("...ij,...jk", [(2, 1, 2, 3), (5, 3, 4)]),
        ("i...,...->...i", [(2, 3), (4, 3)]),
        ("...,...->", [(2, 3), (3,)]),
        ("a...b,b->...", [(2, 3, 4, 5), (5,)]),
        ("...ii->...i", [(2, 3, 3)]),
        ("ij,kj,k", [(2, 3), (4, 3), (4,)]),
        ("", [()]),
        (",", [(), ()]),
    ],
)
def test_einsum_reads_equations_as_torch_does(equation, shapes):
    operands = [torch.randint(-3, 4, shape).double() for shape in shapes]
    real = F.einsum(equation, *(x.unsqueeze(-1) for x in operands), algebra=hc.REAL)
    assert torch.equal(real.squeeze(-1), torch.einsum(equation, *operands))


def test_einsum_takes_lists_of_axes():
    a, b = (hc.QuaternionTensor(numbers(hc.QUATERNION, *shape)) for shape in ((2, 3), (3, 4)))
    assert torch.allclose(torch.einsum(a, [0, 1], b, [1, 2], [0, 2]), a @ b)
    assert torch.allclose(torch.einsum(a, [..., 0, 1], b, [..., 1, 2]), a @ b)
    assert torch.equal(torch.einsum("ij->ji", [a]), a.T)


def test_einsum_maps_over_batches():
    a, b = numbers(hc.OCTONION, 5, 2, 3), numbers(hc.OCTONION, 5, 3)
    f = lambda a, b: F.einsum("ij,j->i", a, b, algebra=hc.OCTONION)
    expected = F.einsum("bij,bj->bi", a, b, algebra=hc.OCTONION)
    torch.testing.assert_close(torch.func.vmap(f)(a, b), expected)
    torch.testing.assert_close(torch.func.vmap(f, (0, None))(a, b[0])[0], expected[0])
    tangents = torch.func.jvp(f, (a[0], b[0]), (a[1], b[1]))[1]
    torch.testing.assert_close(tangents, f(a[1], b[0]) + f(a[0], b[1]))


def test_einsum_has_two_derivatives():
    a, b = (numbers(hc.OCTONION, *shape).requires_grad_() for shape in ((2, 2), (2,)))
    for equation in ("ij,j->i", "ij,i->ij"):
        f = lambda a, b, e=equation: F.einsum(e, a, b, algebra=hc.OCTONION)
        assert torch.autograd.gradcheck(f, (a, b))
        assert torch.autograd.gradgradcheck(f, (a, b))


@pytest.mark.parametrize(
    ("equation", "message"),
    [
        ("ij,jk", "is for 2 operands, but got 1"),
        ("ijk", "does not fit to an operand with 2 axes of numbers"),
        ("i", "does not fit to an operand with 2 axes of numbers"),
        ("i1", "must consist of letters"),
        ("......i", "must consist of letters"),
        ("ij->k", "has 'k' in its output"),
        ("ij->ii", "has 'i' in its output"),
    ],
)
def test_equations_that_are_none(equation, message):
    with pytest.raises(RuntimeError, match=message):
        F.einsum(equation, numbers(hc.COMPLEX, 2, 3), algebra=hc.COMPLEX)


# ---------------------------------------------------------------------- along an axis


@pytest.mark.parametrize("algebra", [*WHOLE, SEDENION], ids=str)
@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 5, 7, 8, 9])
def test_products_run_from_the_left(algebra, length):
    x = torch.randint(-1, 2, (length, 2, algebra.dimension)).double()
    total, steps = one(algebra).expand(2, -1), []
    for factor in x:
        total = naive_product(total, factor, algebra)
        steps.append(total)
    assert torch.equal(F.prod(x, algebra, 0), total)
    assert torch.equal(F.prod(x.transpose(0, 1), algebra, -1, True), total.unsqueeze(1))
    running = F.cumprod(x.transpose(0, 1), 1, algebra)
    assert torch.equal(running, torch.stack(steps, 1) if steps else x.transpose(0, 1))


def test_brackets_of_octonions_matter():
    i, j, u = torch.eye(8).double()[[1, 2, 4]]
    left, right = (
        F.product(F.product(i, j, hc.OCTONION), u, hc.OCTONION),
        F.product(i, F.product(j, u, hc.OCTONION), hc.OCTONION),
    )
    assert torch.equal(left, -right)
    x = hc.as_hypercomplex(torch.stack([i, j, u]), hc.OCTONION)
    assert torch.equal(x.prod().components, left)
    assert torch.equal(x.cumprod(0)[-1].components, left)
    chain = torch.einsum("a,b,c->abc", *x.unsqueeze(-1))
    assert torch.equal(chain[0, 0, 0].components, left)


def test_the_product_of_all_goes_row_by_row():
    x = hc.QuaternionTensor(integers(hc.QUATERNION, 2, 3))
    a, b, c, d, e, f = x.flatten()
    assert torch.equal(x.prod(), a * b * c * d * e * f)
    assert torch.equal(x.T.prod(), a * d * b * e * c * f)


@pytest.mark.parametrize("algebra", [hc.COMPLEX, hc.QUATERNION, hc.OCTONION], ids=str)
def test_derivatives_where_factors_are_zero(algebra):
    x = numbers(algebra, 3)
    x[0] = 0
    x[2] = 0
    x.requires_grad_()
    for f in (lambda x: F.prod(x, algebra, 0), lambda x: F.cumprod(x, 0, algebra)):
        assert torch.autograd.gradcheck(f, (x,))
        assert algebra == hc.OCTONION or torch.autograd.gradgradcheck(f, (x,), fast_mode=True)
    with torch.no_grad():
        x[2] = one(algebra)
    total = F.prod(x, algebra, 0)
    (gradient,) = torch.autograd.grad(total[1], x)
    right = F.right_matrix(F.product(x[1], x[2], algebra).detach(), algebra)
    if algebra.is_associative:  # d(x₀ x₁ x₂) = dx₀ (x₁ x₂) where x₀ = 0
        torch.testing.assert_close(gradient[0], right[1])
    assert torch.equal(gradient[1:], torch.zeros_like(gradient[1:]))


def test_running_products_map_over_batches():
    x = numbers(hc.QUATERNION, 3, 6)
    f = lambda x: F.cumprod(x, 0, hc.QUATERNION)
    torch.testing.assert_close(torch.func.vmap(f)(x), F.cumprod(x, 1, hc.QUATERNION))


@every_algebra
def test_powers_of_numbers(algebra):
    x = numbers(algebra, 2)
    v = F.vander(x, algebra, 3)
    torch.testing.assert_close(v[:, 2], naive_product(x, x, algebra))
    assert torch.equal(v[:, 0], one(algebra).expand(2, -1))
    with pytest.raises(ValueError, match=r"`N` \(=0\) must be a positive"):
        F.vander(x, algebra, 0)


# ---------------------------------------------------------------------- two numbers


@pytest.mark.parametrize("algebra", [a for a in ALGEBRAS if a.is_alternative], ids=str)
def test_division_from_either_side(algebra):
    T = hc.tensor_type(algebra)
    a, b = T(numbers(algebra, 4)), T(numbers(algebra, 4))
    torch.testing.assert_close((a * a.left_divide(b)).components, b.components)
    torch.testing.assert_close(((b / a) * a).components, b.components)
    assert torch.allclose(a.left_divide(2), 2 / a)
    t = torch.randn(4, dtype=torch.float64)
    assert torch.allclose(a.left_divide(t), t / a)


def test_left_division_survives_any_scale():
    for dtype, size in [(torch.float16, 3e-5), (torch.float32, 1e-39), (torch.float64, 1e300)]:
        q = torch.tensor([0, size, 0, size], dtype=dtype)
        torch.testing.assert_close(
            F.left_divide(q, q, hc.QUATERNION), one(hc.QUATERNION).to(dtype), atol=1e-2, rtol=0
        )


def test_algebras_do_not_divide_each_other():
    q = hc.QuaternionTensor([1.0, 2, 3, 4])
    with pytest.raises(TypeError, match="is not that of a QuaternionTensor, QUATERNION"):
        F.left_divide(q, q, hc.clifford(1, 1))


@every_algebra
def test_commutators_and_inner_products(algebra):
    a, b = integers(algebra, 5), integers(algebra, 5)
    if algebra.is_commutative:
        assert torch.equal(F.commutator(a, b, algebra), torch.zeros_like(a))
    torch.testing.assert_close(
        F.commutator(a, b, algebra), naive_product(a, b, algebra) - naive_product(b, a, algebra)
    )
    conjugate = F.conj(a, algebra)
    torch.testing.assert_close(
        F.inner_product(a, b, algebra), naive_product(conjugate, b, algebra)[..., 0]
    )


def test_the_commutator_of_quaternions_is_twice_a_cross_product():
    a, b = integers(hc.QUATERNION, 5), integers(hc.QUATERNION, 5)
    cross = torch.linalg.cross(a[..., 1:], b[..., 1:])
    assert torch.equal(F.commutator(a, b, hc.QUATERNION)[..., 1:], 2 * cross)


def test_reflected_products_keep_their_order():
    i, j = hc.QuaternionTensor([0.0, 1, 0, 0]), hc.QuaternionTensor([0.0, 0, 1, 0])
    k = hc.QuaternionTensor([0.0, 0, 0, 1])
    assert torch.equal(j.__rmul__(i), k)
    assert torch.equal(j.__rmul__(torch.tensor(2.0)), 2 * j)
    row = i[None]
    row @= j[None, None]
    assert torch.equal(row, k[None])


# ---------------------------------------------------------------------- added products


def test_coefficients_are_real():
    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 2, 2))
    for call in (
        lambda: torch.addmm(q, q, q, alpha=q[0, 0]),
        lambda: torch.addmm(q, q, q, beta=1j),
        lambda: torch.addcmul(q, q, q, value=1j),
    ):
        with pytest.raises((NotImplementedError, TypeError), match=r"must be real|Number alpha"):
            call()


def test_what_is_scaled_by_zero_is_not_read():
    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 2, 2))
    nan = torch.full_like(q, float("nan"))
    assert torch.allclose(torch.addmm(nan, q, q, beta=0), q @ q)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda q: torch.addmm(q, q, q[:1]), "addmm expects equal sizes on axes with equal"),
        (
            lambda q: torch.addmv(q, q, q),
            "addmv expects tensors with 2 and 1 axes, but got 2 and 2",
        ),
        (lambda q: torch.bmm(q[:1, None], q[:, None]), "bmm expects equal sizes"),
        (lambda q: torch.inner(q, q[:, :1]), "inner expects equal sizes on the last axes"),
        (lambda q: torch.tensordot(q, q, 3), r"`dims` \(=3\) must be between 0 and 2"),
        (lambda q: torch.tensordot(q, q, ([0, 0], [0, 1])), "must pair different axes"),
        (lambda q: torch.cdist(q, q[:, :1]), "must hold vectors of as many numbers"),
        (lambda q: torch.nn.functional.bilinear(q, q, q[None]), "where the weight stands"),
        (lambda q: torch.linalg.cross(q, q), "would not be antisymmetric"),
    ],
)
def test_wrong_operands(call, message):
    q = hc.QuaternionTensor(numbers(hc.QUATERNION, 2, 2))
    with pytest.raises((RuntimeError, NotImplementedError), match=message):
        call(q)


# ---------------------------------------------------------------------- distances


def test_distances_are_those_of_complex_numbers():
    a, b = torch.randn(2, 4, 3, dtype=torch.complex128)
    A, B = (hc.as_hypercomplex(torch.view_as_real(x), hc.COMPLEX) for x in (a, b))
    for p in (1, 2, 3, float("inf")):
        torch.testing.assert_close(torch.dist(A, B, p), torch.dist(a, b, p))
        torch.testing.assert_close(
            torch.pairwise_distance(A, B, p), torch.pairwise_distance(a, b, p)
        )
        expected = torch.linalg.vector_norm(a[:, None] - b, p, -1)
        torch.testing.assert_close(torch.cdist(A, B, p), expected)
    torch.testing.assert_close(torch.pdist(A)[0], torch.dist(a[0], a[1]))


def test_distances_have_derivatives_where_points_meet():
    a = numbers(hc.QUATERNION, 2, 2).requires_grad_()
    (gradient,) = torch.autograd.grad(F.cdist(a, a).sum(), a)
    assert gradient.isfinite().all()
    b = numbers(hc.QUATERNION, 3, 2)
    assert torch.autograd.gradgradcheck(lambda a: F.cdist(a, b), (a,))
    assert torch.autograd.gradgradcheck(lambda a: F.cosine_similarity(a, b[:2], -1), (a,))
