"""What a circuit is made of: its leaf operations, and whether anything in it is not a gate.

Composite operations are opened up, so a reset inside a gate's definition is found. Counting never expands: the
counts of a definition are computed once and multiplied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qiskit.circuit import (
    Barrier,
    BoxOp,
    ControlFlowOp,
    Delay,
    ForLoopOp,
    Measure,
    Operation,
    QuantumCircuit,
    Reset,
    Store,
)
from qiskit.circuit.library import UnitaryGate

from qverify.errors import Undecidable

MAX_LEAVES = 2_000_000
_names: dict[type, str] = {}  # looking a class up by its module is most of the time of a walk


def standard_class(operation: object) -> str:
    """The class name of one of Qiskit's standard gates, whatever the gate is called; empty for anything else."""
    kind = type(operation)
    name = _names.get(kind)
    if name is None:
        name = _names[kind] = _standard_name(getattr(operation, "base_class", kind))
    return name


def _standard_name(kind: type) -> str:
    standard = str(kind.__module__).startswith("qiskit.circuit.library.standard_gates")
    return str(kind.__name__) if standard else ""


def is_leaf(operation: Operation) -> bool:
    """Whether an operation is looked at as a whole: a standard gate, a matrix, or no composite at all."""
    if standard_class(operation) or isinstance(operation, UnitaryGate):
        return True
    return getattr(operation, "definition", None) is None


def _is_whole(operation: Operation) -> bool:
    """Whether a walk over leaves takes it as it is."""
    return bool(standard_class(operation)) or isinstance(operation, ControlFlowOp) or is_leaf(operation)


def is_dynamic(circuit: QuantumCircuit) -> bool:
    """Whether it measures, resets or branches, in however deep a definition; a loop of gates does not."""
    return bool(_Walk().census(circuit)[1])


def leaf_count(circuit: QuantumCircuit) -> int:
    """Number of leaf operations once composites are opened (loops counted once)."""
    return _Walk().census(circuit)[0]


class _Walk:
    def __init__(self) -> None:
        self.seen: dict[int, tuple[QuantumCircuit, tuple[int, bool]]] = {}

    def census(self, circuit: QuantumCircuit) -> tuple[int, bool]:
        """(leaves, dynamic) of a circuit; each definition is counted once."""
        if id(circuit) in self.seen:
            return self.seen[id(circuit)][1]
        leaves, dynamic = 0, False
        for item in circuit.data:
            op = item.operation
            if _names.get(type(op)) or standard_class(op):
                leaves += 1
                continue
            if isinstance(op, Barrier | Delay):
                continue
            inner = op.blocks if isinstance(op, ControlFlowOp) else () if is_leaf(op) else (op.definition,)
            counted = [self.census(body) for body in inner]
            leaves += sum(c for c, _ in counted) or 1
            branches = isinstance(op, ControlFlowOp) and not isinstance(op, ForLoopOp | BoxOp)
            dynamic |= branches or isinstance(op, Measure | Reset | Store) or any(d for _, d in counted)
        self.seen[id(circuit)] = (circuit, (leaves, dynamic))
        return leaves, dynamic


@dataclass(frozen=True)
class Leaf:
    """A leaf operation with the wires and bits of the whole circuit; `top` is its index in `circuit.data`.

    bits: the whole circuit's number of each classical bit of the definition it stands in, for its conditions.
    """

    operation: Operation
    qubits: tuple[int, ...]
    clbits: tuple[int, ...]
    top: int
    bits: Mapping[Any, int] = field(compare=False, repr=False)


def leaves(circuit: QuantumCircuit) -> Iterator[Leaf]:
    """Every leaf operation in order, composites opened, control flow left whole.

    Raises:
        Undecidable: more than MAX_LEAVES of them.
    """
    if leaf_count(circuit) > MAX_LEAVES:
        raise Undecidable(f"more than {MAX_LEAVES} gates once its composite gates are opened")
    wires = {q: k for k, q in enumerate(circuit.qubits)}
    bits = {c: k for k, c in enumerate(circuit.clbits)}
    yield from _leaves(circuit, wires, bits, None)


def _leaves(
    circuit: QuantumCircuit, wires: dict[Any, int], bits: dict[Any, int], top: int | None
) -> Iterator[Leaf]:
    for index, item in enumerate(circuit.data):
        at = index if top is None else top
        qubits, clbits = tuple(wires[q] for q in item.qubits), tuple(bits[c] for c in item.clbits)
        op = item.operation
        if _is_whole(op):
            yield Leaf(op, qubits, clbits, at, bits)
            continue
        inner = dict(zip(op.definition.qubits, qubits, strict=True))
        yield from _leaves(op.definition, inner, dict(zip(op.definition.clbits, clbits, strict=True)), at)


def gates(circuit: QuantumCircuit) -> list[tuple[Operation, tuple[int, ...]]]:
    """Every leaf operation with its wires, in order, as `leaves` finds them but in one walk: for large circuits.

    Raises:
        Undecidable: more than MAX_LEAVES of them.
    """
    numbers = {q: k for k, q in enumerate(circuit.qubits)}
    items = [(item.operation, tuple([numbers[q] for q in item.qubits])) for item in circuit.data]
    composite = [op for op, _ in items if not (_names.get(type(op)) or _is_whole(op))]
    walk = _Walk()
    if len(items) + sum(walk.census(op.definition)[0] for op in composite) > MAX_LEAVES:
        raise Undecidable(f"more than {MAX_LEAVES} gates once its composite gates are opened")
    if not composite:
        return items
    found: list[tuple[Operation, tuple[int, ...]]] = []
    for op, wires in items:
        if _is_whole(op):
            found.append((op, wires))
            continue
        inner = dict(zip(op.definition.qubits, wires, strict=True))
        bits = {c: k for k, c in enumerate(op.definition.clbits)}
        found += [(leaf.operation, leaf.qubits) for leaf in _leaves(op.definition, inner, bits, None)]
    return found


def measures_only_at_the_end(circuit: QuantumCircuit) -> bool:
    """Whether it is gates followed by measurements: no reset, no branch, nothing after a wire's measurement."""
    wires: set[int] = set()
    bits: set[int] = set()
    for leaf in leaves(circuit):
        op = leaf.operation
        if isinstance(op, Barrier | Delay):
            continue
        if isinstance(op, Reset | Store | ControlFlowOp) or not wires.isdisjoint(leaf.qubits):
            return False
        if isinstance(op, Measure):
            if not bits.isdisjoint(leaf.clbits):
                return False
            wires.update(leaf.qubits)
            bits.update(leaf.clbits)
    return True
