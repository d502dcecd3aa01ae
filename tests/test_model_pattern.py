"""The base reference pattern fits the model; what does not fit is told, with the table and the row."""

import itertools

import pytest

from moip import data
from moip.figures import pattern as drawing
from moip.model import Catalog
from moip.model.pattern import TABLES, Pattern, check, coverage, trace, version

NEEDED = (*TABLES, "services", "requirements", "technologies", "catalog", "technology_services")


@pytest.fixture
def tables():
    return {name: data.table(name) for name in NEEDED}


@pytest.fixture(scope="module")
def pattern():
    return Pattern.load()


def test_the_book_s_own_pattern_holds(tables):
    assert check(tables) == []
    assert check({}) == []


def test_every_service_and_every_requirement_has_a_place(pattern):
    services = data.table("services")["service"]
    assert {s for row in pattern.blocks["offers"] for s in row} == set(services)
    traced = trace(pattern, data.table("requirements"))
    assert (traced["blocks"].map(bool) | traced["interfaces"].map(bool)).all()
    assert traced["roles"].map(bool).all()


def test_most_needs_run_along_an_interface(pattern):
    table = coverage(pattern, Catalog.load())
    assert len(table) == (data.table("technology_services")["role"] == "needs").sum()
    assert table["interfaces"].map(bool).mean() > 0.9
    found = table.set_index(["member", "service"])["interfaces"]
    assert found["mpp", "pay-hash"] == ("I-11",)
    assert found["electrum", "chain-view"] == (), "a screen that asks the chain itself is a shortcut"


def test_version(pattern):
    assert version() == pattern.versions["version"].iloc[-1]
    several = pattern.versions.iloc[[0, 0]].assign(version=["0.10.0", "0.9.1"])
    assert version(several) == "0.10.0", "as numbers, not as text"


def broken(tables, name, row, **fields):
    """The tables with one row changed."""
    table = tables[name].copy().astype(object)
    for field, value in fields.items():
        table.at[row, field] = value
    return tables | {name: table}


def row_of(tables, name, key):
    return int((tables[name].iloc[:, 0] == key).to_numpy().nonzero()[0][0])


@pytest.mark.parametrize(("name", "key", "fields", "told"), [
    ("pattern_blocks", "keys", {"layer": 2}, "is a service of layer 1, not of 2"),
    ("pattern_blocks", "keys", {"offers": ("authorization",)}, "no block offers 'key-recovery'"),
    ("pattern_blocks", "rail", {"needs": ()}, "but not in both"),
    ("pattern_blocks", "signer", {"instances": ("trezzor",)}, "'trezzor' is not in the register"),
    ("pattern_blocks", "signer", {"instances": ("liquid",)}, "liquid offers nothing that signer offers"),
    ("pattern_blocks", "view", {"requirements": ("MOIP-L1-77",)}, "there is no requirement MOIP-L1-77"),
    ("pattern_blocks", "keys", {"requirements": ()}, "MOIP-L1-05 binds no block and no interface"),
    ("pattern_interfaces", "I-03", {"services": ("quote",)}, "names does not offer 'quote'"),
    ("pattern_interfaces", "I-03", {"services": ()}, "an interface without a service"),
    ("pattern_interfaces", "I-03", {"interface": "I-99"}, "stands where I-03 should"),
    ("pattern_interfaces", "I-03", {"to_block": "request", "services": ("instruction",)}, "a second interface"),
    ("pattern_duties", "wallet-1", {"requirements": ()}, "no duty names MOIP-L5-01, a MUST"),
    ("pattern_duties", "wallet-1", {"requirements": ("MOIP-L1-01",)}, "binds no block of the role wallet"),
    ("pattern_versions", "0.1.0", {"blocks": 3}, "add a row for the new version"),
    ("pattern_versions", "0.1.0", {"last_requirements": ("MOIP-L1-99",)}, "was in version 0.1.0 and is gone"),
])  # fmt: skip
def test_what_does_not_fit_is_told(tables, name, key, fields, told):
    problems = check(broken(tables, name, row_of(tables, name, key), **fields))
    assert any(told in str(problem) for problem in problems), [str(problem) for problem in problems]


# the drawing -------------------------------------------------------------------------------------------------------


def draw(pattern):
    names = data.table("technologies").set_index("technology")["name"].to_dict()
    return drawing.draw(pattern.blocks, pattern.interfaces, data.table("layers"), names, "A title")


def test_every_interface_has_a_route(pattern):
    pairs = set(zip(pattern.interfaces["from_block"], pattern.interfaces["to_block"], strict=True))
    assert pairs == set(drawing.ROUTES) and set(drawing.PLACES) <= pairs


def test_boxes_lie_in_their_lane_and_do_not_touch(pattern):
    plan = drawing._Plan(pattern.blocks)
    layer = pattern.blocks.set_index("block")["layer"]
    boxes = list(plan.boxes.items())
    for i, (block, (x0, y0, x1, y1)) in enumerate(boxes):
        top, bottom = plan.lanes[layer[block]]
        assert top < y0 < y1 < bottom and 0 < x0 < x1 < drawing.WIDTH, block
        for other, (a0, b0, a1, b1) in boxes[:i]:
            assert x1 < a0 or a1 < x0 or y1 < b0 or b1 < y0, (block, other)


def test_arrows_run_straight_and_end_at_their_blocks(pattern):
    plan = drawing._Plan(pattern.blocks)
    for start, end in drawing.ROUTES:
        path = plan.route(start, end)
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(path)), (start, end)
        for block, (x, y) in ((start, path[0]), (end, path[-1])):
            x0, y0, x1, y1 = plan.boxes[block]
            assert x0 - 9 <= x <= x1 + 9 and y0 <= y <= y1, (start, end)


def test_no_arrow_runs_through_a_third_box(pattern):
    plan = drawing._Plan(pattern.blocks)
    for start, end in drawing.ROUTES:
        for (ax, ay), (bx, by) in zip(plan.route(start, end), plan.route(start, end)[1:], strict=False):
            for block, (x0, y0, x1, y1) in plan.boxes.items():
                if block not in (start, end):
                    apart = max(ax, bx) <= x0 or min(ax, bx) >= x1 or max(ay, by) <= y0 or min(ay, by) >= y1
                    assert apart, (start, end, block)


def test_the_phone_gets_the_same_arrows_with_less_text(pattern):
    fig, narrow = draw(pattern)
    arrows = [a for a in narrow["annotations"] if a["showarrow"]]
    assert len(arrows) == len(pattern.interfaces) and narrow["height"] > fig.layout.height
    words = {a["text"] for a in narrow["annotations"]}
    assert any("Signing<br>device" in text for text in words) and not words & set(pattern.interfaces["label"])


def test_kinds_of_interfaces(pattern):
    owner = pattern.blocks.set_index("block")["owner"].to_dict()
    kinds = {row.interface: drawing.kind(row, owner) for row in pattern.interfaces.itertuples()}
    assert [kinds[key] for key in ("I-01", "I-02", "I-05")] == ["inside", "across", "beyond"]
