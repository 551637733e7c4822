"""The check `deferred_measurement`: every mutant of a feed-forward block is told from its static reference."""

from __future__ import annotations

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import CRYGate

from qverify.equivalence.answer import Answer
from tests.subjects import judged, subject_of, subject_with

RIGHT = (
    "input float[64] a; input float[64] b; qubit[3] q; bit[2] c;"
    "ry(a) q[0]; cx q[0], q[1]; c[0] = measure q[0]; reset q[0];"
    "if (c[0] == 1) { ry(b) q[2]; } else { rz(b) q[2]; }"
    "c[1] = measure q[1]; if (c == 2) { x q[2]; }"
)
DEFERRED = (
    "input float[64] a; input float[64] b; qubit[6] q; bit[2] c;"
    "ry(a) q[0]; cx q[0], q[1]; cx q[0], q[3]; swap q[0], q[4];"
    "ctrl @ ry(b) q[3], q[2]; negctrl @ rz(b) q[3], q[2];"
    "cx q[1], q[5]; negctrl @ ctrl @ x q[3], q[5], q[2];"
    "c[0] = measure q[3]; c[1] = measure q[5];"
)
CLAIM = {"circuit": "reference.qasm", "notion": "instrument", "ancilla": [3, 4, 5], "discard": [3, 4, 5]}
MUTANTS = {
    "condition inverted": ("if (c[0] == 1)", "if (c[0] == 0)"),
    "wrong register value": ("if (c == 2)", "if (c == 3)"),
    "condition on the wrong bit": ("if (c[0] == 1)", "if (c[1] == 1)"),
    "missing reset": ("reset q[0];", ""),
    "measurement moved": ("cx q[0], q[1]; c[0] = measure q[0];", "c[0] = measure q[0]; cx q[0], q[1]; h q[1];"),
    "measurement of the wrong wire": ("c[0] = measure q[0];", "c[0] = measure q[2];"),
    "bit overwritten": ("c[1] = measure q[1];", "c[0] = measure q[1];"),
    "branches exchanged": ("{ ry(b) q[2]; } else { rz(b) q[2]; }", "{ rz(b) q[2]; } else { ry(b) q[2]; }"),
    "feed-forward angle off by 1e-3": ("ry(b) q[2]", "ry(b + 0.001) q[2]"),
    "feed-forward on the wrong wire": ("{ x q[2]; }", "{ x q[1]; }"),
    "trailing reset": ("{ x q[2]; }", "{ x q[2]; } reset q[1];"),
}


def compared(body: str):  # a judged finding
    return judged("deferred_measurement", subject_of(body, DEFERRED, equivalent_to=CLAIM))


def test_dynamic_circuit_and_its_static_reference_pass() -> None:
    found = compared(RIGHT)
    assert found.verdict == "pass"
    assert found.finding.evidence[-1].strength == "exact"
    assert len(found.finding.evidence) == 5


@pytest.mark.parametrize("kind", sorted(MUTANTS))
def test_mutant_fails_with_a_counterexample_of_the_comparison(kind: str) -> None:
    old, new = MUTANTS[kind]
    assert old in RIGHT
    found = compared(RIGHT.replace(old, new, 1))
    assert found.verdict == "fail"
    (example,) = (e.counterexample for e in found.finding.evidence if e.counterexample)
    assert len(example.record) == 2
    assert "chance(c, inputs, bits, ends)" in example.snippet
    assert "against reference.qasm" in found.finding.evidence[1].where


WIDE = "input float[64] a; qubit[12] q; bit[2] c; ry(a) q[0]; c[0] = measure q[0]; if (c[0]) {{ x q[11]; }} {}"
WIDE_CLAIM = {"circuit": "reference.qasm", "notion": "instrument"}


def test_wide_circuit_is_compared_with_its_reference_alone_and_says_so() -> None:
    other = WIDE.format("").replace("if (c[0]) { x q[11]; }", "if (!c[0]) { } else { x q[11]; }")
    found = judged("deferred_measurement", subject_of(WIDE.format(""), other, equivalent_to=WIDE_CLAIM))
    assert found.verdict == "pass"
    (only,) = found.finding.evidence
    assert only.strength in ("proof", "exact")
    assert "with nothing else, because 12 wires are too many to be simulated (at most 10)" in only.where


def test_wide_mutant_fails_and_a_wide_circuit_without_reference_is_undecided() -> None:
    mutant = subject_of(WIDE.format("x q[3];"), WIDE.format(""), equivalent_to=WIDE_CLAIM)
    assert judged("deferred_measurement", mutant).verdict == "fail"
    alone = judged("deferred_measurement", subject_of(WIDE.format("x q[3];")))
    assert alone.verdict == "inconclusive"
    assert "`equivalent_to` would give it a reference" in alone.finding.message


def test_undecided_comparison_of_a_wide_circuit_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    from qverify import comparison

    nothing = Answer("undecided", "instrument", "any", "none", "none", message="no method applies")
    monkeypatch.setattr(comparison, "decide", lambda *_: nothing)
    found = judged("deferred_measurement", subject_of(WIDE.format(""), WIDE.format(""), equivalent_to=WIDE_CLAIM))
    assert found.verdict == "inconclusive"
    assert "no method applies" in found.finding.message


def test_defect_beside_the_bound_is_judged_by_it() -> None:
    body, reference = (
        "qubit[1] q; bit[1] c; ry({}) q[0]; c[0] = measure q[0];",
        "qubit[1] q; bit[1] c; c[0] = measure q[0];",
    )
    claim = {"circuit": "reference.qasm", "notion": "instrument"}
    found = judged("deferred_measurement", subject_of(body.format(1e-4), reference, equivalent_to=claim))
    lo, hi = found.finding.evidence[1].lo, found.finding.evidence[1].hi
    assert 0 < lo <= hi
    subject = subject_of(body.format(1e-4), reference, equivalent_to=claim)
    assert judged("deferred_measurement", subject, at_most=hi * 1.01).verdict == "pass"
    assert judged("deferred_measurement", subject, at_most=lo * 0.99).verdict == "fail"


def test_unbounded_loop_is_undecided_at_once() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.h(0)
        circuit.measure(0, 0)
    found = judged("deferred_measurement", subject_with(circuit))
    assert found.verdict == "inconclusive"
    assert "no known bound" in found.finding.message


def test_dynamic_circuit_without_classical_bits_is_still_compared() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.reset(0)
    assert judged("deferred_measurement", subject_with(circuit)).verdict == "pass"


def test_measurement_at_the_end_alone_is_not_applicable_at_any_width() -> None:
    circuit = QuantumCircuit(40, 40)
    circuit.h(range(40))
    circuit.measure(range(40), range(40))
    assert judged("deferred_measurement", subject_with(circuit)).verdict == "not_applicable"


def test_static_circuit_is_not_applicable() -> None:
    assert judged("deferred_measurement", subject_of("qubit q; h q;")).verdict == "not_applicable"


def test_check_leaves_the_circuit_as_it_was() -> None:
    """Qiskit's binding writes into gates that stand inside control flow; ours must not."""
    weight, circuit = Parameter("w"), QuantumCircuit(2, 1)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.append(CRYGate(weight, ctrl_state=0), [0, 1])
    subject = subject_with(circuit)
    assert judged("deferred_measurement", subject).verdict == "pass"
    assert subject.still_as_digested()
