"""Numbers read as numbers."""

import pytest
import torch

import hypercomplex as hc


@pytest.fixture(autouse=True)
def _restore_print_options():
    yield
    torch.set_printoptions(profile="default")


def test_numbers_shape_and_dtype():
    assert repr(hc.QuaternionTensor([1.0, 2, 3, 4])) == (
        "QuaternionTensor(1+2i+3j+4k, shape=(), dtype=torch.float32)"
    )
    assert repr(hc.QuaternionTensor([[1, -2.5, 0, 1e-10]], dtype=torch.float64)) == (
        "QuaternionTensor([1-2.5i+0j+1e-10k], shape=(1,), dtype=torch.float64)"
    )
    assert str(hc.as_hypercomplex(torch.tensor([1.0, 2, 3, 4]), hc.clifford(2))) == (
        "Cl_2_0Tensor(1+2*e1+3*e2+4*e12, shape=(), dtype=torch.float32)"
    )
    real = hc.as_hypercomplex(torch.tensor([5.0]), hc.REAL)
    assert f"{real}" == f"{type(real).__name__}(5, shape=(), dtype=torch.float32)"


def test_rows_and_columns_line_up():
    q = hc.QuaternionTensor(torch.arange(16.0).view(2, 2, 4))
    assert repr(q) == (
        "QuaternionTensor([[    0+1i+2j+3k,     4+5i+6j+7k],\n"
        "                  [  8+9i+10j+11k, 12+13i+14j+15k]], shape=(2, 2), dtype=torch.float32)"
    )
    assert repr(q.view(2, 1, 2)).count("\n\n") == 1


def test_long_tensors_are_shortened_and_wrapped():
    assert "..." in repr(hc.QuaternionTensor(torch.zeros(2000, 4)))
    assert "..." not in repr(hc.QuaternionTensor(torch.zeros(10, 4)))
    assert len(repr(hc.QuaternionTensor(torch.zeros(10, 4))).splitlines()) == 2


def test_torchs_print_options_hold():
    q = hc.QuaternionTensor([1 / 3, 0, 0, 0])
    assert "0.3333+" in repr(q)
    torch.set_printoptions(precision=2)
    assert "0.33+" in repr(q)
    torch.set_printoptions(threshold=2, edgeitems=1)
    assert repr(hc.QuaternionTensor(torch.zeros(5, 4))) == (
        "QuaternionTensor([0+0i+0j+0k, ..., 0+0i+0j+0k], shape=(5,), dtype=torch.float32)"
    )


def test_the_rest_of_the_story():
    q = hc.QuaternionTensor([[float("nan"), float("inf"), 0, 0]], requires_grad=True)
    assert "nan+infi+0j+0k" in repr(q)
    assert repr(q).endswith("requires_grad=True)")
    assert "grad_fn=<AliasBackward0>" in repr(q * 2)
    assert repr(q.detach().to("meta")).startswith("QuaternionTensor(..., shape=(1,)")
    assert repr(hc.QuaternionTensor(torch.zeros(0, 4))).startswith(
        "QuaternionTensor([], shape=(0,)"
    )
    assert repr(hc.QuaternionTensor(torch.zeros(2, 0, 4))).startswith("QuaternionTensor([[],\n")


@pytest.mark.parametrize(
    ("sci_mode", "text"),
    [
        (None, "1+0.5i-1e-05j+0k"),
        (True, "1.0000e+00+5.0000e-01i-1.0000e-05j+0.0000e+00k"),
        (False, "1.0000+0.5000i-0.0000j+0.0000k"),
    ],
)
def test_exponents_are_used_as_torch_is_told(sci_mode, text):
    torch.set_printoptions(sci_mode=sci_mode)
    assert repr(hc.QuaternionTensor([1, 0.5, -1e-5, 0])).startswith(f"QuaternionTensor({text},")


def test_profiles_of_torch_hold():
    q = hc.QuaternionTensor(torch.full((1200, 4), 1 / 3))
    torch.set_printoptions(profile="short")
    assert repr(q[0]).startswith("QuaternionTensor(0.33+0.33i+0.33j+0.33k,")
    assert repr(q).count("0.33+") == 4
    torch.set_printoptions(profile="full")
    assert repr(q).count("0.3333+") == 1200


