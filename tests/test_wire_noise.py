"""Connections against BOLT 8's vectors, good and bad."""

import pytest

from moip.wire import chacha, checks, noise, vectors

BAD = {
    "ACT1_READ_FAILED": "49 bytes", "ACT1_BAD_VERSION": "version 1", "ACT1_BAD_PUBKEY": "public key",
    "ACT1_BAD_TAG": "bad tag", "ACT2_READ_FAILED": "49 bytes", "ACT2_BAD_VERSION": "version 1",
    "ACT2_BAD_PUBKEY": "public key", "ACT2_BAD_TAG": "bad tag", "ACT3_READ_FAILED": "65 bytes",
    "ACT3_BAD_VERSION": "version 1", "ACT3_BAD_CIPHERTEXT": "bad tag", "ACT3_BAD_PUBKEY": "public key",
    "ACT3_BAD_TAG": "bad tag",
}  # fmt: skip
"""The vectors' words for an error, and this library's."""


def test_handshake_and_messages_bit_for_bit():
    pairs = list(checks.transport())
    assert len(pairs) == 11
    assert all(mine == due for mine, due in pairs)


BAD_VECTORS = [name for name in vectors.names("bolt8-") if "error" in vectors.load(name)]


def test_all_bad_handshakes_of_the_bolt_are_there():
    assert len(BAD_VECTORS) == 13


@pytest.mark.parametrize("name", BAD_VECTORS)
def test_bad_handshakes_end_where_they_must(name):
    vector = vectors.load(name)
    error = vector["error"].removeprefix("ERROR (").split(" ")[0].rstrip(")")
    with pytest.raises(noise.HandshakeError, match=f"act .*{BAD[error]}"):
        if "initiator" in name:
            side = noise.Handshake(vector["ls_priv"], vector["e_priv"], vector["rs_pub"])
            assert side.act_one() == vector["act_1"]
            side.receive_act_two(vector["act_2"])
        else:
            side = noise.Handshake(vector["ls_priv"], vector["e_priv"], vector["ls_pub"])
            side.receive_act_one(vector["act_1"])
            assert side.act_two() == vector["act_2"]
            side.receive_act_three(vector["act_3"])


def session():
    vector = vectors.load("bolt8-message-test")
    return noise.Session(vector["sk"], vector["ck"])


def test_a_frame_adds_34_bytes_and_is_read_back():
    sender, receiver = session(), session()
    for message in (b"", b"hello", bytes(1452), bytes(noise.MAX_MESSAGE_BYTES)[:3000]):
        frame = sender.encrypt(message)
        assert len(frame) == len(message) + 34
        assert receiver.decrypt(frame) == message


def test_changed_cut_and_oversized_frames_are_refused():
    frame = session().encrypt(b"hello")
    with pytest.raises(chacha.BadTag):
        session().decrypt(bytes([frame[0] ^ 1]) + frame[1:])
    with pytest.raises(ValueError, match="length field says 39"):
        session().decrypt(frame[:-1])
    with pytest.raises(ValueError, match="65535"):
        session().encrypt(bytes(65536))
