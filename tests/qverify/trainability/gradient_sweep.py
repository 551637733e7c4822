"""Random circuits on which exact gradients are compared with difference quotients of the reference semantics."""

from __future__ import annotations

import numpy as np

from qverify.draws import LETTERS, product_state
from qverify.semantics import expectations
from qverify.subject.observables import parse_observable
from qverify.trainability.sampled import exact_gradients
from tests.strategies import DynamicCircuits, angle, expression, from_seed, parameters, static_circuit


def observables(circuit, *texts):
    return [parse_observable(text, circuit.num_qubits, circuit.num_clbits) for text in texts]


def drawn(circuit, count, seed=0):
    """Values of all parameters, words of letters and their state vectors."""
    rng = np.random.default_rng(seed)
    at = {p.name: rng.uniform(-3, 3, count) for p in circuit.parameters}
    words = ["".join(LETTERS[k] for k in rng.integers(6, size=circuit.num_qubits)) for _ in range(count)]
    return at, words, np.concatenate([product_state(word) for word in words])


def worst(circuit, read, *, method=exact_gradients, count=2, seed=0):
    """(largest error of a value, of a gradient beyond what the difference quotients are unsure of)."""
    names = [p.name for p in circuit.parameters]
    at, words, psi = drawn(circuit, count, seed)
    found = method(circuit, at, names, read, words)
    off = 0.0
    for k, name in enumerate(names):
        wanted, unsure = difference(circuit, at, name, read, psi)
        off = max(off, float((np.abs(found.gradients[:, k] - wanted) - unsure).max()))
    return float(np.abs(found.values - expectations(circuit, at, read, psi)).max()), off


def difference(circuit, at, name, read, psi, h=2.0**-9):
    """The five-point difference quotient with step h, and its distance from that with step 2 h."""
    f = {
        s: expectations(circuit, at | {name: at[name] + s * h}, read, psi)[: len(psi)]
        for s in (-4, -2, -1, 1, 2, 4)
    }
    once = (8 * (f[1] - f[-1]) - (f[2] - f[-2])) / (12 * h)
    twice = (8 * (f[2] - f[-2]) - (f[4] - f[-4])) / (24 * h)
    return once, np.abs(once - twice)


def any_static(source):
    """(circuit, observables): any gates, shared parameters in any smooth expressions."""
    circuit = static_circuit(source, source.randint(1, 4), source.randint(1, 8), parameters=parameters(3))
    last = circuit.num_qubits - 1
    return circuit, observables(circuit, "Z0", f"X0 + 0.5*Y{last}" if last else "0.3*X0 - Y0", "zeros")


def any_dynamic(source):
    """(circuit, observables): measurements, resets, control flow and shared parameters."""
    named = parameters(3)

    def angles(source):
        return expression(source, named, 1) if source.random() < 0.6 else angle(source)

    n, bits = source.randint(1, 3), source.randint(1, 3)
    circuit = DynamicCircuits(source, n, bits, angles=angles).make(source.randint(2, 8))
    read = observables(circuit, "Z0", f"X{n - 1}", "0.5*M0 + 0.5*zeros", f"M{bits - 1} Z0")
    return circuit, read[: source.choice([1, 4])]


def sweep(count, first=0):
    """The seeds of random circuits (static at even, dynamic at odd seeds) with a wrong value or gradient."""
    wrong = []
    for seed in range(first, first + count):
        source = from_seed(seed)
        value, gradient = worst(*(any_dynamic if seed % 2 else any_static)(source), seed=seed)
        if value > 1e-11 or gradient > 1e-9:
            wrong.append((seed, value, gradient))
    return wrong
