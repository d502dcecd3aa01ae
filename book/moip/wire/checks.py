"""The book's encoders against the official vectors: every value that must come out, compared.

Each check yields pairs (what was made here, what the vector says); `report` counts how many are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256

import bolt11
import pandas as pd

from moip import data

from . import block, commitment, noise, onion, tlv, vectors
from .commitment import Channel, Commitment, Htlc, Party, State

Pairs = Iterator[tuple[object, object]]


def invoice() -> Pairs:
    """BOLT 11's cup of coffee: read, written again and signed again."""
    vector = vectors.load("bolt11-coffee")
    read = bolt11.decode(vector["invoice"])
    yield bolt11.encode(read, vector["private_key"].hex()), vector["invoice"]
    yield read.signature.hex, vector["signature"].hex()
    signed = read.signature.hrp.encode() + read.signature.signing_data
    yield sha256(signed).digest(), vector["signed_digest"]
    yield bytes.fromhex(read.signature.recover_public_key()), commitment.point(vector["private_key"])


def onion_hops(vector: dict[str, vectors.Value]) -> list[onion.Hop]:
    """The hops of BOLT 4's vector, their payloads without the length before them."""
    hops = []
    while (key := f"hop_{len(hops)}_pubkey") in vector:
        framed = vector[f"hop_{len(hops)}_payload"]
        hops.append(onion.Hop(vector[key], framed[tlv.read_bigsize(framed)[1] :]))
    return hops


def onions() -> Pairs:
    """BOLT 4's packet over five hops: constructed, then peeled by each of them."""
    vector = vectors.load("bolt4-onion")
    hops = onion_hops(vector)
    packet = onion.construct(vector["session_key"], hops, vector["associated_data"])
    yield packet, vector["onion"]
    for i, hop in enumerate(hops):
        peeled = onion.peel(packet, vector[f"hop_{i}_secret"], vector["associated_data"])
        yield peeled.payload, hop.payload
        packet = peeled.packet
    yield packet, None


def transport(last: int = 1001) -> Pairs:
    """BOLT 8's handshake, both sides, and its messages up to number `last` (1,001 crosses two changes of keys)."""
    one, two = (vectors.load(f"bolt8-{side}-successful-handshake") for side in ("initiator", "responder"))
    initiator = noise.Handshake(one["ls_priv"], one["e_priv"], one["rs_pub"])
    responder = noise.Handshake(two["ls_priv"], two["e_priv"], two["ls_pub"])
    for act, sender, receiver in ((1, initiator, responder), (2, responder, initiator), (3, initiator, responder)):
        words = ("one", "two", "three")[act - 1]
        message = getattr(sender, f"act_{words}")()
        yield message, one[f"act_{act}"]
        getattr(receiver, f"receive_act_{words}")(message)
    forth, back = initiator.sessions()
    yield (forth.key, back.key), (one["sk"], one["rk"])
    yield tuple(session.key for session in responder.sessions()), (one["sk"], one["rk"])
    vector = vectors.load("bolt8-message-test")
    session = noise.Session(vector["sk"], vector["ck"])
    for number in range(last + 1):
        frame = session.encrypt(b"hello")
        if f"output_{number}" in vector:
            yield frame, vector[f"output_{number}"]


def bolt3_channel(anchors: bool, dust_limit_sat: int = 546) -> Channel:
    """The channel of BOLT 3's appendices C (without anchors) and F, as far as local transactions need it."""
    keys = vectors.load("bolt3-keys")
    unused = bytes(31) + b"\x01"

    def party(side: str, delayed: bytes, revocation: bytes) -> Party:
        payment = keys[f"{side}_payment_basepoint_secret"][:32]
        funding = keys[f"{side}_funding_privkey"][:32]
        return Party(funding, payment, payment, delayed, revocation, dust_limit_sat, keys["local_delay"])

    opener = party("local", keys["local_delayed_payment_basepoint_secret"][:32], unused)
    accepter = party("remote", unused, keys["remote_revocation_basepoint_secret"][:32])
    return Channel(
        keys["funding_tx_id"][::-1],
        keys["funding_output_index"],
        keys["funding_amount_satoshi"],
        opener,
        accepter,
        anchors,
    )


