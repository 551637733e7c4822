"""The check `reset_before_reuse`: leftovers that are turned, and the many ways of going on that are no fault."""

from __future__ import annotations

import pytest
from hypothesis import given
from qiskit.circuit import QuantumCircuit

from tests.chances import NOTHING, chance_of_one
from tests.strategies import seeded, steady
from tests.subjects import judged, subject_of, subject_with

CHECK = "reset_before_reuse"
HEAD = "input float[64] a; qubit[3] q; bit[2] c; ry(a) q[0]; cx q[1], q[0]; "


@pytest.mark.parametrize(
    "body",
    [
        "c[0] = measure q[0]; reset q[0]; ry(a) q[0];",
        "c[0] = measure q[0]; if (c[0]) { x q[0]; } ry(a) q[0];",
        "c[0] = measure q[0]; cx q[0], q[1]; c[1] = measure q[0];",  # its value, used by a gate
        "c[0] = measure q[0]; cx q[1], q[0]; c[1] = measure q[0];",  # the next round of a parity check
        "h q[0]; c[0] = measure q[0]; h q[0]; ry(a) q[0];",  # measured in another basis
        "c[0] = measure q[0]; if (c[0]) { ry(a) q[0]; }",  # its own correction
        "c[0] = measure q[0]; rz(a) q[0]; c[1] = measure q[0];",
        "c[0] = measure q[0]; ry(a) q[1];",
        "c[0] = measure q[0]; swap q[0], q[2]; reset q[2]; ry(a) q[2];",
        "for int i in [0:1] { c[0] = measure q[0]; reset q[0]; ry(a) q[0]; }",
    ],
)
def test_wire_that_is_reset_or_goes_on_rightly_passes(body: str) -> None:
    assert judged(CHECK, subject_of(HEAD + body)).verdict == "pass"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("c[0] = measure q[0]; ry(a) q[0];", "ry q0 (line 3) turns q0 as measure q0 -> c0 (line 3) left it"),
        ("c[0] = measure q[0]; if (c[0]) { x q[1]; } ry(a) q[0];", "ry q0"),
        ("c[0] = measure q[0]; c[1] = measure q[1]; if (c[1]) { x q[0]; } ry(a) q[0];", "ry q0"),
        ("c[0] = measure q[0]; if (c[0]) { reset q[1]; } rxx(a) q[0], q[2];", "rxx q0, q2"),
        ("c[0] = measure q[0]; swap q[0], q[2]; ry(a) q[2];", "ry q2"),
        ("for int i in [0:1] { c[0] = measure q[0]; if (c[0]) { x q[1]; } h q[0]; }", "h q0 (in the operation of"),
    ],
)
def test_leftover_that_is_turned_fails_and_is_named(body: str, said: str) -> None:
    gates = "gate rxx(t) p, r { h p; h r; cx p, r; rz(t) r; cx p, r; h p; h r; } "
    found = judged(CHECK, subject_of(gates + HEAD + body if "rxx" in body else HEAD + body))
    assert found.verdict == "fail"
    assert said.replace("rxx q0, q2", "turns q0") in found.finding.evidence[0].where


def test_claim_says_that_a_wire_goes_on_as_it_is() -> None:
    body = HEAD + "c[0] = measure q[0]; ry(a) q[0];"
    assert judged(CHECK, subject_of(body, unreset_wires=[0])).verdict == "pass"
    assert judged(CHECK, subject_of(body, unreset_wires=[1])).verdict == "fail"


def test_count_is_judged_by_the_bound() -> None:
    subject = subject_of(HEAD + "c[0] = measure q[0]; ry(a) q[0]; c[1] = measure q[1]; ry(a) q[1];")
    assert judged(CHECK, subject, at_most=2).verdict == "pass"
    assert judged(CHECK, subject, at_most=1).verdict == "fail"


def test_many_wires_without_a_proof_are_undecided() -> None:
    wide = "qubit[30] q; bit c; h q; c = measure q[0]; ry(1.0) q[0];"
    assert judged(CHECK, subject_of(wide)).verdict == "inconclusive"
    # an active reset is proved at any width
    assert judged(CHECK, subject_of(wide.replace("ry", "if (c) { x q[0]; } ry"))).verdict == "pass"


@pytest.mark.parametrize("body", ["qubit q; h q;", "qubit q; reset q;"])
def test_circuit_without_measurement_is_not_applicable(body: str) -> None:
    assert judged(CHECK, subject_of(body)).verdict == "not_applicable"


@steady(30)
@given(seeded())
def test_row_of_operations_is_judged_as_by_density_matrices(source) -> None:
    circuit, waiting, bad = QuantumCircuit(2, 1), False, 0
    for k in range(8):
        kind = source.choice(["turn", "measure", "reset", "correct", "phase", "target"])
        if kind == "turn":
            bad += waiting and chance_of_one(circuit, len(circuit.data), 0, [0]) > NOTHING
            waiting = False
            circuit.ry(0.3 + k, 0)
        elif kind == "measure":
            circuit.measure(0, 0)
            waiting = True
        elif kind == "reset":
            circuit.reset(0)
            waiting = False
        elif kind == "correct":
            with circuit.if_test((circuit.clbits[0], 1)):
                circuit.x(0)
        elif kind == "phase":
            circuit.rz(0.4, 0)
        else:
            circuit.cx(1, 0)
    evidence = judged(CHECK, subject_with(circuit, zero_wires=[0])).finding.evidence
    assert not evidence or evidence[0].lo == evidence[0].hi == bad
