"""What circuits are made of: leaves, counts, and whether anything is hidden that is no gate."""

from __future__ import annotations

import pytest
from qiskit.circuit import Gate, QuantumCircuit, library

from qverify.errors import Undecidable
from qverify.structure import gates, is_dynamic, is_leaf, leaf_count, leaves, standard_class


def wrapped(circuit, depth):
    for _ in range(depth):
        outer = QuantumCircuit(circuit.num_qubits, circuit.num_clbits)
        outer.append(circuit.to_instruction(), outer.qubits, outer.clbits)
        circuit = outer
    return circuit


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("kind", ["reset", "measure", "h"])
def test_a_measurement_or_reset_is_found_in_however_deep_a_definition(kind, depth):
    circuit = QuantumCircuit(1, 1)
    getattr(circuit, kind)(0, *([0] if kind == "measure" else []))
    assert is_dynamic(wrapped(circuit, depth)) is (kind != "h")


def test_an_initialisation_is_dynamic_because_it_resets():
    circuit = QuantumCircuit(1)
    circuit.initialize([0, 1], 0)
    assert is_dynamic(circuit)


def test_barriers_and_delays_are_not_dynamic_and_not_counted():
    circuit = QuantumCircuit(1)
    circuit.barrier()
    circuit.delay(5, 0)
    assert not is_dynamic(circuit)
    assert leaf_count(circuit) == 0


def test_leaves_stand_on_the_wires_and_bits_of_the_whole():
    inner = QuantumCircuit(2, 1)
    inner.cx(1, 0)
    inner.measure(1, 0)
    circuit = QuantumCircuit(3, 2)
    circuit.h(0)
    circuit.append(inner.to_instruction(), [2, 1], [1])
    found = [(leaf.operation.name, leaf.qubits, leaf.clbits, leaf.top) for leaf in leaves(circuit)]
    assert found == [("h", (0,), (), 0), ("cx", (1, 2), (), 1), ("measure", (1,), (1,), 1)]


def test_gates_are_the_leaves_with_their_wires():
    inner = QuantumCircuit(2)
    inner.cx(1, 0)
    inner.append(library.QFTGate(2), [1, 0])
    circuit = QuantumCircuit(3, 1)
    circuit.h(0)
    circuit.append(wrapped(inner, 2).to_instruction(), [2, 1])
    circuit.barrier()
    circuit.ry(0.1, 1)
    circuit.measure(1, 0)
    assert len(gates(circuit)) > 5
    assert gates(circuit) == [(leaf.operation, leaf.qubits) for leaf in leaves(circuit)]


def test_counting_multiplies_and_never_expands():
    part = library.XGate()
    for _ in range(41):
        circuit = QuantumCircuit(1)
        circuit.append(part, [0])
        circuit.append(part, [0])
        part = Gate("twice", 1, [])
        part.definition = circuit
    assert leaf_count(circuit) == 2**41
    with pytest.raises(Undecidable, match="gates"):
        next(leaves(circuit))
    with pytest.raises(Undecidable, match="gates"):
        gates(circuit)


def test_a_gate_is_known_by_its_class_and_not_by_its_name():
    gate = library.RYGate(0.1).to_mutable()
    gate.name = "rz"
    assert standard_class(gate) == "RYGate"
    assert standard_class(Gate("x", 1, [])) == ""
    assert is_leaf(Gate("x", 1, []))
    assert not is_leaf(library.QFTGate(2))
