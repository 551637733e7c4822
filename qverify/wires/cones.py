"""Backward cones: which operations, and so which qubits, can reach an output.

Walking backwards with the set of live wires and bits:
    gate            live if it touches a live wire; then all its wires are live before it
    reset q         ends the life of q: what came before on q is lost
    measure q -> c  live if c or q is; c was overwritten, so it is dead before; if c was live, q is live before
    branch          live if a body writes something live; then its condition's bits are live before it
Barriers and delays are no use. Composite gates are opened. Source: dataflow liveness, Aho et al., Compilers (2006),
sec. 9.2.5; the backward light cone of an observable.
Sound for "dead": an operation outside every cone can be dropped without changing any output. Not complete: a gate
that acts trivially (a CX on |0>) still counts. Cost: O(leaf operations).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from qiskit.circuit import Barrier, Clbit, ControlFlowOp, Delay, Measure, QuantumCircuit, Reset, Store
from qiskit.circuit.classical import expr

from qverify.structure import leaves

Status = Literal["busy", "untouched", "dead"]


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
    bits: set[int]

    def copy(self) -> _Live:
        return _Live(set(self.wires), set(self.bits))


class _Sweep:
    def __init__(self, n: int) -> None:
        self.touched, self.used = [0] * n, [0] * n

    def count(self, qubits: Iterable[int], live: bool) -> None:
        for k in qubits:
            self.touched[k] += 1
            self.used[k] += live

    def step(
        self, op: Any, qubits: tuple[int, ...], clbits: tuple[int, ...], bits: dict[Any, int], live: _Live
    ) -> None:
        """Update `live` to what is live before `op`."""
        if isinstance(op, Barrier | Delay):
            return
        if isinstance(op, ControlFlowOp):
            self.flow(op, qubits, clbits, bits, live)
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
            reaches = not live.wires.isdisjoint(qubits) or not live.bits.isdisjoint(clbits) or isinstance(op, Store)
            self.count(qubits, reaches)
            if reaches:
                live.wires.update(qubits)
                live.bits.update(clbits)

    def flow(
        self, op: ControlFlowOp, qubits: tuple[int, ...], clbits: tuple[int, ...], bits: dict[Any, int], live: _Live
    ) -> None:
        after = live.copy()
        # a loop feeds itself: what a body reads may be what it wrote one turn before
        loops = op.name in ("for_loop", "while_loop")
        if loops:
            live.wires.update(q for q in qubits if not after.wires.isdisjoint(qubits))
            live.bits.update(c for c in clbits if not after.bits.isdisjoint(clbits))
        writes = False
        for body in op.blocks:
            inner_bits = {c: clbits[k] for k, c in enumerate(body.clbits)}
            inside = _Live(set(live.wires), set(live.bits)) if loops else after.copy()
            writes |= self.writes(body, qubits, clbits, inside)
            self.sweep(body, dict(zip(body.qubits, qubits, strict=True)), inner_bits, inside)
            live.wires |= inside.wires
            live.bits |= inside.bits
        if writes:
            live.bits.update(_read_by(op, bits))

    def writes(self, body: QuantumCircuit, qubits: tuple[int, ...], clbits: tuple[int, ...], live: _Live) -> bool:
        """Whether a body can touch anything that is live after it."""
        return any(
            not live.wires.isdisjoint(qubits[k] for k in leaf.qubits)
            or not live.bits.isdisjoint(clbits[k] for k in leaf.clbits)
            for leaf in leaves(body)
            if not isinstance(leaf.operation, Barrier | Delay)
        )

    def sweep(self, body: QuantumCircuit, wires: dict[Any, int], bits: dict[Any, int], live: _Live) -> None:
        outer_q, outer_c = [wires[q] for q in body.qubits], [bits[c] for c in body.clbits]
        for leaf in reversed(list(leaves(body))):
            qubits = tuple(outer_q[k] for k in leaf.qubits)
            self.step(leaf.operation, qubits, tuple(outer_c[k] for k in leaf.clbits), bits, live)


def _read_by(op: ControlFlowOp, bits: dict[Any, int]) -> set[int]:
    """The classical bits that steer a control-flow operation."""
    target = getattr(op, "condition", None)
    target = getattr(op, "target", None) if target is None else target
    target = target[0] if isinstance(target, tuple) else target
    found: list[Any] = [target] if target is not None else []
    if isinstance(target, expr.Expr):
        found = [v.var for v in expr.iter_vars(target) if not v.standalone]
    flat = [bit for each in found for bit in ([each] if isinstance(each, Clbit) else each)]
    return {bits[bit] for bit in flat if bit in bits}


def uses(circuit: QuantumCircuit, wires: Iterable[int], bits: Iterable[int]) -> tuple[Use, ...]:
    """What every qubit does, when the given wires and bits are what is read at the end.

    Raises:
        Undecidable: too many gates once composites are opened.
    """
    sweep = _Sweep(circuit.num_qubits)
    own_q, own_c = {q: k for k, q in enumerate(circuit.qubits)}, {c: k for k, c in enumerate(circuit.clbits)}
    sweep.sweep(circuit, own_q, own_c, _Live(set(wires), set(bits)))

    def use(k: int) -> Use:
        status: Status = "busy" if sweep.used[k] else "dead" if sweep.touched[k] else "untouched"
        return Use(k, status, sweep.touched[k], sweep.used[k])

    return tuple(use(k) for k in range(circuit.num_qubits))
