"""Weights against published ones, and every built transaction executed by a small script interpreter."""

import hashlib

import pytest
from embit import hashes
from embit import script as embit_script
from embit.ec import PublicKey, SchnorrSig, Signature
from embit.script import Script
from embit.transaction import SIGHASH, Transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.quant import transactions as t

steady = settings(deadline=None, derandomize=True, max_examples=60)

# Transactions of the main chain; the id proves the bytes. size, size without witness, weight, virtual size
MAINNET = {
    "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16": (
        (275, 275, 1100, 275),
        "0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402204e"
        "45e16932b8af514961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd1290"
        "9d831cc56cbbac4622082221a8768d1d0901ffffffff0200ca9a3b00000000434104ae1a62fe09c5f51b13905f07f06b"
        "99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c21c1b7303b8a0626f1baded5c72a704f7e6c"
        "d84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0"
        "eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000",
    ),
    "aca326a724eda9a461c10a876534ecd5ae7b27f10f26c3862fb996f80ea2d45d": (
        (226, 226, 904, 226),
        "02000000013f7cebd65c27431a90bba7f796914fe8cc2ddfc3f2cbd6f7e5f2fc854534da95000000006b483045022100"
        "de1ac3bcdfb0332207c4a91f3832bd2c2915840165f876ab47c5f8996b971c3602201c6c053d750fadde599e6f5c4e19"
        "63df0f01fc0d97815e8157e3d59fe09ca30d012103699b464d1d8bc9e47d4fb1cdaa89a1c5783d68363c4dbc4b524ed3"
        "d857148617feffffff02836d3c01000000001976a914fc25d6d5c94003bf5b0c7b640a248e2c637fcfb088ac7ada8202"
        "000000001976a914fbed3d9b11183209a57999d54d59f67c019e756c88ac6acb0700",
    ),
    "1a3e89644985fbbb41e0dcfe176739813542b5937003c46a07de1e3ee7a4a7f3": (
        (380, 126, 758, 190),
        "010000000001011f97548fbbe7a0db7588a66e18d803d0089315aa7d4cc28360b6ec50ef36718a0100000000ffffffff"
        "02df1776000000000017a9146c002a686959067f4866b8fb493ad7970290ab728757d29f0000000000220020701a8d40"
        "1c84fb13e6baf169d59684e17abd9fa216c8cc5b9fc63d622ff8c58d04004730440220565d170eed95ff95027a69b313"
        "758450ba84a01224e1f7f130dda46e94d13f8602207bdd20e307f062594022f12ed5017bbf4a055a06aea91c10110a0e"
        "3bb23117fc014730440220647d2dc5b15f60bc37dc42618a370b2a1490293f9e5c8464f53ec4fe1dfe06730220359877"
        "3895b4b16d37485cbe21b337f4e4b650739880098c592553add7dd4355016952210375e00eb72e29da82b89367947f29"
        "ef34afb75e8654f6ea368e0acdfd92976b7c2103a1b26313f430c4b15bb1fdce663207659d8cac749a0e53d70eff0187"
        "4496feff2103c96d495bfdd5ba4145e3e046fee45e84a8a48ad05bd8dbb395c011a32cf9f88053ae00000000",
    ),
    "33e794d097969002ee05d336686fc03c9e15a597c1b9827669460fac98799036": (
        (220, 152, 676, 169),
        "01000000000101d1f1c1f8cdf6759167b90f52c9ad358a369f95284e841d7a2536cef31c0549580100000000fdffffff"
        "020000000000000000316a2f49206c696b65205363686e6f7272207369677320616e6420492063616e6e6f74206c6965"
        "2e204062697462756734329e06010000000000225120a37c3903c8d0db6512e2b40b0dffa05e5a3ab73603ce8c9c4b77"
        "71e5412328f90140a60c383f71bac0ec919b1d7dbc3eb72dd56e7aa99583615564f9f99b8ae4e837b758773a5b2e4c51"
        "348854c8389f008e05029db7f464a5ff2e01d5e6e626174affd30a00",
    ),
}

