"""The check `undone_by_its_inverse`: gates whose inverse does not undo them are found."""

from __future__ import annotations

import importlib
import math

import pytest
from hypothesis import given, settings
from qiskit import QuantumCircuit
from qiskit.circuit import ControlledGate, Gate, Parameter
from qiskit.circuit.library import RYGate, UnitaryGate
from qiskit.quantum_info import random_unitary

from tests.strategies import ARITIES, parameters, seeded, static_circuit
from tests.subjects import NESTED, judged, subject_of, subject_with

# a controlled U with a parameter and a constant is undone, which has no proof yet
HARD = ("CUGate", "CU3Gate", "XXPlusYYGate", "XXMinusYYGate")
SIMPLE = {name: size for name, size in ARITIES.items() if name not in HARD}
NAME = "undone_by_its_inverse"
module = importlib.import_module("qverify.checks.undone_by_its_inverse")


class Forgets(Gate):
    """A gate of one's own that says it is its own inverse."""

    def __init__(self, angle: object) -> None:
        super().__init__("forgets", 1, [angle])

    def _define(self) -> None:
        self.definition = QuantumCircuit(1)
        self.definition.rx(self.params[0], 0)

    def inverse(self, annotated: bool = False) -> Gate:  # noqa: ARG002  # as Qiskit calls it
        return Forgets(self.params[0])


def nudged(extra: str) -> QuantumCircuit:
    """A controlled RY whose definition does more than its base gate says."""
    theta = Parameter("theta")
    definition = QuantumCircuit(2)
    definition.cry(theta, 0, 1)
    if extra:
        getattr(definition, extra)(0, 1)
    gate = ControlledGate("nudge", 2, [theta], num_ctrl_qubits=1, definition=definition, base_gate=RYGate(theta))
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.append(gate, [0, 1])
    return circuit


@settings(NESTED, max_examples=12)
@given(seeded())
def test_random_circuit_with_parameters_passes(source) -> None:
    circuit = static_circuit(source, 3, 8, parameters=parameters(2), gates=SIMPLE)
    assert judged(NAME, subject_with(circuit)).verdict == "pass"


def test_controlled_gate_that_is_its_definition_passes() -> None:
    assert judged(NAME, subject_with(nudged(""))).verdict == "pass"


@pytest.mark.parametrize("extra", ["cz", "swap", "cx"])
def test_controlled_gate_that_does_more_than_its_base_gate_fails_with_a_snippet(extra: str) -> None:
    found = judged(NAME, subject_with(nudged(extra)))
    assert found.verdict == "fail"
    example = found.finding.evidence[0].counterexample
    assert example is not None
    assert "then_undone(qverify.load_subject('circuit.qasm').circuit)" in example.snippet
    assert "reference = QuantumCircuit(2)" in example.snippet


@pytest.mark.parametrize("bound", [0, 1])
def test_wrong_inverse_is_judged_by_its_size(bound: int) -> None:
    circuit = QuantumCircuit(2)
    circuit.append(Forgets(0.004), [0])
    truth = 2 * math.sin(0.008 / 4)
    limit = truth * (1.001 if bound else 0.999)
    found = judged(NAME, subject_with(circuit), at_most=limit)
    assert found.verdict == ("pass" if bound else "fail")


def test_gate_of_ones_own_with_a_wrong_inverse_fails_for_a_parameter() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.append(Forgets(Parameter("t")), [0])
    circuit.cx(0, 1)
    assert judged(NAME, subject_with(circuit)).verdict == "fail"


def test_matrix_beside_parameters_is_undone() -> None:
    circuit = QuantumCircuit(2)
    circuit.ry(Parameter("t"), 0)
    circuit.append(UnitaryGate(random_unitary(4, seed=1)), [0, 1])
    circuit.rzz(Parameter("u"), 0, 1)
    assert judged(NAME, subject_with(circuit)).verdict == "pass"


def test_circuit_that_measures_is_none_of_its_business() -> None:
    found = judged(NAME, subject_of("qubit[1] q; bit[1] c; h q[0]; c[0] = measure q[0];"))
    assert found.verdict == "not_applicable"


def test_circuit_that_cannot_be_inverted_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = QuantumCircuit(1)
    circuit.append(Gate("opaque", 1, []), [0])
    found = judged(NAME, subject_with(circuit))
    assert found.verdict == "inconclusive"


def test_hundred_wires_are_proved() -> None:
    circuit = QuantumCircuit(100)
    for k in range(100):
        circuit.ry(Parameter(f"p{k}"), k)
        circuit.cx(k, (k + 1) % 100)
    assert judged(NAME, subject_with(circuit)).verdict == "pass"
