"""The canonical content of a circuit, and digests of it.

Two circuits have the same content when they apply the same operations to the same wires in the same order,
with the same angles (canonical form, exact floats), the same conditions and the same order of parameters.
Names of circuits, registers, variables, labels and composite gates, metadata and layout are no content; a gate
counts by what it *is* (its class, or what its definition does), never by what it is called, and a classical
variable by the number of its declaration, counted from the outermost circuit inwards.

    digest = SHA-256( version tag, canonical JSON )

A composite gate enters by the digest of its definition, computed once (a Merkle tree): nesting is cheap.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
from qiskit.circuit import (
    AnnotatedOperation,
    Barrier,
    BoxOp,
    CircuitInstruction,
    Clbit,
    ControlFlowOp,
    ControlledGate,
    Delay,
    ForLoopOp,
    IfElseOp,
    Measure,
    Operation,
    ParameterExpression,
    QuantumCircuit,
    Reset,
    Store,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import UnitaryGate

from qverify.angles import angle_of, constant
from qverify.digest import digest_of
from qverify.structure import standard_class

Bits = dict[Any, int]  # wires, or bits and the numbers of variables
MAX_LISTED = 1_000_000


def circuit_digest(circuit: QuantumCircuit, parameters: tuple[str, ...]) -> str:
    """The content digest of a circuit whose parameters are declared in the given order.

    Cost: about 10 microseconds an operation. Source: none; this is the project's own definition.
    """
    return digest_of([list(parameters), _Canonical().circuit(circuit)])


class _Canonical:
    """One walk; remembers the digests of definitions it has seen (they are alive while it runs)."""

    def __init__(self) -> None:
        self.seen: dict[int, tuple[object, str]] = {}
        self.variables = False  # whether any was met

    def circuit(self, circuit: QuantumCircuit) -> object:
        qubits = {bit: k for k, bit in enumerate(circuit.qubits)}
        clbits = {bit: k for k, bit in enumerate(circuit.clbits)}
        phase = _phase(circuit)
        return [len(qubits), len(clbits), phase, self.body(circuit, qubits, clbits)]

    def body(self, circuit: QuantumCircuit, qubits: Bits, clbits: Bits) -> object:
        """Its own variables and its operations; `clbits` knows the variables from outside."""
        own = [
            *(("input", v) for v in circuit.iter_input_vars()),
            *(("own", v) for v in circuit.iter_declared_vars()),
        ]
        if own:
            self.variables = True
            first = 1 + max(_variables(clbits).values(), default=-1)
            clbits = clbits | {var: first + k for k, (_, var) in enumerate(own)}
        variables = [[kind, str(var.type)] for kind, var in own]
        return [variables, [self.item(item, qubits, clbits) for item in circuit.data]]

    def item(self, item: CircuitInstruction, qubits: Bits, clbits: Bits) -> object:
        wires = [qubits[bit] for bit in item.qubits]
        bits = [clbits[bit] for bit in item.clbits]
        if isinstance(item.operation, ControlFlowOp):
            # Qiskit lists the wires of a control-flow operation in no particular order
            return [self.control_flow(item.operation, wires, bits, clbits), sorted(wires), sorted(bits)]
        return [self.operation(item.operation, len(wires), clbits), wires, bits]

    def operation(self, op: Operation, width: int, clbits: Bits) -> object:
        if isinstance(op, Store):
            return ["store", _expression(op.lvalue, clbits), _expression(op.rvalue, clbits)]
        if isinstance(op, Delay):
            return ["delay", op.unit, _number(op.duration)]
        if isinstance(op, AnnotatedOperation):
            base = self.operation(op.base_op, width, clbits)
            return ["annotated", [repr(m) for m in op.modifiers], base]
        if isinstance(op, Measure | Reset | Barrier):
            return ["primitive", type(op).__name__, width]
        kind = standard_class(op)
        if kind:
            control = [op.ctrl_state] if isinstance(op, ControlledGate) else []
            return ["standard", kind, *control, [_number(p) for p in op.params], width]
        if isinstance(op, ControlledGate):
            base = self.operation(op.base_gate, width - op.num_ctrl_qubits, clbits)
            # what it does is its definition; a file may give one that does not follow from the base gate
            definition = None if op.definition is None else self.definition(op.definition)
            return [
                "controlled",
                op.num_ctrl_qubits,
                op.ctrl_state,
                self.definition(op.definition),
                base,
                definition,
            ]
        if isinstance(op, UnitaryGate):
            matrix = np.ascontiguousarray(op.params[0], dtype=np.complex128) + 0.0
            return ["matrix", hashlib.sha256(matrix.tobytes()).hexdigest()]
        definition = getattr(op, "definition", None)
        if definition is None:
            return ["opaque", op.name, [_number(p) for p in getattr(op, "params", [])]]
        return ["composite", self.definition(definition)]

    def definition(self, definition: QuantumCircuit) -> str:
        if id(definition) not in self.seen:
            self.seen[id(definition)] = (definition, digest_of(self.circuit(definition)))
        return self.seen[id(definition)][1]

    def control_flow(self, op: ControlFlowOp, wires: list[int], bits: list[int], clbits: Bits) -> object:
        outside = _variables(clbits) if self.variables else {}

        def block(body: QuantumCircuit) -> object:
            inner_q = dict(zip(body.qubits, wires, strict=True))
            inner_c = outside | dict(zip(body.clbits, bits, strict=True))
            return [_phase(body), self.body(body, inner_q, inner_c)]

        return ["flow", type(op).__name__, _head(op, clbits), [block(body) for body in op.blocks]]


def _variables(clbits: Bits) -> Bits:
    return {place: number for place, number in clbits.items() if isinstance(place, expr.Var)}


def _phase(circuit: QuantumCircuit) -> str:
    phase = angle_of(circuit.global_phase)
    # Qiskit keeps a phase below a turn, yet rounding can leave a whole one, which QPY reads back as none
    return (phase if phase.terms else constant(phase.constant % (2 * math.pi))).text()


def _head(op: ControlFlowOp, clbits: Bits) -> object:
    """What steers a control-flow operation."""
    if isinstance(op, IfElseOp | WhileLoopOp):
        return condition(op.condition, clbits)
    if isinstance(op, SwitchCaseOp):
        labels = [[int(v) if isinstance(v, int) else "default" for v in vs] for vs, _ in op.cases_specifier()]
        return [_target(op.target, clbits), labels]
    if isinstance(op, ForLoopOp):
        indices, variable, _ = op.params
        if isinstance(indices, range) and len(indices) > MAX_LISTED:
            listed: list[Any] = ["range", indices.start, indices.stop, indices.step]
        else:
            listed = list(indices)  # a range and the same numbers written out are one loop
        if isinstance(variable, expr.Var):
            return [listed, ["variable", str(variable.type)]]
        return [listed, None if variable is None else str(variable.name)]
    if isinstance(op, BoxOp):
        return None if op.duration is None else [op.unit, _number(op.duration)]
    return op.name  # break_loop, continue_loop


def _number(value: Any) -> object:
    if isinstance(value, int | float | ParameterExpression | np.integer | np.floating):
        return angle_of(value).text()
    if isinstance(value, np.ndarray):
        data = np.ascontiguousarray(value, dtype=np.complex128) + 0.0
        return ["array", list(value.shape), hashlib.sha256(data.tobytes()).hexdigest()]
    if isinstance(value, complex | np.complexfloating):
        return ["complex", repr(float(value.real)), repr(float(value.imag))]
    return str(value)


def condition(value: Any, clbits: Bits) -> object:
    """A condition in one form: `["bit", k, 0|1]`, `["register", [k...], value]` or a tree of operators."""
    if isinstance(value, expr.Expr):
        return _expression(value, clbits)
    target, wanted = value
    return _equals(_target(target, clbits), int(wanted))


def _target(target: Any, clbits: Bits) -> list[Any]:
    if isinstance(target, expr.Expr):
        return ["expression", _expression(target, clbits)]
    if isinstance(target, Clbit):
        return ["bit", clbits[target]]
    return ["register", [clbits[bit] for bit in target]]


def _equals(target: list[Any], value: int) -> object:
    if target[0] == "register" and len(target[1]) == 1:
        return ["bit", target[1][0], value]
    return [*target, value]


def _expression(node: expr.Expr, clbits: Bits) -> object:
    if isinstance(node, expr.Var):
        if node.standalone:
            return ["variable", clbits.get(node, node.name)]
        target = _target(node.var, clbits)
        return ["bit", target[1], 1] if target[0] == "bit" else target
    if isinstance(node, expr.Value):
        return [
            "value",
            int(node.value) if isinstance(node.value, bool | int) else repr(node.value),
            str(node.type),
        ]
    if isinstance(node, expr.Cast):
        return ["cast", str(node.type), _expression(node.operand, clbits)]
    if isinstance(node, expr.Unary):
        inner = _expression(node.operand, clbits)
        negates = node.op in (expr.Unary.Op.LOGIC_NOT, expr.Unary.Op.BIT_NOT)
        if negates and isinstance(inner, list) and inner[0] == "bit":
            return ["bit", inner[1], 1 - inner[2]]
        return [node.op.name, inner, *_unusual(node, node.operand)]
    if isinstance(node, expr.Binary):
        left, right = _expression(node.left, clbits), _expression(node.right, clbits)
        if node.op == expr.Binary.Op.EQUAL and isinstance(node.right, expr.Value) and isinstance(left, list):
            if left[0] == "register":
                return _equals(left, int(node.right.value))
            if left[0] == "bit" and left[2] == 1:
                return ["bit", left[1], int(node.right.value)]
        return [node.op.name, left, right, *_unusual(node, node.left)]
    if isinstance(node, expr.Index):
        return ["index", _expression(node.target, clbits), _expression(node.index, clbits)]
    return ["unknown", repr(node)]


def _unusual(node: expr.Expr, operand: expr.Expr) -> list[str]:
    """The type of an operator's value, where it is neither a truth value nor that of its operand."""
    return [] if isinstance(node.type, types.Bool) or node.type == operand.type else [str(node.type)]
