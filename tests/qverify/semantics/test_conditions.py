"""Conditions on the classical memory, against Python's own operators for every record."""

from __future__ import annotations

import pytest
from hypothesis import given
from qiskit.circuit import ClassicalRegister, Clbit, QuantumCircuit
from qiskit.circuit.classical import expr, types

from qverify.errors import Undecidable
from qverify.semantics.conditions import bits_read, holds, target_value
from tests.oracles import _true
from tests.strategies import DynamicCircuits, sources, steady

REGISTER = ClassicalRegister(3, "c")
PLACE = {bit: k for k, bit in enumerate(REGISTER)}
RECORDS = range(8)


@given(sources())
@steady(150)
def test_a_random_condition_holds_exactly_where_an_independent_reading_says(source):
    made = DynamicCircuits(source, 1, source.randint(1, 4))
    bits = {c: k for k, c in enumerate(made.circuit.clbits)}
    condition = made.condition()
    for record in range(2 ** len(bits)):
        memory = {k: record >> k & 1 for k in range(len(bits))}
        assert holds(condition, record, bits) == _true(condition, memory, bits)


@given(sources())
@steady(80)
def test_only_the_bits_that_a_condition_is_said_to_read_change_it(source):
    made = DynamicCircuits(source, 1, 3)
    bits = {c: k for k, c in enumerate(made.circuit.clbits)}
    condition = made.condition()
    for other in set(range(3)) - set(bits_read(condition, bits)):
        assert all(holds(condition, r, bits) == holds(condition, r ^ 1 << other, bits) for r in RECORDS)


@pytest.mark.parametrize("record", RECORDS)
def test_a_register_is_read_with_its_first_bit_least_significant(record):
    assert target_value(REGISTER, record, PLACE) == record
    assert target_value(ClassicalRegister(bits=list(reversed(REGISTER))), record, PLACE) == int(
        f"{record:03b}"[::-1], 2
    )


@pytest.mark.parametrize("record", RECORDS)
def test_not_of_an_unsigned_integer_stays_in_its_width(record):
    assert target_value(expr.bit_not(REGISTER), record, PLACE) == 7 - record


@pytest.mark.parametrize("record", RECORDS)
def test_a_shift_drops_what_leaves_the_width(record):
    assert target_value(expr.shift_left(REGISTER, 2), record, PLACE) == record * 4 % 8
    assert target_value(expr.shift_right(REGISTER, 1), record, PLACE) == record // 2


@pytest.mark.parametrize("record", RECORDS)
def test_a_cast_to_bool_asks_whether_anything_is_set(record):
    assert holds(expr.cast(REGISTER, types.Bool()), record, PLACE) == (record > 0)


@pytest.mark.parametrize(("wanted", "inverted"), [(0, 1), (1, 0)])
def test_a_condition_on_a_bit_is_not_the_inverted_one(wanted, inverted):
    for record in RECORDS:
        assert holds((REGISTER[1], wanted), record, PLACE) != holds((REGISTER[1], inverted), record, PLACE)


def test_a_bit_that_the_circuit_does_not_have_is_undecided():
    with pytest.raises(Undecidable, match="does not have"):
        holds((Clbit(), 1), 0, PLACE)


def test_a_classical_variable_is_undecided():
    circuit = QuantumCircuit(REGISTER)
    flag = circuit.add_var("flag", False)
    with pytest.raises(Undecidable, match="`flag`"):
        holds(flag, 0, PLACE)
