"""Sampled second moments: closed forms inside their intervals, coverage, laws, effort, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from qiskit.circuit import Parameter, ParameterVector, QuantumCircuit

from qverify.errors import Undecidable, Unusable
from qverify.subject.observables import parse_observable
from qverify.trainability.laws import UNIFORM, parse_law
from qverify.trainability.sampled import centred, exact_gradients, gradient_bounds, sample_second

SURE = 1 - 1e-9


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


def shared():
    """RY(t) RY(t): f = cos 2t."""
    circuit, w = QuantumCircuit(1), Parameter("w")
    circuit.ry(w, 0)
    circuit.ry(w, 0)
    return circuit


def deep(n, layers):
    circuit, w = QuantumCircuit(n), iter(ParameterVector("w", 3 * n * layers))
    for _ in range(layers):
        for k in range(n):
            circuit.u(next(w), next(w), next(w), k)
        for k in range(n):
            circuit.cx(k, (k + 1) % n)
    return circuit


def teleported():
    """RY(t) on wire 0, carried to wire 1 by a measurement and a correction: <Z1> = cos t."""
    circuit, w = QuantumCircuit(2, 1), Parameter("w")
    circuit.ry(w, 0)
    circuit.cx(0, 1)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.z(1)
    return circuit


def sampled(circuit, *texts, seed=1, **options):
    names = [p.name for p in circuit.parameters]
    read = [parse_observable(text, circuit.num_qubits, circuit.num_clbits) for text in texts]
    options.setdefault("samples", 2000)
    options.setdefault("confidence", SURE)
    return sample_second(circuit, read, names, rng=np.random.default_rng(seed), **options)


def holds(moment, truth):
    return moment.lo <= truth <= moment.hi and moment.lo <= moment.value <= moment.hi


# (circuit, observable, E f**2, Var f, E (d_0 f)**2)
CLOSED = {
    "a product of RY and the global cost": (
        ry_product(4), "zeros", (3 / 8) ** 4, (3 / 8) ** 4 - 4.0**-4, 3**3 / 8**4,
    ),
    "a product of RY and all Z": (ry_product(3), "Z0 Z1 Z2", 2**-3, 2**-3, 2**-3),
    "a product of RY and the local cost": (
        ry_product(2), "0.5*P0[0] + 0.5*P0[1]", 1 / 4 + 1 / 16, 1 / 16, 1 / 32,
    ),
    "RX and RZ in three layers": (
        rx_rz(3), "Z0", 1 / 3 + 2 / 3 * 4.0**-3, 1 / 3 + 2 / 3 * 4.0**-3, 1 / 3 + 1 / 6 * 4.0**-2,
    ),
    "a shared angle": (shared(), "Z0", 0.5, 0.5, 2.0),
    "a teleported angle": (teleported(), "Z1", 0.5, 0.5, 0.5),
}  # fmt: skip


@pytest.mark.parametrize("name", CLOSED)
def test_the_intervals_hold_the_closed_forms_of(name):
    circuit, text, second, variance, gradient = CLOSED[name]
    found = sampled(circuit, text)
    assert holds(found.seconds[0].cost, second)
    assert holds(found.variances[0].cost, variance)
    assert holds(found.seconds[0].gradients[0], gradient)
    assert holds(found.variances[0].gradients[0], gradient)  # all of these gradients have mean 0
    assert found.variances[0].gradients[0].hi < 1.6 * gradient + 0.05


def test_a_deep_circuit_has_the_variance_of_a_random_unitary():
    n, D = 3, 8
    found = sampled(deep(n, 8), "Z0", samples=4000, confidence=0.999)
    assert holds(found.variances[0].cost, 1 / (D + 1))
    middle = found.variances[0].gradients[3 * n * 4]
    assert holds(middle, D**2 / (2 * (D - 1) * (D + 1) ** 2))


@pytest.mark.parametrize("text", ["normal(0, 0.6)", "uniform(-0.3, 0.8)", "arctan(normal(0, 1))", "fixed(0.7)"])
def test_other_laws_have_the_moments_that_they_have(text):
    law = parse_law(text)
    circuit = ry_product(1)
    found = sampled(circuit, "Z0", laws={"w[0]": law})
    m = law.moments(1.0, 0.0)
    assert holds(found.seconds[0].cost, m.cos2)
    assert holds(found.variances[0].cost, max(0.0, m.cos2 - m.cos**2))
    assert holds(found.seconds[0].gradients[0], 1 - m.cos2)
    assert holds(found.variances[0].gradients[0], max(0.0, 1 - m.cos2 - m.sin**2))


def test_inputs_and_features_are_drawn_as_said():
    """<Z> = r_Z cos t + ...: over the six letters E r**2 = 1/3; a feature is uniform over its range."""
    circuit, w, x = QuantumCircuit(1), Parameter("w"), Parameter("x")
    circuit.ry(w, 0)
    free = sampled(circuit, "Z0", zero_wires=())
    assert holds(free.seconds[0].cost, 1 / 3)
    circuit = QuantumCircuit(1)
    circuit.ry(x.arctan(), 0)
    circuit.rx(w, 0)
    found = sampled(circuit, "Z0", features=["x"], feature_range=(-1.0, 1.0))
    assert holds(found.seconds[0].cost, math.pi / 8)


def test_two_sided_intervals_cover_at_least_as_often_as_said():
    """300 seeds at 90 %: f = cos t1 cos t2, with its gradients and cost, all four at once."""
    circuit = ry_product(2)
    missed = 0
    for seed in range(300):
        found = sampled(circuit, "Z0 Z1", seed=seed, samples=64, confidence=0.9)
        variances = found.variances[0]
        missed += not all(holds(m, 0.25) for m in (variances.cost, *variances.gradients))
    assert missed <= 30


def test_sampling_stops_at_the_relative_error_and_at_the_most_samples():
    circuit = ry_product(1)
    found = sampled(circuit, "Z0", samples=100_000, relative_error=0.2, confidence=0.99)
    v = found.variances[0].gradients[0]
    assert found.reached
    assert found.samples < 5000
    assert (v.hi - v.lo) / 2 <= 0.2 * v.value
    few = sampled(circuit, "Z0", samples=300, relative_error=0.01, confidence=0.99)
    assert not few.reached
    assert few.samples == 300


def test_effort_is_counted_never_timed():
    circuit = ry_product(2)
    found = sampled(circuit, "Z0 Z1", max_effort=4 * 2 * 4 * 50)
    assert found.samples == 50
    with pytest.raises(Undecidable, match="more than the effort"):
        sampled(circuit, "Z0 Z1", max_effort=10)


@pytest.mark.parametrize("circuit", [deep(3, 2), teleported()])
def test_the_same_seed_gives_the_same_numbers(circuit):
    assert sampled(circuit, "Z0", "Z1", samples=100) == sampled(circuit, "Z0", "Z1", samples=100)


def test_gradients_known_to_have_mean_zero():
    a, b, c, d, e = (Parameter(name) for name in "abcde")
    circuit = QuantumCircuit(2)
    circuit.ry(2 * a, 0)
    circuit.ry(0.5 * b, 0)
    circuit.crx(c, 0, 1)
    circuit.crx(2 * d, 0, 1)
    circuit.rx(e * e, 0)
    circuit.p(e, 0)
    names = ["a", "b", "c", "d", "e"]
    assert centred(circuit, names, dict.fromkeys(names, UNIFORM)) == {"a", "d"}
    two = dict.fromkeys(names, parse_law("uniform(-2*pi, 2*pi)"))
    assert centred(circuit, names, two) == {"a", "b", "c", "d"}
    assert centred(circuit, names, dict.fromkeys(names, parse_law("normal(0, 3)"))) == frozenset()


def test_the_means_that_are_said_to_vanish_do():
    """E d_k f over an equispaced grid that is exact for these trigonometric polynomials."""
    c = Parameter("c")
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.crx(c, 0, 1)
    circuit.h(0)
    grid = {"c": np.arange(64) * 2 * math.pi / 64}
    read = [parse_observable("Z0", 2, 0)]
    once = exact_gradients(circuit, grid, ["c"], read).gradients.mean()
    twice = exact_gradients(circuit, {"c": 2 * grid["c"]}, ["c"], read).gradients.mean()
    assert abs(once) > 0.1  # half a period: this is why a controlled rotation needs two turns
    assert abs(twice) < 1e-14


def test_bounds_count_every_gate():
    w = Parameter("w")
    circuit = QuantumCircuit(1)
    circuit.ry(3 * w, 0)
    circuit.r(0.3, w, 0)
    assert gradient_bounds(circuit, ["w"], {"w": (0.0, 1.0)}) == {"w": 5.0}


def test_bad_questions_are_refused():
    circuit, read = ry_product(1), [parse_observable("Z0", 1, 0)]
    rng = np.random.default_rng(0)
    with pytest.raises(Unusable, match="no observable"):
        sample_second(circuit, [], ["w[0]"], rng=rng)
    with pytest.raises(Unusable, match="no weight"):
        sample_second(circuit, read, [], rng=rng)
    with pytest.raises(Unusable, match="`v` is no parameter"):
        sample_second(circuit, read, ["w[0]"], laws={"v": UNIFORM}, rng=rng)
    with pytest.raises(Unusable, match="`v` is no parameter"):
        sample_second(circuit, read, ["v"], rng=rng)


def test_a_slope_without_bound_is_undecided():
    w = Parameter("w")
    circuit = QuantumCircuit(1)
    circuit.ry(w * w, 0)
    with pytest.raises(Undecidable, match="unbounded slope"):
        sampled(circuit, "Z0", laws={"w": parse_law("normal(0, 1)")})
