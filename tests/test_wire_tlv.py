"""Integers and records against BOLT 1, appendices A and B."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip.wire import tlv

steady = settings(deadline=None, derandomize=True, max_examples=60)
BIGSIZE = {
    0: "00", 252: "fc", 253: "fd00fd", 65535: "fdffff", 65536: "fe00010000", 4294967295: "feffffffff",
    4294967296: "ff0000000100000000", 18446744073709551615: "ffffffffffffffffff",
}  # fmt: skip


@pytest.mark.parametrize(("value", "encoded"), BIGSIZE.items())
def test_integers_of_variable_size(value, encoded):
    assert tlv.bigsize(value).hex() == encoded
    assert tlv.read_bigsize(bytes.fromhex(encoded)) == (value, len(encoded) // 2)


@pytest.mark.parametrize(
    "encoded",
    ["fd00fc", "fe0000ffff", "ff00000000ffffffff", "fd00", "feffff", "ffffffffff", "", "fd", "fe", "ff"],
)
def test_integers_that_are_not_minimal_or_cut_off_are_refused(encoded):
    with pytest.raises(ValueError, match=r"minimally|cut off|missing"):
        tlv.read_bigsize(bytes.fromhex(encoded))


@pytest.mark.parametrize(
    ("stream", "records"),
    [
        ("", {}),
        ("2100", {0x21: ""}),
        ("fd020100", {0x201: ""}),
        ("ff020000000000000100", {0x0200000000000001: ""}),
        ("01020100", {1: "0100"}),
        ("02080000000000000226", {2: "0000000000000226"}),
        ("fd00fe020226", {254: "0226"}),
    ],
)
def test_streams_that_are_well_formed(stream, records):
    decoded = tlv.decode(bytes.fromhex(stream), known=frozenset({2, 254}))
    assert {kind: value.hex() for kind, value in decoded.items()} == records
    assert tlv.encode(decoded).hex() == stream


@pytest.mark.parametrize(
    "stream",
    [
        "fd", "fd01", "fd000100", "fd0101", "0ffd", "0ffd26", "0ffd2602", "0ffd000100", "0ffd0201" + "00" * 10,
        "1200", "fd010200", "fe0100000200", "ff010000000000000200", "0000",
        "0208000000000000022601012a", "0208000000000000023102080000000000000451", "1f000f012a", "1f001f012a",
        "ffffffffffffffffff000000",
    ],
)  # fmt: skip
def test_streams_that_are_not(stream):
    with pytest.raises(ValueError):
        tlv.decode(bytes.fromhex(stream), known=frozenset({2, 254}))


@pytest.mark.parametrize(
    ("value", "encoded"), [(0, ""), (1, "01"), (256, "0100"), (16777216, "01000000"), (2**56, "0100000000000000")]
)
def test_truncated_integers(value, encoded):
    assert tlv.truncated(value).hex() == encoded
    assert tlv.read_truncated(bytes.fromhex(encoded)) == value


@pytest.mark.parametrize("encoded", ["00", "0001", "00010000", "ff" * 9])
def test_truncated_integers_that_are_not_minimal_or_too_long(encoded):
    with pytest.raises(ValueError):
        tlv.read_truncated(bytes.fromhex(encoded))


@steady
@given(st.dictionaries(st.integers(0, 2**64 - 1), st.binary(max_size=300), max_size=6))
def test_what_is_written_is_read(records):
    assert tlv.decode(tlv.encode(records)) == records
