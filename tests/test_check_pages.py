"""The page checks notice what is wrong: a small book is built once, and each test spoils a copy of it."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import plotly.graph_objects as go
import pytest

import moip.figures as mf
from moip import essay
from moip.browser import browser, launch, serve
from moip.build import build
from moip.checks import markup, pages, visits
from moip.notebooks import root
from moip.site import static
from moip.site.spec import MODES, Spec

needs_browser = pytest.mark.skipif(browser() is None and not pages.required(), reason="no Chromium found")
ELSEWHERE = "https://elsewhere.example"
NOSCRIPT = '<noscript><link rel="stylesheet" href="../_static/plain.css"></noscript></head>'
TOC = "format: jb-book\nroot: book/index\nchapters:\n  - file: book/more\n  - file: book/what-changed\n"
CHANGED = "# What changed\n\nWhat a reader sees now.\n\n## 2026-11-22\n\n- It began.\n"
MORE = "# More about it\n\nBack to {doc}`index`, and to {numref}`fig-rise`.\n\n## A detail\n\nIt has one."
TABLE = (
    '<table class="moip-table" id="tbl-days">\n<caption>The days and what they brought.</caption>\n'
    '<thead><tr><th scope="col">Day</th><th scope="col" class="num">Count</th></tr></thead>\n'
    '<tbody>\n<tr><th scope="row">Monday</th><td class="num">3</td></tr>\n</tbody>\n</table>'
)


def figure() -> dict[str, Any]:
    """A figure as a notebook stores it."""
    line = go.Scatter(x=[1, 2, 3], y=[3, 5, 4], mode="lines+markers", line_color=mf.LAYERS[1])
    drawn = mf.figure(line, title="It rises, then it falls", x="Day", y="Count")
    alt = "A line that rises from 3 to 5 and then falls to 4 on the third day."
    drawn.update_layout(meta={"name": "fig-rise", "caption": "Counts rise and fall.", "alt": alt})
    return essay._plain(drawn)


def picture(narrow: bool, mode: str) -> str:
    """A picture drawn by hand, so that the small book needs no browser to be built."""
    width, ink = (358 if narrow else 736), mf.COLORS["ink"].light if mode == "light" else mf.COLORS["ink"].dark
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="420" viewBox="0 0 {width} 420">'
        f'<path d="M20,400L180,40L340,200" stroke="{ink}" stroke-width="9" fill="none"/>'
        f'<text x="20" y="20" style="font-size: 12px; fill: {ink}">Count</text></svg>'
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small book, built as the real one is."""
    base = tmp_path_factory.mktemp("small")
    (base / "book").mkdir()
    shutil.copy(root() / "_config.yml", base)
    (base / "book" / "references.bib").write_text(
        "@misc{one, title={One}, author={One}, year={2008}}\n", encoding="utf-8"
    )
    (base / "_toc.yml").write_text(TOC, encoding="utf-8")
    (base / "book" / "more.md").write_text(MORE, encoding="utf-8")
    (base / "book" / "what-changed.md").write_text(CHANGED, encoding="utf-8")
    show = nbformat.v4.new_code_cell("essay.figure(fig)", execution_count=1, metadata={"tags": ["hide-input"]})
    stored = {"application/vnd.plotly.v1+json": figure(), "text/plain": "Figure fig-rise"}
    show.outputs = [nbformat.v4.new_output("display_data", data=stored)]
    table = nbformat.v4.new_code_cell("essay.table(days)", execution_count=2)
    table.outputs = [nbformat.v4.new_output("display_data", data={"text/html": TABLE, "text/plain": "Table tbl-days"})]
    words = "# Layers in a small book\n\nRead on in {doc}`more`; see {numref}`fig-rise` and {numref}`tbl-days`."
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(words), show, table])
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(notebook, base / "book" / "index.ipynb")
    cache = base / ".cache" / "figures"
    cache.mkdir(parents=True)
    spec = Spec.from_output(figure())
    for narrow in (False, True):
        for mode in MODES:
            (cache / static.picture_name(spec, narrow, mode)).write_text(picture(narrow, mode), encoding="utf-8")
    assert build(base=base) == 0
    return base


