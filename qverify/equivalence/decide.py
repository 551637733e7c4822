"""The routing table: which method answers "are A and B the same?", tried from the strongest and cheapest down.

    unitary, any input    normal form · Clifford point · prime field · rotation axes · residual clusters ·
                          clusters at drawn angles · far values · states · dense maps ·
                          any far values
    unitary, |0...0>      normal form · prime field · rotation axes · states · dense maps
    maps of gates alone   as unitary: channels of unitaries are equal exactly when the unitaries are, up to phase
    any other question    deferred normal form · deferral · exact branches · drawn events · dense maps
                          (drawn events before exact branches where there are too many paths)

A method that cannot tell says nothing, and the next one is asked; agreement at drawn angles alone is "undecided".
Every effort is bounded by counted operations, never by the clock, and every method draws from a generator of its
own, so the same pair and seed give the same answer in every run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from msgspec import structs

from qverify.equivalence.answer import Answer, DistanceInterval, answered
from qverify.equivalence.beside import completed
from qverify.equivalence.dynamic import by_deferral, by_events, by_exact_branches, by_isometry_form, by_late_events
from qverify.equivalence.numerical import (
    by_any_far_values,
    by_clusters,
    by_clusters_at_points,
    by_dense_maps,
    by_far_values,
    by_states,
)
from qverify.equivalence.question import Named, Pair, Question, default_notion, paired
from qverify.equivalence.symbolic import by_axes, by_clifford_point, by_normal_form, by_prime_field
from qverify.errors import Undecidable, counted
from qverify.semantics.instrument import MAX_WIRES
from qverify.subject import Subject

__all__ = ["Question", "decide", "default_notion"]

Method = Callable[[Pair], Answer | None]
SMALL = 6  # wires up to which dense maps at drawn angles are worth their time
UNITARIES: tuple[Method, ...] = (
    by_normal_form,
    by_clifford_point,
    by_prime_field,
    by_axes,
    by_clusters,
    by_clusters_at_points,
    by_far_values,
)
MAPS: tuple[Method, ...] = (
    by_isometry_form,
    by_deferral,
    by_events,
    by_exact_branches,
    by_late_events,
    by_dense_maps,
)
FROM_ZERO: tuple[Method, ...] = (by_normal_form, by_prime_field, by_axes, by_states, by_dense_maps)


def decide(a: Subject, b: Named, question: Question) -> Answer:
    """Whether two circuits are the same; a transpiler's layout is undone.

    Raises:
        CannotCompare: the question does not fit the circuits.
    """
    pair = paired(a, b, question)
    if question.notion in ("instrument", "channel") and question.input == "any" and pair.gates_only:
        return _as_map(pair)
    return _with_bits(completed(_first(pair, _methods(pair)), pair), pair)


def _with_bits(answer: Answer, pair: Pair) -> Answer:
    """The answer with a sentence about records of different length, where records are compared."""
    ours, theirs = pair.a.circuit.num_clbits, pair.b.circuit.num_clbits
    if ours == theirs or not pair.dynamic or pair.question.notion not in ("instrument", "outcomes"):
        return answer
    lengths = f"{pair.a.path} has {counted(ours, 'classical bit')} and {pair.b.path} has {theirs}"
    said = f"{lengths}: a bit that a circuit lacks counts as 0"
    return structs.replace(answer, message="; ".join(filter(None, (answer.message, said))))


def _methods(pair: Pair) -> tuple[Method, ...]:
    if pair.question.notion != "unitary" or not pair.gates_only:
        return MAPS
    if pair.question.input == "zero":
        return FROM_ZERO
    if pair.wires <= (MAX_WIRES if pair.bound else SMALL):
        return (*UNITARIES, by_states, by_dense_maps, by_any_far_values)
    return (*UNITARIES, by_states, by_any_far_values)


def _first(pair: Pair, methods: tuple[Method, ...]) -> Answer:
    """The first answer that decides; else the last reason why none does."""
    last = answered(pair.question, "undecided", "none", "none", message="no method applies")
    for method in methods:
        try:
            found = method(pair)
        except Undecidable as why:
            found = answered(pair.question, "undecided", "none", "none", message=why.sentence)
        if found is not None and found.verdict != "undecided":
            return found
        last = found or last
    return last


def _as_map(pair: Pair) -> Answer:
    """Gates alone, asked about as a map: d <= diamond distance <= 2 d for d the distance of the unitaries."""
    question = pair.question
    asked = replace(question, notion="unitary", tolerance=question.tolerance / 2)
    inner = replace(pair, question=asked)
    answer = completed(_first(inner, _methods(inner)), inner)
    d = answer.distance
    wide = None if d is None else DistanceInterval("diamond norm of the difference", d.lo, min(2.0, 2 * d.hi))
    answer = structs.replace(answer, notion=question.notion, distance=wide)
    if answer.verdict == "different" and (wide is None or wide.lo <= question.tolerance):
        return structs.replace(answer, verdict="undecided", strength="none", message="too close to call")
    return answer
