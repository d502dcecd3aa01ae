"""Start a new essay: a chapter from the template, registered in ``_toc.yml``, that builds and passes as it stands."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import nbformat
import yaml

from . import notebooks
from .checks.notebooks import bare_number

TEMPLATE = Path(__file__).parent / "template.ipynb"
LONGEST_NAME = 70
NOT_PLAIN = re.compile(r"^[\s\"'\[\]{}>|*&!%#`@,?:-]|: |:$| #|\s$")
"""What YAML would not read as the text that it is."""


def slug(title: str) -> str:
    """A file name from a title: lowercase letters, digits and hyphens, cut after a word where it would be long.

    Raises ``ValueError`` when nothing is left of it.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if not name:
        raise ValueError(
            f"the title {title!r} has no letter from a to z and no digit to name a file by; add a word with some"
        )
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME + 1].rpartition("-")[0] or name[:LONGEST_NAME]


def parts(text: str) -> list[str]:
    """The captions of the parts of the text of ``_toc.yml``."""
    return [part.get("caption", "") for part in yaml.safe_load(text).get("parts") or []]


def add_to_toc(text: str, document: str, part: str) -> str:
    """The text of ``_toc.yml`` with ``document`` at the end of ``part``, which is made before the back matter if it is new."""
    lines = text.rstrip("\n").split("\n")
    heads = [i for i, line in enumerate(lines) if line.lstrip().startswith("- caption:")]
    names = [str(yaml.safe_load(lines[i].split(":", 1)[1])) for i in heads]
    entry = f"      - file: {document}"
    if part in names:
        at = names.index(part)
        end = heads[at + 1] if at + 1 < len(heads) else len(lines)
        return "\n".join([*lines[:end], entry, *lines[end:]]) + "\n"
    end = heads[names.index("Back matter")] if "Back matter" in names else len(lines)
    caption = part
    if NOT_PLAIN.search(part):
        caption = '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "\n".join([*lines[:end], f"  - caption: {caption}", "    chapters:", entry, *lines[end:]]) + "\n"


def new_essay(title: str, part: str = "Essays", base: Path | None = None) -> int:
    """Write the notebook, register it, execute it and the first page, which counts it; returns 0, or 1 with a message why not."""
    base = base or notebooks.root()
    title, part = " ".join(title.split()), " ".join(part.split()) or "Essays"
    if not title:
        print('Give the essay a title: make essay TITLE="What is the point of ...?"')
        return 1
    if number := bare_number(title):
        print(f"the title has the number {number}, which nothing in a title can compute or cite; write it as a word")
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
        cell.source = cell.source.replace("ESSAY TITLE", title).replace("essay-name", f"essay-{name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebooks.dumps(notebooks.normalize(notebook)), encoding="utf-8")
    toc = base / "_toc.yml"
    text = toc.read_text(encoding="utf-8")
    there = parts(text)
    part = next((one for one in there if one.casefold() == part.casefold()), part)
    toc.write_text(add_to_toc(text, document, part), encoding="utf-8")
    first = notebooks.front(path)
    if notebooks.execute([path, *([first] if first and first.exists() else [])], jobs=1):
        return 1
    new = "" if part in there else ", which is new"
    print(f"Wrote {path.relative_to(base)} and named it in _toc.yml, part {part!r}{new}.")
    print(
        "Edit it in JupyterLab (make lab), then: make execute, make check, make book. Before you propose it: make test."
    )
    return 0
