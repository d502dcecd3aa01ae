"""Will a payment get through? Success under unknown balances.

A channel's capacity is public, how it is divided between its two ends is not. The model of Pickhardt, Tikhomirov,
Biryukov and Nowostawski (2021, arXiv:2103.08576) takes every division as equally likely: with capacity c, in whole
satoshi, the near end holds 0, 1, ..., c with the same probability, so that it can forward a with

    P(a, c) = (c + 1 - a) / (c + 1)    for 0 <= a <= c, else 0

Channels are taken as independent, and a route works when each of its channels does. Both are assumptions, not
measurements: real channels are often nearly one-sided, and neighbors' balances depend on each other.

One of LND's two estimators (the bimodal one, after the same paper) assumes something else: that most channels have nearly all
of their balance on one side. `unbalanced` is that model; how far the two differ says how much rests on the assumption.

All functions take numbers or arrays and follow numpy's broadcasting. Amounts and capacities are in satoshi.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["attempts", "known", "parts", "risk", "route", "success", "unbalanced"]

Floats = NDArray[np.float64]


def success(amount_sat: ArrayLike, capacity_sat: ArrayLike) -> Floats:
    """Probability that a channel of this capacity can forward the amount (equation above).

    `ValueError` for a negative amount or capacity.
    """
    return known(amount_sat, 0, capacity_sat)


def known(amount_sat: ArrayLike, least_sat: ArrayLike, most_sat: ArrayLike) -> Floats:
    """The same when it is known that the near end holds at least `least_sat` and at most `most_sat`.

    What is known comes from earlier attempts: one that passed raises the lower bound, one that failed at this channel lowers
    the upper one to one satoshi less than it asked for. With 0 and the capacity this is `success`.
    `ValueError` for a negative amount or for bounds that are negative or in the wrong order.
    """
    amount, least, most = (np.asarray(value, dtype=np.float64) for value in (amount_sat, least_sat, most_sat))
    if (amount < 0).any() or (least < 0).any() or (most < least).any():
        raise ValueError("the amount must not be negative, and bounds must hold 0 <= least <= most")
    return np.clip((most + 1 - np.maximum(amount, least)) / (most + 1 - least), 0.0, 1.0)


def unbalanced(amount_sat: ArrayLike, capacity_sat: ArrayLike, scale_sat: float = 300_000) -> Floats:
    """Probability that a channel can forward the amount if its balance tends to lie on one side.

    The density of what the near end holds falls off exponentially from both ends of 0 .. c, by a factor of e every `scale_sat`:

        P(a, c) = (e^(-a/s) - e^(-c/s) + 1 - e^((a-c)/s)) / (2 - 2 e^(-c/s))

    It is LND's ``probabilityFormula`` (routing/probability_bimodal.go) without prior knowledge and without a uniform part that is
    negligible there; the default scale is LND's. `ValueError` for a negative amount, or capacity or scale that is not positive.
    """
    amount, capacity = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (amount_sat, capacity_sat)))
    if (amount < 0).any() or (capacity <= 0).any() or scale_sat <= 0:
        raise ValueError("the amount must not be negative, capacity and scale must be positive")
    a, c = np.minimum(amount, capacity) / scale_sat, capacity / scale_sat
    return np.where(amount > capacity, 0.0, (np.expm1(-a) - np.expm1(-c) - np.expm1(a - c)) / (-2 * np.expm1(-c)))


def risk(amount_sat: ArrayLike, capacity_sat: ArrayLike) -> Floats:
    """-ln of `success`: adds up along a route, infinite where the amount does not fit."""
    with np.errstate(divide="ignore"):
        return 0.0 - np.log(success(amount_sat, capacity_sat))


def route(amount_sat: ArrayLike, capacities_sat: ArrayLike, channel: Callable[..., Floats] = success) -> Floats:
    """Probability that a payment passes all channels of a route.

    `capacities_sat` has the channels on its last axis and `amount_sat` what each of them carries, or one amount for all; a
    channel of infinite capacity is one that certainly works, such as the payer's own. An empty route works. `channel` is the
    model of a single channel: `success` or `unbalanced`.
    """
    capacities = np.asarray(capacities_sat, dtype=np.float64)
    sure = np.isinf(capacities)
    each = np.where(sure, 1.0, channel(amount_sat, np.where(sure, 1.0, capacities)))
    return each.prod(axis=-1)


def parts(amounts_sat: Sequence[float], capacities_sat: Sequence[ArrayLike]) -> float:
    """Probability that all parts of a payment arrive: one amount and the channels' capacities for each part.

    The routes must not share a channel; then parts are independent and their probabilities multiply.
    `ValueError` when the two lists differ in length.
    """
    pairs = zip(amounts_sat, capacities_sat, strict=True)
    return float(np.prod([route(amount, capacities) for amount, capacities in pairs]))


def attempts(probability: ArrayLike) -> Floats:
    """How many attempts it takes on average until one succeeds, each independent with this probability: 1 / P.

    Infinite for 0. `ValueError` for what is no probability.
    """
    chance = np.asarray(probability, dtype=np.float64)
    if ((chance < 0) | (chance > 1)).any():
        raise ValueError("a probability must be in 0 .. 1")
    with np.errstate(divide="ignore"):
        return 1 / chance
