"""Angles as small trees: drawn, evaluated as Qiskit expressions, rewritten into equal ones, and broken.

    ("num", 0.5)  ("par", "x")  ("add", a, b)  ("sub", a, b)  ("mul", a, b)  ("div", a, b)  ("neg", a)
    ("pow", a, 2)  ("sin", a) ... any function of FUNCTIONS   ("made", e) for an expression e of Qiskit's own

The trees are this benchmark's own, so that a rewriting never depends on how anybody else reads an angle.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any

from qiskit.circuit import Parameter

Tree = tuple[Any, ...]
FUNCTIONS = ("sin", "cos", "atan", "exp", "log", "asin", "abs", "tan")
METHODS = {"atan": "arctan", "asin": "arcsin"}
TURN = 2 * math.pi


def num(value: float) -> Tree:
    """A constant, radians."""
    return ("num", float(value))


def add(a: Tree, b: Tree) -> Tree:
    """a + b."""
    return ("add", a, b)


def mul(a: Tree, b: Tree) -> Tree:
    """a * b."""
    return ("mul", a, b)


def names_in(tree: Tree) -> set[str]:
    """The parameters of a tree."""
    if tree[0] == "par":
        return {tree[1]}
    if tree[0] == "made":
        return {p.name for p in getattr(tree[1], "parameters", ())}
    return set().union(*(names_in(part) for part in tree[1:] if isinstance(part, tuple)))


def built(tree: Tree, parameters: dict[str, Parameter]) -> Any:
    """The Qiskit expression, or a number where no parameter is in it."""
    kind = tree[0]
    if kind in ("num", "made"):
        return tree[1]
    if kind == "par":
        return parameters[tree[1]]
    if kind == "pow":
        return built(tree[1], parameters) ** tree[2]
    parts = [built(part, parameters) for part in tree[1:]]
    if kind in FUNCTIONS:
        return getattr(parts[0], METHODS.get(kind, kind))() if names_in(tree) else getattr(math, kind)(*parts)
    if kind == "neg":
        return -parts[0]
    a, b = parts
    return {"add": lambda: a + b, "sub": lambda: a - b, "mul": lambda: a * b, "div": lambda: a / b}[kind]()


# ------------------------------------------------------------------------------ drawing


def constant(source: Random) -> float:
    """Radians: a simple fraction of a turn, a short decimal, or anything in two turns."""
    kind = source.random()
    if kind < 0.4:
        return source.choice([k * math.pi / 4 for k in range(-4, 9)] + [math.pi / 3, math.pi / 8, 3 * math.pi])
    if kind < 0.7:
        return round(source.uniform(-3, 3), source.randint(1, 3))
    return source.uniform(-TURN, TURN)


def factor(source: Random) -> float:
    """A coefficient of a parameter."""
    return source.choice(
        [2.0, -1.0, 0.5, 3.0, -2.0, 0.25, 0.1, -0.7, 1 / 3, math.pi, round(source.uniform(-2, 2), 3)]
    )


def expression(source: Random, names: list[str], depth: int = 2) -> Tree:
    """A real, smooth (but for abs) expression, defined everywhere and of moderate size at moderate points."""
    kind = source.randrange(9) if depth else source.choice([0, 0, 0, 1])
    if kind <= 1:
        plain: Tree = ("par", source.choice(names))
        return mul(num(factor(source)), plain) if kind else plain

    def inner() -> Tree:
        return expression(source, names, depth - 1)

    if kind == 2:
        return add(inner(), num(constant(source)))
    if kind == 3:
        return source.choice([add, lambda a, b: ("sub", a, b)])(inner(), inner())
    if kind == 4:
        return mul(num(factor(source)), add(inner(), inner()))
    if kind == 5:
        return mul(inner(), inner())
    if kind == 6:
        return ("pow", inner(), source.choice([2, 2, 3]))
    if kind == 7:
        return (source.choice(["sin", "cos", "atan", "atan"]), inner())
    return total(source, inner())


def total(source: Random, a: Tree) -> Tree:
    """A function that is not defined or not moderate everywhere, of an argument for which it is."""
    bounded: Tree = ("sin", a)
    return source.choice(
        [
            ("exp", bounded),
            ("log", add(("pow", a, 2), num(1.5))),
            ("asin", mul(num(0.5), bounded)),
            ("tan", bounded),
            ("abs", a),
            ("div", a, add(("pow", a, 2), num(1.25))),
            ("pow", add(("pow", a, 2), num(1.0)), 0.5),
            ("div", a, num(source.choice([2.0, 3.0, -7.0]))),
            ("neg", a),
        ]
    )


def long_sum(source: Random, names: list[str]) -> Tree:
    """A sum of many terms."""
    tree = expression(source, names, 1)
    for _ in range(source.randint(3, 8)):
        tree = add(tree, mul(num(factor(source)), expression(source, names, source.choice([0, 0, 1]))))
    return tree


# ------------------------------------------------------------------------------ places in a tree


def places(tree: Tree, path: tuple[int, ...] = ()) -> list[tuple[tuple[int, ...], Tree]]:
    """Every subtree with the path to it, the whole first."""
    found = [(path, tree)]
    for k, part in enumerate(tree[1:], start=1):
        if isinstance(part, tuple):
            found += places(part, (*path, k))
    return found


def put(tree: Tree, path: tuple[int, ...], new: Tree) -> Tree:
    """The tree with another subtree at a path."""
    if not path:
        return new
    return (*tree[: path[0]], put(tree[path[0]], path[1:], new), *tree[path[0] + 1 :])


def changed(source: Random, tree: Tree, rules: list[Any]) -> Tree | None:
    """The tree with one rule applied at one place; None where no rule applies anywhere."""
    options = [
        (path, new)
        for path, part in places(tree)
        for rule in rules
        for new in [rule(source, part)]
        if new is not None and new != part
    ]
    if not options:
        return None
    path, new = source.choice(options)
    return put(tree, path, new)
