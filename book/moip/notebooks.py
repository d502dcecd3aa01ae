"""Notebooks as the repository keeps them: executed from top to bottom, normalized, nothing that differs by machine."""

from __future__ import annotations

import hashlib
import json
import os
import re
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import nbformat
import yaml

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
METADATA = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
KEPT_CELL_METADATA = {"tags"}
TIMEOUT_S = 300


def root() -> Path:
    """The folder of the book: the nearest one above this file that has a ``_toc.yml``."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "_toc.yml").exists():
            return folder
    raise FileNotFoundError("no _toc.yml above the moip library: install the book's own checkout (see README.md)")


def documents(base: Path) -> list[str]:
    """What ``_toc.yml`` names, in reading order, as paths without suffix."""
    toc = yaml.safe_load((base / "_toc.yml").read_text(encoding="utf-8"))

    def walk(node: Any) -> list[str]:
        if isinstance(node, list):
            return [name for item in node for name in walk(item)]
        if isinstance(node, dict):
            own = [node[key] for key in ("root", "file") if key in node]
            return own + [name for key in ("parts", "chapters", "sections") for name in walk(node.get(key, []))]
        return []

    return walk(toc)


def chapters(base: Path) -> list[Path]:
    """The notebooks of ``_toc.yml`` in reading order."""
    return [path for name in documents(base) if (path := base / f"{name}.ipynb").exists()]


def read(path: Path) -> nbformat.NotebookNode:
    """A notebook; ``ValueError`` that names the file when it is not one."""
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:
        raise ValueError(
            f"{path}: not a notebook ({error}); restore it from git or save it again in Jupyter"
        ) from error


def normalize(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The same notebook without what says nothing: one kernel, no timing, cell ids from their place and text.

    Empty cells are dropped, trailing white space goes, execution counts are kept as they are.
    """
    notebook = nbformat.from_dict(json.loads(json.dumps(notebook)))
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        cell.source = "\n".join(line.rstrip() for line in cell.source.strip("\n").split("\n"))
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in KEPT_CELL_METADATA and v})
        digest = hashlib.sha256(cell.source.encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})
    return notebook


def dumps(notebook: nbformat.NotebookNode) -> str:
    """The text to store, with keys in one order."""
    return (
        json.dumps(nbformat.v4.upgrade(notebook) and _split(notebook), indent=1, ensure_ascii=False, sort_keys=True)
        + "\n"
    )


def _split(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    from nbformat.v4.rwbase import split_lines, strip_transient

    return json.loads(json.dumps(split_lines(strip_transient(nbformat.from_dict(json.loads(json.dumps(notebook)))))))


def run(path: Path) -> tuple[Path, float, str]:
    """Execute a notebook in its own folder, normalize it, store it; returns the path, seconds and an error text."""
    import time

    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    start = time.perf_counter()
    notebook = normalize(read(path))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT_S,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        coalesce_streams=True,  # else what is printed is stored in as many pieces as it happened to arrive in
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        number = next(
            (i for i, c in enumerate(notebook.cells, 1) if any(o.output_type == "error" for o in c.get("outputs", []))),
            0,
        )
        return path, time.perf_counter() - start, f"cell {number}: {error.ename}: {error.evalue}"
    text = dumps(normalize(notebook))
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path, time.perf_counter() - start, ""


def execute(paths: list[Path], jobs: int = 2) -> int:
    """Execute notebooks in parallel and say how each one went; returns the number that failed."""
    failed = 0
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        futures = [pool.submit(run, path) for path in paths]
        for done, future in enumerate(as_completed(futures), 1):
            path, seconds, error = future.result()
            failed += bool(error)
            print(
                f"[{done}/{len(paths)}] {path.name} {seconds:.1f} s {'FAILED: ' + error if error else 'ok'}", flush=True
            )
    return failed


def stale(base: Path) -> list[Path]:
    """Chapters whose sources changed since git's last commit, or that have no stored results."""
    import subprocess

    changed = subprocess.run(
        ["git", "-C", str(base), "status", "--porcelain", "--untracked-files=all"], capture_output=True, text=True
    ).stdout
    names = {line[3:].split(" -> ")[-1].strip('"') for line in changed.splitlines()}
    everything = any(
        name.startswith(("data/", "book/moip/")) and not name.startswith("book/moip/site/") for name in names
    )
    return [
        path
        for path in chapters(base)
        if everything or path.relative_to(base).as_posix() in names or not _executed(read(path))
    ]


def _executed(notebook: nbformat.NotebookNode) -> bool:
    return all(cell.get("execution_count") for cell in notebook.cells if cell.cell_type == "code")


def verdict(path: Path) -> tuple[str, str]:
    """A chapter's title and the words of its verdict, as its text or its stored outputs have them.

    Raises ``ValueError`` when it has none of one of them.
    """
    texts = []
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            texts.append(cell.source)
        texts += [
            output.data["text/markdown"]
            for output in cell.get("outputs", [])
            if "text/markdown" in output.get("data", {})
        ]
    text = "\n".join(t if isinstance(t, str) else "".join(t) for t in texts)
    title = re.search(r"^# (.+)$", text, re.M)
    words = re.search(r"^:::\{admonition\} (.+)\n:class: verdict$", text, re.M)
    if not title or not words:
        raise ValueError(f"{path.name} has no {'verdict' if title else 'title'}: see book/moip/template.ipynb")
    return title[1].strip(), words[1].strip()
