"""Comparing two circuit files: load, ask, answer, in a limited child process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec

from qverify.discovery import load_subject
from qverify.equivalence.answer import Answer, SecondOpinion
from qverify.equivalence.decide import Question, decide, default_notion
from qverify.errors import CannotCompare, CannotLoad, Unusable
from qverify.isolated import run_isolated
from qverify.second_opinion import TOOL, opinion
from qverify.subject import EquivalentTo, Subject
from qverify.subject.claims import Input, Notion

SECONDS, MEMORY = 30.0, 8192  # for a second opinion
READING = 10.0  # seconds to read two circuits again
EXIT_CODES = {"equivalent": 0, "different": 1, "undecided": 4}


@dataclass(frozen=True)
class Pair:
    """Two circuit arguments and what is asked about them.

    What is None, and wires that are not given, follow A's claim where it is about B; else the circuits decide.
    """

    a: str
    b: str
    notion: Notion | None
    input: Input | None
    tolerance: float
    ancilla: tuple[int, ...]
    discard: tuple[int, ...]
    seed: int
    second_opinion: bool = False


class _Outcome(msgspec.Struct, frozen=True):
    """What the child sends: an answer, or a refusal."""

    answer: Answer | None = None
    kind: Literal["", "load", "question"] = ""
    sentence: str = ""
    where: str = ""
    line: int | None = None


def compare(pair: Pair, seconds: float, memory: int, *, allow_python: bool = False) -> Answer:
    """Answer a question about two files.

    Raises:
        CannotLoad: a file cannot be read, or the child died (exit code 3).
        CannotCompare: the question does not fit the circuits (exit code 2).
    """
    ended = run_isolated(partial(_work, pair, allow_python), seconds, memory)
    if ended.timed_out:
        asked = _asked(pair, memory, allow_python)
        return Answer("undecided", *asked, "none", "none", message=f"{ended.reason}: time-out")
    if ended.answer is None:
        raise CannotLoad(f"comparing it {ended.reason}", f"{pair.a}, {pair.b}")
    outcome = msgspec.json.decode(ended.answer, type=_Outcome)
    if outcome.answer is not None:
        return _with_second_opinion(outcome.answer, pair, allow_python) if pair.second_opinion else outcome.answer
    kind = CannotCompare if outcome.kind == "question" else CannotLoad
    raise kind(outcome.sentence, outcome.where, outcome.line)


def _work(pair: Pair, allow_python: bool) -> bytes:
    try:
        outcome = _Outcome(answer=_answered(pair, allow_python))
    except CannotCompare as fault:
        outcome = _Outcome(kind="question", sentence=fault.sentence, where=fault.where, line=fault.line)
    except Unusable as fault:
        outcome = _Outcome(kind="load", sentence=fault.sentence, where=fault.where, line=fault.line)
    return msgspec.json.encode(outcome)


def _answered(pair: Pair, allow_python: bool) -> Answer:
    a, b = (load_subject(path, allow_python=allow_python) for path in (pair.a, pair.b))
    question = _question(pair, a, b)
    return decide(a, b, question)


def _asked(pair: Pair, memory: int, allow_python: bool) -> tuple[str, str]:
    """Notion and inputs of a question without an answer; a claim or the circuits are read again, if they decide."""
    if pair.notion and pair.input:
        return pair.notion, pair.input

    def work() -> bytes:
        question = _question(pair, *(load_subject(path, allow_python=allow_python) for path in (pair.a, pair.b)))
        return msgspec.json.encode((question.notion, question.input))

    ended = run_isolated(work, READING, memory)
    if ended.answer is None:
        return pair.notion or "", pair.input or "any"
    return msgspec.json.decode(ended.answer, type=tuple[str, str])


def _with_second_opinion(answer: Answer, pair: Pair, allow_python: bool) -> Answer:
    """The answer with what another checker says; its crash or time-out is said, never guessed."""
    values = answer.counterexample.values if answer.counterexample else None

    def work() -> bytes:
        a, b = (load_subject(path, allow_python=allow_python) for path in (pair.a, pair.b))
        return msgspec.json.encode(opinion(a, b, _question(pair, a, b), values, SECONDS))

    ended = run_isolated(work, SECONDS + 10.0, MEMORY)
    heard = (
        SecondOpinion(TOOL, "none", f"gave no answer: it {ended.reason}")
        if ended.answer is None
        else msgspec.json.decode(ended.answer, type=SecondOpinion)
    )
    return msgspec.structs.replace(answer, second_opinion=heard)


def _question(pair: Pair, a: Subject, b: Subject) -> Question:
    """What was asked, the rest from A's claim where that is about B."""
    about_b = a.reference is not None and Path(a.reference.path).resolve() == Path(b.path).resolve()
    claim = a.claims.equivalent_to if about_b else None
    if claim is None:
        claim = EquivalentTo(b.path, default_notion(a, b))
    wires = (pair.ancilla, pair.discard) if pair.ancilla or pair.discard else (claim.ancilla, claim.discard)
    notion, given = pair.notion or claim.notion, pair.input or claim.input
    return Question(notion, given, pair.tolerance, *wires, pair.seed, claim.match)
