"""Mutants of the shipped circuits: what `decide` and every check of the audit say about each.

A mutant keeps the claims of its original, and is judged with the bounds of `circuits/policy.toml` without waivers.
A check kills a mutant if it fails; inconclusive and crashed count apart. Checks that the original itself does not
pass kill nothing. A mutant of a circuit that others name as their reference is also put in its place there, as an
audit of the folder would meet it.
"""

from __future__ import annotations

import datetime
import math
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec import structs
from qiskit import QuantumCircuit

from qverify.check import all_checks, run_check
from qverify.digest import byte_digest
from qverify.discovery import find_circuits, load_subject
from qverify.equivalence.decide import Question, decide, default_notion
from qverify.errors import Unusable
from qverify.finding import Finding
from qverify.policy import Policy, judge, parse_policy
from qverify.structure import is_dynamic
from qverify.subject import Reference, Subject, make_subject
from qverify.subject.subject import claims_digest

from .dynamic import ALL_KINDS, every_edit
from .edits import Edit, Kind, edited
from .outcome import Known, Outcome
from .truth import Setting, Truth

COMPARING = ("equal_to_reference", "deferred_measurement")
LIMIT = 60.0  # seconds of the processor, for one comparison
TODAY = datetime.date(2026, 11, 21)  # nothing is waived, so any day


def seed_of(*words: str) -> int:
    """A seed that depends on words alone."""
    return int(byte_digest("|".join(words).encode())[-12:], 16)


def all_edits(
    circuit: QuantumCircuit, name: str, places: int, kinds: Mapping[str, Kind] = ALL_KINDS
) -> Iterator[tuple[str, Edit, bool]]:
    """(kind, edit, drawn) of every edit; of a kind at most `places` are drawn, by the circuit's name."""
    for kind, find in kinds.items():
        rng = np.random.default_rng(seed_of(name, kind))
        found = list(every_edit(find, circuit, rng))
        drawn = {int(k) for k in rng.permutation(len(found))[:places]}
        for k, edit in enumerate(found):
            yield kind, edit, k in drawn


class OutOfTime(Exception):
    """A comparison took longer than `LIMIT`."""


def _stop(_signal: int, _frame: object) -> None:
    raise OutOfTime


def decided(a: Subject, b: Subject) -> tuple[str, str, float]:
    """(verdict, method, seconds of the processor); a crash and a time-out are verdicts of their own."""
    start = time.process_time()
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        answer = decide(a, b, Question(default_notion(a, b)))
        said = answer.verdict, answer.method
    except Unusable as why:
        said = "refused", why.sentence
    except OutOfTime:
        said = "timed out", "none"
    except Exception as fault:  # noqa: BLE001  # the table counts crashes
        said = "crashed", f"{type(fault).__name__}: {fault}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return *said, time.process_time() - start


def audited(subject: Subject, policy: Policy, only: tuple[str, ...] = ()) -> dict[str, str]:
    """The verdict of every check, or of some."""
    out: dict[str, str] = {}
    for found in all_checks():
        if only and found.name not in only:
            continue
        waiting = [name for name in found.requires if out.get(name, "pass") not in ("pass", "not_applicable")]
        finding = Finding(found.name, "undecided", "waits") if waiting else run_check(found, subject, 0)
        out[found.name] = judge(finding, subject.digest, policy, TODAY).verdict
    return out


def setting_of(subject: Subject, *, claimed: bool) -> Setting:
    """Where truth is computed: any input, or the claimed wires in |0> and thrown away."""
    low, high = subject.claims.feature_range
    ranges = {p: (low, high) if p in subject.claims.features else (-math.pi, math.pi) for p in subject.parameters}
    zero, discard = (subject.claims.zero_wires, subject.claims.discarded_wires) if claimed else ((), ())
    return Setting(ranges, is_dynamic(subject.circuit), zero, discard)


def with_circuit(subject: Subject, circuit: QuantumCircuit) -> Subject:
    """The subject with the same claims and parameters and another circuit."""
    return make_subject(
        subject.path, circuit, subject.parameters, claims=subject.claims, reference=subject.reference
    )


