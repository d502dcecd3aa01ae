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
        if "outputs" in cell:
            cell.outputs = _joined(cell.outputs)
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})
    return notebook


def _joined(outputs: list[Any]) -> list[Any]:
    """The outputs with neighboring pieces of one stream as one: a slow machine sends what is printed in more pieces."""
    kept: list[Any] = []
    for output in outputs:
        last = kept[-1] if kept else {}
        if output.output_type == "stream" == last.get("output_type") and output.name == last.name:
            last.text = _whole(last.text) + _whole(output.text)
        else:
            kept.append(output)
    return kept


def _whole(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


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
    """Execute notebooks in parallel and say how each one went; returns the number that failed.

    The first page comes last: it counts the chapters and repeats their verdicts.
    """
    failed = done = 0
    last = [path for path in paths if path == front(path)]
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        for turn in ([path for path in paths if path not in last], last):
            for future in as_completed([pool.submit(run, path) for path in turn]):
                path, seconds, error = future.result()
                done += 1
                failed += bool(error)
                how = f"FAILED: {error}" if error else "ok"
                print(f"[{done}/{len(paths)}] {path.name} {seconds:.1f} s {how}", flush=True)
    return failed


def front(path: Path) -> Path | None:
    """The notebook of the first page of the book that a path lies in, or None when it lies in no book."""
    for folder in path.parents:
        if (folder / "_toc.yml").exists():
            return folder / f"{documents(folder)[0]}.ipynb"
    return None


def stale(base: Path) -> list[Path]:
    """Chapters whose sources changed since git's last commit, or that have no stored results.

    With any of them, or with ``_toc.yml``, the first page changes too. Outside a checkout of git only the second holds.
    """
    import subprocess

    try:
        changed = subprocess.run(
            ["git", "-C", str(base), "status", "--porcelain", "--untracked-files=all"], capture_output=True, text=True
        ).stdout
    except FileNotFoundError:
        changed = ""
    names = {line[3:].split(" -> ")[-1].strip('"') for line in changed.splitlines()}
    everything = any(
        name.startswith(("data/", "book/moip/")) and not name.startswith("book/moip/site/") for name in names
    )
    listed = chapters(base)
    found = [
        path for path in listed if everything or path.relative_to(base).as_posix() in names or not _executed(read(path))
    ]
    if found or "_toc.yml" in names:
        found += [path for path in listed[:1] if path == front(path) and path not in found]
    return found


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
