"""Gate calls of OpenQASM 3 and the definitions they call.

Rule: a gate may call only gates defined above it, so expansion ends; how many library gates a definition
expands to is counted before anything is expanded. Gates, inputs and registers are different kinds of name, so
`input float x;` does not hide the gate `x`.
Source: OpenQASM 3.1 specification, "Gates".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openqasm3 import ast
from qiskit.circuit import ParameterExpression

from qverify.errors import CannotLoad, counted
from qverify.load.openqasm3_expressions import Scope, Value, evaluate, integer, line_of
from qverify.load.openqasm3_gates import MAX_LEAVES, Part, Workshop
from qverify.load.openqasm3_library import BUILT_IN, StandardGate, library

MAX_DEPTH = 100  # of definitions that call definitions


@dataclass(frozen=True)
class Definition:
    """A gate of the file: its syntax, and what is known about it without expanding it."""

    node: ast.QuantumGateDefinition
    leaves: int
    depth: int


class Gates:
    """The gates known so far in one program."""

    def __init__(self, constants: Scope) -> None:
        self.constants = constants
        self.workshop = Workshop()
        self.standard: dict[str, StandardGate] = dict(BUILT_IN)
        self.defined: dict[str, Definition] = {}

    def include(self, file: str) -> None:
        """Make the gates of a library known."""
        self.standard = {**library(file), **self.standard}

    # ------------------------------------------------------------------ definitions

    def define(self, node: ast.QuantumGateDefinition) -> None:
        """Learn a `gate` definition.

        Raises:
            CannotLoad: the name is taken, the body is no sequence of known gates on the gate's own qubits, or it
                expands to more than `MAX_LEAVES` gates.
        """
        name = node.name.name
        if name in self.standard or name == "gphase":
            raise _refuse(f"gate `{name}` is defined by the library already; rename it", node)
        if name in self.defined:
            raise _refuse(f"gate `{name}` is defined twice; rename one of them", node)
        for kind, names in (("parameter", node.arguments), ("qubit", node.qubits)):
            words = [n.name for n in names]
            if len(set(words)) != len(words):
                raise _refuse(f"gate `{name}` names a {kind} twice; rename one of them", node)
        leaves, depth = 0, 0
        for statement in node.body:
            inner_leaves, inner_depth = self._count(statement, node)
            leaves, depth = leaves + inner_leaves, max(depth, inner_depth)
        if leaves > MAX_LEAVES:
            sentence = f"gate `{name}` expands to more than {MAX_LEAVES:,} gates (a gate bomb); make it smaller"
            raise _refuse(sentence, node)
        if depth >= MAX_DEPTH:
            raise _refuse(f"gates call gates more than {MAX_DEPTH} deep; write them more plainly", node)
        self.defined[name] = Definition(node, max(leaves, 1), depth + 1)

    def _count(self, statement: ast.Statement, gate: ast.QuantumGateDefinition) -> tuple[int, int]:
        """Leaves and depth of one statement of a gate's body."""
        if not isinstance(statement, ast.QuantumGate | ast.QuantumPhase):
            raise _refuse("a gate may contain only gates; move everything else out of it", statement)
        names = {q.name for q in gate.qubits}
        used = [q.name if isinstance(q, ast.Identifier) else "" for q in statement.qubits]
        for qubit in used:
            if qubit not in names:
                raise _refuse(f"gate `{gate.name.name}` acts on something other than its own qubits", statement)
        leaves, depth = 1, 0
        if isinstance(statement, ast.QuantumGate):
            callee = statement.name.name
            if callee == gate.name.name:
                raise _refuse(f"gate `{callee}` calls itself; a gate may call only gates above it", statement)
            if callee in self.defined:
                leaves, depth = self.defined[callee].leaves, self.defined[callee].depth
            self._shape(callee, statement)
        for modifier in statement.modifiers:
            if modifier.modifier.name == "pow":
                leaves *= max(1, abs(self._exponent(modifier)))
        return leaves, depth

    def _shape(self, name: str, node: ast.QASMNode) -> tuple[int, int]:
        """Numbers of parameters and qubits of a known gate."""
        if name in self.defined:
            definition = self.defined[name].node
            return len(definition.arguments), len(definition.qubits)
        if name in self.standard:
            return self.standard[name].num_params, self.standard[name].num_qubits
        raise _refuse(f'gate `{name}` is not known; define it, or write `include "stdgates.inc";`', node)

    # ------------------------------------------------------------------ calls

    def call(self, node: ast.QuantumGate | ast.QuantumPhase, scope: Scope) -> Part:
        """The gate that a statement applies, modifiers included.

        Raises:
            CannotLoad: the gate is unknown, or has the wrong number of parameters or qubits.
        """
        try:
            part = self._unmodified(node, scope)
            for modifier in reversed(node.modifiers):
                part = self._modified(part, modifier)
        except CannotLoad as refusal:
            raise CannotLoad(refusal.sentence, refusal.where, refusal.line or line_of(node)) from None
        if isinstance(node, ast.QuantumGate) and len(node.qubits) != part.num_qubits:
            size, given = counted(part.num_qubits, "qubit"), len(node.qubits)
            verb = "is" if given == 1 else "are"
            raise _refuse(f"`{node.name.name}` acts on {size} here, but {given} {verb} given", node)
        return part

    def _unmodified(self, node: ast.QuantumGate | ast.QuantumPhase, scope: Scope) -> Part:
        if isinstance(node, ast.QuantumPhase):
            return self.workshop.phase(_real(evaluate(node.argument, scope)))
        if node.duration is not None:
            raise _refuse("a gate with a duration is not supported; remove `[...]`", node)
        name = node.name.name
        num_params, _ = self._shape(name, node)
        if len(node.arguments) != num_params:
            raise _refuse(f"`{name}` takes {counted(num_params, 'angle')}, but has {len(node.arguments)}", node)
        angles = [_real(evaluate(argument, scope)) for argument in node.arguments]
        if name in self.standard:
            return self.workshop.standard(name, self.standard[name], angles)
        return self.workshop.once(("defined", name, *map(str, angles)), lambda: self._expanded(name, angles))

    def _expanded(self, name: str, angles: Sequence[Value]) -> Part:
        definition = self.defined[name].node
        names = (argument.name for argument in definition.arguments)
        scope = {**self.constants, **dict(zip(names, angles, strict=True))}
        place = {qubit.name: k for k, qubit in enumerate(definition.qubits)}
        body = []
        for statement in definition.body:
            assert isinstance(statement, ast.QuantumGate | ast.QuantumPhase)  # noqa: S101  # `define` refused others
            part = self.call(statement, scope)
            qubits = tuple(place[q.name] for q in statement.qubits if isinstance(q, ast.Identifier))
            if len(set(qubits)) != len(qubits):
                raise _refuse(f"a gate in `{name}` acts on one qubit twice; name different qubits", statement)
            if len(qubits) != part.num_qubits:
                raise _refuse(
                    f"`gphase` in `{name}` has {counted(len(qubits), 'qubit')}; it takes its controls only",
                    statement,
                )
            body.append((part, qubits))
        return self.workshop.sequence(name, len(definition.qubits), angles, body)

    def _modified(self, part: Part, modifier: ast.QuantumGateModifier) -> Part:
        match modifier.modifier.name:
            case "inv":
                return self.workshop.inverse(part)
            case "pow":
                return self.workshop.power(part, self._exponent(modifier))
            case kind:
                controls = 1
                if modifier.argument is not None:
                    controls = integer(modifier.argument, self.constants, "number of controls")
                if kind == "ctrl":
                    return self.workshop.controlled(part, controls)
                return self.workshop.negatively_controlled(part, controls)

    def _exponent(self, modifier: ast.QuantumGateModifier) -> int:
        if modifier.argument is None:
            raise _refuse("`pow` needs an exponent; write `pow(2)`", modifier)
        return integer(modifier.argument, self.constants, "exponent of `pow`")


def _real(value: Value) -> Value:
    """An angle as Qiskit takes it: a float, or an expression."""
    return value if isinstance(value, ParameterExpression) else float(value)


def _refuse(sentence: str, node: ast.QASMNode) -> CannotLoad:
    return CannotLoad(sentence, line=line_of(node))
