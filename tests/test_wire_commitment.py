"""Commitment and HTLC transactions against BOLT 3's appendices C to F."""

from hashlib import sha256

import pytest

from moip.wire import checks, commitment, script, vectors
from moip.wire.commitment import Htlc, State

COMMITMENTS = [*vectors.names("bolt3-c-"), *vectors.names("bolt3-f-")]


def test_secrets_and_keys_are_derived():
    pairs = list(checks.secrets())
    assert len(pairs) == 5 + 4
    assert all(mine == due for mine, due in pairs)


@pytest.mark.parametrize("name", COMMITMENTS)
def test_a_commitment_and_its_htlcs_bit_for_bit(name):
    vector = vectors.load(name)
    built, preimages = checks.bolt3_commitment(name)
    signature, htlcs = commitment.signatures_for_owner(built)
    assert commitment.complete(built, signature).serialize() == vector["commitment_tx"]
    assert commitment.to_der(signature) == vector["remote_signature"]
    assert f"htlc_tx_{len(htlcs)}" not in vector
    for n, ((index, output), mine) in enumerate(zip(built.htlc_outputs, htlcs, strict=True)):
        preimage = b"" if output.htlc.from_opener else preimages[output.htlc.payment_hash]
        signed = commitment.complete_htlc(built, index, mine, preimage)
        assert commitment.to_der(mine) == vector[f"remote_htlc_signature_{n}"]
        assert signed.serialize() == vector[f"htlc_tx_{n}"]


def test_all_vectors_of_the_appendices_are_there():
    assert len(COMMITMENTS) == 16 + 9
    assert all(mine == due for mine, due in checks.transactions())


def test_keys_of_the_commitment_are_those_that_bolt_3_prints():
    keys = vectors.load("bolt3-keys")
    built, _ = checks.bolt3_commitment(COMMITMENTS[0])
    assert built.keys == commitment.Keys(
        revocation=keys["local_revocation_pubkey"],
        delayed=keys["local_delayedpubkey"],
        local_htlc=keys["local_htlcpubkey"],
        remote_htlc=keys["remote_htlcpubkey"],
        remote_payment=keys["remote_payment_basepoint"],
    )
    # "obscured commitment number = 0x2bb038521914 ^ 42"
    assert built.channel.obscured(42) == 0x2BB038521914 ^ 42


def test_signatures_are_checked():
    built, _ = checks.bolt3_commitment(COMMITMENTS[0])
    signature, _ = commitment.signatures_for_owner(built)
    remote = commitment.point(built.other.funding)
    assert commitment.verify(remote, built.digest, signature)
    assert not commitment.verify(remote, bytes(32), signature)
    assert not commitment.verify(commitment.point(built.owner.funding), built.digest, signature)
    with pytest.raises(ValueError, match="does not fit this commitment"):
        commitment.complete(built, signature[::-1])
    assert commitment.from_der(commitment.to_der(signature)) == signature


def test_an_htlc_signature_of_another_is_refused():
    built, _ = checks.bolt3_commitment("bolt3-f-commitment-tx-with-seven-outputs-untrimmed")
    _, htlcs = commitment.signatures_for_owner(built)
    (first, _), *_ = built.htlc_outputs
    with pytest.raises(ValueError, match="does not fit this HTLC"):
        commitment.complete_htlc(built, first, htlcs[1])
    balance = next(i for i, output in enumerate(built.outputs) if output.role == "to_local")
    with pytest.raises(ValueError, match="is to_local, no HTLC"):
        commitment.htlc_transaction(built, balance)


@pytest.mark.parametrize("anchors", [False, True])
@pytest.mark.parametrize("offered", [False, True])
def test_a_payment_has_an_output_from_the_limit_on(anchors, offered):
    """BOLT 3, "Trimmed Outputs": with anchors the dust limit alone counts."""
    channel = checks.bolt3_channel(anchors)
    point = vectors.load("bolt3-keys")["local_per_commitment_point"]
    limit = commitment.smallest_htlc_sat(channel, True, 5000, offered)
    assert limit == 546 + (0 if anchors else 3315 if offered else 3515)  # the example of "Fee Calculation"
    for sat, outputs in ((limit - 1, 0), (limit, 1)):
        htlc = Htlc(sat * 1000 + 999, bytes(32), 500, from_opener=offered)
        state = State(1, 7_000_000_000, 2_000_000_000, 5000, (htlc,))
        assert len(commitment.build(channel, state, True, point).htlc_outputs) == outputs


def test_the_example_of_a_fee():
    """BOLT 3, "Fee Calculation": 5,340 sat at a fee rate of 5,000; the two trimmed HTLCs go to the miners too."""
    channel = checks.bolt3_channel(False)
    point = vectors.load("bolt3-keys")["local_per_commitment_point"]
    amounts = [(5_000_000, True), (1_000_000, True), (7_000_000, False), (800_000, False)]
    htlcs = tuple(Htlc(amount, sha256(bytes([n])).digest(), 500, mine) for n, (amount, mine) in enumerate(amounts))
    state = State(1, 7_000_000_000 - 6_000_000, 3_000_000_000 - 7_800_000, 5000, htlcs)
    built = commitment.build(channel, state, True, point)
    assert channel.funding_sat - sum(output.sat for output in built.outputs) == 5340 + 1000 + 800


def test_both_sides_hold_mirrored_transactions():
    channel = checks.bolt3_channel(True)
    point = vectors.load("bolt3-keys")["local_per_commitment_point"]
    htlc = Htlc(2_500_000, bytes(32), 500, from_opener=True)
    state = State(1, 7_000_000_000, 2_997_500_000, 253, (htlc,))
    mine, theirs = (commitment.build(channel, state, side, point) for side in (True, False))
    values = [{output.role: output.sat for output in each.outputs} for each in (mine, theirs)]
    assert values[0]["to_local"] == values[1]["to_remote"]
    assert values[0]["to_remote"] == values[1]["to_local"]
    assert values[0]["HTLC"] == values[1]["HTLC"] == 2500
    assert mine.tx.txid() != theirs.tx.txid()


def test_the_channel_is_named_by_its_funding():
    channel = checks.bolt3_channel(True)
    assert channel.id == channel.funding_txid
    other = commitment.Channel(channel.funding_txid, 3, 1, channel.opener, channel.accepter)
    assert other.id[:-1] == channel.funding_txid[:-1]
    assert other.id[-1] == channel.funding_txid[-1] ^ 3


def test_the_funding_transaction_pays_to_the_funding_script():
    keys = vectors.load("bolt3-keys")
    channel = checks.bolt3_channel(True)
    assert script.p2wsh(channel.funding_script) in keys["funding_tx"]
    assert sha256(sha256(keys["funding_tx"]).digest()).digest() == channel.funding_txid


def test_scripts_push_in_the_shortest_form():
    assert script.assemble(1, 16, 17, 144, 500).hex() == "51" + "60" + "0111" + "029000" + "02f401"
    assert script.assemble(bytes(76))[:2].hex() == "4c4c"
    assert script.assemble(bytes(256))[:3].hex() == "4d0001"
    with pytest.raises(ValueError, match="positive"):
        script.number(0)