# BOLT 3, Appendix C: commitment transactions without payments in flight and with five. size, weight
BOLT_3 = {
    "35af2c90e84decff1c178c6d600bc0e9de29af15a11b3711db623f960f24ae11": (
        (346, 721),
        "02000000000101bef67e4e2fb9ddeeb3461973cd4c62abb35050b1add772995b820b584a488489000000000038b02b80"
        "02c0c62d0000000000160014cc1b07838e387deacd0e5232e1e8b49f4c29e48454a56a00000000002200204adb4e2f00"
        "643db396dd120d4e7dc17625f5f2c11a40d857accc862d6b7dd80e04004730440220616210b2cc4d3afb601013c373bb"
        "d8aac54febd9f15400379a8cb65ce7deca60022034236c010991beb7ff770510561ae8dc885b8d38d1947248c38f2ae0"
        "5564714201483045022100c3127b33dcc741dd6b05b1e63cbd1a9a7d816f37af9b6756fa2376b056f032370220408b96"
        "279808fe57eb7e463710804cdf4f108388bc5cf722d8c848d2c7f9f3b001475221023da092f6980e58d2c037173180e9"
        "a465476026ee50f96695963e8efe436f54eb21030e9f7b623d2ccc7c9bd44d66d5ce21ce504c0acf6385a132cec6d3c3"
        "9fa711c152ae3e195220",
    ),
    "2b887d4c1c59cd605144a1e2f971d168437db453f841f2fefb2c164f28ff84ab": (
        (560, 1580),
        "02000000000101bef67e4e2fb9ddeeb3461973cd4c62abb35050b1add772995b820b584a488489000000000038b02b80"
        "07e80300000000000022002052bfef0479d7b293c27e0f1eb294bea154c63a3294ef092c19af51409bce0e2ad0070000"
        "00000000220020403d394747cae42e98ff01734ad5c08f82ba123d3d9a620abda88989651e2ab5d00700000000000022"
        "0020748eba944fedc8827f6b06bc44678f93c0f9e6078b35c6331ed31e75f8ce0c2db80b000000000000220020c20b5d"
        "1f8584fd90443e7b7b720136174fa4b9333c261d04dbbd012635c0f419a00f0000000000002200208c48d15160397c97"
        "31df9bc3b236656efb6665fbfe92b4a6878e88a499f741c4c0c62d0000000000160014cc1b07838e387deacd0e5232e1"
        "e8b49f4c29e484e0a06a00000000002200204adb4e2f00643db396dd120d4e7dc17625f5f2c11a40d857accc862d6b7d"
        "d80e040047304402206fc2d1f10ea59951eefac0b4b7c396a3c3d87b71ff0b019796ef4535beaf36f902201765b0181e"
        "514d04f4c8ad75659d7037be26cdb3f8bb6f78fe61decef484c3ea01473044022009b048187705a8cbc9ad73adbe5af1"
        "48c3d012e1f067961486c822c7af08158c022006d66f3704cfab3eb2dc49dae24e4aa22a6910fc9b424007583204e362"
        "1af2e501475221023da092f6980e58d2c037173180e9a465476026ee50f96695963e8efe436f54eb21030e9f7b623d2c"
        "cc7c9bd44d66d5ce21ce504c0acf6385a132cec6d3c39fa711c152ae3e195220",
    ),
}


@pytest.mark.parametrize("txid", MAINNET)
def test_measure_real_transactions(txid):
    sizes, raw = MAINNET[txid]
    assert Transaction.parse(bytes.fromhex(raw)).txid().hex() == txid
    size = t.measure(raw)
    assert (size.size_bytes, size.base_bytes, size.weight_wu, size.vsize_vbytes) == sizes
    assert size.witness_wu == size.size_bytes - size.base_bytes


@pytest.mark.parametrize("txid", BOLT_3)
def test_measure_bolt_3_vectors(txid):
    sizes, raw = BOLT_3[txid]
    assert Transaction.parse(bytes.fromhex(raw)).txid().hex() == txid
    size = t.measure(bytes.fromhex(raw))
    assert (size.size_bytes, size.weight_wu) == sizes
    signatures = [item for item in Transaction.parse(bytes.fromhex(raw)).vin[0].witness.items if item[:1] == b"\x30"]
    shorter = sum(73 - len(signature) for signature in signatures)
    assert size.weight_wu + shorter == t.bolt3_commitment_weight(size.outputs - 2, anchors=False)


