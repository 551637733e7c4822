"""Angles as polynomials: equal polynomials are one angle, and every form has the value of what it came from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.circuit import Parameter

from qverify.angles import (
    Angle,
    add,
    angle_of,
    apply,
    constant,
    divide,
    evaluate,
    multiply,
    parameter,
    power,
    scale,
)
from qverify.semantics.polynomials import expanded
from tests.strategies import steady

x, y, z = (Parameter(name) for name in "xyz")
SAME = [
    (x * x, x**2),
    ((x + y) * x, x * x + y * x),
    ((x + y) ** 2, x**2 + 2 * x * y + y**2),
    ((x * y) * x.sin(), x * (y * x.sin())),
    (((2 * x) ** 2).arctan(), (4 * x**2).arctan()),
    ((x / -8) * y, x * y / -8),
    ((-x).sin(), -x.sin()),
    ((y - x).cos(), (x - y).cos()),
    ((x + 0.5) * (y - 0.5), x * y + 0.5 * y - 0.5 * x - 0.25),
    (x / y, x * (1 / y)),
    (x**3, x * x * x),
    ((2 * x).sin(), 2 * x.sin() * x.cos()),
    ((2 * x).cos(), 1 - 2 * x.sin() ** 2),
    (x, x * (y.sin() ** 2 + y.cos() ** 2)),
    ((x + y).sin(), x.sin() * y.cos() + x.cos() * y.sin()),
    ((x + y).exp(), x.exp() * y.exp()),
    (x.tan(), x.sin() / x.cos()),
    (x.exp() * (-x).exp() * y, y),
    (x.sin().exp().log(), x.sin()),
    (x.sin() ** 3, 0.75 * x.sin() - 0.25 * (3 * x).sin()),
    (
        (x + y) * (y + z) * (z + x),
        x * y * z * 2 + x * x * y + x * x * z + y * y * x + y * y * z + z * z * x + z * z * y,
    ),
]
DIFFERENT = [
    (x**2, 2 * x),
    (x * y, x + y),
    ((x**2).arctan(), x.arctan()),
    (x / y, y / x),
    ((-x).cos(), -x.cos()),
    ((x + y) ** 2, x**2 + y**2),
    (x * (1 / x), x / x + 1),
    ((2 * x).sin(), 2 * x.sin()),
    (x.log().exp(), x),
    ((x * y).exp(), x.exp() * y.exp()),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_equal_polynomials_are_one_angle(left, right) -> None:  # type: ignore[no-untyped-def]
    assert expanded(angle_of(left)).text() == expanded(angle_of(right)).text()


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_other_polynomials_are_other_angles(left, right) -> None:  # type: ignore[no-untyped-def]
    assert expanded(angle_of(left)).text() != expanded(angle_of(right)).text()


numbers = st.sampled_from([0.5, -1.0, 2.0, 3.0, -0.25])
atoms = st.one_of(st.sampled_from("xyz").map(parameter), numbers.map(constant))


def grown(inner: st.SearchStrategy[Angle]) -> st.SearchStrategy[Angle]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: add(*p)),
        pairs.map(lambda p: multiply(*p)),
        st.tuples(inner, numbers).map(lambda p: scale(*p)),
        st.tuples(inner, st.integers(2, 4)).map(lambda p: power(p[0], constant(p[1]))),
        st.tuples(st.sampled_from(["sin", "cos", "atan"]), inner).map(lambda p: apply(*p)),
        st.tuples(inner, inner.filter(lambda a: bool(a.terms))).map(lambda p: divide(*p)),
    )


@steady(200)
@given(st.recursive(atoms, grown, max_leaves=8))
def test_form_has_the_value_of_its_angle(angle: Angle) -> None:
    at = {"x": np.array([0.3, -0.7]), "y": np.array([0.9, 1.1]), "z": np.array([-0.4, 0.2])}
    was, now = evaluate(angle, at), evaluate(expanded(angle), at)
    fine = np.isfinite(was) & np.isfinite(now) & (np.abs(was) < 1e6)
    assert np.allclose(
        np.broadcast_to(was, fine.shape)[fine], np.broadcast_to(now, fine.shape)[fine], rtol=1e-7, atol=1e-7
    )


@steady(100)
@given(st.recursive(atoms, grown, max_leaves=6))
def test_expanding_twice_changes_nothing(angle: Angle) -> None:
    once = expanded(angle)
    assert expanded(once).text() == once.text()
