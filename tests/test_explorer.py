"""The explorer of stacks, in a real Chromium: every stack and value is the library's, and every control does what it says.

The page is a small one of its own, with the book's scripts, stylesheet and catalog as the site writes them, under a strict
content security policy.
"""

from __future__ import annotations

import base64
import math
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from moip import essay
from moip.browser import browser, compressed, launch, serve
from moip.checks import pages
from moip.checks.visits import axe_script
from moip.model import Stack, export
from moip.model import enumerate as spaces
from moip.model.catalog import TRUST_CLASSES
from moip.model.properties import UNKNOWN
from moip.model.report import evaluate
from moip.model.wishes import WISHES
from moip.site import assets, explorer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(browser() is None and not pages.required(), reason="no Chromium found"),
]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; img-src 'self'; connect-src 'self'"
)
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
BYTES = 40_000
"""Most that opening the explorer may send, compressed."""


@dataclass
class Library:
    """What the page must agree with."""

    space: spaces.Space
    found: np.ndarray
    values: dict[str, np.ndarray]

    def trust(self) -> np.ndarray:
        """The weakest trust class of each stack, by number."""
        ranks = [
            np.array([TRUST_CLASSES.index(self.space.catalog.member(n).trust_class) if n else 0 for n in choices])
            for choices in self.space.choices
        ]
        return np.max([ranks[slot][self.found[:, slot]] for slot in range(len(ranks))], axis=0).astype(float)

    @cached_property
    def columns(self) -> dict[str, tuple[list[str], np.ndarray]]:
        """What a filter of the page sees: the tokens of a slot (members' keys, '-' for none) or property, and one a stack."""
        result = {
            slot: ([name or "-" for name in choices], self.found[:, i].astype(int))
            for i, (slot, choices) in enumerate(zip(self.space.slots, self.space.choices, strict=True))
        }
        for key, values in {**self.values, "trust_class": self.trust()}.items():
            sizes = np.bitwise_count(values).astype(float) if values.dtype == np.uint64 else values
            different, inverse = np.unique(sizes, return_inverse=True)
            tokens, place = np.unique([token(v, export.ROUNDED.get(key, 0)) for v in different], return_inverse=True)
            result[key] = (tokens.tolist(), place[inverse])
        return result

    def passed(self, filters: dict[str, list[str]]) -> np.ndarray:
        """Which stacks pass."""
        passed = np.ones(len(self.found), dtype=bool)
        for key, wanted in filters.items():
            tokens, column = self.columns[key]
            passed &= np.isin(tokens, wanted)[column]
        return passed

    def count(self, filters: dict[str, list[str]]) -> int:
        """How many stacks pass."""
        return int(self.passed(filters).sum())

    def counts(self, key: str, filters: dict[str, list[str]]) -> dict[str, int]:
        """How many stacks each value of a slot or property would leave, in place of its own filter."""
        tokens, column = self.columns[key]
        passed = self.passed({other: wanted for other, wanted in filters.items() if other != key})
        return dict(zip(tokens, np.bincount(column[passed], minlength=len(tokens)).tolist(), strict=True))


def token(value: float, digits: int = 0) -> str:
    """A value as the page writes it in its address."""
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "inf"
    value = float(f"{value:.{digits}g}") if digits else value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


@pytest.fixture(scope="module")
def library() -> Library:
    space = spaces.Space.of()
    found = spaces.find(space)
    return Library(space, found, spaces.fold(space, found))


