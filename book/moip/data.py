"""The tables of the book, as typed DataFrames.

>>> from moip import data
>>> data.tables()                      # names
>>> data.describe("block_headers")     # its fields: type, unit, meaning
>>> data.table("block_headers")        # the table itself

Types follow the descriptor ``data/datapackage.json`` (a Frictionless Data Package), not a guess from the values:

=========  ==================================================================================
string     pandas' ``str``; what is missing is NaN
integer    ``int64`` where the field is required, else ``Int64`` (missing: ``<NA>``); a year is an integer too
number     ``float64``
boolean    ``bool`` where required, else ``boolean``
date       ``datetime64[s]``, at midnight
datetime   ``datetime64[s]``, UTC without a zone (such fields are named ``..._utc``)
list       ``object``: a tuple in every row, empty where nothing stands
=========  ==================================================================================

The tables lie in ``data/`` at the root of the repository; the environment variable ``MOIP_DATA`` names another folder.
This module imports pandas and the standard library alone, because every chapter waits for it.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import os
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

__all__ = ["DataError", "describe", "folder", "resource", "table", "tables"]


class DataError(ValueError):
    """A table, its file or a value in it is not what the descriptor says. The message says where and what to do."""


def folder() -> Path:
    """The folder of the tables: ``MOIP_DATA`` if it is set, else ``data/`` of the repository that holds this file."""
    given = os.environ.get("MOIP_DATA")
    return Path(given).expanduser().resolve() if given else Path(__file__).resolve().parents[2] / "data"


def tables() -> list[str]:
    """Names of all tables, in alphabetical order."""
    return sorted(_known())


def resource(name: str) -> dict[str, Any]:
    """What the descriptor says of a table: title, description, fields, keys, sources, licenses, derivation.

    `DataError` for an unknown name, with the names that are close to it.
    """
    known = _known()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"There are: {', '.join(sorted(known))}."
        raise DataError(f"There is no table {name!r}. {hint}")
    return known[name]


def describe(name: str) -> pd.DataFrame:
    """The fields of a table: one row a field, columns name, type, unit and description (all ``str``)."""
    fields = resource(name)["schema"]["fields"]
    columns = ["name", "type", "unit", "description"]
    rows = [[field.get(column, "") for column in columns] for field in fields]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def table(name: str) -> pd.DataFrame:
    """A table, typed, with its columns in the descriptor's order and its rows in the file's.

    A file is read again only after it has changed. Every call gives a copy, so a chapter may change what it gets.

    `DataError` for an unknown name, a missing file, columns that are not those of the descriptor, a row with too many
    or too few values, or a value that is not of its field's type; the message names the file, the row (as an editor
    counts lines, the header being row 1), the field and the value.
    """
    described = resource(name)
    path = folder() / described["path"]
    descriptor = folder() / "datapackage.json"
    return _read(path, _version(path), descriptor, _version(descriptor), name).copy()


def _version(path: Path) -> tuple[int, int] | None:
    """What changes when a file is saved again: time and size; None for a file that does not exist."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size


def _known() -> dict[str, dict[str, Any]]:
    """Table name -> its part of the descriptor, as the descriptor is now."""
    path = folder() / "datapackage.json"
    return _resources(path, _version(path))


@cache
def _resources(path: Path, version: tuple[int, int] | None) -> dict[str, dict[str, Any]]:
    """Table name -> its part of the descriptor, as of a version of the file."""
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = "Set MOIP_DATA to the folder that holds it, or unset it."
        raise DataError(f"There is no descriptor at {path}. {hint}") from None
    except json.JSONDecodeError as error:
        raise DataError(f"{path} line {error.lineno}: not JSON ({error.msg}).") from None
    return {one["name"]: one for one in package["resources"]}


