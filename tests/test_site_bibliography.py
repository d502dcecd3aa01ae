"""References are formatted once, and again when their entry changes."""

import json
import re
from pathlib import Path

import pytest
from pybtex.database import Entry
from pybtex.plugin import find_plugin
from sphinx.application import Sphinx

from moip.site import bibliography
from moip.site.bibliography import Remembered


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Remembered, "before", {})
    monkeypatch.setattr(Remembered, "now", {})


def entry(title: str) -> Entry:
    made = Entry("misc", fields={"title": title, "url": "https://example.org"})
    made.key = "paper"
    return made


def test_style_writes_what_pybtex_writes() -> None:
    plain = find_plugin("pybtex.style.formatting", "alpha")()
    assert Remembered().format_entry("A", entry("One")).text.render_as("text") == plain.format_entry(
        "A", entry("One")
    ).text.render_as("text")


def test_an_entry_is_formatted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    whole = bibliography.Alpha.format_entry
    monkeypatch.setattr(bibliography.Alpha, "format_entry", lambda *a, **k: made.append(1) or whole(*a, **k))
    style = Remembered()
    first, again = style.format_entry("A", entry("One")), style.format_entry("B", entry("One"))
    assert len(made) == 1 and first.text is again.text and (first.label, again.label) == ("A", "B")
    Remembered.before, Remembered.now = Remembered.now, {}
    style.format_entry("A", entry("One"))
    assert len(made) == 1, "kept from the build before"


def test_a_changed_entry_is_formatted_again() -> None:
    style = Remembered()
    style.format_entry("A", entry("One"))
    Remembered.before, Remembered.now = Remembered.now, {}
    assert "Two" in style.format_entry("A", entry("Two")).text.render_as("text")
    assert len(Remembered.now) == 1, "what is no longer cited is forgotten"


def build(folder: Path) -> str:
    """The references page of a book with one chapter, one table and three sources."""
    (folder / "data").mkdir()
    descriptor = {"resources": [{"name": "coins", "path": "coins.csv", "schema": {"fields": [{"name": "source"}]}}]}
    (folder / "data" / "datapackage.json").write_text(json.dumps(descriptor))
    (folder / "data" / "coins.csv").write_text("source\nbook-a; book-b\n")
    entries = [f"@misc{{book-{x},\n  title = {{The {x}}},\n  url = {{https://example.org/{x}}},\n}}\n" for x in "abc"]
    (folder / "refs.bib").write_text("\n".join(entries))
    (folder / "conf.py").write_text(
        "extensions = ['sphinxcontrib.bibtex', 'moip.site.bibliography']\nbibtex_bibfiles = ['refs.bib']\n"
        "bibtex_cite_id = 'ref-{bibliography_count}-{key}'\nhtml_theme = 'basic'\n"
    )
    (folder / "index.rst").write_text(
        "Home\n====\n\n.. toctree::\n\n   second\n   first\n   references\n   book/register/data-dictionary\n"
    )
    (folder / "first.rst").write_text("Of *one*\n========\n\n:cite:`book-a` and again :cite:`book-a`.\n")
    (folder / "second.rst").write_text("Of two\n======\n\n:cite:`book-a`\n")
    (folder / "references.rst").write_text(
        "References\n==========\n\n.. bibliography::\n\n.. bibliography::\n   :filter: not cited\n   :labelprefix: T\n"
    )
    (folder / "book" / "register").mkdir(parents=True)
    (folder / "book" / "register" / "data-dictionary.rst").write_text("Tables\n======\n")
    out = folder / "out"
    Sphinx(str(folder), str(folder), str(out), str(folder / "trees"), "html", status=None, warning=None).build()
    return (out / "references.html").read_text(encoding="utf-8")


def test_an_entry_says_where_it_is_used(tmp_path: Path) -> None:
    page = build(tmp_path)
    keys = re.findall(r'id="(ref-[^"]+)"', page)
    assert keys == ["ref-1-book-a", "ref-2-book-b", "ref-2-book-c"]
    used = {
        key: re.findall(r'href="([^"]+)">([^<]*)<', part.partition('class="uses"')[2].partition("</p>")[0])
        for key, part in zip(keys, page.split('id="ref-')[1:], strict=True)
    }
    coins = ("book/register/data-dictionary.html#tbl-data-coins", "table coins")
    assert used["ref-1-book-a"] == [("second.html", "Of two"), ("first.html", "Of one"), coins]
    assert used["ref-2-book-b"] == [coins] and used["ref-2-book-c"] == []
