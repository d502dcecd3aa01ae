"""Static pictures of the figures: drawn by kaleido where a Chromium is found, kept by content, the same every time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from sphinx.util import logging
from sphinx.util.display import progress_message

from ..browser import browser
from .spec import MODES, Spec

LOGGER = logging.getLogger(__name__)


def picture_name(spec: Spec, narrow: bool, mode: str) -> str:
    """The file name of one picture of a figure."""
    return f"{spec.hash}-{'narrow' if narrow else 'wide'}-{mode}.svg"


def draw(specs: Iterable[Spec], folder: Path) -> bool:
    """Make sure that ``folder`` holds the four pictures of every figure; False when there is no browser to draw one.

    Pictures are named by the figure's content, so only a new or changed figure is drawn. Raises whatever kaleido raises
    for a figure that plotly cannot draw.
    """
    wanted = {picture_name(s, n, m): (s, n, m) for s in specs for n in (False, True) for m in MODES}
    missing = {name: what for name, what in wanted.items() if not (folder / name).exists()}
    if not missing:
        return True
    path = browser()
    if path is None:
        LOGGER.info("no Chromium found: %d figures wait for the reader's browser to be drawn", len(missing) // 4)
        return False
    import logging as standard

    import kaleido

    for chatty in ("kaleido", "choreographer"):
        standard.getLogger(chatty).setLevel(standard.WARNING)
    folder.mkdir(parents=True, exist_ok=True)
    new = f"new-{os.getpid()}-"  # two builds may draw at once
    jobs = []
    for name, (spec, narrow, mode) in missing.items():
        width, height = spec.size(narrow)
        options = {"format": "svg", "width": width, "height": height}
        jobs.append({"fig": spec.drawing(narrow, mode), "path": str(folder / f"{new}{name}"), "opts": options})
    with progress_message(f"drawing {len(missing)} pictures of {len(missing) // 4} figures"):
        errors = kaleido.write_fig_from_object_sync(jobs, kopts={"n": 2, "path": path, "mathjax": False, "timeout": 90})
    if errors:
        raise errors[0]
    for name in missing:
        drawn = folder / f"{new}{name}"
        drawn.write_text(normalize(drawn.read_text(encoding="utf-8")), encoding="utf-8")
        drawn.replace(folder / name)
    return True


def normalize(svg: str) -> str:
    """The same picture without what differs from run to run (ids) or says nothing (long decimals)."""
    ids = dict.fromkeys(re.findall(r'id="(?:[a-z]*?)([0-9a-f]{6})', svg))
    for number, random in enumerate(ids):
        svg = svg.replace(random, f"i{number}")
    return re.sub(r"(\d+\.\d{2})\d+", r"\1", svg)
