"""Structure, prices and cheapest routes: BOLT 7's example, small graphs by hand, and networkx as a second opinion."""

import itertools
import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moip import data
from moip.quant import graph, liquidity

steady = settings(deadline=None, derandomize=True, max_examples=30)
A, B, C, D = range(4)


POLICY = ["base_msat", "ppm", "cltv_blocks", "htlc_min_sat", "htlc_max_sat"]


def channels(rows):
    """A table of channels from (node_a, node_b, capacity_sat, policy of a or None, policy of b or None)."""
    table = pd.DataFrame([row[:3] for row in rows], columns=["node_a", "node_b", "capacity_sat"])
    for way, at in (("ab", 3), ("ba", 4)):
        for number, name in enumerate(POLICY):
            values = [row[at][number] if len(row) > at and row[at] else pd.NA for row in rows]
            table[f"{way}_{name}"] = pd.Series(values, dtype="Int64")
    return table


def bolt7():
    """The example of BOLT 7, "Routing Example": A, B, C, D in a square, each with its own fees and delta."""
    fees = {n: (100 * (n + 1), 1000 * (n + 1), 10 * (n + 1), 0, 10**9) for n in (A, B, C, D)}
    ends = [(A, B), (A, D), (B, C), (C, D)]
    return graph.directed(channels([(a, b, 10**9, fees[a], fees[b]) for a, b in ends]))


def edge(edges, source, target):
    """Position of the only edge between two nodes."""
    return int(np.flatnonzero((edges.source == source) & (edges.target == target))[0])


def way(edges, *nodes):
    return [edge(edges, *step) for step in itertools.pairwise(nodes)]


# Prices -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nodes", "sent_msat", "cltv"), [((B, C), 4_999_999, 18 + 42), ((A, B, C), 5_010_198, 20 + 60), ((A, D, C), 5_020_398, 40 + 60)]
)  # fmt: skip
def test_bolt7_example(nodes, sent_msat, cltv):
    edges = bolt7()
    priced = graph.price(edges, way(edges, *nodes), 4_999_999, final_cltv_blocks=18 + 42)
    assert priced.amounts_msat[0] == sent_msat
    assert priced.amounts_msat[-1] == 4_999_999
    assert priced.fee_msat == sent_msat - 4_999_999
    assert priced.cltv_blocks == cltv
    assert priced.valid
    assert graph.ladder(edges, way(edges, *nodes), 60)[0] == cltv
    assert graph.ladder(edges, way(edges, *nodes), 60)[-1] == 60


def test_bolt7_example_is_found():
    edges = bolt7()
    expected = tuple(way(edges, A, B, C))
    assert graph.Router(edges, 4_999.999).routes([A], [C]) == [expected]
    assert graph.cheapest_exact(edges, A, C, 4_999_999) == expected


def test_fee_of_the_largest_amounts_does_not_overflow():
    amount, ppm = 21_000_000 * 10**11, 1_000_000
    assert int(graph.fee_msat(amount, 0, ppm)) == amount
    assert graph.fee_msat([4_999_999, 1], 200, 2000).tolist() == [200 + 9999, 200]


def test_limits_decide_whether_a_route_is_valid():
    edges = graph.directed(channels([(0, 1, 1000, (0, 0, 1, 0, 1000)), (1, 2, 1000, (2000, 0, 9, 0, 1000))]))
    assert graph.price(edges, [0, 1], 998_000).valid
    assert not graph.price(edges, [0, 1], 999_000).valid  # 1,001 sat do not fit into the first channel
    assert not edges.carries(1001).any()


def test_a_broken_route_is_refused():
    edges = bolt7()
    with pytest.raises(ValueError, match="starts at"):
        graph.price(edges, [edge(edges, A, B), edge(edges, D, C)], 1000)


def test_a_table_without_policies_has_no_directions():
    with pytest.raises(ValueError, match="no policies"):
        graph.directed(pd.DataFrame({"node_a": [0], "node_b": [1], "capacity_sat": [1]}))


# Search -------------------------------------------------------------------------------------------------------------


@st.composite
def graphs(draw, ppm=True):
    """A random graph of up to 9 nodes with parallel channels, missing directions and lower and upper limits."""
    nodes = draw(st.integers(3, 9))
    ends = st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)).filter(lambda pair: pair[0] < pair[1])
    policy = st.none() | st.tuples(
        st.integers(0, 3000),
        st.integers(0, 5000 if ppm else 0),
        st.integers(1, 200),
        st.just(0),
        st.integers(500, 5000),
    )
    rows = draw(st.lists(st.tuples(ends, st.integers(500, 5000), policy, policy), min_size=2, max_size=24))
    table = channels([(*pair, capacity, one, other) for pair, capacity, one, other in rows])
    return graph.directed(table)


