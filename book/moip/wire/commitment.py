"""What stands behind a Lightning payment on layer 1: commitment and HTLC transactions (BOLT 3).

Each side of a channel holds a transaction that pays out the channel as it is now, signed by the other side and ready
to be published. A payment in flight is an output of it, locked by the payment hash. The module builds these
transactions from keys and balances, signs them with RFC 6979 signatures, and checks signatures: with the keys of
BOLT 3's appendices C and F it gives their transactions bit for bit.

Amounts are in millisatoshi (msat) or satoshi (sat), fee rates in satoshi per 1,000 weight units, expiries are block
heights. A "secret" is a 32-byte secret key or what serves as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from coincurve import PrivateKey, PublicKey
from embit import hashes
from embit.script import Script, Witness
from embit.transaction import SIGHASH, Transaction, TransactionInput, TransactionOutput
from embit.util import secp256k1

from .script import assemble, p2wpkh, p2wsh

FIRST_SECRET = 2**48 - 1
ANCHOR_SAT = 330
COMMITMENT_WEIGHT = {False: 724, True: 1124}
HTLC_WEIGHT = 172
TIMEOUT_WEIGHT, SUCCESS_WEIGHT = 663, 703
"""Weights by which fees are computed ("Fee Calculation"); with anchors HTLC transactions pay no fee."""


# keys -----------------------------------------------------------------------------------------------------


def point(secret: bytes) -> bytes:
    """The public key of a secret, compressed."""
    return PrivateKey(secret).public_key.format()


def secret_from_seed(seed: bytes, index: int) -> bytes:
    """The per-commitment secret of an index, which counts down from 2^48 - 1 ("generate_from_seed")."""
    value = bytearray(seed)
    for bit in range(47, -1, -1):
        if index >> bit & 1:
            value[bit // 8] ^= 1 << bit % 8
            value = bytearray(sha256(value).digest())
    return bytes(value)


def _tweak(base: bytes, per_commitment: bytes) -> bytes:
    return sha256(per_commitment + base).digest()


def derive_public(base: bytes, per_commitment: bytes) -> bytes:
    """A public key for one commitment from a base point and the per-commitment point."""
    return PublicKey(base).add(_tweak(base, per_commitment)).format()


def derive_secret(base_secret: bytes, per_commitment: bytes) -> bytes:
    """The secret key of `derive_public`."""
    return PrivateKey(base_secret).add(_tweak(point(base_secret), per_commitment)).secret


def revocation_public(base: bytes, per_commitment: bytes) -> bytes:
    """The key to which a revoked commitment falls; neither side has its secret before the revocation."""
    parts = (
        PublicKey(base).multiply(sha256(base + per_commitment).digest()),
        PublicKey(per_commitment).multiply(sha256(per_commitment + base).digest()),
    )
    return PublicKey.combine_keys(list(parts)).format()


def revocation_secret(base_secret: bytes, per_commitment_secret: bytes) -> bytes:
    """The secret key of `revocation_public`, for whoever holds both secrets."""
    base, per_commitment = point(base_secret), point(per_commitment_secret)
    mine = PrivateKey(base_secret).multiply(sha256(base + per_commitment).digest())
    theirs = PrivateKey(per_commitment_secret).multiply(sha256(per_commitment + base).digest())
    return mine.add(theirs.secret).secret


# a channel and its states ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a channel by its secrets, and what it asks for its own commitments."""

    funding: bytes
    payment: bytes
    htlc: bytes
    delayed: bytes
    revocation: bytes
    dust_limit_sat: int = 546
    to_self_delay: int = 144


@dataclass(frozen=True, slots=True)
class Channel:
    """A funded channel; funding_txid in the order in which it is hashed. The opener pays the fees."""

    funding_txid: bytes
    funding_output: int
    funding_sat: int
    opener: Party
    accepter: Party
    anchors: bool = True

    @property
    def funding_script(self) -> bytes:
        keys = sorted(point(party.funding) for party in (self.opener, self.accepter))
        return assemble(2, *keys, 2, "CHECKMULTISIG")

    @property
    def id(self) -> bytes:
        """The channel's name in messages (BOLT 2, "Definition of channel_id")."""
        tail = int.from_bytes(self.funding_txid[-2:], "big") ^ self.funding_output
        return self.funding_txid[:-2] + tail.to_bytes(2, "big")

    def obscured(self, number: int) -> int:
        """A commitment number as the transaction carries it, unreadable to others."""
        both = point(self.opener.payment) + point(self.accepter.payment)
        return number ^ int.from_bytes(sha256(both).digest()[-6:], "big")


