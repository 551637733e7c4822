"""Conditions of `if`, `while` and `switch` in OpenQASM 3, and the values of assignments, as Qiskit's.

Rule: exactly `bit`, `!bit`, `bit == constant` and `register == number` become Qiskit's pairs `(Clbit, bool)` and
`(ClassicalRegister, int)`; everything else becomes an expression of `qiskit.circuit.classical.expr`. A register
read as a truth value is true when it is not zero. What has a value when the file is read is folded. Unsigned
integers keep their width, and count modulo 2**width; a number has the width of what it meets.
Source: OpenQASM 3.1 specification, "Types and casting" and "Classical instructions".
"""

from __future__ import annotations

from typing import TypeAlias

from openqasm3 import ast
from qiskit import ClassicalRegister
from qiskit.circuit import Clbit, ParameterExpression
from qiskit.circuit.classical import expr, types

from qverify.errors import CannotLoad, counted
from qverify.load.openqasm3_expressions import Scope, Value, binary, evaluate, integer, line_of, unary
from qverify.load.openqasm3_registers import MAX_BITS, Registers

Pair: TypeAlias = tuple[Clbit, bool] | tuple[ClassicalRegister, int]
Late: TypeAlias = Clbit | ClassicalRegister | expr.Expr
Read: TypeAlias = int | float | Clbit | ClassicalRegister | Pair | expr.Expr

_COMPARE = {"<": expr.less, "<=": expr.less_equal, ">": expr.greater, ">=": expr.greater_equal,
            "==": expr.equal, "!=": expr.not_equal}  # fmt: skip
_BITWISE = {"&": expr.bit_and, "|": expr.bit_or, "^": expr.bit_xor}
_LOGIC = {"&&": expr.logic_and, "||": expr.logic_or}
_SHIFT = {"<<": expr.shift_left, ">>": expr.shift_right}
_ARITHMETIC = {"+": expr.add, "-": expr.sub, "*": expr.mul}
MAX_SHIFT = 63


