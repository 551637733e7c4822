"""The circuits of Chen, Yoo and Fang as Qiskit builds them, with claims, and stand-ins for admitted ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from qlstm.compile import CompiledCircuit
from qlstm.observables import observable_matrix
from qlstm.program import program_of
from qlstm.roles import ROLES
from qverify.subject.claims import Claims

N_QUBITS, N_LAYERS = 4, 2
FEATURES = tuple(f"x{i}" for i in range(N_QUBITS))
WEIGHTS = tuple(f"{a}{layer}{q}" for layer in range(N_LAYERS) for q in range(N_QUBITS) for a in ("a", "b", "g"))


def vqc() -> QuantumCircuit:
    """H, RY(arctan x), RZ(arctan x^2), then layers of two CX rings and Rot(alpha, beta, gamma)."""
    x = [Parameter(name) for name in FEATURES]
    w = [Parameter(name) for name in WEIGHTS]
    circuit = QuantumCircuit(N_QUBITS)
    for q in range(N_QUBITS):
        circuit.h(q)
        circuit.ry(x[q].arctan(), q)
        circuit.rz((x[q] ** 2).arctan(), q)
    for layer in range(N_LAYERS):
        for distance in (1, 2):
            for q in range(N_QUBITS):
                circuit.cx(q, (q + distance) % N_QUBITS)
        for q in range(N_QUBITS):
            alpha, beta, gamma = w[3 * (N_QUBITS * layer + q) :][:3]
            circuit.rz(alpha, q)
            circuit.ry(beta, q)
            circuit.rz(gamma, q)
    return circuit


def claims_for(role: str, cell: str = "chen2020") -> Claims:
    n_out = 3 if role == "hidden" else 4
    observables = tuple(f"Z{q}" for q in range(n_out))
    return Claims(
        cell=cell,
        role=role,
        features=FEATURES,
        weights=WEIGHTS,
        observables=observables,
        zero_wires=tuple(range(N_QUBITS)),
    )


def compiled(circuit: QuantumCircuit, claims: Claims) -> CompiledCircuit:
    """What `compile_circuit` makes of a verified circuit, for tests of what comes after admission."""
    program = program_of(circuit, claims.features, claims.weights)
    observables = np.stack([observable_matrix(text, circuit.num_qubits) for text in claims.observables])
    return CompiledCircuit(program, claims.features, claims.weights, observables, "sha256:c", "sha256:d")


def compiled_cell() -> dict[str, CompiledCircuit]:
    circuit = vqc()
    return {role: compiled(circuit, claims_for(role)) for role in ROLES}


@dataclass
class SubjectLike:
    circuit: QuantumCircuit
    claims: Claims
    path: Path = Path("vqc.qasm")
    digest: str = "sha256:c"


@dataclass
class VerifiedLike:
    """Has the attributes of an admitted circuit, and none of its standing: `compile_circuit` refuses it."""

    subject: SubjectLike
    certificate_digest: str = "sha256:d"
    checked: list[int] = field(default_factory=list)

    def still_holds(self) -> None:
        self.checked.append(1)


def verified_like(role: str, cell: str = "chen2020") -> VerifiedLike:
    return VerifiedLike(SubjectLike(vqc(), claims_for(role, cell), Path(f"{cell}/{role}.qasm")))
