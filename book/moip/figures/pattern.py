"""The base reference pattern as one drawing: lanes are layers, columns are owners, boxes are blocks, arrows interfaces.

What is drawn comes from the tables ``pattern_blocks`` and ``pattern_interfaces``; where it is drawn comes from the
block's layer, owner and row, and for arrows from `ROUTES`. All coordinates are pixels of the wide drawing, from the
top left; a phone gets the same drawing narrower and higher, with less text.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from . import COLORS, LAYERS, figure, tint

__all__ = ["OWNERS", "ROUTES", "draw", "kind"]

OWNERS = ("own device", "own node", "counterparty", "operator", "public")
"""Who holds a block, from the person outward. All but the last are columns; the last lies below them all."""
YOURS = OWNERS[:2]

WIDTH, STRIP, HEAD, GAP, EDGE = 736, 26, 50, 14, 12
COLUMN, PAD = 161, 13
ROW, BOX, BETWEEN, LEAST = 60, 42, 8, 78
LEDGER = 38
NARROW_STRETCH = 1.42
"""How much higher the phone's drawing is."""

Point = tuple[float, float]
Step = tuple[str, float]

ROUTES: dict[tuple[str, str], Sequence[Any]] = {
    ("screen", "wallet"): [("right", 0.75), ("top", -0.5)],
    ("screen", "request"): [("right", 0.25), ("top", -0.3)],
    ("screen", "names"): [("right", -0.25), ("top", 0)],
    ("screen", "prices"): [("right", -0.75), ("margin", "prices", 9), ("right", 0)],
    ("names", "request"): [("left", 0), ("right", 0)],
    ("signer", "session"): [("bottom", 0.35), ("top", 0.35)],
    ("signer", "keys"): [("left", 0), ("margin", "signer", -9), ("left", 0)],
    ("wallet", "planner"): [("bottom", 0), ("top", 0)],
    ("request", "planner"): [("bottom", 0), ("right", -0.6)],
    ("planner", "session"): [("left", 0), ("right", 0)],
    ("planner", "rail"): [("bottom", 0), ("top", 0)],
    ("planner", "issuer"): [("right", 0.6), ("gutter", "issuer", -3), ("left", 0)],
    ("planner", "liquidity"): [("right", 0), ("left", 0)],
    ("session", "keys"): [("bottom", -0.35), ("top", -0.35)],
    ("rail", "watcher"): [("top", 0.6), ("left", 0)],
    ("rail", "peer"): [("right", 0), ("left", 0)],
    ("rail", "keys"): [("left", 0), ("top", 0.35)],
    ("rail", "view"): [("bottom", 0), ("top", 0)],
    ("rail", "ledger"): [("right", 0.6), ("margin", "rail", 8), ("top", 0)],
    ("view", "ledger"): [("bottom", 0), ("top", 0)],
    ("watcher", "ledger"): [("right", 0), ("margin", "watcher", 9), ("top", 0)],
    ("liquidity", "ledger"): [("right", 0), ("margin", "liquidity", 9), ("top", 0)],
    ("peer", "ledger"): [("bottom", 0), ("top", 0)],
    ("issuer", "ledger"): [("bottom", 0), ("top", 0)],
}
"""For each interface the port that it leaves by, what it goes around, and the port that it arrives at.

A port is a side of the box and a place on it from -1 (left, top) to 1. ``gutter`` is the space left of the column of a
block, ``margin`` the edge of the column that a block stands in, each with a shift in pixels.
"""
BESIDE = {"right": (11, 0, "left"), "left": (-11, 0, "right"), "after": (11, -8, "left")}
"""Where the label of an arrow stands, seen from its number: shift in pixels, and the side of the text that is there."""
PLACES: dict[tuple[str, str], tuple[float | None, Point, str]] = {
    ("screen", "wallet"): (0.78, (0, 0), "right"),
    ("screen", "request"): (0.83, (0, 0), "right"),
    ("screen", "names"): (0.88, (0, 0), "right"),
    ("screen", "prices"): (0.77, (0, 0), "left"),
    ("names", "request"): (0.5, (0, -12), "none"),
    ("signer", "session"): (0.5, (0, 0), "right"),
    ("signer", "keys"): (0.32, (0, 0), "right"),
    ("request", "planner"): (0.28, (0, 0), "right"),
    ("planner", "session"): (0.5, (0, -12), "none"),
    ("planner", "issuer"): (0.83, (0, 0), "left"),
    ("planner", "liquidity"): (0.62, (0, 0), "after"),
    ("planner", "rail"): (0.5, (0, 0), "left"),
    ("rail", "watcher"): (0.5, (0, 0), "after"),
    ("rail", "peer"): (0.5, (0, -12), "none"),
    ("rail", "keys"): (0.75, (0, 0), "right"),
    ("view", "ledger"): (0.4, (-17, 0), "left"),
    ("rail", "ledger"): (0.55, (0, 0), "right"),
    ("liquidity", "ledger"): (0.135, (0, 0), "left"),
    ("watcher", "ledger"): (0.25, (0, 0), "left"),
}
"""Where along an arrow its number stands (None: the middle of its longest stretch), shifted by, and its label's side."""


