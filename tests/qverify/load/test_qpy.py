"""QPY: exact round trips; damaged, old and stuffed files are refused."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import Parameter, ParameterVector
from qiskit.circuit.library import efficient_su2

from qverify.errors import CannotLoad
from qverify.load import load_circuit


def dumped(*circuits: QuantumCircuit, version: int = qpy.QPY_VERSION) -> bytes:
    stream = io.BytesIO()
    qpy.dump(list(circuits), stream, version=version)
    return stream.getvalue()


def example() -> QuantumCircuit:
    circuit, vector = QuantumCircuit(2, 2), ParameterVector("t", 12)
    for k, element in enumerate(vector):
        circuit.rx(element * Parameter("x").sin() if k == 20 else element, k % 2)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], True)):
        circuit.x(1)
    return circuit


@pytest.mark.parametrize("version", range(13, qpy.QPY_VERSION + 1))
def test_a_circuit_comes_back_exactly(version):
    loaded = load_circuit(dumped(example(), version=version), "f.qpy")
    assert loaded.circuit == example_like(loaded)
    assert [p.name for p in loaded.parameters] == [f"t[{k}]" for k in range(12)]
    assert set(loaded.lines) == {None}


def example_like(loaded):
    """The example over the parameters that the file carries."""
    fresh = example()
    return fresh.assign_parameters(dict(zip(fresh.parameters, loaded.circuit.parameters, strict=True)))


def test_an_ansatz_keeps_its_parameters():
    ansatz = efficient_su2(3, reps=1)
    assert load_circuit(dumped(ansatz), "f.qpy").circuit == ansatz


REFUSED = [
    (lambda data: data[:6] + bytes([12]) + data[7:], "QPY format 12 is refused"),
    (lambda data: data[:6] + bytes([99]) + data[7:], "QPY format 99 is newer"),
    (lambda data: data[:6], "header is cut off"),
    (lambda data: data[:40], "damaged"),
    (lambda data: data[:-30], "damaged"),
    (lambda data: data + b"x", "bytes after its circuit"),
    (lambda data: b"NOTQPY" + data[6:], "does not begin with `QISKIT`"),
]


@pytest.mark.parametrize(("change", "sentence"), REFUSED)
def test_a_changed_file_is_refused(change, sentence):
    with pytest.raises(CannotLoad, match=sentence):
        load_circuit(change(dumped(example())), "f.qpy")


def test_two_circuits_in_one_file_are_refused():
    with pytest.raises(CannotLoad, match="holds 2 circuits"):
        load_circuit(dumped(example(), example()), "f.qpy")


def test_a_wrong_suffix_is_refused():
    with pytest.raises(CannotLoad, match=r"suffix is `\.qasm`"):
        load_circuit(dumped(example()), "f.qasm")


def test_an_infinite_angle_is_refused_also_inside_a_definition():
    inner = QuantumCircuit(1)
    inner.rx(float("inf"), 0)
    circuit = QuantumCircuit(1)
    circuit.append(inner.to_gate(), [0])
    with pytest.raises(CannotLoad, match="has the angle inf"):
        load_circuit(dumped(circuit), "f.qpy")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(7, 300), st.integers(0, 7))
def test_a_flipped_bit_is_read_or_refused_never_raised(position, bit):
    data = bytearray(dumped(example(), version=13))
    data[position % len(data)] ^= 1 << bit
    try:
        load_circuit(bytes(data), "f.qpy")
    except CannotLoad as refusal:
        assert "\n" not in refusal.sentence  # one sentence or a circuit, both are fine
