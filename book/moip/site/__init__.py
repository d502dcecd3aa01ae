"""The Sphinx extension that turns Jupyter Book's output into this book's site.

It draws figures (:mod:`.render`, :mod:`.static`), makes links follow the fork (:mod:`.links`) and sends a reader
only what a page uses (:mod:`.assets`), the explorer of stacks among it (:mod:`.explorer`). Imported by the build alone.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the parts; see each module's ``setup``."""
    from . import assets, bibliography, explorer, glossary, links, render

    for part in (links, bibliography, glossary, render, assets, explorer):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
