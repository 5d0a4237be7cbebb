"""A call of typed tensors is a short walk: so many functions of the library, and no more."""

import sys
from pathlib import Path

import pytest
import torch

import hypercomplex as hc
from tests.torches import WRITTEN_FOR

Q, R, V = hc.QuaternionTensor.randn(8), hc.QuaternionTensor.randn(8), torch.randn(8, 3)
PACKAGE = str(Path(hc.__file__).parent)
W, C = hc.QuaternionTensor.randn(8, 8), hc.QuaternionTensor.randn(8, 4)
SIGMOID = hc.functional.split(torch.sigmoid)
X, LINEAR = hc.QuaternionTensor.randn(8, 4), hc.nn.QuaternionLinear(4, 4)


def walk(call):
    """The functions of the library that run in a call."""
    seen = []

    def look(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            seen.append(frame.f_code.co_name)

    call()  # constants are made once
    before = sys.getprofile()
    sys.setprofile(look)
    try:
        call()
    finally:
        sys.setprofile(before)
    return seen


@pytest.mark.parametrize(
    ("call", "longest"),
    [
        (lambda: Q + R, 6),
        (lambda: Q * R, 13),
        (lambda: Q.rotate(V), 20),
        (lambda: LINEAR(X), 39),
        (lambda: W @ C, 27),
        (lambda: C.chunk(4), 12),
        (lambda: C.mT, 5),
        (lambda: SIGMOID(C), 9),
        (lambda: Q.shape, 5),
    ],
    ids=["q + r", "q * r", "q.rotate(v)", "Linear", "W @ x", "chunk", "mT", "split", "shape"],
)
def test_the_walk_of_a_call_is_short(call, longest):
    seen = walk(call)
    assert 0 < len(seen) <= longest + (not WRITTEN_FOR), seen
