"""Weights of transactions that are built, signed and serialized, not quoted.

Every transaction here is a complete one: `embit` makes scripts, signature hashes and ECDSA or Schnorr
signatures with fixed test keys (SHA-256 of a label: anybody can derive them, never send money to them), and
the size is that of the bytes. The coins that are spent do not exist, so no network would accept one.

Size of an ECDSA signature. The DER encoding is shorter when the numbers in it start with a zero bit or more.
With the signature-hash byte a standard (low-S) signature has 72 bytes in half of the cases, 71 in most of the
other half, and rarely fewer. Wallets that grind for a low R (Bitcoin Core, key.cpp) never need more than 71.
Here a signature is made again with another RFC 6979 nonce until it has exactly `signature_bytes`, 72 unless
the caller asks for 71. 72 is what Optech's transaction size calculator counts; BOLT 3 counts 73, an upper
bound that a low-S signature never reaches. A Schnorr signature with the default signature hash has 64 bytes
(BIP 341).

Units: bytes, weight units (WU) and virtual bytes. Weight = 3 x size without witness + total size; virtual
size = weight / 4, rounded up (BIP 141, "Transaction size calculations").
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import pandas as pd
from embit import hashes
from embit.ec import PrivateKey
from embit.script import Script, Witness
from embit.transaction import SIGHASH, Transaction, TransactionInput, TransactionOutput
from embit.util import secp256k1

COIN_SAT = 100_000_000
FEE_SAT = 10_000
CLTV_EXPIRY = 900_000
"""Block height in the scripts of HTLCs. It takes 3 bytes, as every height from 32,768 to 8,388,607 does."""
TO_SELF_DELAY = 144
LEAF_VERSION = 0xC0

_OP = {
    "PUSHDATA1": 0x4C, "PUSHDATA2": 0x4D, "1": 0x51, "IF": 0x63, "NOTIF": 0x64, "ELSE": 0x67,
    "ENDIF": 0x68, "IFDUP": 0x73, "DROP": 0x75, "DUP": 0x76, "SWAP": 0x7C, "SIZE": 0x82, "EQUAL": 0x87,
    "EQUALVERIFY": 0x88, "HASH160": 0xA9, "CHECKSIG": 0xAC, "CHECKSIGVERIFY": 0xAD, "CHECKMULTISIG": 0xAE,
    "CHECKLOCKTIMEVERIFY": 0xB1, "CHECKSEQUENCEVERIFY": 0xB2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TransactionSize:
    """Sizes of a serialized transaction. witness_wu counts the marker, the flag and every input's witness."""

    inputs: int
    outputs: int
    size_bytes: int
    base_bytes: int
    witness_wu: int

    @property
    def weight_wu(self) -> int:
        return 3 * self.base_bytes + self.size_bytes

    @property
    def vsize_vbytes(self) -> int:
        return -(-self.weight_wu // 4)


def measure(raw: bytes | str) -> TransactionSize:
    """Sizes of a transaction given as bytes or hex (BIP 141, BIP 144). ValueError if it is not one."""
    try:
        raw = bytes.fromhex(raw) if isinstance(raw, str) else bytes(raw)
        tx = Transaction.parse(raw)
        if tx.serialize() != raw:
            raise ValueError("bytes differ after a round trip")
    except Exception as error:  # embit raises several unrelated types for bad bytes
        raise ValueError(f"not a serialized transaction: {error}") from error
    witness = 2 + sum(len(i.witness.serialize()) for i in tx.vin) if tx.is_segwit else 0
    return TransactionSize(len(tx.vin), len(tx.vout), len(raw), len(raw) - witness, witness)


# scripts --------------------------------------------------------------------------------------------------


def _push(data: bytes) -> bytes:
    if len(data) < _OP["PUSHDATA1"]:
        return bytes([len(data)]) + data
    if len(data) < 256:
        return bytes([_OP["PUSHDATA1"], len(data)]) + data
    return bytes([_OP["PUSHDATA2"]]) + len(data).to_bytes(2, "little") + data


def _number(value: int) -> bytes:
    """A positive script number, pushed in its shortest form."""
    if value <= 16:
        return bytes([_OP["1"] + value - 1])
    return _push(value.to_bytes(value.bit_length() // 8 + 1, "little"))


def _script(*parts: str | int | bytes) -> bytes:
    """Opcodes by name, numbers, and data to push, in order."""
    return b"".join(
        bytes([_OP[part]]) if isinstance(part, str) else _number(part) if isinstance(part, int) else _push(part)
        for part in parts
    )


@cache
def _key(label: str) -> PrivateKey:
    return PrivateKey(hashlib.sha256(f"moip test key {label}".encode()).digest())


@cache
def _pub(label: str) -> bytes:
    return _key(label).sec()


def _multisig(k: int, labels: Sequence[str]) -> bytes:
    """k of n with CHECKMULTISIG, keys in lexicographic order (BOLT 3 funding output; BIP 67)."""
    return _script(k, *sorted(map(_pub, labels)), len(labels), "CHECKMULTISIG")


def _p2wsh(script: bytes) -> bytes:
    return b"\x00\x20" + hashes.sha256(script)


def _p2wpkh(label: str) -> bytes:
    return b"\x00\x14" + hashes.hash160(_pub(label))


@dataclass(frozen=True, slots=True)
class Lock:
    """How an output is locked, and what is needed to spend it.

    scheme: "legacy", "v0" (BIP 143), "key" or "leaf" (BIP 341). script: redeem, witness or leaf script, or
    the script code of a key hash. signers: labels of the keys that sign, in the order of the signatures.
    nested: the witness program is wrapped in P2SH.
    """

    kind: str
    scheme: str
    script_pubkey: bytes
    script: bytes
    signers: tuple[str, ...]
    multisig: bool = False
    nested: bytes = b""
    merkle_root: bytes = b""
    control_block: bytes = b""


LOCK_KINDS = ("p2pkh", "p2wpkh", "p2sh_p2wpkh", "p2tr", "p2tr_leaf_2of3", "p2sh_<k>of<n>", "p2wsh_<k>of<n>")


@cache
def lock(kind: str, owner: str = "alice") -> Lock:
    """An output lock of a given kind for an owner; the owner's name fixes the test keys.

    kind: "p2pkh", "p2wpkh", "p2sh_p2wpkh" (nested), "p2tr" (key path; one signer, or several behind one
    MuSig2 key: the bytes are the same), "p2tr_leaf_2of3" (a 2-of-3 as three 2-of-2 leaves, spent by the leaf
    at depth 1), "p2sh_<k>of<n>" (n <= 15) or "p2wsh_<k>of<n>" (n <= 16), as in "p2wsh_11of15".
    """
    key_hash = hashes.hash160(_pub(owner))
    p2pkh = _script("DUP", "HASH160", key_hash, "EQUALVERIFY", "CHECKSIG")
    if kind == "p2pkh":
        return Lock(kind, "legacy", p2pkh, p2pkh, (owner,))
    if kind == "p2wpkh":
        return Lock(kind, "v0", b"\x00\x14" + key_hash, p2pkh, (owner,))
    if kind == "p2sh_p2wpkh":
        program = b"\x00\x14" + key_hash
        return Lock(kind, "v0", _p2sh(program), p2pkh, (owner,), nested=program)
    if kind == "p2tr":
        output_key, _ = _taproot(owner, b"")
        return Lock(kind, "key", b"\x51\x20" + output_key, b"", (owner,))
    if kind == "p2tr_leaf_2of3":
        return _taproot_2of3(kind, owner)
    if match := re.fullmatch(r"p2(w?)sh_(\d+)of(\d+)", kind):
        segwit, k, n = match[1] == "w", int(match[2]), int(match[3])
        if not 1 <= k <= n <= (16 if segwit else 15):
            raise ValueError(f"lock kind is {kind!r}; k of n needs 1 <= k <= n <= {16 if segwit else 15}")
        labels = sorted((f"{owner}/{i}" for i in range(n)), key=_pub)
        script = _multisig(k, labels)
        if segwit:
            return Lock(kind, "v0", _p2wsh(script), script, tuple(labels[:k]), multisig=True)
        return Lock(kind, "legacy", _p2sh(script), script, tuple(labels[:k]), multisig=True)
    raise ValueError(f"lock kind is {kind!r}; it must be one of {', '.join(LOCK_KINDS)}")


def _p2sh(script: bytes) -> bytes:
    return _script("HASH160", hashes.hash160(script), "EQUAL")


def _taproot(internal: str, merkle_root: bytes) -> tuple[bytes, int]:
    """Output key (32 bytes) and the parity of its point (BIP 341, "Constructing and spending Taproot
    outputs")."""
    internal_key = _pub(internal)[1:]
    tweak = hashes.tagged_hash("TapTweak", internal_key + merkle_root)
    point = secp256k1.ec_pubkey_add(secp256k1.ec_pubkey_parse(b"\x02" + internal_key), tweak)
    full = secp256k1.ec_pubkey_serialize(point)
    return full[1:33], full[0] & 1


def _leaf_hash(script: bytes) -> bytes:
    return hashes.tagged_hash("TapLeaf", bytes([LEAF_VERSION]) + Script(script).serialize())


def _branch_hash(left: bytes, right: bytes) -> bytes:
    return hashes.tagged_hash("TapBranch", b"".join(sorted((left, right))))


def _taproot_2of3(kind: str, owner: str) -> Lock:
    names = [f"{owner}/{i}" for i in range(3)]
    leaves = [
        _script(_pub(a)[1:], "CHECKSIGVERIFY", _pub(b)[1:], "CHECKSIG")
        for a, b in ((names[0], names[1]), (names[0], names[2]), (names[1], names[2]))
    ]
    sibling = _branch_hash(*map(_leaf_hash, leaves[1:]))
    root = _branch_hash(_leaf_hash(leaves[0]), sibling)
    output_key, parity = _taproot(owner, root)
    control = bytes([LEAF_VERSION | parity]) + _pub(owner)[1:] + sibling
    return Lock(
        kind,
        "leaf",
        b"\x51\x20" + output_key,
        leaves[0],
        (names[1], names[0]),
        merkle_root=root,
        control_block=control,
    )


# signing --------------------------------------------------------------------------------------------------


def _ecdsa(label: str, digest: bytes, signature_bytes: int, sighash: int) -> bytes:
    """A low-S signature with its signature-hash byte, ground to exactly `signature_bytes` bytes."""
    secret = _key(label).secret
    for counter in range(1000):
        extra = counter.to_bytes(32, "little") if counter else None
        signature = secp256k1.ecdsa_sign(digest, secret, None, extra)
        encoded = secp256k1.ecdsa_signature_serialize_der(signature) + bytes([sighash])
        if len(encoded) == signature_bytes:
            return encoded
    raise RuntimeError(f"no signature of {signature_bytes} bytes in 1,000 tries")


def signature_hash(tx: Transaction, index: int, locks: Sequence[Lock], values: Sequence[int], sighash: int) -> bytes:
    """The 32 bytes that input `index` signs; `locks`, `values` (satoshi) are those of the spent outputs."""
    spent = locks[index]
    if spent.scheme == "legacy":
        return tx.sighash_legacy(index, Script(spent.script), sighash)
    if spent.scheme == "v0":
        return tx.sighash_segwit(index, Script(spent.script), values[index], sighash)
    scripts = [Script(each.script_pubkey) for each in locks]
    if spent.scheme == "key":
        return tx.sighash_taproot(index, scripts, values, sighash)
    return tx.sighash_taproot(index, scripts, values, sighash, ext_flag=1, script=Script(spent.script))


def _sign(tx: Transaction, locks: Sequence[Lock], values: Sequence[int], signature_bytes: int) -> None:
    """Sign every input in place, all with ALL (ECDSA) or the default signature hash (Schnorr)."""
    for index, (tx_input, spent) in enumerate(zip(tx.vin, locks, strict=True)):
        if spent.scheme in ("key", "leaf"):
            digest = signature_hash(tx, index, locks, values, SIGHASH.DEFAULT)
            if spent.scheme == "key":
                key = _key(spent.signers[0]).taproot_tweak(b"")
                tx_input.witness = Witness([key.schnorr_sign(digest).serialize()])
            else:
                signatures = [_key(name).schnorr_sign(digest).serialize() for name in spent.signers]
                tx_input.witness = Witness([*signatures, spent.script, spent.control_block])
            continue
        digest = signature_hash(tx, index, locks, values, SIGHASH.ALL)
        signatures = [_ecdsa(name, digest, signature_bytes, SIGHASH.ALL) for name in spent.signers]
        # CHECKMULTISIG takes one item too many off the stack: an empty one comes first
        items = [b"", *signatures, spent.script] if spent.multisig else [*signatures, _pub(spent.signers[0])]
        if spent.scheme == "legacy":
            tx_input.script_sig = Script(b"".join(_push(item) for item in items))
        else:
            tx_input.witness = Witness(items)
            if spent.nested:
                tx_input.script_sig = Script(_push(spent.nested))


# transactions ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Built:
    """A signed transaction, with the locks and values (satoshi) of the outputs that it spends."""

    tx: Transaction
    locks: tuple[Lock, ...]
    values: tuple[int, ...]

    @property
    def raw(self) -> bytes:
        return self.tx.serialize()

    @property
    def size(self) -> TransactionSize:
        return measure(self.raw)


def _check_signature_bytes(signature_bytes: int) -> None:
    if signature_bytes not in (71, 72):
        raise ValueError(f"signature_bytes is {signature_bytes!r}; it must be 71 (low R) or 72")


def _outpoint(index: int) -> tuple[bytes, int]:
    return hashlib.sha256(f"moip outpoint {index}".encode()).digest(), 0


def _built(
    locks: Sequence[Lock],
    values: Sequence[int],
    outputs: Sequence[tuple[int, bytes]],
    signature_bytes: int,
    sequence: int = 0xFFFFFFFF,
    locktime: int = 0,
) -> Built:
    tx = Transaction(
        version=2,
        vin=[TransactionInput(*_outpoint(i), sequence=sequence) for i in range(len(locks))],
        vout=[TransactionOutput(value, Script(script)) for value, script in outputs],
        locktime=locktime,
    )
    _sign(tx, locks, values, signature_bytes)
    return Built(tx, tuple(locks), tuple(values))


def payment(inputs: Sequence[str], outputs: Sequence[str], signature_bytes: int = 72) -> Built:
    """A payment that spends one output of each kind in `inputs` and creates one of each kind in `outputs`.

    Kinds as for `lock`. Every input is worth one bitcoin for each output; the outputs share the sum less a
    token fee. ValueError for an unknown kind, for no inputs or outputs, or signature_bytes other than 71 and
    72.
    """
    _check_signature_bytes(signature_bytes)
    if not inputs or not outputs:
        raise ValueError("a transaction needs at least one input and one output")
    locks = [lock(kind, f"payer {i}") for i, kind in enumerate(inputs)]
    values = [COIN_SAT * len(outputs)] * len(inputs)
    share = (sum(values) - FEE_SAT) // len(outputs)
    created = [(share, lock(kind, f"payee {i}").script_pubkey) for i, kind in enumerate(outputs)]
    return _built(locks, values, created, signature_bytes)


@cache
def input_weight(kind: str, signature_bytes: int = 72) -> int:
    """Weight units that one more input of this kind adds: a 2-in payment less a 1-in payment."""
    one, two = (payment([kind] * n, ["p2wpkh"], signature_bytes).size.weight_wu for n in (1, 2))
    return two - one


@cache
def output_weight(kind: str) -> int:
    """Weight units that one more output of this kind adds."""
    one, two = (payment(["p2wpkh"], [kind] * n).size.weight_wu for n in (1, 2))
    return two - one


# Lightning (BOLT 3) ---------------------------------------------------------------------------------------

FUNDING_SAT = 10_000_000
HTLC_SAT = 50_000
ANCHOR_SAT = 330


def _to_self_script() -> bytes:
    return _script(
        "IF", _pub("revocation"), "ELSE", TO_SELF_DELAY, "CHECKSEQUENCEVERIFY", "DROP", _pub("local delayed"),
        "ENDIF", "CHECKSIG",
    )  # fmt: skip


def _htlc_script(offered: bool, anchors: bool, payment_hash: bytes) -> bytes:
    """Witness script of an offered or received HTLC output (BOLT 3, "Offered" and "Received HTLC
    Outputs")."""
    locked = hashes.ripemd160(payment_hash)
    head = ("DUP", "HASH160", hashes.hash160(_pub("revocation")), "EQUAL", "IF", "CHECKSIG", "ELSE")
    size = (_pub("remote htlc"), "SWAP", "SIZE", 32, "EQUAL")
    both = (2, "SWAP", _pub("local htlc"), 2, "CHECKMULTISIG")
    if offered:
        body = ("NOTIF", "DROP", *both, "ELSE", "HASH160", locked, "EQUALVERIFY", "CHECKSIG", "ENDIF")
    else:
        timeout = ("DROP", CLTV_EXPIRY, "CHECKLOCKTIMEVERIFY", "DROP", "CHECKSIG")
        body = ("IF", "HASH160", locked, "EQUALVERIFY", *both, "ELSE", *timeout, "ENDIF")
    wait = (1, "CHECKSEQUENCEVERIFY", "DROP") if anchors else ()
    return _script(*head, *size, *body, *wait, "ENDIF")


def _preimage(number: int) -> bytes:
    return hashlib.sha256(f"moip payment {number}".encode()).digest()


def _payment_hash(number: int) -> bytes:
    return hashlib.sha256(_preimage(number)).digest()


def _funding_lock() -> Lock:
    return lock("p2wsh_2of2", "channel")


def lightning_funding(input_kind: str = "p2wpkh", signature_bytes: int = 72) -> Built:
    """A channel is opened: one input, the 2-of-2 P2WSH funding output (BOLT 3) and P2WPKH change."""
    _check_signature_bytes(signature_bytes)
    change = COIN_SAT - FUNDING_SAT - FEE_SAT
    outputs = [(FUNDING_SAT, _funding_lock().script_pubkey), (change, _p2wpkh("change"))]
    return _built([lock(input_kind, "payer 0")], [COIN_SAT], outputs, signature_bytes)


def lightning_close(output_kind: str = "p2wpkh", signature_bytes: int = 72) -> Built:
    """A channel is closed by both sides together: the funding output is split in two (BOLT 3, "Legacy Closing
    Transaction")."""
    _check_signature_bytes(signature_bytes)
    half = (FUNDING_SAT - FEE_SAT) // 2
    outputs = [(half, lock(output_kind, name).script_pubkey) for name in ("local", "remote")]
    return _built([_funding_lock()], [FUNDING_SAT], outputs, signature_bytes)


def lightning_commitment(htlcs: int = 0, anchors: bool = True, signature_bytes: int = 72) -> Built:
    """A channel is closed by one side: the commitment transaction with `htlcs` payments in flight (BOLT 3).

    htlcs: untrimmed HTLC outputs, every second one offered, 0 to 150. anchors: option_anchors.
    The commitment number is 0, its obscuring factor 0.
    """
    _check_signature_bytes(signature_bytes)
    if int(htlcs) != htlcs or not 0 <= htlcs <= 150:
        raise ValueError(f"htlcs is {htlcs!r}; it must be a whole number in 0 .. 150")
    outputs = [
        (HTLC_SAT, _p2wsh(_htlc_script(offered=i % 2 == 0, anchors=anchors, payment_hash=_payment_hash(i))))
        for i in range(htlcs)
    ]
    remote = _p2wpkh("remote")
    if anchors:
        remote = _p2wsh(_script(_pub("remote"), "CHECKSIGVERIFY", 1, "CHECKSEQUENCEVERIFY"))
        outputs += [
            (
                ANCHOR_SAT,
                _p2wsh(_script(_pub(name), "CHECKSIG", "IFDUP", "NOTIF", 16, "CHECKSEQUENCEVERIFY", "ENDIF")),
            )
            for name in _funding_lock().signers
        ]
    half = (FUNDING_SAT - FEE_SAT - sum(value for value, _ in outputs)) // 2
    outputs += [(half, _p2wsh(_to_self_script())), (half, remote)]
    return _built(
        [_funding_lock()],
        [FUNDING_SAT],
        sorted(outputs),
        signature_bytes,
        sequence=0x80000000,
        locktime=0x20000000,
    )


def lightning_htlc(success: bool, anchors: bool = True, signature_bytes: int = 72) -> Built:
    """The second stage of one HTLC: HTLC-success (with the preimage) or HTLC-timeout (BOLT 3).

    With option_anchors the remote signature is SIGHASH_SINGLE | SIGHASH_ANYONECANPAY; the transaction as
    signed carries no fee, and whoever sends it adds inputs, which are not counted here.
    """
    _check_signature_bytes(signature_bytes)
    script = _htlc_script(offered=not success, anchors=anchors, payment_hash=_payment_hash(0))
    spent = Lock("htlc", "v0", _p2wsh(script), script, ("remote htlc", "local htlc"), multisig=True)
    value = HTLC_SAT if anchors else HTLC_SAT - FEE_SAT
    tx = Transaction(
        version=2,
        vin=[TransactionInput(*_outpoint(0), sequence=int(anchors))],
        vout=[TransactionOutput(value, Script(_p2wsh(_to_self_script())))],
        locktime=0 if success else CLTV_EXPIRY,
    )
    flags = (SIGHASH.SINGLE | SIGHASH.ANYONECANPAY if anchors else SIGHASH.ALL, SIGHASH.ALL)
    signatures = [
        _ecdsa(name, signature_hash(tx, 0, [spent], [HTLC_SAT], flag), signature_bytes, flag)
        for name, flag in zip(spent.signers, flags, strict=True)
    ]
    tx.vin[0].witness = Witness([b"", *signatures, _preimage(0) if success else b"", script])
    return Built(tx, (spent,), (HTLC_SAT,))


def bolt3_commitment_weight(htlcs: int, anchors: bool) -> int:
    """Expected weight of a commitment, 724 + 172 n, or 1124 + 172 n with anchors (BOLT 3, Appendix A)."""
    return (1124 if anchors else 724) + 172 * htlcs


BOLT3_HTLC_WEIGHT = {
    ("timeout", False): 663,
    ("timeout", True): 666,
    ("success", False): 703,
    ("success", True): 706,
}
"""Expected weights of HTLC transactions by (stage, anchors) (BOLT 3, Appendix A)."""


# the table ------------------------------------------------------------------------------------------------


def _table_entries(batch_outputs: Sequence[int], htlcs: Sequence[int], signature_bytes: int):
    def pay(inputs, outputs):
        return payment(inputs, outputs, signature_bytes)

    for kind, words in (
        ("p2pkh", "P2PKH payment with change"),
        ("p2sh_2of3", "P2SH 2-of-3 payment with change"),
        ("p2sh_p2wpkh", "P2WPKH nested in P2SH, payment with change"),
        ("p2wpkh", "P2WPKH payment with change"),
        ("p2wsh_2of3", "P2WSH 2-of-3 payment with change"),
        ("p2tr", "P2TR key path payment with change; the same for one signer or a MuSig2 group"),
        ("p2tr_leaf_2of3", "P2TR 2-of-3 payment with change, spent by a script leaf"),
    ):
        yield f"{kind}_1in_2out", words, pay([kind], [kind, kind])
    for n in batch_outputs:
        yield (
            f"batch_p2wpkh_{n}",
            f"P2WPKH payment to {n} people with change",
            pay(["p2wpkh"], ["p2wpkh"] * (n + 1)),
        )
    funding, close = (make(signature_bytes=signature_bytes) for make in (lightning_funding, lightning_close))
    yield "lightning_funding", "Lightning channel opened from one P2WPKH input, with change", funding
    yield "lightning_close", "Lightning channel closed by both sides", close
    for anchors, word in ((False, "no anchors"), (True, "anchors")):
        suffix = "_anchors" if anchors else ""
        for n in htlcs:
            yield (
                f"lightning_commitment_{n}{suffix}",
                f"Lightning commitment with {n} HTLCs, {word}",
                lightning_commitment(n, anchors, signature_bytes),
            )
        for stage in ("timeout", "success"):
            yield (
                f"lightning_htlc_{stage}{suffix}",
                f"Lightning HTLC-{stage}, {word}",
                lightning_htlc(stage == "success", anchors, signature_bytes),
            )
    peg_in = pay(["p2wpkh"], ["p2wsh_11of15", "p2wpkh"])
    peg_out = pay(["p2wsh_11of15"], ["p2wpkh", "p2wsh_11of15"])
    yield "peg_in_p2wsh", "Payment into a federation's P2WSH script, with change", peg_in
    yield "peg_out_p2wsh_11of15", "Payment out of an 11-of-15 P2WSH script, with change", peg_out


@lru_cache(maxsize=8)
def _weight_table(batch_outputs: tuple[int, ...], htlcs: tuple[int, ...], signature_bytes: int) -> pd.DataFrame:
    rows = []
    for kind, description, built in _table_entries(batch_outputs, htlcs, signature_bytes):
        size = built.size
        rows.append(
            {
                "kind": kind,
                "description": description,
                "inputs": size.inputs,
                "outputs": size.outputs,
                "size_bytes": size.size_bytes,
                "weight_wu": size.weight_wu,
                "vsize_vbytes": size.vsize_vbytes,
                "witness_wu": size.witness_wu,
            }
        )
    return pd.DataFrame(rows)


def weight_table(
    batch_outputs: Sequence[int] = (10, 100),
    htlcs: Sequence[int] = (0, 1, 10),
    signature_bytes: int = 72,
) -> pd.DataFrame:
    """Sizes of every kind of transaction that the book speaks of, built on the first call and remembered.

    batch_outputs: people paid in a batch; the transaction has one more output, the change. htlcs: payments in
    flight in a commitment transaction. signature_bytes: 72 or 71, see the module.

    Columns: kind, description, inputs, outputs, size_bytes, weight_wu, vsize_vbytes (rounded up), witness_wu
    (weight of the witness data, marker and flag included). A bare 11-of-15 stands for a federation here; the
    script of a real one may have more branches.
    """
    return _weight_table(tuple(batch_outputs), tuple(htlcs), signature_bytes).copy()
