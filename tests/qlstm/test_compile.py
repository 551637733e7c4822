"""Compiled circuits against Qiskit's statevectors, in both forms."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.quantum_info import Operator, Statevector

from qlstm.compile import compile_circuit, expectations
from qlstm.gates import KNOWN
from qlstm.unitary import Fixed, Layer, parts_of, unitary
from qverify.errors import NotAdmitted
from qverify.subject.claims import Claims
from tests.qlstm.published import FEATURES, WEIGHTS, claims_for, compiled, verified_like, vqc

OBSERVABLES = ("Z0", "X0 Y2", "0.5*Z0 - 2*Z1 Z2", "P0[1]", "zeros")


def random_circuit(rng, n=3, length=25, data_inside=True):
    """Every kind of gate on random wires; angles are numbers, features, weights and expressions of them."""
    x, w = Parameter("x"), [Parameter(f"w{k}") for k in range(4)]
    circuit = QuantumCircuit(n, global_phase=0.3)
    for q in range(n):
        circuit.ry((x * (q + 1)).arctan(), q)
    angles = [0.4, w[0], 2 * w[1] - 0.3, w[2] * w[3], w[3].sin() + w[0]] + ([x, x * w[1]] if data_inside else [])
    names = sorted(KNOWN)
    for _ in range(length):
        standard = get_standard_gate_name_mapping()[names[rng.integers(len(names))]]
        chosen = [angles[rng.integers(len(angles))] for _ in standard.params]
        wires = rng.permutation(n)[: standard.num_qubits]
        circuit.append(standard.base_class(*chosen), [int(q) for q in wires])
    for k in range(4):  # every weight occurs
        circuit.rx(w[k], k % n)
    circuit.h(0)
    return circuit


CLAIMS = Claims(features=("x",), weights=("w0", "w1", "w2", "w3"), observables=OBSERVABLES, zero_wires=(0, 1, 2))
X = np.array([-0.9, 0.0, 0.4])
W = np.array([0.3, -1.2, 2.2, 0.8])


def expected(circuit, observables, x, w):
    from qlstm.observables import observable_matrix

    values = {"x": x} | {f"w{k}": v for k, v in enumerate(w)}
    psi = Statevector(circuit.assign_parameters({p: values[p.name] for p in circuit.parameters}))
    return [psi.expectation_value(Operator(observable_matrix(o, circuit.num_qubits))).real for o in observables]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("data_inside", [False, True])
def test_random_circuit_has_qiskits_expectations(seed, data_inside):
    circuit = random_circuit(np.random.default_rng(seed), data_inside=data_inside)
    program = compiled(circuit, CLAIMS)
    assert program.program.is_unitary_once != data_inside
    found = jax.jit(lambda w, x: expectations(program, w, x))(W, X[:, None])
    np.testing.assert_allclose(found, [expected(circuit, OBSERVABLES, x, W) for x in X], atol=1e-13)


def test_both_forms_of_one_circuit_agree():
    once = compiled(vqc(), claims_for("forget"))
    # a feature at the end forces the general form; a last RZ moves no <Z>
    circuit = vqc()
    circuit.rz(Parameter("extra"), 0)
    general = compiled(
        circuit, Claims(features=(*FEATURES, "extra"), weights=WEIGHTS, observables=("Z0", "Z1", "Z2", "Z3"))
    )
    assert once.program.is_unitary_once
    assert not general.program.is_unitary_once
    rng = np.random.default_rng(0)
    w, x = jnp.asarray(rng.normal(size=24)), jnp.asarray(rng.normal(size=(3, 4)))
    found = jax.jit(lambda w, x: expectations(general, w, x))(w, jnp.pad(x, ((0, 0), (0, 1)), constant_values=0.7))
    np.testing.assert_allclose(found, expectations(once, w, x), atol=1e-14)


def test_published_circuit_becomes_two_permutations_and_two_layers():
    parts = parts_of(compiled(vqc(), claims_for("forget")).program)
    assert [type(part) for part in parts] == [Fixed, Layer, Fixed, Layer]
    assert parts[0].rows is not None


def test_unitary_is_unitary():
    program = compiled(vqc(), claims_for("forget")).program
    u = np.asarray(unitary(program, jnp.asarray(np.random.default_rng(1).normal(size=24))))
    np.testing.assert_allclose(u @ u.conj().T, np.eye(16), atol=1e-14)


def test_adding_an_unused_wire_changes_nothing():
    wider = QuantumCircuit(5)
    wider.compose(vqc(), range(4), inplace=True)
    claims = claims_for("forget")
    w, x = jnp.linspace(-2, 2, 24), jnp.array([[0.1, -0.5, 0.9, 0.0]])
    found, narrow = (
        jax.jit(partial(expectations, program))(w, x)
        for program in (compiled(wider, claims), compiled(vqc(), claims))
    )
    np.testing.assert_allclose(found, narrow, atol=1e-14)


@pytest.mark.parametrize("data_inside", [False, True])
def test_gradient_agrees_with_finite_differences(data_inside):
    circuit = random_circuit(np.random.default_rng(11), data_inside=data_inside)
    program = compiled(circuit, CLAIMS)
    value = jax.jit(lambda w, x: expectations(program, w, x))
    jacobian = jax.jit(jax.jacobian(value, argnums=(0, 1)))(W, X[:, None])
    step = 1e-5
    for k in range(4):
        shift = step * np.eye(4)[k]
        differences = (value(W + shift, X[:, None]) - value(W - shift, X[:, None])) / (2 * step)
        np.testing.assert_allclose(jacobian[0][:, :, k], differences, atol=1e-8)
    differences = (value(W, X[:, None] + step) - value(W, X[:, None] - step)) / (2 * step)
    np.testing.assert_allclose(jnp.sum(jacobian[1][..., 0], axis=2), differences, atol=1e-8)


def test_gradient_is_finite_at_zero_features():
    program = compiled(vqc(), claims_for("forget"))

    def total(w, x):
        return jnp.sum(expectations(program, w, x))

    for gradient in jax.jit(jax.grad(total, (0, 1)))(jnp.linspace(-2, 2, 24), jnp.zeros((1, 4))):
        assert np.isfinite(gradient).all()


def test_wide_circuit_keeps_its_gates():
    circuit = QuantumCircuit(9)
    circuit.compose(vqc(), range(4), inplace=True)
    program = compiled(circuit, claims_for("forget"))
    assert not program.program.is_unitary_once
    w, x = jnp.linspace(-2, 2, 24), jnp.array([[0.1, -0.5, 0.9, 0.0]])
    found = jax.jit(lambda w, x: expectations(program, w, x))(w, x)
    narrow = jax.jit(lambda w, x: expectations(compiled(vqc(), claims_for("forget")), w, x))(w, x)
    np.testing.assert_allclose(found, narrow, atol=1e-14)


def test_circuit_that_is_not_admitted_is_refused():
    with pytest.raises(NotAdmitted, match="only a `VerifiedCircuit`"):
        compile_circuit(verified_like("forget"))
