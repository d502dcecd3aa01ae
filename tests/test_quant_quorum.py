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
    "arguments", [(0, 3, 0.1, 0), (4, 3, 0.1, 0), (1.5, 3, 0.1, 0), (2, 3, 1.1, 0), (2, 3, 0.1, -0.1)]
)
def test_errors_name_the_domain(arguments):
    for function in (quorum.theft_probability, quorum.freeze_probability):
        with pytest.raises(ValueError, match="must be"):
            function(*arguments)
