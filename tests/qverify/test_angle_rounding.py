"""The bound on rounding holds against evaluation in more digits, and is not far from it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given

from qverify.angle_rounding import rounding
from qverify.angles import FUNCTIONS, Angle, angle_of, evaluate
from tests.strategies import expression, parameters, seeded, steady


def precise(angle: Angle, at: dict[str, float]) -> np.longdouble:
    """The same in 64 bits of mantissa, where the machine has them."""
    total = np.longdouble(angle.constant)
    for atom, coefficient in angle.terms:
        if atom.kind == "parameter":
            value = np.longdouble(at[atom.name])
        else:
            inner = [precise(operand, at) for operand in atom.operands]
            if atom.kind in FUNCTIONS:
                value = FUNCTIONS[atom.kind](np.asarray(inner[0]))[()]  # type: ignore[assignment,arg-type]
            else:
                value = {"mul": np.multiply, "div": np.divide, "pow": np.power}[atom.kind](*inner)
        total = total + np.longdouble(coefficient) * value
    return total


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="long double has no more digits here")
@steady(300)
@given(seeded())
def test_rounding_stays_within_the_bound(source) -> None:
    names = parameters(2)
    angle = angle_of(expression(source, names))
    at = {p.name: source.uniform(-1, 1) * 10 ** source.uniform(-2, 9) for p in names}
    bound = rounding(angle, at)
    if not math.isfinite(bound):
        return
    with np.errstate(all="ignore"):
        wanted = precise(angle, at)
    assert abs(float(evaluate(angle, at) - wanted)) <= bound


def test_a_linear_angle_is_off_by_few_units() -> None:
    assert 0.0 < rounding(Angle(0.5, angle_of(parameters(1)[0]).terms), {"p0": 1e9}) < 1e-5


@pytest.mark.parametrize(("kind", "value"), [("log", -1.0), ("asin", 2.0), ("exp", 1e4)])
def test_an_angle_without_a_value_has_no_bound(kind: str, value: float) -> None:
    p = parameters(1)[0]
    angle = angle_of(getattr(p, {"log": "log", "asin": "arcsin", "exp": "exp"}[kind])())
    assert rounding(angle, {"p0": value}) == math.inf
