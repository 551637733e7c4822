"""The adjoint method against differences, the shift rule and PennyLane; cones, end measurements, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import Parameter, ParameterVector, QuantumCircuit
from qiskit.quantum_info import SparsePauliOp, Statevector

from qverify.errors import Undecidable
from qverify.semantics import expectations, shift_gradient
from qverify.trainability import adjoint
from qverify.trainability.adjoint import adjoint_gradients, cone_of
from qverify.trainability.reverse import reverse_gradients
from tests.qverify.trainability.gradient_sweep import any_static, drawn, observables, worst
from tests.strategies import sources, steady


def layers(n, depth, *, line=True):
    circuit, w = QuantumCircuit(n), iter(ParameterVector("w", 2 * n * depth))
    for _ in range(depth):
        for k in range(n):
            circuit.ry(next(w), k)
            circuit.rz(next(w), k)
        for k in range(n - 1 if line else 0):
            circuit.cz(k, k + 1)
    return circuit


@steady(30)
@given(sources())
def test_gradients_are_those_of_differences_for_any_gates_and_expressions(source):
    circuit, read = any_static(source)
    for method in (adjoint_gradients, reverse_gradients):
        value, gradient = worst(circuit, read, method=method)
        assert value < 1e-12
        assert gradient < 1e-9


def test_gradients_are_those_of_the_shift_rule():
    circuit = layers(4, 3)
    names = [p.name for p in circuit.parameters]
    read = observables(circuit, "Z0", "X1 Y2", "zeros")
    at, words, psi = drawn(circuit, 4)
    found = adjoint_gradients(circuit, at, names, read, words).gradients
    for b in range(4):
        point = {p: float(v[b]) for p, v in at.items()}
        wanted = shift_gradient(circuit, point, names, read, psi[b : b + 1])
        np.testing.assert_allclose(found[b], wanted, rtol=0, atol=1e-12)


def test_gradients_are_those_of_qiskits_state_vectors():
    """Nothing in common with the project's own gate matrices."""
    circuit = layers(4, 2)
    at, _, _ = drawn(circuit, 1, seed=8)
    names = [p.name for p in circuit.parameters]
    read = SparsePauliOp("IXIZ")  # Qiskit writes wire 0 last

    def f(name, by):
        bound = circuit.assign_parameters({p: float(v[0]) + by * (p == name) for p, v in at.items()})
        return Statevector(bound).expectation_value(read).real

    found = adjoint_gradients(circuit, at, names, observables(circuit, "Z0 X2"))
    wanted = [(f(name, math.pi / 2) - f(name, -math.pi / 2)) / 2 for name in names]
    np.testing.assert_allclose(found.gradients[0, :, 0], wanted, atol=1e-12)
    assert found.values[0, 0] == pytest.approx(f("", 0.0), abs=1e-12)


def test_a_parameter_that_several_gates_and_loops_share_has_the_sum_of_their_parts():
    w, x = Parameter("w"), Parameter("x")
    circuit = QuantumCircuit(1)
    with circuit.for_loop((1, 3)) as i:
        circuit.ry(i * w, 0)
    circuit.ry(w * x.arctan(), 0)
    t, v = np.array([0.3, -1.2]), np.array([0.4, 2.0])
    found = adjoint_gradients(circuit, {"w": t, "x": v}, ["x", "w"], observables(circuit, "Z0"))
    total = 4 + np.arctan(v)
    np.testing.assert_allclose(found.gradients[:, 1, 0], -total * np.sin(t * total), atol=1e-13)
    np.testing.assert_allclose(found.gradients[:, 0, 0], -t / (1 + v**2) * np.sin(t * total), atol=1e-13)


def test_what_no_observable_feels_is_left_out_and_has_gradient_zero():
    circuit = layers(40, 1)
    read = observables(circuit, "Z0")
    assert cone_of(circuit, read).wires == (0, 1)
    names = [p.name for p in circuit.parameters]
    found = adjoint_gradients(circuit, {p: np.array([0.5]) for p in names}, names, read)
    felt = np.abs(found.gradients[0, :, 0])
    assert felt[1:4].max() < 1e-16  # commute with the observable
    assert felt[4:].max() == 0.0
    assert found.gradients[0, 0, 0] == pytest.approx(-math.sin(0.5), abs=1e-14)


@pytest.mark.parametrize(
    "text", ["Z0", "X0", "M1", "M0 M1", "Z0 M1", "P0[0] M1", "M2 X2", "X0 X1 + 0.5*Y2", "Z1 M0"]
)
def test_measurements_at_the_end_are_part_of_the_observable(text):
    circuit = QuantumCircuit(3, 3)
    circuit.compose(layers(3, 2), inplace=True)
    circuit.measure([0, 1], [1, 0])
    names = [p.name for p in circuit.parameters]
    at, words, psi = drawn(circuit, 3)
    read = observables(circuit, text)
    found = adjoint_gradients(circuit, at, names, read, words)
    np.testing.assert_allclose(found.values, expectations(circuit, at, read, psi), atol=1e-13)
    branched = reverse_gradients(circuit, at, names, read, words)
    np.testing.assert_allclose(found.gradients, branched.gradients, atol=1e-13)


def test_chunks_make_no_difference(monkeypatch):
    circuit = layers(3, 2)
    names = [p.name for p in circuit.parameters]
    at, words, _ = drawn(circuit, 11)
    read = observables(circuit, "Z0", "Z1 Z2")
    whole = adjoint_gradients(circuit, at, names, read, words).gradients
    monkeypatch.setattr(adjoint, "AMPLITUDES", 300)
    np.testing.assert_array_equal(adjoint_gradients(circuit, at, names, read, words).gradients, whole)


def test_a_cone_too_wide_is_undecided():
    circuit = layers(21, 1)
    read = observables(circuit, " ".join(f"Z{k}" for k in range(21)))
    with pytest.raises(Undecidable, match="21 qubits are too many"):
        adjoint_gradients(circuit, {p.name: np.zeros(1) for p in circuit.parameters}, [], read)


def test_a_circuit_that_branches_is_undecided():
    circuit = QuantumCircuit(2, 1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    with pytest.raises(Undecidable, match="the adjoint method does not follow"):
        adjoint_gradients(circuit, {}, [], observables(circuit, "Z0"))
