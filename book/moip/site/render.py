"""From the outputs stored in a notebook to numbered figures and tables of the page.

MyST-NB asks :class:`Outputs` (entry point ``myst_nb.mime_renderers``) first for every output. Plotly figures and the
tables of :mod:`moip.essay` become nodes that Sphinx numbers and ``{numref}`` finds; everything else is left to MyST-NB.
"""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from bs4 import BeautifulSoup
from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.osutil import relative_uri

from . import static
from .spec import MODES, FigureError, Spec

LOGGER = logging.getLogger(__name__)
PLOTLY = "application/vnd.plotly.v1+json"
ROWS_SHOWN = 40
CACHE = Path(".cache/figures")


class moip_figure(nodes.General, nodes.Element):
    """A numbered plotly figure; ``spec`` is its :class:`Spec`, the caption its only child."""


class moip_table(nodes.General, nodes.Element):
    """A numbered table; ``table`` is its HTML, the caption its only child."""


class moip_caption(nodes.caption):
    """The caption of either; it carries the number."""


class Outputs:
    """The MIME renderer plugin of the book."""

    mime_priority_overrides: ClassVar = [("html", PLOTLY, 1), ("html", "text/html", 2)]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """A figure or a table as nodes, or None for what MyST-NB shows itself."""
        if inline:
            return None
        if data.mime_type == PLOTLY:
            try:
                spec = Spec.from_output(data.content)
                spec.numbers  # noqa: B018 - a figure without numbers is an error where its cell is known
            except FigureError as error:
                renderer.logger.warning(f"cell {data.cell_index + 1}: {error}", line=data.line, subtype="moip_figure")
                return []
            node = moip_figure(spec=spec)
            return [_labelled(renderer, data, node, spec.words["name"], spec.words["caption"])]
        if data.mime_type == "text/html" and data.string.startswith('<table class="moip-table"'):
            soup = BeautifulSoup(data.string, "html.parser")
            table = soup.table
            caption = table.caption.extract().get_text()
            name = table["id"]
            del table["id"]
            node = moip_table(table=str(soup))
            return [_labelled(renderer, data, node, name, caption)]
        return None


def _labelled(
    renderer: NbElementRenderer, data: MimeData, node: nodes.Element, name: str, caption: str
) -> nodes.Element:
    """Give a figure or table its target name and its caption."""
    document = renderer.renderer.document
    node.source, node.line = document["source"], data.line
    node["names"].append(nodes.fully_normalize_name(name))
    document.note_explicit_target(node, node)
    holder = nodes.Element()
    with renderer.renderer.current_node_context(holder):
        renderer.renderer.nested_render_text(caption, data.line or 0)
    words = moip_caption("", "", *(child for paragraph in holder.children for child in paragraph.children))
    words.source, words.line = node.source, node.line
    node += words
    return node


def _caption_text(node: nodes.Element) -> str | None:
    return next((child.astext() for child in node if isinstance(child, nodes.caption)), None)


def visit_figure(self: Any, node: moip_figure) -> None:
    """Write title, pictures, and the place where the live figure will be."""
    spec: Spec = node["spec"]
    here = self.builder.get_target_uri(self.builder.current_docname)
    base = relative_uri(here, "_static/figures/")
    drawn = getattr(self.builder.app, "moip_drawn", False)
    alt = html.escape(spec.words["alt"], quote=True)
    (w, h), (nw, nh) = spec.size(False), spec.size(True)
    pictures = "".join(
        f'<img class="{"narrow" if narrow else "wide"} {mode}" src="{base}{static.picture_name(spec, narrow, mode)}"'
        f' width="{nw if narrow else w}" height="{nh if narrow else h}" alt="{alt}" loading="lazy" decoding="async">'
        for narrow in (False, True)
        for mode in MODES
    )
    self.body.append(
        f'<figure class="moip-figure" id="{node["ids"][0]}">\n'
        f'<p class="figure-title">{spec.title}</p>\n'
        f'<div class="plot" data-figure="{spec.hash}" data-src="{base}{spec.hash}.js" data-drawn="{int(drawn)}"'
        f' style="--wide:{w}/{h};--narrow:{nw}/{nh}">'
        + (pictures if drawn else f'<p class="plot-wait">{alt}</p>')
        + "</div>\n"
    )


def depart_figure(self: Any, node: moip_figure) -> None:
    """Write the figure's numbers, which open below its caption."""
    spec: Spec = node["spec"]
    here = self.builder.get_target_uri(self.builder.current_docname)
    csv = relative_uri(here, f"_static/figures/{spec.words['name']}-{spec.hash[:6]}.csv")
    numbers = spec.numbers
    shown = numbers
    note = f"All {len(numbers):,} rows."
    if len(numbers) > ROWS_SHOWN:
        step = (len(numbers) - 1) / (ROWS_SHOWN - 1)
        shown = numbers.iloc[[round(i * step) for i in range(ROWS_SHOWN)]]
        note = f"{ROWS_SHOWN} of {len(numbers):,} rows, evenly spaced; the file has them all."
    label = html.escape(f"Numbers of the figure: {_plain_text(spec.title)}", quote=True)
    self.body.append(
        '<details class="numbers"><summary>Numbers in this figure</summary>'
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{label}">{_html_table(shown)}</div>'
        f'<p>{note} <a href="{csv}" download>Download as CSV</a></p></details>\n</figure>\n'
    )


