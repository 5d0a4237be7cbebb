"""Layers that are their equation: written in numbers, by whoever thought of it.

A sample is a column, so an equation reads as in a book, `W @ x + b`, and a batch is a matrix of
columns. Parameters are typed tensors; biases are columns, too, `(O, 1)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from inspect import signature
from itertools import accumulate
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init
from torch.nn.utils.rnn import PackedSequence

from hypercomplex.door.calls import Typed, is_typed
from hypercomplex.door.values import wrap
from hypercomplex.functional.arguments import Count, checked
from hypercomplex.functional.sequences import from_rows, to_rows, with_batch
from hypercomplex.host.mode import autocasts, is_compiling, refuse_fakes, writes
from hypercomplex.host.overrides import as_components
from hypercomplex.lowering import unfold
from hypercomplex.nn.affine import NoStockLayerError
from hypercomplex.nn.sequence import Sequences

__all__ = ["Bidirectional", "Equation", "Recurrence"]


class Equation(nn.Module):
    r"""A layer that is an equation of numbers: write `equation`, and use it like any layer.

    Args:
        in_features: numbers in each input sample.

    Shape:
        - Input: typed `(*, in_features)`, or folded `(*, n·in_features)`.
        - Output: the same kind.

    Raises:
        ValueError: if an input has another width.
        TypeError: if neither the input nor a parameter is typed.

    Example:
        >>> class Sandwich(hc.nn.Equation):
        ...     def __init__(self, inputs, outputs):
        ...         super().__init__(inputs)
        ...         self.W = torch.nn.Parameter(hc.QuaternionTensor.randn(outputs, inputs))
        ...         self.q = torch.nn.Parameter(hc.QuaternionTensor.randn(outputs, 1))
        ...
        ...     def equation(self, x):
        ...         return (self.W @ x) * self.q
        >>> layer = Sandwich(3, 5)
        >>> layer(torch.randn(2, 4 * 3)).shape
        torch.Size([2, 20])
        >>> layer.to_real()
        Linear(in_features=12, out_features=20, bias=False)
    """

    @checked
    def __init__(self, in_features: Count) -> None:
        super().__init__()
        self.in_features = in_features

    def equation(self, x: Any) -> Any:
        """The result, `(out_features, N)`, of numbers `(in_features, N)`: a sample is a column."""
        raise NotImplementedError(f"{type(self).__name__} must have a method `equation`")

    def forward(self, input: Tensor) -> Tensor:
        x = _numbers(self, input, self.in_features)
        y = self.equation(x.reshape(prod(x.shape[:-1]), x.shape[-1]).mT).mT
        return _as_given(input, y.reshape(*x.shape[:-1], y.shape[-1]))

    def to_real(self) -> nn.Linear:
        """The stock layer that does the same to folded input, if the equation is affine.

        Raises:
            ValueError: if the equation is not affine.
        """
        like, width = next(self.parameters()), _kind(self).width * self.in_features
        x = torch.zeros(3 + width, width, dtype=like.dtype, device=like.device)
        # which shows zero, the units, and some numbers
        x[1:-2] = torch.eye(width)
        x[-2:] = torch.linspace(1, 99, 2 * width).sin().view(2, width)
        with torch.no_grad():
            y = self(x)
        shift, columns = y[0], y[1:-2] - y[0]
        slack = 9 * torch.finfo(y.dtype).eps ** 0.5 * (1 + y.abs().max())
        if not (x[-2:] @ columns + shift - y[-2:]).abs().max() <= slack:
            raise NoStockLayerError(
                f"{type(self).__name__} has no stock layer: its equation is not affine"
            )
        real = skip_init(
            nn.Linear, width, len(shift), bias=bool(shift.any()), device=y.device, dtype=y.dtype
        )
        with torch.no_grad():
            real.weight.copy_(columns.mT)
            if real.bias is not None:
                real.bias.copy_(shift)
        return real.train(self.training)


class _Written(Sequences):
    """Recurrent layers whose steps are written in numbers.

    Inside, whatever was given is typed, and states are `(layers, N, H)`.
    """

    input_size: int
    hidden_size: int
    states: tuple[str, ...]
    cells: int

    def forward(self, input: Any, hx: Any = None, *, lengths: Any = None) -> tuple[Any, Any]:
        """The output, and the states at the end, which the next piece of the sequence takes."""
        count = len(self.states)
        starts = (hx,) if count == 1 else (None,) * count if hx is None else hx
        if not isinstance(starts, (tuple, list)) or len(starts) != count:
            raise TypeError(f"`hx` must hold {count} states: {', '.join(self.states)}")
        packed = isinstance(input, PackedSequence)
        data = input.data if packed else input
        x = _numbers(self, data, self.input_size)
        starts = [h if h is None else _numbers(self, h, self.hidden_size) for h in starts]
        given = input._replace(data=x) if packed else x
        output, *ends = self._run(given, *starts, lengths=lengths)
        if packed:
            output = output._replace(data=_as_given(data, output.data))
        else:
            output = _as_given(data, output)
        ends = [_as_given(data, h) for h in ends]
        return output, ends[0] if len(ends) == 1 else tuple(ends)

    def _sequence(
        self, input: Tensor, *states: Tensor | None, batch_sizes: Tensor | None
    ) -> tuple[Tensor, ...]:
        return with_batch(
            lambda x, starts: self._through(x, starts, batch_sizes),
            input,
            dict(zip(self.states, states, strict=True)),
            cells=self.cells,
            features=self.hidden_size,
            batch_first=self.batch_first,
            batch_sizes=batch_sizes,
        )

    def _through(
        self, input: Tensor, states: tuple[Tensor, ...], batch_sizes: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        raise NotImplementedError


class Recurrence(_Written):
    r"""A recurrent layer that is the equation of one step: write `step`, and use it like any layer.

    The step is run through time: over padded sequences, packed ones or `lengths=`, backward in a
    `Bidirectional`, and piece by piece, with the states that the last piece returned. What it asks
    of the input alone is not computed step by step: a product `W @ x` whose `W` is met again at the
    next time, the same tensor and unchanged, is computed for all times at once. (Only with
    `torch.compile`, which writes down every step, each has its own. A weight that is changed
    through `.data` is taken for unchanged.)

    Args:
        input_size: numbers in each input sample.
        hidden_size: numbers in each state.
        batch_first: whether sequences are `(N, L, …)`.

    Shape:
        - Input: typed `(L, N, input_size)`, or folded `(L, N, n·input_size)`; the batch axis may be
          missing; or a `PackedSequence` of either.
        - States, given and returned: the same kind, `(1, N, hidden_size)`, one for each argument
          that `step` has after `x`; a tuple if there are several.
        - Output: the first state at all times, `(L, N, hidden_size)`.

    Raises:
        ValueError: if an input, a state or a length does not fit.
        TypeError: if neither the input nor a parameter is typed.

    Example:
        >>> tanh = hc.functional.split(torch.tanh)
        >>> class Elman(hc.nn.Recurrence):
        ...     def __init__(self, inputs, hidden):
        ...         super().__init__(inputs, hidden)
        ...         self.W = torch.nn.Parameter(hc.QuaternionTensor.randn(hidden, inputs))
        ...         self.U = torch.nn.Parameter(hc.QuaternionTensor.randn(hidden, hidden))
        ...
        ...     def step(self, x, h):
        ...         return tanh(self.W @ x + self.U @ h)
        >>> y, h = Elman(3, 5)(torch.randn(7, 2, 4 * 3))
        >>> y.shape, h.shape
        (torch.Size([7, 2, 20]), torch.Size([1, 2, 20]))
    """

    cells = 1

    @checked
    def __init__(self, input_size: Count, hidden_size: Count, batch_first: bool = False) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.batch_first = batch_first
        self.states = tuple(signature(self.step).parameters)[1:]

    def step(self, x: Any, *states: Any) -> Any:
        """The new state, or a tuple of states; input and states are columns, `(numbers, N)`."""
        raise NotImplementedError(f"{type(self).__name__} must have a method `step`")

    def _through(
        self,
        input: Tensor,
        states: tuple[Tensor, ...],
        batch_sizes: Tensor | None,
        reverse: bool = False,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        rows, layout = to_rows(input, batch_sizes, self.batch_first)
        columns = tuple(h[0].mT for h in states)
        batch, outputs = states[0].shape[1], []
        for running, x in _times(rows.mT, layout.sizes, reverse):
            whole = running == batch
            new = self.step(x, *(columns if whole else (h[:, :running] for h in columns)))
            new = new if isinstance(new, (tuple, list)) else (new,)
            self._check(new, running)
            outputs.append(new[0])
            if not whole:  # a sequence that is not there keeps its states
                pairs = zip(new, columns, strict=True)
                new = [torch.cat((after, h[:, running:]), 1) for after, h in pairs]
            columns = tuple(new)
        output = torch.cat(outputs[::-1] if reverse else outputs, 1)
        return from_rows(output.mT, layout), tuple(h.mT.unsqueeze(0) for h in columns)

    def _check(self, new: Sequence[Tensor], running: int) -> None:
        shape = (self.hidden_size, running)
        with as_components():
            fit = all(is_typed(h) and h.shape[:-1] == shape for h in new)
        if not fit or len(new) != len(self.states):
            raise ValueError(
                f"`step` of {type(self).__name__} must return {len(self.states)} states of shape "
                f"{shape}, columns of numbers, but gave {[tuple(h.shape) for h in new]}"
            )

    def extra_repr(self) -> str:
        batch_first = ", batch_first=True" if self.batch_first else ""
        return f"{self.input_size}, {self.hidden_size}{batch_first}"


class Bidirectional(_Written):
    """Two recurrences, one forward and one backward in time.

    Args:
        ahead: the one that reads forward.
        back: the one that reads backward, of the same sizes.

    Shape:
        As in `Recurrence`, with states `(2, N, hidden_size)` and an output
        `(L, N, 2·hidden_size)`, where the numbers of the forward direction come first.

    Raises:
        ValueError: if the two do not go together.

    Example:
        >>> class Sum(hc.nn.Recurrence):
        ...     def step(self, x, h):
        ...         return x + h
        >>> both = Bidirectional(Sum(3, 3), Sum(3, 3))
        >>> y, h = both(hc.QuaternionTensor.ones(7, 2, 3))
        >>> y[:, 0, 0].real, y[:, 0, -1].real
        (tensor([1., 2., 3., 4., 5., 6., 7.]), tensor([7., 6., 5., 4., 3., 2., 1.]))
    """

    cells = 2

    @checked
    def __init__(self, ahead: Recurrence, back: Recurrence) -> None:
        super().__init__()
        kinds = [(r.input_size, r.hidden_size, r.batch_first, r.states) for r in (ahead, back)]
        if kinds[0] != kinds[1]:
            raise ValueError(
                f"`ahead` and `back` must have equal sizes, states and layouts, not {kinds[0]} and "
                f"{kinds[1]}"
            )
        self.ahead = ahead
        self.back = back
        self.input_size, self.hidden_size, self.batch_first, self.states = kinds[0]

    def _through(
        self, input: Tensor, states: tuple[Tensor, ...], batch_sizes: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        first, second = (tuple(h[i : i + 1] for h in states) for i in range(2))
        y, ends = self.ahead._through(input, first, batch_sizes)
        z, others = self.back._through(input, second, batch_sizes, reverse=True)
        pairs = zip(ends, others, strict=True)
        return torch.cat((y, z), -1), tuple(torch.cat(pair) for pair in pairs)


# ---------------------------------------------------------------------- folded or typed


def _numbers(layer: nn.Module, input: Tensor, features: int) -> Any:
    """The input as numbers on its last axis."""
    refuse_fakes()
    kind: Any = type(input) if is_typed(input) else _kind(layer)
    n = kind.algebra.dimension
    width = input.shape[-1] if input.ndim else 0
    if width != (features if is_typed(input) else n * features):
        raise ValueError(
            f"a tensor of shape {tuple(input.shape)} was given to {type(layer).__name__}, but its "
            f"last axis must hold {features} numbers of {kind.algebra}, or {n * features} folded"
        )
    return input if is_typed(input) else wrap(kind, unfold(input, input.ndim - 1, n))


def _kind(layer: nn.Module) -> Any:
    """The type of the parameters, or of what `plain_parameters` has numbers made of."""
    for parameter in layer.parameters():
        if is_typed(parameter):
            return type(parameter)
    for module in layer.modules():
        kind = getattr(module, "numbers", None)
        if isinstance(kind, type) and issubclass(kind, Typed):
            return kind
    raise TypeError(
        f"`input` of {type(layer).__name__} is folded, but no parameter says of which algebra: "
        "give it a typed tensor; and before `torch.export`, which does not know typed parameters, "
        "call hypercomplex.state.plain_parameters(model)"
    )


def _as_given(given: Tensor, numbers: Any) -> Tensor:
    """Numbers as what was given: typed or folded."""
    folded: Tensor = numbers if is_typed(given) else numbers.folded()
    return folded


# ---------------------------------------------------------------------- all times at once


def _times(columns: Any, sizes: list[int], reverse: bool) -> Iterator[tuple[int, Any]]:
    """How many columns each time has, and these, which know those of the other times."""
    order = range(len(sizes))[:: -1 if reverse else 1]
    if len(sizes) == 1 or is_compiling():
        blocks = torch.split(columns, sizes, 1)
        yield from ((sizes[t], blocks[t]) for t in order)
        return
    every = _Times(columns, sizes, reverse)
    numbers: Any = type(columns)
    kind = _at_time(numbers)
    for t in order:
        with as_components():
            x = every.blocks[t].as_subclass(kind)
        x._times, x._time = every, t
        yield sizes[t], x


class _Times:
    """The columns of all times, and the products of them that are asked for again and again."""

    def __init__(self, columns: Any, sizes: list[int], reverse: bool) -> None:
        with as_components():
            uncounted = columns.is_inference()
        if uncounted:  # whether it changes can be seen of a copy
            with torch.inference_mode(False):
                columns = columns.clone()
        self.blocks = torch.split(columns, sizes, 1)
        self._columns, self._sizes, self._reverse = columns, sizes, reverse
        self._written = _writes(columns)
        self._known: dict[tuple[Any, ...], tuple[Tensor, int, dict[int, Any] | None]] = {}

    def product(self, weight: Tensor, time: int) -> Any:
        """`weight @ x` at that time, or None where it is to be computed by itself.

        A weight that is met for the second time, unchanged, meets all times that are to come.
        """
        version = _writes(weight)
        if version is None or self._written is None or _writes(self._columns) != self._written:
            return None
        key = id(weight), torch.is_grad_enabled(), autocasts(weight)
        _, known, products = self._known.get(key, (None, None, None))
        if known != version:
            self._known[key] = weight, version, None  # held, so that nothing else has its id
            return None
        if products is None:
            products = self._rest(weight, time)
            self._known[key] = weight, version, products
        return products.get(time)

    def _rest(self, weight: Any, time: int) -> dict[int, Any]:
        """The product at this time and at all that are to come."""
        times = range(time + 1) if self._reverse else range(time, len(self._sizes))
        ends = [0, *accumulate(self._sizes)]
        columns = self._columns[:, ends[times[0]] : ends[times[-1] + 1]]
        products = (weight @ columns).split([self._sizes[t] for t in times], 1)
        return dict(zip(times, products, strict=True))


class _AtTime:
    """Columns of one time, which ask for their products with a matrix where all times are."""

    _times: _Times
    _time: int

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if func in _PRODUCTS and len(args) == 2 and not kwargs:
            weight, x = args
            if isinstance(x, _AtTime) and _is_matrix(weight):
                product = x._times.product(weight, x._time)
                if product is not None:
                    return product
        numbers: Any = cls.__mro__[2]
        return numbers.__torch_function__(func, types, args, kwargs)


_PRODUCTS = (torch.matmul, Tensor.matmul, Tensor.__matmul__, torch.mm, Tensor.mm)


@lru_cache(None)
def _at_time(numbers: Any) -> Any:
    """The type of columns of one time; what is made of them is of the type of the numbers."""
    return type(numbers.__name__, (_AtTime, numbers), {})


def _is_matrix(x: Any) -> bool:
    with as_components():
        return isinstance(x, Tensor) and x.ndim == 2 + is_typed(x)


def _writes(x: Tensor) -> int | None:
    """What changes when values do; None where torch does not count."""
    with as_components():
        return writes(x)
