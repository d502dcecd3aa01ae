"""soft_forks: when Bitcoin's rules became stricter.

    python data/derive/soft_forks.py BITCOIN_CORE BITCOINJ [--out FILE]

The height is the one in Bitcoin Core's chain parameters, in the newest version of the file that states it: some
heights were taken out again once nothing depended on them. The date is that of the block header where bitcoinj has
one for that height, else it is interpolated between the two headers around it, which are two weeks apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import block_headers
from upstream import Repository, UpstreamError, main, newest

FIELDS = ["fork", "name", "bips", "what", "height", "date", "date_basis", "commit", "source"]
PATHS = ["src/kernel/chainparams.cpp", "src/chainparams.cpp"]


@dataclass(frozen=True)
class Fork:
    """A soft fork; group 1 of `pattern` is its height, in the parameters of the main network, which come first."""

    key: str
    name: str
    bips: str
    what: str
    pattern: str


FORKS = [
    Fork(
        "p2sh",
        "Pay to script hash",
        "16",
        "An output can commit to the hash of a script.",
        r"BIP16Height = (\d+);",
    ),
    Fork(
        "height-in-coinbase",
        "Height in coinbase",
        "34",
        "Every block states its height, which makes every coinbase transaction different.",
        r"BIP34Height = (\d+);",
    ),
    Fork(
        "strict-der",
        "Strict DER signatures",
        "66",
        "Signatures have one encoding only.",
        r"BIP66Height = (\d+);",
    ),
    Fork(
        "cltv",
        "CHECKLOCKTIMEVERIFY",
        "65",
        "An output can be locked until a height or a time.",
        r"BIP65Height = (\d+);",
    ),
    Fork(
        "csv",
        "Relative lock times",
        "68 112 113",
        "An output can be locked for a while after it was created.",
        r"CSVHeight = (\d+);",
    ),
    Fork(
        "segwit",
        "Segregated Witness",
        "141 143 147",
        "Signatures leave the transaction identifier, and block size becomes block weight.",
        r"SegwitHeight = (\d+);",
    ),
    Fork(
        "taproot",
        "Taproot",
        "340 341 342",
        "Schnorr signatures, and script trees that show only the branch that is used.",
        r"DEPLOYMENT_TAPROOT\]\.min_activation_height = (\d+);",
    ),
]


def date_of(height: int, times: dict[int, datetime]) -> tuple[str, str]:
    """(ISO date, basis) of a block, from the times of some headers by height."""
    if height in times:
        return f"{times[height]:%Y-%m-%d}", "header"
    before = max((h for h in times if h < height), default=None)
    after = min((h for h in times if h > height), default=None)
    if before is None or after is None:
        raise UpstreamError(f"no headers on both sides of height {height}")
    share = (height - before) / (after - before)
    return f"{times[before] + share * (times[after] - times[before]):%Y-%m-%d}", "interpolated"


def derive(core: Repository, bitcoinj: Repository) -> Iterator[dict[str, object]]:
    """One row a fork, by key."""
    headers = block_headers.derive(bitcoinj, core)
    times = {row["height"]: datetime.fromisoformat(str(row["time_utc"])) for row in headers}
    for fork in sorted(FORKS, key=lambda fork: fork.key):
        match, commit = newest(core, fork.pattern, PATHS)
        date, basis = date_of(int(match[1]), times)
        yield {
            "fork": fork.key,
            "name": fork.name,
            "bips": fork.bips,
            "what": fork.what,
            "height": match[1],
            "date": date,
            "date_basis": basis,
            "commit": commit,
            "source": "repo-bitcoin-core",
        }


if __name__ == "__main__":
    main("soft_forks", ["bitcoin_core", "bitcoinj"], FIELDS, derive)
