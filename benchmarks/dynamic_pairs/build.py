"""Qiskit circuits of sketches. Bodies share the bits of the circuit around them, or have their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from qiskit import QuantumCircuit
from qiskit.circuit import (
    CASE_DEFAULT,
    BoxOp,
    ClassicalRegister,
    Clbit,
    ForLoopOp,
    IfElseOp,
    Operation,
    Parameter,
    ParameterExpression,
    Qubit,
    SwitchCaseOp,
    library,
)

from .conditions import built
from .sketch import Angle, Op, Ops, Sketch, touched


@dataclass(frozen=True)
class Scope:
    """What the numbers of a sketch are in one circuit or body."""

    circuit: QuantumCircuit
    wires: Mapping[int, Qubit]
    bits: Mapping[int, Clbit]
    registers: Mapping[int, ClassicalRegister]
    names: Mapping[str, Parameter]


def circuit_of(sketch: Sketch, names: Sequence[str], style: int = 0) -> QuantumCircuit:
    """The Qiskit circuit of a sketch; style: seeds how bodies are laid out. Equal calls give equal circuits."""
    source = Random(style)  # noqa: S311  # reproducible, no secret
    whole = _scope(sketch, range(sketch.n), range(sketch.bits), range(len(sketch.registers)), names)
    _fill(source, sketch, whole, sketch.items)
    return whole.circuit


def parameter(name: str) -> Parameter:
    """A parameter whose identity depends on its name alone, so that every run builds the same circuits."""
    return Parameter(name, uuid=UUID(int=int.from_bytes(name.encode())))


def _scope(
    sketch: Sketch, wires: Sequence[int], bits: Sequence[int], registers: Sequence[int], names: Sequence[str]
) -> Scope:
    """A circuit with bits of its own."""
    out = QuantumCircuit()
    qubits, clbits = {k: Qubit() for k in wires}, {b: Clbit() for b in bits}
    out.add_bits([*qubits.values(), *clbits.values()])
    known = {}
    for r in registers:
        name, held = sketch.registers[r]
        known[r] = ClassicalRegister(name=name, bits=[clbits[b] for b in held])
        out.add_register(known[r])
    return Scope(out, qubits, clbits, known, {name: parameter(name) for name in names})


def _fill(source: Random, sketch: Sketch, scope: Scope, ops: Ops) -> None:
    for op in ops:
        _append(source, sketch, scope, op)


def _append(source: Random, sketch: Sketch, scope: Scope, op: Op) -> None:
    out, on = scope.circuit, [scope.wires[k] for k in op.wires]
    if op.kind == "measure":
        out.measure(on[0], scope.bits[op.bits[0]])
    elif op.kind == "reset":
        out.reset(on[0])
    elif op.kind == "barrier":
        out.barrier(on)
    elif op.kind == "delay":
        out.delay(16, on[0], unit="dt")
    elif op.is_gate:
        out.append(_gate(op, scope.names), on)
    else:
        _flow(source, sketch, scope, op)


def _gate(op: Op, names: Mapping[str, Parameter]) -> Operation:
    angles = [number(a, names) for a in op.angles]
    kind = getattr(library, op.kind)
    return kind(*angles) if op.ctrl is None else kind(*angles, ctrl_state=op.ctrl)


def number(angle: Angle, names: Mapping[str, Parameter]) -> float | ParameterExpression:
    """An angle as Qiskit's."""
    out: Any = angle.constant
    for name, coefficient in angle.terms:
        first, *rest = name.split()
        if first == "atan":
            out = out + coefficient * names[rest[0]].arctan()
        else:
            out = out + coefficient * (names[first] * names[rest[0]] if rest else names[first])
    return out


def _flow(source: Random, sketch: Sketch, scope: Scope, op: Op) -> None:
    """Control flow, or a composite instruction; all bodies of one operation have the same layout."""
    seen = touched(tuple(inner for body in op.bodies for inner in body), sketch)
    shared = op.kind != "block" and source.random() < 0.6
    wires, bits = sorted(seen.wires), sorted(seen.writes | seen.reads)
    if shared and source.random() < 0.6:
        wires, bits = list(scope.wires), list(scope.bits)
    elif not shared:
        source.shuffle(wires)
        source.shuffle(bits)
    registers = sorted(seen.registers)
    scopes = []
    for body in op.bodies:
        inner = replace(_scope(sketch, wires, bits, registers, ()), names=scope.names)
        if shared:
            inner = _sharing(scope, wires, bits, registers)
        if op.name:
            inner = replace(inner, names={**scope.names, op.name: parameter(op.name)})
        _fill(source, sketch, inner, body)
        scopes.append(inner.circuit)
    on, into = [scope.wires[k] for k in wires], [scope.bits[b] for b in bits]
    scope.circuit.append(_operation(op, scope, scopes), on, into)


def _sharing(scope: Scope, wires: Sequence[int], bits: Sequence[int], registers: Sequence[int]) -> Scope:
    """A body with bits of the circuit around it."""
    out = QuantumCircuit([scope.wires[k] for k in wires], [scope.bits[b] for b in bits])
    for r in registers:
        out.add_register(scope.registers[r])
    own_bits = {b: scope.bits[b] for b in bits}
    return replace(scope, circuit=out, wires={k: scope.wires[k] for k in wires}, bits=own_bits)


def _operation(op: Op, scope: Scope, bodies: list[QuantumCircuit]) -> Operation:
    if op.kind == "block":
        return bodies[0].to_instruction()
    if op.kind == "box":
        return BoxOp(bodies[0])
    if op.kind == "for":
        return ForLoopOp(op.labels[0], parameter(op.name) if op.name else None, bodies[0])
    if op.kind == "if":
        return IfElseOp(built(op.test, scope.bits, scope.registers), *bodies)
    target: Any = built(op.test, scope.bits, scope.registers)
    if op.test[0] == "bit":
        target = scope.bits[op.test[1]]
    elif op.test[0] == "reg":
        target = scope.registers[op.test[1]]
    cases = [(labels if labels else CASE_DEFAULT, body) for labels, body in zip(op.labels, bodies, strict=True)]
    return SwitchCaseOp(target, cases)
