"""NumPy's protocols: arrays of components when asked for, and arithmetic with arrays of reals.

`np.asarray(q)` is the array of components, `(…, n)`, sharing memory with the tensor as torch's do.
In `array * q` and `q * array` the array holds one real number for each number, as a plain tensor
would, and the result is a tensor. Every other function of NumPy refuses: it would see components.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from hypercomplex.functional.data import as_tensor

__all__ = ["Arrays"]

_ARITHMETIC: dict[Any, Callable[..., Any]] = {
    np.add: torch.add,
    np.subtract: torch.sub,
    np.multiply: torch.mul,
    np.true_divide: torch.div,
    np.matmul: torch.matmul,
    np.equal: torch.eq,
    np.not_equal: torch.ne,
}


class Arrays:
    """What NumPy asks a typed tensor: arrays, ufuncs and its other functions."""

    def __array__(self: Any, dtype: Any = None, copy: bool | None = None) -> Any:
        components = self.components.numpy()
        if dtype is None and copy is None:
            return components
        return np.array(components, dtype=dtype, copy=copy)

    def __array_ufunc__(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if ufunc not in _ARITHMETIC or method != "__call__" or kwargs:
            raise _refusal(self, ufunc)
        return _ARITHMETIC[ufunc](*(self._operand(x) for x in inputs))

    def __array_function__(self: Any, func: Any, types: Any, args: Any, kwargs: Any) -> NoReturn:
        raise _refusal(self, func)

    def _operand(self: Any, x: Any) -> Any:
        return x if isinstance(x, Tensor) else as_tensor(x, device=self.device)


def _refusal(tensor: Any, function: Any) -> TypeError:
    return TypeError(
        f"numpy.{function.__name__} is refused for {type(tensor).__name__}: NumPy has no numbers "
        f"of {tensor.algebra}; use torch's function, or np.asarray(q), whose last axis is the "
        "component"
    )
