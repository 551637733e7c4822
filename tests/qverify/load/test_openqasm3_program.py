"""Statements of OpenQASM 3: what each becomes."""

from __future__ import annotations

import math

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit.classical import expr
from qiskit.quantum_info import Operator

from qverify.load import LoadedCircuit, load_circuit

HEAD = 'OPENQASM 3.0; include "stdgates.inc"; '


def load(text: str) -> LoadedCircuit:
    return load_circuit((HEAD + text).encode(), "f.qasm")


def applied(text: str) -> list[tuple[str, list[int]]]:
    circuit = load(text).circuit
    return [(i.operation.name, [circuit.find_bit(q).index for q in i.qubits]) for i in circuit.data]


@pytest.mark.parametrize(
    ("operand", "expected"),
    [
        ("q", [0, 1, 2, 3]),
        ("q[2]", [2]),
        ("q[-1]", [3]),
        ("q[1:2]", [1, 2]),
        ("q[0:2:3]", [0, 2]),
        ("q[:]", [0, 1, 2, 3]),
        ("q[3:-1:1]", [3, 2, 1]),
        ("q[-2:-1]", [2, 3]),
        ("q[{3, 0}]", [3, 0]),
        ("q[n]", [2]),
        ("q[n/2]", [1]),
        ("part", [1, 2, 0]),
        ("part[0]", [1]),
    ],
)
def test_an_operand_names_its_qubits(operand, expected):
    text = f"qubit[4] q; const int n = 2; let part = q[1:2] ++ q[0:0]; x {operand};"
    assert applied(text) == [("x", [k]) for k in expected]


def test_registers_go_in_step_and_single_qubits_repeat():
    assert applied("qubit[2] a; qubit[2] b; cx a, b;") == [("cx", [0, 2]), ("cx", [1, 3])]
    assert applied("qubit a; qubit[2] b; cx a, b;") == [("cx", [0, 1]), ("cx", [0, 2])]


def test_physical_qubits_keep_their_numbers():
    assert applied("x $3; cx $0, $3;") == [("x", [3]), ("cx", [0, 3])]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("pi/2 + tau - euler", math.pi / 2 + math.tau - math.e),
        ("π + τ + ℇ", math.pi + math.tau + math.e),
        ("2**-2**2", 2 ** -(2**2)),
        ("-3**2", -(3**2)),
        ("1/2", 0.5),
        ("(1 + 2)*3 - 4/5", (1 + 2) * 3 - 4 / 5),
        ("arcsin(0.3) + asin(0.3)", 2 * math.asin(0.3)),
        ("arccos(0.3) + acos(0.3)", 2 * math.acos(0.3)),
        ("arctan(0.3) + atan(0.3)", 2 * math.atan(0.3)),
        ("sin(1) + cos(2) + tan(3)", math.sin(1) + math.cos(2) + math.tan(3)),
        ("exp(1) + log(2) + ln(2) + sqrt(2)", math.exp(1) + 2 * math.log(2) + math.sqrt(2)),
        ("pow(2, 0.5)", 2**0.5),
        ("k*f", 2.5),
    ],
)
def test_a_constant_angle_is_folded_as_python_does(text, value):
    circuit = load(f"const int k = 5; float f = 0.5; qubit q; rx({text}) q;").circuit
    assert circuit.data[0].operation.params == [value]


@pytest.mark.parametrize("text", ["arctan(x**2)", "atan(x**2)", "pow(x, 2)/3", "sqrt(x)*ln(x)", "-x + 2*pi", "y*2"])
def test_a_symbolic_angle_has_the_value_of_its_formula(text):
    loaded = load(f"input float x; float y = sin(x); qubit q; rx({text}) q;")
    names = {"x": 0.7, "pi": math.pi, "sin": math.sin, "atan": math.atan, "pow": pow, "sqrt": math.sqrt}
    names |= {"arctan": math.atan, "ln": math.log, "y": math.sin(0.7)}
    bound = loaded.circuit.assign_parameters({loaded.parameters[0]: 0.7})
    expected = eval(text, {}, names)  # noqa: S307  # the table above
    assert math.isclose(bound.data[0].operation.params[0], expected, rel_tol=1e-15)


CONDITIONS = [
    ("b", lambda _c, b: (b, True)),
    ("!b", lambda _c, b: (b, False)),
    ("~b", lambda _c, b: (b, False)),
    ("b == 0", lambda _c, b: (b, False)),
    ("b == true", lambda _c, b: (b, True)),
    ("1 == b", lambda _c, b: (b, True)),
    ("b != 1", lambda _c, b: (b, False)),
    ("!(b == 1)", lambda _c, b: (b, False)),
    ("(b == 0) == false", lambda _c, b: (b, True)),
    ("c == 2", lambda c, _b: (c, 2)),
    ('c == "10"', lambda c, _b: (c, 2)),
    ("c[0] == 1", lambda c, _b: (c[0], True)),
    ("c != 2", lambda c, _b: expr.not_equal(c, 2)),
    ("c <= 2", lambda c, _b: expr.less_equal(c, 2)),
    ("c", lambda c, _b: expr.not_equal(c, 0)),
    ("b && c == 1", lambda c, b: expr.logic_and(b, expr.equal(c, 1))),
    ("!b || c[1] ^ c[0]", lambda c, b: expr.logic_or(expr.logic_not(b), expr.bit_xor(c[1], c[0]))),
    ("(c[1] ^ c[0]) && c < 2", lambda c, _b: expr.logic_and(expr.bit_xor(c[1], c[0]), expr.less(c, 2))),
    ("(c & 1) == 1", lambda c, _b: expr.equal(expr.bit_and(c, 1), 1)),
    ("(c << 1) == 2", lambda c, _b: expr.equal(expr.shift_left(c, 1), 2)),
    ("bool(c)", lambda c, _b: expr.not_equal(c, 0)),
    ("uint[2](c) == 2", lambda c, _b: (c, 2)),
]


