r"""The equations of gated networks: as they are written, in place, and their gradients.

A *cell* knows them on numbers whose components come first: the gates of a step are `(B, n, G·H)`,
a gate after the other, states are `(B, n, H)`, and every function acts on components. `step` is the
definition, in operations that torch differentiates. The rest is the same by hand, for a scan over
time: `advance` turns the gates of a step into their values, and writes the new states; `slopes`,
of all steps at once, is what gradients are multiplied with; `pull` takes the gradients of the
states of a step back to its gates and to the states before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from torch.nn.functional import layer_norm, leaky_relu

__all__ = ["CELLS", "Cell", "States"]

States = tuple[Tensor, ...]

_sigmoid_backward = torch.ops.aten.sigmoid_backward
_tanh_backward = torch.ops.aten.tanh_backward


class Cell(Protocol):
    """One kind of network.

    Attributes:
        gates: how many gates there are.
        states: how many states: h, and perhaps c.
        kept: how many tensors like h `advance` keeps for the gradient, beside the gates.
        read: whether `slopes` reads the values of the gates.
        apart: whether `U h` must not be added to `W x` at once.
        direct: whether the new h contains the old one other than through `U h`.
    """

    gates: int
    states: int
    kept: int
    read: bool
    apart: bool
    direct: bool

    @property
    def step(self) -> Callable[..., States]:
        """The new states, from `W x + b`, `U h + b'` and the states before."""

    def pieces(self, gates: Tensor) -> States:
        """The views of `W x` or `U h` that `advance` takes."""

    def advance(
        self, x: States, u: States, states: States, kept: Tensor | None, out: Tensor
    ) -> States:
        """The same, h into `out`. The gates x, unless they are `apart`, hold `U h` already.

        Unless something is kept, states other than h may be overwritten.
        """

    def slopes(self, gates: Tensor, kept: Tensor, h: Tensor, before: States) -> States:
        """What `pull` works on, of all steps: first what is to be the gradient of `U h`."""

    def pull(self, slopes: States, grads: States) -> None:
        """Make the slopes gradients of the gates, and the gradients of states those before.

        In the gradient of h, what comes through `U h` is still missing.
        """

    def of_input(self, slopes: States) -> Tensor:
        """The gradients of `W x` that were made of the slopes."""


# ---------------------------------------------------------------------- functions of candidates


class _Function(NamedTuple):
    """A function, in place as well, and its slope from its argument, or from its value if told."""

    of: Callable[[Tensor], Tensor]
    in_place: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]
    from_value: bool = True


def _tanh_slope(y: Tensor) -> Tensor:
    return (y * y).neg_().add_(1)


def _relu_slope(y: Tensor) -> Tensor:
    return (y > 0).to(y.dtype)


def _leaky_slope(y: Tensor) -> Tensor:
    return torch.where(y > 0, y.new_ones(()), y.new_full((), 0.01))


_FUNCTIONS = {
    "tanh": _Function(torch.tanh, torch.tanh_, _tanh_slope),
    "relu": _Function(torch.relu, torch.relu_, _relu_slope),
    "leaky_relu": _Function(leaky_relu, lambda x: leaky_relu(x, inplace=True), _leaky_slope),
    "sin": _Function(torch.sin, torch.sin_, torch.cos, False),
}


# ---------------------------------------------------------------------- the networks


class _Together:
    """What adds `U h` to `W x` at once, so that the gradient of one is that of the other."""

    apart = False

    def of_input(self, slopes: States) -> Tensor:
        return slopes[0]


class _Elman(_Together):
    """$h' = f(W x + U h)$."""

    gates, states, kept = 1, 1, 0
    read, direct = False, False

    def __init__(self, nonlinearity: str) -> None:
        self.function = _FUNCTIONS[nonlinearity]

    def step(self, x: Tensor, u: Tensor, h: Tensor) -> States:
        return (self.function.of(x + u),)

    def pieces(self, gates: Tensor) -> States:
        return (gates,)

    def advance(
        self, x: States, u: States, states: States, kept: Tensor | None, out: Tensor
    ) -> States:
        return (out.copy_(self.function.in_place(x[0])),)

    def slopes(self, gates: Tensor, kept: Tensor, h: Tensor, before: States) -> States:
        return (self.function.slope(h),)

    def pull(self, slopes: States, grads: States) -> None:
        slopes[0].mul_(grads[0])


