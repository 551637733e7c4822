"""Angles reduced exactly, also those that float64 cannot reduce."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit

from qverify.equivalence.decide import Question, decide
from qverify.reduction import quarter_turns
from tests.strategies import steady
from tests.subjects import subject_with


@steady(200)
@given(st.floats(-1e300, 1e300) | st.floats(-1e16, 1e16) | st.floats(-20, 20))
def test_rest_is_that_of_many_digits(t: float) -> None:
    q, r = quarter_turns(t)
    with mpmath.workdps(700):
        assert abs(mpmath.mpf(t) - q * mpmath.pi / 2 - r) < 1e-14
    assert abs(r) <= math.pi / 4 + 1e-14


@pytest.mark.parametrize("size", [1e2, 1e6, 1e9, 1e12, 1e15])
def test_large_angles_that_are_equal_by_float_arithmetic_alone_are_told_apart(size: float) -> None:
    folded = math.fmod(size, 2 * math.pi)  # exact, but by a 2 pi that is off by 2.4e-16
    circuits = [QuantumCircuit(1), QuantumCircuit(1)]
    for circuit, angle in zip(circuits, (size, folded), strict=True):
        circuit.rx(angle, 0)
    with mpmath.workdps(60):
        rest = float(mpmath.fmod(mpmath.mpf(size) - mpmath.mpf(folded), 2 * mpmath.pi))
    apart = 2 * abs(np.sin(min(rest, 2 * math.pi - rest) / 4))
    found = decide(*(subject_with(c) for c in circuits), Question("unitary"))
    assert found.distance is not None
    assert found.distance.lo - 1e-15 <= apart <= found.distance.hi + 1e-15
    assert (found.verdict == "different") == (apart > 1e-8)
