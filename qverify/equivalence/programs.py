"""A circuit of gates made ready for many evaluations: state vectors at many angles, in a few microseconds a gate.

    exp(-i t P / 2) psi = cos(t/2) psi - i sin(t/2) P psi,     (P psi)_j = i^|x & z| (-1)^|(j ^ x) & z| psi_(j ^ x)

Used where thousands of evaluations look for a simple counterexample; what is then reported is computed once more by
the reference semantics. Cost: O(2**n) a gate and column.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from qverify.angles import Angle, evaluate
from qverify.semantics.gates import MATRICES
from qverify.semantics.rotations import Fixed, Rotation, steps_and_matrices

_KINDS = {"h": "HGate", "s": "SGate", "x": "XGate", "y": "YGate", "z": "ZGate", "cx": "CXGate", "swap": "SwapGate"}
FIXED = {name: np.asarray(MATRICES[kind]()[0], dtype=np.complex128) for name, kind in _KINDS.items()}
Columns = NDArray[np.complex128]  # (2**n, number of vectors)
Sparse = tuple[tuple[NDArray[np.int64], NDArray[np.complex128]], ...]  # psi' = sum of coefficient * psi[index]


class Program:
    """A circuit as sparse matrices and rotations, applied to columns."""

    def __init__(self, circuit: QuantumCircuit) -> None:
        """Read a circuit.

        Raises:
            Undecidable: an operation is no gate, or a matrix on more than one wire.
        """
        self.n = circuit.num_qubits
        index = np.arange(2**self.n)
        known: dict[tuple[str, tuple[int, ...]], Sparse] = {}
        self.steps: list[tuple[Sparse, Angle | None]] = []
        for step in steps_and_matrices(circuit):
            if isinstance(step, Fixed):
                self.steps.append((_sparse(index, step.matrix, step.wires), None))
                continue
            turns = isinstance(step, Rotation)
            key = step[0], step.wires
            if key not in known:
                known[key] = _word(index, *key) if turns else _sparse(index, FIXED[step[0]], step.wires)
            self.steps.append((known[key], step.angle if isinstance(step, Rotation) else None))

    def run(self, values: Mapping[str, float], columns: Columns) -> Columns:
        """The columns after the circuit, up to its global phase."""
        for sparse, angle in self.steps:
            if angle is None:
                columns = sum(coefficient[:, None] * columns[index] for index, coefficient in sparse)  # type: ignore[assignment]
                continue
            half = float(evaluate(angle, values)) / 2 if angle.terms else angle.constant / 2
            index, coefficient = sparse[0]
            columns = np.cos(half) * columns - (1j * np.sin(half)) * (coefficient[:, None] * columns[index])
        return columns


def _word(index: NDArray[np.int64], letters: str, wires: tuple[int, ...]) -> Sparse:
    x = sum(1 << k for letter, k in zip(letters, wires, strict=True) if letter in "XY")
    z = sum(1 << k for letter, k in zip(letters, wires, strict=True) if letter in "YZ")
    source = index ^ x
    odd = np.bitwise_count(source & z) & 1
    return ((source, 1j ** (x & z).bit_count() * (1.0 - 2.0 * odd)),)


def _sparse(index: NDArray[np.int64], matrix: Columns, wires: tuple[int, ...]) -> Sparse:
    """The rows of a fixed gate, one part for each non-zero entry of a row."""
    row = sum((index >> wire & 1) << k for k, wire in enumerate(wires))
    rest = index & ~sum(1 << wire for wire in wires)
    parts = []
    for column in range(len(matrix)):
        coefficient = matrix[row, column]
        if np.any(coefficient != 0):
            source = rest | sum((column >> k & 1) << wire for k, wire in enumerate(wires))
            parts.append((source, coefficient))
    return tuple(parts)
