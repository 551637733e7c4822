"""Bounds hold every sampled value and slope, and are infinite where nothing is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import Parameter

from qverify.angle_bounds import bounds, slope_bound
from qverify.angle_text import parse_angle
from qverify.angles import angle_of, evaluate
from tests.strategies import expression, parameters, sources, steady


@given(sources())
@steady(200)
def test_the_interval_holds_every_sampled_value(source):
    names = parameters(2)
    form = angle_of(expression(source, names, 4))
    ranges = {p.name: tuple(sorted((source.uniform(-3, 3), source.uniform(-3, 3)))) for p in names}
    rng = np.random.default_rng(1)
    points = {p: np.concatenate([rng.uniform(lo, hi, 50), [lo, hi]]) for p, (lo, hi) in ranges.items()}
    values = evaluate(form, points)
    lo, hi = bounds(form, ranges)
    slack = 1e-9 * (1 + float(np.abs(values).max()))
    assert lo - slack <= values.min()
    assert values.max() <= hi + slack


@given(sources())
@steady(200)
def test_no_sampled_slope_exceeds_the_bound(source):
    names = parameters(2)
    form = angle_of(expression(source, names, 4))
    ranges = {p.name: tuple(sorted((source.uniform(-3, 3), source.uniform(-3, 3)))) for p in names}
    rng = np.random.default_rng(2)
    first = {p: rng.uniform(lo, hi, 50) for p, (lo, hi) in ranges.items()}
    second = {**first, "p0": rng.uniform(*ranges["p0"], 50)}
    rise = np.abs(evaluate(form, second) - evaluate(form, first))
    run = np.abs(second["p0"] - first["p0"])
    bound = slope_bound(form, "p0", ranges)
    if math.isfinite(bound):
        assert np.all(rise <= bound * run * (1 + 1e-9) + 1e-9 * (1 + bound))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", (-2, 3)),
        ("2*x - 1", (-5, 5)),
        ("-x", (-3, 2)),
        ("abs(x)", (0, 3)),
        ("x**2", (0, 9)),
        ("x*x", (-6, 9)),
        ("sin(7*x)", (-1, 1)),
        ("atan(x)", (math.atan(-2), math.atan(3))),
        ("exp(x)", (math.exp(-2), math.exp(3))),
        ("log(x + 2)", (-math.inf, math.log(5))),
        ("sqrt(x + 2)", (0, math.sqrt(5))),
        ("log(x)", (-math.inf, math.inf)),
        ("asin(x)", (-math.inf, math.inf)),
        ("1/x", (-math.inf, math.inf)),
        ("x**3", (-math.inf, math.inf)),
        ("sign(x)", (-1, 1)),
        ("exp(1000*x)", (0, math.inf)),
    ],
)
def test_the_interval_of_a_known_function_is_its_closed_form(text, expected):
    assert bounds(parse_angle(text, ["x"]), {"x": (-2.0, 3.0)}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", 1),
        ("-2*x + y", 2),
        ("y", 0),
        ("sin(3*x)", 3),
        ("atan(x)", 1),
        ("abs(x - y)", 1),
        ("x*y", 5),
        ("x*x", 6),
        ("sign(x)", math.inf),
        ("x**2", math.inf),
        ("1/x", math.inf),
        ("sqrt(y)", 0),
    ],
)
def test_the_slope_of_a_known_function_is_bounded_by_its_closed_form(text, expected):
    assert slope_bound(parse_angle(text, ["x", "y"]), "x", {"x": (-2.0, 3.0), "y": (-5.0, 4.0)}) == expected


def test_an_infinite_range_gives_an_infinite_interval_and_never_nan():
    for text in ("x - x*y", "x*y", "x + exp(y) - exp(x)", "atan(x)*y"):
        lo, hi = bounds(parse_angle(text, ["x", "y"]), {"x": (-math.inf, math.inf), "y": (-math.inf, math.inf)})
        assert lo <= hi


def test_a_parameter_of_unknown_range_is_a_fault_of_the_caller():
    with pytest.raises(KeyError):
        bounds(angle_of(Parameter("t")), {})


def test_slope_of_arcsin_inside_its_ends():
    angle = parse_angle("asin(0.9*x)", ("x",))
    assert slope_bound(angle, "x", {"x": (-1.0, 0.5)}) == pytest.approx(0.9 / math.sqrt(1 - 0.81))
    assert slope_bound(angle, "x", {"x": (-2.0, 0.5)}) == math.inf
