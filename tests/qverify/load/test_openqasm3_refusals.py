"""Each refusal of an OpenQASM 3 program: one sentence, with the line."""

from __future__ import annotations

import pytest

from qverify.errors import CannotLoad
from qverify.load import load_circuit

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\nbit[3] c;\nqubit a;\nbit b;\ninput float t;\n'

CASES = [
    ("def f(qubit r) { x r; }", "`def` is not supported"),
    ("extern f(int) -> int;", "`extern` is not supported"),
    ("defcal x $0 { }", "`defcal` is not supported"),
    ("cal { }", "`cal` is not supported"),
    ("array[int[8], 2] z;", "`array` is not supported"),
    ("return 1;", "`return` is not supported"),
    ("end;", "`end` is not supported"),
    ("#pragma x\n;", "`#pragma` is not supported"),
    ("@note x\nx a;", "`@note` is not supported"),
    ("if (b) { end; }", "`end` is not supported"),
    ("int i; i = 3 + t;", "depends on an input"),
    ("int i; i += 3;", "classical assignment"),
    ("c = 8;", "8 does not fit 3 bits"),
    ('c = "01";', "3 bits are needed here, and 2 given"),
    ("c[0:1] = 1;", "part of a register"),
    ("c[3] = true;", "index 3 is outside"),
    ("c = 1 << 2;", "`<<` between numbers is not supported; write the value"),
    ("c = ~0;", "`~` of a number is not supported; write the value"),
    ("c = b;", r"write a cast, `uint\[3\]"),
    ("c = 1.5;", "write a cast"),
    ("c[0] = 2;", "write `true` or `false`"),
    ("q = 1;", "no variable and no bit"),
    ("nothing = 1;", "`nothing` is no variable"),
    ("const int k = 1; k = 2;", "`k` is a constant"),
    ("int k = 1; k = 2;", "the `int` variable `k` changes"),
    ("int[8] k; k = 2;", "the `int` variable `k` changes"),
    ("float f = 1.0; f = 2.0;", "the `float` variable `f` changes"),
    ("angle f; f = 2.0;", "the `angle` variable `f` changes"),
    ("uint k = 1; k = 2;", "`k` has no width"),
    ("uint[0] k = 1; k = 2;", "must be positive"),
    ("const int w = 0; uint[w] k = 1; k = 2;", "`k` has 0 bits"),
    ("uint[99999] k = 1; k = 2;", "`k` has 99999 bits"),
    ("uint[2] k; k = 4;", "4 does not fit 2 bits"),
    ("uint[2] k; k = k - 8;", "wider|unlike"),
    ("uint[2] k; k = c;", r"write a cast, `uint\[2\]"),
    ("uint[2] k; k = uint[2](c) + c;", r"need a cast"),
    ("uint[2] k; k = true;", "write a cast"),
    ("uint[2] k; k = k / 2;", "operator `/`"),
    ("uint[2] k; k /= 2;", "`/=` is not supported"),
    ("uint[2] k; k = k ** 2;", r"operator `\*\*`"),
    ("uint[2] k; k = 1 << k;", "operator `<<`"),
    ("uint[2] k; k = 1; rx(k) a;", "`k` has no value"),
    ("uint[2] k; k = 1; x q[k];", "`k` has no value"),
    ("uint[2] k; k = 1; uint[3] k;", "`k` is declared twice"),
    ("uint[2] q; q = 1;", "`q` is declared twice"),
    ("uint[2] k; k = 1; bit k;", "`k` is declared twice"),
    ("uint[2] k; k = 1; k = measure q[0];", "measure into a `bit`"),
    ("bool k; k = true; k[0] = true;", "remove the index"),
    ("uint[2] k; k = 1; k[2] = true;", "index 2 is outside"),
    ("uint[2] k; k = 1; k[b] = true;", "index is no unsigned"),
    ("uint[2] k; k = 1; if (~int[4](c) == 1) x a;", "signed"),
    ("if (b) { uint[2] k; k = 1; } k = 2;", "`k` is no variable"),
    ("if (b) { uint[2] k; if (c[0]) { k = 1; } }", "`k` is given its first value in an inner block"),
    ("if (b) { uint[2] k; k = k; }", "`k` has no value"),
    ("uint[2] k; k = 1; if (b) { uint[2] k; if (k == 1) { k = 1; } }", "`k` has no value"),
    ("for uint[2] i in [0:1] { i = 1; }", "`i` is a constant"),
    ("uint[2] k = measure q[0:1];", "is a bit; declare"),
    ("uint[2] k = measure q[0:1]; k = 1;", "measure into a `bit`"),
    ("duration d = 10ns;", "`duration` variables"),
    ("complex z;", "`complex` variables"),
    ("input int n;", "`input int` is not supported"),
    ("input bit[2] n;", "`input bit` is not supported"),
    ("output float z;", "`output float` is not supported"),
    ("input float t;", "`t` is declared twice"),
    ("const int k = 1; const int k = 2;", "`k` is declared twice"),
    ("qubit q;", "`q` is declared twice"),
    ("bit q;", "`q` is declared twice"),
    ("const int k = 1.5;", "must be a whole number"),
    ("const uint k = -1;", "unsigned"),
    ("bit d = 2;", "write `true` or `false`"),
    ("bit[2] d = c;", "write a cast"),
    ("bit[2] d = d;", "`d` has no value"),
    ("qubit[0] r;", "declare at least one"),
    ("qubit[1000000000] r;", "more than 10,000 qubits"),
    ("bit[99999] r;", "more than 10,000 bits"),
    ("qubit[t] r;", "depends on an input"),
    ("x $0;", "mixed"),
    ("x nothing;", "`nothing` is not declared"),
    ("nothing q[0];", "gate `nothing` is not known"),
    ("x q[3];", "index 3 is outside"),
    ("x q[-4];", "index -4 is outside"),
    ("x q[0.5];", "must be a whole number"),
    ("x q[0, 1];", "one dimension"),
    ("x a[0];", "no index"),
    ("x q[2:1];", "names no bits"),
    ("x q[0:0:1];", "step 0"),
    ("x c[0];", "a qubit is expected"),
    ("b = measure c[0];", "a qubit is expected"),
    ("a = measure q[0];", "a bit is expected"),
    ("measure q;", "goes nowhere"),
    ("b = measure q;", "3 qubits are measured into 1 bit;"),
    ("cx q[0], q[0];", "one qubit twice"),
    ("cx q, q[0];", "one qubit twice"),
    ("cx q[0:1], q;", "registers of 2 and 3"),
    ("cx q[0];", "acts on 2 qubits"),
    ("rx q[0];", "takes 1 angle, but has 0"),
    ("x(0.1) q[0];", "takes 0 angles"),
    ("x[10ns] q[0];", "duration"),
    ("gphase(0.1) q[0];", "one qubit a control"),
    ("rx(1/0) a;", "divides by zero"),
    ("rx(t/0) a;", "zero|no value|not finite"),
    ("rx(1e999) a;", "not finite"),
    ("rx(10.0**400) a;", "no value|not finite"),
    ("rx(9**9**9**9) a;", "no value|not finite"),
    ("rx(sqrt(-1)) a;", "no value"),
    ("rx((-8)**0.5) a;", "not real"),
    ("rx(log(0)) a;", "no value"),
    ("rx(foo(1)) a;", "function `foo`"),
    ("rx(sin(1, 2)) a;", "takes one argument"),
    ("rx(undefined_name) a;", "`undefined_name` has no value"),
    ("rx(c) a;", "`c` has no value"),
    ("rx(1 << 2) a;", "operator `<<`"),
    ("rx(~1) a;", "operator `~`"),
    ('rx("01") a;', "bitstring literal"),
    ("gate x r { }", "defined by the library"),
    ("gate g r { } gate g r { }", "defined twice"),
    ("gate g r, r { }", "names a qubit twice"),
    ("gate g(u, u) r { }", "names a parameter twice"),
    ("gate g r { g r; }", "calls itself"),
    ("gate g r { later r; } gate later r { }", "gate `later` is not known"),
    ("gate g r { x q[0]; }", "other than its own qubits"),
    ("gate g r { x s; }", "other than its own qubits"),
    ("gate g r { rx(t) r; } g a;", "`t` has no value"),
    ("gate g r { cx r, r; } g a;", "one qubit twice"),
    ("gate g r { barrier r; }", "only gates"),
    ("gate g r { reset r; }", "non-unitary"),
    ("pow(0.5) @ x a;", "must be a whole number"),
    ("pow(t) @ x a;", "has no value|depends on an input"),
    ("ctrl(0) @ x a;", "between 1 and"),
    ("ctrl(99) @ x a;", "between 1 and"),
    ("pow(100000000) @ x a;", "10,000,000"),
    ("if (t > 0) x a;", "depends on an input"),
    ("if (c == t) x a;", "depends on an input"),
    ("if (b == 7) x a;", "never be"),
    ("if (c > -1) x a;", "never be"),
    ("if (c == b) x a;", r"`==` joins unlike things; cast bits to `uint\[n\]`"),
    ("if (b >= 1) x a;", r"`>=` orders numbers; cast bits to `uint\[n\]`"),
    ("if (c[0:1] == 1) x a;", "part of a register"),
    ("if (-b) x a;", "no sign"),
    ("if (c + 1 == 2) x a;", r"operator `\+`"),
    ("if (q[0]) x a;", "a bit is expected"),
    ("while (true) { x a; }", "never ends"),
    ("for float f in [0:1] { x a; }", "whole numbers only"),
    ("for int i in c { x a; }", "over `\\[a:b\\]`"),
    ("for int i in [0:3] { rx(i) a; break; }", "`break` or `continue`"),
    ("for int i in [0:1000000] { rx(i) a; }", "unroll"),
    ("for int i in [0:1000000000] { x a; }", "more than 1,000,000 times"),
    ("for int i in [0:] { x a; }", "no start or no end|syntax error"),
    ("switch (c) { case t { x a; } }", "depends on an input"),
    ("int s; switch (s) { case 0 { x a; } }", "not assigned directly before"),
    ("int s; s = c; c[0] = measure a; switch (s) { case 0 { x a; } }", "not assigned directly before"),
    ("switch (c) { case 0 { x a; } case 0 { y a; } }", "Qiskit cannot hold"),
    ("break;", "break"),
    ("delay[t] a;", "number with a unit"),
    ("delay[1.5dt] a;", "must be whole"),
    ("let z = q[0:1] ++ q[1];", "a bit twice"),
    ("let z = q ++ c;", "qubits with bits"),
    ("if (b) { qubit z; }", "inside a block|syntax error"),
    ("1 + 1;", "an expression alone"),
    ("x q[0]", "does not end"),
    ("x (q[0];", "closes nothing|not closed"),
    ("x q[0]; }", "closes nothing"),
    ("if (b) { x a;", "not closed"),
    ("x x x;", "syntax error"),
    ("rx() q[0];", "takes 1 angle,|syntax error"),
    ("/* never closed", "comment is not closed"),
    ('include "other.inc";', "include of `other.inc` is refused"),
    ("include 'stdgates.inc';", "in double quotes"),
    ('if (b) { include "stdgates.inc"; }', "inside another statement"),
    ("rx(" + "(" * 250 + "1" + ")" * 250 + ") a;", "nested more than 200"),
]