def kind(interface: Any, owner: Mapping[str, str]) -> str:
    """Whose boundary an interface crosses: ``inside`` what is yours, ``across`` to somebody else, or ``beyond`` you."""
    mine = [owner[block] in YOURS for block in (interface.from_block, interface.to_block)]
    return "inside" if all(mine) else "across" if any(mine) else "beyond"


class _Plan:
    """Where everything stands, in pixels."""

    def __init__(self, blocks: pd.DataFrame) -> None:
        self.lanes: dict[int, tuple[float, float]] = {}
        y = HEAD
        for layer in sorted(blocks["layer"].unique(), reverse=True):
            rows = int(blocks.loc[(blocks["layer"] == layer) & (blocks["owner"] != "public"), "row"].max())
            height = max(rows * ROW, LEAST) + (LEDGER + BETWEEN + 10 if layer == 1 else 0)
            self.lanes[layer] = (y, y + height)
            y += height + BETWEEN
        self.bottom = y - BETWEEN
        self.boxes = {row.block: self._box(row) for row in blocks.itertuples(index=False)}
        self.owner = blocks.set_index("block")["owner"].to_dict()

    @staticmethod
    def column(owner: str) -> tuple[float, float]:
        left = STRIP + EDGE + OWNERS.index(owner) * (COLUMN + GAP)
        return left, left + COLUMN

    def _box(self, row: Any) -> tuple[float, float, float, float]:
        top, end = self.lanes[row.layer]
        if row.owner == "public":
            return STRIP + EDGE + PAD, end - LEDGER - 7, self.column("operator")[1] - PAD, end - 7
        left, right = self.column(row.owner)
        if row.layer == 1:
            end -= LEDGER + BETWEEN + 10
        rows = max(1, round((end - top) / ROW - 0.4))
        y = (top + end) / 2 + (row.row - 1 - (rows - 1) / 2) * ROW - BOX / 2
        return left + PAD, y, right - PAD, y + BOX

    def port(self, block: str, side: str, at: float) -> Point:
        x0, y0, x1, y1 = self.boxes[block]
        if side in ("left", "right"):
            return (x0 if side == "left" else x1), (y0 + y1) / 2 + at * (y1 - y0) / 2
        return (x0 + x1) / 2 + at * (x1 - x0) / 2, (y0 if side == "top" else y1)

    def route(self, start: str, end: str) -> list[Point]:
        """Corners of an arrow, from its first point to its tip."""
        steps = ROUTES[start, end]
        first, last = self.port(start, *steps[0]), self.port(end, *steps[-1])
        if len(steps) == 3:
            what, block, shift = steps[1]
            left, right = self.column(self.owner[block])
            x = left - GAP / 2 + shift if what == "gutter" else (left + PAD if shift < 0 else right - PAD) + shift
            if steps[-1][0] == "top":
                return [first, (x, first[1]), (x, last[1])]
            return [first, (x, first[1]), (x, last[1]), last]
        if self.owner[end] == "public" or (steps[0][0] == "bottom" and steps[-1][0] == "top"):
            return [first, (first[0], last[1])]
        if {steps[0][0], steps[-1][0]} == {"left", "right"}:
            return [first, last]
        corner = (last[0], first[1]) if steps[0][0] in ("left", "right") else (first[0], last[1])
        return [first, corner, last]


def _along(path: Sequence[Point], share: float | None) -> Point:
    """A point at a share of the way, or the middle of the longest stretch."""
    parts = list(itertools.pairwise(path))
    lengths = [abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in parts]
    if share is None:
        (a, b) = parts[lengths.index(max(lengths))]
        return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    left = share * sum(lengths)
    for (a, b), length in zip(parts, lengths, strict=True):
        if left <= length:
            return a[0] + (b[0] - a[0]) * left / length, a[1] + (b[1] - a[1]) * left / length
        left -= length
    return path[-1]


def _text(x: float, y: float, words: str, size: float, color: str = "ink", **more: Any) -> dict[str, Any]:
    color = COLORS[color].light if color in COLORS else color
    return dict(x=x, y=y, text=words, showarrow=False, font=dict(size=size, color=color)) | more


