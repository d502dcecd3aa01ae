"""The catalog: technologies that can be members of a stack, with what they offer, need and do to each property.

Six tables meet here: ``catalog`` (members: a technology at a layer, in a slot of the stack), ``technologies`` and
``technology_spans`` (the register), ``services``, ``technology_services`` and ``assessments``.

A *member* is a technology in its place. Nearly all carry the technology's own name. A few are degenerate: the same
technology put to work at a layer that it spans, under a name of its own (``bitcoin-transfer``: a plain payment on the
chain at layer 2; ``address``: a bare address at layer 4).

How spans count: a member offers services at every layer that its technology spans, and may need services at each of
those layers or the one below. A degenerate member offers at its own layer alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from .. import data
from .properties import Property, Value, properties

__all__ = ["SLOTS", "TABLES", "TRUST_CLASSES", "Catalog", "CatalogError", "Member", "Service"]

TABLES = ("catalog", "technologies", "technology_spans", "services", "technology_services", "properties", "assessments")
"""The tables that a catalog is made of."""

SLOTS = ("ledger", "lock", "keys", "view", "rail", "plan", "helper", "request", "face", "device")
"""Places in a stack, bottom up: four at layer 1, one at layer 2, two each at layers 3 and 5, one at layer 4."""

TRUST_CLASSES = ("none", "trustless", "minimized", "federated", "custodial")
"""Trust classes of the register in their order; ``none`` marks what holds nothing."""


class CatalogError(ValueError):
    """The tables of the model, or a name given to it, are not what they should be."""


@dataclass(frozen=True)
class Service:
    """What a layer offers. ``demanded``: the person needs it of every stack."""

    key: str
    layer: int
    name: str
    description: str
    demanded: bool


@dataclass(frozen=True)
class Member:
    """A technology in its place in a stack."""

    key: str
    technology: str
    name: str
    layer: int
    slot: str
    spans: frozenset[int]
    trust_class: str
    status: str
    category: str
    offers: frozenset[str]
    needs: frozenset[str]


@dataclass(frozen=True, eq=False, repr=False)
class Catalog:
    """Members, services and properties, and the assessed value of each member for each property."""

    members: Mapping[str, Member]
    services: Mapping[str, Service]
    properties: Mapping[str, Property]
    assessments: pd.DataFrame
    register: frozenset[str]

    @classmethod
    def load(cls) -> Catalog:
        """The catalog of the book's tables."""
        return cls.of({name: data.table(name) for name in TABLES})

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame]) -> Catalog:
        """A catalog of tables with the columns of `TABLES`. `CatalogError` for a reference that leads nowhere.

        It checks only what it cannot do without; `moip.model.rules.check` checks everything and names rows.
        """
        register = tables["technologies"].set_index("technology")
        spans = tables["technology_spans"].groupby("technology")["layer"].agg(frozenset)
        services = {
            row.service: Service(row.service, int(row.layer), row.name, row.description, bool(row.demanded))
            for row in tables["services"].itertuples(index=False)
        }
        sides = {
            role: tables["technology_services"].query("role == @role").groupby("member")["service"].agg(frozenset)
            for role in ("offers", "needs")
        }
        members = {}
        for row in tables["catalog"].itertuples(index=False):
            if row.technology not in register.index:
                raise CatalogError(f"table catalog: {row.member} names the unknown technology {row.technology!r}")
            entry = register.loc[row.technology]
            own = entry["layer"] == row.layer
            offers, needs = (sides[role].get(row.member, frozenset()) for role in ("offers", "needs"))
            if unknown := (offers | needs) - services.keys():
                raise CatalogError(f"table technology_services: {row.member} names the service {min(unknown)!r}")
            members[row.member] = Member(
                row.member, row.technology, entry["name"] if own else row.member.replace("-", " "), int(row.layer),
                row.slot, spans[row.technology] if own else frozenset({int(row.layer)}), entry["trust_class"],
                entry["status"], entry["category"], offers, needs,
            )  # fmt: skip
        known = properties(tables["properties"])
        return cls(members, services, known, _parsed(tables["assessments"], known), frozenset(register.index))

    @cached_property
    def demanded(self) -> frozenset[str]:
        """Services that the person needs of every stack."""
        return frozenset(key for key, service in self.services.items() if service.demanded)

    @cached_property
    def _values(self) -> dict[tuple[str, str], Value]:
        return self.assessments.set_index(["member", "property"])["parsed"].to_dict()

    def value(self, member: str, key: str) -> Value:
        """What a member adds to a property; `CatalogError` for a pair that was not assessed."""
        try:
            return self._values[member, key]
        except KeyError:
            raise CatalogError(f"table assessments has no row for {member!r} and {key!r}") from None

    def member(self, name: str) -> Member:
        """A member by its key. `CatalogError` names what is close, or says that the register knows it only."""
        if name in self.members:
            return self.members[name]
        if name in self.register:
            raise CatalogError(
                f"{name!r} is in the register, but not in the catalog: what it offers and needs is not stated. "
                "Add it to the tables catalog, technology_services and assessments."
            )
        if not isinstance(name, str):
            raise CatalogError(f"A member is named by its key, a text such as 'bitcoin', not by {name!r}.")
        raise CatalogError(f"There is no technology {name!r}. {_hint(name, [*self.members, *self.register])}")

    def property(self, name: str) -> Property:
        """A property by its key; `CatalogError` names what is close."""
        if name in self.properties:
            return self.properties[name]
        raise CatalogError(f"There is no property {name!r}. {_hint(name, self.properties)}")

    def slot(self, name: str) -> tuple[str, ...]:
        """Keys of the members in a slot, in the order of the table; `CatalogError` for a slot that is not in `SLOTS`."""
        if name not in SLOTS:
            raise CatalogError(f"There is no slot {name!r}. {_hint(name, SLOTS)}")
        return tuple(key for key, member in self.members.items() if member.slot == name)

    def only(self, members: Iterable[str]) -> Catalog:
        """A smaller catalog: these members alone."""
        keep = {self.member(name).key for name in members}
        return Catalog(
            {key: member for key, member in self.members.items() if key in keep},
            self.services,
            self.properties,
            self.assessments[self.assessments["member"].isin(keep)],
            self.register,
        )

    def table(self) -> pd.DataFrame:
        """One row a member: member, technology, name, layer, slot, spans, trust_class, status, offers, needs."""
        columns = ["key", "technology", "name", "layer", "slot", "spans", "trust_class", "status", "offers", "needs"]
        rows = [
            [tuple(sorted(v)) if isinstance(v := getattr(m, c), frozenset) else v for c in columns]
            for m in self.members.values()
        ]
        return pd.DataFrame(rows, columns=["member", *columns[1:]])


def _parsed(assessments: pd.DataFrame, known: Mapping[str, Property]) -> pd.DataFrame:
    """The table with a column ``parsed``. `CatalogError` for an unknown property or a value outside its domain."""
    parsed = []
    for row in assessments.itertuples(index=False):
        if row.property not in known:
            raise CatalogError(f"table assessments: {row.member} names the unknown property {row.property!r}")
        try:
            parsed.append(known[row.property].parse(row.value))
        except ValueError as error:
            raise CatalogError(f"table assessments, {row.member}, {row.property}: {error}") from None
    return assessments.assign(parsed=pd.Series(parsed, index=assessments.index, dtype="object"))


def _hint(name: str, known: Iterable[str]) -> str:
    """Names that are close to one that is not known, or the first few."""
    known = sorted(set(known))
    close = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return f"There are {len(known)}, such as {', '.join(known[:5])}."
