"""The gates of a circuit with numbers for angles, and their matrices, all gates of a kind at once.

Every matrix comes with a bound on its rounding (operator norm, u = 2**-53): (40 + 2 sum |angles|) u for a gate of
`qverify.semantics.gates`, where every entry is a product of at most three sines, cosines and phases good to 4 units
in the last place, at most two of them in a column, and an angle may be a sum. A `UnitaryGate` stands for the
unitary nearest to its matrix M, which is within ||M^dagger M - 1||_F of it.
Gates on three or more wires are opened by their definition; global phase is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import Barrier, ControlledGate, Delay, Operation, QuantumCircuit
from qiskit.circuit.library import UnitaryGate

from qverify.errors import Undecidable, counted
from qverify.semantics.gates import MATRICES, Matrix, open_controls
from qverify.structure import leaves, standard_class

UNIT = 2.0**-53
Key = tuple[str, int, int]  # standard class, controls, control state (-1: closed)
Name = tuple[Key, int]  # which gate: its key, and its place among the gates of that key
Rails = tuple[int, ...]
GIVEN: Key = ("", 0, 0)
SWAP: Name = (("SwapGate", 0, -1), -1)


@dataclass(frozen=True)
class Batch:
    """Matrices of shape (B, 2, 2) or (B, 4, 4), and a bound on the rounding of each, shape (B,)."""

    matrices: Matrix
    errors: NDArray[np.float64]


def product_rounding(inner: int, left: float, right: float) -> float:
    """Bound on the rounding of a complex product with this inner dimension and these Frobenius norms.

    2 (n + 2) u ||A||_F ||B||_F. Source: Higham, Accuracy and Stability of Numerical Algorithms, 2002, sec. 3.6.
    """
    return 2 * (inner + 2) * UNIT * left * right


def gate_batches(circuit: QuantumCircuit) -> tuple[list[tuple[Name, Rails]], dict[Key, Batch]]:
    """Every gate in order with its wires, and the matrices that the names stand for; swaps have no matrix.

    Raises:
        Undecidable: it has parameters, something that is no gate, or a matrix on three or more wires.
    """
    if circuit.parameters:
        raise Undecidable("it has parameters without values; bind them")
    order: list[tuple[Name, Rails]] = []
    angles: dict[Key, list[list[float]]] = {}
    given: list[Matrix] = []
    for op, wires in _gates(circuit):
        kind = standard_class(op)
        if kind == "SwapGate":
            order.append((SWAP, wires))
        elif isinstance(op, UnitaryGate):
            order.append(((GIVEN, len(given)), wires))
            given.append(np.asarray(op.params[0], dtype=np.complex128))
        else:
            closed = not isinstance(op, ControlledGate) or op.ctrl_state == 2**op.num_ctrl_qubits - 1
            key = (kind, 0, -1) if closed else (kind, op.num_ctrl_qubits, op.ctrl_state)
            rows = angles.setdefault(key, [])
            order.append(((key, len(rows)), wires))
            rows.append([float(p) for p in op.params])
    batches = {key: _standard(key, rows) for key, rows in angles.items()}
    if given:
        batches[GIVEN] = _given(given)
    return order, batches


def _gates(circuit: QuantumCircuit) -> Iterator[tuple[Operation, Rails]]:
    """Gates on one or two wires with a matrix of their own, all others opened."""
    for leaf in leaves(circuit):
        op = leaf.operation
        kind = standard_class(op)
        if isinstance(op, Barrier | Delay) or kind == "GlobalPhaseGate":
            continue
        if len(leaf.qubits) <= 2 and (kind in MATRICES or isinstance(op, UnitaryGate)):
            yield op, leaf.qubits
            continue
        definition = None if isinstance(op, UnitaryGate) else getattr(op, "definition", None)
        if definition is None:
            size = counted(len(leaf.qubits), "wire")
            raise Undecidable(f"the operation `{op.name}` on {size} is not supported here")
        for inner, wires in _gates(definition):
            yield inner, tuple(leaf.qubits[k] for k in wires)


def _standard(key: Key, rows: list[list[float]]) -> Batch:
    kind, controls, state = key
    angles = np.array(rows, dtype=np.float64)
    if not np.all(np.isfinite(angles)):
        raise Undecidable("an angle is not finite")
    matrix = MATRICES[kind](*angles.T)
    if state >= 0:
        matrix = open_controls(matrix, controls, state)
    errors = (40 + 2 * np.abs(angles).sum(axis=1)) * UNIT
    return Batch(np.broadcast_to(matrix, (len(rows), *matrix.shape[1:])), errors)


def _given(matrices: list[Matrix]) -> Batch:
    """Matrices on one wire are padded to the shape of those on two."""
    padded = np.zeros((len(matrices), 4, 4), dtype=np.complex128)
    errors = np.zeros(len(matrices))
    for k, m in enumerate(matrices):
        padded[k, : len(m), : len(m)] = m
        errors[k] = np.linalg.norm(m.conj().T @ m - np.eye(len(m))) + product_rounding(4, 2.0, 2.0)
    return Batch(padded, errors)
