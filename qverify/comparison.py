"""A subject beside its claimed reference: which circuits, and which wires of them are compared."""

from __future__ import annotations

from qverify.equivalence import Side
from qverify.errors import Undecidable
from qverify.subject import EquivalentTo, Reference, Subject


def claimed_reference(subject: Subject) -> tuple[EquivalentTo, Reference]:
    """The claim of equality and the circuit it names.

    Raises:
        Undecidable: nothing is claimed, or the reference does not have the same parameters.
    """
    claim, reference = subject.claims.equivalent_to, subject.reference
    if claim is None or reference is None:
        raise Undecidable("no reference is claimed")
    unmatched = sorted(set(subject.parameters) ^ set(reference.parameters))
    if unmatched:
        raise Undecidable(f"the parameter `{unmatched[0]}` is in only one of the circuit and {reference.path}")
    return claim, reference


def sides(subject: Subject) -> tuple[Side, Side]:
    """The two sides to compare; wires that start in |0> by claim are no input on either side."""
    claim, reference = claimed_reference(subject)
    zero = subject.claims.zero_wires if claim.input == "any" and claim.notion != "unitary" else ()
    left = Side(subject.circuit, zero, ())
    return left, Side(reference.circuit, (*zero, *claim.ancilla), claim.discard)
