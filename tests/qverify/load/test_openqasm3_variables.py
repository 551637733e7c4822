"""Classical variables, assignments and `while` in OpenQASM 3, read as Qiskit writes and means them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import assume, given
from qiskit import qasm3, qpy
from qiskit.circuit import QuantumCircuit, Store
from qiskit.circuit.classical import expr, types

from qverify.errors import CannotLoad
from qverify.load import load_circuit
from qverify.semantics import run
from qverify.subject.canonical import circuit_digest
from tests.classical import interpret, program
from tests.strategies import seeded, steady

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nbit[3] c;\nbit b;\n'


def load(text):
    return load_circuit((HEAD + text).encode(), "f.qasm").circuit


def written_and_read(circuit):
    return load_circuit(qasm3.dumps(circuit).encode(), "f.qasm").circuit


def through_qpy(circuit):
    buffer = io.BytesIO()
    qpy.dump(circuit, buffer)
    return load_circuit(buffer.getvalue(), "f.qpy").circuit


def record(circuit):
    """The one classical record from |00>."""
    (found,) = run(circuit, {}, np.eye(1, 2**circuit.num_qubits))
    return found


def same_maps(a, b):
    start = np.random.default_rng(5).normal(size=(1, 2**a.num_qubits))
    left, right = ({r: sum(np.outer(v, v) for v in vs) for r, vs in run(x, {}, start).items()} for x in (a, b))
    return left.keys() == right.keys() and all(np.allclose(left[r], right[r]) for r in left)


@given(seeded())
@steady(60)
def test_what_qpy_keeps_of_a_random_program_has_its_digest(source):
    circuit = program(source, 2, source.randint(1, 3), source.randint(1, 6))
    assert circuit_digest(through_qpy(circuit), ()) == circuit_digest(circuit, ())


@given(seeded())
@steady(80)
def test_what_is_read_back_of_a_random_program_means_the_same(source):
    """Where Qiskit writes a number whose width cannot be read, the file is refused."""
    circuit = program(source, 2, source.randint(1, 3), source.randint(1, 5))
    try:
        found = written_and_read(circuit)
    except CannotLoad:
        assume(False)
    assert same_maps(circuit, found)


def by_hand():
    """Everything that Qiskit writes with types that OpenQASM keeps."""
    circuit = QuantumCircuit(2, 3)
    i = circuit.add_var("i", expr.lift(0, types.Uint(3)))
    flag = circuit.add_var("flag", expr.lift(circuit.clbits[0]))
    wide = circuit.add_var("wide", expr.cast(expr.add(i, 1), types.Uint(5)))
    with circuit.while_loop(expr.logic_and(expr.less(i, 5), expr.logic_not(flag))):
        t = circuit.add_var("t", expr.bit_and(i, 1))
        circuit.h(0)
        circuit.measure(0, 1)
        circuit.store(circuit.clbits[2], expr.logic_not(circuit.clbits[1]))
        with circuit.if_test(expr.equal(t, 1)) as otherwise:
            inner = circuit.add_var("inner", expr.equal(wide, 3))
            circuit.store(flag, expr.logic_or(inner, expr.cast(wide, types.Bool())))
        with otherwise:
            circuit.store(wide, expr.sub(wide, expr.cast(t, types.Uint(5))))
        circuit.store(i, expr.add(i, 1))
    with circuit.while_loop(expr.greater(i, 0)):
        t = circuit.add_var("t", expr.bit_not(i))
        circuit.store(i, expr.shift_right(i, 1))
        circuit.store(wide, expr.mul(expr.cast(t, types.Uint(5)), 3))
    circuit.store(circuit.cregs[0], expr.bit_xor(circuit.cregs[0], 5))
    circuit.store(i, expr.cast(expr.add(expr.cast(i, types.Uint(8)), 200), types.Uint(3)))
    circuit.store(expr.index(i, 1), True)
    circuit.store(expr.index(i, expr.cast(flag, types.Uint(1))), flag)
    circuit.store(flag, expr.index(wide, expr.bit_and(i, 3)))
    circuit.store(i, expr.shift_left(i, expr.cast(flag, types.Uint(1))))
    circuit.store(flag, i)
    with circuit.switch(i) as case:
        with case(1):
            circuit.store(flag, expr.less_equal(wide, expr.cast(i, types.Uint(5))))
        with case(case.DEFAULT):
            circuit.store(circuit.clbits[0], flag)
    with circuit.if_test(flag):
        circuit.x(1)
    with circuit.box():
        again = circuit.add_var("i2", expr.lift(True))
        circuit.store(circuit.clbits[1], again)
    return circuit


def test_what_qiskit_writes_is_read_back_as_the_same_circuit():
    assert circuit_digest(written_and_read(by_hand()), ()) == circuit_digest(by_hand(), ())


def test_all_forms_of_a_circuit_mean_the_same():
    circuit = by_hand()
    assert same_maps(circuit, written_and_read(circuit))
    assert same_maps(circuit, through_qpy(circuit))


def test_an_unused_loop_over_bits_is_read_back():
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.h(0)
        circuit.measure(0, 0)
    assert circuit_digest(written_and_read(circuit), ()) == circuit_digest(circuit, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("uint[3] i = 5; i = i + 4; c = i;", 1),
        ("uint[3] i; i = 5; i += 4; c = i;", 1),
        ("uint[3] i = 1; i -= 2; c = i;", 7),
        ("uint[3] i = 3; i *= 3; c = i;", 1),
        ("uint[3] i = 3; i <<= 1; i |= 1; i ^= 2; i &= 5; c = i;", 5),
        ("uint[3] i = 6; i >>= 1; c = i;", 3),
        ("c = 5;", 5),
        ('c = "011";', 3),
        ("c[0] = true; c[2] = c[0];", 5),
        ("b = true;", 8),
        ("b = 1;", 8),
        ("c = uint[3](uint[2](7 - 4) + 1 == 4);", 0),
        ("c = uint[3](uint[2](7 - 4) + 1 == 0);", 1),
        ("uint[2] i; i = 2; c = uint[3](1) << i;", 4),
        ("uint[2] i = 3; b = uint[3](i) + 1 == 4;", 8),
        ("uint[2] i; i = 3; b = i + 1 == 0;", 8),
        ("uint[2] i = 3; c = uint[3](i);", 3),
        ("uint[4] i = 13; i = i; c = uint[3](i);", 5),
        ("bool f = c[0]; f = !f; b = f;", 8),
        ("bool f = false; f = c == 0; b = f;", 8),
        ("uint[3] i = 0; while (i < 3) { i = i + 1; } c = i;", 3),
        ("uint[3] i = 0; while (!(i == 4)) i += 2; c = i;", 4),
        ("uint[3] i = 1; if (i == 1) { uint[2] i; i = 2; i = i + 1; } c = i;", 1),
        ("uint[3] i = 1; for uint k in [1:3] { i = i + k; } c = i;", 7),
        ("uint[3] i = 1; for uint k in [1:3] { uint[3] t; t = k; i = i + t; } c = i;", 7),
        ("uint[3] i = 1; for uint k in [1:3] { i = i + 2; } c = i;", 7),
        ("uint[3] i = 2; c[i] = true;", 4),
        ("uint[3] i = 2; i = i; b = (i + 1)[0];", 8),
        ("uint[3] i = 2; i = i; c = 4; b = c[i];", 12),
        ("uint[3] i = 2; i[0] = true; c[0] = i[1]; c[1] = i[2];", 1),
        ("uint[3] i = 2; switch (i) { case 2 { c[1] = true; } default { c[0] = true; } }", 2),
        ("c = 6; if (uint[2](c) == 2) b = true;", 14),
        ("const uint[3] n = 4; uint[3] i = n; i = i + n; c = i;", 0),
        ("bit[2] d = 2; b = d[1];", 40),
        ("bit d = true; b = d;", 24),
        ("bit d = b; d = true;", 16),
        ("uint[3] i = c; c = i + 1;", 1),
        ("x q[0]; c[0] = measure q[0]; uint[3] i = c; c = i + 1;", 2),
        ("c = 3; b = bool(c);", 11),
        ("c = 3; b = ~uint[4](c) == 12;", 11),
        ("c = 1; b = 3 != uint[2](c[0]);", 9),
        ("c = 1; b = uint[2](c[0]) == 3;", 1),
        ("c = 1; b = uint[2](c[0]) < c;", 1),
        ("c = 3; b = c >= uint[2](c[1]);", 11),
        ("b = c >= uint[2](c[1]);", 8),
        ("c = 1; b = uint[1](c[0]) > uint[3](c[1]);", 9),
        ("c = 2; b = uint[1](c[0]) >= 1;", 2),
    ],
)
def test_a_program_leaves_the_record_that_its_text_says(text, expected):
    circuit = load(text)
    assert record(circuit) == expected
    zero = np.zeros((4, 4))
    zero[0, 0] = 1
    assert list(interpret(circuit, zero)) == [expected]


def test_a_name_that_is_never_assigned_stays_a_constant():
    circuit = load("int n = 3; uint[4] m = 2; bool f = true; if (f) rx(n * m) q[0];")
    assert circuit.num_vars == 0
    assert [item.operation.name for item in circuit.data] == ["rx"]


def test_a_comparison_is_no_assignment():
    circuit = load("uint[2] n = 1; if (n == 1) x q[0]; if (c[0] == n) x q[1];")
    assert circuit.num_vars == 0


def test_every_store_has_the_line_it_stands_on():
    loaded = load_circuit((HEAD + "uint[2] i = 1;\ni = i + 1;\n\nc[0] = i[1];\n").encode(), "f.qasm")
    stores = [line for line, item in zip(loaded.lines, loaded.circuit.data, strict=True) if item.name == "store"]
    assert stores == [6, 7, 9]


def test_a_bit_that_starts_at_zero_needs_no_store():
    assert not any(isinstance(item.operation, Store) for item in load('bit[2] d = "00"; bit e = false;').data)
