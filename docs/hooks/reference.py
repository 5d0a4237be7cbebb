"""Makes the reference when docs are built: a page for each family of names, and lists of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from inspect import get_annotations, getsource, isclass, ismodule, isroutine, unwrap
from pkgutil import resolve_name
from typing import Any, TypeVar

from mkdocs.structure.files import File

FAMILIES = {
    "nn": {
        "Write your own": "written",
        "Affine": "linear",
        "Convolution": "conv separable",
        "Learned algebras": "phm",
        "Lazy layers": "lazy",
        "Rotation": "rotation",
        "Recurrent": "recurrent ligru",
        "Cells": "cells",
        "Attention": "attention transformer",
        "Batch normalisation": "batch_norm instance_norm averaging",
        "Normalisation": "normalization",
        "Pooling": "pooling",
        "Activation": "activation",
        "Dropout": "dropout",
        "Embedding": "embedding",
        "Equivariant": "equivariant equivariant_attention",
        "Adapters": "adapters",
        "Initialisation": "init constraint permutation",
        "Constrained and adapted weights": "orthogonal spectral lora",
        "Conversion": "conversion conversion.Conversion",
        "Inference": "freezing",
    },
    "functional": {
        "Numbers": "numbers",
        "Analytic functions": "analytic",
        "Powers and polar form": "power polar",
        "Matrices of numbers": "matmul",
        "Sums of products": "contraction",
        "Products along an axis": "running_products",
        "Distances": "distances",
        "Affine maps and componentwise functions": "linear",
        "Convolutions": "conv",
        "Rotating layers": "rotation",
        "Recurrences": "recurrent ligru",
        "Norms of features": "normalization",
        "Pools": "pooling",
        "Activations": "activation dropout",
        "Lookups": "embedding",
        "Scores": "attention",
        "Functions of grades": "equivariant equivariant_attention",
        "To and from numbers": "adapters numberwise",
    },
    "rotations": {
        "Matrices": "matrices",
        "Three numbers": "vectors",
        "Euler angles": "euler",
        "Directions": "directions",
        "Interpolation": "interpolation keys",
        "Splines": "spline",
        "Means": "averages",
        "Distances of rotations": "distances",
        "Motion": "kinematics",
        "Alignment": "alignment",
        "Symmetries": "groups",
        "Random rotations": "random",
        "Order and sign of components": "order",
    },
    "linalg": {
        "Equations": "solve",
        "Determinants": "determinant",
        "Triangular factors": "factor lu",
        "Singular values and Hermitian matrices": "spectral lowrank",
        "Right eigenvalues": "eigen",
        "Powers and products": "powers",
        "Norms, rank, condition": "norms",
    },
    "geometric": {
        "Grades and involutions": "grades",
        "Products of multivectors": "products",
        "Duals": "duality",
        "Norms and versors": "versors",
        "Blades by name": "names",
        "Bivectors and rotors": "bivectors",
        "Points, lines, planes and motors": "projective",
        "Spheres, circles and conformal maps": "conformal",
        "Numbers by grade": "multivector",
    },
    "fft": {
        "Transforms": "transforms",
        "Short-time transforms": "short_time",
        "Shifts": "shifts",
        "Convolution and correlation": "convolution",
    },
    "lowering": {
        "Blocks": "layout block sandwich gates",
        "Kept weights": "kept",
        "Plans": "plan",
        "Explanations": "explanation plan.Made",
        "Machines": "machines",
    },
    "kernels": {
        "Operations": "operation",
        "Large tensors": "large",
    },
    "testing": {
        "Strategies": "strategies",
        "Assertions": "assertions",
    },
    "compat": {
        "SpeechBrain: strictness": "speechbrain.strictness",
        "SpeechBrain: affine": "speechbrain.linear",
        "SpeechBrain: convolution": "speechbrain.conv",
        "SpeechBrain: recurrent": "speechbrain.recurrent",
        "SpeechBrain: normalisation": "speechbrain.normalization",
        "SpeechBrain: pooling": "speechbrain.pooling",
        "SpeechBrain: operations": "speechbrain.ops",
        "SpeechBrain: initialisation": "speechbrain.init",
        "Weights of other layouts": "layouts",
    },
    "algebras": {
        "Algebra": "algebra.Algebra",
        "Bilinear maps": "algebra.Bilinear lowering.LearnedBilinear",
        "Schemes": "algebra.scheme algebra.alternatives algebra.Scheme",
        "Doubling": "algebra.constructions.cayley_dickson",
        "Clifford algebras": "algebra.clifford.clifford algebra.clifford.even_subalgebra",
        "Made of others": "algebra.composites",
        "Other bases, parts and quotients": (
            "algebra.parts.change_basis algebra.parts.subalgebra algebra.parts.quotient"
        ),
        "Of polynomials, groups and matrices": "algebra.presented",
        "From tables and rules": "algebra.written",
        "Of generators and relations": "algebra.relations",
        "Elements and formulas": "algebra.elements.Element symbolic",
        "Matrix representations": "algebra.representations.Representation",
        "Laws": "algebra.laws algebra.identities.sentences",
        "Structure": "algebra.wedderburn.Wedderburn algebra.isomorphisms.Isomorphism",
        "Blades": "algebra.blades",
        "Exact linear algebra": "algebra.linear",
    },
    "tensors": {
        "Numbers of any algebra": (
            "tensor.HypercomplexTensor tensor.tensor_type tensor.as_hypercomplex"
        ),
        "What all tensors have": "typed.TypedTensor",
        "Quaternions": "quaternion",
        "Optimizers": "host.optimizers",
        "Plain arrays of numbers": "state.components state.parameters",
        "NumPy": "arrays",
        "Printing": "printing.format_number notebook",
    },
}
"""For each page its families: modules, or single names, of the package that has its name."""
MIXED = ("algebras", "tensors")  # pages of several packages
NAME = re.compile(r"\b[A-Z]\w*")
CODE = re.compile(
    r"(<(a|pre|autoref|h\d)\b.*?</\2>)|<code>(([A-Za-z_][\w.]*)[^<]*)</code>", re.DOTALL
)
OURS = {"hc": "", "hypercomplex": "", "R": "rotations."} | {
    name: f"{name}." for name in ("functional", "geometric", "rotations")
}
SHORT = {  # where names stand without the package that they are of
    "equivariance.md": "nn",
    "geometric.md": "geometric",
    "layers.md": "nn",
    "networks.md": "nn",
    "own-layers.md": "nn",
    "phm.md": "nn",
    "rotations.md": "rotations",
}


def on_config(config: Any) -> Any:
    """Put the pages of families below their page."""
    (reference,) = (entry["Reference"] for entry in config.nav if "Reference" in entry)
    for place, entry in enumerate(reference):
        ((title, path),) = entry.items()
        page = path.removeprefix("api/").removesuffix(".md")
        if page in FAMILIES:
            below = [{family: source(page, family)} for family in FAMILIES[page]]
            reference[place] = {title: [path, *below]}
    return config


def on_nav(nav: Any, **_: Any) -> None:
    """Have the page of a package be its entry in the side bar, which lists the families below."""
    for page in nav.pages:
        if page.file.src_path in {f"api/{name}.md" for name in FAMILIES}:
            page.file.name = "index"


def on_files(files: Any, *, config: Any) -> Any:
    """Add a page for each family that has no prose of its own."""
    for path, (_, family) in places().items():
        if not files.get_file_from_path(path):
            files.append(File.generated(config, path, content=f"# {family}\n"))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Document a family below its prose, and list all families on their page."""
    path = page.file.src_path
    if path in places():
        return "\n".join([markdown, *documented(*places()[path])])
    if path == "api/reading.md":
        return markdown.replace("<!-- words -->", "\n".join(words()))
    name = path.removeprefix("api/").removesuffix(".md")
    if name in FAMILIES:
        return markdown.replace("<!-- names -->", "\n".join(listed(name)))
    return markdown


