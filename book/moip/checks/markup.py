"""What can be said of a built page without a browser: its parts are there, and everything that it names exists."""

from __future__ import annotations

import base64
import csv
import hashlib
import posixpath
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..browser import browser
from ..notebooks import documents, read
from . import Problem

PLOTLY = "application/vnd.plotly.v1+json"
TABLE = '<table class="moip-table"'
VARIANTS = frozenset(f"{width} {mode}" for width in ("wide", "narrow") for mode in ("light", "dark"))
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
LOADED = frozenset(
    {
        ("img", "src"),
        ("script", "src"),
        ("iframe", "src"),
        ("frame", "src"),
        ("embed", "src"),
        ("object", "data"),
        ("source", "src"),
        ("track", "src"),
        ("audio", "src"),
        ("video", "src"),
        ("video", "poster"),
        ("input", "src"),
        ("image", "href"),
        ("image", "xlink:href"),
        ("use", "href"),
        ("use", "xlink:href"),
    }
)
"""What a browser fetches by itself."""
LOADING_RELS = frozenset(
    [
        "stylesheet",
        "icon",
        "apple-touch-icon",
        "mask-icon",
        "manifest",
        "preload",
        "prefetch",
        "modulepreload",
        "preconnect",
        "dns-prefetch",
    ]
)
CSS_URL = re.compile(r"""url\(\s*(["']?)(.*?)\1\s*\)|@import\s+(["'])(.*?)\3""")
NUMBER = {"figure": re.compile(r"Figure [\d.]*\d\.?"), "table": re.compile(r"Table [\d.]*\d\.?")}
ROWS = re.compile(r"\b(?:All|of) ([\d,]+) rows?\b")
HIDDEN_OUTPUT = frozenset({"remove-output", "remove_output", "remove-cell", "remove_cell"})

ADDED = ("search", "shipped", "genindex", "index")
"""Pages that the site adds to the book's documents."""
TOLERATED = frozenset([("style-src-attr", "'unsafe-inline'"), ("img-src", "data:"), ("img-src", "blob:")])
"""What the policy may allow besides the book's own files and hashes; book/moip/site/policy.py says why."""
FEED, ATOM = "feed.xml", "{http://www.w3.org/2005/Atom}"
HASH = re.compile(r"'sha256-[\w+/=]+'")

Findings = dict[str, list[Problem]]
"""Problems by aspect."""


@dataclass
class Reference:
    """Something that a page names: a link to follow or a file to load."""

    url: str
    tag: str
    line: int
    loads: bool


@dataclass
class Shown:
    """A numbered figure or table as a page shows it."""

    kind: str
    name: str
    line: int
    title: list[str] = field(default_factory=list)
    number: list[str] = field(default_factory=list)
    caption: list[str] = field(default_factory=list)
    note: list[str] = field(default_factory=list)
    pictures: list[dict[str, str]] = field(default_factory=list)
    drawn: str = ""
    waiting: list[str] = field(default_factory=list)
    has_plot: bool = False
    has_numbers: bool = False
    rows: int = 0
    csv: str = ""


