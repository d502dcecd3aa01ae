"""A notebook downloaded by itself says in its first cell how to get the library and the tables that it needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from .links import Repository

CELL = "get-the-book"

TEXT = '''\
# This chapter computes with the book's library and tables. If they are not here, this cell says how to get them.
try:
    import moip
except ModuleNotFoundError:
    raise SystemExit("""The library and the tables of the book are not on this machine. With git, make and Python 3.11, 3.12 or 3.13:

{how}

Then open {path} there. Nothing else needs to be installed.""") from None
'''


def with_first_cell(notebook: dict[str, Any], path: str, here: Repository) -> dict[str, Any]:
    """The notebook (nbformat 4, as JSON) with the cell before all others, once."""
    if notebook["cells"] and notebook["cells"][0].get("id") == CELL:
        return notebook
    name = here.slug.split("/")[-1]
    how = (
        f"    git clone {here.url}\n    cd {name}\n    make lab"
        if here.slug
        else "    make lab        (in a copy of the repository of the book)"
    )
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": CELL,
        "metadata": {},
        "outputs": [],
        "source": TEXT.format(how=how, path=path).splitlines(keepends=True),
    }
    return {**notebook, "cells": [cell, *notebook["cells"]]}


def _write(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    sources = Path(app.outdir) / "_sources"
    for document in sorted(app.env.found_docs):
        path = sources / f"{document}.ipynb"
        if path.exists():
            notebook = json.loads(path.read_text(encoding="utf-8"))
            whole = with_first_cell(notebook, f"{document}.ipynb", app.config.html_context["book_repository"])
            if whole is not notebook:
                path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.connect("build-finished", _write)
