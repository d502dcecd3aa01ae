"""What a chapter shows ends up in the notebook as text that a person can read in a diff."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import moip.figures as mf
from moip import essay

CAPTION = "The line rises from one to three."
ALT = "A line with three points that rises steadily from one to three."


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was displayed, in order."""
    outputs: list[Any] = []
    monkeypatch.setattr(essay, "display", lambda what, **_: outputs.append(what))
    return outputs


def line(**trace: Any) -> go.Figure:
    return mf.figure(go.Scatter(x=[1, 2, 3], y=[1, 2, 3], **trace), title="It rises", x="x", y="y")


def test_a_figure_is_stored_as_plain_lists_with_its_words(shown: list[Any]) -> None:
    figure = mf.figure(go.Scatter(x=pd.Series([1, 2]), y=np.array([0.1 + 0.2, 2.0])), title="It rises", x="x", y="y")
    essay.figure(figure, name="fig-line", caption=CAPTION, alt=ALT)
    content = shown[0]["application/vnd.plotly.v1+json"]
    assert content["data"][0]["x"] == [1, 2]
    assert content["data"][0]["y"] == [0.3, 2]
    assert content["layout"]["meta"] == {"name": "fig-line", "caption": CAPTION, "alt": ALT}
    assert "bdata" not in json.dumps(content)


def test_a_two_dimensional_array_keeps_its_shape(shown: list[Any]) -> None:
    figure = mf.figure(go.Heatmap(z=np.arange(6).reshape(2, 3)), title="A grid", x="x", y="y")
    essay.figure(figure, name="fig-grid", caption=CAPTION, alt=ALT)
    assert shown[0]["application/vnd.plotly.v1+json"]["data"][0]["z"] == [[0, 1, 2], [3, 4, 5]]


def test_dates_lose_their_empty_hours(shown: list[Any]) -> None:
    figure = mf.figure(
        go.Scatter(x=pd.to_datetime(["2020-01-01", "2021-06-30"]), y=[1, 2]), title="It rises", x="x", y="y"
    )
    essay.figure(figure, name="fig-dates", caption=CAPTION, alt=ALT)
    assert shown[0]["application/vnd.plotly.v1+json"]["data"][0]["x"] == ["2020-01-01", "2021-06-30"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"caption": ""}, "caption says too little"),
        ({"alt": "a line"}, "alt says too little"),
        ({"name": "Figure 1"}, "write it as fig-words-with-hyphens"),
        ({"name": "tbl-line"}, "write it as fig-"),
    ],
)
def test_a_figure_without_its_words_is_refused(change: dict[str, str], message: str) -> None:
    words = {"name": "fig-line", "caption": CAPTION, "alt": ALT} | change
    with pytest.raises(ValueError, match=message):
        essay.figure(line(), **words)


def test_a_figure_without_a_title_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a title"):
        essay.figure(go.Figure(go.Scatter(y=[1])), name="fig-line", caption=CAPTION, alt=ALT)


def test_a_table_has_headings_for_columns_and_rows_and_aligned_numbers(shown: list[Any]) -> None:
    essay.table(
        pd.DataFrame(
            {"kind": ["a & b", "c"], "size (bytes)": [1234, 5], "share": [0.5, np.nan], "known": [True, False]}
        ),
        name="tbl-sizes",
        caption="Sizes of two kinds of thing.",
        formats={"share": ".0%"},
    )
    html = shown[0]["text/html"]
    assert html.startswith('<table class="moip-table" id="tbl-sizes">\n<caption>Sizes of two kinds of thing.</caption>')
    assert '<th scope="col" class="num">size (bytes)</th>' in html
    assert '<th scope="row">a &amp; b</th><td class="num">1,234</td><td class="num">50%</td><td>yes</td>' in html
    assert '<th scope="row">c</th><td class="num">5</td><td class="num">–</td><td>no</td>' in html


def test_rows_can_be_addressed_and_explored(shown: list[Any]) -> None:
    rows = pd.DataFrame({"name": [essay.noted("a", "first"), "b"], "kind": ["x", "y"]})
    essay.table(rows, name="tbl-rows", caption="Two rows with addresses.", explore=["kind"], row_ids=["one", "two"])
    html = shown[0]["text/html"]
    assert 'data-explore="[&quot;kind&quot;]"' in html
    assert '<tr id="one"><th scope="row">a<small>first</small></th>' in html


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"caption": "short"}, "caption says too little"),
        ({"formats": {"b": ".1f"}}, "no column 'b'"),
        ({"explore": ["b"]}, "no column 'b'"),
        ({"row_ids": ["one", "one"]}, "1 different row ids for 2 rows"),
    ],
)
def test_a_table_that_cannot_be_shown_is_refused(words: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        essay.table(pd.DataFrame({"a": [1, 2]}), **({"name": "tbl-a", "caption": "A table of two numbers."} | words))


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no row to show"):
        essay.table(pd.DataFrame({"a": []}), name="tbl-a", caption="A table of nothing at all.")


def test_say_shows_markdown(shown: list[Any]) -> None:
    essay.say("  A year holds **52,560** blocks. ")
    assert shown[0].data == "A year holds **52,560** blocks."


@pytest.mark.parametrize(
    "text", ["It is nan percent.", "It takes inf years.", "On <NA> it happened.", "It fell by -inf."]
)
def test_say_refuses_a_number_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="for a number"):
        essay.say(text)


def test_say_refuses_nothing() -> None:
    with pytest.raises(ValueError, match="empty"):
        essay.say(" \n")
