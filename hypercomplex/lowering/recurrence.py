r"""The product `U h` of a recurrent network, step by step: the state is expanded, U stays compact.

$$y_{bkg} = \sum_{a,i} \Big(\sum_j c_{ajk}\, h_{bji}\Big)\, u_{gia}$$

A step reads the compact weight, which is n times smaller than the matrix of blocks, and expands a
state, which is small beside it. What the steps share is made once for a sequence.

`scans` chooses between such a scan and torch's kernel on blocks, by the constants of a machine
(`lowering.plan`). With L steps of a batch B, and weights of G rows of H and I numbers,

| way | multiplications | thinnest side | moved | calls |
|---|---|---|---|---|
| kernel | n² · L B G H | B | the weights, n² times | few |
| scan | n² · L B G H | n B | the weights, once | 40 a step, 120 with gradients |

so wide states are scanned, since a scan multiplies taller matrices, and narrow ones left to torch.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import linear

from hypercomplex.host.known import known_when_traced
from hypercomplex.host.mode import is_compiling, is_known_size
from hypercomplex.lowering.block import LARGEST_DENSE, block_kernel, is_real, structure
from hypercomplex.lowering.learned import AnyBilinear
from hypercomplex.lowering.machines import machine_of
from hypercomplex.lowering.plan import Choice, Cost, Passes, compared, note, told, use

__all__ = ["Recurrence", "Stepping", "Steps", "scans"]

_FEWEST_ROWS = 4  # up to which BLAS is faster with a large weight as its first factor


class Recurrence(NamedTuple):
    """A weight `(G, H, n)` that multiplies states `(B, n, H)` from the left.

    Attributes:
        matrix: the compact weight `(G, n·H)`, or its blocks `(n·G, n·H)`.
        table: the constants `(n·n, n)` that expand a state, or None for blocks.
    """

    matrix: Tensor
    table: Tensor | None

    @classmethod
    def of(cls, weight: Tensor, product: AnyBilinear, plan: Choice = None) -> Recurrence:
        """The weight, ready for all steps."""
        blocks = (plan or use.forced) == "block" or max(product.shape) > LARGEST_DENSE
        if blocks or is_real(product):
            return cls(block_kernel(weight, product), None)
        compact = weight.transpose(1, 2).flatten(1)
        return cls(compact, structure(product, "right", weight))

    def __call__(self, h: Tensor) -> Tensor:
        """`U h`, `(B, n, G)`, in operations that torch differentiates and maps."""
        n = h.shape[-2]
        if self.table is None:
            return linear(h.flatten(-2), self.matrix).unflatten(-1, (n, -1))
        expanded = (self.table @ h).unflatten(-2, (n, -1)).flatten(-2)
        return linear(expanded, self.matrix)

    def gradients(self, h: Tensor, grad: Tensor, of_table: bool) -> tuple[Tensor, Tensor | None]:
        """The gradients of matrix and table, from all states and the gradients of all products."""
        if self.table is None:
            return grad.flatten(1).t() @ h.flatten(1), None
        rows, n, width = h.shape
        g = grad.flatten(0, 1)
        expanded = (self.table @ h).unflatten(1, (n, -1)).flatten(2).flatten(0, 1)
        matrix = g.t() @ expanded
        if not of_table:
            return matrix, None
        pulled = (g @ self.matrix).view(rows, -1, width)
        table = torch.einsum("rei,rji->ej", pulled, h)
        return matrix, table


class Stepping:
    """A recurrence in place, into memory that all steps share."""

    def __init__(self, recurrence: Recurrence, states: Tensor) -> None:
        self.matrix, self.table = recurrence
        self.transposed = self.matrix.t()
        self._count = -1
        if self.table is not None:
            batch, self._n, width = states.shape
            self._space = states.new_empty(batch, len(self.table), width)

    def add(self, h: Tensor, gates: Tensor) -> None:
        """`gates += U h`, gates in one piece of memory."""
        if self.table is None:
            gates.flatten(1).addmm_(h.flatten(1), self.transposed)
        else:
            self._take(len(h))
            torch.bmm(self._forth, h, out=self._expanded)
            if len(self._rows) > _FEWEST_ROWS:
                gates.flatten(0, 1).addmm_(self._rows, self.transposed)
            else:
                torch.mm(self.matrix, self._rows.t(), out=self._lying)
                gates.flatten(0, 1).add_(self._lying.t())

    def pull(self, gates: Tensor, h: Tensor, direct: bool) -> None:
        """`h = Uᵀ gates`, added to what h holds if it is `direct`; all in one piece of memory."""
        if self.table is None:
            rows = h.flatten(1)
            torch.addmm(rows, gates.flatten(1), self.matrix, beta=float(direct), out=rows)
        else:
            self._take(len(h))
            torch.mm(gates.flatten(0, 1), self.matrix, out=self._rows)
            torch.baddbmm(h, self._back, self._expanded, beta=float(direct), out=h)

    def _take(self, count: int) -> None:
        """Views for that many rows; most steps have as many as the one before."""
        if count == self._count or self.table is None:
            return
        self._count = count
        self._forth = self.table.expand(count, -1, -1)
        self._back = self._forth.mT
        self._expanded = self._space[:count]
        self._rows = self._expanded.unflatten(1, (self._n, -1)).flatten(2).flatten(0, 1)
        if len(self._rows) <= _FEWEST_ROWS:
            self._lying = self.matrix.new_empty(len(self.matrix), len(self._rows))


# ---------------------------------------------------------------------- scan or kernel


class Steps(NamedTuple):
    """The sizes of a recurrent layer, in numbers: L, B, I, H and G."""

    steps: int
    batch: int
    inputs: int
    hidden: int
    rows: int


def scans(
    sizes: Steps, product: AnyBilinear, like: Tensor, passes: Passes, plan: Choice = None
) -> bool:
    """Whether a scan over time with compact weights is faster than torch's kernel on blocks.

    On a GPU it never is, as far as is known, nor over the reals. A plan decides first, or
    `lowering.use`: `"block"` for torch's kernel, any other for the scan.
    """
    found = _scans(sizes, product, like, passes, plan or use.forced)
    way = "scan" if found else "kernel"
    note(lambda: Scanned(sizes, product, like.dtype, like.device, passes, way))
    return found


def _scans(sizes: Steps, product: AnyBilinear, like: Tensor, passes: Passes, plan: Choice) -> bool:
    if plan is not None:
        return plan != "block"
    if not like.is_cpu or is_real(product) or max(product.shape) > LARGEST_DENSE:
        return False
    if is_compiling() and not all(map(is_known_size, sizes)):
        return passes == "step"
    return _scan_is_less(*sizes, max(product.shape), like.dtype, passes)


class Scanned(NamedTuple):
    """A choice between both, as `explain` tells it."""

    sizes: Steps
    product: AnyBilinear
    dtype: torch.dtype
    device: torch.device
    passes: Passes
    chosen: str

    def of_what(self) -> str:
        steps, batch, _, hidden, rows = self.sizes
        about = told(self.product, self.dtype, self.passes)
        return (
            f"{steps:,} steps of a batch of {batch:,}, states of {hidden:,} numbers times a matrix "
            f"of {rows:,} × {hidden:,}, {about}"
        )

    def weighed(self) -> dict[str, Cost]:
        kernel, scan = _costs(self.sizes, max(self.product.shape), self.passes)
        return {"kernel": kernel, "scan": scan}

    def refused(self) -> dict[str, str]:
        return {}


@known_when_traced
def _scan_is_less(
    steps: int,
    batch: int,
    inputs: int,
    hidden: int,
    rows: int,
    n: int,
    dtype: torch.dtype,
    passes: Passes,
) -> bool:
    machine = machine_of(torch.device("cpu")).of(dtype)
    sizes = Steps(steps, max(batch, 1), inputs, hidden, rows)
    kernel, scan = (c.seconds(machine, dtype.itemsize) for c in _costs(sizes, n, passes))
    return scan < kernel


def _costs(sizes: Steps, n: int, passes: Passes) -> tuple[Cost, Cost]:
    """Of the kernel and of the scan, where these differ."""
    steps, batch, inputs, hidden, rows = sizes
    times = 3 if passes == "step" else 1
    weights = times * rows * (inputs + hidden)
    blocks, compact = (n + 3 * n * n) * weights, 2 * n * weights
    if passes == "frozen":
        blocks = compact = compared(n * weights)
    kernel = Cost(times * steps, (batch, n * hidden, n * rows), blocks, 4 * times * steps)
    tall = (n * batch, n * hidden, rows)
    scan = Cost(times * steps, tall, compact, 40 * times * steps)
    return kernel, scan
