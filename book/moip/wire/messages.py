"""Lightning messages, encoded and decoded by the field tables of the BOLTs themselves.

Nothing here knows a message: the layouts come from the table ``lightning_message_fields``, which is derived from the
specification. A message is its type (2 bytes), its fields, and optional records (BOLT 1, "Lightning Message Format").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd

from moip import data

from . import tlv

TYPE_BYTES = 2
_INTEGERS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}

Value = int | bytes | list[bytes]


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `size` is the bytes of one element, `count` a number of elements or the name of the field with it."""

    name: str
    kind: str
    count: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A message by its number and fields."""

    name: str
    number: int
    fields: tuple[Field, ...]


@cache
def layout(name: str) -> Layout:
    """The layout of a message.

    ValueError for a message that the BOLTs do not define, or one with fields of no known size (records aside).
    """
    rows = data.table("lightning_message_fields").query("message == @name")
    if rows.empty:
        raise ValueError(f"the BOLTs define no message {name!r}")
    fields = []
    for row in rows.itertuples():
        if row.field_type.endswith("_tlvs"):
            continue
        count = None if pd.isna(row.count) else row.count
        size = _element_bytes(row.field_type)
        fields.append(Field(row.field, row.field_type, count, size))
    return Layout(name, int(rows.message_type.iloc[0]), tuple(fields))


def _element_bytes(kind: str) -> int:
    table = data.table("lightning_message_fields")
    known = table[(table.field_type == kind) & table["count"].isna()].size_bytes.dropna()
    if kind == "byte":
        return 1
    if known.empty:
        raise ValueError(f"the type {kind!r} has no fixed size")
    return int(known.iloc[0])


def _field_bytes(field: Field, value: Value) -> bytes:
    if field.kind in _INTEGERS:
        return int(value).to_bytes(field.size, "big")
    if isinstance(value, int):
        raise ValueError(f"the field {field.name} takes bytes, not {value}")
    return b"".join(value) if isinstance(value, list) else value


def parts(
    name: str, values: Mapping[str, Value], records: Mapping[int, bytes] | None = None
) -> list[tuple[str, bytes]]:
    """A message in its pieces: (name of the field, its bytes), the type first, the optional records last.

    A field that counts another one is filled in. ValueError for a missing or unknown field or one of the wrong size.
    """
    shape = layout(name)
    counted = {field.count: field.name for field in shape.fields if field.count and not field.count.isdigit()}
    if unknown := set(values) - {field.name for field in shape.fields}:
        raise ValueError(f"{name} has no field {sorted(unknown)[0]!r}")
    pieces = [("type", shape.number.to_bytes(TYPE_BYTES, "big"))]
    for field in shape.fields:
        if field.name in counted:
            pieces.append((field.name, len(values[counted[field.name]]).to_bytes(field.size, "big")))
            continue
        if field.name not in values:
            raise ValueError(f"{name} needs the field {field.name!r}")
        encoded = _field_bytes(field, values[field.name])
        due = field.size * (len(values[field.name]) if field.count in counted else int(field.count or 1))
        if len(encoded) != due:
            raise ValueError(f"the field {field.name} of {name} has {len(encoded)} bytes; it must have {due}")
        pieces.append((field.name, encoded))
    if records:
        pieces.append(("records", tlv.encode(records)))
    return pieces


def encode(name: str, values: Mapping[str, Value], records: Mapping[int, bytes] | None = None) -> bytes:
    """A message as it is handed to the encrypted connection; see `parts`."""
    return b"".join(piece for _, piece in parts(name, values, records))


def decode(name: str, message: bytes) -> tuple[dict[str, Value], dict[int, bytes]]:
    """The fields and the optional records of a message. ValueError if it is another one or cut off."""
    shape = layout(name)
    if message[:TYPE_BYTES] != shape.number.to_bytes(TYPE_BYTES, "big"):
        raise ValueError(f"type {int.from_bytes(message[:TYPE_BYTES], 'big')} is not {name} ({shape.number})")
    values: dict[str, Value] = {}
    at = TYPE_BYTES
    for field in shape.fields:
        many = field.count is not None and not field.count.isdigit()
        count = int(values[field.count]) if many else int(field.count or 1)
        raw = message[at : at + field.size * count]
        if len(raw) < field.size * count:
            raise ValueError(f"{name} ends within the field {field.name}")
        if many and field.kind != "byte":
            values[field.name] = [raw[i : i + field.size] for i in range(0, len(raw), field.size)]
        else:
            values[field.name] = int.from_bytes(raw, "big") if field.kind in _INTEGERS else raw
        at += len(raw)
    return values, tlv.decode(message[at:])


def fixed_bytes(name: str) -> int:
    """Bytes of a message without what varies: its type and the fields of known size."""
    rows = data.table("lightning_message_fields").query("message == @name")
    return TYPE_BYTES + int(rows.size_bytes.fillna(0).sum())
