"""The check `equal_to_reference`: every mutant of a variational circuit is told from its reference."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qverify.equivalence.answer import Answer
from tests.subjects import NESTED, judged, subject_of

RIGHT = (
    "input float[64] x; input float[64] a; input float[64] b; qubit[3] q;"
    "h q; ry(arctan(x)) q[0]; rz(arctan(x**2)) q[1]; cx q[0], q[1]; cx q[1], q[2]; cx q[2], q[0];"
    "rz(a) q[0]; ry(b) q[1]; rz(a - 2*b + 0.7) q[2]; ctrl @ rz(a) q[0], q[2];"
)
CLAIM = {"circuit": "reference.qasm", "notion": "unitary"}
MUTANTS = {
    "control and target exchanged": ("cx q[1], q[2];", "cx q[2], q[1];"),
    "gate removed": ("cx q[2], q[0];", ""),
    "wrong wire": ("ry(b) q[1];", "ry(b) q[0];"),
    "angle negated": ("rz(a) q[0];", "rz(-a) q[0];"),
    "angle doubled": ("ry(b) q[1];", "ry(2*b) q[1];"),
    "angle fed the wrong input": ("ry(b) q[1];", "ry(a) q[1];"),
    "function of the wrong power": ("arctan(x**2)", "arctan(x)"),
    "sign of a constant": ("+ 0.7", "- 0.7"),
    "control negated": ("ctrl @ rz(a)", "negctrl @ rz(a)"),
    "controlled rotation shifted by 2 pi": ("ctrl @ rz(a)", "ctrl @ rz(a + 2*pi)"),
    "rotation about another axis": ("ry(b)", "rx(b)"),
    "angle off by 1e-6": ("+ 0.7", "+ 0.700001"),
}


def compared(body: str, **claims: object):  # a judged finding
    return compared_with(body, RIGHT, **claims)


def compared_with(body: str, reference: str, **claims: object):  # a judged finding
    return judged("equal_to_reference", subject_of(body, reference, equivalent_to={**CLAIM, **claims}))


def test_same_circuit_in_other_gates_passes() -> None:
    other = RIGHT.replace("cx q[0], q[1];", "h q[1]; cz q[1], q[0]; h q[1];").replace("ry(b)", "U(b, 0, 0)")
    assert compared(other).verdict == "pass"


def test_phase_that_depends_on_a_parameter_is_no_difference() -> None:
    assert compared(RIGHT + "gphase(a);").verdict == "pass"


@pytest.mark.parametrize("kind", sorted(MUTANTS))
def test_mutant_fails_with_a_counterexample(kind: str) -> None:
    old, new = MUTANTS[kind]
    assert old in RIGHT
    found = compared(RIGHT.replace(old, new, 1))
    assert found.verdict == "fail"
    example = found.finding.evidence[0].counterexample
    assert example is not None
    assert "distance" in example.observed or "<" in example.observed


@settings(NESTED, max_examples=4)
@given(st.floats(1e-7, 3.0))
def test_distance_of_an_added_rotation_is_the_closed_form(t: float) -> None:
    answer, dense = compared(RIGHT + f"rz({t!r}) q[1];").finding.evidence
    truth = 2 * math.sin(t / 4)
    assert dense.lo - 1e-12 <= truth <= dense.hi + 1e-12
    assert dense.hi - dense.lo < 1e-11
    assert 0.0 < answer.lo <= truth + 1e-12


def test_defect_beside_the_bound_is_judged_by_it() -> None:
    body = "qubit[3] q; h q; cx q[0], q[1]; ry(0.3) q[1]; cx q[1], q[2];"
    subject = subject_of(body + "rz(0.002) q[0];", body, equivalent_to=CLAIM)
    assert judged("equal_to_reference", subject, at_most=1.001e-3).verdict == "pass"
    assert judged("equal_to_reference", subject, at_most=0.999e-3).verdict == "fail"


def test_small_difference_with_parameters_never_passes_on_the_word_of_drawn_angles() -> None:
    subject = subject_of(RIGHT + "rz(0.002) q[0];", RIGHT, equivalent_to=CLAIM)
    assert judged("equal_to_reference", subject, at_most=1.001e-3).verdict == "inconclusive"
    assert judged("equal_to_reference", subject, at_most=0.999e-3).verdict == "fail"


def test_agreement_at_drawn_angles_alone_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = Answer(
        "undecided", "unitary", "any", "drawn angles", "none", message="no drawn angle tells them apart"
    )
    monkeypatch.setattr("qverify.comparison.answer_to", lambda *_: agreed)
    found = compared(RIGHT)
    assert found.verdict == "inconclusive"
    assert "no drawn angle tells them apart" in found.finding.message


@pytest.mark.parametrize("width", [50, 100])
def test_wide_circuit_is_proved_equal_or_told_apart_in_seconds(width: int) -> None:
    body = "".join(f"input float[64] a{k};" for k in range(width)) + f"qubit[{width}] q; h q;"
    rings = [f"cx q[{k}], q[{(k + 1) % width}]; ry(a{k}) q[{k}];" for k in range(width)]
    other = [
        f"h q[{(k + 1) % width}]; cz q[{k}], q[{(k + 1) % width}]; h q[{(k + 1) % width}];" for k in range(width)
    ]
    same = "".join(c + r[r.index("ry") :] for c, r in zip(other, rings, strict=True))
    start = time.process_time()
    assert compared_with(body + "".join(rings), body + same).verdict == "pass"
    assert compared_with(body + "".join(rings), body + same.replace("ry(a7)", "ry(-a7)")).verdict == "fail"
    assert time.process_time() - start < 60


def test_parameters_are_matched_by_order_where_the_claim_says_so() -> None:
    body = "input float[64] a; input float[64] b; qubit[2] q; ry(a) q[0]; cx q[0], q[1]; rz(b) q[1];"
    other = body.replace("(a)", "(u)").replace("(b)", "(v)").replace("] a;", "] u;").replace("] b;", "] v;")
    assert compared_with(body, other).verdict == "inconclusive"
    assert compared_with(body, other, match="order").verdict == "pass"
    swapped = other.replace("input float[64] u; input float[64] v;", "input float[64] v; input float[64] u;")
    assert compared_with(body, swapped, match="order").verdict == "fail"


def test_channel_of_gates_is_compared_from_the_wires_that_start_in_zero() -> None:
    body, reference = "qubit[2] q; cx q[0], q[1]; h q[1];", "qubit[2] q; h q[1];"
    for zero, verdict in ((), "fail"), ((0,), "pass"), ((1,), "fail"):
        claim = {**CLAIM, "notion": "channel"}
        subject = subject_of(body, reference, equivalent_to=claim, zero_wires=zero)
        assert judged("equal_to_reference", subject).verdict == verdict


def test_unmatched_parameter_is_undecided_and_named() -> None:
    found = compared(RIGHT.replace("input float[64] a;", "input float[64] a; input float[64] c;") + "rx(c) q[0];")
    assert found.verdict == "inconclusive"
    assert "has the parameter `c`, the other circuit has not" in found.finding.message


def test_different_width_without_declared_wires_is_undecided() -> None:
    found = judged(
        "equal_to_reference", subject_of("qubit[2] q; h q[0];", "qubit[3] q; h q[0];", equivalent_to=CLAIM)
    )
    assert found.verdict == "inconclusive"
    assert "`ancilla` and `discard`" in found.finding.message


def test_difference_that_the_zero_state_does_not_show_passes_only_from_zero() -> None:
    body, reference = "qubit[2] q; cx q[0], q[1];", "qubit[2] q; cx q[1], q[0];"
    for given_input, verdict in (("zero", "pass"), ("any", "fail")):
        claim = {**CLAIM, "input": given_input}
        assert judged("equal_to_reference", subject_of(body, reference, equivalent_to=claim)).verdict == verdict
