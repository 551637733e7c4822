"""How far rounding may move an angle when it is evaluated in float64, by running error analysis.

    fl(a op b) = (a op b)(1 + d), |d| <= 2^-53, and first order in everything
Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), sec. 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from .expressions import Tree

UNIT = 2.0**-52


def value_and_error(tree: Tree, values: Mapping[str, float]) -> tuple[float, float]:
    """(value, bound on its error up to higher orders); raises ArithmeticError or ValueError where it has none."""
    kind = tree[0]
    if kind == "made":
        return 0.0, 0.0
    if kind in ("num", "par"):
        value = float(tree[1]) if kind == "num" else values[tree[1]]
        return value, UNIT * abs(value)
    a, e = value_and_error(tree[1], values)
    if kind in ("add", "sub", "mul", "div"):
        value, error = _binary(kind, a, e, *value_and_error(tree[2], values))
    elif kind == "pow":
        value, error = a ** tree[2], abs(tree[2]) * abs(a) ** (tree[2] - 1) * e
    elif kind == "neg":
        value, error = -a, e
    else:
        value, error = getattr(math, {"abs": "fabs"}.get(kind, kind))(a), _slope(kind, a) * e
    if not (math.isfinite(value) and math.isfinite(error)):
        raise OverflowError(f"{kind} of {a}")
    return value, error + 2 * UNIT * abs(value)


def _binary(kind: str, a: float, e: float, b: float, f: float) -> tuple[float, float]:
    if kind == "mul":
        return a * b, abs(a) * f + abs(b) * e
    if kind == "div":
        return a / b, (e + abs(a / b) * f) / abs(b)
    return (a + b if kind == "add" else a - b), e + f


def _slope(kind: str, a: float) -> float:
    """|derivative|, for every function of `expressions.FUNCTIONS`."""
    slopes = {
        "atan": lambda: 1 / (1 + a * a), "exp": lambda: math.exp(a), "log": lambda: 1 / abs(a),
        "asin": lambda: 1 / math.sqrt(1 - a * a), "tan": lambda: 1 + math.tan(a) ** 2,
    }  # fmt: skip
    return slopes.get(kind, lambda: 1.0)()
