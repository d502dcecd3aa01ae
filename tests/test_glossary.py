"""Terms are found as a reader would find them, and a term without an entry is named."""

import pandas as pd
import pytest

from moip.checks import terms
from moip.glossary import Glossary
from moip.site.glossary import _link

TABLE = pd.DataFrame(
    [
        ("term-htlc", "HTLC", "hash time-locked contract;HTLCs", "A payment that a secret releases."),
        ("term-ecash", "ecash", "ecash tokens", "A token that a mint signs blindly."),
        ("term-payment-hash", "payment hash", "", "What the secret hashes to."),
    ],
    columns=["term", "name", "forms", "meaning"],
)


def found(text: str) -> list[str]:
    return [text[f.start : f.end] for f in Glossary(TABLE).find(text)]


def test_whole_words_and_the_longest_form() -> None:
    assert found("Ecash tokens pass; ecash stays. HTLCs carry a payment hash.") == [
        "Ecash tokens",
        "ecash",
        "HTLCs",
        "payment hash",
    ]


def test_parts_of_words_and_other_cases_are_not_terms() -> None:
    assert found("ecashlike, pre-ecash, ecash-based, htlc, ECASH") == []


def test_two_terms_cannot_share_a_form() -> None:
    twice = pd.concat([TABLE, TABLE.head(1).assign(term="term-other")])
    with pytest.raises(ValueError, match="'HTLC' is a form of term-htlc and of term-other"):
        Glossary(twice)


def test_only_the_first_use_is_linked() -> None:
    used: set[str] = set()
    pieces = _link("An HTLC is an HTLC.", Glossary(TABLE), used, "../glossary.html")
    links = [piece for piece in pieces if piece.tagname == "reference"]
    assert "".join(p.astext() for p in pieces) == "An HTLC is an HTLC." and len(links) == 1
    assert links[0]["refuri"] == "../glossary.html#term-htlc" and links[0]["reftitle"] == TABLE.meaning[0]
    assert _link("HTLC again", Glossary(TABLE), used, "x") == []


def test_plain_words_are_not_linked() -> None:
    table = TABLE.assign(linked=[False, True, True])
    assert _link("An HTLC.", Glossary(table), set(), "x") == [] and _link("ecash", Glossary(table), set(), "x")


def test_a_term_without_entry_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    import re

    monkeypatch.setitem(terms._CACHE, tmp_path, (Glossary(TABLE), re.compile(r"\bjamming\b")))
    text = [("chapter cell 3", "An HTLC and a PTLC, by BIP 341 and in JSON. Jamming and jamming.")]
    problems = list(terms.check("chapter", text, tmp_path))
    assert [p.what.split("'")[1] for p in problems] == ["PTLC", "jamming"]
    assert all(p.where == "chapter cell 3" and "glossary.csv" in p.fix for p in problems)
