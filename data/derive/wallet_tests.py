"""wallet_tests: what Bitcoin Optech found when it tried wallets and services, and when that became public.

    python data/derive/wallet_tests.py BITCOINOPS [--out FILE]

One row for each answer that a service's file ever gave to one of a few yes-or-no questions. `tested` is the date of
the test that the file states; some answers were added or changed later without a new one, so `recorded`, the date of
the commit that brought the answer, is the date to use. `until` is the date of the commit that replaced it or took the
service off the list. Questions that were not tried, or that do not apply, give no row.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml
from upstream import Repository, main, natural

FIELDS = ["service", "feature", "value", "tested", "recorded", "until", "commit", "source"]
FOLDER = "_data/compatibility"
AREA = "segwit"
QUESTIONS = {
    "send_bech32": ("send", "bech32"),
    "receive_bech32": ("receive", "bech32"),
    "default_bech32": ("receive", "default"),
    "send_bech32m": ("send", "bech32m"),
    "receive_bech32m": ("receive", "bech32m"),
}
"""Feature in the table -> where the file has it: direction and key."""


def answers(text: str) -> Iterator[tuple[str, str, str, str]]:
    """(service, feature, yes or no, date of the test) of one file."""
    published = yaml.safe_load(text)
    part = published.get(AREA) or {}
    for feature, (direction, key) in QUESTIONS.items():
        told = str(((part.get("features") or {}).get(direction) or {}).get(key)).lower()
        if feature == "default_bech32" and told not in ("none", "untested", "na"):
            told = str(told.startswith("bech32")).lower()
        if told in ("true", "false"):
            tested = (part.get("tested") or {}).get("date")
            yield published["name"], feature, "yes" if told == "true" else "no", str(tested or "")


def derive(bitcoinops: Repository) -> Iterator[dict[str, object]]:
    """All rows, by service, feature and date."""
    log = bitcoinops.git(
        "log", "--first-parent", "--reverse", "--format=%H %cs", bitcoinops.commit, "--", FOLDER
    )  # fmt: skip
    rows: list[dict[str, object]] = []
    current: dict[tuple[str, str], dict[str, object]] = {}
    for line in log.decode().splitlines():
        commit, day = line.split()
        names = bitcoinops.git("ls-tree", "--name-only", commit, f"{FOLDER}/").decode().splitlines()
        files = sorted(name for name in names if name.endswith(".yaml"))
        if not files:  # the whole comparison was given up: the last answers stay the last ones
            break
        told = {
            (service, feature): (value, tested)
            for name in files
            for service, feature, value, tested in answers(bitcoinops.read(name, commit))
        }
        for question in [question for question, row in current.items() if told.get(question, ("",))[0] != row["value"]]:
            current.pop(question)["until"] = day
        for question in told.keys() - current.keys():
            value, tested = told[question]
            current[question] = {
                "service": question[0], "feature": question[1], "value": value, "tested": tested, "recorded": day,
                "until": None, "commit": commit, "source": "optech-compatibility",
            }  # fmt: skip
            rows.append(current[question])
    yield from sorted(rows, key=lambda row: (natural(row["service"]), row["feature"], row["recorded"]))


if __name__ == "__main__":
    main("wallet_tests", ["bitcoinops"], FIELDS, derive)
