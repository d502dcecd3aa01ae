"""Where a property is decided: which layers have a part in a stack's value, and what of it is construction.

`deciders` says for each stack which layers decide a property, by the same rules as `moip.model.stacks.Stack.explain`, for
all stacks at once. A property is *placed* if one and the same layer decides it wherever anybody does.

Two other catalogs help to tell data from construction. `settled` replaces what is unknown by a value, so that one can see
what ignorance does. `dealt` deals the values of a property anew among the members of each place, so that one can see
what the rule of composition alone would give, whoever has which value.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from .catalog import Catalog
from .enumerate import Space, _Column, fold
from .layers import NUMBERS
from .properties import UNKNOWN, Property, Value

__all__ = ["dealt", "deciders", "placement", "settled", "typical"]


def _layers(space: Space) -> list[int]:
    """Layer of each slot of a space."""
    return [next(m.layer for m in space.catalog.members.values() if m.slot == slot) for slot in space.slots]


def deciders(space: Space, codes: np.ndarray, key: str) -> tuple[np.ndarray, np.ndarray]:
    """Which layers decide a property in each stack, and in which stacks it is known: (n, 5) and (n,), bool.

    A layer decides if a member of it has a part in the value: under a minimum or maximum, the value itself; where a value
    absorbs (no exit, nothing left), that value; else any value but the identity. Unknown stacks have no decider.
    """
    one = space.catalog.property(key)
    column = _Column.of(space, one)
    result = fold(space, codes, [key])[key]
    union = one.monoid.name == "union"
    known = result != np.iinfo(np.uint64).max if union else ~np.isnan(result)
    identity = 0 if union else one.monoid.identity
    absorbed = result == one.monoid.absorbing if one.monoid.absorbing is not None else np.zeros(len(codes), dtype=bool)
    extreme = one.monoid.name in ("minimum", "maximum")
    parts = np.zeros((len(codes), len(NUMBERS)), dtype=bool)
    for slot, layer in enumerate(_layers(space)):
        takes_part = (column.values[slot] != identity) & ~column.unknown[slot]
        if not takes_part.any():
            continue
        own = column.values[slot][codes[:, slot]]
        decides = takes_part[codes[:, slot]]
        decides &= (own == result) | ~(absorbed | extreme)
        parts[:, layer - 1] |= decides
    return parts & known[:, None], known


def placement(space: Space, codes: np.ndarray, keys: list[str] | None = None) -> pd.DataFrame:
    """Who decides each property, over all stacks: one row a property, shares of all stacks.

    Columns: property, layer_1 to layer_5 (this layer alone decides), several (more than one in the same stack), nobody (the
    value is the identity), unknown, home (the layer that decides most often, alone or not), at_home (of the stacks in
    which somebody decides, the share in which the home layer does so alone).
    """
    rows = []
    for key in keys or list(space.catalog.properties):
        parts, known = deciders(space, codes, key)
        count = parts.sum(axis=1)
        alone = [float((parts[:, i] & (count == 1)).mean()) for i in range(len(NUMBERS))]
        decided = float((count > 0).mean())
        home = int(parts.mean(axis=0).argmax())
        several, nobody = float((count > 1).mean()), float((known & (count == 0)).mean())
        at_home = alone[home] / decided if decided else float("nan")
        rows.append([key, *alone, several, nobody, float((~known).mean()), home + 1, at_home])
    names = [f"layer_{number}" for number in NUMBERS]
    return pd.DataFrame(rows, columns=["property", *names, "several", "nobody", "unknown", "home", "at_home"])


def _with(catalog: Catalog, key: str, parsed: pd.Series) -> Catalog:
    """The catalog with other values of one property; index as in its assessments."""
    table = catalog.assessments.copy()
    table.loc[table["property"] == key, "parsed"] = parsed
    return replace(catalog, assessments=table)


def settled(catalog: Catalog, key: str, value: Value) -> Catalog:
    """The catalog with a value for every member whose part in a property is unknown."""
    catalog.property(key)
    own = catalog.assessments.loc[catalog.assessments["property"] == key, "parsed"]
    return _with(catalog, key, pd.Series([value if v is UNKNOWN else v for v in own], own.index, dtype="object"))


def typical(catalog: Catalog, key: str) -> Value:
    """The middle one of the known values with which members take part in a property; UNKNOWN if there is none.

    Of an even number, the lower of the two in the middle. Sets are not ordered: of them the first in alphabetical order.
    """
    one: Property = catalog.property(key)
    own = catalog.assessments.loc[catalog.assessments["property"] == key, "parsed"]
    values = [v for v in own if v is not UNKNOWN and v != one.monoid.identity]
    if not values:
        return UNKNOWN
    order = sorted(values, key=(lambda v: sorted(v)) if one.monoid.name == "union" else None)
    return order[0] if one.monoid.name == "union" else order[(len(order) - 1) // 2]


def dealt(catalog: Catalog, key: str, rng: np.random.Generator) -> Catalog:
    """The catalog with the values of a property dealt anew among the members of each slot, unknown ones too."""
    catalog.property(key)
    own = catalog.assessments.loc[catalog.assessments["property"] == key]
    slots = [catalog.members[name].slot for name in own["member"]]
    values, parsed = own["parsed"].tolist(), [None] * len(own)
    for slot in dict.fromkeys(slots):
        rows = np.flatnonzero([name == slot for name in slots])
        for at, origin in zip(rows, rng.permutation(rows), strict=True):
            parsed[at] = values[origin]
    return _with(catalog, key, pd.Series(parsed, own.index, dtype="object"))
