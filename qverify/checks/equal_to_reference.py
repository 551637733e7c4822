"""The circuit is the unitary that its claims name as its reference, for every angle and input.

Why: a wrong wire, a reversed ring or an angle fed the wrong input trains without complaint.
Formula: equal normal forms U = C exp(-i t_m P_m / 2) ... exp(-i t_1 P_1 / 2), a proof for all angles; and at drawn
angles min over phi of the operator norm of U - e^{i phi} V, or from |0...0> only, where the claim says
`input = "zero"`, the diamond distance of the two preparations.
Source: Litinski, Quantum 3, 128 (2019), arXiv:1808.02892 (Pauli rotations); Nielsen and Chuang, Quantum Computation
and Quantum Information (2010), sec. 4.5.3 (distance of unitaries).
Limits: a difference needs at most 10 qubits to be seen; where the forms differ and no drawn angle tells the
circuits apart, the agreement is numerical and proves nothing about other angles. Parameters are matched by name.
Fails: control and target of one CX exchanged.
Fix: compare the two circuits at the wires of the counterexample.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator

from qverify.check import NotApplicable, check
from qverify.comparison import claimed_reference, sides
from qverify.draws import inputs, search, values
from qverify.equivalence import distance, proved_equal
from qverify.equivalence.difference import show_states, state_distance
from qverify.finding import Counterexample, Evidence
from qverify.structure import is_dynamic
from qverify.subject import Subject

EXAMPLES = 24
LARGEST = 4 * np.pi  # of a parameter, for the bound where coefficients differ by rounding
FLOOR = 1e-9  # nothing below it is worth shrinking; the interval is reported as it is


@check(claims=("equivalent_to",), requires=("well_formed",))
def equal_to_reference(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """The largest distance from the reference over drawn angles."""
    claim, reference = claimed_reference(subject)
    if is_dynamic(subject.circuit) or is_dynamic(reference.circuit):
        raise NotApplicable("speaks of circuits without measurement; `deferred_measurement` compares the others")
    proved = proved_equal(subject.circuit, reference.circuit)
    if proved is not None:
        yield Evidence(
            quantity="min over phase of ||U - e^{i phi} V||",
            lo=0.0,
            hi=proved.constant + proved.slope * LARGEST,
            unit="1",
            where=f"against {reference.path}",
            method="equal Pauli-rotation normal forms, for all angles and inputs",
            strength="proof",
        )
    left, right = sides(subject)
    zero = tuple(range(subject.circuit.num_qubits)) if claim.input == "zero" else ()
    worst = search(
        values(subject),
        lambda bound: distance(left, right, bound, claim.notion, claim.input).hi,
        rng,
        floor=FLOOR,
        examples=EXAMPLES if proved is None else EXAMPLES // 3,
    )
    largest = distance(left, right, worst.at, claim.notion, claim.input)
    yield Evidence(
        quantity=largest.quantity,
        lo=largest.lo,
        hi=worst.defect,
        unit="1",
        where=f"against {reference.path}",
        method=f"{worst.tried} drawn angles, notion {claim.notion}, input {claim.input}",
        strength="numerical",
        counterexample=None if worst.case is None else _counterexample(subject, rng, zero),
    )


def _counterexample(subject: Subject, rng: Generator, zero: tuple[int, ...]) -> Counterexample | None:
    """The simplest angles and product input whose two output states differ."""
    _, reference = claimed_reference(subject)
    cases = st.tuples(values(subject), inputs(subject.circuit.num_qubits, zero))
    worst = search(
        cases, lambda case: state_distance(subject, reference, *case), rng, floor=FLOOR, examples=4 * EXAMPLES
    )
    return None if worst.case is None else show_states(subject, reference, *worst.case)
