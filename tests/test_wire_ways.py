"""What was handled in a payment, and that the tables name only what can be made."""

from __future__ import annotations

import pytest
from coincurve import PrivateKey
from embit import script
from embit.ec import PublicKey

from moip import data
from moip.wire import names, requests, uri, ways
from moip.wire.requests import Ask


def test_first_address_of_the_smallest_key() -> None:
    assert ways.first_address(PrivateKey.from_int(1)) == "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm"  # widely published


def test_compressed_address_is_that_of_another_library() -> None:
    key = PublicKey.parse(requests.ADDRESS_KEY.public_key.format())
    assert ways.first_address(compressed=True) == script.p2pkh(key).address()


def test_key_answer_is_a_status_and_a_script_that_pays_to_a_key() -> None:
    answer = ways.key_answer()
    assert answer[:4] == bytes(4)
    assert answer[4] == len(answer) - 5 == 67
    assert answer[5] == 65 and answer[6] == 4 and answer[-1] == 0xAC


def read(message: bytes) -> dict[int, int | bytes]:
    """Fields of a Protocol Buffers message, each once."""
    found, at = {}, 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            found[tag >> 3] = varint()
        else:
            assert tag & 7 == 2
            size = varint()
            found[tag >> 3] = message[at : at + size]
            at += size
    return found


@pytest.mark.parametrize("amount", [1, 127, 128, 50_000, 2_100_000_000_000_000])
def test_request_message_reads_back(amount: int) -> None:
    ask = Ask(amount, "x" * 200)
    details = read(read(ways.request_message(ask))[4])
    output = read(details[2])
    assert output[1] == amount
    assert output[2] == script.p2pkh(PublicKey.parse(requests.ADDRESS_KEY.public_key.format())).data
    assert details[4] - details[3] == ways.REQUEST_SECONDS
    assert details[5] == b"x" * 200


def test_links_say_what_is_asked() -> None:
    for fetch in (False, True):
        found = uri.read(ways.link(Ask(), fetch=fetch), understood=["r"])
        assert (found.amount_sat, found.message) == (Ask().amount_sat, Ask().description)
        assert dict(found.instructions) == ({"r": ways.REQUEST_URL} if fetch else {})


def test_answers_carry_what_can_be_paid() -> None:
    made = {piece: make(Ask()) for piece, make in ways.PIECES.items()}
    assert names.read_pay_response(made["server-terms"])[0] == Ask().amount_sat * 1000
    assert requests.read_invoice(made["card-call"].partition("&pr=")[2]).amount_msat == Ask().amount_sat * 1000
    assert names.read_txt([names.txt_strings(made["record"])]) == made["record"]


def test_tables_fit() -> None:
    steps, known = data.table("payment_steps"), data.table("payment_ways").set_index("way")
    assert set(steps.piece.dropna()) == set(ways.PIECES)
    assert set(steps.way) == set(known.index)
    assert (steps.groupby("way").step.apply(list).map(lambda n: n == list(range(1, len(n) + 1)))).all()
    assert (steps[steps.decides == "yes"].groupby("way").size() == 1).all()
    assert (steps[steps.place.isna()].basis == "judgment").all()
    assert (known.index.str[:4].astype(int) == known.year).all()


def test_milestones_agree_with_the_other_tables() -> None:
    milestones = data.table("payment_milestones").dropna(subset=["specification"]).set_index("specification")
    first = data.table("wallet_support").sort_values("date").groupby("specification").date.first()
    shared = first.index.intersection(milestones.index)
    assert len(shared) == 5
    assert (milestones.date[shared] == first[shared]).all()
    known = set(data.table("wallet_matrix").feature)
    assert {feature for listed in milestones.features for feature in listed} <= known
