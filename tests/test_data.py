"""The tables: the package is valid, chapters get typed frames, and no damage to a table goes unnoticed.

Damage is done to a copy. Each kind must give exactly one problem, which names the table, the row and the field.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from moip import data
from moip.checks import Problem
from moip.checks.data import _model_rules, check, main, normal_form

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 12, 31)
DESCRIPTOR = "data/datapackage.json"


# The package as it is -------------------------------------------------------------------------------------------------


def test_package_is_valid_and_the_check_is_fast() -> None:
    start = time.process_time()
    assert [str(problem) for problem in check(ROOT)] == []
    assert time.process_time() - start < 20


@pytest.mark.parametrize("name", data.tables())
def test_every_table_has_the_rows_of_its_file_and_the_types_of_its_descriptor(name: str) -> None:
    frame = data.table(name)
    fields = data.resource(name)["schema"]["fields"]
    lines = (data.folder() / data.resource(name)["path"]).read_text(encoding="utf-8").splitlines()
    assert len(frame) == len(lines) - 1 > 0
    assert list(frame.columns) == [field["name"] for field in fields]
    kinds = {
        ("string", False): "str",
        ("string", True): "str",
        ("integer", True): "int64",
        ("integer", False): "Int64",
        ("year", True): "int64",
        ("year", False): "Int64",
        ("number", True): "float64",
        ("number", False): "float64",
        ("boolean", True): "bool",
        ("boolean", False): "boolean",
        ("date", True): "datetime64[s]",
        ("date", False): "datetime64[s]",
        ("datetime", True): "datetime64[s]",
        ("datetime", False): "datetime64[s]",
        ("list", True): "object",
        ("list", False): "object",
    }
    expected = {f["name"]: kinds[f["type"], f.get("constraints", {}).get("required", False)] for f in fields}
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == expected


@pytest.mark.parametrize("name", data.tables())
def test_describe_tells_name_type_unit_and_meaning_of_every_field(name: str) -> None:
    described = data.describe(name)
    assert list(described.columns) == ["name", "type", "unit", "description"]
    assert list(described["name"]) == list(data.table(name).columns)
    assert (described["description"].str.len() > 0).all()


def test_known_values_arrive_as_what_they_are() -> None:
    headers = data.table("block_headers").set_index("height")
    assert headers.loc[0, "time_utc"] == pd.Timestamp("2009-01-03 18:15:05")
    assert int(headers.loc[0, "chain_work_hex"], 16) == 0x100010001
    assert len(headers.loc[0, "header_hex"]) == 160
    constants = data.table("protocol_constants").set_index("constant")["value"]
    assert constants["max_block_weight_wu"] == 4_000_000
    assert constants["max_money_sat"] == 21_000_000 * constants["coin_sat"]
    assert constants["update_add_htlc_bytes"] == 86 + constants["onion_packet_bytes"]
    forks = data.table("soft_forks").set_index("fork")
    assert forks.loc["taproot", "bips"] == (340, 341, 342)
    assert forks.loc["taproot", "date"] == pd.Timestamp("2021-11-14")
    specifications = data.table("specifications").set_index("specification")
    assert specifications.loc["bip141", "layer"] == "Consensus (soft fork)"
    assert pd.isna(specifications.loc["bolt11", "layer"])
    advisories = data.table("core_advisories")
    assert advisories["cve"].isna().sum() == 1
    rfcs = data.table("internet_specifications").set_index("rfc")
    assert rfcs.loc[793, "obsoleted_by"] == (9293,)
    assert rfcs.loc[9293, "obsoleted_by"] == ()


def test_time_goes_forward_and_counts_grow() -> None:
    counts = data.table("chain_transactions")
    assert counts["block_time_utc"].is_monotonic_increasing
    assert counts["cumulative_transactions"].is_monotonic_increasing
    assert (counts["block_time_utc"].dt.normalize() <= counts["commit_date"]).all()
    advisories = data.table("core_advisories")
    assert (advisories["fixed_date"] < advisories["disclosed"]).mean() > 0.9


def test_intervals_of_every_node_have_the_mean_of_ten_minutes_or_a_little_less() -> None:
    intervals = data.table("block_intervals")
    for _, node in intervals.groupby("node"):
        assert list(node["minute_bin"]) == list(range(len(node)))
        mean = ((node["minute_bin"] + 0.5) * node["blocks"]).sum() / node["blocks"].sum()
        assert 9.4 < mean < 10


# Reading --------------------------------------------------------------------------------------------------------------


def test_a_table_is_a_copy() -> None:
    first = data.table("soft_forks")
    first.loc[:, "name"] = "changed"
    assert (data.table("soft_forks")["name"] != "changed").all()


def test_importing_the_tables_imports_no_checker() -> None:
    code = "import moip.data, sys; print(sorted(m for m in ('frictionless', 'pybtex', 'plotly') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one table that has a field of each type; MOIP_DATA names it."""
    types = {
        "key": "string", "whole": "integer", "real": "number", "yes": "boolean", "day": "date", "time_utc": "datetime",
        "born": "year", "items": "list", "note": "string", "maybe": "integer",
    }  # fmt: skip
    fields = [
        {"name": name, "type": kind, "constraints": {"required": name not in ("note", "maybe", "items")}}
        for name, kind in types.items()
    ]
    fields[7] |= {"delimiter": ";", "itemType": "string"}
    package = {"resources": [{"name": "small", "path": "small.csv", "schema": {"fields": fields}}]}
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    header = ",".join(types)
    rows = [
        "a,1,0.5,true,2009-01-03,2009-01-03T18:15:05Z,1974,x; y,ö,",
        "b,-2,3,false,2026-08-20,2026-08-20T00:00:00Z,2026,,,7",
    ]
    (tmp_path / "small.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    monkeypatch.setenv("MOIP_DATA", str(tmp_path))
    return tmp_path


def test_each_type_of_field_becomes_its_python_value(small: Path) -> None:
    assert data.tables() == ["small"]
    first, second = data.table("small").to_dict("records")
    assert first["key"] == "a" and first["whole"] == 1 and first["real"] == 0.5 and first["yes"] is True
    assert first["day"] == pd.Timestamp("2009-01-03") and first["time_utc"] == pd.Timestamp("2009-01-03 18:15:05")
    assert first["born"] == 1974 and first["items"] == ("x", "y") and first["note"] == "ö"
    assert data.table("small").loc[0, "maybe"] is pd.NA
    assert second["items"] == () and pd.isna(second["note"]) and second["maybe"] == 7


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a,1,", "a,one,", "small.csv row 2, field 'whole': 'one' is not an integer"),
        ("a,1,", "a,1.0,", "small.csv row 2, field 'whole': '1.0' is not an integer"),
        ("a,1,", "a,,", "small.csv row 2, field 'whole': empty, but a value is required"),
        ("-2,3,", "-2,3..1,", "small.csv row 3, field 'real': '3..1' is not a number"),
        ("false", "no", "small.csv row 3, field 'yes': 'no' is not true or false"),
        ("2009-01-03,", "03.01.2009,", "small.csv row 2, field 'day': '03.01.2009' is not a date"),
        ("18:15:05Z", "18:15", "small.csv row 2, field 'time_utc': '2009-01-03T18:15' is not a time"),
        ("b,-2,", "b,-2,-2,", "small.csv row 3: 11 values for 10 columns"),
        ("key,", "keys,", "small.csv: missing column 'key'. unknown column 'keys'"),
        ("key,whole", "whole,key", "small.csv: the columns stand in another order"),
    ],
)
def test_what_does_not_fit_is_named_with_row_field_and_value(small: Path, old: str, new: str, message: str) -> None:
    data.table("small")  # cached, and read again because the file changes
    edit(small / "small.csv", old, new)
    with pytest.raises(data.DataError, match=re.escape(message)):
        data.table("small")


