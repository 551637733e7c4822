"""The order of ends: the least width, found by trying all orders; never worse than the plain one."""

from __future__ import annotations

from itertools import permutations
from random import Random

import networkx as nx
import pytest

from qverify.wires import reuse
from qverify.wires.reuse import order, width
from qverify.wires.reuse_search import searched
from tests.strategies import from_seed


def cones_of(source: Random, n: int) -> list[int]:
    return [1 << i | sum(1 << j for j in source.sample(range(n), source.randint(0, min(3, n)))) for i in range(n)]


def alive_at_most(cones: list[int], ends: tuple[int, ...], kept: set[int]) -> int:
    """By living through it: all of a cone begins, then its life ends."""
    alive, gone, most = set(kept), set[int](), len(kept)
    alive = set()
    for i in ends:
        alive |= {j for j in range(len(cones)) if cones[i] >> j & 1} - gone
        most = max(most, len(alive))
        alive.discard(i)
        gone.add(i)
    return max(most, len(alive | kept))


@pytest.mark.parametrize("seed", range(60))
def test_exact_width_is_the_least_over_all_orders(seed: int) -> None:
    source = from_seed(seed)
    n = source.randint(1, 6)
    cones, kept = cones_of(source, n), set(source.sample(range(n), source.randint(0, n // 2)))
    ending = [i for i in range(n) if i not in kept]
    least = min(alive_at_most(cones, ends, kept) for ends in permutations(ending))
    found = order(cones, kept)
    assert (found.width, found.at_least) == (least, least)
    assert found.method == "exact"
    assert sorted(found.ends) == ending
    assert width(cones, found.ends, kept) == alive_at_most(cones, found.ends, kept) == least


@pytest.mark.parametrize("seed", range(12))
def test_heuristic_is_never_below_exact_nor_above_the_plain_order(seed: int) -> None:
    cones = cones_of(from_seed(seed), 14)
    exact, near = order(cones), order(cones, small=0)
    assert near.method == "heuristic"
    assert exact.is_least
    assert near.at_least <= exact.width <= near.width <= width(cones, range(14))


@pytest.mark.parametrize(
    ("graph", "least"),
    [
        (nx.path_graph(40), 2),
        (nx.cycle_graph(30), 3),
        (nx.star_graph(50), 2),
        (nx.complete_graph(30), 30),
        (nx.grid_2d_graph(4, 12), 5),
    ],
)
def test_one_layer_on_a_graph_needs_its_pathwidth_and_one(graph: nx.Graph, least: int) -> None:
    numbers = {node: k for k, node in enumerate(graph)}
    cones = [1 << numbers[v] | sum(1 << numbers[u] for u in graph[v]) for v in graph]
    assert order(cones, small=0).width == least


def test_pieces_that_share_nothing_are_as_wide_as_the_widest() -> None:
    triple = [0b111, 0b111, 0b111]
    assert order([*triple, *(c << 3 for c in triple), 1 << 6]).width == 3
    assert order([*triple, 1 << 3, 1 << 4], kept=[3, 4]).width == 3  # what is kept begins last
    assert order([0b11, 0b11], kept=[0, 1]).width == 2


def test_same_cones_give_the_same_order_and_long_searches_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    cones = cones_of(from_seed(5), 30)
    assert searched(cones) == searched(cones)
    monkeypatch.setattr(reuse, "STATES", 3)
    found = order(cones)
    assert found.method == "heuristic"
    assert found.at_least <= found.width


def test_random_cubic_graphs_beat_the_greedy_of_the_facts() -> None:
    """80 wires, one layer: 14.2 on average by the plain greedy; the whole table is in benchmarks/reuse.py."""
    graph = nx.random_regular_graph(3, 80, seed=0)
    assert order([1 << v | sum(1 << u for u in graph[v]) for v in range(80)]).width <= 15
