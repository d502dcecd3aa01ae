"""``make pdf``: the whole book as one PDF, set by a Chromium from the pages of the built site.

The chapters are put together as one page for paper (:func:`assemble`), with anchors that stay apart and links that lead
within it. It is printed twice: the first print tells on which page each heading stands (:func:`pages_of`), the second has
the numbers in its contents.
"""

from __future__ import annotations

import html
import posixpath
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

from .browser import browser, launch
from .build import built
from .notebooks import root

NAME = "money-over-ip.pdf"
DROPPED = (
    "a.headerlink, details.numbers, details.hidden-code, .explore-bar, script, .explorer-open, "
    ".plot img:not(.wide.light), noscript"
)
"""What paper has no use for."""
EVERYWHERE = frozenset({"The case against", "Verdict", "Try it"})
"""Sections that every essay has; the contents leave them out."""
UNKNOWN = "000"
"""Stands for a page number until it is known; as wide as one."""
TIMEOUT_MS = 240_000


@dataclass
class Chapter:
    """One document: its address in the site, the part it opens (or ''), its title, and its sections (anchor, heading)."""

    path: str
    part: str
    number: int
    title: str = ""
    sections: list[tuple[str, str]] = field(default_factory=list)
    body: Tag | None = None

    @property
    def anchor(self) -> str:
        """Where the chapter begins in the book; its own anchors follow after a hyphen."""
        return f"c{self.number}"


def outline(toc: str) -> list[tuple[str, str]]:
    """The documents of ``_toc.yml`` in reading order, each with the part that begins with it, or ''."""
    tree = yaml.safe_load(toc)
    found = [(tree["root"], "")]

    def walk(entries: list[dict], part: str) -> None:
        for entry in entries:
            found.append((entry["file"], part))
            part = ""
            walk(entry.get("sections", []), "")

    for part in tree.get("parts", [{"caption": "", "chapters": tree.get("chapters", [])}]):
        walk(part.get("chapters", []), part.get("caption", ""))
    return found


def read(site: Path, name: str, part: str, number: int) -> Chapter:
    """A chapter from its page in the built site, without what paper has no use for."""
    path = f"{name}.html"
    soup = BeautifulSoup((site / path).read_text(encoding="utf-8"), "html.parser")
    article = soup.find("article")
    if not isinstance(article, Tag):
        raise ValueError(f"{path} has no essay: build the book anew (make book)")
    for one in article.select(DROPPED):
        one.decompose()
    for one in article.select("details"):
        one["open"] = ""
    for one in article.select("img[loading]"):
        del one["loading"], one["decoding"]
    chapter = Chapter(path, part, number, body=article)
    heading = article.find("h1")
    chapter.title = heading.get_text(" ", strip=True) if heading else name
    for section in article.select("section[id]"):
        inner = section.find("h2", recursive=False)
        if inner:
            chapter.sections.append((section["id"], inner.get_text(" ", strip=True)))
    return chapter


def connect(chapters: list[Chapter], base: str = "", files: str = "../html/") -> None:
    """Give every chapter anchors of its own and make its links lead within the book.

    A link to a page of the site that is not in the book leads to the site at ``base``, or becomes plain text where that is
    not known. Pictures are looked for in ``files``.
    """
    by_path = {chapter.path: chapter for chapter in chapters}
    for chapter in chapters:
        assert chapter.body is not None
        for one in chapter.body.select("[id]"):
            one["id"] = f"{chapter.anchor}-{one['id']}"
        for attribute in ("aria-labelledby", "aria-describedby", "for"):
            for one in chapter.body.select(f"[{attribute}]"):
                del one[attribute]
        chapter.sections = [(f"{chapter.anchor}-{anchor}", title) for anchor, title in chapter.sections]
        for link in chapter.body.select("a[href]"):
            parts = urlsplit(link["href"])
            if parts.scheme or parts.netloc:
                continue
            target = _join(chapter.path, parts.path)
            other = by_path.get(target)
            if other:
                link["href"] = f"#{other.anchor}" + (f"-{unquote(parts.fragment)}" if parts.fragment else "")
            elif base:
                link["href"] = base + target + (f"#{parts.fragment}" if parts.fragment else "")
            else:
                link.unwrap()
        for picture in chapter.body.select("img[src]"):
            if not urlsplit(picture["src"]).scheme:
                picture["src"] = files + _join(chapter.path, picture["src"])
    known = {one["id"] for chapter in chapters if chapter.body for one in chapter.body.select("[id]")}
    known |= {chapter.anchor for chapter in chapters}
    for chapter in chapters:
        assert chapter.body is not None
        for link in chapter.body.select('a[href^="#"]'):
            if link["href"][1:] not in known:
                link["href"] = "#" + link["href"][1:].partition("-")[0]


