"""Every function with a rule: eager = oracle, in place and `out=` = eager, compiled = eager.

Another function needs one more row here; the last test tells which is missing.
"""

import functools
import math

import pytest
import torch
from torch.overrides import get_overridable_functions, resolve_name

import hypercomplex as hc
from hypercomplex.door.registry import family_of, rule_of
from tests.rules import sweep
from tests.rules.sweep import q, r, raw, real, row

MASK = torch.tensor([[True, False, True], [False, False, True]])
INDEX = torch.tensor([2, 0])
PIVOTS = torch.tensor([2, 2], dtype=torch.int32)


PLACES = torch.tensor([[2, 0], [0, 0]])


def squared_length(x):
    return x.square().sum(-1)


def conjugate(algebra, x):
    return x * torch.tensor(algebra.conjugation).double()


def product(algebra, a, b):
    return hc.functional.product(a, b, algebra)


# ---------------------------------------------------------------------- shape

SHAPE = [
    *[row(f, q(*shape)) for f in ("clone contiguous detach", "flatten", "ravel", "squeeze")
      for shape in [(), (0,), (1,), (2, 1, 3)]],
    row("resolve_neg cpu", q(2, 3)),
    row("Tensor.data", q(2, 3), compiles=False),
    row("view_as reshape_as expand_as", q(2, 3), r(2, 3)),
    row("reshape_as", q(2, 3), q(3, 2)),
    row("expand_as", q(1, 3), q(2, 2, 3)),
    row("view", q(2, 3, 4), 6, -1, contiguous=True),
    row("view", q(), 1, 1),
    row("Tensor.reshape", q(2, 3, 4), 4, 3, 2),
    row("reshape", q(2, 3, 4), (-1, 4)),
    row("reshape", q(2, 0), (0, 5)),
    row("flatten", q(2, 3, 4), 1),
    row("flatten", q(2, 3, 4), -3, -2),
    row("unflatten", q(3, 4), -1, (2, 2)),
    row("unflatten", q(3, 4), 2, (2, 2), raises=IndexError),
    row("squeeze", q(1, 3, 1), -1),
    row("squeeze", q(1, 3, 1), (0, 2)),
    row("squeeze", q(1, 3), 2, raises=IndexError),
    *[row("unsqueeze", q(2, 3), dim) for dim in (0, 2, -1, -3)],
    row("unsqueeze", q(2, 3), 3, raises=IndexError),
    row("unsqueeze", q(), -1),
    row("Tensor.expand", q(3, 1), 2, -1, 4),
    row("broadcast_to", q(3, 1), (2, 3, 4)),
    row("Tensor.repeat", q(2, 3), 2, 1, 3),
    row("tile", q(2, 3), (2,)),
    row("tile", q(), (2, 3)),
    *[row("transpose swapaxes swapdims", q(2, 3, 4), *dims) for dims in ((0, 1), (-1, 0))],
    row("transpose swapaxes swapdims", q(2, 3), 0, 2, raises=IndexError),
    *[row("t", q(*shape)) for shape in [(), (3,), (2, 3)]],
    row("t", q(2, 3, 4), raises=RuntimeError),
    row("Tensor.T", q(2, 3)),
    row("Tensor.mT", q(2, 3, 4)),
    row("permute", q(2, 3, 4), (-1, 0, 1)),
    row("Tensor.permute", q(2, 3), 1, 0),
    row("permute", q(2, 3, 4), (0, 2, 3), raises=IndexError),
    row("movedim moveaxis", q(2, 3, 4), 0, -1),
    row("movedim moveaxis", q(2, 3, 4), (0, 1), (-1, 0)),
    row("movedim moveaxis", q(2, 3), 2, 0, raises=IndexError),
    row("flip", q(2, 3, 4), (0, -1)),
    row("Tensor.flip", q(2, 3), 1),
    row("flip", q(2, 3), (2,), raises=IndexError),
    row("__reversed__", q(2, 3)),
    row("fft.fftshift fft.ifftshift", q(2, 3)),
    row("fft.fftshift fft.ifftshift", q(2, 5), (-1,)),
    row("roll", q(2, 3), 1),
    row("roll", q(2, 3), 2, -1),
    row("roll", q(2, 3), (1, 2), (0, 1)),
    row("roll", q(2, 3), 1, 2, raises=IndexError),
    *[row("__getitem__", q(2, 3, 4), index) for index in [
        0, -1, slice(1, None), slice(None, None, 2), Ellipsis, None, (0, 1), (slice(None), 1),
        (Ellipsis, 0), (None, 0), (Ellipsis, None), [0, 1], ([0, 1], [2, 0]), (),
        (slice(None), [0, 2]), (0, Ellipsis, slice(1)), (slice(None), INDEX)]],
    row("__getitem__", q(2, 3, 4), MASK, compiles=False),
    row("__getitem__", q(2, 3), (0, 0, 0), raises=IndexError),
    row("select", q(2, 3, 4), -1, 2),
    row("select", q(2, 3), 2, 0, raises=IndexError),
    row("narrow", q(2, 3), 1, 1, 2),
    row("narrow", q(2, 3), 2, 0, 1, raises=IndexError),
    row("index_select", q(2, 3), -1, INDEX),
    row("index_select", q(2, 3), 2, INDEX, raises=IndexError),
    row("masked_select", q(2, 3), MASK, compiles=False),
    row("masked_select", q(3), MASK, compiles=False),
    row("unbind", q(2, 3), -1),
    row("unbind", q(2, 3), 2, raises=IndexError),
    row("split", q(2, 3), 2, -1),
    row("split", q(2, 3), [1, 2], 1),
    row("split", q(2, 3), 1, 2, raises=IndexError),
    row("chunk", q(2, 3), 3, 1),
    row("cat concat concatenate", [q(2, 3), q(2, 1)], -1),
    row("cat concat concatenate", [q(2, 3), r(1, 3)]),
    row("cat", [q(2, 3), q(2, 3)], 2, raises=IndexError),
    row("stack", [q(2, 3), q(2, 3), r(2, 3)], -1),
    row("stack", [q(), q()]),
    row("stack", [q(2), q(2)], 2, raises=IndexError),
    row([torch.where], MASK, q(2, 3), q(3)),
    row([torch.where], MASK, real(2), q(3)),
    row([torch.Tensor.where], q(2, 3), MASK, r(2, 1)),
    row("masked_fill", q(2, 3), MASK, real(7)),
    row("masked_fill", q(2, 3), MASK, q()),
    # single numbers have the axes 0 and -1, as far as torch says so
    *[row(f, q(), *args) for f, *args in [
        ("transpose swapaxes", 0, -1), ("Tensor.T",), ("movedim", 0, 0), ("flip", (0,)),
        ("flip", ()), ("index_select", 0, torch.tensor([0])), ("squeeze", 0), ("permute", ()),
        ("take", torch.tensor([0])), ("__reversed__",), ("roll", 1), ("diagflat",),
        ("Tensor.unfold", 0, 1, 1), ("repeat_interleave", 2), ("atleast_1d",), ("atleast_2d",),
        ("atleast_3d",), ("gather", 0, torch.tensor([0, 0])), ("gather", -1, torch.tensor(0)),
        ("index_fill", 0, torch.tensor([0]), real(3))]],
    *[row(f, q(), *args, raises=error) for f, error, *args in [
        ("roll", IndexError, 1, 0), ("select", IndexError, 0, 0), ("unbind", IndexError, 0),
        ("narrow", RuntimeError, 0, 0, 1), ("split", RuntimeError, 1), ("chunk", RuntimeError, 1),
        ("tensor_split", RuntimeError, 1), ("rot90", RuntimeError), ("diag", RuntimeError),
        ("flip", IndexError, (1,)), ("transpose", IndexError, 0, 1), ("tril", RuntimeError),
        ("fliplr", RuntimeError), ("flipud", RuntimeError), ("hsplit", RuntimeError, 1),
        ("combinations", RuntimeError), ("take_along_dim", IndexError, torch.tensor(0), 0), ("movedim", IndexError, 0, 1)]],
    row("cat", [q(), q()], raises=RuntimeError),
    # orders
    row("repeat_interleave", q(2, 3), 2),
    row("repeat_interleave", q(2, 3), torch.tensor([1, 0, 2]), -1, compiles=False),
    row("repeat_interleave", q(2, 3), 2, 2, raises=IndexError),
    row("fliplr flipud", q(2, 3)),
    row("flipud", q(3)),
    row("fliplr", q(3), raises=RuntimeError),
    *[row("rot90", q(2, 3, 4), k, dims) for k in (1, -2) for dims in ((0, 1), (-1, 0))],
    row("rot90", q(2, 3), 1, (0, 2), raises=(IndexError, RuntimeError)),
    *[row("fft.fftshift fft.ifftshift", q(3, 5), *dims) for dims in [(), (1,), ((0, -1),)]],
    row("fft.fftshift fft.ifftshift", q(3), 1, raises=IndexError),
    # diagonals
    *[row("diagonal", q(2, 3, 4), *args) for args in [(), (1,), (-1, 1, 2), (0, -1, 0)]],
    row("diagonal", q(2, 3), 0, 0, 2, raises=IndexError),
    row("linalg.diagonal", q(2, 3, 4), offset=1),
    *[row("diag", q(*shape), k) for shape in [(3,), (2, 3)] for k in (0, 1, -1)],
    row("diag", q(2, 3, 4), raises=RuntimeError),
    row("diag_embed", q(2, 3)),
    row("diag_embed", q(2, 3), 1, 0, -2),
    row("diagflat", q(2, 2), -1),
    *[row("tril triu", q(*shape), *k) for shape in [(2, 3), (2, 0, 3), (2, 3, 3)] for k in [(), (1,)]],
    row("tril triu", q(3), raises=RuntimeError),
    # borders, windows, channels
    *[row("nn.functional.pad", q(2, 3, 4), pad) for pad in [(1, 2), (0, 1, -1, 2), (1,) * 6]],
    row("nn.functional.pad constant_pad_nd", q(3, 2), (1, -1), value=real(5)),
    row("constant_pad_nd", q(2, 3), (0, 1)),
    row("nn.functional.pad", q(2, 3), (1,) * 6, raises=RuntimeError),
    *[row("nn.functional.pad", q(*shape), pad, mode) for mode in ("reflect", "replicate", "circular")
      for shape, pad in [((2, 4), (2, 1)), ((2, 1, 4), (1, 0)), ((2, 3, 4), (1, 1, 0, 2)), ((1, 2, 3, 4), (1, 1, 0, 2)), ((1, 2, 3, 3, 3), (1, 1, 0, 2, 1, 0))]],
    row("nn.functional.pad", q(4), (1, 1), "reflect", raises=NotImplementedError),
    row("nn.functional.pad", q(1, 1, 2, 4), (1, 1), "reflect", raises=NotImplementedError),
    row("nn.functional.embedding", PLACES, q(3, 2)),
    row("nn.functional.embedding", PLACES, q(3, 2), padding_idx=-1, scale_grad_by_freq=True),
    row("nn.functional.embedding", PLACES, q(3), raises=RuntimeError),
    row("nn.functional.embedding", torch.tensor([3]), q(3, 2), raises=IndexError),
    row([torch.embedding], q(3, 2), PLACES),
    row("Tensor.unfold", q(2, 5), -1, 3, 2),
    row("Tensor.unfold", q(4, 2), 0, 2, 1),
    row("Tensor.unfold", q(4, 2), 2, 2, 1, raises=IndexError),
    row("nn.functional.unfold", q(2, 3, 4, 5), 2),
    row("nn.functional.unfold", q(3, 4, 5), (2, 3), padding=1, stride=2, dilation=1),
    row("pixel_shuffle", q(2, 8, 2, 3), 2),
    row("pixel_shuffle", q(4, 2, 3), 2),
    row("pixel_unshuffle", q(2, 2, 4, 6), 2),
    row("channel_shuffle native_channel_shuffle", q(2, 6, 2), 3),
    row("channel_shuffle", q(2, 3), 1, raises=RuntimeError),
    row("pixel_shuffle pixel_unshuffle", q(2, 3), 1, raises=RuntimeError),
    # copies
    row("alias_copy detach_copy", q(2, 3)),
    row("diagonal_copy t_copy unbind_copy", q(2, 3)),
    row("expand_copy", q(2, 1), (2, 3)),
    row("narrow_copy", q(2, 3), 1, 0, 2),
    row("permute_copy", q(2, 3, 4), (2, 0, 1)),
    row("select_copy", q(2, 3), -1, 1),
    row("slice_copy", q(4, 3), 0, 1, None, 2),
    row("slice_copy", q(2, 3), -1, None, 2),
    row("split_copy", q(2, 3), 2, 1),
    row("split_with_sizes_copy", q(2, 3), [1, 2], 1),
    row("squeeze_copy", q(1, 3, 1)),
    row("squeeze_copy unsqueeze_copy", q(1, 3), 0),
    row("transpose_copy", q(2, 3), 0, 1),
    row("unfold_copy", q(2, 4), 1, 2, 1),
    row("view_copy", q(2, 3), (3, 2), contiguous=True),
    # putting together
    *[row("hstack vstack row_stack dstack column_stack", [q(*shape), q(*shape), r(*shape)])
      for shape in [(), (2,), (2, 3), (2, 3, 1)]],
    row("block_diag", q(), q(2, 3), q(2), r(1, 2)),
    row("block_diag", q(2, 3, 1), raises=RuntimeError),
    row("broadcast_tensors", q(3), q(2, 1), q()),
    *[row("atleast_1d atleast_2d atleast_3d", q(*shape)) for shape in [(3,), (2, 3), (0, 1, 2)]],
    row("atleast_2d", q(3), q()),
    row("atleast_1d", [q(), q(2)]),
    *[row("meshgrid", q(2), q(), q(3), indexing=indexing) for indexing in ("ij", "xy")],
    row("meshgrid", [q(2), r(3)], indexing="xy"),
    row("meshgrid", q(2, 3), indexing="ij", raises=RuntimeError),
    row("cartesian_prod", q(2), q(3), r(1)),
    row("cartesian_prod", q(2)),
    row("cartesian_prod", q(2, 3), q(2), raises=RuntimeError),
    row("combinations", q(4)),
    row("combinations", q(3), 3, True),
    row("combinations", q(2), 3),
    # taking apart
    row("unsafe_split", q(2, 3), 2, 1),
    row("split_with_sizes unsafe_split_with_sizes", q(2, 3), [1, 2], -1),
    row("unsafe_chunk", q(5), 2),
    *[row("tensor_split", q(2, 5), where, 1) for where in (2, [1, 3], torch.tensor([2, 4]))],
    row("tensor_split", q(2, 3), 2, 2, raises=IndexError),
    *[row("hsplit", q(*shape), where) for shape in [(4,), (2, 4)] for where in (2, [1, 3])],
    row("vsplit", q(4, 2), 2),
    row("dsplit", q(1, 2, 4), [1]),
    row("hsplit", q(2, 3), 2, raises=RuntimeError),
    row("vsplit", q(3), 2, raises=RuntimeError),
    row("dsplit", q(3, 2), 2, raises=RuntimeError),
    # by an index
    row("gather", q(2, 3), 1, torch.tensor([[2, 0], [1, 1]])),
    row("gather", q(3, 2), -2, torch.tensor([[2]])),
    row("gather", q(2, 3), 2, torch.tensor([[0]]), raises=IndexError),
    row("gather", q(2, 3), 0, INDEX, raises=RuntimeError),
    row("take", q(2, 3), torch.tensor([[5, -1], [0, 2]])),
    row("take", q(2, 3), torch.tensor([6]), raises=IndexError),
    row("take_along_dim", q(2, 3), torch.tensor([[2], [0]]), 1),
    row("take_along_dim", q(2, 3), torch.tensor([5, 0])),
    row("take_along_dim", q(2, 3), INDEX, 1, raises=RuntimeError),
    row("scatter", q(2, 3), 1, torch.tensor([[2, 0], [1, 2]]), q(2, 3)),
    row("scatter", q(2, 3), 1, torch.tensor([[2, 0], [1, 2]]), r(2, 2)),
    row("scatter", q(2, 3), -2, torch.tensor([[1, 0]]), real(7)),
    row("scatter", q(2, 3), 0, torch.tensor([[1, 0]]), value=real(7)),
    row("scatter", q(2, 3), 2, torch.tensor([[0]]), q(2, 3), raises=IndexError),
    row("index_copy", q(2, 3), 1, INDEX, q(2, 2)),
    row("index_copy", q(2, 3), -1, INDEX, r(2, 2)),
    row("index_copy", q(), 0, torch.tensor(0), q()),
    row("index_copy", q(2, 3), 1, INDEX, q(2, 3), raises=IndexError),
    row("index_fill", q(2, 3), 1, INDEX, real(7)),
    row("Tensor.index_fill", q(2, 3), -1, INDEX, q()),
    row("index_fill", q(2, 3), 2, INDEX, 7, raises=IndexError),
    row("index_put", q(2, 3), (torch.tensor([1, 0]), INDEX), q(2)),
    row("index_put", q(3, 2), (INDEX,), r(2)),
    row("index_put", q(2, 3), (MASK,), q(), compiles=False),
    row("index_put", q(2, 3), (torch.tensor([0]),) * 3, q(), raises=IndexError),
    row("put", q(2, 3), torch.tensor([5, -6]), q(2)),
    row("put", q(2, 3), torch.tensor([0]), q(2), raises=IndexError),
    row("masked_scatter", q(2, 3), MASK, q(2, 2), compiles=False),
    row("masked_scatter", q(2, 3), torch.tensor([True, False, True]), q(2, 2), compiles=False),
    row("select_scatter", q(2, 3), q(2), 1, -1),
    row("select_scatter", q(2, 3), r(3), 0, 1),
    row("select_scatter", q(), q(), 0, 0, raises=IndexError),
    row("slice_scatter", q(4, 3), q(2, 3), 0, 0, 4, 2),
    row("slice_scatter", q(2, 3), r(2, 1), -1, 2),
    row("diagonal_scatter", q(2, 3), q(2), 1),
    row("diagonal_scatter", q(2, 3, 4), q(3, 2), 0, -1, 0),
    row("unique", q(2, 3), oracle=lambda algebra, x: x.view(-1, algebra.dimension).unique(dim=0), compiles=False),
    row("unique", q(2, 3), dim=1, oracle=lambda algebra, x, dim: x.unique(dim=dim), compiles=False, integers=(0, 1)),
    row("unique_consecutive", q(8), oracle=lambda algebra, x: x.unique_consecutive(dim=0), compiles=False, integers=(0, 1)),
]  # fmt: skip

