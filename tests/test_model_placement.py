"""Who decides a property: for all stacks at once as for one, and with catalogs that were changed on purpose."""

import math

import numpy as np
import pytest

from moip.model import UNKNOWN, Catalog
from moip.model import enumerate as stacks
from moip.model import placement as pl


@pytest.fixture(scope="module")
def space():
    return stacks.Space.of()


@pytest.fixture(scope="module")
def some(space):
    found = stacks.find(space)
    return found[np.random.default_rng(0).choice(len(found), 25, replace=False)]


def test_deciders_are_those_that_a_stack_explains(space, some):
    """For every property and 25 stacks, the layers of the members that `Stack.explain` calls deciding or contributing."""
    names = [space.stack(code) for code in some]
    for key in space.catalog.properties:
        parts, known = pl.deciders(space, some, key)
        for i, stack in enumerate(names):
            told = stack.explain(key)
            value = stack.value(key)
            assert known[i] == (value is not UNKNOWN)
            layers = set(told.loc[told["part"].isin(["decides", "contributes"]), "layer"]) if known[i] else set()
            assert set((np.flatnonzero(parts[i]) + 1).tolist()) == layers, (key, str(stack))


def test_shares_add_up(space, some):
    table = pl.placement(space, some, ["theft_quorum", "settlement_delay", "failure_domains"])
    shares = table[[f"layer_{n}" for n in range(1, 6)] + ["several", "nobody", "unknown"]]
    assert shares.sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    rows = table.set_index("property")
    assert rows.loc["settlement_delay", "home"] == 2 and rows.loc["settlement_delay", "at_home"] == 1
    assert rows.loc["failure_domains", "several"] == 1 and rows.loc["failure_domains", "at_home"] == 0


def test_settled_leaves_nothing_unknown(space):
    catalog = pl.settled(space.catalog, "fixed_fee", 7.0)
    before, after = (
        c.assessments.query("property == 'fixed_fee'")["parsed"].tolist() for c in (space.catalog, catalog)
    )
    assert UNKNOWN in before and UNKNOWN not in after
    assert all(b == a for b, a in zip(before, after, strict=True) if b is not UNKNOWN)
    assert [a for b, a in zip(before, after, strict=True) if b is UNKNOWN] == [7.0] * before.count(UNKNOWN)
    assert catalog.value("bitcoin", "theft_quorum") == space.catalog.value("bitcoin", "theft_quorum")
    assert UNKNOWN in space.catalog.assessments.query("property == 'fixed_fee'")["parsed"].tolist()


def test_typical_is_the_lower_middle(space):
    assert pl.typical(space.catalog, "theft_quorum") == 1
    values = [
        v for v in space.catalog.assessments.query("property == 'exit_delay'")["parsed"] if v is not UNKNOWN and v
    ]
    assert pl.typical(space.catalog, "exit_delay") == sorted(values)[(len(values) - 1) // 2]


def test_dealing_keeps_the_values_of_each_slot(space):
    dealt = pl.dealt(space.catalog, "theft_quorum", np.random.default_rng(1))
    moved = 0
    for slot in space.slots:
        own = [[c.value(m, "theft_quorum") for m in space.catalog.slot(slot)] for c in (space.catalog, dealt)]
        counted = [sorted(math.nan if v is UNKNOWN else v for v in values) for values in own]
        assert str(counted[0]) == str(counted[1])
        moved += own[0] != own[1]
    assert moved and isinstance(dealt, Catalog)
