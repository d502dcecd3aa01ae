"""wire_vectors: official test vectors of the BOLTs, and the header of one real block, as named values.

    python data/derive/wire_vectors.py BOLTS BITCOIN_CORE [--out FILE]

A vector is a set of named values: inputs and what must come out. From the BOLTs: transactions and keys (BOLT 3), the onion
(BOLT 4), handshakes and messages (BOLT 8), an invoice (BOLT 11); their keys are public test keys. From Bitcoin Core: the
header and the first transaction of the block that it ships for its benchmarks. The values are those of the sources;
names are made uniform, and a value is cut free of its prefix 0x.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from block_413567_transactions import BLOCK, split
from upstream import Repository, main, natural

FIELDS = ["vector", "field", "kind", "value", "source"]
Values = dict[str, str]


def slug(text: str, joint: str) -> str:
    """A name from words: lowercase, joined."""
    return joint.join(re.findall(r"[a-z0-9]+", text.lower()))


def kind(value: str) -> str:
    """bytes (hexadecimal, 8 bytes or more), integer or text."""
    if re.fullmatch(r"([0-9a-f]{2}){8,}", value):
        return "bytes"
    return "integer" if value.isdecimal() else "text"


def clean(value: str) -> str:
    """A value without 0x, in lowercase where it is hexadecimal."""
    bare = re.sub(r"^0x", "", value.strip())
    return bare.lower() if re.fullmatch(r"[0-9a-fA-F]+", bare) else value.strip()


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """The indented or internal lines "name: value" and "name = value" of a text; comments and prose are left out."""
    for line in text.splitlines():
        if match := re.fullmatch(r"(?:\s+|INTERNAL: |(?=x_))([A-Za-z][^:=#]*?(?: \(.*?\))?)\s*[:=]\s*(\S.*)", line):
            yield match[1], clean(match[2])


def part(text: str, begin: str, end: str) -> str:
    """What stands between two headings that begin so."""
    return re.search(rf"^#+ {re.escape(begin)}.*?\n(.*?)^#+ {re.escape(end)}", text, re.M | re.S)[1]


def cases(text: str) -> list[tuple[str, str]]:
    """(name, body) of each "name: ..." of an appendix."""
    found = re.split(r"^\s*name: (.*)$", text, flags=re.M)
    return list(zip(found[1::2], found[2::2], strict=True))


def bolt3(text: str) -> Iterator[tuple[str, Values]]:
    """Keys and parameters, commitment transactions without and with anchors, secrets, derivation."""
    plain = part(text, "Appendix C", "Appendix D")
    head = plain[: plain.index("    name: ")]
    keys = {slug(name, "_"): value for name, value in pairs(part(text, "Appendix B", "Appendix C") + head)}
    yield "bolt3-keys", keys
    for name, body in cases(plain):
        yield f"bolt3-c-{slug(name, '-')}", dict(_numbered(pairs(body)))
    anchors = re.search(r"```yaml\n(.*?)```", part(text, "Appendix F", "Appendix G"), re.S)[1]
    for case in json.loads(anchors):
        values = {
            "to_local_msat": case["LocalBalance"], "to_remote_msat": case["RemoteBalance"],
            "local_feerate_per_kw": case["FeePerKw"], "dust_limit_sat": case["DustLimitSatoshis"],
            "commitment_tx": case["ExpectedCommitmentTxHex"], "remote_signature": case["RemoteSigHex"],
        }  # fmt: skip
        for i, htlc in enumerate(case["HtlcDescs"]):
            values |= {f"remote_htlc_signature_{i}": htlc["RemoteSigHex"], f"htlc_tx_{i}": htlc["ResolutionTxHex"]}
        yield f"bolt3-f-{slug(case['Name'], '-')}", {name: str(value) for name, value in values.items()}
    for name, body in cases(part(text, "Generation Tests", "Storage Tests")):
        values = dict(pairs(body))
        values["index"] = str(int(re.search(r"I: (\w+)", body)[1], 0))
        yield f"bolt3-{slug(name, '-')}", {field: values[field] for field in ("seed", "index", "output")}
    derived = dict(pairs(part(text, "Appendix E", "Appendix F")))
    yield "bolt3-derivation", {name: value for name, value in derived.items() if name != "name"}


def _numbered(lines: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Commitment vectors with uniform names; what repeats for each HTLC gets its number, in the order of outputs."""
    signature = transaction = 0
    for name, value in lines:
        if name == "remote_htlc_signature":
            yield f"{name}_{signature}", value
            signature += 1
        elif name.startswith("htlc_"):
            yield f"htlc_tx_{transaction}", value
            transaction += 1
        elif name == "output commit_tx":
            yield "commitment_tx", value
        elif name != "num_htlcs":
            yield name, value