class _LSTM(_Together):
    r"""$c' = f \circ c + i \circ g$, $h' = o \circ \tanh(c')$, with gates i, f, g, o."""

    gates, states, kept = 4, 2, 1
    read, direct = True, False

    def step(self, x: Tensor, u: Tensor, h: Tensor, c: Tensor) -> States:
        i, f, g, o = (x + u).chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c

    def pieces(self, gates: Tensor) -> States:
        first, second = gates.chunk(2, -1)
        return first, *first.chunk(2, -1), *second.chunk(2, -1)

    def advance(
        self, x: States, u: States, states: States, kept: Tensor | None, out: Tensor
    ) -> States:
        (i_and_f, i, f, g, o), (_, c) = x, states
        i_and_f.sigmoid_()
        g.tanh_()
        o.sigmoid_()
        c = torch.mul(f, c, out=c if kept is None else kept).addcmul_(i, g)
        return torch.tanh(c, out=out).mul_(o), c

    def slopes(self, gates: Tensor, kept: Tensor, h: Tensor, before: States) -> States:
        i, f, g, o = gates.chunk(4, -1)
        tanh_c = torch.tanh(kept)
        of_gates = torch.empty_like(gates)
        of_i, of_f, of_g, of_o = of_gates.chunk(4, -1)
        _sigmoid_backward(g, i, grad_input=of_i)
        _sigmoid_backward(before[1], f, grad_input=of_f)
        _tanh_backward(i, g, grad_input=of_g)
        _sigmoid_backward(tanh_c, o, grad_input=of_o)
        of_i_f_g = of_gates.unflatten(-1, (4, -1))[..., :3, :]
        return of_gates, of_i_f_g, of_o, f, _tanh_backward(o, tanh_c)

    def pull(self, slopes: States, grads: States) -> None:
        (_, of_i_f_g, of_o, f, of_c), (h, c) = slopes, grads
        c.addcmul_(h, of_c)
        of_o.mul_(h)
        of_i_f_g.mul_(c.unsqueeze(-2))
        c.mul_(f)


class _GRU:
    r"""$h' = (1 - z) \circ a + z \circ h$, $a = \tanh(W_a x + r \circ U_a h)$, gates r, z, a."""

    gates, states, kept = 3, 1, 1
    read, apart, direct = True, True, True

    def step(self, x: Tensor, u: Tensor, h: Tensor) -> States:
        x_r, x_z, x_a = x.chunk(3, -1)
        u_r, u_z, u_a = u.chunk(3, -1)
        r, z = torch.sigmoid(x_r + u_r), torch.sigmoid(x_z + u_z)
        return ((1 - z) * torch.tanh(x_a + r * u_a) + z * h,)

    def pieces(self, gates: Tensor) -> States:
        r, z, a = gates.chunk(3, -1)
        return gates[..., : 2 * a.shape[-1]], r, z, a

    def advance(
        self, x: States, u: States, states: States, kept: Tensor | None, out: Tensor
    ) -> States:
        (r_and_z, r, z, a), (u_r_and_z, _, _, u_a) = x, u
        r_and_z.add_(u_r_and_z).sigmoid_()
        a.addcmul_(r, u_a).tanh_()
        if kept is not None:
            kept.copy_(u_a)
        return (torch.lerp(a, states[0], z, out=out),)

    def slopes(self, gates: Tensor, kept: Tensor, h: Tensor, before: States) -> States:
        r, z, a = gates.chunk(3, -1)
        of_gates = torch.empty_like(gates)
        of_r, of_z, of_u = of_gates.chunk(3, -1)
        of_a = _tanh_backward(1 - z, a)
        _sigmoid_backward(of_a * kept, r, grad_input=of_r)
        _sigmoid_backward(before[0] - a, z, grad_input=of_z)
        torch.mul(of_a, r, out=of_u)
        return of_gates, of_gates.unflatten(-1, (3, -1)), of_a, z

    def pull(self, slopes: States, grads: States) -> None:
        (_, each, of_a, z), (h,) = slopes, grads
        each.mul_(h.unsqueeze(-2))
        of_a.mul_(h)
        h.mul_(z)

    def of_input(self, slopes: States) -> Tensor:
        of_gates, _, of_a, _ = slopes
        return torch.cat((of_gates[..., : 2 * of_a.shape[-1]], of_a), -1)


