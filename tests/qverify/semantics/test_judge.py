"""Qiskit Aer as a second opinion: its probabilities and counts are those of listing every outcome."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit.circuit import ClassicalRegister, Clbit, QuantumCircuit, QuantumRegister, Qubit
from qiskit.circuit.classical import expr, types

from qverify.errors import Undecidable
from qverify.semantics import defer
from qverify.semantics.judge import deferred_probabilities, excess, sampled_counts
from tests.oracles import evolve
from tests.strategies import dynamic_circuit, from_seed

SHOTS = 2000


def distribution(circuit):
    rho = np.zeros((2**circuit.num_qubits,) * 2)
    rho[0, 0] = 1
    return {record: float(np.trace(out[0]).real) for record, out in evolve(circuit, [rho]).items()}


def nothing(circuit):
    return QuantumCircuit(circuit.num_qubits)


@pytest.mark.parametrize("seed", range(30))
def test_the_deferred_form_has_the_outcomes_of_the_circuit(seed):
    circuit = dynamic_circuit(from_seed(seed), 2, 2, 4, 1)
    deferred = defer(circuit)
    assert deferred.circuit.num_qubits <= 20
    found, expected = deferred_probabilities(deferred, nothing(circuit)), distribution(circuit)
    for record in {*found, *expected}:
        assert found.get(record, 0) == pytest.approx(expected.get(record, 0), abs=1e-10)


@pytest.mark.parametrize("seed", range(25))
def test_the_counts_are_explained_by_the_outcomes_or_the_circuit_is_refused(seed):
    """Wrong with probability 1e-11 each."""
    circuit = dynamic_circuit(from_seed(1000 + seed), 2, 3, 5)
    try:
        counts = sampled_counts(circuit, nothing(circuit), SHOTS, seed)
    except Undecidable:
        return
    assert sum(counts.values()) == SHOTS
    assert excess(counts, distribution(circuit), 1e-11)[0] == 0


def _cast():
    circuit = QuantumCircuit(QuantumRegister(2), ClassicalRegister(2, "c"), ClassicalRegister(1, "d"))
    circuit.x(0)
    circuit.measure(0, 1)
    with circuit.if_test(expr.cast(circuit.cregs[0], types.Bool())):
        circuit.x(1)
    circuit.measure(1, 2)
    return circuit, 0b110


def _negated():
    circuit = QuantumCircuit(QuantumRegister(2), ClassicalRegister(2, "c"), ClassicalRegister(1, "d"))
    circuit.x(0)
    circuit.measure(0, 1)
    with circuit.if_test(expr.less(expr.bit_not(circuit.cregs[0]), 2)):
        circuit.x(1)
    circuit.measure(1, 2)
    return circuit, 0b110


def _shared_bits():
    bits = [Clbit() for _ in range(3)]
    first, second = ClassicalRegister(bits=[bits[2], bits[0]]), ClassicalRegister(bits=[bits[0], bits[1]])
    circuit = QuantumCircuit([Qubit() for _ in range(3)], bits, first, second)
    circuit.x(1)
    circuit.measure([1, 0], [2, 0])
    with circuit.if_test((first, 1)):
        circuit.x(2)
    circuit.measure(2, 1)
    return circuit, 0b110


def _loose_bits_first():
    bits = [Clbit(), Clbit()]
    register = ClassicalRegister(2, "r")
    circuit = QuantumCircuit([Qubit(), Qubit()], bits, register)
    circuit.x(0)
    circuit.measure(0, 3)
    with circuit.if_test((register, 2)):
        circuit.measure(0, 0)
    return circuit, 0b1001


def _loop_with_a_composite():
    from qiskit.circuit import Parameter

    t = Parameter("t")
    part = QuantumCircuit(1)
    part.rx(t, 0)
    circuit = QuantumCircuit(1, 2)
    with circuit.for_loop((1, 2)) as i, circuit.if_test((circuit.clbits[1], 0)):
        circuit.append(part.assign_parameters({t: np.pi / 3 * i}).to_gate(), [0])
    circuit.measure(0, 0)
    return circuit, 0b01


def _nothing_measured():
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    return circuit, 0


@pytest.mark.parametrize(
    "make", [_cast, _negated, _shared_bits, _loose_bits_first, _loop_with_a_composite, _nothing_measured]
)
def test_a_certain_record_is_counted_every_time(make):
    circuit, record = make()
    assert sampled_counts(circuit, nothing(circuit), 50, 1) == {record: 50}
    assert distribution(circuit)[record] == pytest.approx(1.0)


def test_the_prepared_input_comes_first():
    circuit, prepared = QuantumCircuit(2, 2), QuantumCircuit(2)
    circuit.measure([0, 1], [0, 1])
    prepared.x(1)
    assert sampled_counts(circuit, prepared, 20, 1) == {2: 20}
    assert deferred_probabilities(defer(circuit), prepared) == pytest.approx({2: 1.0})


def test_the_counts_are_decided_by_the_seed():
    circuit = QuantumCircuit(1, 1)
    circuit.h(0)
    circuit.measure(0, 0)
    one, two = (sampled_counts(circuit, nothing(circuit), 100, 5) for _ in range(2))
    assert one == two
    assert set(one) == {0, 1}


def test_a_wrong_distribution_is_beyond_chance_and_names_its_record():
    beyond, record = excess({0: 2000, 3: 2000}, {0: 0.5, 2: 0.5}, 1e-9)
    assert beyond > 0.3
    assert record in (2, 3)


def test_a_right_distribution_is_not_beyond_chance():
    assert excess({0: 2010, 3: 1990}, {0: 0.5, 3: 0.5}, 1e-9)[0] == 0


def test_the_radius_is_hoeffdings():
    shots, failure = 400, 1e-6
    radius = np.sqrt(np.log(2 * 2 / failure) / (2 * shots))
    beyond, _ = excess({0: shots}, {0: 0.5, 1: 0.5}, failure)
    assert beyond == pytest.approx(0.5 - radius)


def test_too_many_wires_are_undecided():
    circuit = QuantumCircuit(23, 1)
    circuit.measure(0, 0)
    with pytest.raises(Undecidable, match="too many"):
        sampled_counts(circuit, nothing(circuit), 1, 1)
    with pytest.raises(Undecidable, match="too many"):
        deferred_probabilities(defer(circuit), nothing(circuit))


def test_branches_without_any_measurement_count_as_the_record_zero() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(0)
    assert sampled_counts(circuit, QuantumCircuit(1), 100, 1) == {0: 100}
