"""multipart_chances: how likely payments in 1 to 8 parts are over the Lightning graph of 2026, by a seeded simulation.

    python data/derive/multipart_chances.py [--out FILE]

It reads no repository, only the table lightning_channels_2026, and takes some minutes. It needs the package of the book
(`pip install .`). A test computes rows again.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from upstream import DATA, Row, write

from moip import data
from moip.quant.graph import core_nodes, directed
from moip.quant.multipart import Splitter, draw

AMOUNTS = (10_000, 100_000, 1_000_000)
PARTS = (1, 2, 4, 8)
PAIRS, DRAWS, SEED = 200, 10, 2026
FIELDS = [
    "amount_sat", "payer", "receiver", *(f"chance_{parts}" for parts in PARTS), "last_channel_1",
    "draws_one_route", "draws_any_parts", "source",
]  # fmt: skip


def derive() -> Iterator[Row]:
    """One row for each amount and pair; pairs are drawn from the nodes that can pay each other the smallest amount."""
    edges = directed(data.table("lightning_channels_2026"))
    rng = np.random.default_rng(SEED)
    core = core_nodes(edges, AMOUNTS[0])
    pairs = sorted({tuple(map(int, rng.choice(core, 2, replace=False))) for _ in range(PAIRS)})
    balances = [draw(edges, rng) for _ in range(DRAWS)]
    splitter = Splitter(edges)
    for amount in AMOUNTS:
        for payer, receiver in pairs:
            plans = {parts: splitter.plan(payer, receiver, amount, parts) for parts in PARTS}
            row = {f"chance_{parts}": round(plan.chance, 6) if plan else 0 for parts, plan in plans.items()}
            last = plans[1].routes[0][-1] if plans[1] and len(plans[1].routes[0]) > 1 else None
            could = [splitter.ceiling(drawn, payer, receiver, amount) for drawn in balances]
            row["last_channel_1"] = "" if last is None else round(1 - amount / (int(edges.capacity_sat[last]) + 1), 6)
            row["draws_one_route"], row["draws_any_parts"] = (int(sum(way)) for way in zip(*could, strict=True))
            yield {"amount_sat": amount, "payer": payer, "receiver": receiver, **row, "source": "repo-core-lightning"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Compute data/multipart_chances.csv from lightning_channels_2026.")
    parser.add_argument("--out", type=Path, default=DATA / "multipart_chances.csv", help="where to write")
    write(derive(), FIELDS, parser.parse_args().out)