class Spoiled:
    """A copy of the small book whose site can be changed."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.html = base / "_build" / "html"
        self.figures = self.html / "_static" / "figures"

    def write(self, path: str, text: str) -> None:
        """Write a file of the site (the copy shares its files with the original until then)."""
        (self.html / path).unlink(missing_ok=True)
        (self.html / path).write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text in a file of the site, once."""
        text = (self.html / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new, 1))

    def add(self, markup: str, page: str = "book/index.html") -> None:
        """Put something at the end of a page's text."""
        self.edit(page, "</article>", f"{markup}</article>")

    def style(self, css: str) -> None:
        """Add rules to the stylesheet."""
        text = (self.html / "_static" / "book.css").read_text(encoding="utf-8")
        self.write("_static/book.css", text + css)

    def lift(self, page: str = "book/index.html") -> None:
        """Take the policy out of a page, so that what it would stop can be tried."""
        text = (self.html / page).read_text(encoding="utf-8")
        self.write(page, re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text))

    def file(self, pattern: str) -> str:
        """The path in the site of the one file of the figure that matches."""
        (found,) = self.figures.glob(pattern)
        return found.relative_to(self.html).as_posix()


@pytest.fixture
def spoiled(built: Path, tmp_path: Path) -> Spoiled:
    base = tmp_path / "copy"
    shutil.copytree(built, base, copy_function=os.link)
    return Spoiled(base)


# ---- without a browser ----

