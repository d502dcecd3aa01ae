"""core_removals: functions that Bitcoin Core once had and took out again.

    python data/derive/core_removals.py BITCOIN_CORE [--out FILE]

A choice of functions that a person, a shop, a miner or another program could use. The list, the layer and the words are
this book's; date and commit are those of the change that took the function out (committer's date), and the version is
that whose release notes say so. A function whose removal no release notes mention has the commit alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from upstream import Repository, UpstreamError, main

FIELDS = ["removal", "name", "layer", "date", "commit", "version", "notes", "source"]


@dataclass(frozen=True)
class Removal:
    """A function that went. `commit` starts its hash; `words` stand in its message; `notes` in the release notes."""

    key: str
    name: str
    layer: int
    commit: str
    words: str
    version: str = ""
    notes: str = ""


REMOVALS = [
    Removal("accounts", "Accounts inside one wallet", 4, "f0dc850bf698", r"Remove wallet account RPCs",
            "0.18.0", r"'account' API is removed"),
    Removal("alerts", "Alerts to all users, sent over the network", 5, "bbb9d1d12310", r"Remove p2p alert handling",
            "0.13.0", r"P2P alert system has been removed"),
    Removal("command-line", "Command line inside the daemon", 5, "b750cf1fb9b6", r"Remove cli functionality",
            "0.10.0", r"`b750cf1` Remove cli functionality"),
    Removal("consensus-library", "Script checks as a library for other programs", 4, "80f8b92f4f23",
            r"remove libbitcoinconsensus", "28.0", r"library was deprecated in 27\.0 and is now completely removed"),
    Removal("getwork", "Call that hands out work to miners", 4, "cf0c47b2698a", r"Remove getwork",
            "0.10.0", r"`cf0c47b` Remove getwork"),
    Removal("irc", "Finding peers in a chat network", 1, "c2efd981aa14", r"Remove IRC Seed support",
            "0.8.2", r"Remove IRC seeding support"),
    Removal("legacy-wallet", "Wallets of loose keys, from before descriptors", 1, "83af1a3cca7e", r"Delete LegacySPKM",
            "30.0", r"BDB legacy wallets can no longer be created or loaded"),
    Removal("market", "A market with products and reviews, unfinished", 4, "cc4b78d59f56", r"strip out unfinished product"),
    Removal("miner", "Mining inside the node", 1, "8d1de43f0cbc", r"Remove internal miner",
            "0.13.0", r"internal miner has been\s+removed"),
    Removal("mining-menu", "Mining from the menu", 5, "e93e5349cb32", r"Generate Coins",
            "0.3.22", r'Remove "Generate Coins" option from GUI'),
    Removal("pay-to-ip", "Asking a network address for a key to pay to", 4, "529a4d482413", r"send-to-IP transactions"),
    Removal("payment-protocol", "Payment protocol with certificates (BIP 70 to 72)", 4, "3548e4aac72e",
            r"Remove BIP70 Support", "0.20.0", r"BIP70 support has been fully removed"),
    Removal("port-mapping", "Opening a port of the router (UPnP)", 1, "038bbe7b2007", r"remove UPnP support",
            "29.0", r"MiniUPnPc and libnatpmp have been removed as dependencies"),
    Removal("reject-messages", "Reasons for a rejection, sent to peers (BIP 61)", 1, "fa25f43ac569",
            r"Remove BIP61 reject messages", "0.20.0", r"Removal of BIP61 reject network messages"),
]  # fmt: skip


def derive(core: Repository) -> Iterator[dict[str, object]]:
    """One row a function, by key; `UpstreamError` where a commit or the release notes do not say what is claimed."""
    for one in sorted(REMOVALS, key=lambda one: one.key):
        commit, date, message = core.git("log", "-1", "--format=%H %cs %B", one.commit).decode("utf-8").split(" ", 2)
        if not re.search(one.words, message):
            raise UpstreamError(f"{core.path}: commit {one.commit} does not say {one.words!r}")
        notes = f"doc/release-notes/release-notes-{one.version}.md" if one.version else ""
        if notes:
            core.find(one.notes, notes)
        yield {
            "removal": one.key,
            "name": one.name,
            "layer": one.layer,
            "date": date,
            "commit": commit,
            "version": one.version,
            "notes": notes,
            "source": "repo-bitcoin-core",
        }


if __name__ == "__main__":
    main("core_removals", ["bitcoin_core"], FIELDS, derive)
