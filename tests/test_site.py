"""From stored outputs to the page: figures, pictures, links, math, the stylesheet."""

from __future__ import annotations

from pathlib import Path

import pytest

import moip.figures as mf
from moip.site import assets, links, static
from moip.site.spec import FigureError, Spec

META = {"name": "fig-a", "caption": "It rises.", "alt": "A line that rises."}


def spec(data: list[dict] | None = None, **layout: object) -> Spec:
    trace = {"type": "scatter", "x": [1, 2], "y": [3, 4], "line": {"color": mf.LAYERS[1]}}
    base = {"title": {"text": "It <b>rises</b>"}, "meta": META, "height": 300, "xaxis": {"title": {"text": "day"}}}
    return Spec.from_output({"data": data or [trace], "layout": base | layout})


def test_a_spec_needs_its_words() -> None:
    for missing in META:
        with pytest.raises(FigureError, match=f"no {missing}"):
            spec(meta={k: v for k, v in META.items() if k != missing})
    with pytest.raises(FigureError, match="no title"):
        spec(title={"text": " "})


def test_the_drawing_leaves_the_title_to_the_page_and_turns_dark() -> None:
    drawing = spec().drawing(narrow=True, mode="dark")
    assert "title" not in drawing["layout"]
    assert (drawing["layout"]["width"], drawing["layout"]["height"]) == (358, 300)
    assert drawing["data"][0]["line"]["color"] == mf.COLORS["layer-1"].dark


def test_a_chapter_may_change_the_layout_for_phones() -> None:
    own = spec(meta=META | {"narrow": {"height": 500, "xaxis": {"tickangle": 90}}})
    assert own.size(narrow=True) == (358, 500)
    assert own.size(narrow=False) == (736, 300)
    assert own.drawn_layout(narrow=True)["xaxis"] == {"title": {"text": "day"}, "tickangle": 90}


def test_the_hash_follows_the_content() -> None:
    assert spec().hash == spec().hash
    assert spec().hash != spec(height=301).hash


def test_numbers_share_their_first_column() -> None:
    traces = [{"x": [1, 2], "y": [3, 4], "name": "a"}, {"x": [1, 2], "y": [5, 6], "name": "b"}]
    assert spec(traces).numbers.to_dict("list") == {"day": [1, 2], "a": [3, 4], "b": [5, 6]}


def test_numbers_with_different_first_columns_stand_below_each_other() -> None:
    traces = [{"x": [1], "y": [3], "name": "a"}, {"x": [2], "y": [5], "name": "b"}]
    assert spec(traces).numbers.to_dict("list") == {"series": ["a", "b"], "day": [1, 2], "y": [3, 5]}


def test_numbers_of_a_heat_map_and_of_bars_to_the_right() -> None:
    grid = [{"type": "heatmap", "x": ["u", "v"], "y": ["p"], "z": [[1, 2]], "name": "count"}]
    assert spec(grid).numbers.to_dict("list") == {"y": ["p", "p"], "day": ["u", "v"], "count": [1, 2]}
    bars = [{"type": "bar", "orientation": "h", "x": [7], "y": ["p"]}]
    assert list(spec(bars).numbers.columns) == ["name", "day"]


def test_a_figure_of_decoration_alone_is_refused() -> None:
    with pytest.raises(FigureError, match="no numbers"):
        _ = spec([{"x": [1], "y": [1], "meta": "decoration"}]).numbers


def test_pictures_differ_by_nothing_but_their_content() -> None:
    one = '<svg><defs id="defs-a1b2c3"/><clipPath id="clipa1b2c3xy"><path d="M1.23456,2.5"/></clipPath><g clip-path="url(#clipa1b2c3xy)"/></svg>'
    assert static.normalize(one) == static.normalize(one.replace("a1b2c3", "0f9e8d"))
    assert "M1.23,2.5" in static.normalize(one)


def test_without_a_browser_figures_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static, "browser", lambda: None)
    assert static.draw([spec()], tmp_path) is False
    for narrow in (False, True):
        for mode in ("light", "dark"):
            (tmp_path / static.picture_name(spec(), narrow, mode)).write_text("<svg/>")
    assert static.draw([spec()], tmp_path) is True


@pytest.mark.parametrize(
    ("remote", "slug"),
    [
        ("https://github.com/someone/their-book.git", "someone/their-book"),
        ("git@github.com:someone/their.book.git", "someone/their.book"),
        ("ssh://git@github.com/someone/book", "someone/book"),
        ("https://example.org/someone/book.git", ""),
        ("", ""),
    ],
)
def test_the_repository_is_read_from_any_spelling_of_a_remote(remote: str, slug: str) -> None:
    assert links.slug_of(remote) == slug


def test_links_follow_the_fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "Someone/Their-Book")
    monkeypatch.setenv("GITHUB_REF_NAME", "draft")
    here = links.repository(tmp_path, "https://github.com/first/book", "main")
    assert (
        here.binder("book/a b.ipynb")
        == "https://mybinder.org/v2/gh/Someone/Their-Book/draft?urlpath=lab/tree/book%2Fa%20b.ipynb"
    )
    assert here.edit("book/a.md") == "https://github.com/Someone/Their-Book/edit/draft/book/a.md"
    assert here.site == "https://someone.github.io/their-book/"


def test_a_branch_with_a_slash_is_one_word_for_binder() -> None:
    assert "/gh/someone/book/essay%2Ffees?" in links.Repository("someone/book", "essay/fees").binder()


def test_a_pull_request_does_not_link_to_its_merge_ref(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/book")
    monkeypatch.setenv("GITHUB_REF_NAME", "12/merge")
    assert links.repository(tmp_path, "", "main").branch == "main"


def test_outside_a_repository_there_are_no_dead_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    here = links.repository(tmp_path, "", "main")
    assert (here.url, here.binder(), here.edit("a"), here.site) == ("", "", "", "")


def test_links_in_a_page_follow_fork_and_format() -> None:
    page = '<a href="https://fork.invalid/binder">run</a> <a href="../start/why.ipynb#x">why</a> <a href="../_sources/a.ipynb">get</a>'
    forked = assets._follow(page, links.Repository("someone/book", "main"), "take-part.html")
    assert "mybinder.org/v2/gh/someone/book/main" in forked
    assert 'href="../start/why.html#x"' in forked
    assert 'href="../_sources/a.ipynb"' in forked
    assert 'href="take-part.html"' in assets._follow(page, links.Repository("", "main"), "take-part.html")


def test_a_page_that_includes_another_file_is_changed_there(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    (tmp_path / "book/take-part.md").write_text("```{include} ../CONTRIBUTING.md\n```\n")
    (tmp_path / "book/more.md").write_text("# More\n\n```{include} ../CONTRIBUTING.md\n```\n")
    assert assets._written(tmp_path, "book/take-part.md") == "CONTRIBUTING.md"
    assert assets._written(tmp_path, "book/more.md") == "book/more.md"
    assert assets._written(tmp_path, "book/index.ipynb") == "book/index.ipynb"


def test_the_stylesheet_has_both_palettes_and_asks_nobody() -> None:
    css = assets.stylesheet()
    assert f"--moip-ink:{mf.COLORS['ink'].light}" in css
    assert f"--moip-ink:{mf.COLORS['ink'].dark}" in css
    assert "http" not in css.replace("http://www.w3.org/2000/svg", "")
    assert len(css) < 60_000


def test_the_script_knows_the_palette() -> None:
    assert mf.palette_json() in assets.script()
    assert "/*palette*/" not in assets.script()
