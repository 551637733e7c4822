"""Expressibility and entangling capability: closed forms, exact grids, and published numbers."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from qiskit.circuit import ParameterVector, QuantumCircuit
from qiskit.quantum_info import Statevector, partial_trace
from qiskit.quantum_info import random_statevector as haar_state

from qverify.errors import Undecidable, Unusable
from qverify.semantics import expectations
from qverify.subject import Claims, make_subject
from qverify.trainability.capacity import BINS, entangling, entangling_from, expressibility, haar_log_bins
from qverify.trainability.moment import Moment, exact


def subject(circuit, **claims):
    names = tuple(p.name for p in circuit.parameters)
    return make_subject("c.qpy", circuit, names, claims=Claims(observables=("Z0",), weights=names, **claims))


def one_qubit(*gates):
    qc, w = QuantumCircuit(1), iter(ParameterVector("w", 3))
    for gate in gates:
        getattr(qc, gate)(*(() if gate == "h" else (next(w),)), 0)
    return qc


def sim(number, n=4):
    """Circuits 1, 2 and 9 of Sim et al., one layer."""
    qc, w = QuantumCircuit(n), iter(ParameterVector("w", 2 * n))
    if number == 9:
        for k in range(n):
            qc.h(k)
        for k in range(n - 1):
            qc.cz(k, k + 1)
        for k in range(n):
            qc.rx(next(w), k)
        return qc
    for k in range(n):
        qc.rx(next(w), k)
    for k in range(n):
        qc.rz(next(w), k)
    if number == 2:
        for k in reversed(range(1, n)):
            qc.cx(k, k - 1)
    return qc


def divergence(p):
    log_q = haar_log_bins(2)
    return float(sum(a * (math.log(a) - b) for a, b in zip(p, log_q, strict=True) if a > 0))


@pytest.mark.parametrize("dimension", [2, 16, 4096])
def test_haars_bins_are_those_of_its_density(dimension):
    total = np.exp(haar_log_bins(dimension))
    assert total.sum() == pytest.approx(1.0, abs=1e-12)
    assert total[0] == pytest.approx(1 - (1 - 1 / BINS) ** (dimension - 1), rel=1e-12)
    assert np.isfinite(haar_log_bins(dimension)).all()


def test_haar_states_pairs_fall_in_haars_bins():
    pairs = [abs(haar_state(4, seed=2 * k).inner(haar_state(4, seed=2 * k + 1))) ** 2 for k in range(400)]
    below = np.exp(haar_log_bins(4))[:15].sum()  # F < 1/5
    assert abs(np.mean(np.array(pairs) < 0.2) - below) < 6 * math.sqrt(below * (1 - below) / 400)


def test_the_idle_circuit_has_the_divergence_ln_75():
    found = expressibility(subject(QuantumCircuit(1)), np.random.default_rng(0), pairs=200)
    assert found.value == found.lo == found.hi == pytest.approx(math.log(BINS))


def test_h_then_rz_has_the_divergence_of_the_arcsine_law():
    """F = cos**2 of half a uniform angle: P(F < f) = (2/pi) arcsin(sqrt f)."""
    edges = 2 / math.pi * np.arcsin(np.sqrt(np.arange(BINS + 1) / BINS))
    truth = divergence(np.diff(edges))
    found = expressibility(subject(one_qubit("h", "rz")), np.random.default_rng(1), pairs=20000, confidence=0.999)
    assert found.lo <= truth <= found.hi
    assert found.hi - found.lo < 0.05


@pytest.mark.parametrize(("number", "published"), [(1, 0.2999), (2, 0.2860), (9, 0.6773)])
def test_the_expressibility_of_three_published_circuits_is_found_again(number, published):
    """Sim et al., one layer on 4 wires, as the tests of qml-essentials quote it; it is a sample of 5000 pairs too.

    One such sample has a standard deviation of 0.012 (circuits 1 and 2) or 0.025 (circuit 9).
    """
    found = expressibility(subject(sim(number)), np.random.default_rng(6))
    assert abs(found.value - published) < 6 * math.sqrt(2) * (0.025 if number == 9 else 0.012)
    assert found.lo < found.hi < found.lo + 0.15


def test_a_nearly_haar_circuit_is_close_to_zero_and_a_line_is_not():
    rng = np.random.default_rng(2)
    line, sphere = (expressibility(subject(one_qubit(*g)), rng) for g in (("h", "rz"), ("h", "rz", "rx")))
    assert sphere.hi < line.lo


def test_circuit_1_has_the_expressibility_of_four_independent_wires():
    rng = np.random.default_rng(3)
    theta, phi = rng.uniform(0, 2 * math.pi, (2, 4, 100_000, 2))
    bloch = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    f = ((1 + (bloch[..., 0] * bloch[..., 1]).sum(axis=0)) / 2).prod(axis=0)
    p = np.bincount(np.minimum((f * BINS).astype(int), BINS - 1), minlength=BINS) / len(f)
    truth = float(np.sum(p * (np.log(np.where(p > 0, p, 1)) - haar_log_bins(16))))
    found = expressibility(subject(sim(1)), rng, pairs=10000, confidence=0.999)
    assert found.lo - 0.02 <= truth <= found.hi + 0.02  # the truth too is a histogram


@pytest.mark.parametrize(("number", "truth"), [(1, 0.0), (9, 1.0)])
def test_a_product_has_no_entanglement_and_a_graph_state_all(number, truth):
    found = entangling(subject(sim(number)), np.random.default_rng(4), samples=200)
    assert found.value == pytest.approx(truth, abs=1e-12)


def exact_moments(circuit, n):
    """E <P>**2 by a grid: squares have degree 2 in each angle, so three points a turn are exact."""
    names = [p.name for p in circuit.parameters]
    grid = np.array(list(product(2 * math.pi * np.arange(3) / 3, repeat=len(names))))
    values = {name: grid[:, k] for k, name in enumerate(names)}
    words = [f"{letter}{k}" for k in range(n) for letter in "XYZ"]
    return (expectations(circuit, values, words) ** 2).mean(axis=0)


def test_circuit_2_has_the_entanglement_of_its_second_moments():
    moments = exact_moments(sim(2), 4)
    truth = entangling_from([exact(float(v)) for v in moments], 4)
    assert truth.value == truth.lo == truth.hi
    found = entangling(subject(sim(2)), np.random.default_rng(5), samples=4000, confidence=1 - 1e-9)
    assert found.lo <= truth.value <= found.hi
    assert abs(found.value - truth.value) < 0.02


def test_q_is_the_mean_impurity_of_a_single_state():
    qc = QuantumCircuit(3)
    qc.ry(0.3, 0)
    qc.crx(1.1, 0, 2)
    qc.ryy(0.7, 1, 2)
    psi = Statevector(qc)
    purities = [partial_trace(psi, [j for j in range(3) if j != k]).purity().real for k in range(3)]
    found = entangling(subject(qc), np.random.default_rng(0), samples=2)
    assert found.value == pytest.approx(2 * (1 - np.mean(purities)), abs=1e-12)


def test_one_sided_moments_bound_q_from_above_alone():
    moments = [Moment(-2.0, -3.0, 0.0, "lower")] + [exact(0.0)] * 5
    found = entangling_from(moments, 2)
    assert (found.lo, found.hi) == (0.5, 1 - 1 / 16)


def test_features_are_drawn_from_their_range():
    qc, w = QuantumCircuit(1), ParameterVector("w", 1)
    qc.ry(w[0], 0)
    narrow = make_subject(
        "c.qpy", qc, ("w[0]",), claims=Claims(observables=("Z0",), features=("w[0]",), feature_range=(0.0, 0.1))
    )
    found = expressibility(narrow, np.random.default_rng(0), pairs=100)
    assert found.value == pytest.approx(math.log(BINS))  # all pairs in the last bin


def test_what_has_no_single_state_is_refused():
    qc = QuantumCircuit(1, 1)
    qc.measure(0, 0)
    with pytest.raises(Undecidable, match="no single output state"):
        entangling(subject(qc), np.random.default_rng(0))
    with pytest.raises(Undecidable, match="13 qubits are too many"):
        expressibility(subject(QuantumCircuit(13)), np.random.default_rng(0))
    with pytest.raises(Unusable, match="6 second moments"):
        entangling_from([exact(0.0)], 2)
