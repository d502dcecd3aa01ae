"""Published tables reproduced, the formulas against each other, and against a race played block by block."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.quant import doublespend as ds

steady = settings(deadline=None, derandomize=True, max_examples=60)

# Nakamoto 2008, section 11
NAKAMOTO_10 = {
    0: 1.0, 1: 0.2045873, 2: 0.0509779, 3: 0.0131722, 4: 0.0034552, 5: 0.0009137, 6: 0.0002428, 7: 0.0000647,
    8: 0.0000173, 9: 0.0000046, 10: 0.0000012,
}  # fmt: skip
NAKAMOTO_30 = {
    0: 1.0, 5: 0.1773523, 10: 0.0416605, 15: 0.0101008, 20: 0.0024804, 25: 0.0006132, 30: 0.0001522,
    35: 0.0000379, 40: 0.0000095, 45: 0.0000024, 50: 0.0000006,
}  # fmt: skip
NAKAMOTO_BELOW_0_1_PERCENT = {0.10: 5, 0.15: 8, 0.20: 11, 0.25: 15, 0.30: 24, 0.35: 41, 0.40: 89, 0.45: 340}

# Grunspan and Perez-Marco 2018, table 4, as quoted in a public transcription
GRUNSPAN_BELOW_0_1_PERCENT = {0.10: 6, 0.15: 9, 0.20: 13, 0.25: 20, 0.30: 32, 0.35: 58, 0.40: 133, 0.45: 539}

# percent, computed from theorem 1 with R's zipfR (Monero Research Lab, issue 102): rows z, columns q
THEOREM_1_SHARES = (0.05, 0.10, 0.20, 0.30, 0.40, 0.45)
THEOREM_1_PERCENT = {
    1: (10.00000, 20.00000, 40.00000, 60.00000, 80.00000, 90.00000),
    2: (1.45000, 5.60000, 20.80000, 43.20000, 70.40000, 85.05000),
    3: (0.23162, 1.71200, 11.58400, 32.61600, 63.48800, 81.37463),
    6: (0.00116, 0.05914, 2.33084, 15.64496, 49.30037, 73.37548),
    10: (0.00000, 0.00079, 0.31582, 6.51067, 37.21840, 65.79282),
    30: (0.00000, 0.00000, 0.00003, 0.12769, 11.91040, 43.93344),
}

shares = st.floats(min_value=0.001, max_value=0.495)
depths = st.integers(min_value=1, max_value=200)


@pytest.mark.parametrize(("q", "table"), [(0.1, NAKAMOTO_10), (0.3, NAKAMOTO_30)])
def test_nakamoto_prints_seven_digits(q, table):
    assert {z: round(ds.nakamoto(q, z), 7) for z in table} == table


def test_nakamoto_solves_for_a_tenth_of_a_percent():
    assert {
        q: ds.confirmations_needed(q, 0.001, "nakamoto") for q in NAKAMOTO_BELOW_0_1_PERCENT
    } == NAKAMOTO_BELOW_0_1_PERCENT


@pytest.mark.parametrize("model", ["rosenfeld", "grunspan"])
def test_exact_models_solve_for_a_tenth_of_a_percent(model):
    assert {
        q: ds.confirmations_needed(q, 0.001, model) for q in GRUNSPAN_BELOW_0_1_PERCENT
    } == GRUNSPAN_BELOW_0_1_PERCENT


@pytest.mark.parametrize("model", [ds.rosenfeld, ds.grunspan])
def test_theorem_1(model):
    for z, row in THEOREM_1_PERCENT.items():
        assert [100 * model(q, z) for q in THEOREM_1_SHARES] == pytest.approx(list(row), abs=0.51e-5)


def test_rosenfeld_table_1():
    # six confirmations against a tenth of the hash rate: 0.059 %
    assert round(100 * ds.rosenfeld(0.1, 6), 3) == 0.059


@steady
@given(shares, depths)
def test_sum_equals_closed_form(q, n):
    assert ds.rosenfeld(q, n) == pytest.approx(ds.grunspan(q, n), rel=1e-8)


@steady
@given(st.floats(min_value=0.01, max_value=0.45), st.integers(min_value=1, max_value=12))
def test_rosenfeld_as_the_paper_writes_it(q, n):
    p = 1 - q
    paper = 1 - sum(math.comb(m + n - 1, m) * (p**n * q**m - p**m * q**n) for m in range(n + 1))
    assert ds.rosenfeld(q, n) == pytest.approx(paper, abs=1e-12)


@steady
@given(st.floats(min_value=0.01, max_value=0.45), st.integers(min_value=0, max_value=15))
def test_nakamoto_as_the_paper_writes_it(q, z):
    p = 1 - q
    mean = z * q / p
    paper = 1 - sum(math.exp(-mean) * mean**k / math.factorial(k) * (1 - (q / p) ** (z - k)) for k in range(z + 1))
    assert ds.nakamoto(q, z) == pytest.approx(paper, abs=1e-12)


@steady
@given(shares, depths)
def test_kappa_1_is_nakamoto(q, z):
    assert ds.conditional(q, z, 1) == pytest.approx(ds.nakamoto(q, z), rel=1e-7, abs=1e-300)


@pytest.mark.parametrize(("q", "z"), [(0.1, 3), (0.3, 6), (0.4, 10)])
def test_averaging_over_the_time_gives_the_exact_model(q, z):
    """The time of z honest blocks is Gamma(z): kappa has mean 1, and the mean of P(z, kappa) is P(z)."""
    from scipy.integrate import quad
    from scipy.special import gammaln

    def density(kappa):
        return math.exp(z * math.log(z) + (z - 1) * math.log(kappa) - z * kappa - gammaln(z))

    mean, _ = quad(lambda kappa: density(kappa) * ds.conditional(q, z, kappa), 1e-9, 30)
    assert mean == pytest.approx(ds.grunspan(q, z), rel=1e-6)


@steady
@given(st.floats(min_value=0.01, max_value=0.495), st.integers(min_value=1, max_value=80))
def test_fewer_chances_with_more_blocks(q, z):
    assert ds.rosenfeld(q, z + 1) < ds.rosenfeld(q, z)
    assert ds.nakamoto(q, z + 1) < ds.nakamoto(q, z)


@steady
@given(st.floats(min_value=0.01, max_value=0.48), st.integers(min_value=1, max_value=80))
def test_more_chances_with_more_hashrate(q, z):
    assert ds.rosenfeld(q + 0.01, z) > ds.rosenfeld(q, z)
    assert ds.nakamoto(q + 0.01, z) > ds.nakamoto(q, z)


@steady
@given(shares, st.integers(min_value=2, max_value=200), st.integers(min_value=0, max_value=3))
def test_head_start_helps_and_probabilities_are_probabilities(q, n, head_start):
    less, more = ds.rosenfeld(q, n, head_start), ds.rosenfeld(q, n, head_start + 1)
    assert 0 <= less <= more <= 1 + 1e-12


@steady
@given(st.floats(min_value=0.001, max_value=0.46), st.floats(min_value=1e-6, max_value=0.5))
def test_confirmations_needed_is_the_first_depth_below_the_risk(q, risk):
    for model, probability in ds.MODELS.items():
        z = ds.confirmations_needed(q, risk, model)
        assert probability(q, z) < risk <= probability(q, z - 1)


def test_catch_up():
    assert ds.catch_up(0.25, 3) == pytest.approx(1 / 27)
    assert ds.catch_up(0.25, 0) == ds.catch_up(0.25, -2) == ds.catch_up(0.5, 100) == ds.catch_up(0.7, 100) == 1


def test_edges():
    for model in ds.MODELS.values():
        assert model(0.3, 0) == 1
        assert model(0.5, 10) == model(0.6, 10) == 1
        assert model(0.0, 3) == 0
    assert ds.rosenfeld(0.25, 0, head_start=0) == pytest.approx(1 / 3)
    assert ds.rosenfeld(0.25, 2, head_start=3) == 1


@pytest.mark.parametrize(("q", "z", "head_start"), [(0.1, 1, 1), (0.3, 6, 1), (0.3, 6, 0), (0.2, 3, 2), (0.42, 4, 0)])
def test_race_agrees_with_the_formula(q, z, head_start):
    race = ds.simulate(q, z, trials=40_000, seed=7, head_start=head_start, give_up_behind=60)
    assert race.truncation_bound < 1e-6
    assert abs(race.probability - ds.rosenfeld(q, z, head_start)) < 4 * race.standard_error


def test_race_tells_the_two_papers_apart():
    """At q = 0.3 and six blocks Nakamoto's approximation lies some 20 standard errors below the race."""
    race = ds.simulate(0.3, 6, trials=100_000, seed=1)
    assert race.probability - ds.nakamoto(0.3, 6) > 10 * race.standard_error