class Page(HTMLParser):
    """One page, read once: its head, headings, ids, what it names, its figures and tables."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.lang = ""
        self.title: list[str] = []
        self.headings: list[list[str]] = []
        self.description = ""
        self.files: list[str] = []
        self.neighbors: dict[str, str] = {}
        self.first_link: str | None = None
        self.preview: dict[str, str] = {}
        self.refresh = ""
        self.ids: dict[str, int] = {}
        self.repeated: list[tuple[str, int]] = []
        self.references: list[Reference] = []
        self.styles: list[tuple[str, int]] = []
        self.policy: str | None = None
        self.unruled: list[tuple[str, int]] = []
        self.scripts: list[tuple[list[str], int]] = []
        self.inline: list[tuple[str, int]] = []
        self.shown: list[Shown] = []
        self._open: list[str] = []
        self._catching: list[tuple[int, list[str]]] = []
        self._figure: tuple[int, Shown] | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what an element says."""
        a = {key: value or "" for key, value in attributes}
        line = self.getpos()[0]
        if tag not in VOID:
            self._open.append(tag)
        for name in {a.get("id"), a.get("name") if tag == "a" else None} - {None, ""}:
            if name in self.ids:
                self.repeated.append((name, line))
            self.ids.setdefault(name, line)
        if "style" in a:
            self.styles.append((a["style"], line))
        self._refer(tag, a, line)
        self._rule(tag, a, line)
        self._head(tag, a)
        self._show(tag, a, set(a.get("class", "").split()), line)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """``<x/>`` opens and closes at once."""
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element, and those that were left open in it."""
        if tag in VOID or tag not in self._open:
            return
        while self._open.pop() != tag:
            pass
        depth = len(self._open)
        while self._catching and self._catching[-1][0] > depth:
            self._catching.pop()
        if self._figure and self._figure[0] > depth:
            self._figure = None

    def handle_data(self, data: str) -> None:
        """Give text to whoever waits for it."""
        for _, texts in self._catching:
            texts.append(data)
        if self._open and self._open[-1] == "style":
            self.styles.append((data, self.getpos()[0]))

    def _catch(self, texts: list[str]) -> None:
        self._catching.append((len(self._open), texts))

    def _refer(self, tag: str, a: dict[str, str], line: int) -> None:
        for key, value in a.items():
            if (tag, key) in LOADED:
                self.references.append(Reference(value, tag, line, True))
            elif key == "srcset":
                for part in value.split(","):
                    self.references.append(Reference(part.split()[0] if part.split() else "", tag, line, True))
        if tag == "link" and "href" in a:
            rels = set(a.get("rel", "").lower().split())
            self.neighbors |= {rel: a["href"] for rel in rels & {"prev", "next"}}
            if "canonical" not in rels:
                self.references.append(Reference(a["href"], tag, line, bool(rels & LOADING_RELS)))
        elif tag in ("a", "area") and "href" in a:
            self.first_link = a["href"] if self.first_link is None else self.first_link
            self.references.append(Reference(a["href"], tag, line, False))
        elif tag == "form" and a.get("action"):
            self.references.append(Reference(a["action"], tag, line, False))
        elif "data-src" in a:
            self.references.append(Reference(a["data-src"], tag, line, True))
        elif tag == "meta" and a.get("http-equiv", "").lower() == "refresh":
            self.refresh = a.get("content", "").partition("=")[2].strip("'\" ")
            self.references.append(Reference(self.refresh, tag, line, False))

    def _rule(self, tag: str, a: dict[str, str], line: int) -> None:
        """Note the page's policy and what it has to govern: scripts, styles and handlers in the markup itself."""
        if tag == "meta" and a.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = a.get("content", "")
        elif tag in ("script", "link", "style", "img") and self.policy is None:
            self.unruled.append((tag, line))
        if tag == "script" and "src" not in a and a.get("type", "") in ("", "module", "text/javascript"):
            self.scripts.append(([], line))
            self._catch(self.scripts[-1][0])
        elif tag == "style" and "svg" not in self._open:
            self.inline.append(("<style>", line))
        self.inline += [(f"the handler {name}", line) for name in a if name.startswith("on")]
        if any(a.get(name, "").strip().lower().startswith("javascript:") for name in ("href", "src", "action")):
            self.inline.append(("a javascript: address", line))

    def _head(self, tag: str, a: dict[str, str]) -> None:
        if "data-files" in a:
            self.files += a["data-files"].split()
        if tag == "html":
            self.lang = a.get("lang", "")
        elif tag == "meta" and a.get("name", "").lower() == "description":
            self.description = a.get("content", "").strip()
        elif tag == "meta" and a.get("property", "").startswith("og:"):
            self.preview[a["property"]] = a.get("content", "").strip()
        elif tag == "title" and "svg" not in self._open:
            self._catch(self.title)
        elif tag == "h1":
            self.headings.append([])
            self._catch(self.headings[-1])

    def _show(self, tag: str, a: dict[str, str], classes: set[str], line: int) -> None:
        if tag == "figure" and classes & {"moip-figure", "moip-table-figure"}:
            kind = "figure" if "moip-figure" in classes else "table"
            self.shown.append(Shown(kind, a.get("id", ""), line))
            self._figure = (len(self._open), self.shown[-1])
            return
        if self._figure is None:
            return
        figure = self._figure[1]
        if "figure-title" in classes:
            self._catch(figure.title)
        elif "plot" in classes:
            figure.has_plot, figure.drawn = True, a.get("data-drawn", "")
        elif "plot-wait" in classes:
            self._catch(figure.waiting)
        elif tag == "img":
            figure.pictures.append(a)
        elif "caption-number" in classes:
            self._catch(figure.number)
        elif "caption-text" in classes:
            self._catch(figure.caption)
        elif tag == "details" and "numbers" in classes:
            figure.has_numbers = True
        elif tag == "tr":
            figure.rows += 1
        elif tag == "p" and figure.has_numbers:
            self._catch(figure.note)
        elif tag == "a" and "download" in a:
            figure.csv = a.get("href", "")


