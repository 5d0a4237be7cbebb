"""The constants of machines, from which `lowering.plan` estimates times.

`machines.json` has them for kinds of machines, one thread; more threads do more of everything, and
choose alike. `python -m benchmarks.calibrate` measures this one and writes a file of the same form,
which `lowering.calibrated` reads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files

import torch

from hypercomplex.host.known import known_when_traced

__all__ = ["Constants", "Machine", "calibration", "machine_of", "read", "rounds_factors"]


@dataclass(frozen=True)
class Constants:
    """What a machine does in a second, with numbers of one type."""

    multiplications: float
    """Multiplications and additions a second, of large matrices."""
    thin: float
    """The side of matrices that are multiplied half as fast."""
    moved: float
    """Bytes a second that are written or read where components are sorted or added up."""
    call: float
    """Seconds that one call of torch takes at least."""


@dataclass(frozen=True)
class Machine:
    """A kind of machine, or one of its kind."""

    name: str
    source: str
    """Where the constants are from: measured when and with what, or modelled."""
    device: str
    """The kind of torch's device, `"cpu"` or `"cuda"`."""
    capability: str
    """The instructions, as `torch.backends.cpu.get_cpu_capability()` names them; empty for any."""
    constants: dict[str, Constants]
    """By the name of a type; `"tf32"` is float32 where torch may round its factors."""

    def of(self, dtype: torch.dtype) -> Constants:
        """The constants for a type, or for float32 if it has none."""
        name = str(dtype).removeprefix("torch.")
        if self.device == "cuda" and name == "float32" and rounds_factors():
            name = "tf32"
        return self.constants.get(name, self.constants["float32"])


@known_when_traced
def rounds_factors() -> bool:
    """Whether torch may round the factors of products in float32, on devices that can."""
    return torch.get_float32_matmul_precision() != "highest"


def machine_of(device: torch.device) -> Machine:
    """The machine that a device belongs to: what was calibrated, else the kind that is nearest.

    Example:
        >>> machine_of(torch.device("cpu")).of(torch.float32).multiplications > 1e9
        True
    """
    kind = "cpu" if device.type in ("cpu", "meta") else "cuda"
    alike = [machine for machine in (*calibration, *_shipped()) if machine.device == kind]
    capability = torch.backends.cpu.get_cpu_capability() if kind == "cpu" else ""
    fitting = [machine for machine in alike if machine.capability in ("", capability)]
    return (fitting or alike)[0]


calibration: list[Machine] = []
"""What was calibrated: it comes before the constants of kinds."""


@lru_cache(1)
def _shipped() -> tuple[Machine, ...]:
    return read(files("hypercomplex.lowering").joinpath("machines.json").read_text("utf-8"))


def read(text: str) -> tuple[Machine, ...]:
    """The machines that a text describes.

    Raises:
        ValueError: if it describes none.
    """
    try:
        found = tuple(_machine(**each) for each in json.loads(text))
        if not found:
            raise ValueError("it is empty")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        names = ", ".join(field.name for field in fields(Machine))
        raise ValueError(
            f"a file of machines is a list of {names} in JSON, as benchmarks.calibrate writes it; "
            f"this one does not say so: {error}"
        ) from None
    return found


def _machine(constants: dict[str, dict[str, float]], **rest: str) -> Machine:
    return Machine(**rest, constants={name: Constants(**of) for name, of in constants.items()})
