"""k of n signers, independent and with a common cause."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.quant import quorum

steady = settings(deadline=None, derandomize=True, max_examples=60)

probabilities = st.floats(min_value=0, max_value=1)


@st.composite
def quorums(draw):
    n = draw(st.integers(min_value=1, max_value=20))
    return draw(st.integers(min_value=1, max_value=n)), n


@steady
@given(quorums(), probabilities)
def test_independent_signers_are_the_binomial_tail(kn, p):
    k, n = kn
    tail = sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))
    assert quorum.theft_probability(k, n, p) == pytest.approx(tail, abs=1e-12)


@steady
@given(quorums(), probabilities)
def test_one_signer_fails_with_its_own_probability(kn, p):
    beta = kn[0] / kn[1]
    assert quorum.theft_probability(1, 1, p, beta) == pytest.approx(p)


@steady
@given(quorums(), probabilities)
def test_one_common_cause_makes_the_quorum_one_signer(kn, p):
    k, n = kn
    assert quorum.theft_probability(k, n, p, beta=1) == pytest.approx(p)
    assert quorum.freeze_probability(k, n, p, beta=1) == pytest.approx(p)


@steady
@given(quorums(), probabilities)
def test_not_frozen_means_k_signers_left(kn, p):
    k, n = kn
    left = sum(math.comb(n, i) * (1 - p) ** i * p ** (n - i) for i in range(k, n + 1))
    assert quorum.freeze_probability(k, n, p) == pytest.approx(1 - left, abs=1e-12)


@steady
@given(quorums(), st.floats(min_value=0, max_value=0.99), probabilities)
def test_more_risk_per_signer_is_more_risk(kn, p, beta):
    k, n = kn
    assert quorum.theft_probability(k, n, p, beta) <= quorum.theft_probability(k, n, p + 0.01, beta) + 1e-12
    if k > 1:
        assert quorum.theft_probability(k, n, p, beta) <= quorum.theft_probability(k - 1, n, p, beta) + 1e-12
        assert quorum.freeze_probability(k, n, p, beta) >= quorum.freeze_probability(k - 1, n, p, beta) - 1e-12


def test_two_of_three_worked_example():
    """A fault-tree guide's example: 2 of 3 with p = 0.001 and beta = 0.05 gives about 5.3e-5, not 3e-6."""
    assert quorum.at_least(2, 3, 1e-3) == pytest.approx(3e-6, rel=1e-3)
    assert quorum.at_least(2, 3, 1e-3, beta=0.05) == pytest.approx(5.3e-5, rel=0.01)


def test_table():
    table = quorum.quorum_table([(1, 1), (11, 15)], p_theft=0.01, p_freeze=0.05, betas=iter([0, 0.1]))
    assert table.quorum.tolist() == ["1 of 1", "1 of 1", "11 of 15", "11 of 15"]
    assert table.theft[0] == pytest.approx(0.01)
    assert table.theft[3] == pytest.approx(1e-3)  # beta p: the common cause is all that matters
    assert table.theft[2] < 1e-12
    assert table.either[0] == pytest.approx(1 - 0.99 * 0.95)


@pytest.mark.parametrize(
    "arguments",
    [
        (0, 3, 0.1, 0),
        (4, 3, 0.1, 0),
        (1.5, 3, 0.1, 0),
        (2, 3, 1.1, 0),
        (2, 3, 0.1, -0.1),
        (2, 3, 0.1, "x"),
        ("2", 3, 0.1, 0),
    ],
)
def test_errors_name_the_domain(arguments):
    for function in (quorum.theft_probability, quorum.freeze_probability):
        with pytest.raises(ValueError, match="must be"):
            function(*arguments)


def test_worth_in_signers():
    assert quorum.worth_in_signers(0.01, 0.01) == pytest.approx(1)
    assert quorum.worth_in_signers(1e-6, 0.01) == pytest.approx(3)
    assert quorum.worth_in_signers(0, 0.5) == math.inf
    eleven = quorum.theft_probability(11, 15, 0.01, beta=0.1)
    assert 1.4 < quorum.worth_in_signers(eleven, 0.01) < 1.6
    with pytest.raises(ValueError, match="must be"):
        quorum.worth_in_signers(0.1, 1)


KEY = bytes([33, 2]) + bytes(32)


def test_a_federation_with_a_second_way_to_spend():
    """The shape of the peg script in Elements: depth 12 ? 11 of 15 : 2 of 3 after 4,032 blocks; one CHECKMULTISIG."""
    script = (
        bytes.fromhex("745c87635b") + 15 * KEY + bytes.fromhex("5f6702c00fb27552") + 3 * KEY + bytes.fromhex("5368ae")
    )
    assert quorum.spending_paths(script) == (quorum.SpendingPath(11, 15), quorum.SpendingPath(2, 3, 4032))


def test_the_federations_script_says_what_the_table_says():
    from moip import data

    table = data.table("federation_quorums").set_index("path")
    read = quorum.spending_paths(table.script_hex["liquid-main"])
    rows = table[table.technology == "liquid"].sort_values("branch", ascending=False)
    locks = rows.timelock_blocks.astype("Int64").fillna(0)
    assert [(p.k, p.n, p.timelock_blocks) for p in read] == list(zip(rows.k, rows.n, locks, strict=True))


def test_plain_multisig_is_one_path():
    from moip.quant import transactions

    assert quorum.spending_paths(transactions.lock("p2wsh_11of15").script) == (quorum.SpendingPath(11, 15),)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("5102", "runs past"),
        ("6351", "without its ENDIF"),
        ("5152ae", "does not follow"),
        ("63635168", "inside"),
        ("4c00", "length"),
    ],
)
def test_scripts_that_are_not_read(script, says):
    with pytest.raises(ValueError, match=says):
        quorum.spending_paths(script)
