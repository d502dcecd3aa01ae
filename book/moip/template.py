"""Start a new essay: a chapter from the template, registered in ``_toc.yml``, that builds and passes as it stands."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import nbformat

from . import notebooks

TEMPLATE = Path(__file__).parent / "template.ipynb"


def slug(title: str) -> str:
    """A file name from a title: lowercase letters, digits and hyphens.

    Raises ``ValueError`` when nothing is left of it.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if not name:
        raise ValueError(f"the title {title!r} has no letter to name a file by; write it with some")
    return name


def add_to_toc(text: str, document: str, part: str) -> str:
    """The text of ``_toc.yml`` with ``document`` at the end of ``part``, which is made before the back matter if it is new."""
    lines = text.rstrip("\n").split("\n")
    heads = [i for i, line in enumerate(lines) if line.lstrip().startswith("- caption:")]
    names = [lines[i].split(":", 1)[1].strip() for i in heads]
    entry = f"      - file: {document}"
    if part in names:
        at = names.index(part)
        end = heads[at + 1] if at + 1 < len(heads) else len(lines)
        return "\n".join([*lines[:end], entry, *lines[end:]]) + "\n"
    end = heads[names.index("Back matter")] if "Back matter" in names else len(lines)
    return "\n".join([*lines[:end], f"  - caption: {part}", "    chapters:", entry, *lines[end:]]) + "\n"


def new_essay(title: str, part: str = "Essays", base: Path | None = None) -> int:
    """Write the notebook, register it, execute it; returns 0, or 1 with a message when the essay is there already."""
    base = base or notebooks.root()
    title = title.strip()
    if not title:
        print('Give the essay a title: make essay TITLE="What is the point of ...?"')
        return 1
    try:
        name = slug(title)
    except ValueError as error:
        print(error)
        return 1
    document = f"book/essays/{name}"
    path = base / f"{document}.ipynb"
    if path.exists():
        print(f"{path.relative_to(base)} is there already; choose another title, or edit that file")
        return 1
    notebook = nbformat.read(TEMPLATE, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("ESSAY TITLE", title).replace("essay-name", name[:40].strip("-"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebooks.dumps(notebooks.normalize(notebook)), encoding="utf-8")
    toc = base / "_toc.yml"
    toc.write_text(add_to_toc(toc.read_text(encoding="utf-8"), document, part), encoding="utf-8")
    if notebooks.execute([path], jobs=1):
        return 1
    print(f"Wrote {path.relative_to(base)} and named it in _toc.yml, part {part!r}.")
    print("Edit it in JupyterLab (make lab), then: make execute, make book, make test.")
    return 0
