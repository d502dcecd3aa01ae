"""Type-length-value streams and their integers (BOLT 1, "Type-Length-Value Format" and "Fundamental Types")."""

from __future__ import annotations

from collections.abc import Mapping


def bigsize(value: int) -> bytes:
    """An integer of 0 to 2^64 - 1 in 1, 3, 5 or 9 bytes, big-endian."""
    if not 0 <= value < 2**64:
        raise ValueError(f"{value} does not fit into 64 bits")
    if value < 0xFD:
        return bytes([value])
    prefix, size = next((p, n) for p, n in ((0xFD, 2), (0xFE, 4), (0xFF, 8)) if value < 2 ** (8 * n))
    return bytes([prefix]) + value.to_bytes(size, "big")


def read_bigsize(data: bytes, at: int = 0) -> tuple[int, int]:
    """The integer that starts at `at`, and where the next byte is. ValueError if it is cut off or not minimal."""
    if at >= len(data):
        raise ValueError(f"a length or type is missing at byte {at}")
    first = data[at]
    if first < 0xFD:
        return first, at + 1
    size = {0xFD: 2, 0xFE: 4, 0xFF: 8}[first]
    body = data[at + 1 : at + 1 + size]
    if len(body) < size:
        raise ValueError(f"an integer of {size} bytes is cut off at byte {at}")
    value = int.from_bytes(body, "big")
    if bigsize(value) != data[at : at + 1 + size]:
        raise ValueError(f"the integer at byte {at} is not minimally encoded")
    return value, at + 1 + size


def truncated(value: int) -> bytes:
    """An integer without its leading zero bytes (tu16, tu32, tu64); nothing at all for zero."""
    return value.to_bytes(-(-value.bit_length() // 8), "big")


def read_truncated(data: bytes, most: int = 8) -> int:
    """The integer in all of `data`; ValueError for a leading zero byte or more than `most` bytes."""
    if len(data) > most or data[:1] == b"\0":
        raise ValueError(f"{data.hex()} is not an integer of at most {most} bytes without leading zeros")
    return int.from_bytes(data, "big")


def encode(records: Mapping[int, bytes]) -> bytes:
    """A stream of records, by type in ascending order."""
    return b"".join(bigsize(kind) + bigsize(len(value)) + value for kind, value in sorted(records.items()))


def decode(data: bytes, known: frozenset[int] | None = None) -> dict[int, bytes]:
    """The records of a stream by type.

    ValueError for a stream that is cut off, out of order or not minimal, and, if `known` types are given, for an even
    type that is not among them ("it's ok to be odd"); odd ones that are not known are kept.
    """
    records: dict[int, bytes] = {}
    at, last = 0, -1
    while at < len(data):
        kind, at = read_bigsize(data, at)
        if kind <= last:
            raise ValueError(f"type {kind} follows type {last}; types must ascend")
        if known is not None and kind % 2 == 0 and kind not in known:
            raise ValueError(f"type {kind} is even and unknown")
        length, at = read_bigsize(data, at)
        if at + length > len(data):
            raise ValueError(f"the value of type {kind} has {len(data) - at} bytes instead of {length}")
        records[kind] = data[at : at + length]
        at, last = at + length, kind
    return records
