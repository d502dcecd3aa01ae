"""The matrix of wallets comes out of a small repository with a known history as expected."""

from __future__ import annotations

from pathlib import Path

from test_derive import FIXTURES, repository, run

FIXTURE = FIXTURES / "wallet_matrix"


def test_script_derives_the_expected_table(tmp_path: Path) -> None:
    upstream = repository(FIXTURE / "bitcoinops", tmp_path / "upstream")
    done = run("wallet_matrix", upstream, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.csv").read_bytes().decode() == (FIXTURE / "expected.csv").read_text(encoding="utf-8")


def test_a_file_without_features_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "fixture" / "2025-01-01" / "_data" / "matrix"
    folder.mkdir(parents=True)
    (folder / "Empty.yaml").write_text("name: Empty\ncategory: none\n", encoding="utf-8")
    upstream = repository(tmp_path / "fixture", tmp_path / "upstream")
    done = run("wallet_matrix", upstream, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert "_data/matrix/Empty.yaml" in done.stderr
    assert "Traceback" not in done.stderr
