"""Every weight changes some observable.

Why: a weight that no observable feels is trained for nothing, and is often a sign of a wrong wire.
Formula: number of weights k with d_k <O> = 0 for all angles, inputs and claimed O. Lower end: weights proved dead
(every Pauli string of the pulled-back observables commutes with the gate's generator). Upper end: weights for
which no drawn point shows a gradient above 1e-7.
Source: Pauli propagation, Gottesman, quant-ph/9807006; the two ends are independent of each other.
Limits: the lower end is a proof; the upper end counts a weight as felt on numerical evidence at a drawn point.
Fails: the last RZ before a measurement of Z.
Fix: remove the gate, or measure something that it changes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator

from qverify.check import check
from qverify.errors import every
from qverify.finding import Evidence
from qverify.subject import Subject
from qverify.trainability import proved_dead, sample_gradients

SAMPLES = 24
NOISE = 1e-7  # difference quotients of a constant stay below 1e-11


@check(claims=("weights", "observables"), requires=("well_formed",))
def every_weight_felt(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """Count the dead weights from both sides."""
    dead = proved_dead(subject)
    sample = sample_gradients(subject, rng, SAMPLES)
    largest = np.abs(sample.gradients).max(axis=(0, 2))
    silent = [name for name, size in zip(sample.names, largest, strict=True) if size <= NOISE]
    unknown = sorted(set(silent) - dead)
    names = [*sorted(dead), *(f"{name} (not proved)" for name in unknown)]
    yield Evidence(
        quantity="weights that nothing feels",
        lo=len(dead),
        hi=len(dead | set(silent)),
        unit="weights",
        where=", ".join(names) or every(len(sample.names), "weight"),
        method=f"Pauli sets pulled back (lower end); gradients at {SAMPLES} drawn points (upper end)",
        strength="proof" if not unknown else "numerical",
    )
