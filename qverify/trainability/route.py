"""How strongly an observable responds to every weight: one routing table over all methods.

    Var[d_k f] = E (d_k f)**2 - (E d_k f)**2

    1  no sum over walks (`eligible`)      exact gradients at sampled angles (`sampled`)
    2  a cone of at most 8 wires           exact transfer of all Pauli strings (`transfer`), wires being used again
                                           (`slots`); for each term by itself where only its own cone is so small
    3  otherwise                           Pauli walks (`walk`), until the largest variance is known well
    4  hardly a walk counts                tensor train (`tensor_train`) where the circuit is shallow, else
                                           twisted sampling (`twisted`): its lower ends, and the walks' upper ends
    5  a mean hides the variance           exact gradients at sampled angles, where they are affordable

Every step that was tried is named in the answer with the reason why it was left. Effort is counted in gates times
walks, never in seconds. Walks have one half of the risk that an interval fails, shared by all sizes at which they
may be looked at; what comes after them has the other half.
Source: the facts of each method stand in its own module.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from qiskit.circuit import QuantumCircuit

from qverify.errors import Undecidable, Unusable
from qverify.trainability.chain import Chain, Turn
from qverify.trainability.cone import live_names, reduced
from qverify.trainability.dead import dead_weights
from qverify.trainability.extract import chain_of
from qverify.trainability.looks import half, walked
from qverify.trainability.means import mean_squares
from qverify.trainability.moment import ZERO, Moment, Second
from qverify.trainability.question import Question, Responses
from qverify.trainability.rounds import wires_of
from qverify.trainability.sampled import sample_second
from qverify.trainability.slots import slotted
from qverify.trainability.tensor_train import add_logs, second_train
from qverify.trainability.transfer import MAX_WIRES, second_exact
from qverify.trainability.twisted import second_twisted
from qverify.trainability.widths import ENOUGH, Means, exact_zeros, is_hidden, variances_of, width

__all__ = ["Question", "Responses", "respond"]

SHALLOW = 16  # two-wire steps a wire up to which a tensor train is tried
PARTICLES, BOND = 512, 8
MOST_TURNS = 30_000  # of twisted sampling, a millisecond each
EXACT_EFFORT = 2**33  # strings times steps
TERM_STEPS, TERM_EFFORT = 2**21, 2**31  # of the exact transfer term by term: cones to find, strings times steps
LARGEST = 1e150  # coefficient
LEAST_SAMPLES, MOST_NUMBERS = 4096, 2**26  # of sampled gradients; how many may be kept


def respond(circuit: QuantumCircuit, question: Question, rng: Generator) -> Responses:
    """The variance of every gradient.

    Raises:
        Undecidable: no method reaches this circuit; the sentence says why, for each that was tried.
        Unusable: no weight, a weight or law for a parameter that is not there, or a law for a feature.
    """
    _require(circuit, question)
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
        return _sampled(circuit, question, rng, question.confidence, (f"no Pauli walks: {reason.sentence}",))
    tried = ["eligible for Pauli walks"]
    dead = frozenset(chain.names) - frozenset(live_names(chain))
    known = tuple(name in dead for name in chain.names)
    cone = _undrawn(reduced(chain))
    found = _second(cone, question, rng, (means, known), tried)
    variances = variances_of(found, means, known)
    if found.confidence < 1.0 and is_hidden(variances, means, question, known):
        try:
            return _sampled(circuit, question, rng, half(question.confidence), tuple(tried))
        except Undecidable as reason:
            tried.append(f"no sampling of gradients: {reason.sentence}")
    cost = found.cost
    if found.method.startswith("exact transfer"):
        (cost, *below), proved = exact_zeros(cone, (cost, *variances))
        variances = tuple(below)
        if proved:
            dead |= {name for name, m in zip(chain.names, found.gradients, strict=True) if m == ZERO}
    route = (*tried, found.method)
    return Responses(chain.names, cost, variances, dead, found.method, found.confidence, route)


def _require(circuit: QuantumCircuit, question: Question) -> None:
    if not question.weights:
        raise Unusable("no weight is named, so there is no gradient")
    there = {p.name for p in circuit.parameters}
    for name in [*question.weights, *question.laws]:
        if name not in there:
            raise Unusable(f"`{name}` is no parameter of this circuit")
    for name in question.laws:
        if name in question.features:
            raise Unusable(f"`{name}` is a feature, uniform over its range, and has a law besides; leave one out")
    for term in question.observable.terms:
        if term.coefficient and not 1.0 / LARGEST < abs(term.coefficient) < LARGEST:
            raise Unusable(
                f"the coefficient {term.coefficient:g} has no square among floats; rescale the observable"
            )
    if question.focus and question.focus not in question.weights:
        raise Unusable(f"`{question.focus}` is to be followed and is no weight")


# ------------------------------------------------------------------------------ gradients at sampled angles


def _sampled(
    circuit: QuantumCircuit, question: Question, rng: Generator, confidence: float, tried: tuple[str, ...]
) -> Responses:
    wanted = max(LEAST_SAMPLES, math.ceil(64.0 / question.relative_error**2))
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
            samples=min(wanted, max(2, MOST_NUMBERS // len(question.weights))),
            confidence=confidence,
            relative_error=question.relative_error,
            max_effort=question.effort,
        )
    except Undecidable as other:
        raise Undecidable(f"{'; '.join(tried)}; no sampling of gradients: {other.sentence}") from None
    answer = found.variances[0]
    dead = dead_weights(circuit, [question.observable], question.weights, question.zero_wires)
    known = tuple(name in dead for name in question.weights)
    variances = variances_of(answer, (ZERO,) * len(known), known)
    dead |= frozenset(name for name, m in zip(question.weights, variances, strict=True) if m == ZERO)
    route = (*tried, answer.method)
    return Responses(
        question.weights, found.seconds[0].cost, variances, dead, answer.method, question.confidence, route
    )


# ------------------------------------------------------------------------------ sums over walks


def _second(
    chain: Chain, question: Question, rng: Generator, zeros: tuple[Means, Sequence[bool]], tried: list[str]
) -> Second:
    """E f**2 and E (d_k f)**2 of an eligible chain, by the first method that reaches it."""
    try:
        return _exact(chain)
    except Undecidable as reason:
        tried.append(f"no exact transfer: {reason.sentence}")
    try:
        return _by_terms(chain)
    except Undecidable as reason:
        tried.append(f"nor of its terms: {reason.sentence}")
    found = walked(chain, question, rng, *zeros)
    if width(variances_of(found, *zeros), found.cost, question, zeros[1]) <= ENOUGH:
        return found
    hidden = is_hidden(variances_of(found, *zeros), zeros[0], question, zeros[1])
    tried.append(f"{'means hide the variance' if hidden else 'walks too rare'}: {found.method}")
    try:
        train = _train(chain)
        if width(variances_of(train, *zeros), train.cost, question, zeros[1]) <= ENOUGH:
            return train
        tried.append("tensor train: the variance is below its rounding")
    except Undecidable as reason:
        tried.append(f"no tensor train: {reason.sentence}")
    if hidden:
        return found
    try:
        return _twisted(chain, question, rng, found, zeros[1])
    except Undecidable as reason:
        tried.append(f"no twisted sampling: {reason.sentence}")
    return found


def _undrawn(chain: Chain) -> Chain:
    """The chain without draws, where nothing is left that is drawn."""
    drawn = np.isnan(chain.start).any() or any(isinstance(s, Turn) and s.drawn >= 0 for s in chain.steps)
    return chain if drawn else replace(chain, draw=None)


def _exact(chain: Chain) -> Second:
    """Exact transfer on as few wires as are busy at one time."""
    small = slotted(chain)
    effort = 4**small.wires * len(small.steps)
    if small.wires <= MAX_WIRES and effort > EXACT_EFFORT:
        raise Undecidable(f"{len(small.steps)} steps on {small.wires} wires take too long")
    found = second_exact(small)
    again = f", used again for {chain.wires}" if small.wires < chain.wires else ""
    return replace(found, method=found.method + again)


def _by_terms(chain: Chain) -> Second:
    """Exact transfer for each term in its own cone: second moments add over terms."""
    count = len(chain.ends)
    if count == 1 or count * len(chain.steps) > TERM_STEPS:
        raise Undecidable("it is one term" if count == 1 else f"{count} terms are too many for so long a circuit")
    cones = [slotted(_undrawn(reduced(chain, (end,)))) for end in chain.ends]
    widest = max(cone.wires for cone in cones)
    if widest > MAX_WIRES:
        raise Undecidable(f"one has a cone of {widest} wires")
    if sum(4**cone.wires * len(cone.steps) for cone in cones) > TERM_EFFORT:
        raise Undecidable(f"{count} cones of up to {widest} wires take too long")
    parts = [second_exact(cone) for cone in cones]
    method = f"exact transfer, each of {count} terms in its cone of at most {widest} wires"
    gradients = tuple(_sum(column) for column in zip(*(part.gradients for part in parts), strict=True))
    return Second(_sum([part.cost for part in parts]), gradients, method, 1.0)


def _sum(moments: Sequence[Moment]) -> Moment:
    """The sum of exact moments."""
    some = [m for m in moments if m != ZERO]
    if not some:
        return ZERO
    return Moment(
        add_logs([m.log2 for m in some]),
        add_logs([m.log2_lo for m in some]),
        add_logs([m.log2_hi for m in some]),
        "exact",
    )


def _train(chain: Chain) -> Second:
    """The tensor train, where it has a chance."""
    if sum(len(wires_of(step)) > 1 for step in chain.steps) > SHALLOW * chain.wires:
        raise Undecidable(f"more than {SHALLOW} gates of two wires a wire")
    return second_train(chain)


def _twisted(chain: Chain, question: Question, rng: Generator, walks: Second, known: Sequence[bool]) -> Second:
    """Twisted sampling for the weight that is followed, or for all; upper ends are the walks'."""
    turns = sum(isinstance(step, Turn) for step in chain.steps)
    if turns > MOST_TURNS:
        raise Undecidable(f"{turns} angles are felt, and at most {MOST_TURNS} are followed")
    names = [name for name, dead in zip(chain.names, known, strict=True) if not dead]
    asked = [question.focus] if question.focus else names
    found = second_twisted(chain, rng, BOND, PARTICLES, asked, half(question.confidence))
    place = {name: k for k, name in enumerate(chain.names)}
    gradients = list(walks.gradients)
    for name, moment in zip(asked, found.gradients, strict=True):
        gradients[place[name]] = _between(moment, gradients[place[name]])
    of = f" of `{question.focus}`" if question.focus else ""
    method = f"{found.method}{of}; upper ends from a {walks.method}"
    return Second(_between(found.cost, walks.cost), tuple(gradients), method, question.confidence)


def _between(low: Moment, high: Moment) -> Moment:
    """The estimate and lower end of twisted sampling with the upper end of walks."""
    lo, hi = max(low.log2_lo, high.log2_lo), min(low.log2_hi, high.log2_hi)
    if lo > hi:  # one of the two has failed, which is part of the risk
        return low
    return Moment(min(max(low.log2, lo), hi), lo, hi, "two")
