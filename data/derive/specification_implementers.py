"""specification_implementers: who says, or is said by the series itself, to have built a specification.

    python data/derive/specification_implementers.py LUDS NUTS BITCOIN_CORE LND LDK [--out FILE]

Five lists, each kept by the project that publishes it: wallets, services, libraries and tools in the README of the
LNURL documents; wallets and mints in that of the Cashu NUTs; the BIPs in Bitcoin Core's ``doc/bips.md``, with the
version that brought each (some were removed again); the BOLTs in LND's README; the bLIPs that LDK's liquidity library
supports. Where a series says that all of its implementers have a document (LUD-01, the mandatory NUTs), each of those
that it names gets a row with the claim `implied`. A list says what somebody entered; nobody tests it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from upstream import Repository, UpstreamError, main, natural

FIELDS = [
    "specification", "kind", "implementer", "claim", "version", "path", "commit", "as_of", "source",
]  # fmt: skip

# The text of a Markdown link, and a number that links to its document.
NAME = re.compile(r"\[([^\]]+)\](?:\[[^\]]*\]|\([^)]*\))?")
NUMBER = re.compile(r"\[(\d\d)\]\s*\[\d\d\]")
LUD_SECTIONS = {
    "LNURL Documents": "wallet",
    "Services": "service",
    "Self-hosted": "self-hosted",
    "Libraries": "library",
    "Tools for developers": "tool",
}


def sections(text: str) -> dict[str, str]:
    """Heading -> text below it, for headings that are underlined or start with number signs."""
    parts = re.split(r"^(?:#+ +(.+)|(\S.*)\n[=-]{4,})$", text, flags=re.MULTILINE)
    return {(parts[i] or parts[i + 1]).strip(): parts[i + 2] for i in range(1, len(parts), 3)}


def table_rows(text: str) -> Iterator[list[str]]:
    """The cells of every row of the Markdown tables in a text, without heads and rules."""
    for line in text.splitlines():
        if line.startswith("|") and not re.match(r"\|[ :|-]+$", line):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def luds(repository: Repository) -> Iterator[dict[str, str]]:
    """The README of the LNURL documents."""
    found: list[dict[str, str]] = []
    parts = sections(repository.read("README.md"))
    for heading, kind in LUD_SECTIONS.items():
        for cells in table_rows(parts.get(heading, "")):
            if kind == "wallet":  # number | title | wallets
                numbers, names = NUMBER.findall(cells[0]), NAME.findall("".join(cells[2:]))
            else:  # name | numbers
                numbers, names = NUMBER.findall(cells[1]), NAME.findall(cells[0])[:1]
            found += [
                {"specification": f"lud{number}", "implementer": name, "kind": kind}
                for number in numbers
                for name in names
            ]
    if not found:
        raise UpstreamError(f"{repository.path}: no implementers in README.md")
    wallets = sorted({row["implementer"] for row in found if row["kind"] == "wallet"})
    yield from found
    for name in wallets:
        yield {"specification": "lud01", "implementer": name, "kind": "wallet", "claim": "implied"}


def nuts(repository: Repository) -> Iterator[dict[str, str]]:
    """The README of the NUTs."""
    parts = sections(repository.read("README.md"))
    if not {"Mandatory", "Optional"} <= set(parts):
        raise UpstreamError(f"{repository.path}: README.md has no tables Mandatory and Optional")
    listed: list[dict[str, str]] = []
    for cells in table_rows(parts["Optional"]):
        for number in NUMBER.findall(cells[0]):
            for kind, cell in zip(("wallet", "mint"), cells[2:4], strict=True):
                listed += [
                    {"specification": f"nut{number}", "implementer": name, "kind": kind} for name in NAME.findall(cell)
                ]
    yield from listed
    names = sorted({(row["implementer"], row["kind"]) for row in listed})
    for cells in table_rows(parts["Mandatory"]):
        for number in NUMBER.findall(cells[0]):
            for name, kind in names:
                yield {"specification": f"nut{number}", "implementer": name, "kind": kind, "claim": "implied"}


def bitcoin_core(repository: Repository) -> Iterator[dict[str, str]]:
    """Bitcoin Core's list of BIPs: one bullet for one BIP or a few."""
    bullets = re.split(r"^\* ", repository.read("doc/bips.md"), flags=re.MULTILINE)[1:]
    for bullet in bullets:
        numbers = re.findall(r"\[`(?:BIP )?(\d+)`\]\(", bullet)
        version = re.search(r"\*\*v?([\d.]+\w*)\*\*", bullet)
        removed = re.search(r"\b(?:was|been) removed (?:in|as of)\b", bullet)
        for number in numbers:
            yield {
                "specification": f"bip{number}",
                "implementer": "Bitcoin Core",
                "kind": "node",
                "claim": "removed" if removed else "supported",
                "version": version[1] if version else "",
            }


def lnd(repository: Repository) -> Iterator[dict[str, str]]:
    """The boxes that LND's README ticks."""
    for number in re.findall(r"^ *- \[[xX]\] BOLT (\d+):", repository.read("README.md"), re.MULTILINE):
        yield {"specification": f"bolt{number}", "implementer": "LND", "kind": "node"}


def ldk(repository: Repository) -> Iterator[dict[str, str]]:
    """The bLIPs that LDK's liquidity library says it supports."""
    for number in re.findall(r"^- \[bLIP-(\d+)", repository.read("lightning-liquidity/README.md"), re.MULTILINE):
        yield {"specification": f"blip{number}", "implementer": "LDK, lightning-liquidity", "kind": "library"}


LISTS = [
    (luds, "README.md", "repo-luds"),
    (nuts, "README.md", "repo-nuts"),
    (bitcoin_core, "doc/bips.md", "repo-bitcoin-core"),
    (lnd, "README.md", "repo-lnd"),
    (ldk, "lightning-liquidity/README.md", "repo-ldk"),
]


def derive(*repositories: Repository) -> Iterator[dict[str, object]]:
    """All rows, by specification, kind and implementer, each once."""
    rows: dict[tuple, dict[str, object]] = {}
    for (read, path, source), repository in zip(LISTS, repositories, strict=True):
        for found in read(repository):
            row = {"claim": "supported", "version": None, **found, "path": path, "commit": repository.commit}
            row |= {"as_of": repository.date, "source": source}
            rows.setdefault((row["specification"], row["kind"], row["implementer"]), row)
    yield from sorted(rows.values(), key=lambda row: [natural(str(row[f])) for f in FIELDS[:3]])


if __name__ == "__main__":
    main("specification_implementers", ["luds", "nuts", "bitcoin_core", "lnd", "ldk"], FIELDS, derive)