def on_page_content(html: str, *, page: Any, **_: Any) -> str:
    """Link the names that stand as code in prose and tables to where they are documented."""
    path = page.file.src_path
    package = SHORT.get(path, path.split("/")[1].removesuffix(".md") if "api/" in path else "")
    package = "others" if path.startswith("from-") else package  # whose names stand there, too
    return CODE.sub(lambda found: linked(found, package), html)


def linked(found: re.Match[str], package: str) -> str:
    """A piece of code, which leads to the name that it begins with; what is a link stays."""
    text, name = found[3], found[4] or ""
    first, _, rest = name.partition(".")
    if first in OURS:
        paths = [f"hypercomplex.{OURS[first]}{rest}"]
    elif package == "others":
        return found[0]
    elif rest:
        paths = [f"hypercomplex.{package}.{name}"]
    elif name[:1].isupper() or f"{name}(" in (text or ""):
        paths = [f"hypercomplex.{package}.{name}", f"hypercomplex.{name}"]
    else:
        return found[0]
    place = next((known()[path] for path in paths if path in known()), None)
    return f'<autoref identifier="{place}" optional>{found[0]}</autoref>' if place else found[0]


@lru_cache(None)
def known() -> dict[str, str]:
    """All names as users write them, and where they are documented."""
    modules = (thing for place in places().values() for thing in things(*place))
    names = (name for thing in modules for name in named(*thing))
    return {written(full, thing): full for full, thing in names}


def places() -> dict[str, tuple[str, str]]:
    """The families by the paths of their pages."""
    return {source(page, family): (page, family) for page in FAMILIES for family in FAMILIES[page]}


def source(page: str, family: str) -> str:
    """The path of the page of a family."""
    name = "-".join("".join(c if c.isalnum() else " " for c in family.lower()).split())
    return f"api/{page}/{name}.md"


def things(page: str, family: str) -> Iterator[tuple[str, Any]]:
    """The modules and single names of a family."""
    package = "hypercomplex" if page in MIXED else f"hypercomplex.{page}"
    for name in FAMILIES[page][family].split():
        yield f"{package}.{name}", resolve_name(f"{package}.{name}")