def _join(page: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path))) if path else page


def contents(chapters: list[Chapter], pages: dict[str, int]) -> str:
    """The table of contents, with the page of each anchor where it is known."""

    def line(kind: str, anchor: str, title: str) -> str:
        number = str(pages.get(anchor, UNKNOWN))
        return (
            f'<li class="{kind}"><a href="#{html.escape(anchor, quote=True)}">{html.escape(title)}'
            f'<span class="number">{number}</span></a></li>'
        )

    parts = ['<nav class="contents" id="contents"><h1>Contents</h1>']
    opened = False
    for chapter in chapters:
        if chapter.part or not opened:
            parts.append(
                ("</ol>" if opened else "") + (f"<h2>{html.escape(chapter.part)}</h2>" if chapter.part else "") + "<ol>"
            )
            opened = True
        parts.append(line("chapter", chapter.anchor, chapter.title))
        parts += [line("section", anchor, title) for anchor, title in chapter.sections if title not in EVERYWHERE]
    return "".join([*parts, "</ol></nav>"])


def assemble(chapters: list[Chapter], cover: str, styles: str, pages: dict[str, int]) -> str:
    """The whole book as one HTML page for paper; every chapter is a named page of its own, with its title on top."""
    heads = "".join(
        f"@page p{c.number} {{ @top-center {{ content: {_css_text(c.title)};"
        ' font: 8.5pt system-ui, "Noto Sans", sans-serif; color: #556070; } }'
        f" #{c.anchor} {{ page: p{c.number}; }}\n"
        for c in chapters
    )
    body = [cover, contents(chapters, pages)]
    for chapter in chapters:
        if chapter.part:
            body.append(f'<div class="part"><p class="title">{html.escape(chapter.part)}</p></div>')
        inner = chapter.body.decode_contents() if chapter.body else ""
        body.append(f'<article class="chapter" id="{chapter.anchor}">{inner}</article>')
    title = chapters[0].title if chapters else ""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>{styles}'
        f"<style>{heads}</style></head><body>{''.join(body)}</body></html>"
    )


def _css_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


# ---- what a print says of itself ----


def pages_of(pdf: bytes) -> dict[str, int]:
    """Anchor -> number of the page (from 1) on which it stands, for every anchor that a link leads to.

    Chromium writes objects as plain text, destinations among them (PDF 1.4, 12.3.2.3). ValueError where they are not.
    """
    text = pdf.decode("latin-1")
    objects = {int(n): body for n, body in re.findall(r"(?<!\d)(\d+) 0 obj\n(.*?)\nendobj", text, re.S)}
    catalog = next((body for body in objects.values() if re.search(r"/Type\s*/Catalog", body)), "")
    top, named = re.search(r"/Pages (\d+) 0 R", catalog), re.search(r"/Dests (\d+) 0 R", catalog)
    if not top or not named:
        raise ValueError("the print names no pages or no destinations")
    order: list[int] = []

    def walk(number: int) -> None:
        kids = re.search(r"/Kids\s*\[([^\]]*)\]", objects[number])
        if kids:
            for kid in re.findall(r"(\d+) 0 R", kids[1]):
                walk(int(kid))
        else:
            order.append(number)

    walk(int(top[1]))
    place = {number: position for position, number in enumerate(order, 1)}
    found = re.findall(r"/(\S+)\s*\[(\d+) 0 R /XYZ", objects[int(named[1])])
    return {re.sub(r"#([0-9A-Fa-f]{2})", lambda m: chr(int(m[1], 16)), name): place[int(page)] for name, page in found}


def count_pages(pdf: bytes) -> int:
    """How many pages a print has."""
    return max((int(n) for n in re.findall(rb"/Type\s*/Pages\s*/Count (\d+)", pdf)), default=0)


