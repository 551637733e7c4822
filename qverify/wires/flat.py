"""A circuit as arrays: one row an operation, in order, wires and bits by number, for sweeps that touch every gate.

    code[i]                        what row i is: MEASURE, RESET, BARRIER, DELAY, EVENT or GATE + index into `kinds`
    wires[first[i] : first[i+1]]   its qubits            bits[bit_first[i] : bit_first[i+1]]   the bits it touches
    top[i]                         its place in `circuit.data` of the whole circuit

Composites are opened. An EVENT is control flow or a store: rows cannot say what it does, `events[i]` can. Classical
variables are numbered after the bits. Reading Python objects costs several microseconds a gate: long circuits come
through `qverify.wires.borrowed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import (
    Barrier,
    BreakLoopOp,
    Clbit,
    ContinueLoopOp,
    ControlFlowOp,
    Delay,
    ForLoopOp,
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
from qverify.structure import leaves
from qverify.wires.kinds import MOST_WIRES, Kind, kind_of

MEASURE, RESET, BARRIER, DELAY, EVENT, GATE = range(6)
Ints = NDArray[np.int64]
Places = Mapping[Any, int]  # a bit or a variable -> its number


@dataclass(frozen=True)
class Event:
    """Control flow or a store.

    name: Qiskit's name of it. bodies: what may run. turns: how often a `for` runs its body, 1 for other things.
    always: whether some body runs in any case. reads: bits and variables that decide. writes: those a store writes.
    wires: those that some body acts on.
    """

    name: str
    bodies: tuple[Flat, ...] = ()
    turns: int = 1
    always: bool = False
    reads: tuple[int, ...] = ()
    writes: tuple[int, ...] = ()
    wires: tuple[int, ...] = ()

    @property
    def is_conditional(self) -> bool:
        """Whether it waits for a classical value."""
        return self.name in ("if_else", "switch_case", "while_loop")


@dataclass(frozen=True, eq=False)
class Flat:
    """A circuit, or a body of control flow with the wires and bits of the whole circuit.

    kinds: what `code - GATE` means; None for a gate that is not looked into. names: what each is called.
    delays: the rows that are delays, with duration and unit.
    """

    n: int
    n_bits: int
    code: Ints
    first: Ints
    wires: Ints
    bit_first: Ints
    bits: Ints
    top: Ints
    kinds: tuple[Kind | None, ...]
    names: tuple[str, ...]
    events: Mapping[int, Event]
    delays: Mapping[int, tuple[Any, str]]

    def __len__(self) -> int:
        return len(self.code)

    @property
    def rows(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """What the loops of `kernels` go over."""
        return self.code, self.first, self.wires, self.bit_first, self.bits

    @cached_property
    def owner(self) -> Ints:
        """The row of each entry of `wires`."""
        return np.repeat(np.arange(len(self.code)), np.diff(self.first))

    @cached_property
    def acts(self) -> NDArray[np.bool_]:
        """The rows that are a use of their wires: no barrier and no delay."""
        return np.asarray((self.code != BARRIER) & (self.code != DELAY))

    def qubits(self, i: int) -> tuple[int, ...]:
        """The wires of row i."""
        return tuple(self.wires[self.first[i] : self.first[i + 1]].tolist())

    def touched(self, i: int) -> tuple[int, ...]:
        """The bits of row i."""
        return tuple(self.bits[self.bit_first[i] : self.bit_first[i + 1]].tolist())

    def name(self, i: int) -> str:
        """What row i is called."""
        code = int(self.code[i])
        if code == EVENT:
            return self.events[i].name
        return self.names[code - GATE] if code >= GATE else ("measure", "reset", "barrier", "delay")[code]


@dataclass
class Rows:
    """Rows being written."""

    n: int
    code: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=lambda: [0])
    wires: list[int] = field(default_factory=list)
    bit_first: list[int] = field(default_factory=lambda: [0])
    bits: list[int] = field(default_factory=list)
    top: list[int] = field(default_factory=list)
    index: dict[tuple[str, Kind | None], int] = field(default_factory=dict)
    events: dict[int, Event] = field(default_factory=dict)
    delays: dict[int, tuple[Any, str]] = field(default_factory=dict)

    def gate(self, name: str, kind: Kind | None) -> int:
        """The code of a kind of gate."""
        if kind is not None and kind.wires > MOST_WIRES:
            kind = None
        return GATE + self.index.setdefault((name, kind), len(self.index))

    def add(self, code: int, wires: Sequence[int], bits: Sequence[int], top: int) -> None:
        """One more row."""
        self.code.append(code)
        self.wires += wires
        self.first.append(len(self.wires))
        self.bits += bits
        self.bit_first.append(len(self.bits))
        self.top.append(top)

    def done(self, n_bits: int) -> Flat:
        """The rows as arrays."""
        columns = (self.code, self.first, self.wires, self.bit_first, self.bits, self.top)
        code, first, wires, bit_first, bits, top = (np.array(x, dtype=np.int64) for x in columns)
        found = code, first, wires, bit_first, bits, top
        return Flat(self.n, n_bits, *found, *self.called(), self.events, self.delays)

    def called(self) -> tuple[tuple[Kind | None, ...], tuple[str, ...]]:
        """Kinds and names of the codes."""
        return tuple(kind for _, kind in self.index), tuple(name for name, _ in self.index)


@dataclass
class Numbers:
    """Numbers of bits and variables of the whole circuit; a variable gets the next one when it is first met."""

    next: int
    variables: dict[expr.Var, int] = field(default_factory=dict)

    def of(self, found: Sequence[expr.Var], bits: Places) -> tuple[int, ...]:
        """The places of what expressions name."""
        places: set[int] = set()
        for var in found:
            if var.standalone:
                if var not in self.variables:
                    self.variables[var], self.next = self.next, self.next + 1
                places.add(self.variables[var])
            else:
                flat = [var.var] if isinstance(var.var, Clbit) else list(var.var)
                places.update(bits[bit] for bit in flat)
        return tuple(sorted(places))


def flat_of(circuit: QuantumCircuit) -> Flat:
    """The rows of a circuit, read through Python.

    Raises:
        Undecidable: too many gates once composites are opened; `break` or `continue`.
    """
    rows, numbers = Rows(circuit.num_qubits), Numbers(circuit.num_clbits)
    wires, bits = list(range(circuit.num_qubits)), list(range(circuit.num_clbits))
    add_circuit(rows, circuit, wires, bits, None, numbers)
    return rows.done(numbers.next)


def add_circuit(
    rows: Rows,
    circuit: QuantumCircuit,
    wires: Sequence[int],
    bits: Sequence[int],
    top: int | None,
    numbers: Numbers,
) -> None:
    """Append a circuit's leaves; `wires`, `bits`: the whole circuit's number of each of its own."""
    for leaf in leaves(circuit):
        op, at = leaf.operation, leaf.top if top is None else top
        on, into = [wires[k] for k in leaf.qubits], [bits[k] for k in leaf.clbits]
        steered = isinstance(op, Store | ControlFlowOp)
        places = {bit: bits[k] for bit, k in leaf.bits.items()} if steered else {}
        add_operation(rows, op, on, into, places, at, numbers)


def add_operation(  # the parts of one instruction
    rows: Rows,
    op: Operation,
    on: list[int],
    into: list[int],
    places: Places,
    top: int,
    numbers: Numbers,
) -> None:
    """Append one leaf operation."""
    if isinstance(op, Measure):
        rows.add(MEASURE, on, into, top)
    elif isinstance(op, Reset):
        rows.add(RESET, on, into, top)
    elif isinstance(op, Barrier):
        rows.add(BARRIER, on, [], top)
    elif isinstance(op, Delay):
        rows.delays[len(rows.code)] = (op.duration, op.unit)
        rows.add(DELAY, on, [], top)
    elif isinstance(op, BreakLoopOp | ContinueLoopOp):
        raise Undecidable(f"which operations matter is not worked out for circuits with `{op.name}`")
    elif isinstance(op, Store | ControlFlowOp):
        event = _event(op, on, into, places, top, numbers, rows.n)
        rows.events[len(rows.code)] = event
        inside = {b for body in event.bodies for b in body.bits.tolist()}
        rows.add(EVENT, list(event.wires), sorted({*event.reads, *event.writes, *inside}), top)
    elif not (on or into):
        rows.add(BARRIER, [], [], top)  # a global phase
    else:
        rows.add(rows.gate(str(op.name), kind_of(op)), on, into, top)


def _event(  # the parts of one instruction
    op: Operation, on: list[int], into: list[int], places: Places, top: int, numbers: Numbers, n: int
) -> Event:
    reads = numbers.of(_read_by(op), places)
    if isinstance(op, Store):
        target = op.lvalue.target if isinstance(op.lvalue, expr.Index) else op.lvalue
        return Event("store", reads=reads, writes=numbers.of(list(expr.iter_vars(target)), places))
    made = []
    for body in op.blocks:
        rows = Rows(n)
        add_circuit(rows, body, on, into, top, numbers)
        made.append(rows.done(numbers.next))
    wires = sorted({w for body in made for w in used_wires(body)})
    turns = len(op.params[0]) if isinstance(op, ForLoopOp) else 1
    return Event(op.name, tuple(made), turns, _always(op), reads, (), tuple(wires))


def _always(op: ControlFlowOp) -> bool:
    if isinstance(op, IfElseOp):
        return len(op.blocks) > 1
    if isinstance(op, SwitchCaseOp):
        return any(not isinstance(label, int) for labels, _ in op.cases_specifier() for label in labels)
    if isinstance(op, ForLoopOp):
        return len(op.params[0]) > 0
    return not isinstance(op, WhileLoopOp)


def used_wires(flat: Flat) -> set[int]:
    """The wires that something acts on; barriers and delays are no use."""
    return set(flat.wires[flat.acts[flat.owner]].tolist())


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