def draw(
    blocks: pd.DataFrame, interfaces: pd.DataFrame, layers: pd.DataFrame, names: Mapping[str, str], title: str
) -> tuple[go.Figure, dict[str, Any]]:
    """The drawing, and the changes of its layout for a phone (``narrow`` of `moip.essay.figure`).

    Parameters: the tables ``pattern_blocks``, ``pattern_interfaces`` and ``layers``; the names of technologies by key.
    KeyError for an interface without a route.
    """
    plan = _Plan(blocks)
    look = {"inside": ("muted", 1.3), "across": ("accent", 1.9), "beyond": ("line", 1.3)}
    colors = {key: COLORS["muted" if key == "beyond" else name].light for key, (name, _) in look.items()}
    shapes = [*_lanes(plan), *_enclosures(plan)]
    heads, numbers, labels = [], [], []
    for row in interfaces.itertuples(index=False):
        what = kind(row, plan.owner)
        path = plan.route(row.from_block, row.to_block)
        color, width = colors[what], look[what][1]
        line = dict(color=color, width=width, dash="dot" if what == "beyond" else "solid")
        way = "M" + "L".join(f"{x:g},{y:g}" for x, y in path)
        shapes.append(dict(type="path", layer="below", path=way, line=line))
        (x0, y0), (x1, y1) = path[-2], path[-1]
        back = 16 / max(abs(x1 - x0) + abs(y1 - y0), 16)
        heads.append(
            dict(
                x=x1, y=y1, ax=x1 - (x1 - x0) * back, ay=y1 - (y1 - y0) * back, axref="x", ayref="y", text="",
                showarrow=True, arrowhead=2, arrowsize=0.8, arrowwidth=width, arrowcolor=color, standoff=0,
            )
        )  # fmt: skip
        share, (dx, dy), side = PLACES.get((row.from_block, row.to_block), (None, (0, 0), "right"))
        x, y = _along(path, share)
        numbers.append((x + dx, y + dy, row, color))
        if side in BESIDE:
            shift_x, shift_y, anchor = BESIDE[side]
            labels.append(
                _text(x + dx, y + dy, row.label, 10.5, color, xshift=shift_x, yshift=-shift_y, xanchor=anchor)
            )
    shapes += _boxes(plan, blocks)
    wide = [
        *heads,
        *labels,
        *_heads(plan, 12.5),
        *_lane_names(plan, layers, 12),
        *_names(plan, blocks, names, 13, 10.5),
    ]
    small = [*heads, *_heads(plan, 10), *_lane_names(plan, layers, 10), *_names(plan, blocks, names, 10.5, None)]
    fig = figure(
        *_traces(plan, blocks, numbers, names),
        title=title,
        height=round(plan.bottom) + 4 + 36,
        shapes=shapes,
        annotations=wide,
        margin=dict(l=0, r=0, t=36, b=0, pad=0),
        xaxis=dict(range=[0, WIDTH + 6], visible=False, fixedrange=True, automargin=False),
        yaxis=dict(range=[plan.bottom + 4, 0], visible=False, fixedrange=True, automargin=False),
        xaxis2=dict(overlaying="x", visible=False, title=dict(text="needs")),
        yaxis2=dict(overlaying="y", visible=False, title=dict(text="offers")),
    )
    return fig, {"height": round(plan.bottom * NARROW_STRETCH), "annotations": small}


def _lanes(plan: _Plan) -> list[dict[str, Any]]:
    right = plan.column("operator")[1] + 3
    shapes = []
    for layer, (top, end) in plan.lanes.items():
        shapes.append(_rect(STRIP, top, right, end, fillcolor=tint(layer)))
        shapes.append(_rect(0, top, STRIP, end, fillcolor=LAYERS[layer]))
    return shapes


def _rect(x0: float, y0: float, x1: float, y1: float, **more: Any) -> dict[str, Any]:
    return dict(type="rect", layer="below", x0=x0, y0=y0, x1=x1, y1=y1, line=dict(width=0)) | more


def _enclosures(plan: _Plan) -> list[dict[str, Any]]:
    """Dashed frames: one for each owner of a column, one for the public ledger."""
    dashed = dict(color=COLORS["muted"].light, width=1.2, dash="dash")
    end = plan.lanes[1][1] - LEDGER - BETWEEN - 9
    frames = [_rect(left, HEAD - 20, right, end, line=dashed) for left, right in map(plan.column, OWNERS[:4])]
    top, bottom = plan.lanes[1][1] - LEDGER - 12, plan.lanes[1][1] - 2
    return [*frames, _rect(plan.column("own device")[0], top, plan.column("operator")[1], bottom, line=dashed)]


