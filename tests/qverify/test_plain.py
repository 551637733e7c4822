"""Operations that are only promised: written out, each is what Qiskit's own matrix says."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import AnnotatedOperation, ControlModifier, InverseModifier, Parameter, PowerModifier
from qiskit.circuit.library import CXGate, PermutationGate, RVGate, RXGate, RYGate, RZXGate, SXGate
from qiskit.quantum_info import Operator

from qverify.plain import plain
from qverify.semantics import run

x = Parameter("x")
PROMISED = [
    (AnnotatedOperation(RXGate(0.3), [InverseModifier()]), 1),
    (AnnotatedOperation(SXGate(), [PowerModifier(3)]), 1),
    (AnnotatedOperation(RYGate(0.4), [ControlModifier(2, 1)]), 3),
    (AnnotatedOperation(CXGate(), [InverseModifier(), ControlModifier(1, 0)]), 3),
    (AnnotatedOperation(RZXGate(0.2), [PowerModifier(2), InverseModifier(), ControlModifier(1)]), 3),
    (PermutationGate([2, 0, 1]), 3),
    (PermutationGate([3, 2, 0, 1]), 4),
    (RVGate(0.1, 0.2, 0.3), 1),
]


def meaning(circuit: QuantumCircuit) -> np.ndarray:  # type: ignore[type-arg]
    columns = run(circuit, {}, np.eye(2**circuit.num_qubits))[0][0]
    return np.asarray(columns).T


@pytest.mark.parametrize(("operation", "n"), PROMISED)
@pytest.mark.parametrize("nested", [False, True])
def test_written_out_is_the_matrix_that_qiskit_has(operation, n: int, nested: bool) -> None:  # type: ignore[no-untyped-def]
    circuit = QuantumCircuit(n)
    circuit.h(0)
    circuit.append(operation, range(n))
    if nested:
        outer = QuantumCircuit(n)
        outer.append(circuit.to_gate(), range(n))
        circuit = outer
    assert np.allclose(meaning(plain(circuit)), Operator(circuit).data)


def test_parameter_stays_a_parameter() -> None:
    circuit = QuantumCircuit(2)
    circuit.append(AnnotatedOperation(RXGate(x), [ControlModifier(1, 0)]), [0, 1])
    out = plain(circuit)
    assert list(out.parameters) == [x]
    bound = out.assign_parameters({x: 0.7})
    assert np.allclose(meaning(bound), Operator(RXGate(0.7).control(1, ctrl_state=0)).data)


def test_promise_inside_a_branch_is_written_out() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.if_test((circuit.clbits[0], 0)):
        circuit.append(AnnotatedOperation(SXGate(), [InverseModifier()]), [0])
    body = plain(circuit).data[0].operation.blocks[0]
    assert body.data[0].operation.name == "sxdg"


def test_plain_circuit_is_the_same_object() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    assert plain(circuit) is circuit
