"""What a person may wish of a stack, as conditions on its properties.

A wish is met, not met, or nobody can tell because a value that it asks for is unknown. So every count of stacks that meet
a wish comes as two numbers: those that surely meet it, and those that may. A stack may meet a wish if it would with the best
values that its unknown ones can have (`best_case`): a payment that surely waits an hour for one member waits no less for
what another adds, known or not.

The choice of wishes and their thresholds is the book's own, a judgment. ``book/patterns/compose.ipynb`` counts how many
stacks meet them, alone and together; the explorer of that page offers them as buttons.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from .enumerate import Space
from .properties import UNKNOWN

__all__ = ["WISHES", "Condition", "Wish", "best_case", "codes", "impossible"]

RELATIONS = {"at least": operator.ge, "at most": operator.le, "below": operator.lt}


@dataclass(frozen=True)
class Condition:
    """A property's value is ``at least``, ``at most`` or ``below`` a number, in the property's unit."""

    property: str
    relation: str
    number: float

    def holds(self, value: float) -> bool:
        """Whether a value that is known meets the condition."""
        return bool(RELATIONS[self.relation](value, self.number))


@dataclass(frozen=True)
class Wish:
    """A few words and the conditions that all have to hold."""

    key: str
    words: str
    conditions: tuple[Condition, ...]

    def met(self, folded: Mapping[str, np.ndarray]) -> np.ndarray:
        """Which stacks surely meet the wish: array (n,), bool. An unknown value (NaN) meets no condition.

        folded: what `moip.model.enumerate.fold` gives. KeyError if a property is missing.
        """
        return self._all(folded, unknown=False)

    def possible(self, best: Mapping[str, np.ndarray]) -> np.ndarray:
        """Which stacks may meet the wish: array (n,), bool. best: folded values in the `best_case`."""
        return self._all(best, unknown=True)

    def _all(self, folded: Mapping[str, np.ndarray], unknown: bool) -> np.ndarray:
        holds = np.ones(len(folded[self.conditions[0].property]), dtype=bool)
        for condition in self.conditions:
            values = folded[condition.property]
            holds &= RELATIONS[condition.relation](values, condition.number) | (unknown & np.isnan(values))
        return holds


def _wish(key: str, words: str, *conditions: tuple[str, str, float]) -> Wish:
    return Wish(key, words, tuple(Condition(*one) for one in conditions))


WISHES = (
    _wish("no-thief", "no one party can take it", ("theft_quorum", "at least", 2)),
    _wish("no-freezer", "no one party can stop it", ("freeze_quorum", "at least", 2)),
    _wish("exit", "I can leave without permission", ("exit_weight", "below", np.inf)),
    _wish("away", "I may be away for a week", ("online_interval", "at least", 7 * 24)),
    _wish("prompt", "the payee waits for no block", ("settlement_delay", "at most", 0)),
    _wish("small", "it pays one satoshi", ("smallest_payment", "at most", 1)),
    _wish("large", "it pays ten bitcoin at once", ("largest_payment", "at least", 1e9)),
    _wish("spare", "a payment uses no block space", ("payment_weight", "at most", 0)),
    _wish(
        "ledger",
        "the ledger shows nothing of it",
        *((f"{who}_left_chain", "at least", 1) for who in ("sender", "receiver", "amount")),
    ),
    _wish(
        "operators",
        "no operator sees who pays whom",
        *((f"{who}_left_operator", "at least", 1) for who in ("sender", "receiver")),
    ),
)
"""The wishes of the book, in the order of the layers that they concern most."""


def best_case(space: Space) -> Space:
    """The same space with unknown values as good as they can be.

    That is the identity: no member makes a delay shorter or a quorum larger. Of block space a member can also save some;
    what is unknown is taken to save nothing, since a payment that the chain records takes some of it in any case.

    It is a bound, not a forecast: two unknown values may exclude each other, or be known to somebody.
    """
    table, known = space.catalog.assessments, space.catalog.properties
    parsed = [
        known[key].monoid.identity if value is UNKNOWN else value
        for key, value in zip(table["property"], table["parsed"], strict=True)
    ]
    column = pd.Series(parsed, index=table.index, dtype="object")
    return replace(space, catalog=replace(space.catalog, assessments=table.assign(parsed=column)))


def codes(
    folded: Mapping[str, np.ndarray], best: Mapping[str, np.ndarray], wishes: Iterable[Wish] = WISHES
) -> tuple[np.ndarray, np.ndarray]:
    """For each stack the set of wishes that it surely meets, and that it may meet, as bits: two arrays (n,), int64.

    Bit i stands for the i-th wish. best: folded values in the `best_case`.
    """
    wishes = tuple(wishes)
    sure = sum(wish.met(folded).astype(np.int64) << i for i, wish in enumerate(wishes))
    possible = sum(wish.possible(best).astype(np.int64) << i for i, wish in enumerate(wishes))
    return sure, possible


def impossible(met: Iterable[int], count: int) -> list[tuple[int, ...]]:
    """The smallest sets of wishes that no stack meets together, each as numbers of wishes, in order of size.

    met: sets of wishes as bits, as `codes` gives them. A set is listed if some stack meets every smaller set within it.
    """
    patterns = {int(code) for code in met}
    found: list[tuple[int, ...]] = []
    for size in range(1, count + 1):
        for chosen in combinations(range(count), size):
            bits = sum(1 << i for i in chosen)
            if any(set(smaller) <= set(chosen) for smaller in found):
                continue
            if not any(pattern & bits == bits for pattern in patterns):
                found.append(chosen)
    return found
