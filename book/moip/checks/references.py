"""The bibliography against what uses it: every entry is used, and every entry says where it can be read."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

from ..sources import entries
from . import Problem

BIBLIOGRAPHY = "book/references.bib"
CITED = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
FIELD = re.compile(r"(?:\w+_)?sources?(?:_\d+)?")


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
    descriptor = json.loads((base / "data" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        fields = [f for f in resource["schema"]["fields"] if FIELD.fullmatch(f["name"])]
        if not fields or not (base / "data" / resource["path"]).exists():
            continue
        # what is wrong with the form of a table is said elsewhere, with its place
        with (base / "data" / resource["path"]).open(encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.DictReader(file):
                for field in fields:
                    used.update(re.split(r"[;,]\s*", str(row.get(field["name"]) or "")))
    return used
