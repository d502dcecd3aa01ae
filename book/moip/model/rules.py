"""What must hold of the model's tables across rows and tables, beyond what their descriptor can say.

`check` takes typed tables (as `moip.data.table` gives them) and returns a `moip.checks.Problem` for each thing that is
wrong, with table, row (as an editor counts lines, the header being row 1) and field. Tables that are not given are not
checked, nor is what refers to them.

A row that is past its review is no problem: `moip.model.register.due` reports it.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from ..checks import Problem
from .catalog import SLOTS, TRUST_CLASSES
from .layers import NUMBERS
from .properties import MONOIDS, SCALES, Property, properties
from .requirements import CHECKS

__all__ = ["TABLES", "check"]

TABLES = (
    "layers", "technologies", "technology_spans", "services", "catalog", "technology_services", "properties",
    "assessments", "requirements",
)  # fmt: skip
"""The tables that the rules know."""

SLOT_LAYERS = dict(zip(SLOTS, (1, 1, 1, 1, 2, 3, 3, 4, 5, 5), strict=True))
ABSORBING = {"product": "0", "complement": "1", "sum": "no-exit"}

Tables = Mapping[str, pd.DataFrame]


def check(tables: Tables, sources: Collection[str] | None = None, *, compute: bool = True) -> list[Problem]:
    """All problems of the tables given, by table.

    sources: keys of the bibliography (None: sources are not looked up). compute: whether computed values are computed
    again, which takes a second.
    """
    found = []
    for rule in (_layers, _technologies, _spans, _services, _catalog, _technology_services, _properties, _requirements):
        found += rule(tables)
    found += _assessments(tables, compute)
    if sources is not None:
        found += [problem for name in TABLES for problem in _sources(name, tables, sources)]
    return found


def _rows(tables: Tables, name: str) -> Iterator[tuple[int, object]]:
    """Rows of a table with their line number; none if it was not given."""
    if name in tables:
        yield from zip(range(2, len(tables[name]) + 2), tables[name].itertuples(index=False), strict=True)


def _keys(tables: Tables, name: str, field: str) -> set | None:
    return set(tables[name][field]) if name in tables else None


def _at(name: str, line: int, field: str) -> str:
    return f'data/{name}.csv row {line}, field "{field}"'


def _unknown(where: str, kind: str, value: object, known: Collection[str]) -> Problem:
    close = difflib.get_close_matches(str(value), [str(one) for one in known], n=3, cutoff=0.6)
    fix = f"use {' or '.join(close)}" if close else f"add the {kind} or correct it"
    return Problem(where, f"unknown {kind} {value!r}", fix)


def _refers(tables: Tables, name: str, field: str, other: str, key: str, kind: str) -> Iterator[Problem]:
    known = _keys(tables, other, key)
    for line, row in _rows(tables, name):
        if known is not None and getattr(row, field) not in known:
            yield _unknown(_at(name, line, field), kind, getattr(row, field), known)


def _layer_known(tables: Tables, name: str) -> Iterator[Problem]:
    for line, row in _rows(tables, name):
        if row.layer not in NUMBERS:
            yield Problem(_at(name, line, "layer"), f"unknown layer {row.layer}", "use a number from 1 to 5")


def _layers(tables: Tables) -> Iterator[Problem]:
    yield from _layer_known(tables, "layers")
    if "layers" in tables and (missing := set(NUMBERS) - _keys(tables, "layers", "layer")):
        yield Problem("data/layers.csv", f"layer {min(missing)} is missing", "add a row for it")


def _technologies(tables: Tables) -> Iterator[Problem]:
    yield from _layer_known(tables, "technologies")
    for line, row in _rows(tables, "technologies"):
        if row.trust_class not in TRUST_CLASSES:
            yield _unknown(_at("technologies", line, "trust_class"), "trust class", row.trust_class, TRUST_CLASSES)


def _spans(tables: Tables) -> Iterator[Problem]:
    name = "technology_spans"
    yield from _layer_known(tables, name)
    yield from _refers(tables, name, "technology", "technologies", "technology", "technology")
    if not {name, "technologies"} <= tables.keys():
        return
    primary = tables["technologies"].set_index("technology")["layer"].to_dict()
    seen: dict[str, int] = {}
    for line, row in _rows(tables, name):
        own = primary.get(row.technology)
        if own is not None and bool(row.primary) != (row.layer == own):
            called = f"calls layer {row.layer}" if row.primary else f"does not call layer {own}"
            what = f"{row.technology} has layer {own} in the register, but {called} its primary one"
            yield Problem(_at(name, line, "primary"), what, "correct one of the two tables")
        seen[row.technology] = seen.get(row.technology, 0) + int(row.layer == own)
    for line, row in _rows(tables, "technologies"):
        if not seen.get(row.technology):
            where = _at("technologies", line, "layer")
            what = f"{row.technology} has no span at its layer {row.layer}"
            yield Problem(where, what, f"add the row to data/{name}.csv")


def _services(tables: Tables) -> Iterator[Problem]:
    yield from _layer_known(tables, "services")


def _spanned(tables: Tables) -> dict[str, set[int]]:
    """Member -> layers at which it offers: those its technology spans, or a degenerate member's own."""
    if not {"technologies", "technology_spans", "catalog"} <= tables.keys():
        return {}
    primary = tables["technologies"].set_index("technology")["layer"].to_dict()
    spans = tables["technology_spans"].groupby("technology")["layer"].agg(set).to_dict()
    return {
        row.member: spans.get(row.technology, set()) if primary.get(row.technology) == row.layer else {row.layer}
        for _, row in _rows(tables, "catalog")
    }


