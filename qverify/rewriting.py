"""Circuits written by a transformation: the file is read back and proved equal before it is put in place.

What is compared is what a reader of the file will have, not what was in memory; nothing is written where the two
are not equal. Deferral, transformation and comparison run in a limited child process.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from qiskit import QuantumCircuit, qasm3, qpy

from qverify.certificate import write_atomic
from qverify.discovery import load_subject
from qverify.equivalence.answer import Answer
from qverify.equivalence.decide import Question, decide
from qverify.errors import CannotLoad, CannotWrite, Unusable
from qverify.isolated import run_isolated
from qverify.load import load_circuit
from qverify.semantics import defer
from qverify.semantics.binding import renamed
from qverify.subject import make_subject

SUFFIXES = (".qasm", ".qasm3", ".qpy")


class Rewritten(msgspec.Struct, frozen=True):
    """A transformed circuit. ancillas: wires that start in |0> and are traced out."""

    ancillas: tuple[int, ...]
    equivalence: Answer
    written: bool = False


class _Made(msgspec.Struct, frozen=True):
    """What the child sends: the file and its answer, or a refusal."""

    result: Rewritten | None = None
    data: bytes = b""
    sentence: str = ""
    where: str = ""
    line: int | None = None


def deferred_file(
    path: str, out: Path, *, seconds: float, memory: int, seed: int, options: tuple[bool, bool]
) -> Rewritten:
    """Write the deferred-measurement form of a circuit, if it is equal to it.

    Args:
        options: whether Python builders may run, and whether an undecided form is written too.

    Raises:
        CannotLoad: the circuit cannot be read or has no deferred form (exit code 3).
        CannotWrite: the file cannot be written (exit code 2).
    """
    if out.suffix.lower() not in SUFFIXES:
        raise CannotWrite(f"is no format for circuits; end it in one of {', '.join(SUFFIXES)}", str(out))
    ended = run_isolated(partial(_deferred, path, out.suffix.lower(), seed, options[0]), seconds, memory)
    if ended.timed_out:
        message = f"{ended.reason}: time-out"
        return Rewritten((), Answer("undecided", "instrument", "any", "none", "none", message=message))
    if ended.answer is None:
        raise CannotLoad(f"deferring its measurements {ended.reason}", path)
    made = msgspec.json.decode(ended.answer, type=_Made)
    if made.result is None:
        raise CannotLoad(made.sentence, made.where or path, made.line)
    allowed = ("equivalent", "undecided") if options[1] else ("equivalent",)
    if made.result.equivalence.verdict not in allowed:
        return made.result
    try:
        write_atomic(out, made.data)
    except OSError as fault:
        raise CannotWrite(f"cannot be written ({fault.strerror}); choose another file", str(out)) from None
    return msgspec.structs.replace(made.result, written=True)


def _deferred(path: str, suffix: str, seed: int, allow_python: bool) -> bytes:
    try:
        return msgspec.json.encode(_made(path, suffix, seed, allow_python))
    except Unusable as fault:
        return msgspec.json.encode(_Made(sentence=fault.sentence, where=fault.where, line=fault.line))


def _made(path: str, suffix: str, seed: int, allow_python: bool) -> _Made:
    subject = load_subject(path, allow_python=allow_python)
    deferred = defer(subject.circuit)
    data = encoded(deferred.measured(), subject.parameters, suffix)
    try:
        read = load_circuit(data, f"the deferred form of {path}{suffix}")
    except CannotLoad:
        _refuse_names(path, subject.parameters)
        raise
    names = tuple(p.name for p in read.parameters)
    lost = [name for name in subject.parameters if name not in names]
    if lost:
        raise _cannot_spell(path, lost[0])
    other = make_subject(f"the deferred form of {path}", read.circuit, names)
    notion = Question("instrument", ancilla=deferred.ancillas, discard=deferred.ancillas, seed=seed)
    return _Made(Rewritten(deferred.ancillas, decide(subject, other, notion)), data)


def encoded(circuit: QuantumCircuit, parameters: Sequence[str], suffix: str) -> bytes:
    """A circuit as the bytes of a file.

    Qiskit's exporter of OpenQASM 3 sorts parameters and renames one that is called like a gate; here they are
    declared in order, by their own names.
    """
    if suffix == ".qpy":
        out = io.BytesIO()
        qpy.dump(circuit, out)
        return bytes(out.getvalue())
    plain = {name: f"declared_{k:06d}" for k, name in enumerate(parameters)}
    text = qasm3.dumps(renamed(circuit, plain))
    for name, exported in plain.items():
        text = text.replace(exported, _spelling(name))
    return str(text).encode()


def _spelling(name: str) -> str:
    """A parameter's name as an identifier; elements of a vector as Qiskit writes them."""
    return name if name.isidentifier() else "_" + re.sub(r"\W", "_", name)


def _refuse_names(path: str, names: Sequence[str]) -> None:
    """Say which parameter a file that cannot be read has to thank for it, if one has.

    Raises:
        CannotLoad: a name is a word of OpenQASM 3, or written as another one is.
    """
    seen = set[str]()
    for name in sorted(names, key=lambda name: not name.isidentifier()):
        own = _spelling(name)
        try:
            load_circuit(f"OPENQASM 3.0;\ninput float[64] {own};\nqubit q;\n".encode(), "name.qasm")
        except CannotLoad:
            raise _cannot_spell(path, name) from None
        if own in seen:
            raise _cannot_spell(path, name)
        seen.add(own)


def _cannot_spell(path: str, name: str) -> CannotLoad:
    said = f"has the parameter `{name}`, a name that OpenQASM 3 does not allow"
    return CannotLoad(f"{said}; rename it, or write a file that ends in .qpy", path)
