"""NumPy's protocols: arrays of components when asked for, and its functions of numbers.

`np.asarray(q)` is the array of components, `(…, n)`, sharing memory with the tensor as torch's do.
In `array * q` and `q * array` the array holds one real number for each number, as a plain tensor
would, and the result is a tensor; so is that of `np.exp(q)`, which is `torch.exp(q)`. Functions of
whole arrays, such as `np.sum`, refuse: they would see components.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from hypercomplex.functional.data import as_tensor

__all__ = ["Arrays"]

_ALIKE = (
    "add subtract multiply true_divide matmul float_power not_equal negative positive absolute "
    "square reciprocal sqrt exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh arcsin "
    "arccos arctan arcsinh arccosh arctanh isnan isinf isfinite"
)
_UFUNCS: dict[Any, Callable[..., Any]] = {
    **{getattr(np, name): getattr(torch, name) for name in _ALIKE.split()},
    np.conjugate: torch.conj,
    np.equal: torch.eq,
    np.power: torch.pow,
}


class Arrays:
    """What NumPy asks a typed tensor: arrays, ufuncs and its other functions."""

    def __array__(self: Any, dtype: Any = None, copy: bool | None = None) -> Any:
        components = self.components.numpy()
        if dtype is None and copy is None:
            return components
        return np.array(components, dtype=dtype, copy=copy)

    def __array_ufunc__(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if ufunc not in _UFUNCS or method != "__call__" or kwargs:
            raise _refusal(self, ufunc)
        return _UFUNCS[ufunc](*(self._operand(x) for x in inputs))

    def __array_function__(self: Any, func: Any, types: Any, args: Any, kwargs: Any) -> NoReturn:
        raise _refusal(self, func)

    def _operand(self: Any, x: Any) -> Any:
        return x if isinstance(x, (Tensor, int, float)) else as_tensor(x, device=self.device)


def _refusal(tensor: Any, function: Any) -> TypeError:
    return TypeError(
        f"numpy.{function.__name__} is refused for {type(tensor).__name__}: NumPy has no numbers "
        f"of {tensor.algebra}; use torch's function, or np.asarray(q), whose last axis is the "
        "component"
    )
