"""What every qubit of a file does: the file is read and looked through in a limited child process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from qverify.discovery import load_subject
from qverify.errors import BadClaims, CannotLoad, Unusable
from qverify.isolated import run_isolated
from qverify.load.python import build_object
from qverify.wires.asked import Input, idle_of
from qverify.wires.durations import Assumed, FromTarget
from qverify.wires.idle import Idle


@dataclass(frozen=True)
class Request:
    """One question.

    target: `file.py:function` that returns a Qiskit `Target`, or a backend that has one; empty: assumed durations.
    """

    path: str
    given: Input = ""
    target: str = ""
    allow_python: bool = False


class _Made(msgspec.Struct, frozen=True):
    """What the child sends: the answer, or a refusal."""

    result: Idle | None = None
    sentence: str = ""
    where: str = ""
    line: int | None = None


def idle_file(request: Request, seconds: float, memory: int) -> Idle:
    """What every qubit of a circuit file does.

    Raises:
        CannotLoad: the circuit or the target cannot be read or followed, or takes too long (exit code 3).
    """
    ended = run_isolated(partial(_work, request), seconds, memory)
    if ended.answer is None:
        raise CannotLoad(f"looking through its qubits {ended.reason}", request.path)
    made = msgspec.json.decode(ended.answer, type=_Made)
    if made.result is None:
        raise CannotLoad(made.sentence, made.where or request.path, made.line)
    return made.result


def _work(request: Request) -> bytes:
    try:
        subject = load_subject(request.path, allow_python=request.allow_python)
        durations = _target(request) if request.target else Assumed()
        made = _Made(idle_of(subject, durations, request.given))
    except (Unusable, BadClaims) as fault:
        made = _Made(sentence=fault.sentence, where=fault.where, line=fault.line)
    return msgspec.json.encode(made)


def _target(request: Request) -> FromTarget:
    if not request.allow_python:
        raise CannotLoad("a target is made by Python code, which runs only with --allow-python", request.target)
    made = build_object(request.target, Path())
    target = getattr(made, "target", made)
    if not hasattr(target, "operation_names"):
        raise CannotLoad("must return a Qiskit `Target`, or a backend that has one", request.target)
    return FromTarget(target)
