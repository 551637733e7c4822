"""A verified circuit as an exact, differentiable JAX function: <O_k>(w, x) = <psi(w, x)| O_k |psi(w, x)>.

Two forms, chosen by looking at the circuit (`program.py`):

    unitary once   |psi(w, x)> = U(w) (x)_q |psi_q(x)>    U is built once for all samples that share w
    statevector    the gates one after the other on (B, 2**n) amplitudes

Qiskit's order throughout: wire 0 is the least significant bit. Global phases are left out. All wires start in
|0>. Only a `VerifiedCircuit` is compiled.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from qlstm.angle_values import angle_values
from qlstm.encoding import encode
from qlstm.gates import Matrix, matrix
from qlstm.observables import observable_matrix
from qlstm.program import Gate, Program, program_of
from qlstm.unitary import apply_gate, unitary
from qverify import NotAdmitted, VerifiedCircuit
from qverify.errors import Unusable


@dataclass(frozen=True, eq=False)
class CompiledCircuit:
    """What `expectations` needs to know of a verified circuit.

    observables: one matrix for each claimed observable, shape (n_observables, 2**n, 2**n), unit 1.
    digest, certificate_digest: of the verified circuit and of its certificate.
    """

    program: Program
    features: tuple[str, ...]
    weights: tuple[str, ...]
    observables: Matrix
    digest: str
    certificate_digest: str


def compile_circuit(verified: VerifiedCircuit) -> CompiledCircuit:
    """Compile a circuit that holds a certificate.

    Raises:
        NotAdmitted: the argument is no `VerifiedCircuit`, or its circuit changed since it was admitted.
        Unusable: the circuit measures, resets or branches, or claims no observable or not every wire zero.
        RuntimeError: JAX computes in float32; call `float64()` first.
    """
    if not isinstance(verified, VerifiedCircuit):
        raise NotAdmitted(f"only a `VerifiedCircuit` can be compiled, not a `{type(verified).__name__}`")
    if jnp.zeros(()).dtype != np.float64:
        raise RuntimeError("JAX computes in float32, too coarse for verified circuits; call qlstm.float64() first")
    verified.still_holds()
    subject = verified.subject
    claims, n = subject.claims, subject.circuit.num_qubits
    try:
        if set(claims.zero_wires) != set(range(n)):
            raise Unusable(f"`zero_wires` must be all of 0..{n - 1} to compile, but is {list(claims.zero_wires)}")
        if not claims.observables:
            raise Unusable("`observables` is empty, so there is nothing to train on; claim what is read")
        program = program_of(subject.circuit, claims.features, claims.weights)
        observables = np.stack([observable_matrix(text, n) for text in claims.observables])
    except Unusable as refusal:
        raise refusal.at(str(subject.path)) from None
    return CompiledCircuit(
        program, claims.features, claims.weights, observables, subject.digest, verified.certificate_digest
    )


def expectations(compiled: CompiledCircuit, weights: jax.Array, features: jax.Array) -> jax.Array:
    """Every claimed observable for a batch.

    Args:
        weights: shape (n_weights,), radians, in claimed order.
        features: shape (B, n_features), in claimed order.

    Returns:
        Shape (B, n_observables), unit 1.
    """
    program = compiled.program
    psi = encode(program, features)
    psi = (
        psi @ unitary(program, weights).T
        if program.is_unitary_once
        else statevector(program, weights, features, psi)
    )
    return read_out(compiled.observables, psi)


def statevector(program: Program, weights: jax.Array, features: jax.Array, psi: jax.Array) -> jax.Array:
    """The body gate by gate: psi of shape (B, 2**n) -> (B, 2**n)."""

    def one_sample(x: jax.Array, amplitudes: jax.Array) -> jax.Array:
        for gate in program.body:
            amplitudes = apply_gate(_gate_matrix(gate, weights, x), gate.wires, amplitudes)
        return amplitudes

    return jax.vmap(one_sample)(features, psi)


def _gate_matrix(gate: Gate, weights: jax.Array, x: jax.Array) -> jax.Array | Matrix:
    if not gate.angles:
        return matrix(gate.name, ())
    names = [f"x{k}" for k in range(x.shape[0])] + [f"w{k}" for k in range(weights.shape[0])]
    return matrix(gate.name, tuple(angle_values(gate.angles, names, jnp.concatenate([x, weights]))))


def is_diagonal(observables: Matrix) -> bool:
    """Are all of shape (n_observables, d, d) diagonal, so that probabilities suffice?"""
    off = observables * (1 - np.eye(observables.shape[-1]))
    return not off.any()


def read_out(observables: Matrix, psi: jax.Array) -> jax.Array:
    """<psi|O_k|psi> of states (B, 2**n) -> (B, n_observables)."""
    if is_diagonal(observables):
        return probabilities(psi) @ np.diagonal(observables, axis1=-2, axis2=-1).real.T
    return jnp.einsum("bi,kij,bj->bk", psi.conj(), observables, psi).real


def probabilities(psi: jax.Array) -> jax.Array:
    """|psi_i|**2, elementwise."""
    return psi.real**2 + psi.imag**2
