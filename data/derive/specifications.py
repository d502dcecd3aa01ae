"""specifications: every numbered specification of seven series that a Bitcoin stack is built from.

    python data/derive/specifications.py BIPS BOLTS BLIPS LUDS NUTS NIPS LSP [--out FILE]

One row a document. Status and date are what the document's own header says; where a series has no such header, the
date is that of the document's first commit (an author's date, renames followed), and `date_basis` says which it is.
Words and obligations are counted by `words.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from upstream import Repository, UpstreamError, main, natural
from words import obligations, words

FIELDS = [
    "specification", "series", "number", "title", "layer", "status", "compliance", "date", "date_basis", "words",
    "must", "should", "path", "commit", "as_of", "source",
]  # fmt: skip


@dataclass(frozen=True)
class Series:
    """How a series names its files and writes its titles.

    `file`: regular expression of a path, group 1 is the number; `header`: the document opens with ``Name: value``
    lines; `title` and `status`: regular expressions for a series without such a header, group 1 is what they find.
    """

    name: str
    source: str
    file: str
    header: bool = False
    title: str = ""
    status: str = ""
    number: Callable[[str], str] = str


def plain(number: str) -> str:
    """A number without leading zeros."""
    return str(int(number))


# Some series put flags in back quotes beneath the title: `draft` `optional`. The first of these that stands there is
# the status; one of the others says whether every implementation has to have it.
FLAG = r"`(unrecommended|deprecated|draft|final|mandatory|optional|relay)`"
FLAGS = rf"^(?:{FLAG} *)+"
STATUS_FLAGS = ["unrecommended", "deprecated", "draft", "final"]
COMPLIANCE_FLAGS = ["mandatory", "optional"]

SERIES = [
    Series("BIP", "repo-bips", r"bip-(\d{4})\.(?:mediawiki|md)", header=True, number=plain),
    Series("BOLT", "repo-bolts", r"(\d{2})-[a-z-]+\.md", title=r"^# BOLT #\d+: (.+)$", number=plain),
    Series("bLIP", "repo-blips", r"blip-(\d{4})\.md", header=True, number=plain),
    Series("LUD", "repo-luds", r"(\d{2})\.md", title=r"^(?:# *)?LUD-\d+: *(.+)$"),
    Series("NUT", "repo-nuts", r"(\d{2})\.md", title=r"^# NUT-\d+: *(.+)$"),
    Series(
        "NIP", "repo-nips", r"([0-9A-F]{2})\.md", title=r"^NIP-\w+\n=+\n+(.+)\n-+$",
        status=r"^\*\*Status:\*\* *(\w+)",
    ),
    Series(
        "LSPS", "repo-lsp", r"LSPS(\d+)/README\.md", title=r"^# LSPS\d+:? *(.+)$",
        status=r"^\| *Status *\| *(.+?) *\|", number=plain,
    ),
]  # fmt: skip


def header_of(text: str) -> dict[str, str]:
    """The ``Name: value`` lines at the head of a document, between <pre> tags or back quotes."""
    block = re.search(r"(?:<pre>|^```\w*)\n(.*?)(?:</pre>|^```)", text, re.DOTALL | re.MULTILINE)
    return dict(re.findall(r"^ {0,3}([A-Z][\w-]*): *(.*?) *$", block[1] if block else "", re.MULTILINE))


def describe(series: Series, repository: Repository, path: str) -> dict[str, object]:
    """One row; `UpstreamError` when the document has no title where its series has it."""
    text = repository.read(path)
    header = header_of(text) if series.header else {}
    title = header.get("Title", "")
    if not series.header and (match := re.search(series.title, text, re.MULTILINE)):
        title = match[1]
    if not title:
        raise UpstreamError(f"{path} of {series.name}: no title found")
    opening = text[:600]
    status = header.get("Status")
    if series.status and (match := re.search(series.status, opening, re.MULTILINE)):
        status = match[1]
    line = re.search(FLAGS, opening, re.MULTILINE)
    flags = re.findall(FLAG, line[0]) if line else []
    date = re.match(r"\d{4}-\d{2}-\d{2}", header.get("Assigned") or header.get("Created") or "")
    number = series.number(re.fullmatch(series.file, path)[1])
    return {
        "specification": f"{series.name}{number}".lower(),
        "series": series.name,
        "number": number,
        "title": " ".join(title.replace("`", "").split()).rstrip("."),
        "layer": header.get("Layer"),
        "status": status or next((flag for flag in STATUS_FLAGS if flag in flags), None),
        "compliance": next((flag for flag in COMPLIANCE_FLAGS if flag in flags), None),
        "date": date[0] if date else repository.first_date(path),
        "date_basis": "header" if date else "first commit",
        "words": words(text),
        "must": obligations(text, "MUST"),
        "should": obligations(text, "SHOULD"),
        "path": path,
        "commit": repository.commit,
        "as_of": repository.date,
        "source": series.source,
    }


def derive(*repositories: Repository) -> Iterator[dict[str, object]]:
    """All rows, by key."""
    rows = (
        describe(series, repository, path)
        for series, repository in zip(SERIES, repositories, strict=True)
        for path in repository.files(series.file)
    )
    yield from sorted(rows, key=lambda row: natural(str(row["specification"])))


if __name__ == "__main__":
    main("specifications", ["bips", "bolts", "blips", "luds", "nuts", "nips", "lsp"], FIELDS, derive)
