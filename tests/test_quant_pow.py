"""Headers and targets against real blocks and Bitcoin Core's test vectors; intervals against drawn ones."""

import hashlib
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.quant import pow as proof
from moip.quant.blockspace import BITCOIN

steady = settings(deadline=None, derandomize=True, max_examples=60)

GENESIS = (
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3"
    "888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
)
# height: hash, bits, difficulty, header; from bitcoinj's checkpoints (org.bitcoin.production.checkpoints.txt)
CHECKPOINTS = {
    2_016: (
        "00000000a141216a896c54f211301c436e557a8d55900637bbdce14c6c7bddef",
        0x1D00FFFF,
        1.0,
        "010000006397bb6abd4fc521c0d3f6071b5650389f0b4551bc40b4e6b067306900000000ace470ae"
        "cda9c8818c8fe57688cd2a772b5a57954a00df0420a7dd546b6d2c576b0e7f49ffff001d33f0192f",
    ),
    32_256: (
        "000000004f2886a170adb7204cb0c7a824217dd24d11a74423d564c4e0904967",
        0x1D00D86A,
        1.1829,
        "010000004b0360d834a330ec7833e30e1f523ee05a0793361e29a73421964f980000000027b64a02"
        "0af294e903feed93768705336a20090612a043f47af462a2f5e5b564f8ee3a4b6ad8001dd3a43707",
    ),
    481_824: (
        "0000000000000000001c8018d9cb3b742ef25114f27563e3fc4a1902167f9893",
        0x18013CE9,
        888171856257.3206,
        "02000020801b81629334be8e7af5ebfb9df09c18e1f833b5f0efcb00000000000000000040d1ca07"
        "7fefe7fb797711baa0c063eca9b8ed9469ae0128982b44ad0c25386491329e59e93c011822ff5422",
    ),
    840_672: (
        "00000000000000000001d2cbad2209f51143679b6797aef393a45e82eb88a9ae",
        0x170331DB,
        88104191118793.16,
        "04e000204be80184cc04d777daad1189724bc32a949e04601ebf0200000000000000000078ce8a11"
        "95d00b58c530046ec369868aa4cc856bf139ef2636192ced886ed412881c2966db3103172b1d1f06",
    ),
    876_960: (
        "0000000000000000000139773a9f91a256b5472f619b4bd297d07836a6587ffe",
        0x1702905C,
        109782075598905.19,
        "00e0ff3770d3358d24864b8137e600a0d4150157a83f47ab282400000000000000000000e6cc8c71"
        "2991dbca8da94b4d238c7034a35d2e825478a9bf1d0ff1b0e7cdcd6659c571675c9002177e179038",
    ),
    878_976: (
        "00000000000000000002819359a9af460f342404bec23e7478512a619584083b",
        0x17028C61,
        110451907374649.52,
        "0080cb2a84fa5fcdb3c448a0dc7f38c6a7e55f1261fcec2f0b6d00000000000000000000a2282f81"
        "592e007e389fa35ed4a9f5559c2ebf12fa76b54f0316668dcba6d961af1f8467618c02178c74d981",
    ),
}


def test_genesis():
    header = proof.parse_header(GENESIS)
    assert header.hash == "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
    assert header.merkle_root == "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
    assert header.prev_hash == "00" * 32
    assert (header.version, header.time, header.bits, header.nonce) == (1, 1231006505, 0x1D00FFFF, 2083236893)
    assert proof.verify_header(GENESIS)
    assert proof.verify_header(bytes.fromhex(GENESIS))
    assert proof.block_work(header.bits) == 0x1_0001_0001  # chain work of block 0 in every node's log


@pytest.mark.parametrize("height", CHECKPOINTS)
def test_real_headers(height):
    block_hash, bits, difficulty, raw = CHECKPOINTS[height]
    header = proof.parse_header(raw)
    assert header.hash == block_hash
    assert header.bits == bits
    assert proof.difficulty(bits) == pytest.approx(difficulty, rel=1e-9, abs=1e-4)
    assert proof.verify_header(raw)


@steady
@given(st.integers(min_value=0, max_value=79), st.integers(min_value=1, max_value=255))
def test_any_change_breaks_the_proof(position, change):
    raw = bytearray.fromhex(CHECKPOINTS[878_976][3])
    raw[position] ^= change
    if not 72 <= position < 76:  # another target may still be met by chance or be easier
        assert not proof.verify_header(bytes(raw))
    assert proof.header_hash(bytes(raw)) != CHECKPOINTS[878_976][0]


