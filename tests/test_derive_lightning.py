"""The channel graphs are read from small upstream files written by this test, and a channel's direction from its keys."""

from __future__ import annotations

import gzip
import importlib
import lzma
from pathlib import Path

import pytest
from test_derive import DERIVE, FIXTURES, git, repository, run

KEYS = ["03ff", "02aa", "02bb", "03cc", "02dd"]
CHANNELS = [(1, 0, 90_000), (0, 2, 5_000_000), (2, 0, 1_000_000), (3, 0, 20_000), (4, 3, 7_000), (1, 2, 8_000)]
DISABLED = {1, 8}  # channel 0 away from the higher key, channel 4 away from the lower one
# Least payment, largest one (0: all of the capacity, 1: 99 % of it), base fee, proportional fee, delta of each direction.
POLICIES = [
    (1000, 0, 1, 10, 40), (7, 7, 7, 7, 7),
    (1, 1, 1000, 100, 144), (1001, 4_000_999, 0, 300, 34),
    (0, 0, 0, 5, 0), (1000, 1, 0, 0, 80),
    (0, 0, 0, 0, 0), (1000, 1, 2, 3, 4),
    (9, 9, 9, 9, 9), (0, 0, 0, 0, 0),
    (0, 0, 0, 0, 0), (0, 0, 0, 0, 0),
]  # fmt: skip


def big_size(number: int) -> bytes:
    """A number as BOLT 1's BigSize."""
    for first, size in ((0xFD, 2), (0xFE, 4), (0xFF, 8)):
        if number < (0xFD if size == 2 else 1 << 4 * size):
            break
        if number < 1 << 8 * size:
            return bytes([first]) + number.to_bytes(size, "big")
    return bytes([number])


def values(column: list[int]) -> list[int]:
    """The distinct values with their count before them, then an index for each value."""
    distinct = list(dict.fromkeys(column))
    return [len(distinct), *distinct, *(distinct.index(value) for value in column)]


def gossmap() -> bytes:
    """The graph above in the format of the upstream."""
    numbers = [len(CHANNELS), *(a for a, _, _ in CHANNELS), *(b for _, b, _ in CHANNELS)]
    numbers += [*sorted(DISABLED), 2 * len(CHANNELS), *values([capacity for _, _, capacity in CHANNELS])]
    for column in zip(*POLICIES, strict=True):
        numbers += values(list(column))
    return gzip.compress(b"GOSSMAP_COMPRESSv1\0" + b"".join(map(big_size, numbers)), mtime=0)


def core_lightning(where: Path, graph: bytes) -> Path:
    """A repository with the graph under both days, and a map of nodes with a name that holds a colon and a line feed."""
    folder = where / "tests/data"
    folder.mkdir(parents=True)
    git(where, "init", "--quiet", "--initial-branch=main")
    lines = "".join(f"{number}:{key}:name {number}: a\nb\n" for number, key in enumerate(KEYS))
    for day in ("2024-09-22", "2026-02-03"):
        (folder / f"gossip-store-{day}.compressed").write_bytes(graph)
        (folder / f"gossip-store-{day}-node-map.xz").write_bytes(lzma.compress(lines.encode()))
    git(where, "add", "--all")
    git(where, "commit", "--quiet", "--message", "graphs")
    return where


def upstreams(table: str, where: Path) -> list[Path]:
    """The repositories of a table, in the order of its script."""
    fixture = FIXTURES / "lightning_channels_2018" / "lightning_graphs"
    if table == "lightning_channels_2018":
        return [repository(fixture, where / "graphs")]
    lightning = core_lightning(where / "lightning", gossmap())
    return [repository(fixture, where / "graphs"), lightning, lightning] if "snapshots" in table else [lightning]


@pytest.mark.parametrize(
    "table", ["lightning_channels_2018", "lightning_channels_2024", "lightning_channels_2026", "lightning_snapshots"]
)
def test_script_derives_the_expected_table(table: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = run(table, *upstreams(table, tmp_path), "--commit", "HEAD", "--out", out)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().decode() == (FIXTURES / table / "expected.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("graph", "problem"),
    [
        (gzip.compress(b"GOSSMAP_COMPRESSv2\0", mtime=0), "not with"),
        (gzip.compress(gzip.decompress(gossmap()) + b"\0", mtime=0), "goes on behind"),
        (b"text", "Not a gzipped file"),
    ],
    ids=["version", "trailing", "text"],
)
def test_another_format_is_refused(graph: bytes, problem: str, tmp_path: Path) -> None:
    lightning = core_lightning(tmp_path / "lightning", graph)
    done = run("lightning_channels_2026", lightning, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 1
    assert "gossip-store-2026-02-03.compressed" in done.stderr
    assert problem in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_numbers_of_every_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DERIVE)
    read = importlib.import_module("gossmap").numbers
    sizes = [0, 0xFC, 0xFD, 0xFFFF, 0x10000, 0xFFFFFFFF, 0x100000000, 2**64 - 1]
    assert list(read(b"".join(map(big_size, sizes)))) == sizes
    assert [len(big_size(size)) for size in sizes] == [1, 1, 3, 3, 5, 5, 9, 9]
