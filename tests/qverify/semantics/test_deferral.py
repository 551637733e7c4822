"""Deferring a measurement changes nothing: the instrument of a circuit is that of its deferred form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from qiskit.circuit import ClassicalRegister, Measure, Parameter, QuantumCircuit, QuantumRegister, Reset, library
from qiskit.circuit.classical import expr

from qverify.checks.deferred_measurement import measured_at_end
from qverify.errors import Undecidable
from qverify.semantics import defer, instrument
from qverify.semantics.binding import bind
from qverify.structure import is_dynamic
from tests.oracles import choi
from tests.strategies import dynamic_circuit, from_seed, seeded, steady

MAX_WIRES = 12


def images(maps):
    out = {}
    for record, kraus in maps.items():
        d = kraus.shape[2]
        out[record] = np.einsum("rai,rbj->ijab", kraus, kraus.conj()).reshape(d * d, *kraus.shape[1:2] * 2)
    return out


def gap(circuit):
    """Between the oracle's map of the circuit and the map of its deferred form, over all records."""
    deferred = measured_at_end(defer(circuit))
    found, expected = images(deferred.map({}, "instrument")), choi(circuit)
    zero = 0 * next(iter(expected.values()))
    return max(float(np.abs(found.get(r, zero) - expected.get(r, zero)).max()) for r in {*found, *expected})


@given(seeded())
@steady(300)
def test_a_random_dynamic_circuit_and_its_deferred_form_are_one_instrument(source):
    circuit = dynamic_circuit(source, source.randint(1, 2), source.randint(1, 3), source.randint(2, 6))
    assume(defer(circuit).circuit.num_qubits <= MAX_WIRES)
    assert gap(circuit) < 1e-10


@given(seeded())
@steady(30)
def test_a_deferred_form_is_static_and_its_inputs_come_first(source):
    circuit = dynamic_circuit(source, 2, 2, 5)
    deferred = defer(circuit)
    assert not is_dynamic(deferred.circuit)
    assert deferred.inputs == circuit.num_qubits
    assert len(set(deferred.outputs)) == len(deferred.outputs)
    assert len(deferred.records) == circuit.num_clbits


def branch_overwrites_its_bit():
    c = QuantumCircuit(2, 1)
    c.h(0)
    c.measure(0, 0)
    with c.if_test((c.clbits[0], 1)) as otherwise:
        c.h(1)
        c.measure(1, 0)
        c.ry(0.3, 0)
    with otherwise:
        c.x(1)
        c.measure(0, 0)
        c.rz(0.2, 1)
    return c


def same_bit_twice():
    c = QuantumCircuit(2, 1)
    c.measure(0, 0)
    c.h(0)
    c.measure(0, 0)
    with c.if_test((c.clbits[0], 0)):
        c.x(1)
    return c


def reset_under_a_condition():
    c = QuantumCircuit(2, 1)
    c.h(0)
    c.cx(0, 1)
    c.measure(0, 0)
    with c.if_test((c.clbits[0], 1)):
        c.reset(1)
        c.h(1)
        c.reset(0)
    c.cx(0, 1)
    return c


def nested():
    c = QuantumCircuit(2, 2)
    c.h([0, 1])
    c.measure([0, 1], [0, 1])
    with c.if_test((c.clbits[0], 1)):
        c.measure(0, 1)
        with c.if_test((c.clbits[1], 1)) as otherwise:
            c.ry(0.4, 1)
            c.measure(1, 0)
        with otherwise:
            c.x(0)
        with c.if_test((c.clbits[0], 0)):
            c.reset(0)
    return c


def switch_with_default():
    c = QuantumCircuit(QuantumRegister(2), ClassicalRegister(2, "c"))
    c.h([0, 1])
    c.measure([0, 1], [0, 1])
    with c.switch(c.cregs[0]) as case:
        with case(2):
            c.ry(0.4, 0)
            c.measure(0, 1)
        with case(0, 1):
            c.reset(0)
        with case(case.DEFAULT):
            c.x(1)
    return c


def loop_without_variable():
    c = QuantumCircuit(2, 1)
    with c.for_loop(range(3)):
        c.ry(0.5, 0)
        c.cx(0, 1)
        c.measure(1, 0)
        with c.if_test((c.clbits[0], 1)):
            c.reset(1)
    return c


def loop_with_variable():
    c = QuantumCircuit(2, 1)
    with c.for_loop((1, 0, 3)) as i:
        c.ry(0.5 * i, 0)
        c.measure(0, 0)
        with c.if_test((c.clbits[0], 1)):
            c.append(library.CRYGate(i, ctrl_state=0), [0, 1])
    return c


def loop_variable_in_a_composite_gate():
    t = Parameter("t")
    part = QuantumCircuit(1)
    part.ry(t, 0)
    c = QuantumCircuit(1, 1)
    with c.for_loop((1, 2)) as i:
        with c.if_test((c.clbits[0], 0)):
            c.append(part.assign_parameters({t: 0.3 * i}).to_gate(), [0])
        c.measure(0, 0)
    return c


def hidden_reset():
    inner = QuantumCircuit(2)
    inner.h(0)
    inner.reset(1)
    c = QuantumCircuit(3, 1)
    c.h(2)
    c.cx(2, 0)
    c.append(inner.to_instruction(), [1, 0])
    c.measure(2, 0)
    with c.if_test((c.clbits[0], 1)):
        c.append(inner.to_instruction(), [0, 2])
    return c


