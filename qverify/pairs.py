"""Comparing two circuit files: load, ask, answer, in a limited child process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import msgspec

from qverify.discovery import load_subject
from qverify.equivalence.answer import Answer
from qverify.equivalence.decide import Question, decide, default_notion
from qverify.errors import CannotCompare, CannotLoad, Unusable
from qverify.isolated import run_isolated
from qverify.subject.claims import Input, Notion

EXIT_CODES = {"equivalent": 0, "different": 1, "undecided": 4}


@dataclass(frozen=True)
class Pair:
    """Two circuit arguments and what is asked about them; `notion` None lets the circuits decide."""

    a: str
    b: str
    notion: Notion | None
    input: Input
    tolerance: float
    ancilla: tuple[int, ...]
    discard: tuple[int, ...]
    seed: int


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
        return Answer(
            "undecided", pair.notion or "", pair.input, "none", "none", message=f"{ended.reason}: time-out"
        )
    if ended.answer is None:
        raise CannotLoad(f"comparing it {ended.reason}", f"{pair.a}, {pair.b}")
    outcome = msgspec.json.decode(ended.answer, type=_Outcome)
    if outcome.answer is not None:
        return outcome.answer
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
    notion = pair.notion or default_notion(a, b)
    return decide(a, b, Question(notion, pair.input, pair.tolerance, pair.ancilla, pair.discard, pair.seed))
