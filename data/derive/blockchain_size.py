"""blockchain_size: how much disk Bitcoin Core tells its users to keep free, each time the number changed.

    python data/derive/blockchain_size.py BITCOIN_CORE [--out FILE]

Before each release the developers measure the data directory of a synchronized node, add 5 to 10 percent, and write
the result into the chain parameters. Its history is a series of the chain's size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from upstream import Repository, main

FIELDS = ["commit_date", "blockchain_gib", "chainstate_gib", "commit", "source"]
PATHS = ["src/chainparams.cpp", "src/kernel/chainparams.cpp"]


def sizes(text: str) -> tuple[int, int] | None:
    """(data directory, chain state) of the main network, the first that the file sets; None where it sets none."""
    blockchain = re.search(r"m_assumed_blockchain_size = (\d+);", text)
    chainstate = re.search(r"m_assumed_chain_state_size = (\d+);", text)
    return (int(blockchain[1]), int(chainstate[1])) if blockchain and chainstate else None


def derive(core: Repository) -> Iterator[dict[str, object]]:
    """One row a pair of sizes, with the first commit that has it, by date."""
    first: dict[tuple[int, int], tuple[str, str]] = {}
    for path in PATHS:
        for commit, date in core.history(path):
            found = core.exists(path, commit) and sizes(core.read(path, commit))
            if found:
                first.setdefault(found, (date, commit))
    for (blockchain, chainstate), (date, commit) in sorted(first.items(), key=lambda item: item[1]):
        yield {
            "commit_date": date,
            "blockchain_gib": blockchain,
            "chainstate_gib": chainstate,
            "commit": commit,
            "source": "repo-bitcoin-core",
        }


if __name__ == "__main__":
    main("blockchain_size", ["bitcoin_core"], FIELDS, derive)
