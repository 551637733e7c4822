"""Classical conditions and values, evaluated on the integer value of the classical memory.

    memory = sum_k 2**k * bit_k,   a register's or a variable's value = sum_j 2**j * (its j-th bit)

Covers Qiskit's two forms: the pair (bit or register, value) and expression trees (`qiskit.circuit.classical.expr`)
over truth values and unsigned integers. A sum, difference or product of w-bit integers counts modulo 2**w, as
unsigned integers do in C99, which OpenQASM 3 follows. Division, and an index beyond the end, are undecided.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from qiskit.circuit import Clbit
from qiskit.circuit.classical import expr, types

from qverify.errors import Undecidable

Bits = Mapping[Any, int]  # a bit's place in the memory; for a variable, the place of its lowest bit
MAX_WIDTH = 2**14  # bits of one integer

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
    expr.Binary.Op.SHIFT_LEFT: lambda a, b: a << min(b, MAX_WIDTH),
    expr.Binary.Op.SHIFT_RIGHT: operator.rshift,
    expr.Binary.Op.ADD: operator.add,
    expr.Binary.Op.SUB: operator.sub,
    expr.Binary.Op.MUL: operator.mul,
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
    """The places in the classical memory that a condition or an expression reads, in order."""
    if isinstance(condition, expr.Expr):
        return tuple(sorted({k for var in expr.iter_vars(condition) for k in _places(var, bits)}))
    target = condition[0]
    return bits_read(expr.lift(target) if not isinstance(target, expr.Expr) else target, bits)


def width_of(kind: types.Type, name: str) -> int:
    """Number of bits of a truth value or an unsigned integer.

    Raises:
        Undecidable: it is something else, or too wide.
    """
    if isinstance(kind, types.Bool):
        return 1
    if not isinstance(kind, types.Uint):
        raise Undecidable(f"{name} is a `{kind}`; only truth values and unsigned integers are followed")
    if kind.width > MAX_WIDTH:
        raise Undecidable(f"{name} has {kind.width} bits (at most {MAX_WIDTH})")
    return int(kind.width)


def _places(var: expr.Var, bits: Bits) -> list[int]:
    """Where the bits of a variable, a bit or a register lie, the least significant one first."""
    if not var.standalone:
        return [_place(var.var, bits)] if isinstance(var.var, Clbit) else [_place(bit, bits) for bit in var.var]
    width = width_of(var.type, f"the classical variable `{var.name}`")
    if var not in bits:
        raise Undecidable(f"the classical variable `{var.name}` is not declared where it is used")
    return list(range(bits[var], bits[var] + width))


def target_places(target: expr.Expr, memory: int, bits: Bits) -> tuple[int, ...]:
    """Where a value that is stored into `target` goes, when the classical memory holds `memory`."""
    if isinstance(target, expr.Var):
        return tuple(_places(target, bits))
    if isinstance(target, expr.Index) and isinstance(target.target, expr.Var):
        return (_places(target.target, bits)[_index(target, memory, bits)],)
    raise Undecidable(f"what is stored into `{target}` goes to no place that is known")


def _index(node: expr.Index, memory: int, bits: Bits) -> int:
    index = _value(node.index, memory, bits)
    if index >= width_of(node.target.type, "what is indexed"):
        raise Undecidable(f"an index is {index}, beyond the end of what it indexes")
    return index


def _place(bit: Clbit, bits: Bits) -> int:
    if bit not in bits:
        raise Undecidable("a condition reads a classical bit that its circuit does not have")
    return bits[bit]


def _value(node: expr.Expr, record: int, bits: Bits) -> int:
    if not isinstance(node.type, types.Bool | types.Uint) or getattr(node.type, "width", 1) > MAX_WIDTH:
        width_of(node.type, f"the classical expression `{node}`")
    if isinstance(node, expr.Value):
        return _wrapped(int(node.value), node.type)
    if isinstance(node, expr.Var):
        return sum((record >> place & 1) << j for j, place in enumerate(_places(node, bits)))
    if isinstance(node, expr.Cast):
        value = _value(node.operand, record, bits)
        return int(bool(value)) if isinstance(node.type, types.Bool) else _wrapped(value, node.type)
    if isinstance(node, expr.Unary) and node.op in (expr.Unary.Op.LOGIC_NOT, expr.Unary.Op.BIT_NOT):
        value = _value(node.operand, record, bits)
        if node.op == expr.Unary.Op.LOGIC_NOT or isinstance(node.type, types.Bool):
            return int(not value)
        return _wrapped(~value, node.type)
    if isinstance(node, expr.Binary) and node.op in _BINARY:
        left, right = _value(node.left, record, bits), _value(node.right, record, bits)
        return _wrapped(_BINARY[node.op](left, right), node.type)
    if isinstance(node, expr.Index):
        return _value(node.target, record, bits) >> _index(node, record, bits) & 1
    raise Undecidable(f"the classical expression `{node}` is not supported")


def _wrapped(value: int, kind: types.Type) -> int:
    """Unsigned integers of w bits count modulo 2**w."""
    return value % (1 << kind.width) if isinstance(kind, types.Uint) else int(bool(value))
