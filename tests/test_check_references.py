"""The bibliography holds what is used, and nothing else."""

import json
from pathlib import Path

from moip.checks import references
from moip.notebooks import root


def book(folder: Path, bib: str, prose: str = "", rows: str = "") -> Path:
    (folder / "book").mkdir()
    (folder / "data").mkdir()
    (folder / "book" / "references.bib").write_text(bib)
    (folder / "book" / "page.md").write_text(prose)
    (folder / "data" / "facts.csv").write_text("fact,source,source_2,further_sources\n" + rows)
    fields = [{"name": n} for n in ("fact", "source", "source_2", "further_sources")]
    package = {"resources": [{"path": "facts.csv", "schema": {"fields": fields}}]}
    (folder / "data" / "datapackage.json").write_text(json.dumps(package))
    return folder


def entry(key: str, url: str = "https://example.org") -> str:
    return f"@misc{{{key},\n  title = {{A}},\n" + (f"  url = {{{url}}},\n" if url else "") + "}\n"


def test_every_way_of_using_an_entry_counts(tmp_path: Path) -> None:
    keys = ["cited", "also", "first", "second", "third", "fourth"]
    base = book(tmp_path, "\n".join(map(entry, keys)), "See {cite}`cited, also`.", "x,first,second,third;fourth\n")
    assert list(references.check(base)) == []


def test_an_unused_entry_is_named(tmp_path: Path) -> None:
    (problem,) = references.check(book(tmp_path, entry("used") + entry("idle"), "{cite}`used`"))
    assert problem.where.endswith("references.bib idle") and "no chapter" in problem.what


def test_an_entry_without_address_is_named(tmp_path: Path) -> None:
    (problem,) = references.check(book(tmp_path, entry("bare", ""), "{cite}`bare`"))
    assert "neither address nor DOI" in problem.what


def test_the_book_is_clean() -> None:
    assert [str(problem) for problem in references.check(root())] == []
