"""Conditions of `if`, `while` and `switch` in OpenQASM 3, as Qiskit's.

Rule: exactly `bit`, `!bit`, `bit == constant` and `register == number` become Qiskit's pairs `(Clbit, bool)` and
`(ClassicalRegister, int)`; everything else becomes an expression of `qiskit.circuit.classical.expr`. A register
read as a truth value is true when it is not zero. What has a value when the file is read is folded.
Source: OpenQASM 3.1 specification, "Types and casting" and "Classical instructions".
"""

from __future__ import annotations

from typing import TypeAlias

from openqasm3 import ast
from qiskit import ClassicalRegister
from qiskit.circuit import Clbit, ParameterExpression
from qiskit.circuit.classical import expr, types

from qverify.errors import CannotLoad
from qverify.load.openqasm3_expressions import Scope, Value, binary, evaluate, line_of, unary
from qverify.load.openqasm3_registers import Registers

Pair: TypeAlias = tuple[Clbit, bool] | tuple[ClassicalRegister, int]
Read: TypeAlias = int | float | Clbit | ClassicalRegister | Pair | expr.Expr

_COMPARE = {"<": expr.less, "<=": expr.less_equal, ">": expr.greater, ">=": expr.greater_equal,
            "==": expr.equal, "!=": expr.not_equal}  # fmt: skip
_BITWISE = {"&": expr.bit_and, "|": expr.bit_or, "^": expr.bit_xor}
_LOGIC = {"&&": expr.logic_and, "||": expr.logic_or}
_SHIFT = {"<<": expr.shift_left, ">>": expr.shift_right}
MAX_SHIFT = 63


class Conditions:
    """Reads conditions over the bits of one program."""

    def __init__(self, registers: Registers) -> None:
        self.registers = registers

    def condition(self, node: ast.Expression, scope: Scope) -> bool | Pair | expr.Expr:
        """What an `if` or `while` tests: a truth value, where it is known already, or what Qiskit tests.

        Raises:
            CannotLoad: the condition uses something other than bits, registers and constants.
        """
        found = self.read(node, scope)
        if isinstance(found, int | float):
            return bool(found)
        if isinstance(found, Clbit):
            return (found, True)
        return found if isinstance(found, tuple) else _truth(found)

    def target(self, node: ast.Expression, scope: Scope) -> int | Clbit | ClassicalRegister | expr.Expr:
        """What a `switch` reads."""
        found = self.read(node, scope)
        if isinstance(found, float):
            raise _refuse("a switch reads a number that is not whole; write bits or a whole number", node)
        return _lifted(found) if isinstance(found, tuple) else found

    def read(self, node: ast.Expression, scope: Scope) -> Read:
        """The value of an expression over bits: a constant, a bit, a register, a pair or an expression."""
        match node:
            case ast.Identifier() if node.name in self.registers.clbits and node.name not in scope:
                return self._bits(node, scope)
            case ast.IndexExpression():
                return self._bits(node, scope)
            case ast.BitstringLiteral():
                return int(node.value)
            case ast.UnaryExpression():
                return self._unary(node, self.read(node.expression, scope))
            case ast.BinaryExpression():
                return self._binary(node, self.read(node.lhs, scope), self.read(node.rhs, scope))
            case ast.Cast():
                return self._cast(node, self.read(node.argument, scope))
        return _number(evaluate(node, scope), node)

    def _bits(self, node: ast.Expression, scope: Scope) -> Clbit | ClassicalRegister:
        found = self.registers.operand(node, scope, quantum=False)
        if not found.is_register:
            return found.bits[0]
        if found.register is None:
            raise _refuse("a condition reads part of a register; give the part a name with `let`", node)
        return found.register

    def _unary(self, node: ast.UnaryExpression, value: Read) -> Read:
        name = node.op.name
        if isinstance(value, int | float):
            return (not value) if name == "!" or isinstance(value, bool) else _number(unary(node, value), node)
        if name == "-":
            raise _refuse("bits have no sign; compare them with a number", node)
        if isinstance(value, Clbit):
            return (value, False)
        if isinstance(value, tuple) and isinstance(value[0], Clbit):
            return (value[0], not value[1])
        lifted = _lifted(value)
        if name == "~" and lifted.type.kind is types.Uint:
            return expr.bit_not(lifted)
        return expr.logic_not(_truth(lifted))

    def _binary(self, node: ast.BinaryExpression, left: Read, right: Read) -> Read:
        name = node.op.name
        if isinstance(left, int | float) and isinstance(right, int | float):
            return _number(binary(node, left, right), node)
        pair = _pair(name, left, right) or _pair(name, right, left)
        if pair is not None:
            return pair
        try:
            if name in _LOGIC:
                return _LOGIC[name](_truth(left), _truth(right))
            if name in _BITWISE or name in _COMPARE:
                return (_BITWISE | _COMPARE)[name](*_alike(left, right, node))
            if name in _SHIFT and type(right) is int and 0 <= right <= MAX_SHIFT:
                return _SHIFT[name](_lifted(left), right)
        except (TypeError, ValueError) as fault:
            raise _refuse(f"the condition compares unlike things ({fault}); compare bits with bits", node) from None
        raise _refuse(f"the operator `{name}` is not supported in a condition; rewrite the condition", node)

    def _cast(self, node: ast.Cast, value: Read) -> Read:
        if isinstance(value, int | float):
            if isinstance(node.type, ast.BoolType):
                return bool(value)
            return value
        if isinstance(node.type, ast.BoolType):
            return _truth(value)
        lifted = _lifted(value)
        if isinstance(node.type, ast.UintType | ast.IntType | ast.BitType):
            size = node.type.size
            if size is None or getattr(lifted.type, "width", 1) <= _width(size):
                return value
        raise _refuse("this cast loses bits or is not supported; compare the register itself", node)