class Site:
    """The built site of the book at ``base`` with the pages that were read so far."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.html = base / "_build" / "html"
        self._pages: dict[str, Page | None] = {}
        self.sheets: set[str] = set()

    @cached_property
    def names(self) -> list[str]:
        """The book's documents in reading order, then the pages that the site adds."""
        extra = [name for name in ADDED if (self.html / f"{name}.html").exists()]
        return [*documents(self.base), *extra]

    @cached_property
    def generated(self) -> list[str]:
        """The pages that the site makes from tables, one for each of many things."""
        return sorted(
            path.relative_to(self.html).with_suffix("").as_posix() for path in self.html.glob("technology/*.html")
        )

    def page(self, path: str) -> Page | None:
        """A page by its path in the site, or None where there is none."""
        if path not in self._pages:
            file = self.html / path
            self._pages[path] = Page(path, file.read_text(encoding="utf-8")) if file.is_file() else None
        return self._pages[path]

    def exists(self, path: str) -> bool:
        """Whether the site has this file."""
        return (self.html / path).is_file()


def check(base: Path) -> Findings:
    """Look at every page of the book at ``base``; a dictionary with the problems of each aspect."""
    site = Site(base)
    found: Findings = {
        aspect: []
        for aspect in ("pages", "structure", "policy", "links", "hosts", "figures", "outputs", "feed", "shipped")
    }
    titles: dict[str, str] = {}
    for name in [*site.names, *site.generated]:
        page = site.page(f"{name}.html")
        if page is None:
            fix = "build the book anew (make book); see its messages"
            found["pages"].append(Problem(f"{name}.html", "named in _toc.yml and not in the built site", fix))
            continue
        links, hosts = _references(site, page)
        found["links"] += links
        found["hosts"] += hosts
        found["policy"] += _policy(page)
        if page.refresh:
            continue
        found["structure"] += [*_structure(page, titles), *_order(site, page, name)]
        found["figures"] += [problem for shown in page.shown for problem in _shown(site, page, shown)]
        found["outputs"] += _outputs(site, page, name)
    found["feed"] += _feed(site)
    found["shipped"] += _shipped_files(site)
    return found


