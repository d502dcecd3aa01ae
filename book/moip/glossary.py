"""The glossary's terms, found in a text as a reader would find them: whole words, longest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd


@dataclass(frozen=True)
class Found:
    """Where a term stands in a text: ``text[start:end]`` is one of its forms."""

    term: str
    start: int
    end: int


class Glossary:
    """The terms of table ``glossary`` (columns ``term``, ``name``, ``forms``, ``meaning``).

    A form with a capital letter (``HTLC``, ``Script``) is found as it is written; one without is found with a capital at its
    beginning too (``ecash``, ``Ecash``). Raises ``ValueError`` when two terms claim one form.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table.set_index("term")
        self.forms: dict[str, str] = {}
        for term, row in self.table.iterrows():
            others = "" if pd.isna(row.forms) else row.forms
            for form in [row["name"], *filter(None, map(str.strip, others.split(";")))]:
                for written in [form] if form != form.lower() else [form, form[0].upper() + form[1:]]:
                    if self.forms.setdefault(written, str(term)) != term:
                        raise ValueError(f"glossary: {written!r} is a form of {self.forms[written]} and of {term}")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """One expression for all forms, longest first; a hyphen or an apostrophe does not end a word."""
        forms = sorted(self.forms, key=len, reverse=True)
        return re.compile(r"(?<![\w'’-])(?:" + "|".join(map(re.escape, forms)) + r")(?![\w’-]|'\w)")

    def linked(self, term: str) -> bool:
        """Whether a chapter's first use of a term leads to its entry; some words mean something else as often."""
        return "linked" not in self.table or bool(self.table.linked[term])

    def find(self, text: str) -> Iterator[Found]:
        """Every occurrence of a term in ``text``, from left to right."""
        for match in self.pattern.finditer(text):
            yield Found(self.forms[match[0]], match.start(), match.end())
