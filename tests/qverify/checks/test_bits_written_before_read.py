"""The check `bits_written_before_read`: reads too early, outcomes lost, and what counts as read."""

from __future__ import annotations

import pytest
from hypothesis import given
from qiskit.circuit import QuantumCircuit

from tests.strategies import seeded, steady
from tests.subjects import judged, subject_of, subject_with

CHECK = "bits_written_before_read"
Q = "qubit[3] q; bit[2] c; h q[0]; "
IPE = "h q[0]; c[0] = measure q[0]; reset q[0]; if (c == 1) { s q[1]; } h q[1]; c[1] = measure q[1];"


@pytest.mark.parametrize(
    "body",
    [
        Q + "c[0] = measure q[0]; if (c[0]) { x q[1]; }",
        Q + IPE,  # a register is one value, as in the examples of the OpenQASM 2 paper
        Q + "c[0] = measure q[0]; if (c[0]) { c[1] = measure q[1]; } if (c[1]) { x q[2]; }",
        Q + "for int i in [0:2] { c[0] = measure q[0]; h q[0]; if (c[0]) { x q[1]; } }",
        Q + "c[0] = measure q[0]; if (c[0]) { c[0] = measure q[1]; }",
    ],
)
def test_bits_that_are_written_and_read_pass(body: str) -> None:
    assert judged(CHECK, subject_of(body)).verdict == "pass"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            Q + "if (c[1]) { x q[1]; } c[1] = measure q[0];",
            "if on c1 (line 3) reads c1 before anything is written there",
        ),
        (Q + "c[0] = measure q[0]; if (c[1]) { x q[1]; }", "if on c1 (line 3) reads c1 before"),
        (
            Q + "c[0] = measure q[0]; c[0] = measure q[1];",
            "measure q0 -> c0 (line 3) is overwritten before it is read",
        ),
        (Q + "if (c[0] && c[1]) { x q[1]; } c = measure q[0:1];", "reads c0 before"),
    ],
)
def test_bit_in_the_wrong_order_fails_and_is_named(body: str, said: str) -> None:
    found = judged(CHECK, subject_of(body))
    assert found.verdict == "fail"
    assert said in found.finding.evidence[0].where
    assert found.finding.evidence[0].strength == "proof"


def test_outcome_in_the_middle_that_no_claimed_observable_reads_is_never_read() -> None:
    body = Q + "c[0] = measure q[0]; h q[0]; c[1] = measure q[1];"
    assert judged(CHECK, subject_of(body)).verdict == "pass"
    assert judged(CHECK, subject_of(body, observables=["M0", "Z1"])).verdict == "pass"
    found = judged(CHECK, subject_of(body, observables=["Z2"]))
    assert found.verdict == "fail"
    assert found.finding.evidence[0].where == "measure q0 -> c0 (line 3) is never read"


def test_count_is_judged_by_the_bound() -> None:
    subject = subject_of(Q + "c[0] = measure q[0]; c[0] = measure q[1]; c[0] = measure q[2];")
    assert judged(CHECK, subject, at_most=2).verdict == "pass"
    assert judged(CHECK, subject, at_most=1).verdict == "fail"


def test_loop_without_a_bound_is_undecided() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.measure(0, 0)
    assert judged(CHECK, subject_with(circuit)).verdict == "inconclusive"


@pytest.mark.parametrize("body", ["qubit q; h q;", "qubit q; reset q;"])
def test_circuit_without_classical_bits_in_use_is_not_applicable(body: str) -> None:
    assert judged(CHECK, subject_of(body)).verdict == "not_applicable"


@steady(40)
@given(seeded())
def test_straight_line_is_counted_as_by_hand(source) -> None:
    """Measurements and conditions in a row: the story of each bit is read from the row itself."""
    row = [(source.choice("wwr"), source.randrange(2)) for _ in range(source.randint(1, 7))]
    body = "qubit[3] q; bit[2] c; " + "".join(
        f"c[{bit}] = measure q[{bit}]; " if kind == "w" else f"if (c[{bit}]) {{ x q[2]; }} " for kind, bit in row
    )
    faults = 0
    for k, (kind, bit) in enumerate(row):
        before = [kind for kind, other in row[:k] if other == bit]
        after = [kind for kind, other in row[k + 1 :] if other == bit]
        faults += (kind == "r" and "w" not in before) or (kind == "w" and after[:1] == ["w"])
    evidence = judged(CHECK, subject_of(body)).finding.evidence[0]
    assert evidence.lo == evidence.hi == faults