class _LiGRU(_Together):
    r"""$h' = z \circ h + (1 - z) \circ f(a)$, with gates z, a."""

    gates, states, kept = 2, 1, 0
    read, direct = True, True

    def __init__(self, nonlinearity: str) -> None:
        self.function = _FUNCTIONS[nonlinearity]

    def step(self, x: Tensor, u: Tensor, h: Tensor) -> States:
        z, a = (x + u).chunk(2, -1)
        z = torch.sigmoid(z)
        return (z * h + (1 - z) * self.function.of(a),)

    def pieces(self, gates: Tensor) -> States:
        return gates, *gates.chunk(2, -1)

    def advance(
        self, x: States, u: States, states: States, kept: Tensor | None, out: Tensor
    ) -> States:
        _, z, a = x
        z.sigmoid_()
        a = self.function.in_place(a) if self.function.from_value else self.function.of(a)
        return (torch.lerp(a, states[0], z, out=out),)

    def slopes(self, gates: Tensor, kept: Tensor, h: Tensor, before: States) -> States:
        z, a = gates.chunk(2, -1)
        of_gates = torch.empty_like(gates)
        of_z, of_a = of_gates.chunk(2, -1)
        value = a if self.function.from_value else self.function.of(a)
        _sigmoid_backward(before[0] - value, z, grad_input=of_z)
        torch.mul(self.function.slope(a), 1 - z, out=of_a)
        return of_gates, of_gates.unflatten(-1, (2, -1)), z

    def pull(self, slopes: States, grads: States) -> None:
        (_, each, z), (h,) = slopes, grads
        each.mul_(h.unsqueeze(-2))
        h.mul_(z)


class _StabilizedLiGRU(_LiGRU):
    """A light gated unit whose `U h` has mean 0 and variance 1 over all its features."""

    kept, apart = 2, True

    def step(self, x: Tensor, u: Tensor, h: Tensor) -> States:
        return super().step(x, layer_norm(u, u.shape[-2:]), h)

    def advance(
        self, x: States, u: States, states: States, kept: Tensor | None, out: Tensor
    ) -> States:
        if kept is not None:
            kept.copy_(u[0])
        x[0].add_(layer_norm(u[0], u[0].shape[-2:]))
        return super().advance(x, u, states, kept, out)

    def slopes(self, gates: Tensor, kept: Tensor, h: Tensor, before: States) -> States:
        of_x = super().slopes(gates, kept, h, before)
        _, mean, deviation = torch.native_layer_norm(kept, kept.shape[-2:], None, None, 1e-5)
        return torch.empty_like(gates), *of_x, kept, mean, deviation

    def pull(self, slopes: States, grads: States) -> None:
        of_u, of_x, each, z, u, *moments = slopes
        super().pull((of_x, each, z), grads)
        of_u.copy_(
            torch.ops.aten.native_layer_norm_backward(
                of_x, u, u.shape[-2:], *moments, None, None, [True, False, False]
            )[0]
        )

    def of_input(self, slopes: States) -> Tensor:
        return slopes[1]


CELLS: dict[str, Cell] = {
    "rnn_tanh": _Elman("tanh"),
    "rnn_relu": _Elman("relu"),
    "lstm": _LSTM(),
    "gru": _GRU(),
    **{f"ligru_{name}": _LiGRU(name) for name in _FUNCTIONS},
    **{f"stabilized_ligru_{name}": _StabilizedLiGRU(name) for name in _FUNCTIONS},
}
"""All cells by their names."""