def pairs(edges):
    both = list(itertools.permutations(range(edges.nodes), 2))
    return [a for a, _ in both], [b for _, b in both]


@given(graphs(ppm=False))
@steady
def test_with_flat_fees_the_router_is_exact(edges):
    """Without proportional fees nothing depends on the amount, so both searches must agree, on all pairs."""
    found = graph.Router(edges, 100, hubs=3).routes(*pairs(edges))
    for payer, receiver, route in zip(*pairs(edges), found, strict=True):
        exact = graph.cheapest_exact(edges, payer, receiver, 100_000)
        assert (route is None) == (exact is None)
        if route is not None:
            one, other = (graph.price(edges, way, 100_000) for way in (route, exact))
            assert (one.fee_msat, one.hops) == (other.fee_msat, other.hops)


@given(graphs(), st.integers(1, 4000), st.sampled_from([0.0, 2500.0, math.inf]), st.sampled_from([0, 2, 9]))
@steady
def test_router_agrees_with_networkx(edges, amount_sat, risk_msat, hubs):
    found = graph.Router(edges, amount_sat, risk_msat, hubs=hubs).routes(*pairs(edges))
    weights = _weights(edges, amount_sat, risk_msat)
    least = {payer: _networkx(edges, weights, payer) for payer in range(edges.nodes)}
    for payer, receiver, route in zip(*pairs(edges), found, strict=True):
        best = least[payer].get(receiver)
        if route is None:
            assert best is None
            continue
        assert edges.source[route[0]] == payer
        assert edges.target[route[-1]] == receiver
        assert edges.carries(amount_sat)[list(route)].all()
        assert sum(weights[at] for at in route[1:]) == pytest.approx(best)


def _weights(edges, amount_sat, risk_msat):
    fee = graph.fee_msat(amount_sat * 1000, edges.base_msat, edges.ppm) + 0.0
    chance = liquidity.risk(amount_sat, edges.capacity_sat)
    weights = chance + 1e-9 if math.isinf(risk_msat) else fee + graph.HOP
    if 0 < risk_msat < math.inf:
        weights = weights + risk_msat * chance
    return np.where(edges.carries(amount_sat), weights, np.nan)


def _networkx(edges, weights, payer):
    """Receiver -> least weight of a route from the payer, whose own channels are free."""
    net = nx.MultiDiGraph()
    net.add_node(payer)
    for at in np.flatnonzero(~np.isnan(weights)):
        own = edges.source[at] == payer
        net.add_edge(int(edges.source[at]), int(edges.target[at]), weight=0.0 if own else float(weights[at]))
    return nx.single_source_dijkstra_path_length(net, payer)


def test_queries_need_two_nodes():
    with pytest.raises(ValueError, match="same node"):
        graph.Router(bolt7(), 1).routes([A], [A])
    with pytest.raises(ValueError, match="amount_sat is 0"):
        graph.Router(bolt7(), 0)
    with pytest.raises(ValueError, match="risk_msat is -1"):  # a search over negative weights would not end
        graph.Router(bolt7(), 1, risk_msat=-1)


def test_nothing_carries_too_large_an_amount():
    assert graph.Router(bolt7(), 10**12).routes([A, B], [C, C]) == [None, None]


@pytest.fixture(scope="module")
def real():
    return graph.directed(data.table("lightning_channels_2026"))


@pytest.mark.parametrize("amount_sat", [1_000, 1_000_000])
def test_on_the_real_graph_the_shortcut_costs_next_to_nothing(real, amount_sat):
    core = graph.core_nodes(real, amount_sat)
    ends = np.random.default_rng(11).choice(core, (12, 2), replace=False)
    for (payer, receiver), route in zip(ends, graph.Router(real, amount_sat).routes(*ends.T), strict=True):
        fee = graph.price(real, route, amount_sat * 1000).fee_msat
        exact = graph.cheapest_exact(real, int(payer), int(receiver), amount_sat * 1000)
        least = graph.price(real, exact, amount_sat * 1000)
        assert least.valid
        assert fee <= least.fee_msat * 1.01 + 1


def test_the_likeliest_route_is_likelier_and_dearer(real):
    core = graph.core_nodes(real, 500_000)
    ends = np.random.default_rng(5).choice(core, (40, 2), replace=False)
    results = {}
    for risk_msat in (0.0, math.inf):
        routes = graph.Router(real, 500_000, risk_msat).routes(*ends.T)
        caps = [[math.inf, *real.capacity_sat[list(route[1:])]] for route in routes]
        chance = np.array([float(liquidity.route(500_000, one)) for one in caps])
        results[risk_msat] = chance, np.array([graph.price(real, route, 5 * 10**8).fee_msat for route in routes])
    assert (results[math.inf][0] >= results[0.0][0] - 1e-9).all()
    assert results[math.inf][1].sum() > results[0.0][1].sum()


