"""Which values a circuit's classical memory may hold, each measurement thought to give either outcome.

Only the places that matter to some `while` are followed: those that a `while` reads or that steer one, and, as long
as that adds any, those that a store into such a place reads and those that steer a measurement or a store into one.
A `while` thus has a bound on its turns that holds for every input and every angle. Source: forward reachability
over a program slice, Weiser, IEEE Trans. Softw. Eng. 10, 352 (1984). Cost: O(operations * memories), unrolled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qiskit.circuit import (
    ControlFlowOp,
    ForLoopOp,
    IfElseOp,
    Measure,
    Operation,
    QuantumCircuit,
    Store,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.classical import expr

from qverify.errors import Undecidable
from qverify.semantics.conditions import bits_read, target_places
from qverify.semantics.loops import around
from qverify.semantics.memory import Scope, given, left, steered_by, stored, within
from qverify.semantics.run import Turn, bodies, while_loop
from qverify.structure import is_leaf

MAX_MEMORIES = 2**12
MAX_STEPS = 200_000  # operations times memories
Memories = frozenset[int]
Places = frozenset[int]
START: Memories = frozenset({0})


class Reach:
    """The memories that can be reached in one circuit, on the places that matter to its `while` loops."""

    def __init__(self, circuit: QuantumCircuit, scope: Scope) -> None:
        self.steps = 0
        asked: set[int] = set()
        writes: list[tuple[Places, Places]] = []
        for written, read in _writes(circuit, scope, frozenset()):
            if written:
                writes.append((written, read))
            else:
                asked |= read
        known = -1
        while known != len(asked):
            known = len(asked)
            asked = asked.union(*(read for written, read in writes if not asked.isdisjoint(written)))
        self.watched = frozenset(asked)
        self.mask = sum(1 << place for place in asked)

    def follows(self, places: Iterable[int]) -> bool:
        """Whether all of some places are followed."""
        return self.watched.issuperset(places)

    def circuit(self, circuit: QuantumCircuit, memories: Memories, scope: Scope) -> Memories:
        """The memories after a circuit, a body or a definition, in its own scope."""
        for item in circuit.data:
            memories = self.after(item.operation, [scope.places[c] for c in item.clbits], memories, scope)
        return memories

    def after(self, op: Operation, into: list[int], memories: Memories, scope: Scope) -> Memories:
        """The memories after one operation.

        Raises:
            Undecidable: a `while` may have no bound, or there are too many memories.
        """
        self.steps += len(memories)
        if self.steps > MAX_STEPS:
            raise Undecidable(
                "its `while` loops have too many turns, or the memory too many values, to be followed"
            )
        if isinstance(op, Measure):
            if into[0] in self.watched:
                memories = memories | {memory ^ 1 << into[0] for memory in memories}
        elif isinstance(op, Store):
            if not self.watched.isdisjoint(targets(op, scope)):
                memories = frozenset(stored(op, memory, scope) & self.mask for memory in memories)
        elif isinstance(op, WhileLoopOp):
            memories = frozenset(self._around(op, into, memories, scope)[0])
        elif isinstance(op, ControlFlowOp):
            memories = self._flow(op, into, memories, scope)
        elif not is_leaf(op):
            memories = self.turn(Turn(op.definition), into, memories, scope)
        if len(memories) > MAX_MEMORIES:
            raise Undecidable(f"the bits that its `while` loops depend on have more than {MAX_MEMORIES} values")
        return memories

    def turn(self, turn: Turn, into: list[int], memories: Memories, scope: Scope) -> Memories:
        """The memories after one execution of a body."""
        inner = within(scope, turn.body, into, turn.variable)
        if turn.variable is not None:
            memories = frozenset(given(turn.variable, turn.value, m, inner) & self.mask for m in memories)
        return frozenset(left(memory, scope) for memory in self.circuit(turn.body, memories, inner))

    def turns(self, op: WhileLoopOp, into: list[int], memories: Memories, scope: Scope) -> int:
        """How often a `while` runs at most; `Raises` as `after`."""
        return self._around(op, into, memories, scope)[1]

    def _around(
        self, op: WhileLoopOp, into: list[int], memories: Memories, scope: Scope
    ) -> tuple[dict[int, list[None]], int]:
        goes_on, turn = while_loop(op, scope.places)
        known: dict[int, Memories] = {}

        def once(memory: int, _: list[None]) -> dict[int, list[None]]:
            if memory not in known:
                known[memory] = self.turn(turn, into, frozenset({memory}), scope)
            return {reached: [] for reached in known[memory]}

        return around({memory: [] for memory in memories}, goes_on, once)

    def _flow(self, op: ControlFlowOp, into: list[int], memories: Memories, scope: Scope) -> Memories:
        if not isinstance(op, IfElseOp | SwitchCaseOp):
            for turn in bodies(op, 0, scope.places):  # a loop or a box, which read nothing
                memories = self.turn(turn, into, memories, scope)
            return memories
        if not self.follows(read_by(op, scope)):
            return memories.union(*(self.turn(Turn(body), into, memories, scope) for body in op.blocks))
        ends: set[int] = set()
        for memory in memories:
            part = frozenset({memory})
            for turn in bodies(op, memory, scope.places):
                part = self.turn(turn, into, part, scope)
            ends |= part
        return frozenset(ends)


def has_while(circuit: QuantumCircuit) -> bool:
    """Whether there is a `while` in it, in however deep a body or definition."""
    return _has_while(circuit, {})


def _has_while(circuit: QuantumCircuit, seen: dict[int, QuantumCircuit]) -> bool:
    if id(circuit) in seen:
        return False
    seen[id(circuit)] = circuit
    for item in circuit.data:
        op = item.operation
        if isinstance(op, WhileLoopOp):
            return True
        inner = op.blocks if isinstance(op, ControlFlowOp) else () if is_leaf(op) else (op.definition,)
        if any(_has_while(body, seen) for body in inner):
            return True
    return False


def read_by(op: ControlFlowOp, scope: Scope) -> tuple[int, ...]:
    """The places that steer a control-flow operation."""
    return tuple(place for node in steered_by(op) for place in bits_read(node, scope.places))


def targets(op: Store, scope: Scope) -> tuple[int, ...]:
    """The places that a store may write: all of what it indexes, unless the index is a number."""
    if isinstance(op.lvalue, expr.Index) and not isinstance(op.lvalue.index, expr.Value):
        return bits_read(op.lvalue.target, scope.places)
    return target_places(op.lvalue, 0, scope.places)


def sources(op: Store, scope: Scope) -> tuple[int, ...]:
    """The places that decide which value a store writes, and where."""
    index = bits_read(op.lvalue.index, scope.places) if isinstance(op.lvalue, expr.Index) else ()
    return (*bits_read(op.rvalue, scope.places), *index)


def _writes(circuit: QuantumCircuit, scope: Scope, above: Places) -> Iterator[tuple[Places, Places]]:
    """(places written, places that decide what or whether) of each operation; nothing is written by a `while`.

    Args:
        above: the places that steer the bodies around it.
    """
    for item in circuit.data:
        op, into = item.operation, [scope.places[c] for c in item.clbits]
        if isinstance(op, Measure):
            yield frozenset(into), above
        elif isinstance(op, Store):
            yield frozenset(targets(op, scope)), above.union(sources(op, scope))
        elif isinstance(op, ControlFlowOp):
            inside = above.union(read_by(op, scope))
            if isinstance(op, WhileLoopOp):
                yield frozenset(), inside
            variable = op.params[1] if isinstance(op, ForLoopOp) and isinstance(op.params[1], expr.Var) else None
            for body in op.blocks:
                yield from _writes(body, within(scope, body, into, variable), inside)
        elif not is_leaf(op):
            yield from _writes(op.definition, within(scope, op.definition, into), above)