# ---- the command ----


def cover(book: str, line: str, stack: str, about: list[str]) -> str:
    """The title page."""
    said = "".join(f"<p>{html.escape(one)}</p>" for one in about if one)
    return (
        f'<div class="cover"><p class="title">{html.escape(book)}</p><p class="line">{html.escape(line)}</p>{stack}'
        f'<div class="colophon">{said}</div></div>'
    )


def book(base: Path, site: Path) -> list[Chapter]:
    """The book's chapters, connected."""
    documents = outline((base / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [read(site, name, part, number) for number, (name, part) in enumerate(documents, 1)]
    connect(chapters, _address(site, chapters[0].path))
    return chapters


def _address(site: Path, first: str) -> str:
    """The site's own address, as its first page says it, or an empty string."""
    head = (site / first).read_text(encoding="utf-8")
    found = re.search(r'<link rel="canonical" href="([^"]+)"', head)
    return html.unescape(found[1]).removesuffix(first) if found else ""


def _cover(config: dict, site: Path, chapters: list[Chapter]) -> str:
    """The title page of this book: what it is, its stack, who made it, what it allows, how far it has come."""
    first = chapters[0].body
    drawn = first.find("ol", class_="stack") if first else None
    stack = re.sub(r'<a [^>]*>|</a>| id="[^"]*"', "", str(drawn)) if drawn else ""
    changed = next((c.sections[0][1] for c in chapters if c.path.endswith("what-changed.html") and c.sections), "")
    address = _address(site, chapters[0].path)
    about = [
        f"{config['author']}.",
        f"{config['copyright'].partition('. ')[2]}.",
        f"As of {changed}." if changed else "",
        f"The same book, with figures that answer and notebooks that run: {address}" if address else "",
        "Nothing here is financial advice. Judgments are marked as such; facts name their source.",
    ]
    return cover(config["title"], "An open reference architecture for a layered Bitcoin", stack, about)


def print_page(running: Any, source: Path, target: Path) -> None:
    """Print a file as PDF, when all of its pictures are there. FileNotFoundError for a picture that is not."""
    sheet = running.new_page()
    sheet.set_default_timeout(TIMEOUT_MS)
    missing: list[str] = []
    sheet.on("requestfailed", lambda request: missing.append(request.url))
    sheet.goto(source.as_uri(), wait_until="load")
    if missing:
        raise FileNotFoundError(f"the book names {missing[0]}, which is not there: build it anew (make book)")
    sheet.pdf(path=target, prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
    sheet.close()


def make(base: Path | None = None, say: Callable[[str], None] = print) -> int:
    """Print the built site as ``_build/pdf/money-over-ip.pdf``; 0 when it is there, 1 with a line that says why not."""
    base = base or root()
    if (site := built(base, say)) is None:
        return 1
    if browser() is None:
        say("no Chromium or Chrome found: install one, or name it in BROWSER_PATH")
        return 1
    start = time.perf_counter()
    folder = base / "_build" / "pdf"
    folder.mkdir(parents=True, exist_ok=True)
    chapters = book(base, site)
    config = yaml.safe_load((base / "_config.yml").read_text(encoding="utf-8"))
    front = _cover(config, site, chapters)
    styles = "".join(
        f'<link rel="stylesheet" href="../html/_static/{name}">' for name in ("book.css", "technology.css", "print.css")
    )
    styles += f"<style>{Path(__file__).with_name('pdf.css').read_text(encoding='utf-8')}</style>"
    target = folder / NAME
    pages: dict[str, int] = {}
    with launch() as running:
        for turn in (1, 2):
            source = folder / "book.html"
            source.write_text(assemble(chapters, front, styles, pages), encoding="utf-8")
            print_page(running, source, target)
            now = pages_of(target.read_bytes())
            say(f"print {turn} of 2: {count_pages(target.read_bytes())} pages, {time.perf_counter() - start:.0f} s")
            settled, pages = now == pages, now
            if settled:
                break
    source.unlink()
    size = target.stat().st_size / 1e6
    say(f"{len(chapters)} chapters on {count_pages(target.read_bytes())} pages, {size:.1f} MB: {target}")
    return 0
