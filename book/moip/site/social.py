"""How a link to a page looks where people share it: title, description, and one picture of the stack.

The picture is a PNG, since those who show previews take no SVG. It is drawn where the site's own address is known (a
preview needs a whole address) and a Chromium is there, and kept by its content.
"""

from __future__ import annotations

import hashlib
import html
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
from sphinx.application import Sphinx
from sphinx.util import logging

from .. import data
from ..browser import browser, launch
from ..figures import COLORS, FONT
from .render import CACHE

LOGGER = logging.getLogger(__name__)
WIDTH, HEIGHT = 1200, 630
NAME = "card.png"


def card(title: str, line: str, layers: pd.DataFrame) -> str:
    """The picture as an HTML page of its own: the book's title, what it is, and the five layers with their questions."""
    ink, muted, paper = (COLORS[name].light for name in ("ink", "muted", "paper"))
    rows = "".join(
        f'<li style="background:{COLORS[f"tint-{row.layer}"].light};border-color:{COLORS[f"layer-{row.layer}"].light}">'
        f'<b style="color:{COLORS[f"layer-{row.layer}"].light}">{row.layer}</b><span>{html.escape(row.name)}</span>'
        f"<i>{html.escape(row.question)}</i></li>"
        for row in layers.sort_values("layer", ascending=False).itertuples()
    )
    return (
        f"<!DOCTYPE html><meta charset=utf-8><style>*{{margin:0;box-sizing:border-box}}"
        f"body{{width:{WIDTH}px;height:{HEIGHT}px;padding:52px 60px;background:{paper};color:{ink};font-family:{FONT};"
        "display:flex;flex-direction:column}"
        f"h1{{font-size:64px;line-height:1.1;letter-spacing:-.02em}}p{{font-size:27px;margin-top:10px;color:{muted}}}"
        "ol{list-style:none;padding:0;margin-top:auto;display:grid;gap:9px}"
        "li{display:grid;grid-template-columns:50px 230px 1fr;align-items:center;height:66px;padding:0 22px;border-left:14px solid;"
        "border-radius:8px;font-size:27px}b{font-size:34px}span{font-weight:700}i{font-size:24px}</style>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(line)}</p><ol>{rows}</ol>"
    )


def draw(page: str, folder: Path) -> Path | None:
    """The picture of a page as a file in ``folder``, named by its content; None where there is no browser to draw it."""
    target = folder / f"card-{hashlib.sha256(page.encode()).hexdigest()[:16]}.png"
    if target.exists():
        return target
    if browser() is None:
        LOGGER.info("no Chromium found: links to the book show no picture where they are shared")
        return None
    folder.mkdir(parents=True, exist_ok=True)
    with launch() as running:
        sheet = running.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        sheet.set_content(page)
        sheet.screenshot(path=target)
    return target


def publish(app: Sphinx, _env: Any) -> None:
    """Draw the picture and put it into the site, before pages are written."""
    if app.builder.format != "html" or not app.config.html_baseurl:
        return
    page = card(app.config.html_title, "An open reference architecture for a layered Bitcoin", data.table("layers"))
    if drawn := draw(page, Path(app.srcdir) / CACHE):
        static = Path(app.outdir) / "_static"
        static.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(drawn, static / NAME)
        app.moip_card = True  # type: ignore[attr-defined]


def page_context(app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """What the layout says to those who show previews."""
    base = app.config.html_baseurl
    context["book_card"] = f"{base}_static/{NAME}" if base and getattr(app, "moip_card", False) else ""
    context["book_card_size"] = (WIDTH, HEIGHT)
    context["book_kind"] = "website" if pagename == app.config.root_doc else "article"


def setup(app: Sphinx) -> None:
    app.connect("env-updated", publish)
    app.connect("html-page-context", page_context)
