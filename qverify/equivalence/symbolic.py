"""Methods that speak of all angles at once, for circuits of gates: each alone, each with an answer or None.

    normal form      equal Pauli-rotation forms                     equivalent: proof, at any width
    Clifford point   other stabilisers at angles of pi/2            different: proof with a witness, at any width
    prime field      equal outputs modulo a random 256-bit prime    equivalent: exact, to about 14 qubits
    rotation axes    equal axes, whatever numbers lie between       equivalent: numerical, to 8 qubits

None is no answer: unequal forms, equal stabilisers and unequal residues prove nothing.
"""

from __future__ import annotations

from qverify.equivalence.answer import Answer, DistanceInterval, Strength, answered
from qverify.equivalence.axes import axes_agreement
from qverify.equivalence.clifford_points import clifford_witness
from qverify.equivalence.difference import show_expectation
from qverify.equivalence.field_identity import field_identity
from qverify.equivalence.pauli_form import SNAP, Agreement, agreement, pauli_form
from qverify.equivalence.question import Pair
from qverify.errors import Undecidable
from qverify.semantics.rotations import steps

LARGEST = 1e3  # of a parameter, or of an expression in parameters, where coefficients differ by rounding
ROUNDED = f"coefficients of parameters differ by rounding, and the bound holds for values up to {LARGEST:g}"
COARSE = 2000  # rotations up to which a second pair of forms is worth its time
UNITARY = "min over phase of ||U - e^{i phi} V||"


def by_normal_form(pair: Pair) -> Answer | None:
    """Equal by proof, where both circuits have the same Pauli-rotation normal form."""
    agreed = None if pair.forms is None else agreement(*pair.forms) or _coarse(pair)
    if agreed is None:
        return None
    return _within(pair, agreed.constant, agreed.slope, "Pauli-rotation normal form", "proof")


def _coarse(pair: Pair) -> Agreement | None:
    """Forms in which rotations below the tolerance are left out, each counted in the bound."""
    snap = 2 * pair.question.tolerance
    if pair.forms is None or snap <= SNAP or sum(len(layer) for layer in pair.forms[0].layers) > COARSE:
        return None
    a, b = (pauli_form(side.circuit, snap) for side in (pair.a, pair.b))
    return agreement(a, b, snap)


def _within(pair: Pair, constant: float, slope: float, method: str, strength: Strength) -> Answer | None:
    """Equal within constant + slope * LARGEST, if that is within the tolerance."""
    bound = constant + slope * LARGEST
    if bound > pair.question.tolerance:
        return None
    more: dict[str, object] = {
        "error_bound": bound,
        "distance": DistanceInterval(UNITARY, 0.0, bound),
        "from_zero": True,
        "message": f"{ROUNDED}; for larger values nothing is shown" if slope else "",
    }
    return answered(pair.question, "equivalent", method, strength, **more)


def by_clifford_point(pair: Pair) -> Answer | None:
    """Different by proof, where angles that are multiples of pi/2 tell the circuits apart."""
    if pair.forms is None:
        return None
    left, right = (list(steps(side.circuit)) for side in (pair.a, pair.b))
    draws = pair.generator("Clifford points")
    witness = clifford_witness(left, right, pair.wires, pair.a.parameters, draws)
    if witness is None:
        return None
    gap = (1.0 - witness.other - witness.error) / 2  # |<Q>_A - <Q>_B| <= 2 ||U - e^{i phi} V||
    if gap <= pair.question.tolerance:
        return None
    more: dict[str, object] = {
        "error_bound": witness.error,
        "distance": DistanceInterval(UNITARY, gap, 2.0),
        "counterexample": show_expectation(pair, witness),
    }
    return answered(pair.question, "different", "Clifford point", "proof", **more)


def by_axes(pair: Pair) -> Answer | None:
    """Equal for all angles within a computed bound, where the parameters turn about the same axes."""
    if pair.bound:
        return None
    try:
        found = axes_agreement(pair.a.circuit, pair.b.circuit, pair.question.tolerance)
    except Undecidable:
        return None
    if found is None:
        return None
    return _within(pair, found.constant, found.slope, "rotation axes", "numerical")


def by_prime_field(pair: Pair) -> Answer | None:
    """Equal up to a stated chance, where exact residues at a random point agree; from zero, where that is asked."""
    zero = pair.question.input == "zero"
    try:
        found = field_identity(pair.a.circuit, pair.b.circuit, pair.name, from_zero=zero)
    except Undecidable:
        return None
    if found is None or found.snapped > pair.question.tolerance:
        return None
    interval = DistanceInterval(UNITARY, 0.0, found.snapped)
    more: dict[str, object] = {"error_bound": found.chance, "distance": interval, "from_zero": True}
    return answered(pair.question, "equivalent", "prime-field identity test", "exact", **more)
