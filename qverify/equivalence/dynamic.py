"""Methods for circuits that measure, reset or branch, or whose wires are ancillas or traced out.

    deferred form    equal in all that can be observed after deferral      equivalent: proof, any width
    deferral         deferred forms that turn about the same axes          equivalent: numerical, 8 wires
    exact branches   Kraus operators of every path, modulo a prime        equivalent: exact, few wires
    drawn events     probabilities of what happens in one of the two      different, any width

The first three speak of all angles. Equal unitaries of the deferred forms, matched ancilla by ancilla, are equal
instruments: the diamond distance is at most 2 d for unitaries at distance d. None is no answer; what differs in few
wires is measured and shown by dense maps (`qverify.equivalence.numerical`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from qiskit.circuit import ControlFlowOp, ForLoopOp, Measure, QuantumCircuit, Reset

from qverify.equivalence.answer import Answer, DistanceInterval, Strength, answered
from qverify.equivalence.axes import axes_agreement
from qverify.equivalence.crowd import CrowdLayers
from qverify.equivalence.difference import show_event
from qverify.equivalence.events import telling_event
from qverify.equivalence.field_branches import Ends, same_maps
from qverify.equivalence.isometry_form import IsometryForm, isometry_form
from qverify.equivalence.isometry_match import same_isometries
from qverify.equivalence.pauli_form import SNAP, form_of_steps
from qverify.equivalence.question import Pair
from qverify.equivalence.states import drawn_values
from qverify.errors import Undecidable
from qverify.semantics import defer
from qverify.semantics.deferral import Deferred
from qverify.semantics.rotations import Step, steps, steps_of
from qverify.structure import is_leaf, leaves

DIAMOND = "diamond norm of the difference"
FINE = 1e-13
FEW = 10  # wires, and forks, up to which the whole map is computed
NARROW, COINS = 14, 12  # wires, and measurements and resets, up to which all paths are followed
POINTS = 2  # drawn angles at which events are looked for
Wires = tuple[int, ...]
OUTCOMES = "total variation of the outcomes"


def by_deferral(pair: Pair) -> Answer | None:
    """Equal within a bound for all angles, where deferred forms turn about the same axes, ancilla by ancilla."""
    question = pair.question
    if question.ancilla or question.discard or pair.wires != pair.b.circuit.num_qubits:
        return None
    try:
        left, right = defer(pair.a.circuit), defer(pair.b.circuit)
        matched = _matched_ancillas(left, right)
        axes = None if matched is None else axes_agreement(left.circuit, matched, question.tolerance)
    except Undecidable:
        return None
    if axes is None or axes.slope != 0.0 or 2 * axes.constant > question.tolerance:
        return None
    return _equal(pair, "deferral", "numerical", 2 * axes.constant, 2 * axes.constant)


def by_isometry_form(pair: Pair) -> Answer | None:
    """Equal for all angles, where all that can be observed is the same after deferral."""
    question = pair.question
    for snap in (FINE, SNAP):  # angles of a Fourier transform are small; those that a compiler writes are rounded
        try:
            left = _form(pair.a.circuit, pair, (), (), snap)
            right = _form(pair.b.circuit, pair, question.ancilla, question.discard, snap)
        except Undecidable:
            return None
        found = same_isometries(left, right)
        if found is not None and found.slope == 0.0 and 2 * found.constant <= question.tolerance:
            return _equal(pair, "deferred normal form", "proof", 2 * found.constant, 2 * found.constant)
        if not (_almost_clifford(left) or _almost_clifford(right)):
            return None  # there is nothing that a coarser look would take for a multiple of pi / 2
    return None


def _almost_clifford(form: IsometryForm) -> bool:
    """Whether an angle is within SNAP of a multiple of pi / 4, where forms change, and not at it."""
    constants = [abs(angle.constant) for layer in form.layers for angle in layer.values()]
    return any(0.0 < min(t, abs(t - math.pi / 4)) < SNAP for t in constants)


def _form(circuit: QuantumCircuit, pair: Pair, zero: Wires, discard: Wires, snap: float) -> IsometryForm:
    deferred, notion = defer(circuit), pair.question.notion
    inputs = [] if pair.question.input == "zero" else [k for k in range(circuit.num_qubits) if k not in set(zero)]
    seen: dict[tuple[object, ...], tuple[str, int]] = {}
    if notion != "channel":
        seen |= {("bit", c): ("1", 0) if w is None else ("Z", w) for c, w in enumerate(deferred.records)}
    if notion != "outcomes":
        outputs = [wire for k, wire in enumerate(deferred.outputs) if k not in set(discard)]
        seen |= {("out", j, letter): (letter, wire) for j, wire in enumerate(outputs) for letter in "XZ"}
    form = form_of_steps(_steps(deferred), deferred.width, snap, CrowdLayers())
    return isometry_form(form, inputs, seen, snap)


def _steps(deferred: Deferred) -> Iterator[Step]:
    """The gates of a deferred form as Clifford gates and rotations, without a circuit where none is a composite."""
    if all(is_leaf(op) for op, _ in deferred.gates):
        for op, wires in deferred.gates:
            yield from steps_of(op, tuple(wires))
    else:
        yield from steps(deferred.circuit)


def _equal(pair: Pair, method: str, strength: Strength, apart: float, error: float) -> Answer:
    question = pair.question
    outcomes = question.notion == "outcomes"
    more: dict[str, object] = {
        "error_bound": error,
        "distance": DistanceInterval(OUTCOMES if outcomes else DIAMOND, 0.0, apart),
        "from_zero": None if outcomes and question.input == "any" else True,
    }
    return answered(question, "equivalent", method, strength, **more)


def _matched_ancillas(a: Deferred, b: Deferred) -> QuantumCircuit | None:
    """The second deferred form on the wires of the first: outputs and records alike, the rest in order."""
    if (a.inputs, a.circuit.num_qubits, len(a.records)) != (b.inputs, b.circuit.num_qubits, len(b.records)):
        return None
    ends = [*zip(b.outputs, a.outputs, strict=True), *zip(b.records, a.records, strict=True)]
    goes = {k: k for k in range(a.inputs)}
    for theirs, ours in ends:
        if theirs is None or ours is None:
            if theirs is not ours:
                return None
        elif goes.setdefault(theirs, ours) != ours:
            return None
    left = [k for k in range(a.circuit.num_qubits) if k not in set(goes.values())]
    for k in range(b.circuit.num_qubits):
        if k not in goes and left:
            goes[k] = left.pop(0)
    if sorted(goes.values()) != list(range(a.circuit.num_qubits)):
        return None
    out = QuantumCircuit(a.circuit.num_qubits)
    out.compose(b.circuit, [goes[k] for k in range(b.circuit.num_qubits)], inplace=True)
    return out


def by_exact_branches(pair: Pair) -> Answer | None:
    """Equal up to a stated chance, where the Kraus operators of all paths agree, record by record."""
    question = pair.question
    zero_a = range(pair.wires) if question.input == "zero" else ()
    zero_b = range(pair.b.circuit.num_qubits) if question.input == "zero" else question.ancilla
    notion = "instrument" if question.notion == "unitary" else question.notion
    sides = Ends(pair.a.circuit, tuple(zero_a)), Ends(pair.b.circuit, tuple(zero_b), question.discard)
    try:
        found = same_maps(*sides, notion, pair.name)
    except Undecidable:
        return None
    if found is None or 2 * found.snapped > question.tolerance:
        return None
    return _equal(pair, "exact branches", "exact", 2 * found.snapped, found.chance)


def by_events(pair: Pair) -> Answer | None:
    """Different, where a drawn event is likelier in one of two circuits whose paths are too many to follow."""
    return _by_events(pair) if _beyond_branches(pair) else None


def by_late_events(pair: Pair) -> Answer | None:
    """The same for those whose paths were followed, and whose maps take long to compute."""
    large = max(pair.wires, pair.b.circuit.num_qubits, _forks(pair.a.circuit), _forks(pair.b.circuit)) > FEW
    return _by_events(pair) if large and not _beyond_branches(pair) else None


def _beyond_branches(pair: Pair) -> bool:
    circuits = pair.a.circuit, pair.b.circuit
    return any(c.num_qubits > NARROW or _forks(c, branches=False) > COINS for c in circuits)


def _by_events(pair: Pair) -> Answer | None:
    question = pair.question
    for k in range(1 if pair.bound else POINTS):
        at = {} if pair.bound else drawn_values(pair, f"point {k}")
        event = telling_event(pair, at, question.tolerance)
        if event is None:
            continue
        where = "" if pair.bound else " at the angles of the counterexample"
        quantity, scale = (OUTCOMES, 1.0) if question.notion == "outcomes" else (DIAMOND, 2.0)
        more: dict[str, object] = {
            "error_bound": event.left.error + event.right.error,
            "distance": DistanceInterval(quantity + where, scale * event.gap, scale),
            "counterexample": show_event(pair, at, event),
        }
        return answered(question, "different", "drawn events", "numerical", **more)
    return None


def _forks(circuit: QuantumCircuit, *, branches: bool = True) -> int:
    """Measurements, resets and, if wanted, branches: each may double the number of paths; `while` counts once."""
    found = 0
    for leaf in leaves(circuit):
        op = leaf.operation
        if isinstance(op, ForLoopOp):
            found += len(op.params[0]) * _forks(op.blocks[0], branches=branches)
        elif isinstance(op, ControlFlowOp):
            found += branches + sum(_forks(block, branches=branches) for block in op.blocks)
        else:
            found += isinstance(op, Measure | Reset)
    return found
