"""Assessments that follow from a protocol: computed here, not typed.

A row of the table ``assessments`` names the call in its field ``computed``, such as ``payment_weight('p2wpkh',
'p2wpkh')``, and holds its result in ``value``. A test compares the two; ``python -m moip.model.computed`` writes the
results into the table.

Weights are those of transactions that `moip.quant.transactions` builds and signs; deadlines come from the table
``protocol_constants`` or from the defaults that the rows' sources publish.
"""

from __future__ import annotations

import ast
import csv
import math
from collections.abc import Callable
from functools import cache

from .. import data

__all__ = ["FUNCTIONS", "evaluate"]

KEY_FAILURE_PER_YEAR = 0.01
"""Assumed probability that a key is stolen, and that it is lost, within a year. Not measured: a yardstick."""
COMMON_CAUSE_SHARE = 0.1
"""Assumed share of both that strikes all keys of a group at once (beta factor)."""
SPARK_INITIAL_TIMELOCK = 2000
"""Blocks, ``InitialTimeLock`` in ``spark/constant.go`` of github.com/buildonspark/spark at 286999c4 (2025-05-17)."""


@cache
def _constants() -> dict[str, float]:
    return data.table("protocol_constants").set_index("constant")["value"].to_dict()


def confirmation_delay(attacker_share: float, risk: float) -> float:
    """Seconds until the risk of a double spend by an attacker with this share of the work falls below ``risk``.

    Blocks by Rosenfeld 2014, times the spacing that the difficulty aims at.
    """
    from ..quant import doublespend

    return doublespend.confirmations_needed(attacker_share, risk) * _constants()["target_spacing_s"]


def payment_weight(lock: str, change: str) -> int:
    """Weight units of a payment with one input and one payee of a kind of lock, and change unless it is ''."""
    from ..quant import transactions

    return transactions.payment([lock], [lock, change] if change else [lock]).size.weight_wu


def input_weight(lock: str) -> int:
    """Weight units of one more input."""
    from ..quant import transactions

    return transactions.input_weight(lock)


def batching_saving(payees: int) -> float:
    """Weight units a payee (negative: saved) by which a batch of P2WPKH payments differs from single ones."""
    from ..quant import transactions

    batch = transactions.payment(["p2wpkh"], ["p2wpkh"] * (payees + 1)).size.weight_wu
    return batch / payees - payment_weight("p2wpkh", "p2wpkh")


def dust_limit(lock: str) -> int:
    """Satoshis below which an output counts as dust (``GetDustThreshold`` in Bitcoin Core, src/policy/policy.cpp).

    Size of the output, and of a segregated witness input that spends it (67 virtual bytes), at the dust relay fee.
    """
    from ..quant import transactions

    spend_vbytes = 32 + 4 + 1 + 107 // 4 + 4
    output_vbytes = transactions.output_weight(lock) // 4
    return math.ceil((output_vbytes + spend_vbytes) * _constants()["dust_relay_fee_sat_per_kvb"] / 1000)


def commitment_weight() -> int:
    """Weight units of a commitment transaction with anchors and no payment in flight (BOLT 3)."""
    from ..quant import transactions

    return transactions.lightning_commitment(0, anchors=True).size.weight_wu


def to_self_delay() -> int:
    """Blocks that a unilateral close makes its own side wait, the default of LND (least) and of Core Lightning."""
    from ..quant import transactions

    return transactions.TO_SELF_DELAY


def hours(blocks: float) -> float:
    """Hours that blocks take at the spacing that the difficulty aims at."""
    return blocks * _constants()["target_spacing_s"] / 3600


def seconds_in_blocks(seconds: float) -> float:
    """Blocks in a time at the spacing that the difficulty aims at."""
    return seconds / _constants()["target_spacing_s"]


def seconds_in_hours(seconds: float) -> float:
    """Hours in a time."""
    return seconds / 3600


def tree_exit_weight(leaves: int) -> int:
    """Weight units from the root of a binary tree of pre-signed taproot transactions to one leaf.

    One transaction with one input and two outputs a level; the last level's output is the leaf.
    """
    from ..quant import transactions

    return math.ceil(math.log2(leaves)) * transactions.payment(["p2tr"], ["p2tr", "p2tr"]).size.weight_wu


def spark_timelock() -> int:
    """Blocks before a fresh Spark leaf can be taken to the chain alone."""
    return SPARK_INITIAL_TIMELOCK


def quorum_theft(k: int, n: int) -> int:
    """Parties of a group of ``n`` who can take the money when ``k`` sign."""
    return k


def quorum_freeze(k: int, n: int) -> int:
    """Parties of a group of ``n`` whose refusal leaves fewer than ``k``."""
    return n - k + 1


def loss(k: int, n: int) -> float:
    """Probability a year that ``k`` of ``n`` keys are stolen or too many are lost, by the assumptions above."""
    from ..quant import quorum

    table = quorum.quorum_table([(k, n)], KEY_FAILURE_PER_YEAR, KEY_FAILURE_PER_YEAR, [COMMON_CAUSE_SHARE])
    return float(table["either"].iloc[0])


FUNCTIONS: dict[str, Callable[..., float]] = {
    function.__name__: function
    for function in (
        confirmation_delay, payment_weight, input_weight, batching_saving, dust_limit, commitment_weight, to_self_delay,
        hours, seconds_in_blocks, seconds_in_hours, tree_exit_weight, spark_timelock, quorum_theft, quorum_freeze, loss,
    )
}  # fmt: skip
"""What a row may call."""


def evaluate(call: str) -> str:
    """The value of a call, as text with six significant digits at most (whole numbers in full).

    A call is a function of `FUNCTIONS` with numbers, texts, differences of numbers or further calls as arguments.
    ValueError for anything else.
    """
    try:
        result = _value(ast.parse(call, mode="eval").body)
    except (SyntaxError, TypeError, KeyError) as error:
        raise ValueError(f"{call!r} is not a call of a function in moip.model.computed ({error})") from None
    return str(int(result)) if float(result).is_integer() else f"{result:.6g}"


def _value(node: ast.expr) -> float | str:
    match node:
        case ast.Constant(value=int() | float() | str() as value):
            return value
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _value(left) - _value(right)  # type: ignore[operator]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return FUNCTIONS[name](*map(_value, arguments))
    raise TypeError(f"not allowed: {ast.unparse(node)}")


def write() -> int:
    """Fill the computed values of ``data/assessments.csv`` in place; the number of cells that changed."""
    path = data.folder() / "assessments.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        fields, rows = list(reader.fieldnames or []), list(reader)
    changed = 0
    for row in rows:
        if row["computed"] and row["value"] != (value := evaluate(row["computed"])):
            row["value"], changed = value, changed + 1
    if changed:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fields, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return changed


if __name__ == "__main__":
    print(f"assessments.csv: {write()} values changed")
