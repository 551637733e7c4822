"""The exact instrument executed on blocks of columns, with a record of what was done, to be undone by `reverse`.

    rho(m) = sum_c v_c v_c^dagger   for each value m of the classical memory, as a block of K columns v_c

A gate turns the columns, a measurement splits them by outcome, a reset into |0><0| and |0><1|, equal memories
merge. A block with more columns than nonzero rows is compressed: V = V' Q^dagger with Q R = V^dagger,
V' = R^dagger, so V V^dagger = V' V'^dagger and no block costs more than a density matrix. Outcomes that nothing
reads any more are forgotten, so that their blocks merge. Control flow is that of the reference, `semantics.run`.
Source: Nielsen and Chuang (2010), sec. 8.2.3 and theorem 8.2 (the freedom of Kraus operators).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from qiskit.circuit import (
    Barrier,
    ControlFlowOp,
    Delay,
    ForLoopOp,
    Measure,
    Operation,
    QuantumCircuit,
    Reset,
    Store,
    WhileLoopOp,
)
from qiskit.circuit.classical import expr
from qiskit.circuit.library import GlobalPhaseGate

from qverify.errors import Undecidable
from qverify.semantics.loops import MAX_UNROLLED, around
from qverify.semantics.memory import Scope, given, left, outermost, stored, within
from qverify.semantics.reach import read_by, sources
from qverify.semantics.run import Turn, bodies, while_loop
from qverify.structure import is_leaf
from qverify.subject import Observable
from qverify.trainability.adjoint import opened
from qverify.trainability.slopes import Gate, Values, gate_of
from qverify.trainability.tensors import Amplitudes, apply, parts

MAX_AMPLITUDES = 2**24  # of one point, costates too: 256 MiB
Blocks = dict[int, int]  # classical memory -> the number of its block of columns


@dataclass(frozen=True)
class Kraus:
    """One Kraus operator |to><of| of a measurement or a reset, on one wire."""

    wire: int
    of: int
    to: int


@dataclass(frozen=True)
class Part:
    """Columns `start` to `stop` of block `new` are the Kraus operator times all columns of block `old`."""

    old: int
    new: int
    start: int
    stop: int
    kraus: Kraus | None


@dataclass(frozen=True)
class Turned:
    """A gate on a block, and its matrix."""

    block: int
    gate: Gate
    matrix: Amplitudes


@dataclass(frozen=True)
class Regrouped:
    """Blocks split and merged; sizes: old block -> its columns."""

    parts: tuple[Part, ...]
    sizes: Mapping[int, int]


@dataclass(frozen=True)
class Compressed:
    """A block whose columns were `taken`, Q^dagger of shape (B, rank, columns), times fewer columns."""

    block: int
    taken: Amplitudes


@dataclass
class Tape:
    """One execution: the blocks of the moment, and what was done to get there.

    live: position in the circuit -> mask of the places of the memory that are read after it.
    limit: amplitudes of one point that may be held. most: the largest number held so far.
    loop: values of the loop parameters around what is executed. kept: numbers in compressions.
    """

    values: Values
    live: Mapping[int, int]
    limit: int
    loop: dict[str, float] = field(default_factory=dict)
    blocks: dict[int, Amplitudes] = field(default_factory=dict)
    done: list[Turned | Regrouped | Compressed] = field(default_factory=list)
    count: int = 0
    numbers: int = 0
    kept: int = 0
    most: int = 0
    updates: int = 0

    def new(self, columns: Amplitudes) -> int:
        """Store a block under a number of its own."""
        self.numbers += 1
        self.blocks[self.numbers] = columns
        return self.numbers

    def measure_size(self) -> None:
        """Update `most`; refuse what does not fit."""
        held = self.kept + sum(b.shape[0] * b.shape[1] for b in self.blocks.values())
        self.most = max(self.most, held)
        if held > self.limit:
            raise Undecidable(
                "it has more branches than fit in memory; fewer qubits, measurements or resets would do"
            )


def executed(
    circuit: QuantumCircuit, values: Values, observables: Sequence[Observable], psi: Amplitudes
) -> tuple[Tape, Blocks]:
    """The circuit executed on a batch of inputs, and the blocks of the memories in which it may end.

    Args:
        values: parameter name -> shape (B,). psi: shape (1, 2**n, B).

    Raises:
        Undecidable: an operation is not followed, or there are too many branches.
    """
    tape = Tape(values, _live_bits(circuit, observables), MAX_AMPLITUDES // (1 + len(observables)))
    wires = {q: k for k, q in enumerate(circuit.qubits)}
    start = {0: tape.new(psi)}
    tape.measure_size()
    return tape, _forward(tape, circuit, start, wires, outermost(circuit), top=True)


def _forward(
    tape: Tape, circuit: QuantumCircuit, here: Blocks, wires: Mapping[Any, int], scope: Scope, *, top: bool = False
) -> Blocks:
    """Execute a circuit, a body or a definition on the blocks of some memories."""
    for index, item in enumerate(circuit.data):
        tape.count += 1
        if tape.count > MAX_UNROLLED:
            raise Undecidable(f"more than {MAX_UNROLLED} operations once its loops are unrolled")
        where = tuple(wires[q] for q in item.qubits)
        here = _operation(tape, item.operation, here, where, [scope.places[c] for c in item.clbits], scope)
        if top and index in tape.live:
            here = _regroup(tape, ((memory & tape.live[index], block, None) for memory, block in here.items()))
    return here


def _operation(  # the parts of one instruction
    tape: Tape, op: Operation, here: Blocks, where: tuple[int, ...], into: list[int], scope: Scope
) -> Blocks:
    if isinstance(op, Barrier | Delay | GlobalPhaseGate):
        return here
    if isinstance(op, Measure):
        ends = [(memory & ~(1 << into[0]), memory | 1 << into[0]) for memory in here]
        return _regroup(
            tape,
            (
                (end[o], block, Kraus(where[0], o, o))
                for end, block in zip(ends, here.values(), strict=True)
                for o in (0, 1)
            ),
        )
    if isinstance(op, Reset):
        return _regroup(tape, ((m, block, Kraus(where[0], o, 0)) for m, block in here.items() for o in (0, 1)))
    if isinstance(op, Store):
        return _regroup(tape, ((stored(op, memory, scope), block, None) for memory, block in here.items()))
    if isinstance(op, ControlFlowOp):
        return _control_flow(tape, op, here, where, into, scope)
    gate = gate_of(op, where, tape.loop)
    if gate is not None:
        matrix = gate.matrix(tape.values)
        for block in here.values():
            apply(matrix, tape.blocks[block], where)
            tape.updates += tape.blocks[block][..., 0].size
            tape.done.append(Turned(block, gate, matrix))
        return here
    definition = opened(op)
    inner = within(scope, definition, into)
    end = _forward(tape, definition, here, dict(zip(definition.qubits, where, strict=True)), inner)
    return _regroup(tape, ((left(memory, scope), block, None) for memory, block in end.items()))


def _control_flow(  # the parts of one instruction
    tape: Tape, op: ControlFlowOp, here: Blocks, where: tuple[int, ...], into: list[int], scope: Scope
) -> Blocks:
    def body(turn: Turn, part: Blocks) -> Blocks:
        inner = within(scope, turn.body, into, turn.variable)
        if turn.variable is not None:
            variable, value = turn.variable, turn.value
            part = _regroup(tape, ((given(variable, value, m, inner), block, None) for m, block in part.items()))
        outer = tape.loop
        tape.loop = {**outer, **turn.parameter}
        end = _forward(tape, turn.body, part, dict(zip(turn.body.qubits, where, strict=True)), inner)
        tape.loop = outer
        return _regroup(tape, ((left(memory, scope), block, None) for memory, block in end.items()))

    if isinstance(op, WhileLoopOp):
        goes_on, once = while_loop(op, scope.places)

        def turn_of(memory: int, blocks: list[int]) -> dict[int, list[int]]:
            merged = _regroup(tape, ((memory, block, None) for block in blocks))
            return {reached: [block] for reached, block in body(once, merged).items()}

        ends, _ = around({memory: [block] for memory, block in here.items()}, goes_on, turn_of)
        return _regroup(tape, ((memory, block, None) for memory, blocks in ends.items() for block in blocks))
    out: list[tuple[int, int, None]] = []
    for memory, block in here.items():
        part: Blocks = {memory: block}
        for turn in bodies(op, memory, scope.places):
            part = body(turn, part)
        out += [(reached, arrived, None) for reached, arrived in part.items()]
    return _regroup(tape, out)


def _regroup(tape: Tape, wanted: Iterable[tuple[int, int, Kraus | None]]) -> Blocks:
    """Blocks by their new memories, from (memory, block, Kraus operator); columns that are zero are left out."""
    found: dict[int, list[tuple[int, Kraus | None]]] = {}
    for memory, block, kraus in wanted:
        found.setdefault(memory, []).append((block, kraus))
    if all(len(f) == 1 and f[0][1] is None for f in found.values()):
        return {memory: f[0][0] for memory, f in found.items()}
    done: list[Part] = []
    out: Blocks = {}
    for memory, pieces in found.items():
        columns = [(b, k, c) for b, k in pieces if (c := _through(k, tape.blocks[b])) is not None]
        if not columns:
            continue
        new = out[memory] = tape.new(np.concatenate([c for _, _, c in columns]))
        start = 0
        for block, kraus, c in columns:
            done.append(Part(block, new, start, start + len(c), kraus))
            start += len(c)
    sizes = {part.old: len(tape.blocks[part.old]) for part in done}
    for block in {block: None for pieces in found.values() for block, _ in pieces}:
        del tape.blocks[block]
    tape.done.append(Regrouped(tuple(done), sizes))
    tape.updates += sum(tape.blocks[block][..., 0].size for block in out.values())
    tape.measure_size()
    for block in out.values():
        _compress(tape, block)
    return out


def _through(kraus: Kraus | None, columns: Amplitudes) -> Amplitudes | None:
    """K times the columns; None where that is zero at every point."""
    if kraus is None:
        return columns
    source = parts(columns, [kraus.wire])[kraus.of]
    if not source.any():
        return None
    out = np.zeros_like(columns)
    parts(out, [kraus.wire])[kraus.to][...] = source
    return out


def _compress(tape: Tape, block: int) -> None:
    """Fewer columns with the same density matrix, where there are more columns than nonzero rows."""
    columns = tape.blocks[block]
    rows = np.flatnonzero(columns.any(axis=(0, 2)))
    if len(columns) <= len(rows):
        return
    matrix = columns[:, rows, :].transpose(2, 0, 1).conj()  # V^dagger, (B, columns, rows)
    Q, R = np.linalg.qr(matrix)
    smaller = np.zeros((R.shape[1], *columns.shape[1:]), dtype=np.complex128)
    smaller[:, rows, :] = R.conj().transpose(1, 2, 0)  # V' = R^dagger
    tape.blocks[block] = smaller
    tape.done.append(Compressed(block, Q.conj().swapaxes(1, 2)))
    tape.kept += Q.shape[1] * Q.shape[2]


# ------------------------------------------------------------------------------ what is read later


def _live_bits(circuit: QuantumCircuit, observables: Sequence[Observable]) -> dict[int, int]:
    """For each operation of the circuit that may write a bit, the mask of the places that are read after it."""
    scope = outermost(circuit)
    read = sum(1 << bit for bit in sorted(frozenset().union(*(o.bits for o in observables))))
    out: dict[int, int] = {}
    for index in range(len(circuit.data) - 1, -1, -1):
        item = circuit.data[index]
        if item.clbits or isinstance(item.operation, Store):
            out[index] = read
        if isinstance(item.operation, Measure):
            read &= ~(1 << scope.places[item.clbits[0]])  # overwritten here, whatever it was
        for place in _reads(item.operation, scope, [scope.places[c] for c in item.clbits]):
            read |= 1 << place
    return out


def _reads(op: Operation, scope: Scope, into: list[int]) -> Iterator[int]:
    """The places that an operation and what is inside it may read, and a few more."""
    if isinstance(op, Store):
        yield from sources(op, scope)
    elif isinstance(op, ControlFlowOp):
        yield from read_by(op, scope)
        for body in op.blocks:
            variable = op.params[1] if isinstance(op, ForLoopOp) else None
            inner = within(scope, body, into, variable if isinstance(variable, expr.Var) else None)
            for item in body.data:
                yield from _reads(item.operation, inner, [inner.places[c] for c in item.clbits])
    elif not is_leaf(op):
        inner = within(scope, op.definition, into)
        for item in op.definition.data:
            yield from _reads(item.operation, inner, [inner.places[c] for c in item.clbits])
