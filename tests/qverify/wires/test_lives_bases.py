"""Bases in which gates are diagonal: each one that is claimed commutes with that Pauli matrix, and all is found."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit.circuit import QuantumCircuit, library

from qverify.wires.lives_bases import bases
from tests.oracles import embed
from tests.strategies import GATES

PAULIS = {
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
UNTOLD = {"SwapGate", "iSwapGate", "U2Gate", "HGate"}


@pytest.mark.parametrize("name", sorted(GATES))
@pytest.mark.parametrize("state", [0, None])
def test_gate_commutes_with_the_letter_it_is_diagonal_in(name: str, state: int | None) -> None:
    wires, angles = GATES[name]
    gate = getattr(library, name)(*(0.7 + 0.3 * k for k in range(angles)))
    if hasattr(gate, "ctrl_state") and state is not None:
        gate = gate.to_mutable()
        gate.ctrl_state = state
    found, matrix = bases(gate), gate.to_matrix()
    assert len(found) == wires
    for wire, letter in enumerate(found):
        commuting = {
            p for p, m in PAULIS.items() if np.allclose(matrix @ (at := embed(m, [wire], wires)), at @ matrix)
        }
        assert letter in commuting or (letter == "" and (not commuting or name in {"DCXGate", "ECRGate"}))


def test_a_branch_is_diagonal_where_all_its_bodies_are() -> None:
    circuit = QuantumCircuit(4, 1)
    with circuit.if_test((0, 1)) as otherwise:
        circuit.rz(0.1, 0)
        circuit.x(1)
        circuit.cx(2, 3)
    with otherwise:
        circuit.cz(0, 1)
        circuit.h(2)
    op, on = circuit.data[0].operation, [circuit.find_bit(q).index for q in circuit.data[0].qubits]
    assert dict(zip(on, bases(op), strict=True)) == {0: "Z", 1: "", 2: "", 3: "X"}


def test_what_is_not_known_is_diagonal_in_nothing() -> None:
    part = QuantumCircuit(2)
    part.cz(0, 1)
    assert bases(part.to_gate()) == ("", "")
    loop = QuantumCircuit(1)
    with loop.for_loop(range(2)):
        loop.z(0)
    assert bases(loop.data[0].operation) == ("",)
