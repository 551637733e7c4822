"""Classical conditions for the oracle, written apart from qverify's: what Qiskit's trees say of a record.

A register's value has its first bit as the least significant; numbers of w bits count modulo 2**w.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qiskit.circuit import Clbit
from qiskit.circuit.classical import expr, types

Record = tuple[int, ...]  # the value of every classical bit
Bits = Mapping[Clbit, int]  # where a bit is in the record


def holds(condition: Any, record: Record, bits: Bits) -> bool:
    """Whether a condition holds."""
    if isinstance(condition, expr.Expr):
        return evaluate(condition, record, bits) != 0
    what, wanted = condition
    return number_of(what, record, bits) == int(wanted)


def number_of(what: Any, record: Record, bits: Bits) -> int:
    """The value of a bit, a register or an expression."""
    if isinstance(what, expr.Expr):
        return evaluate(what, record, bits)
    if isinstance(what, Clbit):
        return record[bits[what]]
    return int("".join(str(record[bits[bit]]) for bit in reversed(list(what))), 2)


def evaluate(node: expr.Expr, record: Record, bits: Bits) -> int:
    """The value of an expression; a truth value is 0 or 1."""
    match node:
        case expr.Value():
            return int(node.value)
        case expr.Var():
            return number_of(node.var, record, bits)
        case expr.Index():
            return evaluate(node.target, record, bits) >> evaluate(node.index, record, bits) & 1
        case expr.Cast():
            return _fitted(evaluate(node.operand, record, bits), node.type)
        case expr.Unary():
            inside = evaluate(node.operand, record, bits)
            if isinstance(node.type, types.Bool):
                return 1 if inside == 0 else 0
            return int(2**node.type.width - 1 - inside)
        case expr.Binary():
            left, right = evaluate(node.left, record, bits), evaluate(node.right, record, bits)
            return _fitted(_combined(node.op.name, left, right), node.type)
    raise NotImplementedError(f"the condition {node}")


def _fitted(value: int, kind: types.Type) -> int:
    return min(value, 1) if isinstance(kind, types.Bool) else value % (1 << int(kind.width))


def _combined(name: str, left: int, right: int) -> int:
    match name:
        case "BIT_AND":
            return left & right
        case "BIT_OR":
            return left | right
        case "BIT_XOR":
            return left ^ right
        case "LOGIC_AND":
            return int(left > 0 and right > 0)
        case "LOGIC_OR":
            return int(left > 0 or right > 0)
        case "EQUAL":
            return int(left == right)
        case "NOT_EQUAL":
            return int(left != right)
        case "LESS":
            return int(left < right)
        case "LESS_EQUAL":
            return int(left <= right)
        case "GREATER":
            return int(left > right)
        case "GREATER_EQUAL":
            return int(left >= right)
        case "SHIFT_LEFT":
            return left << right
        case "SHIFT_RIGHT":
            return left >> right
    raise NotImplementedError(f"the operation {name}")
