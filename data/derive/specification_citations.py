"""specification_citations: which numbered specification names which other one, and how often.

    python data/derive/specification_citations.py BIPS BOLTS BLIPS LUDS NUTS NIPS LSP [--out FILE]

One row for each citing document, cited document and relation. The documents are those of `specifications.py`, at the
same commits. A *mention* is a name in the text (``BIP 32``, ``bip-0032``, ``BOLT #3``, ``LUD-06``), a link to the
document, or both at once: a link whose text names its target counts once. Names inside other addresses do not count
(github.com/somebody/bip39). Headers and other declared relations are rows of their own, not mentions.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from specifications import SERIES, Series
from upstream import Repository, main, natural

FIELDS = ["citing", "cited", "relation", "mentions", "known", "commit", "as_of", "source"]

# How a name looks in running text: the series, at most two marks, the number. The number of digits keeps out
# bip300301, and a name within a longer word (SLIP-0044) is not one.
GAP = r"(?:[ \t_#‑-]{0,2}|\n#?)"
NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    rf"(?P<series>BIP|BOLT|bLIP|LUD|NUT|(?-i:LSPS|lsps))(?P<plural>s?){GAP}(?P<number>\d{{1,4}})(?![0-9Xx]|,\d{{3}})"
    rf"|(?P<nip>NIP)(?P<nips>s?)(?:{GAP}(?P<hex>(?-i:\d[0-9A-F])(?![0-9A-Za-z])|\d{{1,2}}(?!\d))"
    r"|-(?P<letter>(?-i:[A-F][0-9A-F])(?![0-9A-Za-z])))"
    r")",
    re.IGNORECASE,
)
# What may follow a name: 340/341/342 and 8 & 7 always, a list or a range after the plural, a closed list after the
# singular (BIP 34, 66, and 65).
ITEM = r"#?\d{1,4}(?![\w%])"
SLASHES = re.compile(rf"(?:(?:/| & ){ITEM})+")
LIST = re.compile(rf"(?:(?:,? and |,? or | & |, ?|/| to |[-–]){ITEM})+")
CLOSED = re.compile(rf"(?:, ?{ITEM})+,? (?:and|or|&) {ITEM}")

ADDRESS = re.compile(r"https?://[^\s<>\"'`|\]}]+")
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
DEFINITION = re.compile(r"^ {0,3}\[([^\]^][^\]]*)\]:\s*<?(\S+?)>?(?:\s+[\"'(].*)?$", re.MULTILINE)
LINKS = [
    re.compile(r"\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*<?(?P<target>[^()\s]+?)>?(?:\s+\"[^\"]*\")?\s*\)"),
    re.compile(r"\[\[(?P<target>[^\[\]|]+)(?:\|(?P<text>[^\[\]]*))?\]\]"),
    re.compile(r"\[(?P<target>https?://[^\s\]]+)(?:\s+(?P<text>[^\[\]]*))?\]"),
]
REFERENCE = re.compile(r"\[(?P<text>[^\[\]]+)\](?:\[(?P<label>[^\[\]]*)\])?")

# Where the documents lie: owner/name of the repositories, old names included, and pages that show one document each.
HOMES = {
    "bitcoin/bips": "BIP",
    "lightning/bolts": "BOLT",
    "lightningnetwork/lightning-rfc": "BOLT",
    "lightning/blips": "bLIP",
    "lnurl/luds": "LUD",
    "fiatjaf/lnurl-rfc": "LUD",
    "cashubtc/nuts": "NUT",
    "nostr-protocol/nips": "NIP",
    "bitcoinandlightninglayerspecs/lsp": "LSPS",
}
HOSTED = re.compile(
    r"https?://(?:www\.)?(?:github\.com/([\w.-]+/[\w.-]+)/(?:blob|tree|raw)/[^/]+|"
    r"raw\.githubusercontent\.com/([\w.-]+/[\w.-]+)/[^/]+)/(.+)",
    re.IGNORECASE,
)
PAGES = {
    "BIP": re.compile(r"https?://(?:bips\.(?:xyz|dev)/|en\.bitcoin\.it/wiki/BIP[_ ]?)0*(\d{1,4})(?!\d)", re.IGNORECASE),
    "NIP": re.compile(r"https?://(?:nips\.nostr\.com/|nips\.be/)([0-9A-Fa-f]{1,2})(?![0-9A-Za-z])"),
}
# A path within the repository of a series; group 1 is the number. Files in a document's folder belong to it.
PATHS = {
    "BIP": re.compile(r"bip-(\d{4})(?:\.\w+|/.*|$)"),
    "BOLT": re.compile(r"(\d{2})-[a-z-]+\.md|bolt(\d{2})/.*"),
    "bLIP": re.compile(r"blip-(\d{4})(?:\.\w+|/.*|$)"),
    "LUD": re.compile(r"(\d{2})\.md"),
    "NUT": re.compile(r"(\d{2})\.md|(?:tests|suppl)/(\d{2})\b.*"),
    "NIP": re.compile(r"([0-9A-Fa-f]{2})\.md"),
    "LSPS": re.compile(r"LSPS(\d+)(?:/.*|$)"),
}
HEADER = re.compile(r"(?:<pre>|^```\w*)\n(.*?)(?:</pre>|^```)", re.DOTALL | re.MULTILINE)
# Names that mean something else: BIP 1 took over a sentence of Python's PEP 1, whose PEPs 8 and 7 are Python's own.
MISTAKEN = {("bip1", "bip7"), ("bip1", "bip8")}
# One of two is enough: a link is written after LUD-01 or LUD-17. The drawing has both; the texts speak of the first.
ALTERNATIVES = {"lud17": "lud01"}
HEADER_RELATIONS = {"Requires": "requires", "Replaces": "replaces", "Proposed-Replacement": "replaced by"}
FLAG_RELATIONS = {"depends on": "requires", "uses": "uses", "used in": "used in", "extended by": "used in"}


def key(series: str, number: str) -> str:
    """The key of a document: bip32, lud06, nut00, nip5a, lsps1."""
    width = 2 if series.upper() in {"LUD", "NUT", "NIP"} else 1
    return (series + (number.lstrip("0") or "0").rjust(width, "0")).lower()


def names(text: str) -> list[str]:
    """Keys of the documents that running text names, in order, with lists and ranges written out.

    >>> names("BIPs 340-342, BOLT #3 and bip-0032")
    ['bip340', 'bip341', 'bip342', 'bolt3', 'bip32']
    """
    found = []
    for match in NAME.finditer(text):
        series = match["series"] or match["nip"]
        number = match["number"] or match["hex"] or match["letter"]
        if match[0].count("\n") and re.match(r"[.)]", text[match.end() :]):
            continue  # a line that ends in "this BIP", and an item of a numbered list
        found.append(key(series, number))
        if not number.isdigit() or (series.upper() == "BIP" and number.startswith("0")):
            continue
        more = (LIST if match["plural"] or match["nips"] else SLASHES).match(text, match.end())
        more = more or CLOSED.match(text, match.end())
        last = int(number)
        for mark, item in re.findall(r"([^\d#]+)#?(\d+)", more[0] if more else ""):
            if mark.strip() in {"-", "–", "to"}:
                found += [key(series, str(n)) for n in range(last + 1, int(item)) if int(item) - last < 20]
            found.append(key(series, item))
            last = int(item)
    return found


def target(address: str, home: str) -> str | None:
    """Key of the document that a link leads to, or None; `home`: series of the document in which the link stands."""
    series, path = home, address
    if "://" in address:
        for name, page in PAGES.items():
            if match := page.match(address):
                return key(name, match[1])
        match = HOSTED.match(address)
        series = HOMES.get((match[1] or match[2]).lower()) if match else None
        path = match[3] if match else ""
    path = re.sub(r"[#?].*", "", path)
    path = re.sub(r"^(?:\.{0,2}/)+", "", path)
    match = PATHS[series].fullmatch(path) if series else None
    return key(series, next(number for number in match.groups() if number)) if match else None


def mentions(text: str, home: str) -> Counter[str]:
    """How often a text, its header taken off, names or links to each document."""
    count: Counter[str] = Counter()
    labels = {label.lower(): target(address, home) for label, address in DEFINITION.findall(text)}

    def link(shown: str | None, goal: str | None) -> str:
        count.update({*names(shown or ""), *([goal] if goal else [])})
        return " . "

    def reference(match: re.Match[str]) -> str:
        label = (match["label"] or match["text"]).lower()
        return link(match["text"], labels[label]) if label in labels else match[0]

    text = DEFINITION.sub("", text)
    for pattern in LINKS:
        text = pattern.sub(lambda match: link(match["text"] or match["target"], target(match["target"], home)), text)
    text = REFERENCE.sub(reference, text)
    text = ADDRESS.sub(lambda match: link(None, target(match[0].rstrip(".,;:)"), home)), text)
    count.update(names(MAIL.sub(" ", text)))
    return count


def declared(series: Series, text: str) -> tuple[list[tuple[str, str]], str]:
    """(relation, cited) that a document declares apart from its prose, and the text without those lines."""
    found = []
    if series.header:
        header = HEADER.search(text)
        for name, value in re.findall(r"^ {0,3}([A-Z][\w-]*): *(.*?) *$", header[1] if header else "", re.MULTILINE):
            if relation := HEADER_RELATIONS.get(name):
                numbers = re.findall(rf"(?:{series.name}-?)?\b0*(\d{{1,4}})\b", value, re.IGNORECASE)
                found += [(relation, key(series.name, number)) for number in numbers]
        text = HEADER.sub("", text, count=1)
    if series.name == "NUT":
        for flag, value in re.findall(r"`(depends on|uses|used in|extended by): ([^`\n]*)`", text):
            found += [(FLAG_RELATIONS[flag], cited) for cited in names(value)]
        text = re.sub(r"`(?:depends on|uses|used in|extended by): [^`\n]*`", "", text)
    if series.name == "NIP":
        for line in re.findall(r"^> __Warning__ *`unrecommended`:.*$", text, re.MULTILINE):
            found += [("replaced by", cited) for cited in mentions(line, "NIP")]
        text = re.sub(r"^> __Warning__ *`unrecommended`:.*$", "", text, flags=re.MULTILINE)
    return found, text


def drawn(dot: str) -> Iterator[tuple[str, str]]:
    """(citing, cited) of the LUDs' own drawing of what depends on what: ``06 -> 09 -> 10``, ``{ 01 17 } -> 02``.

    A dotted arrow is the drawing's sign for a loose relationship and is no dependency.
    """
    for line in dot.splitlines():
        if "->" not in line or "dotted" in line:
            continue
        steps = [re.findall(r"\b\d{2}\b", step) for step in re.sub(r"//.*|\[.*?\]", "", line).split("->")]
        for lower, upper in pairwise(steps):
            yield from ((key("LUD", citing), key("LUD", cited)) for citing in upper for cited in lower)


def derive(*repositories: Repository) -> Iterator[dict[str, object]]:
    """All rows, by citing document, cited document and relation; citations of oneself are left out."""
    count: Counter[tuple[str, str, str]] = Counter()
    origin: dict[str, tuple[Series, Repository]] = {}
    for series, repository in zip(SERIES, repositories, strict=True):
        for path in repository.files(series.file):
            citing = key(series.name, series.number(re.fullmatch(series.file, path)[1]))
            origin[citing] = series, repository
            found, text = declared(series, repository.read(path))
            count.update((citing, cited, relation) for relation, cited in found)
            for cited, number in mentions(text, series.name).items():
                count[citing, cited, "mentions"] += number
        if series.name == "LUD" and repository.exists("dependencies.dot"):
            pairs = list(drawn(repository.read("dependencies.dot")))
            count.update((a, b, "requires") for a, b in pairs if (a, ALTERNATIVES.get(b)) not in pairs)
    unknown = Counter(b for a, b, _ in count if b not in origin and a in origin and (a, b) not in MISTAKEN)
    if unknown:
        print("cited, but not among the documents:", ", ".join(sorted(unknown, key=natural)), file=sys.stderr)
    for citing, cited, relation in sorted(count, key=lambda row: [natural(part) for part in row]):
        if citing == cited or citing not in origin or (citing, cited) in MISTAKEN:
            continue
        series, repository = origin[citing]
        yield {
            "citing": citing,
            "cited": cited,
            "relation": relation,
            "mentions": count[citing, cited, relation],
            "known": str(cited in origin).lower(),
            "commit": repository.commit,
            "as_of": repository.date,
            "source": series.source,
        }


if __name__ == "__main__":
    main("specification_citations", ["bips", "bolts", "blips", "luds", "nuts", "nips", "lsp"], FIELDS, derive)
