"""A stored plotly figure, made ready for the page: two widths, two color modes, its numbers as a table."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ..figures import palette_json, recolor

WIDE, NARROW = 736, 358
"""Widths in CSS pixels: the text column, and a phone of 390 pixels less its margins."""
VERSION = 3
"""Raise it when the same figure would be drawn differently, so that stored pictures are drawn anew."""
MODES = ("light", "dark")


class FigureError(ValueError):
    """A stored figure that the book cannot show; the message says what to do."""


@dataclass(frozen=True)
class Spec:
    """A figure as the notebook stores it: ``data`` (traces) and ``layout`` with the chapter's words in ``layout.meta``."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]

    @classmethod
    def from_output(cls, content: Mapping[str, Any]) -> Spec:
        """Read the content of an ``application/vnd.plotly.v1+json`` output.

        Raises :class:`FigureError` when the figure lacks its name, title, caption or text alternative.
        """
        content = json.loads(json.dumps(content))
        spec = cls(content["data"], content["layout"])
        for key in ("name", "caption", "alt"):
            if not spec.words.get(key):
                raise FigureError(
                    f"a figure has no {key}: show it with essay.figure(fig, name=..., caption=..., alt=...)"
                )
        if not spec.title:
            raise FigureError(f"figure {spec.words['name']} has no title: say its message in the figure's title")
        return spec

    @property
    def words(self) -> dict[str, Any]:
        """What the chapter says of the figure: name, caption, alt, and ``narrow`` layout changes for a phone."""
        meta = self.layout.get("meta")
        return meta if isinstance(meta, dict) else {}

    @property
    def title(self) -> str:
        """The figure's message, which the page sets as text above it."""
        title = self.layout.get("title") or {}
        return (title if isinstance(title, str) else title.get("text") or "").strip()

    @cached_property
    def hash(self) -> str:
        """Sixteen hex digits that name this figure's files: another picture, another name."""
        drawn = [self.drawn_layout(narrow) for narrow in (False, True)]
        text = json.dumps([VERSION, palette_json(), self.data, drawn], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def size(self, narrow: bool) -> tuple[int, int]:
        """Width and height in pixels."""
        layout = self.drawn_layout(narrow)
        return (NARROW if narrow else WIDE, int(layout.get("height") or 420))

    def drawn_layout(self, narrow: bool) -> dict[str, Any]:
        """The layout to draw: without the title (the page has it as text), fitted to a phone when ``narrow``."""
        layout = copy.deepcopy(self.layout)
        layout.pop("title", None)
        layout.pop("meta", None)
        layout.pop("width", None)
        margin = layout.setdefault("margin", {})
        margin["t"] = max(0, margin.get("t", 48) - 36)
        if narrow:
            _merge(layout, {"font": {"size": 12}})
            _merge(layout, copy.deepcopy(self.words.get("narrow") or {}))
        return layout

    def drawing(self, narrow: bool, mode: str) -> dict[str, Any]:
        """The complete figure for kaleido in one width and one color mode."""
        width, height = self.size(narrow)
        layout = self.drawn_layout(narrow) | {"width": width, "height": height}
        text = json.dumps({"data": self.data, "layout": layout})
        return json.loads(recolor(text) if mode == "dark" else text)

    def script(self) -> str:
        """The figure for the page's script, as one call that also works without a server."""
        payload = {"data": self.data, "wide": self.drawn_layout(False), "narrow": self.drawn_layout(True)}
        return f'moip.figure("{self.hash}",{json.dumps(payload, separators=(",", ":"))});\n'

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """What is drawn, as a table: one column per series where they share their first axis, else one row per point.

        Traces whose ``meta`` is ``"decoration"`` (reference lines, labels) are left out. Raises :class:`FigureError` when
        nothing is left.
        """
        parts = [_trace_numbers(t, self.layout) for t in self.data if t.get("meta") != "decoration"]
        parts = [p for p in parts if not p[1].empty]
        if not parts:
            raise FigureError(f"figure {self.words['name']} has no numbers: draw at least one trace with data")
        if len(parts) == 1:
            return parts[0][1]
        first = parts[0][1].iloc[:, 0]
        shared = all(len(p.columns) == 2 and p.iloc[:, 0].equals(first) for _, p in parts)
        names = [name for name, _ in parts]
        if shared and len(set(names)) == len(names):
            columns = {str(first.name): first} | {name: p.iloc[:, 1] for name, p in parts}
            return pd.DataFrame(columns)
        return pd.concat([p.assign(**{"series": name})[["series", *p.columns]] for name, p in parts], ignore_index=True)


def _merge(into: dict[str, Any], changes: dict[str, Any]) -> None:
    """Recursive update; a key like ``xaxis_tickangle`` is written nested, not with underscores."""
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _axis_title(trace: dict[str, Any], layout: dict[str, Any], axis: str) -> str:
    number = str(trace.get(f"{axis}axis", axis))[1:]
    title = (layout.get(f"{axis}axis{number}") or {}).get("title") or {}
    return (title if isinstance(title, str) else title.get("text")) or axis


def _trace_numbers(trace: dict[str, Any], layout: dict[str, Any]) -> tuple[str, pd.DataFrame]:
    x_title, y_title = (_axis_title(trace, layout, axis) for axis in "xy")
    if x_title == y_title:
        x_title, y_title = f"{x_title} (x)", f"{y_title} (y)"
    name = str(trace.get("name") or y_title)
    x, y, z = (trace.get(k) for k in "xyz")
    if z is not None:
        rows = [(y[i], x[j], v) for i, line in enumerate(z) for j, v in enumerate(line)]
        return name, pd.DataFrame(rows, columns=[y_title, x_title, str(trace.get("name") or "value")])
    if y is None and x is None:
        return name, pd.DataFrame()
    x = list(range(len(y))) if x is None else x
    frame = pd.DataFrame({x_title: x, y_title: y})
    if trace.get("orientation") == "h":
        frame = frame[[y_title, x_title]]
    for column in list(frame.columns):
        if column in ("x", "y") and frame[column].map(lambda v: isinstance(v, str)).all():
            frame = frame.rename(columns={column: "name"})
    labels = trace.get("text")
    if isinstance(labels, list) and len(labels) == len(frame) and any(labels):
        texts = [str(v or "").replace("<br>", " ") for v in labels]
        if texts not in (list(map(str, frame.iloc[:, 0])), list(map(str, frame.iloc[:, 1]))):
            frame["label"] = texts
    return name, frame
