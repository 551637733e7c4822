"""The reference semantics against Qiskit's operators and against density matrices, outcome by outcome."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import ControlModifier, Instruction, Parameter, QuantumCircuit, library
from qiskit.circuit.annotated_operation import AnnotatedOperation
from qiskit.quantum_info import Operator

from qverify.errors import Undecidable
from qverify.semantics.run import run
from tests.oracles import evolve
from tests.strategies import dynamic_circuit, from_seed, parameters, seeded, sources, static_circuit, steady


def vectors(seed, count, n):
    rng = np.random.default_rng(seed)
    psi = rng.normal(size=(count, 2**n)) + 1j * rng.normal(size=(count, 2**n))
    return psi / np.linalg.norm(psi, axis=1, keepdims=True)


@given(sources())
@steady(120)
def test_a_random_static_circuit_acts_as_qiskits_operator(source):
    n = source.randint(1, 5)
    names = parameters(2)
    circuit = static_circuit(source, n, source.randint(0, 12), parameters=names)
    values = {p: source.uniform(-3, 3) for p in circuit.parameters}
    psi = vectors(1, 2, n)
    found = run(circuit, {p.name: np.array([v]) for p, v in values.items()}, psi)
    expected = psi @ Operator(circuit.assign_parameters(values)).data.T
    assert list(found) == [0]
    np.testing.assert_allclose(found[0][0], expected, atol=1e-10)


@given(seeded())
@steady(120)
def test_a_random_dynamic_circuit_acts_on_density_matrices_as_listing_every_outcome_says(source):
    n = source.randint(1, 3)
    circuit = dynamic_circuit(source, n, source.randint(1, 3), source.randint(1, 6))
    psi = vectors(2, 1, n)
    found = {
        record: sum(np.outer(v[0], v[0].conj()) for v in branches)
        for record, branches in run(circuit, {}, psi).items()
    }
    expected = evolve(circuit, [np.outer(psi[0], psi[0].conj())])
    for record in {*found, *expected}:
        np.testing.assert_allclose(found.get(record, 0), expected.get(record, np.zeros((1, 1, 1)))[0], atol=1e-10)


@given(seeded())
@steady(40)
def test_the_norm_is_conserved_over_all_branches(source):
    n = source.randint(1, 3)
    circuit = dynamic_circuit(source, n, 2, source.randint(1, 6))
    end = run(circuit, {}, vectors(3, 3, n))
    total = sum(np.sum(np.abs(v) ** 2, axis=1) for branches in end.values() for v in branches)
    np.testing.assert_allclose(total, 1, atol=1e-10)


@given(seeded())
@steady(40)
def test_a_batch_equals_its_rows_one_by_one(source):
    n, batch = source.randint(1, 3), 3
    names = parameters(2)
    circuit = dynamic_circuit(source, n, 2, 5, angles=lambda s: s.choice([*names, 2 * names[0], 0.4]), loops=False)
    values = {p.name: np.array([source.uniform(-3, 3) for _ in range(batch)]) for p in names}
    psi = vectors(4, batch, n)
    together = run(circuit, values, psi)

    def weight(end, row):
        return {r: sum(np.outer(v[row], v[row].conj()) for v in branches) for r, branches in end.items()}

    for row in range(batch):
        alone = weight(run(circuit, {p: v[row : row + 1] for p, v in values.items()}, psi[row : row + 1]), 0)
        for record, rho in weight(together, row).items():
            np.testing.assert_allclose(rho, alone.get(record, 0 * rho), atol=1e-12)


@given(sources())
@steady(40)
def test_relabelling_the_wires_commutes_with_running(source):
    n = 3
    circuit = static_circuit(source, n, 8)
    order = source.sample(range(n), n)
    moved = QuantumCircuit(n)
    moved.compose(circuit, order, inplace=True)
    P = np.zeros((8, 8))
    for index in range(8):
        P[sum((index >> k & 1) << order[k] for k in range(n)), index] = 1
    psi = vectors(5, 2, n)
    np.testing.assert_allclose(run(moved, {}, psi @ P.T)[0][0], run(circuit, {}, psi)[0][0] @ P.T, atol=1e-10)


@given(sources())
@steady(40)
def test_a_circuit_followed_by_its_inverse_is_the_identity(source):
    circuit = static_circuit(source, 3, 8, composites=False)
    psi = vectors(6, 2, 3)
    np.testing.assert_allclose(run(circuit.compose(circuit.inverse()), {}, psi)[0][0], psi, atol=1e-10)


def test_one_input_and_many_values_broadcast():
    theta = Parameter("t")
    circuit = QuantumCircuit(1)
    circuit.ry(theta, 0)
    t = np.linspace(0, 3, 4)
    out = run(circuit, {"t": t}, [[1, 0]])[0][0]
    np.testing.assert_allclose(out, np.stack([np.cos(t / 2), np.sin(t / 2)], axis=1), atol=1e-15)


def test_values_of_two_lengths_are_refused():
    with pytest.raises(ValueError, match="broadcast"):
        run(QuantumCircuit(1), {"a": [1.0, 2.0], "b": [1.0, 2.0, 3.0]}, [[1, 0]])


def test_a_loop_variable_reaches_composite_and_openly_controlled_gates_inside_branches():
    t = Parameter("t")
    part = QuantumCircuit(1)
    part.ry(t, 0)
    circuit = QuantumCircuit(2, 1)
    with circuit.for_loop((1, 2)) as i, circuit.if_test((circuit.clbits[0], 0)):
        circuit.append(part.assign_parameters({t: i}).to_gate(), [0])
        circuit.append(library.CRYGate(i, ctrl_state=0), [1, 0])
    for _ in range(2):  # running changes nothing
        np.testing.assert_allclose(
            run(circuit, {}, [[1, 0, 0, 0]])[0][0], [[np.cos(3), np.sin(3), 0, 0]], atol=1e-14
        )


def test_a_loop_variable_that_the_body_does_not_use_is_no_fault():
    from qiskit.circuit import ForLoopOp

    body = QuantumCircuit(1)
    body.x(0)
    circuit = QuantumCircuit(1)
    circuit.append(ForLoopOp(range(3), Parameter("i"), body), [0])
    np.testing.assert_array_equal(run(circuit, {}, [[1, 0]])[0][0], [[0, 1]])


def _opaque():
    circuit = QuantumCircuit(1)
    circuit.append(Instruction("mystery", 1, 0, []), [0])
    return circuit


def _annotated():
    circuit = QuantumCircuit(2)
    circuit.append(AnnotatedOperation(library.RYGate(0.3), ControlModifier(1)), [0, 1])
    return circuit


def _while():
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.measure(0, 0)
    return circuit


def _break():
    circuit = QuantumCircuit(1, 1)
    with circuit.for_loop(range(3)):
        circuit.measure(0, 0)
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.break_loop()
    return circuit


def _variable():
    from qiskit.circuit.classical import expr

    circuit = QuantumCircuit(1, 1)
    circuit.add_var("level", expr.lift(0.5))
    return circuit


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_opaque, "definition"),
        (_annotated, "definition"),
        (_while, "bound"),
        (_break, "break"),
        (_variable, "`level` is a `Float"),
    ],
)
def test_what_cannot_be_followed_is_undecided(make, said):
    circuit = make()
    psi = np.zeros((1, 2**circuit.num_qubits))
    psi[0, 0] = 1
    with pytest.raises(Undecidable, match=said):
        run(circuit, {}, psi)


def test_too_many_branches_are_undecided(monkeypatch):
    monkeypatch.setattr(sys.modules["qverify.semantics.run"], "MAX_AMPLITUDES", 16)
    circuit = QuantumCircuit(1, 1)
    for _ in range(5):
        circuit.h(0)
        circuit.measure(0, 0)
    with pytest.raises(Undecidable, match="branches"):
        run(circuit, {}, [[1, 0]])


def test_too_many_turns_of_a_loop_are_undecided():
    circuit = QuantumCircuit(1)
    with circuit.for_loop(range(10**6)):
        circuit.x(0)
    with pytest.raises(Undecidable, match="unrolled"):
        run(circuit, {}, [[1, 0]])


def test_the_seeded_sources_give_the_same_circuit_twice():
    a, b = (dynamic_circuit(from_seed(8), 2, 2, 6) for _ in range(2))
    assert [i.operation.name for i in a.data][:1] == [i.operation.name for i in b.data][:1]
    assert a.num_clbits == b.num_clbits