def _number(value: Value, node: ast.Expression) -> int | float:
    """A value that is known, refused when it depends on an input."""
    if isinstance(value, ParameterExpression):
        raise _refuse("a condition depends on an input; test bits that were measured", node)
    return value


def _pair(operation: str, bits: Read, number: Read) -> Pair | None:
    """Qiskit's pair for `bit == constant`, `bit != constant` or `register == number`."""
    if operation not in ("==", "!=") or not isinstance(number, int):
        return None
    if isinstance(bits, tuple) and isinstance(bits[0], Clbit) and number in (0, 1):
        return (bits[0], bits[1] == (bool(number) == (operation == "==")))
    if isinstance(bits, Clbit) and number in (0, 1):
        return (bits, bool(number) == (operation == "=="))
    if isinstance(bits, ClassicalRegister) and operation == "==" and 0 <= number < 2 ** len(bits):
        return (bits, int(number))
    return None


def _lifted(value: Read) -> expr.Expr:
    if isinstance(value, tuple):
        bits, number = value
        if isinstance(bits, ClassicalRegister):
            return expr.equal(bits, number)
        return expr.lift(bits) if number else expr.logic_not(bits)
    return expr.lift(value)


def _truth(value: Read) -> expr.Expr:
    """The value as a truth value: a register is true when it is not zero."""
    if isinstance(value, int | float):
        return expr.lift(bool(value))
    lifted = _lifted(value)
    return expr.not_equal(lifted, 0) if lifted.type.kind is types.Uint else lifted


def _alike(left: Read, right: Read, node: ast.Expression) -> tuple[expr.Expr, expr.Expr]:
    """Both sides as expressions of one kind: truth values, or unsigned numbers of one width."""
    sides = [None if isinstance(side, int | float) else _lifted(side) for side in (left, right)]
    other = next(side for side in sides if side is not None)
    done = []
    for side, value in zip(sides, (left, right), strict=True):
        if side is not None:
            done.append(side)
            continue
        number = value if isinstance(value, int) else -1
        if number < 0 or (other.type.kind is types.Bool and number > 1):
            raise _refuse(f"bits are compared with {value!r}, which they can never be; write another number", node)
        if other.type.kind is types.Bool:
            done.append(expr.lift(bool(number)))
        else:
            width = max(other.type.width, int(number).bit_length())
            done.append(expr.lift(int(number), types.Uint(width)))
    return done[0], done[1]


def _width(size: ast.Expression) -> int:
    return size.value if isinstance(size, ast.IntegerLiteral) else 0


def _refuse(sentence: str, node: ast.QASMNode) -> CannotLoad:
    return CannotLoad(sentence, line=line_of(node))
