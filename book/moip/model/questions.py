"""What a person has to know, and has to do, for a stack: the model's properties as questions.

A question is *open* for a stack when its answer is not the harmless one: not "nobody", "never", "nothing". An unknown
value leaves a question open too, since the person would have to find out. Three questions ask for something to do, four
for somebody to trust.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .enumerate import Space, fold

__all__ = ["QUESTIONS", "Question", "open_questions", "told"]

MINERS = 3
"""Parties that can stop any payment on layer 1 (assessment of `bitcoin`); a stack with fewer has somebody else to ask."""


@dataclass(frozen=True)
class Question:
    """A question to a stack: its key, its kind (``trust`` or ``duty``), and its words."""

    key: str
    kind: str
    words: str


QUESTIONS = (
    Question("take", "trust", "Who can take it?"),
    Question("stop", "trust", "Who can stop it, besides miners?"),
    Question("see", "trust", "Which operator sees it?"),
    Question("leave", "trust", "Whose leave do I need to get out?"),
    Question("keep", "duty", "What must I back up?"),
    Question("awake", "duty", "How long may I be away?"),
    Question("pay", "duty", "What does leaving cost?"),
)


def open_questions(space: Space, codes: np.ndarray) -> pd.DataFrame:
    """Which questions are open for each stack: a column of booleans for each of `QUESTIONS`, a row a code.

    take: somebody besides the owner, or nobody knows. stop: fewer than the miners who could. see: an operator learns
    sender, receiver or amount. leave: there is no exit. keep: the owner holds keys. awake: there is a longest absence.
    pay: the exit takes block space.
    """
    values = fold(
        space,
        codes,
        [
            "theft_quorum", "freeze_quorum", "exit_weight", "online_interval",
            "sender_left_operator", "receiver_left_operator", "amount_left_operator",
        ],
    )  # fmt: skip
    operator = [values[f"{who}_left_operator"] == 1 for who in ("sender", "receiver", "amount")]
    held = [codes[:, space.slots.index(slot)] for slot in ("keys", "lock")]
    names = [np.array(space.choices[space.slots.index(slot)]) for slot in ("keys", "lock")]
    keeps = [n[c] != "" for n, c in zip(names, held, strict=True)]
    return pd.DataFrame(
        {
            "take": values["theft_quorum"] != np.inf,
            "stop": ~(values["freeze_quorum"] >= MINERS),
            "see": ~np.logical_and.reduce(operator),
            "leave": ~(values["exit_weight"] < np.inf),
            "keep": np.logical_or.reduce(keeps),
            "awake": values["online_interval"] != np.inf,
            "pay": (values["exit_weight"] > 0) & (values["exit_weight"] < np.inf),
        }
    )


def told(visible: np.ndarray, hidden: np.ndarray) -> float:
    """Share of what there is to know about `hidden` that `visible` tells: mutual information over entropy, 0 to 1.

    visible: integers, shape (n,), equal where a person sees the same; hidden: the answers, shape (n,), NaN being an
    answer of its own. 1 where hidden has one value only. Every row counts the same.
    """
    _, h = np.unique(np.where(np.isnan(hidden), -1, hidden), return_inverse=True)
    _, v = np.unique(visible, return_inverse=True)
    joint = np.zeros((v.max() + 1, h.max() + 1))
    np.add.at(joint, (v, h), 1)
    joint /= joint.sum()

    def entropy(p: np.ndarray) -> float:
        p = p[p > 0]
        return float(-(p * np.log2(p)).sum())

    whole = entropy(joint.sum(axis=0))
    if whole == 0:
        return 1.0
    return (whole + entropy(joint.sum(axis=1)) - entropy(joint.ravel())) / whole
