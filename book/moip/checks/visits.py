"""Visits to a page in a real Chromium: at a desk, on a phone, without JavaScript. Each returns the problems it met."""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import Problem
from .markup import ROWS, Findings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

BYTES = 200_000
"""Most that a page may send, compressed, before its reader touches a figure."""
SHIFT = 0.02
"""Most that a page's content may jump."""
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PAPER = {"width": 672, "height": 950}
"""What margins leave of an A4 sheet, in CSS pixels."""
SMALLEST_PX = 10
"""The smallest letters of a figure on a phone."""
PATIENCE_MS, LIVE_MS, SEARCH_MS = 30_000, 20_000, 15_000
"""How long to wait for the browser, for a figure to come alive, for the first result of a search."""
COLOR_RULES = ("color-contrast", "link-in-text-block")
"""axe's rules whose answer depends on the color mode."""
LOOK = Path(__file__).with_name("look.js")
ASPECTS = {
    "requests": "a page asks nobody but its own host, and nothing that it asks for is missing",
    "console": "no error or warning in the console",
    "weight": "at most 200 kB before a figure is touched",
    "layout": "nothing jumps while a reader scrolls",
    "pictures": "every static picture draws, light and dark",
    "figures": "every figure comes alive when it is touched, without a jump",
    "color mode": "the button changes the page and its live figures",
    "numbers": "a figure's numbers open and download",
    "tables": "a long table can be searched and sorted",
    "anchors": "a link to a section, figure, table or reference leads there",
    "search": "the search finds the book's own words",
    "print": "paper shows the light pictures and dark words, cuts nothing off, and has no navigation",
    "no server": "the site reads from a file system: its first page, contents, figures and search",
    "phone width": "no sideways scroll on a phone",
    "phone figures": "a phone gets the narrow picture, in letters that can be read, and a live figure by touch",
    "phone menu": "the contents open and close on a phone",
    "accessibility": "axe finds no violation, light and dark, wide and narrow",
    "no javascript": "the page reads without JavaScript",
    "visit": "the visit came to its end",
}


@dataclass
class Report:
    """What visits to one page found: problems by aspect, and measurements."""

    name: str
    found: Findings = field(default_factory=lambda: defaultdict(list))
    bytes_at_once: int = 0
    bytes_scrolled: int = 0
    requests_at_once: int = 0
    requests_scrolled: int = 0
    bytes_live: int = 0
    requests_live: int = 0
    paint_ms: float = 0
    shift: float = 0

    def add(self, aspect: str, view: str, what: str, fix: str) -> None:
        """Note a problem once."""
        problem = Problem(f"{self.name}.html ({view})", what, fix)
        if problem not in self.found[aspect]:
            self.found[aspect].append(problem)


