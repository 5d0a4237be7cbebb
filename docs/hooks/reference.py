"""Makes the reference when docs are built: a page for each family of names, and lists of them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

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
        "Attention": "attention",
        "Batch normalisation": "batch_norm instance_norm averaging",
        "Normalisation": "normalization",
        "Pooling": "pooling",
        "Activation": "activation",
        "Dropout": "dropout",
        "Embedding": "embedding",
        "Equivariant": "equivariant equivariant_attention",
        "Adapters": "adapters",
        "Initialisation": "init constraint permutation",
        "Constrained and adapted weights": "orthogonal lora",
        "Conversion": "conversion",
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
}
"""For each package its families by name, and the modules of each."""


def on_config(config: Any) -> Any:
    """Put the pages below that of their package."""
    (reference,) = (entry["Reference"] for entry in config.nav if "Reference" in entry)
    for place, entry in enumerate(reference):
        ((title, path),) = entry.items()
        package = path.removeprefix("api/").removesuffix(".md")
        if package in FAMILIES:
            below = [{family: source(package, family)} for family in FAMILIES[package]]
            reference[place] = {title: [path, *below]}
    return config


def on_files(files: Any, *, config: Any) -> Any:
    """Add a page for each family."""
    for package, families in FAMILIES.items():
        for family, modules in families.items():
            path = source(package, family)
            files.append(File.generated(config, path, content=written(package, family, modules)))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """List what a package has on its own page."""
    package = page.file.src_path.removeprefix("api/").removesuffix(".md")
    if package not in FAMILIES:
        return markdown
    return markdown.replace("<!-- names -->", "\n".join(listed(package)))


def written(package: str, family: str, modules: str) -> str:
    """The page of a family."""
    blocks = (f"::: hypercomplex.{package}.{module}\n" for module in modules.split())
    options = "    options: { show_root_heading: false, show_root_toc_entry: false }\n"
    return f"# {family}\n\n" + "\n".join(f"{block}{options}" for block in blocks)


def listed(package: str) -> Iterator[str]:
    """The names of a package by family, each with its first sentence."""
    for family, modules in FAMILIES[package].items():
        yield f"\n## [{family}]({source(package, family).removeprefix('api/')})\n"
        for module in (f"hypercomplex.{package}.{name}" for name in modules.split()):
            for name in import_module(module).__all__:
                sentence = first_sentence(getattr(import_module(module), name))
                yield f"- [`{name}`][{module}.{name}]: {sentence}"


def first_sentence(thing: Any) -> str:
    """What a docstring begins with; of a value that has none, nothing."""
    text = thing.__doc__ if callable(thing) else ""
    sentence = (text or "").strip().partition("\n\n")[0].replace("\n", " ")
    return " ".join(sentence.split())


def source(package: str, family: str) -> str:
    """The path of a page."""
    name = "-".join("".join(c if c.isalnum() else " " for c in family.lower()).split())
    return f"api/{package}/{name}.md"
