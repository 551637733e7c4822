"""A subject beside its claimed reference: which circuits, which wires, and how to show a difference."""

from __future__ import annotations

from collections.abc import Mapping

from qverify.equivalence import Side
from qverify.errors import Undecidable
from qverify.finding import Counterexample
from qverify.snippet import load_lines, prepare_lines, snippet
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


def show_states(subject: Subject, bound: Mapping[str, float], letters: str, apart: float) -> Counterexample:
    """A counterexample that prints the distance of two output states."""
    _, reference = claimed_reference(subject)
    return Counterexample(
        values=dict(bound),
        input=letters,
        record="",
        expected=f"the state that {reference.path} prepares from it",
        observed=f"a state at distance {apart:.6g} from it",
        snippet=snippet(
            load_lines(subject.path, bound),
            load_lines(reference.path, bound, "reference"),
            prepare_lines(letters),
            [
                "found, wanted = (Statevector(prepared.compose(c)).data for c in (circuit, reference))",
                "overlap = np.vdot(wanted, found)",
                "phase = overlap / abs(overlap) if abs(overlap) else 1.0",
                "print('distance', np.linalg.norm(found - phase * wanted))",
            ],
            imports=("from qiskit.quantum_info import Statevector", "import numpy as np"),
        ),
    )
