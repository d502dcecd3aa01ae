"""The tables of the chapter on simplicity come out of small repositories with a known history as expected."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from test_derive import DERIVE, FIXTURES, repository, run

REPOSITORIES = {
    "specification_implementers": ["luds", "nuts", "bitcoin_core", "lnd", "ldk"],
    "specification_first_versions": ["bips", "bolts", "blips", "luds", "nuts", "nips", "lsp"],
}


@pytest.mark.parametrize("table", REPOSITORIES)
def test_script_derives_the_expected_table(table: str, tmp_path: Path) -> None:
    upstreams = [repository(FIXTURES / table / name, tmp_path / name) for name in REPOSITORIES[table]]
    done = run(table, *upstreams, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    expected = (FIXTURES / table / "expected.csv").read_text(encoding="utf-8")
    assert (tmp_path / "out.csv").read_bytes().decode() == expected


def test_programs_that_name_a_bip_are_found_in_their_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DERIVE)
    script = importlib.import_module("bip_mentions")
    upstream = importlib.import_module("upstream")
    monkeypatch.setattr(script, "PROGRAMS", {"Wallet": "repo-wallet", "Empty": "repo-empty"})
    names = ["bips", "wallet", "empty"]
    repositories = [
        upstream.Repository(repository(FIXTURES / "bip_mentions" / name, tmp_path / name)) for name in names
    ]
    found = upstream.to_csv(script.derive(*repositories), script.FIELDS)
    assert found == (FIXTURES / "bip_mentions" / "expected.csv").read_text(encoding="utf-8")


def test_a_list_without_implementers_is_named(tmp_path: Path) -> None:
    table = "specification_implementers"
    bare = tmp_path / "fixture" / "2024-01-01"
    bare.mkdir(parents=True)
    (bare / "README.md").write_text("LNURL Documents\n===============\n", encoding="utf-8")
    upstreams = [repository(tmp_path / "fixture", tmp_path / "luds")]
    upstreams += [repository(FIXTURES / table / name, tmp_path / name) for name in REPOSITORIES[table][1:]]
    done = run(table, *upstreams, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert "no implementers in README.md" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_number_that_changed_hands_needs_its_subject(tmp_path: Path) -> None:
    table = "specification_first_versions"
    wrong = tmp_path / "fixture" / "2012-02-11"
    wrong.mkdir(parents=True)
    (wrong / "bip-0032.md").write_text("<pre>\n  Title: Pong message\n</pre>\n", encoding="utf-8")
    upstreams = [repository(tmp_path / "fixture", tmp_path / "bips")]
    upstreams += [repository(FIXTURES / table / name, tmp_path / name) for name in REPOSITORIES[table][1:]]
    done = run(table, *upstreams, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert "no version of bip32 begins with 'Hierarchical Deterministic'" in done.stderr
