"""The table of the chapter on interaction that is derived comes out of a small repository as expected."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from test_derive import DERIVE, FIXTURES, repository, run

TABLE = "optech_mentions"


def test_script_derives_the_expected_table(tmp_path: Path) -> None:
    upstream = repository(FIXTURES / TABLE / "bitcoinops", tmp_path / "upstream")
    done = run(TABLE, upstream, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    expected = FIXTURES / TABLE / "expected.csv"
    assert (tmp_path / "out.csv").read_bytes().decode() == expected.read_text(encoding="utf-8")


def test_page_without_header_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DERIVE)
    script = importlib.import_module(TABLE)
    with pytest.raises(script.UpstreamError, match="no YAML header"):
        script.years("_topics/en/x.md", "no header")
