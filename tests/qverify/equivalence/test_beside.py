"""What stands beside a strict "different": orders of wires, equality from |0...0>, and the place."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import efficient_su2, real_amplitudes

from qverify.equivalence.answer import Answer
from qverify.equivalence.decide import Question, decide
from tests.subjects import subject_with

x, y = Parameter("x"), Parameter("y")


def asked(a: QuantumCircuit, b: QuantumCircuit, **more: object) -> Answer:
    return decide(subject_with(a), subject_with(b), Question("unitary", **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(6))
def test_wires_by_other_names_are_told_as_a_relabelling(seed: int) -> None:
    one = efficient_su2(5, reps=1, entanglement="linear")
    names = [int(k) for k in np.random.default_rng(seed).permutation(5)]
    other = QuantumCircuit(5)
    other.compose(one, names, inplace=True)
    found = asked(one, other)
    if names != sorted(names):
        assert found.verdict == "different"
        assert found.up_to_relabelling == tuple(names)


def test_reversed_bits_of_a_symmetric_circuit_are_a_relabelling_too() -> None:
    one = QuantumCircuit(4)
    for k in range(4):
        one.ry(x * (k + 1), k)
    one.cx(0, 1)
    one.cx(2, 3)
    other = one.reverse_bits()
    assert asked(one, other).up_to_relabelling == (3, 2, 1, 0)


def test_many_like_wires_are_no_hang() -> None:
    one = QuantumCircuit(16)
    one.h(range(16))
    for k in range(16):
        one.cz(k, (k + 1) % 16)
    other = one.copy()
    other.x(3)
    assert asked(one, other).up_to_relabelling is None
    turned = QuantumCircuit(16)
    turned.compose(one, [*range(1, 16), 0], inplace=True)
    assert asked(one, turned).verdict == "equivalent"  # the ring is the same ring


def test_every_order_of_like_wires_is_tried() -> None:
    one, other = QuantumCircuit(4), QuantumCircuit(4)
    for circuit, pairs in ((one, [(0, 1), (2, 3)]), (other, [(0, 2), (1, 3)])):
        circuit.rx(0.3, range(4))
        for pair in pairs:
            circuit.cz(*pair)
            circuit.rx(0.4, pair)
    found = asked(one, other).up_to_relabelling
    assert found is not None
    assert {frozenset(found[k] for k in pair) for pair in [(0, 1), (2, 3)]} == {
        frozenset({0, 2}),
        frozenset({1, 3}),
    }


def test_what_is_no_relabelling_is_not_called_one() -> None:
    one, other = QuantumCircuit(2), QuantumCircuit(2)
    one.rx(x, 0)
    one.ry(y, 1)
    other.rx(y, 0)
    other.ry(x, 1)
    found = asked(one, other)
    assert (found.verdict, found.up_to_relabelling, found.up_to_permutation) == ("different", None, None)


def test_clean_ancilla_that_a_compiler_used_is_equal_from_zero() -> None:
    one, other = QuantumCircuit(3), QuantumCircuit(3)
    for circuit in (one, other):
        circuit.rx(0.3, 0)
        circuit.cx(0, 1)
    other.crx(0.7, 2, 0)  # does nothing while wire 2 is |0>
    found = asked(one, other)
    assert (found.verdict, found.from_zero) == ("different", True)
    strict = asked(one, other, input="zero")
    assert strict.verdict == "equivalent"


def test_parameterised_clean_ancilla_is_exact_from_zero() -> None:
    one, other = QuantumCircuit(2), QuantumCircuit(2)
    one.ry(x, 0)
    other.ry(x, 0)
    other.cry(y, 1, 0)
    one.rz(y, 1)
    found = asked(one, other)
    assert (found.verdict, found.from_zero) == ("different", True)
    answer = asked(one, other, input="zero")
    assert (answer.verdict, answer.strength) == ("equivalent", "exact")


def test_difference_that_zero_shows_is_no_equality_from_zero() -> None:
    one, other = QuantumCircuit(2), QuantumCircuit(2)
    one.ry(x, 0)
    other.ry(-x, 0)
    assert asked(one, other).from_zero is False


def test_place_names_wire_and_segment() -> None:
    one = real_amplitudes(6, reps=3, entanglement="linear").decompose()
    for at, item in enumerate(one.data):
        if item.operation.name != "ry":
            continue
        other = one.copy()
        other.data[at] = item.replace(operation=item.operation.inverse())
        wire = one.find_bit(item.qubits[0]).index
        passed = sum(len(i.qubits) > 1 and item.qubits[0] in i.qubits for i in one.data[:at])
        told = f"wire {wire} before its 1st" if not passed else f"wire {wire} after its {passed}"
        assert asked(one, other).where.startswith(told)


def test_clifford_fault_at_the_end_names_output_wires() -> None:
    one = efficient_su2(4, reps=1)
    other = one.copy()
    other.cz(1, 3)
    assert asked(one, other).where.startswith("output wires 1, 3")
