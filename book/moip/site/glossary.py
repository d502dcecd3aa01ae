"""A term's first use on a page leads to its entry in the glossary, with its meaning at hand."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from .. import data
from ..glossary import Glossary

PAGE = "book/glossary"
PARTS = ("book/start/", "book/layers/", "book/principles/", "book/questions/", "book/patterns/", "book/essays/")


class Terms(SphinxPostTransform):
    """Link the first use of each term in the running text of a chapter."""

    default_priority = 800  # when references are resolved
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        if not self.env.docname.startswith(PARTS) or PAGE not in self.env.all_docs:
            return
        glossary: Glossary = self.app.moip_glossary  # type: ignore[attr-defined]
        address = self.app.builder.get_relative_uri(self.env.docname, PAGE)
        used: set[str] = set()
        for paragraph in list(self.document.findall(nodes.paragraph)):
            for text in [child for child in paragraph.children if isinstance(child, nodes.Text)]:
                if linked := _link(str(text), glossary, used, address):
                    paragraph.replace(text, linked)


def _link(text: str, glossary: Glossary, used: set[str], address: str) -> list[nodes.Node]:
    """The text in pieces, first uses being references; an empty list when there is none."""
    pieces: list[nodes.Node] = []
    end = 0
    for found in glossary.find(text):
        if found.term in used or not glossary.linked(found.term):
            continue
        used.add(found.term)
        if found.start > end:
            pieces.append(nodes.Text(text[end : found.start]))
        meaning = glossary.table.meaning[found.term]
        pieces.append(
            nodes.reference(
                "",
                text[found.start : found.end],
                internal=True,
                refuri=f"{address}#{found.term}",
                reftitle=meaning,
                classes=["term"],
            )
        )
        end = found.end
    return [*pieces, nodes.Text(text[end:])] if pieces else []


def _read(app: Sphinx) -> None:
    app.moip_glossary = Glossary(data.table("glossary"))  # type: ignore[attr-defined]


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", _read)
    app.add_post_transform(Terms)
