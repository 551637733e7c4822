"""Was an answer right? The answer of the checker about a pair, beside the computed truth.

false equivalent   some point has a distance above tolerance + rounding
false different    the values of the counterexample have not, nor has any point
interval missed    bound circuits: the truth is outside [lo, hi]; with parameters: lo is above every distance
                   found, or hi of an "equivalent" below one
"""

from __future__ import annotations

import hashlib
import signal
import time
from functools import cache
from pathlib import Path
from random import Random

import msgspec
import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import Statevector

import qverify
from qverify.equivalence.answer import Answer
from qverify.equivalence.decide import Question, decide
from qverify.subject import Subject, make_subject

from .besides import wrong_besides
from .operators import MATRIX, Matrix, arc_distance, matrix, points, rounding, truth
from .pairs import Pair, pair

POINTS = 8
MORE_POINTS = 150  # where an interval's lower end is above what the first points show
LIMIT_S = 300
PREPARE = {"0": "", "1": "x", "+": "h", "-": "xh", "r": "hs", "l": "hd"}


class Record(msgspec.Struct, frozen=True):
    """One pair, one answer, and what is true. All distances are operator norms.

    truth: largest distance at the points tried. truly: "equal", "different" or "near" (to rounding the tolerance).
    faults: what is wrong with the answer, in words; empty where nothing is.
    shown: what the counterexample shows: "reproduced", "weak" (its states are no further apart than the tolerance),
        "unrounded" (rounding of its angles hides it), "none" or "".
    seconds: of the processor, of the checker alone. checker: digest of its sources.
    """

    number: int
    kind: str
    more: tuple[str, ...]
    wires: int
    bound: bool
    tolerance: float
    truth: float
    truly: str
    verdict: str
    method: str
    strength: str
    seconds: float
    faults: tuple[str, ...] = ()
    shown: str = ""
    interval: tuple[float, float] | None = None
    message: str = ""
    checker: str = ""


def subjects(of: Pair, folder: str = "") -> tuple[Subject, Subject]:
    """Both circuits as subjects; both declare all parameters."""
    a, b = (make_subject(f"{folder}{name}.qpy", c, of.names) for name, c in (("a", of.a), ("b", of.b)))
    return a, b


def answer(of: Pair, folder: str = "") -> Answer:
    """What the checker says about a pair."""
    return decide(*subjects(of, folder), Question("unitary", tolerance=of.tolerance, seed=of.seed))


def judged(number: int, salt: str = "0", widest: int = 8, count: int = POINTS) -> Record:
    """Draw a pair, ask, and compare with the truth at `count` points and at those of the answer."""
    of = pair(number, salt, widest)
    tried = points(Random(f"points|{number}"), of.names, of.trees, count)  # noqa: S311  # reproducible
    both = [(matrix(of.a, at), matrix(of.b, at)) for at in tried]
    distances = [arc_distance(U, V) for U, V in both]
    start = time.process_time()
    try:
        said = _limited(of)
    except Exception as fault:  # noqa: BLE001  # whatever it raises is what is reported
        return _record(of, max(distances), "", fault, time.process_time() - start)
    seconds = time.process_time() - start
    shown, extra, faults = _counterexample(of, said)
    worst = max([*distances, *extra])
    room = max([rounding(of.trees, at) for at in tried])
    truly = "near" if abs(worst - of.tolerance) <= room else "different" if worst > of.tolerance else "equal"
    faults += _wrong_word(said, truly, worst, of.tolerance + room)
    faults += _wrong_interval(of, said, worst, room) + wrong_besides(of, said, both)
    return _record(of, worst, truly, said, seconds, tuple(faults), shown)


def _record(
    of: Pair, worst: float, truly: str, said: Answer | Exception, seconds: float,
    faults: tuple[str, ...] = (), shown: str = "",
) -> Record:  # fmt: skip
    common = of.number, of.kind, of.more, of.a.num_qubits, not of.names, of.tolerance, worst, truly
    if isinstance(said, Exception):
        what = f"{type(said).__name__}: {said}"
        return Record(*common, "crash", "", "", seconds, ("crash",), message=what, checker=checker())
    interval = (float(said.distance.lo), float(said.distance.hi)) if said.distance else None
    return Record(
        *common, said.verdict, said.method, said.strength, seconds, faults, shown, interval, said.message, checker()
    )


@cache
def checker() -> str:
    """Digest of the sources of the package under test."""
    root = Path(qverify.__file__).parent
    found = [file.read_bytes() for file in sorted(root.rglob("*.py"))]
    return hashlib.sha256(b"".join(found)).hexdigest()[:12]


def _limited(of: Pair) -> Answer:
    """The answer, or TimeoutError after LIMIT_S."""

    def late(*_: object) -> None:
        raise TimeoutError(f"over {LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(LIMIT_S)
    try:
        return answer(of)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _counterexample(of: Pair, said: Answer) -> tuple[str, list[float], list[str]]:
    """(what the counterexample shows, distances at its values that can be trusted, faults)."""
    if said.verdict != "different":
        return "", [], []
    if said.counterexample is None:
        return "none", [], []
    at = {p: said.counterexample.values.get(p, 0.0) for p in of.names}
    room = rounding(of.trees, at)
    if room > of.tolerance / 10 + 1e-9:  # float64 would lose the angles
        from .precise import precise_matrix  # needs sympy, of the extra `bench`

        sides = precise_matrix(of.a, at), precise_matrix(of.b, at)
        room = MATRIX
    else:
        sides = matrix(of.a, at), matrix(of.b, at)
    found = arc_distance(*sides)
    if found <= of.tolerance - room:
        return "weak", [found], ["counterexample's values show no difference"]
    seen = state_distance(sides, said.counterexample.input)
    return ("reproduced" if seen > of.tolerance - room else "weak"), [found], []


def state_distance(sides: tuple[Matrix, Matrix], letters: str) -> float:
    """min over phase of ||U psi - e^{i phi} V psi|| for a product input."""
    prepared = QuantumCircuit(len(letters))
    for wire, letter in enumerate(letters):
        for gate in PREPARE[letter]:
            {"x": prepared.x, "h": prepared.h, "s": prepared.s, "d": prepared.sdg}[gate](wire)
    psi = Statevector(prepared).data
    left, right = (side @ psi for side in sides)
    overlap = np.vdot(right, left)
    return float(np.linalg.norm(left - (overlap / abs(overlap) if abs(overlap) else 1.0) * right))


def _wrong_word(said: Answer, truly: str, worst: float, bound: float) -> list[str]:
    if said.verdict == "equivalent" and worst > bound:
        return ["false equivalent"]
    if said.verdict == "different" and truly == "equal":
        return ["false different"]
    return []


def _wrong_interval(of: Pair, said: Answer, worst: float, room: float) -> list[str]:
    if said.distance is None:
        return []
    lo, hi = said.distance.lo - room, said.distance.hi + room
    if not of.names:
        return [] if lo <= worst <= hi else ["interval missed"]
    if said.verdict == "equivalent" and worst > hi:
        return ["interval missed"]
    if lo <= worst:
        return []
    source = Random(f"more|{of.number}")  # noqa: S311  # reproducible
    found = (truth(of.a, of.b, at) for at in points(source, of.names, of.trees, MORE_POINTS))
    return [] if any(lo <= d for d in found) else ["interval missed"]
