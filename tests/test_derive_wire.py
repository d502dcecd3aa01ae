"""The derive scripts of what travels: small repositories in, exactly the expected tables out."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from test_derive import DERIVE, FIXTURES, git, repository, run

REPOSITORIES = {
    "block_413567_transactions": ["bitcoin_core"],
    "lightning_message_fields": ["bolts"],
    "wire_vectors": ["bolts", "bitcoin_core"],
}
BLOCK = "src/bench/data/block413567.raw"


def repositories(table: str, where: Path) -> list[Path]:
    return [repository(FIXTURES / table / name, where / name) for name in REPOSITORIES[table]]


@pytest.mark.parametrize("table", sorted(REPOSITORIES))
def test_script_derives_the_expected_table(table: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = run(table, *repositories(table, tmp_path), "--commit", "HEAD", "--out", out)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().decode() == (FIXTURES / table / "expected.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda raw: raw[:-1], "ends in the middle"),
        (lambda raw: raw + b"\0", "1 bytes are left over"),
        (lambda raw: raw[:90] + bytes([raw[90] ^ 1]) + raw[91:], "do not lead to the root"),
        (lambda raw: raw[:72] + b"\x01\x00\x00\x03" + raw[76:], "does not prove its work"),
        (lambda raw: raw[:85] + b"\0" + raw[86:], "with a witness"),
    ],
)
def test_a_block_that_does_not_hold_together_is_refused(change, problem: str, tmp_path: Path) -> None:
    [core] = repositories("block_413567_transactions", tmp_path)
    (core / BLOCK).write_bytes(change((core / BLOCK).read_bytes()))
    git(core, "commit", "--quiet", "--all", "--message", "damage")
    done = run("block_413567_transactions", core, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert problem in done.stderr
    assert "Traceback" not in done.stderr


def test_a_message_that_stands_twice_is_refused(tmp_path: Path) -> None:
    [bolts] = repositories("lightning_message_fields", tmp_path)
    (bolts / "03-more.md").write_text((bolts / "01-messaging.md").read_text(encoding="utf-8"), encoding="utf-8")
    git(bolts, "add", "--all")
    git(bolts, "commit", "--quiet", "--message", "again")
    done = run("lightning_message_fields", bolts, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert "error stands there a second time" in done.stderr


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("00" * 8, "bytes"),
        ("00" * 7, "integer"),
        ("7000000000", "integer"),
        ("remote->local", "text"),
        ("0aff", "text"),
    ],
)
def test_kinds_of_values(value: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DERIVE)
    assert importlib.import_module("wire_vectors").kind(value) == kind