def test_survey_prices_each_payment_and_gives_its_chance():
    policy = (0, 10_000, 10, 0, 10**9)
    line = graph.directed(
        channels([(0, 1, 10, policy, None), (1, 2, 99_999, policy, None), (2, 3, 59_999, policy, None)])
    )
    table = graph.survey(line, 10, [0, 0, 1, 3, 0], [1, 2, 3, 0, 3], room=0)
    assert graph.survey(line, 10, [0], [1]).hops.isna().all()  # no room for a hundredth more
    assert table.hops.fillna(0).tolist() == [1, 2, 2, 0, 3]
    assert table.fee_msat.fillna(-1).tolist() == [0, 100, 100, -1, 201]
    assert table.cltv_blocks.fillna(0).tolist() == [18, 28, 28, 0, 38]
    own, two, second, none, three = table.chance
    assert 0.5 < table.chance_unbalanced[2] <= 1
    assert table.chance_unbalanced[3] == 0
    assert own == 1
    assert two == three == 0  # the first channel has room for 10 sat and for no fee
    assert second == pytest.approx(59_990 / 60_000)
    assert none == 0


# Structure ----------------------------------------------------------------------------------------------------------


def bow():
    """A triangle 0 1 2 with a tail 2-3-4 and a pair 5-6 apart."""
    return channels([(0, 1, 10), (1, 2, 20), (0, 2, 30), (0, 2, 5), (2, 3, 40), (3, 4, 50), (5, 6, 60)])


def test_structure_by_hand():
    shape = graph.structure(bow())
    assert (shape.nodes, shape.channels, shape.capacity_sat, shape.components) == (7, 7, 215, 2)
    assert shape.largest_component == pytest.approx(5 / 7)
    assert shape.one_peer == pytest.approx(3 / 7)
    assert shape.cut_nodes == 2
    assert shape.cut_off == pytest.approx(2 / 5)
    assert graph.node_capacity(bow()).tolist() == [45, 30, 95, 90, 50, 60, 60]
    assert graph.without(bow(), [2]) == pytest.approx(2 / 7)


def test_dropped_nodes_leave_no_gap():
    left = graph.drop(bow(), [1, 6])
    assert left[["node_a", "node_b", "capacity_sat"]].to_numpy().tolist() == [
        [0, 1, 30], [0, 1, 5], [1, 2, 40], [2, 3, 50]
    ]  # fmt: skip


def test_distances_by_hand():
    line = channels([(0, 1, 1), (1, 2, 1), (2, 3, 1)])
    assert graph.distances(line, 4).tolist() == pytest.approx([6 / 12, 4 / 12, 2 / 12])


def test_passable_is_the_widest_path_of_every_pair():
    table = bow()
    net = nx.Graph()
    for a, b, capacity in table[["node_a", "node_b", "capacity_sat"]].itertuples(index=False):
        net.add_edge(a, b, weight=max(capacity, net.edges.get((a, b), {"weight": 0})["weight"]))
    tree = nx.maximum_spanning_tree(net)
    widest = []
    for a, b in itertools.permutations(range(7), 2):
        if nx.has_path(tree, a, b):
            widest.append(min(tree.edges[step]["weight"] for step in itertools.pairwise(nx.shortest_path(tree, a, b))))
    for amount, share in graph.passable(table, [1, 20, 25, 30, 45, 61]).items():
        assert share == pytest.approx(sum(width >= amount for width in widest) / 42)


def test_reach_follows_directions():
    ring = [(0, 1, 9, (0, 0, 1, 0, 9)), (1, 2, 9, (0, 0, 1, 0, 9)), (0, 2, 9, None, (0, 0, 1, 0, 4))]
    reach = graph.reachable(graph.directed(channels(ring)), [4, 5])
    assert reach.core.tolist() == [1.0, pytest.approx(1 / 3)]
    assert reach.pays.tolist() == [1.0, pytest.approx(2 / 3)]
    assert graph.core_nodes(graph.directed(channels(ring)), 4).tolist() == [0, 1, 2]


def test_concentration():
    assert graph.gini([1, 1, 1, 1]) == pytest.approx(0)
    assert graph.gini([0, 0, 0, 1]) == pytest.approx(3 / 4)
    assert graph.gini([1, 2, 3, 4]) == pytest.approx(0.25)
    assert graph.top_share([5, 1, 3, 1], 2) == pytest.approx(0.8)
    with pytest.raises(ValueError):
        graph.gini([0, 0])