def _catalog(tables: Tables) -> Iterator[Problem]:
    name = "catalog"
    yield from _layer_known(tables, name)
    yield from _refers(tables, name, "technology", "technologies", "technology", "technology")
    primary = tables["technologies"].set_index("technology")["layer"].to_dict() if "technologies" in tables else {}
    spans = tables["technology_spans"].groupby("technology")["layer"].agg(set) if "technology_spans" in tables else {}
    for line, row in _rows(tables, name):
        if row.slot not in SLOTS:
            yield _unknown(_at(name, line, "slot"), "slot", row.slot, SLOTS)
        elif SLOT_LAYERS[row.slot] != row.layer:
            what = f"the slot {row.slot} is at layer {SLOT_LAYERS[row.slot]}, not at {row.layer}"
            yield Problem(_at(name, line, "slot"), what, "correct the slot or the layer")
        if row.technology in primary:
            if row.layer not in spans.get(row.technology, {row.layer}):
                what = f"{row.technology} does not span layer {row.layer}"
                yield Problem(_at(name, line, "layer"), what, "add the span with its role, or correct the layer")
            if (primary[row.technology] == row.layer) != (row.member == row.technology):
                other = f"{row.technology} of layer {primary[row.technology]}"
                what = f"{row.member} at layer {row.layer} stands for {other}"
                fix = "a member at its technology's layer has its key, one elsewhere a key of its own"
                yield Problem(_at(name, line, "member"), what, fix)


def _technology_services(tables: Tables) -> Iterator[Problem]:
    name = "technology_services"
    yield from _refers(tables, name, "member", "catalog", "member", "member")
    yield from _refers(tables, name, "service", "services", "service", "service")
    if not {name, "services"} <= tables.keys():
        return
    layer = tables["services"].set_index("service")["layer"].to_dict()
    spanned = _spanned(tables)
    offered = {row.service for _, row in _rows(tables, name) if row.role == "offers"}
    offering = {(row.member, row.service) for _, row in _rows(tables, name) if row.role == "offers"}
    for line, row in _rows(tables, name):
        if row.service not in layer:
            continue
        at, own = layer[row.service], spanned.get(row.member)
        if row.role == "offers" and own is not None and at not in own:
            what = f"{row.member} offers {row.service} of layer {at}, which it does not span"
            yield Problem(_at(name, line, "service"), what, "add the span or drop the offer")
        if row.role == "needs":
            if own is not None and not {at, at + 1} & own:
                what = f"{row.member} needs {row.service} of layer {at}, but spans {', '.join(map(str, sorted(own)))}"
                yield Problem(_at(name, line, "service"), what, "needs are for a spanned layer or the one below")
            if row.service not in offered:
                what = f"nobody offers {row.service}, which {row.member} needs"
                yield Problem(_at(name, line, "service"), what, "add an offer or drop the need")
            if (row.member, row.service) in offering:
                what = f"{row.member} both needs and offers {row.service}"
                yield Problem(_at(name, line, "service"), what, "drop one of the two rows")
    for line, row in _rows(tables, "services"):
        if row.demanded and row.service not in offered:
            where = _at("services", line, "demanded")
            yield Problem(where, f"the person needs {row.service}, which nobody offers", "add an offer")


