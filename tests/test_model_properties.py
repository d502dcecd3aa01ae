"""The algebra of properties: each operation is a monoid, with unknown as a value like the others."""

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moip.model.properties import MONOIDS, UNKNOWN, common_cause_loss, properties
from moip.quant import quorum

FRACTIONS = st.fractions(min_value=0, max_value=1, max_denominator=50)
AMOUNTS = st.one_of(st.integers(0, 10**6), st.just(math.inf))
VALUES = {
    "minimum": AMOUNTS,
    "maximum": st.integers(0, 10**6),
    "sum": AMOUNTS,
    "product": FRACTIONS,
    "union": st.frozensets(st.sampled_from("abcde")),
    "complement": FRACTIONS,
}
NAMES = sorted(MONOIDS)


def some(name):
    return st.one_of(VALUES[name], st.just(UNKNOWN))


def test_every_operation_is_tested():
    assert set(VALUES) == set(MONOIDS)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_associative_and_commutative(name, data):
    combine = MONOIDS[name].combine
    a, b, c = (data.draw(some(name)) for _ in range(3))
    assert combine(combine(a, b), c) == combine(a, combine(b, c))
    assert combine(a, b) == combine(b, a)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_identity_and_absorption(name, data):
    monoid, value = MONOIDS[name], data.draw(some(name))
    assert monoid.combine(monoid.identity, value) == value == monoid.combine(value, monoid.identity)
    assert monoid.fold([]) == monoid.identity
    if monoid.absorbing is not None:
        assert monoid.combine(monoid.absorbing, value) == monoid.absorbing == monoid.combine(value, monoid.absorbing)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_unknown_is_never_dropped(name, data):
    monoid = MONOIDS[name]
    values = data.draw(st.lists(VALUES[name], max_size=4))
    expected = monoid.absorbing if monoid.absorbing is not None and monoid.absorbing in values else UNKNOWN
    assert monoid.fold([*values, UNKNOWN]) == expected == monoid.fold([UNKNOWN, *values])


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_monotone(name, data):
    """A member that is worse (or better) never makes the stack better (or worse)."""
    monoid = MONOIDS[name]
    rest = data.draw(st.lists(VALUES[name], max_size=3))
    low, high = data.draw(VALUES[name]), data.draw(VALUES[name])
    if name == "union":
        assert monoid.fold([low, *rest]) <= monoid.fold([low | high, *rest])
    else:
        low, high = sorted((low, high))
        assert monoid.fold([low, *rest]) <= monoid.fold([high, *rest])


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_one_more_member_pushes_one_way(name, data):
    """A minimum or product can only fall with one more member; the others can only rise."""
    monoid = MONOIDS[name]
    values = data.draw(st.lists(VALUES[name], max_size=3))
    before, after = monoid.fold(values), monoid.fold([*values, data.draw(VALUES[name])])
    assert after <= before if name in ("minimum", "product") else after >= before


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.floats(0, 1))
def test_common_cause_lies_between_worst_member_and_independence(ps, beta):
    independent = MONOIDS["complement"].fold(ps)
    assert max(ps) - 1e-12 <= common_cause_loss(ps, beta) <= independent + 1e-12
    assert common_cause_loss(ps, 0) == pytest.approx(independent)
    assert common_cause_loss(ps, 1) == pytest.approx(max(ps))


def test_common_cause_by_hand():
    # the common cause strikes with 0.1; a member that it spares fails with (0.2 - 0.1) / 0.9 = 1/9
    assert common_cause_loss([0.2, 0.2], 0.5) == pytest.approx(1 - 0.9 * (8 / 9) ** 2)
    assert common_cause_loss([0.2, 0.2], 0.5) == pytest.approx(quorum.at_least(1, 2, 0.2, 0.5))
    with pytest.raises(ValueError, match="must be in 0"):
        common_cause_loss([0.2], 1.5)


def test_values_and_their_texts():
    known = properties()
    theft, exit_weight, sets = known["theft_quorum"], known["exit_weight"], known["failure_domains"]
    assert theft.parse("none") == math.inf and theft.show(math.inf) == "none"
    assert exit_weight.parse("no-exit") == math.inf and exit_weight.show(math.inf) == "no exit"
    assert sets.parse("owner; miners") == {"miners", "owner"}
    assert sets.show(frozenset({"owner", "miners"})) == "miners, owner"
    assert theft.parse("unknown") is UNKNOWN and theft.show(UNKNOWN) == "unknown"
    assert theft.show(11) == "11" and known["settlement_delay"].show(3600) == "3,600"
    assert known["payment_weight"].parse("-394.2") == -394.2


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("theft_quorum", "no-exit", "no value of theft_quorum"),
        ("theft_quorum", "many", "neither a number nor one of none, unknown"),
        ("exit_weight", "many", "no-exit"),
        ("theft_quorum", "-1", "below 1 parties"),
        ("loss_probability", "1.5", "above 1 1/year"),
        ("settlement_delay", "inf", "not a finite number"),
        ("settlement_delay", "nan", "not a finite number"),
        ("failure_domains", "miners;", "not a set"),
    ],
)
def test_a_text_that_is_no_value(key, text, message):
    with pytest.raises(ValueError, match=message):
        properties()[key].parse(text)


def test_numbers_for_statistics():
    known = properties()
    assert known["theft_quorum"].number(math.inf) == 0
    assert known["theft_quorum"].number(4) == 0.25
    assert known["exit_weight"].number(math.inf) == 0 and known["exit_weight"].number(1114) == 1
    assert known["smallest_payment"].number(0.001) == 0
    assert known["largest_payment"].number(math.inf) == pytest.approx(math.log10(21e14))
    assert known["failure_domains"].number(frozenset("ab")) == 2
    assert all(math.isnan(one.number(UNKNOWN)) for one in known.values())
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN
