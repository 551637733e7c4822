"""A subject beside another circuit: which wires are compared, the question, and the answer as evidence.

An answer that decides is evidence about a distance. One that does not, because circuits agree at drawn angles alone
or because no method reaches them, is an interval up to the largest distance there is, which no bound accepts.
Circuits that measure are compared with their measurements deferred first, which proves equality for all angles:

    equal unitaries of the deferred forms, matched ancilla by ancilla  =>  equal instruments, ||.||_diamond <= 2 d
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from msgspec import structs
from qiskit.circuit import QuantumCircuit

from qverify.equivalence import Side, proved_equal
from qverify.equivalence.answer import Answer
from qverify.equivalence.decide import Question, decide
from qverify.equivalence.question import Pair, paired
from qverify.errors import CannotCompare, Undecidable
from qverify.finding import Evidence
from qverify.generators import distance_for_all_angles
from qverify.semantics import defer
from qverify.semantics.deferral import Deferred
from qverify.structure import is_dynamic
from qverify.subject import EquivalentTo, Reference, Subject

T = TypeVar("T", bound=Subject | Reference)
Wires = tuple[int, ...]
TOLERANCE = 1e-9  # what `decide` takes for equal; the interval it reports is judged by the policy alone
FARTHEST = 2.0  # no two circuits are farther apart, under any notion
DIAMOND = "diamond norm of the difference"
UNITARY = "min over phase of ||U - e^{i phi} V||"


def claimed(subject: Subject) -> tuple[EquivalentTo, Pair]:
    """The claim of equality, and the circuit beside its reference with parameters matched as claimed.

    Raises:
        Undecidable: nothing is claimed, or the reference does not fit.
    """
    claim, reference = subject.claims.equivalent_to, subject.reference
    if claim is None or reference is None:
        raise Undecidable("no reference is claimed")
    question = Question(claim.notion, claim.input, TOLERANCE, claim.ancilla, claim.discard, match=claim.match)
    try:
        return claim, paired(subject, reference, question)
    except CannotCompare as why:
        raise Undecidable(f"{why}; `equivalent_to` claims `notion`, `match`, `ancilla` and `discard`") from None


def sides(subject: Subject) -> tuple[Side, Side]:
    """The two sides to compare; wires that start in |0> by claim are no input on either side."""
    claim, pair = claimed(subject)
    zero = zero_inputs(subject, claim)
    return Side(pair.a.circuit, zero, ()), Side(pair.b.circuit, (*zero, *claim.ancilla), claim.discard)


def zero_inputs(subject: Subject, claim: EquivalentTo) -> Wires:
    """The wires that are no input under a claim, because they start in |0>; a unitary has all its inputs."""
    return subject.claims.zero_wires if claim.input == "any" and claim.notion != "unitary" else ()


def answer_to(a: Subject, b: Subject | Reference, question: Question) -> Answer:
    """What the routing table answers.

    Raises:
        Undecidable: the question does not fit the circuits.
    """
    try:
        return decide(a, b, question)
    except CannotCompare as why:
        raise Undecidable(str(why)) from None


def starting_in_zero(named: T, wires: Wires) -> T:
    """The same circuit after a reset of some wires: compared for any input, it is compared from |0> on them."""
    whole = named.circuit.copy_empty_like()
    whole.global_phase = 0.0  # composing brings the phase
    for wire in wires:
        whole.reset(wire)
    return replace(named, circuit=whole.compose(named.circuit))


def evidence_of(answer: Answer, where: str, *, bound: bool) -> Evidence:
    """An answer as evidence.

    Args:
        where: what is compared.
        bound: whether no parameter is left. Where one is, a difference at some angles says nothing of the largest.
    """
    d = answer.distance
    lo, hi, method = (0.0, FARTHEST, answer.method) if d is None else (float(d.lo), float(d.hi), answer.method)
    if answer.verdict == "undecided":
        lo, hi, method = 0.0, FARTHEST, f"undecided ({answer.method}): {answer.message}"
    elif answer.verdict == "different":
        hi = hi if bound else FARTHEST
    if answer.strength == "exact":
        method += f", wrong with probability below {answer.error_bound:.1g}"
    return Evidence(
        quantity="distance" if d is None else d.quantity,
        lo=lo,
        hi=hi,
        unit="1",
        where="; ".join(filter(None, (where, answer.where))),
        method=method,
        strength="numerical" if answer.strength == "none" else answer.strength,
        counterexample=answer.counterexample,
    )


def same_computation(
    a: Subject,
    b: Subject | Reference,
    where: str,
    *,
    zero: Wires = (),
    ancilla: Wires = (),
    discard: Wires = (),
) -> Evidence:
    """How far two circuits are apart, as unitaries or, where one measures, as instruments.

    Args:
        where: what is compared.
        zero: wires that start in |0> on both sides. Equality from there counts, and where it is not for any input,
            that is told beside it.
        ancilla, discard: wires that only B has: those that start in |0>, those that are traced out.
    """
    extra = ancilla, discard
    dynamic, widened = is_dynamic(a.circuit) or is_dynamic(b.circuit), bool(ancilla or discard)
    maps = dynamic or widened
    if dynamic and not widened:
        defect = proved_by_deferral(a.circuit, b.circuit)
        if defect is not None and defect <= TOLERANCE:
            how = "equal for all angles once every measurement is deferred"
            return Evidence(DIAMOND, 0.0, defect, "1", where, how, "exact")
    nearest = None if dynamic or widened else for_all_angles(a, b, where)
    if nearest is not None and nearest.hi <= TOLERANCE:
        return nearest
    found = _decided(a, b, where, zero, Question("instrument" if maps else "unitary", "any", TOLERANCE, *extra))
    if nearest is None:
        return found
    farthest = nearest.hi if found.quantity.startswith("min over phase") else 2 * nearest.hi
    return structs.replace(found, hi=max(found.lo, min(found.hi, farthest)))


def _decided(a: Subject, b: Subject | Reference, where: str, zero: Wires, question: Question) -> Evidence:
    """What the routing table says for any input, or where that is no equality, from |0> on some wires."""
    strict, bound = answer_to(a, b, question), not a.parameters
    if strict.verdict == "equivalent" or not zero:
        only = "; equal from |0...0>" if strict.verdict == "different" and strict.from_zero else ""
        return evidence_of(strict, where + only, bound=bound)
    far = f"{strict.distance.lo:.2g} apart" if strict.distance and strict.verdict == "different" else "undecided"
    known = f"{where}; from |0> on {_listed(zero, a)} (for other inputs {far})"
    if len(zero) == a.circuit.num_qubits:
        return evidence_of(answer_to(a, b, replace(question, input="zero")), known, bound=bound)
    started = starting_in_zero(a, zero), starting_in_zero(b, zero)
    return evidence_of(answer_to(*started, replace(question, notion="instrument")), known, bound=bound)


def _listed(wires: Wires, a: Subject) -> str:
    everywhere = len(wires) == a.circuit.num_qubits
    return "every wire" if everywhere else f"wires {', '.join(map(str, sorted(wires)))}"


def for_all_angles(a: Subject, b: Subject | Reference, where: str) -> Evidence | None:
    """A proof for small circuits of gates with parameters, whose constant parts are written in different ways."""
    if not a.parameters or proved_equal(a.circuit, b.circuit) is not None:
        return None  # `decide` answers at once
    defect = distance_for_all_angles(a.circuit, b.circuit)
    if defect is None:
        return None
    return Evidence(UNITARY, 0.0, defect, "1", where, "equal generators of all rotations, as matrices", "exact")


def replayed_with(evidence: Evidence, built: Mapping[str, str], line: str) -> Evidence:
    """The evidence with a snippet that builds what is no file.

    Args:
        built: name of a circuit -> the expression that builds it.
        line: the import that the expressions need.
    """
    example = evidence.counterexample
    if example is None:
        return evidence
    text = example.snippet.replace("import qverify\n", f"import qverify\n{line}\n", 1)
    for name, expression in built.items():
        text = text.replace(f"qverify.load_subject({name!r}).circuit", expression)
    return structs.replace(evidence, counterexample=structs.replace(example, snippet=text))


def proved_by_deferral(a: QuantumCircuit, b: QuantumCircuit) -> float | None:
    """A bound on the diamond distance of two circuits that measure, for all angles; None proves nothing."""
    try:
        left, right = defer(a), defer(b)
        matched = _matched_ancillas(left, right)
    except Undecidable:
        return None
    if matched is None:
        return None
    agreed = proved_equal(left.circuit, matched)
    if agreed is not None and agreed.slope == 0.0:
        return 2 * agreed.constant
    d = distance_for_all_angles(left.circuit, matched) if a.parameters else None
    return None if d is None else 2 * d


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
