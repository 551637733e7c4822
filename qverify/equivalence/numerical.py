"""Methods that compute numbers: each alone, each with an answer or None.

residual clusters    bound circuits of gates, any width      two-sided distance: equivalent or different
clusters at points   the same at drawn angles                different
far values           coefficients that differ                different
dense maps           any notion, few wires                   different; equivalent where nothing is left to draw
states               drawn inputs, to 22 qubits              different; equivalent from |0...0>, likewise
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from qiskit.circuit import ControlFlowOp, Measure, QuantumCircuit

from qverify.angle_rounding import rounding as rounding_of
from qverify.angles import add
from qverify.draws import search, values
from qverify.equivalence.answer import Answer, DistanceInterval, answered
from qverify.equivalence.clusters import ClusterResult, compare_bound
from qverify.equivalence.difference import show_interval, show_states, simplest_event
from qverify.equivalence.distance import Side, distance, map_rounding
from qverify.equivalence.pauli_form import SLOPE
from qverify.equivalence.question import Pair
from qverify.equivalence.states import (
    FLOOR,
    MOST,
    Shown,
    drawn_values,
    rounding,
    simplest_difference,
    state_distance,
)
from qverify.equivalence.symbolic import UNITARY
from qverify.errors import Undecidable
from qverify.finding import Counterexample
from qverify.semantics.binding import bind
from qverify.semantics.instrument import unitary_distance
from qverify.semantics.rotations import Rotation, steps
from qverify.structure import leaves

ANGLES = 24
WIDEST = 14  # wires, ancillas among them, of circuits whose maps are computed
RECORDED = 14  # bits measured into
POINTS = 3  # drawn angles at which clusters are tried
SMALL = 6  # wires up to which dense matrices are the plainer way
FAR = (1e9, 1e6, 1e4, 100.0)  # how far out parameters are tried
FAR_TRIES = 6  # how many parameters
VAGUE = 0.5  # angles off by more tell nothing
FROM_ZERO = "min over phase of ||U|0> - e^{i phi} V|0>||"
NOTHING_MORE = "no drawn angle tells them apart, which proves nothing about the others"


def by_clusters(pair: Pair) -> Answer | None:
    """Cancel two bound circuits against each other; an interval of their distance, where it closes."""
    if not pair.bound or pair.wires <= SMALL:
        return None
    found = _clusters(pair, {})
    if found is None or found.verdict == "stuck":
        return None
    interval = DistanceInterval(UNITARY, found.lo, found.hi)
    more: dict[str, object] = {"error_bound": found.hi, "distance": interval}
    if found.verdict == "equal":
        return answered(pair.question, "equivalent", "residual clusters", "numerical", from_zero=True, **more)
    more |= {"error_bound": 0.0, "counterexample": _shown(pair, {}, found), "where": _wires(found)}
    return answered(pair.question, "different", "residual clusters", "numerical", **more)


def by_clusters_at_points(pair: Pair) -> Answer | None:
    """Different, where cancelling at one of a few drawn points says so."""
    if pair.bound or pair.wires <= SMALL:
        return None
    for k in range(POINTS):
        at = drawn_values(pair, f"point {k}")
        found = _clusters(pair, at)
        if found is not None and found.verdict == "different":
            more: dict[str, object] = {
                "error_bound": 0.0,
                "distance": DistanceInterval(f"{UNITARY} at the angles of the counterexample", found.lo, found.hi),
                "counterexample": _shown(pair, at, found),
                "where": _wires(found),
            }
            return answered(pair.question, "different", "residual clusters at drawn angles", "numerical", **more)
    return None


def _clusters(pair: Pair, at: dict[str, float]) -> ClusterResult | None:
    circuits = (side.circuit if pair.bound else bind(side.circuit, at) for side in (pair.a, pair.b))
    try:
        return compare_bound(*circuits, tolerance=pair.question.tolerance)
    except Undecidable:
        return None


def _wires(found: ClusterResult) -> str:
    return f"wires {', '.join(map(str, found.where))} of A, counted at its inputs" if found.where else ""


def _shown(pair: Pair, at: dict[str, float], found: ClusterResult) -> Counterexample:
    """An input whose outputs differ, where state vectors can be computed; else how the distance is found again."""
    try:
        case = simplest_difference(pair, at=at)
    except Undecidable:
        case = None
    return show_states(pair, case) if case is not None else show_interval(pair, at, found.lo, found.hi)


def by_far_values(pair: Pair) -> Answer | None:
    """Different, where forms differ in a coefficient alone: at a parameter so large that it shows."""
    located = None if pair.bound or pair.wires > MOST else _differing_coefficient(pair)
    if located is None:
        return None
    name, gap = located
    at = drawn_values(pair, "far")
    return _at_far(pair, [at | {name: math.pi / abs(gap)}, *(at | {name: at[name] * far} for far in FAR)])


def by_any_far_values(pair: Pair) -> Answer | None:
    """The same for parameters one by one, where nothing says which coefficient may differ."""
    if pair.bound or pair.wires > MOST:
        return None
    at = drawn_values(pair, "far")
    return _at_far(pair, [at | {p: at[p] * far} for p in pair.a.parameters[:FAR_TRIES] for far in FAR])


def _at_far(pair: Pair, tried: Iterable[dict[str, float]]) -> Answer | None:
    angles = [s.angle for side in (pair.a, pair.b) for s in steps(side.circuit) if isinstance(s, Rotation)]
    angles = [angle for angle in angles if angle.terms]
    tolerance = pair.question.tolerance
    for at in tried:
        slack = rounding(pair) + sum(rounding_of(angle, at) for angle in angles)
        if (
            not slack < VAGUE
            or max(state_distance(pair.a, pair.b, at, w) for w in _words(pair)) <= slack + tolerance
        ):
            continue
        shown = simplest_difference(pair, at=at)
        if shown is None or shown.distance - slack <= tolerance:
            continue
        more: dict[str, object] = {
            "error_bound": slack,
            "distance": DistanceInterval(UNITARY, shown.distance - slack, 2.0),
            "counterexample": show_states(pair, shown),
        }
        return answered(pair.question, "different", "states at far values", "numerical", **more)
    return None


def _words(pair: Pair) -> tuple[str, ...]:
    """A few product inputs."""
    return tuple((pattern * pair.wires)[: pair.wires] for pattern in ("0", "+", "r+0-1l"))


def _differing_coefficient(pair: Pair) -> tuple[str, float] | None:
    """The parameter whose coefficient differs, and by how much; None where forms differ otherwise."""
    if pair.forms is None:
        return None
    a, b = pair.forms
    if a.rows != b.rows or [set(layer) for layer in a.layers] != [set(layer) for layer in b.layers]:
        return None
    for left, right in zip(a.layers, b.layers, strict=True):
        for word, angle in left.items():
            for atom, gap in add(angle, right[word], -1.0).terms:
                if atom.kind == "parameter" and abs(gap) >= SLOPE:
                    return atom.name, gap
    return None


def by_dense_maps(pair: Pair) -> Answer | None:
    """Compare whole maps at drawn angles; with no parameter there is one point, and it decides."""
    question = pair.question
    if max(pair.wires, pair.b.circuit.num_qubits) > WIDEST:
        raise Undecidable(f"too many wires for the maps of every path (at most {WIDEST})")
    bits = max(_measured_bits(side.circuit) for side in (pair.a, pair.b))
    if bits > RECORDED:
        raise Undecidable(f"up to 2**{bits} records, too many to compare one by one (at most 2**{RECORDED})")
    left, right = Side(pair.a.circuit), Side(pair.b.circuit, question.ancilla, question.discard)

    def apart(at: dict[str, float]) -> float:
        if question.notion == "unitary" and question.input == "any" and pair.gates_only and pair.programs:
            columns = np.eye(2**pair.wires, dtype=np.complex128)
            left_map, right_map = (program.run(at, columns) for program in pair.programs)
            return unitary_distance(left_map, right_map, 0.0).lo
        return distance(left, right, at, question.notion, question.input).lo

    if pair.bound:
        at, tried = {}, 1
    else:
        worst = search(
            values(pair.a, pair.b.circuit), apart, pair.generator("dense maps"), floor=FLOOR, examples=ANGLES
        )
        at, tried = worst.at if worst.case is None else worst.case, worst.tried
    found = distance(left, right, at, question.notion, question.input)
    interval = DistanceInterval(found.quantity, found.lo, found.hi)
    method = "dense maps" if pair.bound else f"dense maps at {tried} drawn angles"
    more: dict[str, object] = {"distance": interval}
    if found.lo > question.tolerance:
        slack = map_rounding(left.circuit, right.circuit)
        more |= {"counterexample": _simplest(pair, at, found.lo), "error_bound": slack}
        return answered(question, "different", method, "numerical", **more)
    if pair.bound and found.hi <= question.tolerance:
        told = None if question.notion == "outcomes" else True  # equal records say nothing of states
        return answered(question, "equivalent", method, "numerical", error_bound=found.hi, from_zero=told, **more)
    why = "too close to call" if pair.bound or found.hi > question.tolerance else NOTHING_MORE
    return answered(question, "undecided", method, "none", message=why, **more)


def _measured_bits(circuit: QuantumCircuit) -> int:
    """How many bits a circuit measures into, in branches too: each doubles the records."""
    found: set[int] = set()
    for leaf in leaves(circuit):
        if isinstance(leaf.operation, Measure | ControlFlowOp):
            found.update(leaf.clbits)
    return len(found)


def _simplest(pair: Pair, at: dict[str, float], apart: float) -> Counterexample | None:
    """A counterexample in states, where both circuits act on the same wires without measurement; else an event."""
    if not pair.gates_only:
        return simplest_event(pair, at, apart)
    zero = pair.question.input == "zero"
    case = simplest_difference(pair, zero_only=zero) or simplest_difference(pair, zero_only=zero, at=at)
    return None if case is None else show_states(pair, case)


def by_states(pair: Pair) -> Answer | None:
    """Output states from product inputs: they refute; |0...0> as the only input also decides bound circuits."""
    question = pair.question
    if question.input == "zero" and pair.bound:
        return _by_one_state(pair)
    zero = question.input == "zero"
    method = "states from |0...0> at drawn angles" if zero else "states from product inputs"
    case = simplest_difference(pair, zero_only=zero)
    if case is None:
        return answered(question, "undecided", method, "none", message="no drawn angle and input tells them apart")
    apart, slack = case.distance, rounding(pair)
    if apart - slack <= question.tolerance:
        return answered(question, "undecided", method, "none", message="too close to call")
    more: dict[str, object] = {
        "error_bound": slack,
        "distance": _at_the_angles(
            pair, case, DistanceInterval(FROM_ZERO if zero else UNITARY, apart - slack, 2.0)
        ),
        "counterexample": show_states(pair, case),
    }
    return answered(question, "different", method, "numerical", **more)


def _at_the_angles(pair: Pair, shown: Shown, known: DistanceInterval) -> DistanceInterval:
    """The distance of the unitaries at the angles of a counterexample, where they are small; else what is known."""
    if known.quantity != UNITARY or pair.wires > SMALL + 2:
        return known
    found = distance(Side(pair.a.circuit), Side(pair.b.circuit), shown.values, "unitary")
    where = "" if pair.bound else " at the angles of the counterexample"
    return DistanceInterval(UNITARY + where, found.lo, found.hi)


def _by_one_state(pair: Pair) -> Answer:
    letters, slack = "0" * pair.wires, rounding(pair)
    apart = state_distance(pair.a, pair.b, {}, letters)
    found = DistanceInterval(FROM_ZERO, max(0.0, apart - slack), apart + slack)
    more: dict[str, object] = {"error_bound": slack, "distance": found}
    ask, method = pair.question, "states from |0...0>"
    if found.hi <= ask.tolerance:
        return answered(ask, "equivalent", method, "numerical", from_zero=True, **more)
    if found.lo <= ask.tolerance:
        return answered(ask, "undecided", method, "none", message="too close to call", distance=found)
    more["counterexample"] = show_states(pair, Shown({}, letters, apart))
    return answered(ask, "different", method, "numerical", from_zero=False, **more)
