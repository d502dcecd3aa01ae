"""What a reader may change in a cell, checked: names that exist and numbers within bounds.

>>> from moip.inputs import known, number
>>> known("ecash", ["ecash", "sidechain"], "categories")
['ecash']
>>> number(0.5, "share", 0, 1)
0.5
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np

__all__ = ["known", "number"]

SHOWN = 12


def known(names: str | Iterable[str], options: Iterable[str], among: str) -> list[str]:
    """The names as a list, if all are options; one text alone is one name. ValueError for the first that is not.

    among: what the options are, in the plural, for the message.
    """
    names = [names] if isinstance(names, str) else list(names)
    options = list(dict.fromkeys(options))
    for name in names:
        if name not in options:
            raise ValueError(f"{_plain(name)!r} is not one of the {among}. {_hint(name, options)}")
    return names


def number(value: Any, name: str, least: float = -math.inf, most: float = math.inf) -> Any:
    """The value, if it is a number from `least` to `most`. ValueError that names it otherwise."""
    if isinstance(value, bool) or not isinstance(value, Real) or not least <= value <= most:
        if math.isfinite(most):
            bounds = f" from {least:,} to {most:,}"
        else:
            bounds = f" of at least {least:,}" if math.isfinite(least) else ""
        raise ValueError(f"{name} is {_plain(value)!r}; it must be a number{bounds}")
    return value


def _plain(value: Any) -> Any:
    """Python's own number or text for one of NumPy's."""
    return value.item() if isinstance(value, np.generic) else value


def _hint(name: Any, options: list[str]) -> str:
    """Options that are close to a name that is none, or the first of all."""
    options = [_plain(option) for option in options]
    lower = {str(option).lower(): option for option in options}
    wanted = str(name).lower()
    ends = [option for text, option in lower.items() if wanted and text.endswith(wanted)]
    close = ends[:3] or [lower[text] for text in difflib.get_close_matches(wanted, lower, n=3)]
    if close:
        return f"Did you mean {' or '.join(map(repr, close))}?"
    shown = ", ".join(map(repr, options[:SHOWN]))
    return f"There are {shown}{' and more' if len(options) > SHOWN else ''}."
