"""The bibliography ``book/references.bib`` as far as chapters need it: keys, titles, addresses."""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "references.bib"
FIELD = re.compile(r"(?:\w+_)?sources?(?:_\d+)?")
"""Names of fields that hold keys of the bibliography."""


@cache
def entries(path: Path = FILE) -> dict[str, dict[str, str]]:
    """Fields by citation key. Raises ``ValueError`` for a key that stands there twice."""
    found: dict[str, dict[str, str]] = {}
    for match in re.finditer(r"^@\w+\{([^,\s]+),\n(.*?)^\}", path.read_text(encoding="utf-8"), re.S | re.M):
        key, body = match.groups()
        if key in found:
            raise ValueError(f"{path.name}: the key {key} stands there twice; rename or remove one")
        found[key] = {
            name.lower(): value.strip('{}" ') for name, value in re.findall(r"^\s*(\w+)\s*=\s*(.+?),?$", body, re.M)
        }
    return found


def address(key: str) -> str:
    """Where a source can be read: its ``url``, else its DOI. Raises ``KeyError`` for an unknown key."""
    fields = entries().get(key)
    if fields is None:
        raise KeyError(f"no source {key!r} in {FILE.name}: add an entry with that key")
    return fields.get("url") or f"https://doi.org/{fields['doi']}"


def title(key: str) -> str:
    """The title of a source."""
    return entries()[key]["title"]


def named(base: Path) -> dict[str, list[str]]:
    """Names of the tables, in the descriptor's order, that have a key as the source of a row, by key.

    ``base``: the folder that holds ``data``. Keys of one cell stand apart by ``;`` or ``,``.
    """
    found: dict[str, list[str]] = {}
    descriptor = json.loads((base / "data" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        fields = [f["name"] for f in resource["schema"]["fields"] if FIELD.fullmatch(f["name"])]
        path = base / "data" / resource["path"]
        if not fields or not path.exists():
            continue
        # what is wrong with the form of a table is said elsewhere, with its place
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            cells = {str(row.get(field) or "") for row in csv.DictReader(file) for field in fields}
        for key in {key for cell in cells for key in re.split(r"[;,]\s*", cell) if key}:
            found.setdefault(key, []).append(Path(resource["path"]).stem)
    return found
