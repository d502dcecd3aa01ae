"""optech_mentions: how often Bitcoin Optech's topic pages point to a text of its own, by topic and year.

    python data/derive/optech_mentions.py BITCOINOPS [--out FILE]

One row a topic and a year in which its page lists at least one mention. The year is that of the newsletter or post in
the mention's address; where the address has none it is that of the date beside it, and a mention with neither is left
out. Only the list of the page's header is read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import yaml
from upstream import Repository, UpstreamError, main, natural

FIELDS = ["topic", "year", "mentions", "commit", "as_of", "source"]
YEAR = re.compile(r"/(20\d\d)(?:[/-])")


def years(path: str, text: str) -> Counter[int]:
    """Mentions by year of one page; `UpstreamError` where it has no header that can be read."""
    head = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    if head is None:
        raise UpstreamError(f"{path}: no YAML header")
    found: Counter[int] = Counter()
    for mention in yaml.safe_load(head[1]).get("optech_mentions") or []:
        match = YEAR.search(mention["url"])
        day = str(mention.get("date") or "")
        if match or re.match(r"20\d\d-", day):
            found[int(match[1] if match else day[:4])] += 1
    return found


def derive(bitcoinops: Repository) -> Iterator[dict[str, object]]:
    """One row a topic and year, by key and year."""
    for path in sorted(bitcoinops.files(r"_topics/en/[^/]+\.md"), key=natural):
        for year, mentions in sorted(years(path, bitcoinops.read(path)).items()):
            yield {
                "topic": path.rpartition("/")[2].removesuffix(".md").lower(),
                "year": year,
                "mentions": mentions,
                "commit": bitcoinops.commit,
                "as_of": bitcoinops.date,
                "source": "optech-topics",
            }


if __name__ == "__main__":
    main("optech_mentions", ["bitcoinops"], FIELDS, derive)
