"""Gates of OpenQASM 3 against the standard library's own text and against matrices written out."""

from __future__ import annotations

import cmath
import math
import re
from pathlib import Path

import numpy as np
import pytest
import qiskit
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit.quantum_info import Operator

from qverify.load import load_circuit

STDGATES = (Path(qiskit.__file__).parent / "qasm" / "libs" / "stdgates.inc").read_text()
ROOTS = "s", "sdg", "t", "tdg", "sx"  # defined by pow(0.5), compared with closed forms below


def unitary(text: str, include: bool = True) -> np.ndarray:
    head = 'OPENQASM 3.0; include "stdgates.inc"; ' if include else "OPENQASM 3.0; "
    return Operator(load_circuit((head + text).encode(), "f.qasm").circuit).data


def definitions() -> dict[str, tuple[int, int]]:
    """Name -> numbers of angles and qubits, of the gates of stdgates.inc."""
    found = {}
    for name, angles, qubits in re.findall(r"^gate (\w+)(?:\(([^)]*)\))? ([^{]*)\{", STDGATES, re.MULTILINE):
        found[name] = (len(angles.split(",")) if angles else 0, len(qubits.split(",")))
    return found


def text_with_own_names() -> str:
    """The definitions of stdgates.inc under names of their own, as a program without the include."""
    gates = [line for line in STDGATES.splitlines() if line.startswith("gate ")]
    text = "\n".join(line for line in gates if "pow" not in line)
    return re.sub(rf"\b({'|'.join(definitions())})\b(?=\s*[\s(])", r"own_\1", text)


@pytest.mark.parametrize("name", sorted(set(definitions()) - set(ROOTS) - {"CX"}))
def test_a_library_gate_is_its_definition_phase_included(name):
    num_angles, num_qubits = definitions()[name]
    angles = f"({', '.join(str(0.3 + 0.7 * k) for k in range(num_angles))})" if num_angles else ""
    qubits = ", ".join(f"q[{k}]" for k in range(num_qubits + 1))
    own = unitary(f"{text_with_own_names()} qubit[{num_qubits + 1}] q; ctrl @ own_{name}{angles} {qubits};", False)
    library = unitary(f"qubit[{num_qubits + 1}] q; ctrl @ {name}{angles} {qubits};")
    assert np.allclose(own, library, rtol=0, atol=1e-12)


def test_the_definition_of_controlled_not_in_the_library_text_has_a_stray_phase():
    """stdgates.inc writes `CX` as ctrl @ U(pi, 0, pi), a controlled iX; it is read as the CNOT it should be."""
    literal = unitary("qubit[2] q; ctrl @ U(pi, 0, pi) q[0], q[1];")
    assert np.allclose(literal, unitary("qubit[2] q; s q[0]; CX q[0], q[1];"), rtol=0, atol=1e-12)


ROOT = {
    "s": np.diag([1, 1j]),
    "sdg": np.diag([1, -1j]),
    "t": np.diag([1, cmath.exp(0.25j * math.pi)]),
    "tdg": np.diag([1, cmath.exp(-0.25j * math.pi)]),
    "sx": np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2,
}


@pytest.mark.parametrize("name", ROOTS)
def test_a_root_gate_is_its_closed_form(name):
    assert np.allclose(unitary(f"qubit q; {name} q;"), ROOT[name], rtol=0, atol=1e-15)


def u(theta: float, phi: float, lam: float) -> np.ndarray:
    """The built-in U of the specification."""
    e = cmath.exp
    rows = [
        [1 + e(1j * theta), -1j * e(1j * lam) * (1 - e(1j * theta))],
        [1j * e(1j * phi) * (1 - e(1j * theta)), e(1j * (phi + lam)) * (1 + e(1j * theta))],
    ]
    return np.array(rows) / 2


def controlled(matrix: np.ndarray, on: int = 1) -> np.ndarray:
    """Control on qubit 0, the gate on the qubits after it (little-endian)."""
    other, this = np.diag([on, 1 - on]), np.diag([1 - on, on])
    return np.kron(np.eye(len(matrix)), other) + np.kron(matrix, this)


ANGLE = st.floats(-6, 6).map(lambda x: round(x, 3))


