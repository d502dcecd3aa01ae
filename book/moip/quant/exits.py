"""Leaving an upper layer for layer 1 without anybody's permission: weight, cost, and how many fit.

An exit is a set of transactions at whose end the owner's key alone locks an output. Their weights are those of
transactions that `moip.quant.transactions` builds, signs and serializes. Whoever leaves pays for them at the fee rate
of the day, so the cost is the smallest balance of which leaving saves anything.

Counted is what must be in the chain. Not counted are a child that raises the fee of a transaction signed long before
(`anchor_child` has its weight), the amount in anchors, and payments in flight unless `htlcs` asks for them.

Units: weight units (WU); a virtual byte is 4 of them (BIP 141); fee rates in satoshi a virtual byte; blocks.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from ..inputs import number
from . import transactions as tx
from .blockspace import BITCOIN, Consensus, block_weight

WU_PER_VBYTE = 4


def _sweep(inputs: int, signature_bytes: int) -> int:
    """Weight units of a transaction that takes `inputs` delayed outputs of one's own commitment to one's own key.

    Each is a to_local output of BOLT 3, spent with a signature and an empty item that chooses the branch.
    """
    script = tx._to_self_script()
    delayed = tx.Lock("to_local", "v0", tx._p2wsh(script), script, ("local delayed",))
    built = tx.Transaction(
        version=2,
        vin=[tx.TransactionInput(*tx._outpoint(i), sequence=tx.TO_SELF_DELAY) for i in range(inputs)],
        vout=[tx.TransactionOutput(tx.COIN_SAT, tx.Script(tx._p2wpkh("own")))],
    )
    locks, values = [delayed] * inputs, [tx.COIN_SAT] * inputs
    for index, one in enumerate(built.vin):
        digest = tx.signature_hash(built, index, locks, values, tx.SIGHASH.ALL)
        signature = tx._ecdsa("local delayed", digest, signature_bytes, tx.SIGHASH.ALL)
        one.witness = tx.Witness([signature, b"", script])
    return tx.measure(built.serialize()).weight_wu


def anchor_child(signature_bytes: int = 72) -> int:
    """Weight units of a child that spends an anchor and one P2WPKH output of one's own to raise the parent's fee."""
    script = tx._script(tx._pub("channel/0"), "CHECKSIG", "IFDUP", "NOTIF", 16, "CHECKSEQUENCEVERIFY", "ENDIF")
    anchor = tx.Lock("anchor", "v0", tx._p2wsh(script), script, ("channel/0",))
    purse = tx.lock("p2wpkh", "purse")
    built = tx.Transaction(
        version=2,
        vin=[tx.TransactionInput(*tx._outpoint(i)) for i in range(2)],
        vout=[tx.TransactionOutput(tx.COIN_SAT, tx.Script(tx._p2wpkh("purse")))],
    )
    locks, values = [anchor, purse], [tx.ANCHOR_SAT, tx.COIN_SAT]
    for index, lock in enumerate(locks):
        digest = tx.signature_hash(built, index, locks, values, tx.SIGHASH.ALL)
        signature = tx._ecdsa(lock.signers[0], digest, signature_bytes, tx.SIGHASH.ALL)
        built.vin[index].witness = tx.Witness([signature, script if index == 0 else tx._pub(lock.signers[0])])
    return tx.measure(built.serialize()).weight_wu


def lightning_exit(htlcs: int = 0, signature_bytes: int = 72) -> pd.DataFrame:
    """A channel with anchors closed by one side, step by step: columns step, transactions, weight_wu.

    htlcs: payments in flight that this side has offered; each times out in a transaction of its own (BOLT 3), and its
    output is swept together with the balance. By BOLT 3 the opener of the channel pays for the commitment.
    """
    rows = [
        ("commitment", 1, tx.lightning_commitment(htlcs, anchors=True, signature_bytes=signature_bytes).size.weight_wu)
    ]
    if htlcs:
        one = tx.lightning_htlc(success=False, anchors=True, signature_bytes=signature_bytes).size.weight_wu
        rows.append(("timeouts", htlcs, htlcs * one))
    rows.append(("sweep", 1, _sweep(1 + htlcs, signature_bytes)))
    return pd.DataFrame(rows, columns=["step", "transactions", "weight_wu"])


def tree_exit(leaves: int, signature_bytes: int = 72) -> pd.DataFrame:
    """A leaf of a binary tree of pre-signed taproot transactions taken out, step by step: columns as above.

    ValueError unless there are at least 2 leaves. A lower bound: anchors and children for fees are left out, and the
    leaf is swept as if one key signed.
    """
    if leaves < 2:
        raise ValueError(f"leaves is {leaves!r}; a tree has at least 2")
    levels = math.ceil(math.log2(leaves))
    level = tx.payment(["p2tr"], ["p2tr", "p2tr"], signature_bytes).size.weight_wu
    leaf = tx.payment(["p2tr"], ["p2tr"], signature_bytes).size.weight_wu
    return pd.DataFrame(
        [("tree", levels, levels * level), ("sweep", 1, leaf)], columns=["step", "transactions", "weight_wu"]
    )


def routes(leaves: int = 128, htlcs: int = 0) -> pd.DataFrame:
    """Ways to layer 1, lightest first.

    Columns: route, name, member (of the book's catalog), alone (needs nobody's consent), transactions, weight_wu.
    """
    together = tx.lightning_close().size.weight_wu
    backup = tx.payment(["p2tr"], ["p2tr"]).size.weight_wu
    rows = [
        ("statechain", "Statechain, alone", "mercury-layer", True, 1, backup),
        ("channel-together", "Lightning, both agree", "lightning", False, 1, together),
        *(
            (key, name, member, True, int(steps.transactions.sum()), int(steps.weight_wu.sum()))
            for key, name, member, steps in (
                ("channel-alone", "Lightning, alone", "lightning", lightning_exit(htlcs)),
                ("tree-alone", f"Ark tree of {leaves}, alone", "arkade", tree_exit(leaves)),
            )
        ),
    ]
    table = pd.DataFrame(rows, columns=["route", "name", "member", "alone", "transactions", "weight_wu"])
    return table.sort_values("weight_wu", ignore_index=True)


def smallest_balance(weight_wu: float | np.ndarray, fee_rate: float | np.ndarray) -> np.ndarray:
    """Satoshis that the block space costs: of a smaller balance nothing is left. ValueError for a negative number."""
    if isinstance(fee_rate, str):
        number(fee_rate, "fee_rate", 0)
    weight, rate = np.asarray(weight_wu, float), np.asarray(fee_rate, float)
    for name, value in {"weight_wu": weight, "fee_rate": rate}.items():
        if not (value >= 0).all():
            raise ValueError(f"{name} is {value}; it must not be negative")
    return np.ceil(weight / WU_PER_VBYTE * rate)


def exits_in(blocks: float, weight_wu: float, consensus: Consensus = BITCOIN, *, share: float = 1.0) -> int:
    """Exits of a weight that fit into a window of blocks of which a share is free for them.

    ValueError unless blocks and weight are positive and share is in (0, 1].
    """
    number(blocks, "blocks")
    number(share, "share")
    if blocks <= 0 or weight_wu <= 0:
        raise ValueError(f"blocks is {blocks} and weight_wu is {weight_wu}; both must be greater than 0")
    return int(blocks * block_weight(consensus, share=share) // weight_wu)


def blocks_for(exits: float, weight_wu: float, consensus: Consensus = BITCOIN, *, share: float = 1.0) -> float:
    """Blocks that so many exits fill when a share of the space is theirs. ValueError as in `exits_in`."""
    if exits < 0 or weight_wu <= 0:
        raise ValueError(f"exits is {exits} and weight_wu is {weight_wu}; they must be at least 0 and greater than 0")
    return exits * weight_wu / float(block_weight(consensus, share=share))
