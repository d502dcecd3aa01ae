"""Scenarios: what a use asks, which stacks it leaves, and that the candidates of the book fit together."""

import math

import numpy as np
import pytest

from moip import data
from moip.figures import scenarios as drawing
from moip.model import UNKNOWN, Stack, audit
from moip.model import scenarios as sc
from moip.model.enumerate import Space, find
from moip.model.report import evaluate

NEEDED = ("scenarios", "scenario_stacks", "requirements")
FEE_RATE = 10


@pytest.fixture(scope="module")
def scenarios():
    return sc.load()


@pytest.fixture(scope="module")
def candidates(scenarios):
    return {key: sc.Candidate.all(one, FEE_RATE) for key, one in scenarios.items()}


# the tables --------------------------------------------------------------------------------------------------------


def test_the_book_s_scenarios(scenarios):
    assert len(scenarios) >= 7
    for one in scenarios.values():
        assert 3 <= len(one.stacks) <= 5 and all(stack.well_formed for stack in one.stacks.values()), one.key
    assert set(data.table("scenarios")["basis"]) == {"assumption"}


def test_check():
    tables = {name: data.table(name) for name in NEEDED}
    assert sc.check(tables) == [] and sc.check({}) == []
    stacks = tables["scenario_stacks"].copy()
    stacks.at[0, "members"] = ("bitcoin", "lightening")
    stacks.at[1, "members"] = ("bitcoin", "lightning", "bolt11", "phoenix")
    wrong = tables["scenarios"].copy()
    wrong.at[0, "hidden"], wrong.at[0, "required"] = ("amount_left",), ("MOIP-L9-01",)
    told = [str(problem) for problem in sc.check(tables | {"scenario_stacks": stacks.iloc[:5], "scenarios": wrong})]
    for words in ("Did you mean lightning", "lightning needs authorization", "fewer than three stacks are compared",
                  "there is no property 'amount_left'", "there is no requirement 'MOIP-L9-01'"):  # fmt: skip
        assert any(words in line for line in told), words


# needs -------------------------------------------------------------------------------------------------------------


def test_chores():
    saver = Stack.of(
        "bitcoin", "multisig", "mnemonic", "full-node", "bitcoin-transfer", "psbt", "bip321", "sparrow", "trezor"
    )
    assert sc.chores(saver) == 4  # copy, several keys, device, node
    phone = Stack.of("bitcoin", "p2wpkh", "mnemonic", "compact-block-filters", "lightning", "bolt11", "phoenix")
    assert sc.chores(phone) == 2  # copy, duty to be online
    assert sc.chores(Stack.of("bitcoin", "custodial-ledger", "blink")) == 0
    spark = Stack.of("bitcoin", "p2wpkh", "mnemonic", "full-node", "spark", "bolt11", "alby-extension")
    assert sc.chores(spark) is UNKNOWN


def test_leaks_of_a_payment_on_the_chain():
    phone = Stack.of(
        "bitcoin",
        "p2wpkh",
        "mnemonic",
        "electrum-protocol",
        "bitcoin-transfer",
        "coin-selection",
        "bip321",
        "bluewallet",
    )
    seen = sc.leaks(evaluate(phone)).set_index(["observer", "fact"])["left"]
    assert seen["the ledger", "payer"] == 0 and seen["the ledger", "payee"] == 1, "outputs show no owner"
    assert (seen["operators"] == 0).all(), "the server of the wallet sees its addresses"


@pytest.mark.parametrize(("key", "label", "need", "met"), [
    ("shop", "Chain, own server", "delay", False),
    ("shop", "Chain, own server", "cost", False),
    ("shop", "Lightning, own node", "cost", True),
    ("shop", "Lightning, app", "cost", True),
    ("shop", "Account", "cost", None),
    ("machines", "Chain", "amount", False),
    ("remittance", "Lightning, app", "away", False),
    ("remittance", "Lightning, app", "chores", False),
    ("community", "One mint", "required", False),
    ("community", "Federated mint", "required", True),
    ("sidechain", "Stay on the chain", "hidden", False),
    ("sidechain", "Liquid", "hidden", True),
])  # fmt: skip
def test_needs(candidates, key, label, need, met):
    assert candidates[key][label].needs()[need] is met


def test_one_need_that_is_not_met_fails_and_one_that_is_open_leaves_it_open(scenarios, candidates):
    mint = candidates["community"]["Federated mint"]
    assert mint.fit == "open" and "cost" in mint.which(None)
    assert mint.under(scenarios["community"].but(amount_sat=0.0005)).fit == "fails", "below a millisatoshi"
    app = candidates["shop"]["Lightning, app"]
    assert app.under(scenarios["shop"].but(away_hours=48)).fit == "fails"
    assert app.under(scenarios["shop"].but(most_cost_ppm=0)).fit == "fails"


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ({"away": 48}, "'away' is not one of the fields"),
        ({"away_hours": -1}, "away_hours is -1; it must be a number of at least 0"),
        ({"amount_sat": 0}, "amount_sat is 0; nothing would be paid"),
        ({"amount_sat": "x"}, "amount_sat is 'x'; it must be a number"),
        ({"required": ("L1-03",)}, "'L1-03' is not one of the requirements. Did you mean 'MOIP-L1-03'?"),
        ({"hidden": ["amount"]}, "'amount' is not one of the properties"),
    ],
)
def test_needs_that_cannot_be_are_refused(scenarios, needs, message):
    with pytest.raises(ValueError) as error:
        scenarios["shop"].but(**needs)
    assert message in str(error.value)