def test_only_the_edges_of_long_axes_are_read():
    q = hc.QuaternionTensor(torch.arange(4.0 * 50 * 50).view(50, 50, 4))
    torch.set_printoptions(edgeitems=1, linewidth=100)
    assert repr(q) == (
        "QuaternionTensor([[            0+1i+2j+3k, ..., 196+197i+198j+199k],\n"
        "                  ...,\n"
        "                  [9800+9801i+9802j+9803k, ..., 9996+9997i+9998j+9999k]],"
        " shape=(50, 50), dtype=torch.float32)"
    ).replace("196+197i+198j+199k]", "    196+197i+198j+199k]")


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (".2f", "1.50-2.00i+0.12j+0.00k"),
        ("+.0f", "+2-2i+0j+0k"),
        ("g", "1.5-2i+0.125j+0k"),
        (".1e", "1.5e+00-2.0e+00i+1.2e-01j+0.0e+00k"),
        (">26.2f", "    1.50-2.00i+0.12j+0.00k"),
        ("*^26.2f", "**1.50-2.00i+0.12j+0.00k**"),
        ("26.2f", "1.50-2.00i+0.12j+0.00k    "),
    ],
)
def test_a_single_number_has_a_format(spec, text):
    assert format(hc.QuaternionTensor([1.5, -2, 0.125, 0]), spec) == text


def test_units_that_look_like_exponents_stand_apart():
    assert f"{hc.as_hypercomplex(torch.tensor([1.0, 2, 3, -4]), hc.clifford(2)):.1f}" == (
        "1.0+2.0*e1+3.0*e2-4.0*e12"
    )


def test_many_numbers_and_unknown_codes_have_none():
    with pytest.raises(
        TypeError, match=r"`format_spec` \(='.3f'\) formats a single number.*\(2,\)"
    ):
        format(hc.QuaternionTensor(torch.zeros(2, 4)), ".3f")
    with pytest.raises(ValueError, match="format code 'q'"):
        format(hc.QuaternionTensor(torch.zeros(4)), "q")


def test_notebooks_show_small_tables():
    q = hc.QuaternionTensor(torch.arange(16.0).view(2, 2, 4))
    assert q._repr_html_() == (
        "<table><caption>QuaternionTensor: shape=(2, 2), dtype=torch.float32</caption>"
        "<tr><td>0+1i+2j+3k</td><td>4+5i+6j+7k</td></tr>"
        "<tr><td>8+9i+10j+11k</td><td>12+13i+14j+15k</td></tr></table>"
    )
    assert q[0, 0]._repr_html_().count("<td>") == 1
    assert q[0]._repr_html_().count("<tr>") == 1
    large = hc.QuaternionTensor(torch.zeros(100, 100, 4))._repr_html_()
    assert large.count("<tr>") == 7
    assert large.count("<td>") == 49
    assert "<td>" not in q[:0]._repr_html_()
    deep = (q * q).view(2, 2, 1).requires_grad_()
    assert deep._repr_html_().startswith("<pre>QuaternionTensor([[[")
    assert q.to("meta")._repr_html_().startswith("<pre>QuaternionTensor(...")


def test_names_cannot_break_the_page():
    algebra = hc.cayley_dickson(hc.REAL, name="A")
    odd = hc.Algebra(("1", "<b>_&"), algebra.products, algebra.conjugation, "ODD")
    q = hc.HypercomplexTensor.__new__(
        type("Odd", (hc.HypercomplexTensor,), {"algebra": odd}), [1.0, 2]
    )
    assert "1+2*&lt;b&gt;_&amp;" in q._repr_html_()
    assert q._repr_latex_() == r"$\displaystyle 1 + 2\,\text{<b>\_\&}$"


def test_notebooks_show_matrices():
    q = hc.QuaternionTensor([[1.0, -2, 0, float("inf")], [0, 0, 1e-10, float("nan")]])
    assert q[0]._repr_latex_() == r"$\displaystyle 1 - 2\,i + 0\,j + \infty\,k$"
    assert q._repr_latex_() == (
        r"$\displaystyle \begin{bmatrix} 1 - 2\,i + 0\,j + \infty\,k & "
        r"0 + 0\,i + 1 \cdot 10^{-10}\,j + \mathrm{nan}\,k \end{bmatrix}$"
    )
    assert r" \\ " in q.view(2, 1)._repr_latex_()
    assert q.view(2, 1, 1)._repr_latex_() is None
    large = hc.QuaternionTensor(torch.zeros(100, 4))._repr_latex_()
    assert large.count(r"\cdots") == 1
    assert large.count("k") == 6
    assert r"2\,e_{12}" in hc.as_hypercomplex(torch.full((4,), 2.0), hc.clifford(2))._repr_latex_()