@pytest.mark.parametrize(("text", "expected"), CONDITIONS, ids=[c[0] for c in CONDITIONS])
def test_a_condition_is_what_it_says(text, expected):
    circuit = load(f"qubit q; bit[2] c; bit b; if ({text}) x q;").circuit
    assert circuit.data[0].operation.condition == expected(circuit.cregs[0], circuit.clbits[2])


def test_a_register_is_compared_with_a_number_it_cannot_hold():
    """Comparing with 9 is false for two bits; the comparison is widened, not cut off to 1."""
    condition = load("qubit q; bit[2] c; if (c == 9) x q;").circuit.data[0].operation.condition
    assert condition.right.type.width == 4


def test_else_if_nests():
    circuit = load("qubit q; bit[2] c; if (c == 1) x q; else if (c == 2) { y q; } else { z q; }").circuit
    outer = circuit.data[0].operation
    inner = outer.blocks[1].data[0].operation
    assert [b.data[0].operation.name for b in (outer.blocks[0], *inner.blocks)] == ["x", "y", "z"]


def test_switch_reads_registers_bits_and_variables_assigned_just_before():
    text = "qubit q; bit[2] c; int i; i = c; switch (i) { case 0, 3 { x q; } default { y q; } }"
    direct = "qubit q; bit[2] c; switch (c) { case 0, 3 { x q; } default { y q; } }"
    assert load(text).circuit == load(direct).circuit
    bit = load("qubit q; bit b; switch (b) { case 0 { x q; } case 1 { } }").circuit
    assert bit.data[0].operation.target == bit.clbits[0]


def test_a_loop_whose_variable_is_not_used_stays_a_loop():
    circuit = load("qubit q; for int i in [0:2:6] { x q; } for int i in {5, 1} { x q; break; }").circuit
    assert [tuple(i.operation.params[0]) for i in circuit.data] == [(0, 2, 4, 6), (5, 1)]


def test_a_loop_whose_variable_is_used_is_unrolled_with_the_lines_of_its_body():
    text = HEAD + "qubit[4] q;\nfor int i in [0:2] {\n  cx q[i], q[i + 1];\n  if (i == 1) {\n    x q[i]; } }"
    loaded = load_circuit(text.encode(), "f.qasm")
    assert [i.operation.name for i in loaded.circuit.data] == ["cx", "cx", "x", "cx"]
    assert loaded.lines == (3, 3, 5, 3)


def test_an_inner_loop_of_the_same_variable_does_not_unroll_the_outer_one():
    circuit = load("qubit q; for int i in [0:2] { for int i in [0:1] { x q; } }").circuit
    assert [i.operation.name for i in circuit.data] == ["for_loop"]


def test_declarations_of_bits_may_measure():
    assert applied("qubit[2] q; bit[2] c = measure q; bit z = 0;") == [("measure", [0]), ("measure", [1])]


def test_both_forms_of_measure_are_one():
    assert load("qubit q; bit c; c = measure q;").circuit == load("qubit q; bit c; measure q -> c;").circuit


def test_barrier_without_operands_holds_all_qubits():
    assert applied("qubit[3] q; barrier; barrier q[0], q[2];") == [("barrier", [0, 1, 2]), ("barrier", [0, 2])]


def test_box_delay_and_nop_keep_their_timing():
    circuit = load("qubit[2] q; box [100ns] { x q[0]; nop q[1]; } delay[2us] q[0]; delay[5dt] q[1];").circuit
    box, first, second = (item.operation for item in circuit.data)
    assert (box.duration, box.unit, box.num_qubits) == (100.0, "ns", 2)
    assert [(d.duration, d.unit) for d in (first, second)] == [(2.0, "us"), (5, "dt")]


def test_an_unused_input_keeps_its_place():
    loaded = load("input float a; input float b; input float c; qubit q; rx(c) q; ry(a) q;")
    assert [p.name for p in loaded.parameters] == ["a", "b", "c"]
    assert len(loaded.circuit.parameters) == 2


def test_comments_and_strings_do_not_move_lines():
    text = 'OPENQASM 3.0; /* two\nlines; { */ // "more\ninclude "stdgates.inc";\n\nqubit q; // x q;\nx q;'
    assert load_circuit(text.encode(), "f.qasm").lines == (6,)


def test_a_number_written_three_ways_is_one_angle():
    circuit = load("qubit q; rx(0.5) q; rx(5e-1) q; rx(.5) q; rx(1/2) q; rx(-0.5) q;").circuit
    assert [i.operation.params[0] for i in circuit.data] == [0.5, 0.5, 0.5, 0.5, -0.5]


def test_qelib1_in_openqasm_3_means_the_gates_of_qiskit():
    loaded = load_circuit(
        b'OPENQASM 3.0; include "qelib1.inc"; qubit[2] q; cu1(0.3) q[0], q[1]; u3(1, 2, 3) q[0];', "f"
    )
    expected = QuantumCircuit(2)
    expected.cp(0.3, 0, 1)
    expected.u(1, 2, 3, 0)
    assert Operator(loaded.circuit) == Operator(expected)
