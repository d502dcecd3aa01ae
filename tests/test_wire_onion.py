"""Onions against BOLT 4's vector, and what must fail."""

import pytest
from coincurve import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.wire import checks, onion, vectors

steady = settings(deadline=None, derandomize=True, max_examples=15)
SECRETS = [bytes([i]) * 32 for i in range(1, 21)]
NODES = [PrivateKey(secret).public_key.format() for secret in SECRETS]
HASH = bytes(range(32))


def test_the_vector_is_made_and_peeled_bit_for_bit():
    pairs = list(checks.onions())
    assert len(pairs) == 7
    assert all(mine == due for mine, due in pairs)


def test_payloads_of_the_vector_are_written_and_read():
    vector = vectors.load("bolt4-onion")
    hops = checks.onion_hops(vector)
    assert hops[0].payload == onion.forward_payload(15_000, 1_500, (1).to_bytes(8, "big"))
    assert onion.read_payload(hops[0].payload) == {
        "amt_to_forward": 15_000,
        "outgoing_cltv_value": 1_500,
        "short_channel_id": (1).to_bytes(8, "big"),
    }
    last = onion.read_payload(hops[-1].payload)
    assert (last["amt_to_forward"], last["outgoing_cltv_value"], last["total_msat"]) == (10_000, 1_000, 10_000)
    assert hops[-1].payload.startswith(onion.final_payload(10_000, 1_000, last["payment_secret"]))


@steady
@given(st.lists(st.binary(min_size=2, max_size=40), min_size=1, max_size=17))
def test_every_hop_finds_its_payload_and_passes_on_as_many_bytes(payloads):
    hops = [onion.Hop(node, payload) for node, payload in zip(NODES, payloads, strict=False)]
    packet = onion.construct(bytes([7]) * 32, hops, HASH)
    for secret, hop in zip(SECRETS, hops, strict=False):
        assert len(packet) == onion.PACKET_BYTES
        peeled = onion.peel(packet, secret, HASH)
        assert peeled.payload == hop.payload
        packet = peeled.packet
    assert packet is None


def test_another_key_another_payment_or_a_changed_bit_opens_nothing():
    hops = [onion.Hop(node, onion.forward_payload(1000, 500, bytes(8))) for node in NODES[:3]]
    packet = onion.construct(bytes([7]) * 32, hops, HASH)
    with pytest.raises(onion.BadOnion, match="authenticator"):
        onion.peel(packet, SECRETS[1], HASH)
    with pytest.raises(onion.BadOnion, match="authenticator"):
        onion.peel(packet, SECRETS[0], bytes(32))
    with pytest.raises(onion.BadOnion, match="authenticator"):
        onion.peel(packet[:700] + bytes([packet[700] ^ 1]) + packet[701:], SECRETS[0], HASH)
    with pytest.raises(onion.BadOnion, match="1365 bytes"):
        onion.peel(packet[:-1], SECRETS[0], HASH)
    with pytest.raises(onion.BadOnion, match="no point"):
        onion.peel(b"\0" + b"\2" + b"\xff" * 32 + packet[34:], SECRETS[0], HASH)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="need 1330 bytes"):
        onion.construct(bytes([7]) * 32, [onion.Hop(NODES[0], bytes(1295))], HASH)
    with pytest.raises(ValueError, match="0 hops"):
        onion.construct(bytes([7]) * 32, [], HASH)


def test_a_channel_by_its_place_in_the_chain():
    """The example of BOLT 7."""
    assert onion.short_channel_id("539268x845x1") == bytes.fromhex("083a8400034d0001")
