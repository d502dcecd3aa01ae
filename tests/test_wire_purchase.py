"""The purchase that the chapter follows: whole, consistent, and seen by nobody who should not see it."""

from hashlib import sha256

import bolt11
import pytest
from embit import hashes

from moip.wire import commitment, messages, onion, purchase, vectors, views


@pytest.fixture(scope="module")
def buy():
    return purchase.follow()


def test_the_invoice_asks_for_what_is_bought_on_a_test_chain(buy):
    told = bolt11.decode(buy.invoice)
    assert told.is_regtest()
    assert buy.invoice.startswith("lnbcrt")
    assert told.amount_msat == 2_500_000
    assert told.description == "1 cup coffee"
    assert bytes.fromhex(told.payment_hash) == sha256(buy.preimage).digest()
    assert told.signature.recover_public_key() == buy.nodes[-1].hex()


def test_the_plan_pays_each_forwarder_its_fee_and_time(buy):
    amounts = [step.amount_msat for step in buy.plan]
    assert amounts[-1] == 2_500_000
    for before, after in zip(buy.plan, buy.plan[1:], strict=False):
        assert before.amount_msat - after.amount_msat == buy.policy.fee_msat(after.amount_msat)
        assert before.cltv_expiry - after.cltv_expiry == buy.policy.delta_blocks
        assert onion.read_payload(before.payload)["amt_to_forward"] == after.amount_msat
    assert onion.read_payload(buy.plan[-1].payload)["payment_secret"] == buy.payment_secret


@pytest.mark.parametrize("forwarders", range(purchase.MAX_FORWARDERS + 1))
def test_any_route_can_be_followed(forwarders):
    buy = purchase.follow(forwarders=forwarders)
    assert len(buy.sent) == 10 * (forwarders + 1)
    assert {len(packet) for packet in buy.onions} == {onion.PACKET_BYTES}


def test_the_other_side_reads_every_frame(buy):
    for link in range(len(buy.plan)):
        forth, back = buy.handshake(link)[1].sessions()
        sender = buy.plan[link].sender
        for sent in buy.sent:
            if sent.link == link:
                session = forth if sent.sender == sender else back
                assert session.decrypt(sent.frame) == sent.message


def test_signatures_and_secrets_in_messages_are_those_of_the_transactions(buy):
    for link in range(len(buy.plan)):
        signed = [sent for sent in buy.sent if sent.link == link and sent.name == "commitment_signed"]
        assert [sent.sender == buy.plan[link].sender for sent in signed] == [True, False, False, True]
        for sent, number in zip(signed, (43, 43, 44, 44), strict=True):
            by_sender = sent.sender == buy.plan[link].sender
            held = buy.commitment(link, number, of_sender=not by_sender)
            values, records = messages.decode(sent.name, sent.message)
            assert commitment.verify(commitment.point(held.other.funding), held.digest, values["signature"])
            assert values["num_htlcs"] == len(held.htlc_outputs) == (1 if number == 43 else 0)
            for (index, _), signature in zip(held.htlc_outputs, values["htlc_signature"], strict=True):
                digest = commitment.htlc_digest(held, index, remote=True)
                assert commitment.verify(held.keys.remote_htlc, digest, signature)
            assert records == {1: buy.channels[link].funding_txid}
        revoked = [sent for sent in buy.sent if sent.link == link and sent.name == "revoke_and_ack"]
        for sent, number in zip(revoked, (42, 42, 43, 43), strict=True):
            by_sender = sent.sender == buy.plan[link].sender
            values, _ = messages.decode(sent.name, sent.message)
            assert (
                commitment.point(values["per_commitment_secret"])
                == buy.commitment(link, number, by_sender).per_commitment
            )
            following = buy._secrets(link)[0 if by_sender else 1].point(number + 2)
            assert values["next_per_commitment_point"] == following


def test_the_payer_can_take_the_payment_back_and_holds_the_key_to_what_was_revoked(buy):
    def field(place, name):
        return messages.decode(buy.sent[place].name, buy.sent[place].message)[0][name]

    payers = buy.commitment(0, 43, of_sender=True)
    [(index, _)], [signature] = payers.htlc_outputs, field(3, "htlc_signature")
    assert commitment.complete_htlc(payers, index, signature).locktime == buy.plan[0].cltv_expiry
    with pytest.raises(ValueError, match="does not fit"):
        commitment.complete_htlc(payers, index, field(1, "htlc_signature")[0])
    revoked = buy.commitment(0, 42, of_sender=False)
    secret = commitment.revocation_secret(revoked.other.revocation, field(2, "per_commitment_secret"))
    assert commitment.point(secret) == revoked.keys.revocation


