"""From formulas to tensors: expressions of sympy, evaluated by torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from hypercomplex.algebra.elements import Element
from hypercomplex.door.calls import is_typed
from hypercomplex.tensor import tensor_type

__all__ = ["lambdify"]

_FUNCTIONS = {
    **{name: getattr(torch, name) for name in (
        "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh",
        "acosh", "atanh", "exp", "log", "sqrt", "sign", "floor", "erf",
    )},
    "Abs": torch.abs, "ceiling": torch.ceil,
}  # fmt: skip
_DIGITS = 17  # tell each number of float64 from all others
_MOST_EXACT = 2**53  # float64 holds all integers up to there


def lambdify(expression: Any, variables: Sequence[Any]) -> Callable[..., Any]:
    """The function of tensors that a formula says, for elements of symbols or single symbols.

    Args:
        expression: an `Element` of expressions of sympy, or one expression.
        variables: what the function takes, in order: elements of symbols stand for numbers, given
            as components `(…, n)` or typed tensors; symbols for real tensors `(…)`.

    Returns:
        A function that gives numbers where the expression is an element, components `(…, n)`, typed
        if one of the numbers given is; and else a real tensor `(…)`.

    Raises:
        TypeError: if `expression` or a variable is of another kind.
        ValueError: if the expression has other symbols than the variables.

    Example:
        >>> x, y = hc.QUATERNION.symbols("x"), hc.QUATERNION.symbols("y")
        >>> sandwich = hc.lambdify(x * y * x.conj(), [x, y])
        >>> q, v = hc.QuaternionTensor.randn(5), hc.QuaternionTensor.randn(5)
        >>> torch.allclose(sandwich(q, v).components, (q * v * q.conj()).components, atol=1e-5)
        True
    """
    import sympy

    parts, symbols = _parts_and_symbols(expression, variables)
    formulas = [_with_floats(part) for part in parts]
    evaluate = sympy.lambdify(symbols, formulas, modules=[_FUNCTIONS], cse=True)
    algebra = expression.algebra if isinstance(expression, Element) else None

    def function(*tensors: Any) -> Any:
        if len(tensors) != len(variables):
            raise TypeError(f"the formula takes {len(variables)} tensors, but {len(tensors)} came")
        reals = [
            real
            for variable, tensor in zip(variables, tensors, strict=True)
            for real in _reals(variable, tensor)
        ]
        values = torch.broadcast_tensors(*(_tensor(v, reals) for v in evaluate(*reals)))
        if algebra is None:
            return values[0]
        components = torch.stack(values, -1)
        return tensor_type(algebra)(components) if any(map(is_typed, tensors)) else components

    return function


def _parts_and_symbols(expression: Any, variables: Any) -> tuple[list[Any], list[Any]]:
    """The formulas of the components, and the symbols of all variables, which must be those."""
    import sympy

    if not isinstance(expression, (Element, sympy.Expr)):
        raise TypeError(
            f"`expression` (={expression!r}) must be an Element or an expression of sympy"
        )
    parts = list(expression) if isinstance(expression, Element) else [expression]
    if not isinstance(variables, Sequence) or isinstance(variables, (str, Element)):
        raise TypeError(f"`variables` (={variables!r}) must be a sequence of elements and symbols")
    if not variables:
        raise ValueError("`variables` is empty; a formula of tensors takes one at least")
    symbols = [s for variable in variables for s in _symbols(variable)]
    free = {s for part in parts for s in sympy.sympify(part).free_symbols}
    if missing := free.difference(symbols):
        raise ValueError(
            f"`variables` (={variables!r}) must have all symbols of the expression; "
            f"{', '.join(sorted(map(str, missing)))} is not in them"
        )
    return [sympy.sympify(part) for part in parts], symbols


def _with_floats(expression: Any) -> Any:
    """The expression with its constants as floats, since functions of torch take no numbers.

    Integers and fractions that floats hold without loss stay: they are exponents, too.
    """
    if expression.is_Rational and max(abs(expression.p), expression.q) < _MOST_EXACT:
        return expression
    if expression.is_number and expression.is_extended_real:
        return expression.evalf(_DIGITS)
    parts = [_with_floats(part) for part in expression.args]
    return expression.func(*parts) if parts else expression


def _symbols(variable: Any) -> list[Any]:
    """The symbols of a variable."""
    import sympy

    found = list(variable) if isinstance(variable, Element) else [variable]
    if not all(isinstance(s, sympy.Symbol) for s in found):
        raise TypeError(
            f"`variables` holds {variable!r}; give elements such as QUATERNION.symbols('x'), or "
            "symbols of sympy"
        )
    return found


def _reals(variable: Any, tensor: Any) -> Sequence[Tensor]:
    """The components of a number, or a real tensor by itself."""
    if not isinstance(variable, Element):
        return [torch.as_tensor(tensor)]
    components = tensor.components if is_typed(tensor) else tensor
    n = variable.algebra.dimension
    if is_typed(tensor) and tensor.algebra != variable.algebra:
        raise TypeError(f"`tensors` holds numbers of {tensor.algebra}, not of {variable.algebra}")
    if not isinstance(components, Tensor) or not components.ndim or components.shape[-1] != n:
        raise ValueError(
            f"`tensors` must hold numbers of {variable.algebra} for {variable}: components (…, {n})"
        )
    return components.unbind(-1)


def _tensor(value: Any, reals: Sequence[Tensor]) -> Tensor:
    """A constant as a tensor beside those given."""
    return value if isinstance(value, Tensor) else torch.full_like(reals[0], float(value))
