"""A stack written down as a small YAML or JSON file, and what the model says of it as text or JSON.

::

    name: A phone with channels        # optional, as is everything but the members
    members: [bitcoin, p2wpkh, mnemonic, compact-block-filters, lightning, bolt12, phoenix]
    amount_sat: 50000                  # one payment, for its cost
    fee_rate_sat_vb: 10                # what block space costs
    observer: ledger                   # or operators: show what is left to guess for this one alone

Members may also stand in their places, which are then checked: a slot, or the number of a layer, with a name or a list::

    members:
      1: [bitcoin, p2wpkh, mnemonic, compact-block-filters]
      rail: lightning
      request: bolt12
      face: phoenix

`read` and `parse` give a `StackFile` or a `StackFileError` that says what is wrong, in which line where the file is
YAML, and what would be right. `text` and `plain` say what `moip.model.report.evaluate` found.
"""

from __future__ import annotations

import difflib
import json
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .catalog import SLOTS, Catalog, CatalogError
from .layers import NUMBERS
from .properties import UNKNOWN
from .report import Evaluation
from .requirements import BROKEN, PASSED, REVIEW, UNDECIDED, VOID
from .stacks import Stack

__all__ = ["OBSERVERS", "StackFile", "StackFileError", "parse", "plain", "read", "text"]

KEYS = ("name", "members", "amount_sat", "fee_rate_sat_vb", "observer")
OBSERVERS = {"ledger": "_left_chain", "operators": "_left_operator"}
"""Observers and the endings of the properties that say what is left to guess for them."""
DEPTH = 8
ALL_SAT = 2_100_000_000_000_000
"""Satoshis of 21 million bitcoin: no payment is larger."""
PLAIN = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")
NOTE = (
    "A value of none is nobody, no limit or nothing. A fraction is what is left to guess: at 0 the observer knows, at 1 it "
    "learned nothing. The basis is the weakest of those who decided."
)
FEE_RATE = 10.0
"""Satoshis a virtual byte where a file says nothing."""


class StackFileError(ValueError):
    """A file does not describe a stack; the message says what is wrong, where, and what would be right."""


@dataclass(frozen=True)
class StackFile:
    """What a file says. members: keys in the order of the file, with the place each was given (slot, layer or None)."""

    members: tuple[tuple[str, str | int | None], ...]
    name: str = ""
    amount_sat: float | None = None
    fee_rate_sat_vb: float = FEE_RATE
    observer: str = ""

    def stack(self, catalog: Catalog | None = None) -> Stack:
        """The stack; `StackFileError` for an unknown name (with what is close), one given twice, or a wrong place."""
        try:
            stack = Stack.of(*(name for name, _ in self.members), **({"catalog": catalog} if catalog else {}))
        except CatalogError as error:
            raise StackFileError(str(error)) from None
        for name, place in self.members:
            member = stack.catalog.member(name)
            if isinstance(place, int) and place != member.layer:
                raise StackFileError(f"{name!r} stands at layer {member.layer}, not at layer {place}.")
            if isinstance(place, str) and place != member.slot:
                raise StackFileError(f"{name!r} stands in the slot {member.slot!r}, not in {place!r}.")
        return stack

    def crowded(self, catalog: Catalog | None = None) -> dict[str, list[str]]:
        """Slots in which more than one member stands, with the members."""
        slots: dict[str, list[str]] = {}
        for member in self.stack(catalog).members:
            slots.setdefault(member.slot, []).append(member.key)
        return {slot: keys for slot, keys in slots.items() if len(keys) > 1}


# reading --------------------------------------------------------------------------------------------------------


