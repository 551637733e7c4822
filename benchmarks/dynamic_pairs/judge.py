"""Was an answer right? The answer of the checker about a pair, beside the truth of the oracle.

    equal      hi <= EXACT at every point tried       different   lo > tolerance at some point
    within     hi <= tolerance                        near        anything else: either word may be right

A difference at any values is a difference. Angles enter through analytic functions, so circuits that differ for
some values differ at almost all: none at five drawn points is taken as equality.

false equivalent, false different   the word is wrong
interval missed                     no angle left to choose: the interval and the truth's have nothing in common;
                                    with parameters: an "equivalent" whose hi is below a distance found, or a lo
                                    above every distance at the counterexample's values and many special ones
"""

from __future__ import annotations

import hashlib
import math
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain, product
from pathlib import Path
from random import Random
from typing import TypeVar

import msgspec

import qverify
from qverify.equivalence.answer import Answer
from qverify.equivalence.decide import Question, decide
from qverify.equivalence.dynamic import by_deferral, by_isometry_form
from qverify.equivalence.question import paired
from qverify.subject import Subject, make_subject

from .distances import MATRIX, WHOLE, Truth, truth
from .pairs import Pair, pair
from .replay import replayed

POINTS = 5
SPECIAL = (
    0.0,
    *(k * math.pi / 4 for k in range(-4, 5) if k),
    *(k * math.pi / 6 for k in (1, 2, 4, 5)),
    1.0,
    -1.0,
    0.5,
)
EXACT = 1e-9  # of the bounds of oracle, which grow by the input's dimension: far below any fault's distance
LIMIT_S = 300
T = TypeVar("T")


class Record(msgspec.Struct, frozen=True):
    """One pair, one answer, and what is true.

    truth: the largest lo and the largest hi over the points. truly: see the top of this file.
    faults: what is wrong with the answer; empty where nothing is.
    shown: what came of replaying the counterexample, see `replay`; "" unless different.
    proved: which of the two forms of deferral alone prove the pair equal; "" none, "-" not asked.
    seconds: of the processor, of the checker alone; deferral_seconds: of the two forms alone.
    """

    number: int
    kind: str
    more: tuple[str, ...]
    wires: int
    bits: int
    bound: bool
    notion: str
    input: str
    tolerance: float
    truth: tuple[float, float]
    truly: str
    verdict: str
    method: str
    strength: str
    seconds: float
    faults: tuple[str, ...] = ()
    interval: tuple[float, float] | None = None
    shown: str = ""
    proved: str = "-"
    deferral_seconds: float = 0.0
    message: str = ""
    checker: str = ""


@cache
def checker() -> str:
    """Digest of the sources of the package under test."""
    root = Path(qverify.__file__).parent
    found = [file.read_bytes() for file in sorted(root.rglob("*.py"))]
    return hashlib.sha256(b"".join(found)).hexdigest()[:12]


def subjects(of: Pair) -> tuple[Subject, Subject]:
    """Both circuits as subjects; both declare all parameters."""
    a, b = (make_subject(name, circuit, of.names) for name, circuit in (("a", of.a), ("b", of.b)))
    return a, b


def question(of: Pair) -> Question:
    """What is asked about a pair."""
    asked = of.asked
    return Question(asked.notion, asked.input, of.tolerance, asked.ancilla, asked.discard)  # type: ignore[arg-type]


def answer(of: Pair) -> Answer:
    """What the checker says about a pair."""
    return decide(*subjects(of), question(of))


def true_distances(of: Pair, count: int = POINTS) -> list[Truth]:
    """The truth at drawn values of the parameters."""
    source = Random(f"points|{of.number}")  # noqa: S311  # reproducible
    points = [{p: source.uniform(-4, 4) for p in of.names} for _ in range(count if of.names else 1)]
    return list(_at(of, points))


def _at(of: Pair, points: Iterable[dict[str, float]]) -> Iterator[Truth]:
    for k, at in enumerate(points):
        yield truth(of.a, of.b, at, of.asked, seed=of.number + 1000 * k)


