"""The register of technologies: how well two codings agree, and which rows are due for review.

Agreement beyond chance is 1 for full agreement and 0 for what chance alone would give.

- Cohen's kappa (Cohen 1960, doi:10.1177/001316446002000104): two coders, nominal; weighted for ordered classes.
- Krippendorff's alpha (Hayes and Krippendorff 2007, Communication Methods and Measures 1(1); Krippendorff 2011,
  "Computing Krippendorff's Alpha-Reliability"): any number of coders, values may be missing, nominal or ordinal.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from .catalog import TRUST_CLASSES
from .layers import NUMBERS

__all__ = ["agreement", "cohen_kappa", "due", "krippendorff_alpha", "span_overlap"]


def cohen_kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    order: Sequence[Hashable] | None = None,
    power: float = 0,
) -> float:
    """Cohen's kappa of two codings of the same units; NaN where chance alone would make them agree.

    order: the classes in their order (default: as they sort). power: 0 every disagreement counts alike, 1 by the
    distance of the classes in that order (linear weights), 2 by its square. ValueError for lengths that differ, no
    unit, or a value that is not in ``order``.
    """
    if len(first) != len(second) or not len(first):
        raise ValueError(f"two codings of the same units are needed, not {len(first)} and {len(second)} values")
    codes, classes = _coded([first, second], order)
    apart = np.abs(np.subtract.outer(np.arange(classes), np.arange(classes)))
    weight = (apart > 0).astype(float) if power == 0 else apart.astype(float) ** power
    table = np.bincount(codes[0] * classes + codes[1], minlength=classes**2).reshape(classes, classes) / len(first)
    expected = float((weight * np.outer(table.sum(axis=1), table.sum(axis=0))).sum())
    return 1 - float((weight * table).sum()) / expected if expected else float("nan")


def krippendorff_alpha(
    codings: Sequence[Sequence[Hashable]], order: Sequence[Hashable] | None = None, ordinal: bool = False
) -> float:
    """Krippendorff's alpha of codings, one sequence a coder; None or NaN marks a value that is missing.

    Units with fewer than two values do not count. order: the classes in their order (default: as they sort).
    ordinal: the distance of two classes grows with the number of values between them. NaN where only one class occurs.
    ValueError for lengths that differ, no unit with two values, or a value that is not in ``order``.
    """
    if len({len(coding) for coding in codings}) != 1:
        raise ValueError("every coder must have a value, or None, for every unit")
    codes, classes = _coded(codings, order)
    counts = np.stack([(codes == c).sum(axis=0) for c in range(classes)], axis=1)  # units x classes
    counts = counts[counts.sum(axis=1) > 1]
    if not len(counts):
        raise ValueError("no unit has two values")
    pairs = counts.sum(axis=1) - 1
    coincidence = (counts / pairs[:, None]).T @ counts - np.diag((counts / pairs[:, None]).sum(axis=0))
    total = coincidence.sum(axis=0)
    if ordinal:  # values from one class to the other, its own and the other's by half
        upto = np.cumsum(total) - total / 2
        distance = np.subtract.outer(upto, upto) ** 2
    else:
        distance = 1 - np.eye(classes)
    expected = float((distance * np.outer(total, total)).sum()) / (total.sum() - 1)
    return 1 - float((distance * coincidence).sum()) / expected if expected else float("nan")


def _coded(codings: Sequence[Sequence[Hashable]], order: Sequence[Hashable] | None) -> tuple[np.ndarray, int]:
    """Values as numbers of their classes, -1 where missing (coders x units), and the number of classes."""
    present = {v for coding in codings for v in coding if not pd.isna(v)}
    classes = sorted(present) if order is None else list(order)
    if strange := present - set(classes):
        raise ValueError(f"{sorted(map(str, strange))[0]!r} is not in the order {classes}")
    number = {value: i for i, value in enumerate(classes)}
    return np.array([[-1 if pd.isna(v) else number[v] for v in coding] for coding in codings]), len(classes)


def agreement(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Agreement of two codings of the register, by field.

    Both have columns technology, layer and trust_class; technologies in both are compared. One row each for the layer,
    the trust class, and the trust class of technologies that neither coding calls ``none`` (which is no step of the
    scale): field, technologies, agreed (fraction), kappa, kappa_linear (weighted), alpha, alpha_ordinal. ValueError
    where no technology is in both.
    """
    both = first.merge(second, on="technology", suffixes=("", "_second"))
    if both.empty:
        raise ValueError("the two codings have no technology in common")
    holding = both[(both["trust_class"] != "none") & (both["trust_class_second"] != "none")]
    rows = []
    for name, field, order, part in (
        ("layer", "layer", NUMBERS, both),
        ("trust class", "trust_class", TRUST_CLASSES, both),
        ("trust class, where both see one", "trust_class", TRUST_CLASSES[1:], holding),
    ):
        one, two = part[field].tolist(), part[f"{field}_second"].tolist()
        agreed = sum(a == b for a, b in zip(one, two, strict=True)) / len(part)
        kappas = [cohen_kappa(one, two, order, power) for power in (0, 1)]
        alphas = [krippendorff_alpha([one, two], order, ordinal) for ordinal in (False, True)]
        rows.append([name, len(part), agreed, *kappas, *alphas])
    columns = ["field", "technologies", "agreed", "kappa", "kappa_linear", "alpha", "alpha_ordinal"]
    return pd.DataFrame(rows, columns=columns)


def span_overlap(spans: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """How far two codings agree on all layers that a technology works at.

    spans: columns technology and layer, one row a span. second: columns technology, layer and spans (layers besides
    the primary one: a sequence of numbers or texts). One row for each technology in both, in the order of ``second``:
    technology, first, second (tuples of layers), overlap: layers in both / layers in either (Jaccard), 1 if the same.
    """
    own = spans.groupby("technology")["layer"].agg(lambda layers: frozenset(map(int, layers)))
    rows = []
    for row in second[second["technology"].isin(own.index)].itertuples(index=False):
        one, two = own[row.technology], frozenset({int(row.layer), *map(int, row.spans)})
        rows.append([row.technology, tuple(sorted(one)), tuple(sorted(two)), len(one & two) / len(one | two)])
    return pd.DataFrame(rows, columns=["technology", "first", "second", "overlap"])


def due(technologies: pd.DataFrame, today: pd.Timestamp | str) -> pd.DataFrame:
    """Rows of the register whose review is due on a day, the longest overdue first.

    Columns: technology, name, layer, as_of, review_months, due_on, overdue_days (0 on the day itself).
    """
    today = pd.Timestamp(today)
    on = [a + pd.DateOffset(months=int(m)) for a, m in zip(technologies.as_of, technologies.review_months, strict=True)]
    rows = technologies[["technology", "name", "layer", "as_of", "review_months"]].assign(due_on=pd.to_datetime(on))
    rows = rows.assign(overdue_days=(today - rows["due_on"]).dt.days)
    late = rows[rows["overdue_days"] >= 0]
    return late.sort_values(["overdue_days", "technology"], ascending=[False, True], ignore_index=True)
