"""Numbered requirements, and their checks on stacks that are known to pass or to break them."""

import dataclasses

import pytest

from moip import data
from moip.model import UNKNOWN, Stack, requirements
from moip.model.requirements import BROKEN, CHECKS, PASSED, REVIEW, UNDECIDED, VOID

CHAIN = Stack.of(
    "bitcoin", "multisig", "mnemonic", "full-node", "bitcoin-transfer", "psbt", "bip321", "sparrow", "trezor"
)
PHONE = Stack.of("bitcoin", "p2wpkh", "mnemonic", "electrum-protocol", "lightning", "lightning-address", "phoenix")
BANK = Stack.of("bitcoin", "custodial-ledger", "blink", "machankura")


def results(stack):
    return stack.requirements().set_index("requirement")["result"].to_dict()


def by_check(stack):
    table = data.table("requirements").query("check != 'review'")
    return {row.check: CHECKS[row.check](stack) for row in table.itertuples()}


def test_the_table():
    table = data.table("requirements")
    assert table.groupby("layer").size().min() >= 8
    assert set(table["check"]) - {"review"} == set(CHECKS), "every check is used, and every used one exists"
    assert set(table["level"]) == {"MUST", "SHOULD", "MAY"}


def test_every_result_is_one_of_five():
    for stack in (CHAIN, PHONE, BANK):
        assert set(results(stack).values()) <= {PASSED, BROKEN, UNDECIDED, VOID, REVIEW}


def test_a_careful_saver_breaks_nothing_that_must_hold():
    table = CHAIN.requirements()
    assert "broken" not in set(table.query("level == 'MUST'")["result"])


@pytest.mark.parametrize(("check", "chain", "phone", "bank"), [
    ("owner_signs", PASSED, PASSED, BROKEN),
    ("no_single_thief", PASSED, BROKEN, BROKEN),
    ("keys_recoverable", PASSED, PASSED, VOID),
    ("checks_all_rules", PASSED, BROKEN, VOID),
    ("no_single_key", PASSED, BROKEN, VOID),
    ("has_exit", PASSED, PASSED, BROKEN),
    ("exit_in_time", PASSED, PASSED, VOID),
    ("states_exit", PASSED, PASSED, PASSED),
    ("funding_confirmed", VOID, PASSED, VOID),
    ("path_is_blind", PASSED, BROKEN, BROKEN),
    ("a_week_away", PASSED, BROKEN, PASSED),
    ("signers_share_a_session", PASSED, VOID, VOID),
    ("names_are_signed", VOID, BROKEN, BROKEN),
    ("abstraction_holds_nothing", PASSED, PASSED, BROKEN),
    ("several_rails", PASSED, BROKEN, BROKEN),
    ("own_screen", PASSED, BROKEN, BROKEN),
    ("person_confirms", PASSED, PASSED, PASSED),
    ("interface_holds_nothing", PASSED, PASSED, BROKEN),
])  # fmt: skip
def test_checks(check, chain, phone, bank):
    assert [CHECKS[check](stack) for stack in (CHAIN, PHONE, BANK)] == [chain, phone, bank]


def test_unknown_is_undecided_where_a_value_must_be_compared():
    names = ("bitcoin", "p2wpkh", "mnemonic", "full-node", "spark", "bolt11", "alby-extension")
    known = Stack.of(*names)
    assert CHECKS["no_single_thief"](known) == PASSED == CHECKS["states_theft_quorum"](known)
    table = known.catalog.assessments
    quorum = (table["member"] == "spark") & (table["property"] == "theft_quorum")
    unknown = table.assign(parsed=table["parsed"].where(~quorum, UNKNOWN))
    spark = Stack.of(*names, catalog=dataclasses.replace(known.catalog, assessments=unknown))
    assert CHECKS["no_single_thief"](spark) == UNDECIDED
    assert CHECKS["states_theft_quorum"](spark) == BROKEN, "what is unknown has not been stated"


def test_withdrawn_formats():
    old = Stack.of("bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", "bip70", "electrum")
    assert CHECKS["request_is_current"](old) == BROKEN
    reused = old.replace("bip70", "address")
    assert CHECKS["outputs_are_fresh"](reused) == BROKEN
    assert CHECKS["outputs_are_fresh"](old.replace("bip70", "bip21")) == PASSED


def test_matrix():
    table = requirements.matrix([CHAIN, BANK])
    assert table.columns.tolist() == ["requirement", "level", str(CHAIN), str(BANK)]
    assert len(table) == len(CHECKS)
    assert table[str(CHAIN)].tolist() == list(by_check(CHAIN).values())