class Conditions:
    """Reads conditions and values over the bits and variables of one program.

    variables: those that can be named here.
    """

    def __init__(self, registers: Registers) -> None:
        self.registers = registers
        self.variables: dict[str, expr.Var] = {}

    def condition(self, node: ast.Expression, scope: Scope) -> bool | Pair | expr.Expr:
        """What an `if` or `while` tests: a truth value, where it is known already, or what Qiskit tests.

        Raises:
            CannotLoad: the condition uses something other than bits, registers and constants.
        """
        found = self.read(node, scope)
        found = found.value if isinstance(found, expr.Value) else found
        if isinstance(found, int | float):
            return bool(found)
        if isinstance(found, Clbit):
            return (found, True)
        return found if isinstance(found, tuple) else _truth(found)

    def target(self, node: ast.Expression, scope: Scope) -> int | Clbit | ClassicalRegister | expr.Expr:
        """What a `switch` reads."""
        found = self.read(node, scope)
        found = found.value if isinstance(found, expr.Value) else found
        if isinstance(found, float):
            raise _refuse("a switch reads a number that is not whole; write bits or a whole number", node)
        return _lifted(found) if isinstance(found, tuple) else found

    def read(self, node: ast.Expression, scope: Scope) -> Read:
        """The value of an expression over bits: a constant, a bit, a register, a pair or an expression."""
        match node:
            case ast.Identifier() if node.name not in scope and self._names(node):
                return self.place(node, scope)
            case ast.IndexExpression():
                return self.place(node, scope)
            case ast.BitstringLiteral():
                return int(node.value)
            case ast.UnaryExpression():
                return self._unary(node, self.read(node.expression, scope))
            case ast.BinaryExpression():
                return self._binary(node, self.read(node.lhs, scope), self.read(node.rhs, scope))
            case ast.Cast():
                return self._cast(node, self.read(node.argument, scope), scope)
        return _number(evaluate(node, scope), node)

    def value(self, node: ast.Expression, scope: Scope, kind: types.Type) -> expr.Expr:
        """What is assigned to something of a type.

        Raises:
            CannotLoad: it has another type, or does not fit.
        """
        found = self.read(node, scope)
        if kind.kind is types.Bool:
            if isinstance(found, int | float) and found not in (0, 1):
                raise _refuse(f"a truth value is assigned {found!r}; write `true` or `false`", node)
            return expr.lift(bool(found)) if isinstance(found, int | float) else _lifted(found)
        if isinstance(found, int) and not isinstance(found, bool):
            if isinstance(node, ast.BitstringLiteral) and node.width != kind.width:
                raise _refuse(f"{kind.width} bits are needed here, and {node.width} given; write as many", node)
            if not 0 <= found < 2**kind.width:
                raise _refuse(f"{found} does not fit {counted(kind.width, 'bit')}; write a number that does", node)
            return expr.lift(found, kind)
        lifted = None if isinstance(found, bool | float) else _lifted(found)
        if lifted is None or lifted.type != kind:
            remedy = f"write a cast, `uint[{kind.width}](...)`"
            raise _refuse(
                f"what is assigned is no unsigned integer of {counted(kind.width, 'bit')}; {remedy}", node
            )
        return lifted

    def is_known_late(self, node: object, scope: Scope) -> bool:
        """Whether the value of an expression depends on bits or variables."""
        if isinstance(node, ast.Identifier):
            return node.name not in scope and self._names(node)
        if isinstance(node, ast.QuantumMeasurement):
            return False
        parts = vars(node).values() if isinstance(node, ast.QASMNode) else node if isinstance(node, list) else ()
        return any(self.is_known_late(part, scope) for part in parts)

    def _names(self, node: ast.Identifier) -> bool:
        return node.name in self.variables or node.name in self.registers.clbits

    def place(self, node: ast.Expression, scope: Scope) -> Late:
        """The variable, bit or register that a name, or an expression with an index, stands for."""
        if isinstance(node, ast.Identifier) and node.name in self.variables:
            return self.variables[node.name]
        if not isinstance(node, ast.IndexExpression) or not isinstance(node.index, list) or len(node.index) != 1:
            return self._bits(node, scope)
        (index,) = node.index
        named = isinstance(node.collection, ast.Identifier) and node.collection.name not in self.variables
        if not isinstance(index, ast.Expression) or (named and not self.is_known_late(index, scope)):
            return self._bits(node, scope)
        if isinstance(node.collection, ast.IndexExpression | ast.Concatenation):
            return self._bits(node, scope)
        target = self.read(node.collection, scope)
        lifted = expr.lift(False) if isinstance(target, int | float) else _lifted(target)
        if lifted.type.kind is not types.Uint:
            raise _refuse("what is indexed is no register and no unsigned integer; remove the index", node)
        return expr.index(lifted, self._position(index, scope, lifted.type.width))

    def _position(self, node: ast.Expression, scope: Scope, width: int) -> int | expr.Expr:
        if not self.is_known_late(node, scope):
            position = integer(node, scope, "index")
            if not 0 <= position < width:
                raise _refuse(f"index {position} is outside of {counted(width, 'bit')}", node)
            return position
        found = self.read(node, scope)
        lifted = expr.lift(False) if isinstance(found, float) else _lifted(found)
        if lifted.type.kind is not types.Uint:
            raise _refuse("an index is no unsigned integer; write a cast, `uint[1](...)`", node)
        return lifted

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
        _require_unsigned(node.expression)
        lifted = _lifted(value)
        if name == "~" and lifted.type.kind is types.Uint:
            return expr.bit_not(lifted)
        return expr.logic_not(_truth(lifted))

    def _binary(self, node: ast.BinaryExpression, left: Read, right: Read) -> Read:
        name = node.op.name
        if isinstance(left, int | float) and isinstance(right, int | float):
            return _number(binary(node, left, right), node)
        if name in _COMPARE:
            plain = _unwidened(left), _unwidened(right)
            if isinstance(plain[0], int | float) and isinstance(plain[1], int | float):
                return _number(binary(node, *plain), node)
            left, right = (left, right) if _counts(name, (left, right), plain) else plain
            if name not in ("==", "!=") and all(isinstance(side, Clbit | int) for side in (left, right)):
                raise _refuse(f"the operator `{name}` orders numbers; cast bits to `uint[n]`", node)
        else:
            _require_unsigned(node.lhs, node.rhs)
        pair = _pair(name, left, right) or _pair(name, right, left)
        if pair is not None:
            return pair
        try:
            if name in _LOGIC:
                return _LOGIC[name](_truth(left), _truth(right))
            if name in _BITWISE or name in _COMPARE:
                return (_BITWISE | _COMPARE)[name](*_alike(left, right, node))
            if name in _ARITHMETIC and not any(
                isinstance(v, Clbit | ClassicalRegister | tuple) for v in (left, right)
            ):
                return _ARITHMETIC[name](left, right)
            if name in _SHIFT and type(right) is int and 0 <= right <= MAX_SHIFT:
                return _SHIFT[name](_lifted(left), right)
            if (
                name in _SHIFT
                and not isinstance(left, int | float | tuple)
                and not isinstance(right, int | float | tuple)
            ):
                return _SHIFT[name](_lifted(left), _lifted(right))
        except (TypeError, ValueError) as fault:
            why = "; cast bits to `uint[n]`" if name in _COMPARE else f" ({fault}); write both sides alike"
            raise _refuse(f"the operator `{name}` joins unlike things{why}", node) from None
        remedy = "bits need a cast such as `uint[2](c)`" if name in _ARITHMETIC else "rewrite the condition"
        raise _refuse(f"the operator `{name}` is not supported in a condition; {remedy}", node)

    def _cast(self, node: ast.Cast, value: Read, scope: Scope) -> Read:
        size = getattr(node.type, "size", None)
        width = None if size is None else integer(size, scope, "width of a cast")
        if isinstance(value, int | float):
            if isinstance(node.type, ast.BoolType):
                return bool(value)
            top = (
                2 ** (width or 1) if isinstance(node.type, ast.UintType | ast.BitType) else 2 ** ((width or 1) - 1)
            )
            if width is not None and not isinstance(node.type, ast.FloatType) and not 0 <= value < top:
                raise _refuse(f"the cast of {value} changes it; write a number that fits", node)
            if isinstance(node.type, ast.UintType) and width and width <= MAX_BITS and value == int(value):
                return expr.lift(int(value), types.Uint(width))  # its sums count modulo 2**width
            return value
        if isinstance(node.type, ast.BoolType):
            return _truth(value)
        lifted = _lifted(value)
        own = getattr(lifted.type, "width", 1)
        late = any(var.standalone for var in expr.iter_vars(lifted))
        if isinstance(node.type, ast.UintType) and width is not None and 1 <= width <= MAX_BITS:
            return expr.cast(lifted, types.Uint(width))
        fits = width is None or own < width or (own == width and isinstance(node.type, ast.BitType))
        if isinstance(node.type, ast.UintType | ast.IntType | ast.BitType) and fits and not late:
            return value
        raise _refuse("this cast loses bits or is not supported; compare the register itself", node)


