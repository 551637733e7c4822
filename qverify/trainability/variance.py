"""Gradient variance by sampling, with intervals that hold for every sample size.

    Var[d_k O] / ||O||^2 = E g^2 - (E g)^2,   angles uniform over a turn, features uniform over their claimed range

E g^2 and E g are means of bounded variables, so the empirical Bernstein bound applies: with probability 1 - delta

    |mean - E| <= sqrt(2 V ln(4/delta) / N) + 7 R ln(4/delta) / (3 (N - 1)),   V the sample variance, R the range

delta is divided over all parameters and observables (Bonferroni), so all intervals hold together. |g| is bounded by
the sum of |d angle / d weight| over the gates that the weight turns, each as often as loops repeat it, because the
generators of standard gates have eigenvalues at most 1 apart. An angle that turns a rotation's axis is the
exception: there i dU/dt U^dagger = (Z - U Z U^dagger)/2, whose eigenvalues are up to 2 apart.
Source: Maurer and Pontil, COLT 2009, arXiv:0907.3740, theorem 4 (two-sided); McClean et al., Nat. Commun. 9, 4812
(2018), for the quantity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.angle_bounds import slope_bound
from qverify.angles import parameters_in
from qverify.domain import all_angles, draw_values
from qverify.draws import LETTERS, product_state
from qverify.errors import Undecidable
from qverify.semantics import expectations
from qverify.subject import Subject

Real = NDArray[np.float64]
MAX_WIRES = 12
STEP = 1e-4  # radians
ROWS = 2**18  # amplitudes in flight
_SPREAD = {("RGate", 1): 2.0, ("XXPlusYYGate", 1): 2.0, ("XXMinusYYGate", 1): 2.0}  # axes of rotations


@dataclass(frozen=True)
class GradientSample:
    """Gradients in units of ||O||, the sum of the observable's |coefficients|.

    gradients: shape (N, parameters, observables). bound: on |gradient|, shape (parameters, observables).
    """

    names: tuple[str, ...]
    gradients: Real
    bound: Real


@dataclass(frozen=True)
class Interval:
    """A number known to lie in [lo, hi] with the stated confidence."""

    value: float
    lo: float
    hi: float


def sample_gradients(subject: Subject, rng: Generator, samples: int) -> GradientSample:
    """Gradients of every claimed observable by every claimed weight at random angles, features and inputs.

    By the central difference with h = 1e-4 (truncation below 1e-8 times the cube of the bound).

    Raises:
        Undecidable: too wide for state vectors.
    """
    n = subject.circuit.num_qubits
    if n > MAX_WIRES:
        raise Undecidable(f"{n} qubits are too many for sampling on state vectors (at most {MAX_WIRES})")
    names = subject.claims.weights
    steps, factors = (STEP, -STEP), (0.5 / STEP, -0.5 / STEP)
    points = draw_values(subject, rng, samples)
    states = np.concatenate([product_state(_draw_input(subject, rng)) for _ in range(samples)])
    chunk = max(1, ROWS // (2**n * len(names) * len(steps)))
    parts = [
        _gradients(
            subject, {p: v[at : at + chunk] for p, v in points.items()}, states[at : at + chunk], steps, factors
        )
        for at in range(0, samples, chunk)
    ]
    norms = np.array([o.bound for o in subject.observables()])
    reach = np.array([turned_by(subject)[name] for name in names])
    return GradientSample(names, np.concatenate(parts) / norms, np.repeat(reach[:, None], len(norms), axis=1))


def _draw_input(subject: Subject, rng: Generator) -> str:
    zero = set(subject.claims.zero_wires)
    letters = rng.integers(len(LETTERS), size=subject.circuit.num_qubits)
    return "".join("0" if k in zero else LETTERS[letter] for k, letter in enumerate(letters))


def _gradients(
    subject: Subject,
    points: dict[str, Real],
    states: NDArray[np.complex128],
    steps: tuple[float, ...],
    factors: tuple[float, ...],
) -> Real:
    """All displaced copies of all points in one batch; (points, weights, steps) flattened."""
    names, count = subject.claims.weights, len(states)
    shape = (count, len(names), len(steps))
    columns = {p: np.broadcast_to(v[:, None, None], shape).copy() for p, v in points.items()}
    for row, name in enumerate(names):
        columns[name][:, row, :] += np.array(steps)
    batch = np.repeat(states, len(names) * len(steps), axis=0)
    flat = {p: v.reshape(-1) for p, v in columns.items()}
    values = expectations(subject.circuit, flat, subject.observables(), batch)
    return np.asarray(np.einsum("nkso,s->nko", values.reshape(*shape, -1), np.array(factors)), dtype=np.float64)


def turned_by(subject: Subject) -> dict[str, float]:
    """weight -> a bound on |d <O> / d weight| / ||O|| from the gate angles it enters; infinite if unknown."""
    full = dict.fromkeys(subject.parameters, (0.0, 2 * math.pi))
    ranges = full | dict.fromkeys(subject.claims.features, subject.claims.feature_range)
    total = dict.fromkeys(subject.claims.weights, 0.0)
    for kind, k, angle in all_angles(subject.circuit):
        for name in parameters_in(angle) & total.keys():
            total[name] += _SPREAD.get((kind, k), 1.0) * slope_bound(angle, name, ranges)
    return total


def variance_intervals(sample: GradientSample, confidence: float) -> list[list[Interval]]:
    """Simultaneous intervals of Var[d_k O] / ||O||^2, indexed [parameter][observable].

    Raises:
        Undecidable: no bound on a gradient is known, so no interval holds for every distribution.
    """
    if not np.all(np.isfinite(sample.bound)):
        raise Undecidable("a weight enters a function of unbounded slope, so no bound on its gradient is known")
    _, n_parameters, n_observables = sample.gradients.shape
    delta = (1.0 - confidence) / (2 * n_parameters * n_observables)
    out = []
    for k in range(n_parameters):
        row = []
        for o in range(n_observables):
            g, bound = sample.gradients[:, k, o], float(sample.bound[k, o])
            square, mean = _bernstein(g**2, bound**2, delta), _bernstein(g, 2 * bound, delta)
            largest = max(abs(mean.lo), abs(mean.hi)) ** 2
            smallest = 0.0 if mean.lo <= 0 <= mean.hi else min(abs(mean.lo), abs(mean.hi)) ** 2
            slack = 1e-7 * bound**2  # the difference quotient is no exact derivative
            lo, hi = max(0.0, square.lo - largest - slack), min(bound**2, square.hi - smallest + slack)
            row.append(Interval(float(g.var()), min(lo, hi), hi))
        out.append(row)
    return out


def _bernstein(x: Real, spread: float, delta: float) -> Interval:
    count, log = len(x), math.log(4 / delta)
    mean, variance = float(x.mean()), float(x.var(ddof=1))
    radius = math.sqrt(2 * variance * log / count) + 7 * spread * log / (3 * (count - 1))
    return Interval(mean, mean - radius, mean + radius)
