"""The routing table: which method answers "are A and B the same?", tried from the strongest and cheapest down.

    unitary, any input   1 Pauli-rotation normal form            equal: proof, at any width
                         2 Clifford points                       different: proof with a witness, at any width
                         3 prime-field identity test             equal for all angles: exact, to about 14 qubits
                         4 residual clusters (bound circuits)    equal or different, two-sided distance, any width
                         5 dense matrices at drawn angles        different, or equal where nothing is left to draw
                         6 states from drawn product inputs      different, to 16 qubits
    any other question   dense maps at drawn angles              different, or equal where nothing is left to draw

Agreement at drawn angles alone is "undecided". Every effort is bounded by counted operations, never by the clock,
so the same pair and seed give the same answer in every run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st
from numpy.random import Generator, default_rng

from qverify.draws import inputs, search, values
from qverify.equivalence.answer import Answer, DistanceInterval
from qverify.equivalence.clifford_points import CliffordWitness, clifford_witness
from qverify.equivalence.clusters import compare_bound
from qverify.equivalence.difference import show_expectation, show_states, state_distance
from qverify.equivalence.distance import Side, distance
from qverify.equivalence.field_identity import field_identity
from qverify.equivalence.layout import layout_undone
from qverify.equivalence.pauli_form import PauliForm, agreement, pauli_form
from qverify.equivalence.rotations import steps
from qverify.errors import CannotCompare, Undecidable
from qverify.finding import Counterexample
from qverify.semantics.instrument import MAX_WIRES
from qverify.structure import is_dynamic
from qverify.subject import Subject
from qverify.subject.claims import Input, Notion

ANGLES = 24
STATES = 48
SMALL = 6  # wires up to which dense matrices are the plainer way
MAX_STATE_WIRES = 16
FLOOR = 1e-9  # below it nothing is worth shrinking
UNITARY = "min over phase of ||U - e^{i phi} V||"


@dataclass(frozen=True)
class Question:
    """What is asked. ancilla: wires that only B has, starting in |0>; discard: wires of B that are traced out."""

    notion: Notion
    input: Input = "any"
    tolerance: float = 1e-8
    ancilla: tuple[int, ...] = ()
    discard: tuple[int, ...] = ()
    seed: int = 0


def default_notion(a: Subject, b: Subject) -> Notion:
    """`unitary` where neither circuit measures, resets or branches, else `instrument`."""
    return "instrument" if is_dynamic(a.circuit) or is_dynamic(b.circuit) else "unitary"


def decide(a: Subject, b: Subject, question: Question) -> Answer:
    """Whether two circuits are the same; parameters are matched by name, a transpiler's layout is undone.

    Raises:
        CannotCompare: the question does not fit the circuits.
    """
    a, b = (replace(side, circuit=layout_undone(side.circuit)) for side in (a, b))
    _fits(a, b, question)
    rng = _generator(a, b, question.seed)
    try:
        if question.notion == "unitary" and question.input == "any" and not (question.ancilla or question.discard):
            return _unitary(a, b, question, rng)
        return _dense(a, b, question, rng)
    except Undecidable as why:
        return _answer(question, "undecided", "none", "none", message=why.sentence)


def _answer(question: Question, verdict: str, method: str, strength: str, **more: object) -> Answer:
    return Answer(verdict, question.notion, question.input, method, strength, **more)  # type: ignore[arg-type]  # literals


def _fits(a: Subject, b: Subject, question: Question) -> None:
    for side in (a, b):
        if question.notion == "unitary" and is_dynamic(side.circuit):
            raise CannotCompare(
                "measures, resets or branches, so it is no unitary; use --notion instrument", side.path
            )
    unmatched = sorted(set(a.parameters) ^ set(b.parameters))
    if unmatched:
        owner = a if unmatched[0] in a.parameters else b
        raise CannotCompare(
            f"has the parameter `{unmatched[0]}`, the other circuit has not; rename one", owner.path
        )
    for k in (*question.ancilla, *question.discard):
        if not 0 <= k < b.circuit.num_qubits:
            raise CannotCompare(f"has no wire {k}; it has {b.circuit.num_qubits}", b.path)
    inner = [b.circuit.num_qubits - len(set(cut)) for cut in (question.ancilla, question.discard)]
    if question.input == "zero":
        inner[0] = a.circuit.num_qubits
    if question.notion == "outcomes":
        inner[1] = a.circuit.num_qubits
    if inner != [a.circuit.num_qubits] * 2:
        raise CannotCompare(
            f"has {b.circuit.num_qubits} wires and {a.path} has {a.circuit.num_qubits}; "
            "say which extra wires start in |0> (--ancilla) and which are traced out (--discard)",
            b.path,
        )


def _generator(a: Subject, b: Subject, seed: int) -> Generator:
    word = hashlib.sha256(f"{a.circuit_digest}|{b.circuit_digest}|{seed}".encode()).digest()
    return default_rng(int.from_bytes(word[:16], "big"))


def _unitary(a: Subject, b: Subject, question: Question, rng: Generator) -> Answer:
    forms = _forms(a, b)
    if forms is not None:
        agreed = agreement(*forms)
        if agreed is not None and agreed.slope == 0.0 and agreed.constant <= question.tolerance:
            found = DistanceInterval(UNITARY, 0.0, agreed.constant)
            more: dict[str, object] = {"error_bound": agreed.constant, "distance": found, "from_zero": True}
            return _answer(question, "equivalent", "Pauli-rotation normal form", "proof", **more)
        witness = _witness(a, b, rng)
        if witness is not None:
            simple = _simplest_state(a, b, rng, ()) if a.circuit.num_qubits <= MAX_WIRES else None
            return _refuted(a, b, question, witness, permutation(*forms), simple)
        identity = _identity(a, b, question)
        if identity is not None:
            return identity
    moved = None if forms is None else permutation(*forms)
    if not a.parameters and a.circuit.num_qubits > SMALL:
        bounded = _clusters(a, b, question, rng, moved)
        if bounded is not None:
            return bounded
    if a.circuit.num_qubits <= MAX_WIRES:
        return _dense(a, b, question, rng, moved)
    return _states(a, b, question, rng, moved)


def _forms(a: Subject, b: Subject) -> tuple[PauliForm, PauliForm] | None:
    try:
        return pauli_form(a.circuit), pauli_form(b.circuit)
    except Undecidable:
        return None


def permutation(a: PauliForm, b: PauliForm) -> tuple[int, ...] | None:
    """The output wire of B that each output wire of A is, where that alone differs; None where it is not proved."""
    n = len(a.rows) // 2
    plain = PauliForm(a.layers, (), a.snapped, a.slope), PauliForm(b.layers, (), b.snapped, b.slope)
    if agreement(*plain) is None:
        return None
    places = {(b.rows[k], b.rows[n + k]): k for k in range(n)}
    found = tuple(places.get((a.rows[k], a.rows[n + k]), -1) for k in range(n))
    return found if sorted(found) == list(range(n)) else None


def _witness(a: Subject, b: Subject, rng: Generator) -> CliffordWitness | None:
    left, right = (list(steps(side.circuit)) for side in (a, b))
    return clifford_witness(left, right, a.circuit.num_qubits, a.parameters, rng)


def _refuted(
    a: Subject,
    b: Subject,
    question: Question,
    witness: CliffordWitness,
    moved: tuple[int, ...] | None,
    simple: Counterexample | None,
) -> Answer:
    gap = (1.0 - witness.other - witness.error) / 2  # |<Q>_A - <Q>_B| <= 2 ||U - e^{i phi} V||
    more: dict[str, object] = {
        "error_bound": witness.error,
        "distance": DistanceInterval(UNITARY, gap, 2.0),
        "counterexample": simple or show_expectation(a, b, witness),
        "up_to_permutation": moved,
    }
    return _answer(question, "different", "Clifford point", "proof", **more)


def _identity(a: Subject, b: Subject, question: Question) -> Answer | None:
    """The prime-field test, where it can be run and agrees."""
    try:
        found = field_identity(a.circuit, b.circuit, f"{a.circuit_digest}|{b.circuit_digest}|{question.seed}")
    except Undecidable:
        return None
    if found is None or found.snapped > question.tolerance:
        return None
    interval = DistanceInterval(UNITARY, 0.0, found.snapped)
    more: dict[str, object] = {"error_bound": found.chance, "distance": interval, "from_zero": True}
    return _answer(question, "equivalent", "prime-field identity test", "exact", **more)


def _dense(
    a: Subject, b: Subject, question: Question, rng: Generator, moved: tuple[int, ...] | None = None
) -> Answer:
    """Compare whole maps at drawn angles; with no parameter there is one point, and it decides."""
    left, right = Side(a.circuit), Side(b.circuit, question.ancilla, question.discard)

    def apart(at: dict[str, float]) -> float:
        return distance(left, right, at, question.notion, question.input).lo

    bound = not a.parameters
    worst = search(values(a), apart, rng, floor=FLOOR, examples=1 if bound else ANGLES)
    at = worst.at if worst.case is None else worst.case
    found = distance(left, right, at, question.notion, question.input)
    interval = DistanceInterval(found.quantity, found.lo, found.hi)
    method = "dense maps" if bound else f"dense maps at {worst.tried} drawn angles"
    if found.lo > question.tolerance:
        more: dict[str, object] = {
            "counterexample": _shown(a, b, question, rng),
            "up_to_permutation": moved,
            "distance": interval,
        }
        return _answer(question, "different", method, "numerical", error_bound=found.hi - found.lo, **more)
    if bound and found.hi <= question.tolerance:
        return _answer(
            question,
            "equivalent",
            method,
            "numerical",
            error_bound=found.hi,
            distance=interval,
            from_zero=None if question.notion == "outcomes" else True,  # equal records say nothing of states
        )
    why = (
        "no drawn angle tells them apart, which proves nothing about the others"
        if not bound
        else "too close to call"
    )
    return _answer(question, "undecided", method, "none", distance=interval, message=why)


def _shown(a: Subject, b: Subject, question: Question, rng: Generator) -> Counterexample | None:
    """A counterexample in states, where both circuits act on the same wires without measurement."""
    if is_dynamic(a.circuit) or is_dynamic(b.circuit) or a.circuit.num_qubits != b.circuit.num_qubits:
        return None
    return _simplest_state(a, b, rng, range(a.circuit.num_qubits) if question.input == "zero" else ())


def _simplest_state(a: Subject, b: Subject, rng: Generator, zero: Sequence[int]) -> Counterexample | None:
    cases = st.tuples(values(a), inputs(a.circuit.num_qubits, tuple(zero)))
    worst = search(cases, lambda case: state_distance(a, b, *case), rng, floor=FLOOR, examples=STATES)
    return None if worst.case is None else show_states(a, b, *worst.case)


def _clusters(
    a: Subject, b: Subject, question: Question, rng: Generator, moved: tuple[int, ...] | None
) -> Answer | None:
    """Cancel two bound circuits against each other; an interval of their distance at any width, where it closes."""
    try:
        found = compare_bound(a.circuit, b.circuit, tolerance=question.tolerance)
    except Undecidable:
        return None
    interval = DistanceInterval(UNITARY, found.lo, found.hi)
    more: dict[str, object] = {"error_bound": found.hi - found.lo, "distance": interval}
    if found.verdict == "equal":
        return _answer(question, "equivalent", "residual clusters", "numerical", from_zero=True, **more)
    if found.verdict != "different":
        return None
    narrow = a.circuit.num_qubits <= MAX_STATE_WIRES
    shown = _simplest_state(a, b, rng, ()) if narrow else None
    where = f"the difference is on wires {', '.join(map(str, found.where))} of A's inputs" if found.where else ""
    more |= {"counterexample": shown, "up_to_permutation": moved, "message": where}
    return _answer(question, "different", "residual clusters", "numerical", **more)


def _states(a: Subject, b: Subject, question: Question, rng: Generator, moved: tuple[int, ...] | None) -> Answer:
    """Output states from drawn product inputs: they can only refute."""
    if a.circuit.num_qubits > MAX_STATE_WIRES:
        raise Undecidable(
            f"{a.circuit.num_qubits} qubits are too many for state vectors (at most {MAX_STATE_WIRES}), and no "
            "normal form or Clifford point decides"
        )
    shown = _simplest_state(a, b, rng, ())
    if shown is None:
        return _answer(
            question,
            "undecided",
            "drawn product inputs",
            "none",
            message="no drawn angle and input tells them apart",
        )
    letters = shown.input
    apart = state_distance(a, b, shown.values, letters)
    rounding = 2.0**-48 * (len(a.circuit.data) + len(b.circuit.data))
    if apart - rounding <= question.tolerance:
        return _answer(question, "undecided", "drawn product inputs", "none", message="too close to call")
    more: dict[str, object] = {
        "error_bound": rounding,
        "distance": DistanceInterval(UNITARY, apart - rounding, 2.0),
        "counterexample": shown,
        "up_to_permutation": moved,
    }
    return _answer(question, "different", "drawn product inputs", "numerical", **more)
