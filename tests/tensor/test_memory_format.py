"""Numbers whose channels come last in memory: torch's strides, counted in numbers."""

import pytest
import torch

import hypercomplex as hc

C = hc.tensor_type(hc.COMPLEX)
FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}


def pair(rank):
    x = torch.randn(2, 3, 4, 5, 6, 2, dtype=torch.float64)[(0,) * (5 - rank)]
    return C(x), torch.view_as_complex(x)


WAYS = {
    "to": lambda q, order: q.to(memory_format=order),
    "to a dtype": lambda q, order: q.to(q.dtype, memory_format=order),
    "contiguous": lambda q, order: q.contiguous(memory_format=order),
    "clone": lambda q, order: q.clone(memory_format=order),
    "torch.clone": lambda q, order: torch.clone(q, memory_format=order),
    "zeros_like": lambda q, order: torch.zeros_like(q, memory_format=order),
    "ones_like": lambda q, order: torch.ones_like(q, memory_format=order),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rank", FORMATS)
def test_channels_come_last(way, rank):
    order = FORMATS[rank]
    q, z = pair(rank)
    ours, right = WAYS[way](q, order), WAYS[way](z, order)
    assert torch.equal(torch.view_as_complex(ours.components), right)
    assert ours.stride() == tuple(2 * s for s in right.stride())
    assert ours.is_contiguous(memory_format=order)
    assert not ours.is_contiguous()
    again = ours.contiguous(memory_format=order)
    assert again.data_ptr() == ours.data_ptr()
    assert ours.clone().stride() == ours.stride()
    assert ours.to(memory_format=torch.contiguous_format).is_contiguous()
    assert ours.clone().data_ptr() != ours.data_ptr()


def test_gradients_pass():
    q = C(torch.randn(1, 2, 3, 4, 2), requires_grad=True)
    q.to(memory_format=torch.channels_last).components.square().sum().backward()
    assert torch.equal(q.grad, 2 * q.detach())


@pytest.mark.parametrize("way", WAYS)
def test_other_ranks_are_refused(way):
    for rank, order in ((5, torch.channels_last), (4, torch.channels_last_3d)):
        for x in pair(rank):
            with pytest.raises(RuntimeError, match=r"required rank . tensor to use"):
                WAYS[way](x, order)


def test_a_module_of_numbers():
    module = torch.nn.Module()
    module.weight = torch.nn.Parameter(C.randn(2, 3, 4, 5))
    module.to(memory_format=torch.channels_last)
    assert module.weight.is_contiguous(memory_format=torch.channels_last)
    assert module.weight.is_leaf
