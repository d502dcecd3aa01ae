"""Stacks: what fits, what is missing, what they are like, and who decides it."""

import math

import pytest

from moip import data
from moip.model import UNKNOWN, Catalog, CatalogError, Stack, StackError, layers
from moip.model.catalog import SLOTS
from moip.model.stacks import PERSON, compare

CHAIN = ("bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", "coin-selection", "bip21", "sparrow")
PHONE = ("bitcoin", "p2wpkh", "mnemonic", "compact-block-filters", "lightning", "bolt11", "phoenix")
BANK = ("bitcoin", "custodial-ledger", "blink", "machankura")


@pytest.fixture(scope="module")
def catalog():
    return Catalog.load()


def test_layers_of_the_table():
    five = layers()
    assert list(five) == [1, 2, 3, 4, 5]
    assert five[1].name == "Security" and "timelock" in five[1].services
    assert str(five[5]) == "layer 5 (Interface)"


@pytest.mark.parametrize("names", [CHAIN, PHONE, BANK])
def test_well_formed(names):
    stack = Stack.of(*names)
    assert stack.well_formed and stack.problems == () and stack.check() is stack
    assert stack.unmet_needs().empty and stack.missing_layers() == () and stack.idle() == ()


def test_order_does_not_matter():
    assert Stack.of(*CHAIN) == Stack.of(*reversed(CHAIN))
    assert Stack.of(*CHAIN).names[0] == "bitcoin" and Stack.of(*CHAIN).names[-1] == "sparrow"


def test_each_member_of_a_minimal_stack_is_needed():
    whole = Stack.of(*CHAIN).replace("sparrow", "bluewallet").check()
    for name in whole.names:
        assert not whole.replace(name).well_formed, name


def test_it_says_what_is_missing():
    stack = Stack.of(*PHONE).replace("mnemonic")
    needs = stack.unmet_needs()
    assert needs[["member", "service", "layer"]].values.tolist() == [["lightning", "key-recovery", 1]]
    assert "slip39" in needs["offered_by"][0]
    assert stack.problems == ("lightning needs recovery of keys at layer 1; codex32, mnemonic, slip39 would offer it.",)
    with pytest.raises(StackError, match=r"is not well formed\. lightning needs recovery of keys"):
        stack.check()


def test_a_missing_layer_and_the_person():
    stack = Stack.of("bitcoin", "p2wpkh")
    assert stack.missing_layers() == (2, 3, 4, 5)
    assert "Nothing offers a service at layer 2." in stack.problems
    assert stack.unmet_needs().groupby("member")["service"].agg(list)[PERSON] == ["confirm", "show"]


def test_a_card_alone_is_no_interface():
    """It captures an authorization, but shows nobody what is authorized."""
    names = ("bitcoin", "custodial-ledger", "blink", "lnurl-withdraw", "bolt-card")
    needs = Stack.of(*names).replace("custodial-ledger", "fedimint").unmet_needs()
    assert "show" in needs["service"].tolist()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("bitcoin", "lightening"), "no technology 'lightening'. Did you mean lightning"),
        (("bitcoin", "op-cat"), "'op-cat' is in the register, but not in the catalog"),
        (("bitcoin", "bitcoin"), "'bitcoin' is given twice"),
        ((), "A stack needs members"),
        (("xyzzy",), "There is no technology 'xyzzy'. There are"),
        (("ZEUS",), "no technology 'ZEUS'. Did you mean zeus"),
        ((3,), "named by its key, a text such as 'bitcoin', not by 3"),
    ],
)
def test_names_that_are_wrong(names, message):
    with pytest.raises(CatalogError, match=message):
        Stack.of(*names)


def test_other_names_that_are_wrong(catalog):
    with pytest.raises(CatalogError, match="no property 'theft'"):
        Stack.of(*CHAIN).value("theft")
    with pytest.raises(CatalogError, match="Did you mean theft_quorum"):
        catalog.property("theft_quorums")
    with pytest.raises(CatalogError, match="'lightning' is not in the stack"):
        Stack.of(*CHAIN).replace("lightning")
    with pytest.raises(CatalogError, match="no slot"):
        catalog.slot("roof")
    with pytest.raises(CatalogError, match="has no row"):
        catalog.only(["bitcoin"]).value("lightning", "exit_weight")


def test_folds():
    chain, phone, bank = (Stack.of(*names) for names in (CHAIN, PHONE, BANK))
    assert chain.value("exit_weight") == 0 and chain.value("settlement_delay") == 3600
    assert phone.value("exit_delay") == 144 and phone.value("settlement_delay") == 0
    assert bank.value("exit_weight") == math.inf and bank.show("exit_weight") == "no exit"
    assert chain.value("theft_quorum") == math.inf and bank.value("theft_quorum") == 1
    assert (chain.trust_class, phone.trust_class, bank.trust_class) == ("trustless", "minimized", "custodial")


def test_unknown_spreads_unless_something_decides():
    swap = Stack.of(
        "bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", "submarine-swap", "bolt11", "muun"
    )
    assert swap.value("settlement_delay") is UNKNOWN and swap.show("settlement_delay") == "unknown"
    # the sender is gone already: what another member does with it does not matter
    bank = Stack.of("bitcoin", "custodial-ledger", "nwc", "alby-extension")
    assert bank.value("sender_left_operator") == 0
    parts = bank.explain("sender_left_operator").set_index("member")["part"]
    assert parts["custodial-ledger"] == "decides" and parts["nwc"] == "outweighed" and parts["bitcoin"] == "nothing"


def test_explanations_name_who_decides():
    phone = Stack.of(*PHONE)
    delay = phone.explain("exit_delay")
    assert delay.query("part == 'contributes'")["member"].tolist() == ["lightning"]
    assert delay.set_index("member").loc["lightning", ["basis", "source"]].tolist() == ["protocol", "repo-lnd"]
    other = phone.replace("phoenix", "breez-mobile")
    assert other.explain("fixed_fee").query("part == 'unknown'")["member"].tolist() == ["breez-mobile"]
    decided = phone.properties().set_index("property")["decided_by"]
    assert decided["freeze_quorum"] == ("bitcoin",) and decided["theft_quorum"] == ()


def test_a_stack_that_is_not_well_formed_has_properties_too():
    assert Stack.of("liquid").value("theft_quorum") == 11


def test_compare():
    table = compare([Stack.of(*CHAIN), Stack.of(*PHONE)])
    assert table.columns.tolist() == ["name", str(Stack.of(*CHAIN)), str(Stack.of(*PHONE))]
    assert len(table) == len(data.table("properties"))


def test_the_catalog_is_large_enough_and_complete(catalog):
    members = catalog.table()
    assert len(members) >= 60
    assert members["layer"].value_counts().min() >= 8
    assert set(members["slot"]) == set(SLOTS)
    assert len(catalog.assessments) == len(members) * len(catalog.properties)


def test_bitcoin_offers_no_transfer_by_itself(catalog):
    """Or else every stack with it would be one that pays on the chain."""
    assert catalog.member("bitcoin").offers.isdisjoint({"pay-output", "transfer"})
    degenerate = catalog.member("bitcoin-transfer")
    assert degenerate.technology == "bitcoin" and degenerate.layer == 2 and degenerate.spans == {2}
