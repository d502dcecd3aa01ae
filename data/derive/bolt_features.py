"""bolt_features: the life of every feature bit of BOLT 9, from its first row in the table to ASSUMED, or out of it.

    python data/derive/bolt_features.py BOLTS [--out FILE]

The table of feature bits is read at every change that reached the main branch (first parents), so a date is the day on
which the specification changed, not the day on which somebody wrote the change. A feature is known by its upper bit: it
may be renamed, and a bit may be given to another feature once the first has left the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from upstream import Repository, UpstreamError, main, natural

FIELDS = [
    "feature", "bit", "description", "context", "needs", "entered", "assumed", "removed", "state", "commit", "as_of",
    "source",
]  # fmt: skip

PATH = "09-features.md"
ROW = re.compile(r"^\|\s*(?:\d+/)?(\d+)\s*\|(.*)\|\s*$", re.MULTILINE)


def table(text: str) -> dict[int, list[str]]:
    """The cells of each row but the first, by the upper (optional, odd) bit."""
    return {int(bit): [cell.strip() for cell in rest.split("|")] for bit, rest in ROW.findall(text)}


def name(cell: str) -> str:
    """A feature's name without its back quotes, with low lines only."""
    return cell.strip("` ").replace("-", "_")


def derive(bolts: Repository) -> Iterator[dict[str, object]]:
    """One row a feature, by name."""
    log = bolts.git("log", "--first-parent", "--reverse", "--format=%H %cs", bolts.commit, "--", PATH).decode()
    features: list[dict[str, object]] = []
    alive: dict[int, dict[str, object]] = {}
    for commit, date in map(str.split, log.splitlines()):
        rows = table(bolts.read(PATH, commit)) if bolts.exists(PATH, commit) else {}
        for bit in set(alive) - set(rows):
            alive.pop(bit)["removed"] = date
        for bit, cells in sorted(rows.items()):
            if bit not in alive:
                alive[bit] = {"bit": bit, "entered": date}
                features.append(alive[bit])
            feature = alive[bit]
            feature["feature"] = name(cells[0])
            if cells[1] == "ASSUMED":
                feature.setdefault("assumed", date)
                continue
            feature.pop("assumed", None)
            feature["description"] = cells[1]
            feature["context"] = cells[2] if len(cells) > 3 else None
            feature["needs"] = name(cells[3]) or None if len(cells) > 4 else None
    if not features:
        raise UpstreamError(f"{bolts.path} at {bolts.commit}: {PATH} has no table of feature bits")
    for feature in sorted(features, key=lambda feature: natural(str(feature["feature"]))):
        state = "removed" if "removed" in feature else "assumed" if "assumed" in feature else "negotiated"
        yield {"state": state, "commit": bolts.commit, "as_of": bolts.date, "source": "bolt9"} | feature


if __name__ == "__main__":
    main("bolt_features", ["bolts"], FIELDS, derive)