# ---------------------------------------------------------------------- linear

SHAPES = [(), (0,), (1,), (2, 0, 3), (2, 1, 4)]
PAIRS = [((), ()), ((3,), ()), ((2, 1), (3,)), ((4, 1, 3), (2, 1)), ((0,), (1,))]

LINEAR = [
    row("nn.functional.embedding_bag", PLACES, q(3, 2), mode="sum"),
    row("nn.functional.embedding_bag", PLACES[:, 0], q(3, 2), torch.tensor([0, 1]), mode="sum", compiles=False),
    row("nn.functional.embedding_bag", PLACES, q(3, 2), mode="sum", per_sample_weights=raw(2, 2)),
    row("neg negative positive", q(2, 3)),
    *[row("add sub subtract rsub", q(*a), q(*b)) for a, b in PAIRS],
    row("add sub subtract rsub", q(2, 3), r(3)),
    row("add sub subtract", q(2, 3), real(2)),
    row("add sub subtract rsub", q(2, 3), q(3), alpha=2),
    row("__add__ __radd__ __sub__ __rsub__", q(2, 3), q(3)),
    *[row("sum", q(*shape)) for shape in SHAPES],
    row("sum", q(), -1),
    row("sum", q(2, 3), ()),
    row("sum", q(2, 3), 1, keepdim=True),
    row("sum", q(2, 3, 4), (0, -1)),
    row("sum", q(2, 3), dtype=torch.float32),
    row("sum", q(2, 3), 2, raises=IndexError),
    row("mean", q(2, 4)),
    row("mean", q(2, 4), -1),
    row("mean", q(2, 3), (0, 1), True, rounds=True),
    row("mean", q(2, 3), 2, raises=IndexError),
    *[row("cumsum", q(2, 3), dim) for dim in (0, -1)],
    row("cumsum", q(2, 3), 2, raises=IndexError),
    row("real", q(2, 3), oracle=lambda algebra, x: x[..., 0], is_real=True),
    row("Tensor.real", q(), oracle=lambda algebra, x: x[..., 0], is_real=True),
    row("imag Tensor.imag", q(2, 3), oracle=lambda algebra, x: x[..., 1:], is_real=True),
    row("view_as_real view_as_real_copy", q(2, 3), oracle=lambda algebra, x: x, is_real=True),
    row("scatter_add", q(2, 3), 1, torch.tensor([[2, 2], [1, 0]]), q(2, 2)),
    row("scatter_add", q(), 0, torch.tensor([0, 0]), q(2)),
    row("scatter_add", q(2, 3), 2, torch.tensor([[2]]), q(2, 2), raises=IndexError),
    row("scatter_reduce", q(2, 3), 1, torch.tensor([[2, 2], [1, 0]]), q(2, 2), "sum"),
    row("scatter_reduce", q(2, 3), 1, torch.tensor([[2, 2], [1, 0]]), r(2, 2), "mean", include_self=False, rounds=True),
    row("scatter", q(2, 3), 1, torch.tensor([[2, 2], [1, 0]]), q(2, 2), reduce="add", oracle=lambda algebra, x, dim, index, src, reduce: x.scatter_add(dim, index.unsqueeze(-1).expand(2, 2, algebra.dimension), src)),
    row("put", q(2, 3), torch.tensor([1, 1]), q(2), True, oracle=lambda algebra, x, index, source, _: torch.stack([x[..., i].put(index, source[..., i], True) for i in range(algebra.dimension)], -1)),
    row("index_add", q(2, 3), 1, torch.tensor([2, 2]), q(2, 2)),
    row("index_add", q(2, 3), -1, torch.tensor([2, 2]), r(2, 2), alpha=2),
    row("index_add", q(), 0, torch.tensor(0), q()),
    row("index_add", q(2, 3), 2, INDEX, q(2, 2), raises=IndexError),
    row("index_reduce", q(2, 3), 1, torch.tensor([2, 2]), q(2, 2), "mean", rounds=True),
    row("trace", q(2, 3)),
    row("trace", q(3), raises=RuntimeError),
    row("Tensor.sum_to_size", q(2, 3, 4), 3, 1),
    row("nn.functional.fold", q(2, 12, 6), (3, 4), 2),
    row("nn.functional.fold", q(4, 4), (4, 4), (2, 2), stride=2),
    row("cumsum", q(), 0),
    row("nansum", q(2, 3), 1),
    row("nansum", q(2, 0)),
    row("nanmean", q(2, 3), rounds=True),
    row("nanmean", q(2, 4), (0,), True),
    row("nanmean", q()),
    row("diff", q(2, 3)),
    row("diff", q(2, 4), 2, 0),
    row("diff", q(2, 4), 1, -1, q(2, 1), r(2, 2)),
    row("diff", q(), raises=RuntimeError),
    row("diff", q(2, 3), 1, 2, raises=IndexError),
    row("gradient", q(3, 4), rounds=True),
    row("gradient", q(3, 4), spacing=2.0, dim=-1, edge_order=2, rounds=True),
    row("gradient", q(3, 4), dim=(1, 0), rounds=True),
    row("gradient", q(3, 4), dim=2, raises=IndexError),
    row("trapezoid trapz cumulative_trapezoid", q(2, 4), rounds=True),
    row("trapezoid trapz", q(2, 4), dx=2, dim=0),
    row("trapezoid trapz cumulative_trapezoid", q(2, 4), raw(4), rounds=True),
    row("trapezoid cumulative_trapezoid", q(4, 2), raw(4, 1), dim=0, rounds=True),
    row("trapezoid cumulative_trapezoid", q(), raises=IndexError),
    row("trapezoid", q(2, 3), dim=2, raises=IndexError),
    *[row("avg_pool1d nn.functional.avg_pool1d", q(*shape), 2, 2) for shape in [(3, 4), (2, 3, 5)]],
    row("nn.functional.avg_pool2d", q(2, 4, 5), (2, 1), padding=(1, 0), stride=2, rounds=True),
    row("nn.functional.avg_pool3d", q(1, 2, 2, 4, 3), 2, divisor_override=4, precise=True),
    *[row(f"nn.functional.adaptive_avg_pool{d}d", q(2, *[4] * d), 2, rounds=True) for d in (1, 2, 3)],
    row("adaptive_avg_pool1d", q(1, 2, 6), 3, rounds=True),
    row("nn.functional.avg_pool1d nn.functional.adaptive_avg_pool1d", q(3), 1, raises=RuntimeError),
    *[row("nn.functional.interpolate", q(2, 3, *[3] * d), scale_factor=2, mode=mode, align_corners=corners, rounds=True)
      for d, mode, corners in [(1, "nearest", None), (2, "nearest-exact", None), (1, "linear", False), (2, "bilinear", True), (2, "bicubic", False), (3, "trilinear", False), (2, "area", None)]],
    row("nn.functional.interpolate", q(1, 2, 4, 4), 2, mode="bilinear", antialias=True, precise=True, rounds=True),
    row("nn.functional.interpolate", q(3, 4), 2, raises=NotImplementedError),
    *[row("nn.functional.grid_sample", q(2, 3, 4, 5), raw(2, 2, 3, 2), mode=mode, padding_mode="reflection", align_corners=False, precise=True, rounds=True, integers=(-1, 2)) for mode in ("bilinear", "nearest", "bicubic")],
    row("grid_sampler grid_sampler_2d", q(2, 3, 4, 5), raw(2, 2, 3, 2), 0, 0, True, precise=True, rounds=True),
    row("grid_sampler_3d", q(1, 2, 2, 4, 3), raw(1, 2, 2, 1, 3), 0, 1, True, precise=True, rounds=True),
    row("grid_sampler", q(2, 4, 5), raw(2, 2, 3, 2), 0, 0, True, raises=RuntimeError),
    row("lerp", q(2, 3), q(3), 0.5, rounds=True),
    row("lerp", q(2, 3), q(2, 3), raw(3), rounds=True),
    row("lerp", q(2, 3), q(3), q(2, 1), oracle=lambda algebra, a, b, w: a + product(algebra, w, b - a)),
    *[row("var", q(2, 3), *args, oracle=lambda algebra, x, *args: x.var(*args).sum(-1), is_real=True, rounds=True)
      for args in [(0,), ((0, 1),), (1, False)]],
    row("var std", q(), oracle=lambda algebra, x: torch.tensor(torch.nan).double(), is_real=True, rounds=True),
    row("var", q(2, 3), False, oracle=lambda algebra, x, _: (x - x.mean((0, 1))).square().sum(-1).mean(), is_real=True, rounds=True),
    row("std", q(2, 3), dim=-1, correction=0, keepdim=True, oracle=lambda algebra, x, **named: (x - x.mean(1, True)).square().sum(-1).mean(1, True).sqrt(), is_real=True, rounds=True),
    row("std var", q(2, 3), 2, raises=IndexError),
    row("var_mean", q(2, 4), 1, oracle=lambda algebra, x, dim: [x.var(dim).sum(-1), x.mean(dim)], is_real=(True, False), rounds=True),
    row("std_mean", q(2, 4), keepdim=True, oracle=lambda algebra, x, keepdim: [x.var((0, 1), keepdim=True).sum(-1).sqrt(), x.mean((0, 1), keepdim=True)], is_real=(True, False), rounds=True),
]  # fmt: skip

