"""The book's search: an index of its technologies, terms, chapters and words, made at build time, read when a reader searches.

Two scripts, so that it works from a file too: ``search-names.js`` (what has a name, small, at hand first) and
``search-words.js`` (which section says which word). The page's part is ``theme/static/search.js``; it takes words apart
as :func:`words` does. Sphinx's own search is switched off: it knows pages alone, not sections, technologies or terms, and
fetches pages to show what it found, which works neither from a file nor under the policy of the pages.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from .. import data
from . import glossary, technology, text
from .render import _write

NUMBERED = re.compile(r"\b(bip|bolt|blip|nut|lud|nip|slip|rfc|lsps|nut)[\s-]?0*(\d+)\b")
WORD = re.compile(r"[a-z0-9]+")
SILENT = re.compile(r"book/(register/|(glossary|references)$)")
"""Documents of which the headings alone are found: their rows have pages of their own."""
COMMON = 0.35
"""A word that stands in more than this part of the sections tells none from another."""
OFTEN = 3
"""How many times a section says a word that it is about."""
STOP = frozenset(
    WORD.findall(
        "a about above all also an and any are as at be because been before being below between both but by can cannot "
        "could did do does each for from had has have how if in into is it its itself just less may more most must no nor "
        "not of on one only or other out over per same so some such than that the their them then there these they this "
        "those through to too under until up very was were what when where which while who whom whose why will with would"
    )
)


def words(said: str) -> list[str]:
    """A text as the words that the index knows: no case, no accents, ``BIP 21`` as ``bip21``."""
    plain = unicodedata.normalize("NFKD", said.lower().replace("’", "'"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(r"'s\b", "", plain)
    return WORD.findall(NUMBERED.sub(r"\1\2", plain))


def worth(word: str) -> bool:
    """Whether a word is worth an entry: long enough, said of something, no mere number."""
    return len(word) > 1 and word not in STOP and not (word.isdigit() and len(word) != 4)


def postings(counts: list[Counter[str]]) -> tuple[list[str], list[str]]:
    """Words in order, and for each the sections that say it, as differences in base 36, ``!`` after one that says it often."""
    where: dict[str, list[tuple[int, int]]] = {}
    for number, count in enumerate(counts):
        for word, times in count.items():
            where.setdefault(word, []).append((number, times))
    most = max(COMMON * len(counts), 8)
    kept = sorted(word for word, places in where.items() if len(places) <= most)
    lists = []
    for word in kept:
        last, parts = 0, []
        for number, times in where[word]:
            parts.append(_base36(number - last) + ("!" if times >= OFTEN else ""))
            last = number
        lists.append(" ".join(parts))
    return kept, lists


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return digits[number] if number < 36 else _base36(number // 36) + digits[number % 36]


def front_coded(ordered: Iterable[str]) -> str:
    """Words in order as one text: each begins with how many letters it shares with the one before, in base 36."""
    parts, before = [], ""
    for word in ordered:
        shared = 0
        while shared < min(len(word), len(before), 35) and word[shared] == before[shared]:
            shared += 1
        parts.append(_base36(shared) + word[shared:])
        before = word
    return " ".join(parts)


def index(
    sections: Mapping[str, list[text.Section]],
    order: Iterable[str],
    technologies: list[list[Any]],
    terms: list[list[Any]],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both parts of the index: names and words.

    names: ``pages`` (address without suffix, title), ``sections`` (page, anchor, heading; the first of a page is the page
    itself), ``technologies`` (key, name, layer, other words, trust class), ``terms`` (page, anchor, name, other words,
    meaning). words: ``words`` front-coded, ``where`` a list for each (:func:`postings`).
    """
    pages: list[list[str]] = []
    parts: list[list[Any]] = []
    counts: list[Counter[str]] = []
    for doc in order:
        if not sections.get(doc):
            continue
        pages.append([doc, sections[doc][0].title])
        for section in sections[doc]:
            parts.append([len(pages) - 1, section.anchor, section.title if section.anchor else ""])
            said = "" if SILENT.match(doc) else f"{section.text} {section.tables}"
            counts.append(Counter(word for word in words(f"{section.title} {said}") if worth(word)))
    kept, lists = postings(counts)
    names = {"pages": pages, "sections": parts, "technologies": technologies, "terms": terms}
    return names, {"words": front_coded(kept), "where": lists}


def technologies() -> list[list[Any]]:
    """Key, name, layer, other words that find it, trust class; in the order of layer and name."""
    table = data.table("technologies").sort_values(["layer", "name"])
    found = []
    for row in table.itertuples():
        other = [a for a in technology.aliases(row.technology, row.name) if a != row.name]
        if row.specification not in ("none", "unknown"):
            other.append(row.specification)
        known = words(row.name)
        more = dict.fromkeys(w for a in [*other, row.technology, row.category] for w in words(a) if w not in known)
        found.append([row.technology, row.name, int(row.layer), " ".join(more), row.trust_class])
    return found


def terms(env: Any) -> list[list[Any]]:
    """Page, anchor, name, other forms, meaning of each term, where the book has a glossary."""
    if glossary.PAGE not in env.all_docs or "glossary" not in data.tables():
        return []
    found = []
    for row in data.table("glossary").sort_values("name", key=lambda s: s.str.lower()).itertuples():
        forms = "" if not isinstance(row.forms, str) else row.forms
        known = words(row.name)
        more = dict.fromkeys(w for w in words(forms) if not any(k.startswith(w) for k in known))
        found.append([glossary.PAGE, row.term, row.name, " ".join(more), text.first_sentence(row.meaning, 90)])
    return found


def write_index(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the index, and give the page on which everything that was found stands."""
    if app.builder.format != "html":
        return
    has_pages = technology.REGISTER in app.env.all_docs
    names, said = index(
        text.of(app.env), technology._reading_order(app), technologies() if has_pages else [], terms(app.env)
    )
    static = Path(app.outdir) / "_static"
    for name, part in (("names", names), ("words", said)):
        content = json.dumps(part, separators=(",", ":"), ensure_ascii=False)
        _write(static / f"search-{name}.js", f"(window.moip ??= {{}}).{name} = {content};\n")
    here = [doc for doc in (technology.REGISTER, glossary.PAGE) if doc in app.env.all_docs]
    entries = [{"url": doc, "title": app.env.titles[doc].astext()} for doc in here]
    if has_pages:
        entries.insert(0, {"url": technology.INDEX, "title": "All technologies by layer"})
    context = {"title": "Search", "book_indexes": entries, "book_description": DESCRIPTION}
    yield "search", context, "search.html"


DESCRIPTION = "Find a technology, a term, a chapter or a word of the book."


def page_context(app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    if pagename == "search":
        context["book_description"] = DESCRIPTION


def switch_off(app: Sphinx) -> None:
    """No search of Sphinx's own."""
    app.builder.search = False


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", switch_off)
    app.connect("html-collect-pages", write_index)
    app.connect("html-page-context", page_context, priority=960)
