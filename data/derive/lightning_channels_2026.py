"""lightning_channels_2026: the live public channels of Lightning on 2026-02-03, as one Core Lightning node knew them.

    python data/derive/lightning_channels_2026.py CORE_LIGHTNING [--out FILE]

A channel is live when at least one of its directions has a policy that is known and not disabled.
"""

from __future__ import annotations

from collections.abc import Iterator

import channels
import gossmap
from upstream import Repository, Row, main

DAY = "2026-02-03"


def derive(core_lightning: Repository) -> Iterator[Row]:
    """The live channels of the day, with the policies of both directions."""
    announced = gossmap.read(core_lightning, DAY).channels
    return channels.rows_with_policies(channel for channel in announced if channel.live)


if __name__ == "__main__":
    main("lightning_channels_2026", ["core_lightning"], channels.FIELDS_WITH_POLICIES, derive)
