"""A circuit lowered to rotations, Clifford maps, measurements and resets, classical bits as wires.

    measure q -> c         reset c;  CX from q to c;  dephase q and c
    if parity of bits: P   a controlled Pauli gate P from each of the bits' wires
    everything standard    rotations exp(-i t Q / 2) and Clifford maps, as `semantics.rotations` writes them

A bit's wire is diagonal from its measurement on, so a gate under its condition is a controlled gate, which is read
off later without changing anything. What has no such form is kept as `Unknown`, with the reason: whether it matters
is decided by whoever asks. Source: Nielsen and Chuang (2010), sec. 4.4, principle of deferred measurement.
Cost: a few microseconds a gate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from qiskit.circuit import (
    Barrier,
    BoxOp,
    BreakLoopOp,
    ContinueLoopOp,
    ControlFlowOp,
    Delay,
    ForLoopOp,
    IfElseOp,
    Measure,
    Operation,
    Parameter,
    ParameterExpression,
    QuantumCircuit,
    Store,
    SwitchCaseOp,
)
from qiskit.circuit import Reset as QiskitReset
from qiskit.circuit.library import UnitaryGate

from qverify.angles import Angle, angle_of, parameter, substitute
from qverify.errors import Undecidable
from qverify.semantics.choices import Condition, branches_of
from qverify.semantics.polynomials import expanded
from qverify.semantics.rotations import Clifford, steps_of, unitary
from qverify.semantics.run import turns_of
from qverify.structure import is_leaf, leaves, standard_class
from qverify.trainability.chain import Dephase, Linear, Reset
from qverify.trainability.clifford_maps import MAX_WIRES, rows_of
from qverify.trainability.raw import (
    Local,
    Raw,
    Unknown,
    clifford,
    named,
    placed,
    rows_of_gate,
    turn_of,
    turned,
)

WORDS = {
    "RXGate": "X", "RYGate": "Y", "RZGate": "Z", "PhaseGate": "Z", "U1Gate": "Z",
    "RXXGate": "XX", "RYYGate": "YY", "RZZGate": "ZZ", "RZXGate": "ZX",
}  # fmt: skip
_TURNS = {
    "rx": "X", "ry": "Y", "rz": "Z", "p": "Z", "u1": "Z", "rxx": "XX", "ryy": "YY", "rzz": "ZZ", "rzx": "ZX",
}  # by Qiskit's names of its own gates  # fmt: skip
_PAULIS = {"XGate": "CXGate", "YGate": "CYGate", "ZGate": "CZGate"}
MAX_CONDITION_BITS = 12
MAX_OPERATIONS = 4_000_000


@dataclass(frozen=True)
class Lowered:
    """The steps in circuit order, and the wire of each classical bit that is used; `wires` counts both."""

    wires: int
    bits: dict[int, int]
    steps: list[Raw]


def lowered(circuit: QuantumCircuit) -> Lowered:
    """A circuit's steps.

    Raises:
        Undecidable: classical variables or stores, a loop without a known bound or left early, too many gates.
    """
    work = _Lowering(circuit.num_qubits)
    work.circuit(circuit, range(circuit.num_qubits), range(circuit.num_clbits), None)
    return Lowered(circuit.num_qubits + len(work.bits), work.bits, work.steps)


@dataclass
class _Lowering:
    """One walk. known: fixed gates that come again and again; values: of loop parameters; count: of operations."""

    qubits: int
    bits: dict[int, int] = field(default_factory=dict)
    steps: list[Raw] = field(default_factory=list)
    known: dict[tuple[str, tuple[int, ...]], tuple[Raw, ...]] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    angles: dict[str, Angle] = field(default_factory=dict)
    count: int = 0

    def circuit(self, circuit: QuantumCircuit, wires: Sequence[int], bits: Sequence[int], top: int | None) -> None:
        if circuit.num_identifiers:
            raise Undecidable("classical variables are not followed here")
        numbers = dict(zip(circuit.qubits, wires, strict=True))
        places = dict(zip(circuit.clbits, bits, strict=True))
        self.count += len(circuit.data)
        if self.count > MAX_OPERATIONS:
            raise Undecidable(f"more than {MAX_OPERATIONS} operations once composite gates and loops are opened")
        for index, item in enumerate(circuit.data):
            on = tuple([numbers[q] for q in item.qubits])
            at = index if top is None else top
            word = _TURNS.get(item.name) if item.is_standard_gate() else None
            if word is not None:  # without making the operation, which takes most of the time of a walk
                self.steps += turned(on, word, self.angle(item.params[0]), at)
                continue
            fixed = self.known.get((item.name, on)) if item.is_standard_gate() else None
            if fixed is not None:
                self.steps += fixed
                continue
            start = len(self.steps)
            self.operation(item.operation, on, tuple([places[c] for c in item.clbits]), places, at)
            made = self.steps[start:]
            if item.is_standard_gate() and not item.params and all(isinstance(s, Local | Linear) for s in made):
                self.known[item.name, on] = tuple(made)

    def operation(
        self, op: Operation, on: tuple[int, ...], into: tuple[int, ...], places: Mapping[Any, int], at: int
    ) -> None:
        """One operation that is no plain rotation met before."""
        kind = standard_class(op)
        if kind in WORDS:
            self.steps += turned(on, WORDS[kind], self.angle(op.params[0]), at)
        elif kind:
            self.gate(op, kind, on, at)
        elif isinstance(op, Measure):
            self.measure(on[0], self.bit(into[0]))
        elif isinstance(op, QiskitReset):
            self.steps.append(Reset(on[0]))
        elif isinstance(op, ControlFlowOp | Store):
            self.flow(op, on, into, places, at)
        elif isinstance(op, Barrier | Delay):
            return
        elif is_leaf(op):
            self.other(op, (*on, *map(self.bit, into)), at)
        else:
            self.circuit(op.definition, on, into, at)

    def bit(self, k: int) -> int:
        """The wire of a classical bit."""
        return self.bits.setdefault(k, self.qubits + len(self.bits))

    def measure(self, wire: int, bit: int) -> None:
        self.steps += (Reset(bit), Linear((wire, bit), rows_of_gate("CXGate")), Dephase(wire), Dephase(bit))

    def angle(self, value: Any) -> Angle:
        if isinstance(value, Parameter):
            name = value.name
            if name not in self.values:
                found = self.angles.get(name)
                if found is None:
                    found = self.angles[name] = parameter(name)
                return found
        angle = expanded(angle_of(value))
        for name, number in self.values.items():
            angle = substitute(angle, name, number)
        return angle

    def gate(self, op: Operation, kind: str, wires: tuple[int, ...], top: int) -> None:
        """A standard gate that is no plain rotation."""
        params = tuple(op.params)
        if any(isinstance(p, ParameterExpression) for p in params):
            self.rotations(op, wires, top)
            return
        map_ = clifford(kind, getattr(op, "num_ctrl_qubits", 0), getattr(op, "ctrl_state", -1), params)
        if map_ is None:
            self.rotations(op, wires, top)
        else:
            self.steps += placed(wires, *map_)

    def rotations(self, op: Operation, wires: tuple[int, ...], top: int) -> None:
        """A gate by its rotation form, and as `Unknown` where it has none."""
        try:
            for step in list(steps_of(op, wires)):
                if isinstance(step, Clifford):
                    self.steps += placed(step.wires, *named(step.name))
                else:
                    angle = step.angle
                    for name, number in self.values.items():
                        angle = substitute(angle, name, number)
                    self.steps += turned(step.wires, step.letters, angle, top)
        except Undecidable as refusal:
            self.unknown(op, wires, refusal.sentence, top)

    def other(self, op: Operation, wires: tuple[int, ...], top: int) -> None:
        """A matrix, or an operation that nobody knows."""
        if isinstance(op, UnitaryGate) and len(wires) <= MAX_WIRES:
            try:
                matrix = unitary(op)
                rows = rows_of(matrix)
            except Undecidable:
                rows = None
            if rows is not None:
                self.steps += placed(wires, rows, turn_of(matrix))
                return
            self.rotations(op, wires, top)
            return
        self.unknown(op, wires, f"what `{op.name}` does has no rotation form", top)

    def unknown(self, op: Operation, wires: tuple[int, ...], reason: str, top: int) -> None:
        names = _names(op) - self.values.keys()
        self.steps.append(Unknown(tuple(dict.fromkeys(wires)), frozenset(names), reason, top))

    # -------------------------------------------------------------------------- control flow

    def flow(
        self, op: Operation, wires: tuple[int, ...], bits: tuple[int, ...], places: Mapping[Any, int], top: int
    ) -> None:
        """Loops unrolled, boxes opened, Pauli gates under a parity of bits; all else is unknown."""
        if _holds(op, Store | BreakLoopOp | ContinueLoopOp):
            raise Undecidable("stores to classical memory and loops that are left early are not followed here")
        if isinstance(op, BoxOp):
            self.circuit(op.blocks[0], wires, bits, top)
        elif isinstance(op, ForLoopOp):
            for turn in turns_of(op):
                outer = self.values
                self.values = {**outer, **turn.parameter}
                self.circuit(turn.body, wires, bits, top)
                self.values = outer
        elif isinstance(op, IfElseOp | SwitchCaseOp):
            self.branches(op, wires, bits, places, top)
        else:
            self.unknown(op, (*wires, *map(self.bit, bits)), f"`{op.name}` has no fixed number of turns", top)

    def branches(
        self,
        op: IfElseOp | SwitchCaseOp,
        wires: tuple[int, ...],
        bits: tuple[int, ...],
        places: Mapping[Any, int],
        top: int,
    ) -> None:
        arms = list(branches_of(op, places))
        read = {k for _, condition in arms for k in condition.bits}
        mark = len(self.steps)
        try:
            for body, condition in arms:
                self.arm(body, condition, wires, bits, top)
        except _NoForm as refusal:
            del self.steps[mark:]
            self.unknown(op, (*wires, *map(self.bit, sorted({*bits, *read}))), str(refusal), top)

    def arm(
        self, body: QuantumCircuit, condition: Condition, wires: tuple[int, ...], bits: tuple[int, ...], top: int
    ) -> None:
        """One body under its condition."""
        leaves_ = [leaf for leaf in leaves(body) if not isinstance(leaf.operation, Barrier | Delay)]
        if not leaves_:
            return
        constant, odd = _parity(condition)
        if not odd:
            if constant:
                self.circuit(body, wires, bits, top)
            return
        for leaf in leaves_:
            kind = standard_class(leaf.operation)
            if kind in ("IGate", "GlobalPhaseGate"):
                continue
            if kind not in _PAULIS:
                raise _NoForm(_why(leaf.operation))
            for k in odd:
                on = self.bit(k), wires[leaf.qubits[0]]
                self.steps.append(Linear(on, rows_of_gate(_PAULIS[kind])))


class _NoForm(Exception):
    """A body whose gates under a condition have no form here."""


def _why(op: Operation) -> str:
    if getattr(op, "params", None) and standard_class(op):
        return f"`{op.name}` under a measured bit is two rotations that share one angle"
    return f"`{op.name}` under a measured bit is no Clifford gate"


def _parity(condition: Condition) -> tuple[bool, tuple[int, ...]]:
    """(c, bits) where the condition is c xor the parity of the bits."""
    bits = condition.bits
    if len(bits) > MAX_CONDITION_BITS:
        raise _NoForm(f"a condition reads {len(bits)} bits")
    constant = condition.holds(0)
    odd = tuple(k for k in bits if condition.holds(1 << k) != constant)
    for chosen in product((0, 1), repeat=len(bits)):
        memory = sum(1 << k for k, one in zip(bits, chosen, strict=True) if one)
        expected = constant ^ bool(sum(memory >> k & 1 for k in odd) & 1)
        if condition.holds(memory) != expected:
            raise _NoForm("a condition is no parity of bits")
    return constant, odd


def _holds(op: Operation, kinds: Any) -> bool:
    """Whether an operation or anything in its bodies is of these kinds."""
    return isinstance(op, kinds) or any(
        _holds(item.operation, kinds) for body in getattr(op, "blocks", ()) for item in body.data
    )


def _names(op: Operation) -> set[str]:
    """Every parameter that an operation mentions."""
    found: set[str] = set()
    for p in getattr(op, "params", ()):
        if isinstance(p, ParameterExpression | QuantumCircuit):
            found |= {q.name for q in p.parameters}
    base = getattr(op, "base_op", None)  # of an annotated operation
    return found | _names(base) if base is not None else found
