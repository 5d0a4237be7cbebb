"""Typed parameters that are kept as plain ones, for tools that know plain tensors only."""

from __future__ import annotations

from typing import Any, TypeVar

from torch import Tensor, nn
from torch.nn.utils import parametrize

from hypercomplex.door.calls import is_typed
from hypercomplex.functional.arguments import checked
from hypercomplex.host.mode import refuse_fakes
from hypercomplex.typed import TypedTensor

__all__ = ["AsNumbers", "plain_parameters"]

Model = TypeVar("Model", bound=nn.Module)


class AsNumbers(nn.Module):
    """A parametrization: numbers of a type, of a plain parameter that holds their components.

    Args:
        numbers: the type, such as `QuaternionTensor`.

    Shape:
        - input: components `(…, n)`; output: numbers `(…)`, of the same memory.

    Example:
        >>> AsNumbers(hc.QuaternionTensor)(torch.ones(4))
        QuaternionTensor(1+1i+1j+1k, shape=(), dtype=torch.float32)
    """

    def __init__(self, numbers: type[TypedTensor]) -> None:
        super().__init__()
        self.numbers = numbers

    def forward(self, components: Tensor) -> Any:
        refuse_fakes()
        return self.numbers(components)

    def right_inverse(self, numbers: Any) -> Tensor:
        """The components of what is assigned."""
        return self.numbers(numbers).components

    def extra_repr(self) -> str:
        return self.numbers.__name__


@checked
def plain_parameters(model: Model) -> Model:
    """Keep the typed parameters and buffers of a model as plain ones, `(…, n)`, in place.

    Attributes give numbers as before, `model.weight`, by `torch.nn.utils.parametrize`. What looks
    for parameters finds their components, under the names that torch gives what is parametrized:
    `model.parametrizations.weight.original`. So sharders, savers, optimizers and whatever else
    knows plain tensors only work as they do for any model. Call it before an optimizer is made of
    the parameters. A buffer that is not saved stays as it is.

    Returns:
        The model itself.

    Raises:
        ValueError: if a typed parameter stands in several places, as no parametrization can.

    Example:
        >>> class Turn(torch.nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.weight = torch.nn.Parameter(hc.QuaternionTensor.ones(3))
        ...     def forward(self, x):
        ...         return self.weight * x
        >>> model = plain_parameters(Turn())
        >>> {name: x.shape for name, x in model.named_parameters()}
        {'parametrizations.weight.original': torch.Size([3, 4])}
        >>> model(hc.QuaternionTensor.ones(3)).shape
        torch.Size([3])
    """
    places = list(_typed_tensors(model))
    _check_once(places)
    for module, name, numbers in places:
        _keep_plain(module, name, numbers)
    return model


def _typed_tensors(model: nn.Module) -> Any:
    """Module, name and numbers of whatever a file of the model holds."""
    for module in model.modules():
        own = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
        saved = module.state_dict() if any(is_typed(x) for _, x in own) else {}
        yield from ((module, name, x) for name, x in own if is_typed(x) and name in saved)


def _check_once(places: Any) -> None:
    known: set[int] = set()
    for module, name, numbers in places:
        if id(numbers) in known:
            raise ValueError(
                f"the typed parameter {name!r} of {type(module).__name__} stands in another place, "
                "too; keep it in one module, and use it from there"
            )
        known.add(id(numbers))


def _keep_plain(module: nn.Module, name: str, numbers: Any) -> None:
    components = numbers.detach().components
    delattr(module, name)
    if isinstance(numbers, nn.Parameter):
        module.register_parameter(name, nn.Parameter(components, numbers.requires_grad))
    else:
        module.register_buffer(name, components)
    parametrize.register_parametrization(module, name, AsNumbers(type(numbers)), unsafe=True)