# ---------------------------------------------------------------------- product

NORMED = (hc.QUATERNION, hc.OCTONION)


def quotient(algebra, a, b):
    return product(algebra, a, conjugate(algebra, b)) / squared_length(b).unsqueeze(-1)


def plus(equation):
    """What `addmm` and its like add up, by `torch.einsum` of all pairs of components."""
    left, _, output = equation.partition("->")
    first, second = left.split(",")

    def add(algebra, x, a, b, beta=1, alpha=1):
        a, b = (numbers(algebra, y, term) for y, term in ((a, first), (b, second)))
        pairs = f"{first}X,{second}Y,XYZ->{output}Z"
        total = alpha * torch.einsum(pairs, a, b, structure(algebra))
        return beta * numbers(algebra, x, output) + total

    def numbers(algebra, y, term):
        """The operands of one row have different ranks, or last sizes that are no components."""
        typed = y.shape[-1] == algebra.dimension and y.ndim > 1
        return y if typed and y.ndim != len(term) else sweep.lifted(y, algebra)

    return add


def weighted(name, kinds=(q, q, q)):
    """A layer with its weight on the left: all pairs of components, weighted by the structure."""
    layer = getattr(torch.nn.functional, name)

    def oracle(algebra, x, w, bias=None, *args, **named):
        x, w = (
            y if kind is q else sweep.lifted(y, algebra)
            for y, kind in zip((x, w), kinds, strict=False)
        )
        out = torch.zeros(algebra.dimension).double().unbind()
        for i, j, k, c in algebra.products:
            pair = layer(x[..., j].contiguous(), w[..., i].contiguous(), None, *args, **named)
            out = [*out[:k], out[k] + float(c) * pair, *out[k + 1 :]]
        if bias is None:
            return torch.stack(out, -1)
        bias = bias if kinds[2] is q else sweep.lifted(bias, algebra)
        return torch.stack(out, -1) + bias.unflatten(0, (-1, *[1] * (w.ndim - 3)))

    return oracle


