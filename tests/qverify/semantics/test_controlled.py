"""A gate under one more control is that gate where the control is set, and nothing where it is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import library
from qiskit.quantum_info import Operator

from qverify.semantics.controlled import controlled

T = (0.7, -2.1, 5.3)
GATES = [
    *(getattr(library, name)(T[0]) for name in ("RXGate", "RYGate", "RZGate", "PhaseGate")),
    *(getattr(library, name)(T[1]) for name in ("RXXGate", "RYYGate", "RZZGate", "RZXGate")),
    *(getattr(library, name)(T[2]) for name in ("CRXGate", "CRYGate", "CRZGate", "CPhaseGate")),
    *(getattr(library, name)(T[0], ctrl_state=0) for name in ("CRXGate", "CRYGate", "CRZGate")),
    library.UGate(*T), library.U3Gate(*T), library.U2Gate(*T[:2]), library.RGate(*T[:2]), library.CUGate(*T, 0.4),
    library.XGate(), library.CXGate(ctrl_state=0), library.HGate(), library.SwapGate(), library.SXGate(),
    library.iSwapGate(), library.TGate(), library.CCXGate(), library.UnitaryGate([[0, 1j], [1, 0]]),
]  # fmt: skip


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: f"{gate.name}-{getattr(gate, 'ctrl_state', '')}")
def test_matrix_is_that_of_the_controlled_gate(gate) -> None:
    n = gate.num_qubits
    made = QuantumCircuit(n + 1)
    for part, wires in controlled(gate):
        made.append(part, wires)
    found = Operator(made).data
    size = 2**n
    wanted = np.eye(2 * size, dtype=complex)
    ones = 2 * np.arange(size) + 1  # wire 0 is set
    wanted[np.ix_(ones, ones)] = Operator(gate).data
    assert np.abs(found - wanted).max() < 1e-13


def test_period_of_a_controlled_rotation_is_four_pi() -> None:
    once, twice = (QuantumCircuit(2) for _ in range(2))
    for circuit, angle in ((once, 0.3), (twice, 0.3 + 2 * math.pi)):
        for part, wires in controlled(library.RYGate(angle)):
            circuit.append(part, wires)
    assert np.abs(Operator(once).data - Operator(twice).data).max() > 0.5
