"""What happens at drawn weights, features and inputs, in floating point: evidence that something can happen.

    probability of a record with outcome b  =  sum over its Kraus operators of || |b><b| K psi ||^2

Columns come in groups: one draw of the weights, several draws of features and inputs, so that a dependence on what
comes in shows inside a group. A probability above FLOOR is no rounding: amplitudes are right to about
2**-50 (gates + n), probabilities that are zero stay below the square of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from qverify.domain import defined, draw_values, partial_angles
from qverify.draws import LETTERS, product_state
from qverify.errors import Undecidable
from qverify.hygiene.paths import See, State, Vectors, Walk
from qverify.hygiene.program import Program, Step
from qverify.semantics import run
from qverify.subject import Subject

MAX_WIRES = 10
GROUPS, COLUMNS = 3, 8
FLOOR = 1e-12
Real = NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """Drawn points: values of shape (B,), inputs as words of letters, one a column; B = GROUPS * COLUMNS."""

    values: dict[str, Real]
    letters: tuple[str, ...]

    @property
    def psi(self) -> Vectors:
        """The input vectors, shape (B, 2**n)."""
        return np.concatenate([product_state(word) for word in self.letters])

    def at(self, column: int) -> dict[str, float]:
        """The values of one column."""
        return {name: float(v[column]) for name, v in self.values.items()}


def drawn_points(subject: Subject, program: Program, rng: Generator) -> Points:
    """Points whose weights agree inside a group; the first inputs of each are all 0, all 1, all + and all r."""
    if program.n > MAX_WIRES:
        raise Undecidable(f"{program.n} wires are too many for state vectors here (at most {MAX_WIRES})")
    drawn = draw_values(subject, rng, GROUPS * COLUMNS)
    weights = frozenset(program.parameters) - program.data
    group = np.arange(GROUPS * COLUMNS) // COLUMNS * COLUMNS
    values = {name: v[group] if name in weights else v for name, v in drawn.items()}
    words = []
    for column in range(GROUPS * COLUMNS):
        place = column % COLUMNS
        free = [LETTERS[rng.integers(len(LETTERS))] if place > 3 else "01+r"[place] for _ in program.free]
        rest = iter(free)
        words.append("".join("0" if k in program.zero else next(rest) for k in range(program.n)))
    return Points(_defined(subject, values, drawn), tuple(words))


def _defined(subject: Subject, values: dict[str, Real], drawn: dict[str, Real]) -> dict[str, Real]:
    """The values, where mixing weights of one draw with features of another left every angle defined."""
    good = np.broadcast_to(defined(partial_angles(subject.circuit), values), (GROUPS * COLUMNS,))
    first = np.arange(GROUPS * COLUMNS) // COLUMNS * COLUMNS
    # a column that is not defined repeats the first of its group, as it was drawn
    return {name: np.where(good, v, drawn[name][first]) for name, v in values.items()}


def walk_numbers(program: Program, points: Points, see: See) -> State:
    """Walk all paths at drawn points.

    Raises:
        Undecidable: too many paths, or a gate that nothing says the meaning of.
    """
    return _walked(program, points, 0, see)


def walk_from(program: Program, points: Points, record: int) -> State:
    """The state after a program that starts with a record in its classical memory."""
    return _walked(program, points, record, lambda *_: None)


def _walked(program: Program, points: Points, record: int, see: See) -> State:
    walk = Walk(program.n, _Gates(program.n, points.values), _merged, most=2**24, work=2**29)
    return walk.steps(program.steps, {record: points.psi[None]}, see)


@dataclass(frozen=True)
class _Gates:
    """Gates by the reference semantics, all paths as one batch."""

    n: int
    values: dict[str, Real]

    def __call__(self, step: Step, vectors: Vectors) -> Vectors:
        one = QuantumCircuit(self.n)
        one.append(step.operation, step.wires)
        paths = len(vectors)
        mine: dict[str, Any] = {p: np.tile(self.values[p], paths) for p in step.parameters}
        (out,) = run(one, mine, vectors.reshape(-1, vectors.shape[-1]))[0]
        return np.asarray(out).reshape(vectors.shape)


def _merged(vectors: Vectors) -> Vectors:
    """At most 2**n paths with the same sum of outer products, by a QR decomposition for each column."""
    paths, _, size = vectors.shape
    if paths <= size:
        return vectors
    R = np.asarray(np.linalg.qr(np.moveaxis(vectors, 0, 1)).R)  # (B, 2**n, 2**n)
    return np.moveaxis(R, 0, 1)


def outcome_weights(vectors: Vectors, wire: int) -> Real:
    """Probability of the record with each outcome of a wire; shape (2, B)."""
    size = np.sum(np.abs(vectors) ** 2, axis=0)  # (B, 2**n)
    ones = (np.arange(size.shape[-1]) >> wire & 1).astype(bool)
    return np.stack([size[:, ~ones].sum(axis=1), size[:, ones].sum(axis=1)])


def weight(vectors: Vectors) -> Real:
    """Probability of the record; shape (B,)."""
    return np.asarray(np.sum(np.abs(vectors) ** 2, axis=(0, 2)))