def structure(algebra):
    table = torch.zeros(*[algebra.dimension] * 3).double()
    for i, j, k, c in algebra.products:
        table[i, j, k] = float(c)
    return table


def running(rank):
    """The products from the left, one after the other; `rank` 0 for the last of them."""

    def walk(algebra, x, dim=None, keepdim=False, dtype=None):
        axis = 0 if dim is None or x.ndim == 1 else dim % (x.ndim - 1)
        flat = x.reshape(-1, algebra.dimension) if dim is None or x.ndim == 1 else x
        total = sweep.lifted(torch.ones(flat.movedim(axis, 0).shape[1:-1]), algebra)
        steps = []
        for y in flat.movedim(axis, 0).unbind(0):
            total = product(algebra, total, y)
            steps.append(total)
        if rank:
            return torch.stack(steps, axis).reshape(x.shape) if steps else x
        return total.unsqueeze(axis) if keepdim else total

    return walk


def powers(algebra, x, N=None):
    total, columns = sweep.lifted(torch.ones(x.shape[:-1]), algebra), []
    for _ in range(x.shape[-2] if N is None else N):
        columns.append(total)
        total = product(algebra, total, x)
    return torch.stack(columns, -2)


def covariance(algebra, x, *, correction=1, fweights=None, aweights=None):
    """Each pair of variables by its definition, with weights repeated in the sums."""
    rows = x if x.ndim == 3 else x[None]
    f = torch.ones(rows.shape[1]).double() if fweights is None else fweights.double()
    w = f if aweights is None else f * aweights
    centred = rows - (w[:, None] * rows).sum(1, True) / w.sum()
    scale = w.sum() - correction * (w * (1 if aweights is None else aweights)).sum() / w.sum()
    pairs = product(algebra, centred[:, None], conjugate(algebra, centred))
    result = (w[:, None] * pairs).sum(2) / scale
    return result if x.ndim == 3 else result[0, 0]


def correlation(algebra, x):
    c = covariance(algebra, x)
    variances = torch.stack([c[i, i, 0] for i in range(len(c))])
    return c / (variances[:, None] * variances).sqrt()[..., None]