@pytest.mark.parametrize("raw", ["", "00", "zz", "02000000" + "ff" * 40])
def test_measure_rejects_what_is_no_transaction(raw):
    with pytest.raises(ValueError, match="not a serialized transaction"):
        t.measure(raw)


# Optech's transaction size calculator names a main chain transaction for each of these weights
@pytest.mark.parametrize(
    ("inputs", "outputs", "weight"),
    [
        (
            ["p2pkh"],
            ["p2pkh"] * 2,
            4 * 226,
        ),  # 4f10b3fc7b03a5362e40999097d5b43b9d99cb34c02fb3fe6fc2f8eff5d5224a
        (["p2wpkh"], ["p2wpkh"] * 2, 562),  # b169e4616d00bb27242093ec1749d5e8f69236bf704eadce3126e3b5f42107f9
        (["p2wpkh"] * 2, ["p2wpkh"], 710),  # b6eba343d238b7581ad9f8a8c3826eb13f0e94cd5a701fe03baded82920ac6d8
        (
            ["p2sh_2of3"],
            ["p2sh_2of3"] * 2,
            4 * 371,
        ),  # c48c1a33a6e8a05d8b69b84c6532ad2ac06f0c5d0fa931523090b97d9de86e80
        (
            ["p2wsh_2of3"],
            ["p2wsh_2of3"] * 2,
            804,
        ),  # 13eba154725924a83f95a00abb716fd9587ca6e099f289e3578596c78c831338
        # Optech, "Preparing for taproot", part 1: 2-in 2-out of 374, 208.5 and 211.5 vbytes
        (["p2pkh"] * 2, ["p2pkh"] * 2, 4 * 374),
        (["p2wpkh"] * 2, ["p2wpkh"] * 2, 834),
        (["p2tr"] * 2, ["p2tr"] * 2, 846),
        (["p2wpkh"] * 2, ["p2tr"] * 2, 4 * 232.5),
    ],
)
def test_published_payment_weights(inputs, outputs, weight):
    assert t.payment(inputs, outputs).size.weight_wu == weight


@pytest.mark.parametrize(
    ("kind", "vbytes"),
    [
        ("p2pkh", 148),  # Optech, "Preparing for taproot", part 1
        ("p2wpkh", 68),
        ("p2tr", 57.5),
        ("p2sh_2of3", 297),  # Optech, transaction size calculator: 36 + 3 + 254 + 4
        ("p2wsh_2of3", 104.5),  # Optech, BitGo on MuSig2
        ("p2tr_leaf_2of3", 107.5),
        ("p2wsh_2of2", 96),  # Optech, "Preparing for taproot", part 10
    ],
)
def test_published_input_sizes(kind, vbytes):
    assert t.input_weight(kind) / 4 == vbytes


@pytest.mark.parametrize(("kind", "vbytes"), [("p2pkh", 34), ("p2wpkh", 31), ("p2tr", 43), ("p2sh_2of3", 32)])
def test_published_output_sizes(kind, vbytes):
    assert t.output_weight(kind) / 4 == vbytes


def test_low_r_saves_a_byte_for_each_signature():
    assert t.input_weight("p2pkh", 71) == t.input_weight("p2pkh") - 4
    assert t.input_weight("p2wpkh", 71) == t.input_weight("p2wpkh") - 1
    assert t.input_weight("p2wsh_2of3", 71) == t.input_weight("p2wsh_2of3") - 2
    assert t.input_weight("p2tr", 71) == t.input_weight("p2tr")


@pytest.mark.parametrize("signature_bytes", [71, 72])
@pytest.mark.parametrize("htlcs", [0, 1, 7, 150])
def test_commitment_differs_from_bolt_3_by_what_is_known(htlcs, signature_bytes):
    """BOLT 3 counts 73 bytes a signature, and with anchors 3 bytes, not 1, for the number of outputs."""
    signatures = 2 * (73 - signature_bytes)
    for anchors, count in ((False, 0), (True, 4 * 2)):
        built = t.lightning_commitment(htlcs, anchors, signature_bytes)
        assert built.size.outputs == htlcs + (4 if anchors else 2)
        assert built.size.weight_wu + signatures + count == t.bolt3_commitment_weight(htlcs, anchors)


