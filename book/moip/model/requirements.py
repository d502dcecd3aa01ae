"""Checks of the numbered requirements on a stack.

A check is a function of a stack that returns `PASSED`, `BROKEN`, `UNDECIDED` (a value that it needs is unknown) or
`VOID` (the requirement does not apply to this stack). The table ``requirements`` names a check for each requirement,
or ``review`` where only a person can tell, and then the result is `REVIEW`.

A check decides from the catalog: from services, properties, trust classes and states. That a stack passes says that
what the tables hold does not contradict the requirement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from .. import data
from .properties import UNKNOWN

if TYPE_CHECKING:
    from .stacks import Stack

__all__ = ["BROKEN", "CHECKS", "PASSED", "REVIEW", "UNDECIDED", "VOID", "judge", "matrix"]

PASSED, BROKEN, UNDECIDED, VOID, REVIEW = "passed", "broken", "undecided", "does not apply", "review"

TRANSFERS = {"pay-output", "pay-hash", "pay-token", "pay-account"}
WEEK_HOURS = 7 * 24
LONGEST_EXIT_BLOCKS = 2016

Check = Callable[["Stack"], str]
CHECKS: dict[str, Check] = {}
"""Name -> check function."""


def _check(function: Check) -> Check:
    CHECKS[function.__name__] = function
    return function


def _result(holds: bool) -> str:
    return PASSED if holds else BROKEN


def _value(stack: Stack, key: str, holds: Callable[[float], bool]) -> str:
    """Whether a property's value meets a condition; `UNDECIDED` if it is unknown."""
    value = stack.value(key)
    return UNDECIDED if value is UNKNOWN else _result(holds(value))


def _known(stack: Stack, *keys: str) -> str:
    """Whether properties are known: an unknown value is one that is not stated."""
    return _result(all(stack.value(key) is not UNKNOWN for key in keys))


def _needs(stack: Stack, service: str) -> bool:
    return any(service in member.needs for member in stack.members)


def _holds_nothing(stack: Stack, layer: int) -> str:
    """Whether no member placed at a layer has the value so that leaving needs its consent."""
    members = stack.layer(layer)
    held = [stack.catalog.value(member.key, "exit_weight") for member in members]
    return _result(math.inf not in held) if members else VOID


# layer 1


@_check
def no_double_spend(stack: Stack) -> str:
    """A member orders spends."""
    return _result("no-double-spend" in stack.offers)


@_check
def owner_signs(stack: Stack) -> str:
    """The rail needs the owner's own lock, and has it."""
    rails = stack.layer(2)
    if not rails:
        return VOID
    return _result("authorization" in stack.offers and all("authorization" in rail.needs for rail in rails))


@_check
def no_single_thief(stack: Stack) -> str:
    """Theft quorum of two or more, or nobody."""
    return _value(stack, "theft_quorum", lambda parties: parties >= 2)


@_check
def no_single_freezer(stack: Stack) -> str:
    """Freeze quorum of two or more, or nobody."""
    return _value(stack, "freeze_quorum", lambda parties: parties >= 2)


@_check
def keys_recoverable(stack: Stack) -> str:
    """Where the owner has keys, there is a copy."""
    return _result("key-recovery" in stack.offers) if "authorization" in stack.offers else VOID


@_check
def rules_in_force(stack: Stack) -> str:
    """No member at layer 1 is proposed or withdrawn; `UNDECIDED` where a status is unknown or unfinished."""
    states = {member.status for member in stack.layer(1)}
    if states & {"proposed", "closed"}:
        return BROKEN
    return PASSED if states <= {"deployed"} else UNDECIDED


@_check
def checks_all_rules(stack: Stack) -> str:
    """A full node is in the stack, where somebody needs to see the chain."""
    if not _needs(stack, "chain-view"):
        return VOID
    return _result(bool({"full-node", "bitcoin-core", "core-wallet"} & {member.technology for member in stack.members}))


