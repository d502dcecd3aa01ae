"""Who can read what of a purchase: each observer's view, searched for each fact.

A view is what an observer can decode with its own keys, and what follows from it by one hash. It is about bytes alone:
amounts close to each other, times and sizes may still tell an observer more than the bytes say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

import pandas as pd
from bolt11 import decode as decode_invoice
from embit.transaction import Transaction

from . import messages, onion
from .purchase import Purchase

WIRE, QUIET, CHAIN = "the wire", "the chain", "the chain, in a dispute"
"""Somebody who records all connections; everybody, as a rule; everybody, if the first channel has to be closed."""


@dataclass
class View:
    """What an observer reads: byte strings and texts, amounts in millisatoshi, and enciphered or raw streams."""

    values: set[bytes] = field(default_factory=set)
    amounts_msat: set[int] = field(default_factory=set)
    streams: list[bytes] = field(default_factory=list)

    def reads(self, fact: Fact) -> bool:
        """Whether the fact is among what is read; an amount on the chain is known to the satoshi.

        Streams are searched for facts of 8 bytes and more; shorter ones would be found there by chance.
        """
        if fact.amount_msat is not None:
            return bool({fact.amount_msat, fact.amount_msat // 1000 * 1000} & self.amounts_msat)
        known = self.values | {sha256(value).digest() for value in self.values}
        return fact.value in known or (fact.size >= 8 and any(fact.value in stream for stream in self.streams))


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that one may want to know or to hide."""

    name: str
    value: bytes
    amount_msat: int | None = None

    @property
    def size(self) -> int:
        return len(self.value)


def facts(purchase: Purchase) -> list[Fact]:
    """The facts of a purchase, those that more should not know first."""
    first, last = purchase.plan[0], purchase.plan[-1]
    return [
        Fact("what is bought", purchase.description.encode()),
        Fact("payment secret", purchase.payment_secret),
        Fact("route and instructions", b"".join(step.payload for step in purchase.plan)),
        Fact("payer's node key", purchase.nodes[0]),
        Fact("payee's node key", purchase.nodes[-1]),
        Fact("amount that leaves the payer", first.amount_msat.to_bytes(8, "big"), first.amount_msat),
        Fact("amount that reaches the payee", last.amount_msat.to_bytes(8, "big"), last.amount_msat),
        Fact("preimage, the receipt", purchase.preimage),
        Fact("payment hash", purchase.payment_hash),
    ]


def _decoded(values: dict[str, messages.Value]) -> Iterator[tuple[str, bytes | int]]:
    for name, value in values.items():
        for each in value if isinstance(value, list) else [value]:
            yield name, each


def _node(purchase: Purchase, place: int) -> View:
    """The view of a node by its place on the route: its two links, its layer of the onion, its neighbors."""
    view = View(values={purchase.nodes[place]})
    for sent in purchase.sent:
        if sent.link not in (place - 1, place):
            continue
        values, _ = messages.decode(sent.name, sent.message)
        for name, value in _decoded(values):
            if name == "amount_msat":
                view.amounts_msat.add(value)
            elif isinstance(value, bytes):
                view.values.add(value)
    if place > 0:
        peeled = onion.peel(purchase.onions[place - 1], purchase.node_secrets[place], purchase.payment_hash)
        for name, value in onion.read_payload(peeled.payload).items():
            if name in ("amt_to_forward", "total_msat"):
                view.amounts_msat.add(value)
            elif isinstance(value, bytes):
                view.values.add(value)
        view.values.add(peeled.payload)
        view.values.add(purchase.handshake(place - 1)[1].remote_static)
    if place < len(purchase.nodes) - 1:
        view.values.add(purchase.handshake(place)[0].responder)
    return view


def _read_invoice(purchase: Purchase, view: View) -> View:
    told = decode_invoice(purchase.invoice)
    view.values |= {bytes.fromhex(told.payment_hash), bytes.fromhex(told.payment_secret), told.description.encode()}
    view.amounts_msat.add(int(told.amount_msat))
    view.values.add(bytes.fromhex(told.signature.recover_public_key()))
    return view


def _chain(transactions: list[Transaction]) -> View:
    """What a transaction tells everybody: its bytes, the amounts of its outputs, what its witnesses reveal."""
    view = View(streams=[tx.serialize() for tx in transactions])
    for tx in transactions:
        view.amounts_msat |= {output.value * 1000 for output in tx.vout}
        view.values |= {item for each in tx.vin for item in each.witness.items}
    return view


def views(purchase: Purchase) -> dict[str, View]:
    """The view of each observer: the nodes of the route in order, then the wire and the chain."""
    seen = {name: _node(purchase, place) for place, name in enumerate(purchase.names)}
    payer, payee = seen["payer"], seen["payee"]
    _read_invoice(purchase, payer)
    _read_invoice(purchase, payee)
    payer.values |= {step.payload for step in purchase.plan} | {step.node for step in purchase.plan}
    payer.values.add(b"".join(step.payload for step in purchase.plan))
    payer.amounts_msat |= {step.amount_msat for step in purchase.plan}
    acts = [act for link in range(len(purchase.plan)) for act in purchase.handshake(link)[2]]
    seen[WIRE] = View(streams=[*acts, *(sent.frame for sent in purchase.sent)])
    seen[QUIET] = View()
    seen[CHAIN] = _chain([tx for tx in purchase.closing() if tx])
    return seen


def matrix(purchase: Purchase) -> pd.DataFrame:
    """Facts by observers, True where the observer reads the fact. Index: the fact's name; a column `bytes` first."""
    known, seen = facts(purchase), views(purchase)
    rows = {fact.name: [fact.size, *(view.reads(fact) for view in seen.values())] for fact in known}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["bytes", *seen])
