"""Questions that a stack leaves open, on stacks small enough to answer by hand."""

import numpy as np
import pytest

from moip.model.enumerate import Space, find
from moip.model.questions import QUESTIONS, open_questions, told


@pytest.fixture(scope="module")
def space() -> Space:
    return Space.of()


def opened(space: Space, *members: str) -> set[str]:
    row = open_questions(space, space.code(members)[None, :]).iloc[0]
    return set(row.index[row])


def test_keys_on_the_chain_leave_one_thing_to_do(space: Space) -> None:
    assert opened(space, "bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", "coin-selection",
                  "bip321", "sparrow") == {"keep"}  # fmt: skip


def test_an_account_leaves_nothing_to_do_and_everything_to_ask(space: Space) -> None:
    codes = find(space)
    rail = space.slots.index("rail")
    account = space.choices[rail].index("custodial-ledger")
    accounts = open_questions(space, codes[codes[:, rail] == account])
    assert accounts[["take", "stop", "see", "leave"]].all(axis=None)
    assert not accounts[["awake", "pay"]].any(axis=None)


def test_lightning_must_be_awake_and_pays_to_leave(space: Space) -> None:
    codes = find(space)
    rail = space.slots.index("rail")
    lightning = open_questions(space, codes[codes[:, rail] == space.choices[rail].index("lightning")])
    assert lightning[["keep", "awake", "pay"]].all(axis=None) and not lightning["leave"].any()


def test_questions_are_named_once() -> None:
    assert len({q.key for q in QUESTIONS}) == len(QUESTIONS) == 7
    assert [q.kind for q in QUESTIONS].count("duty") == 3


def test_told_is_none_half_and_all() -> None:
    hidden = np.array([1.0, 1.0, 2.0, np.nan])
    assert told(np.zeros(4), hidden) == pytest.approx(0)
    assert told(np.arange(4), hidden) == pytest.approx(1)
    assert told(np.array([0, 0, 1, 1]), hidden) == pytest.approx(1 / 1.5)
    assert told(np.arange(3), np.ones(3)) == 1
