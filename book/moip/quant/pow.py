"""Proof of work: headers, targets, work, hash rate, and the intervals between blocks.

Byte order: a header is 80 bytes with little-endian numbers and hashes in internal order. Hashes and targets
that a person reads are the same bytes reversed ("display order"), as explorers and Bitcoin Core's RPC show
them. The compact form `bits` is a number here, 0x1d00ffff for block 0.

Formulas follow Bitcoin Core: arith_uint256.cpp (SetCompact, GetCompact), pow.cpp (DeriveTarget,
CheckProofOfWorkImpl, CalculateNextWorkRequired), chain.cpp (GetBitsProof), rpc/blockchain.cpp
(GetDifficulty).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from moip.quant.blockspace import BITCOIN, Consensus

DIFFICULTY_1_TARGET = 0xFFFF << 208
"""Target of difficulty 1: what bits 0x1d00ffff stand for."""


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of a block header, and its hash: hashes as hex in display order, time in Unix seconds."""

    version: int
    prev_hash: str
    merkle_root: str
    time: int
    bits: int
    nonce: int
    hash: str


def _header_bytes(header: str | bytes) -> bytes:
    if isinstance(header, str):
        try:
            header = bytes.fromhex(header)
        except ValueError:
            raise ValueError("header is not hexadecimal; it must be 160 hex digits") from None
    if len(header) != 80:
        raise ValueError(f"header has {len(header)} bytes; a block header has 80")
    return bytes(header)


def header_hash(header: str | bytes) -> str:
    """Double SHA-256 of a header (80 bytes or 160 hex digits), as hex in display order."""
    raw = _header_bytes(header)
    return hashlib.sha256(hashlib.sha256(raw).digest()).digest()[::-1].hex()


def parse_header(header: str | bytes) -> Header:
    """The fields of a header given as 80 bytes or 160 hex digits. ValueError for any other length."""
    raw = _header_bytes(header)
    return Header(
        version=int.from_bytes(raw[:4], "little", signed=True),
        prev_hash=raw[4:36][::-1].hex(),
        merkle_root=raw[36:68][::-1].hex(),
        time=int.from_bytes(raw[68:72], "little"),
        bits=int.from_bytes(raw[72:76], "little"),
        nonce=int.from_bytes(raw[76:80], "little"),
        hash=header_hash(raw),
    )


def _decode_bits(bits: int) -> tuple[int, bool, bool]:
    """Target, negative, overflow, as SetCompact gives them."""
    if not 0 <= bits <= 0xFFFF_FFFF:
        raise ValueError(f"bits is {bits!r}; it must fit in 32 bits")
    size, word = bits >> 24, bits & 0x007F_FFFF
    target = word >> 8 * (3 - size) if size <= 3 else word << 8 * (size - 3)
    word = target if size <= 3 else word
    negative = word != 0 and bool(bits & 0x0080_0000)
    overflow = word != 0 and (size > 34 or (word > 0xFF and size > 33) or (word > 0xFFFF and size > 32))
    return target, negative, overflow


def bits_valid(bits: int, pow_limit: int = BITCOIN.pow_limit) -> bool:
    """Whether `bits` stand for an admissible target: above 0, no overflow, at most `pow_limit`."""
    target, negative, overflow = _decode_bits(bits)
    return not negative and not overflow and 0 < target <= pow_limit


def target_from_bits(bits: int) -> int:
    """The 256-bit target that `bits` stand for (SetCompact).

    ValueError if the sign bit is set, if the number does not fit in 256 bits, or if it is zero: no hash can
    meet it.
    """
    target, negative, overflow = _decode_bits(bits)
    if negative or overflow or target == 0:
        why = "negative" if negative else "larger than 256 bits" if overflow else "zero"
        raise ValueError(f"bits 0x{bits:08x} stand for a target that is {why}; it must be in 1 .. 2**256 - 1")
    return target


def bits_from_target(target: int) -> int:
    """The compact form of a target (GetCompact); it keeps at most the leading 23 bits and rounds down."""
    if not 0 < target < 1 << 256:
        raise ValueError(f"target is {target!r}; it must be in 1 .. 2**256 - 1")
    size = (target.bit_length() + 7) // 8
    word = target << 8 * (3 - size) if size <= 3 else target >> 8 * (size - 3)
    if word & 0x0080_0000:  # the leading bit is the sign
        word, size = word >> 8, size + 1
    return word | size << 24


def difficulty(bits: int) -> float:
    """How many times smaller the target is than that of difficulty 1 (no unit)."""
    return DIFFICULTY_1_TARGET / target_from_bits(bits)


def block_work(bits: int) -> int:
    """Hashes that a block with these bits takes on average: floor(2**256 / (target + 1)) (GetBitsProof)."""
    return (1 << 256) // (target_from_bits(bits) + 1)


def verify_header(header: str | bytes, pow_limit: int = BITCOIN.pow_limit) -> bool:
    """Whether the header's hash meets the target that the header claims, and the claim is admissible.

    This is the proof of work alone (CheckProofOfWorkImpl). It does not say that the claimed target is the one
    the chain requires at that height, nor that the block is valid.
    """
    fields = parse_header(header)
    return bits_valid(fields.bits, pow_limit) and int(fields.hash, 16) <= target_from_bits(fields.bits)