@_check
def no_single_key(stack: Stack) -> str:
    """The owner's lock needs several keys or shares."""
    return _result("quorum" in stack.offers) if _needs(stack, "authorization") else VOID


@_check
def deadlines_can_pay(stack: Stack) -> str:
    """Where a time lock is needed, so is a way into a block, and it is offered."""
    return _result("inclusion" in stack.offers) if _needs(stack, "timelock") else VOID


# layer 2


@_check
def offers_transfer(stack: Stack) -> str:
    """A member moves value."""
    return _result(bool(TRANSFERS & stack.offers))


@_check
def states_exit(stack: Stack) -> str:
    """Exit weight and exit delay are known, or known not to exist."""
    return _known(stack, "exit_weight", "exit_delay")


@_check
def has_exit(stack: Stack) -> str:
    """No member holds the value so that leaving needs its consent."""
    value = stack.value("exit_weight")
    return BROKEN if value == math.inf else _result("exit" in stack.offers)


@_check
def exit_in_time(stack: Stack) -> str:
    """Exit delay of at most `LONGEST_EXIT_BLOCKS`."""
    if stack.value("exit_delay") == math.inf:
        return VOID
    return _value(stack, "exit_delay", lambda blocks: blocks <= LONGEST_EXIT_BLOCKS)


@_check
def states_theft_quorum(stack: Stack) -> str:
    """The theft quorum is known."""
    return _known(stack, "theft_quorum")


@_check
def condition_returns(stack: Stack) -> str:
    """Who offers a conditional transfer needs a time lock of layer 1 and has it, or is layer 1 itself."""
    offering = [m for m in stack.members if "conditional-transfer" in m.offers and m.layer == 2]
    if not offering:
        return VOID
    if any(m.trust_class in ("custodial", "federated") for m in offering):
        return UNDECIDED
    return _result("timelock" in stack.offers)


@_check
def fixed_identifiers(stack: Stack) -> str:
    """Where transactions are signed in advance, identifiers are fixed."""
    return _result("fixed-txid" in stack.offers) if _needs(stack, "fixed-txid") else VOID


@_check
def funding_confirmed(stack: Stack) -> str:
    """No channel is used before its funding confirms."""
    technologies = {member.technology for member in stack.members}
    if "zero-conf-channels" in technologies:
        return BROKEN
    return PASSED if technologies & {"lightning", "lnd"} else VOID


@_check
def path_is_blind(stack: Stack) -> str:
    """No operator learns the sender or the receiver outright; `UNDECIDED` where what it learns is unknown."""
    values = [stack.value(key) for key in ("sender_left_operator", "receiver_left_operator")]
    if any(value is not UNKNOWN and value == 0 for value in values):
        return BROKEN
    return UNDECIDED if UNKNOWN in values else PASSED


@_check
def states_amounts(stack: Stack) -> str:
    """Smallest and largest payment are known."""
    return _known(stack, "smallest_payment", "largest_payment")


# layer 3


@_check
def plan_holds_nothing(stack: Stack) -> str:
    """No member placed at layer 3 holds the value."""
    return _holds_nothing(stack, 3)


@_check
def parts_are_atomic(stack: Stack) -> str:
    """Members whose plan has several parts offer that all or none settle."""
    planned = {"mpp", "amp", "cashu-mpp", "submarine-swap", "atomic-swap", "loop", "peerswap", "coinjoin"}
    parts = [member for member in stack.members if member.technology in planned]
    return _result(all("atomic-plan" in member.offers for member in parts)) if parts else VOID


@_check
def deadlines_watched(stack: Stack) -> str:
    """Where watching is needed, somebody does it."""
    return _result("watching" in stack.offers) if _needs(stack, "watching") else VOID


@_check
def states_duty(stack: Stack) -> str:
    """The duty to be online is known."""
    return _known(stack, "online_interval")


