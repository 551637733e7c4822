"""A circuit as steps: turns of loops share a site, composites are opened, and what is not understood is refused."""

from __future__ import annotations

import pytest
from qiskit.circuit import ForLoopOp, Parameter, QuantumCircuit
from qiskit.circuit.classical import expr

from qverify.errors import Undecidable
from qverify.hygiene import executions, program_of
from tests.subjects import subject_of, subject_with


def steps(circuit: QuantumCircuit):
    return list(executions(program_of(subject_with(circuit)).steps))


def test_turns_of_a_loop_are_steps_at_one_site() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.for_loop(range(3)):
        circuit.measure(0, 0)
    found = steps(circuit)
    assert len(found) == 3
    assert len({step.site for step in found}) == 1


def test_loop_variable_has_its_number_in_every_turn() -> None:
    circuit, body, k = QuantumCircuit(1), QuantumCircuit(1), Parameter("k")
    body.ry(k, 0)
    circuit.append(ForLoopOp((2, 5), k, body), [0])
    assert [float(step.operation.params[0]) for step in steps(circuit)] == [2.0, 5.0]


def test_composite_is_opened_on_the_wires_and_bits_it_stands_on() -> None:
    part = QuantumCircuit(2, 1)
    part.cx(1, 0)
    part.measure(0, 0)
    circuit = QuantumCircuit(3, 2)
    circuit.append(part.to_instruction(), [2, 0], [1])
    assert [(s.kind, s.wires, s.bit) for s in steps(circuit)] == [("gate", (0, 2), -1), ("measure", (2,), 1)]


def test_branch_names_its_arms_and_values() -> None:
    circuit = QuantumCircuit(2, 2)
    with circuit.switch(circuit.cregs[0]) as case:
        with case(0, 2):
            circuit.x(0)
        with case(3):
            circuit.x(1)
    (branch,) = (step.branch for step in steps(circuit) if step.branch)
    assert branch.names == ("case 0, 2", "case 3", "nothing")
    assert branch.reads == ((0, 1),)
    assert [branch.chosen(record) for record in range(4)] == [0, 2, 0, 1]


def test_bit_of_a_register_is_read_alone() -> None:
    circuit = QuantumCircuit(1, 3)
    with circuit.if_test(expr.index(circuit.cregs[0], 2)):
        circuit.x(0)
    (branch,) = (step.branch for step in steps(circuit) if step.branch)
    assert branch.reads == ((2,),)


def test_outputs_are_all_bits_until_observables_are_claimed() -> None:
    body = "qubit[2] q; bit[3] c; c[0] = measure q[0]; h q[0]; c[1] = measure q[1];"
    assert program_of(subject_of(body)).outputs == {0, 1, 2}
    assert program_of(subject_of(body, observables=["Z0"])).outputs == {1}
    assert program_of(subject_of(body, observables=["M0"])).outputs == {0, 1}


@pytest.mark.parametrize("kind", ["while", "break", "many turns"])
def test_loop_that_is_not_unrolled_is_refused(kind: str) -> None:
    circuit = QuantumCircuit(1, 1)
    if kind == "while":
        with circuit.while_loop((circuit.clbits[0], 0)):
            circuit.measure(0, 0)
    elif kind == "break":
        with circuit.for_loop(range(2)):
            circuit.measure(0, 0)
            with circuit.if_test((circuit.clbits[0], 1)):
                circuit.break_loop()
    else:
        with circuit.for_loop(range(10**9)):
            circuit.h(0)
    with pytest.raises(Undecidable):
        steps(circuit)


def test_classical_variable_is_refused() -> None:
    circuit = QuantumCircuit(1, 1)
    flag = circuit.add_var("flag", False)
    with circuit.if_test(flag):
        circuit.x(0)
    with pytest.raises(Undecidable):
        steps(circuit)
