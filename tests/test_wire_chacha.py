"""ChaCha20 and Poly1305 against RFC 8439."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.wire import chacha

steady = settings(deadline=None, derandomize=True, max_examples=30)
TEXT = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."


def test_a_block_of_key_stream():
    """RFC 8439, section 2.3.2."""
    block = chacha.block(bytes(range(32)), 1, bytes.fromhex("000000090000004a00000000"))
    assert block.hex() == (
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
    )


def test_a_stream():
    """RFC 8439, section 2.4.2."""
    key_stream = chacha.stream(bytes(range(32)), len(TEXT), bytes.fromhex("000000000000004a00000000"), 1)
    assert chacha.xor(TEXT, key_stream).hex() == (
        "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b357"
        "1639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
        "5af90bbf74a35be6b40b8eedf2785e42874d"
    )


def test_an_authenticator():
    """RFC 8439, section 2.5.2."""
    key = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
    assert chacha.poly1305(key, b"Cryptographic Forum Research Group").hex() == "a8061dc1305136c6c22b8baf0c0127a9"


def test_both_together():
    """RFC 8439, section 2.8.2."""
    key, nonce = bytes(range(0x80, 0xA0)), bytes.fromhex("070000004041424344454647")
    associated = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    sealed = chacha.encrypt(key, nonce, TEXT, associated)
    assert sealed.hex() == (
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
        "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
        "3ff4def08e4b7a9de576d26586cec64b6116" + "1ae10b594f09e26a7e902ecbd0600691"
    )
    assert chacha.decrypt(key, nonce, sealed, associated) == TEXT


@steady
@given(st.binary(max_size=200), st.binary(max_size=40), st.integers(0, 10**6))
def test_a_changed_bit_is_noticed(plaintext, associated, bit):
    key, nonce = bytes(range(32)), bytes(12)
    sealed = chacha.encrypt(key, nonce, plaintext, associated)
    assert chacha.decrypt(key, nonce, sealed, associated) == plaintext
    bit %= 8 * len(sealed)
    changed = bytearray(sealed)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(chacha.BadTag):
        chacha.decrypt(key, nonce, bytes(changed), associated)
    with pytest.raises(chacha.BadTag):
        chacha.decrypt(key, nonce, sealed, associated + b"x")


def test_keys_and_nonces_have_their_sizes():
    with pytest.raises(ValueError, match="31 bytes and the nonce 12"):
        chacha.block(bytes(31), 0, bytes(12))
