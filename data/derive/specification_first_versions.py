"""specification_first_versions: each specification as it was when its repository took it in.

    python data/derive/specification_first_versions.py BIPS BOLTS BLIPS LUDS NUTS NIPS LSP [--out FILE]

A text grows after people have begun to use it, so the length of today's text says little about why it was used. This
table measures the first version: the file as the first commit on the repository's main line (first parents) left it
that has a file of the document's number. Which other documents of its series it requires, and which it names at all, is
read from the same version. For BIPs every later version of the header on the main line is read too, and the date of the
first one kept that said Final, Active or Deployed: the words of three generations of the process for what is in use.
Some numbers belonged to another subject before (`REUSED`); those documents begin when their subject does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from specifications import SERIES, Series, header_of
from upstream import Repository, UpstreamError, main, natural
from words import obligations, words

FIELDS = [
    "specification", "type", "first_date", "first_words", "first_must", "first_should", "first_status",
    "first_requires", "first_named", "in_use_since", "first_path", "first_commit", "commit", "as_of", "source",
]  # fmt: skip

IN_USE = {"Final", "Active", "Deployed"}
REQUIRES = {
    "BIP": r"^ *Requires: *(.+(?:\n {9,}.+)*)",
    "NUT": r"`depends on: *(.+?)`",
}
"""Where a document of a series says what it builds on; group 1 holds the numbers."""

REUSED = {
    "bip32": "Hierarchical Deterministic",
    "nut03": "Swap tokens",
    "nut06": "Mint information",
    "nut09": "Restore signatures",
    "nut15": "multi-?path payments",
    "nip15": "Marketplace",
    "nip17": "Private Direct Messages",
    "nip22": "Comment",
    "nip27": "Text Note References",
    "nip29": "Relay-based Groups",
    "nip35": "Torrents",
}
"""Documents whose number once belonged to another subject -> what the head of their own first version says."""


def changes(repository: Repository, series: Series) -> dict[str, list[tuple[str, str, str]]]:
    """Number -> (commit, committer's date, path) of every version on the main line, oldest first.

    A commit that deletes a file or moves it away leaves no version of the old path.
    """
    log = repository.git(
        "log", "--first-parent", "-m", "--reverse", "--no-renames", "--diff-filter=AM", "--name-only",
        "--format=@%H %cs", repository.commit,
    ).decode("utf-8", "replace")  # fmt: skip
    found: dict[str, list[tuple[str, str, str]]] = {}
    commit = date = ""
    for line in log.splitlines():
        if line.startswith("@"):
            commit, date = line[1:].split()
        elif match := re.fullmatch(series.file, line):
            found.setdefault(series.number(match[1]), []).append((commit, date, line))
    return found


def requires(series: Series, text: str) -> list[str]:
    """Keys of the documents of the same series that the text says it builds on, each once."""
    pattern = REQUIRES.get(series.name)
    match = re.search(pattern, text[:3000], re.MULTILINE) if pattern else None
    return keys(series, re.findall(r"\d+", match[1]) if match else [])


def named(series: Series, text: str) -> list[str]:
    """Keys of the documents of the same series that the text names, as ``BIP 32``, ``bip-0032`` or ``NUT-11``."""
    digits = r"[0-9A-F]{2}" if series.name == "NIP" else r"\d{1,4}"
    return keys(series, re.findall(rf"\b{series.name}s?[-_ #]{{0,2}}({digits})(?!\d)", text, re.IGNORECASE))


def keys(series: Series, numbers: list[str]) -> list[str]:
    """Keys of documents by their numbers, each once, sorted."""
    return sorted({f"{series.name}{series.number(number)}".lower() for number in numbers}, key=natural)


def beginning(repository: Repository, key: str, versions: list[tuple[str, str, str]]) -> tuple[str, str, str]:
    """The first of the versions that is about the document's subject; `UpstreamError` when there is none."""
    if key not in REUSED:
        return versions[0]
    for commit, date, path in versions:
        if re.search(REUSED[key], repository.read(path, commit)[:300], re.IGNORECASE):
            return commit, date, path
    raise UpstreamError(f"{repository.path}: no version of {key} begins with {REUSED[key]!r}")


def describe(
    series: Series, repository: Repository, path: str, versions: list[tuple[str, str, str]], known: set[str]
) -> dict[str, object]:
    """One row; `known`: the keys of the documents that the series has."""
    number = series.number(re.fullmatch(series.file, path)[1])
    key = f"{series.name}{number}".lower()
    commit, date, first = beginning(repository, key, versions)
    text = repository.read(first, commit)
    since = None
    if series.name == "BIP":
        for later, when, where in versions:
            if header_of(repository.read(where, later)).get("Status", "").split(" ")[0] in IN_USE:
                since = when
                break
    return {
        "specification": key,
        "type": header_of(repository.read(path)).get("Type") if series.header else None,
        "first_date": date,
        "first_words": words(text),
        "first_must": obligations(text, "MUST"),
        "first_should": obligations(text, "SHOULD"),
        "first_status": header_of(text).get("Status") if series.header else None,
        "first_requires": ";".join(other for other in requires(series, text) if other in known - {key}),
        "first_named": ";".join(other for other in named(series, text) if other in known - {key}),
        "in_use_since": since,
        "first_path": first,
        "first_commit": commit,
        "commit": repository.commit,
        "as_of": repository.date,
        "source": series.source,
    }


def derive(*repositories: Repository) -> Iterator[dict[str, object]]:
    """All rows, by key: the documents that are there at the commit."""
    rows = []
    for series, repository in zip(SERIES, repositories, strict=True):
        history = changes(repository, series)
        paths = {path: series.number(re.fullmatch(series.file, path)[1]) for path in repository.files(series.file)}
        known = {f"{series.name}{number}".lower() for number in paths.values()}
        rows += [describe(series, repository, path, history[number], known) for path, number in paths.items()]
    yield from sorted(rows, key=lambda row: natural(str(row["specification"])))


if __name__ == "__main__":
    main("specification_first_versions", ["bips", "bolts", "blips", "luds", "nuts", "nips", "lsp"], FIELDS, derive)
