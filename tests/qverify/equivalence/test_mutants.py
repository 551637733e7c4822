"""A sample of the mutant table: what differs is killed, what is equal is not accused, and the truth is true."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import ClassicalRegister, Parameter, QuantumRegister
from qiskit.quantum_info import Operator

from benchmarks.mutation.dynamic import ALL_KINDS, DYNAMIC_KINDS, every_edit
from benchmarks.mutation.edits import KINDS, Edit, edited
from benchmarks.mutation.outcome import Outcome
from benchmarks.mutation.records import records
from benchmarks.mutation.shipped import (
    audited,
    decided,
    distinct,
    shipped_policy,
    shipped_subjects,
    with_circuit,
)
from benchmarks.mutation.table import equal_table, kill_table, lists, verdict_table
from benchmarks.mutation.truth import Setting, Truth, haar_state
from qverify.registry import check_names
from qverify.subject import Subject, make_subject
from tests.oracles import evolve

FOLDER = Path(__file__).parents[3] / "circuits"


@pytest.fixture(scope="module")
def subjects() -> dict[str, Subject]:
    return shipped_subjects(FOLDER)


def layered() -> QuantumCircuit:
    """Three wires, two parameters, gates of every shape that an edit looks for."""
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.ry(a.arctan(), 0)
    circuit.rz(b, 1)
    circuit.cx(0, 1)
    circuit.crx(0.4, 1, 2)
    circuit.ccx(0, 1, 2)
    circuit.cz(0, 2)
    circuit.rzz(0.7, 1, 2)
    circuit.p(0.3, 0)
    return circuit


def branching() -> QuantumCircuit:
    """Three wires, two measurements, two resets, conditions on a bit and on a register."""
    circuit = QuantumCircuit(QuantumRegister(3, "q"), ClassicalRegister(2, "c"))
    circuit.ry(0.7, 0)
    circuit.cx(0, 1)
    circuit.measure(0, 0)
    circuit.reset(0)
    circuit.h(1)
    circuit.measure(1, 1)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.ry(0.4, 2)
        circuit.reset(1)
    with circuit.if_test((circuit.cregs[0], 1)) as otherwise:
        circuit.x(2)
    with otherwise:
        circuit.h(0)
    return circuit


def truth_of(circuit: QuantumCircuit, *, dynamic: bool = False) -> Truth:
    return Truth(circuit, Setting({p.name: (-math.pi, math.pi) for p in circuit.parameters}, dynamic), seed=1)


def edits(kind: str, circuit: QuantumCircuit) -> list[Edit]:
    return list(every_edit(ALL_KINDS[kind], circuit, np.random.default_rng(3)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_place_and_edits_what_it_names_alone(kind: str) -> None:
    circuit = layered()
    before = circuit.copy()
    found = edits(kind, circuit)
    assert found
    assert all(edited(circuit, edit) != circuit for edit in found)
    assert circuit == before


@pytest.mark.parametrize("kind", DYNAMIC_KINDS)
def test_every_kind_of_branching_circuits_has_a_place_and_differs(kind: str) -> None:
    circuit = branching()
    truth = truth_of(circuit, dynamic=True)
    assert any(not truth.equal(edited(circuit, edit)) for edit in edits(kind, circuit))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("same:")])
def test_edits_called_same_are(kind: str) -> None:
    for circuit, dynamic in ((layered(), False), (branching(), True)):
        truth = truth_of(circuit, dynamic=dynamic)
        assert all(truth.equal(edited(circuit, edit)) for edit in edits(kind, circuit))


def test_truth_is_the_distance_of_matrices_up_to_phase() -> None:
    circuit, other = QuantumCircuit(2), QuantumCircuit(2, global_phase=0.4)
    circuit.rz(0.3, 0)
    other.rz(0.3 + 1e-6, 0)
    # ||1 - rz(t)||_F / ||1||_F = 2 sin(t / 4)
    assert truth_of(circuit).distance(other) == pytest.approx(2 * math.sin(1e-6 / 4), rel=1e-6)


def test_truth_undoes_the_layout_of_a_compiler() -> None:
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.swap(0, 2)
    circuit.cx(2, 1)
    compiled = transpile(circuit, basis_gates=["rz", "sx", "x", "cx"], optimization_level=2, seed_transpiler=1)
    assert Operator(compiled) != Operator(circuit)
    assert truth_of(circuit).equal(compiled)


def test_records_are_those_of_the_oracle() -> None:
    psi = haar_state(3, (), np.random.default_rng(5))
    ours = {sum(b << k for k, b in enumerate(m)): rho.data for m, rho in records(branching(), psi).items()}
    theirs = evolve(branching(), np.outer(psi, psi.conj())[None])
    assert set(theirs) <= set(ours)
    for record, rho in ours.items():
        np.testing.assert_allclose(rho, theirs.get(record, np.zeros((1, 8, 8)))[0], atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_mutant_that_differs_is_killed_and_an_equal_one_is_not_accused(kind: str) -> None:
    circuit = layered()
    names = tuple(p.name for p in circuit.parameters)
    original, truth = make_subject("original", circuit, names), truth_of(circuit)
    for edit in edits(kind, circuit)[:1]:
        mutant = edited(circuit, edit)
        verdict, _, _ = decided(original, make_subject("mutant", mutant, names))
        assert (verdict, edit.where) == ("equivalent" if truth.equal(mutant) else "different", edit.where)


@pytest.mark.parametrize("kind", DYNAMIC_KINDS)
def test_mutant_of_a_branching_circuit_is_killed_if_it_differs(kind: str) -> None:
    circuit = branching()
    original, truth = make_subject("original", circuit, ()), truth_of(circuit, dynamic=True)
    for edit in edits(kind, circuit)[:1]:
        mutant = edited(circuit, edit)
        verdict, _, _ = decided(original, make_subject("mutant", mutant, ()))
        assert (verdict, edit.where) == ("equivalent" if truth.equal(mutant) else "different", edit.where)


@pytest.mark.parametrize(
    ("name", "check", "kind"),
    [
        ("chen2020/forget.qasm", "equal_to_reference", "control and target swapped"),
        ("chen2020/forget.qasm", "feature_maps", "parameter swapped"),
        ("mcmc/forget.qasm", "deferred_measurement", "reset dropped"),
    ],
)
def test_mutant_of_a_shipped_circuit_fails_the_check_that_is_there_for_it(
    name: str, check: str, kind: str, subjects: dict[str, Subject]
) -> None:
    subject = subjects[name]
    mutant = edited(subject.circuit, edits(kind, subject.circuit)[0])
    verdicts = audited(with_circuit(subject, mutant), shipped_policy(FOLDER), ("well_formed", check))
    assert verdicts == {"well_formed": "pass", check: "fail"}


def test_distinct_circuits_are_named_once_with_all_their_names(subjects: dict[str, Subject]) -> None:
    found = distinct(subjects)
    every = [*found, *(name for same in found.values() for name in same)]
    assert sorted(every) == sorted(str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*.qasm"))


def outcome(**said: object) -> Outcome:
    plain = {"circuit": "c", "kind": "gate removed", "where": "h q0", "equal": False, "equal_as_claimed": False}
    return Outcome(**(plain | {"distance": 1.0, "verdict": "different", "method": "m", "seconds": 0.1} | said))


def test_tables_count_and_lists_name() -> None:
    killed = outcome(checks={"unitary": "fail"})
    survivor = outcome(verdict="undecided", where="x q1", checks={"unitary": "inconclusive"})
    accused = outcome(kind="same: barrier added", equal=True, equal_as_claimed=True, where="after h q0")
    (_, row, total), names = kill_table([killed, survivor], check_names()), lists([killed, survivor, accused])
    assert row.split()[2:4] == ["2", "1"]
    assert total.split()[-5:] == ["1", "1", ".", "1", "1"]
    text = "\n".join(names)
    assert "Differ and survive: 1\n  c: gate removed: x q1 [undecided, m; unitary inconclusive]" in text
    assert "Equal and accused: 1\n  c: same: barrier added: after h q0" in text
    assert next(line for line in equal_table([accused]) if line.startswith("all")).split()[1:5] == [
        "1",
        ".",
        ".",
        "1",
    ]
    assert "0.100" in "\n".join(verdict_table([killed]))
