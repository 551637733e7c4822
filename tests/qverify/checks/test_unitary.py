"""The check `unitary`: whatever loses norm or overlap is found, with inputs that show it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit.library import UnitaryGate
from qiskit.circuit.random import random_circuit

from tests.subjects import NESTED, finding_of, judged, subject_of, subject_with


def hiding(operation: str) -> QuantumCircuit:
    """Three wires entangled, with a reset or measurement inside a composite instruction."""
    inner = QuantumCircuit(2, 1)
    inner.h(0)
    if operation == "reset":
        inner.reset(1)
    else:
        inner.measure(1, 0)
    circuit = QuantumCircuit(3, 1)
    circuit.h([0, 1, 2])
    circuit.append(inner.to_instruction(), [0, 2], [0])
    circuit.cx(0, 1)
    return circuit


@settings(NESTED, max_examples=15)
@given(st.integers(0, 10_000))
def test_random_circuit_of_gates_passes(seed: int) -> None:
    assert judged("unitary", subject_with(random_circuit(3, 4, seed=seed), kind="unitary")).verdict == "pass"


@pytest.mark.parametrize("operation", ["reset", "measure"])
def test_operation_hidden_in_a_composite_fails_with_inputs_that_show_it(operation: str) -> None:
    found = judged("unitary", subject_with(hiding(operation), kind="unitary"))
    assert found.verdict == "fail"
    example = found.finding.evidence[-1].counterexample
    assert example is not None
    first, second = example.input.split(" and ")
    assert len(first) == len(second) == 3
    changed = sum(a != b for a, b in zip(first, second, strict=True)) + sum(a not in "0" for a in first)
    assert changed <= 2, "hypothesis should have shrunk the inputs"


def test_matrix_that_is_no_unitary_fails() -> None:
    circuit = QuantumCircuit(1)
    circuit.append(UnitaryGate(np.diag([1.0, 0.9]), check_input=False), [0])
    assert judged("unitary", subject_with(circuit)).verdict == "fail"


def test_norm_off_by_a_hair_is_judged_by_the_bound() -> None:
    circuit = QuantumCircuit(1)
    circuit.append(UnitaryGate(np.diag([1.0, np.sqrt(1 - 1e-6)]), check_input=False), [0])
    subject = subject_with(circuit)  # |1> loses 1e-6 of its norm, and 2e-6 of its overlap with itself
    assert judged("unitary", subject, at_most=2.1e-6).verdict == "pass"
    assert judged("unitary", subject, at_most=1.9e-6).verdict == "fail"


def test_hundred_qubits_of_gates_pass_by_proof() -> None:
    circuit = QuantumCircuit(100)
    circuit.h(range(100))
    found = judged("unitary", subject_with(circuit))
    assert (found.verdict, found.finding.evidence[0].strength) == ("pass", "proof")


def test_hidden_reset_too_wide_for_state_vectors_is_undecided() -> None:
    circuit = QuantumCircuit(17, 1)
    circuit.append(hiding("reset").to_instruction(), [0, 1, 2], [0])
    found = judged("unitary", subject_with(circuit, kind="unitary"))
    assert (found.verdict, "17 wires are too many" in found.finding.message) == ("inconclusive", True)


def test_dynamic_circuit_without_the_claim_is_not_applicable() -> None:
    subject = subject_of("qubit[1] q; bit[1] c; h q[0]; c[0] = measure q[0];")
    assert judged("unitary", subject).verdict == "not_applicable"


def test_same_seed_gives_the_same_finding() -> None:
    subject = subject_with(hiding("reset"), kind="unitary")
    assert finding_of("unitary", subject, seed=3) == finding_of("unitary", subject, seed=3)
