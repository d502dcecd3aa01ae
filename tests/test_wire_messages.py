"""Messages by the BOLTs' own field tables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip import data
from moip.wire import messages, onion

steady = settings(deadline=None, derandomize=True, max_examples=40)
ADD = {
    "channel_id": bytes(range(32)),
    "id": 7,
    "amount_msat": 2_500_000,
    "payment_hash": bytes(32),
    "cltv_expiry": 518,
    "onion_routing_packet": bytes(onion.PACKET_BYTES),
}


def test_sizes_that_the_bolts_imply():
    """BOLT 2's fields added up; the first also stands in the table of constants."""
    assert messages.fixed_bytes("update_add_htlc") == len(messages.encode("update_add_htlc", ADD)) == 1452
    constants = data.table("protocol_constants").set_index("constant").value
    assert constants["update_add_htlc_bytes"] == 1452
    assert constants["onion_packet_bytes"] == onion.PACKET_BYTES
    assert constants["onion_hop_payloads_bytes"] == onion.PAYLOADS_BYTES
    assert messages.fixed_bytes("update_fulfill_htlc") == 2 + 32 + 8 + 32
    assert messages.fixed_bytes("revoke_and_ack") == 2 + 32 + 32 + 33
    assert messages.fixed_bytes("commitment_signed") == 2 + 32 + 64 + 2


def test_a_message_byte_by_byte():
    raw = messages.encode("update_add_htlc", ADD)
    assert raw[:2] == (128).to_bytes(2, "big")
    assert raw[2:34] == ADD["channel_id"]
    assert raw[34:50] == (7).to_bytes(8, "big") + (2_500_000).to_bytes(8, "big")
    assert raw[82:86] == (518).to_bytes(4, "big")


@steady
@given(st.integers(0, 12), st.dictionaries(st.integers(0, 999), st.binary(max_size=40), max_size=3))
def test_what_is_written_is_read(htlcs, records):
    values = {
        "channel_id": bytes(32),
        "signature": bytes([9]) * 64,
        "htlc_signature": [bytes([i]) * 64 for i in range(htlcs)],
    }
    raw = messages.encode("commitment_signed", values, records)
    assert messages.decode("commitment_signed", raw) == (values | {"num_htlcs": htlcs}, records)


def test_a_field_of_bytes_with_a_counted_length():
    raw = messages.encode("warning", {"channel_id": bytes(32), "data": b"no route"})
    assert messages.decode("warning", raw)[0] == {"channel_id": bytes(32), "len": 8, "data": b"no route"}


def test_every_message_of_fixed_types_has_a_layout():
    table = data.table("lightning_message_fields")
    names, unknown = table.message.unique(), []
    for name in names:
        try:
            messages.layout(name)
        except ValueError:
            unknown.append(name)
    assert len(names) > 40
    # these hold structures of no fixed size
    assert set(unknown) <= {
        "init",
        "tx_signatures",
        "onion_message",
        "channel_update",
        "open_channel2",
        "accept_channel2",
    }


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"payment_hash": bytes(31)}, "payment_hash of update_add_htlc has 31 bytes; it must have 32"),
        ({"color": 1}, "no field 'color'"),
        ({"payment_hash": 5}, "takes bytes, not 5"),
    ],
)
def test_wrong_fields_are_named(change, problem):
    with pytest.raises(ValueError, match=problem):
        messages.encode("update_add_htlc", ADD | change)


def test_missing_fields_unknown_messages_and_cut_bytes():
    with pytest.raises(ValueError, match="needs the field 'id'"):
        messages.encode("update_add_htlc", {name: value for name, value in ADD.items() if name != "id"})
    with pytest.raises(ValueError, match="no message 'pay'"):
        messages.encode("pay", {})
    raw = messages.encode("update_add_htlc", ADD)
    with pytest.raises(ValueError, match="ends within the field onion_routing_packet"):
        messages.decode("update_add_htlc", raw[:-1])
    with pytest.raises(ValueError, match="type 128 is not revoke_and_ack"):
        messages.decode("revoke_and_ack", raw)
