"""References, formatted once: what pybtex made of an entry is kept with the build until the entry changes.

Pybtex looks its plugins up among all installed packages each time it is asked, and a citation asks; registering the
few that the book uses takes a third off a clean build. Formatting all entries again took a quarter of a small rebuild.

Below each entry stands where the book uses it: the chapters that cite it, the tables that have it as a source.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from pybtex.database import Entry
from pybtex.plugin import find_plugin, register_plugin
from pybtex.richtext import BaseText
from pybtex.style import FormattedEntry
from pybtex.style.formatting.alpha import Style as Alpha
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

from ..sources import named

USED = {
    "pybtex.backends": ("plaintext", "docutils"),
    "pybtex.style.names": ("plain",),
    "pybtex.style.labels": ("alpha",),
    "pybtex.style.sorting": ("author_year_title",),
}


class Remembered(Alpha):
    """Pybtex's style ``alpha``, which formats an entry again only when the entry has changed."""

    before: dict[str, BaseText] = {}  # noqa: RUF012 - shared on purpose: pybtex makes its styles itself
    now: dict[str, BaseText] = {}  # noqa: RUF012

    def format_entry(self, label: str, entry: Entry, bib_data: Any = None) -> FormattedEntry:
        """The formatted ``entry`` under its ``label``."""
        known = repr((entry.key, entry))
        if known not in self.now:
            self.now[known] = self.before.get(known) or super().format_entry(label, entry, bib_data).text
        return FormattedEntry(entry.key, self.now[known], label)


DICTIONARY = "book/register/data-dictionary"


class Uses(SphinxPostTransform):
    """Say below each entry which chapters cite it and which tables name it, with links to both."""

    default_priority = 6  # right after the entries have been put in (sphinxcontrib-bibtex, 5)

    def run(self, **_: Any) -> None:
        domain = self.env.get_domain("cite")
        lists = [made for at, made in domain.bibliographies.items() if at.docname == self.env.docname]  # type: ignore[attr-defined]
        if not lists:
            return
        chapters: dict[str, list[str]] = {}
        order = {name: number for number, name in enumerate(_documents(self.env))}
        for cited in sorted(domain.citation_refs, key=lambda ref: order.get(ref.docname, len(order))):  # type: ignore[attr-defined]
            for target in cited.targets:
                names = chapters.setdefault(target.key, [])
                if cited.docname not in names:
                    names.append(cited.docname)
        tables = named(Path(self.app.srcdir))
        for made in lists:
            for key, entry in made.citation_nodes.items():
                if entry.parent is not None:
                    entry += self._line(chapters.get(key, []), tables.get(key, []))

    def _line(self, chapters: list[str], tables: list[str]) -> list[nodes.Node]:
        """A paragraph with links, or nothing where nobody is known to use the entry."""
        links = [(self._to(name), self.env.titles[name].astext()) for name in chapters if name in self.env.titles]
        if DICTIONARY in self.env.titles:
            links += [(f"{self._to(DICTIONARY)}#tbl-data-{name.replace('_', '-')}", f"table {name}") for name in tables]
        if not links:
            return []
        line = nodes.paragraph("", "Used in: ", classes=["uses"])
        for number, (address, words) in enumerate(links):
            line += [nodes.Text(" · ")] if number else []
            line += nodes.reference("", words, refuri=address, internal=True)
        return [line]

    def _to(self, name: str) -> str:
        return self.app.builder.get_relative_uri(self.env.docname, name)


def _documents(env: BuildEnvironment) -> Iterator[str]:
    """Documents in the order of the book."""
    root: str = env.config.root_doc
    yield root
    waiting = list(env.toctree_includes.get(root, []))
    while waiting:
        name = waiting.pop(0)
        yield name
        waiting = [*env.toctree_includes.get(name, []), *waiting]


def _recall(app: Sphinx, env: BuildEnvironment, _docnames: list[str]) -> None:
    Remembered.before, Remembered.now = getattr(env, "moip_bibliography", {}), {}


def _keep(app: Sphinx, env: BuildEnvironment) -> None:
    env.moip_bibliography = Remembered.now


def _choose(app: Sphinx, config: Config) -> None:
    config.bibtex_default_style = "moip"


def setup(app: Sphinx) -> None:
    register_plugin("pybtex.style.formatting", "moip", Remembered, force=True)
    for group, names in USED.items():
        for name in names:
            register_plugin(group, name, find_plugin(group, name), force=True)
    app.connect("config-inited", _choose, priority=100)
    app.connect("env-before-read-docs", _recall)
    app.connect("env-updated", _keep, priority=900)
    app.add_post_transform(Uses)
