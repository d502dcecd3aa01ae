"""The tables of the chapter on the interface come out of small repositories with a known history as expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_derive import FIXTURES, repository, run

REPOSITORIES = {"wallet_tests": "bitcoinops", "wallets_by_year": "bitcoin_org"}


@pytest.mark.parametrize("table", REPOSITORIES)
def test_script_derives_the_expected_table(table: str, tmp_path: Path) -> None:
    upstream = repository(FIXTURES / table / REPOSITORIES[table], tmp_path / "upstream")
    done = run(table, upstream, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.csv").read_bytes().decode() == (FIXTURES / table / "expected.csv").read_text(
        encoding="utf-8"
    )


def test_a_wallet_file_without_a_header_is_named(tmp_path: Path) -> None:
    fixture = tmp_path / "fixture" / "2017-03-01" / "_wallets"
    fixture.mkdir(parents=True)
    (fixture / "bare.md").write_text("no header\n", encoding="utf-8")
    upstream = repository(tmp_path / "fixture", tmp_path / "upstream")
    done = run("wallets_by_year", upstream, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert "_wallets/bare.md: no YAML header" in done.stderr
    assert "Traceback" not in done.stderr
