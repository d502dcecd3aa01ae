"""Bad input: each mistake in a table of the model is one clear problem that names row and field."""

import pytest

from moip import data
from moip.model import Catalog, CatalogError
from moip.model.computed import evaluate
from moip.model.rules import TABLES, check


@pytest.fixture(scope="module")
def good():
    return {name: data.table(name) for name in TABLES}


def test_the_tables_of_the_book_hold(good):
    assert check(good) == []


def changed(good, name, row, field, value):
    table = good[name].copy()
    table[field] = table[field].astype(object)
    table.loc[row, field] = value
    return good | {name: table}


def row_of(good, name, **where):
    table = good[name]
    for field, value in where.items():
        table = table[table[field] == value]
    return table.index[0]


MISTAKES = [
    ("technologies", {"technology": "lightning"}, "layer", 7, 'field "layer": unknown layer 7'),
    ("technologies", {"technology": "lightning"}, "trust_class", "trusted", "unknown trust class 'trusted'"),
    ("technology_spans", {"technology": "lightning"}, "technology", "lightening", "unknown technology 'lightening' -> use"),
    ("technology_spans", {"technology": "lightning", "layer": 2}, "primary", False, "does not call layer 2 its primary one"),
    ("technology_spans", {"technology": "lightning", "layer": 3}, "primary", True, "calls layer 3 its primary one"),
    ("services", {"service": "exit"}, "layer", 0, "unknown layer 0"),
    ("catalog", {"member": "lightning"}, "slot", "rails", "unknown slot 'rails' -> use rail"),
    ("catalog", {"member": "lightning"}, "slot", "plan", "the slot plan is at layer 3, not at 2"),
    ("catalog", {"member": "lightning"}, "technology", "lightening", "unknown technology 'lightening'"),
    ("technology_services", {"member": "lightning", "service": "exit"}, "service", "exits", "unknown service 'exits' -> use exit"),
    ("technology_services", {"member": "lightning", "service": "exit"}, "service", "show", "offers show of layer 5, which it does not span"),
    ("technology_services", {"member": "lightning", "service": "watching"}, "service", "confirm", "needs confirm of layer 5, but spans"),
    ("properties", {"property": "theft_quorum"}, "operation", "mean", "unknown operation 'mean'"),
    ("properties", {"property": "theft_quorum"}, "absorbing", "0", "'0' does not absorb under minimum -> use 1"),
    ("properties", {"property": "theft_quorum"}, "scale", "logs", "unknown scale 'logs' -> use log"),
    ("assessments", {"member": "liquid", "property": "theft_quorum"}, "property", "theft", "unknown property 'theft'"),
    ("assessments", {"member": "liquid", "property": "theft_quorum"}, "value", "-1", "-1 lies below 1 parties"),
    ("assessments", {"member": "liquid", "property": "theft_quorum"}, "value", "12", "12 is not what quorum_theft(11, 15) gives, 11"),
    ("assessments", {"member": "liquid", "property": "theft_quorum"}, "unit", "sat", "the unit is 'sat', but theft_quorum is in 'parties'"),
    ("assessments", {"member": "liquid", "property": "theft_quorum"}, "computed", "guess()", "is not a call of a function"),
    ("assessments", {"member": "liquid", "property": "fixed_fee"}, "value", "no-exit", "'no-exit' is no value of fixed_fee"),
    ("assessments", {"member": "liquid", "property": "fixed_fee"}, "member", "liquids", "unknown member 'liquids' -> use liquid"),
    ("requirements", {"requirement": "MOIP-L2-01"}, "check", "offers_transfers", "unknown check 'offers_transfers' -> use offers_transfer"),
    ("requirements", {"requirement": "MOIP-L2-02"}, "requirement", "MOIP-L2-07", "MOIP-L2-07 does not follow MOIP-L2-01"),
    ("requirements", {"requirement": "MOIP-L2-01"}, "layer", 3, "is a number of layer 2, not of 3"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "where", "field", "value", "message"), MISTAKES)
