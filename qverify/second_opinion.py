"""What MQT QCEC says about the same pair: another checker, by other methods, asked beside ours and never alone.

It is asked about circuits with numbers for angles (those of our counterexample, or drawn ones), in the gates u and
cx, with one thread and a trace threshold of 1e-13, since with its defaults it takes an rx off by 1e-4 for equal and
its answer may depend on timing. It changes no verdict: where the two disagree, both are shown.
Source: Burgholzer and Wille, IEEE TCAD 40, 1810 (2021), arXiv:2004.08420; MQT QCEC 3 (MIT).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Literal

from qiskit import transpile

from qverify.equivalence.answer import SecondOpinion
from qverify.equivalence.question import Named, Question, paired
from qverify.equivalence.states import drawn_values
from qverify.semantics.binding import bind
from qverify.structure import is_dynamic
from qverify.subject import Subject

TOOL = "MQT QCEC"
TRACE_THRESHOLD = 1e-13
_WORDS: dict[str, Literal["equivalent", "different"]] = {
    "equivalent": "equivalent",
    "equivalent_up_to_global_phase": "equivalent",
    "equivalent_up_to_phase": "equivalent",
    "not_equivalent": "different",
}


def opinion(
    a: Subject, b: Named, question: Question, values: Mapping[str, float] | None, seconds: float
) -> SecondOpinion:
    """What the other checker says. It may crash the process: call it in a child.

    Args:
        values: of the parameters; drawn where None.
    """
    if find_spec("mqt") is None or find_spec("mqt.qcec") is None:
        return SecondOpinion(TOOL, "none", "is not installed; `pip install mqt.qcec`")
    dynamic = is_dynamic(a.circuit) or is_dynamic(b.circuit)
    if dynamic or question.ancilla or question.discard or question.input == "zero":
        return SecondOpinion(TOOL, "none", "is asked about circuits of gates on the same wires, from any input")
    from mqt import qcec

    pair = paired(a, b, question)
    at = drawn_values(pair, "second opinion") if values is None else values
    left, right = (
        transpile(bind(side.circuit, at), basis_gates=["u", "cx"], optimization_level=0)
        for side in (pair.a, pair.b)
    )
    found = qcec.verify(left, right, timeout=seconds, parallel=False, trace_threshold=TRACE_THRESHOLD)
    word = str(found.equivalence).rsplit(".", 1)[-1]
    where = "drawn angles" if values is None else "the angles of the counterexample"
    return SecondOpinion(
        TOOL, _WORDS.get(word, "undecided"), f"says `{word}`" + ("" if pair.bound else f" at {where}")
    )
