"""The site as one archive: everything that a reader needs, the same bytes each time."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from moip import offline


@pytest.fixture
def base(tmp_path: Path) -> Path:
    site = tmp_path / "_build" / "html"
    (site / "book").mkdir(parents=True)
    for name in ("index.html", "book/a.html", ".buildinfo", "objects.inv"):
        (site / name).write_text(f"{name} " * 50, encoding="utf-8")
    return tmp_path


def test_the_archive_holds_the_site_in_a_folder_of_its_own(base: Path) -> None:
    said: list[str] = []
    assert offline.make(base, said.append) == 0
    with zipfile.ZipFile(base / "_build" / offline.NAME) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == [f"{offline.FOLDER}/{name}" for name in ("README.txt", "book/a.html", "index.html")]
        assert b"index.html" in archive.read(names[0])
        assert archive.read(names[1]) == (base / "_build" / "html" / "book" / "a.html").read_bytes()
    assert said[0].startswith("3 files") and "index.html" in said[1]


def test_the_same_site_gives_the_same_bytes(base: Path) -> None:
    site, target = base / "_build" / "html", base / "x.zip"
    offline.pack(site, target)
    before = target.read_bytes()
    (site / "index.html").touch()
    offline.pack(site, target)
    assert target.read_bytes() == before and not target.with_suffix(".part").exists()


def test_without_a_site_it_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    assert offline.make(tmp_path, said.append) == 1 and said == ["there is no built site: make book"]
