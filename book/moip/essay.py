"""What a chapter uses to speak: sentences, figures and tables that end up in the book as they are.

Each function displays its result as an output of the cell that calls it, so the text, the picture and the numbers that
a reader sees are stored in the notebook and compared again, strictly, by every test run. The site numbers figures and
tables, and ``{numref}`` refers to them by ``name``.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown, display

__all__ = ["Html", "block", "explorer", "figure", "link", "noted", "say", "table"]

MIDNIGHT = re.compile(r"(?<=\d)T00:00:00(\.0+)?Z?$")
NAME = re.compile(r"(fig|tbl)-[a-z0-9]+(-[a-z0-9]+)*")


class Html(str):
    """Text that is HTML already and is not escaped in a table."""


def link(text: str, url: str) -> Html:
    """A link for a table cell."""
    return Html(f'<a href="{html.escape(url, quote=True)}">{html.escape(text)}</a>')


def noted(text: str, note: str) -> Html:
    """A table cell with a note in small print below its text; the text alone is what filters and sorting see."""
    small = f"<small>{note if isinstance(note, Html) else html.escape(note, quote=False)}</small>" if note else ""
    return Html((text if isinstance(text, Html) else html.escape(text, quote=False)) + small)


def say(markdown: str) -> None:
    """Say something with numbers in it: a paragraph (or more) of MyST Markdown computed by the cell.

    Raises ``ValueError`` for an empty text and for a number that came out as ``nan`` or ``inf``.
    """
    if not markdown.strip():
        raise ValueError("say() got an empty text")
    if bad := re.search(r"(?<![\w-])[+-]?(nan|inf|<NA>|NaT)(?![\w-])", markdown):
        raise ValueError(f"say() got {bad.group()!r} for a number in: {markdown.strip()[:80]!r}")
    display(Markdown(markdown.strip()))


def figure(fig: Any, *, name: str, caption: str, alt: str, narrow: Mapping[str, Any] | None = None) -> None:
    """Show a plotly figure as a numbered figure of the book.

    Parameters: ``name`` is the label for ``{numref}`` (``fig-...``); ``caption`` states the finding; ``alt`` tells what
    the figure shows and its main number, as one would on the phone. All three may be computed. ``narrow`` holds changes of
    the layout for phones, nested as plotly writes it (``{"height": 520}``). Raises ``ValueError`` when one
    is missing or too short to say anything, or when the figure has no title.
    """
    _check_name(name, "fig")
    for what, text, least in (("caption", caption, 20), ("alt", alt, 40)):
        if len(text.strip()) < least:
            raise ValueError(f"figure {name}: {what} says too little ({text!r}); write at least {least} characters")
    if not (fig.layout.title.text or "").strip():
        raise ValueError(f"figure {name}: it needs a title that says its message")
    words = {"name": name, "caption": caption.strip(), "alt": alt.strip()}
    fig.update_layout(meta=words | ({"narrow": dict(narrow)} if narrow else {}))
    display({"application/vnd.plotly.v1+json": _plain(fig), "text/plain": f"Figure {name}: {alt.strip()}"}, raw=True)


def block(markup: str, plain: str) -> None:
    """Show a piece of HTML that is neither figure nor table (the stack on the first page), and what it says as plain text.

    Links between chapters are written as from notebook to notebook (``layers/security.ipynb``); the site makes them pages.
    Raises ``ValueError`` when the plain text says nothing.
    """
    if len(plain.strip()) < 20:
        raise ValueError(f"block: the plain text says too little ({plain!r}); it is all that some readers get")
    display({"text/html": markup, "text/plain": plain.strip()}, raw=True)


def explorer(digest: str, stacks: int, candidates: int, register: str = "../register/register.ipynb") -> None:
    """Show the place where a reader opens the explorer of stacks; the site adds what it needs (`moip.site.explorer`).

    Parameters: the digest of the catalog's export (`moip.model.export.digest`), the number of well-formed stacks and of
    candidates that the chapter found in it, and the notebook of the register as seen from the chapter. The page finds the
    stacks anew and complains where their number differs.
    """
    text = (
        f"{stacks:,} well-formed stacks of {candidates:,} candidates: filter them by member and by property, see what "
        "each is made of and what decided each value"
    )
    markup = (
        f'<div class="moip-explorer admonition" id="explorer" data-digest="{digest}" data-stacks="{stacks}">\n'
        f'<p class="admonition-title">All {stacks:,} stacks, in this page</p>\n'
        f"<p>{text}. Your browser finds them itself, from the catalog's few kilobytes; names lead to the "
        f'<a class="explorer-register" href="{html.escape(register, quote=True)}">register</a>.</p>\n'
        f'<p><button type="button" class="explorer-open">Open the explorer</button></p>\n'
        "<noscript><p>It needs JavaScript. Without it, the tables and figures of this page say the most of what it "
        "shows.</p></noscript>\n</div>"
    )
    display({"text/html": markup, "text/plain": f"Explorer: {text}."}, raw=True)


def table(
    df: pd.DataFrame,
    *,
    name: str,
    caption: str,
    formats: Mapping[str, str | Callable[[Any], str]] | None = None,
    row_header: bool = True,
    wide: Sequence[str] = (),
    explore: Sequence[str] = (),
    row_ids: Sequence[str] | None = None,
) -> None:
    """Show a DataFrame as a numbered table of the book (its index is left out).

    Parameters: column names are the headings, with units; ``formats`` gives a format spec (``",.0f"``) or a function per
    column; ``row_header`` makes the first column the heading of its row; columns in ``wide`` hold sentences and get room.
    A table with ``explore`` can be searched and sorted in the page, and filtered by the columns named there; ``row_ids``
    gives each row an address within the page. A missing value is shown as an en dash. Raises ``ValueError`` for an empty table, a missing caption or a column
    that ``formats``, ``wide`` or ``explore`` names and the table has not, and for row ids that are not one per row.
    """
    _check_name(name, "tbl")
    if df.empty:
        raise ValueError(f"table {name}: there is no row to show")
    if len(caption.strip()) < 20:
        raise ValueError(f"table {name}: caption says too little ({caption!r})")
    formats = dict(formats or {})
    if unknown := [c for c in [*formats, *wide, *explore] if c not in df.columns]:
        raise ValueError(f"table {name}: no column {unknown[0]!r}; it has {', '.join(map(str, df.columns))}")
    if row_ids is not None and len(set(row_ids)) != len(df):
        raise ValueError(f"table {name}: {len(set(row_ids))} different row ids for {len(df)} rows")
    numeric = {c for c in df.columns if pd.api.types.is_numeric_dtype(df[c]) and not pd.api.types.is_bool_dtype(df[c])}

    def attributes(column: str) -> str:
        kind = "num" if column in numeric else "wide" if column in wide else ""
        return f' class="{kind}"' if kind else ""

    head = "".join(f'<th scope="col"{attributes(c)}>{html.escape(str(c))}</th>' for c in df.columns)
    texts = [[_cell(v, formats.get(c)) for v in df[c]] for c in df.columns]
    body = []
    for row in zip(*texts, strict=True):
        cells = [
            f'<th scope="row"{attributes(c)}>{v}</th>' if i == 0 and row_header else f"<td{attributes(c)}>{v}</td>"
            for i, (c, v) in enumerate(zip(df.columns, row, strict=True))
        ]
        body.append("".join(cells))
    ids = [f' id="{html.escape(i, quote=True)}"' for i in row_ids] if row_ids is not None else [""] * len(body)
    rows = [f"<tr{at}>{cells}</tr>" for at, cells in zip(ids, body, strict=True)]
    filters = html.escape(json.dumps(list(explore)), quote=True)
    text = (
        f'<table class="moip-table" id="{name}"{f" data-explore={chr(34)}{filters}{chr(34)}" if explore else ""}>\n<caption>{html.escape(caption.strip(), quote=False)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody>\n</table>"
    )
    display({"text/html": text, "text/plain": f"Table {name}: {caption.strip()}"}, raw=True)


def _check_name(name: str, prefix: str) -> None:
    if not NAME.fullmatch(name) or not name.startswith(prefix):
        raise ValueError(f"name {name!r}: write it as {prefix}-words-with-hyphens, lowercase")


def _plain(value: Any) -> Any:
    """A figure as plain lists: no binary arrays, nine significant digits, dates without empty hours.

    The same numbers on every machine, and a diff that a person can read.
    """
    if hasattr(value, "to_json"):
        value = json.loads(value.to_json())
    if isinstance(value, dict):
        if "bdata" in value:
            array = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
            shape = [int(n) for n in str(value.get("shape", array.size)).split(",")]
            return _plain(array.reshape(shape).tolist())
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        short = float(f"{value:.9g}")
        return int(short) if short.is_integer() and abs(short) < 1e15 else short
    if isinstance(value, str):
        return MIDNIGHT.sub("", value)
    return value


def _cell(value: Any, how: str | Callable[[Any], str] | None) -> str:
    if isinstance(value, Html):
        return str(value)
    if not isinstance(value, (list, tuple)) and pd.isna(value):
        return "–"
    if callable(how):
        shown = how(value)
        return str(shown) if isinstance(shown, Html) else html.escape(shown, quote=False)
    if how is not None:
        return html.escape(format(value, how), quote=False)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, int) or pd.api.types.is_integer(value):
        return f"{value:,}"
    if isinstance(value, float) or pd.api.types.is_float(value):
        return f"{value:,.4g}"
    return html.escape(str(value), quote=False)
