"""The five layers drawn from the table ``layers``: as a list that the page sets as a stack."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import pandas as pd


def stack_html(layers: pd.DataFrame, known: Mapping[int, Sequence[str]], pages: Mapping[int, str]) -> str:
    """The stack as an HTML list, layer 5 on top.

    Parameters: the table ``layers``; per layer number the names (HTML allowed) of technologies to show; per layer number the
    notebook of its chapter, where there is one.
    """
    items = []
    for row in layers.sort_values("layer", ascending=False).itertuples():
        name = html.escape(row.name)
        if page := pages.get(row.layer):
            name = f'<a href="{html.escape(page, quote=True)}">{name}</a>'
        who = ", ".join(known.get(row.layer, ()))
        items.append(
            f'<li class="layer-{row.layer}"><span class="n" aria-hidden="true">{row.layer}</span>'
            f'<span class="name">{name}</span><span class="question">{html.escape(row.question)}</span>'
            f'<span class="who">{who}</span></li>'
        )
    return '<ol class="stack" reversed>\n' + "\n".join(items) + "\n</ol>"