PRODUCT = [
    *[row("mul multiply __mul__", q(*a), q(*b)) for a, b in PAIRS],
    row("mul multiply __mul__", q(2, 3), raw(3)),
    row("mul multiply __mul__", q(2, 3), 2),
    row("__rmul__", q(2, 3), raw(3)),
    row("square", q(2, 3), oracle=lambda algebra, a: product(algebra, a, a)),
    row("div divide true_divide __truediv__", q(2, 3), q(3), oracle=quotient, algebras=NORMED, rounds=True, integers=(1, 4)),
    row("div divide true_divide __truediv__ __div__", q(2, 3), 4),
    row("__rtruediv__", q(2, 3), q(3), oracle=lambda algebra, a, b: quotient(algebra, b, a), algebras=NORMED, rounds=True, integers=(1, 4)),
    row("matmul __matmul__ linalg.matmul mm", q(2, 3), q(3, 4)),
    row("matmul __matmul__ linalg.matmul", q(2, 3), raw(3, 4)),
    row("matmul", raw(4, 2), q(2, 3)),
    row("__rmatmul__", q(3, 4), q(2, 3), oracle=lambda algebra, a, b: hc.functional.matmul(b, a, algebra)),
    row("matmul", q(2, 1, 2, 3), q(3, 3, 4)),
    row("bmm", q(2, 2, 3), q(2, 3, 1)),
    row("mv", q(2, 3), q(3)),
    row("dot", q(3), q(3)),
    row("mm", q(2, 3), q(3), raises=RuntimeError),
    row("bmm", q(1, 2, 3), q(3, 3, 1), raises=RuntimeError),
    row("chain_matmul", q(2, 3), q(3, 4)),
    row("chain_matmul", q(2, 3), raw(3, 4), q(4, 2), algebras=(hc.QUATERNION,), integers=(-1, 2)),
    row("chain_matmul", q(2, 3), q(1, 4), raises=RuntimeError),
    *[row("einsum", equation, q(*a), q(*b)) for equation, a, b in [
        ("ij,jk", (2, 3), (3, 4)), ("ij,jk->ki", (2, 3), (3, 4)), ("i,j->ij", (2,), (3,)),
        ("i,i->i", (3,), (3,)), ("i,i", (3,), (1,)), ("...i,...i->...", (2, 1, 3), (4, 3)),
        ("i...,...j", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 2, 3), (2, 3, 1)), ("iij,j->i", (2, 2, 3), (3,)),
        (" A b , bc -> cA", (2, 3), (3, 2)), ("...a,b->", (2, 3), (2,)), (",i->i", (), (3,)),
        ("ij,jk", (2, 0), (0, 3)), ("i,i->", (0,), (0,))]],
    row("einsum", "ij,jk->ik", q(2, 3), raw(3, 4)),
    row("einsum", "ij,jk->ik", raw(2, 3), q(3, 4)),
    row("einsum", "ij,jk,kl->il", raw(2, 3), q(3, 4), q(4, 2), integers=(-1, 2)),
    row("einsum", "i,j,i->ji", q(2), raw(3), q(2)),
    *[row("einsum", equation, q(2, 3, 3)) for equation in ("ijj", "ijj->ij", "ijk->kji", "...k", "...jk->", "...")],
    row("einsum", "ij,jk", q(2, 3), q(2, 3), raises=RuntimeError),
    row("einsum", "ij,jk", q(2, 3), raises=RuntimeError),
    row("einsum", "ij->k", q(2, 3), raises=RuntimeError),
    row("einsum", "ij->ii", q(2, 3), raises=RuntimeError),
    row("einsum", "i1", q(2, 3), raises=RuntimeError),
    row("einsum", "i.j", q(2, 3), raises=RuntimeError),
    row("einsum", "i", q(2, 3), raises=RuntimeError),
    row("einsum", "ijk", q(2, 3), raises=RuntimeError),
    row("einsum", "ii", q(2, 3), raises=RuntimeError),
    row("tensordot", q(2, 3, 4), q(3, 4, 5)),
    row("tensordot", q(2, 3), q(3, 2), dims=1),
    row("tensordot", q(2, 3), q(2, 3), 0),
    row("tensordot", q(2, 3), raw(3, 2), ([0, -1], [1, 0])),
    row("tensordot", raw(2, 3), q(3, 2), ([1], [0])),
    row("tensordot", q(2, 3), q(3, 2), ([1], [1]), raises=RuntimeError),
    row("tensordot", q(2, 3), q(3, 2), ([1], [0, 1]), raises=RuntimeError),
    row("tensordot", q(2, 3), q(3, 2), ([2], [0]), raises=IndexError),
    row("tensordot", q(2, 3), q(3, 2), 3, raises=RuntimeError),
    *[row("kron", q(*a), q(*b)) for a, b in [((2, 3), (3, 2)), ((2,), (3, 2)), ((2, 1, 2), (2, 2)), ((), (3,)), ((2,), (0,))]],
    row("kron", q(2, 3), raw(2)),
    row("kron", raw(2, 3), q(2)),
    row("outer ger", q(2), q(3)),
    row("outer ger", q(2), raw(3)),
    row("outer ger", q(2, 1), q(3), raises=RuntimeError),
    row("linalg.cross cross", q(2, 3), raw(2, 3)),
    row("linalg.cross", raw(3, 1), q(3, 2), dim=0),
    row("linalg.cross cross", q(2, 3), raw(2, 2), raises=RuntimeError),
    *[row("inner", q(*a), q(*b)) for a, b in [((3,), (3,)), ((2, 3), (4, 3)), ((2, 3), ()), ((), ())]],
    row("inner", raw(2, 3), q(3)),
    *[row("nn.functional.linear", x(*shape), w(4, 3), b(4), oracle=weighted("linear", (x, w, b)))
      for x, w, b, shape in [(q, q, q, (2, 3)), (q, raw, raw, (2, 5, 3)), (raw, q, q, (2, 3)), (q, q, r, (3,)), (q, q, q, (0, 3))]],
    row("nn.functional.linear", q(2, 3), q(3), oracle=lambda algebra, x, w: product(algebra, w, x).sum(-2)),
    row("nn.functional.linear", raw(2, 3), raw(4, 3), q(4), oracle=weighted("linear", (raw, raw, q))),
    row("nn.functional.bilinear", raw(2, 3), raw(2, 4), raw(5, 3, 4), q(5), oracle=lambda algebra, x, y, w, b: b + sweep.lifted(torch.einsum("bi,bj,oij->bo", x, y, w), algebra)),
    row("conv1d", raw(2, 3, 4), raw(5, 3, 2), q(5), oracle=weighted("conv1d", (raw, raw, q))),
    row("nn.functional.linear", q(2, 3), q(4, 2), raises=RuntimeError),
    row("nn.functional.linear", q(2, 3), q(1, 4, 3), raises=RuntimeError),
    row("nn.functional.bilinear", q(2, 3), q(2, 4), raw(5, 3, 4), oracle=lambda algebra, x, y, w: torch.einsum("bix,bjy,oij,xyz->boz", x, y, w, structure(algebra))),
    *[row("conv1d", x(2, 4, 5), w(6, 2, 3), b(6), 2, 1, 1, 2, oracle=weighted("conv1d", (x, w, b)), integers=(-2, 3))
      for x, w, b in [(q, q, q), (q, raw, r), (raw, q, q)]],
    *[row("conv_transpose1d", x(2, 4, 5), w(4, 3, 3), b(6), 2, 1, 1, 2, oracle=weighted("conv_transpose1d", (x, w, b)), integers=(-2, 3))
      for x, w, b in [(q, q, q), (q, raw, r), (raw, q, q)]],
    row("conv2d", q(3, 4, 3), q(2, 3, 2, 2), padding="same", dilation=2, oracle=weighted("conv2d")),
    row("conv2d", raw(1, 3, 4, 3), q(2, 3, 2, 2), q(2), oracle=weighted("conv2d", (raw, q, q))),
    row("conv_transpose2d", q(3, 2, 3), q(3, 2, 2, 1), q(2), oracle=weighted("conv_transpose2d")),
    *[row(name, q(2, 2, 2, 1, 3), q(2, 2, 1, 1, 2), oracle=weighted(name)) for name in ("conv3d", "conv_transpose3d")],
    row("conv1d", q(2, 4, 5), q(6, 3, 3), raises=RuntimeError),
    row("conv1d", q(2, 3, 5), q(6, 3), raises=RuntimeError),
    row("inner", q(2, 1), q(3), raises=RuntimeError),
    row("vdot", q(3), q(3), oracle=lambda algebra, a, b: product(algebra, conjugate(algebra, a), b).sum(0)),
    row("vdot", raw(3), q(3)),
    row("vdot", q(1), q(3), raises=RuntimeError),
    *[row("linalg.vecdot", q(*a), q(*b), dim=dim, oracle=lambda algebra, a, b, dim: product(algebra, conjugate(algebra, a), b).movedim(-1, 0).sum(dim).movedim(0, -1)) for a, b, dim in [((3,), (3,), -1), ((2, 3), (3,), -1), ((2, 1), (2, 3), -2)]],
    row("linalg.vecdot", q(2, 3), q(3), dim=2, raises=IndexError),
    row("addmm", q(2, 4), q(2, 3), q(3, 4), oracle=plus("ij,jk->ik")),
    row("addmm", q(1, 4), q(2, 3), raw(3, 4), oracle=plus("ij,jk->ik")),
    row("addmm", raw(2, 4), q(2, 3), q(3, 4), beta=2, alpha=-1, oracle=plus("ij,jk->ik")),
    row("addmm", q(2, 4), raw(2, 3), raw(3, 4), oracle=plus("ij,jk->ik")),
    row("addmm", q(2, 2, 4), q(2, 3), q(3, 4), raises=RuntimeError),
    row("addmm", q(2, 4), q(2, 1), q(3, 4), raises=RuntimeError),
    row("addmv", q(2), q(2, 3), q(3), oracle=plus("ij,j->i")),
    row("addmv", q(2), q(2, 3), q(3), beta=0, alpha=3, oracle=plus("ij,j->i")),
    row("addr", q(2, 3), q(2), q(3), oracle=plus("i,j->ij")),
    row("addr", q(2, 3), q(2), raw(3), alpha=2, oracle=plus("i,j->ij")),
    row("addbmm", q(2, 2), q(3, 2, 1), q(3, 1, 2), beta=2, oracle=plus("bij,bjk->ik")),
    row("addbmm", q(2, 2), q(3, 2, 1), q(1, 1, 2), raises=RuntimeError),
    row("baddbmm", q(3, 2, 2), q(3, 2, 1), q(3, 1, 2), alpha=2, oracle=plus("bij,bjk->bik")),
    row("addcmul", q(2, 3), q(3), q(2, 3), oracle=lambda algebra, x, a, b: x + product(algebra, a, b)),
    row("addcmul", q(2, 3), q(3), q(2, 1), value=-2, oracle=lambda algebra, x, a, b, value: x + value * product(algebra, a, b)),
    row("addcmul", q(3), raw(3), raw(3), oracle=lambda algebra, x, a, b: x + sweep.lifted(a * b, algebra)),
    row("addcdiv", q(2, 3), q(3), q(2, 3), value=2, oracle=lambda algebra, x, a, b, value: x + value * quotient(algebra, a, b), algebras=NORMED, rounds=True, integers=(1, 4)),
    *[row("prod", q(*shape), oracle=running(0), integers=(-1, 2)) for shape in [(), (0,), (1,), (5,), (2, 3), (2, 0)]],
    *[row("prod", q(*shape), dim, oracle=running(0), integers=(-1, 2)) for shape, dim in [((2, 3), 0), ((3, 5), -1), ((2, 0, 2), 1), ((), 0)]],
    row("prod", q(2, 3), 1, keepdim=True, oracle=running(0), integers=(-1, 2)),
    row("prod", q(2, 3), dtype=torch.float32, oracle=running(0), integers=(-1, 2)),
    row("prod", q(2, 3), 2, raises=IndexError),
    *[row("cumprod", q(*shape), dim, oracle=running(1), integers=(-1, 2)) for shape, dim in [((), 0), ((0,), 0), ((1,), 0), ((2, 3), -1), ((5, 2), 0), ((6,), 0), ((2, 0), 0)]],
    row("cumprod", q(2, 3), 2, raises=IndexError),
    row("matmul", q(), q(2), raises=RuntimeError),
    row("linalg.vander", q(2, 3), oracle=powers, integers=(-1, 2)),
    row("linalg.vander", q(3), N=2, oracle=powers, integers=(-1, 2)),
    row("vander", q(3), oracle=lambda a, x: powers(a, x).flip(-2), integers=(-1, 2)),
    row("vander", q(3), 2, True, oracle=lambda a, x, *_: powers(a, x, 2), integers=(-1, 2)),
    *[row("cov", q(2, 4), correction=c, oracle=covariance, rounds=True) for c in (0, 1)],
    row("cov", q(2, 3), fweights=torch.tensor([1, 2, 3]), aweights=raw(3), integers=(1, 4), oracle=covariance, rounds=True),
    row("cov", q(4), oracle=covariance, rounds=True),
    row("cov", q(2, 3, 4), raises=RuntimeError),
    row("corrcoef", q(2, 4), oracle=correlation, rounds=True, algebras=NORMED),
]  # fmt: skip

