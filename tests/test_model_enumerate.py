"""Finding all well-formed stacks: the arrays say what the plain definition says, one stack at a time."""

import time
from itertools import product

import numpy as np
import pytest

from moip.model import Catalog, CatalogError, Stack
from moip.model import enumerate as stacks
from moip.model.bench import model_bench, same
from moip.model.properties import UNKNOWN

SMALL = {
    "lock": ["", "p2wpkh", "p2pkh"],
    "keys": ["", "mnemonic"],
    "view": ["", "full-node"],
    "rail": ["bitcoin-transfer", "lightning", "custodial-ledger", "fedimint"],
    "plan": ["", "coin-selection", "mpp"],
    "helper": ["", "watchtower"],
    "request": ["bip21", "bolt11", "blink", "nwc"],
    "face": ["sparrow", "phoenix", "machankura", "alby-extension"],
    "device": ["", "tap-cards"],
}


@pytest.fixture(scope="module")
def space():
    return stacks.Space.of()


@pytest.fixture(scope="module")
def small():
    return stacks.Space.of(only=SMALL)


@pytest.fixture(scope="module")
def every(space):
    return stacks.find(space)


@pytest.mark.parametrize("idle", [False, True])
def test_find_equals_brute_force(small, idle):
    expected = []
    for code in product(*map(range, small.sizes)):
        stack = small.stack(code)
        if stack.well_formed and (idle or not stack.idle()):
            expected.append(code)
    found = stacks.find(small, idle=idle)
    assert found.tolist() == [list(code) for code in expected]
    assert 0 < len(found) < small.candidates


def test_find_equals_check_of_every_candidate(small):
    codes = small.codes(np.arange(small.candidates))
    assert (codes[stacks.check(small, codes, idle=False)] == stacks.find(small)).all()


def test_small_pieces_give_the_same(small, monkeypatch):
    whole = stacks.find(small), stacks.fold(small, stacks.find(small))
    monkeypatch.setattr(stacks, "PIECE", 7)
    again = stacks.find(small), stacks.fold(small, stacks.find(small))
    assert (whole[0] == again[0]).all()
    assert all(np.array_equal(whole[1][key], again[1][key], equal_nan=True) for key in whole[1])


def test_find_is_sorted_and_repeatable(space, every):
    numbers = np.ravel_multi_index(every.T.astype(np.int64), space.sizes)
    assert (np.diff(numbers) > 0).all()
    assert (stacks.find(space) == every).all()


def test_folds_equal_the_plain_loop(space, every):
    assert same(space, stacks.sample(space, 200))
    some = every[np.random.default_rng(0).integers(0, len(every), 200)]
    assert same(space, some)
    assert stacks.check(space, some, idle=False).all()


def test_numbers_equal_those_of_single_stacks(space, every):
    some = every[:: len(every) // 25]
    numbers = stacks.numbers(space, stacks.fold(space, some))
    for i, code in enumerate(some):
        stack = space.stack(code)
        for key, one in space.catalog.properties.items():
            assert numbers[key][i] == pytest.approx(one.number(stack.value(key)), nan_ok=True), (str(stack), key)


def test_codes_and_names(space):
    names = ("bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", "coin-selection", "bip21", "sparrow")
    code = space.code(names)
    assert set(space.names(code)) == set(names)
    assert space.stack(code) == Stack.of(*names)
    with pytest.raises(CatalogError, match="The slot 'rail' needs one member"):
        space.code(["bitcoin"])
    with pytest.raises(CatalogError, match="'op-cat' has no place"):
        space.code([*names, "op-cat"])


def test_table(small):
    codes = stacks.find(small)
    table = stacks.table(small, codes, ["theft_quorum", "failure_domains"])
    assert len(table) == len(codes)
    assert table.columns.tolist() == [*small.slots, "theft_quorum", "failure_domains"]
    row = table.iloc[0]
    stack = small.stack(codes[0])
    assert row["rail"] in stack.names and row["failure_domains"].split("; ") == sorted(stack.value("failure_domains"))


def test_layer_codes_tell_the_members_of_a_layer_apart(small):
    codes = stacks.find(small)
    per_layer = stacks.layer_codes(small, codes)
    assert per_layer.shape == (len(codes), 5)
    seen: dict = {}
    for code, numbers in zip(codes, per_layer, strict=True):
        stack = small.stack(code)
        for layer in range(1, 6):
            members = tuple(member.key for member in stack.layer(layer))
            assert seen.setdefault((layer, numbers[layer - 1]), members) == members
    assert len(np.unique(per_layer, axis=0)) == len(codes)


def test_one_choice_may_be_named_alone():
    assert stacks.Space.of(only={"face": "phoenix"}).choices == stacks.Space.of(only={"face": ["phoenix"]}).choices


@pytest.mark.parametrize(
    ("only", "message"),
    [
        ({"roof": ["bitcoin"]}, "no slot 'roof'"),
        ({"rail": ["bolt11"]}, "'bolt11' stands in the slot 'request'"),
        ({"rail": ["lightening"]}, "Did you mean lightning"),
        ({"rail": []}, "has 0 choices"),
    ],
)
def test_spaces_that_cannot_be(only, message):
    with pytest.raises(CatalogError, match=message):
        stacks.Space.of(only=only)


def test_a_smaller_catalog():
    few = Catalog.load().only(
        ["bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", "psbt", "bip21", "sparrow"]
    )
    space = stacks.Space.of(few)
    found = [space.names(code) for code in stacks.find(space)]
    assert set(found) == {
        ("bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", *plan, "bip21", "sparrow")
        for plan in ((), ("psbt",))
    }


def test_unknown_in_a_union(small):
    catalog = small.catalog
    table = catalog.assessments.copy()
    where = (table["member"] == "lightning") & (table["property"] == "failure_domains")
    table.loc[where, "parsed"] = UNKNOWN
    space = stacks.Space.of(
        Catalog(catalog.members, catalog.services, catalog.properties, table, catalog.register), SMALL
    )
    codes = stacks.find(space)
    rows = stacks.table(space, codes, ["failure_domains"])
    assert set(rows.loc[rows["rail"] == "lightning", "failure_domains"]) == {"unknown"}
    assert "unknown" not in set(rows.loc[rows["rail"] != "lightning", "failure_domains"])


def test_fast_enough(space):
    """The aim is 100,000 candidates a second; a quarter of it leaves room for a busy machine."""
    codes = stacks.sample(space, 200_000)
    started = time.perf_counter()
    stacks.check(space, codes)
    stacks.fold(space, codes)
    assert len(codes) / (time.perf_counter() - started) > 25_000


def test_bench_rows(small):
    rows = model_bench(loop=300, array=2_000, space=small)
    assert {"what", "stacks", "seconds", "stacks_per_s", "peak_mb"} == set(rows[0])
    assert all(row["stacks_per_s"] > 0 and row["peak_mb"] < 1_000 for row in rows)