@pytest.fixture(scope="module")
def site(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one page that has an explorer."""
    base = tmp_path_factory.mktemp("site")
    static = base / "_static"
    shutil.copytree(assets.THEME / "static", static)
    payload = export.payload(library.space)
    (static / "book.css").write_text(assets.stylesheet(), encoding="utf-8")
    (static / "book.js").write_text(assets.script(), encoding="utf-8")
    (static / "catalog.js").write_text(explorer.catalog_script(payload), encoding="utf-8")
    shown: list[dict[str, str]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(essay, "display", lambda data, raw: shown.append(data))
        essay.explorer(export.digest(payload), len(library.found), library.space.candidates, "register.html")
    assert f"{len(library.found):,} well-formed stacks" in shown[0]["text/plain"]
    (base / "register.html").write_text("<!DOCTYPE html><title>x</title>", encoding="utf-8")
    (base / "page.html").write_text(
        '<!DOCTYPE html><html lang="en" data-content_root="./" data-theme="light"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>Explorer</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="_static/book.css"><link rel="icon" href="_static/favicon.svg"><script defer src="_static/book.js"></script>'
        '<script defer src="_static/explorer.js"></script></head><body><main><article><section><h1>A page</h1>'
        f"<section><h2>A part</h2>{shown[0]['text/html']}</section></section></article></main></body></html>",
        encoding="utf-8",
    )
    return base


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with serve(site) as at:
        yield at


@pytest.fixture(scope="module")
def running() -> Iterator[Browser]:
    with launch() as one:
        yield one


def until(page: Page, expression: str) -> None:
    """Wait for something to hold (the page's policy forbids Playwright's own way, which evaluates a text)."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"it did not come to hold: {expression}")


class Reader:
    """A reader with the explorer open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))

    def open(self, url: str, press: bool = True) -> Reader:
        """Go to the page; press the button unless the address opens the explorer."""
        self.page.goto(url)
        if press:
            self.page.locator(".explorer-open").click()
        self.page.locator(".ex-body").wait_for(timeout=30_000)
        self.settle()
        return self

    def settle(self) -> None:
        """Wait until the last answer is shown."""
        self.page.locator(".moip-explorer:not([aria-busy])").wait_for()

    def count(self) -> int:
        """The number of stacks that the page says are left."""
        self.settle()
        return int(re.search(r"[\d,]+", self.page.locator(".ex-count").inner_text())[0].replace(",", ""))

    def press(self, selector: str) -> Reader:
        """Click something in the explorer, opening the group that it is in."""
        target = self.page.locator(f".moip-explorer {selector}").first
        target.evaluate("e => { const d = e.closest('details.ex-group'); if (d) d.open = true; }")
        target.click()
        self.settle()
        return self

    def column(self, key: str, value: str) -> Reader:
        """Press a value's column."""
        return self.press(f'[data-property="{key}"] [data-token="{value}"]')

    def choose(self, slot: str, member: str) -> Reader:
        """Choose a member in a slot."""
        self.page.locator(f'select[data-slot="{slot}"]').select_option(member)
        self.settle()
        return self


@pytest.fixture(scope="module")
def opened(running: Browser, address: str) -> Iterator[Reader]:
    context = running.new_context(viewport=DESK, reduced_motion="reduce")
    yield Reader(context.new_page()).open(f"{address}/page.html")
    context.close()


@pytest.fixture
def reader(opened: Reader) -> Reader:
    """The same open explorer for each test, with nothing chosen."""
    if not opened.page.locator(".ex-reset").is_disabled():
        opened.press(".ex-reset")
    opened.page.locator("[data-control=by]").select_option("")
    opened.page.locator("[data-control=per]").select_option("rail")
    opened.settle()
    return opened


ENGINE = """async () => {
  const add = (src) => new Promise((done) => { const s = document.createElement("script"); s.src = src; s.onload = done; document.head.append(s); });
  await add("_static/explorer-engine.js");
  window.all = moipStacks(moip.catalog);
  return [all.size, all.candidates];
}"""
BYTES_OF = """(get) => {
  const bytes = new Uint8Array(get.buffer, get.byteOffset, get.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}"""


def test_every_stack_and_every_value_is_the_library_s(reader: Reader, library: Library) -> None:
    page, space = reader.page, library.space
    assert page.evaluate(ENGINE) == [len(library.found), space.candidates]

    def array(expression: str, dtype: type) -> np.ndarray:
        return np.frombuffer(base64.b64decode(page.evaluate(f"() => ({BYTES_OF})({expression})")), dtype=dtype)

    own = np.ravel_multi_index(tuple(library.found.T.astype(np.int64)), space.sizes)
    assert (array("all.numbers", np.uint32) == own).all()
    for p, key in enumerate([*space.catalog.properties, "trust_class"]):
        told = page.evaluate(f"all.folded[{p}].values.map((v) => v === Infinity ? 'inf' : v)")
        codes = array(f"all.folded[{p}].codes", np.uint16)
        if key == "failure_domains":
            kinds, names = page.evaluate("moip.catalog.kinds"), spaces.kinds(space, key)
            sets = [2**64 - 1 if one is None else sum(1 << names.index(kinds[i]) for i in one) for one in told]
            assert (np.array(sets, dtype=np.uint64)[codes] == library.values[key]).all()
            continue
        numbers = np.array([np.nan if v is None else np.inf if v == "inf" else v for v in told], dtype=float)
        expected = library.trust() if key == "trust_class" else library.values[key]
        assert np.array_equal(numbers[codes], expected, equal_nan=True), key


FILTERS: list[dict[str, list[str]]] = [
    {},
    {"rail": ["lightning"]},
    {"lock": ["-"]},
    {"theft_quorum": ["inf"], "online_interval": ["inf"]},
    {"settlement_delay": ["unknown"], "face": ["phoenix"]},
    {"failure_domains": ["2", "3"], "trust_class": ["3", "4"]},
    {"loss_probability": ["0.002", "0.005", "unknown"], "exit_weight": ["0", "444", "1114"], "device": ["trezor"]},
    {"smallest_payment": ["0.001"], "largest_payment": ["inf"]},
]


@pytest.mark.parametrize("filters", FILTERS, ids=lambda f: "+".join(f) or "none")
def test_what_the_controls_leave_is_what_the_library_counts(
    reader: Reader, library: Library, filters: dict[str, list[str]]
) -> None:
    for key, tokens in filters.items():
        if key in library.space.slots:
            reader.choose(key, tokens[0])
        else:
            for value in tokens:
                reader.column(key, value)
    assert reader.count() == library.count(filters)
    shown = reader.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".ex-card")].map((card) => [card.dataset.property,
        [...card.querySelectorAll(".ex-col")].map((c) => [c.dataset.token, c.getAttribute("aria-label")])]))"""
    )
    assert set(shown) == {*library.space.catalog.properties, "trust_class"}
    for key, columns in shown.items():
        told = {value: int(re.search(r": ([\d,]+) stacks?$", label)[1].replace(",", "")) for value, label in columns}
        assert told == library.counts(key, filters), key
    for key in library.space.slots[1:]:
        select = reader.page.locator(f'select[data-slot="{key}"] option')
        options = select.evaluate_all("all => all.map((o) => [o.value, o.textContent])")[1:]
        told = {value: int(label.rpartition(" · ")[2].replace(",", "")) for value, label in options}
        assert told == library.counts(key, filters), key


@pytest.mark.parametrize("wanted", [[wish.key] for wish in WISHES] + [["no-thief", "away", "prompt"], ["small", "ledger"]], ids="+".join)  # fmt: skip
def test_wishes_are_the_library_s(reader: Reader, library: Library, wanted: list[str]) -> None:
    for key in wanted:
        reader.press(f'[data-wish="{key}"]')
    met = [wish.met(library.values) for wish in WISHES if wish.key in wanted]
    assert reader.count() == int(np.all(met, axis=0).sum())
    pressed = reader.page.locator(".ex-wish[aria-pressed=true]").evaluate_all("all => all.map((b) => b.dataset.wish)")
    assert pressed == [wish.key for wish in WISHES if wish.key in wanted]
    for key in wanted:
        reader.press(f'[data-wish="{key}"]')
    assert reader.count() == len(library.found)


def expected_value(stack: Stack, key: str) -> str:
    """A value as the page shows it."""
    if key == "trust_class":
        return stack.trust_class
    prop, value = stack.catalog.property(key), stack.value(key)
    if value is UNKNOWN or isinstance(value, frozenset):
        return prop.show(value)
    words = export.WORDS.get(key, {}).get(token(value))
    unit = "" if prop.unit == "fraction" else f" {prop.unit}"
    return words or prop.show(value) + ("" if prop.show(value) in ("none", "no exit") else unit)


@pytest.mark.parametrize(
    ("by", "per", "filters"),
    [
        ("", "rail", {}),
        ("exit_weight", "request", {"rail": "lightning"}),
        ("loss_probability", "", {}),
        ("failure_domains", "face", {"device": "trezor"}),
    ],
)
def test_the_stacks_shown_hold_the_library_s_values_and_deciders(
    reader: Reader, library: Library, by: str, per: str, filters: dict[str, str]
) -> None:
    page = reader.page
    for slot, member in filters.items():
        reader.choose(slot, member)
    page.locator("[data-control=by]").select_option(by)
    page.locator("[data-control=per]").select_option(per)
    reader.settle()
    page.evaluate("document.querySelectorAll('.ex-list details').forEach((d) => { d.open = true; })")
    until(page, "[...document.querySelectorAll('.ex-list details')].every((d) => d.querySelector('table'))")
    shown = page.evaluate(
        """() => [...document.querySelectorAll(".ex-list details")].map((d) => ({row: Number(d.dataset.row), note: d.querySelector("small")?.textContent || "",
        file: d.querySelector("pre").textContent, values: Object.fromEntries([...d.querySelectorAll("tbody tr")].map((r) => [r.dataset.property,
        [r.cells[1].textContent, r.cells[2].textContent, [...r.cells[2].querySelectorAll("a")].map((a) => a.href.split("#")[1])]]))}))"""
    )
    assert shown
    passed = library.passed({slot: [member] for slot, member in filters.items()})
    bases = library.space.catalog.assessments.set_index(["member", "property"])["basis"].to_dict()
    if per:
        groups, sizes = np.unique(library.columns[per][1][passed], return_counts=True)
        assert len(shown) == len(groups)
        assert sorted(
            int(re.search(r"first of ([\d,]*\d)", one["note"])[1].replace(",", "")) for one in shown
        ) == sorted(sizes)
    else:
        assert len(shown) == 12
    for one in shown:
        stack = library.space.stack(library.found[one["row"]])
        assert passed[one["row"]]
        assert set(re.findall(r"[\w-]+", one["file"])) - {"members"} == set(stack.names)
        properties = evaluate(stack).properties.set_index("property")
        for key, (value, words, technologies) in one["values"].items():
            assert value == expected_value(stack, key), (stack, key)
            if key == "trust_class":
                continue
            decided = properties.loc[key, "decided_by"]
            assert set(technologies) == {stack.catalog.member(name).technology for name in decided}, (stack, key)
            assert words.count("(judgment)") == sum(bases[name, key] == "judgment" for name in decided)
    if by and per:
        number = {key: i for i, key in enumerate(library.space.slots)}[per]
        for one in shown:
            group = library.found[:, number] == library.found[one["row"], number]
            best = library.values[by][passed & group]
            own = library.values[by][one["row"]]
            worth = np.bitwise_count if best.dtype == np.uint64 else np.asarray
            assert np.isnan(float(own)) or worth(own) == worth(best)[~np.isnan(best.astype(float))].min()


def test_when_nothing_is_left_it_says_what_to_give_up(reader: Reader, library: Library) -> None:
    for key in ("exit", "away", "prompt"):
        reader.press(f'[data-wish="{key}"]')
    assert reader.count() == 0
    ways = reader.page.locator(".ex-ways button").all_inner_texts()
    words = {wish.key: wish.words for wish in WISHES}
    met = {wish.key: wish.met(library.values) for wish in WISHES}
    for out in ("exit", "away", "prompt"):
        left = [key for key in ("exit", "away", "prompt") if key != out]
        count = int(np.all([met[key] for key in left], axis=0).sum())
        assert f"{words[out]} ({count:,} stacks)" in ways
    reader.press('[data-drop="settlement_delay"]')
    assert reader.count() > 0


def test_when_members_do_not_fit_it_says_what_is_needed(reader: Reader) -> None:
    reader.choose("rail", "lightning").choose("keys", "-")
    assert reader.count() == 0
    said = reader.page.locator(".ex-unmet").all_inner_texts()
    assert any(text.startswith("Lightning Network needs recovery of keys, which ") for text in said)


def test_what_is_chosen_stands_in_the_address(reader: Reader, running: Browser, address: str, library: Library) -> None:
    reader.choose("rail", "cashu").column("theft_quorum", "1")
    reader.page.locator("[data-control=by]").select_option("failure_domains")
    reader.settle()
    link = reader.page.url
    assert link.endswith("#stacks?rail=cashu&theft_quorum=1&by=failure_domains")
    page = running.new_page(viewport=DESK)
    other = Reader(page).open(link, press=False)
    assert other.count() == library.count({"rail": ["cashu"], "theft_quorum": ["1"]})
    assert page.locator("[data-control=by]").input_value() == "failure_domains"
    assert page.locator("select[data-slot=rail]").input_value() == "cashu"
    page.evaluate("location.hash = '#stacks?rail=nosuch&lock=taproot&nonsense=3&exit_delay=0,7'")
    until(page, "document.querySelector('select[data-slot=lock]').value === 'taproot'")
    assert other.count() == library.count({"lock": ["taproot"], "exit_delay": ["0"]})
    assert not other.complaints
    page.close()


def test_columns_are_brushed_with_a_pointer_and_pressed_with_the_keyboard(reader: Reader, library: Library) -> None:
    page = reader.page
    columns = page.locator('[data-property="theft_quorum"] .ex-col')
    tokens = columns.evaluate_all("all => all.map((c) => c.dataset.token)")
    columns.first.evaluate("e => { e.closest('details').open = true; e.scrollIntoView({block: 'center'}); }")
    first, last = columns.nth(1).bounding_box(), columns.nth(3).bounding_box()
    page.mouse.move(first["x"] + 4, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] / 2, last["y"] + 20, steps=6)
    page.mouse.up()
    assert reader.count() == library.count({"theft_quorum": tokens[1:4]})
    columns.nth(5).focus()
    page.keyboard.press("Space")
    assert reader.count() == library.count({"theft_quorum": [*tokens[1:4], tokens[5]]})
    assert columns.nth(5).get_attribute("aria-pressed") == "true"


def test_members_of_a_stack_can_be_chosen(reader: Reader) -> None:
    reader.press(".ex-list summary")
    reader.press(".ex-list details > button")
    assert reader.count() == 1
    assert reader.page.locator(".ex-list > li").count() == 1


def test_more_stacks_come_when_asked_for(reader: Reader) -> None:
    reader.page.locator("[data-control=per]").select_option("")
    reader.settle()
    assert reader.page.locator(".ex-list > li").count() == 12
    reader.press(".ex-more")
    assert reader.page.locator(".ex-list > li").count() == 24
    rows = reader.page.locator(".ex-list details").evaluate_all("all => all.map((d) => d.dataset.row)")
    assert len(set(rows)) == 24


def test_nothing_is_complained_of(opened: Reader) -> None:
    assert not opened.complaints


def test_little_is_loaded_and_only_when_reached_for(running: Browser, address: str, site: Path) -> None:
    page = running.new_page(viewport=DESK)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2].partition("?")[0]))
    reader = Reader(page)
    page.goto(f"{address}/page.html")
    page.wait_for_timeout(300)
    assert {name for name in asked if name.startswith(("explorer", "catalog"))} == {"explorer.js"}
    page.locator(".explorer-open").click()
    page.locator(".ex-list li").first.wait_for()
    loaded = {name for name in asked if name.startswith(("explorer", "catalog"))}
    assert loaded == {"explorer.js", "explorer.css", "explorer-app.js", "explorer-engine.js", "catalog.js"}
    assert sum(len(compressed(str(site / "_static" / name), 0)) for name in loaded) < BYTES
    assert not reader.complaints
    page.close()


def test_it_works_without_a_server(running: Browser, site: Path, library: Library) -> None:
    """From a file there is no worker; the page does the work itself."""
    page = running.new_page(viewport=DESK)
    page.goto((site / "page.html").as_uri())
    page.evaluate("document.querySelector('meta[http-equiv]')?.remove()")
    reader = Reader(page)
    page.locator(".explorer-open").click()
    page.locator(".ex-list li").first.wait_for()
    assert reader.choose("rail", "liquid").count() == library.count({"rail": ["liquid"]})
    page.close()


def test_without_javascript_it_says_where_to_look(running: Browser, address: str) -> None:
    context = running.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(f"{address}/page.html")
    assert not page.locator(".explorer-open").is_visible()
    assert "It needs JavaScript" in page.locator(".moip-explorer").inner_text()
    context.close()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_it_fits_a_phone_and_axe_finds_nothing(running: Browser, address: str, mode: Any) -> None:
    context = running.new_context(
        viewport=PHONE, is_mobile=True, has_touch=True, color_scheme=mode, reduced_motion="reduce", bypass_csp=True
    )
    reader = Reader(context.new_page()).open(
        f"{address}/page.html#stacks?theft_quorum=inf,2&rail=lightning", press=False
    )
    page = reader.page
    assert page.evaluate("document.documentElement.dataset.theme") == mode
    page.evaluate("document.querySelectorAll('.moip-explorer details').forEach((d) => { d.open = true; })")
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.evaluate(axe_script())
    found = page.evaluate(
        "axe.run('.moip-explorer').then((r) => r.violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html]))"
    )
    assert found == []
    small = page.locator(".ex-col").evaluate_all(
        "all => all.filter((c) => c.getBoundingClientRect().width < 24).length"
    )
    assert small == 0
    assert not reader.complaints
    context.close()
