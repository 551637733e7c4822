"""The circuit is what its claims name as its reference, for every angle and every input that they speak of.

Why: a wrong wire, a reversed ring or an angle fed the wrong input trains without complaint.
Formula: the distance of the notion claimed: min over phi of the operator norm of U - e^{i phi} V, the diamond norm
of the difference of the maps, or the total variation of the records.
Source: Litinski, Quantum 3, 128 (2019), arXiv:1808.02892 (normal form of Pauli rotations, a proof at any width);
Schwartz, J. ACM 27, 701 (1980) (identity test); Nielsen and Chuang, Quantum Computation and Quantum Information
(2010), sec. 4.5.3 (distance of unitaries).
Limits: circuits that agree at drawn angles and have no proof are undecided. To 8 qubits dense matrices at a few
drawn angles are computed beside the proof, so that a fault of either shows; above, the proof stands alone.
Fails: control and target of one CX exchanged.
Fix: compare the two circuits at the wires of the counterexample.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator

from qverify.check import NotApplicable, check
from qverify.comparison import against_reference, claimed, sides
from qverify.draws import search, values
from qverify.equivalence import distance
from qverify.finding import Evidence
from qverify.structure import is_dynamic
from qverify.subject import Subject

EXAMPLES = 8
MAX_DENSE = 8  # wires up to which the dense matrices take less time than everything else
NOTHING_SMALLER = float("inf")  # the counterexample is the other evidence's; nothing is shrunk here


@check(claims=("equivalent_to",), requires=("well_formed",))
def equal_to_reference(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """The distance from the reference, twice."""
    reference = subject.reference
    if is_dynamic(subject.circuit) or (reference is not None and is_dynamic(reference.circuit)):
        raise NotApplicable("speaks of circuits without measurement; `deferred_measurement` compares the others")
    where = f"against {reference.path if reference else ''}"
    yield against_reference(subject, where)
    if subject.circuit.num_qubits <= MAX_DENSE:
        yield _at_drawn_angles(subject, rng, where)


def _at_drawn_angles(subject: Subject, rng: Generator, where: str) -> Evidence:
    """The largest distance of the dense maps at a few angles."""
    claim, _ = claimed(subject)
    left, right = sides(subject)
    worst = search(
        values(subject),
        lambda at: distance(left, right, at, claim.notion, claim.input).hi,
        rng,
        floor=NOTHING_SMALLER,
        examples=EXAMPLES if subject.parameters else 1,
    )
    largest = distance(left, right, worst.at, claim.notion, claim.input)
    return Evidence(
        quantity=largest.quantity,
        lo=float(largest.lo),
        hi=float(worst.defect),
        unit="1",
        where=where,
        method=f"{worst.tried} drawn angles, notion {claim.notion}, input {claim.input}",
        strength="numerical",
    )
