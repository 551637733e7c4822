"""A second moment with its interval, kept as logarithms, so that 2**-1000 is a number like any other.

    value = 2**log2,   log2_lo <= log2 <= log2_hi,   -inf stands for zero

An interval is two-sided unless it says otherwise: Markov's inequality bounds a mean of rare events from below
alone, and then `log2_hi` is only what holds without looking (`sided` is "lower").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Sided = Literal["exact", "two", "lower"]


@dataclass(frozen=True)
class Moment:
    """A number >= 0 known to lie in [2**log2_lo, 2**log2_hi].

    sided: "exact" where the interval is rounding alone, "two" for a confidence interval, "lower" where only the
        lower end is worth anything.
    """

    log2: float
    log2_lo: float
    log2_hi: float
    sided: Sided = "two"

    @property
    def value(self) -> float:
        """The number itself; 0.0 where it is below the smallest float."""
        return power(self.log2)

    @property
    def lo(self) -> float:
        """The lower end."""
        return power(self.log2_lo)

    @property
    def hi(self) -> float:
        """The upper end."""
        return power(self.log2_hi)

    def times(self, factor: float) -> Moment:
        """The moment of a cost that is sqrt(factor) times as large; factor > 0."""
        shift = math.log2(factor)
        return Moment(self.log2 + shift, self.log2_lo + shift, self.log2_hi + shift, self.sided)


ZERO = Moment(-math.inf, -math.inf, -math.inf, "exact")


def power(log2: float) -> float:
    """2**log2, 0.0 where that underflows and inf where it overflows."""
    if log2 > 1023.0:
        return math.inf
    return 2.0**log2 if log2 > -1100.0 else 0.0


def logarithm(value: float) -> float:
    """log2 of a number >= 0, -inf for zero."""
    return math.log2(value) if value > 0.0 else -math.inf


def exact(value: float, slack: float = 0.0) -> Moment:
    """A number computed without sampling, known within +- slack."""
    return Moment(logarithm(value), logarithm(max(0.0, value - slack)), logarithm(value + slack), "exact")


def within(value: float, lo: float, hi: float) -> Moment:
    """A number with a two-sided interval, given as plain floats."""
    return Moment(logarithm(value), logarithm(max(0.0, lo)), logarithm(hi), "two")


@dataclass(frozen=True)
class Second:
    """What one route found: E f**2 of the cost, and E (d f / d name)**2 for each name, in the order of the names.

    method: the route and its effort, in words, as the answer prints it.
    confidence: that all two-sided intervals hold together; 1.0 where nothing was sampled.
    """

    cost: Moment
    gradients: tuple[Moment, ...]
    method: str
    confidence: float
