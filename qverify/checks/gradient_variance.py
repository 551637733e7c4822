"""Some weight has a gradient that a finite number of shots can see.

Why: where every gradient's variance is below the shot noise, training cannot start (a barren plateau).
Formula: max over weights k and observables O of Var[d_k O] / ||O||^2, angles by the claimed laws (a whole turn
where nothing is claimed), features uniform over their claimed range, wires that may start in anything in random
product states.
Source: Heyraud et al., PRX Quantum 4, 040335 (2023), arXiv:2302.04649; where sampled McClean et al., Nat. Commun.
9, 4812 (2018), with the intervals of Maurer and Pontil, COLT 2009, arXiv:0907.3740, or of Clopper and Pearson.
Limits: exact for circuits whose observables feel at most 8 wires and whose angles are independent; otherwise the
interval misses the truth with probability at most 1e-3. At this number of qubits only: it is no statement about
scaling (`qverify plateau --family`).
Fails: a global observable `zeros` after many layers on many qubits.
Fix: a local observable, fewer layers, or initial angles near zero; what helps is measured by
`qverify plateau CIRCUIT --advise`.
Bound: at_least
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator

from qverify.check import check
from qverify.finding import Evidence
from qverify.subject import Subject
from qverify.trainability import Question, laws_of, respond

CONFIDENCE = 0.999
RELATIVE_ERROR = 0.5  # a bound is passed or missed by more, or a longer sample would not help
EFFORT = 2**31  # updates of one amplitude, for all observables together: some ten seconds


@check(claims=("weights", "observables"), requires=("well_formed",))
def gradient_variance(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """The interval of the largest variance."""
    claims, observables = subject.claims, subject.observables()
    laws = laws_of(subject.parameters, claims.weights, claims.angle_laws)
    best_lo, best_hi, where, methods, exact = 0.0, 0.0, "", dict[str, None](), True
    for observable in observables:
        question = Question(
            observable,
            claims.weights,
            laws,
            claims.features,
            claims.feature_range,
            claims.zero_wires,
            1.0 - (1.0 - CONFIDENCE) / len(observables),
            RELATIVE_ERROR,
            effort=EFFORT // len(observables),
        )
        answer = respond(subject.circuit, question, rng)
        methods[answer.method] = None
        exact &= answer.confidence == 1.0  # nothing was sampled
        scale = observable.bound**2
        top = answer.variances[answer.largest]
        if not where or top.lo / scale > best_lo:
            best_lo, where = top.lo / scale, f"d {observable.text} / d {answer.names[answer.largest]}"
        best_hi = max(best_hi, *(m.hi / scale for m in answer.variances))
    yield Evidence(
        quantity="max variance of a gradient / ||O||^2",
        lo=best_lo,
        hi=best_hi,
        unit="1/radian^2",
        where=where,
        method="; ".join(methods) + ("" if exact else f"; confidence {CONFIDENCE}"),
        strength="numerical" if exact else "statistical",
    )
