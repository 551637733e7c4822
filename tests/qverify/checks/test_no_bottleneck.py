"""The check `no_bottleneck`: a qubit that only waits is named, with the operation that it waits for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.subjects import NESTED, judged, subject_of

WAITING = "qubit[2] q; bit[{n}] c; h q[0]; cx q[0], q[1]; {rounds} cx q[0], q[1];"


def waiting(rounds: int) -> str:
    each = "".join(f"h q[1]; c[{k}] = measure q[1]; reset q[1];" for k in range(rounds))
    return WAITING.format(n=max(rounds, 1), rounds=each)


def share(rounds: int) -> float:
    """Of its life that wire 0 waits: H 32 ns and two CX of 68 are its work, 2032 ns pass in a round."""
    work, pause = 32 + 68 + 68, 2032 * rounds
    return pause / (work + pause)


def test_circuit_without_waits_passes() -> None:
    assert judged("no_bottleneck", subject_of("qubit[2] q; h q; cx q[0], q[1];")).verdict == "pass"


def test_qubit_that_waits_for_rounds_of_another_fails_and_is_named() -> None:
    found = judged("no_bottleneck", subject_of(waiting(4)))
    assert found.verdict == "fail"
    assert found.finding.evidence[0].where.startswith("qubit 0, longest before cx q0, q1")


@pytest.mark.parametrize(("slack", "verdict"), [(1e-9, "pass"), (-1e-9, "fail")])
def test_wait_just_inside_the_bound_passes_and_just_outside_fails(slack: float, verdict: str) -> None:
    assert judged("no_bottleneck", subject_of(waiting(2)), at_most=share(2) + slack).verdict == verdict


def test_delay_without_a_known_length_is_undecided() -> None:
    assert judged("no_bottleneck", subject_of("qubit q; h q; delay[10dt] q; h q;")).verdict == "inconclusive"


@settings(NESTED, max_examples=10)
@given(st.integers(0, 5))
def test_share_is_that_of_the_durations(rounds: int) -> None:
    found = judged("no_bottleneck", subject_of(waiting(rounds)))
    assert found.finding.evidence[0].lo == pytest.approx(share(rounds))
