"""block_headers: one real block header in every 2,016, from bitcoinj's checkpoints, and the first block of all.

    python data/derive/block_headers.py BITCOINJ BITCOIN_CORE [--out FILE]

bitcoinj ships a list of checkpoints, one at each change of difficulty. A line is base64 without padding of: the
cumulative work (12 or 32 bytes), the height (4 bytes), the header (80 bytes). The list starts at height 2,016; the
header of block 0 is put together from the parameters of the main network in Bitcoin Core, and must have the hash
that Bitcoin Core asserts.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from upstream import Repository, UpstreamError, main

CHECKPOINTS = "core/src/main/resources/org.bitcoin.production.checkpoints.txt"
PARAMETERS = "src/kernel/chainparams.cpp"
FIELDS = ["height", "time_utc", "chain_work_hex", "header_hex", "source"]


def work_of(bits: int) -> int:
    """Expected hashes to find a block with the compact target `bits`: 2^256 / (target + 1), whole."""
    target = (bits & 0x7FFFFF) << 8 * ((bits >> 24) - 3)
    return (1 << 256) // (target + 1)


def row(height: int, work: int, header: bytes, source: str) -> dict[str, object]:
    """One line of the table."""
    time = datetime.fromtimestamp(int.from_bytes(header[68:72], "little"), UTC)
    return {
        "height": height,
        "time_utc": f"{time:%Y-%m-%dT%H:%M:%SZ}",
        "chain_work_hex": f"{work:064x}",
        "header_hex": header.hex(),
        "source": source,
    }


def genesis(core: Repository) -> dict[str, object]:
    """Block 0 from Bitcoin Core's chain parameters; `UpstreamError` when its hash is not the asserted one."""
    text = core.read(PARAMETERS)
    main_network = text[text.index("class CMainParams") : text.index("class CTestNetParams")]
    time, nonce, bits, version = re.search(
        r"CreateGenesisBlock\((\d+), (\d+), (0x[0-9a-f]+), (\d+),", main_network
    ).groups()
    merkle_root = re.search(r'genesis\.hashMerkleRoot == uint256\{"([0-9a-f]{64})"\}', main_network)[1]
    asserted = re.search(r'hashGenesisBlock == uint256\{"([0-9a-f]{64})"\}', main_network)[1]
    header = b"".join(
        [
            int(version).to_bytes(4, "little"),
            bytes(32),
            bytes.fromhex(merkle_root)[::-1],
            int(time).to_bytes(4, "little"),
            int(bits, 16).to_bytes(4, "little"),
            int(nonce).to_bytes(4, "little"),
        ]
    )
    found = hashlib.sha256(hashlib.sha256(header).digest()).digest()[::-1].hex()
    if found != asserted:
        raise UpstreamError(f"{PARAMETERS}: the first block hashes to {found}, asserted is {asserted}")
    return row(0, work_of(int(bits, 16)), header, "repo-bitcoin-core")


def checkpoints(bitcoinj: Repository) -> Iterator[dict[str, object]]:
    """The checkpoints in their order."""
    form, signatures, *lines = bitcoinj.read(CHECKPOINTS).splitlines()
    if form != "TXT CHECKPOINTS 1":
        raise UpstreamError(f"{CHECKPOINTS}: unknown form {form!r}")
    count, *lines = lines[int(signatures) :]
    if int(count) != len(lines):
        raise UpstreamError(f"{CHECKPOINTS}: announces {count} checkpoints and holds {len(lines)}")
    for line in lines:
        record = base64.b64decode(line + "=" * (-len(line) % 4))
        work, height, header = record[:-84], record[-84:-80], record[-80:]
        yield row(int.from_bytes(height, "big"), int.from_bytes(work, "big"), header, "repo-bitcoinj")


def derive(bitcoinj: Repository, core: Repository) -> Iterator[dict[str, object]]:
    """All rows, by height."""
    yield genesis(core)
    yield from checkpoints(bitcoinj)


if __name__ == "__main__":
    main("block_headers", ["bitcoinj", "bitcoin_core"], FIELDS, derive)
