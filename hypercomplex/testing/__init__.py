"""To test an algebra, a function or a layer of one's own, over numbers where bugs live.

- *strategies*: `algebras`, `elements`, `units`, `tensors`, for `hypothesis.given`;
- *assertions*: `assert_close`, `assert_equivariant`, `check_laws`, which need no hypothesis.

Example:
    >>> from hypothesis import given
    >>> from hypercomplex.testing import assert_equivariant, tensors, units
    >>> layer = hc.nn.QuaternionLinear(3, 2, bias=False)
    >>> @given(tensors(hc.QUATERNION, (3,)), tensors(hc.QUATERNION))
    ... def test_the_layer_is_linear_from_the_right(x, q):
    ...     assert_equivariant(layer, lambda x: x * q, x)
"""

from hypercomplex.testing.assertions import assert_close, assert_equivariant, check_laws
from hypercomplex.testing.strategies import algebras, elements, tensors, units

__all__ = [
    "algebras",
    "assert_close",
    "assert_equivariant",
    "check_laws",
    "elements",
    "tensors",
    "units",
]
