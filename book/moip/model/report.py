"""Everything that the model can say of a stack, as tables: `evaluate` is what chapters and the command line share.

>>> from moip.model import Stack
>>> from moip.model.report import evaluate
>>> stack = Stack.of("bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", "coin-selection", "bip21", "sparrow")
>>> report = evaluate(stack)
>>> report.broken("MUST"), report.exit_cost(fee_rate=10)
((), 0.0)
>>> report.cost(amount_sat=100_000, fee_rate=10).known_sat
1405.0
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from .. import data
from ..inputs import number
from . import requirements
from .properties import UNKNOWN, Value
from .stacks import Stack

__all__ = ["Cost", "Evaluation", "evaluate"]

WU_PER_VBYTE = 4
BASES = ("judgment", "measured", "protocol")
"""Bases of an assessment, the weakest first."""
DECIDING = ("decides", "contributes", "unknown")
"""Parts of a member in a value (`Stack.explain`) that make it what it is."""


@dataclass(frozen=True)
class Cost:
    """What a payment costs in satoshis: the part that is known, and the members that add an unknown part."""

    known_sat: float
    unknown: tuple[str, ...]

    @property
    def sat(self) -> Value:
        """The cost, or `UNKNOWN` if a part of it is."""
        return UNKNOWN if self.unknown else self.known_sat


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """A stack and what follows from it.

    problems: why it is not well formed, a sentence each. unmet: `Stack.unmet_needs`. members: member, name, layer,
    slot, trust_class, status, offers, needs. properties: property, name, question, value (for people), unit, direction,
    number (for statistics), decided_by (members), basis (the weakest of theirs, '' if nobody decides). requirements:
    requirement, layer, level, statement, check, result. values: property -> value.
    """

    stack: Stack
    problems: tuple[str, ...]
    unmet: pd.DataFrame
    members: pd.DataFrame
    properties: pd.DataFrame
    requirements: pd.DataFrame
    values: dict[str, Value]

    @property
    def well_formed(self) -> bool:
        """Every layer is filled and every need is met."""
        return not self.problems

    @property
    def trust_class(self) -> str:
        """The weakest trust class among the members."""
        return self.stack.trust_class

    def show(self, key: str) -> str:
        """A property of the stack, for people."""
        return self.stack.catalog.property(key).show(self.values[key])

    @cached_property
    def results(self) -> dict[str, str]:
        """Number of a requirement -> its result."""
        return dict(zip(self.requirements["requirement"], self.requirements["result"], strict=True))

    def which(self, result: str, level: str | None = None) -> tuple[str, ...]:
        """Numbers of the requirements with a result (as in `moip.model.requirements`), of one level if it is given."""
        table = self.requirements
        chosen = table["result"].eq(result) & (table["level"].eq(level) if level else True)
        return tuple(table.loc[chosen, "requirement"])

    def broken(self, level: str | None = None) -> tuple[str, ...]:
        """Numbers of the requirements that the stack breaks, of one level if it is given."""
        return self.which(requirements.BROKEN, level)

    def cost(self, amount_sat: float, fee_rate: float) -> Cost:
        """What one payment of ``amount_sat`` costs where block space costs ``fee_rate`` satoshis a virtual byte.

        Fees of the parties and the payment's own block space; opening and closing are not in it. ValueError for a
        negative amount or rate.
        """
        number(amount_sat, "amount_sat", 0)
        number(fee_rate, "fee_rate", 0)
        prices = {"fixed_fee": 1.0, "proportional_fee": amount_sat / 1e6, "payment_weight": fee_rate / WU_PER_VBYTE}
        known, unknown = 0.0, set()
        for key, price in prices.items():
            for name in self.stack.names:
                if (value := self.stack.catalog.value(name, key)) is UNKNOWN:
                    unknown.add(name)
                else:
                    known += value * price
        return Cost(known, tuple(name for name in self.stack.names if name in unknown))

    def exit_cost(self, fee_rate: float) -> Value:
        """Satoshis of block space to leave alone: the smallest balance of which leaving saves anything.

        Infinity where there is no exit, `UNKNOWN` where the weight is. ValueError for a negative rate.
        """
        number(fee_rate, "fee_rate", 0)
        weight = self.values["exit_weight"]
        if weight is UNKNOWN or weight == math.inf:
            return weight
        return weight * fee_rate / WU_PER_VBYTE


def evaluate(stack: Stack, table: pd.DataFrame | None = None) -> Evaluation:
    """All that the model can say of a stack, well formed or not. table: requirements (default: the book's).

    KeyError for a requirement with a check that does not exist.
    """
    catalog = stack.catalog
    values = {key: stack.value(key) for key in catalog.properties}
    basis = catalog.assessments[catalog.assessments["member"].isin(stack.names)].set_index(["member", "property"])
    basis = basis["basis"].to_dict()
    rows = []
    for key, one in catalog.properties.items():
        parts = {name: stack._part(one.monoid, catalog.value(name, key), values[key]) for name in stack.names}
        decided = tuple(name for name, part in parts.items() if part in DECIDING)
        weakest = min((basis[name, key] for name in decided), key=BASES.index, default="")
        rows.append(
            [key, one.name, one.question, one.show(values[key]), one.unit, one.direction, one.number(values[key]),
             decided, weakest]
        )  # fmt: skip
    columns = ["property", "name", "question", "value", "unit", "direction", "number", "decided_by", "basis"]
    table = data.table("requirements") if table is None else table
    judged = requirements.judge(stack, table)
    judged.insert(4, "check", table["check"])
    members = [[m.key, m.name, m.layer, m.slot, m.trust_class, m.status, m.offers, m.needs] for m in stack.members]
    return Evaluation(
        stack,
        stack.problems,
        stack.unmet_needs(),
        pd.DataFrame(members, columns=["member", "name", "layer", "slot", "trust_class", "status", "offers", "needs"]),
        pd.DataFrame(rows, columns=columns),
        judged,
        values,
    )
