"""wallets_by_year: the wallets that Bitcoin.org listed at the end of each year, by platform.

    python data/derive/wallets_by_year.py BITCOIN_ORG [--out FILE]

One row a year, a wallet and a platform it runs on. The list is read as it stood with the last commit of the year on
the main line, and for the current year with the commit that the descriptor pins. It was one YAML header of a page
until 2016 and has been a file for each wallet since.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from upstream import Repository, UpstreamError, main

FIELDS = ["as_of", "wallet", "name", "platform", "systems", "control", "features", "commit", "source"]
PAGE = "_templates/choose-your-wallet.html"
FIRST_YEAR = 2014
MOBILE = ("android", "ios", "blackberry", "windowsphone")


def front_matter(text: str, where: str) -> dict:
    """The YAML header of a file. Some headers use an anchor's name twice, which PyYAML refuses, so they are numbered."""
    match = re.match(r"---\n(.*?)\n---", text, re.DOTALL)
    if match is None:
        raise UpstreamError(f"{where}: no YAML header")
    seen: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        sign, name = found.groups()
        seen[name] = seen.get(name, 0) + (sign == "&")
        return f"{sign}{name}-{seen[name]}"

    return yaml.safe_load(re.sub(r"(?<=[:\s])([&*])([A-Z][A-Z-]*)\s*$", number, match[1], flags=re.MULTILINE))


def versions(wallet: dict) -> Iterator[tuple[str, str, dict]]:
    """(platform, system, what is said of that version) of a wallet, in either form of the list."""
    platforms = wallet["platform"]
    if isinstance(platforms, dict):
        platforms = [{"name": name} | content for name, content in platforms.items()]
    for entry in platforms:
        # A list item is {"name": ..., "os": ...} or {"desktop": {"name": ..., "os": ...}}, also with more keys beside it.
        content = entry if "os" in entry or "name" in entry else next(iter(entry.values()))
        name = content.get("name") or next(iter(entry))
        for system in content.get("os") or [""]:
            told = system if isinstance(system, dict) else {"name": system}
            version = content | (content.get("default") or {}) | told
            yield "mobile" if name in MOBILE else name, told.get("name") or "", version


def listed(repository: Repository, commit: str) -> Iterator[dict]:
    """The wallets that were shown at a commit, each as a dictionary with `id`, `title` and `platform`."""
    names = repository.git("ls-tree", "--name-only", commit, "_wallets/").decode().split()
    if not names:
        page = front_matter(repository.read(PAGE, commit), PAGE)
        for entry in page["wallets"]:
            for key, wallet in entry.items():
                yield {"id": key} | wallet
    for name in sorted(names):
        wallet = front_matter(repository.read(name, commit), name)
        if wallet.get("display") is not False:
            yield wallet


def title(wallet: dict) -> str:
    """The name that the list shows, on one line."""
    return " ".join(wallet["title"].replace("<br>", " ").split())


def derive(bitcoin_org: Repository) -> Iterator[dict[str, object]]:
    """All rows, by date, wallet and platform. What differs between systems of one platform is put together."""
    ends = [f"{year}-12-31" for year in range(FIRST_YEAR, int(bitcoin_org.date[:4]))]
    for day in [*ends, bitcoin_org.date]:
        before = f"--before={day}T23:59:59Z"
        log = bitcoin_org.git("log", "-1", "--first-parent", before, "--format=%H", bitcoin_org.commit)
        commit = log.decode().strip()
        if not commit:
            continue
        rows: dict[tuple[str, str], dict] = {}
        for wallet in listed(bitcoin_org, commit):
            for platform, system, version in versions(wallet):
                row = rows.setdefault(
                    (wallet["id"], platform),
                    {"name": title(wallet), "systems": set(), "control": set(), "features": set()},
                )
                control = re.sub(r"^check(?:good|pass|neutral|fail)control", "", version["check"]["control"])
                row["systems"] |= {system} - {"", platform}
                row["control"].add(control)
                row["features"] |= set((version.get("features") or "").split())
        for (key, platform), row in sorted(rows.items()):
            sets = {field: ";".join(sorted(row[field])) for field in ("systems", "control", "features")}
            fixed = {"as_of": day, "wallet": key, "name": row["name"], "platform": platform}
            yield fixed | sets | {"commit": commit, "source": "repo-bitcoin-org"}


if __name__ == "__main__":
    main("wallets_by_year", ["bitcoin_org"], FIELDS, derive)
