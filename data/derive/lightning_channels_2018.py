"""lightning_channels_2018: the public channels of Lightning on 2018-08-24, as one lnd node knew them.

python data/derive/lightning_channels_2018.py LIGHTNING_GRAPHS [--out FILE]
"""

from __future__ import annotations

from collections.abc import Iterator

import channels
import graphml
from upstream import Repository, Row, main

PATH = "data/20180824_120001.xml"


def derive(lightning_graphs: Repository) -> Iterator[Row]:
    """All channels of the file; it has no policies, so live ones cannot be told from others."""
    return channels.rows(graphml.read(lightning_graphs, PATH)[1])


if __name__ == "__main__":
    main("lightning_channels_2018", ["lightning_graphs"], channels.FIELDS, derive)