@cache
def _read(
    path: Path, version: tuple | None, descriptor: Path, descriptor_version: tuple | None, name: str
) -> pd.DataFrame:
    """Read and type one table, as of a version of its file and of the descriptor."""
    schema = _resources(descriptor, descriptor_version)[name]["schema"]
    fields = schema["fields"]
    missing = set(schema.get("missingValues", [""]))
    header, lines, rows = _rows(path)
    names = [field["name"] for field in fields]
    if header != names:
        raise DataError(f"{path}: {_column_difference(header, names)} Columns must be: {', '.join(names)}.")
    columns = {}
    for position, field in enumerate(fields):
        values = [None if row[position] in missing else row[position] for row in rows]
        try:
            columns[field["name"]] = _column(field, values)
        except _BadValue as bad:
            where = f"{path} row {lines[bad.position]}, field {field['name']!r}"
            raise DataError(f"{where}: {bad.problem}.") from None
    return pd.DataFrame(columns)


def _rows(path: Path) -> tuple[list[str], list[int], list[list[str]]]:
    """Header, line number of each row, rows; `DataError` for what is not a rectangular CSV file in UTF-8."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise DataError(f"{path} is missing, though the descriptor names it.") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DataError(f"{path} row {line}: not UTF-8. Save the file as UTF-8.") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    lines, rows, start = [], [], reader.line_num + 1
    for row in reader:
        if len(row) != len(header):
            raise DataError(f"{path} row {start}: {len(row)} values for {len(header)} columns.")
        lines.append(start)
        rows.append(row)
        start = reader.line_num + 1
    return header, lines, rows


def _column_difference(found: list[str], expected: list[str]) -> str:
    """What is wrong with a header row, in words."""
    absent = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected]
    parts = [
        f"missing column {', '.join(map(repr, absent))}." if absent else "",
        f"unknown column {', '.join(map(repr, extra))}." if extra else "",
    ]
    return " ".join(filter(None, parts)) or "the columns stand in another order."


class _BadValue(Exception):
    """A value of a column does not parse."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(position, problem)
        self.position, self.problem = position, problem


def _parse(values: list[str | None], parse: Callable[[str], Any], expected: str) -> list[Any]:
    """Each value parsed, None left as it is; `_BadValue` for the first that does not parse."""
    parsed = []
    for position, value in enumerate(values):
        try:
            parsed.append(None if value is None else parse(value))
        except ValueError:
            raise _BadValue(position, f"{value!r} is not {expected}") from None
    return parsed


def _boolean(text: str) -> bool:
    """``true`` or ``false``, nothing else."""
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _whole(text: str) -> int:
    """A whole number, digits and a sign alone."""
    if not text.lstrip("+-").isdecimal():
        raise ValueError(text)
    return int(text)


def _time(form: str) -> Callable[[str], datetime]:
    """A parser of times in one form."""
    return lambda text: datetime.strptime(text, form)


def _items(delimiter: str, parse: Callable[[str], Any]) -> Callable[[str], tuple]:
    """A parser of lists; white space around an item is no part of it."""
    return lambda text: tuple(parse(item.strip()) for item in text.split(delimiter))


def _column(field: dict[str, Any], values: list[str | None]) -> pd.Series:
    """One column of the table; `_BadValue` where a value is missing or does not parse."""
    required = field.get("constraints", {}).get("required", False)
    if required and None in values:
        raise _BadValue(values.index(None), "empty, but a value is required")
    match field["type"]:
        case "integer" | "year":
            parsed = _parse(values, _whole, "an integer")
            return pd.Series(parsed, dtype="int64" if required else "Int64")
        case "number":
            return pd.Series(_parse(values, float, "a number"), dtype="float64")
        case "boolean":
            parsed = _parse(values, _boolean, "true or false")
            return pd.Series(parsed, dtype="bool" if required else "boolean")
        case "date":
            parsed = _parse(values, _time("%Y-%m-%d"), "a date such as 2026-08-20")
            return pd.Series(parsed, dtype="datetime64[s]")
        case "datetime":
            parsed = _parse(values, _time("%Y-%m-%dT%H:%M:%SZ"), "a time such as 2026-08-20T18:00:00Z")
            return pd.Series(parsed, dtype="datetime64[s]")
        case "list":
            parse = _whole if field.get("itemType") == "integer" else str
            parsed = _parse(values, _items(field.get("delimiter", ","), parse), "a list of the right items")
            return pd.Series([() if value is None else value for value in parsed], dtype="object")
        case _:
            return pd.Series(values, dtype="str")
