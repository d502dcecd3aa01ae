"""chain_transactions: how many transactions the chain held, each time Bitcoin Core's developers wrote it down.

    python data/derive/chain_transactions.py BITCOIN_CORE [--out FILE]

Bitcoin Core carries the time, the transaction count and the recent rate at some block, to estimate progress while it
synchronizes. Every release brings new numbers, so the history of the file is a series. Until 2014 the numbers stood in
src/checkpoints.cpp with the rate per day, since 2017 in the chain parameters with the rate per second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from upstream import Repository, main

FIELDS = [
    "block_time_utc",
    "cumulative_transactions",
    "core_rate_tx_per_s",
    "commit_date",
    "commit",
    "source",
]
PATHS = ["src/checkpoints.cpp", "src/chainparams.cpp", "src/kernel/chainparams.cpp"]
SECONDS_PER_DAY = 86_400


def old_form(text: str) -> tuple[int, int, Decimal] | None:
    """(time, transactions, transactions a second) of the main network from the commented lists used until 2014."""
    numbers = re.search(
        r"(\d{10}),\s*//[^\n]*UNIX timestamp of last checkpoint block\s*"
        r"(\d+),\s*//[^\n]*\n(?:\s*//[^\n]*\n)*\s*([\d.]+)",
        text,
    )
    return numbers and (int(numbers[1]), int(numbers[2]), Decimal(numbers[3]) / SECONDS_PER_DAY)


def new_form(text: str) -> tuple[int, int, Decimal] | None:
    """The same from a ChainTxData structure, with or without field names."""
    block = re.search(r"chainTxData\s*=\s*ChainTxData\s*\{(.*?)\}", text, re.DOTALL)
    if block is None:
        return None
    bare = re.sub(r"/\*.*?\*/|//[^\n]*", "", block[1])
    time, transactions, rate = re.findall(r"[=\s]([\d.]+(?:e-?\d+)?)\s*,?\s*$", bare, re.MULTILINE)
    return int(time), int(transactions), Decimal(rate)


def derive(core: Repository) -> Iterator[dict[str, object]]:
    """One row a set of numbers, with the first commit that has it, by block time."""
    first: dict[tuple[int, int], tuple[Decimal, str, str]] = {}
    for path in PATHS:
        for commit, date in core.history(path):
            if not core.exists(path, commit):
                continue  # this commit removed the file
            text = core.read(path, commit)
            numbers = new_form(text) or old_form(text)
            if numbers:
                first.setdefault(numbers[:2], (numbers[2], date, commit))
    for (time, transactions), (rate, date, commit) in sorted(first.items()):
        yield {
            "block_time_utc": f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "cumulative_transactions": transactions,
            "core_rate_tx_per_s": f"{rate:.4f}",
            "commit_date": date,
            "commit": commit,
            "source": "repo-bitcoin-core",
        }


if __name__ == "__main__":
    main("chain_transactions", ["bitcoin_core"], FIELDS, derive)
