"""The search index: what is in it, how it is written, and that the page's script reads it back as it was meant."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moip.site import assets, search
from moip.site.text import Section, first_sentence, shorten

SAMPLES = (
    "BIP 21 and BOLT-11",
    "Alice’s café costs",
    "LUD-06, NUT 0007; P2PKH",
    "op_cat",
    "Fee-bumping (RBF)",
    "ﬁnality",
)


@pytest.mark.parametrize(
    ("said", "found"),
    list(zip(SAMPLES, (["bip21", "and", "bolt11"], ["alice", "cafe", "costs"], ["lud6", "nut7", "p2pkh"], ["op", "cat"],
                       ["fee", "bumping", "rbf"], ["finality"]), strict=True)),
)  # fmt: skip
def test_words(said: str, found: list[str]) -> None:
    assert search.words(said) == found


def test_only_words_that_say_something_are_kept() -> None:
    kept = [w for w in ["the", "a", "htlc", "12", "2024", "x", "123456", "bip21"] if search.worth(w)]
    assert kept == ["htlc", "2024", "bip21"]


def decoded(coded: str) -> list[str]:
    before, found = "", []
    for code in coded.split(" "):
        before = before[: int(code[0], 36)] + code[1:]
        found.append(before)
    return found


@given(st.sets(st.text("abc123", min_size=1, max_size=50), min_size=1))
def test_front_coding_comes_back(words: set[str]) -> None:
    ordered = sorted(words)
    assert decoded(search.front_coded(ordered)) == ordered


def test_postings_are_differences_and_mark_what_is_said_often() -> None:
    counts = [Counter() for _ in range(80)]
    counts[2]["swap"], counts[40]["swap"], counts[79]["swap"] = 1, 5, 1
    for count in counts:
        count["everywhere"] = 1
    assert search.postings(counts) == (["swap"], ["2 12! 13"])


def test_the_index_knows_pages_sections_and_words() -> None:
    said = {
        "book/a": [Section("", "Layers", "One swap.", "", ()), Section("part", "A part", "Swaps swap swapped swaps swaps", "htlc", ())],
        "book/register/register": [Section("", "Register", "thousands", "of rows", ())],
    }  # fmt: skip
    names, words = search.index(said, ["book/a", "book/none", "book/register/register"], [["t"]], [])
    assert names["pages"] == [["book/a", "Layers"], ["book/register/register", "Register"]]
    assert names["sections"] == [[0, "", ""], [0, "part", "A part"], [1, "", ""]]
    assert names["technologies"] == [["t"]]
    found = dict(zip(decoded(words["words"]), words["where"], strict=True))
    assert found["swaps"] == "1!" and found["htlc"] == "1" and found["swap"] == "0 1"
    assert "thousands" not in found and "register" in found


def test_technologies_are_found_by_name_key_and_specification() -> None:
    rows = {row[0]: row for row in search.technologies()}
    assert rows["segwit"][1] == "Segregated Witness" and "segwit" in rows["segwit"][3].split()
    assert "bip141" in rows["segwit"][3].split()
    assert rows["custodial-ledger"][4] == "custodial"


def test_the_index_is_small() -> None:
    import gzip

    technologies = json.dumps(search.technologies(), separators=(",", ":"))
    assert len(gzip.compress(technologies.encode())) < 9_000


def test_a_sentence_is_cut_at_a_word() -> None:
    assert first_sentence("One thing. Another.") == "One thing."
    assert shorten("word " * 50, 22) == "word word word word …"
    assert shorten("short  text", 22) == "short text"


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_the_page_takes_words_apart_in_the_same_way() -> None:
    text = (assets.THEME / "static" / "search.js").read_text(encoding="utf-8")
    start, end = text.index("  const NUMBERED"), text.index("  /* Whether two words differ")
    script = text[start:end] + f"console.log(JSON.stringify({json.dumps(SAMPLES)}.map(words)))"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [search.words(sample) for sample in SAMPLES]
