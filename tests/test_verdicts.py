"""The landing page reads each chapter's verdict from the chapter."""

import nbformat
import pytest

from moip import notebooks


def test_every_principle_question_and_pattern_has_a_verdict() -> None:
    found = {
        path.stem: notebooks.verdict(path)
        for path in notebooks.chapters(notebooks.root())
        if path.parent.name in ("principles", "questions", "patterns")
    }
    assert len(found) >= 12 and all(title and words for title, words in found.values())


def test_a_verdict_is_found_in_text_and_in_outputs(tmp_path) -> None:
    said = nbformat.v4.new_output(
        "display_data", {"text/markdown": ":::{admonition} Holds\n:class: verdict\nIt does.\n:::"}
    )
    for cells in (
        [nbformat.v4.new_markdown_cell("# A\n\n:::{admonition} Holds\n:class: verdict\nIt does.\n:::")],
        [nbformat.v4.new_markdown_cell("# A"), nbformat.v4.new_code_cell("say()", outputs=[said])],
    ):
        path = tmp_path / "a.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        assert notebooks.verdict(path) == ("A", "Holds")


def test_a_chapter_without_verdict_is_named(tmp_path) -> None:
    path = tmp_path / "a.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A")]), path)
    with pytest.raises(ValueError, match=r"a\.ipynb has no verdict"):
        notebooks.verdict(path)
