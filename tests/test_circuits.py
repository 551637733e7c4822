"""The shipped circuits are the published ones: compared with a construction straight from the paper's formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator

from qverify.discovery import load_subject

CIRCUITS = Path(__file__).parents[1] / "circuits"
ROLES = ("forget", "input", "update", "output", "hidden", "output_processing")


def published(x: np.ndarray, w: np.ndarray) -> QuantumCircuit:  # type: ignore[type-arg]
    """H; RY(arctan x), RZ(arctan x^2); two layers of CNOT rings i->i+1, i->i+2 and RZ(gamma) RY(beta) RZ(alpha).

    x of shape (4,), w of shape (layers, 4, 3).
    """
    circuit = QuantumCircuit(4)
    circuit.h(range(4))
    for k in range(4):
        circuit.ry(np.arctan(x[k]), k)
        circuit.rz(np.arctan(x[k] ** 2), k)
    for layer in w:
        for step in (1, 2):
            for k in range(4):
                circuit.cx(k, (k + step) % 4)
        for k, (alpha, beta, gamma) in enumerate(layer):
            circuit.rz(alpha, k)
            circuit.ry(beta, k)
            circuit.rz(gamma, k)
    return circuit


@pytest.mark.parametrize("name", [*ROLES, "reference"])
def test_circuit_is_the_published_one(name: str) -> None:
    subject = load_subject(str(CIRCUITS / f"chen2020/{name}.qasm"))
    rng = np.random.default_rng(7)
    for _ in range(3):
        x, w = rng.uniform(-1, 1, 4), rng.uniform(-np.pi, np.pi, (2, 4, 3))
        values = dict(zip(subject.claims.features, x, strict=True)) | dict(
            zip(subject.claims.weights, w.ravel(), strict=True)
        )
        found = Operator(subject.circuit.assign_parameters(values))
        assert abs(np.trace(found.data.conj().T @ Operator(published(x, w)).data)) == pytest.approx(16, abs=1e-11)


@pytest.mark.parametrize("role", ROLES)
def test_trimmed_circuit_has_the_same_outputs_as_the_published_one(role: str) -> None:
    from qverify.semantics import expectations

    full = load_subject(str(CIRCUITS / f"chen2020/{role}.qasm"))
    trimmed = load_subject(str(CIRCUITS / f"chen2020_trimmed/{role}.qasm"))
    rng = np.random.default_rng(8)
    values = {p: rng.uniform(-1, 1, 20) for p in full.parameters}
    left = expectations(full.circuit, values, full.claims.observables)
    right = expectations(trimmed.circuit, {p: values[p] for p in trimmed.parameters}, trimmed.claims.observables)
    assert np.abs(left - right).max() < 1e-13
    assert len(full.claims.weights) - len(trimmed.claims.weights) == (6 if role == "hidden" else 4)


def test_folder_claims_each_role_of_each_cell_once() -> None:
    for cell in ("chen2020", "chen2020_trimmed"):
        roles = [load_subject(str(file)).claims.role for file in sorted((CIRCUITS / cell).glob("*.qasm"))]
        assert sorted(r for r in roles if r != "reference") == sorted(ROLES)


def test_vqc6_is_fed_what_vqc5_is_fed() -> None:
    title = load_subject(str(CIRCUITS / "chen2020/output_processing.qasm")).claims.title
    assert "VQC6(o * tanh(c'))" in title
