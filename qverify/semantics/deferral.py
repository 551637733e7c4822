"""The deferred-measurement form of a dynamic circuit: static, with fresh ancillas and quantum controls.

    measure q -> c      CX from q onto a fresh wire in |0>, which is bit c from then on
    reset q             q continues on a fresh wire in |0>; the old wire is traced out
    if f(c): body       a fresh wire holds f (one multi-controlled X for every satisfying value), and controls body
    measure, under f    the fresh wire takes the outcome where f holds and the old bit where it does not
    c = f(c, d)         one fresh wire holds each bit of f, as a condition; under g, the old bit where g does not
    while f(c): body    if f(c): { body; if f(c): { body; ... } }, as deep as reachable values of the memory allow
    reset, under f      a swap with a fresh wire, controlled by f

No wire that stands for a classical value is ever changed again, so measuring it at the end is measuring it then.
A place of the memory that holds the same value on every path needs no wire; a loop that only counts needs none.
Source: Nielsen and Chuang (2010), sec. 4.4, principle of deferred measurement; ancilla count: one for each
measurement, reset, branch and stored bit. Loops are unrolled; a loop without a known bound is undecided.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from qiskit.circuit import (
    Barrier,
    ControlFlowOp,
    Delay,
    IfElseOp,
    Measure,
    Operation,
    ParameterExpression,
    QuantumCircuit,
    Reset,
    Store,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.classical import expr
from qiskit.circuit.library import CCXGate, CXGate, PhaseGate, SwapGate, UnitaryGate, XGate

from qverify.errors import Undecidable
from qverify.semantics.binding import bind
from qverify.semantics.choices import Condition, branches_of, stored_bit
from qverify.semantics.conditions import bits_read
from qverify.semantics.controlled import controlled
from qverify.semantics.memory import Scope, given, left, outermost, within
from qverify.semantics.reach import START, Memories, Reach, sources, targets
from qverify.semantics.run import Turn, bodies, while_loop
from qverify.structure import is_leaf, standard_class

MAX_WIRES = 4096
MAX_CONDITION_BITS = 12
ONE = -1  # in place of a wire: the value 1 on every path; None is the value 0


@dataclass(frozen=True)
class Deferred:
    """A static circuit and where to find the original's wires in it.

    gates, width, phase: gates with their wires, number of wires, global phase; from `inputs` on they start in |0>.
    inputs: number of wires of the original; they are wires 0 .. inputs - 1 at the start.
    outputs: the wire on which each original wire ends.
    records: the wire that holds each classical bit at the end, None where it was never written (0).
    """

    gates: tuple[tuple[Operation, list[int]], ...]
    width: int
    phase: float | ParameterExpression
    inputs: int
    outputs: tuple[int, ...]
    records: tuple[int | None, ...]

    @cached_property
    def circuit(self) -> QuantumCircuit:
        """The static circuit."""
        static = QuantumCircuit(self.width, global_phase=self.phase)
        for operation, on in self.gates:
            static.append(operation, on)
        return static

    @property
    def ancillas(self) -> tuple[int, ...]:
        """The fresh wires."""
        return tuple(range(self.inputs, self.width))

    @property
    def discarded(self) -> tuple[int, ...]:
        """The wires that are neither an output nor a record at the end."""
        kept = {*self.outputs, *(r for r in self.records if r is not None)}
        return tuple(k for k in range(self.width) if k not in kept)

    def measured(self) -> QuantumCircuit:
        """The whole as a circuit: records measured at the end, the original's wires back in their places."""
        whole = QuantumCircuit(self.width, len(self.records))
        whole.compose(self.circuit, inplace=True)
        at = list(range(whole.num_qubits))  # at[w]: where the content of wire w is now
        for k, wire in enumerate(self.outputs):
            j = at.index(wire) if at[k] != wire else k
            if j != k:
                whole.swap(j, k)
                at[j], at[k] = at[k], at[j]
        for bit, record in enumerate(self.records):
            if record is not None:
                whole.measure(at.index(record), bit)
        return whole


def defer(circuit: QuantumCircuit) -> Deferred:
    """The deferred-measurement form of a circuit; its angles may hold parameters.

    Raises:
        Undecidable: a loop has no known bound, a condition reads too many bits, or too many ancillas are needed.
    """
    scope = outermost(circuit)
    try:
        work = _deferred(circuit, scope, None)
    except _NeedsReach:
        work = _deferred(circuit, scope, Reach(circuit, scope))
    records = tuple(work.final(k) for k in range(circuit.num_clbits))
    return Deferred(tuple(work.operations), work.width, work.phase, circuit.num_qubits, tuple(work.wire), records)


class _NeedsReach(Exception):
    """There is a `while`, whose turns follow from what the memory can hold."""


def _deferred(circuit: QuantumCircuit, scope: Scope, reach: Reach | None) -> _Deferral:
    work = _Deferral(circuit.num_qubits, reach)
    work.body(circuit, {q: k for k, q in enumerate(circuit.qubits)}, scope, None)
    return work


