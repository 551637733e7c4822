"""Axes: compiled numbers between parameters are seen through, faults never, and the bound holds at any angle."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Operator, random_unitary
from qiskit.transpiler import CouplingMap

from qverify.equivalence.axes import axes_agreement
from qverify.equivalence.distance import Side, distance
from qverify.errors import Undecidable
from qverify.layout import layout_undone
from tests.qverify.equivalence.test_pauli_form import BASIS

CLOSE = 1e-8


def layered(n: int, depth: int, seed: int) -> QuantumCircuit:
    """Rotations by a parameter and an offset, among rotations by numbers on no grid."""
    rng, out = np.random.default_rng(seed), QuantumCircuit(n)
    for layer in range(depth):
        for k in range(n):
            out.ry(rng.uniform(0, 6), k)
            out.rz(rng.uniform(0, 6), k)
            getattr(out, ["rx", "ry", "rz"][(k + seed) % 3])(Parameter(f"t{layer}_{k}") + rng.uniform(0, 6), k)
            out.rx(rng.uniform(0, 6), k)
        for k in range(n - 1):
            out.cx(k, k + 1) if k % 2 else out.rzz(rng.uniform(0, 6), k, k + 1)
    return out


def drawn(circuit: QuantumCircuit, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    return {p.name: float(rng.uniform(-30, 30)) for p in circuit.parameters}


@pytest.mark.parametrize("seed", range(12))
def test_compiled_circuit_agrees_within_the_bound(seed: int) -> None:
    n = 2 + seed % 4
    one = layered(n, 2, seed)
    line = CouplingMap.from_line(n) if seed % 2 else None
    other = layout_undone(
        transpile(one, basis_gates=BASIS, coupling_map=line, optimization_level=1 + seed % 3, seed_transpiler=seed)
    )
    found = axes_agreement(one, other, CLOSE)
    assert found is not None
    assert found.slope == 0.0
    assert found.constant < CLOSE
    for point in range(3):
        assert distance(Side(one), Side(other), drawn(one, point), "unitary").lo <= found.constant


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("size", [1e-1, 1e-4, 1e-7])
def test_fault_is_never_within_a_bound_that_hides_it(seed: int, size: float) -> None:
    one = layered(3, 2, seed)
    other = one.copy_empty_like()
    rng = np.random.default_rng(seed)
    at = int(rng.integers(len(one.data)))
    for k, item in enumerate(one.data):
        other.append(item)
        if k == at:
            getattr(other, rng.choice(["rx", "ry", "rz"]))(size, int(rng.integers(3)))
    found = axes_agreement(one, other, 1e-2)
    truth = distance(Side(one), Side(other), drawn(one, seed), "unitary")
    assert found is None or found.constant >= truth.lo
    strict = axes_agreement(one, other, 1e-8)
    assert strict is None or strict.constant >= truth.lo


def test_rotations_that_commute_are_found_in_any_order_and_merged() -> None:
    x, y = Parameter("x"), Parameter("y")
    one, other = QuantumCircuit(2), QuantumCircuit(2)
    for circuit, order in ((one, (x, y)), (other, (y, x))):
        circuit.append(UnitaryGate(random_unitary(4, seed=3)), [0, 1])
        for angle in order:
            circuit.rz(angle, 0)
            circuit.rzz(2 * angle, 0, 1)
    other.rz(x + y, 0)
    one.rz(y, 0)
    one.rz(x, 0)
    assert axes_agreement(one, other, CLOSE) is not None
    one.rz(x, 1)
    assert axes_agreement(one, other, CLOSE) is None


def test_order_of_what_does_not_commute_matters() -> None:
    x, y = Parameter("x"), Parameter("y")
    one, other = QuantumCircuit(1), QuantumCircuit(1)
    for circuit, order in ((one, "xz"), (other, "zx")):
        for letter in order:
            getattr(circuit, f"r{letter}")(x if letter == "x" else y, 0)
    assert axes_agreement(one, other, CLOSE) is None


def test_too_wide_is_undecidable() -> None:
    with pytest.raises(Undecidable, match="too many"):
        axes_agreement(QuantumCircuit(9), QuantumCircuit(9), CLOSE)


def test_product_of_numbers_as_one_matrix_is_the_same() -> None:
    numbers = QuantumCircuit(2)
    numbers.rx(0.3, 0)
    numbers.cx(0, 1)
    numbers.rz(0.4, 1)
    one, other, x = QuantumCircuit(2), QuantumCircuit(2), Parameter("x")
    one.compose(numbers, inplace=True)
    one.ry(x, 1)
    other.append(UnitaryGate(Operator(numbers)), [0, 1])
    other.ry(x, 1)
    assert axes_agreement(one, other, CLOSE) is not None


@pytest.mark.parametrize("kind", ["crx", "cry", "crz"])
def test_controlled_turn_between_numbers_is_met_as_a_pair(kind: str) -> None:
    x, y = Parameter("x"), Parameter("y")
    one, other = QuantumCircuit(2), QuantumCircuit(2)
    hidden = QuantumCircuit(2)  # acts only where the control is 0, so it commutes with what is controlled
    hidden.x(0)
    hidden.append(UnitaryGate(random_unitary(2, seed=4)).control(1), [0, 1])
    hidden.x(0)
    for circuit in (one, other):
        circuit.ry(0.3, 0)
        circuit.ry(y, 1)
    getattr(one, kind)(x, 0, 1)
    one.compose(hidden, inplace=True)
    other.compose(hidden, inplace=True)
    getattr(other, kind)(x, 0, 1)
    found = axes_agreement(one, other, CLOSE)
    assert found is not None
    assert found.constant < CLOSE
    wrong = other.copy()
    wrong.rz(1e-6, 0)
    strict = axes_agreement(one, wrong, CLOSE)
    assert strict is None or strict.constant > 4e-7
