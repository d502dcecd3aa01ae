"""Which wallets can pay which: rails and formats that two wallets share, from a matrix of what wallets support.

A pair is ordered: a payer's wallet and another wallet as payee. A format serves a pair when the payer's wallet can send
to it and the payee's can receive with it. A rail is the set of its formats.

A handful of wallets is a small sample of unknown choice. The interval of a share says only what the small number
does: wallets get random weights (a Bayesian bootstrap, Rubin 1981, doi:10.1214/aos/1176345338), and so does one more
kind, which the sample missed. It supports nothing at the lower end, and everything that is asked about at the upper;
with few wallets this, more than the random weights, makes the interval wide. What the choice of the sample does, no interval shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

RAILS: dict[str, dict[str, str]] = {
    "chain": {
        "base58": "base58",
        "bech32": "bech32",
        "bech32m": "bech32m",
        "payment_code": "payment_code",
        "silent_payments_BIP352": "silent_payment",
        "silent_payments_dns": "silent_payment_name",
    },
    "lightning": {
        "lightning_11": "bolt11",
        "lightning_12": "bolt12",
        "lightning_12_dns": "bolt12_name",
        "lightning_lnurl": "lnurl",
        "lightning_lnurl_hrla": "lightning_address",
    },
}
"""Rail -> feature of the table ``wallet_matrix`` -> format. The feature ``base58`` is inferred, see `support`."""

SEND, BOTH = "send", "send and receive"


@dataclass(frozen=True)
class Support:
    """What wallets support. `send`, `receive`: booleans, one row a wallet and one column a format."""

    wallets: tuple[str, ...]
    formats: tuple[str, ...]
    send: np.ndarray
    receive: np.ndarray

    def columns(self, formats: Iterable[str] | None = None) -> list[int]:
        """Columns of some formats, by default of all. ValueError for a format that there is not."""
        if formats is None:
            return list(range(len(self.formats)))
        at = {name: i for i, name in enumerate(self.formats)}
        formats = [formats] if isinstance(formats, str) else list(formats)
        if strange := [name for name in formats if name not in at]:
            raise ValueError(f"there is no format {strange[0]!r}; there are {', '.join(self.formats)}")
        return [at[name] for name in formats]


@dataclass(frozen=True)
class Estimate:
    """A share of pairs in the sample, and the ends of its interval."""

    share: float
    low: float
    high: float


def formats(rail: str | None = None) -> list[str]:
    """Names of the formats of a rail, or of all. ValueError for a rail that there is not."""
    if rail not in (None, *RAILS):
        raise ValueError(f"there is no rail {rail!r}; there are {', '.join(RAILS)}")
    return [name for key, known in RAILS.items() if rail in (None, key) for name in known.values()]


def support(matrix: pd.DataFrame, *, unknown: bool = False) -> Support:
    """Support as the table ``wallet_matrix`` states it, wallets and formats in order.

    `unknown`: what an unanswered question counts as. The matrix does not ask for addresses in Base58: every wallet is
    taken to send to them, and those to receive with them whose default address is one. ValueError when there
    is no wallet, a feature is missing or an answer is not one of those for support.
    """
    if matrix.empty:
        raise ValueError("the matrix has no wallet")
    features = {feature: name for known in RAILS.values() for feature, name in known.items() if feature != "base58"}
    wide = matrix.pivot(index="wallet", columns="feature", values="value").sort_index()[["default_receive", *features]]
    if strange := set(wide[list(features)].stack()) - {SEND, BOTH, "no", "not applicable", "unknown"}:
        raise ValueError(f"answers that say nothing of support: {', '.join(sorted(strange))}")
    if wide.isna().any(axis=None):
        raise ValueError("a wallet lacks a feature that another one has")
    legacy = wide.pop("default_receive").str.startswith(("P2SH", "P2PKH"))
    wide = wide.rename(columns=features)
    wide.insert(0, "base58", legacy.map({True: BOTH, False: SEND}))
    maybe = (wide == "unknown").to_numpy() & unknown
    return Support(
        tuple(wide.index),
        tuple(wide.columns),
        wide.isin([SEND, BOTH]).to_numpy() | maybe,
        (wide == BOTH).to_numpy() | maybe,
    )


def reach(known: Support, formats: Iterable[str] | None = None) -> np.ndarray:
    """Whether payer (row) can pay payee (column) with one of the formats; no wallet is its own payee. n x n booleans."""
    at = known.columns(formats)
    served = known.send[:, at].astype(int) @ known.receive[:, at].astype(int).T > 0
    return served & ~np.eye(len(served), dtype=bool)


def share(served: np.ndarray) -> float:
    """Share of the ordered pairs of different wallets that are served. ValueError for a single wallet."""
    n = len(served)
    if n < 2:
        raise ValueError("one wallet makes no pair")
    return float(served.sum() / (n * (n - 1)))


def estimate(
    known: Support, formats: Iterable[str] | None = None, *, draws: int = 20_000, seed: int = 1, level: float = 0.95
) -> Estimate:
    """Share of pairs served by some formats (default: all), with an interval for the small number of wallets."""
    formats = [formats] if isinstance(formats, str) else list(known.formats if formats is None else formats)
    at, served = known.columns(formats), reach(known, formats).astype(float)
    sends, receives = known.send[:, at].any(axis=1), known.receive[:, at].any(axis=1)
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(known.wallets) + 1), draws)
    seen, missed = weights[:, :-1], weights[:, -1]
    among_seen = np.einsum("di,ij,dj->d", seen, served, seen)
    pairs = 1 - (seen**2).sum(axis=1)
    most = among_seen + missed * (seen @ sends + seen @ receives) + missed**2
    tail = (1 - level) / 2
    low, high = np.quantile(among_seen / pairs, tail), np.quantile(most / pairs, 1 - tail)
    return Estimate(share(served), float(low), float(min(high, 1)))


def greedy(known: Support, formats: Sequence[str] | None = None) -> pd.DataFrame:
    """Formats in the order in which each adds most pairs, as long as one adds any.

    Columns: format, pairs (served so far), share. Of formats that add the same, the one that stands first is taken.
    """
    left, chosen, rows = list(known.formats if formats is None else formats), [], []
    pairs = 0
    while left:
        counts = [int(reach(known, [*chosen, one]).sum()) for one in left]
        best = int(np.argmax(counts))
        if counts[best] == pairs:
            break
        chosen.append(left.pop(best))
        pairs = counts[best]
        rows.append({"format": chosen[-1], "pairs": pairs, "share": share(reach(known, chosen))})
    return pd.DataFrame(rows, columns=["format", "pairs", "share"])


def fewest(known: Support, target: float, formats: Sequence[str] | None = None) -> tuple[str, ...]:
    """The smallest set of formats that serves at least a share of all pairs, by trying every set.

    ValueError when all formats together do not serve that many.
    """
    names = list(known.formats if formats is None else formats)
    for size in range(len(names) + 1):
        for some in combinations(names, size):
            if share(reach(known, some)) >= target - 1e-12:
                return some
    raise ValueError(f"all {len(names)} formats together serve {share(reach(known, names)):.1%} of the pairs")
