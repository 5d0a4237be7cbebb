"""Libraries that would take numbers for reals without a word; they are told when they are loaded.

`opt_einsum` contracts factors in an order of its own, which it hands to torch: what torch is asked
for is then a product in another order, and looks like any other. torchao quantises torch's own
layers, and passes over all others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from types import ModuleType
from typing import Any

from hypercomplex.door.calls import is_typed
from hypercomplex.host.imports import when_loaded
from hypercomplex.host.layers import tell_of_layers_passed_over

__all__ = ["strangers_are_told"]

Check = Callable[..., None]


def strangers_are_told() -> None:
    """Check the arguments of functions of other libraries, from when they are loaded."""
    for module, (names, check) in _CHECKED.items():
        when_loaded(module, partial(_check_first, names, check))


def _check_first(names: tuple[str, ...], check: Check, module: ModuleType) -> None:
    for name in names:
        if hasattr(module, name):
            setattr(module, name, _checking(getattr(module, name), check))


def _checking(twin: Callable[..., Any], check: Check) -> Callable[..., Any]:
    @wraps(twin)
    def checked(*args: Any, **kwargs: Any) -> Any:
        check(*args, **kwargs)
        return twin(*args, **kwargs)

    return checked


def _commute(*factors: Any, **_: Any) -> None:
    """Refuse numbers whose order counts."""
    for x in factors:
        if is_typed(x) and not x.algebra.is_commutative:
            raise TypeError(
                f"opt_einsum.contract is refused for {type(x).__name__}: it multiplies factors in "
                f"an order of its own, and numbers of {x.algebra} do not commute; use torch.einsum"
            )


def _whole(model: Any, *_: Any, **__: Any) -> None:
    tell_of_layers_passed_over(model, "torchao.quantization.quantize_")


_CHECKED: dict[str, tuple[tuple[str, ...], Check]] = {
    "opt_einsum.backends.torch": (("einsum", "tensordot"), _commute),
    "torchao.quantization.quant_api": (("quantize_",), _whole),
}
"""For each module of others the functions that are checked, and how."""
