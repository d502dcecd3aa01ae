"""How fast stacks are checked and folded: whole arrays against a plain loop over the same stacks."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np

from . import enumerate as stacks
from .properties import UNKNOWN

__all__ = ["model_bench"]

LOOP = 2_000
ARRAY = 1_000_000


def plain(space: stacks.Space, codes: np.ndarray) -> list[tuple[bool, dict]]:
    """Check and fold candidates one by one, with sets and the monoids themselves; nothing is remembered between them."""
    catalog = space.catalog
    result = []
    for code in codes:
        members = [catalog.members[name] for name in space.names(code)]
        offers = set().union(*(member.offers for member in members))
        needs = catalog.demanded.union(*(member.needs for member in members))
        filled = {catalog.services[service].layer for service in offers}
        values = {
            key: one.monoid.fold(catalog.value(member.key, key) for member in members)
            for key, one in catalog.properties.items()
        }
        result.append((needs <= offers and len(filled) == 5, values))
    return result


def same(space: stacks.Space, codes: np.ndarray) -> bool:
    """Whether the loop and the arrays give the same answers for these candidates."""
    good, folded = stacks.check(space, codes), stacks.fold(space, codes)
    for i, (well_formed, values) in enumerate(plain(space, codes)):
        if well_formed != good[i]:
            return False
        for key, value in values.items():
            found = folded[key][i]
            if space.catalog.property(key).monoid.name == "union":
                names = stacks.kinds(space, key)
                expected = sum(1 << names.index(kind) for kind in value) if value is not UNKNOWN else 2**64 - 1
                if int(found) != expected:
                    return False
            elif not np.isclose(found, np.nan if value is UNKNOWN else value, rtol=1e-12, equal_nan=True):
                return False
    return True


def _timed(work) -> tuple[float, float]:
    """Seconds of a call, and the peak of memory (MB) of another one; tracing would slow the first."""
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    tracemalloc.start()
    try:
        work()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return seconds, peak / 1e6


def model_bench(loop: int = LOOP, array: int = ARRAY, space: stacks.Space | None = None) -> list[dict[str, object]]:
    """Rows for ``make bench``: what, stacks, seconds, stacks_per_s, peak_mb. One core; the catalog is loaded before.

    The plain loop and the arrays check and fold the same random candidates; AssertionError if they disagree on the
    first few hundred. The last row finds all well-formed stacks of the catalog, folded too; its count of stacks is that
    of the candidates decided.
    """
    space = space or stacks.Space.of()
    codes = stacks.sample(space, array, seed=1)
    few = codes[:loop]
    assert same(space, few[:300])
    every = stacks.find(space)

    def arrays(part: np.ndarray) -> None:
        stacks.check(space, part)
        stacks.fold(space, part)

    work = [
        ("plain loop, candidates checked and folded", len(few), lambda: plain(space, few)),
        ("arrays, the same candidates", len(few), lambda: arrays(few)),
        ("arrays, candidates checked and folded", len(codes), lambda: arrays(codes)),
        ("arrays, well-formed stacks folded", len(every), lambda: stacks.fold(space, every)),
        ("all candidates decided by pruning", space.candidates, lambda: stacks.find(space)),
    ]
    rows = []
    for what, count, call in work:
        seconds, peak = _timed(call)
        rows.append(
            {"what": what, "stacks": count, "seconds": seconds, "stacks_per_s": count / seconds, "peak_mb": peak}
        )
    return rows
