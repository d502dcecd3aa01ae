"""Requests for payment against the official examples of their formats, and the same request through all of them."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
import segno
from coincurve import PublicKeyXOnly
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.wire import bech, cashu, cbor, names, offers, qr, requests, tlv, uri

VECTORS = Path(__file__).parent / "fixtures" / "requests"
steady = settings(deadline=None, derandomize=True, max_examples=60)


def vectors(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


# The same request in every format


@pytest.fixture(scope="module")
def survey():
    return requests.survey(requests.Ask(50_000, "One copy of Money over IP")).set_index("format")


def test_a_text_that_tells_an_amount_tells_the_one_that_was_asked_for(survey):
    told = survey.dropna(subset="told_amount_sat")
    assert set(told.told_amount_sat) == {50_000}
    assert set(told.told_description) == {"One copy of Money over IP"}
    assert set(survey.index) - set(told.index) == {"address", "lnurl", "lnurlp", "lightning-address", "bip353"}


@steady
@given(st.integers(1, 2_100_000_000), st.text(min_size=1, max_size=60).filter(lambda t: t.strip() and t.isprintable()))
def test_every_format_gives_back_what_it_was_given(amount_sat, description):
    ask = requests.Ask(amount_sat, description)
    for one in requests.FORMATS.values():
        told = one.read(one.write(ask))
        assert told in (requests.Told(), requests.Told(amount_sat, description))


@pytest.mark.parametrize("amount_sat", [0, -1, 1.5, "x", None, requests.SUPPLY_SAT + 1])
def test_an_amount_that_not_every_format_can_say_is_refused(amount_sat):
    with pytest.raises(ValueError, match="whole number from 1 to 2,100,000,000,000,000"):
        requests.Ask(amount_sat)


@pytest.mark.parametrize("description", [5, None, "x" * 640, "é" * 320])
def test_a_description_that_an_invoice_cannot_hold_is_refused(description):
    with pytest.raises(ValueError, match="text of at most 639 bytes"):
        requests.Ask(description=description)


def test_the_longest_description_fits_a_qr_code_unless_the_link_spells_it_out():
    assert len(requests.survey(requests.Ask(requests.SUPPLY_SAT, "x" * 639))) == len(requests.FORMATS)
    with pytest.raises(ValueError, match=r"no QR code holds these 3,\d{3} characters"):
        requests.survey(requests.Ask(description="é" * 319))


def test_the_text_in_a_qr_code_says_the_same(survey):
    for key, one in requests.FORMATS.items():
        text = survey.text[key]
        assert one.read(one.for_qr(text)) == one.read(text)


def test_payloads_that_can_be_counted_by_hand(survey):
    assert survey.payload_bytes["address"] == 1 + 20
    assert survey.payload_bytes["bip21"] == 21 + len("0.0005" + "Shop" + "One copy of Money over IP")
    assert survey.payload_bytes["bip352"] == 1 + 66 + len("0.0005" + "Shop" + "One copy of Money over IP")
    # two records of 2 bytes of head each, an amount of 50,000,000 in 4 bytes, a key in 33
    assert survey.payload_bytes["bolt12"] == 2 + 4 + 2 + 25 + 2 + 33
    assert survey.payload_bytes["lnurl"] == survey.payload_bytes["lnurlp"] - 1 == len(requests.PAY_URL)


def test_a_routing_hint_adds_what_bolt_11_says(survey):
    words = (264 + 64 + 32 + 32 + 16 + 4) // 5 + 3  # one entry, padded to 5 bits, and its head of 15 bits
    assert survey.characters["bolt11-hint"] - survey.characters["bolt11"] == words


def test_a_blinded_path_takes_the_place_of_a_key(survey):
    path = 33 + 33 + 1 + (33 + 2 + 51) + (33 + 2 + 16)
    assert path == 204  # as in the offer of BIP 353's example
    assert survey.payload_bytes["bolt12-path"] - survey.payload_bytes["bolt12"] == (2 + path) - (2 + 33)


def test_a_request_for_an_invoice_repeats_the_offer_and_is_signed(survey):
    ask = requests.Ask()
    offer, request = (
        offers.read_offer(requests.offer(ask)),
        offers.from_text(requests.invoice_request(ask), "lnr"),
    )
    assert offer.items() <= request.items()
    assert offers.verify(request, "invoice_request")
    assert not offers.verify({**request, offers.DESCRIPTION: b"something else"}, "invoice_request")
    # 16 bytes of metadata, the payer's key, a signature of 64 bytes
    sent = requests.FORMATS["bolt12"].exchange(ask)[0]
    assert len(sent) == survey.payload_bytes["bolt12"] + (2 + 16) + (2 + 33) + (2 + 64)


@pytest.mark.parametrize("path", [False, True])
def test_the_invoice_for_an_offer_repeats_the_request_and_is_signed_by_its_node(path):
    ask = requests.Ask(777, "tea")
    request = offers.from_text(requests.invoice_request(ask, path=path), "lnr")
    invoice = offers.from_text(requests.offer_invoice(ask, path=path), "lni")
    assert all(invoice[kind] == value for kind, value in request.items() if kind != offers.SIGNATURE)
    assert set(invoice) - set(request) == {160, 162, 164, 168, 170, 176}
    assert tlv.read_truncated(invoice[170]) == 777_000
    # the issuer's key, or without one the last hop of the offer's path
    last = offers.read_paths(request[offers.PATHS])[-1].hops[-1].blinded_node_id if path else request[offers.ISSUER_ID]
    assert invoice[176] == last
    (way,) = offers.read_paths(invoice[160])
    assert way.encode() == invoice[160] and len(way.hops) == 1 + path and len(invoice[162]) == 28
    tag = sha256(b"lightninginvoicesignature").digest()
    digest = sha256(tag + tag + offers.merkle_root(invoice)).digest()
    assert PublicKeyXOnly(last[1:]).verify(invoice[offers.SIGNATURE], digest)


def test_bytes_of_the_whole_exchange_counted_by_hand(survey):
    request = survey.payload_bytes["bolt12"] + (2 + 16) + (2 + 33) + (2 + 64)
    path = 33 + 33 + 1 + (33 + 2 + 50)
    added = (2 + path) + (2 + 28) + (2 + 4) + (2 + 32) + (2 + 4) + (2 + 33)
    assert survey.exchange_bytes["bolt12"] == 2 * request + added
    # who found the offer under a name says so in its request, and the invoice repeats it
    name = 2 + (1 + len("till")) + (1 + len("shop.example"))
    record = len("bitcoin:?lno=") + survey.characters["bolt12"]
    looked_up = len("till.user._bitcoin-payment.shop.example.")
    assert survey.exchange_bytes["bip353"] == looked_up + record + survey.exchange_bytes["bolt12"] + 2 * name
    assert survey.exchange_bytes["lnurl"] == survey.exchange_bytes["lnurlp"]
    silent = {"address", "bip21", "bip321", "bip352", "bolt11", "bolt11-hint", "nut18", "nut26"}
    assert set(survey.index[survey.exchange_bytes == 0]) == silent


def test_the_server_of_an_lnurl_answers_with_the_amount_and_an_invoice_that_commits_to_the_purpose():
    ask = requests.Ask(777, "tea")
    asked, first, asked_again, second = requests.FORMATS["lnurl"].exchange(ask)
    assert asked.decode() == names.read_lnurl(requests.FORMATS["lnurl"].write(ask))
    assert asked_again.decode() == json.loads(first)["callback"] + "?amount=777000"
    assert names.read_pay_response(first.decode()) == (777_000, 777_000, "tea")
    invoice = requests.read_invoice(json.loads(second)["pr"])
    assert invoice.description_hash == names.description_hash(json.loads(first)["metadata"])
    assert invoice.amount_msat == 777_000


# Keys and addresses


def test_the_address_is_that_of_bip_173():
    assert requests.address() == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


def test_silent_payment_address_of_bip_352():
    published = (
        "sp1qqgste7k9hx0qftg6qmwlkqtwuy6cycyavzmzj85c6qdfhjdpdjtdgqjuexzk6murw56suy3e0rd2cgqvycxttddwsvgxe2usfpxumr70"
        "xc9pkqwv"
    )
    scan, spend = requests.SCAN_KEY.public_key.format(), requests.SPEND_KEY.public_key.format()
    assert requests.silent_payment_address(scan, spend) == published
    assert requests.read_silent_payment_address(published) == (0, scan, spend)
    # "ceil(66*8/5) = 106 characters", and 117 in all with a prefix of three characters
    assert len(requests.silent_payment_address(scan, spend, "tsp")) == 117


# BOLT 11


@pytest.mark.parametrize("example", vectors("bolt11"), ids=lambda e: e["title"][:40])
def test_invoices_of_bolt_11(example):
    if not example["valid"]:
        with pytest.raises(Exception):  # noqa: B017 (the library has an exception for each rule)
            requests.read_invoice(example["invoice"])
        return
    found = requests.read_invoice(example["invoice"])
    assert found.payee == requests.NODE_KEY.public_key.format().hex() or "high-S" in example["title"]


def test_our_invoice_differs_from_an_example_of_bolt_11_only_where_the_request_does():
    from bolt11 import encode

    example = vectors("bolt11")[1]["invoice"]  # 1 cup coffee, within a minute
    key = requests.NODE_KEY.to_hex()
    assert encode(requests.read_invoice(example), key) == example
    made = requests.read_invoice(requests.invoice(requests.Ask(250_000, "1 cup coffee")))
    found = requests.read_invoice(example)
    assert (made.payee, made.payment_secret, made.date) == (found.payee, found.payment_secret, found.date)
    assert (made.amount_msat, made.description) == (found.amount_msat, found.description)
    assert made.features.readable == found.features.readable
    assert (found.expiry, made.expiry) == (60, 3600)  # an hour unless stated


# BOLT 12


@pytest.mark.parametrize("vector", vectors("bolt12-offers"), ids=lambda v: v["description"][:40])
def test_offers_of_bolt_12(vector):
    if not vector["valid"]:
        with pytest.raises(ValueError):
            offers.read_offer(vector["bolt12"])
        return
    records = offers.read_offer(vector["bolt12"])
    assert {kind: value.hex() for kind, value in records.items()} == {f["type"]: f["hex"] for f in vector["fields"]}
    assert offers.to_text("lno", records) == vector["bolt12"]
    if offers.PATHS in records:
        paths = offers.read_paths(records[offers.PATHS])
        assert b"".join(path.encode() for path in paths) == records[offers.PATHS]


@pytest.mark.parametrize("vector", vectors("bolt12-strings"), ids=lambda v: v["comment"][:40])
def test_texts_of_bolt_12(vector):
    if vector["valid"]:
        offers.read_offer(vector["string"])
    else:
        with pytest.raises(ValueError):
            offers.read_offer(vector["string"])


@pytest.mark.parametrize("vector", vectors("bolt12-signatures"), ids=lambda v: v["comment"][:40])
def test_merkle_roots_and_the_signature_of_bolt_12(vector):
    leaves = [bytes.fromhex(key[11:-1]) for leaf in vector["leaves"] for key in leaf if key.startswith("H(`LnLeaf`,")]
    records = {kind: value for leaf in leaves for kind, value in tlv.decode(leaf).items()}
    assert offers.merkle_root(records).hex() == vector["merkle"]
    if "bolt12" in vector:
        signed = offers.sign(records, requests.PAYER_KEY, "invoice_request")
        assert signed[offers.SIGNATURE].hex() == vector["signature"]
        assert offers.to_text("lnr", signed) == vector["bolt12"]
        assert offers.verify(signed, "invoice_request")


# BIP 21 and BIP 321


@pytest.mark.parametrize("link", vectors("bip321")["valid"])
def test_valid_links_of_bip_321(link):
    found = uri.read(link)
    assert uri.read(uri.write(found)) == found
    assert uri.read(uri.for_qr(link)).amount_sat == found.amount_sat


@pytest.mark.parametrize("link", vectors("bip321")["invalid"])
def test_invalid_links_of_bip_321(link):
    with pytest.raises(ValueError):
        uri.read(link)


def test_the_link_of_bip_21_with_everything():
    link = "bitcoin:175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W?amount=50&label=Luke-Jr&message=Donation%20for%20project%20xyz"
    found = uri.read(link)
    assert found == uri.BitcoinUri(
        "175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W", 50 * uri.COIN_SAT, "Luke-Jr", "Donation for project xyz"
    )
    assert uri.write(found) == link


@pytest.mark.parametrize("amount", ["50,000.00", "1e3", "-1", "", "0.000000001"])
def test_amounts_that_are_no_decimal_number_of_satoshis(amount):
    with pytest.raises(ValueError, match="amount"):
        uri.read(f"bitcoin:175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W?amount={amount}")


def test_a_link_without_an_instruction_is_refused():
    for link in ("bitcoin:", "bitcoin:?amount=1", "lightning:lnbc1"):
        with pytest.raises(ValueError):
            uri.read(link)
    with pytest.raises(ValueError):
        uri.write(uri.BitcoinUri(amount_sat=1))


def test_upper_case_leaves_texts_and_base58_alone():
    link = "bitcoin:?amount=0.1&message=Tea%20time&lno=lno1pgx&sp=175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W"
    assert uri.for_qr(link) == (
        "BITCOIN:?AMOUNT=0.1&MESSAGE=Tea%20time&LNO=LNO1PGX&SP=175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W"
    )


# LNURL, Lightning Address, BIP 353


def test_lnurl_of_lud_01():
    url = "https://service.com/api?q=3fc3645b439ce8e7f2553a69e5267081d96dcd340693afabe04be7b0ccd178df"
    text = (
        "LNURL1DP68GURN8GHJ7UM9WFMXJCM99E3K7MF0V9CXJ0M385EKVCENXC6R2C35XVUKXEFCV5MKVV34X5EKZD3EV56NYD3HXQURZEPEXEJXXEPN"
        "XSCRVWFNV9NXZCN9XQ6XYEFHVGCXXCMYXYMNSERXFQ5FNS"
    )
    assert names.lnurl(url) == text.lower()
    assert names.read_lnurl(text) == url


def test_links_of_lud_17_and_addresses_of_lud_16():
    assert names.read_pay_link("lnurlp://domain.com/path") == "https://domain.com/path"
    assert names.read_pay_link("lnurlp://examplennnnnnnn.onion/path") == "http://examplennnnnnnn.onion/path"
    assert names.address_url("satoshi@bitcoin.org") == "https://bitcoin.org/.well-known/lnurlp/satoshi"
    for wrong in ("Satoshi@bitcoin.org", "satoshi", "satoshi@localhost", "a b@c.org"):
        with pytest.raises(ValueError):
            names.address_url(wrong)
    with pytest.raises(ValueError):
        names.lnurl("http://service.com/api")
    with pytest.raises(ValueError):
        names.read_pay_response('{"status":"ERROR","reason":"no"}')


def test_records_of_bip_353():
    assert names.dns_name("₿matt@mattcorallo.com") == "matt.user._bitcoin-payment.mattcorallo.com."
    link = "bitcoin:?lno=" + "q" * 400
    parts = names.txt_strings(link)
    assert [len(part) for part in parts] == [255, len(link) - 255]
    assert names.read_txt([["bitcoin is cool!"], parts]) == link
    for records in ([], [["bitcoin:?sp=1"], ["BITCOIN:?sp=2"]]):
        with pytest.raises(ValueError):
            names.read_txt(records)


# Cashu


def transportable(vector):
    request = vector["request"]
    return "nut10" not in request and all(t["t"] == "post" and not t.get("g") for t in request.get("t", []))


@pytest.mark.parametrize("vector", vectors("cashu")["nut18"], ids=lambda v: v["title"])
def test_texts_of_nut_18(vector):
    if vector["title"] == "Basic Payment Request":
        # the document's text holds another mint and another receiver than its own description of it
        assert cashu.read_a(vector["text"])["m"] == ["https://nofees.testnut.cashu.space"]
        assert vector["request"]["m"] == ["https://8333.space:3338"]
        return
    assert cashu.read_a(vector["text"]) == vector["request"]
    if transportable(vector):
        request = cashu.from_map(vector["request"])
        assert cashu.from_map(cashu.read_a(cashu.write_a(request))) == request


@pytest.mark.parametrize("vector", [v for v in vectors("cashu")["nut26"] if transportable(v)], ids=lambda v: v["title"])
def test_texts_of_nut_26(vector):
    request = cashu.from_map(vector["request"])
    assert cashu.write_b(request).upper() == vector["text"]
    assert cashu.read_b(vector["text"]) == request
    assert len(cashu.write_a(request)) < len(vector["text"])  # though NUT-26 announces 30-60% less


def test_what_the_reader_of_ecash_requests_does_not_cover_is_refused():
    for vector in vectors("cashu")["nut26"]:
        if not transportable(vector):
            with pytest.raises(ValueError):
                cashu.from_map(vector["request"])
            with pytest.raises(ValueError):
                cashu.read_b(vector["text"])


# RFC 8949, appendix A
CBOR = {
    "00": 0, "17": 23, "1818": 24, "1903e8": 1000, "1a000f4240": 1_000_000, "1bffffffffffffffff": 2**64 - 1,
    "f4": False, "f5": True, "6161": "a", "62c3bc": "ü", "4401020304": b"\1\2\3\4", "83010203": [1, 2, 3],
    "a26161016162820203": {"a": 1, "b": [2, 3]},
}  # fmt: skip


@pytest.mark.parametrize("hexadecimal", CBOR)
def test_cbor_of_rfc_8949(hexadecimal):
    assert cbor.decode(bytes.fromhex(hexadecimal)) == CBOR[hexadecimal]
    assert cbor.encode(CBOR[hexadecimal]).hex() == hexadecimal


@pytest.mark.parametrize("hexadecimal", ["", "18", "6261", "8201", "0000", "20", "f97e00", "9fff", "1900"])
def test_cbor_that_is_cut_off_or_not_covered(hexadecimal):
    with pytest.raises(ValueError):
        cbor.decode(bytes.fromhex(hexadecimal))


# Bech32 without a limit of length


@pytest.mark.parametrize("text", ["A12UEL5L", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"])
def test_texts_of_bip_173(text):
    decoded = bech.decode(text, "bech32")
    assert bech.encode(decoded.prefix, decoded.words, "bech32") == text.lower()
    with pytest.raises(ValueError):
        bech.decode(text, "bech32m")


@pytest.mark.parametrize("text", ["pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8", "A12uEL5L"])
def test_invalid_texts_of_bip_173(text):
    with pytest.raises(ValueError):
        bech.decode(text, "bech32")


@steady
@given(st.binary(max_size=300), st.sampled_from(["bech32", "bech32m", "none"]))
def test_bytes_come_back(data, checksum):
    assert bech.decode(bech.encode("x", data, checksum).upper(), checksum).data == data


# QR codes


def test_capacity_of_the_smallest_codes():
    # ISO/IEC 18004: version 1 at error correction M holds 20 alphanumeric characters or 14 bytes, version 2 holds 38 or 26
    assert [qr.code("A" * n).version for n in (20, 21, 38, 39)] == [1, 2, 2, 3]
    assert [qr.code("a" * n).version for n in (14, 15, 26, 27)] == [1, 2, 2, 3]
    assert qr.code("A").modules == 21**2


@steady
@given(st.text(alphabet="AB9:?=&ab", min_size=1, max_size=80))
def test_segments_are_the_cheapest_and_say_the_text(text):
    parts = qr.segments(text)
    assert "".join(part for part, _ in parts) == text
    assert all(set(part) <= qr.ALPHANUMERIC for part, mode in parts if mode == "alphanumeric")
    assert qr.code(text).version <= qr.code(text, switch=False).version
    if len(text) <= 9:
        best = min(_bits(split) for split in _splits(text))
        assert _bits(parts) == best


def _splits(text):
    if not text:
        return [[]]
    found = []
    for i in range(1, len(text) + 1):
        for mode in ("alphanumeric", "byte") if set(text[:i]) <= qr.ALPHANUMERIC else ("byte",):
            found += [[(text[:i], mode), *rest] for rest in _splits(text[i:])]
    return found


def _bits(parts):
    sizes = {"alphanumeric": lambda n: 9 + 5.5 * n, "byte": lambda n: 8 + 8 * n}
    return sum(4 + sizes[mode](len(part)) for part, mode in parts)


def test_an_upper_case_link_needs_an_encoder_that_switches():
    link = vectors("bip321")["valid"][-3]
    assert link.startswith("BITCOIN:BC1Q")
    assert segno.make(link, error="m", micro=False, boost_error=False).mode == "byte"
    assert qr.code(link).version < qr.code(link, switch=False).version
