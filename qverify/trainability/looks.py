"""Pauli walks in growing numbers, until the largest variance is known well enough or more would not help.

Every size at which the walks may be looked at has its share of the risk that an interval fails, so that looking
often does not spoil it. The width falls like 1 / sqrt(walks): sizes at which it would still be too large are left
out, and where it would be hopeless at the largest, the walks end at once.
Effort is counted in steps times walks, never in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from numpy.random import Generator

from qverify.trainability.chain import Chain
from qverify.trainability.moment import ZERO, Second
from qverify.trainability.question import Question
from qverify.trainability.walk import walk
from qverify.trainability.widths import ENOUGH, Means, variances_of, width

FEWEST_WALKS, MOST_WALKS = 2**14, 2**24
STEPS = 2**34  # walks times steps that may be spent
RARE = 64  # times more walks that make it worth going on after none has counted


def half(confidence: float) -> float:
    """The confidence of one of two stages that have it together."""
    return 1.0 - (1.0 - confidence) / 2.0


def walked(
    chain: Chain,
    question: Question,
    rng: Generator,
    means: Means | None = None,
    known: Sequence[bool] | None = None,
) -> Second:
    """Walks at growing sizes, until the largest variance is known to the relative error or it is hopeless.

    Each size has its share of the risk, so looking often does not spoil it. Sizes at which the width, falling
    like 1 / sqrt(walks), would still be too large are left out.
    """
    means = (ZERO,) * len(chain.names) if means is None else means
    known = (False,) * len(chain.names) if known is None else known
    affordable = max(64, STEPS // max(1, len(chain.steps)))
    sizes = [n for n in _powers(FEWEST_WALKS, MOST_WALKS) if n <= affordable] or [affordable]
    share = 1.0 - (1.0 - half(question.confidence)) / len(sizes)
    at = 0
    while True:
        found = walk(chain, rng, sizes[at], share)
        seen = width(variances_of(found, means, known), found.cost, question, known)
        at = _next(sizes, at, seen, question.relative_error)
        if at == len(sizes):
            return Second(found.cost, found.gradients, found.method, question.confidence)


def _next(sizes: Sequence[int], at: int, width: float, wanted: float) -> int:
    """The place of the next size to look at; the number of sizes where there is none."""
    room = sizes[-1] / sizes[at]
    if width <= wanted or room == 1.0:
        return len(sizes)
    if math.isinf(width):
        return at + 1 if room >= RARE else len(sizes)
    if width / math.sqrt(room) > ENOUGH:
        return len(sizes)
    good = [k for k in range(at + 1, len(sizes)) if width * math.sqrt(sizes[at] / sizes[k]) <= wanted]
    return good[0] if good else len(sizes) - 1


def _powers(first: int, last: int) -> list[int]:
    return [first << k for k in range((last // first).bit_length())]