# Bitcoin Core, src/test/arith_uint256_tests.cpp, bignum_SetCompact
@pytest.mark.parametrize(
    ("bits", "target", "compact"),
    [
        (0x01123456, 0x12, 0x01120000),
        (0x02123456, 0x1234, 0x02123400),
        (0x03123456, 0x123456, 0x03123456),
        (0x04123456, 0x12345600, 0x04123456),
        (0x05009234, 0x92340000, 0x05009234),
        (0x20123456, 0x123456 << 232, 0x20123456),
    ],
)
def test_compact_vectors(bits, target, compact):
    assert proof.target_from_bits(bits) == target
    assert proof.bits_from_target(target) == compact


def test_compact_sign_bit():
    assert proof.bits_from_target(0x80) == 0x02008000


@pytest.mark.parametrize(
    ("bits", "why"),
    [
        (0, "zero"),
        (0x00123456, "zero"),
        (0x01003456, "zero"),
        (0x04000000, "zero"),
        (0x01803456, "zero"),
        (0x01FEDCBA, "negative"),
        (0x04923456, "negative"),
        (0xFF123456, "larger than 256 bits"),
        (0xFF7FFFFF, "larger than 256 bits"),
    ],
)
def test_compact_that_no_hash_can_meet(bits, why):
    assert not proof.bits_valid(bits)
    with pytest.raises(ValueError, match=why):
        proof.target_from_bits(bits)


def test_limit():
    assert proof.bits_valid(0x1D00FFFF)
    assert not proof.bits_valid(proof.bits_from_target(2 * BITCOIN.pow_limit))
    assert proof.bits_from_target(BITCOIN.pow_limit) == 0x1D00FFFF
    assert proof.difficulty(0x1D00FFFF) == 1


@steady
@given(st.integers(min_value=1, max_value=(1 << 256) - 1))
def test_compact_round_trip(target):
    bits = proof.bits_from_target(target)
    kept = proof.target_from_bits(bits)
    assert kept <= target
    assert target - kept <= target >> 15
    assert proof.bits_from_target(kept) == bits


@steady
@given(st.integers(min_value=1, max_value=(1 << 256) - 1))
def test_work_is_what_core_computes_in_256_bits(target):
    bits = proof.bits_from_target(target)
    kept = proof.target_from_bits(bits)
    inverted = ~kept & ((1 << 256) - 1)
    assert proof.block_work(bits) == inverted // (kept + 1) + 1


# Bitcoin Core, src/test/pow_tests.cpp
@pytest.mark.parametrize(
    ("bits", "first", "last", "expected"),
    [
        (0x1D00FFFF, 1261130161, 1262152739, 0x1D00D86A),
        (0x1D00FFFF, 1231006505, 1233061996, 0x1D00FFFF),
        (0x1C05A3F4, 1279008237, 1279297671, 0x1C0168FD),
        (0x1C387F6F, 1263163443, 1269211443, 0x1D00E1FD),
    ],
)
def test_retarget(bits, first, last, expected):
    assert proof.next_bits(bits, last - first) == expected


def test_header_table():
    frame = pd.DataFrame({"height": [0, 878_976], "header_hex": [GENESIS, CHECKPOINTS[878_976][3]]}, index=[5, 9])
    table = proof.header_table(frame)
    assert table.index.tolist() == [5, 9]
    assert table.height.tolist() == [0, 878_976]
    assert table.valid.tolist() == [True, True]
    assert table.bits.tolist() == ["1d00ffff", "17028c61"]
    assert table.time_utc[5] == pd.Timestamp("2009-01-03 18:15:05")
    assert table.work[5] == 0x1_0001_0001
    assert proof.header_table([GENESIS]).columns[0] == "hash"
    forged = GENESIS[:-2] + "7d"
    assert proof.header_table([GENESIS, forged]).valid.tolist() == [True, False]


def test_epoch_work():
    headers = [(0, GENESIS)] + [(h, CHECKPOINTS[h][3]) for h in (2_016,)]
    table = proof.epoch_table(pd.DataFrame(headers, columns=["height", "header_hex"]))
    assert table.work[0] == 2016 * 0x1_0001_0001
    assert proof.chain_work_at_epochs([0x1D00FFFF, 0x1D00FFFF])[1] == 0x07E1_07E1_07E1  # stored with block 2,016
    late = pd.DataFrame({"height": [876_960, 878_976], "header_hex": [CHECKPOINTS[h][3] for h in (876_960, 878_976)]})
    step = proof.epoch_table(late).iloc[0]
    assert step.hashrate_hs == pytest.approx(7.9033e20, rel=1e-4)
    assert step.mean_interval_s == pytest.approx(596.61, abs=0.01)