def read(path: str | Path) -> StackFile:
    """The stack of a file: JSON if its name ends so, else YAML. `StackFileError` also where it cannot be read."""
    path = Path(path)
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        close = difflib.get_close_matches(path.name, _names(path.parent), n=1, cutoff=0.6)
        hint = f" Did you mean {path.parent / close[0]}?" if close else ""
        raise StackFileError(f"There is no file {path}.{hint}") from None
    except IsADirectoryError:
        raise StackFileError(f"{path} is a folder, not a file.") from None
    except UnicodeDecodeError:
        raise StackFileError(f"{path} is no text in UTF-8.") from None
    except OSError as error:
        raise StackFileError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        return parse(content, "json" if path.suffix.lower() == ".json" else "yaml")
    except StackFileError as error:
        raise StackFileError(f"{path}: {error}") from None


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def parse(content: str, kind: str = "yaml") -> StackFile:
    """The stack of a text of ``kind`` "yaml" or "json"; `StackFileError` if it is none."""
    told, lines = _json(content) if kind == "json" else _yaml(content)
    if told is None:
        raise StackFileError("The file is empty. Write: members: [bitcoin, ...]")
    if not isinstance(told, dict):
        raise StackFileError(f"The file holds {_kind(told)}, not keys and values. Write: members: [bitcoin, ...]")

    def fail(key: Any, what: str) -> StackFileError:
        return StackFileError((f"line {lines[key]}: " if key in lines else "") + what)

    for key in told:
        if key not in KEYS:
            close = difflib.get_close_matches(str(key), KEYS, n=1, cutoff=0.6)
            hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(KEYS)}."
            raise fail(key, f"There is no key {key!r}. {hint}")
    if told.get("members") is None:
        raise fail("members", "The key members is missing, or empty. Write: members: [bitcoin, ...]")
    try:
        members = tuple(_members(told["members"]))
    except StackFileError as error:
        raise fail("members", str(error)) from None
    if not members:
        raise fail("members", "members holds no name. Write: members: [bitcoin, ...]")
    amount, rate = (_number(told, key, fail) for key in ("amount_sat", "fee_rate_sat_vb"))
    name, observer = (told.get(key) if told.get(key) is not None else "" for key in ("name", "observer"))
    if not isinstance(name, str):
        raise fail("name", f"name is {_kind(name)}, not a text.")
    if observer and (not isinstance(observer, str) or observer not in OBSERVERS):
        raise fail("observer", f"observer is {_kind(observer)}; it can be {' or '.join(OBSERVERS)}.")
    return StackFile(members, name.strip(), amount, FEE_RATE if rate is None else rate, observer)


def _members(told: Any) -> Iterable[tuple[str, str | int | None]]:
    """Names with their places. `StackFileError` for what is no name, slot or layer."""
    if isinstance(told, str):
        raise StackFileError(f"members is one text. Write a list: members: [{told}]")
    if isinstance(told, list):
        if not told:
            raise StackFileError("members is an empty list. Write: members: [bitcoin, ...]")
        for number, name in enumerate(told, 1):
            yield _name(name, f"member {number}"), None
        return
    if not isinstance(told, dict):
        raise StackFileError(f"members is {_kind(told)}, not a list of names.")
    for key, names in told.items():
        place = _place(key)
        for name in names if isinstance(names, list) else [names] if names is not None else []:
            yield _name(name, f"a member of {key!r}"), place


def _place(key: Any) -> str | int:
    """A slot, or a layer by its number, also as "2", "L2" or "layer 2"."""
    if key in SLOTS:
        return key
    digits = str(key).lower().removeprefix("layer").removeprefix("l").strip()
    if not isinstance(key, bool) and digits.isdigit() and int(digits) in NUMBERS:
        return int(digits)
    close = difflib.get_close_matches(str(key), SLOTS, n=1, cutoff=0.6)
    hint = f"Did you mean {close[0]}?" if close else f"There are the slots {', '.join(SLOTS)} and the layers 1 to 5."
    raise StackFileError(f"There is no slot or layer {key!r}. {hint}")


def _name(name: Any, where: str) -> str:
    if not isinstance(name, str) or not name.strip():
        hint = (
            "List names alone, or put them all in places."
            if isinstance(name, dict | list)
            else "Quote it if it is one."
        )
        raise StackFileError(f"{where} is {_kind(name)}, not a name. {hint}")
    return name.strip()


def _number(told: Mapping[str, Any], key: str, fail: Any) -> float | None:
    value = told.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fail(key, f"{key} is {_kind(value)}, not a number. Write digits alone, such as {key}: 50000")
    if not 0 <= value < math.inf:
        raise fail(key, f"{key} is {value}; it must not be negative or without end.")
    if value > ALL_SAT:
        raise fail(key, f"{key} is more than all bitcoin there can be ({ALL_SAT:,} sat).")
    return float(value)


