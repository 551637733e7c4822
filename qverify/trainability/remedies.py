"""One look at a changed circuit: what it costs, and whether its largest variance passes.

    v = max over weights k of Var[d_k O] / ||O||**2      passes: lower end >= bound,  fails: upper end < bound

All looks share the confidence: of many, the one that looks best is otherwise the luckiest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from numpy.random import Generator
from qiskit.circuit import QuantumCircuit

from qverify.errors import Undecidable, Unusable
from qverify.subject import Observable
from qverify.trainability.answer import Remedy, Row, row_of
from qverify.trainability.extract import chain_of
from qverify.trainability.moment import Moment
from qverify.trainability.route import Question, Responses, respond

MOST = 32  # looks
RELATIVE_ERROR = 0.2
LARGE = 5000  # operations from which on fewer looks are taken
EFFORT = 2**33  # updates of an amplitude, a minute or two
SAMPLES = 4096  # that `respond` draws at least


@dataclass(frozen=True)
class Case:
    """A circuit and a question; change in words, law as text."""

    kind: str
    change: str
    circuit: QuantumCircuit
    question: Question
    law: str = ""


@dataclass(frozen=True)
class Effort:
    """How many looks each kind of remedy may take: 4 + 1 + 6 + 6 + 2 + 7 + 1 + 2 at most, or fewer."""

    claimed: int = 4
    single: int = 6
    layers: int = 6
    widths: int = 7


def effort_of(circuit: QuantumCircuit, sampled: bool) -> Effort:
    """What about EFFORT updates of an amplitude allow, where gradients are sampled."""
    size = max(1, len(circuit.data))
    looks = MOST if size <= LARGE else 12
    if sampled:
        looks = min(looks, EFFORT // _updates(circuit))
    if looks >= MOST:
        return Effort()
    return Effort(2, 2, 3, 3) if looks >= 12 else Effort(1, 1, 2, 0)


def _updates(circuit: QuantumCircuit) -> int:
    """About how many updates of an amplitude sampled gradients take."""
    qubits: int = circuit.num_qubits
    return 4 * SAMPLES * max(1, len(circuit.data)) * (1 << min(qubits, 64))


def _require_quick(case: Case) -> None:
    """Refuse what only sampled gradients reach, where one look would take most of the effort."""
    if _updates(case.circuit) <= EFFORT // 4:
        return
    asked = case.question
    try:
        chain_of(
            case.circuit,
            asked.observable,
            asked.weights,
            laws=asked.laws,
            features=asked.features,
            feature_range=asked.feature_range,
            zero_wires=asked.zero_wires,
        )
    except Undecidable as reason:
        also = "and sampled gradients would take minutes here: ask for this alone, by --observable and --law"
        raise Undecidable(f"no Pauli walks: {reason.sentence}; {also}") from None


def is_sampled(method: str) -> bool:
    """Whether gradients at drawn angles gave the answer."""
    return "drawn points" in method  # as `sampled` calls it


def judged(top: Row, threshold: float) -> str:
    """Whether the interval is above the threshold."""
    limit = math.log2(threshold)
    if top.log2_lo is not None and top.log2_lo >= limit:
        return "passes"
    return "fails" if top.log2_hi is None or top.log2_hi < limit else "undecided"


def largest(answer: Responses, observable: Observable) -> Row:
    """The largest variance over ||O||**2, its upper end over all weights."""
    if observable.bound == 0.0:
        raise Unusable(f"the observable `{observable.text}` is zero, and so is every gradient; give another one")
    best, scale = answer.variances[answer.largest], observable.bound**-2
    hi = max(m.log2_hi for m in answer.variances)
    name = answer.names[answer.largest]
    return row_of(name, Moment(best.log2, best.log2_lo, hi, best.sided).times(scale), name in answer.dead)


class Looks:
    """Measures cases, each with its share of the confidence and a generator of its own."""

    def __init__(self, question: Question, threshold: float, rng: Generator) -> None:
        self.threshold, self.rng = threshold, rng
        self.question = replace(
            question,
            confidence=1.0 - (1.0 - question.confidence) / MOST,
            relative_error=max(RELATIVE_ERROR, question.relative_error),
            focus="",
        )

    def measure(self, case: Case) -> Remedy:
        """The remedy with its interval, or with the reason why it has none."""
        text = case.question.observable.text
        rng = self.rng.spawn(1)[0]
        try:
            _require_quick(case)
            answer = respond(case.circuit, case.question, rng)
            top = largest(answer, case.question.observable)
        except (Undecidable, Unusable) as reason:
            return Remedy(case.kind, case.change, text, case.law, None, "undecided", reason.sentence)
        return Remedy(case.kind, case.change, text, case.law, top, judged(top, self.threshold), answer.method)