def bolt4(text: str) -> Iterator[tuple[str, Values]]:
    """The onion over five hops; payloads stand behind their length."""
    given = json.loads(text)
    values = {name: given["generate"][name] for name in ("session_key", "associated_data")} | {"onion": given["onion"]}
    for i, (hop, secret) in enumerate(zip(given["generate"]["hops"], given["decode"], strict=True)):
        values |= {f"hop_{i}_pubkey": hop["pubkey"], f"hop_{i}_payload": hop["payload"], f"hop_{i}_secret": secret}
    yield "bolt4-onion", values


def bolt8(text: str) -> Iterator[tuple[str, Values]]:
    """Handshakes of both sides, good and bad, and messages across two changes of keys."""
    for name, body in cases(text[text.index("# Appendix A: Transport Test Vectors") :]):
        values: Values = {}
        act = 0
        for key, value in pairs(body):
            if key in ("input", "output") and value.startswith("sk,rk="):
                values |= dict(zip(("sk", "rk"), (clean(v) for v in value[6:].split(",")), strict=True))
            elif value.startswith("ERROR"):
                values["error"] = value
            elif key in ("input", "output"):
                act += 1
                values[f"act_{act}"] = value
            else:
                values[slug(key, "_")] = value
        yield f"bolt8-{slug(name.removeprefix('transport-'), '-')}", values


def bolt11(text: str) -> Iterator[tuple[str, Values]]:
    """The invoice for a cup of coffee, and the key that signs all examples."""
    body = part(text, "Examples", "Examples of Invalid Invoices")
    coffee = re.search(r"^> ### [^\n]*for a cup of coffee[^\n]*\n> (\S+)\n(.*?)^> ###", body, re.M | re.S)
    yield (
        "bolt11-coffee",
        {
            "private_key": re.search(r"`priv_key`=`(\w+)`", body)[1],
            "invoice": coffee[1],
            "signature": re.search(r"`(\w+)` hex of signature data", coffee[2])[1],
            "signed_digest": re.search(r"`(\w+)` hex of SHA256 of the preimage", coffee[2])[1],
        },
    )


def core_block(raw: bytes) -> Iterator[tuple[str, Values]]:
    """Header, size and first transaction of the block."""
    header, transactions = split(raw)
    yield (
        "block-413567",
        {
            "header": header.hex(),
            "size_bytes": str(len(raw)),
            "transactions": str(len(transactions)),
            "coinbase_tx": transactions[0].raw.hex(),
        },
    )


def derive(bolts: Repository, core: Repository) -> Iterator[dict[str, object]]:
    """All rows, by vector and field."""
    raw = core.git("show", f"{core.commit}:{BLOCK}")
    sources = [
        ("bolt3", bolt3(bolts.read("03-transactions.md"))),
        ("bolt4", bolt4(bolts.read("bolt04/onion-test.json"))),
        ("bolt8", bolt8(bolts.read("08-transport.md"))),
        ("bolt11", bolt11(bolts.read("11-payment-encoding.md"))),
        ("repo-bitcoin-core", core_block(raw)),
    ]
    rows = [
        {"vector": vector, "field": field, "kind": kind(value), "value": value, "source": source}
        for source, vectors in sources
        for vector, values in vectors
        for field, value in values.items()
    ]
    yield from sorted(rows, key=lambda row: (natural(row["vector"]), natural(row["field"])))


if __name__ == "__main__":
    main("wire_vectors", ["bolts", "bitcoin_core"], FIELDS, derive)
