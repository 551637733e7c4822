"""The two-term parameter-shift rule gives the gradient of every observable by every weight.

Why: on hardware the gradient is measured by this rule; where a weight is used twice, scaled, or turns a
controlled rotation, the rule is wrong and training follows a wrong slope.
Formula: (f(theta + pi/2) - f(theta - pi/2)) / 2 against the five-point difference quotient with h = 2^-9.
Source: Schuld et al., Phys. Rev. A 99, 032331 (2019), arXiv:1811.11184.
Limits: numerical, at the angles, features and inputs tried; the difference quotient is right to about 1e-11.
Fails: one weight that turns two rotations.
Fix: give each rotation its own weight, or drop the claim `gradient_rule`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.check import check
from qverify.draws import inputs, product_state, search, values
from qverify.errors import every
from qverify.finding import Counterexample, Evidence
from qverify.semantics import difference_gradient, shift_gradient
from qverify.snippet import load_lines, prepare_lines, snippet
from qverify.subject import Subject

EXAMPLES = 12
TRUNCATION = 1e-11  # of the difference quotient, for a sum of a few rotations with angles of either law
FLOOR = 1e-7
Real = NDArray[np.float64]
Case = tuple[dict[str, float], str]


@check(claims=("gradient_rule", "weights", "observables"), requires=("well_formed",))
def shift_rule(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """The largest difference between the two gradients over drawn angles and inputs."""
    cases = st.tuples(values(subject), inputs(subject.circuit.num_qubits, subject.claims.zero_wires))
    worst = search(cases, lambda c: float(np.abs(_gap(subject, c)).max()), rng, floor=FLOOR, examples=EXAMPLES)
    scale = max(o.bound for o in subject.observables())
    yield Evidence(
        quantity="max |shift rule - difference quotient|",
        lo=max(0.0, worst.defect - TRUNCATION * scale),
        hi=worst.defect + TRUNCATION * scale,
        unit="observable per radian",
        where=_where(subject, worst.case),
        method=f"{worst.tried} drawn angles and product inputs, {every(len(subject.claims.weights), 'weight')}",
        strength="numerical",
        counterexample=None if worst.case is None else _counterexample(subject, worst.case),
    )


def _gradients(subject: Subject, case: Case) -> tuple[Real, Real]:
    bound, letters = case
    what = subject.circuit, bound, subject.claims.weights, subject.observables(), product_state(letters)
    return shift_gradient(*what), difference_gradient(*what)


def _gap(subject: Subject, case: Case) -> Real:
    shift, difference = _gradients(subject, case)
    return np.asarray(shift - difference)


def _worst_pair(subject: Subject, case: Case) -> tuple[int, int]:
    gap = np.abs(_gap(subject, case))
    row, column = np.unravel_index(int(gap.argmax()), gap.shape)
    return int(row), int(column)


def _where(subject: Subject, case: Case | None) -> str:
    if case is None:
        return "every weight and observable"
    row, column = _worst_pair(subject, case)
    return f"d {subject.claims.observables[column]} / d {subject.claims.weights[row]}"


def _counterexample(subject: Subject, case: Case) -> Counterexample:
    bound, letters = case
    row, column = _worst_pair(subject, case)
    shift, difference = (float(g[row, column]) for g in _gradients(subject, case))
    weight, observable = subject.claims.weights[row], subject.claims.observables[column]
    return Counterexample(
        values=bound,
        input=letters,
        record="",
        expected=f"d {observable} / d {weight} = {difference:.6g} (difference quotient)",
        observed=f"{shift:.6g} (shift rule)",
        snippet=snippet(
            load_lines(subject.path, {p: v for p, v in bound.items() if p != weight}),
            prepare_lines(letters),
            [
                "from qverify.semantics import expectations",
                "psi = Statevector(prepared).data[None]",
                f"f = lambda t: expectations(circuit, {{{weight!r}: [t]}}, [{observable!r}], psi)[0, 0]",
                f"t = {bound[weight] + 0.0!r}",
                "print('shift rule', (f(t + np.pi / 2) - f(t - np.pi / 2)) / 2)",
                "print('difference quotient', (f(t + 1e-5) - f(t - 1e-5)) / 2e-5)",
            ],
            imports=("from qiskit.quantum_info import Statevector", "import numpy as np"),
        ),
    )
