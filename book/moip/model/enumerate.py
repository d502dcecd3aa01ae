"""All well-formed stacks of a catalog, and their properties, at once.

A *space* has one place for each slot of a stack. In a place stands one member of the slot, or, where the slot is
optional, none. A candidate is one choice for every place; its *code* is the row of the choices' numbers (uint8).

Offers and needs are sets of at most 64 services, held as bits of a uint64, so that a union is an OR and "every need is
met" is one comparison for a whole array of candidates:

    (needs | demanded) & ~offers == 0

`find` builds candidates slot by slot and drops a partial one as soon as the slots that are left cannot meet a need of
it; what it returns is exactly what checking every candidate would (``tests/test_model_enumerate.py``). `check` and
`fold` work on given codes. All three work in pieces, so that memory stays bounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .catalog import SLOTS, Catalog, CatalogError
from .layers import NUMBERS
from .properties import UNKNOWN, Property, Value
from .stacks import Stack

__all__ = ["OPTIONAL", "Space", "check", "find", "fold", "sample", "table"]

OPTIONAL = ("lock", "keys", "view", "plan", "helper", "device")
"""Slots that a stack may leave empty: who leaves value with others has no keys; a rail may plan for itself."""

PIECE = 1 << 18
"""Candidates worked on at once."""


@dataclass(frozen=True, eq=False)
class Space:
    """A catalog as arrays: for each slot its choices (member keys, '' for none) with their offers and needs as bits."""

    catalog: Catalog
    slots: tuple[str, ...]
    choices: tuple[tuple[str, ...], ...]
    offers: tuple[np.ndarray, ...]
    needs: tuple[np.ndarray, ...]
    demanded: np.uint64
    layer_bits: tuple[np.uint64, ...]

    @classmethod
    def of(
        cls,
        catalog: Catalog | None = None,
        only: Mapping[str, Sequence[str]] | None = None,
        optional: Iterable[str] = OPTIONAL,
    ) -> Space:
        """The space of a catalog (the book's by default).

        only: slot -> the choices that it has instead of all its members ('' for none). optional: slots that may stay
        empty, where ``only`` does not say. `CatalogError` for an unknown slot or member, a member of another slot, a
        slot with more than 255 choices, or more than 64 services.
        """
        catalog = catalog or Catalog.load()
        only, optional = dict(only or {}), set(optional)
        for slot in [*only, *optional]:
            if slot not in SLOTS:
                raise CatalogError(f"There is no slot {slot!r}. There are: {', '.join(SLOTS)}.")
        if len(catalog.services) > 64:
            raise CatalogError(f"{len(catalog.services)} services are more than the 64 bits of a set.")
        bit = {service: 1 << position for position, service in enumerate(catalog.services)}
        choices = []
        for slot in SLOTS:
            own = catalog.slot(slot)
            chosen = only.get(slot, ([""] if slot in optional or not own else []) + list(own))
            chosen = (chosen,) if isinstance(chosen, str) else tuple(chosen)
            for name in chosen:
                if name and catalog.member(name).slot != slot:
                    raise CatalogError(f"{name!r} stands in the slot {catalog.member(name).slot!r}, not in {slot!r}.")
            if not 0 < len(chosen) <= 255:
                raise CatalogError(f"The slot {slot!r} has {len(chosen)} choices; it needs 1 to 255.")
            choices.append(chosen)

        def bits(services: Iterable[str]) -> np.uint64:
            return np.uint64(sum(bit[service] for service in set(services)))

        def side(name: str) -> tuple[np.ndarray, ...]:
            members = catalog.members
            return tuple(
                np.array([bits(getattr(members[key], name)) if key else 0 for key in slot], dtype=np.uint64)
                for slot in choices
            )

        layers = (bits(key for key, s in catalog.services.items() if s.layer == number) for number in NUMBERS)
        return cls(catalog, SLOTS, tuple(choices), side("offers"), side("needs"), bits(catalog.demanded), tuple(layers))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of choices of each slot."""
        return tuple(len(choices) for choices in self.choices)

    @property
    def candidates(self) -> int:
        """Number of candidates, well formed or not."""
        return math.prod(self.sizes)

    def names(self, code: Sequence[int]) -> tuple[str, ...]:
        """Keys of the members of one candidate, empty places left out."""
        return tuple(name for choices, i in zip(self.choices, code, strict=True) if (name := choices[i]))

    def stack(self, code: Sequence[int]) -> Stack:
        """One candidate as a `Stack`."""
        return Stack.of(*self.names(code), catalog=self.catalog)

    def code(self, names: Iterable[str]) -> np.ndarray:
        """The code (uint8, one a slot) of members by key; `CatalogError` if two share a slot or a place stays empty."""
        names = set(names)
        code = []
        for slot, choices in zip(self.slots, self.choices, strict=True):
            there = [i for i, name in enumerate(choices) if name in names] or [
                i for i, name in enumerate(choices) if not name
            ]
            if len(there) != 1:
                raise CatalogError(f"The slot {slot!r} needs one member, not {len(there) or 'none'}.")
            code.append(there[0])
        if lost := names - set(self.names(code)):
            raise CatalogError(f"{min(lost)!r} has no place in this space.")
        return np.array(code, dtype=np.uint8)

    def codes(self, numbers: np.ndarray) -> np.ndarray:
        """Codes (n, slots) of candidates by their number, 0 to `candidates` - 1, the last slot counting fastest."""
        return np.stack(np.unravel_index(numbers, self.sizes), axis=1).astype(np.uint8)


def _gather(arrays: Sequence[np.ndarray], codes: np.ndarray) -> np.ndarray:
    """OR over slots of the bits that each code's choice has; shape (n,)."""
    total = arrays[0][codes[:, 0]]
    for slot in range(1, codes.shape[1]):
        total |= arrays[slot][codes[:, slot]]
    return total


def _idle(space: Space, codes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Whether a candidate has a member of whose offers nothing is wanted; shape (n,)."""
    idle = np.zeros(len(codes), dtype=bool)
    for slot, choices in enumerate(space.choices):
        stands = np.array([bool(name) for name in choices])[codes[:, slot]]
        idle |= stands & ((space.offers[slot][codes[:, slot]] & wanted) == 0)
    return idle


def check(space: Space, codes: np.ndarray, *, idle: bool = True) -> np.ndarray:
    """Whether each candidate is well formed; shape (n,), bool. idle=False also drops those with an idle member."""
    found = np.empty(len(codes), dtype=bool)
    for start in range(0, len(codes), PIECE):
        piece = codes[start : start + PIECE]
        offers, wanted = _gather(space.offers, piece), _gather(space.needs, piece) | space.demanded
        good = (wanted & ~offers) == 0
        for layer in space.layer_bits:
            good &= (offers & layer) != 0
        if not idle:
            good &= ~_idle(space, piece, wanted)
        found[start : start + PIECE] = good
    return found


def find(space: Space, *, idle: bool = False) -> np.ndarray:
    """Codes of all well-formed candidates, in the order of their numbers; shape (n, slots), uint8.

    idle: whether stacks may have members of which neither another member nor the person needs anything. Without them
    a custodial account does not count again for each way in which its owner could have kept keys that it never uses.
    """
    upward = [np.bitwise_or.reduce(bits, initial=np.uint64(0)) for bits in space.offers]
    order = list(range(len(space.slots)))[::-1]  # from the top: needs point downward, so they are known early
    rest = [np.uint64(0)]
    for slot in order[:0:-1]:
        rest.append(rest[-1] | upward[slot])
    rest.reverse()  # rest[k]: what the slots after the k-th of the order could still offer
    empty = np.zeros((1, len(space.slots)), dtype=np.uint8)
    todo = [(0, empty, np.zeros(1, dtype=np.uint64), np.full(1, space.demanded, dtype=np.uint64))]
    found = []
    while todo:
        depth, codes, offers, wanted = todo.pop()
        if depth == len(order):
            found.append(codes[check(space, codes, idle=idle)])
            continue
        slot = order[depth]
        size = len(space.choices[slot])
        if len(codes) * size > PIECE and len(codes) > 1:
            half = len(codes) // 2
            todo += [
                (depth, codes[part], offers[part], wanted[part]) for part in (slice(half), slice(half, len(codes)))
            ]
            continue
        more_offers = (offers[:, None] | space.offers[slot][None, :]).ravel()
        more_wanted = (wanted[:, None] | space.needs[slot][None, :]).ravel()
        alive = np.flatnonzero((more_wanted & ~(more_offers | rest[depth])) == 0)
        codes = codes[alive // size]
        codes[:, slot] = alive % size
        if len(codes):
            todo.append((depth + 1, codes, more_offers[alive], more_wanted[alive]))
    codes = np.concatenate([empty[:0], *found])
    return codes[np.lexsort(codes.T[::-1])]


def sample(space: Space, count: int, seed: int = 0) -> np.ndarray:
    """Codes of ``count`` candidates drawn at random, well formed or not; shape (count, slots), uint8."""
    return space.codes(np.random.default_rng(seed).integers(0, space.candidates, count))


# properties -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Column:
    """A property's values by slot and choice as numbers; the identity where the value is unknown."""

    values: tuple[np.ndarray, ...]
    unknown: tuple[np.ndarray, ...]
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, space: Space, one: Property) -> _Column:
        def at(name: str) -> Value:
            return space.catalog.value(name, one.key) if name else one.monoid.identity

        values = [[at(name) for name in choices] for choices in space.choices]
        known = [v for slot in values for v in slot if v is not UNKNOWN]
        kinds = tuple(sorted(frozenset().union(*known))) if one.monoid.name == "union" else ()
        if len(kinds) > 64:
            raise CatalogError(f"{one.key} names {len(kinds)} kinds, more than 64.")
        bit = {kind: 1 << position for position, kind in enumerate(kinds)}

        def number(value: Value) -> float | int:
            value = one.monoid.identity if value is UNKNOWN else value
            return sum(bit[kind] for kind in value) if one.monoid.name == "union" else value

        dtype = np.uint64 if one.monoid.name == "union" else np.float64
        return cls(
            tuple(np.array([number(v) for v in slot], dtype=dtype) for slot in values),
            tuple(np.array([v is UNKNOWN for v in slot]) for slot in values),
            kinds,
        )


UFUNCS = {"minimum": np.minimum, "maximum": np.maximum, "sum": np.add, "product": np.multiply, "union": np.bitwise_or}


def fold(space: Space, codes: np.ndarray, keys: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """Properties of candidates: key -> array (n,).

    Numbers are float64, NaN where unknown, infinity for "no exit" and for a minimum over nobody. A union is uint64, a
    bit for each kind (`kinds` names them), and 2^64 - 1 where a member's set is unknown. keys: all properties unless
    named; `CatalogError` for an unknown one.
    """
    named = [space.catalog.property(key) for key in (space.catalog.properties if keys is None else keys)]
    columns = [_Column.of(space, one) for one in named]
    unknown_bits = [  # one bit a property, so that one OR a slot serves them all
        sum(column.unknown[slot].astype(np.uint64) << np.uint64(i) for i, column in enumerate(columns))
        for slot in range(len(space.slots))
    ]
    result = {
        one.key: np.empty(len(codes), dtype=np.uint64 if one.monoid.name == "union" else np.float64) for one in named
    }
    for start in range(0, len(codes), PIECE):
        piece = codes[start : start + PIECE].T
        unknown = np.zeros(piece.shape[1], dtype=np.uint64)
        for bits, chosen in zip(unknown_bits, piece, strict=True):
            unknown |= bits[chosen]
        for i, (one, column) in enumerate(zip(named, columns, strict=True)):
            values = _combined(one, column, piece)
            lost = (unknown >> np.uint64(i) & np.uint64(1)).astype(bool)
            if one.monoid.absorbing is not None:
                lost &= values != one.monoid.absorbing
            values[lost] = np.iinfo(np.uint64).max if values.dtype == np.uint64 else np.nan
            result[one.key][start : start + PIECE] = values
    return result


def _combined(one: Property, column: _Column, piece: np.ndarray) -> np.ndarray:
    """The fold over slots of a property's values; slots in which every choice has the identity are left out."""
    identity = 0 if column.kinds or one.monoid.name == "union" else one.monoid.identity
    slots = [slot for slot, values in enumerate(column.values) if (values != identity).any()]
    dtype = column.values[0].dtype
    if not slots:
        return np.full(piece.shape[1], identity, dtype=dtype)
    gathered = (column.values[slot][piece[slot]] for slot in slots)
    if one.monoid.name == "complement":
        left = 1 - next(gathered)
        for values in gathered:
            left *= 1 - values
        return 1 - left
    operation, total = UFUNCS[one.monoid.name], next(gathered)
    for values in gathered:
        operation(total, values, out=total)
    return total


def kinds(space: Space, key: str) -> tuple[str, ...]:
    """Names of the bits of a property that is a union, lowest first."""
    return _Column.of(space, space.catalog.property(key)).kinds


def numbers(space: Space, folded: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Folded values as the numbers by which statistics stand for them (`Property.number`): key -> float64 (n,)."""
    result = {}
    for key, values in folded.items():
        match space.catalog.property(key).scale:
            case "reciprocal":
                with np.errstate(divide="ignore"):
                    result[key] = 1 / values
            case "log":
                result[key] = np.log10(np.clip(values, 1, 21e14))
            case "exists":
                result[key] = np.where(np.isnan(values), np.nan, values != np.inf).astype(float)
            case "count":
                counts = np.bitwise_count(values).astype(float)
                result[key] = np.where(values == np.iinfo(np.uint64).max, np.nan, counts)
            case _:
                result[key] = np.asarray(values, dtype=float)
    return result


def layer_codes(space: Space, codes: np.ndarray) -> np.ndarray:
    """One number a layer for the members that stand at it: shape (n, 5), int64. Equal numbers mean equal members."""
    own = {slot: next((m.layer for m in space.catalog.members.values() if m.slot == slot), 0) for slot in space.slots}
    result = np.zeros((len(codes), len(NUMBERS)), dtype=np.int64)
    for position, slot in enumerate(space.slots):
        if own[slot]:
            result[:, own[slot] - 1] *= space.sizes[position]
            result[:, own[slot] - 1] += codes[:, position]
    return result


def table(space: Space, codes: np.ndarray, keys: Iterable[str] | None = None) -> pd.DataFrame:
    """Candidates as a table: a categorical column a slot (member keys, '' for none), and a column a property.

    Numbers as in `fold`; a union is a text with semicolons ("unknown" where it is).
    """
    columns: dict[str, object] = {
        slot: pd.Categorical.from_codes(codes[:, i], categories=list(space.choices[i]))
        for i, slot in enumerate(space.slots)
    }
    for key, values in fold(space, codes, keys).items():
        if space.catalog.property(key).monoid.name == "union":
            names = kinds(space, key)
            distinct, inverse = np.unique(values, return_inverse=True)
            texts = [
                "unknown"
                if number == np.iinfo(np.uint64).max
                else "; ".join(name for i, name in enumerate(names) if int(number) >> i & 1)
                for number in distinct
            ]
            values = pd.Categorical.from_codes(inverse, categories=texts)
        columns[key] = values
    return pd.DataFrame(columns)
