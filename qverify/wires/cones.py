"""Backward cones: which operations, and so which qubits, can reach an output.

Walking backwards with the set of live wires and bits:
    gate            live if it touches a live wire; then all its wires are live before it
    reset q         ends the life of q: what came before on q is lost
    measure q -> c  live if c or q is; c was overwritten, so it is dead before; if c was live, q is live before
    store           if what is stored into was live, what is read is live before; variables are like bits
    branch          live if a body writes something live; then its condition's bits are live before it
Barriers and delays are no use. Composite gates are opened. Source: dataflow liveness, Aho et al., Compilers (2006),
sec. 9.2.5; the backward light cone of an observable.
Sound for "dead": an operation outside every cone can be dropped without changing any output. Not complete: a gate
that acts trivially (a CX on |0>) still counts. Cost: O(leaf operations).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from qiskit.circuit import (
    Barrier,
    BreakLoopOp,
    Clbit,
    ContinueLoopOp,
    ControlFlowOp,
    Delay,
    IfElseOp,
    Measure,
    Operation,
    QuantumCircuit,
    Reset,
    Store,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.classical import expr

from qverify.errors import Undecidable
from qverify.structure import Leaf, leaves

Status = Literal["busy", "untouched", "dead"]
Place: TypeAlias = Any  # a bit's number, or a variable


@dataclass(frozen=True)
class Use:
    """What one qubit does: `busy` (in a live operation), `dead` (only in dead ones) or `untouched`."""

    index: int
    status: Status
    operations: int
    live_operations: int


@dataclass
class _Live:
    wires: set[int]
    bits: set[Place]

    def copy(self) -> _Live:
        return _Live(set(self.wires), set(self.bits))

    def add(self, other: _Live) -> None:
        self.wires |= other.wires
        self.bits |= other.bits


class _Sweep:
    def __init__(self, n: int) -> None:
        self.touched, self.used = [0] * n, [0] * n

    def count(self, qubits: Iterable[int], live: bool) -> None:
        for k in qubits:
            self.touched[k] += 1
            self.used[k] += live

    def step(
        self, leaf: Leaf, qubits: tuple[int, ...], clbits: tuple[int, ...], read: set[Place], live: _Live
    ) -> None:
        """Update `live` to what is live before a leaf; `read` are the bits and variables that steer it."""
        op = leaf.operation
        if isinstance(op, Barrier | Delay):
            return
        if isinstance(op, BreakLoopOp | ContinueLoopOp):
            raise Undecidable(f"which operations matter is not worked out for circuits with `{op.name}`")
        if isinstance(op, Store):
            live.bits |= read  # of a store into something live; `sweep` leaves the others out
        elif isinstance(op, ControlFlowOp):
            self.flow(op, qubits, clbits, read, live)
        elif isinstance(op, Measure):
            wanted = clbits[0] in live.bits
            self.count(qubits, wanted or qubits[0] in live.wires)
            live.bits.discard(clbits[0])
            if wanted:
                live.wires.add(qubits[0])
        elif isinstance(op, Reset):
            self.count(qubits, qubits[0] in live.wires)
            live.wires.discard(qubits[0])
        else:
            reaches = not live.wires.isdisjoint(qubits) or not live.bits.isdisjoint(clbits)
            self.count(qubits, reaches)
            if reaches:
                live.wires.update(qubits)
                live.bits.update(clbits)

    def flow(
        self, op: ControlFlowOp, qubits: tuple[int, ...], clbits: tuple[int, ...], read: set[Place], live: _Live
    ) -> None:
        if op.name in ("for_loop", "while_loop"):
            # a loop feeds itself: what is live before a turn is live after the one before it
            known = None
            while known != live:
                known = live.copy()
                _Sweep(len(self.used)).turn(op, qubits, clbits, read, live)
        self.turn(op, qubits, clbits, read, live)

    def turn(
        self, op: ControlFlowOp, qubits: tuple[int, ...], clbits: tuple[int, ...], read: set[Place], live: _Live
    ) -> None:
        """One execution of one of the bodies, or of none."""
        after = live.copy()
        for body in op.blocks:
            inside = after.copy()
            if self.writes(body, qubits, clbits, inside):
                live.bits |= read
            self.sweep(body, qubits, clbits, inside)
            live.add(inside)

    def writes(self, body: QuantumCircuit, qubits: tuple[int, ...], clbits: tuple[int, ...], live: _Live) -> bool:
        """Whether a body can touch anything that is live after it."""
        return any(
            not live.wires.isdisjoint(qubits[k] for k in leaf.qubits)
            or not live.bits.isdisjoint(clbits[k] for k in leaf.clbits)
            or not live.bits.isdisjoint(_places(_stored_into(leaf.operation), leaf, clbits))
            for leaf in leaves(body)
            if not isinstance(leaf.operation, Barrier | Delay)
        )

    def sweep(self, body: QuantumCircuit, wires: Sequence[int], bits: Sequence[int], live: _Live) -> None:
        """All of a body, backwards; `wires`, `bits`: the whole circuit's number of each of the body's."""
        for leaf in reversed(list(leaves(body))):
            qubits, clbits = tuple(wires[k] for k in leaf.qubits), tuple(bits[k] for k in leaf.clbits)
            written = _places(_stored_into(leaf.operation), leaf, bits)
            if isinstance(leaf.operation, Store) and live.bits.isdisjoint(written):
                continue
            read = _places(_read_by(leaf.operation), leaf, bits)
            self.step(leaf, qubits, clbits, read, live)


def _read_by(op: Operation) -> list[expr.Var]:
    """The bits, registers and variables that steer a control-flow operation or that a store reads."""
    if isinstance(op, IfElseOp | WhileLoopOp):
        read = [op.condition if isinstance(op.condition, expr.Expr) else op.condition[0]]
    elif isinstance(op, SwitchCaseOp):
        read = [op.target]
    elif isinstance(op, Store):
        read = [op.rvalue, *([op.lvalue.index] if isinstance(op.lvalue, expr.Index) else [])]
    else:
        return []
    return [var for node in read for var in expr.iter_vars(expr.lift(node))]


def _stored_into(op: Operation) -> list[expr.Var]:
    """What a store writes, or the variables that stores within control flow write."""
    if isinstance(op, Store):
        target = op.lvalue.target if isinstance(op.lvalue, expr.Index) else op.lvalue
        return list(expr.iter_vars(target))
    inner = (leaf.operation for body in getattr(op, "blocks", ()) for leaf in leaves(body))
    return [var for each in inner for var in _stored_into(each) if var.standalone]


def _places(found: Iterable[expr.Var], leaf: Leaf, bits: Sequence[int]) -> set[Place]:
    """The whole circuit's numbers of bits, and the variables themselves."""
    places: set[Place] = set()
    for var in found:
        if var.standalone:
            places.add(var)
        else:
            flat = [var.var] if isinstance(var.var, Clbit) else list(var.var)
            places.update(bits[leaf.bits[bit]] for bit in flat)
    return places


def uses(circuit: QuantumCircuit, wires: Iterable[int], bits: Iterable[int]) -> tuple[Use, ...]:
    """What every qubit does, when the given wires and bits are what is read at the end.

    Raises:
        Undecidable: too many gates once composites are opened; `break` or `continue`.
    """
    sweep = _Sweep(circuit.num_qubits)
    sweep.sweep(circuit, range(circuit.num_qubits), range(circuit.num_clbits), _Live(set(wires), set(bits)))

    def use(k: int) -> Use:
        status: Status = "busy" if sweep.used[k] else "dead" if sweep.touched[k] else "untouched"
        return Use(k, status, sweep.touched[k], sweep.used[k])

    return tuple(use(k) for k in range(circuit.num_qubits))
