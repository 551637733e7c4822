"""Gates as Clifford gates and rotations: each rule against Qiskit's matrix of the gate."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
import qiskit.circuit.library.standard_gates as library
from qiskit import QuantumCircuit
from qiskit.circuit import ControlledGate, Gate
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Operator, random_unitary

from qverify.errors import Undecidable
from qverify.semantics.gates import pauli
from qverify.semantics.rotations import Clifford, steps

WIDE = {"MCXGate": (3,), "MCPhaseGate": (0.7, 3), "MCU1Gate": (0.7, 2)}
SKIPPED = {"GlobalPhaseGate", "MCXGrayCode", "MCXRecursive", "MCXVChain"}  # no wires; deprecated by Qiskit


def gates() -> list[Gate]:
    rng = np.random.default_rng(5)
    found = []
    for name, kind in sorted(vars(library).items()):
        if not inspect.isclass(kind) or name in SKIPPED:
            continue
        needed = [p for p in inspect.signature(kind.__init__).parameters.values() if p.default is p.empty]
        count = len([p for p in needed if p.name not in ("self", "args", "kwargs")])
        gate = kind(*WIDE.get(name, tuple(rng.uniform(-6, 6, count))))
        found.append(gate)
        if isinstance(gate, ControlledGate):
            opened = gate.to_mutable()
            opened.ctrl_state = 0
            found.append(opened)
    return found


def dense(circuit: QuantumCircuit) -> np.ndarray:  # type: ignore[type-arg]
    """The product of the steps, as matrices."""
    n = circuit.num_qubits
    U = np.eye(2**n, dtype=complex)
    for step in steps(circuit):
        one = QuantumCircuit(n)
        if isinstance(step, Clifford):
            getattr(one, step.name)(*step.wires)
            U = Operator(one).data @ U
            continue
        letters = ["I"] * n
        for letter, k in zip(step.letters, step.wires, strict=True):
            letters[k] = letter
        t = step.angle.constant
        U = (math.cos(t / 2) * np.eye(2**n) - 1j * math.sin(t / 2) * pauli("".join(letters))) @ U
    return U


def overlap(U: np.ndarray, V: np.ndarray) -> float:  # type: ignore[type-arg]
    return float(abs(np.trace(U.conj().T @ V)) / len(U))


@pytest.mark.parametrize("gate", gates(), ids=lambda g: f"{g.name}{getattr(g, 'ctrl_state', '')}")
def test_steps_of_a_gate_multiply_to_its_matrix(gate: Gate) -> None:
    circuit = QuantumCircuit(gate.num_qubits)
    circuit.append(gate, np.random.default_rng(1).permutation(gate.num_qubits).tolist())
    assert overlap(dense(circuit), Operator(circuit).data) == pytest.approx(1.0, abs=1e-12)


def test_matrix_on_one_wire_has_a_form_and_on_two_has_none() -> None:
    circuit = QuantumCircuit(2)
    circuit.append(UnitaryGate(random_unitary(2, seed=1)), [1])
    assert overlap(dense(circuit), Operator(circuit).data) == pytest.approx(1.0, abs=1e-12)
    circuit.append(UnitaryGate(random_unitary(4, seed=1)), [0, 1])
    with pytest.raises(Undecidable, match="matrix on several wires"):
        list(steps(circuit))


def test_measurement_has_no_form() -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    with pytest.raises(Undecidable, match="is no gate"):
        list(steps(circuit))