def test_one_requirement_may_be_named_alone(scenarios):
    assert scenarios["shop"].but(required="MOIP-L1-03").required == ("MOIP-L1-03",)


# the best ----------------------------------------------------------------------------------------------------------


def test_the_best_fits_and_nobody_beats_it(candidates):
    for found in candidates.values():
        for label in sc.best(found.values()):
            assert found[label].fit == "fits"
    assert sc.best(candidates["savings"].values()) == ("Two of three keys",)
    assert sc.best(candidates["community"].values()) == ()
    assert sc.best(candidates["community"].values(), charitable=True) == ("Federated mint",)


def test_the_order_matters_where_nothing_dominates(candidates):
    connected = [one for one in candidates["machines"].values()]
    assert sc.best(connected) == ("Own node, per call",)
    shares = sc.orders(connected)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares == {("Own node, per call",): 1.0}, "it is at least as good in all and better in one"
    charitable = sc.orders(connected, charitable=True)
    assert set(charitable) == {("Own node, per call",), ("Ecash",)}, "ecash shows operators less"


def test_sensitivity(scenarios, candidates):
    table = sc.sensitivity(scenarios["remittance"], candidates["remittance"])
    changed = table[table["changed"]].set_index(["assumption", "factor"])
    assert ("fee_rate", 10) in changed.index and ("fee_rate", 0.1) not in changed.index
    assert changed.loc[("amount_sat", 0.1), "best"] == ()
    assert len(table) == 5 * 4 + 2


# all stacks --------------------------------------------------------------------------------------------------------


def test_all_stacks_at_once_agree_with_single_ones(scenarios):
    space = Space.of()
    codes = find(space)
    rng = np.random.default_rng(3)
    codes = codes[rng.choice(len(codes), 400)]
    results = audit.audit(space, codes)
    for scenario in scenarios.values():
        fits = sc.fit_all(scenario, space, codes, FEE_RATE, results)
        some = [*rng.choice(len(codes), 15), *np.flatnonzero(fits == 0)[:5], *np.flatnonzero(fits == 2)[:5]]
        for i in some:
            one = sc.Candidate("", scenario, evaluate(space.stack(codes[i])), FEE_RATE)
            assert one.fit == ("fits", "fails", "open")[fits[i]], (scenario.key, one.report.stack, one.needs())
        scores = sc.scores_all(scenario, space, codes, FEE_RATE, results)
        for i in some:
            one = sc.Candidate("", scenario, evaluate(space.stack(codes[i])), FEE_RATE)
            assert scores[i] == pytest.approx([ask(one) for ask in sc.CRITERIA.values()], abs=1e-8)


def test_orders_of_many_stacks_agree_with_those_of_single_ones(candidates):
    found = [one for one in candidates["machines"].values() if one.fit != "fails"]
    scores = np.array([[ask(one) for ask in sc.CRITERIA.values()] for one in found])
    rows, shares = sc.orders_all(scores)
    singly = sc.orders(found, charitable=True)
    assert shares.tolist() == pytest.approx(list(singly.values())) and len(rows) == len(singly)
    named = [one.label for one in found]
    assert [named[scores.tolist().index(row.tolist())] for row in rows] == [labels[0] for labels in singly]
    assert len(sc.orders_all(scores[:0])[0]) == 0


# the drawing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0"), (30, "30 s"), (180, "3 min"), (3600, "1 h"), (86_400, "24 h"), (172_800, "2 d")]
)
def test_span(seconds, text):
    assert drawing.span(seconds) == text


def test_cells(candidates):
    account, chain = candidates["shop"]["Account"], candidates["shop"]["Chain, own server"]
    assert drawing.cell(account, "Take") == (2, "1") and drawing.cell(chain, "Take") == (0, "none")
    assert drawing.cell(account, "Cost") == (None, "?") and drawing.cell(chain, "Cost") == (2, "28%")
    assert drawing.cell(account, "Exit") == (2, "no") and drawing.cell(chain, "Exit") == (0, "0")
    assert drawing.cell(chain, "Wait") == (2, "1 h") and drawing.cell(chain, "Fits") == (2, "no")
    liquid = candidates["sidechain"]["Liquid"]
    assert liquid.report.exit_cost(FEE_RATE) == math.inf and drawing.cell(liquid, "Wait") == (0, "2 min")


def test_grid_has_a_row_a_stack_and_marks_the_best(candidates):
    chosen = {key: sc.best(found.values()) for key, found in candidates.items()}
    fig, narrow = drawing.grid(candidates, chosen, "A title")
    ticks = fig.layout.yaxis.ticktext
    assert len(ticks) == sum(len(found) for found in candidates.values()) + len(candidates)
    assert sum("▸" in tick for tick in ticks) == sum(len(labels) for labels in chosen.values())
    assert len(narrow["annotations"]) == len(fig.layout.annotations)