def next_bits(bits: int, timespan_s: int, consensus: Consensus = BITCOIN) -> int:
    """Bits after a retarget (pow.cpp, CalculateNextWorkRequired).

    timespan_s: time of the last block of the period minus time of its first. It spans 2,015 intervals, not
    2,016, and is cut to a quarter and to four times two weeks.
    """
    timespan = min(max(timespan_s, consensus.target_timespan_s // 4), consensus.target_timespan_s * 4)
    target = target_from_bits(bits) * timespan // consensus.target_timespan_s
    return bits_from_target(min(target, consensus.pow_limit))


def chain_work_at_epochs(bits: Sequence[int], consensus: Consensus = BITCOIN) -> list[int]:
    """Cumulative work up to and including the first block of each epoch of 2,016 blocks.

    bits: of the first block of epoch 0, 1, 2, ...: all blocks of an epoch have the same bits on the main
    chain. Item k is the work of blocks 0 .. 2016 k: 2,016 times the work of each earlier epoch's block, and
    one block more.
    """
    works = [block_work(b) for b in bits]
    totals, before = [], 0
    for work in works:
        totals.append(before + work)
        before += consensus.retarget_interval_blocks * work
    return totals


def implied_hashrate(work: float, seconds: float) -> float:
    """Hashes a second that do `work` hashes in `seconds` seconds.

    An estimate: with n blocks its relative standard error is about 1 / sqrt(n), and header times may be off
    by hours.
    """
    if seconds <= 0:
        raise ValueError(f"seconds is {seconds!r}; it must be greater than 0")
    return work / seconds


def header_table(headers: pd.DataFrame | Sequence[str], column: str = "header_hex") -> pd.DataFrame:
    """Every header parsed and verified.

    headers: a DataFrame with the headers as hex in `column` (its `height` column is kept), or a sequence of
    hex strings.

    Columns: height (if given), hash, prev_hash, version, time_utc, bits (8 hex digits), nonce, target and
    work (Python integers, exact), difficulty, valid (see `verify_header`). The index is that of the input.
    """
    if not isinstance(headers, pd.DataFrame):
        headers = pd.DataFrame({column: list(headers)})
    if column not in headers:
        raise ValueError(f"the table has no column {column!r}; it has {', '.join(map(str, headers.columns))}")
    rows = [parse_header(text) for text in headers[column]]
    targets = [target_from_bits(row.bits) for row in rows]
    table = pd.DataFrame(
        {
            "hash": [row.hash for row in rows],
            "prev_hash": [row.prev_hash for row in rows],
            "version": [row.version for row in rows],
            "time_utc": pd.to_datetime([row.time for row in rows], unit="s").as_unit("s"),
            "bits": [f"{row.bits:08x}" for row in rows],
            "nonce": [row.nonce for row in rows],
            "target": pd.Series(targets, dtype=object).to_numpy(),
            "difficulty": [DIFFICULTY_1_TARGET / target for target in targets],
            "work": pd.Series([block_work(row.bits) for row in rows], dtype=object).to_numpy(),
            "valid": [
                bits_valid(row.bits) and int(row.hash, 16) <= target for row, target in zip(rows, targets, strict=True)
            ],
        },
        index=headers.index,
    )
    if "height" in headers:
        table.insert(0, "height", headers["height"])
    return table


def epoch_table(headers: pd.DataFrame, column: str = "header_hex", consensus: Consensus = BITCOIN) -> pd.DataFrame:
    """Work and hash rate between consecutive first blocks of epochs.

    headers: `height` and the header hex in `column`; heights must be consecutive multiples of 2,016.

    One row for each step, named after the later block: height, time_utc, blocks, seconds, mean_interval_s,
    work
    (hashes, exact integer: 2,015 blocks of the old bits and one of the new), hashrate_hs.
    """
    table = header_table(headers, column)
    if "height" not in table:
        raise ValueError("the table has no column 'height'; it is needed to count blocks")
    step = consensus.retarget_interval_blocks
    heights = table.height.to_numpy()
    if len(heights) < 2 or np.any(heights % step) or np.any(np.diff(heights) != step):
        raise ValueError(f"heights must be at least two consecutive multiples of {step}")
    work = table.work.to_numpy()
    steps = (step - 1) * work[:-1] + work[1:]
    seconds = table.time_utc.diff().dt.total_seconds().to_numpy()[1:]
    return pd.DataFrame(
        {
            "height": heights[1:],
            "time_utc": table.time_utc.to_numpy()[1:],
            "blocks": step,
            "seconds": seconds,
            "mean_interval_s": seconds / step,
            "work": steps,
            "hashrate_hs": [implied_hashrate(w, s) for w, s in zip(steps, seconds, strict=True)],
        }
    )


def exponential_bins(edges_s: Sequence[float], mean_s: float = BITCOIN.target_spacing_s) -> np.ndarray:
    """Probability of an interval in each bin [edge, next edge) when blocks arrive as a Poisson process.

    F(t) = 1 - exp(-t / mean). edges_s: n + 1 rising edges in seconds, the last may be infinite; returns n
    values.
    """
    if mean_s <= 0:
        raise ValueError(f"mean_s is {mean_s!r}; it must be greater than 0")
    edges = np.asarray(edges_s, dtype=float)
    if edges.ndim != 1 or len(edges) < 2 or edges[0] < 0 or np.any(np.diff(edges) <= 0):
        raise ValueError("edges_s must be at least two rising numbers, none below 0")
    return -np.diff(np.exp(-edges / mean_s))


@dataclass(frozen=True, slots=True)
class IntervalFit:
    """How well binned intervals follow an exponential law; `fit_intervals` explains the fields."""

    blocks: int
    mean_s: float
    mean_estimated: bool
    bins: int
    chi2: float
    dof: int
    chi2_p: float
    ks: float
    ks_p_upper: float
    total_variation: float
    table: pd.DataFrame


def fit_intervals(
    counts: Sequence[int],
    width_s: float = 60,
    mean_s: float | None = None,
    open_last: bool = False,
    min_expected: float = 5,
) -> IntervalFit:
    """Compare a histogram of block intervals with the exponential law.

    counts: intervals in the bins [0, width), [width, 2 width), ...; with `open_last` the last bin has no
    upper edge.
    mean_s: mean of the law in seconds. None estimates it by maximum likelihood from the bins: the bin number
    k is geometric with ratio r = exp(-width / mean), and r = S / (S + closed), S the sum of k over all
    intervals and `closed` the number of intervals outside an open last bin.

    chi2, dof, chi2_p: Pearson's statistic over neighboring bins merged until each expects `min_expected`, the
    rest of the right tail included; dof = bins - 1, less 1 when the mean is estimated.
    ks, ks_p_upper: largest distance between the distribution functions at the bin edges, and Kolmogorov's
    limit for it.
    total_variation: half the sum of |observed - expected| shares over the merged bins, the size of the misfit
    (0 .. 1).
    table: bin_start_s, observed, expected for the bins as given.

    Caveats. Bins hide distances, and an estimated mean fits itself to the data: both make ks smaller, so
    ks_p_upper is an upper bound (a small value counts against the law, a large one says little). With tens of
    thousands of blocks any real drift of the hash rate, and any error of the clock that logged arrivals, gives
    a small p: read total_variation for the size.

    Raises ValueError for negative or missing counts, or when fewer than three merged bins remain.
    """
    from scipy.special import chdtrc, kolmogorov

    observed = np.asarray(counts, dtype=float)
    if observed.ndim != 1 or len(observed) < 3 or np.any(observed < 0) or not np.all(np.isfinite(observed)):
        raise ValueError("counts must be at least three numbers, none below 0")
    if width_s <= 0:
        raise ValueError(f"width_s is {width_s!r}; it must be greater than 0")
    total = observed.sum()
    if total <= 0:
        raise ValueError("counts are all 0; there is nothing to fit")
    estimated = mean_s is None
    if estimated:
        steps = float(observed @ np.arange(len(observed)))
        closed = total - observed[-1] if open_last else total
        if steps <= 0 or closed <= 0:
            raise ValueError("all intervals are in one bin; the mean cannot be estimated")
        mean_s = width_s / np.log1p(closed / steps)
    edges = width_s * np.arange(len(observed) + 1.0)
    if open_last:
        edges[-1] = np.inf
    expected = total * exponential_bins(edges, mean_s)
    table = pd.DataFrame({"bin_start_s": edges[:-1], "observed": observed.astype(int), "expected": expected})

    tail = total - expected.sum()
    full_observed, full_expected = np.append(observed, 0.0), np.append(expected, max(tail, 0.0))
    merged: list[list[float]] = []
    group = [0.0, 0.0]
    for seen, due in zip(full_observed, full_expected, strict=True):
        group = [group[0] + seen, group[1] + due]
        if group[1] >= min_expected:
            merged.append(group)
            group = [0.0, 0.0]
    if merged:
        merged[-1] = [merged[-1][0] + group[0], merged[-1][1] + group[1]]
    dof = len(merged) - 1 - estimated
    if dof < 1:
        raise ValueError(f"only {len(merged)} bins expect {min_expected} intervals; the test needs at least three")
    seen, due = np.array(merged).T
    chi2 = float(((seen - due) ** 2 / due).sum())
    ks = float(np.abs(np.cumsum(observed) - np.cumsum(expected)).max() / total)
    return IntervalFit(
        blocks=int(total),
        mean_s=float(mean_s),
        mean_estimated=estimated,
        bins=len(merged),
        chi2=chi2,
        dof=int(dof),
        chi2_p=float(chdtrc(dof, chi2)),
        ks=ks,
        ks_p_upper=float(kolmogorov(np.sqrt(total) * ks)),
        total_variation=float(np.abs(seen - due).sum() / total / 2),
        table=table,
    )
