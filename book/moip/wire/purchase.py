"""One purchase, constructed whole: invoice, plan, onions, messages, frames and transactions, with test keys.

Everything is made as the BOLTs say and could be sent, if there were nodes to send it to. Nothing of it was ever sent:
the keys are the public test keys of the BOLTs and keys made from labels, the chain is BOLT 3's test chain, the invoice
says regtest. The first channel and its state before the purchase are those of BOLT 3's vectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from numbers import Integral, Real

from bolt11 import Bolt11, MilliSatoshi
from bolt11 import encode as encode_invoice
from bolt11.models.features import Feature, Features, FeatureState
from bolt11.models.tags import Tag, TagChar, Tags
from embit.transaction import Transaction

from . import commitment, messages, noise, onion, tlv, vectors
from .commitment import Channel, Commitment, Htlc, Party, State
from .requests import DESCRIPTION_BYTES

NUMBER = 42  # of the commitments before the purchase, as in BOLT 3
FEERATE_PER_KW = 15_000  # as in BOLT 3's simplest vector
OPENER_MSAT, ACCEPTER_MSAT = 7_000_000_000, 3_000_000_000
HEIGHT = 500  # where the test chain stands
INVOICE_TIME = 1_496_314_658  # as in BOLT 11's examples
FINAL_DELTA = 18  # BOLT 11's default
MAX_FORWARDERS = 5
FUNDING_TXID_RECORD = 1


def _label(*words: object) -> bytes:
    """32 bytes from a label; where a key is needed, anybody can derive it. Never send money to it."""
    return sha256(" ".join(map(str, ("moip purchase", *words))).encode()).digest()


@dataclass(frozen=True, slots=True)
class Policy:
    """What a forwarder asks: a fee (msat and parts per million) and blocks between its two locks."""

    base_msat: int = 1000
    ppm: int = 100
    delta_blocks: int = 34

    def fee_msat(self, amount_msat: int) -> int:
        """The fee for forwarding an amount (BOLT 7, "HTLC Fees"), rounded down."""
        return self.base_msat + amount_msat * self.ppm // 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """A link of the plan: what its HTLC carries, and the instructions for the node at its end."""

    sender: str
    receiver: str
    node: bytes
    amount_msat: int
    cltv_expiry: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of the exchange on a link: who sends it, its pieces, and its bytes on the wire."""

    link: int
    sender: str
    receiver: str
    name: str
    parts: tuple[tuple[str, bytes], ...]
    frame: bytes

    @property
    def message(self) -> bytes:
        return b"".join(piece for _, piece in self.parts)


class _Secrets:
    """The per-commitment secrets of one side of a link; one of them may be given."""

    def __init__(self, link: int, side: str, given: bytes | None) -> None:
        self.seed, self.given = _label("link", link, side, "seed"), given

    def secret(self, number: int) -> bytes:
        if number == NUMBER and self.given:
            return self.given
        return commitment.secret_from_seed(self.seed, commitment.FIRST_SECRET - number)

    def point(self, number: int) -> bytes:
        return commitment.point(self.secret(number))


def _party(link: int, side: str) -> Party:
    names = ("funding", "payment", "htlc", "delayed", "revocation")
    return Party(*(_label("link", link, side, name) for name in names))


def first_channel() -> tuple[Channel, bytes]:
    """The channel of BOLT 3's vectors, with anchors, and the opener's secret for commitment 42.

    The vectors show local transactions alone. Two keys that only remote ones need are made from labels.
    """
    given = vectors.load("bolt3-keys")
    secret = {name.removesuffix("_secret"): value[:32] for name, value in given.items() if isinstance(value, bytes)}
    opener = Party(
        funding=secret["local_funding_privkey"],
        payment=secret["local_payment_basepoint"],
        htlc=secret["local_payment_basepoint"],
        delayed=secret["local_delayed_payment_basepoint"],
        revocation=_label("link", 0, "opener", "revocation"),
        dust_limit_sat=given["local_dust_limit_satoshi"],
        to_self_delay=given["local_delay"],
    )
    accepter = Party(
        funding=secret["remote_funding_privkey"],
        payment=secret["remote_payment_basepoint"],
        htlc=secret["remote_payment_basepoint"],
        delayed=_label("link", 0, "accepter", "delayed"),
        revocation=secret["remote_revocation_basepoint"],
    )
    txid = given["funding_tx_id"][::-1]
    channel = Channel(txid, given["funding_output_index"], given["funding_amount_satoshi"], opener, accepter)
    return channel, given["x_local_per_commitment_secret"][:32]


