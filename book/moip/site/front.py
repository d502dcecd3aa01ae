"""What every page leads to from its foot, and the site's own address, ``index.html``, which leads to the first page."""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from . import feed, technology
from .policy import policy

SHIPPED = "shipped"
DOWNLOADS = {".pdf": "The book as a PDF", ".zip": "The site as an archive"}
"""What may lie beside the published pages, by the end of its name."""
PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta http-equiv="refresh" content="0; url={first}">
{canonical}</head>
<body><p><a href="{first}">{title}</a></p></body>
</html>
"""


def front_page(title: str, first: str, language: str = "en", base: str = "") -> str:
    """A page that leads on to ``first`` at once; ``base`` is the site's address where it is known."""
    canonical = f'<link rel="canonical" href="{html.escape(base + first, quote=True)}">\n' if base else ""
    return PAGE.format(
        language=language, policy=policy(), title=html.escape(title), first=html.escape(first), canonical=canonical
    )


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the page unless a document of the book has its place."""
    if error or app.builder.format != "html" or app.config.root_doc == "index":
        return
    first = app.builder.get_target_uri(app.config.root_doc)
    text = front_page(
        app.config.html_title or app.config.project, first, app.config.language or "en", app.config.html_baseurl
    )
    (Path(app.outdir) / "index.html").write_text(text, encoding="utf-8")


def page_context(app: Sphinx, _name: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """The links at the foot of a page."""
    to = context["pathto"]
    links = []
    if technology.REGISTER in app.env.all_docs:
        links.append({"url": to(technology.INDEX), "text": "All technologies"})
    if changed := feed.chapter(app):
        links += [{"url": to(changed), "text": "What changed"}, {"url": to(feed.NAME, 1), "text": "Feed"}]
    links.append({"url": to(SHIPPED), "text": "What this site sends to you"})
    context["book_footer"] = links + downloads(app.config.html_baseurl, os.environ.get("BOOK_DOWNLOADS", ""))


def downloads(base: str, names: str) -> list[dict[str, str]]:
    """Links to the files that a deployment puts beside the pages: their names apart by blanks, from ``BOOK_DOWNLOADS``.

    Nothing where the site's address is not known. Raises ``ValueError`` for a file of another kind.
    """
    if unknown := [name for name in names.split() if Path(name).suffix not in DOWNLOADS]:
        raise ValueError(f"BOOK_DOWNLOADS names {unknown[0]}; it may name files that end in {' or '.join(DOWNLOADS)}")
    return [{"url": base + name, "text": DOWNLOADS[Path(name).suffix]} for name in names.split() if base]


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", page_context)
    app.connect("build-finished", write)
