"""internet_specifications: how long the specifications of the internet's own layers are.

    python data/derive/internet_specifications.py RFC_FOLDER [--out FILE]

RFC_FOLDER is `usr/share/doc/RFC` of the unpacked Debian packages doc-rfc-std, doc-rfc-std-proposed and
doc-rfc-old-std (section non-free, version as the descriptor says): texts as `rfc791.txt.gz`, titles in `rfc791.json`,
everything else in `rfc-index.txt.gz`, since the JSON files date many RFCs a month early. Words and obligations are
counted by `words.py`, as for Bitcoin's own specifications.

Which RFCs, and on which layer, is this book's choice. The layers are the four of RFC 1122. Routing protocols count as
applications, as in RFC 1812 (section 7); TLS and its relatives count as transport, for the service that they offer
upward is a byte stream or a datagram.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from upstream import DATA, write
from words import obligations, words

FIELDS = [
    "rfc", "title", "year", "month", "status", "obsoleted_by", "layer", "layer_basis", "words", "must", "should",
    "as_of", "source",
]  # fmt: skip

LAYERS = {
    "link": [826, 894, 1042, 1055, 1661, 1662, 2464, 4944],
    "internet": [791, 792, 950, 1112, 2460, 4291, 4301, 4302, 4303, 4443, 4861, 4862, 8200],
    "transport": [768, 793, 4340, 5246, 5681, 6298, 8446, 9000, 9001, 9002, 9147, 9260, 9293],
    "application": [
        821, 854, 959, 1034, 1035, 1350, 1939, 2045, 2131, 2328, 2616, 3261, 3501, 3986, 4251, 4252, 4253, 4254, 4271,
        5321, 5322, 5905, 6455, 6749, 6762, 6891, 8259, 8484, 9051, 9110, 9111, 9112, 9113, 9114,
    ],
    "several": [1122, 1123],
}  # fmt: skip


def find(folder: Path, name: str) -> Path:
    """The one file of that name in the folder's series; the folder of links holds no copies of its own."""
    return next(path for path in sorted(folder.rglob(name)) if "links" not in path.parts)


def unpack(path: Path) -> str:
    """The text of a compressed file; a byte order mark at its head is not text."""
    return gzip.decompress(path.read_bytes()).decode("utf-8-sig", "replace")


def index_of(folder: Path) -> tuple[str, dict[int, str]]:
    """The day the index was made, and RFC number -> its entry on one line."""
    text = unpack(folder / "rfc-index.txt.gz")
    made = datetime.strptime(re.search(r"CREATED ON: (\d\d/\d\d/\d{4})", text)[1], "%m/%d/%Y")
    entries = (re.match(r"(\d{4,5}) (.*)", " ".join(part.split())) for part in re.split(r"\n\s*\n", text))
    return f"{made:%Y-%m-%d}", {int(entry[1]): entry[2] for entry in entries if entry}


def describe(folder: Path, rfc: int, entry: str, layer: str, as_of: str) -> dict[str, object]:
    """One row, from the RFC's entry in the index and its files."""
    facts = json.loads(find(folder, f"rfc{rfc}.json").read_text(encoding="utf-8"))
    text = unpack(find(folder, f"rfc{rfc}.txt.gz"))
    date = datetime.strptime(re.search(r"([A-Z][a-z]+ \d{4})\. \(Format:", entry)[1], "%B %Y")
    obsoleted_by = re.search(r"\(Obsoleted by ([^)]*)\)", entry)
    return {
        "rfc": rfc,
        "title": " ".join(facts["title"].split()),
        "year": date.year,
        "month": date.month,
        "status": re.search(r"\(Status: ([^)]*)\)", entry)[1].lower(),
        "obsoleted_by": obsoleted_by and " ".join(re.findall(r"RFC0*(\d+)", obsoleted_by[1])),
        "layer": layer,
        "layer_basis": "judgment",
        "words": words(text),
        "must": obligations(text, "MUST"),
        "should": obligations(text, "SHOULD"),
        "as_of": as_of,
        "source": f"rfc{rfc}",
    }


def derive(folder: Path) -> Iterator[dict[str, object]]:
    """All rows, by number."""
    as_of, index = index_of(folder)
    for rfc, layer in sorted((rfc, layer) for layer, numbers in LAYERS.items() for rfc in numbers):
        yield describe(folder, rfc, index[rfc], layer, as_of)


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Derive data/internet_specifications.csv from the texts of RFCs.")
    parser.add_argument("folder", type=Path, help="usr/share/doc/RFC of the unpacked packages")
    parser.add_argument("--out", type=Path, default=DATA / "internet_specifications.csv")
    given = parser.parse_args(argv)
    write(derive(given.folder), FIELDS, given.out)


if __name__ == "__main__":
    main()
