"""Control flow and timing of OpenQASM 3: if, switch, for, while, break, continue, box, delay.

Rule: a test that is known when the file is read is decided then; a `for` whose variable is used is unrolled.
Source: OpenQASM 3.1 specification, "Classical instructions" and "Circuit timing".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from openqasm3 import ast

from qverify.load.openqasm3_expressions import described, integer
from qverify.load.openqasm3_registers import range_of

if TYPE_CHECKING:
    from qverify.load.openqasm3_program import Program

MAX_UNROLLED = 100_000
MAX_ITERATIONS = 1_000_000
MAX_BLOCKS = 50  # control flow inside control flow

_UNSUPPORTED = {
    ast.SubroutineDefinition: "`def`", ast.ExternDeclaration: "`extern`", ast.ReturnStatement: "`return`",
    ast.EndStatement: "`end`", ast.CalibrationDefinition: "`defcal`", ast.CalibrationStatement: "`cal`",
    ast.CalibrationGrammarDeclaration: "`defcalgrammar`", ast.Pragma: "`pragma`", ast.Include: "a nested `include`",
}  # fmt: skip


def run(program: Program, node: ast.Statement) -> None:
    """Add a statement that is neither a quantum operation nor a declaration.

    Raises:
        CannotLoad: it is not supported, or not right.
    """
    if program.depth >= MAX_BLOCKS:
        raise program.refuse(f"blocks are nested more than {MAX_BLOCKS} deep; write them more plainly", node)
    match node:
        case ast.BranchingStatement():
            _branch(program, node)
        case ast.SwitchStatement():
            _switch(program, node)
        case ast.ForInLoop():
            _for(program, node)
        case ast.WhileLoop():
            _while(program, node)
        case ast.BreakStatement() | ast.ContinueStatement():
            program.count(node)
            if isinstance(node, ast.BreakStatement):
                program.circuit.break_loop()
            else:
                program.circuit.continue_loop()
        case ast.Box():
            _box(program, node)
        case ast.DelayInstruction():
            _delay(program, node)
        case ast.ExpressionStatement():
            raise program.refuse("an expression alone does nothing; remove it", node)
        case _:
            what = _UNSUPPORTED.get(type(node), described(node))
            raise program.refuse(f"{what} is not supported; write the circuit without it", node)


def _branch(program: Program, node: ast.BranchingStatement) -> None:
    tested = program.conditions.condition(node.condition, program.scope)
    if isinstance(tested, bool):
        program.block(node.if_block if tested else node.else_block)
        return
    program.count(node)
    with program.circuit.if_test(tested) as otherwise:
        program.inside(node.if_block)
    if node.else_block:
        with otherwise:
            program.inside(node.else_block)


def _switch(program: Program, node: ast.SwitchStatement) -> None:
    target = program.conditions.target(program.switched(node.target), program.scope)
    labels = [[integer(v, program.scope, "case") for v in values] for values, _ in node.cases]
    if isinstance(target, int):
        for values, (_, body) in zip(labels, node.cases, strict=True):
            if target in values:
                program.block(body.statements)
                return
        program.block(node.default.statements if node.default else [])
        return
    program.count(node)
    with program.circuit.switch(target) as case:
        for values, (_, body) in zip(labels, node.cases, strict=True):
            with case(*values):
                program.inside(body.statements)
        if node.default is not None:
            with case(case.DEFAULT):
                program.inside(node.default.statements)


def _for(program: Program, node: ast.ForInLoop) -> None:
    name = node.identifier.name
    if not isinstance(node.type, ast.IntType | ast.UintType):
        raise program.refuse("a `for` runs over whole numbers only; declare its variable as `int`", node)
    values: Sequence[int]
    match node.set_declaration:
        case ast.RangeDefinition():
            values = range_of(node.set_declaration, program.scope)
        case ast.DiscreteSet():
            values = [integer(value, program.scope, "loop value") for value in node.set_declaration.values]
        case _:
            raise program.refuse("a `for` runs over `[a:b]` or `{a, b}` only; write one of them", node)
    if _uses(node.block, name):
        _unrolled(program, node, values)
        return
    if len(values) > MAX_ITERATIONS:
        raise program.refuse(f"the loop runs more than {MAX_ITERATIONS:,} times; make it shorter", node)
    if len(values) > 0:
        program.count(node)
        with program.circuit.for_loop(values):
            program.inside(node.block)


def _unrolled(program: Program, node: ast.ForInLoop, values: Sequence[int]) -> None:
    if _leaves(node.block):
        sentence = "`break` or `continue` in a loop that uses its variable is not supported; write the steps out"
        raise program.refuse(sentence, node)
    before = program.operations
    too_long = f"loops unroll to more than {MAX_UNROLLED:,} operations; make them shorter"
    if len(values) > MAX_UNROLLED:
        raise program.refuse(too_long, node)
    for value in values:
        program.block(node.block, **{node.identifier.name: value})
        program.unrolled += 1  # over all loops, so that loops in loops of nothing end too
        if max(program.operations - before, program.unrolled) > MAX_UNROLLED:
            raise program.refuse(too_long, node)


def _while(program: Program, node: ast.WhileLoop) -> None:
    tested = program.conditions.condition(node.while_condition, program.scope)
    if tested is True:
        raise program.refuse("the `while` never ends, because its test is always true; test a bit", node)
    if tested is False:
        return
    program.count(node)
    with program.circuit.while_loop(tested):
        program.inside(node.block)


def _box(program: Program, node: ast.Box) -> None:
    program.count(node)
    duration, unit = (None, None) if node.duration is None else _duration(program, node.duration)
    with program.circuit.box(duration=duration, unit=unit):
        program.inside(node.body)


def _delay(program: Program, node: ast.DelayInstruction) -> None:
    duration, unit = _duration(program, node.duration)
    operands = [program.registers.operand(q, program.scope, quantum=True) for q in node.qubits]
    for qubit in [bit for found in operands for bit in found.bits] or program.circuit.qubits:
        program.count(node)
        program.circuit.delay(duration, qubit, unit=unit)


def _duration(program: Program, node: ast.Expression) -> tuple[int | float, str]:
    if not isinstance(node, ast.DurationLiteral):
        raise program.refuse("a duration is not a number with a unit; write for example `100ns`", node)
    if node.unit.name != "dt":
        return float(node.value), node.unit.name
    if node.value != int(node.value):
        raise program.refuse(f"a duration in `dt` must be whole, but is {node.value}", node)
    return int(node.value), "dt"


def _walk(root: object, name: str = "") -> list[ast.QASMNode]:
    """All nodes below, except the names of gates, and what an inner loop over the variable `name` hides."""
    found, stack = [], [root]
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple):
            stack.extend(item)
        elif isinstance(item, ast.QASMNode):
            found.append(item)
            skipped: set[str] = set()
            if isinstance(item, ast.QuantumGate):
                skipped = {"name"}
            elif isinstance(item, ast.ForInLoop):
                skipped = {"identifier", "block"} if item.identifier.name == name else {"identifier"}
            stack.extend(getattr(item, f.name) for f in dataclasses.fields(item) if f.name not in skipped)
    return found


def _uses(statements: Sequence[ast.Statement], name: str) -> bool:
    return any(isinstance(node, ast.Identifier) and node.name == name for node in _walk(statements, name))


def _leaves(statements: Sequence[ast.Statement]) -> bool:
    return any(isinstance(node, ast.BreakStatement | ast.ContinueStatement) for node in _walk(statements))
