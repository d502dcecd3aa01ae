"""The book as one PDF: put together from its pages, links within it, numbers in its contents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from moip import pdf
from moip.browser import browser
from moip.checks import pages

TOC = "format: jb-book\nroot: book/index\nparts:\n- caption: One\n  chapters:\n  - file: book/a\n  - file: book/b\n- caption: Two\n  chapters:\n  - file: book/c\n"
PAGE = """<html><head>{head}</head><body><nav><a href="x.html">away</a></nav><article><section id="top"><h1>{title}<a class="headerlink" href="#top">¶</a></h1>
{body}<details class="numbers"><summary>x</summary></details></section></article></body></html>"""
BODIES = {
    "index": '<ol class="stack"><li><a href="a.html">1</a></li></ol><p><a href="a.html#part">there</a> <a href="../technology/t.html#q">out</a></p>',
    "a": '<section id="part"><h2>A part</h2><figure><div class="plot"><img class="wide light" loading="lazy" src="../_static/p.svg">'
    '<img class="wide dark" src="../_static/q.svg"></div></figure><details class="hidden-result"><p>shown</p></details>'
    '<p><a href="#part">here</a> <a href="index.html">home</a> <a href="b.html#gone">gone</a> <a href="https://a.example/">far</a></p></section>'
    + "<p>Words.</p>"
    * 200,
    "b": "<section id='part'><h2>Verdict</h2><p>Words.</p></section>",
    "c": "<p>The end.</p>",
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    site = tmp_path / "_build" / "html"
    (site / "book").mkdir(parents=True)
    (site / "_static").mkdir()
    (site / "index.html").write_text("x")
    (tmp_path / "_toc.yml").write_text(TOC)
    (tmp_path / "_config.yml").write_text("title: A book\nauthor: Many\ncopyright: 'Many. Text free'\n")
    for name, body in BODIES.items():
        (site / "book" / f"{name}.html").write_text(PAGE.format(head="", title=f"Chapter {name}", body=body))
    for name in ("book.css", "print.css", "technology.css"):
        (site / "_static" / name).write_text("")
    (site / "_static" / "p.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    return tmp_path


def body(chapter: pdf.Chapter) -> BeautifulSoup:
    return BeautifulSoup(str(chapter.body), "html.parser")


def test_the_outline_follows_the_contents_and_opens_parts() -> None:
    assert pdf.outline(TOC) == [("book/index", ""), ("book/a", "One"), ("book/b", ""), ("book/c", "Two")]
    assert pdf.outline("root: x\nchapters:\n- file: y\n") == [("x", ""), ("y", "")]


def test_chapters_lose_what_paper_has_no_use_for(base: Path) -> None:
    _, a, *_ = pdf.book(base, base / "_build" / "html")
    seen = body(a)
    assert a.title == "Chapter a" and a.sections == [("c2-part", "A part")]
    assert not seen.select("a.headerlink, details.numbers, img.dark") and seen.details.has_attr("open")
    assert seen.img["src"] == "../html/_static/p.svg" and not seen.img.has_attr("loading")


def test_links_lead_within_the_book(base: Path) -> None:
    first, a, b, _ = pdf.book(base, base / "_build" / "html")
    assert [link.get("href") for link in body(first).select("p a")] == [
        "#c2-part"
    ]  # the page of a technology is not in it
    assert [link["href"] for link in body(a).select("p a")] == ["#c2-part", "#c1", "#c3", "https://a.example/"]
    ids = [one["id"] for chapter in (first, a, b) for one in body(chapter).select("[id]")]
    assert len(set(ids)) == len(ids)


def test_links_out_of_the_book_lead_to_the_site_where_it_is_known(base: Path) -> None:
    site = base / "_build" / "html"
    head = '<link rel="canonical" href="https://a.example/s/book/index.html">'
    (site / "book" / "index.html").write_text(PAGE.format(head=head, title="T", body=BODIES["index"]))
    first, *_ = pdf.book(base, site)
    assert body(first).select("p a")[1]["href"] == "https://a.example/s/technology/t.html#q"


def test_contents_name_parts_and_pages_and_leave_out_what_every_essay_has(base: Path) -> None:
    chapters = pdf.book(base, base / "_build" / "html")
    made = BeautifulSoup(pdf.contents(chapters, {"c2": 7}), "html.parser")
    assert [one.get_text() for one in made.select("h2")] == ["One", "Two"]
    lines = [one.get_text(" ") for one in made.select("li")]
    assert lines == ["Chapter index 000", "Chapter a 7", "A part 000", "Chapter b 000", "Chapter c 000"]


def test_every_chapter_has_its_title_on_top_of_its_pages(base: Path) -> None:
    made = pdf.assemble(pdf.book(base, base / "_build" / "html"), "", "", {})
    assert '@page p2 { @top-center { content: "Chapter a";' in made and "#c2 { page: p2; }" in made
    assert pdf._css_text('a "b" \\ c') == r'"a \"b\" \\ c"'


def test_what_is_no_print_is_refused() -> None:
    with pytest.raises(ValueError, match="names no pages"):
        pdf.pages_of(b"%PDF-1.4")


def test_it_says_what_is_missing(tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    assert pdf.make(tmp_path / "none", said.append) == 1 and said == ["there is no built site: make book"]
    monkeypatch.setattr(pdf, "browser", lambda: None)
    assert pdf.make(base, said.append) == 1 and "no Chromium" in said[-1]


needs_browser = pytest.mark.skipif(browser() is None and not pages.required(), reason="no Chromium found")


@needs_browser
@pytest.mark.browser
def test_the_print_has_pages_anchors_and_the_right_numbers(base: Path) -> None:
    said: list[str] = []
    assert pdf.make(base, said.append) == 0
    made = (base / "_build" / "pdf" / pdf.NAME).read_bytes()
    where = pdf.pages_of(made)
    assert where["c1"] < where["c2"] <= where["c2-part"] < where["c3"] < where["c4"] <= pdf.count_pages(made)
    text = made.decode("latin-1")
    assert set(re.findall(r"/Dest /(\S+)", text)) <= where.keys()
    assert (
        "/Outlines" in text and "/MarkInfo" in text
    )  # a table of contents for the viewer, and tags for those who listen
    assert "https://a.example/" in text
    assert said[-1].startswith(f"4 chapters on {pdf.count_pages(made)} pages")


@needs_browser
@pytest.mark.browser
def test_a_picture_that_is_missing_is_named(base: Path) -> None:
    (base / "_build" / "html" / "_static" / "p.svg").unlink()
    with pytest.raises(FileNotFoundError, match=r"p\.svg, which is not there"):
        pdf.make(base, lambda _: None)
