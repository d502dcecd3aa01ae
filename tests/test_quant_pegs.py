"""Pegs: quorums with a second way, the time it takes to leave, and votes by hash rate (BIP 300)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from moip.quant import pegs, quorum

steady = settings(deadline=None, derandomize=True, max_examples=60)


def test_without_emergency_keys_a_frozen_peg_is_stuck():
    found = pegs.risks((5, 9), None, 0.01, 0.1)
    assert found.stolen == quorum.theft_probability(5, 9, 0.01, 0.1)
    assert found.stuck == found.frozen == quorum.freeze_probability(5, 9, 0.01, 0.1)


def test_emergency_keys_trade_being_stuck_for_being_robbed():
    with_keys, without = pegs.risks((11, 15), (2, 3), 0.01), pegs.risks((11, 15), None, 0.01)
    assert with_keys.frozen == without.frozen
    assert with_keys.stuck < without.stuck
    assert with_keys.stolen > without.stolen
    # 3 p^2 (1 - p) + p^3 for 2 of 3, reached only when the signers have gone
    assert with_keys.stolen - without.stolen == pytest.approx(with_keys.frozen * 0.000298, rel=1e-3)


@steady
@given(st.floats(0.001, 0.5), st.floats(0, 1), st.sampled_from([(2, 3), (3, 4), None]))
def test_risks_are_probabilities(p, beta, emergency):
    found = pegs.risks((5, 9), emergency, p, beta)
    assert 0 <= found.stuck <= found.frozen <= 1
    assert 0 <= found.stolen <= 1


def test_all_block_space_for_a_day():
    people = 144 * 4_000_000 / 124
    assert pegs.days_to_leave(people, 124) == pytest.approx(1)
    assert pegs.days_to_leave(people, 124, share=0.25) == pytest.approx(4)
    assert pegs.days_to_leave(np.array([1, 2]) * people, 124) == pytest.approx([1, 2])


def test_bundles_follow_each_other():
    assert pegs.days_by_bundles(6_000, 6_000, 13_150) == pytest.approx(13_150 / 144)
    assert pegs.days_by_bundles(6_001, 6_000, 13_150) == pytest.approx(2 * 13_150 / 144)
    with pytest.raises(ValueError, match="greater than 0"):
        pegs.days_by_bundles(1, 0, 1)


def test_bip_300_says_three_to_six_months():
    days = [pegs.BIP300.approval_blocks(share) / 144 for share in (1, 0.5)]
    assert days == pytest.approx([91.3, 182.6], abs=0.1)
    assert days[0] / 30.4 == pytest.approx(3, abs=0.01)
    assert pegs.BIP300.approval_blocks(0.49) == math.inf


def test_shares_that_carry_and_stop_a_bundle():
    assert pegs.BIP300.share_needed(opposed=False) == pytest.approx(0.5, abs=1e-4)
    assert pegs.BIP300.share_needed(opposed=True) == pytest.approx(0.75, abs=1e-4)
    assert pegs.BIP300.share_to_block() == pytest.approx(0.25, abs=1e-4)
    assert pegs.BIP300.approval_blocks(0.76, 0.24) < math.inf
    assert pegs.BIP300.approval_blocks(0.74, 0.26) == math.inf


@pytest.mark.parametrize(("acks", "life", "f", "g"), [(51, 101, 0.55, 0.0), (51, 101, 0.5, 0.0), (51, 101, 0.78, 0.22)])
def test_chance_agrees_with_simulation(acks, life, f, g):
    rng = np.random.default_rng(1)
    steps = rng.choice([1, -1, 0], size=(20_000, life - 1), p=[f, g, max(0, 1 - f - g)])
    reached = (steps.cumsum(axis=1) >= acks - 1).any(axis=1).mean()
    escrow = pegs.HashrateEscrow(acks=acks, lifetime_blocks=life)
    assert escrow.approval_chance(f, g) == pytest.approx(reached, abs=0.05)  # the diffusion limit is off by half a step


@pytest.mark.parametrize("share", [0.49, 0.495, 0.505])
def test_chance_without_opposition_is_binomial(share):
    escrow = pegs.BIP300  # the score cannot fall, so the votes are counted; the first block counts as one
    exact = binom.sf(escrow.acks - 2, escrow.lifetime_blocks - 1, share)
    assert escrow.approval_chance(share) == pytest.approx(exact, rel=0.02)


def test_the_threshold_is_sharp():
    chances = [pegs.BIP300.approval_chance(share) for share in (0.49, 0.51)]
    assert chances[0] < 0.001 < 0.999 < chances[1]
    assert pegs.BIP300.approval_chance(1) == 1
    assert pegs.BIP300.approval_chance(0.2, 0.8) == 0


def test_shares_are_checked():
    with pytest.raises(ValueError, match="parts of one hash rate"):
        pegs.BIP300.approval_blocks(0.7, 0.4)