MARKUP: dict[str, tuple[Callable[[Spoiled], None], str, str]] = {
    "a page that is missing": (
        lambda s: (s.html / "book/more.html").unlink(),
        "pages",
        "book/more.html: named in _toc.yml and not in the built site",
    ),
    "a second top heading": (lambda s: s.add("<h1>Again</h1>"), "structure", "2 top headings"),
    "no top heading": (lambda s: s.edit("book/more.html", "<h1>", "<h2>"), "structure", "0 top headings"),
    "no language": (lambda s: s.edit("book/more.html", ' lang="en"', ""), "structure", "no language on <html>"),
    "no title": (
        lambda s: s.edit("book/more.html", "<title>More about it · Money over IP", "<title>"),
        "structure",
        "no <title>",
    ),
    "a title twice": (
        lambda s: s.edit("genindex.html", "<title>Index", "<title>More about it"),
        "structure",
        "genindex.html: the same <title> as book/more.html",
    ),
    "no description": (
        lambda s: s.edit(
            "book/more.html", '<meta name="description" content="', '<meta name="description" content="" x="'
        ),
        "structure",
        "book/more.html: no description",
    ),
    "no words for a preview": (
        lambda s: s.edit("book/more.html", '<meta property="og:description" content="', '<meta property="x" content="'),
        "structure",
        "book/more.html: no og:description",
    ),
    "an address of a preview that is not whole": (
        lambda s: s.edit("book/more.html", "</head>", '<meta property="og:image" content="../a.png"></head>'),
        "structure",
        "og:image is no whole address: ../a.png",
    ),
    "a feed that is missing": (lambda s: (s.html / "feed.xml").unlink(), "feed", "and its feed is not"),
    "a feed that is no XML": (lambda s: s.edit("feed.xml", "</feed>", ""), "feed", "feed.xml: no XML"),
    "a feed that leads nowhere": (
        lambda s: s.edit("feed.xml", "#on-2026-11-22", "#on-2026-11-23"),
        "feed",
        "What changed on 2026-11-22: leads to no section",
    ),
    "a feed that says nothing": (lambda s: s.edit("feed.xml", "&lt;li&gt;", ""), "feed", "says nothing"),
    "a file that nobody accounts for": (
        lambda s: s.write("_static/spy.js", "0"),
        "shipped",
        "_static/spy.js: shipped.html does not say where it comes from",
    ),
    "no page on what is sent": (lambda s: (s.html / "shipped.html").unlink(), "shipped", "no page that says"),
    "no way to skip to the text": (
        lambda s: s.edit("book/more.html", '<a class="skip" href="#main">', '<a class="skip" href="index.html">'),
        "structure",
        "book/more.html: the first link leads to index.html, not to the text",
    ),
    "another order": (
        lambda s: s.edit(
            "book/index.html", '<link rel="next" href="more.html">', '<link rel="next" href="what-changed.html">'
        ),
        "structure",
        "book/index.html: next leads to book/what-changed.html, not to book/more",
    ),
    "an id twice": (lambda s: s.add('<p id="fig-rise">x</p>'), "structure", "the id 'fig-rise' is used again"),
    "a reference in two lists": (
        lambda s: s.add('<p id="ref-1-paper">x</p><p id="ref-2-paper">x</p>'),
        "structure",
        "lists the reference 'paper' 2 times",
    ),
    "no policy": (lambda s: s.lift(), "policy", "book/index.html: no Content-Security-Policy"),
    "no policy at the site's address": (lambda s: s.lift("index.html"), "policy", "index.html: no Content-Security"),
    "a policy that comes late": (
        lambda s: s.edit("book/index.html", "<head>", '<head><link rel="prev" href="more.html">'),
        "policy",
        "<link> stands before the policy",
    ),
    "a policy that allows everything first": (
        lambda s: s.edit("book/index.html", "default-src 'none'", "default-src 'self'"),
        "policy",
        "does not begin with nothing allowed",
    ),
    "a policy that allows scripts in the page": (
        lambda s: s.edit("book/index.html", "script-src 'self'", "script-src 'self' 'unsafe-inline'"),
        "policy",
        "the policy allows script-src 'unsafe-inline'",
    ),
    "a policy that allows another host": (
        lambda s: s.edit("book/index.html", "img-src 'self'", f"img-src 'self' {ELSEWHERE}"),
        "policy",
        f"the policy allows img-src {ELSEWHERE}",
    ),
    "a script in the page": (
        lambda s: s.add("<script>let spoiled = 1</script>"),
        "policy",
        "a script in the page that the policy stops ('let spoiled = 1')",
    ),
    "a changed script in the page": (
        lambda s: s.edit("book/index.html", "<script>(()=>", "<script>void(()=>"),
        "policy",
        "a script in the page that the policy stops",
    ),
    "a style in the page": (lambda s: s.add("<style>p{}</style>"), "policy", "<style>, which the policy stops"),
    "a handler in the page": (lambda s: s.add('<p onclick="go()">x</p>'), "policy", "the handler onclick, which"),
    "an address that is a script": (
        lambda s: s.add('<form action="javascript:go()"></form>'),
        "policy",
        "a javascript: address, which the policy stops",
    ),
    "a broken anchor": (
        lambda s: s.add('<a href="more.html#nothing">x</a>'),
        "links",
        "no anchor 'nothing' in book/more.html",
    ),
    "a page that is not there": (
        lambda s: s.add('<a href="#../more/nothing.md">x</a>'),
        "links",
        "link to ../more/nothing.md, which is no page",
    ),
    "a broken anchor of its own": (lambda s: s.add('<a href="#nowhere">x</a>'), "links", "no anchor 'nowhere'"),
    "a broken link": (
        lambda s: s.add('<a href="less.html">x</a>'),
        "links",
        "<a> names less.html, which is not in the site",
    ),
    "a link out of the site": (lambda s: s.add('<a href="../../x.html">x</a>'), "links", "leads out of the site"),
    "a link that no fork has": (
        lambda s: s.add('<a href="/book/more.html">x</a>'),
        "links",
        "starts at the root of the host",
    ),
    "a picture that is missing": (lambda s: s.add('<img src="no.png" alt="x">'), "links", "<img> names no.png"),
    "a stylesheet's missing picture": (
        lambda s: s.edit("_static/book.css", ":root", "p{background:url(no.svg)}:root"),
        "links",
        "_static/book.css (used by book/index.html)",
    ),
    "a script of a figure that is missing": (
        lambda s: (s.html / s.file("*.js")).unlink(),
        "links",
        ".js, which is not in the",
    ),
    "a picture from another host": (
        lambda s: s.add(f'<img src="{ELSEWHERE}/a.png" alt="x">'),
        "hosts",
        f"<img> loads from another host: {ELSEWHERE}/a.png",
    ),
    "a script from another host": (
        lambda s: s.add('<script src="//elsewhere.example/a.js"></script>'),
        "hosts",
        "<script> loads",
    ),
    "a picture set from another host": (
        lambda s: s.add(
            f'<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" srcset="{ELSEWHERE}/b.png 2x" alt="x">'
        ),
        "hosts",
        "/b.png",
    ),
    "a style from another host": (
        lambda s: s.add(f'<p style="background:url({ELSEWHERE}/c.png)">x</p>'),
        "hosts",
        "/c.png",
    ),
    "an import from another host": (
        lambda s: s.edit("_static/book.css", ":root", f'@import "{ELSEWHERE}/d.css";:root'),
        "hosts",
        "/d.css",
    ),
    "a connection to another host": (
        lambda s: s.edit("book/more.html", "</head>", f'<link rel="preconnect" href="{ELSEWHERE}"></head>'),
        "hosts",
        "<link> loads from another host",
    ),
    "a figure without alt": (
        lambda s: s.edit("book/index.html", ' alt="A line', ' alt="" x="A line'),
        "figures",
        "no text alternative",
    ),
    "a figure without its dark picture": (
        lambda s: s.edit("book/index.html", 'class="wide dark"', 'class="wide"'),
        "figures",
        "figure fig-rise: no picture for wide dark",
    ),
    "a figure without a number": (
        lambda s: s.edit("book/index.html", 'caption-number">Figure', 'caption-number">'),
        "figures",
        "no number in its caption",
    ),
    "a figure without a caption": (
        lambda s: s.edit("book/index.html", "Counts rise and fall.", ""),
        "figures",
        "no caption",
    ),
    "a figure without a title": (
        lambda s: s.edit(
            "book/index.html", '<p class="figure-title">It rises, then it falls', '<p class="figure-title">'
        ),
        "figures",
        "no title above it",
    ),
    "a table without a number": (
        lambda s: s.edit("book/index.html", 'caption-number">Table', 'caption-number">'),
        "figures",
        "table tbl-days: no number",
    ),
    "a figure that waits though a browser is there": (
        lambda s: s.edit("book/index.html", 'data-drawn="1"', 'data-drawn="0"'),
        "figures",
        "text alternative where the picture will be",
    ),
    "a picture that is no picture": (
        lambda s: s.write(s.file("*-wide-dark.svg"), "<svg><path></svg>"),
        "figures",
        "-wide-dark.svg is no picture",
    ),
    "a picture that loads": (
        lambda s: s.edit(s.file("*-narrow-light.svg"), "<path", f'<image href="{ELSEWHERE}/e.png"/><path'),
        "figures",
        "-narrow-light.svg loads https://elsewhere.example/e.png",
    ),
    "numbers that are not all in the file": (
        lambda s: s.write(s.file("*.csv"), "Day,Count\n1,3\n"),
        "figures",
        "has 1 rows and the page says 3",
    ),
    "a figure that was dropped": (
        lambda s: s.edit("book/index.html", '<figure class="moip-figure" id="fig-rise"', '<figure id="fig-rise"'),
        "outputs",
        "the figure fig-rise that cell 2 of book/index.ipynb stores is not in the page",
    ),
    "a table that was dropped": (
        lambda s: s.edit("book/index.html", '<figure class="moip-table-figure" id="tbl-days"', '<figure id="tbl-days"'),
        "outputs",
        "the table tbl-days that cell 3 of book/index.ipynb stores is not in the page",
    ),
    "a figure that nobody stored": (
        lambda s: s.edit("book/index.html", 'id="tbl-days"', 'id="tbl-days-2"><a id="tbl-days"></a'),
        "outputs",
        "the table tbl-days-2 is not among the outputs",
    ),
}


