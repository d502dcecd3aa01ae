"""Measure the book: builds and how they grow, notebooks, pages, Lighthouse. Everything happens in copies of the repository.

Seconds are seconds of wall time on this machine, and differ from run to run where others use it too.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

from . import build as builder
from . import notebooks
from .browser import FLAGS, browser, launch, serve

GROWTH = (10, 50, 200)
PROGRESS = re.compile(r"(reading sources|writing output)\.\.\. *\[ *\d+%\] *(\S+)")
"""What Sphinx says before it turns to a document."""
LEFT_OUT = (
    ".git",
    ".venv",
    "_build",
    "__pycache__",
    ".ipynb_checkpoints",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
)
LIGHTHOUSE = "lighthouse@12"
LIGHTHOUSE_RUNS = 5
ESSAY = """\
import plotly.graph_objects as go
import pandas as pd
import moip.figures as mf
from moip import essay

days = list(range(1, 31))
count = [n * n % 17 for n in days]
fig = mf.figure(go.Scatter(x=days, y=count), title="Counts go up and down", x="Day", y="Count")
essay.figure(fig, name="fig-growth-000", caption="What thirty days brought, one by one.", alt="A line that goes up and down between 0 and 16 on thirty days.")
essay.table(pd.DataFrame({"Day": days, "Count": count}), name="tbl-growth-000", caption="What thirty days brought, as a table.")
"""


class BenchError(RuntimeError):
    """A measurement that could not be made; the message says why."""


def bench(parts: Sequence[str]) -> int:
    """Run the named parts (all when none is named) and print their tables.

    Returns 0, 1 when a part could not be measured, 2 for a part that does not exist.
    """
    if unknown := [part for part in parts if part not in PARTS]:
        print(f"no benchmark {unknown[0]!r}; there are: {', '.join(PARTS)}")
        return 2
    base = notebooks.root()
    failed = []
    print(
        f"{os.cpu_count()} processors; numbers are noisy where the load is above that, medians and CPU seconds less so"
    )
    for part in parts or PARTS:
        load = f"; load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
        print(f"\n== {part}: {(PARTS[part].__doc__ or '').splitlines()[0]}{load}", flush=True)
        start = time.perf_counter()
        try:
            PARTS[part](base)
        except BenchError as error:
            print(f"NOT measured: {error}")
            failed.append(part)
        print(f"({part} took {time.perf_counter() - start:.0f} s)", flush=True)
    return 1 if failed else 0


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table of plain text: first column to the left, the others to the right."""
    texts = [list(head), *([_text(value) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in texts) for i in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in texts
    ]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


# ---- builds ----


def _builds(base: Path) -> None:
    """seconds to build the site: clean, unchanged, and after an edit of one chapter (figures drawn beforehand)"""
    with _copy(base) as copy:
        _draw(copy)
        clean = _build(copy, clean=True)
        same = _build(copy)
        edited = notebooks.chapters(copy)[-1]
        _edit(edited)
        one = _build(copy)
        builds = {"clean tree": clean, "nothing changed": same, f"one chapter edited ({edited.stem})": one}
        print(table(["build", "seconds", "CPU s"], [(name, made.seconds, made.cpu) for name, made in builds.items()]))
        names = notebooks.documents(copy)
        lines = [(name, *clean.documents.get(name, (None, None))) for name in names]
        print(table(["chapter", "read s", "write s"], lines))
        known = [r + w for _, r, w in lines if r is not None and w is not None]
        if known:
            print(
                f"mean of a chapter: {mean(known):.2f} s; the rest of a clean build: {clean.seconds - sum(known):.1f} s"
            )


def _growth(base: Path) -> None:
    """seconds to build the book with 10, 50 and 200 essays more, clean and after an edit of one of them"""
    rows: list[tuple[Any, ...]] = []
    with _copy(base) as copy:
        sample = _sample(copy)
        for count in (0, *GROWTH):
            _add_essays(copy, sample, count)
            _draw(copy)
            clean = _build(copy, clean=True)
            _edit(notebooks.chapters(copy)[-1])
            one = _build(copy)
            each = (clean.seconds - rows[0][1]) / count if count else None
            work = (clean.cpu - rows[0][2]) / count if count else None
            site = sum(path.stat().st_size for path in (copy / "_build" / "html").rglob("*") if path.is_file()) / 1e6
            rows.append((count, clean.seconds, clean.cpu, each, work, one.seconds, one.cpu, site))
            print(f"{count} essays more: {clean.seconds:.1f} s clean, {one.seconds:.1f} s after an edit", flush=True)
    head = ["essays more", "clean s", "CPU s", "s per essay", "CPU s per essay", "one edited s", "CPU s", "site MB"]
    print(table(head, rows))


@dataclass(frozen=True)
class Build:
    """One build: seconds on the clock, seconds of processor, and (read, write) seconds of each document."""

    seconds: float
    cpu: float
    documents: dict[str, tuple[float, float]]


@contextlib.contextmanager
def _copy(base: Path) -> Iterator[Path]:
    """The repository in a folder of its own, figure cache included, built site and environment left out."""
    with tempfile.TemporaryDirectory(prefix="moip-bench-") as folder:
        copy = Path(folder) / "book"
        shutil.copytree(base, copy, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        yield copy


def _own(base: Path) -> dict[str, str]:
    """The environment in which a copy of the book uses its own library and data."""
    return os.environ | {"PYTHONPATH": str(base / "book"), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def _build(base: Path, clean: bool = False) -> Build:
    """Build the site and time it, each document by the moments at which Sphinx names it."""
    if clean:
        shutil.rmtree(base / "_build", ignore_errors=True)
    spent: dict[str, dict[str, float]] = {"reading sources": {}, "writing output": {}}
    now: tuple[str, str] | None = None
    lines: list[str] = []
    before = os.times()
    start = last = time.perf_counter()
    command = [*builder.COMMAND, *builder.STRICT]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "bufsize": 1}
    environment = os.environ | {
        "PYTHONUNBUFFERED": "1",
        "NO_COLOR": "1",
        "PYTHONWARNINGS": "ignore::DeprecationWarning",
    }
    with subprocess.Popen(command, cwd=base, env=environment, **pipe) as running:  # type: ignore[call-overload]
        for line in running.stdout:
            lines.append(line)
            moment = time.perf_counter()
            if now:
                spent[now[0]][now[1]] = spent[now[0]].get(now[1], 0) + moment - last
            found = PROGRESS.match(re.sub(r"\x1b\[[\d;]*m", "", line))
            now, last = ((found[1], found[2]) if found else None), moment
    seconds, after = time.perf_counter() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    missing = [name for name in notebooks.documents(base) if not (base / "_build" / "html" / f"{name}.html").exists()]
    if running.returncode or missing:
        print("".join(lines[-60:]))
        raise BenchError(f"the build failed (see above){', not built: ' + ', '.join(missing) if missing else ''}")
    read, write = spent.values()
    return Build(seconds, cpu, {name: (read[name], write.get(name, 0.0)) for name in read})


def _draw(base: Path) -> None:
    """Draw the pictures that the copy's cache lacks; figures that differ in their words alone share their pictures."""
    from .site import render, static
    from .site.spec import MODES, Spec

    folder = base / render.CACHE
    before = time.perf_counter()
    first: dict[str, Spec] = {}
    same: list[tuple[Spec, Spec]] = []
    for path in notebooks.chapters(base):
        for cell in notebooks.read(path).cells:
            for output in cell.get("outputs", []):
                if content := output.get("data", {}).get(render.PLOTLY):
                    spec = Spec.from_output(content)
                    layout = {key: value for key, value in spec.layout.items() if key != "meta"}
                    look = json.dumps([spec.data, layout, spec.words.get("narrow")], sort_keys=True)
                    same.append((spec, first.setdefault(look, spec)))
    static.draw(first.values(), folder)
    for spec, drawn in same:
        for name, source in (
            (static.picture_name(s, n, m) for s in (spec, drawn)) for n in (False, True) for m in MODES
        ):
            if (folder / source).exists() and not (folder / name).exists():
                shutil.copyfile(folder / source, folder / name)
    if (seconds := time.perf_counter() - before) > 1:
        print(f"(figures that were not in the cache: drawn beforehand in {seconds:.0f} s)", flush=True)


def _edit(path: Path) -> None:
    """Add a sentence to the last text of a notebook."""
    notebook = notebooks.read(path)
    cell = next(cell for cell in reversed(notebook.cells) if cell.cell_type == "markdown")
    cell.source += "\n\nOne more sentence, added to see how long it takes."
    path.write_text(notebooks.dumps(notebook), encoding="utf-8")


def _sample(base: Path) -> str:
    """An essay with a figure and a table, executed once, as the text of its notebook."""
    import nbformat

    path = base / "book" / "growth" / "sample.ipynb"
    path.parent.mkdir()
    words = "# Essay 000\n\nWords that stand for an essay, about {numref}`fig-growth-000` and {numref}`tbl-growth-000`.\n\n## And so on\n\n"
    cells = [
        nbformat.v4.new_markdown_cell(words + "A sentence like many others. " * 40),
        nbformat.v4.new_code_cell(ESSAY),
    ]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    _, _, error = notebooks.run(path)
    if error:
        raise BenchError(f"the synthetic essay does not run: {error}")
    text = path.read_text(encoding="utf-8")
    path.unlink()
    return text


def _add_essays(base: Path, sample: str, count: int) -> None:
    """Bring the copy to ``count`` synthetic essays, named in its ``_toc.yml``."""
    toc = base / "_toc.yml"
    if not count:
        return
    kept = toc.read_text(encoding="utf-8").partition("  - caption: Growth\n")[0]
    names = [f"book/growth/essay-{number:03d}" for number in range(1, count + 1)]
    entries = "".join(f"      - file: {name}\n" for name in names)
    toc.write_text(kept.rstrip("\n") + f"\n  - caption: Growth\n    chapters:\n{entries}", encoding="utf-8")
    for number, name in enumerate(names, 1):
        text = sample.replace("Essay 000", f"Essay {number:03d}").replace("growth-000", f"growth-{number:03d}")
        (base / f"{name}.ipynb").write_text(text, encoding="utf-8")


# ---- notebooks ----


def _notebooks(base: Path) -> None:
    """seconds and peak memory of each notebook, executed from scratch, and seconds of nbval for all of them"""
    rows: list[tuple[Any, ...]] = []
    failed = []
    paths = notebooks.chapters(base)
    with _copy(base) as copy:
        for number, path in enumerate(paths, 1):
            name = path.relative_to(base).as_posix()
            try:
                seconds, peak = _execute(copy / name, _own(copy))
            except BenchError as error:
                failed.append(str(error))
                print(f"[{number}/{len(paths)}] {name} FAILED: {error}", flush=True)
                continue
            rows.append((name, seconds, peak / 1e6))
            print(f"[{number}/{len(paths)}] {name} {seconds:.1f} s", flush=True)
        print(table(["notebook", "seconds", "peak MB"], rows))
        if failed:
            raise BenchError("; ".join(failed))
        _nbval(copy, [path.relative_to(base).as_posix() for path in paths])


def _execute(path: Path, environment: dict[str, str]) -> tuple[float, int]:
    """Seconds and peak memory in bytes (resident set of the kernel and its children) of one execution."""
    import psutil
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    peak = 0
    over = threading.Event()

    def watch(pid: int) -> None:
        nonlocal peak
        with contextlib.suppress(psutil.NoSuchProcess):
            kernel = psutil.Process(pid)
            while not over.wait(0.05):
                family = [kernel, *kernel.children(recursive=True)]
                peak = max(peak, sum(_resident(process) for process in family))

    def begin(**_: Any) -> None:
        pid = client.km.provisioner.process.pid
        threading.Thread(target=watch, args=(pid,), daemon=True).start()

    notebook = notebooks.normalize(notebooks.read(path))
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(
        notebook,
        timeout=notebooks.TIMEOUT_S,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        resources=resources,
        on_notebook_start=begin,
    )
    start = time.perf_counter()
    try:
        client.execute(env=environment)
    except CellExecutionError as error:
        raise BenchError(f"{path.name} does not run: {error.ename}: {error.evalue}") from error
    finally:
        over.set()
    return time.perf_counter() - start, peak


def _resident(process: Any) -> int:
    import psutil

    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _nbval(base: Path, names: list[str]) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope", "-p", "no:cacheprovider"]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "--nbval", "--nbval-current-env", *names], cwd=base, env=_own(base), capture_output=True, text=True
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        print(done.stdout[-6000:], done.stderr[-2000:], sep="\n")
        raise BenchError("nbval found differences (see above)")
    print(f"nbval, all {len(names)} notebooks in two processes: {seconds:.1f} s")


# ---- pages ----


def _pages(base: Path) -> None:
    """what a page sends (gzip) before and after its first figure is touched, its largest paint and its jumps"""
    from .checks import visits

    html, names = _site(base)
    rows = []
    with serve(html) as address, _chromium() as running:
        for number, name in enumerate(names, 1):
            report = visits.Report(name)
            with visits.reader(running, address, report, "bench", viewport=visits.DESK) as page:
                page.goto(f"{address}/{name}.html")
                visits.measure(page, report)
                figures = len(page.evaluate("look.plots()"))
                if figures:
                    visits.touch(page, 0, "hovered")
                    page.evaluate("([n, ms]) => look.alive(n, ms)", [0, visits.LIVE_MS])
                    weight = page.evaluate("look.weight()")
                    report.bytes_live, report.requests_live = weight["bytes"], weight["requests"]
                report.shift = page.evaluate("look.shift()")["sum"]
            rows.append(
                (
                    name,
                    report.bytes_at_once / 1000,
                    report.requests_at_once,
                    report.bytes_scrolled / 1000,
                    report.requests_scrolled,
                    report.bytes_live / 1000 if figures else None,
                    report.requests_live if figures else None,
                    report.paint_ms / 1000,
                    round(report.shift, 3),
                )
            )
            print(f"[{number}/{len(names)}] {name}", flush=True)
            for problem in [p for problems in report.found.values() for p in problems]:
                print(f"  {problem}")
    head = [
        "page (1280 px)",
        "kB come",
        "requests",
        "kB scrolled",
        "requests",
        "kB one live",
        "requests",
        "LCP s",
        "CLS",
    ]
    print(table(head, rows))


def _site(base: Path) -> tuple[Path, list[str]]:
    """The built site and the names of its pages; ``BenchError`` when it is not there."""
    html = base / "_build" / "html"
    names = [name for name in notebooks.documents(base) if (html / f"{name}.html").exists()]
    if not names:
        raise BenchError("there is no built site: make book")
    return html, names


@contextlib.contextmanager
def _chromium() -> Iterator[Any]:
    if browser() is None:
        raise BenchError("no Chromium or Chrome found: install one, or name it in BROWSER_PATH")
    with launch() as running:
        yield running


def _lighthouse(base: Path) -> None:
    """Lighthouse's mobile simulation, medians of five runs of each page, served with compression"""
    html, names = _site(base)
    npx = shutil.which("npx")
    if npx is None:
        raise BenchError("Lighthouse needs node: there is no npx on this machine")
    if browser() is None:
        raise BenchError("no Chromium or Chrome found: install one, or name it in BROWSER_PATH")
    rows = []
    notes: dict[str, set[str]] = {}
    with serve(html) as address, tempfile.TemporaryDirectory(prefix="moip-bench-") as folder:
        for number, name in enumerate(names, 1):
            runs = []
            for turn in range(1, LIGHTHOUSE_RUNS + 1):
                print(f"[{number}/{len(names)}] {name} run {turn}", flush=True)
                runs.append(_lighthouse_run(npx, f"{address}/{name}.html", Path(folder) / "report.json"))
            scores = {
                key: median(run["categories"][key]["score"] * 100 for run in runs) for key in runs[0]["categories"]
            }
            audits = {key: median(run["audits"][key]["numericValue"] for run in runs) for key in METRICS}
            rows.append(
                (
                    name,
                    *(round(scores[key]) for key in ("performance", "accessibility", "best-practices", "seo")),
                    audits["first-contentful-paint"] / 1000,
                    audits["largest-contentful-paint"] / 1000,
                    round(audits["cumulative-layout-shift"], 3),
                    round(audits["total-blocking-time"]),
                    audits["total-byte-weight"] / 1000,
                    round(median(run["environment"]["benchmarkIndex"] for run in runs)),
                )
            )
            for run in runs:
                for category in ("accessibility", "best-practices", "seo"):
                    for part in run["categories"][category]["auditRefs"]:
                        audit = run["audits"][part["id"]]
                        if part["weight"] and audit["score"] is not None and audit["score"] < 1:
                            notes.setdefault(f"{category} {part['id']}: {audit['title']}", set()).add(name)
    print(table(["page", "perf", "a11y", "best", "SEO", "FCP s", "LCP s", "CLS", "TBT ms", "kB", "machine"], rows))
    print("machine: Lighthouse's index of this machine's speed while it ran (below 1,000 it calls it slow)")
    for note, pages in sorted(notes.items()):
        print(f"not perfect: {note} ({', '.join(sorted(pages))})")


METRICS = (
    "first-contentful-paint",
    "largest-contentful-paint",
    "cumulative-layout-shift",
    "total-blocking-time",
    "total-byte-weight",
)


def _lighthouse_run(npx: str, url: str, report: Path) -> dict[str, Any]:
    flags = " ".join(["--headless=new", *FLAGS])
    command = [
        npx,
        "--yes",
        LIGHTHOUSE,
        url,
        "--quiet",
        "--output=json",
        f"--output-path={report}",
        f"--chrome-flags={flags}",
    ]
    environment = os.environ | {"CHROME_PATH": browser() or ""}
    done = subprocess.run(command, env=environment, cwd=report.parent, capture_output=True, text=True, timeout=300)
    if done.returncode or not report.exists():
        print(done.stdout[-2000:], done.stderr[-4000:], sep="\n")
        raise BenchError("Lighthouse did not come to its end (see above)")
    answer = json.loads(report.read_text(encoding="utf-8"))
    report.unlink()
    if error := answer.get("runtimeError"):
        raise BenchError(f"Lighthouse: {error.get('message', error)}")
    return answer


# ---- calculations ----


def _routes(base: Path) -> None:
    """cheapest routes by amount over the Lightning graph of 2026, on one core, beside networkx on some of the queries"""
    from . import bench_routes

    print(table(bench_routes.COLUMNS, bench_routes.rows()))


def _stacks(base: Path) -> None:
    """stacks of the reference model checked and folded, on one core: arrays beside a plain loop over the same candidates"""
    from .model.bench import model_bench

    columns = ("what", "stacks", "seconds", "stacks a second", "peak MB")
    print(table(columns, [tuple(row.values()) for row in model_bench()]))


PARTS: dict[str, Callable[[Path], None]] = {
    "build": _builds,
    "growth": _growth,
    "notebooks": _notebooks,
    "pages": _pages,
    "lighthouse": _lighthouse,
    "routes": _routes,
    "stacks": _stacks,
}
"""The benchmarks by name: add a function that takes the book's folder and prints a table; its docstring is its title."""
