"""Properties of money in use: each has a unit, a direction, and a monoid by which it composes.

A monoid is a set of values, an associative operation and an identity: the value that changes nothing. Some have an
absorbing element: a value that decides, whatever the others are. A stack's value is the fold over its members.

``UNKNOWN`` is a value like the others. Combined with anything but an absorbing element it gives ``UNKNOWN``: what
nobody knows is never dropped. With it the values are still a monoid (``tests/test_model_properties.py``).

========== =============================== ============= =================================
operation  combines by                     identity      absorbing
========== =============================== ============= =================================
minimum    the smallest                    infinity      0, or the smallest value allowed
maximum    the largest                     0             -
sum        addition                        0             infinity, "no exit"
product    multiplication                  1             0
union      union of sets                   the empty set -
complement 1 - (1 - p)(1 - q)              0             1
========== =============================== ============= =================================
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import pandas as pd

from .. import data

__all__ = ["MONOIDS", "UNKNOWN", "Monoid", "Property", "common_cause_loss", "properties"]


class _Unknown:
    """The value of what is not known. There is one of it."""

    def __repr__(self) -> str:
        return "unknown"

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()
Value = Any
"""A number, a frozenset of words, or `UNKNOWN`."""


@dataclass(frozen=True)
class Monoid:
    """An associative operation with an identity and, for some, an absorbing element (None: there is none)."""

    name: str
    operation: Callable[[Any, Any], Any]
    identity: Any
    absorbing: Any = None

    def combine(self, left: Value, right: Value) -> Value:
        """Two values combined; `UNKNOWN` if one is and the other does not absorb it."""
        if self.absorbing is not None and (left == self.absorbing or right == self.absorbing):
            return self.absorbing
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        return self.operation(left, right)

    def fold(self, values: Iterable[Value]) -> Value:
        """All values combined; the identity if there are none."""
        return reduce(self.combine, values, self.identity)


def _complement(p: Any, q: Any) -> Any:
    return p + q - p * q


MONOIDS = {
    monoid.name: monoid
    for monoid in (
        Monoid("minimum", min, math.inf, 0),
        Monoid("maximum", max, 0),
        Monoid("sum", lambda a, b: a + b, 0, math.inf),
        Monoid("product", lambda a, b: a * b, 1, 0),
        Monoid("union", lambda a, b: a | b, frozenset()),
        Monoid("complement", _complement, 0, 1),
    )
}
"""The operations that a property may name."""

WORDS = {"none", "no-exit", "unknown"}
SCALES = ("value", "reciprocal", "log", "exists", "count")


@dataclass(frozen=True)
class Property:
    """A property: what it asks, its unit, which direction is better, and how it composes.

    ``minimum`` and ``maximum`` bound its values (None: unbounded). ``scale`` says by which number statistics stand for
    it, see `number`.
    """

    key: str
    name: str
    unit: str
    direction: str
    monoid: Monoid
    no_exit: bool
    minimum: float | None
    maximum: float | None
    scale: str
    question: str
    description: str

    def parse(self, text: str) -> Value:
        """A value from its text: a number, a set ("miners; owner"), ``none`` (the identity), ``no-exit``, ``unknown``.

        ValueError says what is wrong with a text that is not a value of this property.
        """
        if text == "unknown":
            return UNKNOWN
        if text == "none":
            return self.monoid.identity
        if text == "no-exit":
            if not self.no_exit:
                raise ValueError(f"{text!r} is no value of {self.key}")
            return math.inf
        if self.monoid.name == "union":
            kinds = frozenset(part.strip() for part in text.split(";"))
            if "" in kinds or kinds & WORDS:
                raise ValueError(f"{text!r} is not a set such as 'miners; owner'")
            return kinds
        try:
            number = float(text)
        except ValueError:
            words = "none, unknown" + (", no-exit" if self.no_exit else "")
            raise ValueError(f"{text!r} is neither a number nor one of {words}") from None
        if not math.isfinite(number):
            raise ValueError(f"{text!r} is not a finite number")
        if self.minimum is not None and number < self.minimum:
            raise ValueError(f"{text} lies below {self.minimum:g} {self.unit}")
        if self.maximum is not None and number > self.maximum:
            raise ValueError(f"{text} lies above {self.maximum:g} {self.unit}")
        return number

    def show(self, value: Value) -> str:
        """A value for people: ``unknown``, ``no exit``, ``none`` (nobody, no limit, nothing), a number or a list."""
        if value is UNKNOWN:
            return "unknown"
        if self.monoid.name == "union":
            return ", ".join(sorted(value)) or "none"
        if self.no_exit and value == math.inf:
            return "no exit"
        if value == self.monoid.identity and self.monoid.name in ("minimum", "maximum"):
            return "none"
        return f"{value:,.10g}" if abs(value) < 1e6 or value == int(value) else f"{value:,.0f}"

    def number(self, value: Value) -> float:
        """The number by which statistics stand for a value; NaN for `UNKNOWN`.

        Scales: ``value`` itself; ``reciprocal`` 1/value (nobody can take it: 0; one party: 1); ``log`` log10(value),
        where an absent limit counts as the largest amount that is valid (21e14 sat) and an amount below 1 sat as 1;
        ``exists`` 1 where there is an exit, else 0; ``count`` the size of a set.
        """
        if value is UNKNOWN:
            return math.nan
        match self.scale:
            case "reciprocal":
                return math.inf if value == 0 else 1 / value
            case "log":
                return math.log10(min(max(value, 1), 21e14))
            case "exists":
                return float(value != math.inf)
            case "count":
                return float(len(value))
        return float(value)


def properties(table: pd.DataFrame | None = None) -> dict[str, Property]:
    """Key -> property, in the order of the table ``properties`` (or of one with the same columns).

    KeyError for an operation that is not in `MONOIDS`.
    """
    table = data.table("properties") if table is None else table
    return {
        row.property: Property(
            row.property, row.name, row.unit, row.direction, _monoid(row.operation, row.absorbing),
            row.absorbing == "no-exit",
            None if pd.isna(row.minimum) else float(row.minimum), None if pd.isna(row.maximum) else float(row.maximum),
            row.scale, row.question, row.description,
        )
        for row in table.set_index("property", drop=False).itertuples(index=False)
    }  # fmt: skip


def _monoid(operation: str, absorbing: str) -> Monoid:
    """The operation over a property's own values, of which another may absorb: one thief is the fewest there can be."""
    monoid = MONOIDS[operation]
    return monoid if pd.isna(absorbing) or absorbing == "no-exit" else replace(monoid, absorbing=float(absorbing))


def common_cause_loss(probabilities: Iterable[float], beta: float) -> float:
    """Probability that at least one member fails, when a share ``beta`` of each failure has one common cause.

    Beta factor for members of unequal probability, exact as in `moip.quant.quorum`: the common cause strikes member i
    with beta p_i, and where it strikes one member it strikes all that fail more often; a member that it spares fails by
    itself with r_i, so that its own probability stays p_i:

        r_i = (p_i - beta p_i) / (1 - beta p_i)        P = 1 - (1 - beta max p) product(1 - r_i)

    Beta 0 is independence, 1 - product(1 - p_i); beta 1 is max p. Both parts are folds, a maximum and a complement.
    ValueError outside 0 .. 1.
    """
    probabilities = list(probabilities)
    if not all(0 <= p <= 1 for p in [beta, *probabilities]):
        raise ValueError(f"probabilities {probabilities} and beta {beta} must be in 0 .. 1")
    own = MONOIDS["complement"].fold((p - beta * p) / (1 - beta * p) for p in probabilities if beta * p < 1)
    return _complement(own, beta * max(probabilities, default=0.0))