def _kind(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"yes or no ({str(value).lower()})"
    words = {str: "a text", list: "a list", dict: "a set of keys and values"}
    if type(value) in words:
        return words[type(value)] + (f" ({value!r})" if isinstance(value, str) and len(value) < 40 else "")
    return f"a number ({value})" if isinstance(value, int | float) else f"a {type(value).__name__} ({value})"


def _json(content: str) -> tuple[Any, dict[Any, int]]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            raise StackFileError(f"The key {twice!r} is given twice.")
        return dict(pairs)

    if not content.strip():
        return None, {}
    try:
        return json.loads(content, object_pairs_hook=unique), {}
    except json.JSONDecodeError as error:
        raise StackFileError(f"line {error.lineno}: This is no JSON: {error.msg}.") from None
    except RecursionError:
        raise StackFileError("The file is nested too deeply.") from None


def _yaml(content: str) -> tuple[Any, dict[Any, int]]:
    """The value of a YAML text and the line of each of its keys."""
    try:
        depth = 0
        for event in yaml.parse(content, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent):
                raise StackFileError(f"line {event.start_mark.line + 1}: An alias (*) has no use here.")
            if depth > DEPTH:
                raise StackFileError(f"line {event.start_mark.line + 1}: This is nested too deeply.")
        root = yaml.compose(content, Loader=yaml.SafeLoader)
        if root is None:
            return None, {}
        maker = yaml.SafeLoader("")
        told = _value(root, maker)
        pairs = root.value if isinstance(root, yaml.MappingNode) else []
        return told, {_value(key, maker): key.start_mark.line + 1 for key, _ in pairs}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark else ""
        problem = error.problem or error.context or ""
        said = f"{error.context}, {problem}" if error.context and problem.startswith("but ") else problem
        raise StackFileError(f"{where}This is no YAML: {said}.") from None
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, StackFileError):
            raise
        raise StackFileError(f"This is no YAML: {str(error).splitlines()[0]}.") from None


def _value(node: yaml.Node, maker: yaml.SafeLoader) -> Any:
    """A node as a value; `StackFileError` for a key that is given twice or is no word or number."""
    if not isinstance(node, yaml.ScalarNode) and node.tag not in PLAIN:
        raise StackFileError(f"line {node.start_mark.line + 1}: The tag {node.tag} has no use here.")
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, maker) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return maker.construct_object(node)
    result: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise StackFileError(f"line {line}: A key must be a word or a number.")
        key = _value(key_node, maker)
        if key in result:
            raise StackFileError(f"line {line}: The key {key!r} is given twice.")
        result[key] = _value(value_node, maker)
    return result


# saying ---------------------------------------------------------------------------------------------------------


def _shown(told: StackFile, report: Evaluation) -> list[dict[str, Any]]:
    """The properties to show: all but those that another observer sees."""
    hidden = tuple(ending for name, ending in OBSERVERS.items() if told.observer and name != told.observer)
    rows = report.properties.to_dict("records")
    return [row for row in rows if not (hidden and row["property"].endswith(hidden))]


def plain(told: StackFile, report: Evaluation) -> dict[str, Any]:
    """Everything for a machine, as JSON can hold it.

    A value is a number, a list, or a word of the tables: ``unknown``, ``none`` (nobody, no limit, nothing), ``no-exit``.
    """

    def value(raw: Any, shown: str) -> Any:
        if raw is UNKNOWN:
            return "unknown"
        if isinstance(raw, frozenset):
            return sorted(raw)
        return shown.replace(" ", "-") if raw == math.inf else int(raw) if float(raw).is_integer() else float(raw)

    result: dict[str, Any] = {
        "name": told.name,
        "members": list(report.stack.names),
        "well_formed": report.well_formed,
        "problems": list(report.problems),
        "crowded_slots": told.crowded(report.stack.catalog),
        "unmet_needs": [row | {"offered_by": list(row["offered_by"])} for row in report.unmet.to_dict("records")],
        "trust_class": report.trust_class,
        "properties": [
            {
                "property": row["property"],
                "value": value(report.values[row["property"]], row["value"]),
                "unit": row["unit"],
                "decided_by": list(row["decided_by"]),
                "basis": row["basis"],
            }
            for row in _shown(told, report)
        ],
        "requirements": report.requirements[["requirement", "layer", "level", "statement", "result"]].to_dict(
            "records"
        ),
    }
    leave = report.exit_cost(told.fee_rate_sat_vb)
    result["exit_cost_sat"] = "unknown" if leave is UNKNOWN else "no-exit" if leave == math.inf else leave
    if told.amount_sat is not None:
        cost = report.cost(told.amount_sat, told.fee_rate_sat_vb)
        result["payment"] = {
            "amount_sat": told.amount_sat,
            "known_cost_sat": cost.known_sat,
            "unknown": list(cost.unknown),
        }
    result["fee_rate_sat_vb"] = told.fee_rate_sat_vb
    return result


