"""How trainable a circuit file is: the variance of every gradient, and how it falls with the number of qubits.

Everything runs in a limited child process; a time-out is undecided. One generator a size, from the seed and the
number of qubits, so that a size is the same in every list of sizes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from qiskit import QuantumCircuit

from qverify.certificate import write_atomic
from qverify.discovery import POLICY_NAME, load_subject
from qverify.errors import BadClaims, CannotCompare, CannotLoad, CannotWrite, Undecidable, Unusable
from qverify.isolated import run_isolated
from qverify.load.python import build_object
from qverify.policies import read_policy, root_of
from qverify.policy import default_policy
from qverify.report.variance_figure import Curve, variance_figure
from qverify.subject import Subject, parse_observable
from qverify.trainability.advice import advise
from qverify.trainability.answer import Plateau, Scale, Size, ThroughTime, moment_of, row_of
from qverify.trainability.families import FAMILIES, family
from qverify.trainability.informative import capacity_of
from qverify.trainability.laws import laws_of
from qverify.trainability.route import Question, Responses, respond
from qverify.trainability.scaling import Scaling, classify
from qverify.trainability.through_time import steps_of, through_time


@dataclass(frozen=True)
class Request:
    """One question.

    path: a circuit file, or empty with a family.
    observable: empty for the first claimed one, or the family's own.
    laws: parameter, or `*` for all weights -> law as text, beside those that are claimed.
    family: a shipped family, or `module:function` taking the number of qubits.
    advise: measure what helps where the largest variance is below 1 / shots, or the policy's bound without shots.
    capacity, through_time: report these too.
    """

    path: str = ""
    observable: str = ""
    laws: Mapping[str, str] = field(default_factory=dict)
    family: str = ""
    qubits: tuple[int, ...] = ()
    confidence: float = 0.95
    relative_error: float = 0.05
    seed: int = 0
    allow_python: bool = False
    advise: bool = False
    shots: int = 0
    capacity: bool = False
    through_time: bool = False


class _Made(msgspec.Struct, frozen=True):
    result: Plateau | None = None
    sentence: str = ""
    where: str = ""
    line: int | None = None
    asked: bool = False  # whether the question does not fit the circuit, rather than the circuit being unusable


def plateau(request: Request, seconds: float, memory: int) -> Plateau:
    """Answer a request.

    Raises:
        CannotLoad: a circuit or its claims cannot be used (exit code 3).
        CannotCompare: the observable, a law, the weights or the family do not fit the circuit (exit code 2).
    """
    extras = request.advise or request.capacity or request.through_time
    if extras and request.family:
        raise CannotCompare("--advise, --capacity and --through-time are for a circuit file, not for a family")
    threshold = threshold_of(request) if request.advise else (0.0, "")
    ended = run_isolated(partial(_work, request, threshold), seconds, memory)
    if ended.timed_out:
        return Plateau("undecided", message=f"the variance {ended.reason}: time-out; allow more with --timeout")
    if ended.answer is None:
        raise CannotLoad(f"the variance of its gradients {ended.reason}", request.path or request.family)
    made = msgspec.json.decode(ended.answer, type=_Made)
    if made.result is None:
        kind = CannotCompare if made.asked else CannotLoad
        raise kind(made.sentence, made.where or request.path or request.family, made.line)
    return made.result


def sizes_of(text: str, circuit: str, family_: str) -> tuple[int, ...]:
    """The sizes of a family, as `4,8,16`.

    Raises:
        CannotCompare: no whole numbers, or circuit and family both or neither.
    """
    if bool(circuit) == bool(family_):
        raise CannotCompare("give a circuit file, or --family with --qubits, and not both")
    if text and not family_:
        raise CannotCompare("--qubits is for --family; a circuit file has its own size")
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not all(word.isdigit() and 1 <= int(word) <= 100_000 for word in words):
        raise CannotCompare(f"--qubits {text} is no list of sizes; write for example 4,8,16,32")
    return tuple(int(word) for word in words)


def split_laws(words: Sequence[str]) -> dict[str, str]:
    """`NAME=LAW` words.

    Raises:
        CannotCompare: a word without `=`, or two laws of one name.
    """
    said: dict[str, str] = {}
    for word in words:
        name, equals, law = (part.strip() for part in word.partition("="))
        if not (name and equals and law):
            raise CannotCompare(f"--law {word} is no NAME=LAW; write for example --law '*=normal(0, 0.1)'")
        if said.setdefault(name, law) != law:
            raise CannotCompare(f"--law gives `{name}` two laws, {said[name]} and {law}; leave one out")
    return said


def threshold_of(request: Request) -> tuple[float, str]:
    """What the largest variance must reach, over ||O||**2, and who says so.

    1 / shots, or the bound of the nearest policy from the circuit's folder up to here, or the built-in one's.

    Raises:
        BadPolicy: a policy cannot be read.
    """
    if request.shots:
        return 1.0 / request.shots, f"1 / {request.shots} shots"
    folder = root_of(request.path).resolve()
    above = [f for f in (folder, *folder.parents) if f == folder or f.is_relative_to(Path.cwd())]
    for file in (f / POLICY_NAME for f in above if (f / POLICY_NAME).is_file()):
        rule = read_policy(file).checks.get("gradient_variance")
        if rule is not None and rule.at_least:
            return rule.at_least, str(file)
    return default_policy().checks["gradient_variance"].at_least or 0.0, "the built-in policy"


def _work(request: Request, threshold: tuple[float, str]) -> bytes:
    try:
        made = _Made(_family(request) if request.family else _single(request, threshold))
    except Undecidable as fault:
        made = _Made(Plateau("undecided", message=fault.sentence))
    except Unusable as fault:
        asked = not isinstance(fault, CannotLoad | BadClaims)
        made = _Made(sentence=fault.sentence, where=fault.where, line=fault.line, asked=asked)
    return msgspec.json.encode(made)


def _single(request: Request, threshold: tuple[float, str]) -> Plateau:
    subject = load_subject(request.path, allow_python=request.allow_python)
    claims = subject.claims
    weights = claims.weights or tuple(p for p in subject.parameters if p not in claims.features)
    text = request.observable or (claims.observables[0] if claims.observables else "")
    if not text:
        raise Unusable("no observable is asked for, and none is claimed; add for example --observable Z0")
    question = Question(
        parse_observable(text, subject.circuit.num_qubits, subject.circuit.num_clbits),
        _weights(weights),
        laws_of(subject.parameters, weights, {**claims.angle_laws, **request.laws}),
        claims.features,
        claims.feature_range,
        claims.zero_wires if claims.weights or claims.zero_wires else None,
        request.confidence,
        request.relative_error,
    )
    answer = respond(subject.circuit, question, np.random.default_rng(request.seed))
    made = Plateau("decided", (_size(subject.circuit, text, answer, answer.largest),))
    return _with_extras(made, request, subject, question, answer, threshold)


def _with_extras(  # each argument is one part of the answer so far
    made: Plateau,
    request: Request,
    subject: Subject,
    question: Question,
    answer: Responses,
    threshold: tuple[float, str],
) -> Plateau:
    """The answer with what else was asked for; each part has a generator of its own."""
    first, second, third = (np.random.default_rng([request.seed, k]) for k in range(1, 4))
    advice = capacity = in_time = None
    if request.advise:
        claimed = subject.observables()
        advice = advise(subject.circuit, question, answer, *threshold, first, claimed)
    if request.capacity:
        capacity = capacity_of(subject, question.weights, second, request.confidence)
    if request.through_time:
        steps = steps_of(subject.claims.features, subject.parameters)
        try:
            in_time = through_time(subject.circuit, question, steps, third)
        except Undecidable as reason:
            in_time = ThroughTime((), question.observable.text, f"not measured: {reason.sentence}")
    return msgspec.structs.replace(made, advice=advice, capacity=capacity, through_time=in_time)


def _weights(weights: tuple[str, ...]) -> tuple[str, ...]:
    if not weights:
        raise Unusable("the circuit has no parameters that are trained, so there is no gradient; claim `weights`")
    return weights


def _family(request: Request) -> Plateau:
    sizes, points, qubits = [], [], _checked(request.qubits)
    for n in qubits:
        circuit, observable, focus, features = _member(request, n)
        text = request.observable or observable
        if not text:
            raise Unusable("the family names no observable; add for example --observable Z0")
        weights = _weights(tuple(p.name for p in circuit.parameters if not _is_feature(p.name, features)))
        given = tuple(p.name for p in circuit.parameters if p.name not in weights)
        question = Question(
            parse_observable(text, circuit.num_qubits, circuit.num_clbits),
            weights,
            laws_of((*weights, *given), weights, request.laws),
            given,
            confidence=1.0 - (1.0 - request.confidence) / len(qubits),
            relative_error=request.relative_error,
            focus=focus if focus in weights else "",
        )
        answer = respond(circuit, question, np.random.default_rng([request.seed, n]))
        followed = weights.index(focus) if focus in weights else answer.largest
        sizes.append(_size(circuit, text, answer, followed, focus in weights))
        points.append((n, moment_of(sizes[-1].curve)))
    return Plateau("decided", tuple(sizes), _scale(classify(points, request.confidence)))


def _checked(qubits: tuple[int, ...]) -> tuple[int, ...]:
    if not qubits:
        raise Unusable("a family needs sizes; add for example --qubits 4,8,16,32,64")
    return tuple(sorted(set(qubits)))


def _is_feature(name: str, prefix: str) -> bool:
    return bool(prefix) and name.startswith(prefix) and name[len(prefix) :].strip("[]_").isdigit()


def _member(request: Request, n: int) -> tuple[QuantumCircuit, str, str, str]:
    """The circuit at n qubits, its observable, the parameter to follow and the prefix of its features."""
    if request.family.partition(":")[0] in FAMILIES and ".py" not in request.family:
        known = family(request.family)
        circuit, observable = known(n)
        return circuit, observable, known.focus(n), known.features
    if ":" not in request.family:
        names = ", ".join(FAMILIES)
        raise Unusable(f"`{request.family}` is no shipped family and no `module:function`; shipped: {names}")
    if not request.allow_python:
        raise CannotLoad(
            "a family of one's own is Python code, which runs only with --allow-python", request.family
        )
    made: Any = build_object(request.family, Path(), n)
    circuit, observable = made if isinstance(made, tuple) and len(made) == 2 else (made, "")
    if not isinstance(circuit, QuantumCircuit) or not isinstance(observable, str):
        raise CannotLoad("must return a QuantumCircuit, or one and an observable as text", request.family)
    return circuit, observable, "", ""


def _size(circuit: QuantumCircuit, observable: str, answer: Responses, followed: int, fixed: bool = False) -> Size:
    """One circuit's answer; fixed: whether `followed` is the same weight at every size, not just the largest."""
    rows = tuple(
        row_of(name, moment, name in answer.dead)
        for name, moment in zip(answer.names, answer.variances, strict=True)
    )
    return Size(
        circuit.num_qubits,
        observable,
        row_of("E f**2", answer.cost, False),
        rows,
        followed,
        answer.method,
        answer.confidence,
        answer.route,
        rows[followed] if fixed else row_of("the largest", answer.top, False),
    )


