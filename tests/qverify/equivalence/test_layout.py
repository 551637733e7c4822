"""Layouts: a routed circuit with its layout undone is the original again."""

from __future__ import annotations

import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit.library import efficient_su2
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Operator

from qverify.equivalence.decide import Question, decide
from qverify.layout import layout_undone
from tests.qverify.equivalence.test_pauli_form import BASIS, FAMILIES
from tests.subjects import subject_with


def line(n: int) -> list[list[int]]:
    return [[k, k + 1] for k in range(n - 1)] + [[k + 1, k] for k in range(n - 1)]


@pytest.mark.parametrize("seed", range(12))
def test_routed_random_circuit_is_the_original_again(seed: int) -> None:
    circuit = random_circuit(5, 4, max_operands=2, seed=seed)
    routed = transpile(
        circuit, coupling_map=line(5), basis_gates=BASIS, optimization_level=seed % 4, seed_transpiler=seed
    )
    assert Operator(layout_undone(routed)).equiv(Operator(circuit))


@pytest.mark.parametrize("family", sorted(FAMILIES))
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_routed_parameterised_circuit_is_proved_equal(family: str, level: int) -> None:
    circuit = FAMILIES[family](8)
    routed = transpile(
        circuit, coupling_map=line(8), basis_gates=BASIS, optimization_level=level, seed_transpiler=level
    )
    found = decide(subject_with(circuit), subject_with(routed), Question("unitary"))
    assert (found.verdict, found.strength) == ("equivalent", "proof")


def test_circuit_without_a_layout_stays_as_it_is() -> None:
    circuit = efficient_su2(3)
    assert layout_undone(circuit) is circuit


def test_layout_survives_qpy() -> None:
    import io

    from qiskit import qpy

    from qverify.load import load_circuit

    circuit = QuantumCircuit(4)
    circuit.h(0)
    circuit.cx(0, 3)
    circuit.cx(1, 2)
    circuit.rz(0.3, 3)
    routed = transpile(circuit, coupling_map=line(4), basis_gates=BASIS, optimization_level=1, seed_transpiler=5)
    file = io.BytesIO()
    qpy.dump(routed, file)
    loaded = load_circuit(file.getvalue(), "routed.qpy").circuit
    assert Operator(layout_undone(loaded)).equiv(Operator(circuit))