def _unwidened(value: Read) -> Read:
    """A number, a bit or a register itself, where only its width or its kind was changed: no matter to compare."""
    if isinstance(value, expr.Value):
        return value.value if isinstance(value.value, int) else float(value.value)
    if isinstance(value, expr.Cast) and isinstance(value.operand, expr.Var):
        inside, widths = value.operand, [getattr(node.type, "width", 1) for node in (value.operand, value)]
        if not inside.standalone and value.type.kind is types.Uint and widths[0] <= widths[1]:
            return inside.var
    if isinstance(value, expr.Var) and not value.standalone:
        return value.var
    return value


def _counts(name: str, sides: tuple[Read, Read], plain: tuple[Read, Read]) -> bool:
    """Whether a bit that was cast to a number is compared as one: ordered, or beside what is no truth value."""
    for side, bit, other in zip(sides, plain, reversed(plain), strict=True):
        if isinstance(side, expr.Cast) and isinstance(bit, Clbit):
            truth = other in (0, 1) if isinstance(other, int) else _lifted(other).type.kind is types.Bool
            if name not in ("==", "!=") or not truth:
                return True
    return False


def _require_unsigned(*nodes: ast.Expression) -> None:
    for node in nodes:
        if isinstance(node, ast.Cast) and isinstance(node.type, ast.IntType):
            raise _refuse("a signed integer is only compared here; cast to `uint[n]`", node)


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
    if lifted.type.kind is not types.Uint:
        return lifted
    if any(var.standalone for var in expr.iter_vars(lifted)):
        return expr.cast(lifted, types.Bool())
    return expr.not_equal(lifted, 0)


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


def _refuse(sentence: str, node: ast.QASMNode) -> CannotLoad:
    return CannotLoad(sentence, line=line_of(node))
