"""Small subjects for tests: a circuit with claims, without a file."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import HealthCheck, settings
from msgspec import convert
from qiskit import QuantumCircuit

from qverify.check import all_checks, generator, run_check
from qverify.finding import Finding
from qverify.load import load_circuit
from qverify.policy import Judged, Rule, default_policy, judge
from qverify.registry import check_names
from qverify.subject import Claims, Reference, Subject, make_subject
from qverify.subject.canonical import circuit_digest

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
TODAY = datetime.date(2026, 11, 21)
# a check draws with hypothesis itself, so a property test of a check nests two searches, on purpose
NESTED = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.nested_given])
CHECKS = {found.name: found for found in all_checks()}

__all__ = ["CHECKS", "HEAD", "NESTED", "TODAY", "finding_of", "generator", "judged", "subject_of", "subject_with"]


def subject_with(circuit: QuantumCircuit, reference: QuantumCircuit | None = None, **claims: Any) -> Subject:
    """A subject from a circuit in memory."""
    names = tuple(p.name for p in circuit.parameters)
    beside = None
    if reference is not None:
        beside_names = tuple(p.name for p in reference.parameters)
        beside = Reference("reference.qasm", reference, beside_names, circuit_digest(reference, beside_names))
    return make_subject("circuit.qasm", circuit, names, claims=convert(claims, Claims), reference=beside)


def subject_of(body: str, reference: str = "", **claims: Any) -> Subject:
    """A subject from OpenQASM 3 statements; `reference` likewise."""
    loaded = load_circuit((HEAD + body).encode(), "circuit.qasm")
    names = tuple(p.name for p in loaded.parameters)
    beside = None
    if reference:
        other = load_circuit((HEAD + reference).encode(), "reference.qasm")
        other_names = tuple(p.name for p in other.parameters)
        beside = Reference("reference.qasm", other.circuit, other_names, circuit_digest(other.circuit, other_names))
    return make_subject(
        "circuit.qasm", loaded.circuit, names, claims=convert(claims, Claims), lines=loaded.lines, reference=beside
    )


def finding_of(check: str, subject: Subject, seed: int = 0) -> Finding:
    """What one check reports."""
    assert check in check_names()
    return run_check(CHECKS[check], subject, seed)


def judged(check: str, subject: Subject, seed: int = 0, **rule: float) -> Judged:
    """The verdict on one check, under the default policy or a given bound."""
    policy = default_policy()
    if rule:
        checks = {**policy.checks, check: Rule(reason="test", **rule)}
        policy = type(policy)(version=1, checks=checks)
    return judge(finding_of(check, subject, seed), subject.digest, policy, TODAY)
