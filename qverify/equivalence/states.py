"""Telling two circuits of gates apart by an input that is easy to prepare.

    min over phi of || U psi - e^{i phi} V psi ||  =  || U psi - e^{i phi} V psi ||  at  e^{i phi} ~ <V psi, U psi>

for product inputs psi: what they show is a lower bound on the distance of the unitaries. To FEW wires the reference
semantics runs, and hypothesis shrinks angles and input; above, qiskit-aer's state vector, for a few inputs in order
of simplicity. Product states span the operators, so a difference shows on some of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit
from qiskit.exceptions import QiskitError

from qverify.draws import LETTERS, any_values, inputs, product_state, search, values
from qverify.equivalence.question import Named, Pair
from qverify.errors import Undecidable
from qverify.semantics import run
from qverify.semantics.binding import bind
from qverify.semantics.judge import state_from
from qverify.snippet import PREPARE
from qverify.structure import leaf_count

FEW = 12
MOST = 22
DRAWN = 4  # inputs beside |0...0> and |+...+>, above FEW wires
EXAMPLES = 48
SHRINKABLE = 128  # parameters; drawing more by hypothesis takes seconds a case
FLOOR = 1e-9  # below it nothing is worth shrinking
Vector = NDArray[np.complex128]


def state_distance(a: Named, b: Named, bound: Mapping[str, float], letters: str) -> float:
    """min over phase of || U psi - e^{i phi} V psi || for circuits of gates, from the residual.

    The residual is right down to rounding, where 1 - |overlap| would lose half the digits.
    """
    return _apart(*(_end(side.circuit, bound, letters) for side in (a, b)))


def _apart(left: Vector, right: Vector) -> float:
    overlap = np.vdot(right, left)
    phase = overlap / abs(overlap) if abs(overlap) > 0 else 1.0
    return float(np.linalg.norm(left - phase * right))


def rounding(pair: Pair) -> float:
    """A bound on the rounding of `state_distance`."""
    return 2.0**-48 * (leaf_count(pair.a.circuit) + leaf_count(pair.b.circuit) + 2)


def _end(circuit: QuantumCircuit, bound: Mapping[str, float], letters: str) -> Vector:
    names = {p.name for p in circuit.parameters}
    at = {p: v for p, v in bound.items() if p in names}
    if len(letters) <= FEW:
        end: Vector = run(circuit, {p: np.array([v]) for p, v in at.items()}, product_state(letters))[0][0][0]
        return end
    prepared = QuantumCircuit(len(letters))
    for k, letter in enumerate(letters):
        for gate in PREPARE[letter]:
            getattr(prepared, gate)(k)
    try:
        return state_from(prepared, bind(circuit, at))
    except QiskitError as fault:
        raise Undecidable(f"qiskit-aer does not run it: {str(fault).splitlines()[0]}") from None


class Shown(NamedTuple):
    """Angles and a product input whose two outputs are at a distance."""

    values: dict[str, float]
    letters: str
    distance: float


def simplest_difference(
    pair: Pair, *, zero_only: bool = False, at: Mapping[str, float] | None = None
) -> Shown | None:
    """The simplest angles and product input found whose two outputs differ; None where none was found.

    Args:
        zero_only: only from |0...0>.
        at: fixed values of the parameters; drawn where None.

    Raises:
        Undecidable: more wires than state vectors are made for.
    """
    if pair.wires > MOST:
        raise Undecidable(f"{pair.wires} qubits are too many for state vectors (at most {MOST})")
    if pair.wires > FEW or len(pair.a.parameters) > SHRINKABLE:
        return _first(pair, zero_only, at)
    zero = tuple(range(pair.wires)) if zero_only else ()
    angles = values(pair.a, pair.b.circuit) if at is None else st.just(dict(at))
    cases = st.tuples(angles, inputs(pair.wires, zero))
    draws = pair.generator("states")
    worst = search(cases, lambda case: _quick_distance(pair, *case), draws, floor=FLOOR, examples=EXAMPLES)
    if worst.case is None:
        return None
    apart = state_distance(pair.a, pair.b, *worst.case)  # by the reference semantics, whatever found it
    if apart <= pair.question.tolerance < worst.defect:  # too simple to show it
        return Shown(*worst.at, state_distance(pair.a, pair.b, *worst.at))
    return Shown(*worst.case, apart) if apart > FLOOR / 2 else None


def _quick_distance(pair: Pair, values: Mapping[str, float], letters: str) -> float:
    """`state_distance` by prepared programs, where there are some."""
    if pair.programs is None:
        return state_distance(pair.a, pair.b, values, letters)
    psi = product_state(letters).T
    left, right = (program.run(values, psi) for program in pair.programs)
    return _apart(left, right)


def _first(pair: Pair, zero_only: bool, at: Mapping[str, float] | None) -> Shown | None:
    """The first of a few cases that shows a difference, the simplest inputs first."""
    least = max(FLOOR, pair.question.tolerance + rounding(pair))
    for letters in _simple_inputs(pair, zero_only):
        found = dict(at) if at is not None else drawn_values(pair, letters)
        apart = state_distance(pair.a, pair.b, found, letters)
        if apart > least:
            return Shown(found, letters, apart)
    return None


def _simple_inputs(pair: Pair, zero_only: bool) -> Iterable[str]:
    yield "0" * pair.wires
    if zero_only:
        return
    yield "+" * pair.wires
    rng = pair.generator("inputs")
    for _ in range(DRAWN):
        yield "".join(LETTERS[k] for k in rng.integers(len(LETTERS), size=pair.wires))


def drawn_values(pair: Pair, purpose: str) -> dict[str, float]:
    """One value for every parameter, the same for the same purpose.

    Raises:
        Undecidable: the angles are undefined for most values.
    """
    return any_values(pair.a, pair.generator(f"values {purpose}"), pair.b.circuit)
