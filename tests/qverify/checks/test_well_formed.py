"""The check `well_formed`: unknown operations and claims that miss the circuit."""

from __future__ import annotations

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate, Parameter

from tests.subjects import judged, subject_of, subject_with

BODY = "input float[64] x; input float[64] w; qubit[2] q; ry(x) q[0]; cx q[0], q[1]; rz(w) q[1];"


def test_circuit_whose_claims_speak_of_it_passes() -> None:
    assert judged("well_formed", subject_of(BODY, features=["x"], weights=["w"])).verdict == "pass"


def test_circuit_without_claims_passes() -> None:
    assert judged("well_formed", subject_of(BODY)).verdict == "pass"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"features": ["x"], "weights": ["v"]}, "`weights` claims `v`"),
        ({"features": ["x"]}, "the parameter `w` is claimed neither"),
        ({"features": ["x"], "weights": ["w"], "observables": ["Z7"]}, "reads qubit 7, but the circuit has 2"),
        ({"zero_wires": [2]}, "`zero_wires` names wire 2"),
        ({"discarded_wires": [-1]}, "`discarded_wires` names wire -1"),
        ({"features": ["x"], "weights": ["w"], "feature_maps": {"w": ["rz(w) q1"]}}, "speaks of `w`"),
    ],
)
def test_claim_that_misses_the_circuit_fails_and_is_named(claims: dict[str, object], said: str) -> None:
    found = judged("well_formed", subject_of(BODY, **claims))
    assert found.verdict == "fail"
    assert said in found.finding.evidence[0].where


def test_two_faults_are_just_above_a_bound_of_one() -> None:
    subject = subject_of(BODY, features=["x"], zero_wires=[5])
    assert judged("well_formed", subject, at_most=1).verdict == "fail"
    assert judged("well_formed", subject, at_most=2).verdict == "pass"


def test_opaque_operation_fails_even_inside_a_composite_gate() -> None:
    inner = QuantumCircuit(1)
    inner.append(Gate("mystery", 1, [Parameter("t")]), [0])
    outer = QuantumCircuit(1)
    outer.append(inner.to_gate(), [0])
    found = judged("well_formed", subject_with(outer))
    assert found.verdict == "fail"
    assert "`mystery` has no definition" in found.finding.evidence[0].where
