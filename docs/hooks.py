"""Writes pages on verdicts, kernels and effects from the code when documentation is built."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch.overrides import get_overridable_functions, resolve_name

from hypercomplex.door.registry import FAMILIES, family_of, rule_of
from hypercomplex.host.effects import effects, sought
from hypercomplex.host.mode import FACTS
from hypercomplex.kernels import rows as kernel_rows
from hypercomplex.rules.refused import REFUSED, refused_functions


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Fill in the placeholders of the pages that have any."""
    for name, write in PLACEHOLDERS.get(page.file.src_path, {}).items():
        markdown = markdown.replace(f"<!-- {name} -->", write())
    return markdown


def supported() -> str:
    """The functions with a rule, by family."""
    functions = {f for group in get_overridable_functions().values() for f in group}
    names: dict[str, set[str]] = {family: set() for family in FAMILIES}
    for function in functions:
        if rule_of(function) is not None:
            names[family_of(function) or ""].add(short(resolve_name(function) or ""))
    rows = [f"## {family.title()}\n\n{listed(found)}" for family, found in names.items() if found]
    return "\n\n".join(rows)


def refused() -> str:
    """The refused functions, by reason, with the remedy."""
    rows = []
    for entry in REFUSED:
        names = {short(path) for _, path, other in refused_functions() if other is entry}
        reason = entry.reason.format(algebra="the algebra")
        reason = reason[0].upper() + reason[1:]
        rows.append(f"### {reason}\n\nInstead: {entry.remedy}.\n\n{listed(names)}")
    return "\n\n".join(rows)


def changed() -> str:
    """What importing changes, in the order in which it happens."""
    rows = [f"| `{where}` | {change} | {reason} |" for where, change, reason in effects()]
    return "\n".join(["| where | what is different | what for |", "|---|---|---|", *rows])


def looked_for() -> str:
    """The names that are read, and what does not work without them."""
    changed = {effect.where for effect in effects()}
    rows = [f"| `{path}` | {lost} |" for path, lost in sought().items() if path not in changed]
    return "\n".join(["| name | what does not work without it |", "|---|---|", *rows])


def kernels() -> str:
    """The variants of every operation, in the order in which they are asked."""
    lines = ["| operation | way | needs | pays if | what it does |", "|---|---|---|---|---|"]
    last = ""
    for name, variant, needs, pays, sentence in kernel_rows():
        operation, last = "" if name == last else f"`{name}`", name
        cells = (operation, f"`{variant}`", needs, pays, sentence.replace("|", "\\|"))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def facts() -> str:
    """What a moment may be."""
    texts = (text.partition(": ") for text in FACTS.values())
    return "\n".join(f"- *{name}*: {meaning}" for name, _, meaning in texts)


def short(path: str) -> str:
    """`torch.Tensor.sum` and `torch.sum` are both `sum`."""
    path = path.removeprefix("torch.").removeprefix("Tensor.")
    return path.removesuffix(".__get__").removesuffix(".__set__")


def listed(names: Iterable[str]) -> str:
    """Names in one paragraph, sorted."""
    return " ".join(f"`{name}`" for name in sorted(names))


PLACEHOLDERS = {
    "verdicts.md": {"supported": supported, "refused": refused},
    "kernels.md": {"kernels": kernels, "facts": facts},
    "effects.md": {"effects": changed, "sought": looked_for},
}
