"""What is packed: every file that the tests of a source distribution need, and what the index shows."""

import re
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tracked():
    """The files of the repository; a source distribution is none."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout of the repository")
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    return {name for name in listed if name and (ROOT / name).exists()}


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A source distribution and a wheel."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_a_source_distribution_has_every_file(packed):
    (archive,) = packed.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        names = {name.partition("/")[2] for name in files.getnames()}
    assert names - {"PKG-INFO"} == tracked()


def test_a_wheel_has_the_package_and_its_data(packed):
    (archive,) = packed.glob("*.whl")
    names = {n for n in zipfile.ZipFile(archive).namelist() if ".dist-info/" not in n}
    assert names == {name for name in tracked() if name.startswith("hypercomplex/")}


def test_the_index_shows_who_for_whom_and_how(packed):
    (archive,) = packed.glob("*.whl")
    with zipfile.ZipFile(archive) as files:
        (path,) = (name for name in files.namelist() if name.endswith("/METADATA"))
        shown = Parser().parsestr(files.read(path).decode())
    tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11 or newer")
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert shown["Name"] == "hypercomplex-torch"
    assert shown["Author"] == "hypercomplex contributors"
    assert shown["License-Expression"] == "MIT"
    assert shown["Description-Content-Type"] == "text/markdown"
    assert set(shown.get_all("Classifier")) == set(said["classifiers"])
    text = shown.get_payload()
    assert text.startswith("# hypercomplex")
    assert not re.findall(r"\]\((?!http)[^)]*\)", text), "what the index has not"


def test_the_citation_is_of_this_version():
    import hypercomplex as hc

    assert f"version: {hc.__version__}\n" in (ROOT / "CITATION.cff").read_text()