# ---------------------------------------------------------------------- linear algebra


def of_numbers(name):
    """The function of plain components in double precision, which `test_linalg.py` proves."""
    function = getattr(hc.linalg, name)

    def oracle(algebra, *args, **kwargs):
        result = function(*args, algebra=algebra, **kwargs)
        return tuple(result) if isinstance(result, tuple) else result

    return oracle


def linear(names, *args, rounds=64, **settings):
    """A row of linear algebra, in single and double precision, over the quaternions."""
    function = names.split()[0].removeprefix("linalg.")
    oracle = settings.pop("oracle", None) or of_numbers(function)
    settings = {"rounds": rounds, "precise": True, "compiles": False, **settings}
    return row(names, *args, oracle=oracle, algebras=(hc.QUATERNION,), **settings)


LINEAR_ALGEBRA = [
    linear("linalg.solve", q(2, 2), q(2, 3)),
    linear("linalg.solve", q(2, 2, 2), r(2, 2), oracle=lambda algebra, A, B: hc.linalg.solve(A, sweep.lifted(B, algebra), algebra=algebra)),
    linear("linalg.solve_ex", q(2, 2), q(2, 3), is_real=(False, True)),
    linear("linalg.solve_triangular", q(2, 2), q(2, 3), upper=True, integers=(1, 4)),
    linear("linalg.lstsq", q(3, 2), q(3, 1), is_real=(False, True, True, True)),
    linear("linalg.inv inverse", q(2, 2)),
    linear("linalg.inv_ex", q(2, 2), is_real=(False, True)),
    linear("linalg.pinv", q(3, 2)),
    linear("pinverse", q(3, 2), oracle=of_numbers("pinv")),
    linear("linalg.tensorinv", q(4, 2, 2), ind=1),
    linear("linalg.tensorsolve", q(2, 2, 4), q(2, 2)),
    *[linear("linalg.det det", q(*shape), is_real=True) for shape in [(2, 2), (3, 1, 1), (0, 0)]],
    linear("linalg.slogdet slogdet", q(2, 2), is_real=True),
    linear("logdet", q(2, 2), is_real=True),
    linear("linalg.qr qr", q(3, 2)),
    linear("linalg.svd", q(3, 2), full_matrices=False, is_real=(False, True, False)),
    linear("svd", q(3, 2), is_real=(False, True, False), oracle=lambda algebra, A: (lambda U, S, Vh: (U, S, conjugate(algebra, Vh.transpose(0, 1))))(*hc.linalg.svd(A, False, algebra=algebra))),
    linear("linalg.svdvals", q(3, 2), is_real=True),
    linear("linalg.matrix_sqrth", q(1, 1), integers=(1, 4)),
    linear("linalg.polar", q(3, 2)),
    linear("linalg.eigh", q(2, 2), is_real=(True, False)),
    linear("linalg.eigvalsh", q(2, 2), is_real=True),
    linear("linalg.eig", q(2, 2)),
    linear("linalg.eigvals", q(2, 2)),
    linear("linalg.cholesky cholesky", q(1, 1), integers=(1, 4)),
    linear("linalg.cholesky_ex", q(1, 1), integers=(1, 4), is_real=(False, True)),
    linear("cholesky_solve", q(2, 3), q(2, 2), integers=(1, 4)),
    linear("cholesky_inverse", q(2, 2), True, integers=(1, 4)),
    linear("linalg.lu", q(3, 2)),
    linear("linalg.lu_factor", q(2, 2), is_real=(False, True)),
    linear("linalg.lu_factor_ex", q(2, 3), is_real=(False, True, True)),
    linear("lu", q(2, 2), is_real=(False, True), oracle=of_numbers("lu_factor")),
    linear("linalg.lu_solve", q(2, 2), PIVOTS, q(2, 3), integers=(1, 4)),
    linear("lu_solve", q(2, 3), q(2, 2), PIVOTS, integers=(1, 4), oracle=lambda algebra, B, LU, pivots: hc.linalg.lu_solve(LU, pivots, B, algebra=algebra)),
    linear("lu_unpack", q(3, 2), PIVOTS),
    linear("triangular_solve", q(2, 3), q(2, 2), integers=(1, 4), oracle=lambda algebra, B, A: (hc.linalg.solve_triangular(A, B, upper=True, algebra=algebra), A)),
    linear("linalg.matrix_exp matrix_exp", q(2, 2), rounds=512),
    *[linear("linalg.matrix_power matrix_power", q(2, 2), n) for n in (0, 3, -1)],
    linear("linalg.matrix_rank", q(3, 2), is_real=True),
    row("linalg.multi_dot", [q(2, 3), q(3, 2), q(2, 1)], oracle=lambda algebra, matrices: functools.reduce(lambda a, b: hc.functional.matmul(a, b, algebra), matrices), integers=(-1, 2), algebras=(hc.QUATERNION,)),
    linear("linalg.matrix_norm", q(3, 2), is_real=True),
    linear("linalg.norm", q(3, 2), 2, is_real=True),
    linear("linalg.cond", q(2, 2), is_real=True, rounds=512),
]  # fmt: skip

# ---------------------------------------------------------------------- involution


def modulus(algebra, x):
    return squared_length(x).sqrt()


def cosine(algebra, a, b, dim):
    dim = dim % (a.ndim - 1)
    length = squared_length(a).sum(dim).sqrt() * squared_length(b.expand(a.shape)).sum(dim).sqrt()
    return (a * b).sum(-1).sum(dim) / length


def triplet(algebra, a, p, n, margin):
    near, far = ((a - x + sweep.lifted(1e-6, algebra)).flatten(-2).norm(dim=-1) for x in (p, n))
    return (margin + near - far).clamp(min=0).mean()


