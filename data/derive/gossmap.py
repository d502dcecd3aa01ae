"""Reading the channel graphs that Core Lightning keeps for its tests: real gossip of mainnet, compressed.

Format: the comment at the head of ``devtools/gossmap-compress.c`` in that repository (``GOSSMAP_COMPRESSv1``). All numbers
are big-endian BigSize (BOLT 1). Each kind of policy value is a list of the distinct values and one index a direction.

A file numbers its nodes; a second file gives each number its public key and name. The keys are needed for one thing: the
first direction of a channel leads away from the node with the lower key (BOLT 7, ``channel_flags``). They are not kept.
"""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterator
from dataclasses import dataclass

from channels import Channel, Policy
from upstream import Repository, UpstreamError

MAGIC = b"GOSSMAP_COMPRESSv1\0"
WHOLE, NEARLY_WHOLE = 0, 1
"""Codes for the largest payment: all of the capacity, 99 % of it."""


@dataclass(frozen=True)
class Gossmap:
    """A graph as its file gives it.

    `channels`: all that were announced; `disabled`: directions switched off by their node or never described by it;
    `blank`: further directions whose fees and time lock are all zero, which stands for a policy that the node never saw.
    """

    nodes: int
    channels: list[Channel]
    disabled: int
    blank: int


def numbers(content: bytes) -> Iterator[int]:
    """The BigSize numbers of a file, one after the other."""
    at = 0
    while at < len(content):
        first, at = content[at], at + 1
        size = {0xFD: 2, 0xFE: 4, 0xFF: 8}.get(first, 0)
        yield int.from_bytes(content[at : at + size], "big") if size else first
        at += size


def values(stream: Iterator[int], count: int) -> list[int]:
    """`count` values, each an index into the list of distinct values that stands before them."""
    distinct = [next(stream) for _ in range(next(stream))]
    return [distinct[next(stream)] for _ in range(count)]


def keys(text: str) -> dict[int, str]:
    """Number of a node -> its public key, from lines ``number:key:name``; a name may itself hold a line feed."""
    lines = (line.split(":", 2) for line in text.split("\n"))
    return {int(line[0]): line[1] for line in lines if len(line) > 1 and line[0].isdigit()}


def decode(graph: bytes, node_map: bytes) -> Gossmap:
    """The graph of a compressed file and its map of nodes; `ValueError` when the file is not of this format."""
    content = gzip.decompress(graph)
    if not content.startswith(MAGIC):
        raise ValueError(f"it starts with {content[: len(MAGIC)]!r}, not with {MAGIC!r}")
    stream = numbers(content[len(MAGIC) :])
    count = next(stream)
    first = [next(stream) for _ in range(count)]
    second = [next(stream) for _ in range(count)]
    off = set()
    while (direction := next(stream)) < 2 * count:
        off.add(direction)
    capacity = values(stream, count)
    least, largest, base, ppm, cltv = (values(stream, 2 * count) for _ in range(5))
    if next(stream, None) is not None:
        raise ValueError("it goes on behind the last list of values")
    key = keys(lzma.decompress(node_map).decode("utf-8", "replace"))
    blank = 0
    channels = []
    for number, ends in enumerate(zip(first, second, strict=True)):
        policies: list[Policy | None] = []
        for at in (2 * number, 2 * number + 1):
            unknown = base[at] == ppm[at] == cltv[at] == 0
            blank += unknown and at not in off
            shares = {WHOLE: 1000 * capacity[number], NEARLY_WHOLE: 990 * capacity[number]}
            policy = Policy(base[at], ppm[at], cltv[at], least[at], shares.get(largest[at], largest[at]))
            policies.append(None if unknown or at in off else policy)
        lower, higher = sorted(ends, key=key.__getitem__)
        channels.append(Channel(lower, higher, capacity[number], *policies))
    return Gossmap(len({*first, *second}), channels, len(off), blank)


def read(repository: Repository, day: str) -> Gossmap:
    """The graph of a day in a copy of Core Lightning's repository."""
    path = f"tests/data/gossip-store-{day}"
    graph, node_map = (repository.git("show", f"{repository.commit}:{path}{end}") for end in GOSSMAP_ENDS)
    try:
        return decode(graph, node_map)
    except (ValueError, OSError, EOFError, lzma.LZMAError) as error:
        raise UpstreamError(f"{repository.path} at {repository.commit}: {path}.compressed: {error}") from None


GOSSMAP_ENDS = (".compressed", "-node-map.xz")
