"""The numbered requirements on many stacks at once: what `moip.model.requirements` says of one, for arrays of codes.

>>> from moip.model.audit import audit, counts
>>> from moip.model.enumerate import Space, find
>>> space = Space.of()
>>> results = audit(space, find(space))
>>> counts(results).loc["MOIP-L1-01", "passed"] == len(results["MOIP-L1-01"])
True

Each rule here is written a second time, over arrays; ``tests/test_model_audit.py`` holds it against the check of the
same name, stack by stack.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
import pandas as pd

from .. import data
from . import requirements
from .catalog import Member
from .enumerate import Space, _gather, fold
from .requirements import BROKEN, LONGEST_EXIT_BLOCKS, PASSED, TRANSFERS, UNDECIDED, VOID, WEEK_HOURS
from .rules import SLOT_LAYERS

__all__ = ["RESULTS", "audit", "counts", "unbroken"]

RESULTS = (PASSED, BROKEN, UNDECIDED, VOID)
"""What the codes 0 to 3 of a result stand for."""
GOOD, BAD, OPEN, NONE = range(4)

Bools = np.ndarray
Rule = Callable[["_Stacks"], np.ndarray]


class _Stacks:
    """Stacks by code, as the rules ask about them."""

    def __init__(self, space: Space, codes: np.ndarray) -> None:
        self.space, self.codes, self.catalog = space, codes, space.catalog
        self.bit = {service: np.uint64(1 << i) for i, service in enumerate(self.catalog.services)}
        self.offers, self.needs = _gather(space.offers, codes), _gather(space.needs, codes)
        self._values: dict[str, np.ndarray] = {}

    def offered(self, *services: str) -> Bools:
        """Whether a member offers one of the services."""
        return (self.offers & np.bitwise_or.reduce([self.bit[one] for one in services])) != 0

    def needed(self, service: str) -> Bools:
        """Whether a member needs the service."""
        return (self.needs & self.bit[service]) != 0

    def value(self, key: str) -> np.ndarray:
        """A property of each stack; NaN where unknown."""
        if key not in self._values:
            self._values |= fold(self.space, self.codes, [key])
        return self._values[key]

    def some(self, holds: Callable[[Member], bool], layer: int | None = None) -> Bools:
        """Whether a member (at a layer, if one is given) is such."""
        found = np.zeros(len(self.codes), dtype=bool)
        for position, slot in enumerate(self.space.slots):
            if layer in (None, SLOT_LAYERS[slot]):
                names = self.space.choices[position]
                such = np.array([bool(name) and holds(self.catalog.members[name]) for name in names])
                found |= such[self.codes[:, position]]
        return found

    def has(self, technologies: Collection[str]) -> Bools:
        """Whether a member is one of the technologies."""
        return self.some(lambda member: member.technology in technologies)


def _result(holds: Bools, *, void: Bools | bool = False, unknown: Bools | bool = False) -> np.ndarray:
    """Codes of results: void before broken, broken before unknown."""
    return np.select([void, holds, unknown], [NONE, GOOD, OPEN], BAD).astype(np.int8)


def _compared(values: np.ndarray, holds: Bools, void: Bools | bool = False) -> np.ndarray:
    """`UNDECIDED` where a value that must be compared is unknown."""
    unknown = np.isnan(values)
    return _result(holds & ~unknown, void=void, unknown=unknown)


def _stated(s: _Stacks, *keys: str) -> np.ndarray:
    return _result(~np.any([np.isnan(s.value(key)) for key in keys], axis=0))


def _holds_nothing(layer: int) -> Rule:
    def rule(s: _Stacks) -> np.ndarray:
        holds = s.some(lambda member: s.catalog.value(member.key, "exit_weight") == np.inf, layer)
        return _result(~holds, void=~s.some(lambda member: True, layer))

    return rule


def _rules_in_force(s: _Stacks) -> np.ndarray:
    dead = s.some(lambda member: member.status in {"proposed", "closed"}, 1)
    return _result(~dead & ~s.some(lambda member: member.status != "deployed", 1), unknown=~dead)


def _owner_signs(s: _Stacks) -> np.ndarray:
    bound = ~s.some(lambda member: "authorization" not in member.needs, 2)
    return _result(s.offered("authorization") & bound, void=~s.some(lambda member: True, 2))


def _condition_returns(s: _Stacks) -> np.ndarray:
    def offering(member: Member) -> bool:
        return "conditional-transfer" in member.offers

    held = s.some(lambda member: offering(member) and member.trust_class in ("custodial", "federated"), 2)
    return _result(s.offered("timelock") & ~held, void=~s.some(offering, 2), unknown=held)


def _funding_confirmed(s: _Stacks) -> np.ndarray:
    early = s.has({"zero-conf-channels"})
    return _result(~early, void=~early & ~s.has({"lightning", "lnd"}))


def _path_is_blind(s: _Stacks) -> np.ndarray:
    left = [s.value(key) for key in ("sender_left_operator", "receiver_left_operator")]
    seen = np.any([value == 0 for value in left], axis=0)
    unknown = np.any([np.isnan(value) for value in left], axis=0)
    return _result(~seen & ~unknown, unknown=unknown & ~seen)


def _request_is_private(s: _Stacks) -> np.ndarray:
    def left(member: Member) -> list:
        return [s.catalog.value(member.key, key) for key in ("receiver_left_operator", "amount_left_operator")]

    seen = s.some(lambda member: any(value == 0 for value in left(member)), 4)
    unknown = s.some(lambda member: requirements.UNKNOWN in left(member), 4)
    return _result(~seen & ~unknown, void=~s.some(lambda member: True, 4), unknown=unknown & ~seen)


def _parts_are_atomic(s: _Stacks) -> np.ndarray:
    planned = {"mpp", "amp", "cashu-mpp", "submarine-swap", "atomic-swap", "loop", "peerswap", "coinjoin"}
    loose = s.some(lambda member: member.technology in planned and "atomic-plan" not in member.offers)
    return _result(~loose, void=~s.has(planned))


def _names_are_signed(s: _Stacks) -> np.ndarray:
    other = s.some(lambda member: "name" in member.offers and member.technology != "bip353")
    return _result(~other, void=~s.offered("name"))


def _several_rails(s: _Stacks) -> np.ndarray:
    kinds = {"output-instruction", "hash-instruction", "token-instruction"}
    return _result(s.some(lambda member: len(kinds & member.offers) > 1, 4), void=~s.some(lambda member: True, 4))


RULES: dict[str, Rule] = {
    "no_double_spend": lambda s: _result(s.offered("no-double-spend")),
    "owner_signs": _owner_signs,
    "no_single_thief": lambda s: _compared(s.value("theft_quorum"), s.value("theft_quorum") >= 2),
    "no_single_freezer": lambda s: _compared(s.value("freeze_quorum"), s.value("freeze_quorum") >= 2),
    "keys_recoverable": lambda s: _result(s.offered("key-recovery"), void=~s.offered("authorization")),
    "rules_in_force": _rules_in_force,
    "checks_all_rules": lambda s: _result(
        s.has({"full-node", "bitcoin-core", "core-wallet"}), void=~s.needed("chain-view")
    ),
    "no_single_key": lambda s: _result(s.offered("quorum"), void=~s.needed("authorization")),
    "deadlines_can_pay": lambda s: _result(s.offered("inclusion"), void=~s.needed("timelock")),
    "offers_transfer": lambda s: _result(s.offered(*TRANSFERS)),
    "states_exit": lambda s: _stated(s, "exit_weight", "exit_delay"),
    "has_exit": lambda s: _result(s.offered("exit") & (s.value("exit_weight") != np.inf)),
    "exit_in_time": lambda s: _compared(
        s.value("exit_delay"), s.value("exit_delay") <= LONGEST_EXIT_BLOCKS, s.value("exit_delay") == np.inf
    ),
    "states_theft_quorum": lambda s: _stated(s, "theft_quorum"),
    "condition_returns": _condition_returns,
    "fixed_identifiers": lambda s: _result(s.offered("fixed-txid"), void=~s.needed("fixed-txid")),
    "funding_confirmed": _funding_confirmed,
    "path_is_blind": _path_is_blind,
    "states_amounts": lambda s: _stated(s, "smallest_payment", "largest_payment"),
    "plan_holds_nothing": _holds_nothing(3),
    "parts_are_atomic": _parts_are_atomic,
    "deadlines_watched": lambda s: _result(s.offered("watching"), void=~s.needed("watching")),
    "states_duty": lambda s: _stated(s, "online_interval"),
    "a_week_away": lambda s: _compared(s.value("online_interval"), s.value("online_interval") >= WEEK_HOURS),
    "states_delay": lambda s: _stated(s, "settlement_delay"),
    "signers_share_a_session": lambda s: _result(
        s.offered("signing-session"), void=~(s.offered("quorum") & s.needed("authorization"))
    ),
    "outputs_are_fresh": lambda s: _result(
        ~s.some(lambda member: member.key == "address"),
        void=~s.some(lambda member: "output-instruction" in member.offers, 4),
    ),
    "names_are_signed": _names_are_signed,
    "abstraction_holds_nothing": _holds_nothing(4),
    "request_is_private": _request_is_private,
    "several_rails": _several_rails,
    "request_is_current": lambda s: _result(
        ~s.some(lambda member: member.status == "closed" and member.technology != "bip21", 4)
    ),
    "person_confirms": lambda s: _result(s.offered("confirm")),
    "person_sees": lambda s: _result(s.offered("show")),
    "own_screen": lambda s: _result(s.offered("own-screen")),
    "not_typed": lambda s: _result(s.offered("capture")),
    "interface_holds_nothing": _holds_nothing(5),
}
"""Name of a check -> the same over arrays."""


def audit(space: Space, codes: np.ndarray, table: pd.DataFrame | None = None) -> dict[str, np.ndarray]:
    """Results of every decidable requirement on candidates: requirement -> codes of `RESULTS`, shape (n,), int8.

    table: requirements (default: the book's). KeyError for a check that has no rule here.
    """
    table = data.table("requirements") if table is None else table
    table = table[table["check"] != "review"]
    stacks = _Stacks(space, codes)
    done = {check: RULES[check](stacks) for check in table["check"]}
    return {row.requirement: done[row.check] for row in table.itertuples()}


def counts(results: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """How many stacks pass each requirement: index requirement; columns as `RESULTS`, integers."""
    rows = {key: np.bincount(values, minlength=len(RESULTS)) for key, values in results.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(RESULTS)).rename_axis("requirement")


def unbroken(results: Mapping[str, np.ndarray], numbers: Collection[str], *, decided: bool = False) -> Bools:
    """Whether a stack breaks none of some requirements (decided=True: nor leaves one of them open); shape (n,)."""
    bad = (BAD, OPEN) if decided else (BAD,)
    broken = np.zeros(len(next(iter(results.values()))), dtype=bool)
    for number in numbers:
        broken |= np.isin(results[number], bad)
    return ~broken
