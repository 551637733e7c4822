"""The answer to "are two circuits the same?": a frozen value that says how strong it is."""

from __future__ import annotations

from typing import Literal

import msgspec

from qverify.equivalence.question import Question
from qverify.finding import Counterexample

Verdict = Literal["equivalent", "different", "undecided"]
Strength = Literal["proof", "exact", "numerical", "none"]


class DistanceInterval(msgspec.Struct, frozen=True):
    """A distance known to lie in [lo, hi]; `quantity` says which."""

    quantity: str
    lo: float
    hi: float


FARTHEST = 2.0  # no two circuits are farther apart, under any notion
MOST = {"outcomes": 1.0}  # and under this one


class SecondOpinion(msgspec.Struct, frozen=True):
    """What another checker says; it changes nothing. verdict "none": it was not asked, or gave no answer."""

    tool: str
    verdict: Literal["equivalent", "different", "undecided", "none"]
    note: str


class Answer(msgspec.Struct, frozen=True):
    """Whether two circuits are the same under a notion, for inputs `input`.

    strength: "proof", "exact" (randomised in exact arithmetic, wrong with probability `error_bound`), "numerical"
        (within the tolerance, at bound parameters) or "none" for undecided.
    error_bound: for exact, the chance of error; else what rounding may hide (operator norm), or for a difference,
        how far it may have moved the number that shows it, 0 where `distance` counts that.
    up_to_permutation: output wire of B for each output wire of A, where they are equal up to that; else None.
    up_to_relabelling: name in B of each wire of A, where they are equal up to the names of wires; else None.
    from_zero: whether they prepare the same state from |0...0>; None where that was not decided.
    message: why undecided, or what the answer does not show.
    where: for a difference that can be located, the wires and the segment of the DAG.
    """

    verdict: Verdict
    notion: str
    input: str
    method: str
    strength: Strength
    error_bound: float | None = None
    distance: DistanceInterval | None = None
    counterexample: Counterexample | None = None
    up_to_permutation: tuple[int, ...] | None = None
    up_to_relabelling: tuple[int, ...] | None = None
    from_zero: bool | None = None
    message: str = ""
    where: str = ""
    second_opinion: SecondOpinion | None = None


def answered(question: Question, verdict: Verdict, method: str, strength: Strength, **more: object) -> Answer:
    """An answer to a question; NumPy's numbers become Python's, which JSON knows, none beyond what can be."""
    most = MOST.get(question.notion, FARTHEST)
    for key, value in more.items():
        if isinstance(value, float):
            more[key] = min(float(value), most)
        elif isinstance(value, DistanceInterval):
            more[key] = DistanceInterval(value.quantity, min(float(value.lo), most), min(float(value.hi), most))
    return Answer(verdict, question.notion, question.input, method, strength, **more)  # type: ignore[arg-type]
