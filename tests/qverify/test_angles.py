"""Canonical angles against Qiskit's own evaluation; what is equal, what is not, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.circuit import Parameter

from qverify.angle_text import parse_angle
from qverify.angles import angle_of, constant, evaluate, parameters_in, substitute
from qverify.errors import Unusable
from tests.strategies import expression, parameters, sources, steady

X, Y = Parameter("x"), Parameter("y")


@given(sources())
@steady(300)
def test_an_expression_has_the_value_that_qiskit_gives_it(source):
    names = parameters(3)
    made = expression(source, names, 4)
    form = angle_of(made)
    assert parameters_in(form) <= {p.name for p in names}
    for _ in range(2):
        at = {p: source.uniform(-3, 3) for p in names}
        expected = made.bind({p: v for p, v in at.items() if p in made.parameters}).numeric()
        found = float(evaluate(form, {p.name: v for p, v in at.items()}))
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(sources())
@steady(100)
def test_evaluating_a_batch_is_evaluating_its_rows(source):
    names = parameters(2)
    form = angle_of(expression(source, names, 3))
    rows = {p.name: np.array([source.uniform(-2, 2) for _ in range(3)]) for p in names}
    together = np.broadcast_to(evaluate(form, rows), (3,))
    for k in range(3):
        assert float(evaluate(form, {p: v[k] for p, v in rows.items()})) == together[k]


@given(sources())
@steady(100)
def test_substituting_a_number_is_evaluating_there(source):
    names = parameters(2)
    form = angle_of(expression(source, names, 3))
    a, b = source.uniform(-2, 2), source.uniform(-2, 2)
    fixed = substitute(form, "p0", a)
    assert "p0" not in parameters_in(fixed)
    expected = float(evaluate(form, {"p0": a, "p1": b}))
    assert float(evaluate(fixed, {"p1": b})) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (2 * (X + Y), 2 * X + 2 * Y),
        (X + Y, Y + X),
        (X - X + Y, Y),
        (X * Y, Y * X),
        (-(X - Y), Y - X),
        (X / 2, 0.5 * X),
        (X + 0.0, X),
        (0.0 - X, -X),
        ((X + 1).sin(), (1 + X).sin()),
        (1.5 - (X - 2), 3.5 - X),
    ],
)
def test_spellings_of_one_angle_have_one_canonical_form(one, other):
    assert angle_of(one) == angle_of(other)
    assert angle_of(one).text() == angle_of(other).text()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (X.arctan(), (X**2).arctan()),
        (X + 1, X - 1),
        (X, -X),
        (X, Y),
        (2 * X, 2 * Y),
        (X.sin(), X.cos()),
        (X / Y, Y / X),
        (X**Y, Y**X),
        (X + 0.3, X + math.nextafter(0.3, 1)),
        (0.3 * X, math.nextafter(0.3, 1) * X),
        (X.abs(), X),
    ],
)
def test_other_angles_have_other_canonical_forms(one, other):
    assert angle_of(one) != angle_of(other)
    assert angle_of(one).text() != angle_of(other).text()


def test_a_name_that_reads_like_an_expression_is_not_that_expression():
    for text, made in [("x + y", X + Y), ("sin(x)", X.sin()), ("2.0*x", 2 * X), ("1.0", 1.0), ('"x"', X)]:
        assert angle_of(Parameter(text)).text() != angle_of(made).text()


def test_usual_names_are_written_as_they_are():
    for name in ("x", "w[3]", "theta_1", "θ"):
        assert angle_of(Parameter(name)).text() == name


@given(st.floats(allow_nan=False, allow_infinity=False))
@steady(100)
def test_a_constant_is_kept_to_the_last_bit(value):
    assert angle_of(value).constant == value
    assert float(angle_of(value).text()) == value


def test_minus_zero_is_zero():
    assert constant(-0.0).text() == "0.0"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1j, complex(1, 2), np.float64("nan")])
def test_an_angle_that_is_no_finite_real_number_is_refused(value):
    with pytest.raises(Unusable):
        angle_of(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arctan(x)", X.arctan()),
        ("atan(x**2)", (X**2).arctan()),
        ("atan(x^2)", (X**2).arctan()),
        ("2*(x + y)", 2 * X + 2 * Y),
        ("pi/2", math.pi / 2),
        ("-x + +y", Y - X),
        (" arcsin( x / 2 ) ", (X / 2).arcsin()),
        ("3", 3.0),
        ("abs(x) - ln(2)", X.abs() - math.log(2)),
        ("sqrt(4)*x", 2 * X),
    ],
)
def test_a_written_angle_is_the_expression_it_writes(text, expected):
    assert parse_angle(text, ["x", "y"]) == angle_of(expected)


def test_an_element_of_a_vector_is_written_with_its_index():
    assert parameters_in(parse_angle("2*w[3]", ["w[3]"])) == {"w[3]"}
    with pytest.raises(Unusable, match="no parameter"):
        parse_angle("w[4]", ["w[3]"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no angle"),
        ("x +", "no angle"),
        ("z", "`z` in `z` is no parameter"),
        ("foo(x)", "unknown function `foo`"),
        ("sin(x, y)", "no angle"),
        ("sin(x=1)", "no angle"),
        ("x if y else 1", "no angle"),
        ("x < y", "no angle"),
        ("'x'", "no angle"),
        ("True", "no angle"),
        ("1j", "no angle"),
        ("x.y", "no angle"),
        ("x // 2", "no angle"),
        ("~x", "no angle"),
        ("x\0", "no angle"),
        ("1/0", "divides by zero"),
        ("1/(2 - 2)", "divides by zero"),
        ("x/0", "divides by zero"),
        ("log(0)", "no finite"),
        ("log(-1)", "no finite"),
        ("asin(2)", "no finite"),
        ("0**-1", "no finite"),
        ("(-8)**0.5", "no finite"),
        ("10**400", "no finite"),
        ("9" * 400, "finite"),
        ("0x" + "f" * 5000, "no angle"),
        ("1e999", "finite"),
        ("1e300*1e300", "finite"),
        ("1e308 + 1e308", "finite"),
        ("1e308*10*x", "finite"),
        ("x/1e-320", "finite"),
        ("exp(1000)", "no finite"),
        ("-" * 500 + "x", "nested"),
        ("(" * 300 + "x" + ")" * 300, "no angle"),
        ("__import__('os')", "no angle|unknown function"),
    ],
)
def test_what_is_no_angle_is_refused_in_one_sentence(text, said):
    with pytest.raises(Unusable, match=said) as caught:
        parse_angle(text, ["x", "y"])
    assert "\n" not in caught.value.sentence


def test_a_long_chain_of_indices_is_refused_and_no_traceback():
    with pytest.raises(Unusable):
        parse_angle("x" + "[0]" * 3000, ["x"])


@given(st.text("xy0123456789.+-*/^()[]e, sincolgta", max_size=14))
@steady(300)
def test_any_text_is_read_or_refused(text):
    try:
        form = parse_angle(text, ["x", "y"])
    except Unusable:
        return
    assert parameters_in(form) <= {"x", "y"}
    assert math.isfinite(form.constant)
    assert all(math.isfinite(c) for _, c in form.terms)


def test_qiskit_expressions_that_overflow_are_refused():
    with pytest.raises(Unusable, match="finite"):
        angle_of(X * 1e300 * 1e300)
