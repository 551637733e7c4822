"""Circuits read together give what each gives alone, whether or not they share a form."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest
from qiskit import QuantumCircuit

from qlstm.compile import expectations
from qlstm.together import readings, unitaries
from tests.qlstm.published import FEATURES, claims_for, compiled, vqc


def trimmed():
    """The published circuit without its last RZ gates, so with 20 weights."""
    circuit, whole = vqc(), QuantumCircuit(4)
    for instruction in circuit.data:
        if not any(p.name.startswith("g1") for angle in instruction.params for p in angle.parameters):
            whole.append(instruction.operation, instruction.qubits)
    weights = tuple(name for name in claims_for("input").weights if not name.startswith("g1"))
    return compiled(whole, msgspec.structs.replace(claims_for("input"), weights=weights))


def other_encoding():
    circuit = QuantumCircuit(4)
    circuit.x(0)
    circuit.compose(vqc(), inplace=True)
    return compiled(circuit, claims_for("update"))


def re_uploading():
    """Data once more at the end: not unitary once."""
    circuit = vqc()
    circuit.ry(next(p for p in circuit.parameters if p.name == FEATURES[2]), 1)
    return compiled(circuit, claims_for("update"))


def reads_x():
    return compiled(vqc(), msgspec.structs.replace(claims_for("update"), observables=("X0", "Z1 Y3")))


@pytest.mark.parametrize("third", [trimmed, other_encoding, re_uploading, reads_x])
def test_reading_together_is_reading_alone(third):
    circuits = [compiled(vqc(), claims_for("forget")), compiled(vqc(), claims_for("hidden")), third()]
    rng = np.random.default_rng(5)
    weights = [jnp.asarray(rng.normal(size=len(c.weights))) for c in circuits]
    x = jnp.asarray(rng.uniform(-1, 1, (3, 4)))
    found = jax.jit(lambda w, x: readings(circuits, w, unitaries(circuits, w))(x))(weights, x)
    for circuit, w, values in zip(circuits, weights, found, strict=True):
        alone = jax.jit(lambda w, x, circuit=circuit: expectations(circuit, w, x))(w, x)
        np.testing.assert_allclose(values, alone, atol=1e-14)
