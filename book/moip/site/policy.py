"""The Content-Security-Policy of every page: what a page may load and run, and from where. Nothing from another host.

Pages cannot set headers on GitHub Pages, so the policy stands in each page's head, before anything that it governs.
Everything is forbidden first; what is allowed then, and why:

- ``script-src``: the book's own files, and the one line that sets the color mode before the page is painted, by its hash.
- ``style-src``: the book's own files, and the two style elements that plotly.js makes, by their hashes: one empty, filled
  later through the object model, and one with the rules of a map library that the book does not use.
- ``style-src-attr``: figures carry their proportions in ``style``, and plotly.js sets bold text that way.
- ``img-src``: the book's own files; ``data:`` for heat maps, which plotly.js paints as pictures; ``blob:`` for a picture
  of a live figure that a reader saves.
- ``worker-src``: the book's own files, for what is computed in the page.
- ``connect-src``: the book's own host. No script of the book connects anywhere; tools that examine a page from within it
  (Lighthouse asks for ``robots.txt``) do.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from .assets import MODE_SCRIPT

INJECTED = re.compile(
    r"""createElement\("style"\);\w+\.id="\w+",\w+\.textContent=(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")"""
)
"""A style element with fixed rules, as bundled libraries make one."""


def digest(text: str) -> str:
    """A source expression that allows one inline script or style with exactly this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def injected_styles(bundle: str) -> list[str]:
    """The rules that a script bundle puts into style elements of its own."""
    escapes = {"n": "\n", "t": "\t", "r": "\r"}
    return [
        re.sub(r"\\(.)", lambda m: escapes.get(m[1], m[1]), single or double)
        for single, double in INJECTED.findall(bundle)
    ]


@cache
def policy() -> str:
    """The policy of a page of the book, for ``plotly.min.js`` as it is installed."""
    import plotly

    bundle = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    styles = [digest(text) for text in ("", *injected_styles(bundle))]
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", digest(MODE_SCRIPT)],
        "style-src": ["'self'", *styles],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "worker-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in rules.items())


def page_context(_app: Sphinx, _name: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    context["book_policy"] = policy()


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", page_context)
