"""Programs of people who do not use hypercomplex; run with it and without, they say the same."""

import torch
import torch._dynamo


class Louder(torch.Tensor):
    """Somebody's tensor type, which means something of its own by two functions."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        result = super().__torch_function__(func, types, args, kwargs or {})
        loud = (torch.Tensor.sin, torch.Tensor.abs, torch.abs, torch._foreach_mul)
        return result * 2 if func in loud and isinstance(result, torch.Tensor) else result


COMPILED = {
    "abs": lambda x: abs(x),
    "abs of them, and more": lambda x: abs(x).sin() + 1,
    "a list": lambda x: torch._foreach_mul([x, x], 2.0)[1],
    "a method": lambda x: x.sin(),
}


def _tensor_type():
    """Functions of somebody's tensor type."""
    for name, f in COMPILED.items():
        torch._dynamo.reset()
        x = torch.tensor([-1.0, 2]).as_subclass(Louder)
        y = torch.compile(f, fullgraph=True, backend="eager")(x)
        yield f"{name}: {type(y).__name__} {y.tolist()}"


def _optimizer():
    """The step of a plain optimizer: graphs, frames and breaks."""
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    graphs = []
    p = torch.nn.Parameter(torch.ones(3))
    p.grad = torch.ones(3)
    optimizer = torch.optim.Adam([p])

    @torch.compile(backend=lambda graph, _: graphs.append(len(graph.graph.nodes)) or graph)
    def step():
        optimizer.step()

    for _ in range(3):
        step()
    counters = torch._dynamo.utils.counters
    breaks = [reason.splitlines()[0] for reason in counters["graph_break"]]
    yield f"{graphs} {dict(counters['frames'])} {breaks}"


def compiled():
    """What the compiler makes of it, as lines to compare."""
    yield from _tensor_type()
    yield from _optimizer()
