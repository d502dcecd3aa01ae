"""How the book looks in numbers and color: one palette, one plotly template, five layer colors.

Every color is named once, here, with its light and its dark value. Figures are stored with the light values;
the site maps them to the dark ones (:func:`recolor`), the stylesheet gets both as custom properties
(:func:`css_variables`). Importing this module makes ``moip`` the default plotly template.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import plotly.graph_objects as go
import plotly.io as pio

__all__ = ["COLORS", "LAYERS", "SEQUENTIAL", "css_variables", "figure", "recolor", "template", "tint"]


@dataclass(frozen=True)
class Color:
    """One color of the book as ``#rrggbb``, for a light and for a dark page."""

    light: str
    dark: str


COLORS: dict[str, Color] = {
    "ink": Color("#1c2430", "#e8eaee"),
    "muted": Color("#556070", "#a9b2c0"),
    "line": Color("#d8dce3", "#3a4453"),
    "grid": Color("#e7eaef", "#2a323e"),
    "paper": Color("#ffffff", "#12171f"),
    "panel": Color("#f5f6f8", "#1a212b"),
    "accent": Color("#a3470d", "#f5a35c"),
    "against": Color("#7a2e55", "#e79ac0"),
    "layer-1": Color("#35307f", "#9e6ff1"),
    "layer-2": Color("#1f6fae", "#88afe5"),
    "layer-3": Color("#0f8a78", "#48e7d8"),
    "layer-4": Color("#b07908", "#ddba39"),
    "layer-5": Color("#c2452d", "#ef8a6d"),
    "tint-1": Color("#e9e8f5", "#25243f"),
    "tint-2": Color("#e2eef7", "#16293a"),
    "tint-3": Color("#ddf1ee", "#122e2b"),
    "tint-4": Color("#f7eed9", "#332a13"),
    "tint-5": Color("#fae5e0", "#3a2019"),
    "step-1": Color("#eef2f6", "#1d2733"),
    "step-2": Color("#bfd3e6", "#2c445c"),
    "step-3": Color("#7fa8cd", "#3f6f9b"),
    "step-4": Color("#3f78ae", "#6ba5d6"),
    "step-5": Color("#1b4a7d", "#b4d9f7"),
}

LAYERS: dict[int, str] = {n: COLORS[f"layer-{n}"].light for n in range(1, 6)}
"""The light color of each layer by its number; use it in figures, the site makes it dark where it must."""

SEQUENTIAL: list[str] = [COLORS[f"step-{n}"].light for n in range(1, 6)]
"""Five steps from least to most, for heat maps (never for layers)."""

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'


def tint(layer: int) -> str:
    """The background tint of a layer, readable under ink."""
    return COLORS[f"tint-{layer}"].light


def template() -> go.layout.Template:
    """The book's plotly template: no frame, quiet grid, direct reading; about 1.5 kB as JSON."""
    ink, muted, grid, line = (COLORS[k].light for k in ("ink", "muted", "grid", "line"))
    axis = dict(
        gridcolor=grid,
        linecolor=line,
        zeroline=False,
        ticks="outside",
        tickcolor=line,
        ticklen=4,
        automargin=True,
        tickfont=dict(color=muted, size=12),
        title=dict(font=dict(color=muted, size=13), standoff=8),
    )
    return go.layout.Template(
        layout=dict(
            font=dict(family=FONT, size=13, color=ink),
            title=dict(x=0, xref="container", xanchor="left", y=0.98, yanchor="top", pad=dict(l=4, t=4),
                       font=dict(size=16, color=ink)),
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            colorway=[LAYERS[n] for n in (2, 5, 3, 4, 1)],
            xaxis=axis | dict(showgrid=False, showline=True),
            yaxis=axis | dict(showgrid=True),
            margin=dict(l=8, r=16, t=48, b=8),
            hoverlabel=dict(bgcolor=COLORS["paper"].light, bordercolor=line, font=dict(color=ink, size=13)),
            showlegend=False,
            dragmode=False,
        )
    )  # fmt: skip


pio.templates["moip"] = template()
pio.templates.default = "moip"


def figure(*traces, title: str, x: str = "", y: str = "", height: int = 420, **layout) -> go.Figure:
    """A figure in the book's style.

    Parameters: the traces, a ``title`` that says the message, axis titles with units, ``height`` in pixels at full
    width; further keywords go to ``layout`` as plotly names them (``xaxis_type="log"``).
    """
    fig = go.Figure(list(traces))
    fig.update_layout(title_text=title, height=height, xaxis_title_text=x or None, yaxis_title_text=y or None)
    return fig.update_layout(**layout)


def recolor(text: str) -> str:
    """The same JSON (or SVG) with every color of the palette in its dark value; other text is untouched."""
    dark = {c.light: c.dark for c in COLORS.values()}
    return re.sub(r"#[0-9a-fA-F]{6}\b", lambda m: dark.get(m.group().lower(), m.group()), text)


def css_variables() -> str:
    """The palette as CSS custom properties, light and dark (on screens alone: paper is white), for the site's stylesheet."""
    light, dark = (
        "".join(f"--moip-{name}:{getattr(c, mode)};" for name, c in COLORS.items()) for mode in ("light", "dark")
    )
    return f'html{{{light}}}\n@media screen{{html[data-theme="dark"]{{{dark}}}}}\n'


def palette_json() -> str:
    """``{"#light": "#dark", ...}`` for the page's script, which recolors interactive figures."""
    return json.dumps({c.light: c.dark for c in COLORS.values()}, separators=(",", ":"))
