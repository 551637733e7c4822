"""Statements of OpenQASM 3, one after the other, into one Qiskit circuit.

Rule: a statement either becomes operations of the circuit or is refused by name; nothing is skipped.
A `for` whose variable is used is unrolled, any other loop stays a loop.
Source: OpenQASM 3.1 specification; Qiskit 2.6 `QuantumCircuit`, builder interface of control flow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from openqasm3 import ast
from qiskit import QuantumCircuit, QuantumRegister
from qiskit.circuit import Qubit
from qiskit.circuit.classical import expr, types

from qverify.errors import CannotLoad, counted
from qverify.load.openqasm3_conditions import Conditions
from qverify.load.openqasm3_definitions import Gates
from qverify.load.openqasm3_expressions import Value, described, evaluate, integer, line_of
from qverify.load.openqasm3_gates import MAX_LEAVES
from qverify.load.openqasm3_inputs import Inputs
from qverify.load.openqasm3_registers import MAX_BITS, Bits, Registers
from qverify.load.openqasm3_variables import assign, assigned_names, declare, is_variable
from qverify.load.statements import Source

MAX_OPERATIONS = 1_000_000

_INPUT = re.compile(r"input\s+[^;]*?([^\W\d]\w*)\s*;")
_WIDTHS = (16, 32, 64, 128)  # bits; angles are computed with 64
_PHYSICAL = re.compile(r"\$(\d+)")


class Program:
    """The circuit built so far.

    Args:
        source: the whole program; inputs and physical qubits are known from the start.
    """

    def __init__(self, source: Source) -> None:
        self.circuit = QuantumCircuit()
        self.lines: list[int | None] = []
        names = (found.group(1) for s in source.statements if (found := _INPUT.fullmatch(s.text)))
        self.inputs = Inputs(names)
        self.scope: dict[str, Value] = {}
        self.constants: dict[str, Value] = {}
        self.registers = Registers(self.circuit)
        self.gates = Gates(self.constants)
        self.conditions = Conditions(self.registers)
        self.assigned: dict[str, tuple[ast.Expression, int, int] | None] = {}  # variables that a `switch` reads
        self.changing = assigned_names(source.statements)
        self.here: set[str] = set()  # what the current block declared
        self.named: set[str] = set()  # of variables of the circuit
        self.valueless: dict[str, tuple[types.Type, set[str]]] = {}  # variables of blocks, before their first value
        self.depth = 0  # control-flow blocks of the circuit that are open
        self.operations = self.leaves = self.unrolled = 0
        for file, _ in source.includes:
            self.gates.include(file)
        self._physical(source.text)

    def _physical(self, text: str) -> None:
        numbers = {match.group(1) for match in _PHYSICAL.finditer(text)}
        if not numbers:
            return
        if max(map(len, numbers)) > 5 or max(map(int, numbers)) >= MAX_BITS:
            raise CannotLoad(f"a physical qubit has a number above {MAX_BITS - 1:,}; use a smaller one")
        register = QuantumRegister(max(map(int, numbers)) + 1, "q")
        self.circuit.add_register(register)
        for k in map(int, numbers):
            self.registers.qubits[f"${k}"] = Bits((register[k],), False)

    # ------------------------------------------------------------------ statements

    def run(self, node: ast.Statement) -> None:
        """Add one statement.

        Raises:
            CannotLoad: it is not supported, or not right.
        """
        from qverify.load import openqasm3_flow as flow

        if getattr(node, "annotations", None):
            raise self.refuse("an annotation is not supported; remove it", node)
        match node:
            case ast.QuantumGate() | ast.QuantumPhase():
                self._gate(node)
            case ast.QuantumMeasurementStatement():
                self._measure(node.measure, node.target, node)
            case ast.QuantumReset():
                for qubit in self.registers.operand(node.qubits, self.scope, quantum=True).bits:
                    self.count(node)
                    self.circuit.reset(qubit)
            case ast.QuantumBarrier():
                self._barrier(node)
            case ast.QuantumGateDefinition():
                self._global_only(node)
                self.gates.define(node)
            case ast.QubitDeclaration() | ast.ConstantDeclaration() | ast.ClassicalDeclaration():
                self._declaration(node)
            case ast.IODeclaration():
                self._input_or_output(node)
            case ast.AliasStatement():
                self._global_only(node)
                self.registers.alias(node.target.name, self.registers.resolve(node.value, self.scope), node)
            case ast.CompoundStatement():
                self.block(node.statements)
            case ast.ClassicalAssignment():
                self._assignment(node)
            case _:
                flow.run(self, node)
        if self.depth == 0:
            self.lines.extend([line_of(node)] * (len(self.circuit.data) - len(self.lines)))

    def block(self, statements: Sequence[ast.Statement], **values: Value) -> None:
        """Add the statements of a block; what it declares, and `values`, are known inside only."""
        outside, assigned = dict(self.scope), dict(self.assigned)
        here, variables, valueless = self.here, dict(self.conditions.variables), dict(self.valueless)
        self.here = set()
        self.scope.update(values)
        for statement in statements:
            self.run(statement)
        self.scope, self.assigned = outside, assigned
        self.here, self.conditions.variables, self.valueless = here, variables, valueless

    def inside(self, statements: Sequence[ast.Statement]) -> None:
        """Add the statements of a block that is a block of the circuit too."""
        self.depth += 1
        self.block(statements)
        self.depth -= 1

    def count(self, node: ast.QASMNode, leaves: int = 1) -> None:
        """Count an operation against the limits."""
        self.operations += 1
        self.leaves += leaves
        if self.operations > MAX_OPERATIONS:
            raise self.refuse(f"the circuit has more than {MAX_OPERATIONS:,} operations; make it smaller", node)
        if self.leaves > MAX_LEAVES:
            sentence = f"the circuit expands to more than {MAX_LEAVES:,} gates (a gate bomb); make it smaller"
            raise self.refuse(sentence, node)

    @staticmethod
    def refuse(sentence: str, node: ast.QASMNode) -> CannotLoad:
        """The refusal of a node."""
        return CannotLoad(sentence, line=line_of(node))

    def _global_only(self, node: ast.Statement) -> None:
        if self.depth:
            raise self.refuse(f"{described(node)} stands inside a block; move it to the top of the file", node)

    # ------------------------------------------------------------------ quantum

    def _gate(self, node: ast.QuantumGate | ast.QuantumPhase) -> None:
        if isinstance(node, ast.QuantumGate) and node.name.name == "nop" and "nop" not in self.gates.defined:
            self.circuit.noop(*self._together(node.qubits))
            return
        part = self.gates.call(node, self.scope)
        operands = [self.registers.operand(q, self.scope, quantum=True) for q in node.qubits]
        if len(operands) != part.num_qubits:
            sentence = (
                f"`gphase` takes one qubit a control, so {part.num_qubits} here, but {len(operands)} are given"
            )
            raise self.refuse(sentence, node)
        if part.gate is None:
            self.count(node)
            self.circuit.global_phase += part.phase
            return
        for qubits in self._broadcast(operands, node):
            if len(set(qubits)) != len(qubits):
                raise self.refuse(f"`{part.name}` acts on one qubit twice; name different qubits", node)
            self.count(node, part.leaves)
            self.circuit.append(part.gate, qubits, copy=False)

    def _broadcast(self, operands: Sequence[Bits], node: ast.QASMNode) -> list[list[Any]]:
        """One row of bits an application: registers go in step, single bits repeat."""
        sizes = {len(operand.bits) for operand in operands if operand.is_register}
        if len(sizes) > 1:
            sizes_text = " and ".join(map(str, sorted(sizes)))
            raise self.refuse(f"registers of {sizes_text} are used in step; use equal sizes", node)
        size = sizes.pop() if sizes else 1
        return [[o.bits[k if o.is_register else 0] for o in operands] for k in range(size)]

    def _together(self, nodes: Sequence[ast.QASMNode]) -> list[Qubit]:
        """The qubits of all operands, each once; all qubits of the program when there are no operands."""
        if not nodes:
            return list(self.circuit.qubits)
        found = [bit for q in nodes for bit in self.registers.operand(q, self.scope, quantum=True).bits]
        return list(dict.fromkeys(found))

    def _barrier(self, node: ast.QuantumBarrier) -> None:
        self.count(node)
        self.circuit.barrier(self._together(node.qubits))

    def _measure(self, measure: ast.QuantumMeasurement, target: ast.QASMNode | None, node: ast.Statement) -> None:
        if target is None:
            raise self.refuse("the outcome of `measure` goes nowhere; write `c = measure q;`", node)
        inner = target.name if isinstance(target, ast.IndexedIdentifier) else target
        if isinstance(inner, ast.Identifier) and inner.name in self.conditions.variables:
            raise self.refuse("a measurement outcome is a bit; measure into a `bit` and assign that", node)
        qubits = self.registers.operand(measure.qubit, self.scope, quantum=True)
        clbits = self.registers.operand(target, self.scope, quantum=False)
        if len(qubits.bits) != len(clbits.bits):
            verb = "is" if len(qubits.bits) == 1 else "are"
            into = counted(len(clbits.bits), "bit")
            sizes = f"{counted(len(qubits.bits), 'qubit')} {verb} measured into {into}"
            raise self.refuse(f"{sizes}; use equal numbers", node)
        for qubit, clbit in zip(qubits.bits, clbits.bits, strict=True):
            self.count(node)
            self.circuit.measure(qubit, clbit)

    # ------------------------------------------------------------------ declarations

    def _size(self, node: ast.Expression | None) -> int | None:
        return None if node is None else integer(node, self.scope, "size")

    def _declaration(self, node: ast.QubitDeclaration | ast.ConstantDeclaration | ast.ClassicalDeclaration) -> None:
        if isinstance(node, ast.QubitDeclaration):
            self._global_only(node)
            self.registers.declare(node.qubit.name, self._size(node.size), True, node)
        elif isinstance(node.type, ast.BitType) and isinstance(node, ast.ClassicalDeclaration):
            self._bits(node)
        else:
            self._classical(node)

    def _bits(self, node: ast.ClassicalDeclaration) -> None:
        self._global_only(node)
        assert isinstance(node.type, ast.BitType)  # noqa: S101  # the caller's case
        name, size, start = node.identifier.name, self._size(node.type.size), node.init_expression
        if name in self.conditions.variables:
            raise self.refuse(f"`{name}` is declared twice; rename one of them", node)
        value = None
        if start is not None and not isinstance(start, ast.QuantumMeasurement):
            kind = types.Bool() if size is None else types.Uint(max(1, min(size, MAX_BITS)))
            value = self.conditions.value(start, self.scope, kind)
        self.registers.declare(name, size, False, node)
        if isinstance(start, ast.QuantumMeasurement):
            self._measure(start, node.identifier, node)
        elif value is not None and not (isinstance(value, expr.Value) and not value.value):  # bits start at 0
            self.count(node)
            self.circuit.store(self.conditions.place(node.identifier, self.scope), value)

    def _classical(self, node: ast.ConstantDeclaration | ast.ClassicalDeclaration) -> None:
        """A constant, or a variable that is given its value once."""
        name, kinds = node.identifier.name, (ast.IntType, ast.UintType, ast.FloatType, ast.AngleType, ast.BoolType)
        if not isinstance(node.type, kinds):
            raise self.refuse(f"`{_type_name(node.type)}` variables are not supported; use numbers or bits", node)
        if name in self.here or (self.depth == 0 and (name in self.scope or name in self.assigned)):
            raise self.refuse(f"`{name}` is declared twice; rename one of them", node)
        self.here.add(name)
        if isinstance(node, ast.ClassicalDeclaration) and is_variable(self, node):
            declare(self, node)
            return
        for known in (self.conditions.variables, self.valueless):
            known.pop(name, None)
        if node.init_expression is None:
            self.assigned[name] = None
            return
        if isinstance(node.init_expression, ast.QuantumMeasurement):
            raise self.refuse("a measurement outcome is a bit; declare the variable as `bit`", node)
        value = self._converted(node, evaluate(node.init_expression, self.scope))
        self.scope[name] = value
        if isinstance(node, ast.ConstantDeclaration) and self.depth == 0:
            self.constants[name] = value

    def _converted(self, node: ast.ConstantDeclaration | ast.ClassicalDeclaration, value: Value) -> Value:
        start = node.init_expression
        assert isinstance(start, ast.Expression)  # noqa: S101  # the caller's case
        if isinstance(node.type, ast.IntType | ast.UintType):
            whole = integer(start, self.scope, f"value of `{node.identifier.name}`")
            if whole < 0 and isinstance(node.type, ast.UintType):
                raise self.refuse(f"`{node.identifier.name}` is unsigned, but is {whole}", node)
            return whole
        if isinstance(node.type, ast.BoolType):
            if not isinstance(value, int | float):
                raise self.refuse("a truth value depends on an input; write `true` or `false`", node)
            return bool(value)
        return float(value) if isinstance(value, int) else value

    def _input_or_output(self, node: ast.IODeclaration) -> None:
        self._global_only(node)
        name, kind = node.identifier.name, _type_name(node.type)
        if node.io_identifier.name == "output":
            if not isinstance(node.type, ast.BitType):
                raise self.refuse(f"`output {kind}` is not supported; outputs are bits", node)
            self.registers.declare(name, self._size(node.type.size), False, node)
            return
        if not isinstance(node.type, ast.FloatType | ast.AngleType):
            raise self.refuse(f"`input {kind}` is not supported; inputs are `float` or `angle`", node)
        if node.type.size is not None and integer(node.type.size, self.scope, "width of an input") not in _WIDTHS:
            raise self.refuse(f"an input of this width is not supported; write `input float[64] {name};`", node)
        if name in self.scope or name in self.assigned:
            raise self.refuse(f"`{name}` is declared twice; rename one of them", node)
        self.scope[name] = self.inputs.parameters[name]

    def _assignment(self, node: ast.ClassicalAssignment) -> None:
        """A store, or `i = c;` of an `int` without a value, which `switch (i)` reads directly afterwards."""
        name = node.lvalue.name if isinstance(node.lvalue, ast.Identifier) else ""
        if name not in self.assigned:
            assign(self, node)
            return
        if node.op.name != "=":
            raise self.refuse(
                "a classical assignment is not supported here; declare the variable as `uint[n]`", node
            )
        self.conditions.read(node.rvalue, self.scope)  # refused here if it is no expression over bits
        self.assigned[name] = (node.rvalue, self.operations, self.depth)

    def switched(self, node: ast.Expression) -> ast.Expression:
        """The expression over bits that a `switch` reads, through the variable it was assigned to."""
        if isinstance(node, ast.Identifier) and node.name in self.assigned:
            found = self.assigned[node.name]
            if found is None or found[1:] != (self.operations, self.depth):
                sentence = f"`{node.name}` is not assigned directly before this `switch`; move the assignment here"
                raise self.refuse(sentence, node)
            return found[0]
        return node


def _type_name(node: ast.ClassicalType) -> str:
    return type(node).__name__.removesuffix("Type").lower()