def _scale(scaling: Scaling) -> Scale:
    def finite(value: float) -> float | None:
        return value if math.isfinite(value) else None

    return Scale(
        scaling.klass,
        finite(scaling.rate),
        finite(scaling.rate_hi),
        scaling.qubits,
        scaling.dropped,
        scaling.reason,
    )


def picture_form(file: Path) -> Literal["svg", "png"]:
    """The format that a file name asks for.

    Raises:
        CannotWrite: it is no .svg or .png, or its folder is not there (exit code 2).
    """
    if not file.parent.is_dir():
        raise CannotWrite("cannot be written, since its folder is not there; make it first", str(file))
    if file.suffix.lower() == ".svg":
        return "svg"
    if file.suffix.lower() == ".png":
        return "png"
    raise CannotWrite("is no format for pictures; end it in .svg or .png", str(file))


def write_figure(answer: Plateau, file: Path) -> None:
    """Variance per parameter of the largest size, and against the number of qubits for a family.

    Raises:
        CannotWrite: the file cannot be written, or is no .svg or .png (exit code 2).
        Unusable: matplotlib is not installed.
    """
    form = picture_form(file)
    size = answer.sizes[-1]
    parameters = [(row.name, moment_of(row)) for row in size.rows]
    curve = None
    if answer.scaling is not None:
        points = [(s.qubits, moment_of(s.curve)) for s in answer.sizes]
        curve = Curve(f"variance of {size.curve.name}", points, classify(points, size.confidence))
    title = f"{size.observable} on {size.qubits} qubits"
    data = variance_figure(title, parameters, curve, form)
    try:
        write_atomic(file, data)
    except OSError as fault:
        raise CannotWrite(f"cannot be written ({fault.strerror}); choose another file", str(file)) from None
