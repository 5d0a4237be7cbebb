"""Writes what pages take from the code, a run or another file when docs are built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from typing import Any

from torch.overrides import get_overridable_functions, resolve_name

import hypercomplex as hc
from benchmarks import report
from hypercomplex.algebra.additions import program
from hypercomplex.algebra.bounds import at_least
from hypercomplex.algebra.named import NAMED
from hypercomplex.algebra.stored import stored
from hypercomplex.door.registry import FAMILIES, family_of, rule_of
from hypercomplex.host.effects import effects, sought
from hypercomplex.host.mode import FACTS
from hypercomplex.kernels import rows as kernel_rows
from hypercomplex.rules.refused import REFUSED, refused_functions

ROOT = Path(__file__).parents[2]
RUN = report.Run.load(ROOT / "docs/pages/benchmarks.json")
LOADED_LATER = (  # modules of torch with places that are corrected then
    "torch._dynamo.eval_frame",
    "torch._inductor.codegen.cpp",
    "torch.distributed.checkpoint.state_dict",
    "torch.distributed.fsdp",
)


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
    """What importing changes, and what is changed once it is loaded, in that order."""
    for name in LOADED_LATER:
        import_module(name)
    rows = [f"| `{where}` | {change} | {reason} |" for where, change, reason in effects()]
    return "\n".join(["| where | what is different | what for |", "|---|---|---|", *rows])


def looked_for() -> str:
    """The names that are read, and what does not work without them."""
    changed = {effect.where for effect in effects()}
    rows = [f"| `{path}` | {lost} |" for path, lost in sought().items() if path not in changed]
    return "\n".join(["| name | what does not work without it |", "|---|---|", *rows])


def bars(sentence: str) -> str:
    """A sentence for a cell: bars in code are safe there, and shown with what is before them."""
    parts = sentence.split("`")
    parts[::2] = [part.replace("|", "\\|") for part in parts[::2]]
    return "`".join(parts)


def kernels() -> str:
    """The variants of every operation, in the order in which they are asked."""
    lines = ["| operation | way | needs | pays if | what it does |", "|---|---|---|---|---|"]
    last = ""
    for name, variant, needs, pays, sentence in kernel_rows():
        operation, last = "" if name == last else f"`{name}`", name
        cells = (operation, f"`{variant}`", needs, pays, bars(sentence))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def facts() -> str:
    """What a moment may be."""
    texts = (text.partition(": ") for text in FACTS.values())
    return "\n".join(f"- *{name}*: {meaning}" for name, _, meaning in texts)


def schemes() -> str:
    """What multiplying takes in algebras of many kinds, and the least that is possible."""
    head = ("algebra", "constants", "at least", "products", "below 1.5", "additions")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, algebra in telling():
        least, why = at_least(algebra)
        best, accurate = hc.algebra.scheme(algebra), hc.algebra.scheme(algebra, 1.5)
        assert best is not None
        assert accurate is not None
        found = [f"**{x.rank}** ({x.amplification:.2f})" for x in (best, accurate)]
        sums = [program(x.right).additions + program(x.out).additions for x in (best, accurate)]
        if best == accurate:
            found[1], sums = "", sums[:1]
        cells = (name, len(algebra.products), f"{least}, {why}", *found, ", ".join(map(str, sums)))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def telling() -> list[tuple[str, hc.Algebra]]:
    """Algebras by name."""
    signatures = ((3, 0), (2, 1), (0, 3), (1, 3), (3, 1), (3, 0, 1))
    return [
        ("complex", hc.COMPLEX),
        ("split-complex", hc.SPLIT_COMPLEX),
        ("dual", hc.DUAL),
        ("quaternions", hc.QUATERNION),
        ("split quaternions, Cl(1,1), Cl(2,0)", hc.SPLIT_QUATERNION),
        ("tessarines, bicomplex", hc.TESSARINE),
        ("biquaternions", hc.BIQUATERNION),
        ("dual quaternions", hc.DUAL_QUATERNION),
        ("octonions", hc.OCTONION),
        ("split octonions", hc.SPLIT_OCTONION),
        ("sedenions", hc.SEDENION),
        *((hc.clifford(*signature).name, hc.clifford(*signature)) for signature in signatures),
    ]


def gallery() -> str:
    """A row for each algebra that has a name: what holds in it, and what it is made of."""
    head = ["", "dimension", "is", "laws", "structure", "derivations", "centre", "trace form"]
    head += ["products"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, A in shown():
        best = hc.algebra.scheme(A)
        cells = (
            f"`{name}`",
            A.dimension,
            next((f"`{other}`" for other, B in earlier(name) if isomorphic(A, B)), ""),
            ", ".join(laws(A)),
            known(A, "wedderburn") or "",
            len(A.derivations),
            len(A.centre),
            ", ".join(map(str, A.trace_form_signature)),
            f"{best.rank} of {len(A.products)}" if best else len(A.products),
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def earlier(name: str) -> Iterator[tuple[str, hc.Algebra]]:
    """The algebras of the gallery above this one."""
    return takewhile(lambda row: row[0] != name, shown())


def isomorphic(a: hc.Algebra, b: hc.Algebra) -> bool:
    """Whether a map from one to the other is known."""
    try:
        return a.dimension == b.dimension and bool(a.isomorphism_to(b))
    except NotImplementedError:
        return False


def laws(algebra: hc.Algebra) -> list[str]:
    """The laws that hold and do not follow from others that do."""
    found = [law for law in IMPLIED if known(algebra, f"is_{law.replace('-', '_').lower()}")]
    return [law for law in found if not any(law in IMPLIED[other] for other in found)]


IMPLIED = {
    "commutative": ("flexible",),
    "associative": ("alternative", "flexible", "power-associative"),
    "alternative": ("flexible", "power-associative"),
    "flexible": (),
    "power-associative": (),
    "Jordan": ("flexible", "power-associative"),
    "Lie": ("flexible", "power-associative"),
    "composition": (),
    "division": (),
}
"""What follows from a law."""


def shown() -> list[tuple[str, hc.Algebra]]:
    """The algebras of the gallery, by how they are written."""
    names = ("REAL", "COMPLEX", "QUATERNION", "OCTONION", *NAMED)
    signatures = ((2, 0), (3, 0), (0, 3), (3, 1), (2, 2), (0, 5))
    return [
        *((f"hc.{name}", getattr(hc, name)) for name in names),
        *((f"hc.clifford{signature}", hc.clifford(*signature)) for signature in signatures),
        *((f"hc.{text}", eval(f"hc.{text}", {"hc": hc})) for text in MADE),
    ]


MADE = (
    "dual(hc.DUAL)",
    "direct_sum(hc.COMPLEX, hc.QUATERNION)",
    "tensor_product(hc.QUATERNION, hc.QUATERNION)",
    "matrix_algebra(2, over=hc.QUATERNION)",
    "polynomial_quotient((-2, 0, 0, 1))",
    "QUATERNION.minus",
    "QUATERNION.plus",
)


def known(algebra: hc.Algebra, name: str) -> Any:
    """A property, or None if it has no meaning for this algebra."""
    try:
        return getattr(algebra, name)
    except NotImplementedError:
        return None


def tables() -> str:
    """The tables that fit on a line."""
    found = [(name, A) for name, A in shown() if 1 < A.dimension <= 8]
    return "\n\n".join(f"### `{name}`\n\n```text\n{A.table()}\n```" for name, A in found)


def formulas(algebra: str) -> str:
    """The first stored scheme of an algebra."""
    best = next(each.scheme for each in stored() if each.algebra == algebra)
    return f"```python\n{best}\n```"


def beside(name: str) -> str:
    """A file of the repository, without its title."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return text.partition("\n")[2] if text.startswith("# ") else text


def short(path: str) -> str:
    """`torch.Tensor.sum` and `torch.sum` are both `sum`."""
    path = path.removeprefix("torch.").removeprefix("Tensor.")
    return path.removesuffix(".__get__").removesuffix(".__set__")


def listed(names: Iterable[str]) -> str:
    """Names in one paragraph, sorted."""
    return " ".join(f"`{name}`" for name in sorted(names))


PLACEHOLDERS: dict[str, dict[str, Callable[[], str]]] = {
    "verdicts.md": {"supported": supported, "refused": refused},
    "kernels.md": {"kernels": kernels, "facts": facts},
    "fast-products.md": {
        "schemes": schemes,
        **{name: partial(formulas, name) for name in ("quaternion", "octonion", "split_octonion")},
    },
    "gallery.md": {"gallery": gallery, "tables": tables},
    "effects.md": {"effects": changed, "sought": looked_for},
    "changes.md": {"changes": partial(beside, "CHANGELOG.md")},
    "citing.md": {"citation": partial(beside, "CITATION.cff")},
    "benchmarks.md": {
        name: partial(getattr(report, name), RUN) for name in ("facts", "summary", "table")
    },
}
