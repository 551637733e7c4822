"""A circuit as a list of steps on numbered wires and bits, cut down to what some of its bits can feel.

Heisenberg's picture, from the end: a bit asks its measured wire for Z; a step that is block-diagonal on all wires
asked only for functions of Z, and touches no other, changes nothing that is asked; every other step that touches
an asked wire is kept, and asks for its wires in turn, those on which it is block-diagonal only for functions of Z.

Source: deferred and early measurement, Nielsen and Chuang (2010), sec. 4.4. Cost: linear in the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from qiskit.circuit import (
    Barrier,
    BoxOp,
    ControlFlowOp,
    ControlledGate,
    Delay,
    ForLoopOp,
    IfElseOp,
    Measure,
    Operation,
    QuantumCircuit,
    Reset,
    Store,
    SwitchCaseOp,
)
from qiskit.circuit.library import UnitaryGate

from qverify.angles import angle_of, evaluate
from qverify.equivalence.factors import Vector
from qverify.errors import Undecidable
from qverify.semantics.binding import bind
from qverify.semantics.choices import Condition, branches_of
from qverify.semantics.gates import MATRICES, open_controls
from qverify.semantics.run import leaves_early
from qverify.structure import standard_class

MOST_STEPS = 200_000


@dataclass(frozen=True)
class Gate:
    """A matrix on wires, the first least significant; `diagonal`: wires on which it is block-diagonal, as bits."""

    matrix: Vector
    wires: tuple[int, ...]
    diagonal: int


@dataclass(frozen=True)
class Measured:
    """A wire measured into a bit."""

    wire: int
    bit: int


@dataclass(frozen=True)
class Zeroed:
    """A wire reset."""

    wire: int


@dataclass(frozen=True)
class Branch:
    """Bodies of which the classical memory chooses one, or none (-1).

    touches, diagonal, reads, writes: wires, wires on which every body is block-diagonal, bits; as bits.
    """

    chosen: Callable[[int], int]
    bodies: tuple[tuple[Step, ...], ...]
    touches: int
    diagonal: int
    reads: int
    writes: int


Step = Gate | Measured | Zeroed | Branch


def steps_of(circuit: QuantumCircuit) -> list[Step]:
    """The steps of a bound circuit, loops unrolled; phases that nothing can tell are left out.

    Raises:
        Undecidable: parameters are left, an operation has no definition, or a loop has no bound that is known here.
    """
    found: list[Step] = []
    for step in _steps(circuit, range(circuit.num_qubits), {c: k for k, c in enumerate(circuit.clbits)}):
        found.append(step)
        if len(found) > MOST_STEPS:
            raise Undecidable(f"more than {MOST_STEPS} operations once its loops are unrolled")
    return found


def _steps(circuit: QuantumCircuit, on: Sequence[int], bits: Mapping[Any, int]) -> Iterator[Step]:
    if circuit.num_identifiers:
        raise Undecidable("classical variables are not followed here")
    wires = dict(zip(circuit.qubits, on, strict=True))
    for item in circuit.data:
        yield from _operation(item.operation, [wires[q] for q in item.qubits], [bits[c] for c in item.clbits], bits)


def _operation(op: Operation, on: list[int], into: list[int], bits: Mapping[Any, int]) -> Iterator[Step]:
    if isinstance(op, Barrier | Delay):
        return
    if isinstance(op, Measure):
        yield Measured(on[0], into[0])
    elif isinstance(op, Reset):
        yield Zeroed(on[0])
    elif isinstance(op, ControlFlowOp):
        yield from _flow(op, on, into, bits)
    elif isinstance(op, Store):
        raise Undecidable("a classical assignment is not followed here")
    elif standard_class(op) != "GlobalPhaseGate":  # which nothing can tell
        matrix = _matrix(op)
        if matrix is not None:
            yield Gate(matrix, tuple(on), _diagonal(matrix, on))
            return
        definition = getattr(op, "definition", None)
        if definition is None:
            raise Undecidable(f"the operation `{op.name}` has no definition, so what it does is unknown")
        yield from _steps(definition, on, dict(zip(definition.clbits, into, strict=True)))


def _flow(op: ControlFlowOp, on: list[int], into: list[int], bits: Mapping[Any, int]) -> Iterator[Step]:
    def body(block: QuantumCircuit) -> Iterator[Step]:
        return _steps(block, on, dict(zip(block.clbits, into, strict=True)))

    if isinstance(op, BoxOp):
        yield from body(op.blocks[0])
    elif isinstance(op, ForLoopOp):
        indices, variable, block = op.params
        if leaves_early(block):
            raise Undecidable("a `for` loop with `break` or `continue` is not supported")
        for index in indices:
            yield from body(block if variable is None else bind(block, {variable: index}))
    elif isinstance(op, IfElseOp | SwitchCaseOp):
        arms = [(condition, tuple(body(block))) for block, condition in branches_of(op, bits)]
        yield _branch([condition for condition, _ in arms], tuple(steps for _, steps in arms))
    else:
        raise Undecidable(f"`{op.name}` has no bound that is known here")


def _branch(conditions: Sequence[Condition], bodies: tuple[tuple[Step, ...], ...]) -> Branch:
    all_steps = [step for steps in bodies for step in steps]
    touches = _any(touched(step) for step in all_steps)
    moved = _any(touched(step) & ~diagonal_on(step) for step in all_steps)
    reads = _any(1 << bit for condition in conditions for bit in condition.bits)
    reads |= _any(step.reads for step in all_steps if isinstance(step, Branch))
    writes = _any(written(step) for step in all_steps)

    def chosen(record: int) -> int:
        return next((k for k, condition in enumerate(conditions) if condition.holds(record)), -1)

    return Branch(chosen, bodies, touches, touches & ~moved, reads, writes)


def _any(masks: Iterator[int]) -> int:
    out = 0
    for mask in masks:
        out |= mask
    return out


def touched(step: Step) -> int:
    """The wires of a step, as bits."""
    if isinstance(step, Branch):
        return step.touches
    return sum(1 << k for k in step.wires) if isinstance(step, Gate) else 1 << step.wire


def diagonal_on(step: Step) -> int:
    """The wires on which a step is block-diagonal, as bits: it commutes with their measurement."""
    if isinstance(step, Zeroed):
        return 0
    return 1 << step.wire if isinstance(step, Measured) else step.diagonal


def written(step: Step) -> int:
    """The classical bits that a step may write, as bits."""
    if isinstance(step, Branch):
        return step.writes
    return 1 << step.bit if isinstance(step, Measured) else 0


def _matrix(op: Operation) -> Vector | None:
    if isinstance(op, UnitaryGate):
        return np.asarray(op.params[0], dtype=np.complex128)
    formula = MATRICES.get(standard_class(op))
    if formula is None:
        return None
    angles = [angle_of(p) for p in op.params]
    if any(angle.terms for angle in angles):
        raise Undecidable("it has parameters without values")
    matrix = formula(*(np.atleast_1d(evaluate(angle, {})) for angle in angles))
    if isinstance(op, ControlledGate) and op.ctrl_state != 2**op.num_ctrl_qubits - 1:
        matrix = open_controls(matrix, op.num_ctrl_qubits, op.ctrl_state)
    return np.asarray(matrix[0])


def _diagonal(matrix: Vector, on: Sequence[int]) -> int:
    row, column = np.nonzero(matrix)
    crossed = np.bitwise_or.reduce(row ^ column) if len(row) else 0
    return sum(1 << wire for k, wire in enumerate(on) if not crossed >> k & 1)


def felt(steps: Sequence[Step], asked: int) -> list[Step]:
    """The steps that the final values of some bits can feel, for every input."""
    full, z_only, bits, kept = 0, 0, asked, list[Step]()
    for step in reversed(steps):
        on, diagonal, writes = touched(step), diagonal_on(step), written(step) & bits
        if not writes and not on & full and not on & z_only & ~diagonal:
            continue
        kept.append(step)
        if isinstance(step, Zeroed):
            full, z_only = full & ~on, z_only & ~on
            continue
        if isinstance(step, Measured):
            bits &= ~writes
        elif isinstance(step, Branch):
            bits |= step.reads
        full |= on & ~diagonal
        z_only = (z_only | on) & ~full
    return kept[::-1]
