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

A script can hold several quorums, one of them behind a time lock. `spending_paths` reads them from its bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real

import pandas as pd

from ..inputs import number


def _check(k: int, n: int, p: float, beta: float) -> None:
    if not (isinstance(k, Real) and isinstance(n, Real) and 1 <= k <= n) or int(k) != k or int(n) != n:
        raise ValueError(f"k is {k!r} and n is {n!r}; they must be whole numbers with 1 <= k <= n")
    for name, value in (("p", p), ("beta, the shared part,", beta)):
        number(value, name, 0, 1)


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


def worth_in_signers(probability: float, p: float) -> float:
    """How many independent signers, all of whom must fail, are as safe: log(probability) / log(p).

    One signer who fails with `p` is worth 1; 0.5 means that the funds are as exposed as with a signer who fails
    with the square root of p. Infinity where nothing can happen. ValueError unless 0 < p < 1 and probability is in
    0 .. 1.
    """
    if not 0 < p < 1 or not 0 <= probability <= 1:
        raise ValueError(f"probability is {probability!r} and p is {p!r}; they must be in 0 .. 1, p inside it")
    return math.inf if probability == 0 else math.log(probability) / math.log(p)


# scripts --------------------------------------------------------------------------------------------------

_IF, _NOTIF, _ELSE, _ENDIF = 0x63, 0x64, 0x67, 0x68
_CHECKMULTISIG, _CSV, _OP_1, _OP_16 = 0xAE, 0xB2, 0x51, 0x60
_KEY_BYTES = (33, 65)


@dataclass(frozen=True, slots=True)
class SpendingPath:
    """k of n keys; the output must not have moved for `timelock_blocks` blocks (0: no time lock)."""

    k: int
    n: int
    timelock_blocks: int = 0


def _items(script: bytes) -> list[int | bytes]:
    """Opcodes as numbers, pushed data as bytes."""
    items: list[int | bytes] = []
    at = 0
    while at < len(script):
        op, at = script[at], at + 1
        if 1 <= op <= 75:
            if at + op > len(script):
                raise ValueError(f"push of {op} bytes at byte {at - 1} runs past the end of the script")
            items.append(script[at : at + op])
            at += op
        elif 76 <= op <= 78:
            raise ValueError(f"opcode {op:#x} at byte {at - 1}: pushes with a length field are not read here")
        else:
            items.append(op)
    return items


def _branches(items: list[int | bytes]) -> list[list[int | bytes]]:
    """Every way through the script, without its IF, ELSE and ENDIF (not nested)."""
    ways: list[list[int | bytes]] = [[]]
    inside = None
    for item in items:
        if item in (_IF, _NOTIF) and inside is None:
            inside = [[], []]
            side = 0
        elif item in (_IF, _NOTIF):
            raise ValueError("an IF inside an IF is not read here")
        elif item == _ELSE and inside is not None:
            side = 1
        elif item == _ENDIF and inside is not None:
            ways, inside = [way + other for way in ways for other in inside], None
        elif inside is not None:
            inside[side].append(item)
        else:
            ways = [[*way, item] for way in ways]
    if inside is not None:
        raise ValueError("an IF without its ENDIF")
    return ways


def _number(item: int | bytes) -> int | None:
    if isinstance(item, bytes):
        return int.from_bytes(item, "little") if 1 <= len(item) <= 4 else None
    return item - _OP_1 + 1 if _OP_1 <= item <= _OP_16 else None


def spending_paths(script: bytes | str) -> tuple[SpendingPath, ...]:
    """The multisignature quorums in a script (bytes or hex), one for each branch that has one.

    Reads k <keys> n CHECKMULTISIG (BIP 11) and a relative time lock counted in blocks before it (BIP 112). ValueError
    for bytes that are not a script of this kind: nested IFs, long pushes, or a count of keys that is not theirs.
    """
    paths = []
    for way in _branches(_items(bytes.fromhex(script) if isinstance(script, str) else script)):
        if _CHECKMULTISIG not in way:
            continue
        end = way.index(_CHECKMULTISIG)
        n = _number(way[end - 1])
        keys = way[end - 1 - n : end - 1] if n else []
        k = _number(way[end - 2 - n]) if n and end - 2 - n >= 0 else None
        if not n or not k or k > n or any(not isinstance(key, bytes) or len(key) not in _KEY_BYTES for key in keys):
            raise ValueError(f"CHECKMULTISIG at item {end} does not follow k, n keys and n")
        locks = [_number(way[i - 1]) or 0 for i, item in enumerate(way[:end]) if item == _CSV and i]
        paths.append(SpendingPath(k, n, max(locks, default=0)))
    return tuple(paths)
