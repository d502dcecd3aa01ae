"""The catalog as plain JSON: what another program needs to find every well-formed stack and its properties.

Not the stacks: the choices of each slot, what each member offers and needs, and what it adds to each property. A
program in a reader's browser enumerates and folds them anew (``site/theme/static/explorer-engine.js``), and a test
compares its every stack and value with `moip.model.enumerate`.

Numbers of services, members and properties are their places in the lists. A value is a number, ``"inf"`` (no exit, nobody,
no limit), ``null`` (unknown) or a list (a set of party kinds, by number). What is left out has the identity.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from .catalog import TRUST_CLASSES
from .enumerate import Space
from .layers import layers
from .properties import UNKNOWN, Property, Value
from .wishes import WISHES

__all__ = ["GROUPS", "digest", "dumps", "payload"]

GROUPS = {
    "Who can take it or stop it": (
        "theft_quorum", "freeze_quorum", "trust_class", "loss_probability", "failure_domains",
    ),
    "Leaving it, and leaving it alone": ("exit_weight", "exit_delay", "online_interval"),
    "What a payment takes": (
        "settlement_delay", "payment_weight", "smallest_payment", "largest_payment", "fixed_fee", "proportional_fee",
    ),
    "What the ledger shows": ("sender_left_chain", "receiver_left_chain", "amount_left_chain"),
    "What operators see": ("sender_left_operator", "receiver_left_operator", "amount_left_operator"),
}  # fmt: skip
"""The order in which people read the properties. One that is not named here comes last."""

WORDS = {
    "theft_quorum": {"inf": "nobody"},
    "freeze_quorum": {"inf": "nobody"},
    "largest_payment": {"inf": "no limit"},
    "online_interval": {"inf": "none"},
    **{key: {"inf": "no exit"} for key in ("exit_weight", "exit_delay")},
    **{key: {"0": "seen", "1": "hidden"} for group in list(GROUPS)[-2:] for key in GROUPS[group]},
}
"""What a page says instead of a number."""

SLOT_WORDS = {
    "ledger": "ledger",
    "lock": "lock on the coins",
    "keys": "backup of the keys",
    "view": "view of the chain",
    "rail": "rail",
    "plan": "plan of a payment",
    "helper": "helping service",
    "request": "payment request",
    "face": "wallet or app",
    "device": "card or device",
}
"""What a page calls the slots."""

TRUST = {
    "key": "trust_class",
    "name": "weakest trust class",
    "unit": "",
    "question": "Whose word do I take?",
    "better": "lower",
    "operation": "maximum",
    "absorbing": None,
    "words": {str(i): name for i, name in enumerate(TRUST_CLASSES)},
    "digits": 0,
}
"""The register's trust class as one more property: a stack has the weakest of its members' (`Stack.trust_class`)."""

ROUNDED = {"loss_probability": 1}
"""Properties with many different values: significant digits by which a page groups them."""


def payload(space: Space | None = None) -> dict[str, Any]:
    """A space (the book's catalog by default) as JSON can hold it."""
    space = space or Space.of()
    catalog = space.catalog
    services = {key: i for i, key in enumerate(catalog.services)}
    names = [name for choices in space.choices for name in choices if name]
    members = {name: i for i, name in enumerate(names)}
    kinds = sorted({kind for name in names for key in catalog.properties for kind in _kinds(catalog.value(name, key))})
    assessed = catalog.assessments.set_index(["member", "property"])["basis"].to_dict()
    known = list(catalog.properties.values())

    def member(name: str) -> dict[str, Any]:
        one = catalog.member(name)
        values = {
            str(i): [_plain(value, kinds), assessed[name, p.key][0]]
            for i, p in enumerate(known)
            if (value := catalog.value(name, p.key)) is UNKNOWN or value != p.monoid.identity
        }
        if trust := TRUST_CLASSES.index(one.trust_class):
            values[str(len(known))] = [trust, "judgment"[0]]
        return {
            "key": name,
            "name": one.name,
            "technology": one.technology,
            "layer": one.layer,
            "offers": sorted(services[key] for key in one.offers),
            "needs": sorted(services[key] for key in one.needs),
            "values": values,
        }

    layer = {one.slot: one.layer for one in catalog.members.values()}
    grouped = [key for group in GROUPS.values() for key in group]
    place = {key: i for i, key in enumerate([*catalog.properties, "trust_class"])}
    groups = [[name, [place[key] for key in keys if key in place]] for name, keys in GROUPS.items()]
    if rest := [place[key] for key in catalog.properties if key not in grouped]:
        groups.append(["Other", rest])
    return {
        "layers": [one.name for _, one in sorted(layers().items())],
        "services": [[one.key, one.layer, one.name] for one in catalog.services.values()],
        "demanded": sorted(services[key] for key in catalog.demanded),
        "kinds": kinds,
        "slots": [
            {"key": slot, "words": SLOT_WORDS[slot], "layer": layer.get(slot, 0), "choices": [members[n] if n else -1 for n in choices]}
            for slot, choices in zip(space.slots, space.choices, strict=True)
        ],
        "members": [member(name) for name in names],
        "properties": [*(_property(one) for one in known), TRUST],
        "groups": groups,
        "wishes": [
            {
                "key": wish.key,
                "words": wish.words,
                "conditions": [
                    [place[c.property], c.relation, _plain(c.number, [])] for c in wish.conditions
                ],
            }
            for wish in WISHES
            if all(c.property in place for c in wish.conditions)
        ],
    }  # fmt: skip


def _property(one: Property) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "unit": one.unit,
        "question": one.question,
        "better": one.direction,
        "operation": one.monoid.name,
        "absorbing": None if one.monoid.absorbing is None else _plain(one.monoid.absorbing, []),
        "words": WORDS.get(one.key, {}),
        "digits": ROUNDED.get(one.key, 0),
    }


def _kinds(value: Value) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset()


def _plain(value: Value, kinds: list[str]) -> Any:
    if value is UNKNOWN:
        return None
    if isinstance(value, frozenset):
        return sorted(kinds.index(kind) for kind in value)
    if value == math.inf:
        return "inf"
    return int(value) if float(value).is_integer() else float(value)


def dumps(what: dict[str, Any]) -> str:
    """The payload as text, the same every time."""
    return json.dumps(what, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest(what: dict[str, Any]) -> str:
    """Twelve hex digits that change when anything in the payload does."""
    return hashlib.sha256(dumps(what).encode()).hexdigest()[:12]