@contextlib.contextmanager
def reader(browser: Browser, address: str, report: Report, view: str, **options: Any) -> Iterator[Page]:
    """A new reader's page, with everything that goes wrong on the way put into the report."""
    from playwright.sync_api import Error

    choices = {"reduced_motion": "reduce", "color_scheme": "light"} | options
    context: BrowserContext = browser.new_context(**choices)
    host = urlsplit(address).netloc

    def asked(request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https", "ws", "wss") and urlsplit(request.url).netloc != host:
            what = f"asked another host for {request.url[:150]}"
            report.add("requests", view, what, "keep a copy in the book, or leave it out")

    def answered(response: Response) -> None:
        if response.status >= 400 and urlsplit(response.url).netloc == host:
            what = f"{urlsplit(response.url).path} answers {response.status}"
            report.add("requests", view, what, "mend the name, or add the file")

    def failed(request: Request) -> None:
        if urlsplit(request.url).netloc == host and request.failure != "net::ERR_ABORTED":
            what = f"{urlsplit(request.url).path} did not load ({request.failure})"
            report.add("requests", view, what, "mend the name, or add the file")

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            place = urlsplit(message.location.get("url", "")).path or "the page"
            what = f"console {message.type} from {place}: {message.text[:300]}"
            report.add("console", view, what, "mend the script, or the figure that it complains of")

    def raised(error: Error) -> None:
        what = f"a script stopped with an error: {str(error)[:300]}"
        report.add("console", view, what, "mend the script")

    try:
        if options.get("java_script_enabled", True):
            context.add_init_script(path=LOOK)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", asked)
        page.on("response", answered)
        page.on("requestfailed", failed)
        page.on("console", said)
        page.on("pageerror", raised)
        yield page
    except Error as error:
        what = f"the visit stopped: {error.message.splitlines()[0][:300]}"
        report.add("visit", view, what, "open the page in a browser and look; run the check again")
    finally:
        context.close()


def _open(page: Page, address: str, report: Report, view: str) -> bool:
    """Go to the page; False (and a problem) when it is not there."""
    answer = page.goto(f"{address}/{report.name}.html")
    if answer is not None and answer.ok:
        return True
    report.found["requests"].clear()
    report.add("requests", view, "the page is not there", "build the book anew (make book)")
    return False


def desk(browser: Browser, address: str, report: Report) -> None:
    """Read the page at a desk, change the color mode, touch every figure, open the numbers, make the window narrow, print."""
    view = "1280 px"
    with reader(browser, address, report, view, viewport=DESK) as page:
        if not _open(page, address, report, view):
            return
        measure(page, report)
        _weight_and_layout(report, view)
        _check_pictures(page, report, f"{view}, light")
        _tables(page, report, view)
        _axe(page, report, f"{view}, light")
        if _mode(page, report, view, "dark"):
            _check_pictures(page, report, f"{view}, dark")
            _mode(page, report, view, "light")
        _touch_all(page, report, view)
        _numbers(page, report, view)
        page.evaluate("look.open()")
        _recolor(page, report, view)
        _axe(page, report, f"{view}, dark, all opened", everything=False)
        page.emulate_media(media="print")
        for figure in page.evaluate("look.printed()"):
            what = f"{figure}: paper does not show its light picture, and that alone"
            report.add("print", view, what, "see print.css")
        page.set_viewport_size(PAPER)
        _paper(page, report)
        page.emulate_media(media="screen")
        page.set_viewport_size(PHONE)
        for live in page.evaluate("ms => look.narrowed(ms)", LIVE_MS):
            _letters(report, "390 px, figure live", live["figure"], live["smallest"])
            if abs(live["width"] - (live["drawnWidth"] or 0)) > 1.5:
                what = (
                    f"{live['figure']}: live, it is {live['drawnWidth']:.0f} px wide in a box of {live['width']:.0f} px"
                )
                report.add("phone figures", view, what, "draw it anew when the window changes (book.js)")
        _check_width(page, report, "390 px, figures live")


def phone(browser: Browser, address: str, report: Report, tap: bool = True) -> None:
    """Read the page on a phone, open the contents, open everything, and touch a figure when ``tap``."""
    view = "390 px"
    with reader(browser, address, report, view, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        if not _open(page, address, report, view):
            return
        page.evaluate("look.calm()")
        page.evaluate("look.scroll()")
        _check_width(page, report, view)
        for picture in _check_pictures(page, report, view):
            if "narrow" not in picture["kind"].split():
                what = f"{picture['figure']}: shows the picture {picture['kind']!r}"
                report.add("phone figures", view, what, "show the narrow one below 560 px (stylesheet)")
        texts = [page.request.get(source).text() for source in page.evaluate("look.sources()")]
        for least in page.evaluate("texts => look.smallest(texts)", texts):
            _letters(report, view, least["figure"], least["px"], least["text"])
        _menu(page, report, view)
        page.evaluate("look.open()")
        _check_width(page, report, f"{view}, all opened")
        _axe(page, report, f"{view}, light, all opened")
        plots = page.evaluate("look.plots()")
        if plots and tap:
            place = page.evaluate("look.place(0)")
            page.touchscreen.tap(place["x"], place["y"])
            _alive(page, report, view, 0, plots[0], "tapped")


def _letters(report: Report, view: str, figure: str, px: float | None, text: str = "") -> None:
    if px is not None and px < SMALLEST_PX - 0.05:
        what = f"{figure}: letters of {px:.1f} px" + (f" ({text[:40]!r})" if text else "")
        fix = f"make them {SMALLEST_PX} px at least, or leave them out in the figure's narrow layout"
        report.add("phone figures", view, what, fix)


def plain(browser: Browser, address: str, report: Report) -> None:
    """Read the page with JavaScript switched off."""
    view = "JavaScript off"
    with reader(browser, address, report, view, viewport=DESK, java_script_enabled=False) as page:
        if not _open(page, address, report, view):
            return
        page.evaluate(LOOK.read_text(encoding="utf-8"))
        seen = page.evaluate("look.plain()")

        def add(what: str, fix: str) -> None:
            report.add("no javascript", view, what, fix)

        if not seen["heading"]:
            add("no heading is shown", "show the page's text without a script")
        if seen["words"] < 5:
            add("no text is shown", "show the page's text without a script")
        if not seen["links"]:
            add("no contents are shown", "show the book's contents without a script")
        for figure in seen["empty"]:
            add(f"{figure}: no picture and no words in its place", "build the book where a Chromium is (make book)")
        for figure in seen["broken"]:
            add(f"{figure}: its picture does not load", "build the book anew (make book)")
        for figure in seen["dark"]:
            add(f"{figure}: shows the dark picture", "show the light one unless the page is dark (stylesheet)")
        for table in seen["tables"]:
            add(f"{table}: the table is not shown", "show it without a script")


def anchors(browser: Browser, address: str, report: Report) -> None:
    """Come to the page by links that lead into it, on a phone (where pages are longest), with motion on."""
    view = "390 px"
    with reader(browser, address, report, view, viewport=PHONE, reduced_motion="no-preference") as page:
        if not _open(page, address, report, view):
            return
        for anchor in page.evaluate("look.anchors()"):
            page.goto("about:blank")
            page.goto(f"{address}/{report.name}.html#{anchor}")
            top = page.evaluate("id => look.landed(id)", anchor)
            if not -2 <= top < PHONE["height"] / 2:
                what = f"a link to #{anchor} leads to a place {abs(top):,.0f} px from it"
                report.add("anchors", view, what, "jump at once; give what is not laid out yet its size (stylesheet)")


def search(browser: Browser, address: str, report: Report, word: str, start: str = "") -> None:
    """Search the book for a word that it has: on the search page, and from the box of the page ``start``."""
    view = f"search for {word!r}"

    def add(what: str, fix: str) -> None:
        report.add("search", view, what, fix)

    with reader(browser, address, report, view, viewport=DESK) as page:
        page.goto(f"{address}/{report.name}.html?q={word}")
        _first_result(page, "#search-results", add)
        _axe(page, report, view)
        if start:
            page.goto(f"{address}/{start}.html")
            page.keyboard.press("/")
            if not page.evaluate("look.typing()"):
                add(f"the key / does not lead to the box on {start}.html", "see book.js")
                page.locator(".find input").first.focus()
            page.keyboard.type(word, delay=5)
            if _first_result(page, ".search-panel", add):
                _axe(page, report, f"{view}, box open")
                page.keyboard.press("ArrowDown")
                if not page.evaluate("look.chosen()"):
                    add("the arrow keys do not lead from the box to what was found", "see search.js")
                page.keyboard.press("Escape")
                if page.locator(".search-panel").is_visible() or not page.evaluate("look.typing()"):
                    add("the key Escape does not close what was found", "see search.js")
        page.evaluate("look.calm()")


def _first_result(page: Page, where: str, add: Callable[[str, str], None]) -> bool:
    """Wait for the first result and see whether it leads somewhere; False when there is none."""
    try:
        page.wait_for_selector(f"{where} li a", timeout=SEARCH_MS)
    except Exception:
        add("nothing is found", "see that the index is built (book/moip/site/search.py) and search.js loads")
        return False
    href = page.get_attribute(f"{where} li a", "href") or ""
    if page.request.get(page.evaluate("h => new URL(h, location.href).href", href)).status != 200:
        add(f"the first result leads to {href}, which is not there", "mend the search page")
    return True


def offline(browser: Browser, site: Path, report: Report, word: str) -> None:
    """Read the site from the file system, as the archive of ``make offline`` is read: first page, contents, figure, search."""
    view = "no server"

    def add(what: str, fix: str) -> None:
        report.add("no server", view, what, fix)

    with reader(browser, site.as_uri(), report, view, viewport=DESK) as page:
        page.goto((site / "index.html").as_uri())
        try:
            page.wait_for_url("**/book/**", timeout=SEARCH_MS)
        except Exception:
            add("index.html does not lead to the first page", "see book/moip/site/front.py")
            return
        page.wait_for_selector("h1")
        plots = page.evaluate("look.plots()")
        if plots:
            touch(page, 0, "hovered")
            now = page.evaluate("([n, ms]) => look.alive(n, ms)", [0, LIVE_MS])
            if now["state"] != "live":
                add(f"{plots[0]['figure']}: it does not come alive", "load scripts with <script>, not with fetch")
        first = page.url
        page.locator("#book-nav a:not([aria-current])").first.click()
        page.wait_for_selector("h1")
        if page.url == first or not page.url.startswith("file:"):
            add("the contents do not lead to another page", "link to files, not to folders")
        page.locator(".find input").first.focus()
        page.keyboard.type(word, delay=5)
        try:
            page.wait_for_selector(".search-panel li a", timeout=SEARCH_MS)
        except Exception:
            add("the search finds nothing", "load the index with <script>, not with fetch (search.js)")
            return
        page.locator(".search-panel li a").first.click()
        page.wait_for_selector("h1")
        page.evaluate("look.calm()")


def measure(page: Page, report: Report) -> None:
    """Weigh the page when it has come, and again when its reader has scrolled to the end; note paint and jumps."""
    page.evaluate("look.calm()")
    weight = page.evaluate("look.weight()")
    report.paint_ms = page.evaluate("look.paint()")
    report.bytes_at_once, report.requests_at_once = weight["bytes"], weight["requests"]
    page.evaluate("look.scroll()")
    weight = page.evaluate("look.weight()")
    report.bytes_scrolled, report.requests_scrolled = weight["bytes"], weight["requests"]


def touch(page: Page, number: int, how: str) -> bool:
    """Reach for a figure as a reader does: ``hovered`` with a mouse, or ``opened`` with the keyboard; False when one cannot."""
    page.mouse.move(2, 2)
    place = page.evaluate("n => look.place(n)", number)
    if how == "hovered":
        page.mouse.move(place["x"], place["y"], steps=2)
        return True
    if not page.evaluate("n => look.focus(n)", number):
        return False
    page.keyboard.press("Enter")
    return True


def _weight_and_layout(report: Report, view: str) -> None:
    if report.bytes_scrolled > BYTES:
        what = f"{report.bytes_scrolled / 1000:.0f} kB come before a figure is touched ({report.requests_scrolled} requests)"
        report.add("weight", view, what, f"send {BYTES / 1000:.0f} kB at most: fewer points in a figure, fewer files")


def _check_pictures(page: Page, report: Report, view: str) -> list[dict[str, Any]]:
    seen = page.evaluate("look.pictures()")
    undrawn = {plot["figure"] for plot in page.evaluate("look.plots()") if not plot["drawn"]}
    for figure in seen["empty"]:
        if figure not in undrawn:
            report.add("pictures", view, f"{figure}: no picture is shown", "build the book anew (make book)")
    for picture in seen["shown"]:
        file = urlsplit(picture["src"]).path.rpartition("/")[2]
        if not picture["loaded"]:
            report.add(
                "pictures", view, f"{picture['figure']}: {file} does not draw", "build the book anew (make book)"
            )
        elif 0 <= picture["drawn"] < 40:
            report.add(
                "pictures", view, f"{picture['figure']}: {file} is blank", "look at the figure's data and colors"
            )
    return seen["shown"]


def _mode(page: Page, report: Report, view: str, wanted: str) -> bool:
    """Press the button until the page is ``wanted``; False (and a problem) when it does not get there."""
    button = page.locator("button.mode")
    if not button.count() or not button.first.is_visible():
        report.add("color mode", view, "there is no button for the color mode", "see layout.html and book.js")
        return False
    for _ in range(3):
        if page.evaluate("look.theme()") == wanted:
            return True
        button.first.click()
    if page.evaluate("look.theme()") == wanted:
        return True
    report.add("color mode", view, f"the button does not make the page {wanted}", "see book.js")
    return False


def _alive(page: Page, report: Report, view: str, number: int, plot: dict[str, Any], how: str) -> None:
    now = page.evaluate("([n, ms]) => look.alive(n, ms)", [number, LIVE_MS])
    figure = plot["figure"]
    if now["state"] != "live" or not now["svg"]:
        what = f"{figure}: {how}, it did not come alive ({now['state']})"
        report.add("figures", view, what, "see the console; build the book anew (make book)")
        return
    if now["marks"] < 3:
        report.add("figures", view, f"{figure}: live, it is empty", "look at the figure's data in its notebook")
    if abs(now["height"] - plot["height"]) > 0.5:
        what = f"{figure}: its height jumps from {plot['height']:.0f} to {now['height']:.0f} px when it comes alive"
        report.add("figures", view, what, "keep the height of .plot (stylesheet)")


def _touch_all(page: Page, report: Report, view: str) -> None:
    plots = page.evaluate("look.plots()")
    for number, plot in enumerate(plots):
        how = "opened" if number % 2 and plot["drawn"] else "hovered"
        if not touch(page, number, how):
            report.add(
                "figures", view, f"{plot['figure']}: the keyboard does not reach its Explore button", "see book.js"
            )
            touch(page, number, "hovered")
        _alive(page, report, view, number, plot, how)
        if number == 0:
            weight = page.evaluate("look.weight()")
            report.bytes_live, report.requests_live = weight["bytes"], weight["requests"]
    shift = page.evaluate("look.shift()")
    report.shift = shift["sum"]
    if shift["sum"] > SHIFT:
        what = f"the page jumps by {shift['sum']:.3f} (moved: {', '.join(shift['moved']) or 'unknown'})"
        report.add("layout", view, what, f"give what loads late its size beforehand ({SHIFT} at most)")


def _recolor(page: Page, report: Report, view: str) -> None:
    before = page.evaluate("look.colors()")
    if _mode(page, report, view, "dark"):
        for figure in page.evaluate("([before, ms]) => look.recolored(before, ms)", [before, LIVE_MS]):
            what = f"{figure}: live, it keeps its light colors on the dark page"
            report.add("color mode", view, what, "use colors of the book's palette (moip.figures)")


def _paper(page: Page, report: Report) -> None:
    """Look at the page as paper would show it, after it was made dark."""
    seen = page.evaluate("look.paper()")
    view = "on paper"
    if seen["cut"]:
        report.add("print", view, f"cut off at the edge: {', '.join(seen['cut'])}", "let it wrap or shrink (print.css)")
    if seen["idle"]:
        what = f"shows what only a screen can use: {', '.join(seen['idle'])}"
        report.add("print", view, what, "hide it (print.css)")
    if not seen["dark"]:
        report.add("print", view, "light words of the dark mode on white paper", "keep dark colors to @media screen")


def _numbers(page: Page, report: Report, view: str) -> None:
    """Open every figure's numbers; download the first file and count its rows."""
    boxes = page.locator("details.numbers")
    for number in range(boxes.count()):
        box = boxes.nth(number)
        figure = box.evaluate("e => e.closest('figure')?.id || ''")
        box.locator("summary").click()
        if not box.locator("td").first.is_visible():
            report.add("numbers", view, f"{figure}: its numbers do not open", "see layout and stylesheet")
            continue
        if number:
            continue
        with page.expect_download() as coming:
            box.locator("a[download]").click()
        rows = len(coming.value.path().read_text(encoding="utf-8").splitlines()) - 1
        said = ROWS.search(box.inner_text())
        if said and rows < int(said[1].replace(",", "")):
            what = f"{figure}: the file has {rows:,} rows, the page says {said[1]}"
            report.add("numbers", view, what, "build the book anew (make book)")


def _tables(page: Page, report: Report, view: str) -> None:
    """Look for a word that no table has, then sort; both leave the table as it was found but for its order."""
    for table in page.evaluate("look.explored()"):

        def add(what: str, name: str = table["name"]) -> None:
            report.add("tables", view, f"{name}: {what}", "see book.js, tables")

        if table["left"] is None:
            add("nothing to search it with")
        elif table["left"] or table["back"] != table["rows"]:
            what = (
                f"a word that it has not leaves {table['left']} of {table['rows']} rows, no word shows {table['back']}"
            )
            add(what)
        if not table["sorted"]:
            add("its first heading does not sort it")


def _check_width(page: Page, report: Report, view: str) -> None:
    seen = page.evaluate("look.wide()")
    if seen["width"] > PHONE["width"]:
        what = f"the page is {seen['width']} px wide ({', '.join(seen['out']) or 'no element named'})"
        report.add("phone width", view, what, "let it wrap, or scroll in a box of its own")


def _menu(page: Page, report: Report, view: str) -> None:
    def add(what: str) -> None:
        report.add("phone menu", view, what, "see layout.html and the stylesheet")

    button = page.locator("button.menu")
    if not button.count() or not button.first.is_visible() or not page.evaluate("look.menu().there"):
        add("there is no button for the contents")
        return
    button.first.tap()
    seen = page.evaluate("look.menu()")
    if not seen["open"] or not seen["links"]:
        add("the contents do not open")
        return
    if not seen["inside"]:
        add("the contents reach out of the screen")
    if place := seen["beside"]:
        page.touchscreen.tap(place["x"], place["y"])
    else:
        button.first.tap()
    if page.evaluate("look.menu()")["open"]:
        add("the contents do not close again")


@cache
def axe_script() -> str:
    """axe-core, as the package axe-playwright-python brings it."""
    found = find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("axe_playwright_python is missing: make the environment anew (make book)")
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def _axe(page: Page, report: Report, view: str, everything: bool = True) -> None:
    """Ask axe about the page: all of its rules, or (not ``everything``) those alone that depend on the color mode."""
    page.evaluate("look.thin()")
    page.evaluate(axe_script())
    for violation in page.evaluate("([colors, all]) => look.axe(colors, all)", [COLOR_RULES, everything]):
        places = [" ".join(str(part) for part in node["target"]) for node in violation["nodes"]]
        summary = re.sub(r"\s+", " ", violation["nodes"][0].get("failureSummary", "")).strip()
        count = f" and {len(places) - 1} more" if len(places) > 1 else ""
        what = f"axe {violation['id']} ({violation['impact']}): {violation['help']}: {places[0]}{count}"
        report.add("accessibility", view, what, summary[:250])
