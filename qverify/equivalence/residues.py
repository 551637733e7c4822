"""Arrays of numbers modulo one large prime, or modulo several small ones at once; linear combinations of them.

    c v + s w - p rint((c v + s w) / p)        all integers modulo 2**64, the quotient in float64

For p < 2**50 and |v|, |w| <= 0.8 p, |c|, |s| <= p / 2 the quotient is off by less than 0.3 before it is rounded, so
that the result is within 0.8 p of zero again, and zero exactly where it is zero modulo p. A large prime takes
Python's integers, thirty times as long. Source: the quotient by floats is Barrett's; Shoup's NTL has it so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Residues = NDArray[Any]  # (number of primes, paths, 2, 2**n), int64 or Python's integers


class Factor(NamedTuple):
    """What arrays are multiplied by: integers, and these over the modulus in float64 (small primes only)."""

    exact: Residues
    share: NDArray[np.float64] | None


class Modulus:
    """Arithmetic modulo some primes, the first axis of every array.

    Args:
        primes: all below 2**50, or a single one of any size.
    """

    def __init__(self, primes: Sequence[int]) -> None:
        self.primes = tuple(primes)
        self.short = all(p < 2**50 for p in primes)
        self.kind: Any = np.int64 if self.short else object
        self.p: Residues = np.array(self.primes, dtype=self.kind)[:, None, None, None]

    def array(self, values: Sequence[Sequence[int]]) -> Residues:
        """Integers, given row by row, as an array (primes, 1, rows, columns) of residues near zero."""
        rows = [[[_near_zero(x, p) for x in row] for row in values] for p in self.primes]
        return np.array(rows, dtype=self.kind)[:, None]

    def factor(self, exact: Residues) -> Factor:
        """Residues near zero, to multiply with."""
        return Factor(exact, exact / self.p if self.short else None)

    def scaled(self, v: Residues, c: Factor) -> Residues:
        """c v, element by element."""
        if c.share is None:
            return np.asarray(v * c.exact % self.p)
        quotient = np.rint(v * c.share).astype(np.int64)
        return np.asarray(v * c.exact - quotient * self.p)

    def mixed(self, v: Residues, c: Factor, w: Residues, s: Factor) -> Residues:
        """c v + s w, element by element."""
        if c.share is None or s.share is None:
            return np.asarray((v * c.exact + w * s.exact) % self.p)
        quotient = v * c.share
        quotient += w * s.share
        np.rint(quotient, out=quotient)
        out = v * c.exact
        out += w * s.exact
        out -= quotient.astype(np.int64) * self.p
        return np.asarray(out)

    def total(self, v: Residues) -> Residues:
        """Sums of numbers near zero over the last axis, near zero again; that axis stays."""
        if not self.short:
            return np.asarray(v.sum(axis=-1, keepdims=True) % self.p)
        while v.shape[-1] > 1:  # 2**12 numbers below 2**50 at once
            parts = v.reshape(*v.shape[:-1], -1, min(v.shape[-1], 2**12)).sum(axis=-1)
            v = parts - np.rint(parts / self.p).astype(np.int64) * self.p
        return v


def _near_zero(x: int, p: int) -> int:
    return (x + p // 2) % p - p // 2
