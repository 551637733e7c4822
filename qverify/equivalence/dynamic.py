"""Methods for circuits that measure, reset or branch, or whose wires are ancillas or traced out.

    exact branches   Kraus operators of every path, modulo a prime   equivalent: exact, for all angles, few wires

None is no answer; what differs is found and shown by dense maps (`qverify.equivalence.numerical`).
"""

from __future__ import annotations

from qverify.equivalence.answer import Answer, DistanceInterval, answered
from qverify.equivalence.field_branches import Ends, same_maps
from qverify.equivalence.question import Pair
from qverify.errors import Undecidable

DIAMOND = "diamond norm of the difference"
OUTCOMES = "total variation of the outcomes"


def by_exact_branches(pair: Pair) -> Answer | None:
    """Equal up to a stated chance, where the Kraus operators of all paths agree, record by record."""
    question = pair.question
    zero_a = range(pair.wires) if question.input == "zero" else ()
    zero_b = range(pair.b.circuit.num_qubits) if question.input == "zero" else question.ancilla
    notion = "instrument" if question.notion == "unitary" else question.notion
    try:
        found = same_maps(
            Ends(pair.a.circuit, tuple(zero_a)),
            Ends(pair.b.circuit, tuple(zero_b), question.discard),
            notion,
            pair.name,
        )
    except Undecidable:
        return None
    if found is None or 2 * found.snapped > question.tolerance:
        return None
    outcomes = question.notion == "outcomes"
    more: dict[str, object] = {
        "error_bound": found.chance,
        "distance": DistanceInterval(OUTCOMES if outcomes else DIAMOND, 0.0, 2 * found.snapped),
        "from_zero": None if outcomes and question.input == "any" else True,
    }
    return answered(question, "equivalent", "exact branches", "exact", **more)