def _properties(tables: Tables) -> Iterator[Problem]:
    from ..checks.data import UNITS

    name = "properties"
    for line, row in _rows(tables, name):
        if row.operation not in MONOIDS:
            yield _unknown(_at(name, line, "operation"), "operation", row.operation, MONOIDS)
        elif not pd.isna(row.absorbing):
            least = "" if pd.isna(row.minimum) else f"{row.minimum:g}"  # nothing lies below it, so it decides
            absorbs = least if row.operation == "minimum" else ABSORBING.get(row.operation, "")
            if row.absorbing != absorbs:
                what = f"{row.absorbing!r} does not absorb under {row.operation}"
                yield Problem(_at(name, line, "absorbing"), what, f"use {absorbs}" if absorbs else "leave it empty")
        if row.unit not in UNITS:
            yield _unknown(_at(name, line, "unit"), "unit", row.unit, UNITS)
        if row.scale not in SCALES:
            yield _unknown(_at(name, line, "scale"), "scale", row.scale, SCALES)


def _known_properties(tables: Tables) -> dict[str, Property]:
    if "properties" not in tables:
        return {}
    table = tables["properties"]
    return properties(table[table["operation"].isin(list(MONOIDS))])


def _assessments(tables: Tables, compute: bool) -> Iterator[Problem]:
    from . import computed

    name = "assessments"
    yield from _refers(tables, name, "member", "catalog", "member", "member")
    yield from _refers(tables, name, "property", "properties", "property", "property")
    known = _known_properties(tables)
    for line, row in _rows(tables, name):
        one = known.get(row.property)
        if one is None:
            continue
        try:
            one.parse(row.value)
        except ValueError as error:
            yield Problem(_at(name, line, "value"), str(error), "correct the value")
        if row.unit != one.unit:
            what = f"the unit is {row.unit!r}, but {row.property} is in {one.unit!r}"
            yield Problem(_at(name, line, "unit"), what, f"use {one.unit}")
        if compute and not pd.isna(row.computed):
            try:
                expected = computed.evaluate(row.computed)
            except ValueError as error:
                yield Problem(_at(name, line, "computed"), str(error), "name a function of moip.model.computed")
            else:
                if row.value != expected:
                    what = f"{row.value} is not what {row.computed} gives, {expected}"
                    yield Problem(_at(name, line, "value"), what, "run: .venv/bin/python -m moip.model.computed")
    if {name, "catalog", "properties"} <= tables.keys():
        have = set(zip(tables[name]["member"], tables[name]["property"], strict=True))
        for line, row in _rows(tables, "catalog"):
            if missing := [key for key in tables["properties"]["property"] if (row.member, key) not in have]:
                where = _at("catalog", line, "member")
                what = f"{row.member} has no assessment of {', '.join(missing)}"
                yield Problem(where, what, "add the rows to data/assessments.csv; unknown is a value")


def _requirements(tables: Tables) -> Iterator[Problem]:
    name = "requirements"
    yield from _layer_known(tables, name)
    last: dict[int, int] = {}
    for line, row in _rows(tables, name):
        layer, number = int(row.requirement[6]), int(row.requirement[8:])
        if layer != row.layer:
            what = f"{row.requirement} is a number of layer {layer}, not of {row.layer}"
            yield Problem(_at(name, line, "layer"), what, "correct one of them")
        if number != last.get(layer, 0) + 1:
            what = f"{row.requirement} does not follow MOIP-L{layer}-{last.get(layer, 0):02}"
            yield Problem(_at(name, line, "requirement"), what, "number the requirements of a layer without gaps")
        last[layer] = number
        if row.check != "review" and row.check not in CHECKS:
            yield _unknown(_at(name, line, "check"), "check", row.check, CHECKS)


def _sources(name: str, tables: Tables, sources: Collection[str]) -> Iterator[Problem]:
    if name in tables and "source" in tables[name]:
        for line, row in _rows(tables, name):
            if row.source not in sources:
                yield _unknown(_at(name, line, "source"), "source", row.source, sources)
