"""Hostile files are answered within ten seconds of work, by a circuit of bounded size or by one sentence."""

from __future__ import annotations

import time

import pytest

from qverify.errors import CannotLoad
from qverify.load import load_circuit

THREE = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q; bit c; input float t;\n'
TWO = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2]; creg c[1];\n'


def doubling(levels: int) -> str:
    rows = (f"gate g{k} a {{ g{k - 1} a; g{k - 1} a; }}\n" for k in range(1, levels + 1))
    return "gate g0 a { x a; }\n" + "".join(rows)


def chain(levels: int) -> str:
    rows = (f"gate g{k} a {{ g{k - 1} a; }}\n" for k in range(1, levels))
    return "gate g0 a { x a; }\n" + "".join(rows)


SINES = "".join(f"gate g{k}(a) r {{ g{k - 1}(sin(a)*cos(a + 1)) r; }}\n" for k in range(1, 60))
INDICES = "+".join(f"i{k}" for k in range(3))
LOOPS = "".join(f"for int i{k} in [0:999] {{" for k in range(3))

CASES = {
    "bomb 3": (THREE + doubling(40) + "g40 q[0];", "gate bomb"),
    "bomb 2": (TWO + doubling(40) + "g40 q[0];", "gate bomb"),
    "many bombs": (THREE + doubling(20) + "g20 q;" * 10, "gate bomb"),
    "many bombs 2": (TWO + doubling(20) + "g20 q;" * 10, "gate bomb"),
    "chain 3": (THREE + chain(20_000), "deep"),
    "chain 2": (TWO + chain(20_000), "deep"),
    "register 3": (THREE + "qubit[1000000000] r;", "more than 10,000"),
    "register 2": (TWO + "qreg r[1000000000];", "more than 10,000"),
    "endless number": (THREE + f"qubit[{'9' * 6000}] r;", "no OpenQASM 3 statement"),
    "ifs": (THREE + "if (c) {" * 5000 + "x q[0];" + "}" * 5000, "nested"),
    "ifs without braces": (THREE + "if (c) " * 5000 + "x q[0];", "nested"),
    "else ifs": (THREE + "if (c) x q[0]; else " * 3000 + "x q[0];", "nested"),
    "brackets 3": (THREE + "rx(" + "(" * 3000 + "1" + ")" * 3000 + ") q[0];", "nested"),
    "brackets 2": (TWO + "rx(" + "(" * 3000 + "1" + ")" * 3000 + ") q[0];", "nested"),
    "minus signs": (THREE + "rx(" + "-" * 3000 + "1) q[0];", "nested"),
    "long sum": (THREE + "rx(" + "+".join(["t"] * 3000) + ") q[0];", "nested"),
    "self include": ('OPENQASM 3.0; include "f.qasm";', "include of `f.qasm`"),
    "foreign include 3": (THREE + 'include "/etc/passwd";', "include of `/etc/passwd`"),
    "foreign include 2": (TWO + 'include "../../etc/passwd";', "include of `../../etc/passwd`"),
    "infinite 3": (THREE + "rx(1e999) q[0];", "not finite"),
    "infinite 2": (TWO + "rx(1e999) q[0];", "not finite"),
    "zero 3": (THREE + "rx(1/0) q[0];", "divides by zero"),
    "zero 2": (TWO + "rx(1/0) q[0];", "divide by zero"),
    "tower": (THREE + "rx(9**9**9**9**9) q[0];", "no value"),
    "long loop": (THREE + "for int i in [0:1000000000] { x q[0]; }", "more than 1,000,000 times"),
    "empty loops": (THREE + LOOPS + f"if ({INDICES} == -1) {{ x q[0]; }}" + "}" * 3, "unroll"),
    "growing angle": (THREE + "gate g0(a) r { rx(a) r; }\n" + SINES + "g59(t) q[0];", "grows too large"),
    "growing power": (THREE + "pow(1000) @ pow(1000) @ pow(1000) @ x q[0];", "10,000,000"),
    "empty": ("", "empty"),
}


@pytest.fixture(scope="module", autouse=True)
def _warm():
    """Import what loading imports, which is not what is timed."""
    load_circuit(THREE.encode(), "f.qasm")
    load_circuit(TWO.encode(), "f.qasm")


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_refused_quickly(name):
    text, sentence = CASES[name]
    begin = time.process_time()
    with pytest.raises(CannotLoad, match=sentence):
        load_circuit(text.encode(), "f.qasm")
    assert time.process_time() - begin < 10


def test_a_large_honest_file_is_read_quickly():
    begin = time.process_time()
    loaded = load_circuit((THREE + "rx(0.25) q[0];\ncx q[0], q[1];\n" * 5000).encode(), "f.qasm")
    assert (len(loaded.circuit.data), loaded.lines[-1]) == (10_000, 10_003)
    assert time.process_time() - begin < 10
