"""How many people are left among whom a payer cannot be told, when several layers each give something away.

The *anonymity set* is the set of people who look alike to an observer (RFC 6973). Each layer leaves a share
of the people: those whose trace at that layer looks like the payer's. Who joins what all layers show is left with
the people in every one of these sets: their intersection. Its size depends on how the sets lie to each other:

- the share left is never above the smallest of the shares, since an intersection lies within each of its sets, and
  never below 1 - sum(1 - share), since those who drop out are at most all that the layers drop (`bounds`);
- if the sets are independent it is the product of the shares (`independent`);
- if who is like the payer in one layer tends to be like the payer in others, it lies between the product and the smallest
  share. `alike` has one number for that tendency: one trait, common to all layers, and one of each layer's own (a
  Gaussian copula with one factor).

Shares are of people other than the payer; the payer is in every set.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import pi, prod, sqrt

import numpy as np
from scipy import special, stats

from ..inputs import number

__all__ = ["alike", "bounds", "chance_alone", "gain", "independent", "likeness", "others_left", "simulate"]


def _checked(shares: Sequence[float]) -> list[float]:
    if not len(shares):
        raise ValueError("no layer is given; name at least one share")
    return [float(number(share, "share", 0, 1)) for share in shares]


def independent(shares: Sequence[float]) -> float:
    """Share left if the layers' sets are independent: the product. ValueError for a share outside 0 to 1, or for none."""
    return prod(_checked(shares))


def bounds(shares: Sequence[float]) -> tuple[float, float]:
    """Least and greatest share that can be left, whatever the sets have to do with each other."""
    shares = _checked(shares)
    return max(0.0, 1 - sum(1 - share for share in shares)), min(shares)


def alike(shares: Sequence[float], correlation: float) -> float:
    """Share left if likeness at one layer goes with likeness at others.

    A person is in the set of layer i if sqrt(r) C + sqrt(1 - r) E_i lies below the share's quantile, with C common to
    all layers, E_i the layer's own, all standard normal and independent. ``correlation`` r from 0 (`independent`)
    to 1 (the smallest share). Trapezoidal rule over C, to about 1e-9 for r up to 0.999. ValueError for r or a share out of range.
    """
    shares = _checked(shares)
    number(correlation, "likeness", 0, 1)
    if correlation == 0 or min(shares) == 0:
        return prod(shares)
    if correlation == 1:
        return min(shares)
    cuts = special.ndtri([share for share in shares if share < 1])
    common = np.linspace(-9, 9, 20_001)[:, None]
    inside = special.ndtr((cuts - sqrt(correlation) * common) / sqrt(1 - correlation)).prod(axis=1)
    density = np.exp(-(common[:, 0] ** 2) / 2) / sqrt(2 * pi)
    return float(density @ inside * (common[1, 0] - common[0, 0]))


def simulate(shares: Sequence[float], correlation: float, people: int, seed: int = 0) -> int:
    """How many of ``people`` others are left, drawn once from the model of `alike`."""
    shares = _checked(shares)
    number(correlation, "likeness", 0, 1)
    rng = np.random.default_rng(seed)
    common = sqrt(correlation) * rng.standard_normal(people)
    left = np.ones(people, dtype=bool)
    for share in shares:
        left &= common + sqrt(1 - correlation) * rng.standard_normal(people) < stats.norm.ppf(share)
    return int(left.sum())


def gain(shares: Sequence[float], layer: int, correlation: float = 0.0) -> float:
    """Times as many people left once the layer at position ``layer`` gives nothing away; infinity if none were."""
    shares = _checked(shares)
    before = alike(shares, correlation)
    after = alike([1.0 if i == layer else share for i, share in enumerate(shares)], correlation)
    if before == 0:
        return float("inf") if after > 0 else 1.0
    return after / before


def others_left(people: int, sizes: Sequence[int]) -> float:
    """Expected number of other people in all sets, each a random set of given size that holds the payer.

    ``people``: all, the payer included. Each set holds size - 1 of the people - 1 others, so that the expectation is
    (people - 1) times the product of (size - 1) / (people - 1): the mean of a hypergeometric variable, repeated.
    """
    _check_sizes(people, sizes)
    return (people - 1) * prod((size - 1) / (people - 1) for size in sizes)


def chance_alone(people: int, sizes: Sequence[int]) -> float:
    """Chance that nobody but the payer is in all sets (see `others_left`): exact, a hypergeometric step a layer."""
    _check_sizes(people, sizes)
    others = people - 1
    left = np.zeros(others + 1)
    left[sizes[0] - 1] = 1.0
    for size in sizes[1:]:
        found = np.flatnonzero(left > 1e-15)
        step = np.zeros(others + 1)
        for k in found:
            counts = np.arange(min(k, size - 1) + 1)
            step[counts] += left[k] * stats.hypergeom.pmf(counts, others, k, size - 1)
        left = step
    return float(left[0])


def _check_sizes(people: int, sizes: Sequence[int]) -> None:
    if people < 2 or not len(sizes):
        raise ValueError("there must be at least two people and one layer")
    if bad := [size for size in sizes if not 1 <= size <= people]:
        raise ValueError(f"a set of {bad[0]} people is impossible: the payer is in it, and there are {people} in all")


def likeness(traits: Sequence[Sequence[Hashable]]) -> tuple[np.ndarray, float]:
    """Share of pairs that are alike in each trait (k,), and in all of them together.

    ``traits``: n rows of k values, one row a person (or a wallet). If traits were independent, the second number would
    be near the product of the first. ValueError for fewer than two rows.
    """
    table = np.asarray([list(row) for row in traits], dtype=object)
    if table.ndim != 2 or len(table) < 2:
        raise ValueError("likeness needs at least two rows of equal length")
    first, second = np.triu_indices(len(table), 1)
    same = table[first] == table[second]
    return same.mean(axis=0).astype(float), float(same.all(axis=1).mean())
