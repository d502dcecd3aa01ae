"""Bitcoin scripts, put together from names of opcodes, numbers and data; and how an output is locked to one."""

from __future__ import annotations

from hashlib import sha256

from embit import hashes

OPCODES = {
    "PUSHDATA1": 0x4C, "PUSHDATA2": 0x4D, "1": 0x51, "IF": 0x63, "NOTIF": 0x64, "ELSE": 0x67, "ENDIF": 0x68,
    "IFDUP": 0x73, "DROP": 0x75, "DUP": 0x76, "SWAP": 0x7C, "SIZE": 0x82, "EQUAL": 0x87, "EQUALVERIFY": 0x88,
    "HASH160": 0xA9, "CHECKSIG": 0xAC, "CHECKSIGVERIFY": 0xAD, "CHECKMULTISIG": 0xAE, "CHECKLOCKTIMEVERIFY": 0xB1,
    "CHECKSEQUENCEVERIFY": 0xB2,
}  # fmt: skip


def push(data: bytes) -> bytes:
    """Data with the shortest opcode that pushes it (up to 65,535 bytes)."""
    if len(data) < OPCODES["PUSHDATA1"]:
        return bytes([len(data)]) + data
    if len(data) < 256:
        return bytes([OPCODES["PUSHDATA1"], len(data)]) + data
    return bytes([OPCODES["PUSHDATA2"]]) + len(data).to_bytes(2, "little") + data


def number(value: int) -> bytes:
    """A positive script number, pushed in its shortest form. ValueError for anything else."""
    if value < 1:
        raise ValueError(f"{value} is not a positive number")
    if value <= 16:
        return bytes([OPCODES["1"] + value - 1])
    return push(value.to_bytes(value.bit_length() // 8 + 1, "little"))


def assemble(*parts: str | int | bytes) -> bytes:
    """A script from opcodes by name, numbers, and data to push, in order."""
    return b"".join(
        bytes([OPCODES[part]]) if isinstance(part, str) else number(part) if isinstance(part, int) else push(part)
        for part in parts
    )


def p2wsh(witness_script: bytes) -> bytes:
    """The locking script of a version-0 witness script: its SHA-256 (BIP 141)."""
    return b"\x00\x20" + sha256(witness_script).digest()


def p2wpkh(public_key: bytes) -> bytes:
    """The locking script of a key: its HASH160 (BIP 141)."""
    return b"\x00\x14" + hashes.hash160(public_key)
