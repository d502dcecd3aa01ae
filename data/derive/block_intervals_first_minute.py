"""block_intervals_first_minute: the first minute of block_intervals, second by second.

python data/derive/block_intervals_first_minute.py BLOCK_ARRIVAL_TIMES [--out FILE]
"""

from __future__ import annotations

from block_intervals import first_minute
from upstream import main

FIELDS = ["node", "second_bin", "blocks", "source"]

if __name__ == "__main__":
    main("block_intervals_first_minute", ["block_arrival_times"], FIELDS, first_minute)
