"""The bibliography ``book/references.bib`` as far as chapters need it: keys, titles, addresses."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "references.bib"


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
