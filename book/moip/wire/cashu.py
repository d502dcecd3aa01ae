"""Requests for ecash: NUT-18 (CBOR in Base64) and NUT-26 (records in Bech32m), the same content in two writings."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from . import bech, cbor

SAT = b"\0"  # how NUT-26 writes the unit sat
HTTP_POST = b"\x01"


@dataclass(frozen=True)
class EcashRequest:
    """What is asked for. `mints`: addresses of the mints whose tokens are taken; `post_to`: where to deliver them.

    Other ways of delivery, tags and locking conditions are not covered.
    """

    identifier: str | None = None
    amount: int | None = None
    unit: str | None = None
    single_use: bool | None = None
    mints: tuple[str, ...] = ()
    description: str | None = None
    post_to: str | None = None


def to_map(request: EcashRequest) -> dict[str, Any]:
    """The request as NUT-18 names its fields, without those that are not set."""
    transport = [{"t": "post", "a": request.post_to}] if request.post_to else None
    fields = {
        "i": request.identifier,
        "a": request.amount,
        "u": request.unit,
        "s": request.single_use,
        "m": list(request.mints) or None,
        "d": request.description,
        "t": transport,
    }
    return {key: value for key, value in fields.items() if value is not None}


def from_map(fields: dict[str, Any]) -> EcashRequest:
    """A request from NUT-18's fields. ValueError for one with locking conditions or another transport."""
    transports = [t for t in fields.get("t", []) if t["t"] == "post" and not t.get("g")]
    if len(transports) != len(fields.get("t", [])) or len(transports) > 1 or "nut10" in fields:
        raise ValueError("only one transport by HTTP and no locking condition are covered")
    return EcashRequest(
        fields.get("i"), fields.get("a"), fields.get("u"), fields.get("s"), tuple(fields.get("m", [])), fields.get("d"),
        transports[0]["a"] if transports else None,
    )  # fmt: skip


def write_a(request: EcashRequest) -> str:
    """``creqA...`` (NUT-18), with padding as in its test vectors."""
    return "creqA" + urlsafe_b64encode(cbor.encode(to_map(request))).decode()


def read_a(text: str) -> dict[str, Any]:
    """The fields of a ``creqA...`` text, whatever they are; those that are null or undefined are left out."""
    if not text.startswith("creqA"):
        raise ValueError("the text does not begin with creqA")
    body = text.removeprefix("creqA").replace("+", "-").replace("/", "_")
    return _without_none(cbor.decode(urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def write_b(request: EcashRequest) -> str:
    """``creqb1...`` (NUT-26), in lowercase; QR codes take it in upper case."""
    return bech.encode("creqb", payload_b(request), "bech32m")


def payload_b(request: EcashRequest) -> bytes:
    """The records of NUT-26, in ascending order of their tags."""
    out = b""
    if request.identifier is not None:
        out += _record(1, request.identifier.encode())
    if request.amount is not None:
        out += _record(2, request.amount.to_bytes(8, "big"))
    if request.unit is not None:
        out += _record(3, SAT if request.unit == "sat" else request.unit.encode())
    if request.single_use is not None:
        out += _record(4, bytes([request.single_use]))
    out += b"".join(_record(5, mint.encode()) for mint in request.mints)
    if request.description is not None:
        out += _record(6, request.description.encode())
    if request.post_to is not None:
        out += _record(7, _record(1, HTTP_POST) + _record(2, request.post_to.encode()))
    return out


def read_b(text: str) -> EcashRequest:
    """The request in a ``creqb1...`` text. ValueError for locking conditions or another way of delivery."""
    decoded = bech.decode(text, "bech32m")
    if decoded.prefix != "creqb":
        raise ValueError(f"the text begins with {decoded.prefix}1 instead of creqb1")
    found: dict[str, Any] = {}
    mints = []
    for tag, value in _records(decoded.data):
        if tag == 1:
            found["identifier"] = value.decode()
        elif tag == 2:
            found["amount"] = int.from_bytes(value, "big")
        elif tag == 3:
            found["unit"] = "sat" if value == SAT else value.decode()
        elif tag == 4:
            found["single_use"] = value != b"\0"
        elif tag == 5:
            mints.append(value.decode())
        elif tag == 6:
            found["description"] = value.decode()
        elif tag == 7:
            inner = _records(value)
            if [part for part, _ in inner] != [1, 2] or inner[0][1] != HTTP_POST or "post_to" in found:
                raise ValueError("only one transport by HTTP, without tags, is covered")
            found["post_to"] = inner[1][1].decode()
        elif tag == 8:
            raise ValueError("locking conditions are not covered")
    return EcashRequest(mints=tuple(mints), **found)


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(part) for key, part in value.items() if part is not None}
    return [_without_none(part) for part in value] if isinstance(value, list) else value


def _record(tag: int, value: bytes) -> bytes:
    return bytes([tag]) + len(value).to_bytes(2, "big") + value


def _records(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at + 1 : at + 3], "big")
        if at + 3 + size > len(data):
            raise ValueError(f"a record is cut off at byte {at}")
        found.append((data[at], data[at + 3 : at + 3 + size]))
        at += 3 + size
    return found
