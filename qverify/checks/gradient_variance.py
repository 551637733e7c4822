"""Some weight has a gradient that a finite number of shots can see.

Why: where every gradient's variance is below the shot noise, training cannot start (a barren plateau).
Formula: max over weights k and observables O of Var[d_k O] / ||O||^2, angles uniform over a turn,
features uniform over their claimed range, wires that may start in anything in random product states.
Source: McClean et al., Nat. Commun. 9, 4812 (2018); interval: Maurer and Pontil, COLT 2009, arXiv:0907.3740.
Limits: statistical: the interval misses the truth with probability at most 1e-3; at this number of qubits only,
it is no statement about scaling. At most 12 qubits.
Fails: a global observable `zeros` after many layers on many qubits.
Fix: a local observable, fewer layers, or initial angles near zero.
Bound: at_least
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator

from qverify.check import check
from qverify.finding import Evidence
from qverify.subject import Subject
from qverify.trainability import sample_gradients, variance_intervals

SAMPLES = 1024
CONFIDENCE = 0.999


@check(claims=("weights", "observables"), requires=("well_formed",))
def gradient_variance(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """The interval of the largest variance."""
    sample = sample_gradients(subject, rng, SAMPLES)
    rows = variance_intervals(sample, CONFIDENCE)  # in units of ||O||^2
    k, o = max(
        ((k, o) for k in range(len(rows)) for o in range(len(rows[0]))), key=lambda at: rows[at[0]][at[1]].lo
    )
    yield Evidence(
        quantity="max variance of a gradient / ||O||^2",
        lo=max(i.lo for row in rows for i in row),
        hi=max(i.hi for row in rows for i in row),
        unit="1/radian^2",
        where=f"d {subject.claims.observables[o]} / d {subject.claims.weights[k]}",
        method=f"{SAMPLES} samples, central differences, empirical Bernstein, confidence {CONFIDENCE}",
        strength="statistical",
    )
