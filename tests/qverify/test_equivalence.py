"""Distances of circuits: closed forms, dense formulas, and intervals that hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from qiskit import transpile
from qiskit.circuit import Parameter, QuantumCircuit
from qiskit.quantum_info import Operator

from qverify.equivalence import Side, distance
from qverify.errors import Undecidable
from tests.oracles import evolve
from tests.strategies import dynamic_circuit, seeded, sources, static_circuit, steady


def rz(t):
    circuit = QuantumCircuit(1)
    circuit.rz(t, 0)
    return circuit


def ry_on(n, wire, t):
    circuit = QuantumCircuit(n)
    circuit.ry(t, wire)
    return circuit


@pytest.mark.parametrize("t", [0.0, 1e-6, 0.5, math.pi, 5.0, 2 * math.pi])
def test_a_phase_rotation_is_2_sin_of_a_quarter_angle_from_the_identity(t):
    found = distance(Side(rz(t)), Side(QuantumCircuit(1)), {}, "unitary")
    truth = 2 * math.sin(min(t, 2 * math.pi - t) / 4)
    assert found.lo <= truth + 1e-15
    assert truth <= found.hi
    assert found.hi - found.lo < 1e-13


@given(sources())
@steady(40)
def test_a_circuit_in_other_gates_is_at_distance_zero(source):
    circuit = static_circuit(source, source.randint(1, 4), source.randint(1, 8), composites=False)
    other = transpile(circuit, basis_gates=["rz", "sx", "cx"], optimization_level=0)
    for notion in ("unitary", "channel"):
        found = distance(Side(circuit), Side(other), {}, notion)
        assert found.lo <= 1e-12  # Qiskit's own rounding of the decomposition
        assert found.hi < 1e-8


@given(sources())
@steady(30)
def test_the_distance_of_unitaries_is_the_dense_formula(source):
    a, b = (static_circuit(source, 2, 4) for _ in range(2))
    U, V = Operator(a).data, Operator(b).data
    # the operator norm of a normal matrix is its largest eigenvalue, here of U^dagger V - e^{i phi}
    phases = np.angle(np.linalg.eigvals(V.conj().T @ U))
    best = min(np.abs(np.exp(1j * phases) - np.exp(1j * p)).max() for p in np.linspace(0, 2 * np.pi, 4001))
    found = distance(Side(a), Side(b), {}, "unitary")
    assert found.lo <= best + 1e-12
    assert best - 1e-3 <= found.hi


@given(seeded())
@steady(25)
def test_a_dynamic_circuit_is_at_distance_zero_from_itself(source):
    circuit = dynamic_circuit(source, 2, 2, 4, 1)
    for notion in ("instrument", "channel", "outcomes"):
        found = distance(Side(circuit), Side(circuit), {}, notion)
        assert found.lo == 0
        assert found.hi < 1e-10


@given(seeded())
@steady(40)
def test_no_input_tells_two_instruments_apart_by_more_than_the_upper_end(source):
    a, b = (dynamic_circuit(source, 2, 2, 4, 1) for _ in range(2))
    found = distance(Side(a), Side(b), {}, "instrument")
    outcomes = distance(Side(a), Side(b), {}, "outcomes")
    rng = np.random.default_rng(1)
    for _ in range(5):
        psi = rng.normal(size=4) + 1j * rng.normal(size=4)
        rho = np.outer(psi, psi.conj()) / np.vdot(psi, psi).real
        left, right = (evolve(c, [rho]) for c in (a, b))
        gaps = [left.get(r, np.zeros((1, 4, 4)))[0] - right.get(r, np.zeros((1, 4, 4)))[0] for r in {*left, *right}]
        told = sum(np.abs(np.linalg.eigvalsh(g)).sum() for g in gaps)
        assert told <= found.hi + 1e-9
        assert sum(abs(np.trace(g)) for g in gaps) / 2 <= outcomes.hi + 1e-9


def test_a_reset_is_at_distance_two_from_the_identity():
    circuit = QuantumCircuit(1)
    circuit.reset(0)
    found = distance(Side(circuit), Side(QuantumCircuit(1)), {}, "instrument")
    assert found.lo <= 2 <= found.hi
    assert found.lo > 1


def test_a_reset_changes_nothing_on_a_wire_that_starts_in_zero():
    circuit = QuantumCircuit(1)
    circuit.reset(0)
    assert distance(Side(circuit), Side(QuantumCircuit(1)), {}, "channel", "zero").hi < 1e-12


def measured(wanted):
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], wanted)):
        circuit.x(0)
    return circuit


def test_an_inverted_condition_is_as_far_as_can_be():
    found = distance(Side(measured(1)), Side(measured(0)), {}, "instrument")
    assert found.lo <= 2 <= found.hi
    assert found.lo == pytest.approx(2)


def test_the_outcomes_do_not_see_what_happens_after_them():
    assert distance(Side(measured(1)), Side(measured(0)), {}, "outcomes").hi < 1e-12


@pytest.mark.parametrize("t", [0.4, math.pi / 2, math.pi])
def test_the_outcomes_of_a_turned_wire_from_zero_differ_by_the_sine_squared(t):
    turned, plain = QuantumCircuit(1, 1), QuantumCircuit(1, 1)
    turned.ry(t, 0)
    for circuit in (turned, plain):
        circuit.measure(0, 0)
    found = distance(Side(turned), Side(plain), {}, "outcomes", "zero")
    assert found.lo <= math.sin(t / 2) ** 2 <= found.hi
    assert found.hi - found.lo < 1e-12


def test_a_global_phase_is_seen_by_no_notion():
    phased = QuantumCircuit(1, global_phase=1.0)
    for notion in ("unitary", "instrument", "channel"):
        assert distance(Side(phased), Side(QuantumCircuit(1)), {}, notion).lo == 0


def test_an_ancilla_that_does_not_return_to_zero_is_seen_by_the_unitary_notion():
    side = Side(ry_on(2, 1, 1.0), zero=(1,))
    assert distance(side, Side(QuantumCircuit(2), zero=(1,)), {}, "unitary").lo > 0.1


def test_an_ancilla_that_is_traced_out_may_end_anywhere():
    side = Side(ry_on(2, 1, 1.0), zero=(1,), discard=(1,))
    assert distance(side, Side(QuantumCircuit(1)), {}, "channel").hi < 1e-12


def test_parameters_are_taken_by_name():
    t = Parameter("t")
    found = distance(Side(rz(t)), Side(rz(0.5)), {"t": 0.5, "unused": 3.0}, "unitary")
    assert found.lo == 0
    assert found.hi < 1e-13


def test_a_measurement_has_no_unitary():
    with pytest.raises(Undecidable, match="compare it as an instrument"):
        distance(Side(measured(1)), Side(measured(1)), {}, "unitary")


def test_circuits_of_other_widths_are_undecided_with_what_to_claim():
    with pytest.raises(Undecidable, match="ancilla"):
        distance(Side(QuantumCircuit(1)), Side(QuantumCircuit(2)), {}, "channel")