def _special(of: Pair) -> Iterator[dict[str, float]]:
    """Values where a distance may be largest."""
    return (dict(zip(of.names, values, strict=True)) for values in product(SPECIAL, repeat=len(of.names)))


def truly(found: list[Truth], tolerance: float, *, drawn: bool) -> str:
    """equal, within, different or near; drawn: at drawn inputs, which give no upper end."""
    lo, hi = max(t.lo for t in found), max(t.hi for t in found)
    if lo > tolerance:
        return "different"
    if drawn:
        return "equal" if lo <= MATRIX else "near"
    return "equal" if hi <= EXACT and lo <= MATRIX else "within" if hi <= tolerance else "near"


def judged(number: int, salt: str = "0", widest: int = 6) -> Record:
    """Draw a pair, ask, and compare with the truth."""
    of = pair(number, salt, widest)
    found = true_distances(of)
    drawn = of.asked.input == "any" and of.a.num_qubits > WHOLE
    word = truly(found, of.tolerance, drawn=drawn)
    ends = max(t.lo for t in found), max(t.hi for t in found)
    said, seconds = timed(lambda: answer(of))
    proved, more_seconds = ("-", 0.0) if word != "equal" else deferral_alone(of)
    common = (
        of.number, of.kind, of.more, of.a.num_qubits, of.a.num_clbits, not of.names, of.asked.notion,
        of.asked.input, of.tolerance, ends, word,
    )  # fmt: skip
    if isinstance(said, BaseException):
        what = f"{type(said).__name__}: {said}"
        return Record(
            *common, "crash", "", "", seconds, ("crash",), proved=proved, message=what, checker=checker(),
            deferral_seconds=more_seconds,
        )  # fmt: skip
    interval = (float(said.distance.lo), float(said.distance.hi)) if said.distance else None
    faults = wrong_word(said.verdict, word) + wrong_interval(of, said, ends)
    shown = replayed(of.a, of.b, of.asked, said) if said.verdict == "different" else ""
    return Record(
        *common, said.verdict, said.method, said.strength, seconds, tuple(faults), interval, shown, proved,
        more_seconds, said.message, checker(),
    )  # fmt: skip


def wrong_word(verdict: str, word: str) -> list[str]:
    """Whether the word is wrong."""
    if verdict == "equivalent" and word == "different":
        return ["false equivalent"]
    return ["false different"] if verdict == "different" and word in ("equal", "within") else []


def wrong_interval(of: Pair, said: Answer, ends: tuple[float, float]) -> list[str]:
    """Whether the interval misses the truth, where both are of the same distance."""
    if said.distance is None:
        return []
    lo, hi = float(said.distance.lo) - MATRIX, float(said.distance.hi) + MATRIX
    if not of.names:
        return [] if lo <= ends[1] and ends[0] <= hi else ["interval missed"]
    if said.verdict == "equivalent" and ends[0] > hi:
        return ["interval missed"]
    if lo <= ends[1]:
        return []
    own = [] if said.counterexample is None else [said.counterexample.values]
    return [] if any(lo <= t.hi for t in _at(of, chain(own, _special(of)))) else ["interval missed"]


def deferral_alone(of: Pair) -> tuple[str, float]:
    """Which of the two methods that defer measurements prove a pair equal, and the seconds of both."""

    def ask() -> str:
        asked = paired(*subjects(of), question(of))
        methods = {"deferral": by_deferral, "deferred normal form": by_isometry_form}
        for name, method in methods.items():
            said = method(asked)
            if said is not None and said.verdict == "equivalent":
                return name
        return ""

    found, seconds = timed(ask)
    return ("" if isinstance(found, BaseException) else found), seconds


def timed(ask: Callable[[], T]) -> tuple[T | Exception, float]:
    """What a call gives or raises, and its seconds; TimeoutError after LIMIT_S."""

    def late(*_: object) -> None:
        raise TimeoutError(f"over {LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(LIMIT_S)
    start = time.process_time()
    try:
        return ask(), time.process_time() - start
    except Exception as fault:  # noqa: BLE001  # whatever it raises is what is reported
        return fault, time.process_time() - start
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
