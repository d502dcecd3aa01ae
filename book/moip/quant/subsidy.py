"""The issuance schedule, and the fees that would replace it.

The rule is ``GetBlockSubsidy`` of Bitcoin Core (validation.cpp): 50 bitcoin, shifted right by one bit every
210,000 blocks, zero from the 64th shift. Amounts are whole satoshi.

The schedule is what the rules allow. What exists is a little less: the coinbase output of block 0 cannot be
spent, and some blocks claimed less than they were allowed.
"""

from __future__ import annotations

import pandas as pd

from moip.quant.blockspace import BITCOIN, Consensus


def _whole(name: str, value: int) -> int:
    if isinstance(value, bool) or int(value) != value or value < 0:
        raise ValueError(f"{name} is {value!r}; it must be a whole number of at least 0")
    return int(value)


def epoch(height: int, consensus: Consensus = BITCOIN) -> int:
    """Number of halvings before the block at `height` (0 for blocks 0 to 209,999)."""
    return _whole("height", height) // consensus.subsidy_halving_interval_blocks


def epoch_subsidy(number: int, consensus: Consensus = BITCOIN) -> int:
    """Subsidy of every block of epoch `number`, in satoshi."""
    number = _whole("number", number)
    return 0 if number >= 64 else consensus.initial_subsidy_sat >> number


def subsidy(height: int, consensus: Consensus = BITCOIN) -> int:
    """New satoshi that the block at `height` may create (Bitcoin Core, validation.cpp, GetBlockSubsidy)."""
    return epoch_subsidy(epoch(height, consensus), consensus)


def supply(height: int, consensus: Consensus = BITCOIN) -> int:
    """Satoshi that blocks 0 to `height`, both included, were allowed to create: the sum of `subsidy`."""
    complete, rest = divmod(_whole("height", height) + 1, consensus.subsidy_halving_interval_blocks)
    issued = (
        sum(epoch_subsidy(n, consensus) for n in range(min(complete, 64))) * consensus.subsidy_halving_interval_blocks
    )
    return issued + rest * epoch_subsidy(complete, consensus)


def final_supply(consensus: Consensus = BITCOIN) -> int:
    """Satoshi that will ever have been allowed: 2,099,999,997,690,000 on the main chain."""
    return supply(64 * consensus.subsidy_halving_interval_blocks - 1, consensus)


def last_subsidy_height(consensus: Consensus = BITCOIN) -> int:
    """Height of the last block with a subsidy: 6,929,999 on the main chain."""
    return consensus.initial_subsidy_sat.bit_length() * consensus.subsidy_halving_interval_blocks - 1


def estimated_time(
    height: int,
    anchor_height: int,
    anchor_time: str | pd.Timestamp,
    spacing_s: float = BITCOIN.target_spacing_s,
) -> pd.Timestamp:
    """When the block at `height` is due, at `spacing_s` seconds a block from a known block (UTC, no zone).

    A projection, not a forecast: at 600 seconds a block the error grows with the distance, and growing hash
    rate has made past epochs shorter than the rule intends.
    """
    if spacing_s <= 0:
        raise ValueError(f"spacing_s is {spacing_s!r}; it must be greater than 0")
    anchor = pd.Timestamp(anchor_time)
    anchor = anchor if anchor.tzinfo is None else anchor.tz_convert(None)
    return anchor + pd.Timedelta(seconds=(height - anchor_height) * spacing_s)


