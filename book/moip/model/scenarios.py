"""Scenarios: what a use of bitcoin asks of a stack, and which of several stacks it leaves.

A scenario's needs are conditions with three answers: met, not met, or open, where a value that decides is unknown. A
stack *fits* if all are met, *fails* if one is not, and is *open* otherwise. Of the stacks that fit, `best` takes the
first by `CRITERIA`, compared one after the other; that order is a judgment, and `orders` says how much hangs on it.

Everything rests on `moip.model.report.evaluate`; nothing here knows a technology by name, except which ones are a node.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd

from .. import data
from ..checks import Problem
from ..inputs import known, number
from .catalog import Catalog, CatalogError, Member
from .enumerate import Space, fold
from .properties import UNKNOWN, Value
from .report import WU_PER_VBYTE, Evaluation, evaluate
from .requirements import BROKEN, UNDECIDED
from .stacks import Stack

__all__ = [
    "CRITERIA",
    "OBSERVERS",
    "TABLES",
    "Candidate",
    "Scenario",
    "best",
    "check",
    "chores",
    "fit_all",
    "leaks",
    "load",
    "orders",
    "orders_all",
    "scores_all",
    "sensitivity",
]

TABLES = ("scenarios", "scenario_stacks")
NODES = frozenset({"full-node", "bitcoin-core", "core-wallet", "lnd", "btcpay-server"})
"""Technologies that are a machine to be run."""
COSTS = ("fixed_fee", "proportional_fee", "payment_weight")
OBSERVERS = {"chain": "the ledger", "operator": "operators"}
FACTS = {"sender": "payer", "receiver": "payee", "amount": "amount"}

FITS, FAILS, OPEN = "fits", "fails", "open"


@dataclass(frozen=True)
class Scenario:
    """A row of the table ``scenarios``, and the candidates of ``scenario_stacks`` by label. All numbers are assumptions."""

    key: str
    name: str
    who: str
    amount_sat: int
    payments_per_year: int
    balance_sat: int
    longest_delay_s: float
    away_hours: float
    most_chores: int
    most_cost_ppm: float
    hidden: tuple[str, ...]
    required: tuple[str, ...]
    stacks: Mapping[str, Stack]
    notes: Mapping[str, str]

    def but(self, **changes: Any) -> Scenario:
        """The same scenario with other needs. ValueError for a field, a property or a requirement that there is not, and
        for a number that is none or, of all but the chores, below 0 (the amount: not above 0)."""
        known(changes, [field.name for field in fields(self)], "fields")
        for name in {"amount_sat", "longest_delay_s", "away_hours", "most_chores", "most_cost_ppm"} & changes.keys():
            number(changes[name], name, -math.inf if name == "most_chores" else 0)
        if changes.get("amount_sat") == 0:
            raise ValueError("amount_sat is 0; nothing would be paid")
        if "required" in changes:
            numbers = data.table("requirements")["requirement"]
            changes["required"] = tuple(known(changes["required"], numbers, "requirements"))
        if "hidden" in changes:
            changes["hidden"] = tuple(known(changes["hidden"], data.table("properties")["property"], "properties"))
        return replace(self, **changes)


def load(catalog: Catalog | None = None) -> dict[str, Scenario]:
    """Key -> scenario, in the order of the book."""
    catalog = catalog or Catalog.load()
    chosen = data.table("scenario_stacks")
    found = {}
    for row in data.table("scenarios").sort_values("number").itertuples(index=False):
        own = chosen[chosen["scenario"] == row.scenario].sort_values("place")
        found[row.scenario] = Scenario(
            row.scenario, row.name, row.who, int(row.amount_sat), int(row.payments_per_year), int(row.balance_sat),
            float(row.longest_delay_s), float(row.away_hours), int(row.most_chores), float(row.most_cost_ppm),
            tuple(row.hidden), tuple(row.required),
            {one.label: Stack.of(*one.members, catalog=catalog) for one in own.itertuples()},
            dict(zip(own["label"], own["note"], strict=True)),
        )  # fmt: skip
    return found


def chores(stack: Stack) -> Value:
    """How many things the owner of a stack has to look after; `UNKNOWN` if the duty to be online is.

    One each for a copy of the keys, several keys, a signing device, a node, a duty to be online.
    """
    online = stack.value("online_interval")
    if online is UNKNOWN:
        return UNKNOWN
    has_node = any(member.technology in NODES for member in stack.members)
    services = ("key-recovery", "quorum", "own-screen")
    return sum(service in stack.offers for service in services) + has_node + (online != math.inf)


def leaks(report: Evaluation) -> pd.DataFrame:
    """What each observer learns: observer, fact, left (`Value`: 0 all is seen, 1 nothing)."""
    rows = [
        [observer, fact, report.values[f"{part}_left_{key}"]]
        for key, observer in OBSERVERS.items()
        for part, fact in FACTS.items()
    ]
    return pd.DataFrame(rows, columns=["observer", "fact", "left"]).astype({"left": object})


@dataclass(frozen=True, eq=False)
class Candidate:
    """A stack in a scenario."""

    label: str
    scenario: Scenario
    report: Evaluation
    fee_rate: float

    @classmethod
    def all(cls, scenario: Scenario, fee_rate: float) -> dict[str, Candidate]:
        """Label -> candidate. fee_rate: satoshis a virtual byte of block space."""
        return {label: cls(label, scenario, evaluate(stack), fee_rate) for label, stack in scenario.stacks.items()}

    def under(self, scenario: Scenario, fee_rate: float | None = None) -> Candidate:
        """The same stack in another scenario or at another fee rate, not evaluated again."""
        return Candidate(self.label, scenario, self.report, self.fee_rate if fee_rate is None else fee_rate)

    @property
    def chores(self) -> Value:
        """How many things its owner has to look after."""
        return chores(self.report.stack)

    @property
    def cost_share(self) -> float:
        """The known cost of one payment as a share of its amount."""
        return self.report.cost(self.scenario.amount_sat, self.fee_rate).known_sat / self.scenario.amount_sat

    def needs(self) -> dict[str, bool | None]:
        """Each need of the scenario, and whether the stack meets it (None: open)."""
        s, values = self.scenario, self.report.values
        left = [values[key] for key in s.hidden]
        held = {self.report.results[number] for number in s.required}
        cost = self.report.cost(s.amount_sat, self.fee_rate)
        too_dear = cost.known_sat > s.amount_sat * s.most_cost_ppm / 1e6
        return {
            "amount": _and(
                _compare(values["smallest_payment"], lambda least: least <= s.amount_sat),
                _compare(values["largest_payment"], lambda most: most >= s.amount_sat),
            ),
            "delay": _compare(values["settlement_delay"], lambda seconds: seconds <= s.longest_delay_s),
            "away": _compare(values["online_interval"], lambda hours: hours >= s.away_hours),
            "chores": _compare(self.chores, lambda count: count <= s.most_chores),
            "cost": False if too_dear else None if cost.unknown else True,
            "hidden": _and(*(_compare(value, lambda left: left > 0) for value in left)),
            "required": False if BROKEN in held else None if UNDECIDED in held else True,
        }

    @property
    def fit(self) -> str:
        """`FITS`, `FAILS` or `OPEN`."""
        answers = self.needs().values()
        return FAILS if False in answers else OPEN if None in answers else FITS

    def which(self, answer: bool | None) -> tuple[str, ...]:
        """Needs with an answer."""
        return tuple(need for need, met in self.needs().items() if met is answer)


def _compare(value: Value, holds: Callable[[Any], bool]) -> bool | None:
    return None if value is UNKNOWN else bool(holds(value))


def _and(*answers: bool | None) -> bool | None:
    return False if False in answers else None if None in answers else True


def _quorum(key: str) -> Callable[[Candidate], float]:
    def parties(one: Candidate) -> float:
        value = one.report.values[key]
        return -1.0 if value is UNKNOWN else float(value)

    return parties


def _loss(one: Candidate) -> float:
    value = one.report.values["loss_probability"]
    return -2.0 if value is UNKNOWN else -float(value)


def _hidden(one: Candidate) -> float:
    left = leaks(one.report)["left"]
    return float(sum(value is not UNKNOWN and value > 0 for value in left))


def _cheap(one: Candidate) -> float:
    cost = one.report.cost(one.scenario.amount_sat, one.fee_rate)
    return -math.inf if cost.unknown else -round(one.cost_share, 9)


CRITERIA: dict[str, Callable[[Candidate], float]] = {
    "take": _quorum("theft_quorum"),
    "exit": lambda one: float(one.report.values["exit_weight"] not in (math.inf, UNKNOWN)),
    "stop": _quorum("freeze_quorum"),
    "musts": lambda one: -float(len(one.report.broken("MUST"))),
    "loss": _loss,
    "seen": _hidden,
    "cost": _cheap,
}
"""What makes one stack that fits better than another, in this order; more is better. Unknown counts as the worst."""


def best(
    candidates: Iterable[Candidate], order: Sequence[str] = tuple(CRITERIA), *, charitable: bool = False
) -> tuple[str, ...]:
    """Labels of the candidates that fit and that no other beats in the order given; several only if they are equal.

    charitable: candidates that are open count as fitting.
    """
    fitting = [one for one in candidates if one.fit == FITS or (charitable and one.fit == OPEN)]
    scores = {one.label: tuple(CRITERIA[name](one) for name in order) for one in fitting}
    top = max(scores.values(), default=None)
    return tuple(label for label, score in scores.items() if score == top)


def orders(
    candidates: Iterable[Candidate], among: Sequence[str] = tuple(CRITERIA), *, charitable: bool = False
) -> dict[tuple[str, ...], float]:
    """Share of all orders of the criteria in which each choice is the best, the most frequent first (see `best`)."""
    fitting = [one for one in candidates if one.fit == FITS or (charitable and one.fit == OPEN)]
    scores = {one.label: {name: CRITERIA[name](one) for name in among} for one in fitting}
    found: dict[tuple[str, ...], int] = {}
    for order in permutations(among):
        ranked = {label: tuple(score[name] for name in order) for label, score in scores.items()}
        top = max(ranked.values(), default=None)
        choice = tuple(label for label, score in ranked.items() if score == top)
        found[choice] = found.get(choice, 0) + 1
    total = math.factorial(len(among))
    return {choice: count / total for choice, count in sorted(found.items(), key=lambda item: -item[1])}


def sensitivity(
    scenario: Scenario, candidates: Mapping[str, Candidate], factors: Sequence[float] = (0.1, 0.5, 2, 10)
) -> pd.DataFrame:
    """One assumption changed at a time, and what is then the best: one row a change.

    Columns: assumption (its field, or ``fee_rate``), factor (for ``most_chores`` the difference), best (labels),
    open (labels), changed (whether ``best`` is another than with the scenario's own numbers).
    """
    fields = ("amount_sat", "longest_delay_s", "away_hours", "most_cost_ppm")
    changes = [
        (field, x, scenario.but(**{field: getattr(scenario, field) * x}), 1.0) for field in fields for x in factors
    ]
    changes += [("most_chores", d, scenario.but(most_chores=scenario.most_chores + d), 1.0) for d in (-1, 1)]
    changes += [("fee_rate", x, scenario, x) for x in factors]
    before = best(candidates.values())
    rows = []
    for field, factor, changed, rate in changes:
        now = [one.under(changed, one.fee_rate * rate) for one in candidates.values()]
        after = best(now)
        rows.append([field, factor, after, tuple(one.label for one in now if one.fit == OPEN), after != before])
    return pd.DataFrame(rows, columns=["assumption", "factor", "best", "open", "changed"])


def check(tables: Mapping[str, pd.DataFrame], catalog: Catalog | None = None) -> list[Problem]:
    """What is wrong with the scenarios and their stacks: members that do not exist or do not fit together, names of
    properties and requirements that lead nowhere, a scenario with fewer than three stacks.

    Tables: those of `TABLES` and ``requirements``; nothing is checked if one is missing.
    """
    if not {*TABLES, "requirements"} <= tables.keys():
        return []
    catalog = catalog or Catalog.load()
    found = []
    for row in tables["scenario_stacks"].itertuples():
        where = f'data/scenario_stacks.csv, {row.scenario}, {row.label}, field "members"'
        try:
            stack = Stack.of(*row.members, catalog=catalog)
        except CatalogError as error:
            found.append(Problem(where, str(error), "correct the member"))
            continue
        found += [Problem(where, problem, "add or exchange members") for problem in stack.problems]
    known = set(tables["requirements"]["requirement"])
    count = tables["scenario_stacks"].groupby("scenario").size()
    for row in tables["scenarios"].itertuples():
        where = f"data/scenarios.csv, {row.scenario}"
        for key in set(row.hidden) - set(catalog.properties):
            found.append(Problem(where, f"there is no property {key!r}", "correct the field hidden"))
        for strange in set(row.required) - known:
            found.append(Problem(where, f"there is no requirement {strange!r}", "correct the field required"))
        if count.get(row.scenario, 0) < 3:
            found.append(Problem(where, "fewer than three stacks are compared", "add rows to scenario_stacks"))
    return found


# all stacks at once ------------------------------------------------------------------------------------------------


def fit_all(
    scenario: Scenario, space: Space, codes: np.ndarray, fee_rate: float, results: Mapping[str, np.ndarray]
) -> np.ndarray:
    """What `Candidate.fit` says of every stack: 0 fits, 1 fails, 2 open; shape (n,), int8.

    results: those of `moip.model.audit.audit` for the same codes.
    """
    keys = ["smallest_payment", "largest_payment", "settlement_delay", "online_interval", *COSTS, *scenario.hidden]
    values = fold(space, codes, dict.fromkeys(keys))
    online = values["online_interval"]
    count = (online != math.inf).astype(float)
    for service in ("key-recovery", "quorum", "own-screen"):
        count += _some(space, codes, lambda member, service=service: service in member.offers)
    count += _some(space, codes, lambda member: member.technology in NODES)
    count[np.isnan(online)] = np.nan
    amount = scenario.amount_sat
    prices = dict(zip(COSTS, (1.0, amount / 1e6, fee_rate / WU_PER_VBYTE), strict=True))
    known = sum(_known(space, codes, key) * price for key, price in prices.items())
    priced = ~np.any([np.isnan(values[key]) for key in COSTS], axis=0)
    too_dear = known > amount * scenario.most_cost_ppm / 1e6
    answers = [  # met, unknown
        (values["smallest_payment"] <= amount, np.isnan(values["smallest_payment"])),
        (values["largest_payment"] >= amount, np.isnan(values["largest_payment"])),
        (values["settlement_delay"] <= scenario.longest_delay_s, np.isnan(values["settlement_delay"])),
        (online >= scenario.away_hours, np.isnan(online)),
        (count <= scenario.most_chores, np.isnan(count)),
        (priced & ~too_dear, ~priced & ~too_dear),
        *((values[key] > 0, np.isnan(values[key])) for key in scenario.hidden),
        *((np.isin(results[n], (0, 3)), results[n] == 2) for n in scenario.required),
    ]
    failed = np.any([~met & ~unknown for met, unknown in answers], axis=0)
    unsure = np.any([unknown for _, unknown in answers], axis=0)
    return np.select([failed, unsure], [1, 2], 0).astype(np.int8)


def scores_all(
    scenario: Scenario, space: Space, codes: np.ndarray, fee_rate: float, results: Mapping[str, np.ndarray]
) -> np.ndarray:
    """What `CRITERIA` say of every stack, in their order, rounded to 9 digits; shape (n, 7), more is better."""
    left = [f"{part}_left_{key}" for key in OBSERVERS for part in FACTS]
    keys = ["theft_quorum", "exit_weight", "freeze_quorum", "loss_probability", *COSTS, *left]
    values = fold(space, codes, dict.fromkeys(keys))
    table = data.table("requirements")
    musts = [n for n in table.loc[table["level"] == "MUST", "requirement"] if n in results]
    cost = values["fixed_fee"] + values["proportional_fee"] * scenario.amount_sat / 1e6
    cost += values["payment_weight"] * fee_rate / WU_PER_VBYTE
    scores = {
        "take": np.nan_to_num(values["theft_quorum"], nan=-1.0, posinf=math.inf),
        "exit": np.isfinite(values["exit_weight"]),
        "stop": np.nan_to_num(values["freeze_quorum"], nan=-1.0, posinf=math.inf),
        "musts": -np.sum([results[n] == 1 for n in musts], axis=0),
        "loss": -np.nan_to_num(values["loss_probability"], nan=2.0),
        "seen": np.sum([values[key] > 0 for key in left], axis=0),
        "cost": -np.nan_to_num(cost / scenario.amount_sat, nan=math.inf, posinf=math.inf),
    }
    return np.round(np.column_stack([scores[name] for name in CRITERIA]).astype(float), 9)


def orders_all(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which scores come first, and in what share of all orders of the criteria: `orders` for many stacks.

    scores: those of `scores_all`, shape (n, criteria). Returns distinct rows, the most frequent first, and their shares.
    """
    distinct = np.unique(scores, axis=0)
    shares = np.zeros(len(distinct))

    def follow(rows: np.ndarray, left: frozenset[int], share: float) -> None:
        if len(rows) == 1:
            shares[rows[0]] += share
            return
        for one in left:
            column = distinct[rows, one]
            follow(rows[column == column.max()], left - {one}, share / len(left))

    if len(distinct):
        follow(np.arange(len(distinct)), frozenset(range(distinct.shape[1])), 1.0)
    first = [i for i in np.argsort(-shares, kind="stable") if shares[i]]
    return distinct[first], shares[first]


def _some(space: Space, codes: np.ndarray, holds: Callable[[Member], bool]) -> np.ndarray:
    """Whether a member of each stack is such."""
    found = np.zeros(len(codes), dtype=bool)
    for position, choices in enumerate(space.choices):
        such = np.array([bool(name) and holds(space.catalog.members[name]) for name in choices])
        found |= such[codes[:, position]]
    return found


def _known(space: Space, codes: np.ndarray, key: str) -> np.ndarray:
    """The known part of a sum."""
    total = np.zeros(len(codes))
    for position, choices in enumerate(space.choices):
        values = [space.catalog.value(name, key) if name else 0 for name in choices]
        total += np.array([0.0 if value is UNKNOWN else value for value in values])[codes[:, position]]
    return total
