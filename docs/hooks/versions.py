"""Lists the releases whose pages lie side by side, for the switch in the head of a page.

`mkdocs build -f docs/mkdocs.yml -d site/0.2` adds one to those in `site`, and has `site` open the
latest. Pages that are built elsewhere stand alone and show no switch.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

RELEASE = re.compile(r"\d+(\.\d+)+")


def on_post_build(*, config: Any) -> None:
    """Write the list that Material's switch reads, and the way to the latest."""
    built = Path(config.site_dir)
    if RELEASE.fullmatch(built.name):
        folders = (folder.name for folder in built.parent.iterdir() if folder.is_dir())
        releases = sorted(filter(RELEASE.fullmatch, folders), key=numbers, reverse=True)
        listed = [{"version": each, "title": each, "aliases": []} for each in releases]
        (built.parent / "versions.json").write_text(json.dumps(listed))
        to_latest = f'<meta http-equiv="refresh" content="0; url={releases[0]}/index.html">'
        (built.parent / "index.html").write_text(to_latest)


def numbers(release: str) -> tuple[int, ...]:
    """By which releases are in order."""
    return tuple(map(int, release.split(".")))
