"""Classical variables of OpenQASM 3, and assignments to variables and bits.

Rule: `bool` and `uint[n]` variables that the program assigns, or that start as an expression over bits or
variables, are variables of the circuit; anything else that is declared with a value is a constant. What is assigned
has the type of what it is assigned to: a width never changes without a cast, as in Qiskit.
Source: OpenQASM 3.1 specification, "Types and casting"; Qiskit 2.6, `QuantumCircuit.add_var` and `store`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from openqasm3 import ast
from qiskit.circuit.classical import expr, types

from qverify.load.openqasm3_expressions import integer
from qverify.load.openqasm3_registers import MAX_BITS
from qverify.load.statements import Statement

if TYPE_CHECKING:
    from qverify.load.openqasm3_program import Program

# a name, perhaps with an index, that stands at the start of a statement and before `=`, `+=` and so on
_ASSIGNED = re.compile(
    r"(?:^|[;{}):]|\belse\b)\s*([^\W\d]\w*)\s*(?:\[[^\]=]*\]\s*)?(?:[-+*/%&|^~]|<<|>>|\*\*)?=(?!=)"
)


def assigned_names(statements: Iterable[Statement]) -> frozenset[str]:
    """The names that a program assigns somewhere, after their declaration; perhaps a few more."""
    return frozenset(name for s in statements if "=" in s.text for name in _ASSIGNED.findall(s.text))


def is_variable(program: Program, node: ast.ClassicalDeclaration) -> bool:
    """Whether a declaration is one of a variable of the circuit."""
    if program.conditions.is_known_late(node.init_expression, program.scope):
        return True
    # `int i;` without a value is what Qiskit writes before a `switch`
    before_switch = isinstance(node.type, ast.IntType) and node.type.size is None and node.init_expression is None
    return node.identifier.name in program.changing and not before_switch


def declare(program: Program, node: ast.ClassicalDeclaration) -> None:
    """Add a variable to the circuit; in a block, once it is given its first value.

    Raises:
        CannotLoad: its type is not supported, or its value does not fit.
    """
    name, kind = node.identifier.name, _kind(program, node)
    if name in program.registers.qubits or name in program.registers.clbits:
        raise program.refuse(f"`{name}` is declared twice; rename one of them", node)
    start = node.init_expression
    if isinstance(start, ast.QuantumMeasurement):
        raise program.refuse("a measurement outcome is a bit; measure into a `bit` and assign that", node)
    value = None if start is None else program.conditions.value(start, program.scope, kind)
    for known in (program.scope, program.assigned, program.conditions.variables):
        known.pop(name, None)
    if value is None and program.depth:
        program.valueless[name] = kind, program.here
    else:
        _add(program, name, kind, value, node)


def _add(program: Program, name: str, kind: types.Type, value: expr.Expr | None, node: ast.Statement) -> None:
    own = name
    while own in program.named:  # of another block
        own = f"{name}_{len(program.named)}_{len(own)}"
    program.named.add(own)
    made = program.conditions.variables[name] = expr.Var.new(own, kind)
    if value is None:
        program.circuit.add_uninitialized_var(made)
        return
    program.count(node)
    program.circuit.add_var(made, value)


def _kind(program: Program, node: ast.ClassicalDeclaration) -> types.Type:
    name = node.identifier.name
    if isinstance(node.type, ast.BoolType):
        return types.Bool()
    word = type(node.type).__name__.removesuffix("Type").lower()
    if not isinstance(node.type, ast.UintType):
        sentence = f"the `{word}` variable `{name}` changes, which only `bool` and `uint[n]` may; declare it as one"
        raise program.refuse(sentence, node)
    if node.type.size is None:
        raise program.refuse(f"`{name}` has no width; declare it as `uint[n] {name};`", node)
    width = integer(node.type.size, program.scope, f"width of `{name}`")
    if not 1 <= width <= MAX_BITS:
        raise program.refuse(f"`{name}` has {width} bits; declare between 1 and {MAX_BITS:,}", node)
    return types.Uint(width)


def assign(program: Program, node: ast.ClassicalAssignment) -> None:
    """Add a store into a variable, a bit or a register.

    Raises:
        CannotLoad: there is nothing of that name to be assigned, or the value does not fit.
    """
    operator = node.op.name
    value: ast.Expression = node.rvalue
    if operator != "=":
        if not isinstance(node.lvalue, ast.Identifier) or operator[:-1] not in _OPERATORS:
            raise program.refuse(f"the classical assignment `{operator}` is not supported here; write `=`", node)
        value = ast.BinaryExpression(ast.BinaryOperator[operator[:-1]], node.lvalue, node.rvalue)
        value.span = node.span
    if isinstance(node.lvalue, ast.Identifier) and node.lvalue.name in program.valueless:
        _first(program, node.lvalue.name, value, node)
        return
    target = _target(program, node.lvalue, node)
    store = program.conditions.value(value, program.scope, target.type)
    program.count(node)
    program.circuit.store(target, store)


def _first(program: Program, name: str, value: ast.Expression, node: ast.Statement) -> None:
    """The first value of a variable that a block declares."""
    kind, block = program.valueless[name]
    if block is not program.here:
        raise program.refuse(
            f"`{name}` is given its first value in an inner block; give it one where it stands", node
        )
    first = program.conditions.value(value, program.scope, kind)
    del program.valueless[name]
    _add(program, name, kind, first, node)


_OPERATORS = frozenset(["+", "-", "*", "&", "|", "^", "<<", ">>"])


def _target(program: Program, lvalue: ast.Identifier | ast.IndexedIdentifier, node: ast.Statement) -> Any:
    """The place that an assignment writes."""
    name = lvalue.name if isinstance(lvalue, ast.Identifier) else lvalue.name.name
    if name in program.scope:
        raise program.refuse(
            f"`{name}` is a constant here, and no classical assignment changes it; rename it", node
        )
    known = name in program.conditions.variables or name in program.registers.clbits
    if not known:
        raise program.refuse(
            f"`{name}` is no variable and no bit; declare it before this classical assignment", node
        )
    if isinstance(lvalue, ast.IndexedIdentifier):
        if len(lvalue.indices) != 1:
            raise program.refuse("a classical assignment has two indices; write one", node)
        indexed = ast.IndexExpression(lvalue.name, lvalue.indices[0])
        indexed.span = node.span
        return expr.lift(program.conditions.place(indexed, program.scope))
    return expr.lift(program.conditions.place(lvalue, program.scope))
