"""Makes MathML of the formulas when docs are built, which browsers render without a script."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from latex2mathml.converter import convert
from mkdocs.exceptions import PluginError

FORMULA = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)
ARG = re.compile(r"\\arg\b")  # which the converter does not know
UNKNOWN = re.compile(r">(\\[A-Za-z]+)")  # a command that was passed on as it is


def on_page_content(html: str, *, page: Any, **_: Any) -> str:
    """Replace what `pymdownx.arithmatex` marks as LaTeX."""
    return FORMULA.sub(lambda found: formula(found, page.file.src_path), html)


def formula(found: re.Match[str], path: str) -> str:
    """One formula; what LaTeX would not read stops the build."""
    latex = ARG.sub(r"\\operatorname{arg}", unescape(found[3]).strip())
    try:
        mathml = convert(latex, display="inline" if found[2] == "(" else "block")
    except Exception as error:
        raise PluginError(f"{path}: no formula: {latex}") from error
    if unknown := UNKNOWN.search(mathml):
        raise PluginError(f"{path}: {unknown[1]} has no MathML: {latex}")
    return f'<{found[1]} class="formula">{mathml}</{found[1]}>'
