"""Requirements over arrays: the same results as the checks of single stacks, for stacks of every kind."""

import numpy as np
import pytest

from moip import data
from moip.model import audit
from moip.model.audit import RESULTS, RULES
from moip.model.enumerate import Space, find
from moip.model.requirements import BROKEN, CHECKS, PASSED


@pytest.fixture(scope="module")
def space():
    return Space.of()


@pytest.fixture(scope="module")
def codes(space):
    """Of all well-formed stacks some for each member, and some at random; and some that are not well formed."""
    found = find(space, idle=True)
    rng = np.random.default_rng(7)
    some = [rng.choice(len(found), 60)]
    for position, choices in enumerate(space.choices):
        for i in range(len(choices)):
            if len(with_it := np.flatnonzero(found[:, position] == i)):
                some.append(rng.choice(with_it, 2))
    wild = space.codes(rng.integers(0, space.candidates, 60))
    return np.concatenate([found[np.unique(np.concatenate(some))], wild])


def test_every_check_has_a_rule():
    assert RULES.keys() == CHECKS.keys()


def test_it_agrees_with_the_checks_of_single_stacks(space, codes):
    results = audit.audit(space, codes)
    table = data.table("requirements").query("check != 'review'")
    assert list(results) == table["requirement"].tolist()
    stacks = [space.stack(code) for code in codes]
    for row in table.itertuples():
        expected = [CHECKS[row.check](stack) for stack in stacks]
        assert [RESULTS[i] for i in results[row.requirement]] == expected, row.check


def test_counts_and_unbroken(space, codes):
    results = audit.audit(space, codes)
    table = audit.counts(results)
    assert table.sum(axis=1).eq(len(codes)).all() and list(table.columns) == list(RESULTS)
    musts = data.table("requirements").query("check != 'review' and level == 'MUST'")["requirement"].tolist()
    whole = audit.unbroken(results, musts)
    for code, fine in zip(codes[:40], whole[:40], strict=True):
        judged = space.stack(code).requirements().set_index("requirement")["result"]
        assert fine == (BROKEN not in set(judged[musts]))
    strict = audit.unbroken(results, musts, decided=True)
    assert (strict <= whole).all() and strict.sum() < whole.sum()
    assert table.loc["MOIP-L1-01", PASSED] == len(codes)
    assert audit.unbroken(results, []).all() and audit.unbroken(results, []).shape == (len(codes),)
