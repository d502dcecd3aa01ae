"""Stacks in their scenarios as a grid: a row a stack, a column a question, darker where it asks more of the person.

What is unknown has a question mark on bare paper, whatever its column.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from ..model.properties import UNKNOWN
from ..model.scenarios import FAILS, FITS, Candidate, leaks
from . import COLORS, SEQUENTIAL, figure

__all__ = ["COLUMNS", "cell", "grid", "span"]

COLUMNS = {
    "Fits": "fits the use: all needs are met",
    "Take": "fewest parties besides the owner who can take the money",
    "Stop": "fewest parties who can stop it",
    "Cost": "cost of one payment",
    "Wait": "until the payee may rely on it",
    "Exit": "block space to leave alone, in satoshis",
    "Away": "how long nobody need look after it",
    "Seen": "of six facts, how many an observer learns",
}
"""Columns of the grid and what each asks."""
SHADES = (SEQUENTIAL[0], SEQUENTIAL[2], SEQUENTIAL[4])
EXIT_SHARE = 0.01
"""Above this share of the balance an exit counts as dear."""
COST_SHARE = 0.2
"""Above this share of what a payment may cost it counts as dear."""


def span(seconds: float) -> str:
    """A time in few characters."""
    if seconds == 0:
        return "0"
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length or (unit == "h" and seconds >= length):
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def cell(one: Candidate, column: str) -> tuple[int | None, str]:
    """Shade (0 little, 1 some, 2 much is asked; None: unknown) and text of a cell."""
    values, s = one.report.values, one.scenario
    match column:
        case "Fits":
            return {FITS: (0, "yes"), FAILS: (2, "no")}.get(one.fit, (None, "?"))
        case "Take" | "Stop":
            parties = values["theft_quorum" if column == "Take" else "freeze_quorum"]
            if parties is UNKNOWN:
                return None, "?"
            most = math.inf if column == "Take" else 3
            return (
                0 if parties >= most else 2 if parties < 2 else 1
            ), "none" if parties == math.inf else f"{parties:g}"
        case "Cost":
            cost, limit = one.report.cost(s.amount_sat, one.fee_rate), s.most_cost_ppm / 1e6
            text = f"{one.cost_share:.2%}" if one.cost_share < 0.1 else f"{one.cost_share:,.0%}"
            if one.cost_share > limit:
                return 2, "over" if one.cost_share >= 10 else text
            return (None, "?") if cost.unknown else (int(one.cost_share > COST_SHARE * limit), text)
        case "Wait":
            delay = values["settlement_delay"]
            return (None, "?") if delay is UNKNOWN else (0 if delay <= s.longest_delay_s else 2, span(delay))
        case "Exit":
            cost = one.report.exit_cost(one.fee_rate)
            if cost is UNKNOWN:
                return None, "?"
            return (2, "no") if cost == math.inf else (int(cost > EXIT_SHARE * s.balance_sat), f"{cost:,.0f}")
        case "Away":
            hours = values["online_interval"]
            if hours is UNKNOWN:
                return None, "?"
            return (0 if hours >= s.away_hours else 2), "any" if hours == math.inf else span(hours * 3600)
    left = list(leaks(one.report)["left"])
    seen = sum(value is not UNKNOWN and value == 0 for value in left)
    shade = 0 if seen == 0 else 1 if seen < 3 else 2
    if UNKNOWN in left:
        return (2, f"{seen}+") if shade == 2 else (None, f"{seen}+?")
    return shade, f"{seen}"


def grid(
    scenarios: Mapping[str, Mapping[str, Candidate]], chosen: Mapping[str, tuple[str, ...]], title: str
) -> tuple[go.Figure, dict[str, Any]]:
    """The grid, and the changes of its layout for a phone.

    Parameters: candidates by scenario and label; labels of the best by scenario (their rows are marked).
    """
    names, shades, texts, told, marks, heads = [], [], [], [], [], []
    for key, candidates in scenarios.items():
        heads.append(len(names))
        names.append(next(iter(candidates.values())).scenario.name)
        for part in (shades, texts, told):
            part.append([None] * len(COLUMNS) if part is shades else [""] * len(COLUMNS))
        for label, one in candidates.items():
            cells = [cell(one, column) for column in COLUMNS]
            marks.append((len(names), label in chosen.get(key, ())))
            names.append(label)
            shades.append([shade for shade, _ in cells])
            texts.append([text for _, text in cells])
            told.append([f"{label}<br>{asks}: {text}" for asks, (_, text) in zip(COLUMNS.values(), cells, strict=True)])
    rows, columns = list(range(len(names))), list(COLUMNS)
    ink, paper = COLORS["ink"].light, COLORS["paper"].light
    heat = go.Heatmap(
        x=columns, y=rows, z=shades, text=texts, hovertext=told, hoverinfo="text", name="asked", showscale=False,
        colorscale=[[0, SHADES[0]], [0.5, SHADES[1]], [1, SHADES[2]]], zmin=0, zmax=2, xgap=2, ygap=2, hoverongaps=False,
    )  # fmt: skip

    def words(size: float) -> list[dict[str, Any]]:
        found = []
        for row, line in enumerate(texts):
            for column, text, shade in zip(columns, line, shades[row], strict=True):
                if text:
                    color = paper if shade == 2 else COLORS["accent"].light if shade is None else ink
                    weight = f"<b>{text}</b>" if shade is None else text
                    found.append(dict(x=column, y=row, text=weight, showarrow=False, font=dict(size=size, color=color)))
        return found

    ticks = [
        f"<b>{name}</b>" if row in heads else f"<b>▸ {name}</b>" if dict(marks)[row] else name
        for row, name in enumerate(names)
    ]
    fig = figure(heat, title=title, height=70 + 21 * len(names), annotations=words(11.5))
    fig.update_yaxes(
        tickvals=rows, ticktext=ticks, range=[len(names) - 0.5, -0.5], showgrid=False, ticks="", title=None,
        tickfont=dict(color=ink, size=12.5),
    )  # fmt: skip
    fig.update_xaxes(side="top", showline=False, ticks="", tickfont=dict(color=ink, size=12.5), type="category")
    fig.update_layout(margin=dict(t=64, b=4, r=4), xaxis_title_text=None)
    narrow = {
        "annotations": words(10),
        "height": 60 + 21 * len(names),
        "yaxis": {"tickfont": {"size": 10}},
        "xaxis": {"tickfont": {"size": 10}, "tickangle": 0},
    }
    return fig, narrow