def test_the_whole_chain_of_epochs():
    """2,016 blocks of each epoch's work add up to the cumulative work stored with every checkpoint, exactly."""
    data = pytest.importorskip("moip.data", reason="moip.data does not exist yet")
    try:
        headers = data.table("block_headers")
    except (KeyError, ValueError) as error:
        pytest.skip(f"no table block_headers: {error}")
    table = proof.header_table(headers)
    assert table.valid.all()
    steps = proof.epoch_table(headers)
    stored = [int(text, 16) for text in headers["chain_work_hex"]]
    assert np.diff(np.array(stored, dtype=object)).tolist() == steps.work.tolist()
    assert proof.chain_work_at_epochs([int(bits, 16) for bits in table.bits]) == stored


def test_hashrate():
    assert proof.implied_hashrate(2**32, 600) == 2**32 / 600


def test_exponential_bins():
    bins = proof.exponential_bins([0, 600, 1200, math.inf])
    assert bins.sum() == pytest.approx(1)
    assert bins[0] == pytest.approx(1 - math.exp(-1))


def drawn(mean: float, blocks: int, seed: int, bins: int = 240) -> np.ndarray:
    intervals = np.random.default_rng(seed).exponential(mean, blocks)
    return np.histogram(intervals, bins=np.arange(bins + 1) * 60)[0]


def test_exponential_intervals_fit():
    fit = proof.fit_intervals(drawn(580, 40_000, seed=2))
    assert fit.blocks == 40_000
    assert fit.mean_estimated
    assert fit.mean_s == pytest.approx(580, rel=0.02)
    assert fit.chi2_p > 0.001
    assert fit.ks_p_upper > 0.01
    assert fit.total_variation < 0.03
    assert fit.table.observed.sum() == 40_000


def test_p_values_are_uniform_under_the_law():
    """The test rejects a true law at 10 % in about 10 % of the cases: 40 +- 4 standard errors of 400."""
    values = [proof.fit_intervals(drawn(600, 2_000, seed)).chi2_p for seed in range(400)]
    assert abs(np.mean(np.array(values) < 0.1) - 0.1) < 4 * math.sqrt(0.1 * 0.9 / 400)


def test_other_intervals_do_not_fit():
    gamma = np.histogram(np.random.default_rng(0).gamma(2, 300, 20_000), bins=np.arange(241) * 60)[0]
    fit = proof.fit_intervals(gamma)
    assert fit.chi2_p < 1e-12
    assert fit.ks_p_upper < 1e-12
    assert fit.total_variation > 0.1
    assert proof.fit_intervals(drawn(580, 40_000, 2), mean_s=600).chi2_p < 1e-3


def test_open_last_bin():
    counts = drawn(600, 30_000, seed=5, bins=400)
    closed = np.append(counts[:20], counts[20:].sum())
    fit = proof.fit_intervals(closed, open_last=True)
    assert fit.mean_s == pytest.approx(600, rel=0.02)
    assert fit.chi2_p > 0.001
    assert fit.table.expected.sum() == pytest.approx(30_000)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: proof.parse_header("00" * 79), "79 bytes"),
        (lambda: proof.parse_header("zz"), "not hexadecimal"),
        (lambda: proof.target_from_bits(1 << 32), "32 bits"),
        (lambda: proof.bits_from_target(0), r"1 \.\. 2\*\*256"),
        (lambda: proof.implied_hashrate(1, 0), "greater than 0"),
        (lambda: proof.header_table(pd.DataFrame({"x": [1]})), "no column 'header_hex'"),
        (lambda: proof.epoch_table(pd.DataFrame({"header_hex": [GENESIS]})), "no column 'height'"),
        (
            lambda: proof.epoch_table(pd.DataFrame({"height": [0], "header_hex": [GENESIS]})),
            "multiples of 2016",
        ),
        (lambda: proof.exponential_bins([0, 1], 0), "greater than 0"),
        (lambda: proof.exponential_bins([3, 1]), "rising"),
        (lambda: proof.fit_intervals([1, -1, 2]), "below 0"),
        (lambda: proof.fit_intervals([0, 0, 0]), "all 0"),
        (lambda: proof.fit_intervals([5, 0, 0]), "one bin"),
        (lambda: proof.fit_intervals([3, 2, 1]), "at least three"),
    ],
)
def test_errors_name_the_domain(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_hash_order():
    """Display order is the reverse of what SHA-256 returns."""
    digest = hashlib.sha256(hashlib.sha256(bytes.fromhex(GENESIS)).digest()).hexdigest()
    assert proof.header_hash(GENESIS) == bytes.fromhex(digest)[::-1].hex()
