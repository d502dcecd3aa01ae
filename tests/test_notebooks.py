"""The lint of notebooks: what is missing, wrong or merely said is found, with the command that mends it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from moip import notebooks, template, testing
from moip.checks.notebooks import _prose, _sentences, bare_number, check

CHAPTER = "book/essays/does-it-hold.ipynb"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A small book with one essay, the template's."""
    (tmp_path / "book/essays").mkdir(parents=True)
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nparts:\n  - caption: Essays\n    chapters:\n      - file: book/essays/does-it-hold\n"
    )
    (tmp_path / "book/index.md").write_text("# Home\n")
    shutil.copyfile(template.TEMPLATE, tmp_path / CHAPTER)
    return tmp_path


def change(book: Path, edit: Callable[[nbformat.NotebookNode], None], normal: bool = True) -> None:
    notebook = nbformat.read(book / CHAPTER, as_version=4)
    edit(notebook)
    (book / CHAPTER).write_text(notebooks.dumps(notebooks.normalize(notebook) if normal else notebook))


def first(kind: str, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The first code cell with an output of a MIME type."""
    return next(c for c in notebook.cells for o in c.get("outputs", []) if kind in o.get("data", {}))


def test_the_template_passes(book: Path) -> None:
    assert check(book) == []


def test_every_chapter_of_this_book_passes() -> None:
    assert [str(p) for p in check(notebooks.root())] == []


def replaced(old: str, new: str) -> Callable[[nbformat.NotebookNode], None]:
    def edit(notebook: nbformat.NotebookNode) -> None:
        cell = next(c for c in notebook.cells if c.cell_type == "markdown" and old in c.source)
        cell.source = cell.source.replace(old, new)

    return edit


def without_results(notebook: nbformat.NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []


def never_run(notebook: nbformat.NotebookNode) -> None:
    first("text/html", notebook).execution_count = None


def out_of_order(notebook: nbformat.NotebookNode) -> None:
    first("text/html", notebook).execution_count = 42


def meta_without(key: str) -> Callable[[nbformat.NotebookNode], None]:
    def edit(notebook: nbformat.NotebookNode) -> None:
        mime = "application/vnd.plotly.v1+json"
        del first(mime, notebook).outputs[0]["data"][mime]["layout"]["meta"][key]

    return edit


def raw_table(notebook: nbformat.NotebookNode) -> None:
    first("text/html", notebook).outputs[0]["data"]["text/html"] = "<table><tr><td>1</td></tr></table>"


def warned(notebook: nbformat.NotebookNode) -> None:
    first("text/html", notebook).outputs.append(
        nbformat.v4.new_output("stream", name="stderr", text="FutureWarning: x\n")
    )


def failed(notebook: nbformat.NotebookNode) -> None:
    first("text/html", notebook).outputs.append(
        nbformat.v4.new_output("error", ename="KeyError", evalue="x", traceback=[])
    )


def machine(notebook: nbformat.NotebookNode) -> None:
    folder = "/" + "home/reader/book"
    first("text/html", notebook).outputs.append(nbformat.v4.new_output("stream", name="stdout", text=f"{folder}\n"))


def tagged(tag: str) -> Callable[[nbformat.NotebookNode], None]:
    return lambda notebook: first("text/html", notebook).metadata.update(tags=[tag])


def typed_caption(notebook: nbformat.NotebookNode) -> None:
    cell = next(c for c in notebook.cells if "essay.table" in c.source)
    cell.source = cell.source.replace("The five layers and what", "All 5 layers and what")


@pytest.mark.parametrize(
    ("edit", "where", "what", "fix"),
    [
        (without_results, CHAPTER, "no stored output", "make execute NB=book/"),
        (never_run, "cell", "has not been executed", "make execute NB=book/"),
        (out_of_order, CHAPTER, "not executed from top to bottom", "make execute NB=book/"),
        (failed, "cell", "stores an error (KeyError)", "mend the cell"),
        (warned, "cell", "stores a warning", "mend what warns"),
        (machine, "cell", "something of one machine", "not an object or a path"),
        (meta_without("alt"), "cell", "a figure has no text alternative", "essay.figure"),
        (meta_without("caption"), "cell", "a figure has no caption", "essay.figure"),
        (meta_without("name"), "cell", "a figure has no name", "essay.figure"),
        (raw_table, "cell", "a table has no name or caption", "essay.table"),
        (tagged("nbval-skip"), "cell", "exempted from comparison (nbval-skip) without a reason", "not compared: why"),
        (tagged("hide-everything"), "cell", "unknown tag 'hide-everything'", "hide-input"),
        (typed_caption, "cell", "the number 5 is neither computed nor cited", "compute it"),
        (replaced("## The case against", "## A doubt"), CHAPTER, "no section 'The case against'", "add '## The case against'"),
        (replaced("## A claim", "#### A claim"), "cell", "jumps from level 1 to 4", "make it level 2"),
        (replaced("# ESSAY TITLE", "## ESSAY TITLE"), CHAPTER, "level-1 headings", "begin with one line"),
        (replaced("{admonition} In short", "{note}"), CHAPTER, "no 'In short' box", "in-short"),
        (replaced("Say the answer here", "Say " + "the answer " * 40), CHAPTER, "'In short' has", "say it in 60"),
        (replaced("Judgments are welcome", "In 2019 there were some. Judgments are"), "cell", "neither computed nor cited", "cite"),
    ],
)  # fmt: skip
def test_a_defect_is_found(book: Path, edit: Callable, where: str, what: str, fix: str) -> None:
    change(book, edit)
    found = [p for p in check(book) if what in p.what]
    assert len(found) == 1, [str(p) for p in check(book)]
    assert found[0].where.startswith(CHAPTER)
    assert where in found[0].where
    assert fix in found[0].fix


def test_metadata_that_says_nothing_is_found(book: Path) -> None:
    change(book, lambda n: n.metadata.update(language_info={"name": "python", "version": "3.11.7"}), normal=False)
    assert [p.what for p in check(book)] == ["is not normalized (metadata, cell ids or white space differ)"]


def test_an_essay_that_no_page_leads_to_is_found(book: Path) -> None:
    shutil.copyfile(book / CHAPTER, book / "book/essays/lost.ipynb")
    assert [str(p) for p in check(book)] == [
        "book/essays/lost.ipynb: is not named in _toc.yml -> add it to a part of _toc.yml, or delete it"
    ]


def test_a_page_that_is_not_there_is_found(book: Path) -> None:
    (book / CHAPTER).unlink()
    assert [str(p) for p in check(book)] == [
        "_toc.yml: names book/essays/does-it-hold, which is not there -> add the file, or drop the line"
    ]


def test_a_broken_notebook_is_named(book: Path) -> None:
    (book / CHAPTER).write_text("{ not json")
    found = check(book)
    assert len(found) == 1
    assert CHAPTER in found[0].where
    assert "restore it" in found[0].fix


def test_two_figures_of_one_name_are_found(book: Path) -> None:
    shutil.copyfile(book / CHAPTER, book / "book/essays/again.ipynb")
    with (book / "_toc.yml").open("a") as toc:
        toc.write("      - file: book/essays/again\n")
    assert sorted(p.what.split(" by ")[0] for p in check(book)) == [
        "the name fig-essay-name is taken",
        "the name tbl-essay-name is taken",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "BIP 141, BIPs 340 to 342 and RFC 791 say so.",
        "A 2-of-3 quorum spends a P2WSH output under CC BY-SA 4.0.",
        "Layers 2 and 3 meet at L2; see section 5.2 and MOIP-L1-01.",
        "Visa processed 257.5 billion transactions {cite}`visa2025`.",
        "It takes COMPUTED years.",
        "Five layers and two axes.",
    ],
)
def test_names_and_sources_are_not_bare_numbers(sentence: str) -> None:
    assert bare_number(sentence) == ""


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("It took 7 years.", "7"),
        ("About 3.5% failed.", "3.5%"),
        ("Since 2018 it grew.", "2018"),
        ("COMPUTED of 21 million.", "21"),
    ],
)
def test_bare_numbers_are_found(sentence: str, number: str) -> None:
    assert bare_number(sentence) == number


def test_a_citation_excuses_its_own_sentence_alone() -> None:
    sentences = _sentences(_prose("It took 7 years {cite}`a`. It took 8 more."))
    assert [bare_number(s) for s in sentences] == ["", "8"]


def test_code_math_and_links_are_not_prose() -> None:
    text = "Use `x = 5` and $P = 7$.\n\n```python\ny = 9\n```\n\nSee [this](https://example.org/2024/01)."
    assert [bare_number(s) for s in _sentences(_prose(text))] == [""] * len(_sentences(_prose(text)))


def test_what_is_printed_in_pieces_is_stored_as_one(book: Path) -> None:
    def pieces(*texts: tuple[str, str]) -> nbformat.NotebookNode:
        cell = nbformat.v4.new_code_cell("print(1)", execution_count=1)
        cell.outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in texts]
        return nbformat.v4.new_notebook(cells=[cell])

    whole = notebooks.normalize(pieces(("stdout", "a\nb\n")))
    assert notebooks.normalize(pieces(("stdout", "a\n"), ("stdout", "b\n"))) == whole
    apart = notebooks.normalize(pieces(("stdout", "a\n"), ("stderr", "x\n"), ("stdout", "b\n")))
    assert [o.name for o in apart.cells[0].outputs] == ["stdout", "stderr", "stdout"]


def test_the_first_page_is_executed_with_the_others_and_last(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    (tmp_path / "_toc.yml").write_text("root: index\nparts:\n  - chapters:\n      - file: one\n      - file: two\n")
    cell = nbformat.v4.new_code_cell("1", execution_count=1)
    for name in ("index", "one", "two"):
        (tmp_path / f"{name}.ipynb").write_text(notebooks.dumps(nbformat.v4.new_notebook(cells=[cell])))
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "a"]):
        subprocess.run([*git, *words], check=True)
    assert notebooks.stale(tmp_path) == []
    with (tmp_path / "two.ipynb").open("a") as file:
        file.write("\n")
    assert [path.stem for path in notebooks.stale(tmp_path)] == ["two", "index"]
    assert notebooks.front(tmp_path / "one.ipynb") == tmp_path / "index.ipynb"
    assert notebooks.front(tmp_path.parent / "one.ipynb") is None


def test_the_report_names_each_notebook_that_differs_once() -> None:
    report = "FAILED book/index.ipynb::Cell 3 - x\nFAILED book/index.ipynb::Cell 4\nFAILED book/a/b.ipynb::Cell 1\n1 passed\n"
    assert testing.stale(report) == ["book/index.ipynb", "book/a/b.ipynb"]


def test_a_citation_or_link_to_nothing_is_found(book: Path) -> None:
    (book / "book/references.bib").write_text("@misc{bolt3,\n  title = {T},\n  url = {https://example.org},\n}\n")
    text = "Judgments {cite}`bolt03,bolt3` and [there](../layers/nothing.ipynb), [home](../index.md#top) or `[x](y.md)` are"
    change(book, replaced("Judgments are", text))
    found = [str(p).partition(": ")[2] for p in check(book)]
    assert found == [
        "cites 'bolt03', which book/references.bib lacks -> add the entry there, or write bolt3",
        "links to ../layers/nothing.ipynb, which is not there -> write the way from this notebook, such as ../layers/transport.ipynb",
    ]


def test_normalizing_twice_changes_nothing() -> None:
    once = notebooks.normalize(notebooks.read(template.TEMPLATE))
    assert notebooks.dumps(notebooks.normalize(once)) == notebooks.dumps(once)


def test_a_title_becomes_a_file_name() -> None:
    assert template.slug("What does a channel cost to leave?") == "what-does-a-channel-cost-to-leave"
    assert template.slug("Déjà vu: ₿ & λ") == "deja-vu"
    assert template.slug("word " * 40) == "-".join(["word"] * 14)
    with pytest.raises(ValueError, match="no letter from a to z"):
        template.slug("¿?")


def test_an_essay_joins_its_part_or_a_new_one_before_the_back_matter() -> None:
    toc = "format: jb-book\nroot: book/index\nparts:\n  - caption: One\n    chapters:\n      - file: a\n  - caption: Back matter\n    chapters:\n      - file: z\n"
    assert "      - file: a\n      - file: b\n  - caption: Back" in template.add_to_toc(toc, "b", "One")
    assert "  - caption: Essays\n    chapters:\n      - file: b\n  - caption: Back matter" in template.add_to_toc(
        toc, "b", "Essays"
    )


@pytest.mark.parametrize(
    "part", ['Risk: a "part" # with signs', "# one", "back\\slash: x", "Yes, and no", "What's new?", "- a"]
)
def test_a_part_of_any_name_is_read_back(part: str) -> None:
    toc = "format: jb-book\nroot: book/index\nparts:\n  - caption: Back matter\n    chapters:\n      - file: z\n"
    once = template.add_to_toc(toc, "b", part)
    assert template.parts(once) == [part, "Back matter"]
    assert template.parts(template.add_to_toc(once, "c", part)) == [part, "Back matter"]


def test_a_number_in_a_title_is_refused(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert template.new_essay("Are 21 million enough?", base=book) == 1
    assert "the number 21" in capsys.readouterr().out
    assert not list((book / "book/essays").glob("are-*"))


def test_a_new_essay_passes_every_check_as_it_stands(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (book / CHAPTER).unlink()
    (book / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nparts:\n  - caption: Back matter\n    chapters: []\n"
    )
    assert template.new_essay("Does it hold?", "Essays", base=book) == 0
    assert [str(p) for p in check(book)] == []
    assert "fig-essay-does-it-hold" in (book / CHAPTER).read_text()
    assert template.new_essay("Does it hold?", "essays", base=book) == 1
    assert "is there already" in capsys.readouterr().out


def test_what_a_cell_prints_is_stored_in_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "prints.ipynb"
    code = "import time\nprint(1, flush=True)\ntime.sleep(0.5)\nprint(2)"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), path)
    assert notebooks.run(path)[2] == ""
    (cell,) = nbformat.read(path, as_version=4).cells
    assert [output.text for output in cell.outputs] == ["1\n2\n"]
