"""Funds held by k of n signers: how likely they are stolen, how likely they are frozen.

Theft needs k compromised signers. A freeze needs n - k + 1 lost signers, because fewer than k remain.

Each signer fails with probability p in the period looked at. Signers are independent (binomial), or share a
cause: in the beta-factor model of reliability engineering (Signoret and Leroy 2020,
doi:10.1007/978-3-030-64708-7_5) a part `beta` of p strikes all signers at once and the rest strikes each on
its own. The two parts are combined exactly, not as a sum of rare events, and so that one signer alone still
fails with probability p:

    c = beta p                 the common cause strikes
    r = (p - c) / (1 - c)      a signer fails on its own when it does not
    P = c + (1 - c) P[Binomial(n, r) >= m]

With beta = 0 this is the binomial tail, with beta = 1 it is p, whatever k and n are.

The probabilities and beta are assumptions of whoever calls, not measurements.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd


def _check(k: int, n: int, p: float, beta: float) -> None:
    if int(k) != k or int(n) != n or not 1 <= k <= n:
        raise ValueError(f"k is {k!r} and n is {n!r}; they must be whole numbers with 1 <= k <= n")
    for name, value in (("p", p), ("beta", beta)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is {value!r}; it must be in 0 .. 1")


def at_least(m: int, n: int, p: float, beta: float = 0.0) -> float:
    """Probability that at least `m` of `n` signers fail, each with `p`, a part `beta` of it in common.

    ValueError unless 1 <= m <= n and p, beta are in 0 .. 1.
    """
    from scipy.special import betainc

    _check(m, n, p, beta)
    common = beta * p
    if common == 1:
        return 1.0
    own = (p - common) / (1 - common)
    # P[Binomial(n, x) >= m] = I_x(m, n - m + 1), the regularized incomplete beta function
    return common + (1 - common) * float(betainc(m, n - m + 1, own))


def theft_probability(k: int, n: int, p: float, beta: float = 0.0) -> float:
    """Probability that `k` of `n` signers are compromised, so that the funds can be taken."""
    return at_least(k, n, p, beta)


def freeze_probability(k: int, n: int, p: float, beta: float = 0.0) -> float:
    """Probability that fewer than `k` of `n` signers remain, so that nobody can move the funds."""
    _check(k, n, p, beta)
    return at_least(n - k + 1, n, p, beta)


def quorum_table(
    quorums: Iterable[tuple[int, int]],
    p_theft: float,
    p_freeze: float,
    betas: Iterable[float] = (0.0,),
) -> pd.DataFrame:
    """Both probabilities for each (k, n) and each beta.

    Columns: quorum ("11 of 15"), k, n, beta, theft, freeze, either (at most the sum: 1 - (1 - theft)(1 -
    freeze), which takes the two as independent).
    """
    betas = list(betas)
    rows = [
        {
            "quorum": f"{k} of {n}",
            "k": k,
            "n": n,
            "beta": beta,
            "theft": theft_probability(k, n, p_theft, beta),
            "freeze": freeze_probability(k, n, p_freeze, beta),
        }
        for k, n in quorums
        for beta in betas
    ]
    return pd.DataFrame(rows).assign(either=lambda t: 1 - (1 - t.theft) * (1 - t.freeze))
