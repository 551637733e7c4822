"""Rules that turn an angle into an equal one, or into one that looks like it.

    ALGEBRA    polynomial identities over the reals            2 (x + y) = 2 x + 2 y,  x x = x^2
    IDENTITIES identities of functions                         sin(2 x) = 2 sin x cos x,  cos^2 + sin^2 = 1
    FAULTS     mistakes, by the name of the kind of mistake    x^2 -> 2 x,  atan(x) -> atan(x^2)

A rule takes a random source and a tree and gives a tree, or None where it does not apply.
"""

# ruff: noqa: ARG001  # every rule takes the same arguments
from __future__ import annotations

from random import Random

from .expressions import Tree, add, mul, num


def _distribute(source: Random, t: Tree) -> Tree | None:
    if t[0] == "mul" and t[2][0] in ("add", "sub"):
        return (t[2][0], mul(t[1], t[2][1]), mul(t[1], t[2][2]))
    if t[0] == "div" and t[1][0] in ("add", "sub"):
        return (t[1][0], ("div", t[1][1], t[2]), ("div", t[1][2], t[2]))
    return None


def _exchange(source: Random, t: Tree) -> Tree | None:
    if t[0] in ("add", "mul"):
        return (t[0], t[2], t[1])
    return ("neg", ("sub", t[2], t[1])) if t[0] == "sub" else None


def _regroup(source: Random, t: Tree) -> Tree | None:
    if t[0] in ("add", "mul") and t[1][0] == t[0]:
        return (t[0], t[1][1], (t[0], t[1][2], t[2]))
    return None


def _power_as_product(source: Random, t: Tree) -> Tree | None:
    if t[0] == "pow" and t[2] == 2:
        return mul(t[1], t[1])
    return mul(("pow", t[1], 2), t[1]) if t[0] == "pow" and t[2] == 3 else None


def _square_expanded(source: Random, t: Tree) -> Tree | None:
    if t[0] == "pow" and t[2] == 2 and t[1][0] == "add":
        a, b = t[1][1:]
        return add(("pow", a, 2), add(mul(num(2.0), mul(a, b)), ("pow", b, 2)))
    if t[0] == "pow" and t[2] == 2 and t[1][0] == "mul":
        return mul(("pow", t[1][1], 2), ("pow", t[1][2], 2))
    return None


def _add_and_take(source: Random, t: Tree) -> Tree | None:
    return ("sub", add(t, num(0.5)), num(0.5))


def _twice_as_sum(source: Random, t: Tree) -> Tree | None:
    if t[0] == "mul" and t[1] == num(2.0):
        return add(t[2], t[2])
    return None


def _halves(source: Random, t: Tree) -> Tree | None:
    half = mul(num(0.5), t)
    return add(half, half)


def _signs(source: Random, t: Tree) -> Tree | None:
    if t[0] == "sub":
        return add(t[1], ("neg", t[2]))
    if t[0] == "neg":
        return mul(num(-1.0), t[1])
    return ("neg", ("neg", t)) if t[0] == "par" else None


def _quotient_as_product(source: Random, t: Tree) -> Tree | None:
    if t[0] == "div" and t[2][0] == "num":
        return mul(num(1.0 / t[2][1]), t[1])
    return None


ALGEBRA = [
    _distribute, _exchange, _regroup, _power_as_product, _square_expanded, _add_and_take, _twice_as_sum, _halves,
    _signs, _quotient_as_product,
]  # fmt: skip


def _odd_and_even(source: Random, t: Tree) -> Tree | None:
    if t[0] in ("sin", "atan", "asin", "tan"):
        return ("neg", (t[0], ("neg", t[1])))
    return (t[0], ("neg", t[1])) if t[0] in ("cos", "abs") else None


def _double_angle(source: Random, t: Tree) -> Tree | None:
    half = mul(num(0.5), t[1]) if t[0] in ("sin", "cos") else num(0.0)
    if t[0] == "sin":
        return mul(num(2.0), mul(("sin", half), ("cos", half)))
    return ("sub", num(1.0), mul(num(2.0), ("pow", ("sin", half), 2))) if t[0] == "cos" else None


def _angle_of_sum(source: Random, t: Tree) -> Tree | None:
    if t[0] == "sin" and t[1][0] == "add":
        a, b = t[1][1:]
        return add(mul(("sin", a), ("cos", b)), mul(("cos", a), ("sin", b)))
    return None


def _pythagoras(source: Random, t: Tree) -> Tree | None:
    return mul(t, add(("pow", ("sin", t), 2), ("pow", ("cos", t), 2))) if t[0] == "par" else None


def _exp_and_log(source: Random, t: Tree) -> Tree | None:
    if t[0] == "exp" and t[1][0] == "add":
        return mul(("exp", t[1][1]), ("exp", t[1][2]))
    if t[0] == "tan":
        return ("div", ("sin", t[1]), ("cos", t[1]))
    return ("log", ("exp", t)) if t[0] in ("sin", "atan") else None


IDENTITIES = [_odd_and_even, _double_angle, _angle_of_sum, _pythagoras, _exp_and_log]


def _square_for_double(source: Random, t: Tree) -> Tree | None:
    if t[0] == "pow" and t[2] == 2:
        return mul(num(2.0), t[1])
    return ("pow", t[2], 2) if t[0] == "mul" and t[1] == num(2.0) else None


def _other_product(source: Random, t: Tree) -> Tree | None:
    if t[0] == "mul" and t[1][0] != "num" and t[2][0] != "num":
        return source.choice([add(t[1], t[2]), mul(t[1], t[1]), ("div", t[1], add(("pow", t[2], 2), num(1.0)))])
    return None


def _other_argument(source: Random, t: Tree) -> Tree | None:
    if t[0] in ("atan", "sin", "cos", "exp"):
        return (t[0], source.choice([("pow", t[1], 2), mul(num(2.0), t[1]), add(t[1], num(0.3)), ("abs", t[1])]))
    return None


def _other_function(source: Random, t: Tree) -> Tree | None:
    others = {"sin": ["cos", "atan"], "cos": ["sin"], "atan": ["sin"], "tan": ["sin"], "exp": ["atan"]}
    return (source.choice(others[t[0]]), t[1]) if t[0] in others else None


def _constant_sign(source: Random, t: Tree) -> Tree | None:
    return num(-t[1]) if t[0] == "num" and t[1] != 0 else None


def _doubled(source: Random, t: Tree) -> Tree | None:
    return mul(num(source.choice([2.0, 0.5])), t) if t[0] == "par" else None


def _negated(source: Random, t: Tree) -> Tree | None:
    return ("neg", t) if t[0] == "par" else None


FAULTS = {
    "square for double": [_square_for_double],
    "another product": [_other_product],
    "wrong argument of a function": [_other_argument],
    "another function": [_other_function],
    "sign of a constant": [_constant_sign],
    "parameter doubled": [_doubled],
    "parameter negated": [_negated],
}
