"""A good order of ends for any number of lives: greedy, from many starts and again from points of the best order.

    next to end   the life whose cone begins the fewest lives;
    among equals  the one whose new lives lead to the fewest lives that nothing led to before;
    among those   one that is drawn, from a generator with a fixed seed

A run is given up once it is as wide as the best one. When every start was tried, a prefix of the best order is kept
and the rest is found anew. Steps are counted, so the same cones give the same order on every machine.
Source: greedy causal cones, DeCross et al., arXiv:2210.08039; restarts as in GRASP, Feo and Resende (1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

STEPS = 30_000  # lives that may be ended over all runs
STARTS = 0.4  # share of them for new starts


class _Cones:
    """Cones as lists, and for each life whose cones it is in."""

    def __init__(self, masks: Sequence[int]) -> None:
        place = {bit: k for k, bit in enumerate(_bits(_union(masks)))}
        self.members = [[place[bit] for bit in _bits(mask)] for mask in masks]
        self.users: list[list[int]] = [[] for _ in place]
        for i, members in enumerate(self.members):
            for j in members:
                self.users[j].append(i)
        self.sizes = [len(members) for members in self.members]
        self.fresh = [len(users) for users in self.users]


def searched(masks: Sequence[int], steps: int = STEPS) -> list[int]:
    """An order in which lives with these cones may end, of small width.

    Args:
        masks: for each life that ends, the lives that must have begun before, as bits.
        steps: how many ends of lives may be tried, over all runs.
    """
    cones, draw = _Cones(masks), Random(0)  # noqa: S311  # deterministic, no secret
    n, floor = len(masks), min(map(int.bit_count, masks))
    best, used = _Run(cones), 0
    best.finish([], None, draw)
    starts = sorted(range(n), key=lambda i: (cones.sizes[i], i))
    for k, start in enumerate(_spread(starts)):
        if best.peak == floor or (used > STARTS * steps and k):
            break
        run = _Run(cones)
        if run.finish([start], best.peak, draw):
            best = run
        used += len(run.ends) + 1
    while used < steps and best.peak > floor:
        run = _Run(cones)
        at = draw.randrange(max(1, n))
        if (
            run.finish(best.chosen[: min(at, len(best.chosen))], best.peak + 1, draw)
            and run.score() <= best.score()
        ):
            best = run
        used += len(run.ends) + 1
    return best.ends


def _spread(items: list[int]) -> list[int]:
    """The items in an order whose every beginning is spread over them."""
    step = max(1, round(len(items) * 0.618))
    while _common(step, len(items)) > 1:
        step += 1
    return [items[k * step % len(items)] for k in range(len(items))]


def _common(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


class _Run:
    """One greedy run: what has begun, what may end next, and at what cost.

    need: lives that each cone still has to begin. fresh: for each life, cones it is in that nothing has begun of.
    chosen: the ends that were chosen; `ends` has those too that then came for nothing.
    """

    def __init__(self, cones: _Cones) -> None:
        self.cones = cones
        self.need, self.fresh = list(cones.sizes), list(cones.fresh)
        self.begun = [False] * len(cones.users)
        self.front: dict[int, None] = {}
        self.left = dict.fromkeys(range(len(cones.members)))
        self.ends: list[int] = []
        self.chosen: list[int] = []
        self.alive = self.peak = self.wide = 0

    def score(self) -> tuple[int, int]:
        """The width, and how often it is reached."""
        return self.peak, self.wide

    def finish(self, first: Sequence[int], below: int | None, draw: Random) -> bool:
        """End all lives, `first` before the others; False as soon as the width is not below a bound."""
        for i in first:
            if i in self.left:
                self.end(i)
        while self.left:
            if below is not None and self.peak >= below:
                return False
            self.end(self.next(draw))
        return below is None or self.peak < below

    def next(self, draw: Random) -> int:
        need = self.need
        among = self.front or self.left
        lowest = min([need[i] for i in among])
        equal = [i for i in among if need[i] == lowest]
        if len(equal) > 1 and self.front:
            begun, fresh, members = self.begun, self.fresh, self.cones.members
            opens = [sum([fresh[j] for j in members[i] if not begun[j]]) for i in equal]
            fewest = min(opens)
            equal = [i for i, much in zip(equal, opens, strict=True) if much == fewest]
        return equal[int(draw.random() * len(equal))]

    def end(self, i: int) -> None:
        """End a life, and with it all whose cones have begun."""
        need, sizes, users, members = self.need, self.cones.sizes, self.cones.users, self.cones.members
        done: list[int] = []
        for j in members[i]:
            if self.begun[j]:
                continue
            self.begun[j] = True
            self.alive += 1
            for k in users[j]:
                if need[k] == sizes[k]:
                    self.front[k] = None
                    for m in members[k]:
                        self.fresh[m] -= 1
                need[k] -= 1
                if not need[k] and k != i:
                    done.append(k)
        if self.alive > self.peak:
            self.peak, self.wide = self.alive, 0
        self.wide += self.alive == self.peak
        self.chosen.append(i)
        for k in (i, *done):
            self.ends.append(k)
            self.alive -= 1
            del self.front[k], self.left[k]


def _union(masks: Sequence[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
