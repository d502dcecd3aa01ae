"""How much block space there is, and how far it goes among people.

Arithmetic on upper bounds: every block is taken as full, on schedule and valid, and its header and coinbase
transaction weigh nothing unless ``reserved_wu`` says otherwise. Results are therefore ceilings.

Arguments may be numbers or NumPy arrays that broadcast; results have the broadcast shape.
Weights are in weight units (WU): one block holds 4,000,000 of them (BIP 141, "Block size").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

SECONDS_PER_DAY = 86_400

Number = float | np.ndarray


@dataclass(frozen=True, slots=True)
class Consensus:
    """Constants of Bitcoin's main chain. Sources are the documents and Bitcoin Core's source files."""

    max_block_weight_wu: int = 4_000_000
    """Largest weight of a block (BIP 141, "Block size"; consensus/consensus.h MAX_BLOCK_WEIGHT)."""
    witness_scale_factor: int = 4
    """Weight units of a byte outside the witness (consensus/consensus.h WITNESS_SCALE_FACTOR)."""
    target_spacing_s: int = 600
    """Seconds between blocks that difficulty aims at (kernel/chainparams.cpp nPowTargetSpacing)."""
    target_timespan_s: int = 1_209_600
    """Seconds that 2,016 blocks should take, two weeks (kernel/chainparams.cpp nPowTargetTimespan)."""
    subsidy_halving_interval_blocks: int = 210_000
    """Blocks between halvings of the subsidy (kernel/chainparams.cpp nSubsidyHalvingInterval)."""
    initial_subsidy_sat: int = 5_000_000_000
    """Subsidy of the first blocks in satoshi (validation.cpp GetBlockSubsidy)."""
    coin_sat: int = 100_000_000
    """Satoshi in one bitcoin (consensus/amount.h COIN)."""
    pow_limit: int = (1 << 224) - 1
    """Largest target that a header may claim (kernel/chainparams.cpp powLimit)."""
    coinbase_maturity_blocks: int = 100
    """Blocks before a coinbase output can be spent (consensus/consensus.h COINBASE_MATURITY)."""

    @property
    def retarget_interval_blocks(self) -> int:
        """Blocks between changes of difficulty: target_timespan_s / target_spacing_s = 2,016."""
        return self.target_timespan_s // self.target_spacing_s


BITCOIN = Consensus()


def _positive(**values: Number) -> None:
    for name, value in values.items():
        if np.asarray(value).dtype.kind not in "iuf":
            raise ValueError(f"{name} is {value!r}; it must be a number greater than 0")
        if not np.all(np.asarray(value) > 0):
            raise ValueError(f"{name} is {value!r}; it must be greater than 0")


def blocks_per_year(spacing_s: Number = BITCOIN.target_spacing_s, days_per_year: Number = 365) -> Number:
    """Blocks in a year of `days_per_year` days when one arrives every `spacing_s` seconds.

    52,560 with the defaults: a year of 365 days, 10 minutes a block. The real chain runs a little faster
    while the hash rate grows, because difficulty follows with a delay.

    Raises ValueError unless both are greater than 0.
    """
    _positive(spacing_s=spacing_s, days_per_year=days_per_year)
    return days_per_year * SECONDS_PER_DAY / spacing_s


def block_weight(consensus: Consensus = BITCOIN, *, share: Number = 1.0, reserved_wu: Number = 0) -> Number:
    """Weight units of one block that are free for a use.

    share: the part of the free space that goes to this use, in (0, 1].
    reserved_wu: weight taken first by header, transaction count and coinbase transaction (0: a strict
    ceiling; Bitcoin Core's miner reserves 8,000 by default, policy/policy.h DEFAULT_BLOCK_RESERVED_WEIGHT).
    """
    if not np.all((np.asarray(share) > 0) & (np.asarray(share) <= 1)):
        raise ValueError(f"share is {share!r}; it must be greater than 0 and at most 1")
    _positive(max_block_weight_wu=consensus.max_block_weight_wu)
    reserved = np.asarray(reserved_wu)
    if not np.all((reserved >= 0) & (reserved < consensus.max_block_weight_wu)):
        raise ValueError(
            f"reserved_wu is {reserved_wu!r}; it must be at least 0 and below {consensus.max_block_weight_wu}"
        )
    return (consensus.max_block_weight_wu - reserved_wu) * share


def weight_per_year(
    consensus: Consensus = BITCOIN,
    *,
    days_per_year: Number = 365,
    share: Number = 1.0,
    reserved_wu: Number = 0,
) -> Number:
    """Weight units a year: blocks a year times the weight of a block (210,240,000,000 with the defaults)."""
    per_block = block_weight(consensus, share=share, reserved_wu=reserved_wu)
    return blocks_per_year(consensus.target_spacing_s, days_per_year) * per_block


def weight_per_person(population: Number, years: Number = 1, consensus: Consensus = BITCOIN, **space: Number) -> Number:
    """Weight units that fall to one of `population` people in `years` years (a year or a lifetime).

    `space` goes to `weight_per_year` (days_per_year, share, reserved_wu).
    """
    _positive(population=population, years=years)
    return weight_per_year(consensus, **space) * years / population


def transactions_per_year(weight_wu: Number, consensus: Consensus = BITCOIN, **space: Number) -> Number:
    """Transactions of `weight_wu` weight units that fit in a year of blocks."""
    _positive(weight_wu=weight_wu)
    return weight_per_year(consensus, **space) / weight_wu


def transactions_per_second(weight_wu: Number, consensus: Consensus = BITCOIN, **space: Number) -> Number:
    """Transactions of `weight_wu` weight units a second.

    The length of the year cancels out: block weight / (weight x spacing). `space` may hold share,
    reserved_wu.
    """
    _positive(weight_wu=weight_wu)
    return block_weight(consensus, **space) / (weight_wu * consensus.target_spacing_s)


def payments_per_person(
    population: Number, weight_wu: Number, years: Number = 1, consensus: Consensus = BITCOIN, **space: Number
) -> Number:
    """On-chain payments of `weight_wu` weight units for each of `population` people in `years` years."""
    _positive(weight_wu=weight_wu)
    return weight_per_person(population, years, consensus, **space) / weight_wu


def channels_per_person(
    population: Number,
    open_wu: Number,
    close_wu: Number,
    years: Number = 1,
    consensus: Consensus = BITCOIN,
    **space: Number,
) -> Number:
    """Payment channels that each of `population` people can open and close again in `years` years.

    open_wu, close_wu: weight units of the funding and of the closing transaction. A channel has two ends; a
    person is counted as paying for the whole of it. Halve the weights to count both ends.
    """
    _positive(open_wu=open_wu, close_wu=close_wu)
    return payments_per_person(population, open_wu + close_wu, years, consensus, **space)


def people_served(weight_wu: Number, every_years: Number, consensus: Consensus = BITCOIN, **space: Number) -> Number:
    """People who can each make one transaction of `weight_wu` weight units every `every_years` years."""
    _positive(every_years=every_years)
    return transactions_per_year(weight_wu, consensus, **space) * every_years


def sharing_table(
    weights_wu: Mapping[str, float],
    population: float,
    lifetime_years: float,
    consensus: Consensus = BITCOIN,
    **space: float,
):
    """What block space buys, one row for each kind of transaction in `weights_wu` (kind -> weight units).

    Returns a DataFrame with the columns kind, weight_wu, per_block, per_second, per_year, per_person_year,
    per_person_lifetime, people_once_a_year, in the order of `weights_wu`.
    """
    import pandas as pd

    if not weights_wu:
        raise ValueError("weights_wu is empty; it must name at least one kind of transaction and its weight")
    kinds, weights = list(weights_wu), np.array(list(weights_wu.values()), dtype=float)
    _positive(weights_wu=weights)
    per_year = transactions_per_year(weights, consensus, **space)
    per_second_space = {name: value for name, value in space.items() if name != "days_per_year"}
    return pd.DataFrame(
        {
            "kind": kinds,
            "weight_wu": list(weights_wu.values()),
            "per_block": block_weight(consensus, **per_second_space) / weights,
            "per_second": transactions_per_second(weights, consensus, **per_second_space),
            "per_year": per_year,
            "per_person_year": payments_per_person(population, weights, 1, consensus, **space),
            "per_person_lifetime": payments_per_person(population, weights, lifetime_years, consensus, **space),
            "people_once_a_year": people_served(weights, 1, consensus, **space),
        }
    )
