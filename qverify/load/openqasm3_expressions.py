"""Classical expressions of OpenQASM 3 that have a value when the file is read: angles, indices, loop ranges.

Rule: constants are folded in float64 as Python folds them (so `1/2` is 0.5, not an integer division); inputs stay
symbolic as Qiskit parameter expressions, in radians. A result that is not a finite real number is refused.
Source: OpenQASM 3.1 specification, "Types and casting" and "Built-in functions". Values of type `angle` are kept
as real numbers, not reduced modulo 2 pi.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import TypeAlias

from openqasm3 import ast
from qiskit.circuit import ParameterExpression

from qverify.errors import CannotLoad

Value: TypeAlias = int | float | ParameterExpression
Scope = Mapping[str, Value]

MAX_EXPRESSION = 10_000  # characters of one symbolic angle; a doubling chain of gate definitions ends here
EXACT_INTEGERS = 2**53
POWER = "pow_"  # the function `pow`, whose own name the parser keeps for the modifier

CONSTANTS: dict[str, Value] = {
    "pi": math.pi, "π": math.pi,
    "tau": math.tau, "τ": math.tau,
    "euler": math.e, "ℇ": math.e,
}  # fmt: skip

_LONG = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "ln": "log"}
_NUMERIC: dict[str, Callable[[float], float]] = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "abs": abs,
}  # fmt: skip
_SYMBOLIC: dict[str, Callable[[ParameterExpression], ParameterExpression]] = {
    "sin": lambda a: a.sin(), "cos": lambda a: a.cos(), "tan": lambda a: a.tan(),
    "asin": lambda a: a.arcsin(), "acos": lambda a: a.arccos(), "atan": lambda a: a.arctan(),
    "exp": lambda a: a.exp(), "log": lambda a: a.log(), "sqrt": lambda a: a**0.5, "abs": lambda a: a.abs(),
}  # fmt: skip
_BINARY: dict[str, Callable[..., Value]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
    "%": operator.mod,
}  # fmt: skip
_TESTS: dict[str, Callable[..., bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "&&": lambda a, b: bool(a) and bool(b), "||": lambda a, b: bool(a) or bool(b),
}  # fmt: skip


def line_of(node: ast.QASMNode) -> int | None:
    """The 1-based line on which a node begins."""
    return None if node.span is None else int(node.span.start_line)


def evaluate(node: ast.Expression, scope: Scope) -> Value:
    """The value of an expression: a number, or a parameter expression where it depends on an input.

    Args:
        scope: values of the constants, inputs and loop variables that may occur.

    Raises:
        CannotLoad: a name without a value, an operation that is not supported, or no finite real value.
    """
    match node:
        case ast.IntegerLiteral() | ast.FloatLiteral():
            return _bounded(node.value, node)
        case ast.BooleanLiteral():
            return bool(node.value)
        case ast.Identifier():
            if node.name in scope:
                return scope[node.name]
            if node.name in CONSTANTS:
                return CONSTANTS[node.name]
            raise _refuse(f"`{node.name}` has no value here; declare it as `input` or `const` first", node)
        case ast.UnaryExpression():
            return unary(node, evaluate(node.expression, scope))
        case ast.BinaryExpression():
            return binary(node, evaluate(node.lhs, scope), evaluate(node.rhs, scope))
        case ast.FunctionCall():
            return _call(node, [evaluate(argument, scope) for argument in node.arguments])
        case ast.Cast() if isinstance(node.type, ast.FloatType | ast.AngleType):
            return evaluate(node.argument, scope)
    raise _refuse(f"{described(node)} is not supported in an angle or index; write the value", node)


def integer(node: ast.Expression, scope: Scope, what: str) -> int:
    """The value of an expression that must be a whole number, for example an index.

    Raises:
        CannotLoad: it is none; the sentence calls it `what`.
    """
    value = evaluate(node, scope)
    if isinstance(node, ast.FloatLiteral):
        raise _refuse(f"the {what} must be a whole number; write it without a point", node)
    if isinstance(value, ParameterExpression):
        raise _refuse(f"the {what} depends on an input; write a constant", node)
    if value != int(value):
        raise _refuse(f"the {what} must be a whole number, but is {value!r}", node)
    return int(value)


def unary(node: ast.UnaryExpression, value: Value) -> Value:
    """The value of a unary operator on a known value; `Raises` as `evaluate`."""
    if node.op.name == "-":
        return -value
    if node.op.name == "!" and not isinstance(value, ParameterExpression):
        return not value
    raise _refuse(f"the operator `{node.op.name}` of a number is not supported; write the value", node)


def binary(node: ast.BinaryExpression, left: Value, right: Value) -> Value:
    """The value of a binary operator on known values; `Raises` as `evaluate`."""
    name = node.op.name
    symbolic = isinstance(left, ParameterExpression) or isinstance(right, ParameterExpression)
    if name in _TESTS and not symbolic:
        return _TESTS[name](left, right)
    if name not in _BINARY or (name == "%" and symbolic):
        raise _refuse(f"the operator `{name}` between numbers is not supported; write the value", node)
    if name == "**" and not symbolic:
        return _power(node, left, right)
    return _guarded(lambda: _BINARY[name](left, right), node)


def _power(node: ast.Expression, left: Value, right: Value) -> Value:
    """left ** right without ever building a huge integer."""
    value = _guarded(lambda: float(left) ** float(right), node)
    whole = isinstance(left, int) and isinstance(right, int) and right >= 0
    return left**right if whole and abs(value) < EXACT_INTEGERS else value


def _call(node: ast.FunctionCall, values: list[Value]) -> Value:
    name = _LONG.get(node.name.name, node.name.name)
    if name == POWER and len(values) == 2:
        left, right = values
        if isinstance(left, ParameterExpression) or isinstance(right, ParameterExpression):
            return _guarded(lambda: left**right, node)
        return _power(node, left, right)
    if name not in _NUMERIC:
        known = ", ".join(sorted([*_NUMERIC, "pow"]))
        raise _refuse(f"the function `{node.name.name}` is not supported; use one of {known}", node)
    if len(values) != 1:
        raise _refuse(f"`{node.name.name}` takes one argument, but has {len(values)}", node)
    value = values[0]
    if isinstance(value, ParameterExpression):
        return _guarded(lambda: _SYMBOLIC[name](value), node)
    return _guarded(lambda: _NUMERIC[name](value), node)


def _guarded(compute: Callable[[], Value], node: ast.Expression) -> Value:
    try:
        value = compute()
    except ZeroDivisionError:
        raise _refuse("the expression divides by zero; write a finite angle", node) from None
    except (ArithmeticError, ValueError, TypeError, RuntimeError) as fault:
        raise _refuse(f"the expression has no value ({fault}); write a finite angle", node) from None
    return _bounded(value, node)


def _bounded(value: Value, node: ast.Expression) -> Value:
    """The value as a finite real number, or as an expression of bounded size."""
    if isinstance(value, ParameterExpression):
        if not value.parameters:
            return _bounded(value.numeric(), node)
        if len(str(value)) > MAX_EXPRESSION:
            raise _refuse("a symbolic angle grows too large; write it more plainly", node)
        return value
    if isinstance(value, complex):
        raise _refuse(f"the expression has the value {value}, which is not real; write a real angle", node)
    if isinstance(value, int) and abs(value) > EXACT_INTEGERS:
        try:
            value = float(value)
        except OverflowError:
            value = math.inf
    if not math.isfinite(value):
        raise _refuse("the expression is not finite; write a finite angle", node)
    return value


def described(node: ast.QASMNode) -> str:
    """A node in words, for messages: `BitstringLiteral` is "a bitstring literal"."""
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in type(node).__name__).strip()
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _refuse(sentence: str, node: ast.QASMNode) -> CannotLoad:
    return CannotLoad(sentence, line=line_of(node))
