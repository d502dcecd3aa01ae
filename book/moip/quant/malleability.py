"""What anybody can change about a signed transaction without a key, and what it does to the identifier.

An ECDSA signature is a pair (r, s), and where it is valid so is (r, n - s), with n the order of the group: whoever
relays a transaction can swap one for the other without knowing the key (BIP 62, BIP 146). The rules of blocks allow both;
Bitcoin Core has relayed only the smaller s since version 0.11.1 (BIP 146). The transaction pays the same coins to the
same outputs. Its identifier is the hash of all bytes but the witness (BIP 141), so it changes if the signature stands
in the input's script, and does not if it stands in the witness.
"""

from __future__ import annotations

from embit.script import Script, Witness
from embit.transaction import Transaction

__all__ = ["mirrored", "txid"]

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Order of the group of secp256k1 (SEC 2, section 2.4.1)."""


def txid(raw: bytes) -> str:
    """The identifier of a serialized transaction, as it is shown."""
    return Transaction.parse(raw).txid().hex()


def mirrored(raw: bytes) -> bytes:
    """The same transaction with the first signature of its first input, (r, s), exchanged for (r, n - s).

    ValueError where that input has no ECDSA signature as the first item of its witness or of its script.
    """
    tx = Transaction.parse(raw)
    entry = tx.vin[0]
    if entry.witness.items:
        first, *rest = entry.witness.items
        entry.witness = Witness([_mirrored(first), *rest])
    else:
        script = entry.script_sig.data
        size = script[0] if script else 0
        signature = _mirrored(script[1 : 1 + size])
        entry.script_sig = Script(bytes([len(signature)]) + signature + script[1 + size :])
    return tx.serialize()


def _mirrored(signature: bytes) -> bytes:
    """A signature in DER with its signature-hash byte, s exchanged for n - s."""
    if len(signature) < 9 or signature[0] != 0x30 or signature[1] != len(signature) - 3:
        raise ValueError(f"the first item of the input, {len(signature)} bytes, is not an ECDSA signature")
    r_size = signature[3]
    r = signature[4 : 4 + r_size]
    s = int.from_bytes(signature[6 + r_size : -1], "big")
    other = (ORDER - s).to_bytes(33, "big").lstrip(b"\0")
    other = b"\0" * (other[0] >> 7) + other  # a leading zero keeps the number positive
    body = bytes([0x02, r_size]) + r + bytes([0x02, len(other)]) + other
    return bytes([0x30, len(body)]) + body + signature[-1:]
