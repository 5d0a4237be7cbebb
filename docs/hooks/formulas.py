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
CODE = re.compile(r"<(pre|code|script|style)\b.*?</\1>", re.DOTALL)
READ = re.compile(  # code and formulas, as they are written
    r"^```.*?^```|`+[^`]*`+|\$\$.+?\$\$|\$(?!\s)(?:\\.|[^\\$])+?(?<!\s)\$", re.DOTALL | re.MULTILINE
)
NAMED = re.compile(r'<h\d id="(hypercomplex\.[\w.]+)"')


def on_page_content(html: str, *, page: Any, **_: Any) -> str:
    """Replace what `pymdownx.arithmatex` marks as LaTeX."""
    html = FORMULA.sub(lambda found: formula(found, page.file.src_path), html)
    refuse_dollars(html, page.file)
    return html


def formula(found: re.Match[str], path: str) -> str:
    """One formula; what LaTeX would not read stops the build."""
    latex = ARG.sub(r"\\operatorname{arg}", unescape(found[3]).strip())
    if "$" in latex:
        raise PluginError(f"{path}: a $ inside a formula: {latex}")
    try:
        mathml = convert(latex, display="inline" if found[2] == "(" else "block")
    except Exception as error:
        raise PluginError(f"{path}: no formula: {latex}") from error
    if unknown := UNKNOWN.search(mathml):
        raise PluginError(f"{path}: {unknown[1]} has no MathML: {latex}")
    return f'<{found[1]} class="formula">{mathml}</{found[1]}>'


def refuse_dollars(html: str, file: Any) -> None:
    """Stop at a dollar that is left: it has no partner, or its partner is another's."""
    before, left, after = CODE.sub(blank, html).partition("$")
    if left:
        text = READ.sub(blank, file.content_string)
        if "$" in text:
            place = f"line {text.partition('$')[0].count(chr(10)) + 1}"
        else:  # in a docstring
            place = [*NAMED.findall(before)][-1]
        raise PluginError(f"{file.src_path}, {place}: a $ without a partner: ${after[:40]}")


def blank(found: re.Match[str]) -> str:
    """As many lines of nothing."""
    return "\n" * found[0].count("\n")
