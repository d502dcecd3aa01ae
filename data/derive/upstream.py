"""What every derive script shares: reading a git repository at one commit, and writing a table.

A script names its upstream repositories in order and gives a function that turns them into rows. ``main`` does the
rest: the command line, the commit (the one the descriptor pins, unless ``--commit`` says another) and the CSV file.
Everything is read with ``git show`` and ``git log``, so a bare repository is enough and no work tree is touched.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent

Row = Mapping[str, object]


class UpstreamError(Exception):
    """An upstream repository does not hold what a script expects; the message names the repository and the place."""


@dataclass(frozen=True)
class Repository:
    """A local git repository (bare or not), read at one commit.

    `path`: the folder that git itself understands, a ``.git`` folder or a work tree.
    `revision`: anything that ``git rev-parse`` accepts.
    """

    path: Path
    revision: str = "HEAD"

    def git(self, *arguments: str) -> bytes:
        """Output of ``git <arguments>`` in this repository; `UpstreamError` with git's own words when it fails."""
        command = ["git", "-C", str(self.path), "-c", "log.showSignature=false", *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            reason = done.stderr.decode("utf-8", "replace").strip()
            raise UpstreamError(f"{self.path}: git {' '.join(arguments)}: {reason}")
        return done.stdout

    @cached_property
    def commit(self) -> str:
        """The full hash of the commit that is read."""
        return self.git("rev-parse", "--verify", f"{self.revision}^{{commit}}").decode().strip()

    @cached_property
    def date(self) -> str:
        """The committer's date of the commit that is read."""
        return self.git("log", "-1", "--format=%cs", self.commit).decode().strip()

    def read(self, path: str, commit: str | None = None) -> str:
        """The text of a file at the commit (or another one), line ends as LF; bytes that are not UTF-8 are replaced."""
        text = self.git("show", f"{commit or self.commit}:{path}").decode("utf-8", "replace")
        return text.replace("\r\n", "\n")

    def files(self, pattern: str) -> list[str]:
        """Paths at the commit that match the regular expression `pattern` in full, sorted."""
        names = self.git("ls-tree", "-r", "-z", "--name-only", self.commit).decode("utf-8").split("\0")
        return sorted(name for name in names if re.fullmatch(pattern, name))

    def exists(self, path: str, commit: str | None = None) -> bool:
        """Whether a file is there at the commit (or another one)."""
        return bool(self.git("ls-tree", commit or self.commit, path))

    def history(self, path: str) -> list[tuple[str, str]]:
        """(commit, committer's date) of every change of `path` that the commit can reach, oldest first."""
        log = self.git("log", "--topo-order", "--reverse", "--format=%H %cs", self.commit, "--", path).decode()
        return [tuple(line.split()) for line in log.splitlines()]

    def first_date(self, path: str) -> str:
        """The earliest author's date of a change of `path`, renames followed."""
        dates = self.git("log", "--follow", "--format=%as", self.commit, "--", path).decode().split()
        return min(dates)

    def find(self, pattern: str, path: str, commit: str | None = None) -> re.Match[str]:
        """The one match of a regular expression in a file; `UpstreamError` when there is none."""
        match = re.search(pattern, self.read(path, commit), re.MULTILINE)
        if match is None:
            raise UpstreamError(f"{self.path} at {self.commit}: nothing in {path} matches {pattern!r}")
        return match


def newest(repository: Repository, pattern: str, paths: list[str]) -> tuple[re.Match[str], str]:
    """The first match of a regular expression in the newest version of the files that has one, and its commit.

    The commit is the one that is read, if the match still stands there, else the last one before it went.
    """
    for path in paths:
        for commit in [repository.commit, *(commit for commit, _ in reversed(repository.history(path)))]:
            if repository.exists(path, commit) and (match := re.search(pattern, repository.read(path, commit))):
                return match, commit
    raise UpstreamError(f"{repository.path}: {pattern!r} was never in {' or '.join(paths)}")


def natural(text: str) -> list[str | int]:
    """Sort key that reads the numbers inside a text as numbers: bip9 before bip10. The tables are sorted by it."""
    return [int(part) if i % 2 else part.lower() for i, part in enumerate(re.split(r"(\d+)", text))]


def pinned(table: str) -> list[dict]:
    """The upstream repositories of a table as the descriptor records them: repository and commit of each, in order."""
    descriptor = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    resource = next(resource for resource in descriptor["resources"] if resource["name"] == table)
    return resource["derivation"]["upstream"]


def to_csv(rows: Iterable[Row], fields: list[str]) -> str:
    """The table as text: a header row, then one line a row; LF, comma, quotes only where needed, None as nothing."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(rows: Iterable[Row], fields: list[str], out: Path) -> None:
    """Write the table to `out` and say how many rows it has."""
    rows = list(rows)
    out.write_text(to_csv(rows, fields), encoding="utf-8", newline="")
    print(f"{out}: {len(rows)} rows")


def main(
    table: str,
    upstreams: list[str],
    fields: list[str],
    derive: Callable[..., Iterable[Row]],
    argv: list[str] | None = None,
) -> None:
    """The command line of a derive script.

    `table`: the name in the descriptor; `upstreams`: what to call each repository in the help text, in the order in
    which `derive` takes them; `fields`: the columns in order.
    """
    parser = argparse.ArgumentParser(description=f"Derive data/{table}.csv from local copies of its upstream.")
    for name in upstreams:
        parser.add_argument(name, type=Path, help=f"git folder of the {name} repository (bare or not)")
    parser.add_argument("--out", type=Path, default=DATA / f"{table}.csv", help="where to write (default: %(default)s)")
    parser.add_argument("--commit", help="read every repository at this revision, not at the pinned commit")
    given = parser.parse_args(argv)
    revisions = [given.commit] * len(upstreams) if given.commit else [up["commit"] for up in pinned(table)]
    paths = [getattr(given, name) for name in upstreams]
    repositories = [Repository(path, revision) for path, revision in zip(paths, revisions, strict=True)]
    try:
        write(derive(*repositories), fields, given.out)
    except UpstreamError as error:
        parser.exit(1, f"{error}\n")
