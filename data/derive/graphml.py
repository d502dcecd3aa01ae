"""Reading a channel graph as GraphML: what ``lncli describegraph`` of an lnd node said, converted by the upstream."""

from __future__ import annotations

from xml.etree import ElementTree

from channels import Channel
from upstream import Repository

SPACE = "{http://graphml.graphdrawing.org/xmlns}"


def read(repository: Repository, path: str) -> tuple[int, list[Channel]]:
    """How many nodes the file of a repository has, and its channels; a node's number is its place in the file."""
    graph = ElementTree.fromstring(repository.read(path)).find(f"{SPACE}graph")
    number = {node.get("id"): place for place, node in enumerate(graph.findall(f"{SPACE}node"))}
    channels = []
    for edge in graph.findall(f"{SPACE}edge"):
        capacity = int(edge.findtext(f"{SPACE}data[@key='capacity']"))
        channels.append(Channel(number[edge.get("source")], number[edge.get("target")], capacity))
    return len(number), channels
