"""The check `shift_rule`: shared, scaled and controlled weights break the two-term rule, and are found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.subjects import NESTED, judged, subject_of

CLAIMS = {"weights": ["a", "b"], "observables": ["Z0", "X0 Y1"], "gradient_rule": "two_term_shift"}
HEAD = "input float[64] a; input float[64] b; qubit[2] q; h q[0]; "


def test_weights_used_once_in_pauli_rotations_pass() -> None:
    assert (
        judged("shift_rule", subject_of(HEAD + "ry(a) q[0]; cx q[0], q[1]; rz(-b) q[1]; h q[1];", **CLAIMS)).verdict
        == "pass"
    )


@pytest.mark.parametrize(
    ("body", "weight"),
    [
        ("ry(a) q[0]; cx q[0], q[1]; ry(a) q[1]; rx(b) q[1];", "a"),
        ("ry(2*a) q[0]; rx(b) q[1];", "a"),
        ("ry(a) q[0]; h q[1]; ctrl @ ry(b) q[0], q[1];", "b"),
        ("ry(a*b) q[0]; rx(b) q[1];", ""),
    ],
)
def test_weight_that_breaks_the_rule_fails_and_is_named(body: str, weight: str) -> None:
    found = judged("shift_rule", subject_of(HEAD + body, **CLAIMS))
    assert found.verdict == "fail"
    assert found.finding.evidence[0].where.endswith(f"d {weight}") or not weight


def test_small_scale_error_is_judged_by_the_bound() -> None:
    subject = subject_of(HEAD + "ry(1.0001*a) q[0]; rx(b) q[1];", **CLAIMS)
    found = judged("shift_rule", subject).finding.evidence[0]
    assert judged("shift_rule", subject, at_most=found.hi * 1.01).verdict == "pass"
    assert judged("shift_rule", subject, at_most=found.lo * 0.99).verdict == "fail"


def test_without_the_claim_it_is_not_applicable_and_says_what_would_help() -> None:
    found = judged("shift_rule", subject_of(HEAD + "ry(a) q[0]; ry(b) q[1];", weights=["a", "b"]))
    assert found.verdict == "not_applicable"
    assert "needs the claim `gradient_rule`" in found.finding.message


def test_angle_that_is_hardly_ever_defined_is_undecided() -> None:
    found = judged("shift_rule", subject_of(HEAD + "ry(arcsin(a + 50)) q[0]; ry(b) q[1];", **CLAIMS))
    assert found.verdict == "inconclusive"
    assert "undefined for most values" in found.finding.message


@settings(NESTED, max_examples=8)
@given(st.permutations(["rx(a) q[0];", "rzz q[0], q[1];", "ry(b) q[1];", "cz q[0], q[1];", "s q[0];", "h q[1];"]))
def test_any_order_of_single_use_rotations_passes(order: list[str]) -> None:
    body = HEAD + "".join(order).replace("rzz q[0], q[1];", "cx q[0], q[1]; t q[1]; cx q[0], q[1];")
    assert judged("shift_rule", subject_of(body, **CLAIMS)).verdict == "pass"
