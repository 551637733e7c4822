"""Generated pairs with the truth computed by brute force: no false word, no interval that misses, the same bytes.

The pairs and the judge are those of `benchmarks/equivalence_truth.py`, which runs ten thousand of them.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import RXGate

from benchmarks.truth.judge import Record, judged
from benchmarks.truth.operators import arc_distance, rounding, truth
from benchmarks.truth.pairs import KEEPING, MISTAKES, kind_of, pair
from benchmarks.truth.replay import replayed
from benchmarks.truth.table import line
from qverify.equivalence.answer import Answer, DistanceInterval

# even numbers: changes that keep the unitary, quickly decided; odd ones: mistakes, every second kind of them
NUMBERS = [*range(0, 220, 2), *range(1, 121, 4)]
BLOCKS = 10


@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_generated_pair_is_answered_wrongly(block: int) -> None:
    found = [quietly(number) for number in NUMBERS[block::BLOCKS]]
    assert not [line(r) for r in found if r.faults]
    assert sum(r.verdict == "undecided" for r in found) <= 1


def quietly(number: int) -> Record:
    """Qiskit's compiler warns of things that are no concern here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return judged(number, salt="small", widest=3, count=4)


def test_lines_of_a_counterexample_show_what_they_claim() -> None:
    found = [replayed(pair(number, salt="small", widest=3)) for number in (1, 31, 61)]
    assert "shown" in found
    assert set(found) <= {"shown", "no counterexample"}


def test_every_kind_of_change_has_its_turn() -> None:
    assert {kind_of(number) for number in range(200)} == {*KEEPING, *MISTAKES}


def test_same_number_is_the_same_pair() -> None:
    one, other = pair(77), pair(77)
    assert one.a == other.a
    assert one.b == other.b
    assert pair(77, salt="another").a != one.a


def test_arc_distance_is_the_least_over_phases() -> None:
    U = np.kron(RXGate(0.3).to_matrix(), RXGate(1.1).to_matrix())
    phases = np.exp(1j * np.linspace(0, 2 * math.pi, 20_001))
    least = min(np.linalg.norm(U - phase * np.eye(4), 2) for phase in phases)
    assert arc_distance(U, np.eye(4)) == pytest.approx(least, abs=1e-3)
    assert arc_distance(U, np.exp(0.7j) * U) == pytest.approx(0.0, abs=1e-14)


def test_truth_is_the_closed_form_at_every_value_of_a_parameter() -> None:
    x = Parameter("x")
    one, other = QuantumCircuit(1), QuantumCircuit(1)
    one.ry(x, 0)
    other.ry(2 * x, 0)
    for value in (-3.0, 0.25, 2.0):
        assert truth(one, other, {"x": value}) == pytest.approx(2 * math.sin(abs(value) / 4), abs=1e-14)


def test_rounding_grows_where_angles_are_large_and_is_infinite_where_there_is_none() -> None:
    square = ("pow", ("par", "x"), 2)
    assert rounding((square,), {"x": 1.0}) < 2e-11
    assert rounding((square,), {"x": 1e6}) > 1e-4
    assert rounding((("log", ("par", "x")),), {"x": -1.0}) == math.inf


@pytest.mark.parametrize(
    ("verdict", "interval", "fault"),
    [
        ("equivalent", (0.0, 0.0), "false equivalent"),
        ("different", (1.0, 2.0), "false different"),
        ("undecided", (1.9999, 2.0), "interval missed"),
    ],
)
def test_judge_catches_a_checker_that_is_wrong(
    verdict: str, interval: tuple[float, float], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Answer(verdict, "unitary", "any", "stub", "none", distance=DistanceInterval("", *interval))  # type: ignore[arg-type]
    monkeypatch.setattr("benchmarks.truth.judge.decide", lambda *_: said)
    monkeypatch.setattr("benchmarks.truth.judge.MORE_POINTS", 4)
    found = [quietly(number) for number in range(12)]
    assert sum(fault in r.faults for r in found) >= 4