@dataclass(frozen=True)
class Purchase:
    """A purchase over `forwarders` nodes; see `follow` for the parameters. Every property is computed once."""

    amount_msat: int
    description: str
    forwarders: int
    policy: Policy

    # actors ---------------------------------------------------------------------------------------------

    @cached_property
    def names(self) -> list[str]:
        """Who takes part, in the order of the route."""
        return ["payer", *(f"forwarder {i + 1}" for i in range(self.forwarders)), "payee"]

    @cached_property
    def node_secrets(self) -> list[bytes]:
        """Test keys of the nodes: BOLT 8's, BOLT 4's, and BOLT 11's for the payee."""
        route = vectors.load("bolt4-onion")
        payer = vectors.load("bolt8-initiator-successful-handshake")["ls_priv"]
        payee = vectors.load("bolt11-coffee")["private_key"]
        return [payer, *(route[f"hop_{i}_secret"] for i in range(self.forwarders)), payee]

    @cached_property
    def nodes(self) -> list[bytes]:
        """Their public keys."""
        return [commitment.point(secret) for secret in self.node_secrets]

    # layers 5 and 4 -------------------------------------------------------------------------------------

    @cached_property
    def preimage(self) -> bytes:
        """32 bytes that the payee keeps until it is paid."""
        return _label("preimage")

    @cached_property
    def payment_hash(self) -> bytes:
        return sha256(self.preimage).digest()

    @cached_property
    def payment_secret(self) -> bytes:
        """32 bytes that only who has seen the invoice can know."""
        return _label("payment secret")

    @cached_property
    def invoice(self) -> str:
        """The payee's request (BOLT 11), for regtest."""
        features = {Feature.var_onion_optin: FeatureState.required, Feature.payment_secret: FeatureState.required}
        tags = [
            Tag(TagChar.payment_secret, self.payment_secret.hex()),
            Tag(TagChar.payment_hash, self.payment_hash.hex()),
            Tag(TagChar.description, self.description),
            Tag(TagChar.min_final_cltv_expiry, FINAL_DELTA),
            Tag(TagChar.features, Features.from_feature_list(features)),
        ]
        unsigned = Bolt11("bcrt", INVOICE_TIME, Tags(tags), MilliSatoshi(self.amount_msat))
        return encode_invoice(unsigned, self.node_secrets[-1].hex())

    @cached_property
    def uri(self) -> str:
        """What the QR code holds (BIP 321)."""
        return f"bitcoin:?lightning={self.invoice}"

    # layer 3 --------------------------------------------------------------------------------------------

    @cached_property
    def plan(self) -> list[Step]:
        """The links of the route in order; computed backward, since each fee is due on what is forwarded."""
        amount, expiry = self.amount_msat, HEIGHT + FINAL_DELTA
        payload = onion.final_payload(amount, expiry, self.payment_secret)
        steps: list[Step] = []
        for link in range(self.forwarders, -1, -1):
            steps.append(Step(self.names[link], self.names[link + 1], self.nodes[link + 1], amount, expiry, payload))
            payload = onion.forward_payload(amount, expiry, onion.short_channel_id(f"{HEIGHT - 100 + link}x1x0"))
            amount += self.policy.fee_msat(amount)
            expiry += self.policy.delta_blocks
        return steps[::-1]

    # layer 2 --------------------------------------------------------------------------------------------

    @cached_property
    def hops(self) -> list[onion.Hop]:
        return [onion.Hop(step.node, step.payload) for step in self.plan]

    @cached_property
    def onions(self) -> list[bytes]:
        """The packet on each link: made by the payer, then peeled by each forwarder in turn."""
        packets = [onion.construct(_label("session"), self.hops, self.payment_hash)]
        for secret in self.node_secrets[1:-1]:
            packets.append(onion.peel(packets[-1], secret, self.payment_hash).packet)
        return packets

    @cached_property
    def channels(self) -> list[Channel]:
        """The channel of each link; the sender opened it."""
        first, _ = first_channel()
        others = [
            Channel(
                _label("link", link, "funding"), 0, first.funding_sat, _party(link, "opener"), _party(link, "accepter")
            )
            for link in range(1, self.forwarders + 1)
        ]
        return [first, *others]

    def _secrets(self, link: int) -> tuple[_Secrets, _Secrets]:
        given = first_channel()[1] if link == 0 else None
        return _Secrets(link, "opener", given), _Secrets(link, "accepter", None)

    def htlc(self, link: int) -> Htlc:
        step = self.plan[link]
        return Htlc(step.amount_msat, self.payment_hash, step.cltv_expiry, from_opener=True)

    def state(self, link: int, number: int) -> State:
        """Before the purchase (42), in flight (43), and after it (44)."""
        amount = self.plan[link].amount_msat
        gone, come = amount if number > NUMBER else 0, amount if number > NUMBER + 1 else 0
        flight = (self.htlc(link),) if number == NUMBER + 1 else ()
        return State(number, OPENER_MSAT - gone, ACCEPTER_MSAT + come, FEERATE_PER_KW, flight)

    def commitment(self, link: int, number: int, of_sender: bool) -> Commitment:
        """A side's commitment transaction on a link, unsigned."""
        secrets = self._secrets(link)[0 if of_sender else 1]
        return commitment.build(self.channels[link], self.state(link, number), of_sender, secrets.point(number))

    def _exchange(self, link: int) -> Iterator[tuple[bool, str, dict[str, messages.Value], dict[int, bytes]]]:
        """(from the sender?, message, fields, records), in order: added, committed twice, fulfilled, committed twice."""
        channel, step = self.channels[link], self.plan[link]
        here, there = self._secrets(link)
        funding = {FUNDING_TXID_RECORD: channel.funding_txid}

        def signed(by_sender: bool, number: int):
            signature, htlcs = commitment.signatures_for_owner(self.commitment(link, number, not by_sender))
            fields = {"channel_id": channel.id, "signature": signature, "htlc_signature": htlcs}
            return by_sender, "commitment_signed", fields, funding

        def revoked(by_sender: bool, number: int):
            own = here if by_sender else there
            fields = {
                "channel_id": channel.id,
                "per_commitment_secret": own.secret(number),
                "next_per_commitment_point": own.point(number + 2),
            }
            return by_sender, "revoke_and_ack", fields, {}

        yield (
            True,
            "update_add_htlc",
            {
                "channel_id": channel.id,
                "id": 0,
                "amount_msat": step.amount_msat,
                "payment_hash": self.payment_hash,
                "cltv_expiry": step.cltv_expiry,
                "onion_routing_packet": self.onions[link],
            },
            {},
        )
        yield signed(True, NUMBER + 1)
        yield revoked(False, NUMBER)
        yield signed(False, NUMBER + 1)
        yield revoked(True, NUMBER)
        preimage = {"channel_id": channel.id, "id": 0, "payment_preimage": self.preimage}
        yield False, "update_fulfill_htlc", preimage, {}
        yield signed(False, NUMBER + 2)
        yield revoked(True, NUMBER + 1)
        yield signed(True, NUMBER + 2)
        yield revoked(False, NUMBER + 1)

    def handshake(self, link: int) -> tuple[noise.Handshake, noise.Handshake, list[bytes]]:
        """Both sides of the link's connection after the three acts, and the acts."""
        ephemeral = [_label("link", link, "ephemeral", side) for side in ("sender", "receiver")]
        sender = noise.Handshake(self.node_secrets[link], ephemeral[0], self.nodes[link + 1])
        receiver = noise.Handshake(self.node_secrets[link + 1], ephemeral[1], self.nodes[link + 1])
        acts = [sender.act_one()]
        receiver.receive_act_one(acts[0])
        acts.append(receiver.act_two())
        sender.receive_act_two(acts[1])
        acts.append(sender.act_three())
        receiver.receive_act_three(acts[2])
        return sender, receiver, acts

    @cached_property
    def sent(self) -> list[Sent]:
        """Every message of the purchase, link by link; on each link in its order."""
        every = []
        for link in range(self.forwarders + 1):
            forth, back = self.handshake(link)[0].sessions()
            step = self.plan[link]
            for from_sender, name, fields, records in self._exchange(link):
                parts = tuple(messages.parts(name, fields, records))
                frame = (forth if from_sender else back).encrypt(b"".join(piece for _, piece in parts))
                ends = (step.sender, step.receiver) if from_sender else (step.receiver, step.sender)
                every.append(Sent(link, *ends, name, parts, frame))
        return every

    # layer 1 --------------------------------------------------------------------------------------------

    def closing(self, link: int = 0) -> tuple[Transaction, Transaction | None]:
        """What goes on chain if the receiver has to claim there: its commitment, and the claim with the preimage.

        The claim is None if the payment is too small to have an output.
        """
        held = self.commitment(link, NUMBER + 1, of_sender=False)
        signature, htlcs = commitment.signatures_for_owner(held)
        claim = None
        if held.htlc_outputs:
            [(index, _)] = held.htlc_outputs
            claim = commitment.complete_htlc(held, index, htlcs[0], self.preimage)
        return commitment.complete(held, signature), claim


