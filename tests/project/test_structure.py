"""Imports point one way, the bottom knows no torch, and importing is cheap."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import hypercomplex

ROOT = Path(hypercomplex.__file__).parent
LAYERS = [
    {"algebra"},
    {
        "door.calls",
        "door.signatures",
        *(f"host.{name}" for name in ("batches", "effects", "files", "functions", "imports")),
        *(f"host.{name}" for name in ("known", "memory", "mode", "overrides", "silence")),
        *(f"host.{name}" for name in ("print_options", "torches", "trees")),
    },
    {"lowering", "host.compiler", "host.levels", "host.leaves", "kernels.precision"},
    {"door", "kernels"},
    {"functional", "fft", "linalg", "rotations"},
    {"rules", "nn"},
    {"host"},
    {"printing", "compat", "arrays", "notebook"},
    {"typed", "tensor", "quaternion", "geometric", "symbolic"},
    {"state"},
    {"demo", "testing", ""},
]


def layer_of(module):
    parts = module.removeprefix("hypercomplex").lstrip(".").split(".")
    heads = [".".join(parts[:depth]) for depth in (3, 2, 1)]  # a module of its own, or its package
    (level, *_) = [i for head in heads for i, names in enumerate(LAYERS) if head in names] or [None]
    assert level is not None, f"{module} has no place in the layers"
    return level


def imports(path):
    """The modules that a file imports when it runs, without those for type checkers."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (
                (f"{node.module}.{alias.name}" if node.module == "hypercomplex" else node.module)
                for alias in node.names
            )
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def modules():
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield path, ".".join(["hypercomplex", *parts]).removesuffix(".__init__")


def test_imports_point_one_way():
    wrong = [
        (module, target)
        for path, module in modules()
        for target in imports(path)
        if target.startswith("hypercomplex.")
        and (target.split(".")[1].islower() or target.count(".") > 1)
        and layer_of(target) > layer_of(module)
    ]
    assert wrong == []


def test_layers_do_not_know_the_tensor_type():
    for path, module in modules():
        if module.startswith(("hypercomplex.nn", "hypercomplex.functional", "hypercomplex.fft")):
            assert not any("tensor" in t or "rules" in t for t in imports(path) if "hyper" in t)


def test_algebras_know_no_torch():
    for path in (ROOT / "algebra").glob("*.py"):
        assert not [t for t in imports(path) if t.partition(".")[0] == "torch"], path


def test_importing_is_cheap_and_doors_open_when_asked_for():
    code = (
        "import sys, torch; before = set(sys.modules); import hypercomplex as hc; "
        "print(*sorted({m.split('.')[0] for m in set(sys.modules) - before})); "
        "assert 'hypercomplex.compat' not in sys.modules; "
        "print(hc.compat.speechbrain.QLinear.__name__); hasattr(hc, 'nothing') and 1 / 0"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded, layer = run.stdout.splitlines()
    assert set(loaded.split()) - sys.stdlib_module_names == {"hypercomplex"}
    assert layer == "QLinear"


def test_kinds_are_asked_with_tuples():
    """Compilers of torches before 2.9 read no `isinstance(x, A | B)`."""
    assert not [
        (path.relative_to(ROOT).as_posix(), node.lineno)
        for path, _ in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("isinstance", "issubclass")
        and isinstance(node.args[1], ast.BinOp)
    ]


def test_indexes_of_modules_are_whole():
    for package in ("algebra", "host"):
        listed = re.findall(r"\*([a-z_]+)\*", (ROOT / package / "__init__.py").read_text())
        modules = [path.stem for path in (ROOT / package).glob("*.py") if path.stem != "__init__"]
        assert sorted(listed) == sorted(modules), package


def test_tests_have_names_of_their_own():
    """Pytest takes two files of one name for one module."""
    names = [path.name for path in (ROOT.parent / "tests").rglob("*.py")]
    assert sorted(names) == sorted({*names})