def test_a_file_that_is_not_utf8_is_named_with_its_row(small: Path) -> None:
    path = small / "small.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    with pytest.raises(data.DataError, match=re.escape("small.csv row 2: not UTF-8")):
        data.table("small")


def test_missing_files_and_unknown_names_are_said(small: Path) -> None:
    with pytest.raises(data.DataError, match=re.escape("There is no table 'smal'. Did you mean small?")):
        data.table("smal")
    (small / "small.csv").unlink()
    with pytest.raises(data.DataError, match=r"small\.csv is missing"):
        data.table("small")
    (small / "datapackage.json").write_text("{,}", encoding="utf-8")
    with pytest.raises(data.DataError, match="line 1: not JSON"):
        data.tables()
    (small / "datapackage.json").unlink()
    with pytest.raises(data.DataError, match=r"There is no descriptor at .* MOIP_DATA"):
        data.tables()


# Damage ---------------------------------------------------------------------------------------------------------------


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file; it must be there."""
    text = path.read_bytes().decode("utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_bytes(text.replace(old, new, 1).encode("utf-8"))


def edit_line(path: Path, line: int, change: Callable[[str], str]) -> None:
    """Change one line of a file, counted from 1 as an editor does."""
    lines = path.read_bytes().decode("utf-8").split("\n")
    changed = change(lines[line - 1])
    assert changed != lines[line - 1]
    lines[line - 1] = changed
    path.write_bytes("\n".join(lines).encode("utf-8"))


def describe(root: Path, change: Callable[[dict], None]) -> None:
    """Change the descriptor, which stays in its normal form."""
    path = root / DESCRIPTOR
    package = json.loads(path.read_text(encoding="utf-8"))
    change(package)
    path.write_text(normal_form(package), encoding="utf-8")


def resource_of(package: dict, name: str) -> dict:
    """A table in the descriptor."""
    return next(resource for resource in package["resources"] if resource["name"] == name)


def field_of(package: dict, table: str, name: str) -> dict:
    """A field in the descriptor."""
    return next(field for field in resource_of(package, table)["schema"]["fields"] if field["name"] == name)


KEPT = {
    "block_headers", "block_intervals", "blockchain_size", "core_advisories", "layer_mapping", "layers",
    "protocol_constants", "reference_layers", "soft_forks", "specifications",
}  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of some tables that refer to no others, and a bibliography that has the keys they name and no others."""
    shutil.copytree(ROOT / "data" / "derive", tmp_path / "data" / "derive")
    for name in KEPT:
        shutil.copy(ROOT / "data" / f"{name}.csv", tmp_path / "data")
    package = json.loads((ROOT / DESCRIPTOR).read_text(encoding="utf-8"))
    package["resources"] = [resource for resource in package["resources"] if resource["name"] in KEPT]
    (tmp_path / DESCRIPTOR).write_text(normal_form(package), encoding="utf-8")
    keys = set().union(*(frame["source"] for frame in map(data.table, KEPT) if "source" in frame))
    (tmp_path / "book").mkdir()
    entries = [
        f"@misc{{{key},\n  title = {{A source}},\n  url = {{https://example.org/}},\n}}\n" for key in sorted(keys)
    ]
    (tmp_path / "book" / "references.bib").write_text("\n".join(entries), encoding="utf-8")
    return tmp_path


