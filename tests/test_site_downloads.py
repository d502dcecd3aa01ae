"""A notebook that is downloaded by itself says how to get the rest."""

import contextlib
import io

import nbformat
import pytest

from moip.notebooks import read, root
from moip.site.downloads import CELL, with_first_cell
from moip.site.links import Repository

CHAPTER = "book/start/why-layers.ipynb"


def downloaded(slug: str) -> dict:
    return with_first_cell(dict(read(root() / CHAPTER)), CHAPTER, Repository(slug, "main"))


def test_the_cell_stands_first_and_once() -> None:
    made = downloaded("somebody/fork")
    assert [c["id"] for c in made["cells"][:2]] == [CELL, read(root() / CHAPTER).cells[0]["id"]]
    assert with_first_cell(made, CHAPTER, Repository("somebody/fork", "main")) is made
    nbformat.validate(nbformat.from_dict(made))


def test_it_passes_where_the_library_is() -> None:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec("".join(downloaded("somebody/fork")["cells"][0]["source"]), {})
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("slug", "said"),
    [("somebody/fork", "git clone https://github.com/somebody/fork\n    cd fork\n    make lab"), ("", "make lab")],
)
def test_it_says_what_to_do_where_the_library_is_missing(slug: str, said: str) -> None:
    code = "".join(downloaded(slug)["cells"][0]["source"]).replace("import moip", "import moip_that_is_not_here")
    with pytest.raises(SystemExit, match="not on this machine") as stopped:
        exec(code, {})
    assert said in str(stopped.value) and CHAPTER in str(stopped.value)
