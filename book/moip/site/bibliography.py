"""References, formatted once: what pybtex made of an entry is kept with the build until the entry changes.

Pybtex looks its plugins up among all installed packages each time it is asked, and a citation asks; registering the
few that the book uses takes a third off a clean build. Formatting all entries again took a quarter of a small rebuild.
"""

from __future__ import annotations

from typing import Any

from pybtex.database import Entry
from pybtex.plugin import find_plugin, register_plugin
from pybtex.richtext import BaseText
from pybtex.style import FormattedEntry
from pybtex.style.formatting.alpha import Style as Alpha
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

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