def problems(root: Path) -> list[Problem]:
    """What the check says of a copy."""
    return check(root, TODAY)


def test_an_unharmed_copy_has_no_problem(copy: Path) -> None:
    assert problems(copy) == []


DAMAGE_TO_THE_MODEL = {
    "a duty by a requirement that is not there": ("pattern_duties", "MOIP-L1-03", "MOIP-L9-03", "no requirement MOIP-L9-03"),
    "a need of a use that is not there": ("scenarios", "MOIP-L1-07", "MOIP-L9-07", "no requirement 'MOIP-L9-07'"),
    "a stack that does not fit together": ("scenario_stacks", "lightning;bolt11;phoenix", "lightning;phoenix", "needs"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE_TO_THE_MODEL)
def test_damage_to_the_pattern_and_the_scenarios_is_found(tmp_path: Path, kind: str) -> None:
    name, old, new, message = DAMAGE_TO_THE_MODEL[kind]
    (tmp_path / "data").mkdir()
    for path in (ROOT / DESCRIPTOR, *(ROOT / "data").glob("*.csv")):
        shutil.copy(path, tmp_path / "data")
    edit(tmp_path / "data" / f"{name}.csv", old, new)
    found = _model_rules(tmp_path)
    assert found and all(f"data/{name}.csv" in problem.where for problem in found)
    assert any(message in problem.what for problem in found)


HEADERS, INTERVALS, FORKS = "data/block_headers.csv", "data/block_intervals.csv", "data/soft_forks.csv"
SPECIFICATIONS, ADVISORIES = "data/specifications.csv", "data/core_advisories.csv"
CONSTANTS, MAPPING = "data/protocol_constants.csv", "data/layer_mapping.csv"


def flip(position: int, digit: str) -> Callable[[str], str]:
    """Replace one character of a line."""
    return lambda line: line[:position] + digit + line[position + 1 :]


DAMAGE_TO_A_ROW = {
    "a value too many": (INTERVALS, 7, lambda line: line + ",more", "has 5 values for 4 columns"),
    "a value too few": (INTERVALS, 7, lambda line: line.rpartition(",")[0], "has 3 values for 4 columns"),
    "an unclosed quote": (FORKS, 8, lambda line: line.replace(",Taproot,", ',"Taproot,'), "values for"),
    "a blank line": (FORKS, 4, lambda line: line + "\n", "is blank"),
}


@pytest.mark.parametrize("kind", DAMAGE_TO_A_ROW)
def test_damage_to_a_row_is_found(copy: Path, kind: str) -> None:
    table, line, change, message = DAMAGE_TO_A_ROW[kind]
    edit_line(copy / table, line, change)
    [problem] = problems(copy)
    assert problem.where == f"{table} row {line + (kind == 'a blank line')}"
    assert message in problem.what


DAMAGE_TO_A_VALUE = {
    "no number": (INTERVALS, 5, "minute_bin", lambda line: line.replace(",3,", ",three,"), "'three' is not a whole"),
    "empty": (FORKS, 3, "name", lambda line: line.replace("Relative lock times", ""), "is empty"),
    "outside its enum": (FORKS, 3, "date_basis", lambda line: line.replace("header", "guess"), "'guess' is not an"),
    "below its minimum": (INTERVALS, 5, "blocks", lambda line: re.sub(r",(\d+),repo", r",-\1,repo", line), "below"),
    "not of its pattern": (SPECIFICATIONS, 9, "commit", lambda line: line.replace("7fe0b0", "7FE0B0"), "not of the"),
    "no day": (FORKS, 3, "date", lambda line: line.replace("2016-07-04", "2016-07-34"), "is not a date"),
    "no list of numbers": (FORKS, 3, "bips", lambda line: line.replace("68 112", "68/112"), "is not a list"),
    "an unknown source": (FORKS, 3, "source", lambda line: line.replace("repo-bitcoin-core", "nobody1999"), "nobody1999"),
    "a date in the future": (ADVISORIES, 3, "fixed_date", lambda line: line.replace("2017-11-09", "2027-01-01"), "future"),
    "an unknown unit": (CONSTANTS, 2, "unit", lambda line: line.replace(",sat,", ",satoshis,"), "not an allowed"),
    "white space": (FORKS, 3, "name", lambda line: line.replace("lock times", "lock times "), "white space"),
    "a twin": (FORKS, 4, "fork", lambda line: line.replace("height-in-coinbase", "csv"), "same as"),
    "out of order": (FORKS, 3, "fork", lambda line: line.replace("csv", "zzz"), "larger key"),
    "a flipped digit of a header": (HEADERS, 17, "header_hex", lambda line: flip(-20, "0")(line), "not meet its target"),
    "another time": (HEADERS, 17, "time_utc", lambda line: re.sub(r":\d\dZ", ":60Z", line, count=1), "not a time"),
    "a time that is not the header's": (
        HEADERS, 17, "time_utc", lambda line: re.sub(r":(\d)(\d)Z", r":\2\1Z", line, count=1), "the header says",
    ),
    "work that does not add up": (HEADERS, 17, "chain_work_hex", lambda line: line.replace(",0000", ",0001", 1), "make it"),
    "a key to nothing": (MAPPING, -1, "model, number", lambda line: line.replace(",tcpip,4,", ",tcpip,7,"), "reference_layers"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE_TO_A_VALUE)
def test_damage_to_a_value_is_found(copy: Path, kind: str) -> None:
    table, line, field, change, message = DAMAGE_TO_A_VALUE[kind]
    if line < 0:  # the first line that the change concerns
        lines = (copy / table).read_text(encoding="utf-8").split("\n")
        line = next(number for number, text in enumerate(lines, start=1) if change(text) != text)
    edit_line(copy / table, line, change)
    found = problems(copy)
    if kind == "out of order":
        line += 1  # it is the row behind that stands in the wrong place
    assert [problem.where for problem in found] == [f'{table} row {line}, field "{field}"']
    assert message in found[0].what
    assert str(found[0]) == f"{found[0].where}: {found[0].what} -> {found[0].fix}"
    assert "\n" not in str(found[0])


def break_encoding(root: Path) -> None:
    path = root / FORKS
    path.write_bytes(path.read_bytes().replace(b"Taproot", b"T\xe4proot"))


def write_crlf(root: Path) -> None:
    path = root / FORKS
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def add_byte_order_mark(root: Path) -> None:
    path = root / FORKS
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def grow(root: Path) -> None:
    path = root / FORKS
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Signatures have", "Signatures have " + "long " * 60_000 + "and"), encoding="utf-8")


def set_property(table: str, field: str | None, **properties: object) -> Callable[[Path], None]:
    """Change properties of a table or of a field in the descriptor; None takes one away."""

    def change(package: dict) -> None:
        part = field_of(package, table, field) if field else resource_of(package, table)
        part.update(properties)
        for name in [name for name, value in properties.items() if value is None]:
            del part[name]

    return lambda root: describe(root, change)


DAMAGE_TO_A_FILE = {
    "bytes that are not UTF-8": (break_encoding, f"{FORKS} row 8", "not UTF-8"),
    "carriage returns": (write_crlf, FORKS, "carriage returns"),
    "a byte order mark": (add_byte_order_mark, f"{FORKS} row 1", "byte order mark"),
    "no line feed at the end": (lambda root: (root / FORKS).write_text((root / FORKS).read_text()[:-1]), FORKS, "does not end"),
    "a blank line at the end": (lambda root: (root / FORKS).write_text((root / FORKS).read_text() + "\n"), f"{FORKS} row 9", "blank"),
    "a renamed column": (lambda root: edit(root / FORKS, "bips", "proposals"), f"{FORKS} row 1", "proposals"),
    "a missing table": (lambda root: (root / FORKS).unlink(), FORKS, "does not exist"),
    "a table nobody described": (lambda root: (root / "data/new.csv").write_text("a\n1\n"), "data/new.csv", "not in the descriptor"),
    "a large table": (grow, FORKS, "more than 300,000"),
    "an empty table": (lambda root: (root / FORKS).write_bytes(b""), FORKS, "the source is empty"),
    "an unknown unit": (
        set_property("soft_forks", "height", unit="furlongs"), f'{DESCRIPTOR}, table soft_forks, field "height"', "unknown unit",
    ),
    "a unit against the name": (
        set_property("blockchain_size", "blockchain_gib", unit="bytes"),
        f'{DESCRIPTOR}, table blockchain_size, field "blockchain_gib"', "its name promises 'GiB'",
    ),
    "a field without description": (
        set_property("soft_forks", "height", description=""), f'{DESCRIPTOR}, table soft_forks, field "height"', "no description",
    ),
    "a table without license": (set_property("soft_forks", None, licenses=None), f"{DESCRIPTOR}, table soft_forks", "licenses"),
    "an unknown type": (set_property("soft_forks", "height", type="integre"), DESCRIPTOR, "integre"),
    "a script that is not there": (
        lambda root: (root / "data/derive/soft_forks.py").unlink(), f"{DESCRIPTOR}, table soft_forks", "soft_forks.py",
    ),
    "a descriptor in another form": (lambda root: edit(root / DESCRIPTOR, "  ", "    "), DESCRIPTOR, "normal form"),
    "a descriptor that is not JSON": (lambda root: edit(root / DESCRIPTOR, "{", "{{"), DESCRIPTOR, "not JSON"),
    "no descriptor": (lambda root: (root / DESCRIPTOR).unlink(), DESCRIPTOR, "missing"),
    "a broken bibliography": (lambda root: edit(root / "book/references.bib", "title =", "title"), "book/references.bib", "read"),
    "no bibliography": (lambda root: (root / "book/references.bib").unlink(), "book/references.bib", "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE_TO_A_FILE)
def test_damage_to_a_file_is_found(copy: Path, kind: str) -> None:
    harm, where, message = DAMAGE_TO_A_FILE[kind]
    harm(copy)
    found = problems(copy)
    assert [problem.where for problem in found] == [where], "\n".join(map(str, found))
    assert message in found[0].what


def test_a_large_table_may_say_why(copy: Path) -> None:
    grow(copy)
    set_property("soft_forks", None, sizeReason="One fork needs many words.")(copy)
    assert problems(copy) == []


def test_normal_form_and_order_are_written_on_demand(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in (copy / "data").iterdir() if path.is_file()}
    package = json.loads(before["datapackage.json"])
    package["resources"].reverse()
    (copy / DESCRIPTOR).write_text(json.dumps(package), encoding="utf-8")
    for name in ("soft_forks.csv", "specifications.csv", "block_headers.csv"):
        header, *lines = before[name].decode().splitlines(keepends=True)
        (copy / "data" / name).write_text(header + "".join(reversed(lines)), encoding="utf-8", newline="")
    assert main([], copy) == 1
    assert capsys.readouterr().out.count("make format") == 4
    assert main(["--write"], copy) == 0
    assert {path.name: path.read_bytes() for path in (copy / "data").iterdir() if path.is_file()} == before
