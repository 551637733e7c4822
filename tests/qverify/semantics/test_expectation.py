"""Expectation values and gradients: closed forms, Qiskit's Pauli operators, and three rules that agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import Parameter, QuantumCircuit
from qiskit.quantum_info import SparsePauliOp, Statevector

from qverify.semantics import difference_gradient, expectations, shift_gradient, zero_state
from qverify.subject import parse_observable
from tests.oracles import evolve, observable_matrix
from tests.strategies import dynamic_circuit, seeded, sources, static_circuit, steady


def ry(n=1):
    circuit = QuantumCircuit(n)
    circuit.ry(Parameter("t"), 0)
    return circuit


@pytest.mark.parametrize(
    ("text", "label"), [("X0", "IX"), ("Y0", "IY"), ("Z0", "IZ"), ("Y1", "YI"), ("X0 Y1", "YX")]
)
def test_a_pauli_has_the_sign_that_qiskit_gives_it(text, label):
    rng = np.random.default_rng(1)
    psi = rng.normal(size=4) + 1j * rng.normal(size=4)
    psi /= np.linalg.norm(psi)
    found = expectations(QuantumCircuit(2), {}, [text], psi[None])[0, 0]
    expected = Statevector(psi).expectation_value(SparsePauliOp(label)).real
    assert found == pytest.approx(expected, abs=1e-14)


@given(sources())
@steady(60)
def test_a_random_observable_of_a_random_circuit_is_that_of_dense_matrices(source):
    n = source.randint(1, 3)
    circuit = static_circuit(source, n, 6)
    terms, words = [], []
    for _ in range(source.randint(1, 3)):
        wires = source.sample(range(n), source.randint(1, n))
        letters = {k: source.choice("XYZP") for k in wires}
        c = round(source.uniform(0.1, 2), 3)
        terms.append((c, letters))
        words.append(f"{c}*" + " ".join(f"P0[{k}]" if v == "P" else f"{v}{k}" for k, v in letters.items()))
    out = Statevector(circuit).data
    expected = np.vdot(out, observable_matrix(terms, n) @ out).real
    assert expectations(circuit, {}, [" + ".join(words)])[0, 0] == pytest.approx(expected, abs=1e-10)


@given(seeded())
@steady(40)
def test_a_measured_sign_weighs_the_records(source):
    circuit = dynamic_circuit(source, 2, 2, 5, 1)
    rho = np.zeros((4, 4))
    rho[0, 0] = 1
    end = evolve(circuit, [rho])
    Z1 = observable_matrix([(1, {1: "Z"})], 2)
    sign = {r: 1 - 2 * (r & 1) for r in end}
    expected = [
        sum(sign[r] * np.trace(out[0]).real for r, out in end.items()),
        sum(sign[r] * np.trace(Z1 @ out[0]).real for r, out in end.items()),
        sum(np.trace(Z1 @ out[0]).real for out in end.values()),
    ]
    np.testing.assert_allclose(expectations(circuit, {}, ["M0", "M0 Z1", "Z1"])[0], expected, atol=1e-10)


def test_projectors_on_zero_multiply_to_zeros():
    circuit = QuantumCircuit(2)
    circuit.ry(0.7, 0)
    circuit.ry(1.1, 1)
    p, q = np.cos(0.35) ** 2, np.cos(0.55) ** 2
    found = expectations(circuit, {}, ["P0[0]", "P0[1]", "zeros", "P0[0] P0[1]", "I"])[0]
    np.testing.assert_allclose(found, [p, q, p * q, p * q, 1], atol=1e-14)


def test_a_bit_never_written_has_sign_plus_one():
    assert expectations(QuantumCircuit(1, 1), {}, ["M0"])[0, 0] == 1


def test_a_batch_of_values_gives_the_cosine():
    t = np.linspace(-4, 4, 9)
    np.testing.assert_allclose(expectations(ry(), {"t": t}, ["Z0"])[:, 0], np.cos(t), atol=1e-14)


def test_a_batch_of_values_and_a_circuit_that_has_no_parameter_still_give_every_row():
    assert expectations(QuantumCircuit(1), {"unused": np.zeros(3)}, ["Z0"]).shape == (3, 1)


@pytest.mark.parametrize("t", [-2.0, 0.0, 0.3, np.pi / 2])
def test_both_gradients_are_minus_the_sine(t):
    observable = [parse_observable("Z0", 1, 0)]
    for rule, error in ((shift_gradient, 1e-14), (difference_gradient, 1e-11)):
        assert rule(ry(), {"t": t}, ["t"], observable)[0, 0] == pytest.approx(-np.sin(t), abs=error)


@given(sources())
@steady(30)
def test_the_shift_rule_and_the_difference_quotient_agree_where_each_weight_turns_one_rotation(source):
    circuit = QuantumCircuit(2, 1)
    names = [f"w{k}" for k in range(4)]
    for name in names:
        kind = source.choice(["rx", "ry", "rz", "rxx", "rzz", "p"])
        wires = source.sample(range(2), 2)
        getattr(circuit, kind)(Parameter(name), *(wires if len(kind) == 3 else wires[:1]))
        circuit.append(source.choice([QuantumCircuit(2), _entangled()]).to_gate(), [0, 1])
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.ry(0.4, 1)
    observables = [parse_observable(text, 2, 1) for text in ("Z0", "X1", "M0 Z1")]
    at = {name: source.uniform(-3, 3) for name in names}
    shifted = shift_gradient(circuit, at, names, observables)
    assert shifted.shape == (4, 3)
    np.testing.assert_allclose(shifted, difference_gradient(circuit, at, names, observables), atol=1e-10)


def _entangled():
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    return circuit


@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_the_shift_rule_is_wrong_where_its_condition_does_not_hold(factor):
    circuit = QuantumCircuit(1)
    circuit.ry(factor * Parameter("t"), 0)
    observable = [parse_observable("Z0", 1, 0)]
    shifted = shift_gradient(circuit, {"t": 0.7}, ["t"], observable)[0, 0]
    exact = -factor * np.sin(factor * 0.7)
    assert difference_gradient(circuit, {"t": 0.7}, ["t"], observable)[0, 0] == pytest.approx(exact, abs=1e-10)
    assert abs(shifted - exact) > 0.05


def test_the_zero_state_has_its_first_amplitude():
    np.testing.assert_array_equal(zero_state(2), [[1, 0, 0, 0]])
