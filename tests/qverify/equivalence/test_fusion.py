"""Fused blocks multiply to the circuit's unitary, within the rounding that they state."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from qiskit import QuantumCircuit
from qiskit.circuit.library import UnitaryGate

from qverify.equivalence.distance import Side
from qverify.equivalence.fusion import Fused, fuse
from qverify.equivalence.residual import Cluster, joined, on_outputs
from qverify.errors import Undecidable
from tests.strategies import sources, static_circuit, steady


def multiplied(fused: Fused):  # type: ignore[no-untyped-def]
    whole = Cluster(np.eye(1, dtype=np.complex128), (), ())
    for rail in range(fused.n):
        whole = joined(whole, Cluster(np.eye(2, dtype=np.complex128), (rail,), (rail,)))
    for matrix, rails in zip(fused.matrices, fused.rails, strict=True):
        whole = on_outputs(matrix, rails, whole)
    k = fused.n
    axes = [k - 1 - whole.outs.index(fused.final[w]) for w in reversed(range(k))]
    return whole.matrix.reshape((2,) * k + (-1,)).transpose([*axes, k]).reshape(2**k, 2**k)


@given(source=sources())
@steady(60)
def test_blocks_multiply_to_the_circuit_up_to_phase(source) -> None:  # type: ignore[no-untyped-def]
    circuit = static_circuit(source, 4, 12)
    fused = fuse(circuit)
    found, wanted = multiplied(fused), Side(circuit).map({}, "unitary")[0][0]
    overlap = np.vdot(wanted, found)
    assert np.linalg.norm(found - overlap / abs(overlap) * wanted, 2) <= sum(fused.errors) + 1e-13


def test_swaps_only_relabel_however_they_are_written() -> None:
    circuit = QuantumCircuit(4)
    for a, b in ((0, 1), (1, 2), (2, 3)):
        circuit.cx(a, b)
        circuit.cx(b, a)
        circuit.cx(a, b)
    fused = fuse(circuit)
    assert all(len(rails) == 1 for rails in fused.rails)
    assert fused.final == (1, 2, 3, 0)


def test_gate_that_was_routed_is_one_block_with_its_partner() -> None:
    circuit = QuantumCircuit(3)
    circuit.rzz(0.3, 0, 1)
    circuit.swap(1, 2)
    circuit.rxx(0.4, 0, 2)
    assert len(fuse(circuit).rails) == 1


@pytest.mark.parametrize("defect", [1e-12, 1e-9])
def test_matrix_that_is_not_quite_unitary_is_off_by_what_it_states(defect: float) -> None:
    circuit = QuantumCircuit(1)
    circuit.append(UnitaryGate(np.diag([1.0, 1.0 + defect])), [0])
    assert fuse(circuit).errors[0] >= defect


def test_angle_that_floating_point_cannot_hold_is_undecidable() -> None:
    circuit = QuantumCircuit(1)
    circuit.rz(1e15 * math.pi, 0)
    with pytest.raises(Undecidable, match="angle too large"):
        fuse(circuit)