class _Deferral:
    """The walk: `wire[k]` is where original wire k is now, `record[c]` the wire (or ONE) of place c of the memory.

    possible: the memories that can be reached here, on the places that matter to `while` loops.
    """

    def __init__(self, n: int, reach: Reach | None) -> None:
        self.width = n
        self.wire = list(range(n))
        self.record: dict[int, int | None] = {}
        self.operations: list[tuple[Operation, list[int]]] = []
        self.phase: float | ParameterExpression = 0.0
        self.reach = reach
        self.possible: Memories = START

    def fresh(self) -> int:
        if self.width >= MAX_WIRES:
            raise Undecidable(f"its deferred form needs more than {MAX_WIRES} wires")
        self.width += 1
        return self.width - 1

    def body(self, circuit: QuantumCircuit, wires: dict[Any, int], scope: Scope, when: int | None) -> None:
        self.shift(circuit.global_phase, when)
        for item in circuit.data:
            on, into = [wires[q] for q in item.qubits], [scope.places[c] for c in item.clbits]
            self.operation(item.operation, on, into, scope, when)
            if self.reach is not None and isinstance(item.operation, Measure | Store):
                self.possible = self.reach.after(item.operation, into, self.possible, scope)

    def turn(self, turn: Turn, on: list[int], into: list[int], scope: Scope, when: int | None) -> None:
        """One execution of a body or a definition, whose own variables start and end with it."""
        inner = within(scope, turn.body, into, turn.variable)
        for place in range(scope.top, inner.top):
            self.record[place] = None
        if turn.variable is not None:
            self.give(turn.variable, turn.value, inner)
        body = bind(turn.body, turn.parameter) if turn.parameter else turn.body
        self.body(body, dict(zip(turn.body.qubits, on, strict=True)), inner, when)
        self.possible = frozenset(left(memory, scope) for memory in self.possible)

    def give(self, variable: expr.Var, value: int, scope: Scope) -> None:
        """Write a loop's variable; nothing outside the body reads it, so no condition is needed."""
        written = given(variable, value, 0, scope)
        for place in range(written.bit_length()):
            if written >> place & 1:
                self.record[place] = ONE
        if self.reach is not None:
            mask = self.reach.mask
            self.possible = frozenset(given(variable, value, m, scope) & mask for m in self.possible)

    def shift(self, phase: float | ParameterExpression, when: int | None) -> None:
        if when is None:
            self.phase = self.phase + phase
        elif phase != 0.0:
            self.operations.append((PhaseGate(phase), [when]))

    def operation(self, op: Operation, on: list[int], into: list[int], scope: Scope, when: int | None) -> None:
        if isinstance(op, Barrier | Delay):
            return
        if isinstance(op, Measure):
            self.measure(on[0], into[0], when)
        elif isinstance(op, Reset):
            self.reset(on[0], when)
        elif isinstance(op, Store):
            self.store(op, scope, when)
        elif isinstance(op, WhileLoopOp):
            self.while_loop(op, on, into, scope, when)
        elif isinstance(op, IfElseOp | SwitchCaseOp):
            self.branch(op, on, into, scope, when)
        elif isinstance(op, ControlFlowOp):
            for turn in bodies(op, 0, scope.places):  # a loop or a box, which read nothing
                self.turn(turn, on, into, scope, when)
        elif when is None and not into and not _hides_measurement(op):  # no gate has classical bits
            self.operations.append((op, [self.wire[k] for k in on]))
        elif standard_class(op) or isinstance(op, UnitaryGate):
            wires = [_known(when), *(self.wire[k] for k in on)]
            self.operations += [(gate, [wires[k] for k in at]) for gate, at in controlled(op)]
        else:
            definition = op.definition
            if definition is None:
                raise Undecidable(f"the operation `{op.name}` has no definition, so what it does is unknown")
            self.turn(Turn(definition), on, into, scope, when)

    def measure(self, k: int, bit: int, when: int | None) -> None:
        into, old = self.fresh(), self.record.get(bit)
        self.operations.append((CXGate() if when is None else CCXGate(), [*_all(when), self.wire[k], into]))
        self.otherwise(when, old, into)
        self.record[bit] = into

    def otherwise(self, when: int | None, old: int | None, into: int) -> None:
        """Give a fresh wire the old value of its place where `when` does not hold."""
        if when is None or old is None or old == when:  # a place that is its own condition is 0 elsewhere
            return
        if old == ONE:
            self.operations.append((XGate().control(1, ctrl_state=0), [when, into]))
        else:
            self.operations.append((XGate().control(2, ctrl_state=0b10), [when, old, into]))

    def final(self, place: int) -> int | None:
        """The wire of a place at the end."""
        if self.record.get(place) == ONE:
            self.record[place] = self.fresh()
            self.operations.append((XGate(), [_known(self.record[place])]))
        return self.record.get(place)

    def reset(self, k: int, when: int | None) -> None:
        fresh = self.fresh()
        if when is None:
            self.wire[k] = fresh
        else:
            self.operations.append((SwapGate().control(1), [when, self.wire[k], fresh]))

    def store(self, op: Store, scope: Scope, when: int | None) -> None:
        read, written = sources(op, scope), targets(op, scope)
        if isinstance(op.lvalue, expr.Index):
            read = (*read, *written)  # all but one of what is indexed stays as it is
        wires = [
            self.stored(stored_bit(op, tuple(sorted({*read})), place, scope), place, when) for place in written
        ]
        self.record.update(zip(written, wires, strict=True))

    def stored(self, value: Condition, place: int, when: int | None) -> int | None:
        """A wire that holds the new value of a place where `when` holds, and its old value where it does not."""
        old, known = self.record.get(place), self.decided(value)
        if known is not None and (when is None or old == (ONE if known else None)):
            return ONE if known else None
        into = self.truth(value, when)
        self.otherwise(when, old, into)
        return into

    def read(self, condition: Condition) -> tuple[list[int], int]:
        """The places with wires that a condition reads, and the memory of those that hold 1 on every path."""
        ones = sum(1 << place for place in condition.bits if self.record.get(place) == ONE)
        return [place for place in condition.bits if self.record.get(place) not in (None, ONE)], ones

    def decided(self, condition: Condition) -> bool | None:
        """Whether a condition holds, where that is the same on every path."""
        places, ones = self.read(condition)
        return None if places else condition.holds(ones)

    def control(self, condition: Condition, when: int | None) -> tuple[bool, int | None]:
        """Whether `when and condition` can hold, and the wire that says where (None: everywhere)."""
        known = self.decided(condition)
        if known is not None:
            return known, when
        return True, self.truth(condition, when)

    def branch(
        self, op: IfElseOp | SwitchCaseOp, on: list[int], into: list[int], scope: Scope, when: int | None
    ) -> None:
        branches = list(branches_of(op, scope.places))
        # all conditions are read before any body runs: a body may overwrite the bit that chose it
        controls = [self.control(condition, when) for _, condition in branches]
        start, ends, followed = self.possible, self.possible, False
        if self.reach is not None and branches and (followed := self.reach.follows(branches[0][1].bits)):
            ends = frozenset(m for m in start if not any(condition.holds(m) for _, condition in branches))
        for (body, condition), (can, control) in zip(branches, controls, strict=True):
            self.possible = frozenset(filter(condition.holds, start)) if followed else start
            if can and self.possible:
                self.turn(Turn(body), on, into, scope, control)
                ends |= self.possible
        self.possible = ends

    def while_loop(self, op: WhileLoopOp, on: list[int], into: list[int], scope: Scope, when: int | None) -> None:
        if self.reach is None:
            raise _NeedsReach
        goes_on, turn = while_loop(op, scope.places)
        condition = Condition(bits_read(op.condition, scope.places), goes_on)
        ends: Memories = frozenset()
        for _ in range(self.reach.turns(op, into, self.possible, scope)):
            ends |= frozenset(memory for memory in self.possible if not goes_on(memory))
            self.possible -= ends
            can, when = self.control(condition, when)
            if not can:
                break
            self.turn(turn, on, into, scope, when)
        self.possible |= ends

    def truth(self, condition: Condition, when: int | None) -> int:
        """A fresh wire that holds `when and condition`."""
        read, ones = self.read(condition)
        if len(read) > MAX_CONDITION_BITS:
            raise Undecidable(f"a condition reads {len(read)} bits (at most {MAX_CONDITION_BITS})")
        if when is None and len(read) == 1 and condition.holds(ones | 1 << read[0]) and not condition.holds(ones):
            return _known(self.record[read[0]])  # no wire that holds a record is ever changed
        into = self.fresh()
        wires = [_known(self.record[bit]) for bit in read]  # one may be the outer condition, and is one control
        for values in product((0, 1), repeat=len(read)):
            if not condition.holds(ones | sum(v << bit for v, bit in zip(values, read, strict=True))):
                continue
            controls = dict.fromkeys(_all(when), 1)
            if any(controls.setdefault(wire, v) != v for wire, v in zip(wires, values, strict=True)):
                continue
            state = sum(v << j for j, v in enumerate(controls.values()))
            gate = XGate().control(len(controls), ctrl_state=state) if controls else XGate()
            self.operations.append((gate, [*controls, into]))
        return into


def _hides_measurement(op: Operation) -> bool:
    """Whether a composite operation contains anything but gates."""
    if is_leaf(op):
        return False
    return any(
        isinstance(item.operation, Measure | Reset | Store | ControlFlowOp) or _hides_measurement(item.operation)
        for item in op.definition.data
        if not isinstance(item.operation, Barrier | Delay)
    )


def _all(when: int | None) -> list[int]:
    return [] if when is None else [when]


def _known(wire: int | None) -> int:
    if wire is None:
        raise AssertionError("a condition bit without a wire")
    return wire
