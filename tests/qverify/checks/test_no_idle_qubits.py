"""The check `no_idle_qubits`: untouched and dead wires are named, and barriers are no use."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.subjects import NESTED, judged, subject_of


def test_circuit_that_reads_everything_it_uses_passes() -> None:
    assert judged("no_idle_qubits", subject_of("qubit[2] q; h q[0]; cx q[0], q[1];")).verdict == "pass"


@pytest.mark.parametrize(
    ("body", "claims", "said"),
    [
        ("qubit[3] q; h q[0]; cx q[0], q[1]; barrier q;", {}, "qubit 2 is untouched"),
        (
            "qubit[3] q; h q; cx q[0], q[1]; cx q[1], q[2];",
            {"observables": ["Z0"]},
            "qubit 2 is dead",
        ),
        ("qubit[2] q; bit c; h q; c = measure q[0];", {"observables": ["M0"]}, "qubit 1 is dead"),
        ("qubit[2] q; h q; cx q[0], q[1]; reset q[1];", {"observables": ["Z1"]}, "qubit 0 is dead"),
        ("qubit[2] q; h q;", {"discarded_wires": [1]}, "qubit 1 is dead"),
    ],
)
def test_idle_qubit_fails_and_is_named(body: str, claims: dict[str, object], said: str) -> None:
    found = judged("no_idle_qubits", subject_of(body, **claims))
    assert found.verdict == "fail"
    assert said in found.finding.evidence[0].where


def test_measured_bit_that_steers_a_gate_is_a_use() -> None:
    body = "qubit[2] q; bit c; h q[0]; c = measure q[0]; if (c) { x q[1]; }"
    assert judged("no_idle_qubits", subject_of(body, observables=["Z1"])).verdict == "pass"


def test_count_is_judged_by_the_bound() -> None:
    subject = subject_of("qubit[4] q; h q[0];")
    assert judged("no_idle_qubits", subject, at_most=3).verdict == "pass"
    assert judged("no_idle_qubits", subject, at_most=2).verdict == "fail"


def test_unreadable_observable_is_undecided() -> None:
    assert judged("no_idle_qubits", subject_of("qubit q; h q;", observables=["Z3"])).verdict == "inconclusive"


@settings(NESTED, max_examples=25)
@given(st.integers(1, 4), st.integers(0, 3))
def test_each_added_unused_qubit_is_counted(used: int, unused: int) -> None:
    body = f"qubit[{used + unused}] q; " + "".join(f"h q[{k}];" for k in range(used))
    assert judged("no_idle_qubits", subject_of(body)).finding.evidence[0].lo == unused
