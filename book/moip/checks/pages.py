"""The built site, as its readers get it: first its files, then every page in a real Chromium."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..browser import browser, launch, serve
from . import Problem, markup, visits
from .markup import Findings, Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MARKUP = {
    "pages": "every document of _toc.yml has a page",
    "structure": "one top heading, a language, a title and a description on every page",
    "policy": "every page has the strict policy, and nothing in its markup that the policy would stop",
    "links": "every link, anchor and file that a page names exists",
    "hosts": "nothing that loads comes from another host",
    "figures": "every figure has its pictures, words, number and numbers; every table its caption",
    "feed": "the feed of what changed is whole and leads to the chapter",
    "shipped": "every file that is sent stands on the page that says where it comes from",
    "outputs": "every stored figure and table is in its page",
}
ASPECTS = {f"markup: {k}": v for k, v in MARKUP.items()} | {f"browser: {k}": v for k, v in visits.ASPECTS.items()}
"""What is looked at, and what must hold."""


def check(base: Path) -> list[Problem]:
    """Every problem of the site that was built from the book at ``base``."""
    return [problem for problems in findings(base).values() for problem in problems]


def required() -> bool:
    """Whether a missing browser is a failure here (as in ``.ci/run``)."""
    return os.environ.get("MOIP_REQUIRE_BROWSER", "") not in ("", "0")


def skipped() -> str:
    """Why pages cannot be looked at in a browser on this machine, or an empty string."""
    return "" if browser() else "no Chromium or Chrome found (install one, or name it in BROWSER_PATH)"


def findings(base: Path, say: Callable[[str], None] = print) -> Findings:
    """Problems of the built site by aspect (a key of :data:`ASPECTS`); ``say`` gets a line of progress per page.

    Without a Chromium the browser's aspects are left out, which is a problem only where ``MOIP_REQUIRE_BROWSER`` is set.
    """
    if not (base / "_build" / "html").is_dir():
        return {"markup: pages": [Problem("_build/html", "the book is not built", "make book")]}
    start = time.perf_counter()
    found: Findings = {f"markup: {aspect}": problems for aspect, problems in markup.check(base).items()}
    site = Site(base)
    say(
        f"pages: {len(site.names) + len(site.generated)} read in {time.perf_counter() - start:.1f} s, {_count(found)} problems"
    )
    if why := skipped():
        say(f"pages: NOT looked at in a browser: {why}")
        if required():
            problem = Problem("this machine", why, "install a Chromium: MOIP_REQUIRE_BROWSER demands one")
            found["browser: visit"] = [problem]
        return found
    for report in reports(base, say):
        for aspect, problems in report.found.items():
            found.setdefault(f"browser: {aspect}", []).extend(problems)
    return found


def reports(base: Path, say: Callable[[str], None] = print, jobs: int | None = None) -> list[visits.Report]:
    """Visit every page of the book, its search page, and the site without a server, in as many browsers as there are processors (two at most)."""
    html = base / "_build" / "html"
    site = Site(base)
    names = [name for name in site.names if name not in ("index", "genindex") and (html / f"{name}.html").exists()]
    names += [*_sample(site), "index"]
    word = _word(site)
    tapped = next((name for name in names if _has_figure(site, name)), "")
    work: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in names:
        work.put(name)
    done: dict[str, visits.Report] = {}
    errors: list[BaseException] = []
    lock = threading.Lock()

    def worker(address: str) -> None:
        try:
            with launch() as running:
                while not errors:
                    with contextlib.suppress(queue.Empty):
                        name = work.get_nowait()
                        start = time.perf_counter()
                        if name == "index":
                            report = visits.Report(name)
                            visits.offline(running, html.resolve(), report, word)
                        else:
                            report = visit(running, address, name, word, names[0], tap=name == tapped)
                        with lock:
                            done[name] = report
                            say(
                                f"[{len(done)}/{len(names)}] {name} {time.perf_counter() - start:.1f} s{_summary(report)}"
                            )
                        continue
                    return
        except BaseException as error:
            errors.append(error)

    with serve(html) as address:
        count = max(1, min(jobs or min(2, os.cpu_count() or 1), len(names)))
        threads = [threading.Thread(target=worker, args=(address,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]
    return [done[name] for name in names]


def visit(
    running: Browser, address: str, name: str, word: str = "", start: str = "", tap: bool = True
) -> visits.Report:
    """All visits to one page; ``word`` is searched for on the search page and from ``start``; a figure is tapped on the phone too when ``tap`` (one page is enough: the script is one)."""
    report = visits.Report(name)
    visits.desk(running, address, report)
    visits.phone(running, address, report, tap)
    visits.plain(running, address, report)
    visits.anchors(running, address, report)
    if name == "search" and word:
        visits.search(running, address, report, word, start)
    return report


def _has_figure(site: Site, name: str) -> bool:
    page = site.page(f"{name}.html")
    return page is not None and any(shown.kind == "figure" for shown in page.shown)


def _sample(site: Site) -> list[str]:
    """A few of the pages that are made from tables: their list, and of the others the longest, the shortest, one between."""
    lists = [name for name in site.generated if name.endswith("/index")]
    others = sorted(set(site.generated) - set(lists), key=lambda name: (site.html / f"{name}.html").stat().st_size)
    return list(dict.fromkeys([*lists, *others[-1:], *others[:1], *others[len(others) // 2 :][:1]]))


def _word(site: Site) -> str:
    """A word that the search must find: a long one of the first page's heading."""
    page = site.page(f"{site.names[0]}.html") if site.names else None
    text = "".join(page.headings[0]) if page and page.headings else ""
    return max(re.findall(r"[A-Za-z]{4,}", text), key=len, default="")


def _count(found: Findings) -> int:
    return sum(len(problems) for problems in found.values())


def _summary(report: visits.Report) -> str:
    weight = f"{report.bytes_at_once / 1000:.0f} kB in {report.requests_at_once} requests"
    more = f", {report.bytes_scrolled / 1000:.0f} kB scrolled" if report.bytes_scrolled > report.bytes_at_once else ""
    count = _count(report.found)
    return f", {weight}{more}" + (f", {count} problem{'s' * (count > 1)}" if count else "")
