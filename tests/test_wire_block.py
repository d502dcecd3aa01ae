"""A block header and the tree of hashes below it, on a real block and on small trees."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip import data
from moip.wire import block, checks, vectors

steady = settings(deadline=None, derandomize=True, max_examples=40)
HEADER = vectors.load("block-413567")["header"]


@pytest.fixture(scope="module")
def txids():
    return [block.as_hashed(txid) for txid in data.table("block_413567_transactions").txid]


def test_the_real_block_holds_together():
    pairs = list(checks.real_block())
    assert len(pairs) == 4
    assert all(mine == due for mine, due in pairs)


def test_its_hash_is_the_one_that_people_write():
    header = block.Header.parse(HEADER)
    assert block.shown(header.hash) == "0000000000000000025aff8be8a55df8f89c77296db6198f272d6577325d4069"
    assert header.raw == HEADER
    assert header.time == 1_464_307_123


def test_every_path_leads_to_the_root(txids):
    root = block.Header.parse(HEADER).merkle_root
    for index in (0, 1, 778, len(txids) - 2, len(txids) - 1):
        path = block.merkle_path(txids, index)
        assert len(path) == 11
        assert block.root_from_path(txids[index], index, path) == root
        if index < len(txids) - 1:  # the last one is paired with itself, so its place may be read either way
            assert block.root_from_path(txids[index], index ^ 1, path) != root


@steady
@given(st.integers(1, 40), st.data())
def test_paths_in_trees_of_any_size(count, draw):
    txids = [block.hash256(bytes([i])) for i in range(count)]
    index = draw.draw(st.integers(0, count - 1))
    assert block.root_from_path(txids[index], index, block.merkle_path(txids, index)) == block.merkle_root(txids)


def test_sizes_of_the_table_make_the_block(txids):
    vector = vectors.load("block-413567")
    table = data.table("block_413567_transactions")
    count_bytes = 3  # 1,557 transactions: a marker and two bytes
    assert table.size_bytes.sum() + block.HEADER_BYTES + count_bytes == vector["size_bytes"]
    assert len(txids) == vector["transactions"]


def test_the_test_chain_of_bolt_3_holds_its_coinbase():
    keys = vectors.load("bolt3-keys")
    header = block.Header.parse(keys["block_1"][:80])
    assert header.proves_work
    assert header.merkle_root == block.hash256(keys["block_1_coinbase_transaction"])
    assert header.previous == block.Header.parse(keys["block_0_genesis"][:80]).hash


def test_targets_of_small_and_large_exponents():
    header = block.Header.parse(HEADER)
    fields = {name: getattr(header, name) for name in header.__dataclass_fields__}
    assert block.Header(**fields | {"bits": 0x1D00FFFF}).target == 0xFFFF << 208
    assert block.Header(**fields | {"bits": 0x02123456}).target == 0x1234
    assert not block.Header(**fields | {"nonce": header.nonce ^ 1}).proves_work


def test_what_is_no_header_or_transaction_of_the_block_is_refused(txids):
    with pytest.raises(ValueError, match="80 bytes, this one 79"):
        block.Header.parse(HEADER[:-1])
    with pytest.raises(IndexError, match="0 to 1556, not 1557"):
        block.merkle_path(txids, len(txids))
    with pytest.raises(ValueError, match="at least one"):
        block.merkle_root([])