def composite_with_bits_and_no_measurement():
    part = QuantumCircuit(1, 1)
    part.h(0)
    c = QuantumCircuit(1, 1)
    c.append(part.to_instruction(), [0], [0])
    c.measure(0, 0)
    return c


def control_and_condition_on_one_wire():
    c = QuantumCircuit(2, 1)
    c.h(0)
    c.measure(0, 0)
    with c.if_test((c.clbits[0], 1)):
        c.cx(0, 1)
        c.swap(0, 1)
        c.ch(1, 0)
    return c


def conditioned_global_phase():
    c = QuantumCircuit(2, 1)
    c.h([0, 1])
    c.measure(0, 0)
    body = QuantumCircuit(1, global_phase=0.7)
    body.sx(0)
    c.if_test((c.clbits[0], 1), body, [1], [])
    c.h(1)
    return c


def condition_on_a_bit_never_written():
    c = QuantumCircuit(1, 2)
    with c.if_test((c.clbits[1], 0)):
        c.x(0)
    with c.if_test((c.clbits[1], 1)):
        c.h(0)
    c.measure(0, 0)
    return c


def expression_over_registers():
    c = QuantumCircuit(QuantumRegister(2), ClassicalRegister(2, "a"), ClassicalRegister(1, "b"))
    c.h([0, 1])
    c.measure([0, 1], [0, 1])
    c.h(0)
    c.measure(0, 2)
    with c.if_test(expr.logic_or(expr.less(expr.bit_not(c.cregs[0]), 2), expr.logic_not(c.clbits[2]))):
        c.ry(0.7, 1)
    return c


HARD = [
    branch_overwrites_its_bit, same_bit_twice, reset_under_a_condition, nested, switch_with_default,
    loop_without_variable, loop_with_variable, loop_variable_in_a_composite_gate, hidden_reset,
    composite_with_bits_and_no_measurement, control_and_condition_on_one_wire, conditioned_global_phase,
    condition_on_a_bit_never_written, expression_over_registers,
]  # fmt: skip


@pytest.mark.parametrize("make", HARD, ids=lambda make: make.__name__)
def test_a_hard_case_and_its_deferred_form_are_one_instrument(make):
    assert gap(make()) < 1e-12


def _mutant(circuit, how):
    """The circuit with one thing wrong in its deferred form, to see that the comparison can fail."""
    deferred = defer(circuit)
    return replace(deferred, gates=(*deferred.gates[:how], *deferred.gates[how + 1 :]))


def _every_operation_matters():
    c = QuantumCircuit(2, 1)
    c.h(0)
    c.measure(0, 0)
    with c.if_test((c.clbits[0], 0)):
        c.h(1)
        c.measure(1, 0)
        c.ry(0.3, 0)
        c.reset(1)
    return c


def test_dropping_any_operation_of_the_deferred_form_is_seen():
    circuit = _every_operation_matters()
    expected = choi(circuit)
    for index in range(len(defer(circuit).gates)):
        side = measured_at_end(_mutant(circuit, index))
        found = images(side.map({}, "instrument"))
        zero = 0 * next(iter(expected.values()))
        assert max(np.abs(found.get(r, zero) - expected.get(r, zero)).max() for r in {*found, *expected}) > 1e-3


def _while():
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.measure(0, 0)
    return circuit


def _many_bits():
    circuit = QuantumCircuit(QuantumRegister(1), ClassicalRegister(13, "c"))
    for k in range(13):
        circuit.measure(0, k)
    with circuit.if_test((circuit.cregs[0], 3)):
        circuit.x(0)
    return circuit


def _many_ancillas():
    circuit = QuantumCircuit(1, 1)
    with circuit.for_loop(range(5000)):
        circuit.measure(0, 0)
    return circuit


def _break():
    circuit = QuantumCircuit(1, 1)
    with circuit.for_loop(range(3)):
        circuit.measure(0, 0)
        circuit.break_loop()
    return circuit


@pytest.mark.parametrize(
    ("make", "said"), [(_while, "bound"), (_many_bits, "13 bits"), (_many_ancillas, "4096"), (_break, "break")]
)
def test_what_has_no_deferred_form_of_bounded_size_is_undecided(make, said):
    with pytest.raises(Undecidable, match=said):
        defer(make())


@given(seeded())
@steady(40)
def test_binding_a_circuit_twice_leaves_it_as_it_was(source):
    w = Parameter("w")
    circuit = dynamic_circuit(source, 2, 2, 5, angles=lambda s: s.choice([w, 2 * w, w + 0.5]), loops=False)
    first, second = (bind(circuit, {w: value}) for value in (0.25, 0.5))
    assume(w in circuit.parameters)
    assert set(circuit.parameters) == {w}
    for bound, value in ((first, 0.25), (second, 0.5)):
        found, expected = images(instrument(bound, {})), images(instrument(circuit, {"w": value}))
        for record in expected:
            np.testing.assert_allclose(found[record], expected[record], atol=1e-12)


def test_the_hard_cases_measure_or_reset():
    assert all(is_dynamic(make()) for make in HARD)


def test_random_circuits_reach_what_is_hard():
    """The generator must give conditions, nested bodies, resets and measurements, or the property says little."""
    names = set()
    for seed in range(40):
        stack = [dynamic_circuit(from_seed(seed), 2, 2, 6)]
        while stack:
            for item in stack.pop().data:
                names.add(item.operation.name)
                stack.extend(getattr(item.operation, "blocks", ()))
    assert {"if_else", "switch_case", "for_loop", "box", Measure().name, Reset().name} <= names
