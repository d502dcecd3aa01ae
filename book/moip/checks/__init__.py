"""What must hold before the book is published; each check returns the problems that it found."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it is, what is wrong there, and what to do about it."""

    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} -> {self.fix}"


def run(what: str, base: Path | None = None) -> int:
    """Run the check ``data``, ``notebooks`` or ``pages`` on the book at ``base`` and print what it found; 0 when all is well."""
    from ..notebooks import root

    problems = importlib.import_module(f"{__name__}.{what}").check(base or root())
    for problem in problems:
        print(problem)
    print(f"{what}: {len(problems)} problem{'' if len(problems) == 1 else 's'}")
    return 1 if problems else 0
