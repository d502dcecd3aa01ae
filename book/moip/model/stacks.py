"""A stack: a choice of technologies. Is it well formed, what are its properties, and which member decides them?

>>> from moip.model import Stack
>>> stack = Stack.of("bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", "coin-selection", "bip21", "sparrow")
>>> stack.well_formed
True
>>> stack.show("settlement_delay")
'3,600'
>>> Stack.of("bitcoin", "lightning", "bolt11", "phoenix").unmet_needs()["service"].unique().tolist()
['authorization', 'chain-view', 'fixed-txid', 'key-recovery']

A stack is well formed when every layer is filled, every need of a member is met, and the person is offered what every
person needs. A layer is filled by a member that offers a service there. A need is met by a member that offers the
service; since a member may need services of its own layers and those below alone, that is at the same layer or the one
below. It says that the services fit together, not that a product exists which puts them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from .catalog import TRUST_CLASSES, Catalog, CatalogError, Member
from .layers import NUMBERS
from .properties import UNKNOWN, Value

__all__ = ["PERSON", "Stack", "StackError"]

PERSON = "the person"
"""Who needs the services that every stack must offer."""


class StackError(ValueError):
    """A stack is not well formed; the message says all that is missing."""


@cache
def _catalog() -> Catalog:
    return Catalog.load()


@dataclass(frozen=True)
class Stack:
    """Members of a catalog, in the order of their layers and of the catalog."""

    members: tuple[Member, ...]
    catalog: Catalog = field(compare=False, repr=False)

    @classmethod
    def of(cls, *names: str, catalog: Catalog | None = None) -> Stack:
        """A stack of members by name. `CatalogError` for a name that is unknown or given twice, or for none."""
        catalog = catalog or _catalog()
        members = [catalog.member(name) for name in names]
        if not members:
            raise CatalogError("A stack needs members: Stack.of('bitcoin', 'p2wpkh', ...).")
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise CatalogError(f"{repeated[0]!r} is given twice.")
        place = {key: position for position, key in enumerate(catalog.members)}
        return cls(tuple(sorted(members, key=lambda member: (member.layer, place[member.key]))), catalog)

    @property
    def names(self) -> tuple[str, ...]:
        """Keys of the members, bottom up."""
        return tuple(member.key for member in self.members)

    def __str__(self) -> str:
        return " + ".join(self.names)

    def layer(self, number: int) -> tuple[Member, ...]:
        """The members placed at a layer."""
        return tuple(member for member in self.members if member.layer == number)

    def replace(self, old: str, *new: str) -> Stack:
        """The same stack with one member exchanged for others (or for none). `CatalogError` if it is no member."""
        if old not in self.names:
            raise CatalogError(f"{old!r} is not in the stack {self}.")
        return Stack.of(*(name for name in self.names if name != old), *new, catalog=self.catalog)

    # what fits -------------------------------------------------------------------------------------------------

    @property
    def offers(self) -> frozenset[str]:
        """All services that members offer."""
        return frozenset().union(*(member.offers for member in self.members))

    def missing_layers(self) -> tuple[int, ...]:
        """Layers at which no member offers a service."""
        filled = {self.catalog.services[service].layer for service in self.offers}
        return tuple(number for number in NUMBERS if number not in filled)

    def unmet_needs(self) -> pd.DataFrame:
        """One row a need that nobody meets: member (or `PERSON`), service, layer, offered_by (members that would).

        Sorted by layer and service.
        """
        rows = [
            [member, service, self.catalog.services[service].layer, self._who_offers(service)]
            for member, service in self._unmet()
        ]
        columns = ["member", "service", "layer", "offered_by"]
        return pd.DataFrame(rows, columns=columns).sort_values(["layer", "service", "member"], ignore_index=True)

    def _unmet(self) -> set[tuple[str, str]]:
        needs = {(member.key, service) for member in self.members for service in member.needs}
        needs |= {(PERSON, service) for service in self.catalog.demanded}
        offers = self.offers
        return {need for need in needs if need[1] not in offers}

    def _who_offers(self, service: str) -> tuple[str, ...]:
        return tuple(key for key, member in self.catalog.members.items() if service in member.offers)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the stack is not well formed, a sentence each; empty if it is."""
        names = self.catalog.services
        missing = [f"Nothing offers a service at layer {number}." for number in self.missing_layers()]
        unmet = [
            f"{row.member} needs {names[row.service].name} at layer {row.layer}; "
            + (f"{', '.join(row.offered_by[:4])} would offer it." if row.offered_by else "nobody offers it.")
            for row in self.unmet_needs().itertuples()
        ]
        return (*missing, *unmet)

    @property
    def well_formed(self) -> bool:
        """Every layer is filled and every need is met."""
        return not self.missing_layers() and not self._unmet()

    def check(self) -> Stack:
        """The stack itself if it is well formed; `StackError` with all that is missing if not."""
        if problems := self.problems:
            raise StackError(f"{self} is not well formed. {' '.join(problems)}")
        return self

    def idle(self) -> tuple[str, ...]:
        """Members of which nobody in the stack, nor the person, needs anything."""
        wanted = self.catalog.demanded.union(*(member.needs for member in self.members))
        return tuple(member.key for member in self.members if not member.offers & wanted)

    # what it is like -------------------------------------------------------------------------------------------

    @property
    def trust_class(self) -> str:
        """The weakest trust class among the members (``none`` if nobody holds anything)."""
        return max((member.trust_class for member in self.members), key=TRUST_CLASSES.index)

    def value(self, key: str) -> Value:
        """A property of the stack: the fold over its members (`moip.model.properties.UNKNOWN` if unknown)."""
        monoid = self.catalog.property(key).monoid
        return monoid.fold(self.catalog.value(name, key) for name in self.names)

    def show(self, key: str) -> str:
        """A property of the stack, for people."""
        return self.catalog.property(key).show(self.value(key))

    def properties(self) -> pd.DataFrame:
        """All properties: property, name, value (for people), unit, number (for statistics), decided_by (members)."""
        rows = []
        for key, one in self.catalog.properties.items():
            value = self.value(key)
            parts = self.explain(key)
            decided = parts.loc[parts["part"].isin(["decides", "contributes", "unknown"]), "member"]
            rows.append([key, one.name, one.show(value), one.unit, one.number(value), tuple(decided)])
        return pd.DataFrame(rows, columns=["property", "name", "value", "unit", "number", "decided_by"])

    def explain(self, key: str) -> pd.DataFrame:
        """What each member adds to a property: member, layer, value (for people), part, basis, source, as_of, note.

        part: ``decides`` (the value is this member's, or it absorbs the others'), ``contributes`` (to a sum, product,
        union), ``unknown`` (it makes the stack's value unknown), ``outweighed`` (known, or unknown, but another
        decides), ``nothing`` (the identity).
        """
        one = self.catalog.property(key)
        result = self.value(key)
        rows = self.catalog.assessments.query("property == @key").set_index("member").loc[list(self.names)]
        parts = [self._part(one.monoid, value, result) for value in rows["parsed"]]
        return pd.DataFrame(
            {
                "member": self.names,
                "layer": [member.layer for member in self.members],
                "value": [one.show(value) for value in rows["parsed"]],
                "part": parts,
                **{column: rows[column].tolist() for column in ("basis", "source", "as_of", "note")},
            }
        )

    @staticmethod
    def _part(monoid, value: Value, result: Value) -> str:
        if value is UNKNOWN:
            return "unknown" if result is UNKNOWN else "outweighed"
        if value == monoid.identity:
            return "nothing"
        absorbed = result is not UNKNOWN and monoid.absorbing is not None and result == monoid.absorbing
        if absorbed or monoid.name in ("minimum", "maximum"):
            return "decides" if value == result else "outweighed"
        return "contributes"

    def requirements(self) -> pd.DataFrame:
        """Every requirement on this stack: requirement, layer, level, statement, result (see `requirements.judge`)."""
        from . import requirements

        return requirements.judge(self)


def compare(stacks: Iterable[Stack]) -> pd.DataFrame:
    """Properties of several stacks side by side, for people: one row a property, one column a stack (its text)."""
    return pd.DataFrame({str(s): s.properties().set_index("name")["value"] for s in stacks}).reset_index()