def named(path: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """The functions and classes of a module, as they stand in it; a single name alone.

    If a package has some of them, the others are for the library itself.
    """
    found = [(path, thing)]
    if ismodule(thing):
        members = ((f"{path}.{name}", each) for name, each in vars(thing).items())
        found = [(full, each) for full, each in members if is_public(thing, full, each)]
    above = [(full, each) for full, each in found if written(full, each) != full]
    yield from above or found


def is_public(module: Any, full: str, thing: Any) -> bool:
    """Whether a module offers a name, and that is of a function or a class."""
    offered = full.rpartition(".")[2] in getattr(module, "__all__", ())
    return offered and (isclass(thing) or isroutine(thing))


def documented(page: str, family: str) -> Iterator[str]:
    """What mkdocstrings is told of a family."""
    for path, thing in things(page, family):
        if ismodule(thing):
            options = "show_root_heading: false, show_root_toc_entry: false, members: false"
            yield f"\n::: {path}\n    options: {{ {options} }}"
        for full, each in named(path, thing):
            heading = written(full, each).replace("hypercomplex", "hc", 1)
            options = f"heading: {heading}, toc_label: {full.rpartition('.')[2]}"
            yield f"\n::: {full}\n    options: {{ {options} }}"


def listed(page: str) -> Iterator[str]:
    """The names of a page by family, each with its first sentence."""
    for family in FAMILIES[page]:
        yield f"\n## [{family}]({source(page, family).removeprefix('api/')})\n"
        for full, each in (name for thing in things(page, family) for name in named(*thing)):
            yield f"- [`{full.rpartition('.')[2]}`][{full}]: {first_sentence(each)}"


def written(full: str, thing: Any) -> str:
    """A name as users write it: of the first package that offers it."""
    *packages, name = full.split(".")
    for depth in range(1, len(packages)):
        package = sys.modules[".".join(packages[:depth])]
        if is_public(package, full, thing) and getattr(package, name) is thing:
            return ".".join([*packages[:depth], name])
    return full


def first_sentence(thing: Any) -> str:
    """What a docstring begins with."""
    sentence = (thing.__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")
    return " ".join(sentence.split())


def words() -> Iterator[str]:
    """The names in signatures that stand for types, and which; links from signatures lead there."""
    yield from ("| in signatures | stands for | defined in |", "|---|---|---|")
    found = aliases()  # imports what has them
    modules = [module for name, module in sys.modules.items() if name.startswith("hypercomplex.")]
    for word, meaning in found:
        holding = [module for module in modules if vars(module).get(word) == meaning]
        anchors = "".join(f"[](){{#{module.__name__}.{word}}}" for module in holding)
        defining = {
            module.__name__: text for module in holding if (text := definition(module, word))
        }
        if not defining:  # a class of Python's by another of its names
            continue
        *_, last = getattr(meaning, "__metadata__", defining.values())
        homes = ", ".join(name.removeprefix("hypercomplex.") for name in defining)
        yield f"| {anchors}`{word}` | {getattr(last, 'phrase', f'`{last}`')} | {homes} |"


def aliases() -> list[tuple[str, Any]]:
    """The names that some signature has and that are not those of what they stand for."""
    found: list[tuple[str, Any]] = []
    for path, thing in (each for place in places().values() for each in things(*place)):
        for function in (each for _, name in named(path, thing) for each in signed(name)):
            for word in NAME.findall(" ".join(map(str, get_annotations(function).values()))):
                pair = word, stands_for(word, function)
                if is_alias(*pair) and pair not in found:
                    found.append(pair)
    return sorted(found, key=lambda pair: pair[0])


def stands_for(word: str, function: Any) -> Any:
    """What a name stands for where a function is written; some are imported for signatures only."""
    names = function.__globals__
    source = getsource(import_module(function.__module__))
    told = re.search(rf"^    from (\S+) import .*\b{word}\b", source, re.M)
    return names.get(word) or (told and getattr(import_module(told[1]), word))


def signed(thing: Any) -> Iterator[Any]:
    """The functions whose signatures the documentation of a name shows."""
    if isclass(thing):
        members = (read(each) for each in vars(thing).values())
        found = [thing.__init__, *members]
    else:
        found = [thing]
    for each in found:
        function = unwrap(getattr(each, "__func__", each))
        if hasattr(function, "__globals__"):
            yield function


def read(member: Any) -> Any:
    """The function of a property, cached or not; anything else is itself."""
    return getattr(member, "fget", None) or getattr(member, "func", member)


def is_alias(word: str, meaning: Any) -> bool:
    """Whether a name in a signature is not that of a class or of a word of `typing`."""
    other = meaning is not None and getattr(meaning, "__name__", "") != word
    return other or isinstance(meaning, TypeVar)


def definition(module: Any, word: str) -> str:
    """What a module says that a name stands for; nothing if it has it from another."""
    found = re.search(rf"^{word} = (?!\w+\.{word}$)(.+?)(  #.*)?$", getsource(module), re.MULTILINE)
    return found[1] if found else ""
