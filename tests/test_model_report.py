"""Everything about a stack in one object: agrees with the parts it is made of, and prices what is known."""

import math

import pytest

from moip.model import UNKNOWN, Stack
from moip.model.report import evaluate
from moip.model.requirements import BROKEN, PASSED

CHAIN = Stack.of("bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", "coin-selection", "bip21", "sparrow")
PHONE = Stack.of("bitcoin", "p2wpkh", "mnemonic", "compact-block-filters", "lightning", "bolt11", "phoenix")
NODE = Stack.of(
    "bitcoin", "p2wpkh", "mnemonic", "full-node", "lnd", "mpp", "watchtower", "bolt12", "payment-terminal", "bolt-card"
)
BANK = Stack.of("bitcoin", "custodial-ledger", "blink", "machankura")
HALF = Stack.of("bitcoin", "lightning", "bolt11", "phoenix")


@pytest.mark.parametrize("stack", [CHAIN, PHONE, NODE, BANK, HALF], ids=str)
def test_it_agrees_with_the_stack(stack):
    report = evaluate(stack)
    assert report.well_formed == stack.well_formed and report.problems == stack.problems
    assert report.unmet.equals(stack.unmet_needs()) and report.trust_class == stack.trust_class
    same = ["property", "name", "value", "unit", "number", "decided_by"]
    assert report.properties[same].equals(stack.properties()[same])
    same = ["requirement", "layer", "level", "statement", "result"]
    assert report.requirements[same].equals(stack.requirements()[same])
    assert report.members["member"].tolist() == list(stack.names)
    assert all(report.show(key) == stack.show(key) for key in report.values)


def test_the_basis_is_the_weakest_of_those_who_decide():
    report = evaluate(PHONE).properties.set_index("property")
    assert report.loc["freeze_quorum", ["decided_by", "basis"]].tolist() == [("bitcoin",), "measured"]
    assert report.loc["fixed_fee", "basis"] == "measured"
    other = evaluate(PHONE.replace("phoenix", "breez-mobile")).properties.set_index("property")
    assert other.loc["fixed_fee", "basis"] == "judgment", "the wallet's unknown fee is a judgment"
    assert report.loc["theft_quorum", ["decided_by", "basis"]].tolist() == [(), ""]


def test_broken_by_level():
    report = evaluate(BANK)
    assert set(report.broken()) == set(report.broken("MUST")) | set(report.broken("SHOULD")) | set(report.broken("MAY"))
    assert "MOIP-L4-07" in report.broken("MUST") and "MOIP-L1-03" in report.broken("SHOULD")
    assert set(report.which(PASSED)).isdisjoint(report.which(BROKEN))


def test_cost_on_the_chain_is_block_space():
    report = evaluate(CHAIN)
    assert report.values["payment_weight"] == 562  # one input, payee and change, P2WPKH, a signature of 72 bytes
    assert report.cost(100_000, 10).sat == report.cost(1, 10).sat == 562 / 4 * 10
    assert report.exit_cost(10) == 0, "the value never left"


def test_cost_names_who_asks_an_unknown_fee():
    cost = evaluate(PHONE.replace("phoenix", "breez-mobile")).cost(100_000, 10)
    assert cost.unknown == ("breez-mobile",) and cost.sat is UNKNOWN
    assert cost.known_sat == pytest.approx(0.033 + 10)  # median base fee and 100 ppm of one hop
    assert evaluate(PHONE).cost(100_000, 10).sat == pytest.approx(0.033 + 10 + 4 + 400), "a published price is known"
    assert evaluate(BANK).cost(100_000, 10).unknown[0] == "custodial-ledger"


def test_exit():
    assert evaluate(PHONE).exit_cost(10) == 1114 / 4 * 10  # BOLT 3: a commitment with anchors
    assert evaluate(BANK).exit_cost(10) == math.inf
    spark = Stack.of("bitcoin", "p2wpkh", "mnemonic", "full-node", "spark", "bolt11", "alby-extension")
    assert evaluate(spark).exit_cost(10) is UNKNOWN


def test_negative_prices_are_refused():
    for call in (
        lambda: evaluate(CHAIN).cost(-1, 1),
        lambda: evaluate(CHAIN).cost(1, -1),
        lambda: evaluate(CHAIN).exit_cost(-1),
    ):
        with pytest.raises(ValueError, match="is -1; it must be a number of at least 0"):
            call()


def test_the_example_of_the_module():
    import doctest

    from moip.model import report

    assert doctest.testmod(report).failed == 0
