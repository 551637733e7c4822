"""What Qiskit writes as OpenQASM 3 is read back as the same circuit."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, qasm3
from qiskit.circuit import Parameter, ParameterVector
from qiskit.circuit.classical import expr
from qiskit.circuit.library import efficient_su2
from qiskit.quantum_info import Operator, Statevector

from qverify.load import LoadedCircuit, load_circuit

QUBITS = 3
ANGLES = st.floats(-7, 7, allow_nan=False).map(lambda x: round(x, 6))
NO_ANGLE = ["x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "id", "sxdg"]
ONE_ANGLE = ["rx", "ry", "rz", "p"]
TWO_QUBITS = ["cx", "cy", "cz", "ch", "swap", "iswap", "ecr", "dcx"]
TWO_QUBITS_ANGLE = ["crx", "cry", "crz", "cp", "rxx", "ryy", "rzz", "rzx"]


def reload(circuit: QuantumCircuit) -> LoadedCircuit:
    return load_circuit(qasm3.dumps(circuit).encode(), "circuit.qasm")


def vector() -> ParameterVector:
    return ParameterVector("t", 12)


@st.composite
def angles(draw, inputs):
    a, b = draw(st.sampled_from(inputs)), draw(st.sampled_from(inputs))
    number = draw(ANGLES)
    forms = [
        lambda: number,
        lambda: a,
        lambda: a * b + number,
        lambda: a.sin() * (b / 3).arctan(),
        lambda: (a**2 - b).cos() + number * a,
        lambda: -a + (b * 0.1).exp(),
        lambda: (a + 20).log() * 2,
        lambda: math.pi * a / 4,
    ]
    return draw(st.sampled_from(forms))()


def add_gate(draw, circuit, inputs):
    qubits = draw(st.permutations(range(QUBITS)))
    kind = draw(st.integers(0, 5))
    if kind == 0:
        getattr(circuit, draw(st.sampled_from(NO_ANGLE)))(qubits[0])
    elif kind == 1:
        getattr(circuit, draw(st.sampled_from(ONE_ANGLE)))(draw(angles(inputs)), qubits[0])
    elif kind == 2:
        getattr(circuit, draw(st.sampled_from(TWO_QUBITS)))(qubits[0], qubits[1])
    elif kind == 3:
        getattr(circuit, draw(st.sampled_from(TWO_QUBITS_ANGLE)))(draw(angles(inputs)), qubits[0], qubits[1])
    elif kind == 4:
        getattr(circuit, draw(st.sampled_from(["ccx", "cswap", "ccz"])))(*qubits)
    else:
        circuit.u(*(draw(angles(inputs)) for _ in range(3)), qubits[0])


@st.composite
def static_circuits(draw):
    inputs = [*vector(), Parameter("x"), Parameter("cx")]
    circuit = QuantumCircuit(QUBITS)
    for _ in range(draw(st.integers(1, 8))):
        add_gate(draw, circuit, inputs)
    return circuit


@st.composite
def conditions(draw, circuit):
    register, bits, number = circuit.cregs[0], circuit.clbits, draw(st.integers(0, 7))
    one, two = draw(st.sampled_from(bits)), draw(st.sampled_from(bits))
    forms = [
        lambda: (one, draw(st.booleans())),
        lambda: (register, number),
        lambda: expr.less(register, number),
        lambda: expr.greater_equal(register, number),
        lambda: expr.logic_and(expr.bit_xor(one, two), expr.less(register, number)),
        lambda: expr.logic_or(expr.logic_not(one), two),
        lambda: expr.not_equal(expr.bit_and(register, 3), 0),
        lambda: expr.equal(expr.bit_not(register), 5),
    ]
    return draw(st.sampled_from(forms))()


def add_block(draw, circuit, inputs, depth):
    kind = draw(st.integers(0, 8 if depth < 2 else 2))
    if kind <= 1:
        add_gate(draw, circuit, inputs)
    elif kind == 2:
        circuit.measure(draw(st.integers(0, QUBITS - 1)), draw(st.integers(0, QUBITS - 1)))
    elif kind == 3:
        circuit.reset(draw(st.integers(0, QUBITS - 1)))
    elif kind == 4:
        with circuit.if_test(draw(conditions(circuit))) as otherwise:
            add_block(draw, circuit, inputs, depth + 1)
        if draw(st.booleans()):
            with otherwise:
                add_block(draw, circuit, inputs, depth + 1)
    elif kind == 5:
        with circuit.switch(circuit.cregs[0]) as case:
            with case(0, 3):
                add_block(draw, circuit, inputs, depth + 1)
            with case(case.DEFAULT):
                add_block(draw, circuit, inputs, depth + 1)
    elif kind == 6:
        with circuit.for_loop(draw(st.sampled_from([range(3), range(1, 6, 2), (0, 5, 2)]))):
            add_block(draw, circuit, inputs, depth + 1)
    elif kind == 7:
        with circuit.while_loop(draw(conditions(circuit))):
            add_block(draw, circuit, inputs, depth + 1)
    else:
        circuit.barrier(0, 2)
        circuit.delay(100, 1, unit="ns")


@st.composite
def dynamic_circuits(draw):
    inputs = [*vector(), Parameter("x"), Parameter("h")]
    circuit = QuantumCircuit(QUBITS, QUBITS)
    for _ in range(draw(st.integers(1, 5))):
        add_block(draw, circuit, inputs, 0)
    return circuit


def bound(circuit, parameters):
    """Every parameter gets a value that depends on its position only."""
    return circuit.assign_parameters({p: 0.1 + 0.37 * k for k, p in enumerate(parameters)})


@settings(max_examples=60, deadline=None)
@given(static_circuits())
def test_a_static_circuit_keeps_its_unitary(circuit):
    loaded = reload(circuit)
    before = Operator(bound(circuit, circuit.parameters))
    assert Operator(bound(loaded.circuit, loaded.parameters)).equiv(before, rtol=0, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(dynamic_circuits())
def test_a_dynamic_circuit_keeps_its_structure(circuit):
    loaded = reload(circuit)
    before, after = bound(circuit, circuit.parameters), bound(loaded.circuit, loaded.parameters)
    assert len(after.data) == len(before.data) == len(loaded.lines)
    assert after == before


@settings(max_examples=30, deadline=None)
@given(dynamic_circuits())
def test_lines_say_where_each_operation_stands(circuit):
    text = qasm3.dumps(circuit)
    loaded = load_circuit(text.encode(), "circuit.qasm")
    words = {
        "measure": "measure",
        "if_else": "if",
        "while_loop": "while",
        "for_loop": "for",
        "switch_case": "switch",
    }
    for item, line in zip(loaded.circuit.data, loaded.lines, strict=True):
        name = item.operation.name.removesuffix("_of_file")
        found = text.splitlines()[line - 1]
        assert words.get(name, name.removesuffix("u") or "U") in found


def test_efficient_su2_keeps_its_vector_and_its_order():
    ansatz = efficient_su2(3, reps=1)
    loaded = reload(ansatz)
    values = np.linspace(0.1, 2.3, 12)
    before = Statevector(ansatz.assign_parameters(values))
    after = Statevector(loaded.circuit.assign_parameters(dict(zip(loaded.parameters, values, strict=True))))
    assert abs(before.inner(after)) ** 2 > 1 - 1e-12
    assert [p.name for p in loaded.parameters] == [p.name for p in ansatz.parameters]
    assert list(loaded.circuit.parameters) == list(loaded.parameters)


def test_parameters_come_in_declared_order():
    text = "OPENQASM 3.0; input float z; input angle b; input float[64] a; qubit q; U(a, b, 0) q;"
    loaded = load_circuit(text.encode(), "f.qasm")
    assert [p.name for p in loaded.parameters] == ["z", "b", "a"]


def test_an_incomplete_family_of_names_is_no_vector():
    text = "OPENQASM 3.0; input float _t_0_; input float _t_2_; qubit q; U(_t_0_, _t_2_, 0) q;"
    assert [p.name for p in load_circuit(text.encode(), "f.qasm").parameters] == ["_t_0_", "_t_2_"]


def test_a_family_stands_where_its_first_element_is_declared():
    order = "a", "_t_1_", "b", "_t_0_"
    inputs = "".join(f"input float {name}; " for name in order)
    loaded = load_circuit(f"OPENQASM 3.0; {inputs} qubit q; U(a, _t_1_, _t_0_) q;".encode(), "f.qasm")
    assert [p.name for p in loaded.parameters] == ["a", "t[0]", "t[1]", "b"]
