"""Notes beside the text: ``:::{margin} A title`` … ``:::``, as Jupyter Book's readers know them, with or without a title.

They hold what helps one reader and would stop another: a unit, a name, a way of reading. The text must be whole without them.
"""

from __future__ import annotations

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx


class Margin(Directive):
    """A note that stands beside the text on a wide screen and between its paragraphs on a narrow one."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """The note as a docutils ``sidebar``; an error where it says nothing."""
        self.assert_has_content()
        note = nodes.sidebar("\n".join(self.content), classes=["margin"])
        if self.arguments:
            words, messages = self.state.inline_text(self.arguments[0], self.lineno)
            note += [nodes.title(self.arguments[0], "", *words), *messages]
        self.state.nested_parse(self.content, self.content_offset, note)
        return [note]


def setup(app: Sphinx) -> None:
    app.add_directive("margin", Margin)
