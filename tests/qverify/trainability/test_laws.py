"""Laws of angles: moments against closed forms, quadrature and sampling; text that reads back; refusals."""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from qverify.errors import Unusable
from qverify.trainability.laws import UNIFORM, Law, parse_law
from tests.strategies import steady

TEXTS = [
    "uniform", "uniform(-0.1, 0.1)", "uniform(0, 1)", "normal(0, 0.5)", "normal(0.3, 2)", "fixed(0.7)",
    "arctan(normal(0, 1))", "arctan(normal(0.5, 3))", "arctan(normal(1, 40))", "arctan(uniform(-1, 1))",
    "arctan(uniform(-3, 50))", "arcsin(uniform(-1, 1))", "arcsin(uniform(0.1, 0.6))", "2*arctan(normal(0, 1))",
    "-0.5*arcsin(uniform(-1, 0.3))",
]  # fmt: skip


def quadrature(law, f):
    """E f(theta), by adaptive quadrature over the law's own variable."""
    inner = {"arctan": math.atan, "arcsin": math.asin, "": float}[law.function]
    if law.kind == "fixed":
        return f(law.a)
    if law.kind == "uniform":
        low, high, density = law.a, law.b, stats.uniform(law.a, law.b - law.a).pdf
    else:
        low, high, density = law.a - 12 * law.b, law.a + 12 * law.b, stats.norm(law.a, law.b).pdf
    found = integrate.quad(lambda x: f(law.factor * inner(x)) * density(x), low, high, limit=400, epsabs=1e-12)
    return found[0]


@pytest.mark.parametrize("text", [text for text in TEXTS if "40" not in text])
def test_the_moments_are_those_of_an_adaptive_quadrature_of(text):
    law, slope, offset = parse_law(text), -1.7, 0.4
    wanted = [
        quadrature(law, lambda theta, g=g: g(slope * theta + offset))
        for g in (math.cos, math.sin, lambda t: math.cos(t) ** 2, lambda t: math.sin(t) * math.cos(t))
    ]
    np.testing.assert_allclose(astuple(law.moments(slope, offset)), wanted, rtol=0, atol=1e-11)
    assert law.mean == pytest.approx(quadrature(law, lambda theta: theta), abs=1e-11)


@pytest.mark.parametrize("text", TEXTS)
def test_the_moments_are_those_of_the_draws_of(text):
    law, count = parse_law(text), 40_000
    theta = law.draw(np.random.default_rng(3), count)
    low, high = law.support
    assert low <= theta.min()
    assert theta.max() <= high
    t = 1.5 * theta + 0.2
    for found, x in zip(
        astuple(law.moments(1.5, 0.2)),
        (np.cos(t), np.sin(t), np.cos(t) ** 2, np.sin(t) * np.cos(t)),
        strict=True,
    ):
        assert abs(found - x.mean()) <= 4.5 * x.std() / math.sqrt(count) + 1e-12


def test_the_moment_of_an_arctan_of_a_normal_number_is_known():
    found = parse_law("arctan(normal(0, 1))").moments(1.0, 0.0)
    assert found.cos2 == pytest.approx(
        math.sqrt(math.pi / 2) * math.exp(0.5) * special.erfc(math.sqrt(0.5)), abs=1e-14
    )
    assert found.cos2 == pytest.approx(0.65568, abs=1e-5)
    assert found.sin == 0.0
    assert found.sincos == 0.0


@pytest.mark.parametrize("sd", [1e-3, 0.1, 7.9, 8.1, 1e3, 1e6])
def test_an_arctan_is_right_for_narrow_and_for_wide_normal_laws(sd):
    found = parse_law(f"arctan(normal(0, {sd}))").moments(1.0, 0.0)
    a = 1 / (2 * sd**2)
    wanted = math.sqrt(math.pi * a) * special.erfcx(math.sqrt(a))  # E 1/(1 + x**2)
    assert found.cos2 == pytest.approx(wanted, rel=1e-12)


def test_known_moments_of_arcsin_and_arctan_of_a_uniform_number():
    assert parse_law("arcsin(uniform(-1, 1))").moments(1.0, 0.0).cos2 == pytest.approx(2 / 3, abs=1e-14)
    assert parse_law("arctan(uniform(-1, 1))").moments(1.0, 0.0).cos2 == pytest.approx(math.pi / 4, abs=1e-14)


