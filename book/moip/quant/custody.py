"""When holding one's own keys costs less than leaving the money with somebody.

Both sides are costs a year, expected, in satoshi. Who keeps the keys pays for block space when the money goes in and
when it comes out, spread over the years between, pays an upkeep, and may lose the keys. Who leaves the money with a
custodian may lose what the custodian loses, in full or in part. The model of both losses is one rate a year, the same
for every amount; that is its main assumption.
"""

from __future__ import annotations

import numpy as np

from ..inputs import number

__all__ = ["break_even_sat", "least_closure_rate", "own_keys_sat", "with_custodian_sat"]


def own_keys_sat(
    balance_sat: float | np.ndarray,
    *,
    vbytes: float,
    fee_rate: float,
    years: float,
    upkeep_sat: float = 0,
    own_loss: float = 0,
) -> np.ndarray:
    """Expected cost a year of one's own keys, in satoshi.

    vbytes: block space to get in and out; fee_rate: satoshi a virtual byte; years: how long the money stays;
    upkeep_sat: a year, for devices, backups and time; own_loss: chance a year to lose the keys or be robbed of them.
    `ValueError` when a rate is not a chance, years is not positive, or anything else is negative.
    """
    _chance(own_loss=own_loss)
    for name, value in (("vbytes", vbytes), ("fee_rate", fee_rate), ("upkeep_sat", upkeep_sat)):
        if np.ndim(value) == 0:
            number(value, name, 0)
    number(years, "years")
    if years <= 0:
        raise ValueError(f"years is {years}; it must be more than 0")
    return np.asarray(vbytes * fee_rate / years + upkeep_sat + own_loss * np.asarray(balance_sat, dtype=float))


def with_custodian_sat(
    balance_sat: float | np.ndarray, *, hazard: float | np.ndarray, recovered: float = 0
) -> np.ndarray:
    """Expected loss a year with a custodian, in satoshi: hazard (a year) times what is not recovered of the balance."""
    _chance(hazard=hazard, recovered=recovered)
    return np.asarray(hazard) * (1 - recovered) * np.asarray(balance_sat, dtype=float)


def break_even_sat(
    hazard: float | np.ndarray,
    *,
    vbytes: float,
    fee_rate: float,
    years: float,
    upkeep_sat: float = 0,
    own_loss: float = 0,
    recovered: float = 0,
) -> np.ndarray:
    """Balance in satoshi from which one's own keys cost less; infinite where they never do (one loses more oneself).

    Where `own_keys_sat` and `with_custodian_sat` meet: fixed cost / (hazard x (1 - recovered) - own_loss).
    """
    _chance(hazard=hazard, recovered=recovered)
    fixed = own_keys_sat(0, vbytes=vbytes, fee_rate=fee_rate, years=years, upkeep_sat=upkeep_sat, own_loss=own_loss)
    gain = np.asarray(hazard, dtype=float) * (1 - recovered) - own_loss
    return np.where(gain > 0, fixed / np.where(gain > 0, gain, 1), np.inf)


def least_closure_rate(closed: int, watched: int, years: float) -> float:
    """A lower bound of the closures a year of operation among services of which none was watched for longer than `years`.

    closed / (watched x years): as if every one had run all that time, which overstates the time at risk. `ValueError`
    when more closed than were watched, or years is not positive.
    """
    if not 0 <= closed <= watched or watched == 0 or years <= 0:
        raise ValueError(f"{closed} closed of {watched} in {years} years: counts must fit and years be positive")
    return closed / (watched * years)


def _chance(**rates: float | np.ndarray) -> None:
    for name, value in rates.items():
        if np.asarray(value).dtype.kind not in "iuf":
            raise ValueError(f"{name} is {value!r}; a chance is a number between 0 and 1")
        if np.any((np.asarray(value) < 0) | (np.asarray(value) > 1)):
            raise ValueError(f"{name} is {value}; a chance lies between 0 and 1")
