"""What the chapters say, section by section, for everything that has to find words in them.

Each document is read once, when Sphinx reads it, and kept in the environment; an incremental build reads only what changed.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from .render import moip_figure, moip_table

SKIPPED = (nodes.literal_block, nodes.raw, nodes.comment, nodes.system_message, nodes.title, nodes.math_block)
"""What no reader would search for: code, markup, formulas; headings are kept apart."""


@dataclass(frozen=True)
class Section:
    """One section of a document: its address in the page ('' for the document itself), heading, text, and text of tables."""

    anchor: str
    title: str
    text: str
    tables: str
    links: tuple[str, ...]


def sections(doctree: nodes.document) -> list[Section]:
    """The sections of a document in reading order; the first is the document itself, under its title."""
    found: list[Section] = []

    def walk(section: nodes.Element, anchor: str) -> None:
        words, tables, links, inner = [], [], [], []

        def gather(node: nodes.Node) -> None:
            if isinstance(node, nodes.section):
                inner.append(node)
            elif isinstance(node, moip_table):
                tables.append(_strip(node["table"]))
                for child in node.children:
                    gather(child)
            elif isinstance(node, moip_figure):
                words.append(_strip(node["spec"].title))
                for child in node.children:
                    gather(child)
            elif isinstance(node, nodes.Text):
                words.append(node.astext())
            elif not isinstance(node, SKIPPED):
                if isinstance(node, nodes.TextElement):
                    words.append(" ")
                if uri := getattr(node, "attributes", {}).get("refuri") or getattr(node, "attributes", {}).get(
                    "reftarget"
                ):
                    links.append(uri)
                for child in node.children:
                    gather(child)

        for child in section.children:
            gather(child)
        title = next((c.astext() for c in section.children if isinstance(c, nodes.title)), "")
        found.append(Section(anchor, title, _squeeze("".join(words)), _squeeze(" ".join(tables)), tuple(links)))
        for one in inner:
            walk(one, one["ids"][0])

    top = next((child for child in doctree.children if isinstance(child, nodes.section)), doctree)
    walk(top, "")
    return found


def first_sentence(text: str, longest: int = 110) -> str:
    """The first sentence of a text, cut at a word where it is longer than that."""
    return shorten(re.split(r"(?<=[.!?])\s", _squeeze(text), maxsplit=1)[0], longest)


def shorten(text: str, longest: int) -> str:
    """A text, cut at a word where it is longer than that many characters."""
    text = _squeeze(text)
    return text if len(text) <= longest else text[: longest - 2].rsplit(" ", 1)[0] + " …"


def _strip(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", markup))


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def of(env: BuildEnvironment) -> dict[str, list[Section]]:
    """Document name -> its sections."""
    return getattr(env, "moip_sections", {})


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Remember what a document says, just after it was read."""
    app.env.__dict__.setdefault("moip_sections", {})[app.env.docname] = sections(doctree)


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    env.__dict__.setdefault("moip_sections", {}).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """Take over what a parallel reader found."""
    theirs = {doc: said for doc, said in getattr(other, "moip_sections", {}).items() if doc in docnames}
    env.__dict__.setdefault("moip_sections", {}).update(theirs)


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
