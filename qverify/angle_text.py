"""Angles written as text, as in claims: `arctan(x0**2)`, `2*pi - w[3]/2`.

Python's own grammar for + - * / ** (and ^), one-argument functions of `qverify.angles`, `pi`, and the names of the
parameters; anything else is refused in one sentence. Nothing is evaluated by Python.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable

from qverify.angles import Angle, add, angle_of, apply, constant, divide, multiply, parameter, power, scale
from qverify.errors import Unusable

MAX_NESTING = 200  # deeper expressions than people write; keeps the recursion below far from Python's limit
_PYTHON_BINARY: dict[type[ast.operator], Callable[[Angle, Angle], Angle]] = {
    ast.Add: add,
    ast.Sub: lambda a, b: add(a, b, -1.0),
    ast.Mult: multiply,
    ast.Div: divide,
    ast.Pow: power,
}


def parse_angle(text: str, names: Iterable[str]) -> Angle:
    """An angle written as in claims, for example `arctan(x0**2)`.

    Args:
        names: the parameters that may occur; a name such as `w[3]` is written as it is.

    Raises:
        Unusable: the text is no expression, or names something unknown.
    """
    known = frozenset(names)
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
        return _from_tree(tree, text, known, 0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unusable(f"`{text}` is no angle; write an expression such as `arctan(x0)`") from None


def _from_tree(node: ast.expr, text: str, known: frozenset[str], depth: int) -> Angle:
    if depth > MAX_NESTING:
        raise Unusable("an angle is nested too deeply; write it more plainly")

    def inner(child: ast.expr) -> Angle:
        return _from_tree(child, text, known, depth + 1)

    if isinstance(node, ast.BinOp) and type(node.op) in _PYTHON_BINARY:
        return _PYTHON_BINARY[type(node.op)](inner(node.left), inner(node.right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        return scale(inner(node.operand), -1.0 if isinstance(node.op, ast.USub) else 1.0)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return angle_of(float(str(node.value)))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1 and not node.keywords:
        return apply(node.func.id, inner(node.args[0]))
    if isinstance(node, ast.Name | ast.Subscript):
        name = ast.unparse(node)
        if name in known:
            return parameter(name)
        if name == "pi":
            return constant(math.pi)
        raise Unusable(f"`{name}` in `{text}` is no parameter of this circuit")
    raise Unusable(f"`{text}` is no angle; write an expression such as `arctan(x0)`")
