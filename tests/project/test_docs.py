"""Every example of the README and the pages runs, and the docs build without a warning."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_run_in_order(page, capsys):
    names = {}
    for example in EXAMPLE.findall(page.read_text()):
        exec(compile(example, f"<{page.name}>", "exec"), names)


def test_there_are_examples_in_readme_and_start_page():
    for page in (ROOT / "README.md", ROOT / "docs/pages/index.md"):
        assert len(EXAMPLE.findall(page.read_text())) >= 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_fence_is_closed(page):
    fences = re.findall(r"^```(.*)$", page.read_text(), re.MULTILINE)
    assert len(fences) % 2 == 0
    assert not any(fences[1::2]), "a closing fence names no language"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_site_builds_strictly(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    command += ["-f", str(ROOT / "docs/mkdocs.yml"), "-d", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "QuaternionTensor" in (tmp_path / "api/tensors.html").read_text()
    verdicts = (tmp_path / "verdicts.html").read_text()
    assert "<!-- supported -->" not in verdicts
    for name in ("cumsum", "mm", "logcumsumexp"):
        assert f"<code>{name}</code>" in verdicts
