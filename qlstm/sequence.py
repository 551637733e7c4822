"""Six blocks that measure and reset, as one list of steps: what a cell with mid-circuit measurement does each time.

Blocks meet by the names of their registers. Quantum registers of one name are the same wires, bits of one name the
same bits, weights of one name the same weight. A register `<bits>_in` stands for bits that an earlier block wrote:
in the block alone its wires are measured into `<bits>` before anything else, so that the block can be verified for
both values; in the cell those wires and measurements are left out and the bits are the earlier block's.

    work      wires whose last step is a reset: they start every cell in |0>
    memory    all other wires: |0> at the window's start, carried from cell to cell, never measured
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qlstm.program import Gate, is_in_table
from qverify.angles import angle_of
from qverify.errors import Unusable

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Bit = tuple[str, int]  # register and index
Condition = tuple[tuple[Bit, int], ...]  # all of these bits have these values


@dataclass(frozen=True)
class Turned:
    """A gate on wires of the cell, where the condition holds."""

    gate: Gate
    condition: Condition = ()


@dataclass(frozen=True)
class Measured:
    """wire -> bit, in the computational basis."""

    wire: int
    bit: Bit


@dataclass(frozen=True)
class Emptied:
    """A wire set to |0>, where the condition holds."""

    wire: int
    condition: Condition = ()


Step = Turned | Measured | Emptied


@dataclass(frozen=True)
class Sequence:
    """One time step of a cell.

    wires: (register, index) of each wire; memory wires first, so they are the least significant.
    n_memory: how many of them are memory.
    bits: in the order in which they are first written; the readouts of a cell.
    steps: angles name parameters as the blocks do.
    """

    wires: tuple[tuple[str, int], ...]
    n_memory: int
    bits: tuple[Bit, ...]
    steps: tuple[Step, ...]

    @property
    def features_and_weights(self) -> frozenset[str]:
        """Every parameter that some gate reads."""
        return frozenset[str]().union(*(s.gate.reads() for s in self.steps if isinstance(s, Turned)))


def sequence_of(blocks: Mapping[str, QuantumCircuit]) -> Sequence:
    """Join blocks, in the order of the mapping, into the steps of one cell.

    Args:
        blocks: a name for refusals -> its circuit.

    Raises:
        Unusable: registers do not fit, an operation is not known here, or a memory wire is measured.
    """
    steps: list[Step] = []
    names: dict[tuple[str, int], int] = {}
    written: dict[Bit, None] = {}
    sizes: dict[str, tuple[int, str]] = {}
    for where, circuit in blocks.items():
        _same_sizes(circuit, where, sizes)
        steps += _Block(circuit, where, names, written).steps
    return _memory_first(tuple(names), steps, tuple(written))


def _same_sizes(circuit: QuantumCircuit, where: str, sizes: dict[str, tuple[int, str]]) -> None:
    for register in (*circuit.qregs, *circuit.cregs):
        size, other = sizes.setdefault(register.name, (register.size, where))
        if size != register.size:
            raise Unusable(
                f"the register `{register.name}` has {register.size} here and {size} in {other}; "
                "registers of one name are the same wires or bits and must be of one size",
                where,
            )


class _Block:
    """One block's circuit, read into steps on the cell's wires."""

    def __init__(
        self, circuit: QuantumCircuit, where: str, names: dict[tuple[str, int], int], written: dict[Bit, None]
    ) -> None:
        self.where, self.names, self.written = where, names, written
        self.wire: dict[Any, tuple[str, int]] = {q: (r.name, k) for r in circuit.qregs for k, q in enumerate(r)}
        self.bit: dict[Any, Bit] = {b: (r.name, k) for r in circuit.cregs for k, b in enumerate(r)}
        if len(self.wire) < circuit.num_qubits or len(self.bit) < circuit.num_clbits:
            raise Unusable(
                "every qubit and bit of a block must be in a register, whose name says what it is", where
            )
        self.given = {r.name for r in circuit.qregs if r.name.endswith("_in")}
        self.steps: list[Step] = []
        self._read(circuit, {q: q for q in circuit.qubits}, {b: b for b in circuit.clbits}, ())

    def _read(self, circuit: QuantumCircuit, qubits: dict[Any, Any], bits: dict[Any, Any], when: Condition) -> None:
        from qiskit.circuit import Barrier, Delay, IfElseOp, Measure, Reset

        for item in circuit.data:
            op = item.operation
            on, to = [qubits[q] for q in item.qubits], [bits[b] for b in item.clbits]
            if isinstance(op, Barrier | Delay):
                continue
            if isinstance(op, IfElseOp):
                self._branch(op, on, to, bits, when)
            elif isinstance(op, Measure):
                self._measure(on[0], to[0], when)
            elif isinstance(op, Reset):
                self.steps.append(Emptied(self._number(on[0]), when))
            elif is_in_table(op):
                gate = Gate(op.name, tuple(self._number(q) for q in on), tuple(angle_of(p) for p in op.params))
                self.steps.append(Turned(gate, when))
            elif to or hasattr(op, "blocks") or getattr(op, "definition", None) is None:
                raise Unusable(
                    f"a cell cannot be made of `{op.name}`; use gates, measure, reset and if on bits or registers",
                    self.where,
                )
            else:
                self._read(op.definition, dict(zip(op.definition.qubits, on, strict=True)), {}, when)

    def _branch(self, op: Any, on: list[Any], to: list[Any], bits: dict[Any, Any], when: Condition) -> None:
        wanted = _condition(op.condition, {b: self.bit[bits[b]] for b in bits}, self.where)
        for bit, _ in wanted:
            if bit not in self.written:
                raise Unusable(f"the bit `{bit[0]}[{bit[1]}]` steers before any block wrote it", self.where)
        then, *otherwise = op.blocks
        parts = [(then, when + wanted)]
        if otherwise:
            if len(wanted) != 1:
                raise Unusable("an else needs a condition on one bit here; write the cases out", self.where)
            ((bit, value),) = wanted
            parts.append((otherwise[0], (*when, (bit, 1 - value))))
        for body, condition in parts:
            inner = dict(zip(body.clbits, to, strict=True))
            self._read(body, dict(zip(body.qubits, on, strict=True)), inner, condition)

    def _measure(self, qubit: Any, clbit: Any, when: Condition) -> None:
        wire, bit = self.wire[qubit], self.bit[clbit]
        if wire[0] in self.given:
            if bit not in self.written or wire[0] != f"{bit[0]}_in":
                raise Unusable(
                    f"`{wire[0]}` stands for bits that an earlier block wrote, but none wrote `{bit[0]}`",
                    self.where,
                )
            return
        if when:
            raise Unusable("a measurement inside a branch cannot be compiled yet; measure before it", self.where)
        self.written.setdefault(bit)
        self.steps.append(Measured(self._number(qubit), bit))

    def _number(self, qubit: Any) -> int:
        wire = self.wire[qubit]
        if wire[0] in self.given:
            raise Unusable(f"`{wire[0]}` is measured before anything else and not used again", self.where)
        return self.names.setdefault(wire, len(self.names))


def _condition(condition: Any, bits: Mapping[Any, Bit], where: str) -> Condition:
    """A condition of Qiskit's old kind, or an expression that is no more than that."""
    from qiskit.circuit import Clbit
    from qiskit.circuit.classical import expr

    if isinstance(condition, expr.Var) and isinstance(condition.var, Clbit):
        return ((bits[condition.var], 1),)
    if (
        isinstance(condition, expr.Unary)
        and isinstance(condition.operand, expr.Var)
        and condition.op.name == "LOGIC_NOT"
    ):
        return ((bits[condition.operand.var], 0),)
    if not isinstance(condition, tuple):
        raise Unusable("a condition in a cell compares a bit or a register with a number", where)
    target, value = condition
    if isinstance(target, Clbit):
        return ((bits[target], int(value)),)
    return tuple((bits[b], (int(value) >> k) & 1) for k, b in enumerate(target))


def _memory_first(names: tuple[tuple[str, int], ...], steps: list[Step], bits: tuple[Bit, ...]) -> Sequence:
    """Number the wires so that memory comes first."""
    last: dict[int, Step] = {}
    for step in steps:
        for wire in step.gate.wires if isinstance(step, Turned) else (step.wire,):
            last[wire] = step
    work = {w for w, step in last.items() if isinstance(step, Emptied) and not step.condition}
    order = [w for w in range(len(names)) if w not in work] + sorted(work)
    number = {wire: k for k, wire in enumerate(order)}

    def moved(step: Step) -> Step:
        if isinstance(step, Turned):
            return replace(step, gate=replace(step.gate, wires=tuple(number[w] for w in step.gate.wires)))
        return replace(step, wire=number[step.wire])

    return Sequence(tuple(names[w] for w in order), len(names) - len(work), bits, tuple(moved(s) for s in steps))