@dataclass(frozen=True, slots=True)
class Htlc:
    """A payment in flight."""

    amount_msat: int
    payment_hash: bytes
    cltv_expiry: int
    from_opener: bool

    @property
    def sat(self) -> int:
        return self.amount_msat // 1000


@dataclass(frozen=True, slots=True)
class State:
    """Who would get what now: balances without what is in flight, before fees and anchors."""

    number: int
    opener_msat: int
    accepter_msat: int
    feerate_per_kw: int
    htlcs: tuple[Htlc, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """An output of a commitment. role: local anchor, remote anchor, HTLC, to_local or to_remote.

    witness_script: the script behind the lock, empty where the lock is a key.
    """

    role: str
    sat: int
    script_pubkey: bytes
    witness_script: bytes = b""
    htlc: Htlc | None = None

    @property
    def raw(self) -> bytes:
        return TransactionOutput(self.sat, Script(self.script_pubkey)).serialize()


@dataclass(frozen=True, slots=True)
class Keys:
    """Public keys of one commitment."""

    revocation: bytes
    delayed: bytes
    local_htlc: bytes
    remote_htlc: bytes
    remote_payment: bytes


# scripts --------------------------------------------------------------------------------------------------


def to_local_script(keys: Keys, delay: int) -> bytes:
    """To the owner after a delay, or at once to the other side if the commitment was revoked."""
    return assemble(
        "IF", keys.revocation, "ELSE", delay, "CHECKSEQUENCEVERIFY", "DROP", keys.delayed, "ENDIF", "CHECKSIG"
    )


def htlc_script(keys: Keys, htlc: Htlc, offered: bool, anchors: bool) -> bytes:
    """The lock of a payment that the owner of the commitment has offered or received."""
    locked = hashes.ripemd160(htlc.payment_hash)
    head = ("DUP", "HASH160", hashes.hash160(keys.revocation), "EQUAL", "IF", "CHECKSIG", "ELSE")
    size = (keys.remote_htlc, "SWAP", "SIZE", 32, "EQUAL")
    both = (2, "SWAP", keys.local_htlc, 2, "CHECKMULTISIG")
    if offered:
        body = ("NOTIF", "DROP", *both, "ELSE", "HASH160", locked, "EQUALVERIFY", "CHECKSIG", "ENDIF")
    else:
        timeout = ("DROP", htlc.cltv_expiry, "CHECKLOCKTIMEVERIFY", "DROP", "CHECKSIG")
        body = ("IF", "HASH160", locked, "EQUALVERIFY", *both, "ELSE", *timeout, "ENDIF")
    wait = (1, "CHECKSEQUENCEVERIFY", "DROP") if anchors else ()
    return assemble(*head, *size, *body, *wait, "ENDIF")


def _anchor_script(public: bytes) -> bytes:
    return assemble(public, "CHECKSIG", "IFDUP", "NOTIF", 16, "CHECKSEQUENCEVERIFY", "ENDIF")


# transactions ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Commitment:
    """A commitment transaction of one side, without witness, and what one needs to know of it."""

    channel: Channel
    of_opener: bool
    feerate_per_kw: int
    per_commitment: bytes
    keys: Keys
    outputs: tuple[Output, ...]
    tx: Transaction

    @property
    def owner(self) -> Party:
        return self.channel.opener if self.of_opener else self.channel.accepter

    @property
    def other(self) -> Party:
        return self.channel.accepter if self.of_opener else self.channel.opener

    @property
    def digest(self) -> bytes:
        """The 32 bytes that both sides sign."""
        return self.tx.sighash_segwit(0, Script(self.channel.funding_script), self.channel.funding_sat, SIGHASH.ALL)

    @property
    def htlc_outputs(self) -> list[tuple[int, Output]]:
        """(index, output) of each payment in flight that has an output of its own."""
        return [(i, output) for i, output in enumerate(self.outputs) if output.htlc]


def _htlc_fee(anchors: bool, feerate_per_kw: int, weight: int) -> int:
    return 0 if anchors else feerate_per_kw * weight // 1000


def smallest_htlc_sat(channel: Channel, of_opener: bool, feerate_per_kw: int, offered: bool) -> int:
    """The smallest payment that gets an output in a commitment; a smaller one is trimmed ("Trimmed Outputs")."""
    owner = channel.opener if of_opener else channel.accepter
    return owner.dust_limit_sat + _htlc_fee(
        channel.anchors, feerate_per_kw, TIMEOUT_WEIGHT if offered else SUCCESS_WEIGHT
    )


def build(channel: Channel, state: State, of_opener: bool, per_commitment: bytes) -> Commitment:
    """One side's commitment transaction for a state; per_commitment: the point of that side for that number."""
    owner, other = (channel.opener, channel.accepter) if of_opener else (channel.accepter, channel.opener)
    keys = Keys(
        revocation=revocation_public(point(other.revocation), per_commitment),
        delayed=derive_public(point(owner.delayed), per_commitment),
        local_htlc=derive_public(point(owner.htlc), per_commitment),
        remote_htlc=derive_public(point(other.htlc), per_commitment),
        remote_payment=point(other.payment),
    )
    outputs = []
    for htlc in state.htlcs:
        offered = htlc.from_opener == of_opener
        if htlc.sat >= smallest_htlc_sat(channel, of_opener, state.feerate_per_kw, offered):
            script = htlc_script(keys, htlc, offered, channel.anchors)
            outputs.append(Output("HTLC", htlc.sat, p2wsh(script), script, htlc))
    weight = COMMITMENT_WEIGHT[channel.anchors] + HTLC_WEIGHT * len(outputs)
    costs = state.feerate_per_kw * weight // 1000 + (2 * ANCHOR_SAT if channel.anchors else 0)
    balances = [max(0, state.opener_msat // 1000 - costs), state.accepter_msat // 1000]
    own, theirs = balances if of_opener else reversed(balances)
    in_flight = bool(outputs)
    has_own, has_theirs = own >= owner.dust_limit_sat, theirs >= owner.dust_limit_sat
    if has_own:
        script = to_local_script(keys, owner.to_self_delay)
        outputs.append(Output("to_local", own, p2wsh(script), script))
    if has_theirs and channel.anchors:
        script = assemble(keys.remote_payment, "CHECKSIGVERIFY", 1, "CHECKSEQUENCEVERIFY")
        outputs.append(Output("to_remote", theirs, p2wsh(script), script))
    elif has_theirs:
        outputs.append(Output("to_remote", theirs, p2wpkh(keys.remote_payment)))
    if channel.anchors:
        for role, party, wanted in (("local anchor", owner, has_own), ("remote anchor", other, has_theirs)):
            if wanted or in_flight:
                script = _anchor_script(point(party.funding))
                outputs.append(Output(role, ANCHOR_SAT, p2wsh(script), script))
    outputs.sort(key=lambda o: (o.sat, o.script_pubkey, o.htlc.cltv_expiry if o.htlc else 0))
    obscured = channel.obscured(state.number)
    tx = Transaction(
        version=2,
        vin=[
            TransactionInput(channel.funding_txid[::-1], channel.funding_output, sequence=0x80 << 24 | obscured >> 24)
        ],
        vout=[TransactionOutput(output.sat, Script(output.script_pubkey)) for output in outputs],
        locktime=0x20 << 24 | obscured & 0xFFFFFF,
    )
    return Commitment(channel, of_opener, state.feerate_per_kw, per_commitment, keys, tuple(outputs), tx)


def sign(secret: bytes, digest: bytes) -> bytes:
    """A low-S ECDSA signature in 64 bytes, as messages carry it; deterministic (RFC 6979)."""
    return PrivateKey(secret).sign_recoverable(digest, hasher=None)[:64]


def verify(public: bytes, digest: bytes, signature: bytes) -> bool:
    """Whether a 64-byte signature is that of a key over a digest."""
    return PublicKey(public).verify(to_der(signature), digest, hasher=None)


def to_der(signature: bytes) -> bytes:
    """A 64-byte signature as witnesses carry it, without the signature-hash byte."""
    return secp256k1.ecdsa_signature_serialize_der(secp256k1.ecdsa_signature_parse_compact(signature))


def from_der(signature: bytes) -> bytes:
    """The other way round."""
    return secp256k1.ecdsa_signature_serialize_compact(secp256k1.ecdsa_signature_parse_der(signature))


def _with_witness(tx: Transaction, items: Sequence[bytes]) -> Transaction:
    signed = Transaction.parse(tx.serialize())
    signed.vin[0].witness = Witness(list(items))
    return signed


def complete(commitment: Commitment, remote_signature: bytes) -> Transaction:
    """The owner adds its own signature to the other side's: ready to be published. ValueError for a wrong one."""
    if not verify(point(commitment.other.funding), commitment.digest, remote_signature):
        raise ValueError("the other side's signature does not fit this commitment")
    own = sign(commitment.owner.funding, commitment.digest)
    signatures = sorted([(point(commitment.owner.funding), own), (point(commitment.other.funding), remote_signature)])
    ders = [to_der(signature) + bytes([SIGHASH.ALL]) for _, signature in signatures]
    return _with_witness(commitment.tx, [b"", *ders, commitment.channel.funding_script])


def htlc_transaction(commitment: Commitment, index: int) -> Transaction:
    """The owner's second step for the payment at output `index`, unsigned: HTLC-timeout or HTLC-success."""
    output = commitment.outputs[index]
    if output.htlc is None:
        raise ValueError(f"output {index} is {output.role}, no HTLC")
    offered = output.htlc.from_opener == commitment.of_opener
    anchors = commitment.channel.anchors
    fee = _htlc_fee(anchors, commitment.feerate_per_kw, TIMEOUT_WEIGHT if offered else SUCCESS_WEIGHT)
    return Transaction(
        version=2,
        vin=[TransactionInput(commitment.tx.txid(), index, sequence=int(anchors))],
        vout=[
            TransactionOutput(
                output.sat - fee, Script(p2wsh(to_local_script(commitment.keys, commitment.owner.to_self_delay)))
            )
        ],
        locktime=output.htlc.cltv_expiry if offered else 0,
    )


def htlc_digest(commitment: Commitment, index: int, remote: bool) -> bytes:
    """What a side signs for the HTLC transaction; with anchors the other side leaves room for fees."""
    flag = htlc_flag(commitment, remote)
    output = commitment.outputs[index]
    return htlc_transaction(commitment, index).sighash_segwit(0, Script(output.witness_script), output.sat, flag)


def htlc_flag(commitment: Commitment, remote: bool) -> int:
    """The signature-hash flag of a side: the owner signs all, the other side too unless there are anchors."""
    return SIGHASH.SINGLE | SIGHASH.ANYONECANPAY if remote and commitment.channel.anchors else SIGHASH.ALL


def signatures_for_owner(commitment: Commitment) -> tuple[bytes, list[bytes]]:
    """What the other side sends in `commitment_signed`: a signature for the commitment, one for each HTLC."""
    other = commitment.other
    secret = derive_secret(other.htlc, commitment.per_commitment)
    htlcs = [sign(secret, htlc_digest(commitment, i, remote=True)) for i, _ in commitment.htlc_outputs]
    return sign(other.funding, commitment.digest), htlcs


def complete_htlc(commitment: Commitment, index: int, remote_signature: bytes, preimage: bytes = b"") -> Transaction:
    """The signed HTLC transaction: with the preimage HTLC-success, without it HTLC-timeout."""
    if not verify(commitment.keys.remote_htlc, htlc_digest(commitment, index, remote=True), remote_signature):
        raise ValueError("the other side's signature does not fit this HTLC")
    own = sign(
        derive_secret(commitment.owner.htlc, commitment.per_commitment), htlc_digest(commitment, index, remote=False)
    )
    ders = [
        to_der(signature) + bytes([htlc_flag(commitment, remote)])
        for signature, remote in ((remote_signature, True), (own, False))
    ]
    script = commitment.outputs[index].witness_script
    return _with_witness(htlc_transaction(commitment, index), [b"", *ders, preimage, script])
