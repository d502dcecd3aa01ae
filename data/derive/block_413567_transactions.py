"""block_413567_transactions: every transaction of one real block, from the copy that Bitcoin Core ships.

    python data/derive/block_413567_transactions.py BITCOIN_CORE [--out FILE]

Bitcoin Core measures itself with block 413,567 of the main chain, stored as it goes over the network: a header of 80 bytes,
the number of transactions, the transactions. The ids in the table must lead to the root of the tree of hashes in the
header, and the header must prove its work, or the script refuses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from upstream import Repository, UpstreamError, main

BLOCK = "src/bench/data/block413567.raw"
FIELDS = ["position", "txid", "size_bytes", "inputs", "outputs", "source"]


class Raw(NamedTuple):
    """A transaction as it stands in a block, and its counts."""

    raw: bytes
    inputs: int
    outputs: int

    @property
    def txid(self) -> bytes:
        return hash256(self.raw)


def hash256(data: bytes) -> bytes:
    """SHA-256 of SHA-256."""
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


class Reader:
    """Takes bytes from the front of a byte string; `UpstreamError` where it ends too early."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        if len(taken) < count:
            raise UpstreamError(f"{BLOCK}: ends in the middle of something")
        self.at += count
        return taken

    def compact(self) -> int:
        """A count in 1, 3, 5 or 9 bytes, little-endian."""
        first = self.take(1)[0]
        return first if first < 0xFD else int.from_bytes(self.take({0xFD: 2, 0xFE: 4, 0xFF: 8}[first]), "little")


def transaction(reader: Reader) -> Raw:
    """The next transaction; `UpstreamError` for one with a witness, which the id would not cover."""
    start = reader.at
    reader.take(4)
    inputs = reader.compact()
    if not inputs:
        raise UpstreamError(f"{BLOCK}: a transaction with a witness, which this script does not read")
    for _ in range(inputs):
        reader.take(36)
        reader.take(reader.compact())
        reader.take(4)
    outputs = reader.compact()
    for _ in range(outputs):
        reader.take(8)
        reader.take(reader.compact())
    reader.take(4)
    return Raw(reader.data[start : reader.at], inputs, outputs)


def root(txids: list[bytes]) -> bytes:
    """The root of the tree of hashes."""
    while len(txids) > 1:
        txids = [*txids, txids[-1]] if len(txids) % 2 else txids
        txids = [hash256(txids[i] + txids[i + 1]) for i in range(0, len(txids), 2)]
    return txids[0]


def split(raw: bytes) -> tuple[bytes, list[Raw]]:
    """Header and transactions of a block; `UpstreamError` when they do not belong together."""
    reader = Reader(raw)
    header = reader.take(80)
    transactions = [transaction(reader) for _ in range(reader.compact())]
    if reader.at != len(raw):
        raise UpstreamError(f"{BLOCK}: {len(raw) - reader.at} bytes are left over")
    if root([one.txid for one in transactions]) != header[36:68]:
        raise UpstreamError(f"{BLOCK}: the transactions do not lead to the root in the header")
    target = int.from_bytes(header[72:75], "little") << 8 * (header[75] - 3)
    if int.from_bytes(hash256(header), "little") > target:
        raise UpstreamError(f"{BLOCK}: the header does not prove its work")
    return header, transactions


def derive(core: Repository) -> Iterator[dict[str, object]]:
    """All rows, in the order of the block."""
    _, transactions = split(core.git("show", f"{core.commit}:{BLOCK}"))
    for position, one in enumerate(transactions):
        yield {
            "position": position,
            "txid": one.txid[::-1].hex(),
            "size_bytes": len(one.raw),
            "inputs": one.inputs,
            "outputs": one.outputs,
            "source": "repo-bitcoin-core",
        }


if __name__ == "__main__":
    main("block_413567_transactions", ["bitcoin_core"], FIELDS, derive)
