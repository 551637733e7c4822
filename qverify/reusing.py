"""`qverify reuse`: a circuit on fewer wires, written once the file was read back and proved to be the same.

What is compared, from |0...0>: the probabilities of all classical records (`outcomes`); and where the final state
of some wires is an output, the map of every record onto these (`instrument`), all others being reset on both sides.
Narrowing and comparison run in limited child processes. Nothing is written where the two are not equal by proof or
exact test, unless that is allowed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec
from qiskit.qasm3 import QASM3ExporterError

from qverify.certificate import write_atomic
from qverify.discovery import load_subject
from qverify.equivalence.answer import Answer
from qverify.equivalence.decide import Question, decide
from qverify.errors import CannotCompare, CannotLoad, CannotWrite, Unusable
from qverify.isolated import run_isolated
from qverify.load import load_circuit
from qverify.report.reuse import Life, Lifetimes, Reused, Width
from qverify.rewriting import SUFFIXES, encoded
from qverify.subject import Subject, make_subject
from qverify.wires.rewrite import Narrowed, narrowed

Notion = Literal["instrument", "outcomes"]


class Request(msgspec.Struct, frozen=True):
    """What is asked. notion: "outcomes" if the classical bits are all that is wanted. discard: unwanted wires."""

    path: str
    notion: Notion = "instrument"
    discard: tuple[int, ...] = ()
    seed: int = 0
    allow_python: bool = False
    allow_undecided: bool = False


class _Sent(msgspec.Struct, frozen=True):
    """What a child sends: the file and what is known of it, or a refusal."""

    result: Reused | None = None
    data: bytes = b""
    sentence: str = ""
    where: str = ""
    line: int | None = None
    usage: bool = False


def reused_file(request: Request, out: Path, seconds: float, memory: int) -> Reused:
    """Write a circuit on fewer wires, if it is the same computation.

    Raises:
        CannotLoad: the circuit cannot be read, or none of its wires can be reused (exit code 3).
        CannotCompare: there is no such wire to discard (exit code 2).
        CannotWrite: the file cannot be written (exit code 2).
    """
    suffix, started = out.suffix.lower(), time.monotonic()
    if suffix not in SUFFIXES:
        raise CannotWrite(f"is no format for circuits; end it in one of {', '.join(SUFFIXES)}", str(out))
    made, reason = _in_child(partial(_narrow, request, suffix), request, seconds, memory)
    if made is None or made.result is None:
        raise CannotLoad(f"finding fewer wires for it {reason}", request.path)
    left = max(0.1, seconds - (time.monotonic() - started))
    compared, reason = _in_child(partial(_compare, request, made, suffix), request, left, memory)
    result = (made if compared is None else compared).result or made.result
    if compared is None:
        open_ = msgspec.structs.replace(result.equivalence, message=f"comparing it {reason}")
        result = msgspec.structs.replace(result, equivalence=open_)
    if not (result.is_proved or (request.allow_undecided and result.equivalence.verdict != "different")):
        return result
    try:
        write_atomic(out, made.data)
    except OSError as fault:
        raise CannotWrite(f"cannot be written ({fault.strerror}); choose another file", str(out)) from None
    return msgspec.structs.replace(result, written=True)


def exit_code(done: Reused) -> int:
    """0 if proved, 1 if different, else 4: undecided, or equal by numbers alone."""
    return 0 if done.is_proved else 1 if done.equivalence.verdict == "different" else 4


def _in_child(work: Callable[[], _Sent], request: Request, seconds: float, memory: int) -> tuple[_Sent | None, str]:
    ended = run_isolated(partial(_encoded, work), seconds, memory)
    if ended.answer is None:
        return None, ended.reason
    sent = msgspec.json.decode(ended.answer, type=_Sent)
    if sent.sentence:
        kind = CannotCompare if sent.usage else CannotLoad
        raise kind(sent.sentence, sent.where or request.path, sent.line)
    return sent, ""


def _encoded(work: Callable[[], _Sent]) -> bytes:
    try:
        return msgspec.json.encode(work())
    except Unusable as fault:
        usage = isinstance(fault, CannotCompare)
        return msgspec.json.encode(_Sent(sentence=fault.sentence, where=fault.where, line=fault.line, usage=usage))


def _narrow(request: Request, suffix: str) -> _Sent:
    subject = load_subject(request.path, allow_python=request.allow_python)
    wires = subject.circuit.num_qubits
    for k in request.discard:
        if not 0 <= k < wires:
            raise CannotCompare(f"has no wire {k}; it has {wires}", request.path)
    unwanted = {*request.discard, *subject.claims.discarded_wires}
    found = narrowed(subject.circuit, unwanted, "nothing" if request.notion == "outcomes" else "unmeasured")
    try:
        data = encoded(found.circuit, subject.parameters, suffix)
    except QASM3ExporterError as fault:
        raise CannotLoad(f"Qiskit cannot write it as OpenQASM 3 ({fault}); end OUT in .qpy", request.path) from None
    return _Sent(described(found, wires), data)


def described(found: Narrowed, wires: int) -> Reused:
    """What was found, without the circuit, for a circuit of some wires."""
    order = found.order
    width = Width(wires, found.circuit.num_qubits, min(order.at_least, wires), order.method)
    spans = [tuple(Life(s.wire, s.original, s.first, s.last) for s in side) for side in (found.before, found.after)]
    ends = tuple(found.wires[life] for life in order.ends)
    empty = Answer("undecided", "instrument" if found.outputs else "outcomes", "zero", "none", "none")
    return Reused(width, found.outputs, ends, found.begun, Lifetimes(*spans), empty)


def _compare(request: Request, made: _Sent, suffix: str) -> _Sent:
    if made.result is None:
        return made
    subject = load_subject(request.path, allow_python=request.allow_python)
    name = f"the narrower form of {request.path}"
    read = load_circuit(made.data, f"{name}{suffix}")
    other = make_subject(name, read.circuit, tuple(p.name for p in read.parameters))
    answer = same(subject, other, made.result.outputs, made.result.begun, seed=request.seed)
    return _Sent(msgspec.structs.replace(made.result, equivalence=answer))


def same(
    original: Subject, other: Subject, outputs: Sequence[int], begun: Sequence[int], *, seed: int = 0
) -> Answer:
    """Whether a narrower circuit is the same computation from |0...0>.

    Args:
        outputs: wires of the original whose final state is an output; a narrower circuit has them as first wires.
        begun: all its wires, in the order in which their lives begin in the other, which makes forms alike.
    """
    wide, narrow = original.circuit.num_qubits, other.circuit.num_qubits
    kept = outputs if narrow < wide else sorted(outputs)
    if not kept:
        named = _on(original, begun)
        return decide(named, other, Question("outcomes", "zero", seed=seed))
    if narrow == wide:
        return decide(original, other, Question("instrument", "zero", seed=seed))
    first = [*kept, *(k for k in begun if k not in set(kept))]
    left = _reset_after(other, range(len(kept), narrow))
    right = _reset_after(_on(original, first), range(len(kept), wide))
    question = Question("instrument", "zero", discard=tuple(range(narrow, wide)), seed=seed)
    return decide(left, right, question)


def _on(subject: Subject, wires: Sequence[int]) -> Subject:
    """The circuit with its wire wires[k] as wire k."""
    circuit, goes = subject.circuit.copy_empty_like(), {wire: k for k, wire in enumerate(wires)}
    own = {qubit: circuit.qubits[goes[k]] for k, qubit in enumerate(subject.circuit.qubits)}
    for item in subject.circuit.data:
        circuit.append(item.replace(qubits=[own[q] for q in item.qubits]), copy=False)
    return replace(subject, circuit=circuit)


def _reset_after(subject: Subject, wires: range) -> Subject:
    circuit = subject.circuit.copy()
    for wire in wires:
        circuit.reset(wire)
    return replace(subject, circuit=circuit)
