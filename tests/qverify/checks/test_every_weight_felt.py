"""The check `every_weight_felt`: dead weights are proved dead, living ones never are."""

from __future__ import annotations

from pathlib import Path

import pytest

from qverify.discovery import load_subject
from tests.subjects import judged, subject_of

CIRCUITS = Path(__file__).parents[3] / "circuits"
HEAD = "input float[64] a; input float[64] b; qubit[2] q; "
CLAIMS = {"weights": ["a", "b"], "observables": ["Z0", "Z1"]}


def test_weights_before_a_measured_axis_pass() -> None:
    assert (
        judged("every_weight_felt", subject_of(HEAD + "ry(a) q[0]; cx q[0], q[1]; rx(b) q[1];", **CLAIMS)).verdict
        == "pass"
    )


@pytest.mark.parametrize("last", ["rz(b) q[1];", "cx q[0], q[1]; rz(b) q[0];", "cz q[0], q[1]; p(b) q[1];"])
def test_rotation_about_the_measured_axis_is_dead_by_proof(last: str) -> None:
    found = judged("every_weight_felt", subject_of(HEAD + "ry(a) q[0]; " + last, **CLAIMS))
    evidence = found.finding.evidence[0]
    assert (found.verdict, evidence.lo, evidence.hi, evidence.where) == ("fail", 1, 1, "b")
    assert evidence.strength == "proof"


@pytest.mark.parametrize(
    ("role", "dead"),
    [("forget", 4), ("input", 4), ("update", 4), ("output", 4), ("hidden", 6), ("output_processing", 4)],
)
def test_published_circuits_have_their_known_dead_weights(role: str, dead: int) -> None:
    evidence = judged("every_weight_felt", load_subject(str(CIRCUITS / f"chen2020/{role}.qasm"))).finding.evidence[
        0
    ]
    assert (evidence.lo, evidence.hi) == (dead, dead)
    assert all(f"gamma_1_{k}" in evidence.where for k in range(4))


def test_count_is_judged_by_the_bound() -> None:
    subject = subject_of(HEAD + "ry(a) q[0]; rz(b) q[1];", **CLAIMS)
    assert judged("every_weight_felt", subject, at_most=1).verdict == "pass"
    assert judged("every_weight_felt", subject, at_most=0).verdict == "fail"


def test_weight_without_witness_and_without_proof_is_undecided() -> None:
    """d/da (cos^2 + sin^2) = 0, which no set of Pauli letters can tell."""
    body = HEAD + "ry(a) q[0]; ry(-a) q[0]; ry(b) q[1];"
    found = judged("every_weight_felt", subject_of(body, **CLAIMS))
    assert (found.verdict, found.finding.evidence[0].lo, found.finding.evidence[0].hi) == ("inconclusive", 0, 1)
    assert "a (not proved)" in found.finding.evidence[0].where
