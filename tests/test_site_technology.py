"""The page of every technology: what stands on it comes from the tables and the chapters, and changes with them."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pandas as pd
import pytest

from moip import data
from moip.site import assets, technology
from moip.site.text import Section


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {name: data.table(name) for name in technology.TABLES}


@pytest.fixture(scope="module")
def every(tables: dict[str, pd.DataFrame]) -> dict[str, dict[str, Any]]:
    return technology.records(tables)


def test_every_technology_has_a_record_by_layer_and_name(every: dict, tables: dict) -> None:
    assert set(every) == set(tables["technologies"]["technology"])
    order = [(one["layer"], one["name"].lower()) for one in every.values()]
    assert order == sorted(order)


def test_a_record_says_what_the_tables_say(every: dict, tables: dict) -> None:
    row = tables["technologies"].set_index("technology").loc["lightning"]
    one = every["lightning"]
    assert one["trust_class"] == row["trust_class"] and one["status"] == row["status"]
    assert one["as_of"] == f"{row['as_of']:%Y-%m-%d}"
    assert pd.Timestamp(one["due"]) == row["as_of"] + pd.DateOffset(months=int(row["review_months"]))
    spans = tables["technology_spans"].query("technology == 'lightning'").set_index("layer")
    assert {level["layer"]: level["role"] for level in one["levels"] if level["role"]} == spans["role"].to_dict()
    assert [level["layer"] for level in one["levels"] if level["primary"]] == [row["layer"]]
    assert [level["layer"] for level in one["levels"]] == [5, 4, 3, 2, 1]


def test_what_has_no_part_is_named_and_not_shown_as_a_value(every: dict, tables: dict) -> None:
    (member,) = every["lightning"]["members"]
    rows = tables["assessments"].query("member == 'lightning'")
    assert len(member["values"]) + len(member["silent"]) == len(rows)
    assert {one["name"] for one in member["values"]} & set(member["silent"]) == set()
    values = {one["name"]: one for one in member["values"]}
    assert values["exit delay"]["value"] == "144" and values["exit delay"]["unit"] == "blocks"
    assert values["exit delay"]["basis"].endswith("(computed)")


def test_a_technology_with_two_places_shows_both_its_own_first(every: dict) -> None:
    assert [member["key"] for member in every["bitcoin"]["members"]] == ["bitcoin", "bitcoin-transfer"]


def test_requirements_that_a_member_decides(every: dict) -> None:
    def said(key: str) -> dict[str, str]:
        return {one["requirement"]: one["alone"] for one in every[key]["members"][0]["requirements"]}

    assert said("custodial-ledger")["MOIP-L1-03"] == "breaks it"  # one party can take the money
    assert said("lightning")["MOIP-L1-02"] == "leaves it to others"  # the owner's lock is another member
    assert said("bitcoin")["MOIP-L1-01"] == "meets it"
    assert "MOIP-L1-03" not in said("lightning")  # nobody more can take the money with it


def test_missing_values_are_said_to_be_unknown(every: dict, tables: dict) -> None:
    without = tables["technologies"].loc[tables["technologies"]["year"].isna(), "technology"]
    assert len(without) and all(every[key]["year"] == "" for key in without)
    assert "nan" not in str(every).lower().split()


@pytest.mark.parametrize(
    ("key", "name", "words"),
    [
        (
            "psbt",
            "Partially signed bitcoin transactions (PSBT)",
            ["Partially signed bitcoin transactions", "PSBT", "psbt"],
        ),
        ("bip21", "bitcoin: URI (BIP 21)", ["BIP 21"]),
        ("bolt11", "BOLT 11 invoice", ["BOLT 11 invoice", "BOLT 11"]),
        ("liquid", "Liquid Network", ["Liquid Network", "Liquid", "liquid"]),
        ("loop", "Lightning Loop", ["Lightning Loop"]),
        ("truc", "TRUC (version 3) transactions", ["TRUC transactions", "truc"]),
    ],
)
def test_what_a_chapter_may_call_it(key: str, name: str, words: list[str]) -> None:
    assert technology.aliases(key, name) == words


@pytest.mark.parametrize(
    ("alias", "text", "found"),
    [
        ("Submarine swap", "two submarine swaps later", True),
        ("Watchtowers", "a watchtower looks", True),
        ("Spark", "a spark of hope", False),
        ("Spark", "on Spark, too", True),
        ("BIP 21", "as BIP 21 says", True),
        ("BIP 21", "as BIP 210 says", False),
        ("Taproot", "Taproot-like", False),
        ("psbt", "a PSBT is passed", True),
        ("Lightning Loop", "a lightning loop", False),
    ],
)
def test_whole_words_are_found_names_as_they_are_written(alias: str, text: str, found: bool) -> None:
    assert bool(technology.pattern(alias).search(text)) is found


def test_mentions_lead_to_the_first_section_in_the_order_of_the_book() -> None:
    said = {
        "book/b": [Section("", "B", "nothing", "", ()), Section("part", "A part", "Splicing here", "", ()),
                   Section("more", "More", "", "a table with splicing", ())],
        "book/a": [Section("", "A", "see the register", "", ("../register/register.ipynb#splicing",))],
        "book/register/register": [Section("", "Register", "Channel splicing", "", ())],
    }  # fmt: skip
    env: Any = SimpleNamespace(moip_sections=said)
    found = technology.mentions(env, {"splicing": "Channel splicing", "other": "Other thing"}, ["book/b", "book/a"])
    assert found["other"] == []
    assert [(one["doc"], one["anchor"], one["count"]) for one in found["splicing"]] == [
        ("book/b", "part", 2),
        ("book/a", "", 1),
    ]


def test_a_changed_table_makes_the_pages_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "data"
    shutil.copytree(data.folder(), copy, ignore=shutil.ignore_patterns("derive"))
    monkeypatch.setenv("MOIP_DATA", str(copy))
    env: Any = SimpleNamespace(all_docs={technology.REGISTER: 1})

    def asked() -> list[str]:
        return technology.outdated(None, env, set(), set(), set())  # type: ignore[arg-type]

    assert asked() == [technology.REGISTER] and asked() == []
    with (copy / "technologies.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert asked() == [technology.REGISTER] and asked() == []


def test_rows_of_the_register_lead_to_the_pages() -> None:
    row = '<tr id="peer-swap"><th scope="row">PeerSwap<small>why</small></th><td>3</td></tr>'
    linked = technology.link_rows(row, "../../technology/x.html")
    assert '<th scope="row"><a href="../../technology/peer-swap.html">PeerSwap</a><small>why</small>' in linked


def test_the_template_has_a_place_for_all_of_it(every: dict) -> None:
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.DictLoader({"layout.html": "{% block body %}{% endblock %}"}),
                jinja2.FileSystemLoader(assets.THEME),
            ]
        ),
        undefined=jinja2.StrictUndefined,
    )
    template = environment.get_template("technology.html")
    for key in ("lightning", "bitcoin", "krux", "bolt11"):
        one = every[key]
        page = template.render(
            book_technology=one, book_title="", docstitle="", book_chapters={"1": "book/layers/security"},
            book_requirements={"1": "tbl-x"}, book_place=[1, 2], pathto=lambda name, resource=0: f"../{name}.html",
            book_mentions=[{"doc": "book/a", "chapter": "A", "anchor": "x", "section": "S", "count": 3}],
        )  # fmt: skip
        text = page.replace("&#39;", "'")
        assert one["trust"].replace("'", "'") in text and one["due"] in text and one["source"]["title"][:20] in text
        for member in one["members"]:
            for requirement in member["requirements"]:
                assert requirement["requirement"] in text
            for value in member["values"]:
                assert value["name"] in text
        assert "None" not in text and "A › S" in text and "2 more sections" in text


def test_fractions_are_short_and_minimized_trust_fits_what_holds_nothing(every: dict) -> None:
    assert technology._short("0.00199916") == "0.002" and technology._short("12,000") == "12,000"
    assert technology._short("unknown") == "unknown" and technology._short("0.5") == "0.5"
    assert every["bip353"]["trust"] == technology.TRUST_IN_SERVICE != every["lightning"]["trust"]
