"""The base reference pattern: blocks, interfaces, duties and versions, checked against the rest of the model.

The drawing is `moip.figures.pattern`. A *block* is a place for technologies: it offers services of its layer and needs
others through its *interfaces*. A member of the catalog is an instance of every block of which it offers a service.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from .. import data
from ..checks import Problem
from .catalog import Catalog

__all__ = ["TABLES", "Pattern", "check", "coverage", "trace", "version"]

TABLES = ("pattern_blocks", "pattern_interfaces", "pattern_duties", "pattern_versions")
"""The tables that the pattern is made of."""
ROLES = ("wallet", "node", "service")

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Pattern:
    """The tables of the pattern, typed as `moip.data.table` gives them."""

    blocks: pd.DataFrame
    interfaces: pd.DataFrame
    duties: pd.DataFrame
    versions: pd.DataFrame

    @classmethod
    def load(cls) -> Pattern:
        """The book's own."""
        return cls(*(data.table(name) for name in TABLES))


def version(versions: pd.DataFrame | None = None) -> str:
    """The version of the pattern: that of the newest row of ``pattern_versions``."""
    versions = data.table("pattern_versions") if versions is None else versions
    return str(max(versions["version"], key=_number))


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def coverage(pattern: Pattern, catalog: Catalog) -> pd.DataFrame:
    """Every need of every member of a catalog, and whether it runs along an interface of the pattern.

    Columns: member, service, interfaces (numbers of those that carry the service away from a block of which the member
    is an instance; empty where there is none).
    """
    offers = pattern.blocks.set_index("block")["offers"].map(frozenset)
    rows = []
    for member in catalog.members.values():
        blocks = {block for block, services in offers.items() if services & member.offers}
        for service in sorted(member.needs):
            carried = tuple(
                row.interface
                for row in pattern.interfaces.itertuples(index=False)
                if row.from_block in blocks and service in row.services
            )
            rows.append([member.key, service, carried])
    return pd.DataFrame(rows, columns=["member", "service", "interfaces"])


def trace(pattern: Pattern, requirements: pd.DataFrame) -> pd.DataFrame:
    """Where each requirement binds: requirement, blocks, interfaces, duties, roles (tuples, in the order of the tables).

    roles: those of its blocks, and of the blocks at both ends of its interfaces.
    """
    role = pattern.blocks.set_index("block")["role"].to_dict()
    rows = []
    for number in requirements["requirement"]:
        blocks = tuple(row.block for row in pattern.blocks.itertuples() if number in row.requirements)
        bound = [row for row in pattern.interfaces.itertuples() if number in row.requirements]
        ends = {role[block] for row in bound for block in (row.from_block, row.to_block)}
        roles = tuple(one for one in ROLES if one in {role[block] for block in blocks} | ends)
        if any(role[block] == "everybody" for block in blocks) and not roles:
            roles = ("node",)  # what everybody checks, a node checks
        duties = tuple(row.duty for row in pattern.duties.itertuples() if number in row.requirements)
        rows.append([number, blocks, tuple(row.interface for row in bound), duties, roles])
    return pd.DataFrame(rows, columns=["requirement", "blocks", "interfaces", "duties", "roles"])


def check(tables: Tables) -> list[Problem]:
    """What is wrong with the pattern's tables and with what they refer to.

    Tables: those of `TABLES`, and ``services``, ``requirements``, ``technologies``, ``catalog``,
    ``technology_services``. Nothing is checked if one is missing.
    """
    needed = {*TABLES, "services", "requirements", "technologies", "catalog", "technology_services"}
    if not needed <= tables.keys():
        return []
    pattern = Pattern(*(tables[name] for name in TABLES))
    rules = (_blocks, _interfaces, _instances, _requirements, _duties, _versions)
    return [problem for rule in rules for problem in rule(pattern, tables)]


def _at(name: str, key: str, field: str) -> str:
    return f'data/{name}.csv, {key}, field "{field}"'


def _blocks(pattern: Pattern, tables: Tables) -> Iterator[Problem]:
    layer = tables["services"].set_index("service")["layer"].to_dict()
    for row in pattern.blocks.itertuples():
        for service in row.offers:
            if layer.get(service) != row.layer:
                what = f"{service!r} is a service of layer {layer.get(service, 'none')}, not of {row.layer}"
                yield Problem(_at("pattern_blocks", row.block, "offers"), what, "move the service or the block")
        carried = {s for face in _from(pattern, row.block) for s in face.services}
        for service in sorted(carried ^ set(row.needs)):
            what = f"{service!r} is in needs or in an interface from {row.block}, but not in both"
            yield Problem(_at("pattern_blocks", row.block, "needs"), what, "make the two tables say the same")
    offered = {service for services in pattern.blocks["offers"] for service in services}
    for service in sorted(layer.keys() - offered):
        yield Problem("data/pattern_blocks.csv", f"no block offers {service!r}", "give it to a block")


