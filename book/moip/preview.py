"""Which pages a change makes different: two built sites, compared by what a reader sees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup

MAIN = re.compile(r"<main\b.*?</main>", re.S)


@dataclass(frozen=True)
class Change:
    """A page that is ``new``, ``gone`` or ``changed``; ``lines`` counts the lines of text that differ."""

    page: str
    title: str
    kind: str
    lines: int


def compare(old: Path, new: Path) -> list[Change]:
    """The pages whose essay differs between two built sites, by path; navigation around the essay does not count.

    Raises ``FileNotFoundError`` when either folder holds no built site.
    """
    before, after = _pages(old), _pages(new)
    changes = []
    for page in sorted(before.keys() | after.keys()):
        was, now = before.get(page), after.get(page)
        if was == now:
            continue
        kind = "new" if was is None else "gone" if now is None else "changed"
        lines = len(set(_lines(was)) ^ set(_lines(now)))
        changes.append(Change(page, _title(now or was or "") or page, kind, lines))
    return changes


def report(changes: list[Change]) -> str:
    """The changes as Markdown, for the summary of a workflow."""
    if not changes:
        return "No page of the book differs.\n"
    head = "| Page | | Lines of text that differ |\n|---|---|---:|\n"
    return head + "".join(f"| {c.title} (`{c.page}`) | {c.kind} | {c.lines} |\n" for c in changes)


def _pages(site: Path) -> dict[str, str]:
    if not (site / "index.html").exists():
        raise FileNotFoundError(f"{site} holds no built site: make book")
    pages = {}
    for path in site.rglob("*.html"):
        if main := MAIN.search(path.read_text(encoding="utf-8")):
            pages[path.relative_to(site).as_posix()] = main[0]
    return pages


def _lines(main: str | None) -> list[str]:
    return BeautifulSoup(main or "", "html.parser").get_text("\n", strip=True).splitlines()


def _title(main: str) -> str:
    heading = BeautifulSoup(main, "html.parser").h1
    return " ".join(heading.get_text().split()).rstrip("#¶ ").replace("|", "\\|") if heading else ""
