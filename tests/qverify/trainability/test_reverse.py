"""Reverse mode over branches against differences and the shift rule; compression, forgetting, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import ClassicalRegister, Parameter, ParameterVector, QuantumCircuit, QuantumRegister
from qiskit.circuit.classical import expr, types

from qverify.errors import Undecidable
from qverify.semantics import shift_gradient
from qverify.trainability import tape
from qverify.trainability.reverse import reverse_gradients
from qverify.trainability.tape import Compressed, executed
from qverify.trainability.tensors import product_inputs
from tests.qverify.trainability.gradient_sweep import any_dynamic, drawn, observables, worst
from tests.strategies import seeded, steady


def agrees_with_differences(circuit, read):
    value, gradient = worst(circuit, read, method=reverse_gradients)
    assert value < 1e-12
    assert gradient < 1e-9


@steady(30)
@given(seeded())
def test_gradients_are_those_of_differences_for_any_dynamic_circuit(source):
    agrees_with_differences(*any_dynamic(source))


def feedback(steps, bits=2):
    """A window: the same weights in every step, a measurement that steers, and resets."""
    w = ParameterVector("w", 4)
    circuit = QuantumCircuit(QuantumRegister(3), ClassicalRegister(bits, "c"))
    for step in range(steps):
        circuit.ry(w[0], 0)
        circuit.rx(w[1], 1)
        circuit.cx(0, 1)
        circuit.cx(1, 2)
        circuit.measure(1, step % bits)
        with circuit.if_test((circuit.clbits[step % bits], 1)) as otherwise:
            circuit.rz(w[2], 2)
            circuit.rx(w[3], 0)
        with otherwise:
            circuit.ry(w[3], 2)
        circuit.reset(1)
        circuit.reset(0)
    return circuit


def test_weights_shared_over_a_window_agree_with_differences():
    circuit = feedback(3)
    agrees_with_differences(circuit, observables(circuit, "Z2", "X2 Z0", "Z0 Z1 Z2"))


def test_a_long_window_with_a_bit_for_every_step_is_held_in_few_columns():
    circuit = feedback(12, bits=12)
    names = [p.name for p in circuit.parameters]
    at, words, _ = drawn(circuit, 5)
    read = observables(circuit, "Z2", "X2")
    found = reverse_gradients(circuit, at, names, read, words)
    point = {p: v[:1] for p, v in at.items()}
    record, end = executed(circuit, point, read, product_inputs(words[:1]))
    assert len(end) == 1
    assert record.most < 2000  # 4**12 branches of 8 amplitudes without forgetting and compression
    assert any(isinstance(step, Compressed) for step in record.done)
    again = feedback(12, bits=1)
    np.testing.assert_allclose(
        reverse_gradients(again, at, names, observables(again, "Z2", "X2"), words).gradients,
        found.gradients,
        atol=1e-11,
    )


def test_gradients_are_those_of_the_shift_rule():
    w = ParameterVector("w", 6)
    circuit = QuantumCircuit(3, 2)
    circuit.ry(w[0], 0)
    circuit.rx(w[1], 1)
    circuit.cx(0, 2)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
        circuit.ry(w[2], 1)
        circuit.reset(2)
    with otherwise:
        circuit.rzz(w[3], 1, 2)
    circuit.h(1)
    circuit.rx(w[4], 1)
    circuit.measure(1, 1)
    circuit.ry(w[5], 2)
    circuit.reset(0)
    names = [p.name for p in circuit.parameters]
    read = observables(circuit, "Z2", "M0 M1", "X2 M1", "zeros")
    at, words, psi = drawn(circuit, 3)
    found = reverse_gradients(circuit, at, names, read, words).gradients
    for b in range(3):
        point = {p: float(v[b]) for p, v in at.items()}
        np.testing.assert_allclose(
            found[b], shift_gradient(circuit, point, names, read, psi[b : b + 1]), rtol=0, atol=1e-12
        )


def test_variables_stores_and_while_loops_are_followed():
    w = ParameterVector("w", 3)
    circuit = QuantumCircuit(2, 1)
    tries = circuit.add_var("tries", expr.lift(0, types.Uint(2)))
    flag = circuit.add_var("flag", expr.lift(True))
    circuit.ry(w[0], 0)
    with circuit.while_loop(expr.logic_and(flag, expr.less(tries, 2))):
        circuit.ry(w[1], 0)
        circuit.cx(0, 1)
        circuit.measure(0, 0)
        circuit.store(flag, circuit.clbits[0])
        circuit.store(tries, expr.add(tries, 1))
        circuit.reset(0)
    with circuit.if_test(flag):
        circuit.rx(w[2], 1)
    agrees_with_differences(circuit, observables(circuit, "Z0", "Z1", "M0"))


def test_a_loop_variable_in_an_angle_and_a_condition_is_followed():
    w = Parameter("w")
    circuit = QuantumCircuit(2, 2)
    with circuit.for_loop((1, 2, -1)) as i:
        circuit.ry(i * w, 0)
        circuit.measure(0, 0)
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.rx(w * w + i, 1)
    with circuit.switch(circuit.cregs[0]) as case:
        with case(0):
            circuit.ry(w, 1)
        with case(case.DEFAULT):
            circuit.ry(-w, 1)
            circuit.measure(1, 1)
    agrees_with_differences(circuit, observables(circuit, "Z0", "Z1", "X1 M1"))


def test_a_branch_that_is_never_taken_needs_no_columns():
    w = Parameter("w")
    circuit = QuantumCircuit(1, 1)
    circuit.ry(w, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.ry(w, 0)
    agrees_with_differences(circuit, observables(circuit, "Z0"))


def test_points_do_not_feel_one_another():
    circuit = feedback(4)
    at, words, _ = drawn(circuit, 3)
    read = observables(circuit, "Z2")
    one = reverse_gradients(circuit, at, ["w[0]"], read, words).gradients
    for b in range(3):
        alone = reverse_gradients(circuit, {p: v[[b]] for p, v in at.items()}, ["w[0]"], read, words[b : b + 1])
        np.testing.assert_allclose(one[[b]], alone.gradients, atol=1e-14)


def test_too_many_wires_and_too_many_branches_are_undecided(monkeypatch):
    wide = QuantumCircuit(13, 1)
    wide.reset(0)
    with pytest.raises(Undecidable, match="13 qubits are too many"):
        reverse_gradients(wide, {}, [], observables(wide, "Z0"))
    monkeypatch.setattr(tape, "MAX_AMPLITUDES", 100)
    with pytest.raises(Undecidable, match="more branches than fit"):
        reverse_gradients(feedback(3), drawn(feedback(3), 1)[0], [], observables(feedback(3), "Z0"))
