"""References are formatted once, and again when their entry changes."""

import pytest
from pybtex.database import Entry
from pybtex.plugin import find_plugin

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
