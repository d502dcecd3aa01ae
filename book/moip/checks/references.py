"""The bibliography against what uses it: every entry is used, and every entry says where it can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..sources import entries, named
from . import Problem

BIBLIOGRAPHY = "book/references.bib"
CITED = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")


def check(base: Path) -> Iterator[Problem]:
    """Problems of the bibliography of the book at ``base``: entries without an address, and entries that nothing uses."""
    path = base / BIBLIOGRAPHY
    try:
        known = entries(path)
    except (OSError, ValueError):
        return  # said elsewhere, with the place
    used = used_keys(base)
    for key, fields in known.items():
        where = f"{BIBLIOGRAPHY} {key}"
        if not (fields.get("url") or fields.get("doi")):
            yield Problem(where, "has neither address nor DOI", "add url = {...} or doi = {...}")
        if key not in used:
            what = "is cited by no chapter and is the source of no row"
            yield Problem(where, what, "cite it, name it in a table, or remove it")


def used_keys(base: Path) -> set[str]:
    """Keys that a chapter cites (in its text, its code or its stored outputs) or that a table names as a source."""
    used: set[str] = set()
    for path in [*sorted((base / "book").rglob("*.ipynb")), *sorted((base / "book").rglob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        for keys in CITED.findall(text):
            used.update(key.strip() for key in keys.split(","))
    return used | set(named(base))
