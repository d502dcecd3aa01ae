"""Capacity arithmetic, and the consensus constants against the book's table."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.quant import blockspace as bs

steady = settings(deadline=None, derandomize=True, max_examples=60)

positive = st.floats(min_value=1e-3, max_value=1e12)


def test_a_year_of_blocks():
    assert bs.blocks_per_year() == 52_560
    assert bs.weight_per_year() == 52_560 * 4_000_000 == 210_240_000_000
    assert bs.BITCOIN.retarget_interval_blocks == 2016


def test_constants_equal_the_data_table():
    data = pytest.importorskip("moip.data", reason="moip.data does not exist yet")
    try:
        table = data.table("protocol_constants")
    except (KeyError, ValueError) as error:
        pytest.skip(f"no table protocol_constants: {error}")
    values = dict(zip(table["constant"], table["value"], strict=True))
    ours = {field.name: getattr(bs.BITCOIN, field.name) for field in dataclasses.fields(bs.Consensus)}
    ours["retarget_interval_blocks"] = bs.BITCOIN.retarget_interval_blocks
    ours.pop("pow_limit")  # a 256-bit number, not in the table; test_quant_pow compares it with 0x1d00ffff
    assert {name: int(values[name]) for name in ours} == ours


def test_constants_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        bs.BITCOIN.target_spacing_s = 1


def test_people_and_payments_by_hand():
    # 52,560 blocks x 4,000,000 WU / 8,000,000,000 people = 26.28 WU a person and year
    assert bs.weight_per_person(8e9) == pytest.approx(26.28)
    assert bs.weight_per_person(8e9, years=80) == pytest.approx(2102.4)
    assert bs.payments_per_person(8e9, 562, years=80) == pytest.approx(2102.4 / 562)
    assert bs.channels_per_person(8e9, 610, 674, years=80) == pytest.approx(2102.4 / 1284)
    assert bs.transactions_per_second(4_000_000) == pytest.approx(1 / 600)
    assert bs.people_served(4_000_000, every_years=2) == pytest.approx(2 * 52_560)


def test_share_and_reserve_shrink_the_space():
    assert bs.block_weight(share=0.25) == 1_000_000
    assert bs.block_weight(reserved_wu=8_000) == 3_992_000
    assert bs.weight_per_year(share=0.5, reserved_wu=8_000) == 52_560 * 1_996_000


def test_arrays_broadcast():
    result = bs.payments_per_person(np.array([[1e6], [1e9]]), np.array([562.0, 904.0, 1484.0]), years=80)
    assert result.shape == (2, 3)
    assert result[1, 0] == pytest.approx(bs.payments_per_person(1e9, 562, years=80))


def test_sharing_table():
    table = bs.sharing_table({"a": 400, "b": 800}, population=8e9, lifetime_years=80, days_per_year=365)
    assert table.kind.tolist() == ["a", "b"]
    assert table.per_block.tolist() == [10_000, 5_000]
    assert table.per_person_lifetime[0] == pytest.approx(2102.4 / 400)
    assert (table.per_person_lifetime / table.per_person_year).tolist() == pytest.approx([80, 80])
    with pytest.raises(ValueError, match="empty"):
        bs.sharing_table({}, 1, 1)


@steady
@given(population=positive, weight=positive, years=positive)
def test_served_people_use_the_whole_space(population, weight, years):
    """If everybody makes as many payments as fit, the weight of all payments is the weight there is."""
    each = bs.payments_per_person(population, weight, years)
    assert each * population * weight == pytest.approx(bs.weight_per_year() * years)
    people = bs.people_served(weight, years)
    assert bs.payments_per_person(people, weight, years) == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: bs.blocks_per_year(spacing_s=0), "spacing_s is 0"),
        (lambda: bs.weight_per_person(-1), "population is -1"),
        (lambda: bs.weight_per_person("many"), "population is 'many'; it must be a number"),
        (lambda: bs.block_weight(bs.Consensus(max_block_weight_wu=0)), "max_block_weight_wu is 0"),
        (lambda: bs.transactions_per_year(0), "weight_wu is 0"),
        (lambda: bs.block_weight(share=1.5), "at most 1"),
        (lambda: bs.block_weight(reserved_wu=4_000_000), "below 4000000"),
        (lambda: bs.people_served(400, 0), "every_years is 0"),
    ],
)
def test_errors_name_the_domain(call, words):
    with pytest.raises(ValueError, match=words):
        call()
