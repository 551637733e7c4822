"""OpenQASM 2: the circuit of the file, not of the names it uses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, qasm2
from qiskit.quantum_info import Operator

from qverify.errors import CannotLoad
from qverify.load import load_circuit

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\ncreg c[3];\n'
GATES = [
    ("x", 0, 1), ("sx", 0, 1), ("rx", 1, 1), ("u", 3, 1), ("p", 1, 1), ("cx", 0, 2), ("rzz", 1, 2), ("rzx", 1, 2),
    ("cu", 4, 2), ("csx", 0, 2), ("swap", 0, 2), ("ccx", 0, 3), ("cswap", 0, 3), ("ryy", 1, 2),
]  # fmt: skip


@st.composite
def circuits(draw):
    circuit = QuantumCircuit(3)
    for _ in range(draw(st.integers(1, 8))):
        name, angles, qubits = draw(st.sampled_from(GATES))
        numbers = [round(draw(st.floats(-6, 6)), 4) for _ in range(angles)]
        getattr(circuit, name)(*numbers, *draw(st.permutations(range(3)))[:qubits])
    return circuit


@settings(max_examples=40, deadline=None)
@given(circuits())
def test_a_circuit_keeps_its_unitary(circuit):
    loaded = load_circuit(qasm2.dumps(circuit).encode(), "f.qasm")
    assert Operator(loaded.circuit).equiv(circuit)
    assert len(loaded.lines) == len(loaded.circuit.data)
    assert None not in loaded.lines


def test_lines_follow_broadcasts_and_conditions():
    text = HEAD + "h q;\nbarrier q;\nif (c==1)\n  cx q[0],q[1];\nreset q;\nmeasure q -> c;"
    assert load_circuit(text.encode(), "f.qasm").lines == (5, 5, 5, 6, 7, 9, 9, 9, 10, 10, 10)


def test_a_gate_named_h_that_is_x_is_x():
    text = "OPENQASM 2.0; gate h a { U(pi,0,pi) a; } qreg q[1]; h q[0];"
    circuit = load_circuit(text.encode(), "f.qasm").circuit
    assert np.allclose(Operator(circuit).data, [[0, 1], [1, 0]])
    assert circuit.data[0].operation.name == "h_of_file"


def test_a_definition_in_the_file_wins_over_the_gate_of_the_library():
    text = HEAD + "gate rzz(t) a,b { x a; }\nrzz(0.3) q[0],q[1];"
    circuit = load_circuit(text.encode(), "f.qasm").circuit
    flip = QuantumCircuit(3)
    flip.x(0)
    assert Operator(circuit).equiv(flip)


def test_a_definition_that_is_the_library_s_is_the_library_s_gate():
    text = HEAD + "gate rzz(t) a,b { cx a,b; rz(t) b; cx a,b; }\nrzz(0.3) q[0],q[1];"
    assert load_circuit(text.encode(), "f.qasm").circuit.data[0].is_standard_gate()


def test_an_opaque_gate_stays_opaque():
    circuit = load_circuit((HEAD + "opaque magic(t) a; magic(1) q[0];").encode(), "f.qasm").circuit
    assert circuit.data[0].operation.definition is None


CASES = [
    ('include "/etc/passwd";', "include of `/etc/passwd` is refused"),
    ("include 'qelib1.inc';", "is refused"),
    ('if (c==1) include "/etc/passwd";', "inside another statement"),
    ('include "stdgates.inc";', "only `qelib1.inc`"),
    ("qreg r[1000000000];", "more than 10,000 qubits"),
    ("creg r[99999999999999999999999];", "more than 10,000 bits"),
    ("qreg r[0];", "declare at least one"),
    ("rx(1e999) q[0];", "not finite"),
    ("rx(9^9^9^9^9) q[0];", "has the angle inf"),
    ("gate g a { rx(9^9^9^9^9) a; } g q[0];", "has the angle inf"),
    ("rx(1/0) q[0];", "divide by zero"),
    ("rx(" + "(" * 300 + "1" + ")" * 300 + ") q[0];", "nested more than 200"),
    ("nothing q[0];", "'nothing' is not defined"),
    ("gate g a { g a; } g q[0];", "not defined"),
    ("x q[7];", "out-of-range|out of range"),
    ("cx q[0],q[0];", "duplicate"),
    ("h q[0]", "does not end"),
]


@pytest.mark.parametrize(("statement", "sentence"), CASES, ids=[c[0][:40] for c in CASES])
def test_a_statement_is_refused(statement, sentence):
    with pytest.raises(CannotLoad, match=sentence) as refusal:
        load_circuit((HEAD + statement).encode(), "f.qasm")
    assert refusal.value.line in (5, None if "rx(9^9" in statement else 5)
    assert "<input>" not in refusal.value.sentence
