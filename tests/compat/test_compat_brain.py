"""SpeechBrain's own trainer takes the layers that have its names; passed over where it is missing."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/pages/speakers.md"


def test_brain_trains_what_the_page_shows(capsys):
    pytest.importorskip("speechbrain.core", exc_type=ImportError)
    (program,) = re.findall(r"^```text\n(import torch\n.*?)^```$", PAGE.read_text(), re.M | re.S)
    exec(compile(program.replace("range(1, 11)", "range(1, 4)"), PAGE.name, "exec"), {})
    right = re.findall(r"(?:valid \d|test ): loss [\d.]+, right ([\d.]+)%", capsys.readouterr().out)
    assert len(right) == 4
    assert min(map(float, right[2:])) > 70
