"""``make test``: every check of the book, one after another, with progress."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .notebooks import chapters, root

PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope"]


def test() -> int:
    """Run the steps in order and go on when one fails, so that one run says everything; 0 when all passed."""
    base = root()
    python = [sys.executable, "-m"]
    nbval = [*PYTEST, "--nbval", "--nbval-current-env", *(str(p.relative_to(base)) for p in chapters(base))]
    steps: list[tuple[str, Callable[[], int]]] = [
        (
            "code: lint and format",
            lambda: _all(
                base, [*python, "ruff", "check", "--quiet", "."], [*python, "ruff", "format", "--check", "--quiet", "."]
            ),
        ),
        ("data: tables against their descriptor", lambda: _all(base, [*python, "moip", "check", "data"])),
        ("notebooks: lint", lambda: _all(base, [*python, "moip", "check", "notebooks"])),
        ("library and checks: unit tests", lambda: _all(base, [*PYTEST, "tests", "--ignore=tests/test_pages.py"])),
        ("notebooks: executed anew and compared (nbval)", lambda: _compared(base, nbval)),
        ("book: built from a clean tree, warnings being errors", lambda: _all(base, [*python, "moip", "build"])),
        ("pages: in a browser", lambda: _all(base, [*python, "pytest", "-q", "-rs", "tests/test_pages.py"])),
    ]
    failed = []
    for number, (name, step) in enumerate(steps, 1):
        print(f"\n=== {number}/{len(steps)} {name}", flush=True)
        start = time.perf_counter()
        code = step()
        print(
            f"=== {number}/{len(steps)} {'ok' if code == 0 else 'FAILED'} in {time.perf_counter() - start:.0f} s",
            flush=True,
        )
        if code:
            failed.append(name)
    print(
        "\n"
        + "".join(f"FAILED: {name}\n" for name in failed)
        + f"steps: {len(steps) - len(failed)} passed, {len(failed)} failed"
    )
    return 1 if failed else 0


def stale(report: str) -> list[str]:
    """The notebooks whose stored outputs are not what their code gives now, by the report of pytest (its short summary)."""
    return list(dict.fromkeys(re.findall(r"^FAILED (\S+\.ipynb)::", report, re.M)))


def _compared(base: Path, command: list[str]) -> int:
    """Execute and compare; after a failure say which command mends it."""
    lines = []
    with subprocess.Popen(command, cwd=base, env=_environment(), stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    if names := stale("".join(lines)):
        print(
            "What these notebooks store is not what their code and the tables give now. If the new results are right:"
        )
        print(f'make execute NB="{" ".join(names)}"')
    return running.returncode


def _environment() -> dict[str, str]:
    return os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1", "JUPYTER_PLATFORM_DIRS": "1"}


def _all(base: Path, *commands: list[str]) -> int:
    return max(subprocess.call(command, cwd=base, env=_environment()) for command in commands)
