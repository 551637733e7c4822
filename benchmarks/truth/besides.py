"""Is what an answer says beside its verdict true: other orders of wires, equality from |0...0>?

up_to_permutation   output wire k of A is output wire p[k] of B
up_to_relabelling   wire k of A is wire p[k] of B, at the inputs too
from_zero           both prepare the same state from |0...0>, up to phase
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from qiskit import QuantumCircuit

from qverify.equivalence.answer import Answer

from .operators import MATRIX, Matrix, arc_distance, matrix
from .pairs import Pair

POINTS = 3


def wrong_besides(of: Pair, said: Answer, both: list[tuple[Matrix, Matrix]]) -> list[str]:
    """The names of what is wrong. both: the unitaries of the two circuits at some points."""
    moved, named = said.up_to_permutation, said.up_to_relabelling
    if moved is None and named is None and said.from_zero is None:
        return []
    room, wrong = of.tolerance + 10 * MATRIX, []
    if moved is not None and _farthest(both[:POINTS], ordered(moved), np.eye(len(both[0][0]))) > room:
        wrong.append("permutation wrong")
    if named is not None and _farthest(both[:POINTS], ordered(named), ordered(named).T) > room:
        wrong.append("relabelling wrong")
    apart = max(_from_zero(U, V) for U, V in both)
    if said.from_zero is True and apart > room:
        wrong.append("from zero wrong")
    if said.from_zero is False and not of.names and apart < of.tolerance - 10 * MATRIX:
        wrong.append("from zero wrong")
    return wrong


def _farthest(both: list[tuple[Matrix, Matrix]], after: Matrix, before: Matrix) -> float:
    return max(arc_distance(U, after @ V @ before) for U, V in both)


def ordered(places: Sequence[int]) -> Matrix:
    """The unitary that moves what is on wire places[k] to wire k."""
    circuit = QuantumCircuit(len(places))
    holds = list(range(len(places)))
    for k, place in enumerate(places):
        j = holds.index(place)
        if j != k:
            circuit.swap(k, j)
            holds[k], holds[j] = holds[j], holds[k]
    return matrix(circuit, {})


def _from_zero(U: Matrix, V: Matrix) -> float:
    overlap = np.vdot(V[:, 0], U[:, 0])
    return float(np.linalg.norm(U[:, 0] - (overlap / abs(overlap) if abs(overlap) else 1.0) * V[:, 0]))