@pytest.mark.parametrize("anchors", [False, True])
def test_htlc_stages_differ_from_bolt_3_by_what_is_known(anchors):
    """BOLT 3 counts 73 bytes a signature and 4 of expiry, and its 703 and 706 are "really" one less."""
    timeout, success = t.lightning_htlc(False, anchors), t.lightning_htlc(True, anchors)
    assert timeout.size.weight_wu + 2 == t.BOLT3_HTLC_WEIGHT["timeout", anchors]
    assert success.size.weight_wu + 2 + 1 + 1 == t.BOLT3_HTLC_WEIGHT["success", anchors]
    # BOLT 3, Appendix A: 133 bytes offered, 140 accepted, 3 more with anchors; our expiry is a byte shorter
    assert len(timeout.locks[0].script) == 133 + 3 * anchors
    assert len(success.locks[0].script) == 140 + 3 * anchors - 1


def test_funding_follows_bolt_3():
    """Appendix A: 4 x (10 + 43 + 41 + 9 + scriptlen) + 2 + witness."""
    built = t.lightning_funding()
    witness = len(built.tx.vin[0].witness.serialize())
    assert built.size.weight_wu == 4 * (10 + 43 + 41 + 9 + 22) + 2 + witness
    assert built.tx.vout[0].script_pubkey == Script(t.lightning_close().locks[0].script_pubkey)


