"""Reads `Example:` in a docstring as the examples that it holds, which are shown as code."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension

HEADING = re.compile(r"^( *)Example:$", re.MULTILINE)


class Examples(Extension):
    """Name the section as the parser of docstrings knows it."""

    def on_instance(self, *, obj: Any, **_: Any) -> None:  # noqa: D102
        if obj.docstring is not None:
            obj.docstring.value = HEADING.sub(r"\1Examples:", obj.docstring.value)
