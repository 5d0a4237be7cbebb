"""NumPy's protocols: arrays of components when asked for, and arithmetic with arrays of reals.

`np.asarray(q)` is the array of components, `(…, n)`, sharing memory with the tensor as torch's do.
In `array * q` and `q * array` the array holds one real number for each number, as a plain tensor
would, and the result is a tensor. Every other function of NumPy refuses: it would see components.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

import numpy as np
import torch
from torch import Tensor

from hypercomplex.algebra import Algebra

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
    """What NumPy asks a typed tensor."""

    algebra: ClassVar[Algebra]
    device: torch.device

    @property
    def components(self) -> Tensor:
        """The real components as a plain tensor `(…, n)`."""
        raise NotImplementedError

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        components = self.components.numpy()
        if dtype is None and copy is None:
            return components
        return np.array(components, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if ufunc not in _ARITHMETIC or method != "__call__" or kwargs:
            self._refuse(ufunc)
        return _ARITHMETIC[ufunc](*(self._operand(x) for x in inputs))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> NoReturn:
        self._refuse(func)

    def _operand(self, x: Any) -> Any:
        return x if isinstance(x, Tensor) else torch.as_tensor(x, device=self.device)

    def _refuse(self, function: Any) -> NoReturn:
        raise TypeError(
            f"numpy.{function.__name__} is refused for {type(self).__name__}: NumPy has no numbers "
            f"of {self.algebra}; use torch's function, or np.asarray(q), whose last axis is the "
            "component"
        )
