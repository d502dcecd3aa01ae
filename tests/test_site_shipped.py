"""The page on what is sent: every file has a source and a license, with the text where one is asked for."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from moip.notebooks import root
from moip.site import assets, shipped


def test_packages_say_their_version_and_license_and_bring_its_text() -> None:
    plotly = shipped.package("plotly")
    assert plotly.license == "MIT" and plotly.version[0].isdigit() and "Permission is hereby granted" in plotly.text
    colors = shipped.package("accessible-pygments")
    assert colors.license == "BSD-3-Clause" and "Redistribution and use" in colors.text


def test_a_package_without_a_license_is_an_error() -> None:
    with pytest.raises(ValueError, match="the package latex2mathml says no license, or brings no text"):
        shipped.package("latex2mathml")  # its text is not in the package, and nothing of it is sent


def test_what_is_bundled_is_named() -> None:
    name, notes = shipped.bundled(shipped.bundle())
    assert name.startswith("plotly.js 4.") or name.startswith("plotly.js ")
    assert "MapLibre" in notes and "BSD" in notes
    script = "/* lib v1.2.3 */ x=1;/*! one\n license MIT */y=/*no note*/2;/*! one\n license MIT */"
    assert shipped.bundled(script) == ("lib 1.2.3", "/*! one\n license MIT */")


def test_every_file_of_the_theme_is_named_and_asks_for_a_known_text() -> None:
    entries = shipped.entries()
    texts = shipped.texts(root())
    for entry in entries:
        assert entry.license and entry.source and set(entry.texts) <= texts.keys()
    named = {path.name for entry in entries for path in shipped.used(assets.THEME / "static", entry.files)}
    assert {path.name for path in (assets.THEME / "static").iterdir()} <= named


def test_nothing_that_a_page_asks_for_is_taken_out() -> None:
    kept = {pattern for entry in shipped.entries() for pattern in entry.files}
    assert not kept & set(shipped.UNUSED)
    for script in assets.SCRIPTS:
        assert not any(Path(script).match(pattern) for pattern in shipped.UNUSED)


def test_files_are_weighed_again_when_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, memory = tmp_path / "a.js", tmp_path / "weights.json"
    file.write_text("abc " * 200)
    scales = shipped.Scales(memory)
    first = scales.weigh(file)
    assert first == len(gzip.compress(file.read_bytes(), 6, mtime=0))
    scales.keep()
    monkeypatch.setattr(shipped.gzip, "compress", lambda *_, **__: b"changed")
    assert shipped.Scales(memory).weigh(file) == first
    file.write_text("other")
    assert shipped.Scales(memory).weigh(file) == len(b"changed")
