"""Terms of the field that the prose uses without an entry in the glossary.

What counts as a term is not a matter of taste here: every abbreviation in capitals, every name of a service, property or
trust class of the model, and every topic of Bitcoin Optech that the text names. ``ORDINARY`` holds the abbreviations that
are no terms of the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .. import data
from ..glossary import Glossary
from . import Problem

# known to every reader, the placeholder of the template, or names (of standards bodies, programs, people's books) that the sentence explains
ORDINARY = frozenset(
    re.findall(
        r"\w+",
        """CC BY SA MIT GPL BSD CSV JSON YAML HTML PDF SVG CPU GPU RAM MB GB KB TB USB PC US USA EU UK UN UTC ID OK NFC SMS PIN URL
        ISO IEC ITU IETF IEEE IP TCP UDP HTTP HTTPS DNS DNSSEC SMTP TLS ATM API SDK GUI CI AND OR NOT ZEUS AQUA BTC USD EUR CVE
        PR AM PM FAQ LND SV ASSUMED Simplicity ESSAY TITLE""",
    )
)
ABBREVIATION = re.compile(r"(?<![\w/.:#@-])[A-Z][A-Z0-9]+[a-z]?s?(?![\w/@-]|\.\w)")
SPECIFICATION = re.compile(
    r"\b(?:BIPs?|BOLTs?|bLIPs?|RFCs?|LUDs?|NUTs?|NIPs?|LSPSs?|SLIPs?|ELIPs?|RSKIPs?|ISO|ITU-T|SHA|RIPEMD|X)[-\s]?\d[\d.]*"
)


def check(where: str, texts: list[tuple[str, str]], base: Path) -> Iterator[Problem]:
    """Problems of one chapter: ``texts`` holds the place and the prose of each of its cells."""
    glossary, vocabulary = _known(base)
    seen: set[str] = set()
    for place, text in texts:
        for word in _terms(SPECIFICATION.sub(" ", text), vocabulary):
            if word.lower() not in seen and not any(word[f.start : f.end] == word for f in glossary.find(word)):
                seen.add(word.lower())
                yield Problem(
                    place,
                    f"uses the term {word!r}, which the glossary lacks",
                    "add it to data/glossary.csv (term, name, forms, meaning), or say it in plain words",
                )


def _terms(text: str, vocabulary: re.Pattern[str]) -> Iterator[str]:
    for match in ABBREVIATION.finditer(text):
        word = match[0]
        if (
            word not in ORDINARY
            and word.rstrip("s") not in ORDINARY
            and not re.fullmatch(r"[A-Z]\d*|L[1-5]|MUSTs?|SHOULDs?|MAYs?", word)
        ):
            yield word
    for match in vocabulary.finditer(text):
        yield match[0]


_CACHE: dict[Path, tuple[Glossary, re.Pattern[str]]] = {}


def _known(base: Path) -> tuple[Glossary, re.Pattern[str]]:
    if base not in _CACHE:
        words: set[str] = set()
        proper: set[str] = set()
        for table, column in (("properties", "name"), ("services", "name"), ("optech_topics", "title")):
            names = data.table(table)[column].astype(str).str.replace(r"\s*\(.*?\)", "", regex=True).str.strip()
            words.update(n for n in names if " " in n)  # "order" or "show" is plain English
            proper.update(n for n in names if " " not in n and n != n.lower() and table == "optech_topics")
        words |= {"trustless", "minimized", "federated", "custodial"}
        pattern = "|".join(f"(?i:{re.escape(w)})" for w in sorted(words - {""}, key=len, reverse=True))
        pattern += "".join(
            f"|{re.escape(w)}" for w in sorted(proper - ORDINARY)
        )  # Taproot is a term, simplicity a virtue
        _CACHE[base] = Glossary(data.table("glossary")), re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])")
    return _CACHE[base]
