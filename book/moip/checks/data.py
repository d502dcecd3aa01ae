"""What must hold of the tables: the descriptor's own rules, and those that it cannot say.

`check` validates the data package with the ``frictionless`` library and then looks at what lies across tables and
files: the form of the files, their order, the keys of the bibliography, dates, units, derivations, and the proof of
work of the block headers. Rules hold for every table of the descriptor; a new table needs no new code.

A row is numbered as an editor numbers lines, the header row being 1. So that this is the same for every program, a
value may not hold a line break.

    python -m moip.checks.data           says what is wrong
    python -m moip.checks.data --write   brings the descriptor into its normal form and the rows into their order first
    python -m moip.checks.data --write-only   does that and says nothing (make format)
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from .. import data
from ..sources import FIELD
from . import Problem, references

DESCRIPTOR = "data/datapackage.json"
BIBLIOGRAPHY = "book/references.bib"

LARGEST_TABLE_BYTES = 300_000
"""A table above this must say why, in the property ``sizeReason`` of its resource."""

UNITS = {
    "1", "1/year", "GiB", "HTLCs", "USD", "blocks", "bytes", "characters", "days", "fraction", "hashes", "hours",
    "messages", "minutes", "months", "msat", "parties", "ppm", "s", "sat", "sat/kvB", "sat/vB", "sigop cost", "transactions",
    "tx/s", "vbytes", "weight units", "weight units/byte", "words", "year", "years",
}  # fmt: skip
"""The units that a field or a row may have, each in its one spelling."""

SUFFIX_UNITS = {
    "_tx_per_s": "tx/s", "_sat_per_kvb": "sat/kvB", "_sat_per_vb": "sat/vB", "_msat": "msat", "_sat": "sat",
    "_wu": "weight units", "_vbytes": "vbytes", "_bytes": "bytes", "_blocks": "blocks", "_gib": "GiB", "_ppm": "ppm",
    "_days": "days", "_hours": "hours", "_s": "s",
}  # fmt: skip
"""The unit that a number's name promises by its end; a longer ending goes before a shorter one."""


@dataclass(frozen=True)
class Table:
    """A table as it lies in its file.

    `resource`: its part of the descriptor; `where`: its path for people; `rows`: line number and cells by column of
    the rows that have a value for each column.
    """

    resource: dict[str, Any]
    where: str
    content: bytes
    rows: list[tuple[int, dict[str, str]]]

    @property
    def name(self) -> str:
        """Name in the descriptor."""
        return self.resource["name"]

    @property
    def fields(self) -> list[dict[str, Any]]:
        """Fields in the descriptor."""
        return self.resource["schema"]["fields"]

    @property
    def key(self) -> list[str]:
        """Names of the fields of the primary key."""
        names = self.resource["schema"].get("primaryKey", [])
        return [names] if isinstance(names, str) else names

    def at(self, line: int, field: str | None = None) -> str:
        """Where a row or a cell is, for people."""
        return f"{self.where} row {line}" + (f', field "{field}"' if field else "")


@dataclass(frozen=True)
class Setting:
    """What the rules compare a table with."""

    today: date
    sources: set[str] | None  # keys of the bibliography; None when it could not be read


Rule = Callable[[Table, Setting], Iterator[Problem]]


def check(root: Path, today: date | None = None) -> list[Problem]:
    """All problems of the tables of a repository, the descriptor's first.

    `root`: the folder that holds ``data/`` and ``book/``; `today`: the day after which no date may lie (default: now,
    UTC). An empty list means that everything holds.
    """
    package, problems = _read_descriptor(root)
    if package is None:
        return problems
    sources, unreadable = _read_bibliography(root)
    problems += unreadable
    setting = Setting(today or datetime.now(UTC).date(), sources)
    problems += [*_descriptor_rules(package, root), *_files(package, root)]
    tables = []
    for resource in package["resources"]:
        path = root / "data" / resource["path"]
        if path.exists():
            table, unreadable = _read_table(resource, path)
            problems += unreadable
            tables += [table] if table else []
    problems += _validate(package, tables, root)
    problems += [problem for table in tables for rule in RULES for problem in rule(table, setting)]
    problems += references.check(root)
    return problems or _model_rules(root)


