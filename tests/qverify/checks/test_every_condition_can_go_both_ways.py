"""The check `every_condition_can_go_both_ways`: what cannot happen is told from what nobody saw happen."""

from __future__ import annotations

import pytest
from hypothesis import given
from qiskit.circuit import IfElseOp, QuantumCircuit

from qverify.hygiene import executions, explored, flow_of, program_of
from qverify.subject import Subject
from tests.chances import NOTHING, chance_of_condition
from tests.strategies import dynamic_circuit, seeded, steady
from tests.subjects import generator, judged, subject_of, subject_with

CHECK = "every_condition_can_go_both_ways"
MEASURED = "qubit[2] q; bit[2] c; h q[0]; c[0] = measure q[0]; "


def test_condition_on_an_outcome_that_varies_passes() -> None:
    assert judged(CHECK, subject_of(MEASURED + "if (c[0]) { x q[1]; }")).verdict == "pass"


@pytest.mark.parametrize(
    ("body", "said", "strength"),
    [
        (MEASURED + "if (c == 2) { x q[1]; }", "if on c0, c1 (line 3): the condition never holds", "proof"),
        (MEASURED + "if (c != 3) { x q[1]; }", "the condition always holds", "proof"),
        (MEASURED + "if (c[0]) { if (!c[0]) { x q[1]; } }", "the condition never holds", "proof"),
        (MEASURED + "if (c[0]) { if (c[0]) { x q[1]; } }", "the condition always holds", "proof"),
        (MEASURED + "c[1] = measure q[0]; if (c == 1) { x q[1]; }", "the condition never holds", "proof"),
        ("qubit[2] q; bit c; reset q[0]; c = measure q[0]; if (c) { x q[1]; }", "never holds", "proof"),
        ("qubit[2] q; bit c; reset q[0]; h q[0]; h q[0]; c = measure q[0]; if (c) { x q[1]; }", "never", "exact"),
        (
            "qubit[2] q; bit[2] c; reset q; h q[0]; cx q[0], q[1]; c = measure q; if (c == 1) { x q; }",
            "never",
            "exact",
        ),
        (MEASURED + "switch (c) { case 0 { x q[1]; } case 3 { z q[1]; } }", "case 3 is never met", "proof"),
    ],
)
def test_way_that_no_run_takes_fails_and_is_named(body: str, said: str, strength: str) -> None:
    found = judged(CHECK, subject_of(body))
    (evidence,) = found.finding.evidence
    assert found.verdict == "fail"
    assert said in evidence.where
    assert evidence.strength == strength


def test_angle_that_is_never_zero_by_name_is_no_exclusion() -> None:
    body = "input float[64] a; qubit[2] q; bit c; reset q[0]; ry({}) q[0]; c = measure q[0]; if (c) {{ x q[1]; }}"
    assert judged(CHECK, subject_of(body.format("a"), weights=["a"])).verdict == "pass"
    assert judged(CHECK, subject_of(body.format("a - a"), weights=["a"])).verdict == "fail"


def test_loop_is_judged_by_all_its_turns() -> None:
    body = "qubit[2] q; bit c; for int i in [0:1] { if (c) { x q[1]; } c = measure q[0]; h q[0]; }"
    assert judged(CHECK, subject_of(body)).verdict == "pass"


def test_count_is_judged_by_the_bound() -> None:
    subject = subject_of(MEASURED + "if (c == 2) { x q[1]; } if (c == 3) { z q[1]; }")
    assert judged(CHECK, subject, at_most=2).verdict == "pass"
    assert judged(CHECK, subject, at_most=1).verdict == "fail"


def test_chance_below_what_is_seen_and_many_wires_are_undecided() -> None:
    rare = "qubit[2] q; bit c; reset q[0]; ry(1e-7) q[0]; c = measure q[0]; if (c) { x q[1]; }"
    assert judged(CHECK, subject_of(rare)).verdict == "inconclusive"
    wide = "qubit[30] q; bit c; h q; c = measure q[0]; if (c) { x q[1]; }"
    assert judged(CHECK, subject_of(wide)).verdict == "inconclusive"


def test_contradiction_is_proved_at_any_width() -> None:
    wide = "qubit[30] q; bit[2] c; h q; c[0] = measure q[0]; if (c == 2) { x q[1]; }"
    assert judged(CHECK, subject_of(wide)).finding.evidence[0].lo == 1


def test_loop_without_a_bound_is_undecided() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.h(0)
        circuit.measure(0, 0)
    assert judged(CHECK, subject_with(circuit)).verdict == "inconclusive"


@pytest.mark.parametrize("body", ["qubit q; h q;", "qubit q; bit c; h q; c = measure q;"])
def test_circuit_without_a_branch_is_not_applicable(body: str) -> None:
    assert judged(CHECK, subject_of(body)).verdict == "not_applicable"


@steady(25)
@given(seeded())
def test_every_condition_at_the_top_agrees_with_density_matrices(source) -> None:
    circuit = dynamic_circuit(source, 2, 2, length=6, depth=1, loops=False)
    zero = [k for k in range(2) if source.random() < 0.5]
    subject: Subject = subject_with(circuit, zero_wires=zero)
    program = program_of(subject)
    known = explored(subject, program, flow_of(program), generator(0, CHECK, ""), executions(program.steps))
    seen = {step.site: known.arms[step] for step in executions(program.steps) if step.branch}
    for index, item in enumerate(circuit.data):
        if isinstance(item.operation, IfElseOp):
            p = chance_of_condition(circuit, index, zero)
            truth = (p > NOTHING, 1 - p > NOTHING)
            assert all(found in (true, None) for found, true in zip(seen[index,], truth, strict=True))
