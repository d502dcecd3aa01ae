"""As much of CBOR (RFC 8949) as a Cashu payment request needs: whole numbers, text, bytes, lists, maps, true and false.

Null and undefined are read (as None) because the test vectors of NUT-18 write an absent field so; they are not written.
"""

from __future__ import annotations

from typing import Any

UNSIGNED, BYTES, TEXT, ARRAY, MAP, SIMPLE = 0, 2, 3, 4, 5, 7
FALSE, TRUE, NULL, UNDEFINED = 20, 21, 22, 23
MEANING = {FALSE: False, TRUE: True, NULL: None, UNDEFINED: None}


def encode(value: Any) -> bytes:
    """The shortest encoding of definite length; map keys stay in their order. TypeError for any other type."""
    if isinstance(value, bool):
        return _head(SIMPLE, TRUE if value else FALSE)
    if isinstance(value, int) and value >= 0:
        return _head(UNSIGNED, value)
    if isinstance(value, bytes):
        return _head(BYTES, len(value)) + value
    if isinstance(value, str):
        return _head(TEXT, len(value.encode())) + value.encode()
    if isinstance(value, (list, tuple)):
        return _head(ARRAY, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        return _head(MAP, len(value)) + b"".join(encode(part) for pair in value.items() for part in pair)
    raise TypeError(f"{value!r} is none of the types that a payment request holds")


def decode(data: bytes) -> Any:
    """The one value in `data`. ValueError if it is cut off, if more follows, or for a type that is not supported."""
    value, at = _read(data, 0)
    if at != len(data):
        raise ValueError(f"{len(data) - at} bytes follow the value")
    return value


def _head(major: int, number: int) -> bytes:
    for bound, info, size in ((24, None, 0), (1 << 8, 24, 1), (1 << 16, 25, 2), (1 << 32, 26, 4), (1 << 64, 27, 8)):
        if number < bound:
            return bytes([major << 5 | (number if info is None else info)]) + (
                number.to_bytes(size, "big") if size else b""
            )
    raise ValueError(f"{number} does not fit into 64 bits")


def _read(data: bytes, at: int) -> tuple[Any, int]:
    if at >= len(data):
        raise ValueError(f"a value is missing at byte {at}")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if info >= 28 or (major == SIMPLE and info not in MEANING):
        raise ValueError(f"byte {at - 1}: a form that a payment request does not use")
    size = 0 if info < 24 else 1 << info - 24
    number = int.from_bytes(data[at : at + size], "big") if size else info
    at += size
    if major == SIMPLE:
        return MEANING[info], at
    if major == UNSIGNED:
        if at > len(data):
            raise ValueError("a number is cut off")
        return number, at
    if major in (BYTES, TEXT):
        if at + number > len(data):
            raise ValueError(f"a text of {number} bytes is cut off at byte {at}")
        body = data[at : at + number]
        return (body if major == BYTES else body.decode()), at + number
    if major in (ARRAY, MAP):
        parts = []
        for _ in range(number * (2 if major == MAP else 1)):
            part, at = _read(data, at)
            parts.append(part)
        return (parts if major == ARRAY else dict(zip(parts[::2], parts[1::2], strict=True))), at
    raise ValueError(f"major type {major} is not used in a payment request")