def follow(
    amount_sat: int | float = 2_500,
    description: str = "1 cup coffee",
    forwarders: int = 2,
    policy: Policy | None = None,
) -> Purchase:
    """A purchase from the tap to the chain.

    amount_sat: 0.001 to what the channels hold (millisatoshi count); description: what the invoice says; forwarders: 0
    to 5 nodes between payer and payee; policy: what each asks. ValueError for what cannot be paid so.
    """
    if not isinstance(amount_sat, Real) or not math.isfinite(amount_sat):
        raise ValueError(f"amount_sat is {amount_sat!r}; it must be a number")
    if not isinstance(forwarders, Integral) or not 0 <= forwarders <= MAX_FORWARDERS:
        raise ValueError(f"forwarders is {forwarders!r}; it must be a whole number from 0 to {MAX_FORWARDERS}")
    if not isinstance(description, str) or len(description.encode()) > DESCRIPTION_BYTES:
        raise ValueError(
            f"the description must be a text of at most {DESCRIPTION_BYTES} bytes: BOLT 11 has room for no more"
        )
    amount_msat = round(amount_sat * 1000)
    if amount_msat < 1:
        raise ValueError(f"amount_sat is {amount_sat}; the smallest amount is 0.001")
    purchase = Purchase(amount_msat, description, forwarders, policy or Policy())
    costs = FEERATE_PER_KW * (commitment.COMMITMENT_WEIGHT[True] + commitment.HTLC_WEIGHT) // 1000
    most = OPENER_MSAT - 1000 * (costs + 2 * commitment.ANCHOR_SAT)
    if purchase.plan[0].amount_msat > most:
        raise ValueError(f"amount_sat is {amount_sat:,}; with fees the first channel can send {most // 1000:,} at most")
    return purchase