def test_table():
    table = t.weight_table()
    assert table.columns.tolist() == [
        "kind", "description", "inputs", "outputs", "size_bytes", "weight_wu", "vsize_vbytes", "witness_wu",
    ]  # fmt: skip
    assert table.kind.is_unique
    assert (table.weight_wu == 3 * (table.size_bytes - table.witness_wu) + table.size_bytes).all()
    assert (table.vsize_vbytes == (table.weight_wu + 3) // 4).all()
    weights = table.set_index("kind").weight_wu
    assert weights["p2wpkh_1in_2out"] == 562
    assert weights["batch_p2wpkh_100"] - weights["batch_p2wpkh_10"] == 90 * t.output_weight("p2wpkh")
    table.loc[0, "weight_wu"] = 0
    assert t.weight_table().weight_wu[0] > 0  # the memory is not the caller's
    assert t.weight_table(signature_bytes=71).set_index("kind").weight_wu["p2wpkh_1in_2out"] == 561


def test_same_bytes_every_time():
    one, two = (t.payment(["p2wpkh", "p2tr", "p2pkh"], ["p2wsh_2of3"]).raw for _ in range(2))
    assert one == two


@steady
@given(
    st.lists(st.sampled_from(["p2pkh", "p2wpkh", "p2tr", "p2wsh_2of3"]), min_size=1, max_size=4),
    st.lists(st.sampled_from(["p2pkh", "p2wpkh", "p2tr"]), min_size=1, max_size=4),
)
def test_weights_add_up(inputs, outputs):
    """Weight = overhead + inputs + outputs; an input without witness pays one weight unit for saying so."""
    segwit = any(kind != "p2pkh" for kind in inputs)
    overhead = 4 * 10 + (2 + inputs.count("p2pkh") if segwit else 0)
    parts = sum(map(t.input_weight, inputs)) + sum(map(t.output_weight, outputs))
    assert t.payment(inputs, outputs).size.weight_wu == overhead + parts


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: t.payment([], ["p2tr"]), "at least one input"),
        (lambda: t.payment(["p2tr"], []), "at least one input"),
        (lambda: t.payment(["p3tr"], ["p2tr"]), "must be one of p2pkh"),
        (lambda: t.payment(["p2tr"], ["p2tr"], 73), "71 .low R. or 72"),
        (lambda: t.lock("p2wsh_3of2"), "1 <= k <= n <= 16"),
        (lambda: t.lock("p2sh_2of16"), "1 <= k <= n <= 15"),
        (lambda: t.lightning_commitment(151), "0 .. 150"),
        (lambda: t.lightning_htlc(True, signature_bytes=70), "71 .low R. or 72"),
    ],
)
def test_errors_name_the_domain(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# validity -----------------------------------------------------------------------------------------------


class Interpreter:
    """Enough of Bitcoin's script to run what is built here; `digest` gives the hash that a signature covers."""

    def __init__(self, stack, digest, tx_input, tapscript=False):
        self.stack, self.digest, self.tx_input, self.tapscript = list(stack), digest, tx_input, tapscript

    def signature_holds(self, key, signature):
        if not signature:
            return False
        if self.tapscript:
            flag = signature[64] if len(signature) == 65 else SIGHASH.DEFAULT
            return PublicKey.from_xonly(key).schnorr_verify(SchnorrSig(signature[:64]), self.digest(flag))
        return PublicKey.parse(key).verify(Signature.parse(signature[:-1]), self.digest(signature[-1]))

    @staticmethod
    def operations(script):
        position = 0
        while position < len(script):
            code = script[position]
            position += 1
            if 1 <= code <= 78:
                width = {76: 1, 77: 2}.get(code, 0)
                length = int.from_bytes(script[position : position + width], "little") if width else code
                position += width
                yield None, script[position : position + length]
                position += length
            else:
                yield code, b""

    def run(self, script):
        stack, branches = self.stack, []
        for code, data in self.operations(script):
            active = all(branches)
            if code in (0x63, 0x64):
                branches.append(active and (truth(stack.pop()) == (code == 0x63)) if active else False)
            elif code == 0x67:
                branches[-1] = not branches[-1]
            elif code == 0x68:
                branches.pop()
            elif not active:
                continue
            elif code is None:
                stack.append(data)
            elif code == 0:
                stack.append(b"")
            elif 0x51 <= code <= 0x60:
                stack.append(bytes([code - 0x50]))
            elif code == 0x75:
                stack.pop()
            elif code == 0x76:
                stack.append(stack[-1])
            elif code == 0x7C:
                stack[-2:] = stack[:-3:-1]
            elif code == 0x82:
                stack.append(bytes([len(stack[-1])]) if stack[-1] else b"")
            elif code in (0x87, 0x88):
                stack.append(b"\1" if stack.pop() == stack.pop() else b"")
            elif code == 0xA9:
                stack.append(hashes.hash160(stack.pop()))
            elif code in (0xAC, 0xAD):
                key = stack.pop()
                stack.append(b"\1" if self.signature_holds(key, stack.pop()) else b"")
            elif code == 0xAE:
                keys = [stack.pop() for _ in range(stack.pop()[0])][::-1]
                signatures = [stack.pop() for _ in range(stack.pop()[0])][::-1]
                assert stack.pop() == b""  # the extra item; BIP 147 wants it empty
                remaining = iter(keys)
                holds = all(any(self.signature_holds(k, s) for k in remaining) for s in signatures)
                stack.append(b"\1" if holds else b"")
            elif code == 0xB2:
                assert self.tx_input.sequence >= int.from_bytes(stack[-1], "little")
            else:
                raise AssertionError(f"opcode 0x{code:02x} is not known here")
            if code in (0x88, 0xAD):
                assert truth(stack.pop()), "VERIFY failed"
        assert not branches
        return stack


def truth(item):
    return any(item)


def spend_is_valid(built, index):
    """Whether input `index` satisfies the scriptPubKey of the output it spends."""
    tx, lock = built.tx, built.locks[index]
    tx_input = tx.vin[index]
    witness = tx_input.witness.items

    def legacy(code):
        return lambda flag: tx.sighash_legacy(index, Script(code), flag)

    def version_0(code):
        return lambda flag: tx.sighash_segwit(index, Script(code), built.values[index], flag)

    def taproot(**leaf):
        scripts = [Script(each.script_pubkey) for each in built.locks]
        return lambda flag: tx.sighash_taproot(index, scripts, list(built.values), flag, **leaf)

    pushed = Interpreter([], None, tx_input).run(tx_input.script_sig.data)
    program = lock.script_pubkey
    if program[:1] == b"\xa9":  # P2SH
        assert hashes.hash160(pushed[-1]) == program[2:22]
        redeem = pushed.pop()
        if redeem[:2] != b"\x00\x14":
            return Interpreter(pushed, legacy(redeem), tx_input).run(redeem) == [b"\1"]
        assert not pushed
        program = redeem
    if program[:2] == b"\x00\x14":
        code = b"\x76\xa9\x14" + program[2:] + b"\x88\xac"
        return Interpreter(witness, version_0(code), tx_input).run(code) == [b"\1"]
    if program[:2] == b"\x00\x20":
        assert hashlib.sha256(witness[-1]).digest() == program[2:]
        return Interpreter(witness[:-1], version_0(witness[-1]), tx_input).run(witness[-1]) == [b"\1"]
    if program[:2] == b"\x51\x20" and len(witness) == 1:
        return PublicKey.from_xonly(program[2:]).schnorr_verify(SchnorrSig(witness[0]), taproot()(SIGHASH.DEFAULT))
    if program[:2] == b"\x51\x20":
        *stack, leaf, control = witness
        node = hashes.tagged_hash("TapLeaf", bytes([control[0] & 0xFE]) + Script(leaf).serialize())
        for start in range(33, len(control), 32):
            node = hashes.tagged_hash("TapBranch", b"".join(sorted((node, control[start : start + 32]))))
        assert PublicKey.from_xonly(control[1:33]).taproot_tweak(node).xonly() == program[2:]
        digest = taproot(ext_flag=1, script=Script(leaf))
        return Interpreter(stack, digest, tx_input, tapscript=True).run(leaf) == [b"\1"]
    return Interpreter(pushed, legacy(program), tx_input).run(program) == [b"\1"]


ALL_BUILT = {
    "every kind of input": lambda n: t.payment(
        [
            "p2pkh",
            "p2sh_2of3",
            "p2sh_p2wpkh",
            "p2wpkh",
            "p2wsh_2of3",
            "p2tr",
            "p2tr_leaf_2of3",
            "p2wsh_11of15",
        ],
        ["p2tr", "p2wpkh"],
        n,
    ),
    "legacy alone": lambda n: t.payment(["p2pkh", "p2sh_11of15"], ["p2pkh"], n),
    "funding": lambda n: t.lightning_funding(signature_bytes=n),
    "close": lambda n: t.lightning_close(signature_bytes=n),
    "commitment": lambda n: t.lightning_commitment(3, False, n),
    "commitment, anchors": lambda n: t.lightning_commitment(3, True, n),
    "timeout": lambda n: t.lightning_htlc(False, False, n),
    "success": lambda n: t.lightning_htlc(True, False, n),
    "timeout, anchors": lambda n: t.lightning_htlc(False, True, n),
    "success, anchors": lambda n: t.lightning_htlc(True, True, n),
}


@pytest.mark.parametrize("signature_bytes", [71, 72])
@pytest.mark.parametrize("name", ALL_BUILT)
def test_every_input_is_validly_signed(name, signature_bytes):
    built = ALL_BUILT[name](signature_bytes)
    assert all(spend_is_valid(built, index) for index in range(len(built.tx.vin)))
    assert sum(out.value for out in built.tx.vout) <= sum(built.values)


def test_the_interpreter_notices_a_changed_amount():
    built = ALL_BUILT["every kind of input"](72)
    built.tx.vout[0].value -= 1
    built.tx.clear_cache()
    for index in range(len(built.tx.vin)):
        with pytest.raises(AssertionError):
            assert spend_is_valid(built, index)


def test_taproot_output_is_what_embit_derives():
    lock = t.lock("p2tr", "somebody")
    key = PublicKey.parse(hashlib_key("somebody"))
    assert lock.script_pubkey == embit_script.p2tr(key).data


def hashlib_key(label):
    from embit.ec import PrivateKey

    return PrivateKey(hashlib.sha256(f"moip test key {label}".encode()).digest()).sec()