@_check
def a_week_away(stack: Stack) -> str:
    """The owner may stay away for `WEEK_HOURS`."""
    return _value(stack, "online_interval", lambda hours: hours >= WEEK_HOURS)


@_check
def states_delay(stack: Stack) -> str:
    """The settlement delay is known."""
    return _known(stack, "settlement_delay")


@_check
def signers_share_a_session(stack: Stack) -> str:
    """Where the owner's lock has several keys, there is a signing session."""
    if "quorum" not in stack.offers or not _needs(stack, "authorization"):
        return VOID
    return _result("signing-session" in stack.offers)


# layer 4


@_check
def outputs_are_fresh(stack: Stack) -> str:
    """No bare address that is given out again."""
    if not any("output-instruction" in member.offers for member in stack.layer(4)):
        return VOID
    return _result("address" not in stack.names)


@_check
def names_are_signed(stack: Stack) -> str:
    """A name, if there is one, is that of BIP 353."""
    naming = [member for member in stack.members if "name" in member.offers]
    return _result(all(member.technology == "bip353" for member in naming)) if naming else VOID


@_check
def abstraction_holds_nothing(stack: Stack) -> str:
    """No member placed at layer 4 holds the value."""
    return _holds_nothing(stack, 4)


@_check
def request_is_private(stack: Stack) -> str:
    """No member at layer 4 shows an operator the receiver or the amount."""
    keys = ("receiver_left_operator", "amount_left_operator")
    values = [stack.catalog.value(member.key, key) for member in stack.layer(4) for key in keys]
    if not values:
        return VOID
    if any(value is not UNKNOWN and value == 0 for value in values):
        return BROKEN
    return UNDECIDED if UNKNOWN in values else PASSED


@_check
def several_rails(stack: Stack) -> str:
    """A member at layer 4 gives instructions for more than one kind of rail."""
    kinds = {"output-instruction", "hash-instruction", "token-instruction"}
    return _result(any(len(kinds & member.offers) > 1 for member in stack.layer(4))) if stack.layer(4) else VOID


@_check
def request_is_current(stack: Stack) -> str:
    """No member at layer 4 is withdrawn. BIP 21 is not: BIP 321 replaced its text and kept its links."""
    members = [member for member in stack.layer(4) if member.technology != "bip21"]
    return _result(all(member.status != "closed" for member in members))


# layer 5


@_check
def person_confirms(stack: Stack) -> str:
    """Somebody captures the person's authorization."""
    return _result("confirm" in stack.offers)


@_check
def person_sees(stack: Stack) -> str:
    """Somebody shows payee and amount."""
    return _result("show" in stack.offers)


@_check
def own_screen(stack: Stack) -> str:
    """A device with a screen of its own confirms."""
    return _result("own-screen" in stack.offers)


@_check
def not_typed(stack: Stack) -> str:
    """An instruction can be scanned, tapped or opened."""
    return _result("capture" in stack.offers)


@_check
def interface_holds_nothing(stack: Stack) -> str:
    """No member placed at layer 5 holds the value."""
    return _holds_nothing(stack, 5)


@cache
def _table() -> pd.DataFrame:
    return data.table("requirements")


def judge(stack: Stack, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Every requirement on a stack: requirement, layer, level, statement, result.

    KeyError for a check that does not exist.
    """
    table = _table() if table is None else table
    results = [REVIEW if name == "review" else CHECKS[name](stack) for name in table["check"]]
    return table[["requirement", "layer", "level", "statement"]].assign(result=results)


def matrix(stacks: Iterable[Stack], table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Results of every decidable requirement (rows) for every stack (columns, by its text)."""
    table = _table() if table is None else table
    table = table[table["check"] != "review"]
    results = {str(stack): [CHECKS[name](stack) for name in table["check"]] for stack in stacks}
    return pd.concat([table[["requirement", "level"]].reset_index(drop=True), pd.DataFrame(results)], axis=1)
