"""Backward cones: what is called dead is dead, found by changing the input of the wire and listing all outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import Instruction, QuantumCircuit
from qiskit.circuit.classical import expr, types

from qverify.errors import Undecidable
from qverify.wires import uses
from tests.oracles import LETTERS, evolve, kron_all, partial_trace
from tests.strategies import dynamic_circuit, seeded, steady


def statuses(circuit, wires=(), bits=()):
    return [use.status for use in uses(circuit, wires, bits)]


def outputs(circuit, psi, wires, bits):
    """The distribution of the read bits with the reduced state of the read wires, all other things summed away."""
    n, out = circuit.num_qubits, {}
    rest = [k for k in range(n) if k not in wires]
    for record, rho in evolve(circuit, [np.outer(psi, psi.conj())]).items():
        key = tuple(record >> k & 1 for k in bits)
        out[key] = out.get(key, 0) + partial_trace(rho[0], rest, n)
    return out


def feels(circuit, wire, wires, bits, seed):
    """Whether the initial state of `wire` changes an output, the other wires being in random product states."""
    rng = np.random.default_rng(seed)
    others = [rng.normal(size=2) + 1j * rng.normal(size=2) for _ in range(circuit.num_qubits)]
    others = [v / np.linalg.norm(v) for v in others]
    seen = []
    for letter in "01+r":
        states = [LETTERS[letter] if k == wire else v for k, v in enumerate(others)]
        seen.append(outputs(circuit, kron_all([s[:, None] for s in states])[:, 0], wires, bits))
    zero = np.zeros((2 ** len(wires),) * 2)
    return any(
        np.abs(one.get(key, zero) - seen[0].get(key, zero)).max() > 1e-9
        for one in seen[1:]
        for key in {*one, *seen[0]}
    )


@given(seeded())
@steady(250)
def test_no_qubit_that_an_output_feels_is_called_dead(source):
    n, bits = source.randint(2, 3), source.randint(1, 3)
    circuit = dynamic_circuit(source, n, bits, source.randint(1, 6))
    wires = sorted(source.sample(range(n), source.randint(0, 1)))
    read = sorted(source.sample(range(bits), source.randint(0 if wires else 1, bits)))
    for use in uses(circuit, wires, read):
        if use.status != "busy" and use.index not in wires:
            assert not feels(circuit, use.index, wires, read, 11)


@given(seeded())
@steady(30)
def test_a_wire_without_any_operation_is_untouched_and_no_other_is(source):
    circuit = dynamic_circuit(source, 3, 2, 3, loops=False)
    touched = set()

    def visit(body, wires):
        place = dict(zip(body.qubits, wires, strict=True))
        for item in body.data:
            on = [place[q] for q in item.qubits]
            blocks = getattr(item.operation, "blocks", None)
            if blocks is None and item.operation.name != "barrier":
                if item.operation.name.startswith("circuit"):
                    visit(item.operation.definition, on)
                else:
                    touched.update(on)
            for block in blocks or ():
                visit(block, on)

    visit(circuit, range(3))
    for use in uses(circuit, [0], [0]):
        assert (use.status == "untouched") == (use.index not in touched)


def test_a_gate_before_a_reset_is_dead():
    circuit = QuantumCircuit(2)
    circuit.h(1)
    circuit.reset(1)
    assert statuses(circuit, [0]) == ["untouched", "dead"]


def test_a_gate_is_live_through_a_chain_that_ends_on_an_output():
    circuit = QuantumCircuit(3)
    circuit.cx(2, 1)
    circuit.cx(1, 0)
    assert statuses(circuit, [0]) == ["busy"] * 3


def test_the_order_of_gates_decides_what_is_live():
    circuit = QuantumCircuit(3)
    circuit.cx(1, 0)
    circuit.cx(2, 1)
    assert statuses(circuit, [0]) == ["busy", "busy", "dead"]


def test_a_measurement_overwritten_before_it_is_read_is_dead():
    circuit = QuantumCircuit(2, 1)
    circuit.measure(1, 0)
    circuit.measure(0, 0)
    assert statuses(circuit, [], [0]) == ["busy", "dead"]


def test_a_bit_that_steers_something_live_keeps_its_qubit_busy():
    circuit = QuantumCircuit(2, 1)
    circuit.measure(1, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(0)
    assert statuses(circuit, [0]) == ["busy", "busy"]
    assert statuses(circuit, []) == ["dead", "dead"]


def test_a_bit_in_an_expression_keeps_its_qubit_busy():
    circuit = QuantumCircuit(2, 2)
    circuit.measure(1, 1)
    with circuit.if_test(expr.logic_or(circuit.clbits[0], circuit.clbits[1])):
        circuit.x(0)
    assert statuses(circuit, [0]) == ["busy", "busy"]


def test_the_last_gate_of_a_loop_body_is_felt_by_the_next_turn():
    circuit = QuantumCircuit(3, 1)
    with circuit.for_loop(range(3)):
        circuit.measure(0, 0)
        circuit.cx(1, 0)
        circuit.cx(2, 1)
    assert statuses(circuit, [], [0]) == ["busy"] * 3


def test_what_a_loop_condition_reads_is_busy():
    circuit = QuantumCircuit(2, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.x(0)
        circuit.h(1)
        circuit.measure(1, 0)
    assert statuses(circuit, [0]) == ["busy", "busy"]


def test_a_condition_inside_a_composite_reads_the_bits_it_stands_on():
    inner = QuantumCircuit(1, 2)
    with inner.if_test((inner.clbits[0], 1)):
        inner.x(0)
    made = Instruction("made", 1, 2, [])
    made.definition = inner
    circuit = QuantumCircuit(2, 2)
    circuit.measure(1, 1)
    circuit.append(made, [0], [1, 0])
    assert statuses(circuit, [0]) == ["busy", "busy"]


def test_barriers_and_delays_are_no_use():
    circuit = QuantumCircuit(2)
    circuit.barrier()
    circuit.delay(10, 1)
    assert statuses(circuit, [0]) == ["untouched", "untouched"]


def test_the_operations_of_a_qubit_are_counted():
    circuit = QuantumCircuit(2)
    circuit.h(1)
    circuit.cx(1, 0)
    circuit.x(1)
    use = uses(circuit, [0], [])[1]
    assert (use.operations, use.live_operations) == (3, 2)


def _break():
    circuit = QuantumCircuit(2, 1)
    with circuit.for_loop(range(2)):
        circuit.measure(0, 0)
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.break_loop()
        circuit.x(1)
    return circuit


def _variable():
    circuit = QuantumCircuit(2, 1)
    circuit.measure(0, 0)
    flag = circuit.add_var("flag", expr.lift(circuit.clbits[0]))
    with circuit.if_test(flag):
        circuit.x(1)
    return circuit


def test_a_loop_left_early_is_undecided():
    with pytest.raises(Undecidable, match="not worked out"):
        uses(_break(), [1], [])


def test_a_variable_carries_what_it_was_given():
    assert statuses(_variable(), [1]) == ["busy", "busy"]
    assert statuses(_variable(), [0]) == ["busy", "dead"]


def test_a_store_into_what_nobody_reads_is_no_use():
    circuit = QuantumCircuit(2, 2)
    circuit.measure(1, 1)
    circuit.add_var("unread", expr.lift(circuit.clbits[1]))
    assert statuses(circuit, [0]) == ["untouched", "dead"]
    circuit.store(circuit.clbits[0], circuit.clbits[1])
    assert statuses(circuit, [0], [0]) == ["untouched", "busy"]


def test_a_counter_carries_a_bit_into_the_body_of_its_loop():
    circuit = QuantumCircuit(3, 1)
    k = circuit.add_var("k", expr.lift(0, types.Uint(2)))
    flag = circuit.add_var("flag", expr.lift(False))
    circuit.measure(1, 0)
    with circuit.while_loop(expr.less(k, 2)):
        circuit.x(2)
        with circuit.if_test(flag):
            circuit.x(0)
        with circuit.if_test((circuit.clbits[0], 1)), circuit.box():
            circuit.store(flag, True)  # felt by the next turn
        circuit.store(k, expr.add(k, 1))
    assert statuses(circuit, [0]) == ["busy", "busy", "dead"]


def test_an_index_of_what_is_stored_into_is_read():
    circuit = QuantumCircuit(2, 2)
    circuit.measure(1, 1)
    a = circuit.add_var("a", expr.lift(0, types.Uint(2)))
    place = circuit.add_var("place", expr.cast(circuit.clbits[1], types.Uint(1)))
    circuit.store(expr.index(a, place), True)
    with circuit.if_test(expr.equal(a, 1)):
        circuit.x(0)
    assert statuses(circuit, [0]) == ["busy", "busy"]
