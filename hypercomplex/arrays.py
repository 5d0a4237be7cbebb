"""NumPy's protocols: arrays of components when asked for, never ufuncs on components."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from torch import Tensor

from hypercomplex.algebra import Algebra

__all__ = ["Arrays"]


class Arrays:
    """What NumPy asks a typed tensor.

    `np.asarray(q)` is the array of components, `(…, n)`, sharing memory with the tensor as torch's
    do. With `__array_ufunc__ = None`, `array * q` is computed by the tensor, for which an array is
    real numbers, and `np.exp(q)` is a TypeError.
    """

    algebra: Algebra
    components: Tensor

    __array_ufunc__ = None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        components = self.components.numpy()
        return components if dtype is None and copy is None else np.array(
            components, dtype=dtype, copy=copy
        )

    def __array_function__(
        self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> NoReturn:
        raise TypeError(
            f"numpy.{func.__name__} is refused for {type(self).__name__}: NumPy has no numbers of "
            f"{self.algebra}; use torch's function, or np.asarray(q), whose last axis is the "
            "component"
        )
