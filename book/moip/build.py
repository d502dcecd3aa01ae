"""Build the site with Jupyter Book and make sure that it is whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .notebooks import documents, root

COMMAND = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "."]
STRICT = ["-W", "-n", "--keep-going"]


def build(clean: bool = True, base: Path | None = None) -> int:
    """Build the site of the book at ``base``; returns 0 only when every page of ``_toc.yml`` is there without a warning.

    Jupyter Book's own exit code does not tell (it is 0 for some failures), so the pages are looked for.
    """
    base = base or root()
    html = base / "_build" / "html"
    if clean:
        for folder in (html, base / "_build" / ".doctrees"):
            shutil.rmtree(folder, ignore_errors=True)
    start = time.perf_counter()
    done = subprocess.run([*COMMAND, *STRICT, *(["-q"] if clean else [])], cwd=base, env=_quiet())
    missing = [name for name in documents(base) if not (html / f"{name}.html").exists()]
    for name in missing:
        print(f"not built: {name} (named in _toc.yml)")
    if done.returncode or missing:
        print("The book was NOT built: see the messages above (chapter.ipynb:50004 means cell 5, line 4).")
        return 1
    print(f"Built {len(documents(base))} pages in {time.perf_counter() - start:.0f} s. Open {html / 'index.html'}")
    return 0


def built(base: Path, say: Callable[[str], None]) -> Path | None:
    """The folder of the built site of the book at ``base``; None, and a line on what to do, where there is none."""
    site = base / "_build" / "html"
    if (site / "index.html").exists():
        return site
    say("there is no built site: make book")
    return None


def serve(port: int = 8000) -> int:
    """Build, serve on this machine and build again whenever a file of the book changes."""
    base = root()
    if build(clean=False, base=base):
        return 1
    config = subprocess.run([*COMMAND[:3], "config", "sphinx", "."], cwd=base, capture_output=True, text=True)
    if config.returncode:
        print(config.stderr)
        return 1
    ignored = ["_build/*", ".git/*", ".venv/*", ".cache/*", "*.pyc", "conf.py"]
    words = [
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
        *(w for pattern in ignored for w in ("--ignore", str(base / pattern))),
    ]
    return subprocess.call(
        [sys.executable, "-m", "sphinx_autobuild", ".", "_build/html", "-d", "_build/.doctrees", "-j", "auto", *words],
        cwd=base,
    )


def _quiet() -> dict[str, str]:
    return os.environ | {"PYTHONWARNINGS": "ignore::DeprecationWarning", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
