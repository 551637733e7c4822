"""Classical conditions, evaluated on the integer value of the classical memory.

    record = sum_k 2**k * bit_k,   a register's value = sum_j 2**j * (its j-th bit)

Covers Qiskit's two forms: the pair (bit or register, value) and expression trees (`qiskit.circuit.classical.expr`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from qiskit.circuit import Clbit
from qiskit.circuit.classical import expr, types

from qverify.errors import Undecidable

Bits = Mapping[Any, int]

_BINARY: dict[expr.Binary.Op, Callable[[int, int], int]] = {
    expr.Binary.Op.BIT_AND: operator.and_,
    expr.Binary.Op.BIT_OR: operator.or_,
    expr.Binary.Op.BIT_XOR: operator.xor,
    expr.Binary.Op.LOGIC_AND: lambda a, b: int(bool(a) and bool(b)),
    expr.Binary.Op.LOGIC_OR: lambda a, b: int(bool(a) or bool(b)),
    expr.Binary.Op.EQUAL: lambda a, b: int(a == b),
    expr.Binary.Op.NOT_EQUAL: lambda a, b: int(a != b),
    expr.Binary.Op.LESS: lambda a, b: int(a < b),
    expr.Binary.Op.LESS_EQUAL: lambda a, b: int(a <= b),
    expr.Binary.Op.GREATER: lambda a, b: int(a > b),
    expr.Binary.Op.GREATER_EQUAL: lambda a, b: int(a >= b),
    expr.Binary.Op.SHIFT_LEFT: operator.lshift,
    expr.Binary.Op.SHIFT_RIGHT: operator.rshift,
}


def holds(condition: Any, record: int, bits: Bits) -> bool:
    """Whether a condition is true when the classical memory holds `record`."""
    if isinstance(condition, expr.Expr):
        return bool(_value(condition, record, bits))
    target, wanted = condition
    return target_value(target, record, bits) == int(wanted)


def target_value(target: Any, record: int, bits: Bits) -> int:
    """The integer value of a bit, a register or an expression."""
    if isinstance(target, expr.Expr):
        return _value(target, record, bits)
    if isinstance(target, Clbit):
        return record >> _place(target, bits) & 1
    return sum((record >> _place(bit, bits) & 1) << j for j, bit in enumerate(target))


def bits_read(condition: Any, bits: Bits) -> tuple[int, ...]:
    """The classical bits that a condition reads, in order."""
    target = condition if isinstance(condition, expr.Expr) else condition[0]
    if isinstance(target, expr.Expr):
        found = [v.var for v in expr.iter_vars(target) if not v.standalone]
    else:
        found = [target]
    flat = [bit for each in found for bit in ([each] if isinstance(each, Clbit) else each)]
    return tuple(sorted({_place(bit, bits) for bit in flat}))


def _place(bit: Clbit, bits: Bits) -> int:
    if bit not in bits:
        raise Undecidable("a condition reads a classical bit that its circuit does not have")
    return bits[bit]


def _value(node: expr.Expr, record: int, bits: Bits) -> int:
    if isinstance(node, expr.Value):
        return int(node.value)
    if isinstance(node, expr.Var):
        if node.standalone:
            raise Undecidable(f"the classical variable `{node.name}` is not supported")
        return target_value(node.var, record, bits)
    if isinstance(node, expr.Cast):
        value = _value(node.operand, record, bits)
        return int(bool(value)) if isinstance(node.type, types.Bool) else _wrapped(value, node.type)
    if isinstance(node, expr.Unary):
        value = _value(node.operand, record, bits)
        if node.op == expr.Unary.Op.LOGIC_NOT or isinstance(node.type, types.Bool):
            return int(not value)
        return _wrapped(~value, node.type)
    if isinstance(node, expr.Binary) and node.op in _BINARY:
        left, right = _value(node.left, record, bits), _value(node.right, record, bits)
        return _wrapped(_BINARY[node.op](left, right), node.type)
    if isinstance(node, expr.Index):
        return _value(node.target, record, bits) >> _value(node.index, record, bits) & 1
    raise Undecidable(f"the classical expression `{node}` is not supported")


def _wrapped(value: int, kind: types.Type) -> int:
    """Unsigned integers of w bits count modulo 2**w."""
    return value % (1 << kind.width) if isinstance(kind, types.Uint) else int(value)
