"""Exact second moments on few wires: weights of all 4**n strings, sent through every step.

    w  string -> weight of the walks that have come there from the observable
    u  string -> mean value of the walks that start there and run on to the input
    E f**2 = <w | u> at every place,   E (d_k f)**2 = slope**2 * sum over P against Q of
             w(P) ((1 - stay) u(P) + stay u(Q P))                                         just before turn k

u is computed from the input on and kept at about sqrt(steps) places; then w runs back from the observable, and each
stretch of u is computed again. Every number is a sum of products of numbers >= 0, so relative errors stay near
rounding, and what no walk can reach is exactly 0.
Source: transfer operators of Heyraud et al., PRX Quantum 4, 040335 (2023), arXiv:2302.04649.
Cost: three passes of O(4**n) a step, and 4**n * 8 bytes * 2 sqrt(steps).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from qverify.errors import Undecidable
from qverify.trainability.chain import Chain, Dephase, End, Linear, Real, Step, Turn
from qverify.trainability.clifford_maps import word_code
from qverify.trainability.cone import reduced
from qverify.trainability.moment import ZERO, Moment, Second, exact

MAX_WIRES = 8
_ORDER = (0, 1, 3, 2)  # codes of the letters I, X, Y, Z
_AGAINST = {
    "X": (2, 3),
    "Y": (1, 2),
    "Z": (1, 3),
}  # the codes that anticommute with a letter, each times it the other
Indices = NDArray[np.int64]


def second_exact(chain: Chain) -> Second:
    """E f**2 and every E (d_k f)**2, exactly.

    Raises:
        Undecidable: the observable's cone has more than 8 wires, or something in it is drawn.

    Accuracy: 1e-15 a step, relative.
    """
    cone = reduced(chain)
    if cone.wires > MAX_WIRES:
        raise Undecidable(f"the observable's cone has {cone.wires} wires (the exact transfer takes {MAX_WIRES})")
    if np.isnan(cone.start).any() or any(isinstance(s, Turn) and s.drawn >= 0 for s in cone.steps):
        raise Undecidable("features that enter several gates have no exact mean here; they are drawn")
    cost, squares = _Transfer(cone).moments()
    slack = 1e-15 * (len(cone.steps) + 16)
    return Second(
        exact(cost, cost * slack) if cost else ZERO,
        tuple(_moment(value, slack) for value in squares),
        f"exact transfer of all {4**cone.wires} Pauli strings on {cone.wires} wires",
        1.0,
    )


def _moment(value: float, slack: float) -> Moment:
    return exact(value, value * slack) if value else ZERO


def _dot(a: Real, b: Real) -> float:
    """The sum of products; without BLAS, whose threads cost more than they save at this size."""
    return float(np.sum(a * b))


class _Transfer:
    """The steps as operations on vectors of 4**n numbers, with their index arrays kept."""

    def __init__(self, chain: Chain) -> None:
        self.chain, self.n = chain, chain.wires
        self.strings = np.arange(4**self.n)
        self.against: dict[tuple[tuple[int, ...], str], tuple[Indices, Indices]] = {}
        self.images: dict[Linear, Indices] = {}

    def moments(self) -> tuple[float, list[float]]:
        """E f**2, and E (d_k f)**2 by name."""
        steps, squares = self.chain.steps, [0.0] * len(self.chain.names)
        every = max(1, math.isqrt(len(steps)))
        kept = {0: self.input()}
        u = kept[0]
        for at, step in enumerate(steps):
            u = self.value_before_to_after(step, u)
            if (at + 1) % every == 0:
                kept[at + 1] = u
        w = self.observable()
        cost = _dot(w, u)
        for low in sorted((at for at in kept if at < len(steps)), reverse=True):
            stretch = steps[low : low + every]
            values = list(self.values(stretch, kept.pop(low)))
            for step, before in zip(reversed(stretch), reversed(values), strict=True):
                if isinstance(step, Turn) and step.parameter >= 0:
                    squares[step.parameter] += self.gradient(step, w, before)
                w = self.weights_back(step, w)
        return cost, squares

    def values(self, stretch: tuple[Step, ...], u: Real) -> Iterator[Real]:
        """The vector u before each step of a stretch."""
        for step in stretch:
            yield u
            u = self.value_before_to_after(step, u)

    def input(self) -> Real:
        """The product of E r_P**2 over wires; shape (4**n,), wire 0 the least significant digit."""
        rows = [np.array([1.0, x, z, y]) for x, y, z in self.chain.start]
        return reduce(lambda done, row: np.kron(row, done), rows, np.ones(1))

    def observable(self) -> Real:
        """The weight of every string of the observable; shape (4**n,)."""
        total = np.zeros(4**self.n)
        for end in self.chain.ends:
            self.put(end, total)
        return total

    def put(self, end: End, total: Real) -> None:
        """One end, on the strings that it has."""
        at, weights = np.zeros(1, dtype=np.int64), np.array([end.weight])
        for wire, letters in sorted(end.letters.items()):
            some = [(code << 2 * wire, v) for code, v in zip(_ORDER, letters, strict=True) if v > 0.0]
            at = (at[:, None] | np.array([code for code, _ in some], dtype=np.int64)).ravel()
            weights = (weights[:, None] * np.array([v for _, v in some])).ravel()
        total[at] += weights  # an end has every string once

    # -------------------------------------------------------------------------- steps

    def turned(self, step: Turn) -> tuple[Indices, Indices]:
        """The strings against the turn's word, and their products with it."""
        key = step.wires, step.word
        if key not in self.against:
            local = word_code(step.word)
            q = sum((local >> 2 * j & 3) << 2 * wire for j, wire in enumerate(step.wires))
            xs = 0x5555 & (4**self.n - 1)
            clash = ((self.strings & xs) & (q >> 1 & xs)) ^ ((self.strings >> 1 & xs) & (q & xs))
            here = self.strings[np.bitwise_count(clash) % 2 == 1]
            self.against[key] = here, here ^ q
        return self.against[key]

    def pulled(self, step: Linear) -> Indices:
        """The image U^dagger P U of every string."""
        if step not in self.images:
            local = sum((self.strings >> 2 * wire & 3) << 2 * j for j, wire in enumerate(step.wires))
            image = np.zeros_like(self.strings)
            for k, row in enumerate(step.rows):
                image ^= (local >> k & 1) * row
            mask = sum(3 << 2 * wire for wire in step.wires)
            moved = sum((image >> 2 * j & 3) << 2 * wire for j, wire in enumerate(step.wires))
            self.images[step] = np.asarray((self.strings & ~mask) | moved)
        return self.images[step]

    def value_before_to_after(self, step: Step, u: Real) -> Real:
        """u just after a step from u just before it."""
        if isinstance(step, Turn):
            return self.turn_once(step, u)
        if isinstance(step, Linear):
            return u[self.pulled(step)]
        cube = u.reshape(-1, 4, 4**step.wire)
        out = np.zeros_like(cube)
        out[:, 0] = cube[:, 0]
        out[:, 2] = cube[:, 2] if isinstance(step, Dephase) else cube[:, 0]
        return out.reshape(-1)

    def turn_once(self, step: Turn, u: Real) -> Real:
        """P -> stay P + (1 - stay) Q P for the strings against Q; its own transpose."""
        out = u.copy()
        if len(step.wires) > 1:
            here, there = self.turned(step)
            out[here] = step.stay * u[here] + (1.0 - step.stay) * u[there]
            return out
        cube, to = u.reshape(-1, 4, 4 ** step.wires[0]), out.reshape(-1, 4, 4 ** step.wires[0])
        a, b = _AGAINST[step.word]
        to[:, a] = step.stay * cube[:, a] + (1.0 - step.stay) * cube[:, b]
        to[:, b] = step.stay * cube[:, b] + (1.0 - step.stay) * cube[:, a]
        return out

    def weights_back(self, step: Step, w: Real) -> Real:
        """w just before a step from w just after it: the transpose."""
        if isinstance(step, Turn):
            return self.turn_once(step, w)
        if isinstance(step, Linear):
            out = np.empty_like(w)
            out[self.pulled(step)] = w
            return out
        cube = w.reshape(-1, 4, 4**step.wire)
        back = np.zeros_like(cube)
        back[:, 0] = cube[:, 0]
        if isinstance(step, Dephase):
            back[:, 2] = cube[:, 2]
        else:
            back[:, 0] += cube[:, 2]
        return back.reshape(-1)

    def gradient(self, step: Turn, w: Real, u: Real) -> float:
        """E (d f)**2 of a turn, from w after it and u before it."""
        if len(step.wires) > 1:
            here, there = self.turned(step)
            return step.slope**2 * _dot(w[here], (1.0 - step.stay) * u[here] + step.stay * u[there])
        shape = -1, 4, 4 ** step.wires[0]
        a, b = _AGAINST[step.word]
        wa, wb, ua, ub = (v.reshape(shape)[:, k] for v in (w, u) for k in (a, b))
        change, stay = _dot(wa, ub) + _dot(wb, ua), _dot(wa, ua) + _dot(wb, ub)
        return step.slope**2 * (step.stay * change + (1.0 - step.stay) * stay)