def _structure(page: Page, titles: dict[str, str]) -> Iterator[Problem]:
    where = page.path
    if len(page.headings) != 1:
        texts = ", ".join("".join(h).strip(" ¶\n") for h in page.headings) or "none"
        yield Problem(
            where, f"{len(page.headings)} top headings ({texts})", "write exactly one line that starts with '# '"
        )
    elif not "".join(page.headings[0]).strip(" ¶\n"):
        yield Problem(where, "the top heading is empty", "write the chapter's title after '# '")
    if page.first_link != "#main" or "main" not in page.ids:
        what = f"the first link leads to {page.first_link or 'nothing'}, not to the text"
        yield Problem(where, what, "begin the page with the link that skips to #main (layout.html)")
    if not page.lang:
        yield Problem(where, "no language on <html>", "set language in _config.yml and lang in the layout")
    title = "".join(page.title).strip()
    if not title:
        yield Problem(where, "no <title>", "give the page a title in the layout")
    elif title in titles:
        yield Problem(where, f"the same <title> as {titles[title]} ({title!r})", "give one of them another title")
    titles.setdefault(title, where)
    if not page.description:
        fix = "start the chapter with a paragraph, or an 'In short' box"
        yield Problem(where, "no description for search engines", fix)
    for name in ("og:type", "og:title", "og:description"):
        if not page.preview.get(name):
            yield Problem(where, f"no {name} for those who show a preview of the page", "see layout.html")
    for name in ("og:url", "og:image"):
        if not page.preview.get(name, "https://").startswith("https://"):
            yield Problem(where, f"{name} is no whole address: {page.preview[name]}", "see book/moip/site/social.py")
    for name, line in page.repeated:
        what = f"the id {name!r} is used again (first in line {page.ids[name]})"
        yield Problem(f"{where} line {line}", what, "give one of them another name")
    listed = Counter(match[1] for name in page.ids if (match := re.fullmatch(r"ref-\d+-(.+)", name)))
    for key, count in listed.items():
        if count > 1:
            yield Problem(where, f"lists the reference {key!r} {count} times", "mend the filters of the bibliographies")


def _shipped_files(site: Site) -> Iterator[Problem]:
    """Files that the site has and its page on what is sent does not name."""
    page = site.page("shipped.html")
    fix = "say where it comes from, or take it out (book/moip/site/shipped.py)"
    if page is None:
        yield Problem("shipped.html", "no page that says what the site sends", fix)
        return
    for path in sorted((site.html / "_static").rglob("*")):
        name = path.relative_to(site.html / "_static").as_posix()
        if path.is_file() and not any(fnmatch(name, pattern) for pattern in page.files):
            yield Problem(f"_static/{name}", "shipped.html does not say where it comes from", fix)


def _feed(site: Site) -> Iterator[Problem]:
    """What is wrong with the feed of what changed, where the book has that chapter."""
    changed = next((name for name in site.names if name.rpartition("/")[2] == "what-changed"), "")
    if not changed:
        return
    fix = "see book/moip/site/feed.py; build the book anew (make book)"
    if not site.exists(FEED):
        yield Problem(FEED, f"{changed}.html is there and its feed is not", fix)
        return
    try:
        root = ElementTree.parse(site.html / FEED).getroot()
    except ElementTree.ParseError as error:
        yield Problem(FEED, f"no XML ({error})", fix)
        return
    ids = [one.text or "" for one in root.iter(f"{ATOM}id")]
    if "" in ids or len(set(ids)) != len(ids):
        yield Problem(FEED, "ids that are missing or there twice", "give each date one heading")
    entries = root.findall(f"{ATOM}entry")
    if not entries:
        yield Problem(FEED, "no entry", f"write dates as headings in {changed} ('## 2026-11-22') and a list below each")
    page = site.page(f"{changed}.html")
    for entry in entries:
        title = entry.findtext(f"{ATOM}title") or "an entry without a title"
        link = entry.find(f"{ATOM}link")
        anchor = urlsplit(link.get("href", "") if link is not None else "").fragment
        if page is None or anchor not in page.ids:
            yield Problem(FEED, f"{title}: leads to no section of {changed}.html", fix)
        if "<li>" not in (entry.findtext(f"{ATOM}content") or ""):
            yield Problem(FEED, f"{title}: says nothing", "write a list below the date")


