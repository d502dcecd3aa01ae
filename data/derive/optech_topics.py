"""optech_topics: the topics of Bitcoin Optech and the categories that its editors give them.

    python data/derive/optech_topics.py BITCOINOPS [--out FILE]

One row a page under ``_topics/en``: its key, its title, its categories in the order of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from upstream import Repository, UpstreamError, main, natural

FIELDS = ["topic", "title", "categories", "commit", "as_of", "source"]
TITLE = re.compile(r"^title: *(.+)$", re.MULTILINE)
CATEGORIES = re.compile(r"^topic-categories:\n((?:(?: *- .+| *#.*|)\n)+)", re.MULTILINE)


def header(path: str, text: str) -> tuple[str, list[str]]:
    """Title and categories from the YAML header of a page; `UpstreamError` where one is missing."""
    head = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    title = TITLE.search(head[1]) if head else None
    listed = CATEGORIES.search(head[1] + "\n") if head else None
    if title is None or listed is None:
        raise UpstreamError(f"{path}: no title or no topic-categories in its header")
    categories = [re.sub(r" *#.*", "", line).strip(" -\"'") for line in listed[1].splitlines()]
    return title[1].strip("\"' "), [category for category in categories if category]


def derive(bitcoinops: Repository) -> Iterator[dict[str, object]]:
    """One row a topic, by key."""
    for path in sorted(bitcoinops.files(r"_topics/en/[^/]+\.md"), key=natural):
        title, categories = header(path, bitcoinops.read(path))
        yield {
            "topic": path.rpartition("/")[2].removesuffix(".md").lower(),
            "title": title,
            "categories": ";".join(categories),
            "commit": bitcoinops.commit,
            "as_of": bitcoinops.date,
            "source": "optech-topics",
        }


if __name__ == "__main__":
    main("optech_topics", ["bitcoinops"], FIELDS, derive)
