"""Gradient variance of a subject as claimed, with intervals that hold for every sample size.

    Var[d_k O] / ||O||^2,   weights uniform over a turn, features over their claimed range, inputs product states

What `sampled` finds, for the checks of an audit: all weights and observables at once, in units of ||O||, the sum of
the observable's |coefficients|. All intervals hold together (Bonferroni).
Source: McClean et al., Nat. Commun. 9, 4812 (2018); for the intervals see `bernstein`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.domain import partial_angles
from qverify.errors import Undecidable
from qverify.subject import Subject
from qverify.trainability.bernstein import Interval, second_ends, variance_ends
from qverify.trainability.laws import UNIFORM, Law
from qverify.trainability.sampled import centred, draw_points, draw_words, exact_gradients, gradient_bounds

__all__ = ["GradientSample", "Interval", "sample_gradients", "turned_by", "variance_intervals"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class GradientSample:
    """Gradients in units of ||O||, the sum of the observable's |coefficients|.

    gradients: shape (N, parameters, observables). bound: on |gradient|, shape (parameters, observables).
    centred: the names whose gradients are known to have mean 0.
    """

    names: tuple[str, ...]
    gradients: Real
    bound: Real
    centred: frozenset[str] = frozenset()


def sample_gradients(subject: Subject, rng: Generator, samples: int) -> GradientSample:
    """Exact gradients of every claimed observable by every claimed weight at random angles, features and inputs.

    Raises:
        Undecidable: too wide for state vectors, too many branches, or hardly any drawn value has defined angles.
    """
    names, observables, laws = subject.claims.weights, subject.observables(), _laws(subject)
    points = draw_points(laws, partial_angles(subject.circuit), rng, samples)
    words = draw_words(subject.circuit.num_qubits, subject.claims.zero_wires, rng, samples)
    found = exact_gradients(subject.circuit, points, names, observables, words).gradients
    norms = np.array([o.bound for o in observables])
    turned = turned_by(subject)
    reach = np.array([turned[name] for name in names])
    return GradientSample(
        names,
        found / norms,
        np.repeat(reach[:, None], len(norms), axis=1),
        centred(subject.circuit, names, laws),
    )


def turned_by(subject: Subject) -> dict[str, float]:
    """weight -> a bound on |d <O> / d weight| / ||O|| from the gate angles it enters; infinite if unknown."""
    ranges = {name: law.support for name, law in _laws(subject).items()}
    return gradient_bounds(subject.circuit, subject.claims.weights, ranges)


def _laws(subject: Subject) -> dict[str, Law]:
    fed = Law("uniform", *subject.claims.feature_range)
    return {p: fed if p in subject.claims.features else UNIFORM for p in subject.parameters}


def variance_intervals(sample: GradientSample, confidence: float) -> list[list[Interval]]:
    """Simultaneous intervals of Var[d_k O] / ||O||^2, indexed [parameter][observable].

    Raises:
        Undecidable: no bound on a gradient is known, so no interval holds for every distribution.
    """
    if not np.all(np.isfinite(sample.bound)):
        raise Undecidable("a weight enters a function of unbounded slope, so no bound on its gradient is known")
    delta = (1.0 - confidence) / (2 * sample.bound.size)
    known = np.array([[name in sample.centred] for name in sample.names])
    square = second_ends(sample.gradients, sample.bound, delta)
    ends = variance_ends(sample.gradients, sample.bound, known, square, delta)
    return [
        [Interval(float(v), float(lo), float(hi)) for v, lo, hi in zip(*row, strict=True)]
        for row in zip(*ends, strict=True)
    ]