def test_race_is_deterministic():
    assert ds.simulate(0.3, 4, trials=2_000, seed=3) == ds.simulate(0.3, 4, trials=2_000, seed=3)
    assert ds.simulate(0.3, 4, trials=2_000, seed=3) != ds.simulate(0.3, 4, trials=2_000, seed=4)


def test_tables():
    risks = ds.risk_table([0.1, 0.3], [1, 6])
    assert risks.columns.tolist() == ["q", "z", "nakamoto", "rosenfeld"]
    assert len(risks) == 4
    assert np.all(risks.rosenfeld[risks.z == 6] > risks.nakamoto[risks.z == 6])
    needed = ds.confirmations_table([0.1, 0.45], 0.001)
    assert needed.rosenfeld.tolist() == [6, 539]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ds.nakamoto(1.2, 3), "in 0 .. 1"),
        (lambda: ds.rosenfeld(0.2, -1), "n is -1"),
        (lambda: ds.rosenfeld(0.2, 1, head_start=-1), "head_start is -1"),
        (lambda: ds.grunspan(0.2, 1.5), "whole number"),
        (lambda: ds.conditional(0.2, 1, 0), "greater than 0"),
        (lambda: ds.confirmations_needed(0.5, 0.001), "always wins"),
        (lambda: ds.confirmations_needed(0.1, 0), "risk is 0"),
        (lambda: ds.confirmations_needed(0.1, "low"), "risk is 'low'; it must be a number"),
        (lambda: ds.confirmations_needed("most", 0.1), "q is 'most'"),
        (lambda: ds.confirmations_needed(0.1, 0.1, "poisson"), "one of nakamoto"),
        (lambda: ds.confirmations_needed(0.4999, 1e-9, limit=100), "more than 100"),
        (lambda: ds.simulate(0.5, 1), "below 0.5"),
        (lambda: ds.simulate(0.1, 1, trials=0), "trials is 0"),
        (lambda: ds.simulate(0.1, 9, give_up_behind=5), "at least 9"),
    ],
)
def test_errors_name_the_domain(call, words):
    with pytest.raises(ValueError, match=words):
        call()
