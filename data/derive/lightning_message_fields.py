"""lightning_message_fields: the fields of every Lightning message, in order, from the BOLTs.

    python data/derive/lightning_message_fields.py BOLTS [--out FILE]

A BOLT states a message as "1. type: 128 (`update_add_htlc`)", then "2. data:", then a list of [`type`:`field`], where a
type may have a count before it, as in `1366*byte`. The size of a field is known where its type has one and its count is
a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from upstream import Repository, UpstreamError, main

FIELDS = ["message", "position", "message_type", "bolt", "field", "field_type", "count", "size_bytes", "source"]
SIZES = {
    "byte": 1, "u8": 1, "s8": 1, "u16": 2, "s16": 2, "u32": 4, "s32": 4, "u64": 8, "s64": 8, "chain_hash": 32,
    "channel_id": 32, "sha256": 32, "signature": 64, "bip340sig": 64, "point": 33, "short_channel_id": 8,
}  # fmt: skip
"""Bytes of the types of one size (BOLT 1, "Fundamental Types")."""
MESSAGE = re.compile(
    r"^1\. type: (?P<type>\d+) \(`(?P<name>\w+)`\).*\n2\. data:.*\n(?P<fields>(?:\s+\* ?\[.*\n)*)", re.MULTILINE
)
FIELD = re.compile(r"\[`(?:(?P<count>[\w.]+)\*)?(?P<type>\w+)`: ?`(?P<name>\w+)`\]")


def derive(bolts: Repository) -> Iterator[dict[str, object]]:
    """All rows, by message and position. `UpstreamError` for a message that stands there twice."""
    rows: dict[str, list[dict[str, object]]] = {}
    for path in bolts.files(r"\d\d-.*\.md"):
        for message in MESSAGE.finditer(bolts.read(path)):
            name = message["name"]
            if name in rows:
                raise UpstreamError(f"{path}: the message {name} stands there a second time")
            rows[name] = [
                {
                    "message": name,
                    "position": position,
                    "message_type": int(message["type"]),
                    "bolt": int(path[:2]),
                    "field": field["name"],
                    "field_type": field["type"],
                    "count": field["count"],
                    "size_bytes": size(field["type"], field["count"]),
                    "source": f"bolt{int(path[:2])}",
                }
                for position, field in enumerate(FIELD.finditer(message["fields"]), 1)
            ]
    for name in sorted(rows):
        yield from rows[name]


def size(kind: str, count: str | None) -> int | None:
    """Bytes of a field; None where they depend on the message."""
    if kind not in SIZES or (count is not None and not count.isdigit()):
        return None
    return SIZES[kind] * int(count or 1)


if __name__ == "__main__":
    main("lightning_message_fields", ["bolts"], FIELDS, derive)