def none(found: markup.Findings) -> None:
    """There is no problem at all."""
    texts = [f"{aspect}: {problem}" for aspect, problems in found.items() for problem in problems]
    assert not texts, "\n".join(texts)


def test_the_small_book_is_sound(built: Path) -> None:
    none(markup.check(built))


@pytest.mark.parametrize("case", MARKUP)
def test_markup(spoiled: Spoiled, case: str) -> None:
    spoil, aspect, words = MARKUP[case]
    spoil(spoiled)
    problems = markup.check(spoiled.base)[aspect]
    texts = [str(problem) for problem in problems if words in str(problem)]
    assert len(texts) == 1, [str(problem) for problem in problems]
    assert "->" in texts[0]


def test_a_book_that_is_not_built(tmp_path: Path) -> None:
    (problem,) = pages.check(tmp_path)
    assert str(problem) == "_build/html: the book is not built -> make book"


def test_without_a_browser(built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(pages, "browser", lambda: None)
    monkeypatch.delenv("MOIP_REQUIRE_BROWSER", raising=False)
    none(pages.findings(built))
    assert "pages: NOT looked at in a browser: no Chromium or Chrome found" in capsys.readouterr().out
    monkeypatch.setenv("MOIP_REQUIRE_BROWSER", "1")
    (problem,) = pages.check(built)
    assert "no Chromium or Chrome found" in problem.what


def test_the_server_compresses_text(built: Path) -> None:
    page = (built / "_build" / "html" / "book" / "index.html").read_bytes()
    with serve(built / "_build" / "html") as address:
        asked = urllib.request.Request(f"{address}/book/index.html?x=1", headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(asked) as answer:
            sent = answer.read()
            assert answer.headers["Content-Encoding"] == "gzip"
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert gzip.decompress(sent) == page and len(sent) < len(page) / 2
        with urllib.request.urlopen(f"{address}/book/index.html") as answer:
            assert answer.read() == page
        for path in ("book/none.html", "../../_toc.yml", "%2e%2e/%2e%2e/_toc.yml"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{address}/{path}")


# ---- in a browser ----


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with launch() as running:
        yield running


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small book answers soon or never."""
    monkeypatch.setattr(visits, "LIVE_MS", 6_000)
    monkeypatch.setattr(visits, "SEARCH_MS", 3_000)


def visit(chromium: Any, html: Path, *which: Callable[..., None], name: str = "book/index") -> dict[str, list[str]]:
    """What the visits found, as texts by aspect."""
    report = visits.Report(name)
    with serve(html) as address:
        for one in which:
            one(chromium, address, report)
    return {aspect: [str(p) for p in problems] for aspect, problems in report.found.items() if problems}


def one(found: dict[str, list[str]], aspect: str, *words: str) -> None:
    """There is exactly one problem of this aspect that says all the words."""
    texts = [text for text in found.get(aspect, []) if all(word in text for word in words)]
    assert len(texts) == 1, json.dumps(found, indent=1)


@needs_browser
@pytest.mark.browser
def test_the_small_book_reads_well(built: Path) -> None:
    lines: list[str] = []
    found = pages.findings(built, lines.append)
    none(found)
    assert [line.partition(" ")[0] for line in lines[1:]] == [f"[{n}/6]" for n in range(1, 7)]


@needs_browser
@pytest.mark.browser
def test_what_a_page_asks_for_and_says(chromium: Any, spoiled: Spoiled) -> None:
    spoiled.write("noise.txt", "".join(f"{n * n * 7919 % 999983:x}" for n in range(120_000)))
    script = (
        "console.error('it went wrong'); fetch('../nothing.json').catch(() => 0); fetch('../noise.txt');"
        f"fetch('{ELSEWHERE}/spy.json').catch(() => 0);"
        "addEventListener('load', () => setTimeout(() => document.querySelector('article').prepend("
        "Object.assign(document.createElement('div'), {style: 'height:400px', id: 'late'})), 40))"
    )
    spoiled.lift()
    spoiled.add(
        f'<script>{script}</script><button type="button"></button><p style="color:#ccc;background:#fff">pale</p>'
        '<div><a href="#main" style="display:block;height:9px">up</a><a href="#main" style="display:block;height:9px">on</a></div>'
    )
    found = visit(chromium, spoiled.html, visits.desk)
    one(found, "console", "book/index.html (1280 px)", "it went wrong")
    one(found, "requests", "asked another host for https://elsewhere.example/spy.json")
    one(found, "requests", "/nothing.json answers 404")
    one(found, "weight", "kB come before a figure is touched")
    one(found, "layout", "the page jumps by")
    one(found, "accessibility", "(1280 px, light)", "button-name")
    one(found, "accessibility", "(1280 px, light)", "color-contrast")
    one(found, "accessibility", "(1280 px, light)", "target-size")


@needs_browser
@pytest.mark.browser
def test_what_the_policy_stops(chromium: Any, spoiled: Spoiled) -> None:
    spoiled.write("_static/evil.js", f"fetch('{ELSEWHERE}/more.html').catch(() => 0); eval('1')")
    spoiled.add(
        f'<script>let evil = 1</script><script src="../_static/evil.js"></script><img alt="x" src="{ELSEWHERE}/x.png">'
    )
    found = visit(chromium, spoiled.html, visits.plain, visits.desk)
    one(found, "console", "inline script")
    one(found, "console", "unsafe-eval")
    one(found, "console", f"Connecting to '{ELSEWHERE}/more.html'")
    one(found, "console", "(1280 px)", "Loading the image 'https://elsewhere.example/x.png'")


@needs_browser
@pytest.mark.browser
def test_figures_that_fail(chromium: Any, spoiled: Spoiled) -> None:
    spoiled.write(
        spoiled.file("*-wide-light.svg"), '<svg xmlns="http://www.w3.org/2000/svg" width="736" height="420"/>'
    )
    spoiled.write(spoiled.file("*-wide-dark.svg"), "<svg><path></svg>")
    spoiled.edit("_static/book.js", "if (!dark()) return value;", "return value;")
    css = (
        ".plot[data-state=live]{aspect-ratio:auto;height:600px}.numbers td{display:none}"
        "@media print{html body .plot img.wide.light{display:none!important}}"
    )
    spoiled.style(css)
    found = visit(chromium, spoiled.html, visits.desk)
    one(found, "pictures", "(1280 px, light)", "fig-rise", "-wide-light.svg is blank")
    one(found, "pictures", "(1280 px, dark)", "fig-rise", "-wide-dark.svg does not draw")
    one(found, "figures", "fig-rise: its height jumps from", "to 600 px")
    one(found, "color mode", "fig-rise: live, it keeps its light colors")
    one(found, "numbers", "fig-rise: its numbers do not open")
    one(found, "print", "fig-rise: paper does not show its light picture")


@needs_browser
@pytest.mark.browser
def test_paper_that_cuts_off(chromium: Any, spoiled: Spoiled) -> None:
    css = spoiled.html / "_static" / "print.css"
    spoiled.write("_static/print.css", css.read_text(encoding="utf-8").replace(".top, ", "").replace("#tbl-tables", ""))
    spoiled.style('html[data-theme="dark"]{--moip-ink:#e8eaee}')
    spoiled.add('<table><tr><td style="white-space:nowrap">' + "wide " * 200 + "</td></tr></table>")
    found = visit(chromium, spoiled.html, visits.desk)
    one(found, "print", "(on paper): cut off at the edge: ", "table")
    one(found, "print", "(on paper): shows what only a screen can use: ", "header.top")
    one(found, "print", "(on paper): light words of the dark mode")


@needs_browser
@pytest.mark.browser
def test_a_figure_that_stays_still_and_a_button_that_does_nothing(chromium: Any, spoiled: Spoiled) -> None:
    spoiled.write(spoiled.file("*.js"), "throw new Error('spoiled');")
    spoiled.edit("_static/book.js", "        apply(mode);", "")
    found = visit(chromium, spoiled.html, visits.desk)
    one(found, "figures", "fig-rise: hovered, it did not come alive")
    one(found, "console", "spoiled")
    one(found, "color mode", "the button does not make the page dark")


@needs_browser
@pytest.mark.browser
def test_a_phone(chromium: Any, spoiled: Spoiled) -> None:
    spoiled.add('<div id="too-wide" style="width:700px">wide</div>')
    spoiled.edit(spoiled.file("*-narrow-light.svg"), "font-size: 12px", "font-size: 7px")
    spoiled.edit("book/index.html", 'popovertarget="book-nav"', "")
    found = visit(chromium, spoiled.html, visits.phone)
    one(found, "phone width", "(390 px)", "px wide (#too-wide)")
    one(found, "phone figures", "fig-rise: letters of", "'Count'")
    one(found, "phone menu", "the contents do not open")


@needs_browser
@pytest.mark.browser
def test_a_phone_that_gets_the_wide_picture(chromium: Any, spoiled: Spoiled) -> None:
    spoiled.edit("_static/book.css", "@media (max-width: 560px) {\n.plot", "@media (max-width: 1px) {\n.plot")
    one(visit(chromium, spoiled.html, visits.phone), "phone figures", "shows the picture 'wide light'")


@needs_browser
@pytest.mark.browser
def test_a_page_that_needs_javascript(chromium: Any, spoiled: Spoiled) -> None:
    spoiled.write("_static/plain.css", "h1,td,th,.plot img{display:none!important}")
    spoiled.edit("book/index.html", "</head>", NOSCRIPT)
    found = visit(chromium, spoiled.html, visits.plain)
    one(found, "no javascript", "no heading is shown")
    one(found, "no javascript", "fig-rise: no picture")
    one(found, "no javascript", "tbl-days: the table is not shown")


@needs_browser
@pytest.mark.browser
def test_a_search_that_finds_nothing(chromium: Any, spoiled: Spoiled) -> None:
    for name in ("names", "words"):
        text = (spoiled.html / f"_static/search-{name}.js").read_text(encoding="utf-8")
        spoiled.write(f"_static/search-{name}.js", text.replace("Layers", "Pipes").replace("layer", "pipe"))
    report = visits.Report("search")
    with serve(spoiled.html) as address:
        visits.search(chromium, address, report, "Layers", "book/more")
        assert [p.what for p in report.found["search"]] == ["nothing is found"]
        report = visits.Report("search")
        visits.search(chromium, address, report, "small", "book/more")
        assert not {aspect: found for aspect, found in report.found.items() if found}


@needs_browser
@pytest.mark.browser
def test_a_search_that_the_keyboard_does_not_reach(chromium: Any, spoiled: Spoiled) -> None:
    spoiled.edit("_static/book.js", 'event.key !== "/"', 'event.key !== "?"')
    spoiled.edit("_static/search.js", '"ArrowDown"', '"ArrowRight"')
    spoiled.edit("_static/search.js", '"Escape"', '"Enter"')
    report = visits.Report("search")
    with serve(spoiled.html) as address:
        visits.search(chromium, address, report, "small", "book/more")
    assert [p.what.partition(" do")[0] for p in report.found["search"]] == [
        "the key /",
        "the arrow keys",
        "the key Escape",
    ]


@needs_browser
@pytest.mark.browser
def test_links_that_lead_elsewhere(chromium: Any, spoiled: Spoiled) -> None:
    assert not visit(chromium, spoiled.html, visits.anchors)
    spoiled.style("html{scroll-padding-top:700px} article{padding:2000px 0}")
    found = visit(chromium, spoiled.html, visits.anchors)
    one(found, "anchors", "a link to #fig-rise leads to a place 700 px from it")


@needs_browser
@pytest.mark.browser
def test_without_a_server(chromium: Any, spoiled: Spoiled) -> None:
    def found() -> list[str]:
        report = visits.Report("index")
        visits.offline(chromium, spoiled.html, report, "small")
        assert not report.found["console"] or report.found["no server"]
        return [p.what for p in report.found["no server"]]

    assert found() == []
    spoiled.edit("_static/search.js", "const load = (src) =>", "const load = (src) => fetch(new URL(src, root)) &&")
    spoiled.edit(
        "_static/book.js", "const load = (src) =>", "const load = async (src) => src.includes('plotly') ? fetch(src) :"
    )
    assert found() == ["fig-rise: it does not come alive"]
    spoiled.edit("_static/search.js", '"_static/search-names.js"', '"_static/search-name.js"')
    spoiled.edit("index.html", "0; url=", "9; url=")
    assert found() == ["index.html does not lead to the first page"]


@needs_browser
@pytest.mark.browser
def test_a_page_that_is_not_there(chromium: Any, spoiled: Spoiled) -> None:
    found = visit(chromium, spoiled.html, visits.desk, name="book/none")
    assert found == {"requests": ["book/none.html (1280 px): the page is not there -> build the book anew (make book)"]}
