"""Squares of mean gradients, (E d_k f)**2: what has to be taken from E (d_k f)**2 for the variance.

    E over a turn:  P -> E cos P where P and Q anticommute (E sin = 0), else P
    E d_k f  =  slope * (the same path, with Q P in place of P from turn k on)

A uniform turn has E cos = 0, so a mean gradient is 0 unless k and every turn that its path meets has another law.
Of two different strings at most one has a mean: where a pair of them dies (`eligible`), one of the two does, at a
uniform turn, a dephased wire or the input. So squares add over strings, and over the two ways through a fixed turn.
At the input a string has the square of the mean of its Bloch components. It is known where the wire's state is one
of 0 1 + - r l, or random among these (0); elsewhere E r**2 bounds it from above, and the answer is an interval
from 0.
Source: the damping of Pauli paths, Letcher, Woerner, Zoufal, Quantum 8 (2024); here for laws about any centre.
All paths run at once, one binary digit each. Cost: O(steps) operations on arrays of one number a path.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from qverify.errors import Undecidable
from qverify.trainability.chain import Chain, Dephase, End, Linear, Reset, Step, Turn
from qverify.trainability.clifford_maps import CODES, columns_after
from qverify.trainability.eligible import is_random
from qverify.trainability.moment import ZERO, Moment, exact, logarithm

MAX_PATHS = 2**17
_CODES = (0, 1, 3, 2)  # of the letters I, X, Y, Z
_AXIS = (-1, 0, 2, 1)  # of a code in a row of `Chain.start`
_SLACK = 1e-12  # relative; rounding of long products


def mean_squares(chain: Chain, free: Iterable[int] = ()) -> tuple[Moment, ...]:
    """(E d_k f)**2 for every name of an eligible chain.

    Args:
        free: wires that start in a random letter; a string that is not I there has mean 0.

    Returns:
        Exact where everything on the way is known, else an interval from 0.

    Raises:
        Undecidable: too many strings or paths.
    """
    if not any(isinstance(s, Turn) and s.parameter >= 0 and not _stops(s) for s in chain.steps):
        return (ZERO,) * len(chain.names)
    return _Paths(chain, asked=True).moments(frozenset(free))[1:]


def mean_square(chain: Chain, free: Iterable[int] = ()) -> Moment:
    """(E f)**2 of an eligible chain; arguments and errors as of `mean_squares`."""
    return _Paths(chain, asked=False).moments(frozenset(free))[0]


def _stops(turn: Turn) -> bool:
    """Whether E cos = 0, which ends every mean that meets the turn."""
    return is_random(turn) and turn.mean == 0.0


def _strings(ends: Sequence[End]) -> Iterator[tuple[dict[int, int], float]]:
    """Every string of the observable, wire -> code, and its weight."""
    count = 0
    for end in ends:
        choices = [
            [(wire, code, at) for code, at in zip(_CODES, weights, strict=True) if at > 0.0]
            for wire, weights in sorted(end.letters.items())
        ]
        for letters in product(*choices):
            count += 1
            if count > MAX_PATHS:
                raise Undecidable(f"more than {MAX_PATHS} Pauli strings are too many for the mean of a gradient")
            yield {wire: code for wire, code, _ in letters}, end.weight * float(np.prod([a for _, _, a in letters]))


class _Paths:
    """All paths; columns[2 w], [2 w + 1]: which have x, z on wire w. whose: 0 for E f, k + 1 for gradient k."""

    def __init__(self, chain: Chain, asked: bool) -> None:
        self.chain, self.asked = chain, asked
        self.columns = [0] * (2 * chain.wires)
        self.base, self.alive = 0, 0  # the paths of E f, and those whose weight is not 0
        self.whose: list[int] = []
        self.weights: NDArray[np.float64] = np.zeros(64)
        self.known = np.ones(64, dtype=bool)
        for string, weight in _strings(chain.ends):
            digit = self.open(0, weight, True)
            self.base |= digit
            for wire, code in string.items():
                self.columns[2 * wire] |= digit * (code & 1)
                self.columns[2 * wire + 1] |= digit * (code >> 1)
        for step in reversed(chain.steps):
            if not self.alive:
                return
            self.pull(step)

    def open(self, whose: int, weight: float, known: bool) -> int:
        """A new path; returns its digit."""
        at = len(self.whose)
        if at >= MAX_PATHS:
            raise Undecidable(f"more than {MAX_PATHS} paths are too many for the mean of a gradient")
        if at == len(self.weights):
            self.weights = np.concatenate([self.weights, np.zeros(at)])
            self.known = np.concatenate([self.known, np.ones(at, dtype=bool)])
        self.whose.append(whose)
        self.weights[at], self.known[at] = weight, known
        self.alive |= 1 << at
        return 1 << at

    def close(self, digits: int) -> None:
        """Paths that end."""
        keep = ~digits
        self.alive &= keep
        self.base &= keep
        for k, column in enumerate(self.columns):
            self.columns[k] = column & keep

    def pull(self, step: Step) -> None:
        """One step backwards."""
        if isinstance(step, Turn):
            odd = 0
            for wire, letter in zip(step.wires, step.word, strict=True):
                if letter != "Z":
                    odd ^= self.columns[2 * wire + 1]
                if letter != "X":
                    odd ^= self.columns[2 * wire]
            if odd:
                self.turn(step, odd)
        elif isinstance(step, Linear):
            places = [2 * wire + j for wire in step.wires for j in range(2)]
            for k, column in zip(places, columns_after(step.rows, [self.columns[k] for k in places]), strict=True):
                self.columns[k] = column
        elif isinstance(step, Dephase | Reset):
            if self.columns[2 * step.wire]:
                self.close(self.columns[2 * step.wire])
            if isinstance(step, Reset):
                self.columns[2 * step.wire + 1] = 0

    def turn(self, step: Turn, odd: int) -> None:
        """The paths that anticommute with a turn's word."""
        if _stops(step):
            self.close(odd)
            return
        if is_random(step):
            if self.asked and step.parameter >= 0:
                for at in _digits(odd & self.base):
                    self.branch(at, step, step.parameter + 1, step.slope**2 * step.mean**2)
            self.weights[_places(odd)] *= step.mean**2
            return
        drawn = step.drawn >= 0
        for at in _digits(odd):
            self.known[at] &= not drawn
            self.branch(at, step, self.whose[at], 1.0 if drawn else 1.0 - step.stay)
        if not drawn:
            self.weights[_places(odd)] *= step.stay

    def branch(self, at: int, step: Turn, whose: int, factor: float) -> None:
        """The path `at`, continued with its product with the turn's word."""
        old = 1 << at
        new = self.open(whose, float(self.weights[at]) * factor, bool(self.known[at]))
        if self.base & old and whose == 0:
            self.base |= new
        for k, column in enumerate(self.columns):
            if column & old:
                self.columns[k] = column | new
        for wire, letter in zip(step.wires, step.word, strict=True):
            for j in range(2):
                if CODES[letter] >> j & 1:
                    self.columns[2 * wire + j] ^= new

    def moments(self, free: frozenset[int]) -> tuple[Moment, ...]:
        """The sums of squares at the input: (E f)**2 first, then by name."""
        found = [0.0] * (len(self.chain.names) + 1)
        known = [True] * len(found)
        start = self.chain.start.tolist()
        for at in _digits(self.alive):
            value, sure = float(self.weights[at]), bool(self.known[at])
            for wire, row in enumerate(start):
                code = (self.columns[2 * wire] >> at & 1) + 2 * (self.columns[2 * wire + 1] >> at & 1)
                if code:
                    square = 0.0 if wire in free else row[_AXIS[code]]
                    sure &= square in (0.0, 1.0)
                    value *= 1.0 if math.isnan(square) else square  # nothing is known of what is drawn
            if value:
                found[self.whose[at]] += value
                known[self.whose[at]] &= sure
        return tuple(_moment(value, sure) for value, sure in zip(found, known, strict=True))


def _moment(value: float, sure: bool) -> Moment:
    if not value:
        return ZERO
    return exact(value, value * _SLACK) if sure else Moment(logarithm(value), -np.inf, logarithm(value), "two")


def _digits(mask: int) -> list[int]:
    """The places of the ones."""
    return [int(k) for k in _places(mask)]


def _places(mask: int) -> NDArray[np.int64]:
    raw = np.frombuffer(mask.to_bytes(mask.bit_length() // 8 + 1, "little"), dtype=np.uint8)
    return np.flatnonzero(np.unpackbits(raw, bitorder="little"))