def _order(site: Site, page: Page, name: str) -> Iterator[Problem]:
    """Whether previous and next of a chapter follow ``_toc.yml``."""
    names = documents(site.base)
    if name not in names:
        return
    at = names.index(name)
    for rel, other in (("prev", names[at - 1] if at else ""), ("next", names[at + 1] if at + 1 < len(names) else "")):
        leads = _join(page.path, page.neighbors[rel]) if rel in page.neighbors else ""
        if leads != (f"{other}.html" if other else ""):
            what = f"{rel} leads to {leads or 'nothing'}, not to {other or 'nothing'}"
            yield Problem(
                page.path, what, "follow the order of _toc.yml (layout.html); build the book anew (make book)"
            )


def _policy(page: Page) -> Iterator[Problem]:
    """Where a page's Content-Security-Policy is missing, allows too much, or would stop something that the page has."""
    if page.policy is None:
        yield Problem(page.path, "no Content-Security-Policy", "put the <meta> of layout.html into its template")
        return
    for tag, line in page.unruled:
        yield Problem(
            f"{page.path} line {line}", f"<{tag}> stands before the policy", "put the policy first in the head"
        )
    rules = {words[0]: words[1:] for rule in page.policy.split(";") if (words := rule.split())}
    fix = "see book/moip/site/policy.py"
    if rules.get("default-src") != ["'none'"]:
        yield Problem(page.path, "the policy does not begin with nothing allowed (default-src 'none')", fix)
    for name, allowed in rules.items():
        for source in allowed:
            harmless = source in ("'self'", "'none'") or HASH.fullmatch(source) or (name, source) in TOLERATED
            if not harmless:
                yield Problem(page.path, f"the policy allows {name} {source}", fix)
    for texts, line in page.scripts:
        digest = base64.b64encode(hashlib.sha256("".join(texts).encode()).digest()).decode()
        if f"'sha256-{digest}'" not in rules.get("script-src", []):
            what = f"a script in the page that the policy stops ({''.join(texts).strip()[:40]!r})"
            yield Problem(f"{page.path} line {line}", what, "move it to a file of the book (theme/static)")
    for what, line in page.inline:
        yield Problem(f"{page.path} line {line}", f"{what}, which the policy stops", "move it to a file of the book")


def _references(site: Site, page: Page) -> tuple[list[Problem], list[Problem]]:
    """What is wrong with the things that a page names: those that lead nowhere, those that load from another host."""
    links: list[Problem] = []
    hosts: list[Problem] = []
    seen: set[tuple[str, bool]] = set()

    def look(reference: Reference, place: str, relative_to: str) -> None:
        if (reference.url, reference.loads) in seen:
            return
        seen.add((reference.url, reference.loads))
        parts = urlsplit(reference.url)
        if parts.scheme == "data":
            return
        if parts.scheme or parts.netloc:
            if reference.loads:
                what = f"<{reference.tag}> loads from another host: {reference.url[:120]}"
                hosts.append(Problem(place, what, "keep a copy of the file in the book and name that"))
            elif parts.scheme not in ("http", "https", "mailto", ""):
                links.append(Problem(place, f"a link with the scheme {parts.scheme!r}", "link to a page or an address"))
            return
        if trouble := _missing(site, relative_to, reference):
            links.append(Problem(place, *trouble))

    for reference in page.references:
        look(reference, f"{page.path} line {reference.line}", page.path)
        sheet = _join(page.path, urlsplit(reference.url).path) if reference.tag == "link" and reference.loads else ""
        if sheet.endswith(".css") and site.exists(sheet) and sheet not in site.sheets:
            site.sheets.add(sheet)
            for url in _css_urls(site, sheet):
                look(Reference(url, "url()", 0, True), f"{sheet} (used by {page.path})", sheet)
    for style, line in page.styles:
        for match in CSS_URL.finditer(style):
            look(Reference(match[2] or match[4] or "", "style", line, True), f"{page.path} line {line}", page.path)
    return links, hosts


