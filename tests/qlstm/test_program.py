"""Flattening and splitting circuits."""

from __future__ import annotations

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import ClassicalRegister, Gate, Parameter, QuantumRegister
from qiskit.circuit.library import CXGate

from qlstm.program import program_of
from qverify.errors import Unusable
from tests.qlstm.published import FEATURES, WEIGHTS, vqc

X, W = Parameter("x"), Parameter("w")


def test_published_circuit_is_encoded_then_transformed():
    program = program_of(vqc(), FEATURES, WEIGHTS)
    assert program.is_unitary_once
    assert [gate.name for gate in program.encoding] == ["h", "ry", "rz"] * 4
    assert len(program.body) == 2 * (8 + 12)


def test_parameter_names_do_not_matter():
    circuit = vqc()
    renamed = circuit.assign_parameters({p: Parameter(f"z_{p.name}") for p in circuit.parameters})
    other = program_of(renamed, tuple(f"z_{n}" for n in FEATURES), tuple(f"z_{n}" for n in WEIGHTS))
    assert other == program_of(vqc(), FEATURES, WEIGHTS)


def test_data_after_an_entangling_gate_needs_the_general_form():
    circuit = QuantumCircuit(2)
    circuit.cx(0, 1)
    circuit.ry(X, 0)
    assert not program_of(circuit, ("x",), ()).is_unitary_once


def test_data_after_a_weight_needs_the_general_form():
    circuit = QuantumCircuit(1)
    circuit.rx(W, 0)
    circuit.ry(X, 0)
    assert not program_of(circuit, ("x",), ("w",)).is_unitary_once


def test_open_control_is_opened_into_its_definition():
    circuit = QuantumCircuit(2)
    circuit.append(CXGate(ctrl_state=0), [0, 1])
    assert [gate.name for gate in program_of(circuit, (), ()).body] == ["x", "cx", "x"]


@pytest.mark.parametrize("name", ["x", "barrier", "delay"])
def test_gate_that_borrows_a_name_is_opened(name):
    liar = Gate(name, 1, [])
    definition = QuantumCircuit(1)
    definition.h(0)
    liar.definition = definition
    circuit = QuantumCircuit(1)
    circuit.append(liar, [0])
    assert [gate.name for gate in program_of(circuit, (), ()).body] == ["h"]


def test_composite_gate_lands_on_its_wires():
    inner = QuantumCircuit(2)
    inner.cx(0, 1)
    circuit = QuantumCircuit(3)
    circuit.append(inner.to_gate(), [2, 0])
    assert [gate.wires for gate in program_of(circuit, (), ()).body] == [(2, 0)]


def dynamic(kind: str) -> QuantumCircuit:
    circuit = QuantumCircuit(QuantumRegister(1), ClassicalRegister(1))
    if kind == "reset":
        circuit.reset(0)
    else:
        circuit.measure(0, 0)
    if kind == "if_else":
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.x(0)
    return circuit


@pytest.mark.parametrize("kind", ["measure", "reset", "if_else"])
def test_dynamic_circuit_is_refused_in_one_sentence(kind):
    with pytest.raises(Unusable, match="cannot be compiled yet"):
        program_of(dynamic(kind), (), ())


def test_unclaimed_parameter_is_refused():
    circuit = QuantumCircuit(1)
    circuit.rx(W, 0)
    with pytest.raises(Unusable, match="`w` is claimed neither"):
        program_of(circuit, (), ())