def embedded(algebra, a, b, target, margin, reduction="mean"):
    squares = [squared_length(x).sum(-1) + 1e-12 for x in (a, b)]  # as torch has it
    angle = (a * b).sum((-2, -1)) / (squares[0] * squares[1]).sqrt()
    each = torch.where(target == 1, 1 - angle, (angle - margin).clamp(min=0))
    return each if reduction in ("none", 0) else each.mean()


LOSSES = {
    "l1_loss": lambda d: d,
    "mse_loss": torch.square,
    "huber_loss": lambda d: torch.where(d < 1, d.square() / 2, d - 0.5),
    "smooth_l1_loss": lambda d: torch.where(d < 1, d.square() / 2, d - 0.5),
}


def loss(f):
    def oracle(algebra, x, y, reduction):
        each = f(modulus(algebra, x - y))
        return {"none": each, "mean": each.mean(), "sum": each.sum()}[reduction]

    return oracle


INVOLUTION = [
    row("conj conj_physical", q(2, 3), oracle=conjugate),
    row("resolve_conj", q(2, 3), oracle=lambda algebra, x: x),
    row("adjoint Tensor.mH", q(2, 3, 4), oracle=lambda algebra, x: conjugate(algebra, x.transpose(-3, -2))),
    row("Tensor.H", q(2, 3), oracle=lambda algebra, x: conjugate(algebra, x.transpose(0, 1))),
    row("abs absolute", q(2, 3), oracle=modulus, is_real=True, rounds=True),
    row("sgn", q(2, 3), oracle=lambda algebra, x: torch.nan_to_num(x / modulus(algebra, x).unsqueeze(-1)), rounds=True),
    row("reciprocal", q(2, 3), oracle=lambda algebra, x: conjugate(algebra, x) / squared_length(x).unsqueeze(-1), algebras=NORMED, rounds=True, integers=(1, 4)),
    *[row("linalg.vector_norm", q(2, 3), 1, dim, oracle=lambda algebra, x, p, dim: modulus(algebra, x).sum(dim), is_real=True, rounds=True) for dim in (0, -1)],
    row("norm functional.norm", q(2, 3), oracle=lambda algebra, x: x.norm(), is_real=True, rounds=True),
    row("linalg.vector_norm", q(2, 3), 2, 2, raises=IndexError),
    *[row("dist", q(*a), q(*b), 3, oracle=lambda algebra, a, b, p: modulus(algebra, a - b).norm(p), is_real=True, rounds=True) for a, b in [((2, 3), (3,)), ((), ())]],
    row("dist", q(2, 3), r(3), oracle=lambda algebra, a, b: (a - sweep.lifted(b, algebra)).norm(), is_real=True, rounds=True),
    row("pairwise_distance", q(2, 3), q(3), 1, eps=0, oracle=lambda algebra, a, b, p, eps: modulus(algebra, a - b).sum(-1), is_real=True, rounds=True),
    row("pairwise_distance", q(2, 3), q(2, 3), eps=1, keepdim=True, oracle=lambda algebra, a, b, eps, keepdim: (a - b + sweep.lifted(1, algebra)).flatten(-2).norm(dim=-1, keepdim=True), is_real=True, rounds=True),
    row("cdist", q(2, 3, 2), q(4, 2), oracle=lambda algebra, a, b: torch.cdist(a.flatten(-2), b.flatten(-2)), is_real=True, rounds=True),
    row("cdist", q(3, 2), q(4, 2), p=1, oracle=lambda algebra, a, b, p: modulus(algebra, a[:, None] - b).sum(-1), is_real=True, rounds=True),
    row("cdist", q(3, 2), q(4, 1), raises=RuntimeError),
    row("pdist", q(4, 2), oracle=lambda algebra, a: torch.pdist(a.flatten(-2)), is_real=True, rounds=True),
    row("pdist", q(4), raises=RuntimeError),
    *[row("cosine_similarity", q(2, 3), q(2, 1), dim=dim, oracle=cosine, is_real=True, rounds=True, integers=(1, 4)) for dim in (0, 1, -1)],
    row("cosine_similarity", q(2, 3), q(3), dim=2, raises=IndexError),
    row("nn.functional.normalize", q(2, 3), oracle=lambda algebra, x: x / x.flatten(-2).norm(dim=-1)[:, None, None], rounds=True, integers=(1, 4)),
    row("nn.functional.normalize", q(2, 3), 1, 0, oracle=lambda algebra, x, p, dim: x / modulus(algebra, x).sum(0)[:, None], rounds=True, integers=(1, 4)),
    row("nn.functional.normalize", q(2, 3), dim=2, raises=IndexError),
    row("renorm", q(2, 3), 2, 0, 1.0, oracle=lambda algebra, x, p, dim, most: x / (x.flatten(1).norm(dim=1) + 1e-7)[:, None, None], rounds=True, integers=(1, 4)),
    row("renorm", q(2, 3), 2, 0, 1e3, oracle=lambda algebra, x, *_: x),
    *[row("renorm", q(*shape), p, 0, most, raises=RuntimeError) for shape, p, most in [((3,), 2, 1.0), ((2, 3), 0, 1.0), ((2, 3), 2, -1.0)]],
    *[row(f"nn.functional.{name}", q(2, 3), q(2, 3), reduction=reduction, oracle=loss(f), is_real=True, rounds=True)
      for name, f in LOSSES.items() for reduction in ("none", "mean", "sum")],
    row("nn.functional.l1_loss", q(2, 3), r(3), oracle=lambda algebra, x, y: modulus(algebra, x - sweep.lifted(y, algebra)).mean(), is_real=True, rounds=True),
    row("nn.functional.mse_loss", q(3), q(3), weight=raw(3), oracle=lambda algebra, x, y, weight: (squared_length(x - y) * weight).sum() / weight.sum(), is_real=True, rounds=True, integers=(1, 4)),
    row("nn.functional.huber_loss", q(3), q(3), weight=raw(3), delta=50.0, oracle=lambda algebra, x, y, weight, delta: (squared_length(x - y) / 2 * weight).mean(), is_real=True, rounds=True),
    row("nn.functional.mse_loss", q(3), q(3), reduction="largest", raises=ValueError),
    row("nn.functional.triplet_margin_loss triplet_margin_loss", q(2, 3), q(3), q(2, 3), 2.5, oracle=triplet, is_real=True, rounds=True),
    row("nn.functional.triplet_margin_with_distance_loss", q(2, 3), q(2, 3), q(2, 3), margin=2.5, oracle=triplet, is_real=True, rounds=True),
    row("nn.functional.triplet_margin_loss", q(2, 3), q(3), q(2, 3), margin=0, raises=ValueError),
    row("nn.functional.cosine_embedding_loss", q(2, 3), q(2, 3), torch.tensor([1, -1]), margin=-0.5, reduction="none", oracle=embedded, is_real=True, rounds=True, integers=(1, 4)),
    *[row("nn.functional.cosine_embedding_loss cosine_embedding_loss", q(3), q(3), torch.tensor(sign), -0.5, oracle=embedded, is_real=True, rounds=True, integers=(1, 4)) for sign in (1, -1)],
    *[row("nn.functional.cosine_embedding_loss", q(*shape), q(*shape), torch.ones(of), raises=RuntimeError) for shape, of in [((), ()), ((2, 3), ()), ((3,), (3,))]],
    row("norm_except_dim", q(2, 3), 2, 1, oracle=lambda algebra, x, _, dim: x.square().sum((0, -1)).sqrt()[None], is_real=True, rounds=True),
    row("_weight_norm", q(2, 3), raw(1, 3), 1, oracle=lambda algebra, v, g, _: v * (g / v.square().sum((0, -1)).sqrt())[..., None], rounds=True, integers=(1, 4)),
    row("native_norm", q(2, 3), 1, oracle=lambda algebra, x, p: modulus(algebra, x).sum(), is_real=True, rounds=True),
]  # fmt: skip

# ---------------------------------------------------------------------- analytic


def on_the_plane(name):
    """The complex function on the plane of 1 and the imaginary part, where |v| is i."""
    f = getattr(torch, name) if isinstance(name, str) else name

    def oracle(algebra, x):
        length = x[..., 1:].norm(dim=-1)
        y = f(torch.complex(x[..., 0], length))
        direction = x[..., 1:] / length.unsqueeze(-1)
        return torch.cat([y.real.unsqueeze(-1), y.imag.unsqueeze(-1) * direction], -1)

    return oracle