def _from(pattern: Pattern, block: str) -> Iterator:
    return (row for row in pattern.interfaces.itertuples() if row.from_block == block)


def _interfaces(pattern: Pattern, tables: Tables) -> Iterator[Problem]:
    offers = pattern.blocks.set_index("block")["offers"].to_dict()
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(pattern.interfaces.itertuples(), start=1):
        if row.interface != f"I-{number:02}":
            what = f"{row.interface} stands where I-{number:02} should"
            yield Problem(_at("pattern_interfaces", row.interface, "interface"), what, "number them without gaps")
        if (row.from_block, row.to_block) in seen:
            what = f"a second interface from {row.from_block} to {row.to_block}"
            yield Problem(_at("pattern_interfaces", row.interface, "to_block"), what, "put the services together")
        seen.add((row.from_block, row.to_block))
        for service in row.services:
            if service not in offers.get(row.to_block, ()):
                what = f"{row.to_block} does not offer {service!r}"
                yield Problem(_at("pattern_interfaces", row.interface, "services"), what, "correct one of the tables")
        if not row.services:
            where = _at("pattern_interfaces", row.interface, "services")
            yield Problem(where, "an interface without a service", "name what is used there")


def _instances(pattern: Pattern, tables: Tables) -> Iterator[Problem]:
    known = set(tables["technologies"]["technology"])
    offers = tables["technology_services"].query("role == 'offers'").merge(tables["catalog"], on="member")
    offered = offers.groupby("technology")["service"].agg(set).to_dict()
    for row in pattern.blocks.itertuples():
        for technology in row.instances:
            where = _at("pattern_blocks", row.block, "instances")
            if technology not in known:
                yield Problem(where, f"{technology!r} is not in the register", "add it there or correct the key")
            elif not offered.get(technology, set()) & set(row.offers):
                what = f"{technology} offers nothing that {row.block} offers"
                yield Problem(where, what, "drop it, or add the offer to technology_services")


def _requirements(pattern: Pattern, tables: Tables) -> Iterator[Problem]:
    known = set(tables["requirements"]["requirement"])
    for name in TABLES[:3]:
        for key, row in zip(tables[name].iloc[:, 0], tables[name].itertuples(), strict=True):
            for number in sorted(set(row.requirements) - known):
                yield Problem(_at(name, key, "requirements"), f"there is no requirement {number}", "correct it")
    traced = trace(pattern, tables["requirements"]).set_index("requirement")
    for number, row in traced.iterrows():
        if not row["blocks"] and not row["interfaces"]:
            what = f"{number} binds no block and no interface"
            yield Problem("data/requirements.csv", what, "name it in pattern_blocks or pattern_interfaces")


def _duties(pattern: Pattern, tables: Tables) -> Iterator[Problem]:
    traced = trace(pattern, tables["requirements"]).set_index("requirement")
    for row in pattern.duties.itertuples():
        for number in row.requirements:
            if number in traced.index and row.role not in traced.loc[number, "roles"]:
                what = f"{number} binds no block of the role {row.role}"
                yield Problem(_at("pattern_duties", row.duty, "requirements"), what, "move it to another duty")
    level = tables["requirements"].set_index("requirement")["level"]
    for number in traced.index[~traced["duties"].map(bool) & traced.index.map(level).isin(["MUST"])]:
        yield Problem("data/pattern_duties.csv", f"no duty names {number}, a MUST", "add it to a duty")


def _versions(pattern: Pattern, tables: Tables) -> Iterator[Problem]:
    name, versions = "pattern_versions", pattern.versions
    if list(versions["version"]) != sorted(versions["version"], key=_number):
        yield Problem(f"data/{name}.csv", "versions are not in order", "put the newest last")
    newest = versions.iloc[-1]
    for field in ("blocks", "interfaces", "duties"):
        if newest[field] != (count := len(getattr(pattern, field))):
            what = f"version {newest['version']} has {newest[field]} {field}, the tables have {count}"
            yield Problem(_at(name, newest["version"], field), what, "add a row for the new version")
    last = _last(tables["requirements"]["requirement"])
    for row in versions.itertuples():
        for number in row.last_requirements:
            if last.get(number[:7], "") < number:
                what = f"{number} was in version {row.version} and is gone"
                yield Problem("data/requirements.csv", what, "keep the row; a number is never used again")
    if (now := tuple(last.values())) != tuple(newest["last_requirements"]):
        what = f"version {newest['version']} ends with {', '.join(newest['last_requirements'])}, the table with {', '.join(now)}"
        yield Problem(_at(name, newest["version"], "last_requirements"), what, "add a row for the new version")


def _last(numbers: Collection[str]) -> dict[str, str]:
    """Layer ("MOIP-L1") -> its last number, in the order of the layers."""
    return {key: max(n for n in numbers if n.startswith(key)) for key in sorted({n[:7] for n in numbers})}
