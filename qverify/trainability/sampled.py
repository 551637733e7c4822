"""Second moments and variances by sampling exact gradients, for circuits that the walks of Pauli strings refuse.

    E (d_k f)**2,  Var d_k f,  E f**2,  Var f   at angles drawn from their laws and inputs drawn as product states

Gradients are exact (`adjoint` for static circuits, `reverse` for those that measure and branch), so a sample's only
error is that it is one. |d_k f| is bounded by ||O|| times the sum of |d angle / d weight| over the gates that the
weight turns, each as often as loops repeat it, because the generators of standard gates have eigenvalues at most 1
apart; an angle that turns a rotation's axis counts twice: i dU/dt U^dagger = (Z - U Z U^dagger)/2. So the intervals
of `bernstein` hold. E d_k f = 0 is known where f has a period in theta_k and theta_k is uniform over whole periods:
the mean of a derivative over a period. Samples are doubled until the largest variance of every observable is known
to the relative error asked for, or the effort, counted in updates of amplitudes, is spent; the confidence is shared
by all parameters, observables and doublings (Bonferroni).
Source: McClean et al., Nat. Commun. 9, 4812 (2018), for the quantity.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from qiskit.circuit import QuantumCircuit

from qverify.angle_bounds import Range, slope_bound
from qverify.angles import Angle, parameters_in
from qverify.domain import all_angles, defined, partial_angles
from qverify.draws import LETTERS
from qverify.errors import Undecidable, Unusable
from qverify.subject import Observable
from qverify.trainability import adjoint, reverse
from qverify.trainability.adjoint import Gradients
from qverify.trainability.bernstein import Ends, second_ends, variance_ends
from qverify.trainability.laws import TURN, UNIFORM, Law
from qverify.trainability.moment import ZERO, Moment, Second, within

Real = NDArray[np.float64]
FIRST = 256  # samples before the first look
EFFORT = 2**34  # updates of one amplitude: some minutes on one core
_ROUNDS = 100
_SPREAD = {("RGate", 1): 2.0, ("XXPlusYYGate", 1): 2.0, ("XXMinusYYGate", 1): 2.0}  # axes of rotations
_WHOLE = {  # a turn of any of their angles changes a sign at most; one of any other gate's, two turns
    "RXGate", "RYGate", "RZGate", "RXXGate", "RYYGate", "RZZGate", "RZXGate", "RGate", "PhaseGate", "U1Gate",
    "U2Gate", "U3Gate", "UGate", "CPhaseGate", "CU1Gate",
}  # fmt: skip


@dataclass(frozen=True)
class Sampled:
    """What sampling found, one entry an observable.

    seconds: E f**2 and E (d_k f)**2. variances: Var f and Var d_k f, in the same type.
    samples: how many were drawn. reached: whether the relative error asked for was reached.
    """

    names: tuple[str, ...]
    seconds: tuple[Second, ...]
    variances: tuple[Second, ...]
    samples: int
    reached: bool


def exact_gradients(
    circuit: QuantumCircuit,
    values: Mapping[str, ArrayLike],
    names: Sequence[str],
    observables: Sequence[Observable],
    inputs: Sequence[str] | None = None,
) -> Gradients:
    """By the method that fits; arguments, results and `Raises` as `adjoint.adjoint_gradients`."""
    method = adjoint.adjoint_gradients if adjoint.reaches(circuit) else reverse.reverse_gradients
    return method(circuit, values, names, observables, inputs)


def sample_second(  # noqa: PLR0913  # each keyword is one fact about the question
    circuit: QuantumCircuit,
    observables: Sequence[Observable],
    weights: Sequence[str],
    *,
    rng: Generator,
    laws: Mapping[str, Law] | None = None,
    features: Iterable[str] = (),
    feature_range: Range = (-1.0, 1.0),
    zero_wires: Iterable[int] | None = None,
    samples: int = 4096,
    confidence: float = 0.95,
    relative_error: float = 0.0,
    max_effort: int = EFFORT,
) -> Sampled:
    """Second moments and variances of observables and of their gradients, with simultaneous intervals.

    Args:
        weights: the parameters whose gradients are asked for.
        laws: of any parameters; a feature without one is uniform over `feature_range`, any other over a turn.
        zero_wires: wires that start in |0>, all of them when None; the others start in one of the six letters of
            `qverify.draws`, each as likely as the others.
        samples: at most so many.
        relative_error: stop as soon as half the width of the largest variance's interval is at most so much of
            that variance, for each observable; 0 draws all samples at once.
        max_effort: updates of one amplitude that may be spent.

    Raises:
        Undecidable: too many wires, branches or gates for the effort, or no bound on a gradient is known.
        Unusable: no weight or no observable, or a law is given for a parameter that is not there.

    Cost: samples * gates * 2**wires * (2 + 2 * observables) updates; one core does about 1e8 a second, 3e7 where
    the circuit measures and branches.
    """
    drawing = _Drawing(circuit, dict(laws or {}), frozenset(features), feature_range, zero_wires)
    _require(circuit, observables, weights, drawing.laws)
    affordable = max_effort // effort(circuit, observables, drawing.points(rng, 1))
    if affordable < 2:
        raise Undecidable("one gradient of this circuit takes more than the effort allowed; fewer qubits would do")
    most = min(samples, affordable)
    norms = np.array([o.bound for o in observables])
    reach = gradient_bounds(circuit, weights, drawing.ranges)
    bound = np.array([reach[name] for name in weights])[:, None] * norms
    if not np.all(np.isfinite(bound)):
        raise Undecidable("a weight enters a function of unbounded slope, so no bound on its gradient is known")
    known = centred(circuit, weights, drawing.laws)
    sizes = _looks(most if relative_error > 0 else 0, most)
    found = Gradients(np.zeros((0, len(norms))), np.zeros((0, len(weights), len(norms))))
    delta = (1 - confidence) / (2 * (len(weights) + 1) * len(norms) * len(sizes))
    reached = False
    for size in sizes:
        more = size - len(found.values)
        drawn = exact_gradients(circuit, drawing.points(rng, more), weights, observables, drawing.words(rng, more))
        found = Gradients(*(np.concatenate(pair) for pair in zip(found, drawn, strict=True)))
        square, variance = _ends(found, bound, norms, np.array([name in known for name in weights]), delta)
        reached = _close_enough(variance, relative_error)
        if reached:
            break
    method = f"exact gradients at {len(found.values)} drawn points, empirical Bernstein"
    return Sampled(
        tuple(weights),
        _seconds(square, method, confidence),
        _seconds(variance, method, confidence),
        len(found.values),
        reached,
    )


def _require(
    circuit: QuantumCircuit, observables: Sequence[Observable], weights: Sequence[str], laws: Mapping[str, Law]
) -> None:
    if not observables:
        raise Unusable("no observable is named, so there is no gradient; name one, for example `Z0`")
    if not weights:
        raise Unusable("no weight is named, so there is no gradient")
    there = {p.name for p in circuit.parameters}
    for name in [*weights, *laws]:
        if name not in there:
            raise Unusable(f"`{name}` is no parameter of this circuit")


def _looks(first: int, most: int) -> list[int]:
    """Numbers of samples at which the intervals are looked at."""
    if not first:
        return [most]
    sizes = [FIRST * 2**k for k in range(64) if FIRST * 2**k < most]
    return [*sizes, most]


def _ends(found: Gradients, bound: Real, norms: Real, known: NDArray[np.bool_], delta: float) -> tuple[Ends, Ends]:
    """Intervals of second moments and variances; row 0 is f, row k + 1 its k-th gradient, columns observables."""
    everything = np.concatenate([found.values[:, None, :], found.gradients], axis=1)
    limit = np.concatenate([norms[None], bound])
    square = second_ends(everything, limit, delta)
    return square, variance_ends(everything, limit, np.r_[False, known][:, None], square, delta)


def _close_enough(variance: Ends, relative_error: float) -> bool:
    """Whether the largest variance of a gradient of each observable is known well enough."""
    value, lo, hi = (end[1:] for end in variance)
    return bool(np.all(hi.max(axis=0) - lo.max(axis=0) <= 2 * relative_error * value.max(axis=0)))


def _seconds(ends: Ends, method: str, confidence: float) -> tuple[Second, ...]:
    out = []
    for column in range(ends.value.shape[1]):
        cost, *gradients = (_moment(*(float(e[row, column]) for e in ends)) for row in range(len(ends.value)))
        out.append(Second(cost, tuple(gradients), method, confidence))
    return tuple(out)


def _moment(value: float, lo: float, hi: float) -> Moment:
    return within(value, lo, hi) if hi > 0.0 else ZERO


# ------------------------------------------------------------------------------ drawing


class _Drawing:
    """How the points of one circuit are drawn."""

    def __init__(
        self,
        circuit: QuantumCircuit,
        laws: dict[str, Law],
        features: frozenset[str],
        feature_range: Range,
        zero_wires: Iterable[int] | None,
    ) -> None:
        names = [p.name for p in circuit.parameters]
        fed = Law("uniform", *feature_range)
        self.laws = dict.fromkeys(names, UNIFORM) | {n: fed for n in names if n in features} | laws
        self.ranges = {name: law.support for name, law in self.laws.items()}
        self.partial = partial_angles(circuit)
        self.wires = circuit.num_qubits
        self.zero = frozenset(range(self.wires) if zero_wires is None else zero_wires)

    def points(self, rng: Generator, count: int) -> dict[str, Real]:
        return draw_points(self.laws, self.partial, rng, count)

    def words(self, rng: Generator, count: int) -> list[str]:
        return draw_words(self.wires, self.zero, rng, count)


def draw_points(laws: Mapping[str, Law], partial: Sequence[Angle], rng: Generator, count: int) -> dict[str, Real]:
    """Values from the laws, such that every angle of `partial` is defined; name -> shape (count,).

    Raises:
        Undecidable: hardly any drawn value gives defined angles.
    """
    kept: list[dict[str, Real]] = []
    found = 0
    for _ in range(_ROUNDS):
        drawn = {name: law.draw(rng, count) for name, law in laws.items()}
        good = np.broadcast_to(defined(partial, drawn), (count,))
        kept.append({name: v[good] for name, v in drawn.items()})
        found += int(good.sum())
        if found >= count:
            return {name: np.concatenate([part[name] for part in kept])[:count] for name in laws}
    raise Undecidable("its angles are undefined for most values drawn; give its parameters other laws or ranges")


def draw_words(wires: int, zero: Iterable[int], rng: Generator, count: int) -> list[str]:
    """Product inputs: "0" on the wires of `zero`, any of the six letters on the others."""
    letters = np.array(list(LETTERS))[rng.integers(len(LETTERS), size=(count, wires))]
    letters[:, sorted(zero)] = "0"
    return ["".join(row) for row in letters]


def effort(circuit: QuantumCircuit, observables: Sequence[Observable], point: Mapping[str, Real]) -> int:
    """Updates of one amplitude that the gradients at one point take."""
    if adjoint.reaches(circuit):
        return adjoint.cost(circuit, observables)
    return reverse.cost(circuit, observables, point)


# ------------------------------------------------------------------------------ what is known beforehand


def gradient_bounds(circuit: QuantumCircuit, names: Sequence[str], ranges: Mapping[str, Range]) -> dict[str, float]:
    """name -> a bound on |d <O> / d name| / ||O|| from the gate angles it enters; infinite if unknown."""
    total = dict.fromkeys(names, 0.0)
    for kind, k, angle in all_angles(circuit):
        for name in sorted(parameters_in(angle) & total.keys()):
            total[name] += _SPREAD.get((kind, k), 1.0) * slope_bound(angle, name, ranges)
    return total


def centred(circuit: QuantumCircuit, names: Iterable[str], laws: Mapping[str, Law]) -> frozenset[str]:
    """The names whose gradients have mean 0, because the circuit has a period in them and they fill whole ones."""
    turns = {
        name: (law.b - law.a) / TURN for name, law in laws.items() if law.kind == "uniform" and not law.function
    }
    good = set(names) & turns.keys()
    for kind, _, angle in all_angles(circuit):
        slopes = {atom.name: c for atom, c in angle.terms if atom.kind == "parameter"}
        inside = frozenset().union(
            *(parameters_in(operand) for atom, _ in angle.terms for operand in atom.operands)
        )
        period = 1.0 if kind in _WHOLE else 2.0
        for name in good & parameters_in(angle):
            periods = slopes.get(name, math.nan) * turns[name] / period
            if name in inside or periods != np.round(periods):
                good.discard(name)
    return frozenset(good)