def visit_table(self: Any, node: moip_table) -> None:
    self.body.append(f'<figure class="moip-table-figure" id="{node["ids"][0]}">\n')


def depart_table(self: Any, node: moip_table) -> None:
    """Write the table below its caption, in a box that scrolls sideways when it must."""
    label = html.escape(_caption_text(node) or "Table", quote=True)
    bar = ""
    if said := re.search(r"""data-explore=(["'])(.*?)\1""", node["table"][:400]):
        few = len(json.loads(html.unescape(said[2]))) < 3  # they and the field to search in stand in one line
        bar = f'<div class="explore-bar{" few" if few else ""}"></div>'
    self.body.append(
        f'{bar}<div class="table-scroll" role="region" tabindex="0" aria-label="{label}">{node["table"]}</div>\n</figure>\n'
    )


def visit_caption(self: Any, node: moip_caption) -> None:
    self.body.append("<figcaption>")
    self.add_fignumber(node.parent)
    self.body.append('<span class="caption-text">')


def depart_caption(self: Any, node: moip_caption) -> None:
    self.body.append("</span>")
    self.add_permalink_ref(
        node.parent, "Link to this " + ("figure" if isinstance(node.parent, moip_figure) else "table")
    )
    self.body.append("</figcaption>\n")


def _plain_text(text: str) -> str:
    return BeautifulSoup(text, "html.parser").get_text(" ")


def _html_table(frame: pd.DataFrame) -> str:
    def cell(value: Any) -> str:
        if isinstance(value, float):
            return "" if value != value else f"{value:,.0f}" if value.is_integer() else f"{value:,.4g}"
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}"
        return "" if pd.isna(value) else html.escape(_plain_text(str(value)))

    head = "".join(f'<th scope="col">{html.escape(_plain_text(str(c)))}</th>' for c in frame.columns)
    numeric = [pd.api.types.is_numeric_dtype(frame[c]) for c in frame.columns]
    rows = "".join(
        "<tr>"
        + "".join(f"<td{' class=num' if n else ''}>{cell(v)}</td>" for v, n in zip(row, numeric, strict=True))
        + "</tr>"
        for row in frame.itertuples(index=False)
    )
    return f'<table class="moip-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _specs(app: Sphinx) -> list[Spec]:
    """Every figure of the book, from the doctrees."""
    found: dict[str, Spec] = getattr(app.env, "moip_figures", {})
    return [spec for specs in found.values() for spec in specs]


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Remember the figures of a document that was just read."""
    book = app.env.__dict__.setdefault("moip_figures", {})
    book[app.env.docname] = [node["spec"] for node in doctree.findall(moip_figure)]


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    env.__dict__.setdefault("moip_figures", {}).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """Take over what a parallel reader found."""
    env.__dict__.setdefault("moip_figures", {}).update(
        {d: s for d, s in getattr(other, "moip_figures", {}).items() if d in docnames}
    )


def publish(app: Sphinx, env: BuildEnvironment) -> None:
    """Draw what is new and put pictures, scripts and CSV files into the site, before pages are written."""
    if app.builder.format != "html":
        return
    cache = Path(app.srcdir) / CACHE
    specs = _specs(app)
    app.moip_drawn = static.draw(specs, cache)  # type: ignore[attr-defined]
    target = Path(app.outdir) / "_static" / "figures"
    target.mkdir(parents=True, exist_ok=True)
    for spec in specs:
        _write(target / f"{spec.hash}.js", spec.script())
        _write(
            target / f"{spec.words['name']}-{spec.hash[:6]}.csv", spec.numbers.to_csv(index=False, lineterminator="\n")
        )
        for narrow in (False, True):
            for mode in MODES if app.moip_drawn else ():  # type: ignore[attr-defined]
                name = static.picture_name(spec, narrow, mode)
                if not (target / name).exists():
                    shutil.copyfile(cache / name, target / name)


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _skip(self: Any, node: nodes.Node) -> None:
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.add_enumerable_node(
        moip_figure,
        "figure",
        _caption_text,
        html=(visit_figure, depart_figure),
        latex=(_skip, None),
        text=(_skip, None),
    )
    app.add_enumerable_node(
        moip_table, "table", _caption_text, html=(visit_table, depart_table), latex=(_skip, None), text=(_skip, None)
    )
    app.add_node(moip_caption, html=(visit_caption, depart_caption), latex=(_skip, None), text=(_skip, None))
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", publish)
