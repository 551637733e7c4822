"""Bounds on canonical angles: which values they take, and how fast they change, over ranges of their parameters.

Interval arithmetic: sums and products of the operands' intervals, monotone functions at the ends, everything else
unbounded. Source: Moore, Kearfott, Cloud, Introduction to Interval Analysis (2009), ch. 2 and 5. Rounding of the
ends is not tracked; use the bounds where a relative 1e-12 does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from qverify.angles import FUNCTIONS, Angle, Atom, parameters_in

Range = tuple[float, float]
EVERYTHING: Range = (-math.inf, math.inf)
_RISING = {
    "asin": (-1.0, 1.0),
    "atan": EVERYTHING,
    "exp": EVERYTHING,
    "log": (0.0, math.inf),
    "sqrt": (0.0, math.inf),
}
_GENTLE = {"sin", "cos", "atan", "abs"}  # slope at most 1


def bounds(angle: Angle, ranges: Mapping[str, Range]) -> Range:
    """An interval that holds every value of the angle while its parameters stay in their ranges."""
    lo = hi = angle.constant
    for atom, coefficient in angle.terms:
        ends = [coefficient * end for end in _atom_bounds(atom, ranges)]
        lo, hi = lo + min(ends), hi + max(ends)
    return (lo, hi) if lo <= hi else EVERYTHING  # NaN from inf - inf says nothing


def _atom_bounds(atom: Atom, ranges: Mapping[str, Range]) -> Range:
    if atom.kind == "parameter":
        return ranges[atom.name]
    if atom.kind in ("sin", "cos", "sign"):
        return -1.0, 1.0
    inner = [bounds(operand, ranges) for operand in atom.operands]
    if atom.kind == "mul":
        (a, b), (c, d) = inner
        ends = [a * c, a * d, b * c, b * d]
        return EVERYTHING if any(math.isnan(e) for e in ends) else (min(ends), max(ends))
    if atom.kind == "abs":
        lo, hi = inner[0]
        return (0.0 if lo <= 0 <= hi else min(abs(lo), abs(hi))), max(abs(lo), abs(hi))
    domain = _RISING.get(atom.kind)
    if domain is None or not (domain[0] <= inner[0][0] and inner[0][1] <= domain[1]):
        return _even_power(atom, inner)
    return _at(atom.kind, inner[0][0]), _at(atom.kind, inner[0][1])


def _even_power(atom: Atom, inner: list[Range]) -> Range:
    if atom.kind == "pow" and inner[1][0] == inner[1][1] and inner[1][0] in (2.0, 4.0):
        largest = max(abs(end) for end in inner[0])
        return 0.0, largest ** inner[1][0]
    return EVERYTHING


def _at(function: str, value: float) -> float:
    if math.isinf(value):
        return {"atan": math.copysign(math.pi / 2, value), "exp": 0.0 if value < 0 else math.inf}.get(
            function, value
        )
    if function == "log" and value == 0.0:
        return -math.inf
    with np.errstate(over="ignore"):  # exp of a large number is infinite
        return float(FUNCTIONS[function](np.asarray(value)))


def slope_bound(angle: Angle, name: str, ranges: Mapping[str, Range]) -> float:
    """A bound on |d angle / d name| over the ranges; infinite where none is known."""
    return sum(abs(c) * _atom_slope(atom, name, ranges) for atom, c in angle.terms)


def _atom_slope(atom: Atom, name: str, ranges: Mapping[str, Range]) -> float:
    if atom.kind == "parameter":
        return 1.0 if atom.name == name else 0.0
    if not any(name in parameters_in(operand) for operand in atom.operands):
        return 0.0
    slopes = [slope_bound(operand, name, ranges) for operand in atom.operands]
    if atom.kind in _GENTLE:
        return slopes[0]
    if atom.kind == "mul":
        sizes = [max(abs(end) for end in bounds(operand, ranges)) for operand in atom.operands]
        products = [slopes[k] * sizes[1 - k] for k in (0, 1) if slopes[k] > 0]
        return math.inf if any(math.isnan(p) for p in products) else sum(products)
    if atom.kind == "asin":
        largest = max(abs(end) for end in bounds(atom.operands[0], ranges))
        return slopes[0] / math.sqrt(1.0 - largest**2) if largest < 1.0 else math.inf
    return math.inf