# anatomy --------------------------------------------------------------------------------------------------

ROLES = ("payload", "header", "proof", "padding")
"""What a byte is for. payload: what the unit was asked to carry; header: what the peers need to handle it; proof: keys,
locks, hashes, signatures, tags, that let somebody check instead of trust; padding: bytes that say nothing, on purpose."""

Part = tuple[str, str, int]
"""(what it is, role, bytes)"""

_TAGS = {"s": "payment secret", "p": "payment hash", "d": "description", "c": "final lock", "9": "features"}


def invoice_parts(invoice: str) -> list[Part]:
    """The characters of an invoice (BOLT 11), in order."""
    human, _, body = invoice.rpartition("1")
    digits = next(i for i, letter in enumerate(human) if letter.isdigit())
    parts: list[Part] = [
        ("prefix", "header", digits),
        ("amount", "payload", len(human) - digits),
        ("separator", "header", 1),
        ("timestamp", "header", 7),
    ]
    at, end = 7, len(body) - 110
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    while at < end:
        tag, length = body[at], alphabet.index(body[at + 1]) * 32 + alphabet.index(body[at + 2])
        role = "payload" if tag == "d" else "proof" if tag in "sp" else "header"
        parts += [(f"{_TAGS[tag]}: tag and length", "header", 3), (_TAGS[tag], role, length)]
        at += 3 + length
    return [*parts, ("signature", "proof", 104), ("checksum", "proof", 6)]


