"""What happens when modules are imported: lessons for modules of torch, and one copy of ours.

A finder in `sys.meta_path` finds what others find. It gives a module of torch a lesson once it is
loaded; and it hands out the modules of this library that the process has, even if somebody took
them out of `sys.modules`: two copies would make two types of each algebra, which do not combine.
While one thread imports the library, others wait if they ask for the package; if they ask for a
module in it, Python would let them load it at the same time, and give each half of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from threading import RLock, get_ident
from types import ModuleType
from typing import Any

from hypercomplex.host.effects import note

__all__ = ["one_copy", "when_loaded"]

Lesson = Callable[[ModuleType], None]


def when_loaded(name: str, lesson: Lesson) -> None:
    """Give a module a lesson now if it is loaded, and else when it is."""
    finder = _finder()
    finder.lessons[name] = lesson
    if name in sys.modules:
        finder.teach(import_module(name))  # waits where another thread is loading it


def one_copy(package: str) -> None:
    """Keep the package and its modules: a second import gives them again, a reload is refused."""
    finder = _finder()
    finder.loader = None
    finder.packages.add(package)
    ours = {name: m for name, m in list(sys.modules.items()) if finder.keeps(name)}
    finder.kept.update(ours)


class _Finder(MetaPathFinder):
    """Finds as the others in `sys.meta_path` do, with a loader that does one thing more."""

    def __init__(self) -> None:
        self.lessons: dict[str, Lesson] = {}
        self.taught: dict[str, ModuleType] = {}
        self.packages: set[str] = set()
        self.loader: int | None = get_ident()  # the thread that loads this library
        self.kept: dict[str, ModuleType] = {}
        self.lock = RLock()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in self.lessons:
            return self._found(fullname, path, target, self.teach)
        if not self.keeps(fullname):
            self.keep_out(fullname)
            return None
        if target is not None:
            raise ImportError(
                f"{fullname} cannot be reloaded, since tensors of the old and of the new copy "
                "would not combine; start a new process",
                name=fullname,
            )
        if fullname in self.kept:
            return ModuleSpec(fullname, _Again(self.kept[fullname]))
        return self._found(fullname, path, target, self.keep)

    def keep_out(self, name: str) -> None:
        """Refuse a module to a thread that asks while another loads this library."""
        package = __name__.partition(".")[0]
        if name == package:  # the other has given up
            self.loader = get_ident()
        elif name.startswith(f"{package}.") and self.loader not in (None, get_ident()):
            raise ImportError(
                f"{name} is imported while another thread imports {package}; import {package}, "
                "which waits, or do it before threads start",
                name=name,
            )

    def keeps(self, name: str) -> bool:
        return name.partition(".")[0] in self.packages

    def keep(self, module: ModuleType) -> None:
        self.kept[module.__name__] = module

    def teach(self, module: ModuleType) -> None:
        with self.lock:
            if self.taught.get(module.__name__) is not module:
                self.taught[module.__name__] = module
                self.lessons[module.__name__](module)

    def _found(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None, then: Lesson
    ) -> ModuleSpec | None:
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find and find(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Then(spec.loader, then)
                return spec
        return None


@cache
def _finder() -> _Finder:
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    note(
        "sys.meta_path",
        "a finder more, which finds what the others find",
        "corrections of the compiler once it is loaded; one copy of this library in a process",
    )
    return finder


class _Then(Loader):
    """Loads a module as its own loader does, leaves it that one, and does one thing more."""

    def __init__(self, loader: Loader, then: Lesson) -> None:
        self.loader, self.then = loader, then

    def __getattr__(self, name: str) -> Any:
        """Sources and code, which `python -m` runs, are those of the module's own loader."""
        return getattr(object.__getattribute__(self, "loader"), name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        module.__loader__ = self.loader
        self.loader.exec_module(module)
        self.then(module)


class _Again(Loader):
    """Hands out a module that was loaded before, as it was."""

    def __init__(self, module: ModuleType) -> None:
        self.module, self.spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec


_finder()  # this is the first module that is loaded