def _css_urls(site: Site, sheet: str) -> list[str]:
    text = re.sub(r"/\*.*?\*/", "", (site.html / sheet).read_text(encoding="utf-8"), flags=re.S)
    urls = [match[2] or match[4] or "" for match in CSS_URL.finditer(text)]
    return [url for url in urls if not url.startswith(("data:", "#"))]


def _join(page: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path))) if path else page


def _missing(site: Site, page: str, reference: Reference) -> tuple[str, str] | None:
    """What is wrong with an internal reference and what to do, or None."""
    parts = urlsplit(reference.url)
    if not reference.url.strip() and reference.tag != "form":
        return f"<{reference.tag}> names nothing", "write the address of what it means"
    if parts.path.startswith("/"):
        what = f"{reference.url} starts at the root of the host, where a fork's site is not"
        return what, "write the address relative to the page"
    target = _join(page, parts.path)
    if target.startswith(".."):
        return f"{reference.url} leads out of the site", "link to a page of the book"
    if not site.exists(target):
        if site.exists(f"{target}/index.html"):
            target = f"{target}/index.html"
        else:
            return (
                f"<{reference.tag}> names {reference.url}, which is not in the site",
                "mend the name, or add the file",
            )
    anchor = unquote(parts.fragment)
    if not anchor or anchor == "top" or ":~:" in anchor or not target.endswith(".html") or reference.tag == "meta":
        return None
    there = site.page(target)
    if there is not None and anchor not in there.ids and "/" in anchor and not parts.path:
        return f"link to {anchor}, which is no page of the book", "write the way from the chapter to a file of _toc.yml"
    if there is not None and anchor not in there.ids:
        return (
            f"link to {reference.url}: no anchor {anchor!r} in {target}",
            "mend the link, or give the place that name",
        )
    return None


def _shown(site: Site, page: Page, shown: Shown) -> Iterator[Problem]:
    """What a figure or table lacks on its page."""
    where = f"{page.path} line {shown.line}, {shown.kind} {shown.name or '(no name)'}"
    if not shown.name:
        yield Problem(where, "no id, so nothing can refer to it", "give it a name in essay." + shown.kind)
    if not NUMBER[shown.kind].search("".join(shown.number)):
        yield Problem(where, "no number in its caption", "number it (see book/moip/site/render.py)")
    if not "".join(shown.caption).strip():
        yield Problem(where, "no caption", f"say the finding: essay.{shown.kind}(..., caption=...)")
    if shown.kind == "table":
        if shown.rows < 2:
            yield Problem(where, "the table has no rows", "show a DataFrame that has some")
        return
    if not shown.has_plot:
        yield Problem(where, "no picture and no place for one", "build the book anew (make book)")
    if not "".join(shown.title).strip():
        yield Problem(where, "no title above it", "say the figure's message in its title")
    yield from _pictures(site, page, shown, where)
    if not shown.has_numbers or shown.rows < 2:
        yield Problem(where, "no table of its numbers", "draw at least one trace with data")
    yield from _csv(site, page, shown, where)