def _boxes(plan: _Plan, blocks: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        _rect(*plan.boxes[row.block], fillcolor=COLORS["paper"].light, line=dict(color=LAYERS[row.layer], width=1.8))
        for row in blocks.itertuples(index=False)
    ]


def _heads(plan: _Plan, size: float) -> list[dict[str, Any]]:
    """Names of the owners above their columns, and above them whether they are you."""
    found = []
    for owner in OWNERS[:4]:
        left, right = plan.column(owner)
        found.append(_text((left + right) / 2, HEAD - 10, f"<b>{owner.capitalize()}</b>", size))
    for words, first, last in (("yours", *YOURS), ("somebody else's", *OWNERS[2:4])):
        middle = (plan.column(first)[0] + plan.column(last)[1]) / 2
        found.append(_text(middle, HEAD - 33, f"— {words} —", max(size - 0.5, 10), "muted"))
    return found


def _lane_names(plan: _Plan, layers: pd.DataFrame, size: float) -> list[dict[str, Any]]:
    name = layers.set_index("layer")["name"]
    return [
        _text(STRIP / 2, (top + end) / 2, f"<b>{layer} {name[layer]}</b>", size, "paper", textangle=-90)
        for layer, (top, end) in plan.lanes.items()
    ]


def _names(
    plan: _Plan, blocks: pd.DataFrame, names: Mapping[str, str], size: float, below: float | None
) -> list[dict[str, Any]]:
    """The name of each block, and below it (if ``below`` is a size) two technologies that are instances of it."""
    found = []
    for row in blocks.itertuples(index=False):
        x0, y0, x1, y1 = plan.boxes[row.block]
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        if below is None:
            found.append(
                _text(
                    x,
                    y,
                    f"<b>{_wrapped(row.name, 11)}</b>" if row.owner != "public" else f"<b>{row.name}</b> · public",
                    size,
                )
            )
            continue
        if row.owner == "public":
            found.append(_text(x, y, f"<b>{row.name}</b>   public: everybody who checks", size))
            continue
        found.append(_text(x, y - 8, f"<b>{row.name}</b>", size))
        found.append(_text(x, y + 9, row.examples, below, "muted"))
    return found


def _wrapped(words: str, limit: int) -> str:
    """Words on lines of at most ``limit`` characters, where they allow it."""
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > limit:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(lines)


def _traces(plan: _Plan, blocks: pd.DataFrame, numbers: Sequence[tuple], names: Mapping[str, str]) -> list[go.Scatter]:
    """What answers to a pointer: boxes and numbers; and the interfaces as rows for the table of the figure's numbers."""
    title = blocks.set_index("block")["name"]
    middle = [((x0 + x1) / 2, (y0 + y1) / 2) for x0, y0, x1, y1 in map(plan.boxes.get, blocks["block"])]
    told = [
        f"<b>{row.name}</b> ({row.owner})<br>{_wrapped(row.function, 46)}<br>offers: {_wrapped(', '.join(row.offers), 40)}"
        f"<br>such as: {_wrapped(', '.join(names[key] for key in row.instances[:4]), 40)}"
        for row in blocks.itertuples(index=False)
    ]
    rows = [row for _, _, row, _ in numbers]
    crossing = [
        f"<b>{row.interface[2:].lstrip('0')}  {title[row.from_block]} → {title[row.to_block]}</b><br>crosses: {_wrapped(row.crosses, 42)}"
        + (f"<br>stays: {_wrapped(row.stays, 42)}" if isinstance(row.stays, str) and row.stays else "")
        for row in rows
    ]
    return [
        go.Scatter(
            x=[x for x, _ in middle], y=[y for _, y in middle], mode="markers", meta="decoration",
            marker=dict(size=34, symbol="square", opacity=0), hovertext=told, hoverinfo="text",
        ),
        go.Scatter(
            x=[x for x, *_ in numbers], y=[y for _, y, *_ in numbers], mode="markers+text", meta="decoration",
            marker=dict(size=16, color=COLORS["paper"].light, line=dict(width=1.3, color=[color for *_, color in numbers])),
            text=[row.interface[2:].lstrip("0") for row in rows],
            textfont=dict(size=10, color=[color for *_, color in numbers]), hovertext=crossing, hoverinfo="text",
        ),
        go.Scatter(
            x=[title[row.from_block] for row in rows], y=[title[row.to_block] for row in rows],
            text=[row.crosses for row in rows], name="interfaces", mode="markers", xaxis="x2", yaxis="y2",
            marker=dict(opacity=0, size=1), hoverinfo="skip",
        ),
    ]  # fmt: skip
