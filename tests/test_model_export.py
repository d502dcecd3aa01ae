"""The catalog as JSON: everything that another program needs, the same every time, and small."""

from __future__ import annotations

import gzip
import json
import math

import pytest

from moip.model import export
from moip.model.catalog import TRUST_CLASSES
from moip.model.enumerate import Space
from moip.model.properties import UNKNOWN
from moip.model.wishes import WISHES


@pytest.fixture(scope="module")
def space() -> Space:
    return Space.of()


@pytest.fixture(scope="module")
def told(space: Space) -> dict:
    return json.loads(export.dumps(export.payload(space)))


def test_it_is_the_same_every_time_and_small(space: Space) -> None:
    text = export.dumps(export.payload(space))
    assert text == export.dumps(export.payload(Space.of()))
    assert len(gzip.compress(text.encode())) < 20_000
    assert export.digest(export.payload(space)) != export.digest(export.payload(space) | {"kinds": []})


def test_slots_and_their_choices(space: Space, told: dict) -> None:
    names = [[told["members"][m]["key"] if m >= 0 else "" for m in slot["choices"]] for slot in told["slots"]]
    assert [tuple(choices) for choices in names] == list(space.choices)
    assert [slot["key"] for slot in told["slots"]] == list(space.slots)
    assert set(export.SLOT_WORDS) == set(space.slots)


def test_members_hold_what_the_catalog_holds(space: Space, told: dict) -> None:
    services = [key for key, _, _ in told["services"]]
    for member in told["members"]:
        one = space.catalog.member(member["key"])
        assert {services[i] for i in member["offers"]} == one.offers
        assert {services[i] for i in member["needs"]} == one.needs
        for i, (key, prop) in enumerate(space.catalog.properties.items()):
            value, written = space.catalog.value(one.key, key), member["values"].get(str(i))
            if written is None:
                assert value == prop.monoid.identity
            elif written[0] is None:
                assert value is UNKNOWN
            elif isinstance(written[0], list):
                assert {told["kinds"][k] for k in written[0]} == value
            else:
                assert (math.inf if written[0] == "inf" else written[0]) == value
        trust = member["values"].get(str(len(space.catalog.properties)), [0])[0]
        assert TRUST_CLASSES[trust] == one.trust_class


def test_every_property_stands_in_one_group(told: dict) -> None:
    grouped = [p for _, group in told["groups"] for p in group]
    assert sorted(grouped) == list(range(len(told["properties"])))


def test_wishes_can_be_asked_by_bins(told: dict) -> None:
    """A page filters by bins, so a property that a wish asks for must not be grouped by rounding or by size."""
    assert [wish["key"] for wish in told["wishes"]] == [wish.key for wish in WISHES]
    for wish in told["wishes"]:
        for p, _, _ in wish["conditions"]:
            assert not told["properties"][p]["digits"]
            assert told["properties"][p]["operation"] != "union"
