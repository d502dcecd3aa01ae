"""The race between an attacker and the honest chain.

An attacker with the share q of the hash rate pays, then mines a secret chain in which the payment does not
happen. Each next block is the attacker's with probability q and honest with probability p = 1 - q,
independently. The merchant delivers after z honest blocks.

Conventions, which differ between the papers and matter by one block:

Nakamoto 2008, section 11
    The secret chain starts when the payment is sent; nothing is mined ahead. The merchant waits "until the
    transaction has been added to a block and z blocks have been linked after it", yet the formula counts z
    honest blocks in all. The attacker succeeds by catching up, that is by drawing level. The attacker's
    blocks in that time are taken as Poisson with mean z q / p: the z honest blocks are assumed to take
    exactly their expected time.
Rosenfeld 2014 (arXiv:1402.2009), equation 1
    n confirmations. The attacker starts one block ahead and has to end up with the longer chain, not an equal
    one. The attacker's blocks while n honest ones are found follow the negative binomial law, which is exact.
Grunspan and Perez-Marco 2018 (arXiv:1702.02867), theorem 1
    z honest blocks, nothing mined ahead, success is drawing level. In their Satoshi Risk Tables (2017,
    hal-01465634) they say that replacing the blocks takes one more. Their closed form is I_{4pq}(z, 1/2).

"One ahead, must exceed" and "none ahead, must draw level" ask for the same number of attacker blocks, so
Rosenfeld's sum and the closed form are the same number; the tests check it. `rosenfeld(q, z, head_start=0)`
is the stricter race without the head start.

All models assume a constant share q, no delay between honest nodes, and an attacker who never gives up. If q
is 1/2 or more the attacker always wins.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd


def _check(q: float, z: int, name: str = "z") -> None:
    if not isinstance(q, Real):
        raise ValueError(f"q is {q!r}; the attacker's share of the hash rate must be a number")
    if not 0 <= q <= 1:
        raise ValueError(f"q is {q!r}; the attacker's share of the hash rate must be in 0 .. 1")
    if int(z) != z or z < 0:
        raise ValueError(f"{name} is {z!r}; it must be a whole number of at least 0")


def catch_up(q: float, z: int) -> float:
    """Probability that an attacker who is `z` blocks behind ever draws level: (q / p)**z, or 1 if q >= p.

    Nakamoto 2008, section 11, the gambler's ruin. A negative z (already ahead) gives 1.
    """
    _check(q, max(z, 0))
    p = 1 - q
    return 1.0 if q >= p or z <= 0 else (q / p) ** z


def nakamoto(q: float, z: int) -> float:
    """Probability that the attacker ever draws level after `z` honest blocks (Nakamoto 2008, section 11).

        sum over k of Poisson(k; z q / p) * (q / p)**max(z - k, 0)

    The paper's C code computes 1 minus a sum; this is the sum itself, which keeps its digits when the result
    is tiny.
    """
    from scipy.special import gammaln, pdtrc

    _check(q, z)
    p = 1 - q
    if z == 0 or q >= p:
        return 1.0
    if q == 0:
        return 0.0
    mean = z * q / p
    k = np.arange(z + 1)
    log_terms = k * math.log(mean) - mean - gammaln(k + 1) + (z - k) * math.log(q / p)
    return float(pdtrc(z, mean) + np.exp(log_terms).sum())


def conditional(q: float, z: int, kappa: float) -> float:
    """Probability that the attacker ever draws level, given how long the `z` honest blocks took.

    kappa: that time divided by its expected value. Grunspan and Perez-Marco 2018:

        1 - Q(z, kappa z q / p) + (q / p)**z exp(kappa z (p - q) / p) Q(z, kappa z)

    with Q the regularized upper incomplete gamma function. kappa = 1 is Nakamoto's formula: this shows what
    his assumption hides: slow honest blocks (kappa > 1) are good for the attacker.
    """
    from scipy.special import gammainc, gammaincc

    _check(q, z)
    if kappa <= 0:
        raise ValueError(f"kappa is {kappa!r}; it must be greater than 0")
    p = 1 - q
    if z == 0 or q >= p:
        return 1.0
    if q == 0:
        return 0.0
    upper = gammaincc(z, kappa * z)
    if upper == 0:
        return float(gammainc(z, kappa * z * q / p))
    log_second = z * math.log(q / p) + kappa * z * (p - q) / p + math.log(upper)
    return float(gammainc(z, kappa * z * q / p) + math.exp(log_second))


def rosenfeld(q: float, n: int, head_start: int = 1) -> float:
    """Probability that an attack succeeds against `n` confirmations (Rosenfeld 2014, equation 1).

        sum over m of C(m + n - 1, m) p**n q**m * (q / p)**max(n - m - head_start + 1, 0)

    m: blocks the attacker finds while the honest miners find n (negative binomial). head_start: blocks the
    attacker has ready before; the attacker needs a chain that is longer than the honest one. With head_start
    = 1, the paper's assumption, this is the paper's 1 - sum over m <= n of C(m + n - 1, m) (p**n q**m - p**m
    q**n).
    """
    from scipy.special import betainc, gammaln

    _check(q, n, "n")
    if int(head_start) != head_start or head_start < 0:
        raise ValueError(f"head_start is {head_start!r}; it must be a whole number of at least 0")
    p = 1 - q
    if q >= p:
        return 1.0
    if n == 0:
        return catch_up(q, 1 - head_start)
    if q == 0:
        return 1.0 if head_start > n else 0.0
    last = max(n - head_start, -1)  # the largest m from which the attacker still has to catch up
    m = np.arange(last + 1)
    log_terms = (
        gammaln(m + n)
        - gammaln(m + 1)
        - gammaln(n)
        + n * math.log(p)
        + m * math.log(q)
        + (n - m - head_start + 1) * math.log(q / p)
    )
    already_ahead = 1.0 if last < 0 else betainc(last + 1, n, q)  # P[m > last]
    return float(already_ahead + np.exp(log_terms).sum())


def grunspan(q: float, z: int) -> float:
    """I_{4pq}(z, 1/2), a regularized incomplete beta function (Grunspan and Perez-Marco 2018, theorem 1)."""
    from scipy.special import betainc

    _check(q, z)
    p = 1 - q
    return 1.0 if z == 0 or q >= p else float(betainc(z, 0.5, 4 * p * q))


MODELS: dict[str, Callable[[float, int], float]] = {
    "nakamoto": nakamoto,
    "rosenfeld": rosenfeld,
    "grunspan": grunspan,
}


def _model(name: str) -> Callable[[float, int], float]:
    if name not in MODELS:
        raise ValueError(f"model is {name!r}; it must be one of {', '.join(MODELS)}")
    return MODELS[name]


def confirmations_needed(q: float, risk: float, model: str = "rosenfeld", limit: int = 1_000_000) -> int:
    """The smallest number of blocks for which the attack succeeds with a probability below `risk`.

    model: "nakamoto", "rosenfeld" or "grunspan". The probability falls with the number of blocks, so the
    search doubles, then halves the interval.

    ValueError unless 0 <= q < 1/2 (no number helps against half of the hash rate) and 0 < risk <= 1, and when
    more than `limit` blocks would be needed.
    """
    probability = _model(model)
    _check(q, 0)
    if q >= 0.5:
        raise ValueError(f"q is {q!r}; with half of the hash rate or more an attacker always wins, so q must be < 0.5")
    if not isinstance(risk, Real) or not 0 < risk <= 1:
        raise ValueError(f"risk is {risk!r}; it must be a number greater than 0 and at most 1")
    low, high = 0, 1  # the answer is above low; with 0 blocks the probability is 1
    while probability(q, high) >= risk:
        low, high = high, 2 * high
        if low > limit:
            raise ValueError(f"more than {limit:,} blocks are needed for q = {q!r} and risk = {risk!r}")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if probability(q, middle) >= risk else (low, middle)
    return high


def risk_table(
    q_values: Iterable[float], z_values: Iterable[int], models: Iterable[str] = ("nakamoto", "rosenfeld")
) -> pd.DataFrame:
    """Success probabilities, one row for each q and z: q, z and a column for each model."""
    models, z_values = list(models), list(z_values)
    rows = [{"q": q, "z": z} | {name: _model(name)(q, z) for name in models} for q in q_values for z in z_values]
    return pd.DataFrame(rows)


def confirmations_table(
    q_values: Iterable[float], risk: float, models: Iterable[str] = ("nakamoto", "rosenfeld")
) -> pd.DataFrame:
    """Blocks needed for a probability below `risk`, one row for each q: q and a column for each model."""
    models = list(models)
    return pd.DataFrame([{"q": q} | {name: confirmations_needed(q, risk, name) for name in models} for q in q_values])


@dataclass(frozen=True, slots=True)
class Simulation:
    """Result of `simulate`: `probability` with its `standard_error`, and the most that giving up can hide."""

    trials: int
    successes: int
    give_up_behind: int
    truncation_bound: float

    @property
    def probability(self) -> float:
        return self.successes / self.trials

    @property
    def standard_error(self) -> float:
        return math.sqrt(self.probability * (1 - self.probability) / self.trials)


def simulate(
    q: float, z: int, trials: int = 100_000, seed: int = 0, head_start: int = 1, give_up_behind: int = 60
) -> Simulation:
    """The race played block by block, `trials` times, with the conventions of `rosenfeld`.

    Phase 1: blocks are drawn until the honest chain has `z`. Phase 2: the race goes on until the attacker's
    chain is longer (success) or `give_up_behind` blocks shorter (failure, which a patient attacker might
    still turn around with a probability of at most `truncation_bound`). All trials move together, one block a
    step, on one NumPy generator: the same seed gives the same result.

    ValueError unless 0 <= q < 1/2, trials >= 1 and give_up_behind >= z, so that nobody gives up before
    delivery.
    """
    _check(q, z)
    if q >= 0.5:
        raise ValueError(f"q is {q!r}; the race ends with certainty only for q below 0.5")
    if trials < 1:
        raise ValueError(f"trials is {trials!r}; it must be at least 1")
    if give_up_behind < max(z, 1):
        raise ValueError(f"give_up_behind is {give_up_behind!r}; it must be at least {max(z, 1)}")
    random = np.random.default_rng(seed)
    honest = np.zeros(trials, dtype=np.int64)
    attacker = np.full(trials, head_start, dtype=np.int64)
    successes = 0
    while True:
        delivered = honest >= z
        won = delivered & (attacker > honest)
        successes += int(won.sum())
        open_races = ~won & ~(delivered & (honest - attacker >= give_up_behind))
        honest, attacker = honest[open_races], attacker[open_races]
        if not len(honest):
            break
        mined = random.random(len(honest)) < q
        attacker += mined
        honest += ~mined
    return Simulation(trials, successes, give_up_behind, catch_up(q, give_up_behind + 1))
