"""What to assert of numbers: that they are close, that a function commutes with an action, that
laws hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra import Algebra
from hypercomplex.door.calls import is_typed
from hypercomplex.printing import format_number, unit_texts
from hypercomplex.tensor import tensor_type

__all__ = ["assert_close", "assert_equivariant", "check_laws"]

# As torch.testing.assert_close has them: (rtol, atol).
_TOLERANCES = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
}


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
) -> None:
    """Assert that each number is close to what is expected: `|a − b| ≤ atol + rtol |b|`, with the
    Euclidean length of components.

    A small component may thus be as wrong as the large ones beside it make it, which is what a
    change of the basis does to it; `torch.testing.assert_close` asks the same digits of each.

    Args:
        actual: a typed tensor.
        expected: a typed tensor of the same algebra, or real numbers, `(…)`.
        rtol: relative tolerance; by default that of `torch.testing.assert_close` for the dtype.
        atol: absolute tolerance, likewise; both or none must be given.
        equal_nan: whether NaN equals NaN.

    Raises:
        AssertionError: if they are not close, or algebras, shapes, dtypes or devices differ.
        TypeError: if `actual` is not typed.
        ValueError: if one of `rtol` and `atol` is given alone.

    Example:
        >>> q = hc.QuaternionTensor([[1.0, 2, 3, 4]])
        >>> assert_close(q * q.inverse(), torch.ones(1))
        >>> assert_close(q, q + 1)
        Traceback (most recent call last):
        AssertionError: 1 of 1 numbers are not close; at (0,): 1+2i+3j+4k, not 2+2i+3j+4k;
        0.17 apart relative to it, where 1.3e-06 and absolutely 1e-05 are allowed
    """
    if not is_typed(actual):
        raise TypeError(f"`actual` is a {type(actual).__name__}; it must be a tensor of numbers")
    if (rtol is None) != (atol is None):
        raise ValueError(f"`rtol` (={rtol}) and `atol` (={atol}) must be given both, or none")
    expected = _alike(actual, expected)
    for attribute in ("shape", "dtype", "device"):
        a, b = getattr(actual, attribute), getattr(expected, attribute)
        if a != b:
            raise AssertionError(f"the {attribute} is {a}, and {b} is expected")
    if rtol is None or atol is None:
        rtol, atol = _TOLERANCES[actual.dtype]
    a, b = (x.detach().components.double() for x in (actual, expected))
    equal = (a == b) | ((a.isnan() & b.isnan()) if equal_nan else False)
    distance = _length(a - b)
    wrong = ~equal.all(-1) & ~((distance <= atol + rtol * _length(b)) & distance.isfinite())
    if wrong.any():
        raise AssertionError(
            f"{_worst(actual, a, b, wrong)}, where {rtol:.2g} and absolutely {atol:.2g} are allowed"
        )


def _alike(actual: Any, expected: Any) -> Any:
    """What is expected, as numbers of the same algebra."""
    if not is_typed(expected):
        real = torch.as_tensor(expected, dtype=actual.dtype, device=actual.device)
        return type(actual).zeros(real.shape, dtype=real.dtype, device=real.device) + real
    if expected.algebra != actual.algebra:
        raise AssertionError(f"numbers of {actual.algebra}, and of {expected.algebra} are expected")
    return expected


def _length(x: Tensor) -> Tensor:
    """The Euclidean length of components, also where their squares are out of range."""
    scale = x.abs().amax(-1, keepdim=True)
    scale = torch.where((scale > 0) & scale.isfinite(), scale, 1)
    return torch.linalg.vector_norm(x / scale, dim=-1) * scale.squeeze(-1)


def _worst(actual: Any, a: Tensor, b: Tensor, wrong: Tensor) -> str:
    """Which number is the worst, and by how much."""
    relative = torch.where(wrong, _length(a - b) / _length(b), -1).nan_to_num(torch.inf, torch.inf)
    place = tuple(int(i) for i in torch.unravel_index(relative.argmax(), relative.shape))
    found, right = (format_number(x[place], unit_texts(actual), "g") for x in (a, b))
    where = f"at {place}: " if place else ""
    return (
        f"{int(wrong.sum())} of {wrong.numel()} numbers are not close; {where}{found}, not {right};"
        f"\n{float(relative[place]):.2g} apart relative to it"
    )


def assert_equivariant(
    function: Callable[..., Any],
    action: Callable[[Any], Any],
    *inputs: Any,
    output_action: Callable[[Any], Any] | None = None,
    rtol: float | None = None,
    atol: float = 0.0,
) -> None:
    """Assert that a function commutes with an action: `f(g·x) = g·f(x)`.

    Args:
        function: of the inputs, with one tensor as its result.
        action: what is done to each input, and to the result.
        inputs: tensors, typed or plain.
        output_action: what is done to the result instead: `lambda y: y` asserts invariance.
        rtol: how far numbers may be apart, relative to the largest in the result; by default 16
            times what `torch.testing.assert_close` allows.
        atol: how far they may be apart absolutely.

    Raises:
        AssertionError: if it does not.

    Example:
        >>> layer = hc.nn.QuaternionLinear(3, 2, bias=False)  # y = W x
        >>> x, q = hc.QuaternionTensor.randn(5, 3), hc.QuaternionTensor.randn()
        >>> assert_equivariant(layer, lambda x: x * q, x)
        >>> assert_equivariant(torch.abs, torch.conj, x, output_action=lambda y: y)
    """
    moved = function(*map(action, inputs))
    result = (output_action or action)(function(*inputs))
    size = float(result.detach().abs().max()) if result.numel() else 0.0
    if rtol is None:
        rtol = 16 * _TOLERANCES[result.dtype][0]
    close = assert_close if is_typed(result) else torch.testing.assert_close
    close(moved, result, rtol=0.0, atol=atol + rtol * size)


def check_laws(
    algebra: Algebra, *laws: str, multiply: Callable[[Any, Any], Any] | None = None
) -> None:
    """Assert that laws hold in an algebra, decided exactly, and that a function is its product.

    Args:
        algebra: the algebra.
        laws: sentences, such as `"(xx)y = x(xy)"`, or names of properties without `is_`.
        multiply: a function of two typed tensors that is to multiply them: it is compared with the
            table on all products of two units, and of sums of them.

    Raises:
        AssertionError: with a counterexample, if one does not hold.
        NotImplementedError: if one is not decided.
        TypeError: if `algebra` is not an `Algebra`.
        ValueError: if one is no law, or nothing is asked.

    Example:
        >>> check_laws(hc.OCTONION, "alternative", "(xy)x = x(yx)")
        >>> check_laws(hc.OCTONION, "associative")
        Traceback (most recent call last):
        AssertionError: OCTONION: (xy)z = x(yz) does not hold for i, j, l
        >>> check_laws(hc.QUATERNION, multiply=lambda a, b: b * a)
        Traceback (most recent call last):
        AssertionError: QUATERNION: `multiply` gives -k for (i)·(j), which is k
    """
    if not isinstance(algebra, Algebra):
        raise TypeError(f"`algebra` (={algebra!r}) must be an Algebra, such as QUATERNION")
    if not laws and multiply is None:
        raise ValueError("`laws` is empty, and there is no `multiply`: say what to check")
    for text in laws:
        named = getattr(Algebra, f"is_{text}", None)
        law = getattr(algebra, f"is_{text}") if named is not None else algebra.satisfies(text)
        if not law:
            witness = f" for {', '.join(law.counterexample)}" if law.counterexample else ""
            raise AssertionError(f"{algebra}: {law.statement} does not hold{witness}")
    if multiply is not None:
        _check_product(algebra, multiply)


def _check_product(algebra: Algebra, multiply: Callable[[Any, Any], Any]) -> None:
    """The products of all pairs of units, and of sums of them, are those of the table."""
    cls, n = tensor_type(algebra), algebra.dimension
    units = torch.eye(n, dtype=torch.float64)
    sums = torch.cat([units, units.cumsum(0)])
    a, b = sums.unsqueeze(1).repeat(1, 2 * n, 1), sums.unsqueeze(0).repeat(2 * n, 1, 1)
    found = multiply(cls(a), cls(b)).components
    expected = torch.zeros(n, n, n, dtype=torch.float64)
    for i, j, k, c in algebra.products:
        expected[i, j, k] = float(c)
    for axis in (0, 1):
        expected = torch.cat([expected, expected.cumsum(axis)], axis)
    wrong = ~torch.isclose(found, expected, rtol=1e-12, atol=1e-12).all(-1)
    if wrong.any():
        i, j = (int(x) for x in wrong.nonzero()[0])
        rows = (sums[i], sums[j], found[i, j], expected[i, j])
        x, y, given, right = (algebra.format([_tidy(c) for c in row.tolist()]) for row in rows)
        raise AssertionError(
            f"{algebra}: `multiply` gives {given} for ({x})·({y}), which is {right}"
        )


def _tidy(c: float) -> float:
    """An integer without its point."""
    return int(c) if c.is_integer() else c
