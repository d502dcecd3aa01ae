"""The Sphinx extension that turns Jupyter Book's output into this book's site.

It draws figures (:mod:`.render`, :mod:`.static`), makes links follow the fork (:mod:`.links`) and sends a reader
only what a page uses (:mod:`.assets`), the explorer of stacks among it (:mod:`.explorer`). Pages that no chapter is are made
from the tables (:mod:`.technology`), the search from all of it (:mod:`.search`). Imported by the build alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sphinx.application import Sphinx

PARTS = (
    "links",
    "bibliography",
    "glossary",
    "render",
    "assets",
    "explorer",
    "downloads",
    "policy",
    "text",
    "technology",
    "search",
    "social",
    "feed",
    "tables",
    "front",
    "shipped",
)
"""Modules with a ``setup`` of their own, in the order in which they are registered."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the parts; see each module's ``setup``."""
    for name in PARTS:
        import_module(f"{__name__}.{name}").setup(app)
    return {"version": "1", "env_version": 3, "parallel_read_safe": True, "parallel_write_safe": True}
