"""``make offline``: the built site as one archive that reads from a file system, without a server."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from .build import built
from .notebooks import root

NAME = "money-over-ip-offline.zip"
FOLDER = "money-over-ip"
LEFT_OUT = frozenset({".buildinfo", "objects.inv"})
"""What only a server, or a build, has a use for."""
MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every file, so that the same site gives the same archive."""
READ_ME = """\
Money over IP, to read without a network.

Open {first} in a browser. Figures, search and navigation work from this folder; links to sources need a network.
"""


def files(site: Path) -> list[Path]:
    """The files of the site that go into the archive, in order."""
    return sorted(p for p in site.rglob("*") if p.is_file() and p.relative_to(site).as_posix() not in LEFT_OUT)


def pack(site: Path, target: Path) -> int:
    """Write the archive; returns how many files are in it. The same site gives the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    found = files(site)
    partial = target.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in [
            ("README.txt", READ_ME.format(first="index.html").encode()),
            *((path.relative_to(site).as_posix(), path) for path in found),
        ]:
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content.read_bytes() if isinstance(content, Path) else content)
    partial.replace(target)
    return len(found) + 1


def make(base: Path | None = None, say: Callable[[str], None] = print) -> int:
    """Pack the built site as ``_build/money-over-ip-offline.zip``; 0 when it is there, 1 with a line that says why not."""
    base = base or root()
    if (site := built(base, say)) is None:
        return 1
    start = time.perf_counter()
    target = base / "_build" / NAME
    count = pack(site, target)
    size = target.stat().st_size / 1e6
    say(f"{count} files, {size:.1f} MB, in {time.perf_counter() - start:.0f} s: {target}")
    say(f"Unpack it and open {FOLDER}/index.html; no server is needed.")
    return 0
