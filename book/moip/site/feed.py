"""What changed, as a feed (Atom, RFC 4287): one entry for each date of the chapter, newest first."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docutils import nodes
from sphinx.application import Sphinx

from .render import _write

NAME = "feed.xml"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Entry:
    """What changed on a day (ISO 8601): the anchor of its section, and a text for each change."""

    date: str
    anchor: str
    changes: tuple[str, ...]


def chapter(app: Sphinx) -> str:
    """The document that lists what changed, or an empty string."""
    return next((name for name in sorted(app.env.all_docs) if name.rpartition("/")[2] == "what-changed"), "")


def name_dates(_app: Sphinx, doctree: nodes.document) -> None:
    """Give each date an anchor that stays: docutils would number them, and a newer one on top would take the number."""
    for section in doctree.findall(nodes.section):
        title = next((child.astext() for child in section.children if isinstance(child, nodes.title)), "")
        if DATE.fullmatch(title):
            section["ids"] = [f"on-{title}"]


def entries(doctree: nodes.document) -> list[Entry]:
    """The sections of a document whose heading is a date, newest first; each item of a list, or paragraph, is a change."""
    found = []
    for section in doctree.findall(nodes.section):
        title = next((child.astext() for child in section.children if isinstance(child, nodes.title)), "")
        if not DATE.fullmatch(title):
            continue
        items = list(section.findall(nodes.list_item)) or list(section.findall(nodes.paragraph))
        texts = tuple(re.sub(r"\s+", " ", item.astext()).strip() for item in items)
        found.append(Entry(title, section["ids"][0], texts))
    return sorted(found, key=lambda entry: entry.date, reverse=True)


def atom(found: Sequence[Entry], title: str, author: str, page: str, base: str = "") -> str:
    """The feed; ``page`` is the chapter's address within the site, ``base`` the site's own where it is known.

    Ids are made of the site's address (or the title, where it has none), the date, and nothing else: an entry that is
    written again on its day stays the same entry.
    """
    space = uuid.uuid5(uuid.NAMESPACE_URL, base or title)
    updated = f"{found[0].date}T00:00:00Z" if found else "1970-01-01T00:00:00Z"
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">',
        f"<title>{escape(title)}: what changed</title>",
        f"<id>urn:uuid:{space}</id>",
        f"<updated>{updated}</updated>",
        f"<author><name>{escape(author)}</name></author>",
        f'<link rel="alternate" type="text/html" href={quoteattr(base + page)}/>',
    ]
    if base:
        parts.append(f'<link rel="self" type="application/atom+xml" href={quoteattr(base + NAME)}/>')
    for entry in found:
        items = "".join(f"<li>{escape(change)}</li>" for change in entry.changes)
        parts += [
            "<entry>",
            f"<title>What changed on {entry.date}</title>",
            f"<id>urn:uuid:{uuid.uuid5(space, entry.date)}</id>",
            f"<updated>{entry.date}T00:00:00Z</updated>",
            f'<link rel="alternate" type="text/html" href={quoteattr(f"{base}{page}#{entry.anchor}")}/>',
            f'<content type="html">{escape(f"<ul>{items}</ul>")}</content>',
            "</entry>",
        ]
    return "\n".join([*parts, "</feed>", ""])


def write(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the feed beside the pages."""
    if app.builder.format == "html" and (name := chapter(app)):
        found = entries(app.env.get_doctree(name))
        page = app.builder.get_target_uri(name)
        text = atom(found, app.config.html_title, app.config.author, page, app.config.html_baseurl)
        _write(Path(app.outdir) / NAME, text)
    yield from ()


def page_context(app: Sphinx, _name: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    context["book_feed"] = context["pathto"](NAME, 1) if chapter(app) else ""


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", name_dates, priority=400)  # before Sphinx notes the anchors
    app.connect("html-collect-pages", write)
    app.connect("html-page-context", page_context)
