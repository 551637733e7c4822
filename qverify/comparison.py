"""A subject beside another circuit: which wires are compared, the question, and the answer as evidence.

An answer that decides is evidence about a distance. One that does not, because circuits agree at drawn angles alone
or because no method reaches them, is an interval up to the largest distance there is, which no bound accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from msgspec import structs

from qverify.equivalence import Side
from qverify.equivalence.answer import FARTHEST, Answer
from qverify.equivalence.decide import Question, decide
from qverify.equivalence.question import Pair, paired
from qverify.errors import CannotCompare, Undecidable
from qverify.finding import Evidence
from qverify.structure import is_dynamic
from qverify.subject import EquivalentTo, Reference, Subject

T = TypeVar("T", bound=Subject | Reference)
Wires = tuple[int, ...]
TOLERANCE = 1e-9  # what `decide` takes for equal; the interval it reports is judged by the policy alone


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


def against_reference(subject: Subject, where: str) -> Evidence:
    """How far a circuit is from its claimed reference, as the routing table answers.

    Raises:
        Undecidable: nothing decides.
    """
    answer = _answer_to_claim(subject)
    if answer.verdict == "undecided":
        raise Undecidable(f"{where}: {answer.message}")
    return evidence_of(answer, where, bound=not subject.parameters)


def _answer_to_claim(subject: Subject) -> Answer:
    """For every input; or where wires start in |0> by claim, at last for that input alone."""
    claim, pair = claimed(subject)
    zero = zero_inputs(subject, claim)
    if subject.reference is None:
        raise Undecidable("no reference is claimed")
    strict = answer_to(subject, subject.reference, pair.question)
    if strict.verdict == "equivalent" or not zero:
        return strict
    return answer_to(starting_in_zero(pair.a, zero), starting_in_zero(pair.b, zero), pair.question)


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
    whole = named.circuit.copy_empty_like(vars_mode="drop")  # composing declares them
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
    maps = is_dynamic(a.circuit) or is_dynamic(b.circuit) or bool(ancilla or discard)
    question = Question("instrument" if maps else "unitary", "any", TOLERANCE, ancilla, discard)
    return _decided(a, b, where, zero, question)


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
