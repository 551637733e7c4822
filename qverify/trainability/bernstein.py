"""Intervals for the mean and the variance of bounded variables, valid for every distribution and sample size.

For independent x_i in [0, 1] with mean m, and l_i, m_i that depend on x_1 ... x_{i-1} alone (0 <= l_i < 1), the
product of exp(l_i (x_i - m) - (x_i - m_i)**2 psi(l_i)), psi(l) = -ln(1 - l) - l, is a supermartingale, so with
probability 1 - delta

    | m - sum l_i x_i / sum l_i |  <=  (ln(2/delta) + sum (x_i - m_i)**2 psi(l_i)) / sum l_i

Here l_i = min(sqrt(2 ln(2/delta) / (N V_{i-1})), 3/4) with the running mean and variance of what came before: about
sqrt(2 V ln(2/delta) / N) wide each way where N is large, and 4 ln(2/delta) / (3 N) where all x are 0.
The variance follows from  Var g = E g**2 - (E g)**2, or is E g**2 where E g is known to vanish.
Source: Waudby-Smith and Ramdas, J. R. Stat. Soc. B 86, 1 (2024), arXiv:2010.09686, theorem 2; it is narrower than
Maurer and Pontil, COLT 2009, arXiv:0907.3740, theorem 4, at every size, most where N is small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
_MOST = 0.75  # the largest l
ROUNDING = 1e-12  # of a gradient, in units of its bound, thousands of gates deep


@dataclass(frozen=True)
class Interval:
    """A number known to lie in [lo, hi] with the stated confidence."""

    value: float
    lo: float
    hi: float


class Ends(NamedTuple):
    """Intervals, as arrays of one shape."""

    value: Real
    lo: Real
    hi: Real


def mean_ends(x: Real, low: Real, high: Real, delta: float) -> Ends:
    """Two-sided intervals for means, each wrong with probability at most delta.

    Args:
        x: independent samples along the first axis, shape (N, ...), N >= 1; the other axes are other variables.
        low, high: what the variables cannot leave, shape (...), low < high or low = high where it is constant.
    """
    count, log = len(x), math.log(2 / delta)
    spread = np.where(high > low, high - low, 1.0)
    u = np.clip((x - low) / spread, 0.0, 1.0)  # rounding alone can leave [0, 1]
    number = np.arange(1, count + 1).reshape(-1, *(1,) * (x.ndim - 1))
    running = (0.5 + np.cumsum(u, axis=0)) / (number + 1)
    variance = (0.25 + np.cumsum((u - running) ** 2, axis=0)) / (number + 1)
    before = np.concatenate([np.full_like(running[:1], 0.5), running[:-1]])
    known = np.concatenate([np.full_like(variance[:1], 0.25), variance[:-1]])
    bet = np.minimum(np.sqrt(2 * log / (count * known)), _MOST)
    total = bet.sum(axis=0)
    centre = (bet * u).sum(axis=0) / total
    radius = (log - ((u - before) ** 2 * (np.log1p(-bet) + bet)).sum(axis=0)) / total
    lo, hi = np.clip(centre - radius, 0.0, 1.0), np.clip(centre + radius, 0.0, 1.0)
    return _around(x.mean(axis=0), low + (high - low) * lo, low + (high - low) * hi)


def _around(value: Real, lo: Real, hi: Real) -> Ends:
    """Widened where need be to hold the plain estimate, which is not the centre of the interval."""
    return Ends(value, np.minimum(lo, value), np.maximum(hi, value))


def second_ends(g: Real, bound: Real, delta: float) -> Ends:
    """Intervals of E g**2 for |g| <= bound; shapes (N, ...) and (...)."""
    square = mean_ends(g**2, np.zeros_like(bound), bound**2, delta)
    slack = ROUNDING * bound**2
    return Ends(square.value, np.maximum(0.0, square.lo - slack), np.minimum(bound**2, square.hi + slack))


def variance_ends(g: Real, bound: Real, centred: NDArray[np.bool_], square: Ends, delta: float) -> Ends:
    """Intervals of Var g from those of E g**2, and a second statement where E g is not known to vanish."""
    mean = mean_ends(g, -bound, bound, delta)
    largest = np.where(centred, 0.0, np.maximum(np.abs(mean.lo), np.abs(mean.hi)) ** 2)
    nearest = np.where((mean.lo <= 0) & (mean.hi >= 0), 0.0, np.minimum(np.abs(mean.lo), np.abs(mean.hi)) ** 2)
    lo = np.maximum(0.0, square.lo - largest)
    hi = np.maximum(lo, square.hi - np.where(centred, 0.0, nearest))
    return _around(np.where(centred, square.value, g.var(axis=0)), lo, hi)
