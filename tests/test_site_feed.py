"""The feed of what changed, and what those see who show previews of a page."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from docutils.core import publish_doctree

from moip import data
from moip.browser import browser
from moip.checks import pages
from moip.site import feed, social

ATOM = "{http://www.w3.org/2005/Atom}"
TEXT = """
What changed
============

Words.

2026-11-22
----------

- One & two.
- A *third*
  thing.

2027-01-05
----------

Only a paragraph.

Older things
------------

- Not dated.
"""


def entries() -> list[feed.Entry]:
    tree = publish_doctree(TEXT, settings_overrides={"doctitle_xform": False})
    feed.name_dates(None, tree)  # type: ignore[arg-type]
    return feed.entries(tree)


def test_entries_are_the_dates_newest_first() -> None:
    assert entries() == [
        feed.Entry("2027-01-05", "on-2027-01-05", ("Only a paragraph.",)),
        feed.Entry("2026-11-22", "on-2026-11-22", ("One & two.", "A third thing.")),
    ]


def test_the_feed_is_atom() -> None:
    text = feed.atom(entries(), "A <book>", "Many", "book/what-changed.html", "https://someone.github.io/book/")
    root = ElementTree.fromstring(text)
    assert root.findtext(f"{ATOM}title") == "A <book>: what changed"
    assert root.findtext(f"{ATOM}updated") == "2027-01-05T00:00:00Z"
    first, second = root.findall(f"{ATOM}entry")
    assert second.findtext(f"{ATOM}content") == "<ul><li>One &amp; two.</li><li>A third thing.</li></ul>"
    links = {one.get("rel"): one.get("href") for one in root.findall(f"{ATOM}link")}
    assert links["self"] == "https://someone.github.io/book/feed.xml"
    link = first.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == "https://someone.github.io/book/book/what-changed.html#on-2027-01-05"
    ids = [one.text for one in root.iter(f"{ATOM}id")]
    assert len(set(ids)) == 3 and all(one and one.startswith("urn:uuid:") for one in ids)


def test_an_entry_stays_the_same_when_its_day_grows_and_differs_between_forks() -> None:
    def ids(found: list[feed.Entry], base: str) -> list[str | None]:
        root = ElementTree.fromstring(feed.atom(found, "A", "B", "c.html", base))
        return [one.findtext(f"{ATOM}id") for one in root.findall(f"{ATOM}entry")]

    more = [feed.Entry("2026-11-22", "on-2026-11-22", ("Another.",))]
    assert ids(more, "https://a.example/") == ids(entries()[1:], "https://a.example/")
    assert ids(more, "https://a.example/") != ids(more, "https://b.example/")


def test_without_an_address_links_are_relative() -> None:
    text = feed.atom(entries(), "A", "B", "book/what-changed.html")
    assert 'href="book/what-changed.html#on-2027-01-05"' in text and 'rel="self"' not in text


def test_the_card_shows_every_layer_and_escapes() -> None:
    layers = data.table("layers")
    page = social.card("A & B", "what it is", layers)
    assert "A &amp; B" in page and "http" not in page
    for row in layers.itertuples():
        assert row.name in page and row.question.replace("'", "&#x27;") in page


def test_without_a_browser_there_is_no_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(social, "browser", lambda: None)
    assert social.draw("<p>x</p>", tmp_path) is None


@pytest.mark.skipif(browser() is None and not pages.required(), reason="no Chromium found")
@pytest.mark.browser
def test_the_card_is_drawn_once(tmp_path: Path) -> None:
    page = social.card("A", "b", data.table("layers"))
    drawn = social.draw(page, tmp_path)
    assert drawn is not None and drawn.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(drawn.read_bytes()[at : at + 4]) for at in (16, 20))
    assert (width, height) == (social.WIDTH, social.HEIGHT)
    before = drawn.stat().st_mtime_ns
    assert social.draw(page, tmp_path) == drawn and drawn.stat().st_mtime_ns == before
