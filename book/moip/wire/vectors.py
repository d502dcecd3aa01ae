"""The official test vectors of the book (table ``wire_vectors``), as values that code can use."""

from __future__ import annotations

from moip import data

Value = bytes | int | str


def names(prefix: str = "") -> list[str]:
    """Names of the vectors that begin so, in the order of the table."""
    every = data.table("wire_vectors")["vector"].drop_duplicates()
    return [name for name in every if name.startswith(prefix)]


def load(name: str) -> dict[str, Value]:
    """The values of a vector by field. ValueError for a vector that the table has not."""
    rows = data.table("wire_vectors").query("vector == @name")
    if rows.empty:
        raise ValueError(f"there is no vector {name!r} in the table wire_vectors; see names()")
    read = {"bytes": bytes.fromhex, "integer": int, "text": str}
    return {row.field: read[row.kind](row.value) for row in rows.itertuples()}
