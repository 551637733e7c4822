"""The audit: subjects times checks, every subject in a limited child process of its own.

A child is forked from this process once the libraries are loaded, reads the file, runs the checks, judges, and
sends one JSON message back; a child that dies, hangs or runs out of memory is the verdict `error` for its subject
and nothing else. Subjects are independent and their randomness comes from their digests, so neither the number of
workers nor their order can change an answer.
"""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait

import msgspec

from qverify.check import Check, all_checks, missing_claim, run_check
from qverify.discovery import load_subject
from qverify.errors import Unusable
from qverify.finding import Finding
from qverify.isolated import Child, collect, kill, start
from qverify.policy import Judged, Policy, judge, subject_verdict
from qverify.report.model import SubjectReport
from qverify.subject import Subject

Progress = Callable[[str, SubjectReport | None], None]


@dataclass(frozen=True)
class Task:
    """One subject to audit, under the policy that applies where it lies."""

    path: str
    policy: Policy


@dataclass(frozen=True)
class Limits:
    """What one subject may use. seconds of wall clock, MiB of address space."""

    seconds: float = 300.0
    memory: int = 8192
    jobs: int = field(default_factory=lambda: max(1, len(os.sched_getaffinity(0))))


@dataclass(frozen=True)
class Choice:
    """Which checks run, and with what. skipped: checks that the user deselected; none of them passes."""

    seed: int
    today: datetime.date
    skipped: frozenset[str] = frozenset()
    allow_python: bool = False


def audit_subject(task: Task, choice: Choice) -> SubjectReport:
    """Load, check and judge one subject, in this process."""
    try:
        subject = load_subject(task.path, allow_python=choice.allow_python)
    except Unusable as fault:
        return SubjectReport(task.path, "error", str(fault.at(task.path)), policy_digest=task.policy.digest)
    judged: dict[str, Judged] = {}
    for found in all_checks():
        finding = _finding(found, subject, judged, choice) or run_check(found, subject, choice.seed)
        judged[found.name] = judge(finding, subject.digest, task.policy, choice.today)
    ordered = tuple(judged[name] for name in sorted(judged))
    return SubjectReport(
        path=task.path,
        verdict=subject_verdict(ordered, task.policy),
        digest=subject.digest,
        circuit_digest=subject.circuit_digest,
        claims_digest=subject.claims_digest,
        byte_digest=subject.byte_digest,
        reference=(subject.reference.path, subject.reference.circuit_digest) if subject.reference else None,
        twins=tuple((twin.path, twin.digest) for twin in subject.twins),
        policy_digest=task.policy.digest,
        judged=ordered,
    )


def _finding(found: Check, subject: Subject, judged: dict[str, Judged], choice: Choice) -> Finding | None:
    """A finding that needs no measurement: the check was deselected, or waits for one that did not pass."""
    if found.name in choice.skipped:
        return Finding(found.name, "undecided", "skipped by --select or --ignore; a skipped check never passes")
    if missing_claim(found, subject):
        return None  # it does not apply, whatever came before
    for earlier in found.requires:
        if judged[earlier].verdict not in ("pass", "not_applicable"):
            why = "was skipped" if earlier in choice.skipped else "did not pass"
            return Finding(found.name, "undecided", f"waits for `{earlier}`, which {why}", (), choice.seed)
    return None


def audit(tasks: Sequence[Task], choice: Choice, limits: Limits, progress: Progress) -> tuple[SubjectReport, ...]:
    """Audit every task; reports come back in the order of the tasks.

    Args:
        progress: called with (path, None) when a subject starts and (path, report) when it ends.
    """
    all_checks()  # load the checks and their libraries once, before forking
    import qiskit_aer  # noqa: F401

    waiting, running, done = list(enumerate(tasks)), dict[Connection, _Running](), dict[int, SubjectReport]()
    try:
        while waiting or running:
            while waiting and len(running) < limits.jobs:
                index, task = waiting.pop(0)
                progress(task.path, None)
                started = _start(index, task, choice, limits)
                running[started.child.pipe] = started
            for ended in _ended(running, limits):
                running.pop(ended.child.pipe)
                done[ended.index] = _collect(ended)
                progress(ended.task.path, done[ended.index])
    finally:
        for left in running.values():
            kill(left.child)
    return tuple(done[index] for index in range(len(tasks)))


@dataclass(frozen=True)
class _Running:
    index: int
    task: Task
    child: Child


def _start(index: int, task: Task, choice: Choice, limits: Limits) -> _Running:
    return _Running(index, task, start(partial(_answer, task, choice), limits.seconds, limits.memory))


def _answer(task: Task, choice: Choice) -> bytes:
    return msgspec.json.encode(audit_subject(task, choice))


def _ended(running: dict[Connection, _Running], limits: Limits) -> Iterator[_Running]:
    """The children that have answered, died, or run out of time."""
    patience = max(0.0, min(r.child.deadline for r in running.values()) - time.monotonic())
    ready = set(wait(list(running), timeout=min(patience, limits.seconds)))
    now = time.monotonic()
    for pipe, one in list(running.items()):
        if pipe in ready or now >= one.child.deadline:
            yield one


def _collect(one: _Running) -> SubjectReport:
    ended = collect(one.child)
    if ended.answer is None:
        remedy = "; raise --timeout or simplify the circuit" if ended.timed_out else ""
        message = f"its checks {ended.reason}{remedy}" if not ended.timed_out else f"{ended.reason}{remedy}"
        return _broken(one.task, message)
    try:
        return msgspec.json.decode(ended.answer, type=SubjectReport)
    except msgspec.MsgspecError as fault:
        return _broken(one.task, f"its checks answered nonsense ({fault})")


def _broken(task: Task, message: str) -> SubjectReport:
    return SubjectReport(task.path, "error", f"{task.path}: {message}", policy_digest=task.policy.digest)
