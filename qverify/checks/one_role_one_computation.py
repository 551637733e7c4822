"""Circuits in one folder that claim the same role of the same cell are the same computation.

Why: a folder with `forget.qasm` and `forget_fast.qasm` trains with one and is reported with the other; nobody
notices that they differ.
Formula: min over phi of the operator norm of U - e^{i phi} V, or the diamond norm of the difference of the
instruments where one measures, for every pair; and number of claims (`features`, `observables`) that both make and
that differ = 0. Parameters are matched by name.
Source: this project's definition of roles; Burgholzer and Wille, Handling Non-Unitaries in Quantum Circuit
Equivalence Checking, arXiv:2106.01099 (circuits that measure).
Limits: files of the same folder, not of other folders; a reference plays no role. Wires that both claim to start in
|0> are compared from there where they differ otherwise. Wires that only one has must be claimed in its `zero_wires`
and `discarded_wires`. Agreement at drawn angles alone is undecided.
Fails: a second file for the role `forget` with one angle negated.
Fix: correct one of the two, remove it, or give it a role or cell of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator

from qverify.check import NotApplicable, check
from qverify.comparison import same_computation
from qverify.errors import Undecidable, counted
from qverify.finding import Evidence
from qverify.subject import Subject


@check(claims=("role",))
def one_role_one_computation(subject: Subject, rng: Generator) -> Iterator[Evidence]:  # noqa: ARG001  # nothing is drawn
    """Compare with every other circuit of the role."""
    if not subject.twins:
        raise NotApplicable("no other circuit in its folder claims this role of this cell")
    for twin in subject.twins:
        if twin.subject is None:
            raise Undecidable(f"{twin.path} may claim the same role and cannot be read: {twin.fault}")
        yield _claims_apart(subject, twin.subject)
        yield _circuits_apart(subject, twin.subject)


def _claims_apart(subject: Subject, twin: Subject) -> Evidence:
    both = [(key, getattr(subject.claims, key), getattr(twin.claims, key)) for key in ("features", "observables")]
    differ = [key for key, ours, theirs in both if ours and theirs and ours != theirs]
    said = " and ".join(f"`{key}`" for key in differ) or "`features` and `observables`"
    where = f"{said}, against {twin.path}"
    return Evidence("claims that differ", len(differ), len(differ), "1", where, "reading the claims", "proof")


def _circuits_apart(subject: Subject, twin: Subject) -> Evidence:
    """The wider of the two may have wires that start in |0> and are traced out."""
    narrow, wide = sorted((subject, twin), key=lambda side: side.circuit.num_qubits)
    n, total = narrow.circuit.num_qubits, wide.circuit.num_qubits
    ancilla = tuple(k for k in wide.claims.zero_wires if k >= n)
    discard = tuple(k for k in wide.claims.discarded_wires if k >= n)
    if not total - n == len(ancilla) == len(discard):
        raise Undecidable(
            f"{wide.path} has {counted(total, 'wire')} and {narrow.path} has {n}; claim those from {n} on as "
            "`zero_wires` and `discarded_wires` if only the wider one has them"
        )
    zero = tuple(sorted(set(narrow.claims.zero_wires) & set(wide.claims.zero_wires)))
    where = f"against {twin.path}"
    return same_computation(narrow, wide, where, zero=zero, ancilla=ancilla, discard=discard)
