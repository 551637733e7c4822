"""A dynamic circuit in words that qiskit-aer knows and reads rightly.

    if f(c): body      a tree of questions about single bits: Aer misreads casts and negations
    c = f(c)           the same tree; at its leaves an extra wire is set to 0 or 1 and measured into c
    while f(c): body   an extra bit holds f, and Aer's own `while` asks that bit
    for, box           written out

Each bit of a variable is an extra classical bit. Every body stands on all wires and bits: in Aer, a condition
inside a body reads bits by identity. Source: Qiskit Aer (Apache-2.0), control flow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from qiskit.circuit import (
    BoxOp,
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
from qverify.semantics.binding import bind
from qverify.semantics.conditions import bits_read, target_places, target_value
from qverify.semantics.memory import Scope, given, outermost, within
from qverify.semantics.reach import START, Reach, has_while, read_by, sources
from qverify.semantics.run import Turn, bodies, while_loop

MAX_CONDITION_BITS = 8


def in_aer_words(circuit: QuantumCircuit, prepared: QuantumCircuit) -> QuantumCircuit:
    """What prepares the input, then the circuit; the circuit's own bits come first.

    Raises:
        Undecidable: a condition reads too many bits, or a `while` has no known bound.
    """
    scope = outermost(circuit)
    if has_while(circuit):
        Reach(circuit, scope).circuit(circuit, START, scope)  # Aer would go round for ever
    top, loops, stores = _extent(circuit, scope)
    wires = circuit.num_qubits
    words = _Words(wires, top)
    whole = QuantumCircuit(wires + (loops + stores > 0), top + loops)
    whole.compose(prepared, range(wires), inplace=True)
    words.spread(circuit, whole, range(wires), scope, 0)
    return whole


def _extent(circuit: QuantumCircuit, scope: Scope) -> tuple[int, int, int]:
    """(places of the memory, depth of `while` in `while`, number of stores and loop variables) of a circuit."""
    top, loops, stores = scope.top, 0, 0
    for item in circuit.data:
        op, into = item.operation, [scope.places[c] for c in item.clbits]
        variable = op.params[1] if isinstance(op, ForLoopOp) and isinstance(op.params[1], expr.Var) else None
        stores += isinstance(op, Store) or variable is not None
        inner = op.blocks if isinstance(op, ControlFlowOp) else (op.definition,) if _opened(op, into) else ()
        for body in inner:
            high, deep, many = _extent(body, within(scope, body, into, variable))
            loops = max(loops, deep + isinstance(op, WhileLoopOp))
            top, stores = max(top, high), stores + many
    return top, loops, stores


def _opened(op: Operation, into: Sequence[int]) -> bool:
    """Whether it is a composite operation on classical bits."""
    return (
        bool(into) and not isinstance(op, Measure | ControlFlowOp) and getattr(op, "definition", None) is not None
    )


@dataclass(frozen=True)
class _Where:
    """Where an operation stands: its wires and bits in the whole, what has a name, the `while` loops around it."""

    on: list[int]
    at: list[int]
    scope: Scope
    depth: int


class _Words:
    """Writes circuits out; `source` is the extra wire, `flags` the first of the bits that steer `while` loops."""

    def __init__(self, source: int, flags: int) -> None:
        self.source, self.flags = source, flags

    def spread(
        self, circuit: QuantumCircuit, into: QuantumCircuit, wires: Sequence[int], scope: Scope, depth: int
    ) -> None:
        """Append a circuit; `depth` counts the `while` loops around it."""
        own = dict(zip(circuit.qubits, wires, strict=True))
        into.global_phase += circuit.global_phase
        for item in circuit.data:
            on, at = [own[q] for q in item.qubits], [scope.places[c] for c in item.clbits]
            self.operation(item.operation, into, _Where(on, at, scope, depth))

    def operation(self, op: Operation, into: QuantumCircuit, here: _Where) -> None:
        if isinstance(op, IfElseOp | SwitchCaseOp):
            self.branch(op, into, here)
        elif isinstance(op, WhileLoopOp):
            self.again(op, into, here)
        elif isinstance(op, Store):
            self.store(op, into, here.scope)
        elif isinstance(op, ForLoopOp | BoxOp):
            for turn in bodies(op, 0, here.scope.places):
                self.turn(turn, into, here)
        elif _opened(op, here.at):
            self.turn(Turn(op.definition), into, here)
        else:
            into.append(op, here.on, here.at)

    def turn(self, turn: Turn, into: QuantumCircuit, here: _Where) -> None:
        """One execution of a body or a definition."""
        inner = within(here.scope, turn.body, here.at, turn.variable)
        if turn.variable is not None:
            memory = given(turn.variable, turn.value, 0, inner)
            self.write(into, {k: memory >> k & 1 for k in target_places(turn.variable, 0, inner.places)})
        body = bind(turn.body, turn.parameter) if turn.parameter else turn.body
        self.spread(body, into, here.on, inner, here.depth)

    def branch(self, op: IfElseOp | SwitchCaseOp, into: QuantumCircuit, here: _Where) -> None:
        def leaf(memory: int) -> QuantumCircuit:
            part = _nothing(into)
            for turn in bodies(op, memory, here.scope.places):
                self.turn(turn, part, here)
            return part

        _ask(read_by(op, here.scope), into, leaf)

    def again(self, op: WhileLoopOp, into: QuantumCircuit, here: _Where) -> None:
        goes_on, turn = while_loop(op, here.scope.places)
        flag, read = self.flags + here.depth, bits_read(op.condition, here.scope.places)

        def leaf(memory: int) -> QuantumCircuit:
            return self.write(_nothing(into), {flag: int(goes_on(memory))})

        body = _nothing(into)
        self.turn(turn, body, replace(here, depth=here.depth + 1))
        _ask(read, into, leaf)
        _ask(read, body, leaf)
        into.while_loop((into.clbits[flag], 1), body, into.qubits, into.clbits)

    def store(self, op: Store, into: QuantumCircuit, scope: Scope) -> None:
        def leaf(memory: int) -> QuantumCircuit:
            places = target_places(op.lvalue, memory, scope.places)
            value = target_value(op.rvalue, memory, scope.places)
            return self.write(_nothing(into), {place: value >> j & 1 for j, place in enumerate(places)})

        _ask(sources(op, scope), into, leaf)

    def write(self, into: QuantumCircuit, values: dict[int, int]) -> QuantumCircuit:
        """Give classical bits the values 0 or 1, through the extra wire."""
        for place, value in values.items():
            into.reset(self.source)
            if value:
                into.x(self.source)
            into.measure(self.source, place)
        return into


def _nothing(into: QuantumCircuit) -> QuantumCircuit:
    """An empty circuit on the same wires and bits."""
    nothing = into.copy_empty_like()
    nothing.global_phase = 0.0
    return nothing


def _ask(read: Sequence[int], into: QuantumCircuit, leaf: Callable[[int], QuantumCircuit]) -> None:
    """Append `leaf` of the memory's value at some places, as a tree of questions about single bits."""
    places = sorted(set(read))
    if len(places) > MAX_CONDITION_BITS:
        raise Undecidable(f"a condition reads {len(places)} bits, too many for qiskit-aer here")

    def tree(k: int, memory: int) -> QuantumCircuit:
        if k == len(places):
            return leaf(memory)
        yes, no = tree(k + 1, memory | 1 << places[k]), tree(k + 1, memory)
        whole = _nothing(into)
        if yes.data or no.data:
            whole.if_else((into.clbits[places[k]], 1), yes, no if no.data else None, into.qubits, into.clbits)
        return whole

    for item in tree(0, 0).data:
        into.append(item)
