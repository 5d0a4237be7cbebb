"""What the tests of the pages for users of other libraries of rotations share."""

import numpy as np
import torch

from hypercomplex import rotations as R


def random(*size):
    return torch.randn(
        *size, generator=torch.Generator().manual_seed(sum(size)), dtype=torch.double
    )


def units(*size, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return R.random(*size, generator=generator, dtype=torch.double)


def xyzw(q):
    return R.reorder(q, from_="wxyz", to="xyzw")


def wxyz(q):
    return R.reorder(q, from_="xyzw", to="wxyz")


def exact(x):
    """Arrays, numbers and tensors, as tensors of float64; of a pair, each."""
    if isinstance(x, tuple):
        return tuple(map(exact, x))
    return torch.as_tensor(np.asarray(x) if not isinstance(x, torch.Tensor) else x).double()


def same(theirs, ours):
    torch.testing.assert_close(exact(theirs), exact(ours), rtol=1e-12, atol=1e-12)