def bolt3_commitment(name: str) -> tuple[Commitment, dict[bytes, bytes]]:
    """The commitment of a vector of appendix C or F, and the preimages of its HTLCs by payment hash.

    The HTLCs in flight are those whose sum is missing from the balances: none, the first five, or numbers 1, 5 and 6.
    """
    keys, vector = vectors.load("bolt3-keys"), vectors.load(name)
    preimages = [keys[f"htlc_{n}_payment_preimage"] for n in range(7)]
    htlcs = [
        Htlc(
            keys[f"htlc_{n}_amount_msat"],
            sha256(preimages[n]).digest(),
            keys[f"htlc_{n}_expiry"],
            keys[f"htlc_{n}_direction"] == "local->remote",
        )
        for n in range(7)
    ]
    missing = keys["funding_amount_satoshi"] * 1000 - vector["to_local_msat"] - vector["to_remote_msat"]
    sets = ([], htlcs[:5], [htlcs[1], htlcs[5], htlcs[6]])
    flight = next(each for each in sets if sum(htlc.amount_msat for htlc in each) == missing)
    state = State(
        keys["commitment_number"],
        vector["to_local_msat"],
        vector["to_remote_msat"],
        vector["local_feerate_per_kw"],
        tuple(flight),
    )
    channel = bolt3_channel("-f-" in name, vector.get("dust_limit_sat", keys["local_dust_limit_satoshi"]))
    built = commitment.build(channel, state, True, keys["local_per_commitment_point"])
    return built, {sha256(preimage).digest(): preimage for preimage in preimages}


def transactions() -> Pairs:
    """BOLT 3's commitment and HTLC transactions with all their signatures, without and with anchors."""
    for name in (*vectors.names("bolt3-c-"), *vectors.names("bolt3-f-")):
        vector = vectors.load(name)
        built, preimages = bolt3_commitment(name)
        signature, htlc_signatures = commitment.signatures_for_owner(built)
        yield commitment.to_der(signature), vector["remote_signature"]
        yield commitment.complete(built, signature).serialize(), vector["commitment_tx"]
        yield len(htlc_signatures), sum(field.startswith("htlc_tx_") for field in vector)
        for n, ((index, output), mine) in enumerate(zip(built.htlc_outputs, htlc_signatures, strict=True)):
            preimage = b"" if output.htlc.from_opener else preimages[output.htlc.payment_hash]
            yield commitment.to_der(mine), vector[f"remote_htlc_signature_{n}"]
            yield commitment.complete_htlc(built, index, mine, preimage).serialize(), vector[f"htlc_tx_{n}"]


def secrets() -> Pairs:
    """BOLT 3's per-commitment secrets and derived keys (appendices D and E)."""
    for name in vectors.names("bolt3-generate"):
        vector = vectors.load(name)
        yield commitment.secret_from_seed(vector["seed"], vector["index"]), vector["output"]
    vector = vectors.load("bolt3-derivation")
    base, per = vector["base_secret"], vector["per_commitment_secret"]
    yield commitment.derive_public(vector["base_point"], vector["per_commitment_point"]), vector["localpubkey"]
    yield commitment.derive_secret(base, vector["per_commitment_point"]), vector["localprivkey"]
    yield commitment.revocation_public(vector["base_point"], vector["per_commitment_point"]), vector["revocationpubkey"]
    yield commitment.revocation_secret(base, per), vector["revocationprivkey"]


def real_block() -> Pairs:
    """Block 413,567: the root over its transactions, the first of them, its work, its height by its own word."""
    vector = vectors.load("block-413567")
    header = block.Header.parse(vector["header"])
    txids = [block.as_hashed(txid) for txid in data.table("block_413567_transactions").txid]
    yield block.merkle_root(txids), header.merkle_root
    yield block.hash256(vector["coinbase_tx"]), txids[0]
    yield header.proves_work, True
    yield coinbase_height(vector["coinbase_tx"]), 413_567


def coinbase_height(raw: bytes) -> int:
    """The height that the first transaction of a block states as the first push of its input (BIP 34)."""
    script = raw[4 + 1 + 36 + 1 :]
    return int.from_bytes(script[1 : 1 + script[0]], "little")


CHECKS: dict[str, tuple[str, Callable[[], Pairs]]] = {
    "BOLT 11": ("an invoice, read, written and signed again", invoice),
    "BOLT 4": ("an onion over five hops, made and peeled", onions),
    "BOLT 8": ("a handshake of both sides, messages across two changes of keys", transport),
    "BOLT 3, keys": ("secrets and derived keys", secrets),
    "BOLT 3, transactions": ("commitment and HTLC transactions with all signatures", transactions),
    "Block 413,567": ("tree of hashes, work, height by its own word", real_block),
}


def report() -> pd.DataFrame:
    """Columns: source, what, compared, equal (numbers of values)."""
    rows = []
    for source, (what, check) in CHECKS.items():
        results = [mine == due for mine, due in check()]
        rows.append({"source": source, "what": what, "compared": len(results), "equal": sum(results)})
    return pd.DataFrame(rows)
