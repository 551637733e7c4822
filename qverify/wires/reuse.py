"""The order in which lives end, such that few are alive at a time.

    width(order) = max over k of  | cone(i_1) u ... u cone(i_k) | - (k - 1),   and at least the lives that are kept

for lives that end in the order i_1, i_2, ...: all of cone(i_k) has begun when i_k ends, and k - 1 have ended. What
has begun says what can have ended, so a state of the search is a set U of begun lives, and

    ending what costs nothing (its cone is in U) is never wrong;
    of two cones, one inside the other once added to U, the smaller comes first;
    lives that share no cone are ordered apart.

Exact: all states that a smaller width allows, cheapest first (branch and bound), up to SMALL lives in one piece.
Beyond: greedy from many starts, and from points of the best order so far. Work is counted, never timed.
Source: DeCross et al., Phys. Rev. X 13, 041057 (2023), arXiv:2210.08039. With one layer of gates between neighbours
of a graph the least width is its pathwidth + 1: Kinnersley, Inf. Process. Lett. 42, 345 (1992). That is NP-hard.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from qverify.wires.reuse_search import searched

SMALL = 32  # lives in one piece, up to which the least width is searched for exactly
FEW = 1000  # ends of lives that are tried before an exact search, for a width to beat
STATES = 200_000  # of one exact search, beyond which it is given up


@dataclass(frozen=True)
class Order:
    """Lives in the order in which they end.

    width: the most that are alive at a time. at_least: no order needs fewer.
    method: how the order was found; it is one of the best if `at_least` is `width`.
    """

    ends: tuple[int, ...]
    width: int
    at_least: int
    method: Literal["exact", "heuristic"]

    @property
    def is_least(self) -> bool:
        """Whether the width is proved to be the least for these cones."""
        return self.at_least == self.width


def order(cones: Sequence[int], kept: Collection[int] = (), *, small: int = SMALL) -> Order:
    """An order of few lives at a time.

    Args:
        cones: for each life the lives that must have begun before it ends, itself among them, as bits.
        kept: lives that never end.
        small: lives in one piece up to which the least width is searched for exactly.
    """
    ends: list[int] = []
    at_least, exact = len(kept), True
    for piece in _pieces(cones, kept):
        inner = [cones[i] for i in piece]
        least = _least(inner, searched(inner, FEW)) if len(piece) <= small else None
        found = searched(inner) if least is None else least
        exact &= least is not None
        bound = width(inner, found) if least is not None else min(cone.bit_count() for cone in inner)
        at_least = max(at_least, bound)
        ends += [piece[j] for j in found]
    whole = width(cones, ends, kept)
    plain = tuple(i for i in range(len(cones)) if i not in kept)
    if width(cones, plain, kept) < whole:
        ends, whole = list(plain), width(cones, plain, kept)
    return Order(tuple(ends), whole, at_least, "exact" if exact else "heuristic")


def width(cones: Sequence[int], ends: Sequence[int], kept: Collection[int] = ()) -> int:
    """The most lives at a time, when they end in that order and begin as late as they can."""
    begun, most = 0, len(kept)
    for k, i in enumerate(ends):
        begun |= cones[i]
        most = max(most, begun.bit_count() - k)
    return most


def _pieces(cones: Sequence[int], kept: Collection[int]) -> Iterator[list[int]]:
    """The lives that end, in pieces that share no cone; what shares one with a kept life is one piece, the last."""
    pieces: list[int] = []
    for i, cone in enumerate(cones):
        if i in kept:
            continue
        joined = [p for p in pieces if p & cone]
        pieces = [p for p in pieces if not p & cone]
        merged = cone
        for p in joined:
            merged |= p
        pieces.append(merged)
    stays = sum(1 << k for k in kept)
    last = 0
    for p in pieces:
        if p & stays:
            last |= p
        else:
            yield _members(p)
    if last:
        yield _members(last & ~stays)


def _members(mask: int) -> list[int]:
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def _least(cones: Sequence[int], known: Sequence[int]) -> list[int] | None:
    """The order of least width; None where the search is too long. `known`: an order that is to be beaten.

    States are visited by the width that reaching them needs, smallest first.
    """
    best = width(cones, known)
    waiting: dict[int, list[tuple[int, int, _Chain]]] = {0: [(0, 0, None)]}
    seen: set[int] = set()
    for limit in range(best):
        stack = waiting.pop(limit, [])
        while stack:
            begun, ended, chain = stack.pop()
            if begun in seen:
                continue
            seen.add(begun)
            if len(seen) > STATES:
                return None
            left = [i for i in range(len(cones)) if not ended >> i & 1]
            if not left:
                return _unrolled(chain)
            for grown, i in _smallest(begun, cones, left):
                needs = max(limit, grown.bit_count() - ended.bit_count())
                free = [j for j in left if cones[j] & ~grown == 0]
                after = ended | sum(1 << j for j in free)
                into = stack if needs == limit else waiting.setdefault(needs, [])
                if needs < best and grown not in seen:
                    into.append((grown, after, (chain, [i, *(j for j in free if j != i)])))
    return list(known)


_Chain = tuple["_Chain", list[int]] | None


def _smallest(begun: int, cones: Sequence[int], left: Sequence[int]) -> list[tuple[int, int]]:
    """The sets that ending one more life may lead to, without those that hold another; the largest first."""
    grown: dict[int, int] = {}
    for i in left:
        grown.setdefault(begun | cones[i], i)
    found: list[tuple[int, int]] = []
    for union in sorted(grown, key=lambda mask: (mask.bit_count(), mask)):
        if all(smaller & ~union for smaller, _ in found):
            found.append((union, grown[union]))
    return found[::-1]  # so that a stack takes the smallest first


def _unrolled(chain: _Chain) -> list[int]:
    parts: list[list[int]] = []
    while chain is not None:
        chain, part = chain
        parts.append(part)
    return [i for part in reversed(parts) for i in part]
