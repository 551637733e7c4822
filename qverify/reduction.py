"""A float reduced by multiples of pi / 2, exactly: t = q pi/2 + r with |r| <= pi/4.

In float64, q pi/2 is off by 6e-17 q: for t = 1e9 that is 4e-8, and a proof would not hold. Here t is the rational
number that the float is, and pi is known to more bits than any float needs.
Source: Payne and Hanek, SIGNUM Newsletter 18, 19 (1983) (why it takes so many bits); Machin (1706) for pi.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache

BITS = 1300  # 1024 for the largest exponent, the rest for the result
EASY = 4 * math.pi  # up to here float64 is off by less than a unit in the last place of pi


@cache
def _half_pi() -> Fraction:
    """pi / 2 = 2 (4 atan(1/5) - atan(1/239)), to BITS bits behind the point."""
    one = 1 << BITS + 64

    def atan_of_inverse(n: int) -> int:
        term = total = one // n
        k, sign = 1, 1
        while term:
            term //= n * n
            k, sign = k + 2, -sign
            total += sign * (term // k)
        return total

    return Fraction(2 * (4 * atan_of_inverse(5) - atan_of_inverse(239)), one)


def quarter_turns(t: float) -> tuple[int, float]:
    """(q, r) with t = q pi/2 + r and -pi/4 < r <= pi/4, up to rounding of r.

    >>> quarter_turns(1e15)[0] % 4, round(quarter_turns(1e15)[1], 12)
    (1, -0.59998812849)
    """
    if abs(t) <= EASY:
        q = math.ceil(t / (math.pi / 2) - 0.5)
        return q, t - q * (math.pi / 2)
    exact = Fraction(t)
    q = math.ceil(exact / _half_pi() - Fraction(1, 2))
    return q, float(exact - q * _half_pi())