def test_one_mistake_is_told_with_its_row(good, name, where, field, value, message):
    row = row_of(good, name, **where)
    problems = [str(problem) for problem in check(changed(good, name, row, field, value))]
    here = [problem for problem in problems if message in problem]
    assert here, problems
    assert any(f"data/{name}.csv row {row + 2}, field" in problem for problem in here), problems


def test_a_unit_that_is_not_known(good):
    tables = changed(good, "properties", row_of(good, "properties", property="fixed_fee"), "unit", "satoshis")
    assert any("unknown unit 'satoshis'" in str(problem) for problem in check(tables, compute=False))


def test_a_need_that_nobody_offers(good):
    table = good["technology_services"].query("not (role == 'offers' and service == 'watching')")
    problems = [str(problem) for problem in check(good | {"technology_services": table}, compute=False)]
    assert problems and all("nobody offers watching" in problem for problem in problems)
    table = good["technology_services"].query("not (role == 'offers' and service == 'confirm')")
    problems = [str(problem) for problem in check(good | {"technology_services": table}, compute=False)]
    assert any("the person needs confirm, which nobody offers" in problem for problem in problems)


def test_needing_what_one_offers(good):
    table = good["technology_services"].copy()
    row = table[(table["member"] == "lnd") & (table["role"] == "offers")].iloc[[0]].assign(role="needs")
    tables = good | {"technology_services": type(table)([*table.to_dict("records"), *row.to_dict("records")])}
    assert any("lnd both needs and offers" in str(problem) for problem in check(tables, compute=False))


def test_a_pair_that_was_not_assessed(good):
    tables = good | {"assessments": good["assessments"].drop(index=0)}
    first = good["assessments"].iloc[0]
    [problem] = check(tables, compute=False)
    assert f"{first.member} has no assessment of {first.property}" in str(problem)


def test_sources(good):
    sources = {row.source for name in TABLES if "source" in good[name] for row in good[name].itertuples()}
    assert check(good, sources, compute=False) == []
    problems = check(good, sources - {"nut00"}, compute=False)
    assert problems and all("unknown source 'nut00'" in str(problem) for problem in problems)


def test_a_missing_layer(good):
    problems = [str(problem) for problem in check({"layers": good["layers"].iloc[1:]})]
    assert problems == ["data/layers.csv: layer 1 is missing -> add a row for it"]


def test_the_library_refuses_what_it_cannot_use(good):
    tables = {name: good[name] for name in TABLES}
    for name, where, field, value, message in (
        ("catalog", {"member": "lightning"}, "technology", "lightening", "unknown technology 'lightening'"),
        ("technology_services", {"member": "lightning", "service": "exit"}, "service", "exits", "the service 'exits'"),
        ("assessments", {"member": "liquid", "property": "theft_quorum"}, "value", "many", "neither a number"),
        ("assessments", {"member": "liquid", "property": "theft_quorum"}, "property", "theft", "unknown property"),
    ):
        with pytest.raises(CatalogError, match=message):
            Catalog.of(changed(tables, name, row_of(tables, name, **where), field, value))


def test_computed_values_are_those_of_their_functions(good):
    rows = good["assessments"].dropna(subset="computed")
    assert len(rows) > 40
    values = {call: evaluate(call) for call in rows["computed"].unique()}
    assert (rows["computed"].map(values) == rows["value"]).all()


@pytest.mark.parametrize(("call", "value"), [
    ("commitment_weight()", "1114"),
    ("confirmation_delay(0.1, 0.001)", "3600"),
    ("dust_limit('p2wpkh')", "294"),
    ("dust_limit('p2tr')", "330"),
    ("quorum_freeze(11, 15)", "5"),
    ("hours(to_self_delay())", "24"),
    ("seconds_in_hours(604672 - 86400)", "143.964"),
])  # fmt: skip
def test_calls(call, value):
    assert evaluate(call) == value


@pytest.mark.parametrize(
    "call", ["__import__('os')", "loss(1", "loss(k=1, n=1)", "loss.x", "loss(1, 1) + 1", "[1]", "loss()"]
)
def test_calls_that_are_refused(call):
    with pytest.raises(ValueError, match="is not a call"):
        evaluate(call)
