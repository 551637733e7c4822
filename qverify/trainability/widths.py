"""From second moments to variances, how wide their intervals are, and which zeros are proofs.

Var[d_k f] = E (d_k f)**2 - (E d_k f)**2,   interval by interval, in units of the upper end: 2**-1000 is a number
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from qverify.trainability.chain import Chain, Turn
from qverify.trainability.eligible import is_random
from qverify.trainability.moment import ZERO, Moment, Second, logarithm, power
from qverify.trainability.question import Question

ENOUGH = 0.5  # relative half-width above which a value is hardly known
MARGIN = 10.0  # halvings of a square, below which a mean does not matter to it
TINY = 1000.0  # halvings: floats end at 2**-1074
Means = Sequence[Moment]


def width(variances: Means, cost: Moment, question: Question, known: Sequence[bool]) -> float:
    """Half the width of the asked interval over its value, infinite where nothing was seen."""
    at = _asked(variances, question, known)
    asked = cost if at is None else variances[at]
    if asked == ZERO:
        return 0.0
    if asked.log2 == -math.inf:
        return math.inf
    return (power(asked.log2_hi - asked.log2) - power(asked.log2_lo - asked.log2)) / 2.0


def _asked(variances: Means, question: Question, known: Sequence[bool]) -> int | None:
    """The weight that is followed, else that of the largest variance, None where all are 0."""
    if question.focus:
        return question.weights.index(question.focus)
    alive = [k for k, (m, dead) in enumerate(zip(variances, known, strict=True)) if not dead and m != ZERO]
    return max(alive, key=lambda k: (variances[k].log2, variances[k].log2_hi), default=None)


def variances_of(found: Second, means: Means, known: Sequence[bool]) -> tuple[Moment, ...]:
    """Squares less the squares of means; 0 for what is proved dead, however it was found."""
    pairs = zip(found.gradients, means, known, strict=True)
    return tuple(ZERO if dead else less(square, mean) for square, mean, dead in pairs)


def less(square: Moment, mean: Moment) -> Moment:
    """E g**2 - (E g)**2, interval by interval, in units of the upper end."""
    top = square.log2_hi
    if mean == ZERO or top == -math.inf:
        return square
    ends = (
        (square.log2, mean.log2),
        (square.log2_lo, mean.log2_hi),
        (square.log2_hi, mean.log2_lo),
    )
    logs = [logarithm(max(0.0, power(a - top) - power(b - top))) + top for a, b in ends]
    return Moment(logs[0], logs[1], logs[2], square.sided)


def is_hidden(variances: Means, means: Means, question: Question, known: Sequence[bool]) -> bool:
    """Whether the asked variance is not known because the mean is as large as what is left."""
    at = _asked(variances, question, known)
    if at is None or means[at] == ZERO or width(variances, variances[at], question, known) <= ENOUGH:
        return False
    return means[at].log2_hi > variances[at].log2_hi - MARGIN


def exact_zeros(chain: Chain, moments: Means) -> tuple[Means, bool]:
    """Zeros of the exact transfer; only below a bound where products may have left the range of floats.

    Returns:
        The moments, and whether a gradient of 0 is 0 at all angles, not only at those that occur.
    """
    chances = [p for s in chain.steps if isinstance(s, Turn) for p in (min(s.stay, 1.0 - s.stay) or 1.0,)]
    chances += [min((v for v in row if v > 0.0), default=1.0) for row in chain.start.tolist()]
    chances += [min(v for v in (end.weight, *at) if v > 0.0) for end in chain.ends for at in end.letters.values()]
    if sum(abs(math.log2(p)) for p in chances) > TINY:
        below = Moment(-math.inf, -math.inf, -0.9 * TINY, "exact")
        return tuple(below if m == ZERO else m for m in moments), False
    turns = [s for s in chain.steps if isinstance(s, Turn) and is_random(s)]
    return tuple(moments), all(0.0 < turn.stay < 1.0 for turn in turns)
