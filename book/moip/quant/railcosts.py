"""What a year of payments costs on each rail, and which rail is cheapest, safest or fastest for an amount and a frequency.

A person makes `per_year` payments of the same amount. On every rail but the chain itself she enters once a year and leaves once
a year, what she spends comes in on the same rail, and she keeps a month's payments there, never less than one. One payment
costs, in satoshi,

    entry_vbytes * fee_rate / per_year            block space to enter and to leave
    + payment_vbytes * fee_rate                   block space of the payment itself
    + fee_sat + fee_ppm * amount                  what the rail asks for a payment
    + leave_ppm * held * amount / per_year        what somebody asks for letting her out
    + loss_per_year * held * amount / per_year    the part of what she keeps there that is lost, on average

with `held` payments kept there. Not in it: the price of money that lies still, of being awake, of privacy, and of the wait to
enter; and what she loses by her own keys, unless `loss_per_year` counts it. Whom she pays has to be on the same rail.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..inputs import number

__all__ = ["GOALS", "TRUST", "Rail", "cheaper", "cheaper_from_to", "choose", "cost_sat", "held", "stretches"]

TRUST = ("trustless", "minimized", "federated", "custodial")
"""Trust classes of the model, least trust first."""
GOALS = ("cheapest", "safest", "fastest")

Number = float | np.ndarray


@dataclass(frozen=True, slots=True)
class Rail:
    """A way to pay. Fees in satoshi and parts per million, sizes in virtual bytes, the delay in seconds.

    ValueError for a trust class that is none, a loss that is no chance, and any other number below 0.
    """

    name: str
    trust: str
    delay_s: float
    entry_vbytes: float = 0.0
    payment_vbytes: float = 0.0
    fee_sat: float = 0.0
    fee_ppm: float = 0.0
    leave_ppm: float = 0.0
    loss_per_year: float = 0.0
    largest_sat: float = math.inf

    def __post_init__(self) -> None:
        if self.trust not in TRUST:
            raise ValueError(f"rail {self.name!r}: trust is {self.trust!r}; it must be one of {', '.join(TRUST)}")
        number(self.loss_per_year, "loss_per_year", 0, 1)
        for name in ("delay_s", "entry_vbytes", "payment_vbytes", "fee_sat", "fee_ppm", "leave_ppm", "largest_sat"):
            number(getattr(self, name), name, 0)


def held(per_year: Number) -> Number:
    """Payments' worth that a person keeps on a rail: a month of them, and never less than one."""
    return np.maximum(1.0, np.asarray(per_year) / 12)


def cost_sat(rail: Rail, amount_sat: Number, per_year: Number, fee_rate: float) -> np.ndarray:
    """What one payment costs, in satoshi; infinite above the rail's largest amount.

    amount_sat and per_year broadcast; fee_rate in satoshi a virtual byte. ValueError unless all are positive.
    """
    number(fee_rate, "fee_rate")
    amount, times = np.asarray(amount_sat, float), np.asarray(per_year, float)
    if not (np.all(amount > 0) and np.all(times > 0) and fee_rate > 0):
        raise ValueError("amount_sat, per_year and fee_rate must be greater than 0")
    kept = held(times) * amount / times
    space = (rail.entry_vbytes / times + rail.payment_vbytes) * fee_rate
    asked = rail.fee_sat + rail.fee_ppm * 1e-6 * amount + rail.leave_ppm * 1e-6 * kept
    return np.where(amount <= rail.largest_sat, space + asked + rail.loss_per_year * kept, np.inf)


def choose(
    rails: Sequence[Rail], amount_sat: Number, per_year: Number, fee_rate: float, goal: str, affordable: float = 0.01
) -> np.ndarray:
    """Position of the best rail among those that cost at most `affordable` of the amount; -1 where none does.

    goal: "cheapest"; "safest", the least trust; "fastest", the shortest delay. Of equals the cheapest is taken.
    """
    if goal not in GOALS:
        raise ValueError(f"goal is {goal!r}; it must be one of {', '.join(GOALS)}")
    costs = np.stack(np.broadcast_arrays(*(cost_sat(rail, amount_sat, per_year, fee_rate) for rail in rails)))
    ranks = {
        "cheapest": [0.0] * len(rails),
        "safest": [float(TRUST.index(rail.trust)) for rail in rails],
        "fastest": [rail.delay_s for rail in rails],
    }[goal]
    rank = np.asarray(ranks).reshape(-1, *[1] * (costs.ndim - 1)) + np.zeros_like(costs)
    possible = costs <= affordable * np.asarray(amount_sat, float)
    rank = np.where(possible, rank, np.inf)
    finalists = np.where(possible & (rank == rank.min(axis=0)), costs, np.inf)
    return np.where(possible.any(axis=0), finalists.argmin(axis=0), -1)


def stretches(
    rails: Sequence[Rail],
    per_year: float,
    fee_rate: float,
    goal: str,
    affordable: float = 0.01,
    lowest_sat: float = 100,
    highest_sat: float = 1e9,
    steps: int = 400,
) -> pd.DataFrame:
    """Amounts for which each rail is best at one frequency, from the smallest up.

    Columns: rail (position, -1: none is affordable), from_sat, to_sat; ends are found to `steps` steps a factor of ten.
    """
    count = round(math.log10(highest_sat / lowest_sat) * steps) + 1
    amounts = np.geomspace(lowest_sat, highest_sat, count)
    best = choose(rails, amounts, per_year, fee_rate, goal, affordable)
    ends = np.flatnonzero(np.diff(best)) + 1
    starts, stops = np.r_[0, ends], np.r_[ends, count - 1]
    return pd.DataFrame({"rail": best[starts], "from_sat": amounts[starts], "to_sat": amounts[stops]})


def cheaper(
    rail: Rail, others: Sequence[Rail], per_year: float, fee_rate: float, **ends: float
) -> list[tuple[float, float]]:
    """Ends (satoshi) of each stretch of amounts for which a rail costs less than all others, from the smallest up.

    `ends` goes to `stretches` (lowest_sat, highest_sat, steps).
    """
    found = stretches([rail, *others], per_year, fee_rate, "cheapest", affordable=math.inf, **ends).query("rail == 0")
    return list(zip(found.from_sat.tolist(), found.to_sat.tolist(), strict=True))


def cheaper_from_to(
    rail: Rail, others: Sequence[Rail], per_year: float, fee_rate: float, **ends: float
) -> tuple[float, float] | None:
    """The widest of the stretches of `cheaper`, by the ratio of its ends; None where there is none."""
    return max(cheaper(rail, others, per_year, fee_rate, **ends), key=lambda pair: pair[1] / pair[0], default=None)
