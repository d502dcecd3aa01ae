"""Prove that the chapters run where readers run them: the environment that Binder builds, JupyterLab, a browser.

Binder takes the Python that ``runtime.txt`` names, installs ``requirements.txt`` with pip, and opens JupyterLab. The same
is done here in a folder of its own: a fresh environment, a copy of the book, a JupyterLab server, and a Chromium that
opens each chapter, runs all of its cells and looks at what they show.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import notebooks
from .browser import browser, launch

PLOTLY = "application/vnd.plotly.v1+json"
START_S, RUN_S = 90, 300
COUNT = """() => {
  const shown = [...document.querySelectorAll('.jp-Notebook .jp-Cell')];
  return {
    cells: shown.length,
    figures: [...document.querySelectorAll('.jp-Notebook .js-plotly-plot')].filter((e) => e.querySelector('.main-svg')).length,
    errors: [...document.querySelectorAll('.jp-RenderedText[data-mime-type="application/vnd.jupyter.error"]')].map((e) => e.innerText.slice(0, 300)),
  };
}"""


class LabError(Exception):
    """JupyterLab or a chapter in it did not do what it should; the message says what."""


@dataclass(frozen=True)
class Run:
    """What a chapter did in JupyterLab: figures it has stored, figures that drew, errors shown, seconds."""

    chapter: str
    expected: int
    drawn: int
    errors: tuple[str, ...]
    seconds: float

    @property
    def well(self) -> bool:
        return not self.errors and self.drawn == self.expected


def prove(chapters: Sequence[str] = (), base: Path | None = None) -> int:
    """Make the environment, run the chapters (all unless named, as ``book/part/name``), print what happened; 0 if all is well."""
    base = base or notebooks.root()
    if browser() is None:
        print("no Chromium or Chrome found: install one, or name it in BROWSER_PATH")
        return 1
    known = [path.relative_to(base).with_suffix("").as_posix() for path in notebooks.chapters(base)]
    if unknown := [name for name in chapters if name not in known]:
        print(f"no chapter {unknown[0]}; there are {', '.join(known)}")
        return 2
    with tempfile.TemporaryDirectory(prefix="moip-lab-") as folder:
        try:
            runs = _prove(Path(folder), base, list(chapters) or known)
        except LabError as error:
            print(error)
            return 1
    for run in runs:
        print(
            f"{run.chapter}: {run.drawn} of {run.expected} figures drew, {len(run.errors)} errors, {run.seconds:.0f} s"
        )
        for error in run.errors:
            print(f"    {error}")
    failed = [run for run in runs if not run.well]
    print(f"{len(runs) - len(failed)} of {len(runs)} chapters run in JupyterLab as they should")
    return 1 if failed else 0


def python(base: Path) -> str:
    """The interpreter that ``runtime.txt`` asks for, where this machine has it; else the one that runs now, with a line that says so."""
    wanted = re.sub(r"^python-", "", (base / "runtime.txt").read_text(encoding="utf-8").strip())
    found = shutil.which(f"python{wanted}")
    if found and subprocess.run([found, "--version"], capture_output=True).returncode == 0:
        return found
    print(f"Python {wanted} (runtime.txt) is not on this machine; {sys.version.split()[0]} is used instead")
    return sys.executable


def _prove(folder: Path, base: Path, chapters: list[str]) -> list[Run]:
    copy, env = folder / "book", folder / "env"
    ignored = shutil.ignore_patterns(".venv", "_build", ".git", ".cache", "__pycache__", "*.egg-info")
    shutil.copytree(base, copy, ignore=ignored)
    start = time.perf_counter()
    _run([python(base), "-m", "venv", str(env)], copy, "the environment could not be made")
    pip = [str(env / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    print("installing requirements.txt with pip, and JupyterLab as Binder brings it", flush=True)
    _run([*pip, "-r", "requirements.txt"], copy, "requirements.txt did not install")
    _run([*pip, "jupyterlab>=4"], copy, "JupyterLab did not install")
    print(f"environment ready after {time.perf_counter() - start:.0f} s", flush=True)
    with _server(env, copy) as address, launch() as chromium:
        runs = []
        for number, chapter in enumerate(chapters, 1):
            print(f"[{number}/{len(chapters)}] {chapter}", flush=True)
            runs.append(_chapter(chromium, address, copy, chapter))
    return runs


def _run(command: list[str], cwd: Path, trouble: str) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"{trouble}:\n{done.stdout[-1000:]}{done.stderr[-3000:]}")


@contextlib.contextmanager
def _server(env: Path, copy: Path) -> Iterator[str]:
    """A JupyterLab server in the copy of the book; yields its address."""
    log = env.parent / "lab.log"
    command = [str(env / "bin" / "jupyter"), "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
               "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.password="]  # fmt: skip
    private = {"JUPYTER_CONFIG_DIR": str(env.parent / "config"), "JUPYTER_DATA_DIR": str(env.parent / "data")}
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=copy, env=os.environ | private, stdout=out, stderr=out)
    try:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if found := re.search(r"http://127\.0\.0\.1:\d+/", log.read_text(encoding="utf-8", errors="replace")):
                yield found[0]
                return
            if server.poll() is not None:
                break
            time.sleep(0.5)
        raise LabError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")
    finally:
        server.terminate()
        server.wait(timeout=20)


def _chapter(chromium: Any, address: str, copy: Path, chapter: str) -> Run:
    """Open a chapter, clear what it shows, run all cells, count what is shown then."""
    notebook = notebooks.read(copy / f"{chapter}.ipynb")
    expected = sum(PLOTLY in o.get("data", {}) for cell in notebook.cells for o in cell.get("outputs", []))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    (copy / f"{chapter}.ipynb").write_text(notebooks.dumps(notebook), encoding="utf-8")
    start = time.perf_counter()
    page = chromium.new_page(viewport={"width": 1280, "height": 60_000})  # tall, so that every cell is drawn
    page.set_default_timeout(START_S * 1000)
    try:
        page.goto(f"{address}lab/tree/{chapter}.ipynb?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=START_S * 1000)
        page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=START_S * 1000)
        page.click(".jp-Notebook .jp-Cell", position={"x": 5, "y": 5})
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
        code = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in notebook.cells)
        done = f"document.querySelectorAll('.jp-Notebook .jp-InputPrompt').length && [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].filter((p) => /\\[\\d+\\]/.test(p.textContent)).length >= {code}"
        failed = "document.querySelector('.jp-RenderedText[data-mime-type=\"application/vnd.jupyter.error\"]')"
        page.wait_for_function(f"() => ({done}) || {failed}", timeout=RUN_S * 1000)
        page.wait_for_timeout(2000)
        seen = page.evaluate(COUNT)
    except Exception as error:  # a timeout of the browser says where it waited
        page.close()
        return Run(chapter, expected, 0, (str(error).splitlines()[0],), time.perf_counter() - start)
    page.close()
    return Run(chapter, expected, min(seen["figures"], expected), tuple(seen["errors"]), time.perf_counter() - start)