@settings(max_examples=20, deadline=None)
@given(ANGLE, ANGLE, ANGLE)
def test_modifiers_act_as_matrices(a, b, c):
    gate, matrix = f"U({a}, {b}, {c})", u(a, b, c)
    one, two, three = "qubit q;", "qubit[2] q;", "qubit[3] q;"
    pairs = [
        (f"{two} ctrl @ {gate} q[0], q[1];", controlled(matrix)),
        (f"{two} negctrl @ {gate} q[0], q[1];", controlled(matrix, 0)),
        (f"{two} ctrl @ inv @ {gate} q[0], q[1];", controlled(matrix.conj().T)),
        (f"{two} inv @ ctrl @ {gate} q[0], q[1];", controlled(matrix).conj().T),
        (f"{two} ctrl @ pow(-3) @ {gate} q[0], q[1];", controlled(np.linalg.matrix_power(matrix.conj().T, 3))),
        (f"{two} pow(0) @ ctrl @ {gate} q[0], q[1];", np.eye(4)),
        (f"{three} ctrl(2) @ {gate} q[0], q[1], q[2];", controlled(controlled(matrix))),
        (f"{three} negctrl @ ctrl @ {gate} q[0], q[1], q[2];", controlled(controlled(matrix), 0)),
        (f"{one} gphase({a}); ", cmath.exp(1j * a) * np.eye(2)),
        (f"{one} ctrl @ gphase({a}) q;", np.diag([1, cmath.exp(1j * a)])),
        (f"{one} negctrl @ gphase({a}) q;", np.diag([cmath.exp(1j * a), 1])),
        (f"{two} ctrl(2) @ gphase({a}) q[0], q[1];", np.diag([1, 1, 1, cmath.exp(1j * a)])),
    ]
    for text, expected in pairs:
        assert np.allclose(unitary(text), expected, rtol=0, atol=1e-9), text


@settings(max_examples=20, deadline=None)
@given(ANGLE, ANGLE)
def test_a_defined_gate_with_symbolic_angles_binds_everywhere(a, b):
    text = """OPENQASM 3.0; include "stdgates.inc"; input float x; input float y; qubit[3] q;
    gate inner(s) r { U(s, 2*s, 0.5) r; gphase(s/3); }
    gate outer(s, t) r0, r1 { inner(s + t) r1; ctrl @ inner(sin(s)) r1, r0; inv @ inner(t) r0; inner(s + t) r1; }
    outer(x, y) q[0], q[1]; ctrl @ outer(y, x*y) q[2], q[1], q[0]; negctrl @ gphase(x) q[1];"""
    loaded = load_circuit(text.encode(), "f.qasm")
    numbers = text.replace("input float x;", f"const float x = {a};").replace(
        "input float y;", f"const float y = {b};"
    )
    bound = loaded.circuit.assign_parameters(dict(zip(loaded.parameters, (a, b), strict=True)))
    assert np.allclose(Operator(bound).data, Operator(load_circuit(numbers.encode(), "f").circuit).data, atol=1e-9)


def test_a_gate_named_h_that_is_x_is_x():
    text = "qubit q; gate h r { U(pi, 0, pi) r; gphase(-pi/2); } h q;"
    assert np.allclose(unitary(text, include=False), [[0, 1], [1, 0]], atol=1e-12)
    circuit = load_circuit(f"OPENQASM 3.0; {text}".encode(), "f.qasm").circuit
    assert circuit.data[0].operation.name == "h_of_file"


def test_a_gate_defined_as_qiskit_defines_it_is_the_standard_gate():
    text = """OPENQASM 3.0; include "stdgates.inc"; qubit[2] q;
    gate rzz(a) r, s { cx r, s; rz(a) s; cx r, s; } rzz(0.5) q[0], q[1];"""
    assert load_circuit(text.encode(), "f.qasm").circuit.data[0].is_standard_gate()
    other = load_circuit(text.replace("rz(a)", "rz(-a)").encode(), "f.qasm").circuit
    assert other.data[0].operation.name == "rzz_of_file"


def test_names_of_gates_inputs_and_registers_do_not_collide():
    text = 'OPENQASM 3.0; include "stdgates.inc"; input float x; qubit[1] h; bit[1] y; rx(x) h[0]; x h[0]; h h[0];'
    circuit = load_circuit(text.encode(), "f.qasm").circuit
    assert [i.operation.name for i in circuit.data] == ["rx", "x", "h"]


def test_many_controls_do_not_explode():
    text = "qubit[16] q; " + "ctrl @ " * 15 + "h " + ", ".join(f"q[{k}]" for k in range(16)) + ";"
    circuit = load_circuit(f'OPENQASM 3.0; include "stdgates.inc"; {text}'.encode(), "f.qasm").circuit
    assert circuit.data[0].operation.num_ctrl_qubits == 15
