"""Mutants of circuits that measure, reset and branch: dropped, moved, inverted, or reading the wrong bit.

`every_edit` looks for the places of any kind also inside the bodies of branches and loops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from numpy.random import Generator
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Clbit, ControlFlowOp, IfElseOp, Measure, Reset
from qiskit.circuit.classical import expr

from .edits import KINDS, Edit, Instructions, Kind, edited, wires_of

Condition = expr.Expr | tuple[object, int]


def every_edit(kind: Kind, circuit: QuantumCircuit, rng: Generator) -> Iterator[Edit]:
    """The edits of a kind at the top level and inside bodies, those that edit nothing left out."""
    yield from (edit for edit in kind(circuit, rng) if edit.instead)
    for k, item in enumerate(circuit.data):
        if isinstance(item.operation, ControlFlowOp):
            blocks = item.operation.blocks
            for b, body in enumerate(blocks):
                for edit in every_edit(kind, body, rng):
                    changed = [edited(body, edit) if j == b else other for j, other in enumerate(blocks)]
                    inside = item.replace(operation=item.operation.replace_blocks(changed))
                    yield Edit(f"inside {item.operation.name} (operation {k}): {edit.where}", {k: (inside,)})


def dropped(wanted: type) -> Kind:
    """An operation of a type is missing."""

    def kind(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
        for k, item in enumerate(circuit.data):
            if isinstance(item.operation, wanted):
                yield Edit(f"{wires_of(circuit, item)} (operation {k})", {k: ()})

    return kind


def on_wrong_wire(wanted: type) -> Kind:
    """An operation of a type acts on another wire."""

    def kind(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
        for k, item in enumerate(circuit.data):
            for j, wire in enumerate(circuit.qubits):
                if isinstance(item.operation, wanted) and wire not in item.qubits:
                    where = f"{wires_of(circuit, item)} (operation {k}) moved to q{j}"
                    yield Edit(where, {k: (item.replace(qubits=(wire,)),)})

    return kind


def reset_added(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """A reset stands after an operation, on its last wire."""
    for k, item in enumerate(circuit.data):
        if item.qubits and not isinstance(item.operation, ControlFlowOp):
            new = CircuitInstruction(Reset(), item.qubits[-1:])
            yield Edit(f"after {wires_of(circuit, item)} (operation {k})", {k: (item, new)})


def measured_elsewhere(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """An outcome is written into another bit."""
    for k, item in enumerate(circuit.data):
        for j, bit in enumerate(circuit.clbits):
            if isinstance(item.operation, Measure) and bit not in item.clbits:
                where = f"{wires_of(circuit, item)} (operation {k}) into bit {j}"
                yield Edit(where, {k: (item.replace(clbits=(bit,)),)})


def branch_places(circuit: QuantumCircuit) -> Iterator[tuple[int, CircuitInstruction]]:
    """The `if` operations at the top level."""
    for k, item in enumerate(circuit.data):
        if isinstance(item.operation, IfElseOp):
            yield k, item


def inverted(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """`if` and `else` are exchanged."""
    for k, item in branch_places(circuit):
        yes, no = (*item.operation.blocks, None)[:2]
        no = no if no is not None else yes.copy_empty_like()
        new = IfElseOp(item.operation.condition, no, yes)
        yield Edit(f"if (operation {k})", {k: (item.replace(operation=new),)})


def always(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """The body of an `if` runs whatever was measured."""
    for k, item in branch_places(circuit):
        body = item.operation.blocks[0]
        wires, bits = (
            dict(zip(body.qubits, item.qubits, strict=True)),
            dict(zip(body.clbits, item.clbits, strict=True)),
        )
        inner = tuple(
            i.replace(qubits=tuple(wires[q] for q in i.qubits), clbits=tuple(bits[c] for c in i.clbits))
            for i in body.data
        )
        yield Edit(f"if (operation {k})", {k: inner})


def reading_another_bit(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """A condition reads another bit."""
    for k, item in branch_places(circuit):
        for old in sorted(_bits_read(item.operation.condition), key=circuit.clbits.index):
            for j, new in enumerate(circuit.clbits):
                if new != old:
                    condition = _reread(item.operation.condition, {old: new})
                    yield Edit(f"if (operation {k}) reads bit {j}", {k: _conditioned(circuit, item, condition)})


def bits_reversed(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """A condition on a register reads its bits in the other order."""
    for k, item in branch_places(circuit):
        condition = item.operation.condition
        if isinstance(condition, tuple) and not isinstance(condition[0], Clbit):
            register, value = condition
            backwards = int(format(value, f"0{len(register)}b")[::-1], 2)
            if backwards != value:
                new = item.operation.__class__((register, backwards), *item.operation.blocks)
                yield Edit(f"if (operation {k})", {k: (item.replace(operation=new),)})


def _bits_read(condition: Condition) -> set[Clbit]:
    """The single bits that a condition names."""
    if isinstance(condition, tuple):
        return {condition[0]} if isinstance(condition[0], Clbit) else set()
    return {node.var for node in expr.iter_vars(condition) if isinstance(node.var, Clbit)}


def _reread(condition: Condition, other: dict[Clbit, Clbit]) -> Condition:
    """The condition with bits exchanged."""
    if isinstance(condition, tuple):
        return other.get(condition[0], condition[0]), condition[1]
    if isinstance(condition, expr.Var):
        return expr.Var(other.get(condition.var, condition.var), condition.type)
    if isinstance(condition, expr.Unary):
        return expr.Unary(condition.op, _reread(condition.operand, other), condition.type)
    if isinstance(condition, expr.Binary):
        left, right = _reread(condition.left, other), _reread(condition.right, other)
        return expr.Binary(condition.op, left, right, condition.type)
    return condition


def _conditioned(circuit: QuantumCircuit, item: CircuitInstruction, condition: Condition) -> Instructions:
    """The same `if` under another condition, with the bits that it reads among its bits."""
    op = item.operation
    new = sorted(_bits_read(condition) - set(item.clbits), key=circuit.clbits.index)
    blocks = []
    for body in op.blocks:
        wider = QuantumCircuit(body.qubits, [*body.clbits, *(Clbit() for _ in new)])
        for inner in body.data:
            wider.append(inner)
        blocks.append(wider)
    return (item.replace(operation=IfElseOp(condition, *blocks), clbits=(*item.clbits, *new)),)


DYNAMIC_KINDS: dict[str, Callable[[QuantumCircuit, Generator], Iterator[Edit]]] = {
    "measurement dropped": dropped(Measure),
    "measurement on a wrong wire": on_wrong_wire(Measure),
    "measured into another bit": measured_elsewhere,
    "reset dropped": dropped(Reset),
    "reset on a wrong wire": on_wrong_wire(Reset),
    "reset added": reset_added,
    "condition inverted": inverted,
    "condition dropped": always,
    "branch dropped": dropped(IfElseOp),
    "condition on another bit": reading_another_bit,
    "bits of a condition reversed": bits_reversed,
}
ALL_KINDS: dict[str, Kind] = {**KINDS, **DYNAMIC_KINDS}
