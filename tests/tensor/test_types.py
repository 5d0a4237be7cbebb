"""An algebra has one tensor type, whoever asks for it; it goes when nobody needs it any more."""

import gc
import sys
import threading
import weakref

import numpy as np
import pytest
import torch

import hypercomplex as hc
from hypercomplex import tensor as module

Q = hc.QuaternionTensor


def ring(c, name="RING"):
    """The numbers x + y w with w² = c."""
    return hc.cayley_dickson(hc.REAL, c, name=name)


def test_threads_get_one_type():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for c in range(1000, 1060):
            found, go = [], threading.Barrier(4)

            def ask(c=c, found=found, go=go):
                algebra = ring(c)
                go.wait()
                found.append(hc.tensor_type(algebra))

            threads = [threading.Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(found) == 4
            assert len(set(found)) == 1
    finally:
        sys.setswitchinterval(interval)


def test_types_of_algebras_that_are_gone_go():
    kept = hc.tensor_type(ring(2000)).ones(1)
    first = weakref.ref(hc.tensor_type(ring(2001)))
    for c in range(2002, 2002 + 2 * module._MOST_KEPT):
        hc.tensor_type(ring(c))
    gc.collect()
    assert first() is None
    assert len(module._types) < 2 * module._MOST_KEPT
    assert hc.tensor_type(ring(2000)) is type(kept)
    assert hc.tensor_type(hc.QUATERNION) is Q
    assert kept + hc.tensor_type(ring(2000)).ones(1) is not None


def test_names_are_short_and_told_apart():
    types = [hc.tensor_type(ring(c, "TWIN")) for c in range(3000, 3020)]
    names = {T.__name__ for T in types}
    assert len(names) == 20
    assert all(len(name) < 30 for name in names)
    assert all(getattr(module, T.__name__) is T for T in types)
    for name in ("x" * 10_000, "", "a b-c/ü", "Quaternion", "hypercomplex", "1"):
        T = hc.tensor_type(ring(4000 + len(name), name))
        assert len(T.__name__) < 80
        assert T is not Q
        assert T is not hc.HypercomplexTensor
        assert getattr(module, T.__name__) is T
    with pytest.raises(AttributeError, match="no attribute 'NothingTensor'"):
        _ = module.NothingTensor


def test_loaders_stack_numbers_of_any_type():
    batch = [hc.tensor_type(ring(5000)).ones(3) for _ in range(2)]
    stacked = torch.utils.data.default_collate(batch)
    assert type(stacked) is type(batch[0])
    assert stacked.shape == (2, 3)
    assert type(torch.utils.data.default_collate([torch.ones(2)] * 2)) is torch.Tensor


# ---------------------------------------------------------------------- types of components


@pytest.mark.parametrize(
    "dtype",
    [torch.int64, torch.bool, torch.uint8, torch.complex64, torch.float8_e4m3fn, torch.float8_e5m2],
    ids=str,
)
def test_only_types_that_torch_computes_in(dtype):
    """What is asked for is given, or refused."""
    q = Q.ones(2)
    for make in (
        lambda: Q.zeros(2, dtype=dtype),
        lambda: Q.ones(2, dtype=dtype),
        lambda: Q.full((2,), 1, dtype=dtype),
        lambda: Q.eye(2, dtype=dtype),
        lambda: Q.randn(2, dtype=dtype),
        lambda: Q.identity(2, dtype=dtype),
        lambda: Q.random(2, dtype=dtype),
        lambda: Q([1, 2, 3, 4], dtype=dtype),
        lambda: Q(torch.ones(4), dtype=dtype),
        lambda: hc.rotations.random(2, dtype=dtype),
        lambda: torch.zeros_like(q, dtype=dtype),
        lambda: torch.ones_like(q, dtype=dtype),
        lambda: torch.full_like(q, 1, dtype=dtype),
        lambda: torch.empty_like(q, dtype=dtype),
        lambda: q.new_zeros(2, dtype=dtype),
        lambda: q.new_tensor([1, 2, 3, 4], dtype=dtype),
    ):
        with pytest.raises(TypeError, match=r"floating-point"):
            make()
    with pytest.raises((TypeError, NotImplementedError)):
        q.sum(dtype=dtype)
    if dtype == torch.bool:
        assert q.to(dtype).tolist() == [True, True]  # whether numbers are not zero
    else:
        with pytest.raises(TypeError, match=r"floating-point"):
            q.to(dtype)


def test_data_of_other_types():
    assert Q([1, 2, 3, 4]).dtype == torch.float32
    assert Q(torch.tensor([True, False, True, True])).dtype == torch.float32
    assert Q(np.arange(4)).dtype == torch.float32
    for data in (torch.ones(4).to(torch.float8_e4m3fn), torch.ones(4).to(torch.float8_e5m2)):
        with pytest.raises(TypeError, match=r"`data` \(=torch.float8.*convert.*\.float\(\)"):
            Q(data)
        with pytest.raises(TypeError, match="float8"):
            hc.as_hypercomplex(data, hc.QUATERNION)
    for data in (None, {}, object()):
        with pytest.raises(TypeError, match=r"`data` \(=.*\) must hold components"):
            Q(data)
    with pytest.raises(TypeError, match=r"was given 4 arguments; pass one list"):
        Q(1.0, 2.0, 3.0, 4.0)
    with pytest.raises(ValueError, match=r"shape \(2, 3\) must have the 4 .*movedim"):
        Q(torch.zeros(2, 3))
    with pytest.raises(TypeError, match=r"`dtype` \(='float32'\)"):
        Q([1.0, 2, 3, 4], dtype="float32")
    for size in (1.5, None):
        with pytest.raises(TypeError, match=r"a size \(=.*\) must be an integer"):
            Q.zeros(size)
    with pytest.raises(TypeError, match="a size"):
        Q.full(None, 1)