def schedule(
    epochs: int | None = None,
    anchor: tuple[int, str | pd.Timestamp] | None = None,
    consensus: Consensus = BITCOIN,
) -> pd.DataFrame:
    """The schedule, one row an epoch.

    epochs: rows (default: every epoch with a subsidy, 33 on the main chain).
    anchor: height and time of a known block; adds `estimated_start` (see `estimated_time`) for the
    epochs that begin after it; earlier ones have a history, which is not estimated, and hold NaT.

    Columns: epoch, first_height, last_height, subsidy_sat, issued_in_epoch_sat, supply_at_end_sat,
    share_of_final_supply (at the end of the epoch), yearly_inflation (subsidy of a year of 52,560 blocks over
    the supply at the start of the epoch; undefined for epoch 0), and estimated_start when there is an anchor.
    """
    interval = consensus.subsidy_halving_interval_blocks
    if epochs is None:
        epochs = consensus.initial_subsidy_sat.bit_length()
    if epochs < 1:
        raise ValueError(f"epochs is {epochs!r}; it must be at least 1")
    blocks_a_year = 365 * 86_400 / consensus.target_spacing_s
    table = pd.DataFrame({"epoch": range(epochs)}).assign(
        first_height=lambda t: t.epoch * interval,
        last_height=lambda t: (t.epoch + 1) * interval - 1,
        subsidy_sat=lambda t: [epoch_subsidy(n, consensus) for n in t.epoch],
        issued_in_epoch_sat=lambda t: t.subsidy_sat * interval,
        supply_at_end_sat=lambda t: t.issued_in_epoch_sat.cumsum(),
        share_of_final_supply=lambda t: t.supply_at_end_sat / final_supply(consensus),
        yearly_inflation=lambda t: t.subsidy_sat * blocks_a_year / t.supply_at_end_sat.shift(1),
    )
    if anchor is not None:
        height, time = anchor
        table["estimated_start"] = [
            estimated_time(first, height, time, consensus.target_spacing_s) if first > height else pd.NaT
            for first in table.first_height
        ]
    return table


def fee_needed(
    height: int,
    target_sat: int | None = None,
    block_vbytes: float = BITCOIN.max_block_weight_wu / BITCOIN.witness_scale_factor,
    transactions: float | None = None,
    consensus: Consensus = BITCOIN,
) -> dict[str, float]:
    """Fees a block at `height` has to carry so that subsidy and fees together reach `target_sat`.

    target_sat: income of a block in satoshi. None asks for the fee that would replace the subsidy of this
    very block (target = subsidy, subsidy = 0).
    block_vbytes: virtual bytes sold in a block (1,000,000 when full).
    transactions: transactions in a block, to give the fee of one.

    Returns fee_sat_per_block, fee_sat_per_vbyte and, with `transactions`, fee_sat_per_transaction. The fee is
    0 where the subsidy alone reaches the target. Amounts are in bitcoin's own unit: nothing is said about
    purchasing power.
    """
    if block_vbytes <= 0:
        raise ValueError(f"block_vbytes is {block_vbytes!r}; it must be greater than 0")
    if target_sat is not None and target_sat < 0:
        raise ValueError(f"target_sat is {target_sat!r}; it must be at least 0")
    if transactions is not None and transactions <= 0:
        raise ValueError(f"transactions is {transactions!r}; it must be greater than 0")
    new = subsidy(height, consensus)
    fee = new if target_sat is None else max(target_sat - new, 0)
    result = {"fee_sat_per_block": fee, "fee_sat_per_vbyte": fee / block_vbytes}
    if transactions is not None:
        result["fee_sat_per_transaction"] = fee / transactions
    return result


def fee_schedule(
    target_sat: int | None = None,
    epochs: int = 12,
    block_vbytes: float = BITCOIN.max_block_weight_wu / BITCOIN.witness_scale_factor,
    consensus: Consensus = BITCOIN,
) -> pd.DataFrame:
    """`fee_needed` for the first `epochs` epochs: epoch, first_height, subsidy_sat, fee_sat_per_block,
    fee_sat_per_vbyte."""
    table = schedule(epochs, consensus=consensus)[["epoch", "first_height", "subsidy_sat"]]
    fees = [fee_needed(h, target_sat, block_vbytes, consensus=consensus) for h in table.first_height]
    return table.assign(**pd.DataFrame(fees))
