"""Gradient variance: intervals that hold closed forms, gradients below their bound, and refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from qiskit.circuit import Parameter, ParameterVector, QuantumCircuit, library

from qverify.errors import Undecidable
from qverify.subject import Claims, make_subject
from qverify.trainability.variance import GradientSample, sample_gradients, turned_by, variance_intervals


def subject(circuit, observables, **claims):
    names = tuple(p.name for p in circuit.parameters)
    claims.setdefault("weights", names)
    claims.setdefault("zero_wires", tuple(range(circuit.num_qubits)))
    return make_subject("c.qpy", circuit, names, claims=Claims(observables=observables, **claims))


def intervals(made, samples=400, confidence=0.999, seed=5):
    return variance_intervals(sample_gradients(made, np.random.default_rng(seed), samples), confidence)


def ry_product(n):
    circuit, w = QuantumCircuit(n), ParameterVector("w", n)
    for k in range(n):
        circuit.ry(w[k], k)
    return circuit


def rx_rz(layers):
    circuit, w = QuantumCircuit(1), ParameterVector("w", 2 * layers)
    for k in range(layers):
        circuit.rx(w[2 * k], 0)
        circuit.rz(w[2 * k + 1], 0)
    return circuit


# (circuit, observable, Var d_0 / ||O||^2); ||O|| is the sum of |coefficients|
CLOSED = {
    "a product of RY and Z on every wire": (ry_product(3), "Z0 Z1 Z2", 2**-3),
    "a product of RY and the global cost": (ry_product(3), "zeros", 1 / 8 * (3 / 8) ** 2),
    "a product of RY and the local cost": (
        ry_product(3),
        "0.333333333333*P0[0] + 0.333333333333*P0[1] + 0.333333333333*P0[2]",
        1 / (8 * 9),
    ),
    "RX and RZ in one layer": (rx_rz(1), "Z0", 1 / 3 + 1 / 6),
    "RX and RZ in three layers": (rx_rz(3), "Z0", 1 / 3 + (1 / 6) * 4.0**-2),
}


@pytest.mark.parametrize("name", CLOSED)
def test_the_interval_holds_the_closed_form_of(name):
    circuit, observable, truth = CLOSED[name]
    found = intervals(subject(circuit, (observable,)), samples=3000, confidence=1 - 1e-10)[0][0]
    assert found.lo <= truth <= found.hi
    assert found.hi - found.lo < 0.6
    assert abs(found.value - truth) < 0.2 * truth + 0.01


def test_the_intervals_cover_the_truth_at_every_one_of_200_seeds():
    """At confidence 1 - 1e-12 each, all 200 fail with probability below 1e-9."""
    made = subject(ry_product(1), ("Z0",))
    for seed in range(200):
        found = intervals(made, samples=60, confidence=1 - 1e-12, seed=seed)[0][0]
        assert found.lo <= 0.5 <= found.hi


def test_an_interval_narrows_like_one_over_the_root_of_the_samples():
    made = subject(ry_product(1), ("Z0",))
    wide, narrow = (intervals(made, samples)[0][0] for samples in (500, 8000))
    assert narrow.hi - narrow.lo < (wide.hi - wide.lo) / 2


def test_one_sample_gives_the_whole_range_and_no_warning():
    sample = GradientSample(("w",), np.array([[[0.3]], [[0.4]]]), np.ones((1, 1)))
    found = variance_intervals(sample, 0.99)[0][0]
    assert found.lo == 0
    assert found.hi == 1


def test_gradients_are_those_of_the_closed_form():
    made = subject(ry_product(1), ("Z0", "2*Z0"))
    rng = np.random.default_rng(2)
    t = np.random.default_rng(2).uniform(0, 2 * math.pi, 50)
    sample = sample_gradients(made, rng, 50)
    np.testing.assert_allclose(sample.gradients[:, 0, :], np.stack([-np.sin(t)] * 2, axis=1), atol=1e-14)


def _loop():
    circuit, w = QuantumCircuit(1), Parameter("w")
    with circuit.for_loop(range(4)):
        circuit.ry(w, 0)
    return circuit


def _loop_with_variable():
    circuit, w = QuantumCircuit(1), Parameter("w")
    with circuit.for_loop((1, 3)) as i:
        circuit.ry(i * w, 0)
    return circuit


def _axis():
    circuit, w = QuantumCircuit(1), Parameter("w")
    circuit.h(0)
    circuit.append(library.RGate(math.pi, w), [0])
    circuit.h(0)
    return circuit


def _axis_of_two_wires(kind):
    circuit, w = QuantumCircuit(2), Parameter("w")
    circuit.h(0)
    if kind is library.XXMinusYYGate:
        circuit.cx(0, 1)
    else:
        circuit.x(1)
        circuit.cx(0, 1)
    circuit.append(kind(math.pi, w), [0, 1])
    return circuit


def _composite_twice():
    w = Parameter("w")
    part = QuantumCircuit(1)
    part.ry(2 * w, 0)
    circuit = QuantumCircuit(1)
    for _ in range(2):
        circuit.append(part.to_gate(), [0])
    return circuit


def _u():
    circuit, w = QuantumCircuit(1), Parameter("w")
    circuit.u(w, 2 * w, -w, 0)
    circuit.u(w, w, w, 0)
    return circuit


CASES = {
    "a loop": (_loop(), "Z0", 4),
    "a loop with a variable": (_loop_with_variable(), "Z0", 4),
    "the axis of a rotation": (_axis(), "Z0", 2),
    "the axis of an XX+YY rotation": (_axis_of_two_wires(library.XXPlusYYGate), "0.5*X0 X1 + 0.5*Y0 Y1", 0),
    "the axis of an XX-YY rotation": (_axis_of_two_wires(library.XXMinusYYGate), "0.5*X0 X1 - 0.5*Y0 Y1", 0),
    "a composite gate twice": (_composite_twice(), "Z0", 4),
    "a general gate": (_u(), "Z0", 0),
}


@pytest.mark.parametrize("name", CASES)
def test_no_gradient_exceeds_its_bound_for(name):
    circuit, observable, reached = CASES[name]
    sample = sample_gradients(subject(circuit, (observable,)), np.random.default_rng(1), 400)
    largest = np.abs(sample.gradients).max()
    assert largest <= sample.bound[0, 0] + 1e-6
    assert largest >= 0.99 * reached  # the bound is needed


def test_the_slope_of_a_product_with_a_feature_uses_the_features_range():
    x, w = Parameter("x"), Parameter("w")
    circuit = QuantumCircuit(1)
    circuit.ry(w * x, 0)
    made = subject(circuit, ("Z0",), weights=("w",), features=("x",), feature_range=(-3.0, 2.0))
    assert turned_by(made) == {"w": 3.0}


def test_an_unbounded_slope_gives_no_interval():
    w = Parameter("w")
    circuit = QuantumCircuit(1)
    circuit.ry(w**3, 0)
    with pytest.raises(Undecidable, match="unbounded slope"):
        intervals(subject(circuit, ("Z0",)), 10)


def test_a_circuit_too_wide_for_state_vectors_is_undecided():
    with pytest.raises(Undecidable, match="21 qubits"):
        intervals(subject(ry_product(21), (" ".join(f"Z{k}" for k in range(21)),)), 10)


def test_a_wide_circuit_with_a_narrow_cone_is_decided():
    found = intervals(subject(ry_product(40), ("Z3",)), 400)
    assert found[3][0].lo > 0.2
    assert found[4][0].hi < 0.1
