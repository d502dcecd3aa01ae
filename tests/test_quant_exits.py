"""Exits to layer 1: weights against BOLT 3 and the model's assessments, costs and room by hand."""

import numpy as np
import pytest

from moip import data
from moip.quant import exits
from moip.quant import transactions as tx


def test_sweep_of_a_balance_is_what_bolt_3_adds_up_to():
    """4 x 82 bytes without witness; witness: marker and flag, item count, signature 73, empty item, script 1 + 77."""
    steps = exits.lightning_exit().set_index("step")
    assert steps.weight_wu["sweep"] == 4 * (4 + 1 + 41 + 1 + 31 + 4) + 2 + 1 + 73 + 1 + 1 + 77


def test_commitment_is_that_of_the_book():
    steps = exits.lightning_exit().set_index("step")
    assert steps.weight_wu["commitment"] == tx.lightning_commitment(0, anchors=True).size.weight_wu
    assert abs(steps.weight_wu["commitment"] - tx.bolt3_commitment_weight(0, anchors=True)) < 20


def test_a_payment_in_flight_adds_its_three_parts():
    none, one = (exits.lightning_exit(n).weight_wu.sum() for n in (0, 1))
    timeout = tx.lightning_htlc(success=False).size.weight_wu
    output = tx.lightning_commitment(1).size.weight_wu - tx.lightning_commitment(0).size.weight_wu
    assert output == 172  # BOLT 3: 172 a payment
    assert one - none == output + timeout + (exits._sweep(2, 72) - exits._sweep(1, 72))


def test_tree_agrees_with_the_assessment():
    assessments = data.table("assessments").set_index(["member", "property"]).value
    steps = exits.tree_exit(128).set_index("step")
    assert steps.transactions["tree"] == 7
    assert steps.weight_wu["tree"] == int(assessments["arkade", "exit_weight"])
    assert exits.lightning_exit().weight_wu[0] == int(assessments["lightning", "exit_weight"])
    assert exits.routes().set_index("route").weight_wu["statechain"] == int(assessments["mercury-layer", "exit_weight"])
    with pytest.raises(ValueError, match="at least 2"):
        exits.tree_exit(1)


def test_routes_are_sorted_and_alone_is_heavier_than_together():
    table = exits.routes().set_index("route")
    assert table.weight_wu.is_monotonic_increasing
    assert table.weight_wu["channel-alone"] > table.weight_wu["channel-together"]
    assert not table.alone["channel-together"]


def test_child_is_lighter_than_what_it_lifts():
    assert 500 < exits.anchor_child() < tx.lightning_commitment(0, anchors=True).size.weight_wu


def test_cost_and_room_by_hand():
    assert exits.smallest_balance(400, 10) == 1000
    assert exits.smallest_balance(np.array([400, 402]), 1).tolist() == [100, 101]
    assert exits.exits_in(1, 4_000_000) == 1
    assert exits.exits_in(144, 1000) == 144 * 4000
    assert exits.exits_in(1, 1000, share=0.5) == 2000
    assert exits.blocks_for(8000, 1000) == 2


def test_errors_say_what_is_wrong():
    for wrong in (lambda: exits.smallest_balance(-1, 1), lambda: exits.exits_in(0, 1), lambda: exits.blocks_for(1, 0)):
        with pytest.raises(ValueError, match="must"):
            wrong()
    with pytest.raises(ValueError, match="fee_rate is 'ten'; it must be a number"):
        exits.smallest_balance(400, "ten")
    with pytest.raises(ValueError, match="blocks is 0 and weight_wu is 5056"):
        exits.exits_in(0, np.int64(5056))