@pytest.mark.parametrize(("statement", "sentence"), CASES, ids=[c[0][:40] for c in CASES])
def test_a_statement_is_refused_with_its_line(statement, sentence):
    with pytest.raises(CannotLoad, match=sentence) as refusal:
        load_circuit((HEAD + "x q[0];\n" + statement).encode(), "f.qasm")
    assert refusal.value.where == "f.qasm"
    assert refusal.value.line == (3 if "$0;" in statement else 9)
    assert "\n" not in refusal.value.sentence


WHOLE = [
    ("", "empty", None),
    (" \n\n", "empty", None),
    ("// only a comment\n", "empty", None),
    ("\nqubit q;", "header is missing", 2),
    ("OPENQASM 4.0; qubit q;", "OpenQASM 4.0 is not supported", 1),
    ("OPENQASM 2.1; qreg q[1];", "OpenQASM 2.1 is not supported", 1),
    ("OPENQASM 3.0;", "no qubits", None),
    ("OPENQASM 3.0;\nqubit q;\nh q;", "include .*stdgates", 3),
    ("OPENQASM 3.0;\nU(0,0,0) $99999;", "number above 9,999", None),
    ("OPENQASM 3.0;\nU(0,0,0) $0; qubit q;", "mixed", 2),
]


@pytest.mark.parametrize(("text", "sentence", "line"), WHOLE)
def test_a_program_is_refused_as_a_whole(text, sentence, line):
    with pytest.raises(CannotLoad, match=sentence) as refusal:
        load_circuit(text.encode(), "f.qasm")
    assert refusal.value.line == line


def test_nothing_is_printed_about_a_syntax_error(capfd):
    with pytest.raises(CannotLoad):
        load_circuit(b"OPENQASM 3.0; qubit q; x \xc2\xa7 q; ?;", "f.qasm")
    assert capfd.readouterr() == ("", "")


def test_a_syntax_error_in_a_long_statement_names_its_own_line():
    with pytest.raises(CannotLoad) as refusal:
        load_circuit((HEAD + "if (b) {\n x a;\n x x x;\n}").encode(), "f.qasm")
    assert refusal.value.line == 10
