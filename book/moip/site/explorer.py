"""The explorer of stacks: its small script on the page that has one, and the catalog that it works on.

The scripts and the stylesheet lie in ``theme/static`` (``explorer*``); a page asks for the smallest of them, which loads
the others when a reader reaches for the explorer. ``catalog.js`` is written here, from the tables of the model.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from ..model import export

LOGGER = logging.getLogger(__name__)
SCRIPT = "explorer.js"
MARK = re.compile(r'<div class="moip-explorer[^>]*data-digest="([^"]*)"')


def catalog_script(payload: dict[str, Any]) -> str:
    """The catalog as a script, which works from a file too."""
    return f"(window.moip ??= {{}}).catalog = {export.dumps(payload)};\n"


def page_context(
    app: Sphinx, pagename: str, _template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give a page with an explorer its script and catalog; a warning where its chapter was executed on other tables."""
    found = MARK.search(context.get("body", ""))
    if not found:
        return
    payload = export.payload()
    if found[1] != export.digest(payload):
        LOGGER.warning(
            "the explorer was made from other tables of the model: execute the notebook again",
            location=pagename,
            type="moip",
            subtype="explorer",
        )
    context["book_scripts"] = (*context["book_scripts"], SCRIPT)
    static = Path(app.outdir) / "_static"
    static.mkdir(parents=True, exist_ok=True)
    (static / "catalog.js").write_text(catalog_script(payload), encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", page_context, priority=950)
