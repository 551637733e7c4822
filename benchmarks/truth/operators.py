"""The truth about two circuits, by Qiskit's own matrices: nothing here comes from the package under test.

    min over phi of ||U - e^{i phi} V|| = 2 sin(arc / 4),  arc: the least that holds the eigenphases of U^dagger V

`Operator.from_circuit` undoes a transpiler's layout.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator

from .expressions import Tree
from .rounding import value_and_error

MATRIX = 1e-11  # rounding of two matrix products of some hundred gates and of the eigenvalues, with room
SPECIAL = (0.0, math.pi / 2, math.pi, -math.pi / 2, 1.0, -1.0, 0.5, 2 * math.pi, -math.pi)
Matrix = NDArray[np.complex128]


def matrix(circuit: QuantumCircuit, values: Mapping[str, float]) -> Matrix:
    """The unitary at parameter values."""
    at = circuit.assign_parameters({p: values[p.name] for p in circuit.parameters})
    return np.asarray(Operator.from_circuit(at).data)


def arc_distance(U: Matrix, V: Matrix) -> float:
    """min over phi of ||U - e^{i phi} V||."""
    phases = np.sort(np.angle(np.linalg.eigvals(U.conj().T @ V)))
    gaps = np.append(np.diff(phases), phases[0] + 2 * math.pi - phases[-1])
    return 2 * math.sin(max(0.0, 2 * math.pi - float(gaps.max())) / 4)


def truth(a: QuantumCircuit, b: QuantumCircuit, values: Mapping[str, float]) -> float:
    """The distance of two circuits at parameter values."""
    return arc_distance(matrix(a, values), matrix(b, values))


def rounding(trees: tuple[Tree, ...], values: Mapping[str, float]) -> float:
    """How far a computed distance may be from the true one; infinite where an angle has no value."""
    try:
        return MATRIX + 4 * sum(value_and_error(tree, values)[1] for tree in trees)
    except (ArithmeticError, ValueError, TypeError):  # overflow, domain, and a root of a negative number
        return math.inf


def points(source: Random, names: tuple[str, ...], trees: tuple[Tree, ...], wanted: int) -> list[dict[str, float]]:
    """Parameter values where rounding is small: negative, large and special ones among them."""
    found: list[dict[str, float]] = [{}] if not names else []
    reach = (math.pi, 7.0, 40.0, 0.3)
    for k in range(40 * wanted):
        if len(found) >= (wanted if names else 1):
            break
        far = reach[k % len(reach)]
        at = {p: source.choice(SPECIAL) if k % 5 == 4 else source.uniform(-far, far) for p in names}
        if rounding(trees, at) < 10 * MATRIX:
            found.append(at)
    return found
