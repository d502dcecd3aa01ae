"""The subsidy as Bitcoin Core computes it, and what follows from it."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.quant import subsidy as s

steady = settings(deadline=None, derandomize=True, max_examples=60)

BTC = 100_000_000


@pytest.mark.parametrize(
    ("height", "sat"),
    [
        (0, 50 * BTC),
        (209_999, 50 * BTC),
        (210_000, 25 * BTC),
        (
            413_567,
            2_500_000_000,
        ),  # the block in Bitcoin Core's benchmark data paid 25.31310238 with 0.31310238 of fees
        (420_000, 1_250_000_000),
        (630_000, 625_000_000),
        (840_000, 312_500_000),
        (1_050_000, 156_250_000),
        (6_929_999, 1),
        (6_930_000, 0),
        (64 * 210_000, 0),
        (10**12, 0),
    ],
)
def test_subsidy(height, sat):
    assert s.subsidy(height) == sat


def test_block_413567():
    assert s.subsidy(413_567) + 31_310_238 == 2_531_310_238


def test_final_supply():
    # Bitcoin Core, src/test/validation_tests.cpp, subsidy_limit_test: 2099999997690000
    assert s.final_supply() == 2_099_999_997_690_000
    assert s.last_subsidy_height() == 6_929_999
    assert s.supply(s.last_subsidy_height()) == s.final_supply() == s.supply(10**9)
    assert s.supply(0) == 50 * BTC
    assert s.supply(209_999) == 10_500_000 * BTC


@steady
@given(st.integers(min_value=0, max_value=8_000_000), st.integers(min_value=1, max_value=400))
def test_supply_is_the_sum_of_subsidies(height, blocks):
    assert s.supply(height + blocks) - s.supply(height) == sum(
        s.subsidy(h) for h in range(height + 1, height + blocks + 1)
    )


@steady
@given(st.integers(min_value=0, max_value=20_000_000))
def test_subsidy_never_grows(height):
    assert s.subsidy(height + 1) <= s.subsidy(height)


def test_schedule():
    table = s.schedule()
    assert len(table) == 33
    assert table.issued_in_epoch_sat.sum() == s.final_supply()
    assert table.supply_at_end_sat.tolist() == [s.supply(h) for h in table.last_height]
    assert table.share_of_final_supply.is_monotonic_increasing
    assert table.share_of_final_supply.iloc[0] == pytest.approx(0.5, abs=1e-8)
    assert table.share_of_final_supply.iloc[-1] == 1
    assert table.yearly_inflation[4] == pytest.approx(3.125 * 52_560 / 19_687_500)
    assert pd.isna(table.yearly_inflation[0])
    assert "estimated_start" not in table


def test_schedule_with_an_anchor():
    table = s.schedule(3, anchor=(0, "2009-01-03T18:15:05Z"))
    assert pd.isna(table.estimated_start[0])  # block 0 is the anchor: nothing to estimate
    assert table.estimated_start[1] == pd.Timestamp("2009-01-03 18:15:05") + pd.Timedelta(seconds=210_000 * 600)
    assert table.estimated_start[1:].is_monotonic_increasing


def test_fee_that_replaces_the_subsidy():
    assert s.fee_needed(840_000) == {"fee_sat_per_block": 312_500_000, "fee_sat_per_vbyte": 312.5}
    assert s.fee_needed(840_000, transactions=2_500)["fee_sat_per_transaction"] == 125_000
    assert s.fee_needed(1_050_000, target_sat=312_500_000)["fee_sat_per_vbyte"] == 156.25
    assert s.fee_needed(0, target_sat=312_500_000)["fee_sat_per_block"] == 0


def test_fee_schedule():
    own = s.fee_schedule(epochs=5)
    assert own.fee_sat_per_vbyte.tolist() == [5000, 2500, 1250, 625, 312.5]
    constant = s.fee_schedule(target_sat=312_500_000, epochs=40)
    assert (constant.subsidy_sat + constant.fee_sat_per_block)[4:].eq(312_500_000).all()


@pytest.mark.parametrize("height", [-1, 1.5, True])
def test_bad_height(height):
    with pytest.raises(ValueError, match="whole number"):
        s.subsidy(height)


def test_bad_arguments():
    for call in (
        lambda: s.fee_needed(0, block_vbytes=0),
        lambda: s.fee_needed(0, target_sat=-1),
        lambda: s.fee_needed(0, transactions=0),
        lambda: s.schedule(0),
        lambda: s.estimated_time(1, 0, "2020-01-01", spacing_s=0),
    ):
        with pytest.raises(ValueError, match="must be"):
            call()
