"""Clifford frames: every gate moves the rows as conjugation by its matrix does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator

from qverify.equivalence.frame import Frame, Pauli, anticommute, conjugated, positive, sign, times
from qverify.semantics.gates import pauli

N = 3
MASKS = st.integers(0, 2**N - 1)
PAULIS = st.tuples(MASKS, MASKS, st.integers(0, 3))


def matrix(p: Pauli) -> np.ndarray:  # type: ignore[type-arg]
    """i**phase X**x Z**z by Kronecker products, wire 0 least significant."""
    X, Z = pauli("X"), pauli("Z")
    out = np.array([[1j ** p[2]]])
    for k in range(N):
        one = np.linalg.matrix_power(X, p[0] >> k & 1) @ np.linalg.matrix_power(Z, p[1] >> k & 1)
        out = np.kron(one, out)
    return out


@given(PAULIS, PAULIS)
def test_product_is_the_product_of_matrices(a: Pauli, b: Pauli) -> None:
    assert np.allclose(matrix(times(a, b)), matrix(a) @ matrix(b))
    assert anticommute(a, b) == np.allclose(matrix(a) @ matrix(b), -matrix(b) @ matrix(a))


@given(MASKS, MASKS)
def test_positive_operator_is_hermitian_with_sign_one(x: int, z: int) -> None:
    p = positive(x, z)
    assert np.allclose(matrix(p), matrix(p).conj().T)
    assert sign(p) == 1
    assert sign((x, z, (p[2] + 2) % 4)) == -1


@given(PAULIS, MASKS, MASKS, st.integers(-4, 7))
def test_conjugation_by_a_quarter_turn_is_that_of_matrices(q: Pauli, x: int, z: int, quarters: int) -> None:
    P, t = matrix(positive(x, z)), quarters * np.pi / 2
    R = np.cos(t / 2) * np.eye(2**N) - 1j * np.sin(t / 2) * P
    assert np.allclose(matrix(conjugated(q, positive(x, z), quarters)), R.conj().T @ matrix(q) @ R)


@pytest.mark.parametrize("seed", range(20))
def test_frame_of_a_random_clifford_circuit_is_conjugation_by_its_matrix(seed: int) -> None:
    rng, frame, circuit = np.random.default_rng(seed), Frame(N), QuantumCircuit(N)
    for _ in range(25):
        name = str(rng.choice(["h", "s", "x", "y", "z", "cx", "swap", "rotate"]))
        wires = [int(k) for k in rng.permutation(N)[: 2 if name in ("cx", "swap", "rotate") else 1]]
        if name == "rotate":
            quarters = int(rng.integers(1, 4))
            frame.rotate("XY", (wires[0], wires[1]), quarters)
            circuit.sdg(wires[1])  # exp(-i t XY / 2) = S_1 exp(-i t XX / 2) S_1^dagger
            circuit.rxx(quarters * np.pi / 2, *wires)
            circuit.s(wires[1])
        elif name in "xyz":
            frame.flip(wires[0], name.upper())
            getattr(circuit, name)(*wires)
        else:
            getattr(frame, name)(*wires)
            getattr(circuit, name)(*wires)
    C = Operator(circuit).data
    for k in range(N):
        assert np.allclose(matrix(frame.x[k]), C.conj().T @ matrix((1 << k, 0, 0)) @ C)
        assert np.allclose(matrix(frame.z[k]), C.conj().T @ matrix((0, 1 << k, 0)) @ C)
        assert np.allclose(matrix(frame.word("Y", (k,))), C.conj().T @ matrix((1 << k, 1 << k, 1)) @ C)
