"""Each derive script turns a small repository with a known history into exactly the expected table.

A fixture is ``fixtures/derive/<table>/<repository>/<date>/...``: a commit for each date, in order, that holds exactly
the files of its folder. Dates, author and message are fixed, so commits have the same hash everywhere and stand in the
expected table too.
"""

from __future__ import annotations

import csv
import gzip
import importlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DERIVE = ROOT / "data" / "derive"
FIXTURES = Path(__file__).resolve().parent / "fixtures" / "derive"
RESOURCES = {
    resource["name"]: resource
    for resource in json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))["resources"]
}
DERIVED = sorted(name for name, resource in RESOURCES.items() if "script" in resource["derivation"])
# The repositories in the order in which the script takes them.
REPOSITORIES = {
    "block_headers": ["bitcoinj", "bitcoin_core"],
    "block_intervals": ["block_arrival_times"],
    "block_intervals_first_minute": ["block_arrival_times"],
    "blockchain_size": ["bitcoin_core"],
    "chain_transactions": ["bitcoin_core"],
    "protocol_constants": ["bitcoin_core", "bolts"],
    "soft_forks": ["bitcoin_core", "bitcoinj"],
    "specifications": ["bips", "bolts", "blips", "luds", "nuts", "nips", "lsp"],
}


def git(repository: Path, *arguments: str, date: str = "2026-01-01") -> str:
    """Run git with nothing of this machine's configuration, at noon of a date."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(repository),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_DATE": f"{date}T12:00:00+0000",
        "GIT_COMMITTER_DATE": f"{date}T12:00:00+0000",
    }
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=repository, env=environment, check=True, capture_output=True, text=True).stdout


def repository(fixture: Path, where: Path) -> Path:
    """A git repository with a commit for each folder of the fixture."""
    where.mkdir(parents=True)
    git(where, "init", "--quiet", "--initial-branch=main", "--object-format=sha1")
    for commit in sorted(fixture.iterdir()):
        for old in where.iterdir():
            if old.name != ".git":
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        shutil.copytree(commit, where, dirs_exist_ok=True, copy_function=shutil.copyfile)
        git(where, "add", "--all")
        git(where, "commit", "--quiet", "--message", commit.name, date=commit.name)
    return where


def repositories(table: str, where: Path) -> list[Path]:
    """The repositories of a table's fixture, in the order of its script."""
    return [repository(FIXTURES / table / name, where / name) for name in REPOSITORIES[table]]


def run(table: str, *arguments: object) -> subprocess.CompletedProcess:
    """Run a derive script as its user does."""
    command = [sys.executable, str(DERIVE / f"{table}.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("table", sorted(REPOSITORIES))
def test_script_derives_the_expected_table(table: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = run(table, *repositories(table, tmp_path), "--commit", "HEAD", "--out", out)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().decode() == (FIXTURES / table / "expected.csv").read_text(encoding="utf-8")


def test_rfcs_are_derived_from_unpacked_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fixture = FIXTURES / "internet_specifications"
    for path in fixture.glob("RFC/**/*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(fixture)
            copy.parent.mkdir(parents=True, exist_ok=True)
            packed = path.suffix == ".txt"
            copy.with_name(copy.name + ".gz" * packed).write_bytes(
                gzip.compress(b"\xef\xbb\xbf" + path.read_bytes()) if packed else path.read_bytes()
            )
    monkeypatch.syspath_prepend(DERIVE)
    script = importlib.import_module("internet_specifications")
    monkeypatch.setattr(script, "LAYERS", {"link": [894], "internet": [791], "application": [2616]})
    script.main([str(tmp_path / "RFC"), "--out", str(tmp_path / "out.csv")])
    assert (tmp_path / "out.csv").read_bytes().decode() == (fixture / "expected.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", DERIVED)
def test_every_derived_table_has_a_fixture_with_the_fields_of_the_descriptor(table: str) -> None:
    header = (FIXTURES / table / "expected.csv").read_text(encoding="utf-8").partition("\n")[0]
    assert header.split(",") == [field["name"] for field in RESOURCES[table]["schema"]["fields"]]


def test_the_seconds_of_the_first_minute_add_up_to_it() -> None:
    counted = []
    for table, column, last in (
        ("block_intervals", "minute_bin", 0),
        ("block_intervals_first_minute", "second_bin", 59),
    ):
        with (ROOT / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            blocks = Counter()
            for row in csv.DictReader(file):
                blocks[row["node"]] += int(row["blocks"]) * (int(row[column]) <= last)
            counted.append(blocks)
    assert counted[0] == counted[1]


def test_a_bare_repository_is_enough(tmp_path: Path) -> None:
    [upstream] = repositories("blockchain_size", tmp_path)
    git(tmp_path, "clone", "--quiet", "--bare", str(upstream), "bare")
    done = run("blockchain_size", tmp_path / "bare", "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.csv").read_bytes() == (FIXTURES / "blockchain_size" / "expected.csv").read_bytes()


def test_without_a_commit_the_pinned_one_is_read_and_its_absence_is_said(tmp_path: Path) -> None:
    [upstream] = repositories("blockchain_size", tmp_path)
    done = run("blockchain_size", upstream, "--out", tmp_path / "out.csv")
    pinned = RESOURCES["blockchain_size"]["derivation"]["upstream"][0]["commit"]
    assert done.returncode == 1
    assert pinned in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_a_constant_that_moved_away_is_an_error_that_names_its_place(tmp_path: Path) -> None:
    core, bolts = repositories("protocol_constants", tmp_path)
    (core / "src/chain.h").write_text("// moved\n", encoding="utf-8")
    git(core, "commit", "--quiet", "--all", "--message", "move")
    done = run("protocol_constants", core, bolts, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert "nothing in src/chain.h matches" in done.stderr


def test_a_first_block_with_another_hash_is_refused(tmp_path: Path) -> None:
    bitcoinj, core = repositories("block_headers", tmp_path)
    parameters = core / "src/kernel/chainparams.cpp"
    parameters.write_text(parameters.read_text(encoding="utf-8").replace("2083236893", "2083236894"), encoding="utf-8")
    git(core, "commit", "--quiet", "--all", "--message", "another nonce")
    done = run("block_headers", bitcoinj, core, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert "the first block hashes to" in done.stderr


@pytest.mark.parametrize(
    ("text", "words", "must"),
    [
        ("Two words.", 2, 0),
        ("| a | - | 3.1 | +-+-+ | 1,000 |", 1, 0),
        ("`code` [link](x.md) 00ff", 3, 0),
        ('"MUST" is quoted. A node MUST answer and MUST NOT lie.', 11, 2),
        ("**MUST** must MUSTARD", 3, 1),
        ("größer 漢字", 2, 0),
    ],
)
def test_words_and_obligations_are_counted_by_one_rule(
    text: str, words: int, must: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(DERIVE)
    counting = importlib.import_module("words")
    assert counting.words(text) == words
    assert counting.obligations(text, "MUST") == must