def to_the(n):
    def oracle(algebra, x, _=None):
        result = x
        for _ in range(n - 1):
            result = product(algebra, result, x)
        return result

    return oracle


def to_each(algebra, x, exponents):
    columns = zip(x.unbind(1), exponents.int().tolist(), strict=True)
    return torch.stack([to_the(n)(algebra, column) for column, n in columns], 1)


def log_of_sums(algebra, x, dim, keepdim=False):
    return on_the_plane("log")(algebra, on_the_plane("exp")(algebra, x).sum(dim, keepdim))


def exponential(algebra, x, base):
    return on_the_plane("exp")(algebra, x * math.log(base))


PLANE = {
    "exp": "exp", "exp2 special.exp2": "exp2", "expm1 special.expm1": "expm1", "log": "log", "log2": "log2",
    "log10": "log10", "log1p special.log1p": "log1p", "sqrt": "sqrt", "rsqrt": "rsqrt", "sin": "sin",
    "cos": "cos", "tan": "tan", "asin arcsin": "asin", "acos arccos": "acos", "atan arctan": "atan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh arcsinh": "asinh", "acosh arccosh": "acosh",
    "atanh arctanh": "atanh", "sigmoid special.expit": "sigmoid", "sinc special.sinc": "sinc",
}  # fmt: skip
ANALYTIC = [
    *[row(names, q(*shape), oracle=on_the_plane(f), algebras=NORMED if f != "sinc" else (hc.QUATERNION,), rounds=2, integers=(1, 3))
      for names, f in PLANE.items() for shape in [(2, 3), (), (0,)]],
    row("angle", q(2, 3), oracle=lambda algebra, x: torch.atan2(x[..., 1:].norm(dim=-1), x[..., 0]), algebras=NORMED, is_real=True, rounds=1, integers=(1, 4)),
    *[row("pow __pow__", q(*shape), 3, oracle=to_the(3), rounds=4) for shape in [(2, 3), (), (0,)]],
    row("pow __pow__", q(2, 3), raw(3), oracle=to_each, algebras=NORMED, rounds=16, integers=(1, 3)),
    row("__ipow__", q(2, 3), 3, oracle=to_the(3), rounds=4),
    row("__rpow__", q(2, 3), 2.0, oracle=exponential, algebras=NORMED, rounds=4, integers=(1, 3)),
    row("float_power", q(2, 3), 2, oracle=to_the(2), is_double=True),
    *[row(f"nn.functional.{f.__name__}", q(2, 3), oracle=on_the_plane(f), algebras=NORMED, rounds=4, integers=(1, 3))
      for f in (torch.nn.functional.silu, torch.nn.functional.tanhshrink, torch.nn.functional.softsign)],
    row("ldexp", q(2, 3), torch.tensor([1, -2, 0]), oracle=lambda algebra, x, n: x * 2.0**n.unsqueeze(-1), precise=True),
    *[row("logsumexp special.logsumexp", q(2, 3), *args, oracle=log_of_sums, algebras=NORMED, rounds=8, integers=(1, 3)) for args in [(1,), ((0, 1), True)]],
    row("logaddexp", q(2, 3), q(3), oracle=lambda algebra, a, b: log_of_sums(algebra, torch.stack([a, b.expand_as(a)]), 0), algebras=NORMED, rounds=8, integers=(1, 3)),
    row("logcumsumexp", q(2, 3), 1, oracle=lambda algebra, x, dim: torch.stack([x[:, 0], *[log_of_sums(algebra, x[:, :k], 1) for k in (2, 3)]], 1), algebras=NORMED, rounds=8, integers=(1, 3)),
    row("logsumexp", q(2, 3), 2, raises=IndexError),
]  # fmt: skip

ALL = [*SHAPE, *LINEAR, *PRODUCT, *LINEAR_ALGEBRA, *INVOLUTION, *ANALYTIC]
TABLE = [sample for sample in ALL if sample.functions]  # which this torch has
NO_ROW = {
    "Tensor.__setitem__ Tensor.copy_ Tensor.fill_ Tensor.zero_ Tensor.fill_diagonal_": "they write, see test_rules.py",
    "Tensor.to Tensor.type Tensor.type_as Tensor.float Tensor.double Tensor.half Tensor.bfloat16": "dtypes, see test_rules.py",
    "Tensor.cuda Tensor.pin_memory": "a GPU, see test_gpu.py",
    "functional.svd_lowrank functional.pca_lowrank": "they are random, see test_linalg.py",
    "embedding_bag": "what it answers beside the sums depends on the dtype, see test_lookup.py",
}  # fmt: skip

every_sample = pytest.mark.parametrize("sample", TABLE, ids=str)


@every_sample
def test_eager_is_the_oracle(sample, nightly):
    for algebra in sample.algebras:
        if sample.raises:
            sweep.errors_are_torchs(sample, algebra)
        else:
            sweep.eager_is_oracle(sample, algebra, pairs=nightly)


def test_in_place_is_out_of_place():
    for sample in TABLE:
        sweep.in_place_is_out_of_place(sample, hc.QUATERNION)


def test_out_is_the_functional_form():
    filled = [sample for sample in TABLE if sweep.out_is_functional(sample, hc.QUATERNION)]
    assert {"add", "matmul", "stack", "abs"} <= {str(s).partition("(")[0] for s in filled}


def test_out_must_fit():
    a = hc.QuaternionTensor(torch.ones(2, 3, 4))
    with pytest.raises(
        RuntimeError, match=r"`out` of shape \(2,\) must be empty, or have the shape"
    ):
        torch.add(a, a, out=torch.empty_like(a[:, 0]))
    with pytest.raises(NotImplementedError, match="does not fit into a real tensor"):
        torch.add(a, a, out=torch.empty(2, 3))
    with pytest.raises(RuntimeError, match="can't be cast"):
        torch.abs(a, out=torch.empty(2, 3, dtype=torch.int64))
    with pytest.raises(RuntimeError, match="don't support automatic differentiation"):
        torch.add(a.clone().requires_grad_(), a, out=torch.empty_like(a))
    half = torch.add(a, a, out=torch.empty_like(a, dtype=torch.float16))
    assert torch.equal(half, (2 * a).half())
    out = torch.empty_like(a)
    assert torch.equal(torch.add(torch.ones(2, 3), 1, out=out), 0 * a + 2)


# one row for each function and kind of operands: compiling takes long
COMPILED = list(
    {
        (sample.functions[0], *(leaf.kind for leaf in sweep.leaves(sample))): sample
        for sample in TABLE
        if sample.compiles and not sample.raises
    }.values()
)


@pytest.mark.parametrize("part", range(8))
def test_traced_is_eager(part, nightly):
    """The compiler reads every rule, many in one graph; nightly for each function that has it."""
    torch._dynamo.reset()
    samples = [s for s in COMPILED if hc.QUATERNION in s.algebras]
    rules = {(body_of(s), *(leaf.kind for leaf in sweep.leaves(s))): s for s in samples}
    assert len(rules) > 200
    samples = samples if nightly else list(rules.values())
    sweep.compiled_is_eager(samples[part::8], hc.QUATERNION, torch.float32, backend="eager")


def body_of(sample):
    """What the compiler reads: the analytic functions, say, have one rule."""
    return rule_of(sample.functions[0]).__code__


@pytest.mark.nightly
def test_compiled_is_eager():
    """Machine code takes a second for each row."""
    torch._dynamo.reset()
    samples = [s for s in COMPILED if hc.QUATERNION in s.algebras]
    sweep.compiled_is_eager(samples, hc.QUATERNION, torch.float32)


def test_compiled_for_any_size_is_eager(nightly):
    torch._dynamo.reset()
    samples = [s for s in COMPILED if s.family == "linear"][:: 1 if nightly else 3]
    algebra = hc.clifford(1, 1, 1)
    sweep.compiled_is_eager(samples, algebra, torch.float64, dynamic=True, backend="eager")


def test_every_rule_has_a_row():
    covered = {function for sample in TABLE for function in sample.functions}
    for sample in TABLE:
        covered.update(sweep.in_place_is_out_of_place(sample, hc.QUATERNION))
    known = {name for names in NO_ROW for name in names.split()}
    ruled = {
        (resolve_name(function) or str(function)).removeprefix("torch."): function
        for functions in get_overridable_functions().values()
        for function in functions
        if rule_of(function) is not None and family_of(function) in sweep.FAMILIES
    }
    left = {name for name, function in ruled.items() if function not in covered}
    assert {
        name for name in left if not name.startswith("foreach.")
    } == known  # see test_foreach.py