def text(told: StackFile, report: Evaluation, width: int = 100, everything: bool = False) -> str:
    """Everything for a person, in lines of at most ``width`` characters (60 or more).

    everything: also the statements of the requirements that passed, do not apply or need a person.
    """
    width = max(width, 60)
    parts = [told.name or "A stack", _fill("Members, bottom up: " + ", ".join(report.stack.names) + ".", width)]
    services = report.stack.catalog.services
    if report.well_formed:
        parts.append(f"It is well formed. Its weakest trust class is {report.trust_class}.")
    else:
        empty = "".join(f" Nothing offers a service at layer {number}." for number in report.stack.missing_layers())
        parts.append(_fill(f"It is NOT well formed.{empty}", width))
    if crowded := told.crowded(report.stack.catalog):
        shared = "; ".join(f"{slot} ({', '.join(keys)})" for slot, keys in crowded.items())
        parts.append(_fill(f"More than one member stands in a slot: {shared}. Values are for using them all.", width))
    if len(report.unmet):
        rows = [
            [f"{row.layer}", services[row.service].name, row.member, ", ".join(row.offered_by) or "nobody"]
            for row in report.unmet.itertuples()
        ]
        parts.append(_headed("Unmet needs", ["layer", "service", "needed by", "would offer it"], rows, width))
    rows = [[row["name"], row["value"], row["unit"], ", ".join(row["decided_by"]) or "-", row["basis"] or "-"] for row in _shown(told, report)]  # fmt: skip
    parts.append(_headed("Properties", ["property", "value", "unit", "decided by", "basis"], rows, width))
    parts.append(_fill(NOTE, width))
    parts.append(_fill(_costs(told, report), width))
    parts.append(_requirements(report, width, everything))
    return "\n\n".join(parts) + "\n"


def _costs(told: StackFile, report: Evaluation) -> str:
    rate = f"{told.fee_rate_sat_vb:,.10g} sat a virtual byte"
    leave = report.exit_cost(told.fee_rate_sat_vb)
    if leave is UNKNOWN:
        said = f"At {rate}, what it costs to leave alone is unknown."
    elif leave == math.inf:
        said = "It cannot be left without permission."
    elif leave:
        said = f"At {rate}, leaving alone costs at least {leave:,.0f} sat of block space."
    else:
        said = "Leaving alone costs no block space."
    if told.amount_sat is None:
        return said
    cost = report.cost(told.amount_sat, told.fee_rate_sat_vb)
    more = f" as far as it is known; what {' and '.join(cost.unknown)} adds is not" if cost.unknown else ""
    return f"A payment of {told.amount_sat:,.10g} sat costs {cost.known_sat:,.10g} sat{more}. {said}"


def _requirements(report: Evaluation, width: int, everything: bool) -> str:
    headings = {
        BROKEN: "broken",
        UNDECIDED: "undecided because a value is unknown",
        PASSED: "passed",
        REVIEW: "only a person can check",
        VOID: "do not apply",
    }
    table = report.requirements
    counts = {result: int((table["result"] == result).sum()) for result in headings}
    parts = ["Requirements: " + ", ".join(f"{counts[result]} {words}" for result, words in headings.items()) + "."]
    parts[0] = _fill(parts[0], width)
    for result, words in headings.items():
        own = table[table["result"] == result]
        if own.empty:
            continue
        if everything or result in (BROKEN, UNDECIDED):
            own = own.iloc[own["level"].map(["MUST", "SHOULD", "MAY"].index).argsort(kind="stable")]
            rows = own[["requirement", "level", "statement"]].to_numpy().tolist()
            parts.append(_headed(words.capitalize(), ["requirement", "level", "statement"], rows, width))
        else:
            parts.append(_fill(f"{words.capitalize()}: {', '.join(own['requirement'])}.", width))
    return "\n\n".join(parts)


def _fill(words: str, width: int) -> str:
    return textwrap.fill(words, width, break_on_hyphens=False, break_long_words=False)


def _headed(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    """A table as text: columns as wide as they need, the widest narrowed and wrapped until all fit."""
    natural = [max(len(str(cell)) for cell in column) for column in zip(columns, *rows, strict=True)]
    least = [max(len(word) for cell in column for word in str(cell).split() or [""]) for column in zip(columns, *rows, strict=True)]  # fmt: skip
    sizes = list(natural)
    while sum(sizes) + 2 * (len(sizes) - 1) > width:
        wide = [i for i, size in enumerate(sizes) if size > least[i]]
        if not wide:
            break
        sizes[max(wide, key=lambda i: sizes[i])] -= 1

    def line(cells: Sequence[str]) -> list[str]:
        wrapped = [
            textwrap.wrap(str(cell), size, break_on_hyphens=False, break_long_words=False) or [""]
            for cell, size in zip(cells, sizes, strict=True)
        ]
        height = max(map(len, wrapped))
        padded = [lines + [""] * (height - len(lines)) for lines in wrapped]
        return ["  ".join(part.ljust(size) for part, size in zip(row, sizes, strict=True)).rstrip() for row in zip(*padded, strict=True)]  # fmt: skip

    body = [text for row in rows for text in line(row)]
    return "\n".join([title, *line(columns), "  ".join("-" * size for size in sizes), *body])
