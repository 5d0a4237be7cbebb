"""What the reference does not see: `Example:`, and constructors that are not `def __init__`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from griffe import Class, Extension, Function, Parameters

HEADING = re.compile(r"^( *)Example:$", re.MULTILINE)


class Examples(Extension):
    """Name sections as the parser of docstrings knows them, and constructors as it seeks them."""

    def on_instance(self, *, obj: Any, **_: Any) -> None:  # noqa: D102
        if obj.docstring is not None:
            obj.docstring.value = HEADING.sub(r"\1Examples:", obj.docstring.value)

    def on_package(self, *, pkg: Any, **_: Any) -> None:  # noqa: D102
        for kind in [*classes(pkg)]:
            if "__new__" in kind.members:
                kind.members.setdefault("__init__", kind.members["__new__"])
            elif str(getattr(kind.members.get("__init__"), "value", "")).startswith("over("):
                general: Any = kind.resolved_bases[0].all_members["__init__"]
                taken = Parameters(*(p for p in general.parameters if p.name != "algebra"))
                kind.members["__init__"] = Function("__init__", parameters=taken, parent=kind)


def classes(place: Any) -> Iterator[Class]:
    """The classes of a package."""
    for member in place.members.values():
        if not member.is_alias and (member.is_class or member.is_module):
            if member.is_class:
                yield member
            yield from classes(member)
