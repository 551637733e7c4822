"""How far rounding may move an angle that is evaluated in float64, by running error analysis.

    fl(a op b) = (a op b)(1 + d), |d| <= 2^-53;   error of f(a) <= |f'(a)| error(a) + a few units of |f(a)|

First order, doubled. Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), sec. 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from qverify.angles import FUNCTIONS, Angle, Atom, evaluate

UNIT = 2.0**-51
_SLOPES: dict[str, Callable[[float], float]] = {
    "sin": lambda _: 1.0,
    "cos": lambda _: 1.0,
    "tan": lambda a: 1.0 + math.tan(a) ** 2,
    "asin": lambda a: 1.0 / math.sqrt(1.0 - a * a),
    "acos": lambda a: 1.0 / math.sqrt(1.0 - a * a),
    "atan": lambda a: 1.0 / (1.0 + a * a),
    "exp": math.exp,
    "log": lambda a: 1.0 / abs(a),
    "sqrt": lambda a: 0.5 / math.sqrt(a),
    "abs": lambda _: 1.0,
}


def rounding(angle: Angle, values: Mapping[str, float]) -> float:
    """A bound on the error of `evaluate(angle, values)`, radians; infinite where there is none.

    The values are taken as exact, and the coefficients as off by a unit in the last place.
    """
    try:
        return 2 * _angle(angle, values)[1]
    except (ArithmeticError, ValueError):
        return math.inf


def _angle(angle: Angle, values: Mapping[str, float]) -> tuple[float, float]:
    value, error = angle.constant, UNIT * abs(angle.constant)
    for atom, coefficient in angle.terms:
        inner, wrong = _atom(atom, values)
        value += coefficient * inner
        error += abs(coefficient) * wrong + UNIT * (abs(coefficient * inner) + abs(value))
    return value, _finite(error)


def _atom(atom: Atom, values: Mapping[str, float]) -> tuple[float, float]:
    if atom.kind == "parameter":
        return values[atom.name], 0.0
    (a, e), *second = (_angle(operand, values) for operand in atom.operands)
    if atom.kind in FUNCTIONS:
        if atom.kind == "sign" and abs(a) <= 2 * e:
            raise ArithmeticError("a sign that rounding decides")
        slope = _SLOPES[atom.kind](a) if atom.kind in _SLOPES else 0.0
        value = float(evaluate(Angle(0.0, ((atom, 1.0),)), values))
        return value, _finite(slope * e + UNIT * abs(value))
    b, f = second[0]
    if atom.kind == "mul":
        return a * b, _finite(abs(a) * f + abs(b) * e + UNIT * abs(a * b))
    if atom.kind == "div":
        return a / b, _finite((e + abs(a / b) * f) / abs(b) + UNIT * abs(a / b))
    if f > UNIT * abs(b):
        raise ArithmeticError("an exponent that is not exact")
    value = float(a**b) if a > 0 or b == round(b) else math.nan
    return value, _finite(abs(b * value / a) * e + UNIT * (1 + abs(b)) * abs(value) if a else e)


def _finite(error: float) -> float:
    if not math.isfinite(error):
        raise OverflowError("an angle without a value")
    return error