def in_place_of_reference(referrer: Subject, mutant: Subject) -> Subject:
    """The subject that names a reference, with the mutant as that reference."""
    beside = Reference(mutant.path, mutant.circuit, mutant.parameters, mutant.circuit_digest)
    return make_subject(
        referrer.path, referrer.circuit, referrer.parameters, claims=referrer.claims, reference=beside
    )


def shipped_policy(folder: Path) -> Policy:
    """The policy of the shipped circuits, without waivers."""
    policy = parse_policy((folder / "policy.toml").read_text(), "policy.toml")
    return Policy(policy.version, policy.checks, policy.title)


def shipped_subjects(folder: Path) -> dict[str, Subject]:
    """Every circuit of the folder by its path in it."""
    return {str(Path(path).relative_to(folder)): load_subject(path) for path in find_circuits([str(folder)])}


def referrer_of(name: str, folder: Path, subjects: Mapping[str, Subject]) -> Subject | None:
    """The first circuit that names this one as its reference."""
    named = [s for s in subjects.values() if s.reference and Path(s.reference.path) == folder / name]
    return named[0] if named else None


def distinct(subjects: Mapping[str, Subject]) -> dict[str, list[str]]:
    """The first name of every circuit with its claims, and the other names that are the same but for titles."""
    first: dict[tuple[object, ...], str] = {}
    found: dict[str, list[str]] = {}
    for name, subject in subjects.items():
        claims = structs.replace(subject.claims, title="", paper="", cell="", role="")
        key = subject.circuit_digest, claims_digest(claims, subject.reference)
        if key in first:
            found[first[key]].append(name)
        else:
            first[key] = name
            found[name] = []
    return found


def shipped(folder: Path, places: int, only: str, known: Known) -> Iterator[Outcome]:
    """The mutants of the shipped circuits, each circuit once whatever its titles.

    `decide` is asked about every place in every circuit, the audit about the places that are drawn.
    """
    subjects, policy, seen = shipped_subjects(folder), shipped_policy(folder), set[str]()
    for name in distinct(subjects):
        subject = subjects[name]
        if only in name:
            beside = Beside(referrer_of(name, folder, subjects), policy, subject.circuit_digest not in seen)
            yield from mutant_outcomes(name, subject, beside, places, known)
        seen.add(subject.circuit_digest)


@dataclass(frozen=True)
class Beside:
    """What a circuit's mutants are judged with.

    referrer: a circuit that names it as its reference. everywhere: whether places that are not drawn count, too.
    """

    referrer: Subject | None
    policy: Policy
    everywhere: bool


def mutant_outcomes(name: str, subject: Subject, beside: Beside, places: int, known: Known) -> Iterator[Outcome]:
    """The mutants of one circuit, judged; those in `known` as they were."""
    referrer, policy = beside.referrer, beside.policy
    passed = {check for check, verdict in audited(subject, policy).items() if verdict in ("pass", "not_applicable")}
    truth = claimed = Truth(subject.circuit, setting_of(subject, claimed=False), seed_of(name))
    if is_dynamic(subject.circuit):
        claimed = Truth(subject.circuit, setting_of(subject, claimed=True), seed_of(name, "claimed"))
    for kind, edit, drawn in all_edits(subject.circuit, name, places):
        if not (drawn or beside.everywhere):
            continue
        before = known.get(f"{name}: {kind}: {edit.where}")
        if before is not None:
            yield before
            continue
        mutant = with_circuit(subject, edited(subject.circuit, edit))
        verdict, method, seconds = decided(subject, mutant)
        checks = {c: v for c, v in audited(mutant, policy).items() if c in passed} if drawn else {}
        if drawn and referrer is not None:
            put = audited(in_place_of_reference(referrer, mutant), policy, COMPARING)
            checks |= {c: v for c, v in put.items() if v != "not_applicable"}
        distance = truth.distance(mutant.circuit)
        yield Outcome(
            name,
            kind,
            edit.where,
            distance <= truth.rounding,
            claimed.equal(mutant.circuit),
            distance,
            verdict,
            method,
            seconds,
            subject.reference is not None or referrer is not None,
            checks,
        )