@pytest.mark.parametrize(("slope", "offset"), [(1, 0.0), (-3, 0.7), (2, math.pi)])
def test_a_whole_turn_has_moments_that_vanish_exactly(slope, offset):
    assert astuple(UNIFORM.moments(slope, offset)) == (0.0, 0.0, 0.5, 0.0)


@pytest.mark.parametrize("quarter", range(-5, 6))
def test_quarter_turns_are_exact(quarter):
    found = parse_law("normal(0, 0.5)").moments(1.0, quarter * math.pi / 2)
    assert found.sincos == 0.0
    assert (found.sin if quarter % 2 == 0 else found.cos) == 0.0


@pytest.mark.parametrize(
    ("text", "symmetric"),
    [
        ("uniform(1, 3)", True),
        ("normal(2, 1)", True),
        ("fixed(1)", True),
        ("arctan(normal(0, 1))", True),
        ("arctan(normal(0.1, 1))", False),
        ("arcsin(uniform(-0.5, 0.5))", True),
        ("arcsin(uniform(0, 0.5))", False),
        ("arctan(fixed(2))", True),
    ],
)
def test_laws_know_whether_they_are_symmetric(text, symmetric):
    law = parse_law(text)
    assert law.symmetric is symmetric
    moments = law.moments(1.0, -law.mean)
    assert (moments.sin == 0.0 and moments.sincos == 0.0) == symmetric or abs(moments.sin) < 1e-15


numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


@steady(60)
@given(
    st.one_of(
        st.tuples(numbers, numbers).filter(lambda p: p[0] < p[1]).map(lambda p: Law("uniform", *p)),
        st.tuples(numbers, st.floats(1e-6, 1e6)).map(lambda p: Law("normal", *p)),
        numbers.map(lambda v: Law("fixed", v)),
        st.tuples(numbers, st.floats(1e-6, 1e6), st.floats(0.01, 100)).map(
            lambda p: Law("normal", p[0], p[1], "arctan", p[2])
        ),
        st.tuples(st.floats(-1, -0.1), st.floats(0, 1), st.floats(-100, -0.01)).map(
            lambda p: Law("uniform", p[0], p[1], "arcsin", p[2])
        ),
    )
)
def test_text_reads_back(law):
    assert parse_law(str(law)) == law


def test_texts_of_one_law_are_equal():
    assert parse_law("uniform(0, 2*pi)") == parse_law(" uniform ") == UNIFORM
    assert str(UNIFORM) == "uniform"
    assert parse_law("2*uniform(-pi/4, pi/2)") == parse_law("uniform(-pi/2, pi)")
    assert parse_law("-2*normal(1, 3)") == parse_law("normal(-2, 6)")
    assert parse_law("2*3*arctan(normal(0, 1))") == parse_law("6*arctan(normal(0, 1))")
    assert parse_law("arctan(fixed(1))") == parse_law("fixed(pi/4)")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unifrom", "did you mean `uniform`"),
        ("gaus(0, 1)", "`gaus` in `gaus(0, 1)` is no law"),
        ("uniform(1, 0)", "needs a < b"),
        ("uniform(1, 1)", "needs a < b"),
        ("normal(0)", "takes 2 arguments, not 1"),
        ("normal(0, 0)", "needs a deviation above 0"),
        ("normal(0, -1)", "needs a deviation above 0"),
        ("normal(0, x)", "needs numbers"),
        ("fixed(1/0)", "divides by zero"),
        ("arcsin(normal(0, 1))", "beyond [-1, 1]"),
        ("arcsin(uniform(-1, 2))", "beyond [-1, 1]"),
        ("arctan(arctan(normal(0, 1)))", "one function of a plain law"),
        ("arctan(0.5)", "is no law"),
        ("0*uniform", "multiplies by zero"),
        ("normal(0, 1e300)", "beyond 1e+09"),
        ("uniform(a=1, b=2)", "is no law"),
        ("", "is no law"),
        ("uniform; uniform", "is no law"),
        ("__import__('os')", "is no law"),
        ("(" * 3000, "is no law"),
    ],
)
def test_what_is_no_law_is_refused_in_one_sentence(text, said):
    with pytest.raises(Unusable) as refusal:
        parse_law(text)
    assert said in refusal.value.sentence
    assert "\n" not in refusal.value.sentence


def test_a_slope_too_steep_for_the_quadrature_is_refused():
    with pytest.raises(Unusable, match="too fine a quadrature"):
        parse_law("arctan(normal(0, 1))").moments(1e9, 0.0)
