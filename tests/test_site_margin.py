"""Notes beside the text."""

from __future__ import annotations

import pytest
from docutils.core import publish_doctree
from docutils.parsers.rst import directives
from docutils.utils import SystemMessage

from moip.site.margin import Margin


@pytest.fixture(autouse=True)
def known() -> None:
    directives.register_directive("margin", Margin)


def test_a_note_has_its_title_and_its_text() -> None:
    tree = publish_doctree(".. margin:: What *sat* means\n\n   A hundred millionth.\n\nText goes on.")
    assert tree.pformat().replace("\n", " ").split(
        '<sidebar classes="margin">',
    )[1].split() == [
        "<title>",
        "What",
        "<emphasis>",
        "sat",
        "means",
        "<paragraph>",
        "A",
        "hundred",
        "millionth.",
        "<paragraph>",
        "Text",
        "goes",
        "on.",
    ]


def test_a_title_is_not_needed() -> None:
    tree = publish_doctree(".. margin::\n\n   A hundred millionth.")
    assert tree[0].tagname == "sidebar" and tree[0].astext() == "A hundred millionth."


def test_a_note_that_says_nothing_is_refused() -> None:
    with pytest.raises(SystemMessage, match="Content block expected"):
        publish_doctree(".. margin:: Title", settings_overrides={"halt_level": 3, "report_level": 5})
