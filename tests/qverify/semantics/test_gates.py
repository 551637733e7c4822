"""The table of gates against Qiskit's matrices, at random angles and for every control state."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit.circuit import library

from qverify.semantics.gates import MATRICES, open_controls, pauli, rotation
from qverify.semantics.run import run
from tests.oracles import kron_all
from tests.strategies import GATES


def test_the_strategies_know_every_gate_of_the_table():
    assert set(GATES) == set(MATRICES)


@pytest.mark.parametrize("name", sorted(MATRICES))
def test_a_matrix_is_the_one_qiskit_gives_at_random_angles(name):
    wires, count = GATES[name]
    angles = np.random.default_rng(3).uniform(-7, 7, (count, 5))
    found = np.broadcast_to(MATRICES[name](*angles), (5, 2**wires, 2**wires))
    expected = np.stack([getattr(library, name)(*angles[:, row]).to_matrix() for row in range(5)])
    np.testing.assert_allclose(found, expected, atol=1e-14)


CONTROLLED = [
    name for name in sorted(MATRICES) if hasattr(getattr(library, name)(*[0.1] * GATES[name][1]), "ctrl_state")
]


@pytest.mark.parametrize("name", CONTROLLED)
def test_open_controls_are_those_of_qiskit_for_every_control_state(name):
    angles = np.random.default_rng(4).uniform(-7, 7, (GATES[name][1], 1))
    controls = getattr(library, name)(*angles[:, 0]).num_ctrl_qubits
    for state in range(2**controls):
        gate = getattr(library, name)(*angles[:, 0], ctrl_state=state)
        found = open_controls(MATRICES[name](*angles), controls, state)[0]
        np.testing.assert_allclose(found, gate.to_matrix(), atol=1e-14)


@pytest.mark.parametrize("name", sorted(MATRICES))
def test_every_matrix_is_unitary(name):
    wires, count = GATES[name]
    U = MATRICES[name](*np.full((count, 1), 1.234))[0]
    np.testing.assert_allclose(U @ U.conj().T, np.eye(2**wires), atol=1e-14)


@pytest.mark.parametrize("word", ["X", "ZX", "YZ", "XYZ"])
def test_a_rotation_is_the_exponential_of_its_pauli_word(word):
    letters = {"X": [[0, 1], [1, 0]], "Y": [[0, -1j], [1j, 0]], "Z": [[1, 0], [0, -1]]}
    P = kron_all([np.array(letters[letter]) for letter in word])
    np.testing.assert_array_equal(pauli(word), P)
    values, vectors = np.linalg.eigh(P)
    expected = vectors @ np.diag(np.exp(-0.5j * 0.7 * values)) @ vectors.conj().T
    np.testing.assert_allclose(rotation(word, np.array([0.7]))[0], expected, atol=1e-14)


def test_the_matrices_of_fixed_gates_cannot_be_overwritten():
    with pytest.raises(ValueError, match="read-only"):
        MATRICES["XGate"]()[0, 0, 0] = 5


def test_a_renamed_gate_is_what_it_is_and_not_what_it_is_called():
    from qiskit.circuit import QuantumCircuit

    gate = library.XGate().to_mutable()
    gate.name = "id"
    circuit = QuantumCircuit(1)
    circuit.append(gate, [0])
    out = run(circuit, {}, [[1, 0]])[0][0]
    np.testing.assert_array_equal(out, [[0, 1]])
