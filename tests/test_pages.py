"""The built site holds what it promises: its files, and every page in a real Chromium.

The site is built first where it is missing or older than its sources.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from moip.build import build
from moip.checks import Problem, pages
from moip.checks.markup import Findings
from moip.notebooks import documents, root

BUILD = "markup: pages"


def _stale(base: Path) -> bool:
    """Whether a source of the site is younger than the site."""
    built = base / "_build" / "html" / "_static" / "book.css"
    if not built.exists():
        return True
    sources = [base / "_config.yml", base / "_toc.yml", base / "book" / "references.bib"]
    sources += [path for name in documents(base) for path in base.glob(f"{name}.*")]
    for folder in ("site", "figures"):
        sources += [path for path in (base / "book" / "moip" / folder).rglob("*") if path.suffix not in ("", ".pyc")]
    return max(path.stat().st_mtime for path in sources if path.exists()) > built.stat().st_mtime


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest) -> Findings:
    """Every problem of the site by aspect, with a line of progress per page."""
    captured = request.config.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with captured.global_and_fixture_disabled():
            print(line, flush=True)

    base = root()
    if _stale(base) and build(base=base):
        return {BUILD: [Problem("_build/html", "the book does not build", "see the messages of make book")]}
    say("")
    return pages.findings(base, say)


def _report(found: Findings, aspect: str) -> None:
    if len(found) == 1 and aspect != BUILD:
        pytest.skip("there is no site to look at")
    if problems := found.get(aspect):
        lines = [f"{pages.ASPECTS[aspect]} - but:", *map(str, problems)]
        pytest.fail("\n".join(lines), pytrace=False)


@pytest.mark.parametrize("aspect", [aspect for aspect in pages.ASPECTS if aspect.startswith("markup")])
def test_files(found: Findings, aspect: str) -> None:
    _report(found, aspect)


@pytest.mark.browser
@pytest.mark.parametrize("aspect", [aspect for aspect in pages.ASPECTS if aspect.startswith("browser")])
def test_in_a_browser(found: Findings, aspect: str) -> None:
    if why := pages.skipped():
        (pytest.fail if pages.required() else pytest.skip)(why)
    _report(found, aspect)
