"""The Pauli-rotation normal form: never calls different circuits equal, and proves what compilation keeps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import efficient_su2, real_amplitudes
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Operator

from benchmarks.families import BASIS, qlstm
from qverify.equivalence.distance import Side, distance
from qverify.equivalence.pauli_form import proved_equal

FAMILIES = {"qlstm": lambda n: qlstm(n, 2), "su2": lambda n: efficient_su2(n, reps=3), "real": real_amplitudes}


@pytest.mark.parametrize("family", sorted(FAMILIES))
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_compiled_parameterised_circuit_is_proved_equal(family: str, level: int) -> None:
    for n in (4, 8):
        circuit = FAMILIES[family](n)
        compiled = transpile(circuit, basis_gates=BASIS, optimization_level=level, seed_transpiler=1)
        found = proved_equal(circuit, compiled)
        assert found is not None
        assert found.constant < 1e-12
        assert found.slope == 0.0


def test_hundred_qubits_are_proved_equal() -> None:
    circuit = qlstm(100, 2)
    assert proved_equal(circuit, transpile(circuit, basis_gates=BASIS, optimization_level=1)) is not None


@pytest.mark.parametrize("block", range(10))
def test_no_damaged_circuit_is_ever_proved_equal(block: int) -> None:
    """40 random circuits, compiled, every second one with a gate removed, an angle nudged or wires exchanged."""
    proved = 0
    for seed in range(40 * block, 40 * block + 40):
        circuit = random_circuit(3, 5, max_operands=3, seed=seed)
        other = transpile(circuit, basis_gates=BASIS, optimization_level=seed % 4, seed_transpiler=seed)
        if seed % 2:
            other = damaged(other, np.random.default_rng(seed))
        found = proved_equal(circuit, other)
        if found is not None:
            proved += 1
            truth = distance(Side(circuit), Side(other), {}, "unitary")
            assert truth.lo <= found.constant + 1e-12
    assert proved > 0


def damaged(circuit: QuantumCircuit, rng: np.random.Generator) -> QuantumCircuit:
    out, at = circuit.copy_empty_like(), int(rng.integers(max(1, len(circuit.data))))
    for index, item in enumerate(circuit.data):
        if index != at:
            out.append(item)
        elif item.operation.name == "rz":
            out.rz(float(item.operation.params[0]) + 10.0 ** -rng.integers(1, 9), item.qubits[0])
        elif item.operation.name == "cx" and rng.integers(2):
            out.cx(item.qubits[1], item.qubits[0])
    return out


x, y = Parameter("x"), Parameter("y")


def on_two(build) -> QuantumCircuit:  # type: ignore[no-untyped-def]
    circuit = QuantumCircuit(2)
    build(circuit)
    return circuit


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (lambda c: c.rz(x + 0.7, 0), lambda c: c.rz(x - 0.7, 0)),
        (lambda c: c.rz(x**2, 0), lambda c: c.rz(2 * x, 0)),
        (lambda c: c.rz((x**2).arctan(), 0), lambda c: c.rz(x.arctan(), 0)),
        (lambda c: c.rz(x * y, 0), lambda c: c.rz(x + y, 0)),
        (lambda c: c.crz(x, 0, 1), lambda c: c.crz(x + 2 * math.pi, 0, 1)),
        (lambda c: c.crz(x, 0, 1), lambda c: c.crz(x, 0, 1, ctrl_state=0)),
        (lambda c: c.rx(x, 0), lambda c: c.rx(x + 1e-4, 0)),
        (lambda c: c.cx(0, 1), lambda c: c.cx(1, 0)),
        (lambda c: c.ry(x, 0), lambda c: c.ry(y, 0)),
    ],
)
def test_pairs_that_fool_other_checkers_are_not_proved_equal(left, right) -> None:  # type: ignore[no-untyped-def]
    assert proved_equal(on_two(left), on_two(right)) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (lambda c: c.rz(2 * (x + y), 0), lambda c: c.rz(2 * x + 2 * y, 0)),
        (lambda c: c.crz(x, 0, 1), lambda c: c.crz(x + 4 * math.pi, 0, 1)),
        (lambda c: c.rz(x, 0), lambda c: c.p(x, 0)),
        (lambda c: (c.t(0), c.t(0)), lambda c: c.s(0)),
        (lambda c: (c.rz(0.3, 0), c.rx(x, 0), c.rx(-x, 0), c.rz(math.pi / 2 - 0.3, 0)), lambda c: c.s(0)),
        (lambda c: (c.rzz(x, 0, 1), c.rxx(y, 0, 1)), lambda c: (c.rxx(y, 0, 1), c.rzz(x, 0, 1))),
        (lambda c: (c.h(1), c.cp(math.pi, 0, 1), c.h(1)), lambda c: c.cx(0, 1)),
        (lambda c: c.rz(x, 0), lambda c: [c.rz(x / 3, 0) for _ in range(3)]),
    ],
)
def test_equal_circuits_written_differently_are_proved_equal(left, right) -> None:  # type: ignore[no-untyped-def]
    assert proved_equal(on_two(left), on_two(right)) is not None


@pytest.mark.parametrize("exponent", [10, 12, 14])
def test_tiny_angle_is_in_the_error_bound(exponent: int) -> None:
    t = 10.0**-exponent
    found = proved_equal(on_two(lambda c: c.rz(t, 0)), on_two(lambda c: c.id(0)))
    assert found is not None
    assert 2 * math.sin(t / 4) <= found.constant + 1e-18
    assert found.constant <= t


def test_circuits_of_different_width_prove_nothing() -> None:
    assert proved_equal(QuantumCircuit(2), QuantumCircuit(3)) is None


def test_phase_that_depends_on_a_parameter_does_not_matter() -> None:
    phased = QuantumCircuit(1, global_phase=x)
    phased.rz(y, 0)
    plain = QuantumCircuit(1)
    plain.rz(y, 0)
    assert proved_equal(phased, plain) is not None


def test_equal_forms_have_equal_matrices_when_bound() -> None:
    circuit = qlstm(4, 2)
    compiled = transpile(circuit, basis_gates=BASIS, optimization_level=3, seed_transpiler=3)
    values = dict.fromkeys(circuit.parameters, 0.37)
    a, b = (Operator(c.assign_parameters(values)).data for c in (circuit, compiled))
    assert abs(np.trace(a.conj().T @ b)) == pytest.approx(16, abs=1e-10)
