"""Who cites whom comes out of small documents with known citations, written in every way that the series write them."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from test_derive import DERIVE, FIXTURES, repository, run

FIXTURE = FIXTURES / "specification_citations"
REPOSITORIES = ["bips", "bolts", "blips", "luds", "nuts", "nips", "lsp"]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(DERIVE)
    return importlib.import_module("specification_citations")


def test_script_derives_the_expected_table(tmp_path: Path) -> None:
    upstream = [repository(FIXTURE / name, tmp_path / name) for name in REPOSITORIES]
    done = run("specification_citations", *upstream, "--commit", "HEAD", "--out", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.csv").read_bytes().decode() == (FIXTURE / "expected.csv").read_text(encoding="utf-8")
    assert done.stderr == "cited, but not among the documents: bip9, bip42, bip63, bip173, bolt4, bolt8\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BIP 32, BIP-32, BIP32, bip32, BIP0032, bip-0032.mediawiki, BIP_0032, BIP#32", ["bip32"] * 8),
        ("BOLT #3, BOLT03, BOLT 3, Bolt-3, bolt3_vectors", ["bolt3"] * 5),
        ("LUD-06, lud06, LUD 6", ["lud06"] * 3),
        ("NUT-00, NUT-7, nut07", ["nut00", "nut07", "nut07"]),
        ("NIP-47, nip47, NIP-5A, NIP-B7, NIP-1", ["nip47", "nip47", "nip5a", "nipb7", "nip01"]),
        ("bLIP-0052, BLIP 52, LSPS1, LSPS2.buy", ["blip52", "blip52", "lsps1", "lsps2"]),
        ("BIPs 32 and 44", ["bip32", "bip44"]),
        ("BIPs 16, 65, and 113 of 2016", ["bip16", "bip65", "bip113"]),
        ("BIPs 44,45,49", ["bip44", "bip45", "bip49"]),
        ("BIP340/341/342 and BIP 141/segwit", ["bip340", "bip341", "bip342", "bip141"]),
        ("BIP 34, 66, and 65 activation", ["bip34", "bip66", "bip65"]),
        ("BIPs 380-383, BIPs 8 to 9", ["bip380", "bip381", "bip382", "bip383", "bip8", "bip9"]),
        ("NUT-04 NUT-05", ["nut04", "nut05"]),
        ("BIP9, 95% of 2016 blocks", ["bip9"]),
        ("bolt11/019e6d5a and BIP 9-2016", ["bolt11", "bip9"]),
        ("bip300301, SLIP-0044, BIP-XXXX, NUT-0X, boltz, NIPs, this NIP be, LSPs 2024, XBIP 1", []),
        ("this BIP\n2. Item", []),
        ("in BOLT\n#3, and BIP\n32", ["bolt3", "bip32"]),
    ],
)
def test_names_are_found_in_running_text(script, text: str, expected: list[str]) -> None:
    assert script.names(text) == expected


@pytest.mark.parametrize(
    ("address", "home", "expected"),
    [
        ("bip-0032.mediawiki#Keys", "BIP", "bip32"),
        ("bip-0322/vectors.json", "BIP", "bip322"),
        ("06.md", "LUD", "lud06"),
        ("06.md", "NUT", "nut06"),
        ("/5A.md", "NIP", "nip5a"),
        ("06.md", "BIP", None),
        ("03-transactions.md", "BOLT", "bolt3"),
        ("../LSPS0/", "LSPS", "lsps0"),
        ("https://github.com/lightningnetwork/lightning-rfc/blob/master/11-payment-encoding.md#x", "LUD", "bolt11"),
        ("https://raw.githubusercontent.com/bitcoin/bips/master/bip-0032.mediawiki", "NIP", "bip32"),
        ("https://bips.xyz/173#bech32", "LUD", "bip173"),
        ("https://github.com/bitcoin/bips/pull/1923", "BIP", None),
        ("https://github.com/bitcoin/bips/wiki/Comments:BIP-0032", "BIP", None),
        ("https://github.com/bitcoinjs/bip69/blob/master/index.js", "BIP", None),
        ("https://example.org/bip-0032.mediawiki", "BIP", None),
    ],
)
def test_links_lead_to_documents_of_the_series_only(script, address: str, home: str, expected: str | None) -> None:
    assert script.target(address, home) == expected


def test_a_link_counts_once_also_when_its_text_names_the_target(script) -> None:
    text = "[BIP 32](https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki) [NUT-00][00], [x][00]\n\n[00]: 00.md\n"
    assert script.mentions(text, "NUT") == {"bip32": 1, "nut00": 2}


def test_the_drawing_of_the_luds_is_read_in_its_direction(script) -> None:
    drawing = "{ 01 17 } -> { 02 03 } // 99\n 06 -> 09 -> 10\n 05[label=x]\n 04 -> 18 [style='dotted']"
    assert list(script.drawn(drawing)) == [
        ("lud02", "lud01"),
        ("lud02", "lud17"),
        ("lud03", "lud01"),
        ("lud03", "lud17"),
        ("lud09", "lud06"),
        ("lud10", "lud09"),
    ]
