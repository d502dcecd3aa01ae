"""The five layers, as the table ``layers`` defines them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .. import data

__all__ = ["NUMBERS", "Layer", "layers"]

NUMBERS = (1, 2, 3, 4, 5)
"""Numbers of the layers, from the bottom up."""


@dataclass(frozen=True)
class Layer:
    """One layer: what it is for, what it offers upward and needs from below, and how it fails."""

    number: int
    name: str
    purpose: str
    question: str
    services: tuple[str, ...]
    needs: tuple[str, ...]
    unit: str
    names: tuple[str, ...]
    peers: tuple[str, ...]
    fails_by: tuple[str, ...]
    trusts: str
    not_here: tuple[str, ...]
    risk_tolerance: str

    def __str__(self) -> str:
        return f"layer {self.number} ({self.name})"


def layers(table: pd.DataFrame | None = None) -> dict[int, Layer]:
    """Number -> layer, bottom up, from the table ``layers`` (or one of the same columns)."""
    table = data.table("layers") if table is None else table
    many = {"services", "needs", "names", "peers", "fails_by", "not_here"}
    fields = [name for name in Layer.__dataclass_fields__ if name != "number"]
    return {
        int(row.layer): Layer(
            int(row.layer),
            **{name: _items(getattr(row, name)) if name in many else getattr(row, name) for name in fields},
        )
        for row in table.sort_values("layer").itertuples()
    }


def _items(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";"))