def plan_parts(plan: list[Step]) -> list[Part]:
    """The bytes of all instructions, record by record (BOLT 4)."""
    names = {
        onion.AMOUNT: ("amount", "payload"),
        onion.EXPIRY: ("lock", "header"),
        onion.CHANNEL: ("next channel", "header"),
    }
    parts: list[Part] = []
    for step in plan:
        for kind, value in tlv.decode(step.payload).items():
            frame = len(tlv.bigsize(kind)) + len(tlv.bigsize(len(value)))
            parts.append((f"{step.receiver}: type and length", "header", frame))
            if kind == onion.PAYMENT_DATA:
                parts.append((f"{step.receiver}: payment secret", "proof", 32))
                parts.append((f"{step.receiver}: amount of all parts", "payload", len(value) - 32))
            else:
                what, role = names[kind]
                parts.append((f"{step.receiver}: {what}", role, len(value)))
    return parts


def onion_parts(hops: list[onion.Hop]) -> list[Part]:
    """The bytes of a packet as its maker knows them."""
    lengths = sum(len(hop.framed) - len(hop.payload) for hop in hops)
    payloads = sum(len(hop.payload) for hop in hops)
    macs = onion.HMAC_BYTES * len(hops)
    return [
        ("version", "header", len(onion.VERSION)),
        ("ephemeral key", "proof", 33),
        ("lengths of payloads", "header", lengths),
        ("payloads", "payload", payloads),
        ("authenticators for the hops", "proof", macs),
        ("padding", "padding", onion.PAYLOADS_BYTES - lengths - payloads - macs),
        ("authenticator", "proof", onion.HMAC_BYTES),
    ]


_MESSAGE_ROLES = {
    "onion_routing_packet": "payload", "amount_msat": "payload", "payment_hash": "proof", "payment_preimage": "proof",
    "signature": "proof", "htlc_signature": "proof", "per_commitment_secret": "proof",
    "next_per_commitment_point": "proof",
}  # fmt: skip


def message_parts(sent: Sent) -> list[Part]:
    """The bytes of a message by field (BOLT 2)."""
    return [(name, _MESSAGE_ROLES.get(name, "header"), len(piece)) for name, piece in sent.parts if piece]


def frame_parts(sent: Sent) -> list[Part]:
    """The bytes of a message on the wire (BOLT 8)."""
    tags = noise.FRAME_BYTES - noise.LENGTH_BYTES
    return [
        ("length", "header", noise.LENGTH_BYTES),
        ("message", "payload", len(sent.message)),
        ("tags", "proof", tags),
    ]


def transaction_parts(signed: Transaction, held: Commitment) -> list[Part]:
    """The bytes of a signed commitment transaction (BOLT 3)."""
    flight = [output for _, output in held.htlc_outputs]
    others = [output for output in held.outputs if not output.htlc]
    witness = sum(len(each.witness.serialize()) for each in signed.vin)
    parts = [
        ("version, counts, lock time", "header", 4 + 2 + 1 + 1 + 4),
        ("input: the channel", "header", 36 + 1 + 4),
        ("amount in flight", "payload", 8 * len(flight)),
        ("its lock", "proof", sum(len(output.raw) - 8 for output in flight)),
        ("the other outputs", "header", sum(len(output.raw) for output in others)),
        ("signatures and keys", "proof", witness),
    ]
    return [part for part in parts if part[2]]


def leaves(purchase: Purchase) -> Iterator[tuple[Sent, str, str, int]]:
    """Every byte on the wire down to its last layer: (message, what it is, role, bytes).

    The onion in a message is opened with what its maker knows, and the plan in it record by record.
    """
    for sent in purchase.sent:
        for what, role, size in frame_parts(sent):
            if what != "message":
                yield sent, f"frame: {what}", role, size
        for what, role, size in message_parts(sent):
            if what != "onion_routing_packet":
                yield sent, what, role, size
        if sent.name == "update_add_htlc":
            for what, role, size in onion_parts(purchase.hops[sent.link :]):
                if what != "payloads":
                    yield sent, f"onion: {what}", role, size
            for what, role, size in plan_parts(purchase.plan[sent.link :]):
                yield sent, f"plan: {what}", role, size
