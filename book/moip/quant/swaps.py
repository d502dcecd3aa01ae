"""A swap as a race of deadlines and as an option.

In a swap by hash lock two payments wait for one secret. Whoever knows it decides last, and may wait until the deadline
of the leg that she receives. If the two legs are different goods whose prices move, that is an option to exchange one
for the other (Han, Lin and Yu 2019, eprint 2019/896, who call it an American option without a premium).

With prices that follow a geometric Brownian motion, no income from either good and no cost of trading, the value of the option
to receive X for Y at time T is Margrabe's (1978, Journal of Finance 33(1)):

    X N(d1) - Y N(d2),  d1 = (ln(X/Y) + s^2 T / 2) / (s sqrt T),  d2 = d1 - s sqrt T

s is the volatility a year of the ratio X/Y. No interest rate enters. Deciding early gains nothing in this model, so the
American option is worth the same. At even terms (X = Y) the value is 2 N(s sqrt T / 2) - 1 of the amount, close to
s sqrt(T / (2 pi)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import sha256

__all__ = ["HOURS_A_YEAR", "Leg", "at_even_terms", "claims", "exchange_option", "settle", "volatility_of"]

HOURS_A_YEAR = 365 * 24


def _normal(x: float) -> float:
    """Probability that a standard normal variable is below x."""
    return math.erfc(-x / math.sqrt(2)) / 2


def exchange_option(receive: float, give: float, volatility: float, hours: float) -> float:
    """Value of the right, not the duty, to give one thing and receive the other at the end of some hours (Margrabe).

    `receive`, `give`: today's values in one unit, positive; `volatility`: of their ratio, a year (0.5 is 50%). The result is in the
    same unit. `ValueError` for values that are not positive or for a negative volatility or time.
    """
    if receive <= 0 or give <= 0 or volatility < 0 or hours < 0:
        raise ValueError("both values must be positive, volatility and hours must not be negative")
    spread = volatility * math.sqrt(hours / HOURS_A_YEAR)
    if spread == 0:
        return max(receive - give, 0.0)
    d1 = math.log(receive / give) / spread + spread / 2
    return receive * _normal(d1) - give * _normal(d1 - spread)


def at_even_terms(volatility: float, hours: float) -> float:
    """The same for a swap at the price of the day, as a share of the amount: about volatility * sqrt(years / (2 pi))."""
    return exchange_option(1.0, 1.0, volatility, hours)


def volatility_of(share: float, hours: float) -> float:
    """The volatility a year at which waiting at even terms is worth this share of the amount; inverts `at_even_terms`.

    `ValueError` for a share outside 0 .. 1 (excluding 1) or for no time.
    """
    from statistics import NormalDist

    if not 0 <= share < 1 or hours <= 0:
        raise ValueError("the share must be in 0 .. 1, below 1, and the time positive")
    return 2 * NormalDist().inv_cdf((1 + share) / 2) / math.sqrt(hours / HOURS_A_YEAR)


@dataclass(frozen=True)
class Leg:
    """One of the two payments of a swap: locked to a hash, back to who paid it after a deadline (hours from now)."""

    hash: bytes
    deadline: float


def claims(leg: Leg, secret: bytes, hour: float) -> bool:
    """Whether this secret takes the leg at this hour: the hash fits and the deadline has not passed.

    A simplification: on the chain the hash path stays open after the deadline, next to the refund, until one of them is
    confirmed. Here the late one always loses that race. Signatures, which name the two parties, are left out.
    """
    return sha256(secret).digest() == leg.hash and hour < leg.deadline


def settle(hers: Leg, his: Leg, secret: bytes, reveals: float, notices: float) -> tuple[bool, bool]:
    """Which legs are taken when she, who knows the secret, takes hers at hour `reveals` and he answers `notices` hours later.

    `hers` pays her, `his` pays him. He can only use a secret that she has shown by taking her leg.
    """
    she = claims(hers, secret, reveals)
    return she, she and claims(his, secret, reveals + notices)
