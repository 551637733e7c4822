"""Steps of a chain as operators on a train of letters: a core (left, to, from, right) on every site they touch.

    turn:    sum over strings  |P><P| where P and Q commute,  a |P><P| + (1 - a) |QP><P| where they anticommute
    linear:  sum over strings  |U^dagger P U><P|

A turn's bond carries whether the walk moves and the parity so far: 4 values at any number of wires. A gate's bond
carries what inputs on one side add to outputs on the other: 4 values for CX and CZ. No entry is negative.
Letters are in the order I, X, Z, Y, so that a product of letters is an exclusive or.
Source: matrix product operators as in Schollwoeck, Annals of Physics 326, 96 (2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from qverify.trainability.bits import CODE
from qverify.trainability.chain import Linear, Reset, Turn
from qverify.trainability.rounds import Fixed

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Move:
    """An operator: `cores[j]` acts on site `sites[j]`; sites ascend, and sites between them only carry the bond."""

    sites: tuple[int, ...]
    cores: tuple[Real, ...]

    def transposed(self) -> Move:
        """The same from the input towards the observable."""
        return Move(self.sites, tuple(core.transpose(0, 2, 1, 3) for core in self.cores))


def move_of(step: Turn | Fixed, sites: list[int]) -> Move:
    """What a step does to a distribution of strings, from the observable towards the input."""
    if isinstance(step, Turn):
        at, word = _placed(step, sites)
        return Move(at, _turn(word, step.stay))
    if isinstance(step, Linear):
        order = sorted(range(len(step.wires)), key=lambda j: sites[step.wires[j]])
        return Move(tuple(sites[step.wires[j]] for j in order), _linear(step.rows, tuple(order)))
    core = np.zeros((1, 4, 4, 1))
    core[0, 0, 0, 0] = 1.0
    core[0, 0 if isinstance(step, Reset) else CODE["Z"], CODE["Z"], 0] = 1.0
    return Move((sites[step.wire],), (core,))


def felt_of(turn: Turn, sites: list[int]) -> Move:
    """P -> Q P where they anticommute, else 0: after the turn it leaves the weights that a gradient has.

    On strings that anticommute the turn is a + (1 - a) Q, and Q times that is (1 - a) + a Q, the weights exchanged.
    """
    at, word = _placed(turn, sites)
    return Move(at, _felt(word))


def _placed(turn: Turn, sites: list[int]) -> tuple[tuple[int, ...], str]:
    pairs = sorted(zip((sites[w] for w in turn.wires), turn.word, strict=True))
    return tuple(s for s, _ in pairs), "".join(q for _, q in pairs)


@cache
def _turn(word: str, stay: float) -> tuple[Real, ...]:
    return _path(word, (1.0, 0.0, 1.0, 0.0), (1.0, stay, 0.0, 1.0 - stay))


@cache
def _felt(word: str) -> tuple[Real, ...]:
    return _path(word, (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))


def _path(word: str, begin: tuple[float, ...], end: tuple[float, ...]) -> tuple[Real, ...]:
    """Cores whose bond is 2 * moved + parity, closed by a weight for each value at both ends."""
    cores = []
    for letter in word:
        q = CODE[letter]
        core = np.zeros((4, 4, 4, 4))
        for moved, parity, c in product((0, 1), (0, 1), range(4)):
            flipped = parity ^ (c not in (0, q))
            core[2 * moved + parity, c ^ q if moved else c, c, 2 * moved + flipped] = 1.0
        cores.append(core)
    cores[0] = np.einsum("l,loir->oir", np.array(begin), cores[0])[None]
    cores[-1] = np.einsum("loir,r->loi", cores[-1], np.array(end))[..., None]
    return tuple(cores)


@cache
def _linear(rows: tuple[int, ...], order: tuple[int, ...]) -> tuple[Real, ...]:
    """A fixed gate; order[j] is the gate's wire on its j-th site."""
    size = len(order)
    # adds[j][c][k]: what the letter c on site j adds to the letter on site k
    adds = []
    for j in order:
        images = [0, rows[2 * j], rows[2 * j + 1], rows[2 * j] ^ rows[2 * j + 1]]
        adds.append([[image >> 2 * k & 3 for k in order] for image in images])
    right = [_sums(adds[: j + 1], range(j + 1, size)) for j in range(-1, size)]  # to outputs right of the cut
    left = [_sums(adds[j + 1 :], range(j + 1)) for j in range(-1, size)]
    cores = []
    for j in range(size):
        a, b = len(left[j]), len(left[j + 1])
        core = np.zeros((len(right[j]) * a, 4, 4, len(right[j + 1]) * b))
        for (r, from_left), c, (s, from_right) in product(enumerate(right[j]), range(4), enumerate(left[j + 1])):
            add = adds[j][c]
            onward = tuple(x ^ y for x, y in zip(from_left[1:], add[j + 1 :], strict=True))
            back = tuple(x ^ y for x, y in zip(from_right[:-1], add[:j], strict=True))
            out = add[j] ^ from_left[0] ^ from_right[-1]
            core[r * a + left[j].index(back), out, c, right[j + 1].index(onward) * b + s] = 1.0
        cores.append(core)
    return tuple(cores)


def _sums(adds: list[list[list[int]]], outputs: range) -> list[tuple[int, ...]]:
    """Everything that some inputs together can add to some outputs."""
    found = {tuple(0 for _ in outputs)}
    for add in adds:
        found = {tuple(x ^ add[c][k] for x, k in zip(f, outputs, strict=True)) for f in found for c in range(4)}
    return sorted(found)
