"""Informative evidence beside the variances: redundant weights, expressibility, entangling capability.

Nothing is judged by them. Where a method does not reach, its reason stands in place of the number. Beyond 12 qubits
E Q comes from the second moments of X, Y and Z on each wire, 1 - (their sum) / n, which no width stops.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
from numpy.random import Generator

from qverify.errors import Undecidable, Unusable
from qverify.structure import is_dynamic
from qverify.subject import Subject, parse_observable
from qverify.trainability.answer import Capacity, Worth
from qverify.trainability.capacity import MAX_WIRES, Measure, entangling, entangling_from, expressibility
from qverify.trainability.fisher import fisher_rank
from qverify.trainability.route import Question, respond

MOST_STEPS = 200_000  # operations that all of X, Y and Z on each wire may walk through


def capacity_of(subject: Subject, weights: tuple[str, ...], rng: Generator, confidence: float = 0.95) -> Capacity:
    """The three measures, each from a generator of its own; a refusal is a clause in `method`."""
    first, second, third = rng.spawn(3)
    claimed = replace(subject, claims=msgspec.structs.replace(subject.claims, weights=weights))
    return Capacity(
        _or_reason(lambda: _redundant(claimed, first)),
        _or_reason(lambda: _worth(expressibility(claimed, second, confidence=confidence))),
        _or_reason(lambda: _worth(_entangling(claimed, third, confidence))),
    )


def _or_reason(measure: Callable[[], Worth]) -> Worth:
    try:
        return measure()
    except (Undecidable, Unusable) as reason:
        return Worth(None, None, None, f"not measured: {reason.sentence}")


def _redundant(subject: Subject, rng: Generator) -> Worth:
    found = fisher_rank(subject, rng)
    count = float(len(found.redundant))
    method = f"rank {found.rank} of the quantum Fisher information, {found.points} points, {found.inputs} inputs"
    if not found.is_clear:
        # no gap in the singular values: the rank may be any that rounding allows
        return Worth(count, 0.0, float(len(subject.claims.weights)), f"{method}, not clear-cut", found.redundant)
    return Worth(count, count, count, f"{method}, numerical", found.redundant)


def _worth(found: Measure) -> Worth:
    return Worth(found.value, found.lo, found.hi, found.method)


def _entangling(subject: Subject, rng: Generator, confidence: float) -> Measure:
    circuit, n = subject.circuit, subject.circuit.num_qubits
    if n <= MAX_WIRES or is_dynamic(circuit):
        return entangling(subject, rng, confidence=confidence)
    if 3 * n * len(circuit.data) > MOST_STEPS:
        raise Undecidable(f"{3 * n} second moments on {n} qubits would take too long")
    share = 1.0 - (1.0 - confidence) / (3 * n)
    moments = [
        respond(
            circuit,
            Question(
                parse_observable(f"{letter}{k}", n, 0),
                subject.claims.weights,
                features=subject.claims.features,
                feature_range=subject.claims.feature_range,
                confidence=share,
            ),
            rng,
        ).cost
        for k in range(n)
        for letter in "XYZ"
    ]
    return entangling_from(moments, n)
