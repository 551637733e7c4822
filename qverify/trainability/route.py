"""How strongly an observable responds to every weight: one routing table over all methods.

    Var[d_k f] = E (d_k f)**2 - (E d_k f)**2

    1  no sum over walks (`eligible`)      exact gradients at sampled angles (`sampled`)
    2  a cone of at most 8 wires           exact transfer of all Pauli strings (`transfer`)
    3  otherwise                           Pauli walks (`walk`), doubled until the largest variance is known well
    4  hardly a walk counts                tensor train (`tensor_train`) where the circuit is shallow, else
                                           twisted sampling (`twisted`), whose intervals have a lower end only

Every step that was tried is named in the answer with the reason why it was left. Effort is counted in gates times
walks, never in seconds. Source: the facts of each method stand in its own module.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from numpy.random import Generator
from qiskit.circuit import QuantumCircuit

from qverify.errors import Undecidable
from qverify.subject import Observable
from qverify.trainability.chain import Chain, Turn
from qverify.trainability.cone import live_names, reduced
from qverify.trainability.extract import chain_of
from qverify.trainability.laws import Law
from qverify.trainability.means import mean_squares
from qverify.trainability.moment import ZERO, Moment, Second, logarithm
from qverify.trainability.sampled import sample_second
from qverify.trainability.tensor_train import second_train
from qverify.trainability.transfer import second_exact
from qverify.trainability.twisted import second_twisted
from qverify.trainability.walk import walk

FEWEST_WALKS, MOST_WALKS = 2**14, 2**20
STEPS = 2**32  # walks times turns that may be spent
ENOUGH = 0.5  # relative half-width above which walks are too rare to go on with
SHALLOW = 16  # two-wire steps a wire up to which a tensor train is tried
PARTICLES, BOND = 512, 8


@dataclass(frozen=True)
class Question:
    """What is asked of a circuit.

    laws: of parameters that are no features; uniform over a turn where nothing is said.
    zero_wires: wires that start in |0>, the others in any product letter; all of them where None.
    confidence: that all intervals of one answer hold together.
    relative_error: of the largest variance, half the interval's width; sampling stops there.
    focus: the weight whose variance is to be known so well instead of the largest.
    """

    observable: Observable
    weights: tuple[str, ...]
    laws: Mapping[str, Law] = field(default_factory=dict)
    features: Collection[str] = ()
    feature_range: tuple[float, float] = (-1.0, 1.0)
    zero_wires: Collection[int] | None = None
    confidence: float = 0.95
    relative_error: float = 0.05
    focus: str = ""


@dataclass(frozen=True)
class Responses:
    """The answer for one observable.

    cost: E f**2. variances: Var d_k f in the order of `names`; unit of the observable squared per radian squared.
    dead: names whose gradient is zero for all angles, proved.
    route: the steps that were tried, the last one gave the answer.
    """

    names: tuple[str, ...]
    cost: Moment
    variances: tuple[Moment, ...]
    dead: frozenset[str]
    method: str
    confidence: float
    route: tuple[str, ...]

    @property
    def largest(self) -> int:
        """The index of the variance with the largest lower end."""
        return max(range(len(self.names)), key=lambda k: (self.variances[k].log2_lo, self.variances[k].log2))


def respond(circuit: QuantumCircuit, question: Question, rng: Generator) -> Responses:
    """The variance of every gradient.

    Raises:
        Undecidable: no method reaches this circuit; the sentence says why, for each that was tried.
        Unusable: a law for a parameter that is not there, or no weight.
    """
    try:
        chain = chain_of(
            circuit,
            question.observable,
            question.weights,
            laws=question.laws,
            features=question.features,
            feature_range=question.feature_range,
            zero_wires=question.zero_wires,
        )
        zero = range(circuit.num_qubits) if question.zero_wires is None else question.zero_wires
        means = mean_squares(chain, set(range(circuit.num_qubits)) - set(zero))
    except Undecidable as reason:
        return _sampled(circuit, question, rng, reason.sentence)
    tried: list[str] = ["eligible for Pauli walks"]
    small = reduced(chain)
    alive = frozenset(live_names(chain))
    found = _second(small, question, rng, tried)
    variances = tuple(_less(m, mean) for m, mean in zip(found.gradients, means, strict=True))
    dead = frozenset(chain.names) - alive
    return Responses(
        chain.names, found.cost, variances, dead, found.method, found.confidence, (*tried, found.method)
    )


def _sampled(circuit: QuantumCircuit, question: Question, rng: Generator, reason: str) -> Responses:
    try:
        found = sample_second(
            circuit,
            [question.observable],
            question.weights,
            rng=rng,
            laws=question.laws,
            features=question.features,
            feature_range=question.feature_range,
            zero_wires=question.zero_wires,
            confidence=question.confidence,
            relative_error=question.relative_error,
        )
    except Undecidable as other:
        raise Undecidable(f"no Pauli walks: {reason}; no sampling of gradients: {other.sentence}") from None
    answer = found.variances[0]
    cost = found.seconds[0].cost
    dead = frozenset(n for n, m in zip(question.weights, answer.gradients, strict=True) if m == ZERO)
    route = (f"no Pauli walks: {reason}", answer.method)
    return Responses(question.weights, cost, answer.gradients, dead, answer.method, answer.confidence, route)


def _second(chain: Chain, question: Question, rng: Generator, tried: list[str]) -> Second:
    """E f**2 and E (d_k f)**2 of an eligible chain, by the first method that reaches it."""
    try:
        return second_exact(chain)
    except Undecidable as reason:
        tried.append(f"no exact transfer: {reason.sentence}")
    walked = _walked(chain, question, rng)
    if chain.draw is not None or _width(walked, question) <= ENOUGH:
        return walked
    tried.append(f"walks too rare: {walked.method}")
    two_wire = sum(1 for step in chain.steps if not isinstance(step, Turn) and len(getattr(step, "wires", ())) > 1)
    if two_wire <= SHALLOW * chain.wires:
        try:
            found = second_train(chain)
            if _width(found, question) <= ENOUGH:
                return found
            tried.append("tensor train: the variance is below its rounding")
        except Undecidable as reason:
            tried.append(f"no tensor train: {reason.sentence}")
    else:
        tried.append(f"no tensor train: more than {SHALLOW} gates of two wires a wire")
    try:
        return second_twisted(chain, rng, bond=BOND, particles=PARTICLES, confidence=question.confidence)
    except Undecidable as reason:
        tried.append(f"no twisted sampling: {reason.sentence}")
    return walked


def _walked(chain: Chain, question: Question, rng: Generator) -> Second:
    """Walks, doubled until the largest variance is known to the relative error or the effort is spent.

    Each look has its share of the confidence, so looking often does not spoil it.
    """
    affordable = max(64, STEPS // max(1, len(chain.steps)))
    sizes = [n for n in _powers(FEWEST_WALKS, MOST_WALKS) if n <= affordable] or [affordable]
    share = 1.0 - (1.0 - question.confidence) / len(sizes)
    for size in sizes:
        found = walk(chain, rng, size, share)
        if _width(found, question) <= question.relative_error:
            break
    return Second(found.cost, found.gradients, found.method, question.confidence)


def _powers(first: int, last: int) -> list[int]:
    return [first << k for k in range((last // first).bit_length())]


def _width(found: Second, question: Question) -> float:
    """Half the width of the interval over the value, infinite where nothing was seen."""
    if question.focus:
        largest = found.gradients[question.weights.index(question.focus)]
    else:
        largest = max(found.gradients, key=lambda m: m.log2, default=found.cost)
        largest = found.cost if largest == ZERO else largest
    if largest == ZERO:
        return 0.0
    if largest.value == 0.0:
        return math.inf
    return (largest.hi - largest.lo) / (2 * largest.value)


def _less(square: Moment, mean: Moment) -> Moment:
    """E g**2 - (E g)**2, interval by interval."""
    if mean == ZERO:
        return square
    value = max(0.0, square.value - mean.value)
    lo, hi = max(0.0, square.lo - mean.hi), max(0.0, square.hi - mean.lo)
    return Moment(logarithm(value), logarithm(lo), logarithm(hi), square.sided)


def lower_end(answers: Sequence[Responses]) -> float:
    """The largest lower end over observables and weights."""
    return max((m.lo for answer in answers for m in answer.variances), default=0.0)
