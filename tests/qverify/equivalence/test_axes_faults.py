"""The bound for all angles: it holds at every angle, it is tight where circuits are equal, and faults exceed it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import Operator

from qverify.equivalence.axes import axes_agreement
from qverify.layout import layout_undone
from tests.strategies import parameters, seeded, static_circuit
from tests.subjects import NESTED


def distance_at(a: QuantumCircuit, b: QuantumCircuit, at: dict[str, float]) -> float:
    """min over phase of ||U - e^{i phi} V||, by Qiskit's matrices and a scan of the phase."""
    U, V = (Operator(c.assign_parameters(at, strict=False)).data for c in (a, b))
    phases = np.angle(np.linalg.eigvals(V.conj().T @ U))
    scan = np.linspace(-np.pi, np.pi, 20001)
    return float(2 * np.abs(np.sin((phases[None] - scan[:, None]) / 2)).max(axis=1).min())


def distance_for_all_angles(a: QuantumCircuit, b: QuantumCircuit) -> float | None:
    found = axes_agreement(a, b, 1e-8)
    return None if found is None or found.slope else found.constant


def compiled(circuit: QuantumCircuit, level: int) -> QuantumCircuit:
    from qiskit import transpile

    return layout_undone(
        transpile(circuit, basis_gates=["rz", "sx", "x", "cx"], optimization_level=level, seed_transpiler=1)
    )


@NESTED
@given(seeded(), st.integers(0, 3))
def test_compiled_circuit_is_proved_equal_whatever_its_constants(source, level: int) -> None:
    circuit = static_circuit(source, 3, 7, parameters=parameters(2), composites=False)
    found = distance_for_all_angles(circuit, compiled(circuit, level))
    assert found is not None
    assert found < 1e-9


@NESTED
@given(seeded(), st.floats(1e-9, 3.0), st.integers(0, 2))
def test_bound_holds_at_drawn_angles(source, size: float, wire: int) -> None:
    circuit = static_circuit(source, 3, 6, parameters=parameters(2), composites=False)
    other = circuit.copy()
    other.data.insert(len(other.data) // 2, _turn(size, wire, other))
    found = distance_for_all_angles(circuit, other)
    if found is None:
        return
    rng = np.random.default_rng(source.randrange(2**32))
    for _ in range(3):
        at = {p.name: float(rng.uniform(-6, 6)) for p in circuit.parameters}
        assert distance_at(circuit, other, at) <= found + 1e-3 * size + 1e-7  # the scan's own step


def _turn(size: float, wire: int, circuit: QuantumCircuit):
    made = QuantumCircuit(*circuit.qregs)
    made.rx(size, wire)
    return made.data[0]


@pytest.mark.parametrize("size", [1e-7, 1e-4, 0.3])
def test_a_constant_turn_costs_its_closed_form(size: float) -> None:
    circuit = QuantumCircuit(2)
    circuit.ry(Parameter("p"), 0)
    circuit.cx(0, 1)
    other = circuit.copy()
    other.rz(size, 1)
    found = distance_for_all_angles(circuit, other)
    assert found == pytest.approx(2 * math.sin(size / 4), abs=1e-11)


def faults() -> dict[str, tuple[QuantumCircuit, QuantumCircuit]]:
    a, b = Parameter("a"), Parameter("b")

    def made(*steps) -> QuantumCircuit:
        circuit = QuantumCircuit(2)
        for name, *words in steps:
            getattr(circuit, name)(*words)
        return circuit

    start = [("rx", 0.3, 0), ("rz", 0.2, 0), ("ry", a, 0), ("cx", 0, 1), ("crx", b, 0, 1)]
    return {
        "sign of an angle": (made(*start), made(*start[:2], ("ry", -a, 0), *start[3:])),
        "the other parameter": (made(*start), made(*start[:2], ("ry", b, 0), *start[3:])),
        "the other wire": (made(*start), made(*start[:2], ("ry", a, 1), *start[3:])),
        "another axis": (made(*start), made(*start[:2], ("rx", a, 0), *start[3:])),
        "control and target": (made(*start), made(*start[:3], ("cx", 1, 0), start[4])),
        "two that do not commute": (made(("rx", a, 0), ("rz", b, 0)), made(("rz", b, 0), ("rx", a, 0))),
        "twice": (made(("rx", a, 0)), made(("rx", a, 0), ("rx", a, 0))),
        "a controlled turn without its control": (made(("crx", b, 0, 1)), made(("rx", b, 1))),
        "half of a controlled turn": (made(("crx", b, 0, 1)), made(("rx", b / 2, 1))),
    }


@pytest.mark.parametrize("kind", sorted(faults()))
def test_fault_is_never_proved_equal(kind: str) -> None:
    found = distance_for_all_angles(*faults()[kind])
    assert found is None or found > 1e-3


def test_rotations_that_commute_may_change_places_and_merge() -> None:
    a, b = Parameter("a"), Parameter("b")
    left, right = QuantumCircuit(2), QuantumCircuit(2)
    left.rz(a, 0)
    left.rzz(b, 0, 1)
    left.rz(a, 0)
    right.rzz(b, 0, 1)
    right.rz(2 * a, 0)
    found = distance_for_all_angles(left, right)
    assert found is not None
    assert found < 1e-11
