"""A mirrored signature is as valid as the first, and moves the identifier only outside the witness."""

import pytest
from embit.transaction import Transaction
from embit.util import secp256k1

from moip.quant import transactions
from moip.quant.malleability import ORDER, mirrored, txid


def signature(raw: bytes) -> bytes:
    entry = Transaction.parse(raw).vin[0]
    if entry.witness.items:
        return entry.witness.items[0]
    script = entry.script_sig.data
    return script[1 : 1 + script[0]]


def numbers(der: bytes) -> tuple[int, int]:
    r_size = der[3]
    return int.from_bytes(der[4 : 4 + r_size], "big"), int.from_bytes(der[6 + r_size : -1], "big")


@pytest.mark.parametrize("kind", ["p2pkh", "p2wpkh"])
def test_the_mirror_image_is_a_valid_signature(kind: str) -> None:
    raw = transactions.payment([kind], [kind]).raw
    other = mirrored(raw)
    (r, s), (same_r, n_minus_s) = numbers(signature(raw)), numbers(signature(other))
    assert r == same_r and s + n_minus_s == ORDER and other != raw
    low = secp256k1.ecdsa_signature_normalize(secp256k1.ecdsa_signature_parse_der(signature(other)[:-1]))
    assert secp256k1.ecdsa_signature_serialize_der(low) == signature(raw)[:-1]
    assert mirrored(other) == raw


def test_only_a_witness_keeps_the_identifier() -> None:
    legacy, segwit = (transactions.payment([kind], ["p2wpkh"]).raw for kind in ("p2pkh", "p2wpkh"))
    assert txid(mirrored(legacy)) != txid(legacy)
    assert txid(mirrored(segwit)) == txid(segwit)


def test_an_input_without_ecdsa_is_refused() -> None:
    with pytest.raises(ValueError, match="not an ECDSA signature"):
        mirrored(transactions.payment(["p2tr"], ["p2tr"]).raw)
