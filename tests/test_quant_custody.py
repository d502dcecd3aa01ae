"""Own keys against a custodian: the two costs meet where the break-even says."""

import numpy as np
import pytest

from moip.quant import custody

TERMS = dict(vbytes=200, fee_rate=10, years=4, upkeep_sat=500, own_loss=0.01)


def test_break_even_is_where_the_costs_meet() -> None:
    balance = custody.break_even_sat(0.05, recovered=0.2, **TERMS)
    assert balance == pytest.approx((200 * 10 / 4 + 500) / (0.05 * 0.8 - 0.01))
    assert custody.own_keys_sat(balance, **TERMS) == pytest.approx(
        custody.with_custodian_sat(balance, hazard=0.05, recovered=0.2)
    )


def test_who_loses_more_alone_never_breaks_even() -> None:
    assert custody.break_even_sat([0.005, 0.01, 0.02], **TERMS).tolist() == [np.inf, np.inf, pytest.approx(100_000)]


def test_cheaper_block_space_lowers_it() -> None:
    cheap = custody.break_even_sat(0.05, vbytes=200, fee_rate=1, years=1)
    assert cheap == 4_000 and custody.break_even_sat(0.05, vbytes=200, fee_rate=2, years=1) == 2 * cheap


@pytest.mark.parametrize("wrong", [dict(hazard=1.5), dict(hazard=0.1, recovered=-1)])
def test_rates_are_chances(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a chance lies between 0 and 1"):
        custody.with_custodian_sat(1, **wrong)


def test_years_must_pass() -> None:
    with pytest.raises(ValueError, match="years is 0"):
        custody.own_keys_sat(1, vbytes=1, fee_rate=1, years=0)


def test_what_is_no_number_or_negative_is_named() -> None:
    terms = dict(vbytes=1, fee_rate=1, years=1)
    for wrong in (dict(fee_rate=-1), dict(fee_rate="ten"), dict(upkeep_sat=-5), dict(years="x")):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} is .*; it must be a number"):
            custody.break_even_sat(0.05, **(terms | wrong))
    with pytest.raises(ValueError, match="hazard is '5%'; a chance is a number"):
        custody.break_even_sat("5%", **terms)


def test_least_closure_rate() -> None:
    assert custody.least_closure_rate(18, 40, 3) == pytest.approx(0.15)
    with pytest.raises(ValueError, match="41 closed of 40"):
        custody.least_closure_rate(41, 40, 3)