def test_only_amounts_count_as_payload_of_the_wire(buy):
    carried = {what for _, what, role, _ in purchase.leaves(buy) if role == "payload"}
    assert all("amount" in what for what in carried)
    assert "amount_msat" in carried


def test_the_state_before_the_purchase_is_the_vector_of_bolt_3(buy):
    held = buy.commitment(0, 42, of_sender=True)
    signature, _ = commitment.signatures_for_owner(held)
    vector = vectors.load("bolt3-f-simple-commitment-tx-with-no-htlcs")
    assert commitment.complete(held, signature).serialize() == vector["commitment_tx"]


def test_no_money_is_made_or_lost(buy):
    for link in range(len(buy.plan)):
        for number in (42, 43, 44):
            state = buy.state(link, number)
            total = state.opener_msat + state.accepter_msat + sum(htlc.amount_msat for htlc in state.htlcs)
            assert total == buy.channels[link].funding_sat * 1000


def test_the_claim_on_chain_shows_the_preimage_that_opens_the_lock(buy):
    closing, claim = buy.closing()
    *_, preimage, script = claim.vin[0].witness.items
    assert preimage == buy.preimage
    assert hashes.ripemd160(sha256(preimage).digest()) in script
    assert closing.vout[claim.vin[0].vout].value == buy.plan[0].amount_msat // 1000
    assert claim.vin[0].txid == closing.txid()


@pytest.mark.parametrize("amount", [0.001, 1, 545, 546, 2_500, 1_000_000, 6_900_000])
def test_every_byte_has_one_place_in_the_anatomy(amount):
    buy = purchase.follow(amount)
    closing, claim = buy.closing()
    assert (claim is None) == (buy.plan[0].amount_msat < 546_000)
    first = buy.sent[0]
    for parts, size in (
        (purchase.invoice_parts(buy.invoice), len(buy.invoice)),
        (purchase.plan_parts(buy.plan), sum(len(step.payload) for step in buy.plan)),
        (purchase.onion_parts(buy.hops), len(buy.onions[0])),
        (purchase.message_parts(first), len(first.message)),
        (purchase.frame_parts(first), len(first.frame)),
        (purchase.transaction_parts(closing, buy.commitment(0, 43, of_sender=False)), len(closing.serialize())),
    ):
        assert sum(count for *_, count in parts) == size
        assert {role for _, role, _ in parts} <= set(purchase.ROLES)
    assert sum(count for *_, count in purchase.leaves(buy)) == sum(len(sent.frame) for sent in buy.sent)


def test_what_cannot_be_paid_is_refused():
    with pytest.raises(ValueError, match="can send"):
        purchase.follow(7_000_000)
    with pytest.raises(ValueError, match="smallest amount"):
        purchase.follow(0)
    for wrong in (float("nan"), float("inf"), "x"):
        with pytest.raises(ValueError, match=r"amount_sat is .*; it must be a number"):
            purchase.follow(wrong)
    for wrong in (6, -1, 1.5, "x"):
        with pytest.raises(ValueError, match="must be a whole number from 0 to 5"):
            purchase.follow(forwarders=wrong)
    for wrong in ("x" * 640, 5):
        with pytest.raises(ValueError, match="text of at most 639 bytes"):
            purchase.follow(description=wrong)


def test_who_reads_what(buy):
    seen = views.matrix(buy)
    by = {observer: set(seen.index[seen[observer]]) for observer in seen.columns[1:]}
    assert by["payer"] == set(seen.index)
    assert by["forwarder 1"] == {
        "payer's node key",
        "amount that leaves the payer",
        "preimage, the receipt",
        "payment hash",
    }
    assert by["forwarder 2"] == {
        "payee's node key",
        "amount that reaches the payee",
        "preimage, the receipt",
        "payment hash",
    }
    assert by["payee"] == {
        "what is bought", "payment secret", "payee's node key", "amount that reaches the payee", "preimage, the receipt",
        "payment hash",
    }  # fmt: skip
    assert by[views.WIRE] == by[views.QUIET] == set()
    assert by[views.CHAIN] == {"amount that leaves the payer", "preimage, the receipt", "payment hash"}


def test_without_forwarders_the_payee_knows_the_payer():
    seen = views.matrix(purchase.follow(forwarders=0))
    assert seen.loc["payer's node key", "payee"]


def test_a_payment_too_small_for_an_output_leaves_nothing_on_the_chain():
    seen = views.matrix(purchase.follow(100))
    assert not seen[views.CHAIN].any()
