"""The life of feature bits comes out of a small repository with a known history as expected."""

from __future__ import annotations

from pathlib import Path

from test_derive import FIXTURES, git, repository, run

FIXTURE = FIXTURES / "bolt_features"


def test_script_derives_the_expected_table(tmp_path: Path) -> None:
    upstream = repository(FIXTURE / "bolts", tmp_path / "upstream")
    done = run("bolt_features", upstream, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.csv").read_bytes().decode() == (FIXTURE / "expected.csv").read_text(encoding="utf-8")


def test_a_change_counts_from_the_day_on_which_it_was_merged(tmp_path: Path) -> None:
    upstream = repository(FIXTURE / "bolts", tmp_path / "upstream")
    table = upstream / "09-features.md"
    git(upstream, "checkout", "--quiet", "-b", "draft")
    table.write_text(table.read_text(encoding="utf-8") + "| 8/9 | `late` | Late | I | | x |\n", encoding="utf-8")
    git(upstream, "commit", "--quiet", "--all", "--message", "draft", date="2022-06-01")
    git(upstream, "checkout", "--quiet", "main")
    git(upstream, "merge", "--quiet", "--no-ff", "--message", "merge", "draft", date="2024-06-01")
    done = run("bolt_features", upstream, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert "late,9,Late,I,,2024-06-01,,,negotiated" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_a_table_that_moved_away_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "fixture" / "2025-01-01"
    folder.mkdir(parents=True)
    (folder / "09-features.md").write_text("# moved\n", encoding="utf-8")
    upstream = repository(tmp_path / "fixture", tmp_path / "upstream")
    done = run("bolt_features", upstream, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert "has no table of feature bits" in done.stderr
    assert "Traceback" not in done.stderr
