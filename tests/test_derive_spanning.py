"""The tables of the chapter on spanning come out of small repositories with a known history as expected."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from test_derive import DERIVE, FIXTURES, git, repository, run

REPOSITORIES = {"core_modules": "bitcoin_core", "optech_topics": "bitcoinops"}


@pytest.mark.parametrize("table", REPOSITORIES)
def test_script_derives_the_expected_table(table: str, tmp_path: Path) -> None:
    upstream = repository(FIXTURES / table / REPOSITORIES[table], tmp_path / "upstream")
    done = run(table, upstream, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.csv").read_bytes().decode() == (FIXTURES / table / "expected.csv").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("main.cpp", "node"),
        ("ui.cpp", "gui"),
        ("src/ui_interface.h", "interfaces"),
        ("src/rpcwallet.cpp", "wallet"),
        ("src/rpc/wallet.cpp", "wallet"),
        ("src/rpc/mining.cpp", "calls"),
        ("src/wallet/test/wallet_tests.cpp", None),
        ("src/secp256k1/src/secp256k1.c", None),
    ],
)
def test_modules_by_path(path: str, expected: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DERIVE)
    assert importlib.import_module("core_modules").module(path) == expected


def test_the_states_of_a_verdict_are_not_the_validation_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DERIVE)
    files = {
        "src/validation.h": "",
        "src/consensus/validation.h": "",
        "src/wallet/spend.cpp": "#include <consensus/validation.h>",
        "src/wallet/scan.cpp": "#include <validation.h>",
    }
    found = {row["module"]: row for row in importlib.import_module("core_modules").rows(files)}
    assert (found["wallet"]["source_files"], found["wallet"]["see_validation"]) == (2, 1)


def removals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> tuple[Path, Path]:
    """The script on its fixture, with one removal whose commit is the first; where it wrote, and the repository."""
    upstream = repository(FIXTURES / "core_removals" / "bitcoin_core", tmp_path / "upstream")
    first = git(upstream, "rev-list", "--max-parents=0", "HEAD").strip()
    monkeypatch.syspath_prepend(DERIVE)
    script = importlib.import_module("core_removals")
    one = script.Removal("irc", "Finding peers in a chat network", 1, first[:12], words, "0.8.2", r"IRC seeding")
    monkeypatch.setattr(script, "REMOVALS", [one])
    out = tmp_path / "out.csv"
    argv = [str(upstream), "--commit", "HEAD", "--out", str(out)]
    importlib.import_module("upstream").main("core_removals", ["bitcoin_core"], script.FIELDS, script.derive, argv)
    return out, upstream


def test_removals_are_dated_by_their_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, _ = removals(tmp_path, monkeypatch, "2013-03-24")
    expected = FIXTURES / "core_removals" / "expected.csv"
    assert out.read_bytes().decode() == expected.read_text(encoding="utf-8")


def test_a_commit_that_says_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit):
        removals(tmp_path, monkeypatch, "Remove alerts")
    assert "does not say 'Remove alerts'" in capsys.readouterr().err


def test_a_topic_without_categories_is_named(tmp_path: Path) -> None:
    pages = tmp_path / "fixture" / "2026-01-01" / "_topics" / "en"
    pages.mkdir(parents=True)
    (pages / "bare.md").write_text("---\ntitle: Bare\n---\n", encoding="utf-8")
    upstream = repository(tmp_path / "fixture", tmp_path / "upstream")
    done = run("optech_topics", upstream, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert "_topics/en/bare.md: no title or no topic-categories" in done.stderr
    assert "Traceback" not in done.stderr
