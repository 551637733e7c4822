"""What is told beside the strict answer: other orders of wires, equality from |0...0>, where they part.

A compiler may exchange output wires, or use a wire that is |0> as a clean ancilla: then the unitaries differ and
the use that was meant may not. Neither changes the strict verdict.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from qverify.angles import add
from qverify.equivalence.answer import Answer
from qverify.equivalence.field_identity import field_identity
from qverify.equivalence.layers import Layer, Word
from qverify.equivalence.pauli_form import SLOPE, SNAP
from qverify.equivalence.permutation import output_permutation, relabelling
from qverify.equivalence.question import Pair
from qverify.equivalence.segments import segments
from qverify.equivalence.states import FEW, MOST, drawn_values, rounding, state_distance
from qverify.errors import Undecidable

POINTS = 4
MUCH = 0.25  # share of differing rotations from which "where they part first" is no news


def completed(answer: Answer, pair: Pair) -> Answer:
    """The answer with what else is known about circuits that differ."""
    if answer.verdict != "different" or not pair.gates_only:
        return answer
    return structs.replace(
        answer,
        up_to_permutation=None if pair.forms is None else output_permutation(*pair.forms),
        up_to_relabelling=None if pair.forms is None else relabelling(*pair.forms, pair.question.tolerance),
        from_zero=answer.from_zero if answer.from_zero is not None else _from_zero(answer, pair),
        where=answer.where or _where(pair),
    )


def _from_zero(answer: Answer, pair: Pair) -> bool | None:
    """Whether both prepare the same state from |0...0> for all angles; None where that is not known."""
    tolerance, shown = pair.question.tolerance, answer.counterexample
    zero = "0" * pair.wires
    if pair.wires > FEW and shown is not None and shown.input == zero and not shown.expected.startswith("<"):
        return False
    if pair.wires > MOST:
        return None
    try:
        points = [{}] if pair.bound else [drawn_values(pair, f"from zero {k}") for k in range(POINTS)]
        for at in points:
            apart, slack = state_distance(pair.a, pair.b, at, zero), rounding(pair)
            if apart - slack > tolerance:
                return False
            if pair.bound:
                return True if apart + slack <= tolerance else None
        same = field_identity(pair.a.circuit, pair.b.circuit, pair.name, from_zero=True)
    except Undecidable:
        return None
    return True if same is not None and same.snapped <= tolerance else None


def _where(pair: Pair) -> str:
    """Where the normal forms part first, if they agree on most; a fault lies there or before."""
    if pair.forms is None:
        return ""
    a, b = pair.forms
    apart = [set(_differing(left, right)) for left, right in zip(a.layers, b.layers, strict=False)]
    count = max(1, sum(map(len, a.layers)))
    if len(a.layers) != len(b.layers) or sum(map(len, apart)) > max(2, MUCH * count):
        first = next((k for k, words in enumerate(apart) if words), len(apart))
        if first == 0:
            return ""
    for words in apart:
        if words:
            return segments(pair.a.circuit, words) or segments(pair.b.circuit, words)
    rows = [
        k for k in range(len(a.rows) // 2) for half in (0, len(a.rows) // 2) if a.rows[k + half] != b.rows[k + half]
    ]
    wires = ", ".join(str(k) for k in dict.fromkeys(rows))
    return f"output wires {wires}: all rotations agree, the Clifford gates around them do not" if rows else ""


def _differing(left: Layer, right: Layer) -> Iterator[Word]:
    for word in {**left, **right}:
        if word not in left or word not in right:
            yield word
            continue
        gap = add(left[word], right[word], -1.0)
        if any(abs(c) >= SLOPE for _, c in gap.terms) or abs(gap.constant) >= SNAP:
            yield word
