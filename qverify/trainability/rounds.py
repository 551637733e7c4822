"""A chain in rounds, for routes that look at all wires at once: fixed gates first, then a batch of turns.

Steps on different wires commute, so any order that keeps the order on every wire is the same walk. In the order
of the walk a round takes every fixed step that is ready, then every turn that is ready and whose stretch of sites
no other turn of the batch meets: a layer of rotations is one round, however its gates were listed.
Sites are wires in an order that keeps gates short: as they are, or reverse Cuthill-McKee where that is shorter.
Source: Cuthill and McKee, Proc. 24th ACM Conf. (1969) 157, as in `scipy.sparse.csgraph`.  Cost: O(steps log steps).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from qverify.errors import Undecidable
from qverify.trainability.chain import Chain, Dephase, Linear, Reset, Step, Turn

Fixed = Linear | Dephase | Reset


@dataclass(frozen=True, slots=True)
class Round:
    """Fixed steps, in the order of the walk, then turns whose stretches of sites are apart."""

    fixed: tuple[Fixed, ...]
    turns: tuple[Turn, ...]


def wires_of(step: Step) -> tuple[int, ...]:
    """The wires that a step acts on."""
    return step.wires if isinstance(step, Turn | Linear) else (step.wire,)


def refuse_draws(chain: Chain, method: str) -> None:
    """Raise Undecidable where the chain's numbers change from walk to walk."""
    if chain.draw is not None:
        raise Undecidable(f"{method} needs the angles' moments as numbers, but this circuit's are drawn.")


def sites_of(chain: Chain) -> list[int]:
    """The site of each wire."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import reverse_cuthill_mckee

    pairs = {
        (a, b) for step in chain.steps for a in wires_of(step) for b in wires_of(step) if a != b
    }  # both directions: the graph is symmetric
    plain = list(range(chain.wires))
    if not pairs:
        return plain
    rows, columns = np.array(sorted(pairs)).T
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(chain.wires,) * 2).tocsr()
    order = reverse_cuthill_mckee(graph, symmetric_mode=True)
    short = np.argsort(order)
    crossings = [int(np.abs(at[rows] - at[columns]).sum()) for at in (np.array(plain), short)]
    return plain if crossings[0] <= crossings[1] else [int(k) for k in short]


def rounds_of(chain: Chain, touched: list[bool], sites: list[int]) -> list[Round]:
    """The touched steps as rounds, first the one at the circuit's end."""
    steps = [chain.steps[i] for i in range(len(chain.steps) - 1, -1, -1) if touched[i]]
    waiting, after = _order(steps, chain.wires)
    fixed: list[int] = []
    turns: list[int] = []
    ready = (i for i, count in enumerate(waiting) if count == 0)

    def free(indices: Iterable[int]) -> None:
        for i in indices:
            heapq.heappush(turns if isinstance(steps[i], Turn) else fixed, i)

    def release(i: int) -> list[int]:
        for j in after[i]:
            waiting[j] -= 1
        return [j for j in after[i] if waiting[j] == 0]

    free(ready)
    done: list[Round] = []
    while fixed or turns:
        before: list[Fixed] = []
        while fixed:
            i = heapq.heappop(fixed)
            before.append(steps[i])  # type: ignore[arg-type]  # only turns wait in the other heap
            free(release(i))
        batch = _apart([(i, steps[i]) for i in sorted(turns)], sites)
        turns = [i for i in turns if i not in set(batch)]
        heapq.heapify(turns)
        for i in batch:
            free(release(i))
        done.append(Round(tuple(before), tuple(s for i in batch if isinstance(s := steps[i], Turn))))
    return done


def _order(steps: list[Step], wires: int) -> tuple[list[int], list[list[int]]]:
    """For each step how many steps it waits for, and which wait for it."""
    last: list[int] = [-1] * wires
    waiting: list[int] = []
    after: list[list[int]] = []
    for i, step in enumerate(steps):
        earlier = {last[w] for w in wires_of(step)} - {-1}
        waiting.append(len(earlier))
        after.append([])
        for j in sorted(earlier):
            after[j].append(i)
        for w in wires_of(step):
            last[w] = i
    return waiting, after


def _apart(turns: list[tuple[int, Step]], sites: list[int]) -> list[int]:
    """The turns, from the left, whose stretches do not meet."""
    stretches = []
    for i, turn in turns:
        at = [sites[w] for w in wires_of(turn)]
        stretches.append((max(at), min(at), i))
    chosen, end = [], -1
    for last, first, i in sorted(stretches):  # by their right ends: no choice has more
        if first > end:
            chosen.append(i)
            end = last
    return chosen
