"""wallet_matrix: what wallets say they can send to and receive with, in Bitcoin Optech's feature matrix.

    python data/derive/wallet_matrix.py BITCOINOPS [--out FILE]

One row a wallet and question. Answers are put into one spelling; an empty answer is `unknown`. One wallet's file spells
a prefix wrongly: the feature has the right name, `published_key` keeps the wrong one. Wallets answer for themselves,
through a form; `changed` is the date of the last change of a wallet's file, which is not the date of the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from upstream import Repository, UpstreamError, main

FIELDS = ["wallet", "technology", "category", "feature", "value", "published_key", "path", "changed", "source"]
FOLDER = "_data/matrix"

ANSWERS = {
    "Full Support (send & receive)": "send and receive",
    "Send Support": "send",
    "No Support": "no",
    "No": "no",
    "Yes": "yes",
    "Not Applicable": "not applicable",
    "Unknown": "unknown",
    "": "unknown",
}
FREE_TEXT = {"payjoin_alternate_name"}  # a name that is empty where there is nothing to name
MISSPELT = {"pbst_": "psbt_"}
REGISTER = {
    "Bitcoin Core Wallet": "core-wallet",
    "Bitkit": "bitkit",
    "Electrum": "electrum",
    "Liana": "liana",
    "Nunchuk": "nunchuk",
    "Passport": "passport",
    "Phoenix": "phoenix",
    "Sparrow Wallet": "sparrow",
    "Wasabi Wallet": "wasabi-wallet",
}
"""Names in the matrix -> keys of the register, where the register has the wallet."""


def spell(key: str) -> str:
    """A feature's name with its prefix spelt right."""
    for wrong, right in MISSPELT.items():
        if key.startswith(wrong):
            return right + key.removeprefix(wrong)
    return key


def answer(published: object) -> str:
    """An answer in its one spelling; text that is no standard answer is kept, without its HTML tags."""
    text = re.sub(r"<[^>]*>", "", str(published or "")).strip()
    return ANSWERS.get(text, text)


def derive(bitcoinops: Repository) -> Iterator[dict[str, object]]:
    """All rows, by wallet and feature."""
    rows = []
    for path in bitcoinops.files(rf"{FOLDER}/.+\.yaml"):
        published = yaml.safe_load(bitcoinops.read(path))
        if not published.get("feature"):
            raise UpstreamError(f"{path} of {bitcoinops.path}: no features")
        wallet = published["name"].strip()
        for key, value in published["feature"].items():
            if key in FREE_TEXT and not value:
                continue
            rows.append(
                {
                    "wallet": wallet,
                    "technology": REGISTER.get(wallet),
                    "category": published["category"],
                    "feature": spell(key),
                    "value": answer(value),
                    "published_key": key if spell(key) != key else None,
                    "path": path,
                    "changed": bitcoinops.history(path)[-1][1],
                    "source": "optech-matrix",
                }
            )
    yield from sorted(rows, key=lambda row: (str(row["wallet"]), str(row["feature"])))


if __name__ == "__main__":
    main("wallet_matrix", ["bitcoinops"], FIELDS, derive)