def _pictures(site: Site, page: Page, shown: Shown, where: str) -> Iterator[Problem]:
    if shown.drawn == "0":
        if browser() is not None:
            yield Problem(
                where, "built without static pictures", "build the book anew now that a Chromium is there (make book)"
            )
        if not "".join(shown.waiting).strip():
            yield Problem(where, "no text alternative where the picture will be", "essay.figure(..., alt=...)")
        return
    variants = {
        " ".join(w for w in p.get("class", "").split() if w in ["wide", "narrow", "light", "dark"])
        for p in shown.pictures
    }
    if missing := sorted(VARIANTS - variants):
        yield Problem(where, f"no picture for {', '.join(missing)}", "build the book anew (make book)")
    for picture in shown.pictures:
        if not picture.get("alt", "").strip():
            what = f"no text alternative on the picture {picture.get('class', '')}".rstrip()
            yield Problem(where, what, "say what it shows: essay.figure(..., alt=...)")
            break
    for picture in shown.pictures:
        target = _join(page.path, urlsplit(picture.get("src", "")).path)
        if not target.endswith(".svg") or not site.exists(target):
            continue
        try:
            root = ElementTree.parse(site.html / target).getroot()
        except ElementTree.ParseError as error:
            yield Problem(
                where, f"{target} is no picture ({error})", "delete it and the figure cache, then build the book anew"
            )
            continue
        for element in root.iter():
            url = next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == "href"), "")
            if url and not url.startswith(("#", "data:")):
                yield Problem(where, f"{target} loads {url[:120]}", "put the picture into the figure itself")


def _csv(site: Site, page: Page, shown: Shown, where: str) -> Iterator[Problem]:
    said = ROWS.search(" ".join(shown.note))
    if not shown.csv:
        yield Problem(where, "no file of its numbers to download", "build the book anew (make book)")
    elif not said:
        yield Problem(where, "it does not say how many rows its numbers have", "see book/moip/site/render.py")
    elif site.exists(target := _join(page.path, urlsplit(shown.csv).path)):
        with (site.html / target).open(encoding="utf-8", newline="") as file:
            rows = sum(1 for _ in csv.reader(file)) - 1
        if rows != int(said[1].replace(",", "")):
            yield Problem(
                where, f"{target} has {rows:,} rows and the page says {said[1]}", "build the book anew (make book)"
            )


def _outputs(site: Site, page: Page, name: str) -> Iterator[Problem]:
    """Figures and tables that the notebook stores and the page does not show (or the other way round)."""
    source = site.base / f"{name}.ipynb"
    if not source.exists():
        return
    for kind, stored in (("figure", _stored(source, _figure_name)), ("table", _stored(source, _table_name))):
        there = [shown.name for shown in page.shown if shown.kind == kind]
        for wanted, cell in stored:
            if wanted not in there:
                what = f"the {kind} {wanted} that cell {cell} of {name}.ipynb stores is not in the page"
                yield Problem(page.path, what, "build the book anew (make book) and read its warnings")
        for extra in sorted(set(there) - {wanted for wanted, _ in stored}):
            what = f"the {kind} {extra} is not among the outputs that {name}.ipynb stores"
            yield Problem(page.path, what, "build the book anew (make book)")
        if len(there) != len(stored) and {*there} == {wanted for wanted, _ in stored}:
            what = f"{len(stored)} {kind}s are stored in {name}.ipynb and {len(there)} are in the page"
            yield Problem(page.path, what, "give each its own name, then build the book anew")


def _stored(source: Path, name_of: Any) -> list[tuple[str, int]]:
    """Names of the stored outputs of one kind, each with the number of its cell."""
    found = []
    for number, cell in enumerate(read(source).cells, 1):
        if HIDDEN_OUTPUT & set(cell.metadata.get("tags", [])):
            continue
        for output in cell.get("outputs", []):
            if name := name_of(output.get("data", {})):
                found.append((name, number))
    return found


def _figure_name(data: dict[str, Any]) -> str:
    if PLOTLY not in data:
        return ""
    meta = (data[PLOTLY].get("layout") or {}).get("meta")
    return (meta.get("name") if isinstance(meta, dict) else "") or "(no name)"


def _table_name(data: dict[str, Any]) -> str:
    text = "".join(data.get("text/html", ""))
    if PLOTLY in data or not text.startswith(TABLE):
        return ""
    match = re.match(r'<table[^>]*\bid="([^"]*)"', text)
    return match[1] if match else "(no name)"
