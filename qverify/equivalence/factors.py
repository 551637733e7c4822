"""A state as a product of small factors, kept small: wires that are not entangled are told apart after each step.

    |psi> = 2**(log2_weight / 2) * (x)_f |f>,      each factor |f> of unit norm on wires of its own

An operator on wires of several factors joins them first; a wire whose Schmidt decomposition has one term (to
rounding, which is counted) leaves its factor again, as a measured or reset wire always does. Circuits that reuse
few wires thousands of times, or that entangle little, stay cheap at any width. Cost: 2**(wires of a factor) a step.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from qverify.errors import Undecidable

Vector = NDArray[np.complex128]
WIDEST = 16  # wires of one factor
SPLIT = 1e-14  # norm of what is left out where a wire leaves a factor
IMPOSSIBLE = 1e-26  # probability below which an outcome is taken for rounding

_BASIS = np.eye(2, dtype=np.complex128)
ONTO = {(v, into): np.outer(_BASIS[into], _BASIS[v]) for v in (0, 1) for into in (0, 1)}  # |into><v|
NOTHING = "a path of probability zero goes on"


class Product:
    """A pure state; it knows how much was left out (`lost`, norm of unit states, summed).

    Methods change the state in place; `copy` is cheap, for factors are never written to.
    """

    def __init__(self, states: Iterable[Vector]) -> None:
        """One unit vector of shape (2,) a wire."""
        self.factors: dict[int, tuple[tuple[int, ...], Vector]] = {}
        self.home: dict[int, int] = {}  # wire -> its factor
        self.next = 0
        for wire, state in enumerate(states):
            self._place((wire,), np.asarray(state, dtype=np.complex128))
        self.log2_weight = 0.0
        self.lost = 0.0

    def copy(self) -> Product:
        """Another one with the same state."""
        other = object.__new__(Product)
        other.factors, other.home, other.next = dict(self.factors), dict(self.home), self.next
        other.log2_weight, other.lost = self.log2_weight, self.lost
        return other

    def apply(self, matrix: Vector, wires: Sequence[int]) -> None:
        """An operator, shape (2**k, 2**k), first wire least significant; what it takes from the norm is weight."""
        if len(wires) == 1 and len(self.factors[self.home[wires[0]]][0]) == 1:
            self._apply_alone(matrix, wires[0])
            return
        on, state = self._joined(wires)
        axes = [on.index(w) for w in reversed(wires)]
        k = len(axes)
        moved = np.moveaxis(state, axes, range(k))
        after = (matrix @ moved.reshape(2**k, -1)).reshape(moved.shape)
        self._put(on, np.moveaxis(after, range(k), axes), wires)

    def _apply_alone(self, matrix: Vector, wire: int) -> None:
        place = self.home[wire]
        state = matrix @ self.factors[place][1]
        norm = math.hypot(abs(state[0]), abs(state[1]))
        if norm == 0.0:
            raise ValueError(NOTHING)
        self.log2_weight += 2 * math.log2(norm)
        self.factors[place] = ((wire,), state / norm)

    def chances(self, wire: int) -> dict[int, float]:
        """Probabilities of 0 and 1, each computed by itself."""
        on, state = self.factors[self.home[wire]]
        if len(on) == 1:
            return {0: float(abs(state[0]) ** 2), 1: float(abs(state[1]) ** 2)}
        axis = on.index(wire)
        return {value: float(np.linalg.norm(np.take(state, value, axis=axis)) ** 2) for value in (0, 1)}

    def project(self, wire: int, value: int, into: int | None = None) -> None:
        """|into><value| on one wire; `into` is `value` unless said otherwise."""
        self.apply(ONTO[value, value if into is None else into], (wire,))

    def wire_state(self, wire: int) -> Vector:
        """The unit vector of one wire; of an entangled one, the likeliest."""
        on, state = self.factors[self.home[wire]]
        rows = np.moveaxis(state, on.index(wire), 0).reshape(2, -1)
        _, vectors = np.linalg.eigh(rows @ rows.conj().T)
        return np.asarray(vectors[:, -1])

    def _joined(self, wires: Sequence[int]) -> tuple[tuple[int, ...], Vector]:
        """The product of the factors of some wires, taken out of the factors."""
        homes = dict.fromkeys(self.home[w] for w in wires)
        on, state = tuple[int, ...](), np.ones(())
        for place in homes:
            its, factor = self.factors.pop(place)
            on, state = on + its, np.multiply.outer(state, factor)
            if len(on) > WIDEST:
                raise Undecidable(f"more than {WIDEST} wires are entangled on the way")
        return on, np.asarray(state)

    def _put(self, on: tuple[int, ...], state: Vector, touched: Sequence[int]) -> None:
        norm = float(np.linalg.norm(state))
        if norm == 0.0:
            raise ValueError(NOTHING)
        self.log2_weight += 2 * math.log2(norm)
        state = state / norm
        for wire in touched:
            if len(on) == 1:
                break
            parts = _split(state, on.index(wire))
            if parts is not None:
                own, state, left_out = parts
                self.lost += left_out
                self._place((wire,), own)
                on = tuple(w for w in on if w != wire)
        self._place(on, state)

    def _place(self, on: tuple[int, ...], state: Vector) -> None:
        self.factors[self.next] = on, state
        self.home.update(dict.fromkeys(on, self.next))
        self.next += 1


def _split(state: Vector, axis: int) -> tuple[Vector, Vector, float] | None:
    """(unit vector of the wire, unit rest, what is left out) where the wire is not entangled."""
    rows = np.moveaxis(state, axis, 0)
    flat = rows.reshape(2, -1)
    norms = np.linalg.norm(flat, axis=1)
    large = int(norms[1] > norms[0])
    rest = flat[large] / norms[large]
    factor = np.vdot(rest, flat[1 - large])
    left_out = float(np.linalg.norm(flat[1 - large] - factor * rest))
    if left_out > SPLIT:
        return None
    own = np.empty(2, dtype=np.complex128)
    own[large], own[1 - large] = norms[large], factor
    return own / np.linalg.norm(own), rest.reshape(rows.shape[1:]), left_out
