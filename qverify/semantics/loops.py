"""How often a loop runs: `for` loops by counting before they run, `while` loops by what their memory has held.

    for      turns * operations of the body, loops in loops multiplied, before the first turn
    while    a way through the loop that comes back to a classical memory it had may go round for ever

A `while` in which no way comes back ends, because the memory has finitely many values; one in which some way does
is undecided at that turn, though the qubits might still end it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from qiskit.circuit import BoxOp, ControlFlowOp, ForLoopOp, QuantumCircuit

from qverify.errors import Undecidable
from qverify.structure import is_leaf, standard_class

MAX_UNROLLED = 100_000  # operations executed, loops unrolled
T = TypeVar("T")


def unrolled(op: ForLoopOp) -> tuple[Any, Any, QuantumCircuit]:
    """The values, the variable and the body of a `for` loop that is short enough to be run turn by turn.

    Raises:
        Undecidable: it is not.
    """
    indices, variable, body = op.params
    if len(indices) * max(1, _executed(body, {})) > MAX_UNROLLED:
        raise Undecidable(f"more than {MAX_UNROLLED} operations once its loops are unrolled")
    return indices, variable, body


def _executed(circuit: QuantumCircuit, seen: dict[int, tuple[QuantumCircuit, int]]) -> int:
    """Operations that are surely executed, loops unrolled; each definition is counted once."""
    if id(circuit) not in seen:
        seen[id(circuit)] = circuit, sum(_cost(item.operation, seen) for item in circuit.data)
    return seen[id(circuit)][1]


def _cost(op: Any, seen: dict[int, tuple[QuantumCircuit, int]]) -> int:
    if isinstance(op, ForLoopOp):
        return len(op.params[0]) * max(1, _executed(op.params[2], seen))
    if isinstance(op, BoxOp):
        return 1 + _executed(op.blocks[0], seen)
    if standard_class(op) or isinstance(op, ControlFlowOp) or is_leaf(op):
        return 1
    return 1 + _executed(op.definition, seen)


def around(
    start: Mapping[int, list[T]],
    goes_on: Callable[[int], bool],
    turn: Callable[[int, list[T]], Mapping[int, list[T]]],
) -> tuple[dict[int, list[T]], int]:
    """What leaves a `while` loop, by classical memory, and after how many turns at most.

    Args:
        start: what enters, by classical memory.
        goes_on: whether the loop's condition is true.
        turn: one execution of the body from one classical memory.

    Raises:
        Undecidable: some way through the loop comes back to a memory that it had.
    """
    out: dict[int, list[T]] = {}
    number: dict[int, int] = {}  # of each memory with which a turn began
    behind = dict.fromkeys(start, 0)  # the numbers of the turns before, as a set of bits
    here, turns = dict(start), 0
    while True:
        for memory in [m for m in here if not goes_on(m)]:
            out.setdefault(memory, []).extend(here.pop(memory))
        if not here:
            return out, turns
        for memory in here:
            if behind[memory] >> number.setdefault(memory, len(number)) & 1:
                raise Undecidable("a `while` may come back to a classical value it had, so it has no known bound")
        ahead: dict[int, list[T]] = {}
        passed: dict[int, int] = {}
        for memory, content in here.items():
            for reached, arrived in turn(memory, content).items():
                ahead.setdefault(reached, []).extend(arrived)
                passed[reached] = passed.get(reached, 0) | behind[memory] | 1 << number[memory]
        here, behind, turns = ahead, passed, turns + 1
