"""Distributions of torch are of real numbers, and refuse numbers of an algebra.

What they draw they draw by dtype and shape, a real number for each: noise on the real part alone.
Their densities square numbers, whatever the squares are. `Distribution` itself promises nothing of
the kind: a distribution that somebody writes of numbers may hold them.
"""

from __future__ import annotations

from typing import Any

from torch.distributions import Distribution, ExponentialFamily, Transform

from hypercomplex.door.calls import is_typed
from hypercomplex.host.functions import Function, extend

__all__ = ["distributions_are_of_reals"]

_ANYBODYS = (Distribution, ExponentialFamily, Transform)
"""What somebody's own distributions and transforms are made of, too."""

_PLACE = "torch.distributions"
_REASON = "the refusal of numbers by torch.distributions"


def distributions_are_of_reals() -> None:
    """Have distributions of torch, and their transforms, refuse numbers, from now on."""
    refusing = "refuses {}; torch's own code runs on all others"
    for name, make, what in (
        ("Distribution.__init__", _holding, "parameters that are numbers of an algebra"),
        ("Distribution._validate_sample", _asked, "values that are numbers of an algebra"),
        ("transforms.Transform.__call__", _transforming, "numbers of an algebra"),
        ("transforms.Transform._inv_call", _transforming, "numbers of an algebra"),
    ):
        extend(f"{_PLACE}.{name}", make, _REASON, refusing.format(what))


def _holding(twin: Function) -> Function:
    def held(self: Any, *args: Any) -> None:  # by torch's classes before they come here
        _refuse(self, *vars(self).values())
        twin(self, *args)

    return held


def _asked(twin: Function) -> Function:
    def _validate_sample(self: Any, value: Any) -> None:
        _refuse(self, value)
        twin(self, value)

    return _validate_sample


def _transforming(twin: Function) -> Function:
    def transformed(self: Any, *x: Any) -> Any:  # one, whatever torch calls it
        _refuse(self, *x, *vars(self).values())
        return twin(self, *x)

    return transformed


def _refuse(of_reals: Any, *values: Any) -> None:
    for x in values:
        if is_typed(x) and _is_torchs(of_reals):
            raise TypeError(
                f"torch.distributions.{type(of_reals).__name__} is refused for "
                f"{type(x).__name__}: it draws one real number for each number, and its density is "
                "of real numbers; draw mu + s * torch.randn_like(mu), or make the distribution of "
                "q.components, as Independent(Normal(q.components, s), 1), and a sample numbers "
                "with type(q)(sample)"
            )


def _is_torchs(of_reals: Any) -> bool:
    """Whether torch says how to draw, or to transform."""
    return any(
        c.__module__.startswith(f"{_PLACE}.") and c not in _ANYBODYS for c in type(of_reals).__mro__
    )
