"""A preview names the pages that differ, and no other."""

from pathlib import Path

import pytest

from moip.preview import compare, report


def site(folder: Path, **pages: str) -> Path:
    folder.mkdir()
    (folder / "index.html").write_text("<html></html>")
    for name, main in pages.items():
        (folder / f"{name}.html").write_text(f"<nav>{folder.name}</nav><main>{main}</main>")
    return folder


def test_changed_new_and_gone_pages_are_told_apart(tmp_path: Path) -> None:
    old = site(tmp_path / "old", same="<h1>Same</h1>", edited="<h1>Title</h1><p>one</p>", left="<h1>Left</h1>")
    new = site(tmp_path / "new", same="<h1>Same</h1>", edited="<h1>Title</h1><p>two</p>", fresh="<h1>A | B</h1>")
    changes = compare(old, new)
    assert [(c.page, c.kind, c.lines) for c in changes] == [
        ("edited.html", "changed", 2),
        ("fresh.html", "new", 1),
        ("left.html", "gone", 1),
    ]
    assert "| Title (`edited.html`) | changed | 2 |" in report(changes) and "A \\| B" in report(changes)


def test_navigation_does_not_count(tmp_path: Path) -> None:
    old, new = site(tmp_path / "old", page="<h1>Same</h1>"), site(tmp_path / "new", page="<h1>Same</h1>")
    assert compare(old, new) == []
    assert report([]) == "No page of the book differs.\n"


def test_a_folder_without_a_site_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no built site"):
        compare(tmp_path, tmp_path)