def _model_rules(root: Path) -> list[Problem]:
    """The rules of the reference model between its tables; asked last, since they need tables that are sound by themselves."""
    from ..model import pattern, rules, scenarios

    before = os.environ.get("MOIP_DATA")
    os.environ["MOIP_DATA"] = str(root / "data")
    try:
        tables = {name: data.table(name) for name in data.tables()}
        return rules.check(tables) or [*pattern.check(tables), *scenarios.check(tables)]  # these need a sound catalog
    finally:
        if before is None:
            del os.environ["MOIP_DATA"]
        else:
            os.environ["MOIP_DATA"] = before


# Reading ------------------------------------------------------------------------------------------------------------


def _read_descriptor(root: Path) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The descriptor, or None and why not."""
    path = root / DESCRIPTOR
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None, [Problem(DESCRIPTOR, "is missing", "put the descriptor of the tables there")]
    except ValueError as error:
        return None, [Problem(DESCRIPTOR, f"is not JSON in UTF-8: {error}", "correct it there")]
    for resource in package.get("resources", []):
        if not {"name", "path", "schema"} <= resource.keys() or "fields" not in resource["schema"]:
            what = f"the resource {resource.get('name', '?')!r} lacks a name, a path, or a schema with fields"
            return None, [Problem(DESCRIPTOR, what, "add what is missing")]
    return package, []


def _read_bibliography(root: Path) -> tuple[set[str] | None, list[Problem]]:
    """The keys of the bibliography, or None and why not."""
    from pybtex.database import parse_file
    from pybtex.exceptions import PybtexError

    try:
        return set(parse_file(str(root / BIBLIOGRAPHY), bib_format="bibtex").entries), []
    except (OSError, PybtexError) as error:
        reason = " ".join(str(error).split())
        return None, [Problem(BIBLIOGRAPHY, f"cannot be read: {reason}", "correct the bibliography")]


def _read_table(resource: dict[str, Any], path: Path) -> tuple[Table | None, list[Problem]]:
    """The table, or None and why not."""
    where, content = f"data/{resource['path']}", path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return None, [Problem(f"{where} row {line}", "holds bytes that are not UTF-8", "save the file as UTF-8")]
    reader = csv.reader(io.StringIO(text, newline=""))
    header, rows, start = next(reader, []), [], 2
    for cells in reader:
        if len(cells) == len(header):  # a row of another length is told by the descriptor's rules
            rows.append((start, dict(zip(header, cells, strict=True))))
        start = reader.line_num + 1
    return Table(resource, where, content, rows), []


# The descriptor -----------------------------------------------------------------------------------------------------

KEY_ORDER = {
    "package": ["$schema", "name", "title", "description", "version", "licenses", "contributors", "resources"],
    "resource": [
        "name", "type", "path", "title", "description", "sizeReason", "format", "mediatype", "encoding", "schema",
        "sources", "licenses", "derivation",
    ],
    "schema": ["fields", "primaryKey", "foreignKeys", "missingValues"],
    "field": ["name", "type", "format", "delimiter", "itemType", "title", "description", "unit", "unitFrom"],
}  # fmt: skip


def normal_form(package: dict[str, Any]) -> str:
    """The descriptor as text in its one normal form.

    Two spaces, keys in a fixed order with unknown ones behind in the order of the alphabet, tables by name, a line
    feed at the end. So a change shows in a diff as what it is.
    """

    def ordered(part: dict[str, Any], kind: str) -> dict[str, Any]:
        known = KEY_ORDER[kind]
        return {key: part[key] for key in [*(k for k in known if k in part), *sorted(part.keys() - set(known))]}

    resources = []
    for resource in sorted(package["resources"], key=lambda resource: resource["name"]):
        schema = resource["schema"] | {"fields": [ordered(field, "field") for field in resource["schema"]["fields"]]}
        resources.append(ordered(resource | {"schema": ordered(schema, "schema")}, "resource"))
    normal = ordered(package | {"resources": resources}, "package")
    return json.dumps(normal, indent=2, ensure_ascii=False) + "\n"


def _descriptor_rules(package: dict[str, Any], root: Path) -> Iterator[Problem]:
    """What every resource and field of the descriptor must say."""
    if (root / DESCRIPTOR).read_text(encoding="utf-8") != normal_form(package):
        yield Problem(DESCRIPTOR, "is not in its normal form", "run: make format")
    for resource in package["resources"]:
        yield from _resource_rules(resource, root)
        for field in resource["schema"]["fields"]:
            yield from _field_rules(resource, field)


def _resource_rules(resource: dict[str, Any], root: Path) -> Iterator[Problem]:
    """What a resource must say of its table: what it is, whose it is, where it comes from."""
    where = f"{DESCRIPTOR}, table {resource['name']}"
    for key in ("title", "description", "sources", "licenses", "derivation"):
        if not resource.get(key):
            yield Problem(where, f'has no "{key}"', "add it")
    if resource["path"] != f"{resource['name']}.csv":
        yield Problem(where, f"lies in {resource['path']}", f"name the file {resource['name']}.csv")
    if not resource["schema"].get("primaryKey"):
        yield Problem(where, "has no primary key", 'add "primaryKey" to its schema')
    derivation = resource.get("derivation", {})
    script = derivation.get("script")
    if script and not (root / "data" / script).is_file():
        yield Problem(where, f"is derived by data/{script}, which does not exist", "add the script or correct its name")
    if script and not derivation.get("upstream"):
        yield Problem(where, "is derived by a script from nothing", 'name the repositories and commits in "upstream"')
    if derivation and not script and not derivation.get("by"):
        yield Problem(where, "says neither a script nor by whom it was made", 'add "script", or "by": "hand"')


def _field_rules(resource: dict[str, Any], field: dict[str, Any]) -> Iterator[Problem]:
    """What a field must say: what it means, and its unit in a known spelling that fits its name."""
    where = f'{DESCRIPTOR}, table {resource["name"]}, field "{field.get("name", "?")}"'
    if not field.get("description"):
        yield Problem(where, "has no description", "say what it means")
    unit = field.get("unit")
    promised = next((unit for suffix, unit in SUFFIX_UNITS.items() if field["name"].endswith(suffix)), None)
    if unit is not None and unit not in UNITS:
        yield Problem(where, f"has the unknown unit {unit!r}", f"use one of: {', '.join(sorted(UNITS))}")
    elif field.get("type") in ("integer", "number") and promised and unit != promised:
        yield Problem(where, f"has the unit {unit!r}, but its name promises {promised!r}", "correct one of them")
    source = field.get("unitFrom")
    if source and source not in {other["name"] for other in resource["schema"]["fields"]}:
        yield Problem(where, f"takes its unit from {source!r}, which is no field of the table", "correct unitFrom")


def _files(package: dict[str, Any], root: Path) -> Iterator[Problem]:
    """Files and resources are the same set, and a large file has a reason."""
    described = {resource["path"]: resource for resource in package["resources"]}
    present = {path.name: path for path in (root / "data").glob("*.csv")}
    for name in sorted(described.keys() - present.keys()):
        yield Problem(f"data/{name}", "is in the descriptor but does not exist", "add the file or drop the resource")
    for name in sorted(present.keys() - described.keys()):
        yield Problem(f"data/{name}", "is not in the descriptor", f"describe it in {DESCRIPTOR}")
    for name in sorted(described.keys() & present.keys()):
        size = present[name].stat().st_size
        if size > LARGEST_TABLE_BYTES and not described[name].get("sizeReason"):
            what = f"has {size:,} bytes, more than {LARGEST_TABLE_BYTES:,}"
            yield Problem(f"data/{name}", what, 'trim it, or give a "sizeReason" in the descriptor')


# The descriptor's rules for values, by frictionless -------------------------------------------------------------------


def _validate(package: dict[str, Any], tables: list[Table], root: Path) -> Iterator[Problem]:
    """Validate the tables that can be read against the descriptor."""
    from frictionless import FrictionlessException, Package

    readable = {table.name: table for table in tables}
    resources = [_without_keys_to_others(table.resource, readable) for table in tables]
    try:
        report = Package.from_descriptor(package | {"resources": resources}, basepath=str(root / "data")).validate()
    except FrictionlessException as exception:
        for error in exception.reasons or [exception.error]:
            yield Problem(DESCRIPTOR, f"is not a valid data package: {error.note}", "correct the descriptor")
        return
    for error in report.errors:
        yield Problem(DESCRIPTOR, error.note, "correct the descriptor")
    for task in report.tasks:
        yield from _translate(readable[task.name], task.errors)


def _without_keys_to_others(resource: dict[str, Any], readable: dict[str, Table]) -> dict[str, Any]:
    """The resource without foreign keys to tables whose file is missing or unreadable; that is told elsewhere."""

    def kept(key: dict[str, Any]) -> bool:
        return key["reference"].get("resource", "") in {"", *readable}

    schema = resource["schema"]
    keys = [key for key in schema.get("foreignKeys", []) if kept(key)]
    schema = {name: value for name, value in schema.items() if name != "foreignKeys"}
    return resource | {"schema": schema | ({"foreignKeys": keys} if keys else {})}


# An error of the first kind in a row explains those of the later kinds in that row.
ROW_KINDS = ["blank-row", "extra-cell", "missing-cell"]
HEADER_KINDS = {"blank-header", "blank-label", "duplicate-label", "extra-label", "incorrect-label", "missing-label"}


def _translate(table: Table, errors: list[Any]) -> Iterator[Problem]:
    """What frictionless found in a table, each thing once and in one line."""
    if any(error.type in HEADER_KINDS for error in errors):
        header = table.content.decode("utf-8").partition("\n")[0]
        names = ",".join(field["name"] for field in table.fields)
        yield Problem(table.at(1), f"the columns are {header}", f"they must be {names}")
        return
    shape: dict[int, str] = {}
    for error in errors:
        if error.type in ROW_KINDS:
            kinds = [error.type, shape.get(error.row_number, ROW_KINDS[-1])]
            shape[error.row_number] = min(kinds, key=ROW_KINDS.index)
    repeated = {error.row_number for error in errors if error.type == "primary-key"}
    told = set()
    for error in errors:
        row = getattr(error, "row_number", None)
        if row in shape:
            if row not in told and shape[row] != "blank-row":  # blank lines are the business of `form`
                told.add(row)
                cells, columns = len(error.cells), len(table.fields)
                yield Problem(table.at(row), f"has {cells} values for {columns} columns", "add or remove commas")
        elif not (error.type == "unique-error" and row in repeated):
            yield _cell_problem(table, error)


TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date such as 2026-08-20",
    "datetime": "a time such as 2026-08-20T18:00:00Z",
    "year": "a year",
    "list": "a list of the right items",
}


def _cell_problem(table: Table, error: Any) -> Problem:
    """One error of frictionless about a row or a cell."""
    row = getattr(error, "row_number", None)
    field = next((field for field in table.fields if field["name"] == getattr(error, "field_name", None)), None)
    where = table.at(row, field and field["name"]) if row else table.where
    match error.type:
        case "type-error":
            return Problem(
                where, f"{error.cell!r} is not {TYPES.get(field['type'], field['type'])}", "correct the value"
            )
        case "constraint-error":
            return _constraint_problem(where, field, error)
        case "unique-error":
            return Problem(where, f"{error.cell!r} occurs twice, but must be unique", "correct or remove one of them")
        case "primary-key":
            key = ", ".join(table.key)
            return Problem(table.at(row, key), f"the key is {error.note}", "correct or remove one of the rows")
        case "foreign-key":
            key = ", ".join(error.field_names)
            target = f"table {error.reference_name}" if error.reference_name else "this table"
            values = ", ".join(error.field_cells)
            return Problem(table.at(row, key), f"{values!r} is not in {target}", "add it there or correct it here")
    return Problem(where, error.note or error.message, "correct it")


def _constraint_problem(where: str, field: dict[str, Any], error: Any) -> Problem:
    """A value against a constraint of its field."""
    kind = re.match(r'constraint "(\w+)"', error.note)[1]
    bound = field["constraints"][kind]
    match kind:
        case "required":
            return Problem(where, "is empty, but a value is required", "fill it in")
        case "enum":
            fix = f"use one of: {', '.join(map(str, bound))}; or extend the enum in {DESCRIPTOR}"
            return Problem(where, f"{error.cell!r} is not an allowed value", fix)
        case "minimum" | "maximum":
            side = "below" if kind == "minimum" else "above"
            return Problem(where, f"{error.cell} is {side} the {kind} of {bound}", "correct the value")
        case "pattern":
            return Problem(where, f"{error.cell!r} is not of the form {bound}", "correct the value")
    return Problem(where, f"{error.cell!r} breaks the {kind} of {bound}", "correct the value")


# What the descriptor cannot say ---------------------------------------------------------------------------------------


def form(table: Table, setting: Setting) -> Iterator[Problem]:
    """A file is plain: no byte order mark, line feeds alone, one at the end, no blank lines, no stray white space."""
    text = table.content.decode("utf-8")
    if not text:
        return  # told by the descriptor's rules
    if text.startswith("\ufeff"):
        yield Problem(table.at(1), "starts with a byte order mark", "save the file as UTF-8 without it")
    if "\r" in text:
        yield Problem(table.where, "has carriage returns", "end lines with a line feed alone")
    if not text.endswith("\n"):
        yield Problem(table.where, "does not end with a line feed", "add one")
    for line, content in enumerate(text.split("\n")[:-1], start=1):
        if not content.strip():
            yield Problem(table.at(line), "is blank", "remove the line")
    for line, cells in table.rows:
        for name, value in cells.items():
            if "\n" in value:
                yield Problem(table.at(line, name), "holds a line break", "write the value on one line")
            elif value != value.strip():
                yield Problem(table.at(line, name), f"{value!r} has white space at an end", "remove it")


def order(table: Table, setting: Setting) -> Iterator[Problem]:
    """Rows stand in the order of the primary key, numbers inside text compared as numbers (bip9 before bip10)."""
    try:
        ranked = [(line, _key(table, cells)) for line, cells in table.rows]
    except (KeyError, ValueError):
        return  # a column or a value is wrong, which is told already
    for (_, before), (line, after) in pairwise(ranked):
        if after < before:
            where = table.at(line, ", ".join(table.key))
            yield Problem(where, "stands behind a larger key", "run: make format")
            return


def _key(table: Table, cells: dict[str, str]) -> list[Any]:
    """What a row is sorted by."""
    types = {field["name"]: field["type"] for field in table.fields}
    return [_rank(cells[name], types[name]) for name in table.key]


def _rank(value: str, kind: str) -> Any:
    """What a value of a key is sorted by; ValueError when it is not of its type."""
    if kind in ("integer", "number", "year"):
        return float(value)
    return [int(part) if i % 2 else part.lower() for i, part in enumerate(re.split(r"(\d+)", value))]


def sources(table: Table, setting: Setting) -> Iterator[Problem]:
    """Every key in a field ``source`` (or ``sources``, a list) is in the bibliography."""
    if setting.sources is None:
        return
    fields = {field["name"]: field.get("delimiter", ",") for field in table.fields if FIELD.fullmatch(field["name"])}
    for line, cells in table.rows:
        for name, delimiter in fields.items():
            for key in filter(None, (key.strip() for key in cells.get(name, "").split(delimiter))):
                if key not in setting.sources:
                    fix = f"add an entry {key} to {BIBLIOGRAPHY}, or correct the key"
                    yield Problem(table.at(line, name), f"the source {key!r} is not in the bibliography", fix)


def dates(table: Table, setting: Setting) -> Iterator[Problem]:
    """No date, time or year lies in the future."""
    fields = [field["name"] for field in table.fields if field["type"] in ("date", "datetime", "year")]
    for line, cells in table.rows:
        for name in fields:
            value = cells.get(name, "")
            length = 4 if re.fullmatch(r"\d{4}", value) else 10
            if re.match(r"\d{4}(-\d\d-\d\d|$)", value) and value[:length] > setting.today.isoformat()[:length]:
                what = f"{value} lies in the future (today is {setting.today})"
                yield Problem(table.at(line, name), what, "correct the date")


def units(table: Table, setting: Setting) -> Iterator[Problem]:
    """Where a field takes its unit from another column, every unit there is known."""
    columns = {field["unitFrom"] for field in table.fields if "unitFrom" in field}
    allowed = {field["name"]: field.get("constraints", {}).get("enum") for field in table.fields}
    for line, cells in table.rows:
        for name in columns:
            unit = cells.get(name, "")
            listed = allowed.get(name) is None or unit in allowed[name]  # if not, the enum has told it
            if unit and unit not in UNITS and listed:
                yield Problem(table.at(line, name), f"the unit {unit!r} is not known", "use a known unit")


def block_headers(table: Table, setting: Setting) -> Iterator[Problem]:
    """Headers prove their work, times repeat theirs, and cumulative work is what the targets make it.

    All blocks of a difficulty period have the target of its first block, and a row is the first block of a period. So
    the work behind it is that of the row before, 2,015 more blocks of that row's target, and its own.
    """
    if table.name != "block_headers":
        return
    from moip.quant import pow as proof

    known = None  # (height, work, bits) of the row before, if its header is good
    for line, cells in table.rows:
        try:
            height, work = int(cells["height"]), int(cells["chain_work_hex"], 16)
            header, proved = proof.parse_header(cells["header_hex"]), proof.verify_header(cells["header_hex"])
        except (KeyError, ValueError):
            known = None
            continue  # not a header at all, which the descriptor's pattern has told
        if not proved:
            what = f"the header hashes to {header.hash}, which does not meet its target"
            yield Problem(table.at(line, "header_hex"), what, "restore the header, or derive the table again")
            known = None
            continue
        claimed = f"{datetime.fromtimestamp(header.time, UTC):%Y-%m-%dT%H:%M:%SZ}"
        if cells["time_utc"] != claimed and _is_time(cells["time_utc"]):
            yield Problem(table.at(line, "time_utc"), f"the header says {claimed}", "take the time from the header")
        own = proof.block_work(header.bits)
        expected = own if height == 0 else None
        if known:
            expected = known[1] + (height - known[0] - 1) * proof.block_work(known[2]) + own
        if expected is not None and work != expected:
            what = f"the targets since the row before make it {expected:064x}"
            yield Problem(table.at(line, "chain_work_hex"), what, "correct it, or derive the table again")
            work = expected
        known = (height, work, header.bits)


def _is_time(text: str) -> bool:
    """Whether a text is a time at all."""
    try:
        return bool(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        return False


RULES: list[Rule] = [form, order, sources, dates, units, block_headers]


def write(root: Path) -> None:
    """Bring the descriptor into its normal form, and the rows of every sound table into the order of its key."""
    path = root / DESCRIPTOR
    package = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(normal_form(package), encoding="utf-8", newline="")
    for resource in package["resources"]:
        path = root / "data" / resource["path"]
        table = _read_table(resource, path)[0] if path.exists() else None
        if table is None:
            continue
        header, *lines = re.findall(r"[^\n]*\n", table.content.decode("utf-8"))
        if len(lines) == len(table.rows):  # else a row is broken or spans lines
            rows = sorted(table.rows, key=lambda row: _key(table, row[1]))
            path.write_text(header + "".join(lines[line - 2] for line, _ in rows), encoding="utf-8", newline="")


def main(arguments: list[str] | None = None, root: Path | None = None) -> int:
    """Print the problems of the repository, with ``--write`` after putting right what a program can (``--write-only``: that alone)."""
    root = root or Path(__file__).resolve().parents[3]
    words = sys.argv[1:] if arguments is None else arguments
    if {"--write", "--write-only"} & set(words):
        write(root)
    if "--write-only" in words:
        return 0
    problems = check(root)
    print(*problems, f"{len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
