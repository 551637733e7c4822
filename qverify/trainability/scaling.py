"""How a second moment falls with the number of qubits: exponential, polynomial, constant, or not told apart.

    log V(n) = a - b n - c ln n,   log2_lo(n) <= log2 V(n) <= log2_hi(n) at every size

The answer speaks of all (a, b, c) whose curve passes through every interval (bounded-error estimation: two linear
programs for each number). So it holds with the confidence that the intervals hold together, whatever their errors
are distributed like; a one-sided interval bounds from its one side, and an exact value counts as an interval of
SLACK. With R the range of sizes and b, c anywhere in what is left,

    exponential   b R > ln 2, and no power of n + s passes, 0 <= s <= n2
    polynomial    |b| R' < ln 2, c ln(n2/n1) > ln 2   R' = max(R, HORIZON)
    constant      |b| R' < ln 2, |c| ln(n2/n1) < ln 2

and inconclusive otherwise. No sizes up to n2 tell 0.99**n from a constant while b n2 is small: "polynomial" and
"constant" mean that an exponential rate above `rate_hi` is excluded, and no more. HORIZON keeps a short range from
saying what only a long one shows (0.95**n / n looks polynomial from 4 to 12 qubits).
A power law that begins late, (n + s)**-c, looks like an exponential until n is far above s: it is tried as a rival.
Where no curve passes, the smallest sizes are left out one by one (corrections to the law die with n).
Source: equivalence margins as in Wellek, Testing Statistical Hypotheses of Equivalence (2010), ch. 1; bounded-error
estimation as in Milanese and Vicino, Automatica 27, 997 (1991).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from qverify.errors import Unusable
from qverify.trainability.moment import Moment

Real = NDArray[np.float64]
Class = Literal["exponential", "polynomial", "constant", "inconclusive"]
SLACK = 0.01  # of ln V: what the law may miss at a size; about the accuracy to which anyone asks for a variance
HORIZON = 32  # qubits
MIN_SIZES = 4  # one more than the law has constants
SHIFTS = 401  # values of s that are tried; between two of them ln V moves less than SLACK allows
_LN2 = math.log(2.0)


@dataclass(frozen=True)
class Fit:
    """The curve ln V = a - b n - c ln n whose largest miss is least, in units of half an interval; <= 1 passes."""

    a: float
    b: float
    c: float
    miss: float

    def log2_at(self, n: float) -> float:
        """log2 V at n qubits."""
        return (self.a - self.b * n - self.c * math.log(n)) / _LN2


@dataclass(frozen=True)
class Scaling:
    """A class with what it rests on.

    rate_lo, rate, rate_hi: b, nats a qubit; no rate above `rate_hi` passes through the intervals. NaN where nothing
        was fitted, infinite where nothing bounds it.
    power_lo, power_hi: c.
    qubits: the smallest and the largest size that were used; (0, 0) without any.
    dropped: sizes left out because no curve passes through them and all larger ones.
    confidence: of the intervals together, as the caller says; 1.0 where all are exact.
    """

    klass: Class
    rate: float
    rate_lo: float
    rate_hi: float
    power_lo: float
    power_hi: float
    qubits: tuple[int, int]
    dropped: tuple[int, ...]
    confidence: float
    reason: str
    fit: Fit | None

    @property
    def bits_hi(self) -> float:
        """The largest rate not excluded, in halvings a qubit."""
        return self.rate_hi / _LN2


def classify(points: Sequence[tuple[int, Moment]], confidence: float) -> Scaling:
    """The class of a second moment known at several sizes.

    Args:
        points: (qubits, moment), sizes >= 1 and all different, in any order.
        confidence: that all intervals hold together; the answer inherits it.

    Raises:
        Unusable: a size is below 1 or comes twice.

    Cost: about fifteen linear programs in four unknowns, 0.03 s.
    """
    sizes = [n for n, _ in points]
    if len(set(sizes)) != len(sizes) or any(n < 1 for n in sizes):
        raise Unusable(f"the sizes of a family must be different and at least 1, but are {sizes}")
    used = sorted(points, key=lambda point: point[0])
    if any(m.log2_hi == -math.inf for _, m in used):
        zeros = [n for n, m in used if m.log2_hi == -math.inf]
        return _none(used, confidence, f"it is exactly zero at {_sizes(zeros)}, which has no logarithm")
    if len(used) < MIN_SIZES:
        return _none(used, confidence, f"{len(used)} sizes are too few to tell a class, which takes {MIN_SIZES}")
    dropped: list[int] = []
    while len(used) >= MIN_SIZES:
        fit = _fit(used)
        if fit.miss <= 1.0:
            return _judge(used, fit, tuple(dropped), confidence)
        dropped.append(used.pop(0)[0])
    missed = "no curve a - b n - c ln n passes through the intervals of the {} largest sizes"
    return _none(sorted(points, key=lambda point: point[0]), confidence, missed.format(MIN_SIZES))


def band(points: Sequence[tuple[int, Moment]], scaling: Scaling, sizes: Sequence[float]) -> Real:
    """The least and the largest log2 V at each size, over all curves that pass; shape (len(sizes), 2).

    Args:
        points: as given to `classify`, which gave `scaling`.
    """
    used = [(n, m) for n, m in points if scaling.fit and scaling.qubits[0] <= n <= scaling.qubits[1]]
    if not used:
        return np.full((len(sizes), 2), np.nan)
    system = _system(used)
    return np.array([_extent(system, (1.0, -n, -math.log(n))) for n in sizes]) / _LN2


def _judge(used: list[tuple[int, Moment]], fit: Fit, dropped: tuple[int, ...], confidence: float) -> Scaling:
    n1, n2 = used[0][0], used[-1][0]
    system = _system(used)
    (b_lo, b_hi), (c_lo, c_hi) = _extent(system, (0.0, 1.0, 0.0)), _extent(system, (0.0, 0.0, 1.0))
    span, reach, octaves = n2 - n1, max(n2 - n1, HORIZON), math.log(n2 / n1)
    flat = max(abs(b_lo), abs(b_hi)) * reach < _LN2
    klass: Class = "inconclusive"
    if b_lo * span > _LN2 and (shift := _rival(used)) is not None:
        reason = f"a rate of {b_lo:.3g} a qubit or more passes, but so does a power of n + {shift:.3g}"
    elif b_lo * span > _LN2:
        klass = "exponential"
        reason = f"every curve through the intervals loses a factor of {_factor(b_lo * span)} or more to its rate"
    elif flat and c_lo * octaves > _LN2:
        klass = "polynomial"
        reason = f"the exponent lies in [{c_lo:.3g}, {c_hi:.3g}], and no rate costs a factor of 2 in {reach} qubits"
    elif flat and max(abs(c_lo), abs(c_hi)) * octaves < _LN2:
        klass = "constant"
        reason = f"neither a rate over {reach} qubits nor a power over these sizes makes a factor of 2"
    else:
        reason = _undecided(b_lo, b_hi, span, reach, flat)
    exact = all(m.sided == "exact" for _, m in used)
    left_out = f"; without {_sizes(dropped)}, where no such curve passes" if dropped else ""
    return Scaling(
        klass, fit.b, b_lo, b_hi, c_lo, c_hi, (n1, n2), dropped, 1.0 if exact else confidence,
        f"{reason}; {n1} to {n2} qubits, {_excluded(b_hi)}{left_out}", fit,
    )  # fmt: skip


def _undecided(b_lo: float, b_hi: float, span: int, reach: int, flat: bool) -> str:
    if b_hi * reach < -_LN2:
        return "it grows with the number of qubits; divide the observable by its norm"
    if flat:
        return "the exponent may be too small for a power law and too large for a constant"
    if b_lo * span <= _LN2 <= b_hi * span:
        return f"rates from {b_lo:.3g} to {b_hi:.3g} a qubit pass, with and without a factor of 2 over these sizes"
    return f"no rate costs a factor of 2 over these sizes, but {b_hi:.3g} a qubit would in {reach} qubits"


def _none(used: list[tuple[int, Moment]], confidence: float, reason: str) -> Scaling:
    ends = (used[0][0], used[-1][0]) if used else (0, 0)
    nan, inf = math.nan, math.inf
    return Scaling("inconclusive", nan, -inf, inf, -inf, inf, ends, (), confidence, reason, None)


def _bounds(used: Sequence[tuple[int, Moment]]) -> tuple[Real, Real]:
    """Ends of the intervals of ln V, widened by SLACK; infinite where there is none."""
    lo = np.array([m.log2_lo for _, m in used]) * _LN2 - SLACK
    hi = np.array([math.inf if m.sided == "lower" else m.log2_hi for _, m in used]) * _LN2 + SLACK
    return lo, hi


def _system(used: Sequence[tuple[int, Moment]], give: Real | None = None) -> tuple[Real, Real]:
    """A x <= y for x = (a, b, c): the curve is below every upper and above every lower end.

    give: widths; then x has a fourth part t and every end recedes by (t - 1) * give.
    """
    lo, hi = _bounds(used)
    rows = np.array([(1.0, -n, -math.log(n)) for n, _ in used])
    A, y = np.vstack([rows, -rows]), np.concatenate([hi, -lo])
    if give is not None:
        A = np.hstack([A, -np.tile(give, 2)[:, None]])
        y = y - np.tile(give, 2)
    there = np.isfinite(y)
    return A[there], y[there]


def _fit(used: list[tuple[int, Moment]]) -> Fit:
    """The curve that stays as far inside the intervals as it can."""
    lo, hi = _bounds(used)
    half = (hi - lo) / 2
    half[~np.isfinite(half)] = SLACK
    A, y = _system(used, half)
    found = linprog((0, 0, 0, 1), A_ub=A, b_ub=y, bounds=[(None, None)] * 3 + [(0, None)], method="highs")
    if found.x is None:  # nothing bounds the curve from one side, so every miss is possible
        return Fit(math.nan, math.nan, math.nan, 0.0)
    a, b, c, miss = (float(x) for x in found.x)
    return Fit(a, b, c, miss)


def _rival(used: Sequence[tuple[int, Moment]]) -> float | None:
    """The smallest s for which a - c ln(n + s) passes through all intervals, None if there is none up to n2.

    Without a: c is at least (lo_i - hi_j) / (g_j - g_i) and at most (hi_i - lo_j) / (g_j - g_i) for all i < j.
    """
    lo, hi = _bounds(used)
    n = np.array([size for size, _ in used], dtype=np.float64)
    i, j = np.triu_indices(len(n), 1)
    shifts = np.linspace(0.0, n[-1], SHIFTS)
    g = np.log(n[None, :] + shifts[:, None])
    rise = g[:, j] - g[:, i]
    least, most = ((lo[i] - hi[j]) / rise).max(axis=1), ((hi[i] - lo[j]) / rise).min(axis=1)
    passing = np.flatnonzero(least <= most)
    return float(shifts[passing[0]]) if len(passing) else None


def _extent(system: tuple[Real, Real], direction: tuple[float, float, float]) -> tuple[float, float]:
    """The least and the largest value of a linear function over all curves that pass."""
    A, y = system
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(sign * np.array(direction), A_ub=A, b_ub=y, bounds=[(None, None)] * 3, method="highs")
        ends.append(-sign * math.inf if found.x is None else float(np.dot(direction, found.x)))
    return ends[0], ends[1]


def _excluded(b: float) -> str:
    if not math.isfinite(b):
        return "no rate is excluded"
    return f"rates above {b:.3g} a qubit ({b / _LN2:.3g} bits) are excluded"


def _factor(logarithm: float) -> str:
    return f"{math.exp(logarithm):.3g}" if logarithm < 500 else f"2**{logarithm / _LN2:.0f}"


def _sizes(sizes: Sequence[int]) -> str:
    return ", ".join(str(n) for n in sizes) + " qubits"
