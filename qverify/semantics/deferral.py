"""The deferred-measurement form of a dynamic circuit: static, with fresh ancillas and quantum controls.

    measure q -> c      CX from q onto a fresh wire in |0>, which is bit c from then on
    reset q             q continues on a fresh wire in |0>; the old wire is traced out
    if f(c): body       a fresh wire holds f (one multi-controlled X for every satisfying value), and controls body
    measure, under f    the fresh wire takes the outcome where f holds and the old bit where it does not
    reset, under f      a swap with a fresh wire, controlled by f

No wire that stands for a classical value is ever changed again, so measuring it at the end is measuring it then.
Source: Nielsen and Chuang (2010), sec. 4.4, principle of deferred measurement; ancilla count: one for each
measurement, reset and branch. Loops are unrolled; a loop without a known bound is undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from qiskit.circuit import (
    Barrier,
    BoxOp,
    ControlFlowOp,
    Delay,
    ForLoopOp,
    IfElseOp,
    Measure,
    Operation,
    ParameterExpression,
    QuantumCircuit,
    Reset,
    SwitchCaseOp,
)
from qiskit.circuit.library import PhaseGate, SwapGate, UnitaryGate, XGate

from qverify.errors import Undecidable
from qverify.semantics.binding import bind
from qverify.semantics.conditions import bits_read, holds, target_value
from qverify.semantics.run import leaves_early
from qverify.structure import is_leaf, standard_class

MAX_WIRES = 4096
MAX_CONDITION_BITS = 12


@dataclass(frozen=True)
class Deferred:
    """A static circuit and where to find the original's wires in it.

    circuit: gates only, no measurement; all wires from `inputs` on start in |0>.
    inputs: number of wires of the original; they are wires 0 .. inputs - 1 at the start.
    outputs: the wire on which each original wire ends.
    records: the wire that holds each classical bit at the end, None where it was never written (0).
    """

    circuit: QuantumCircuit
    inputs: int
    outputs: tuple[int, ...]
    records: tuple[int | None, ...]

    @property
    def ancillas(self) -> tuple[int, ...]:
        """The fresh wires."""
        return tuple(range(self.inputs, self.circuit.num_qubits))

    @property
    def discarded(self) -> tuple[int, ...]:
        """The wires that are neither an output nor a record at the end."""
        kept = {*self.outputs, *(r for r in self.records if r is not None)}
        return tuple(k for k in range(self.circuit.num_qubits) if k not in kept)

    def measured(self) -> QuantumCircuit:
        """The whole as a circuit: records measured at the end, the original's wires back in their places."""
        whole = QuantumCircuit(self.circuit.num_qubits, len(self.records))
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
    work = _Deferral(circuit.num_qubits, circuit.num_clbits)
    wires = {q: k for k, q in enumerate(circuit.qubits)}
    bits = {c: k for k, c in enumerate(circuit.clbits)}
    work.body(circuit, wires, bits, None)
    static = QuantumCircuit(work.width, global_phase=work.phase)
    for operation, on in work.operations:
        static.append(operation, on)
    return Deferred(static, circuit.num_qubits, tuple(work.wire), tuple(work.record))


class _Deferral:
    """The walk: `wire[k]` is where original wire k is now, `record[c]` where the value of bit c is kept."""

    def __init__(self, n: int, n_bits: int) -> None:
        self.width = n
        self.wire = list(range(n))
        self.record: list[int | None] = [None] * n_bits
        self.operations: list[tuple[Operation, list[int]]] = []
        self.phase: float | ParameterExpression = 0.0

    def fresh(self) -> int:
        if self.width >= MAX_WIRES:
            raise Undecidable(f"its deferred form needs more than {MAX_WIRES} wires")
        self.width += 1
        return self.width - 1

    def body(self, circuit: QuantumCircuit, wires: dict[Any, int], bits: dict[Any, int], when: int | None) -> None:
        self.shift(circuit.global_phase, when)
        for item in circuit.data:
            on, into = [wires[q] for q in item.qubits], [bits[c] for c in item.clbits]
            self.operation(item.operation, on, into, bits, when)

    def shift(self, phase: float | ParameterExpression, when: int | None) -> None:
        if when is None:
            self.phase = self.phase + phase
        elif phase != 0.0:
            self.operations.append((PhaseGate(phase), [when]))

    def operation(
        self, op: Operation, on: list[int], into: list[int], bits: dict[Any, int], when: int | None
    ) -> None:
        if isinstance(op, Barrier | Delay):
            return
        if isinstance(op, Measure):
            self.measure(on[0], into[0], when)
        elif isinstance(op, Reset):
            self.reset(on[0], when)
        elif isinstance(op, ControlFlowOp):
            self.control_flow(op, on, into, bits, when)
        elif when is None and not into and not _hides_measurement(op):  # no gate has classical bits
            self.operations.append((op, [self.wire[k] for k in on]))
        elif standard_class(op) or isinstance(op, UnitaryGate):
            controlled = op.control(1, annotated=False)
            self.operations.append((controlled, [_known(when), *(self.wire[k] for k in on)]))
        else:
            definition = op.definition
            if definition is None:
                raise Undecidable(f"the operation `{op.name}` has no definition, so what it does is unknown")
            inner = dict(zip(definition.clbits, into, strict=True))
            self.body(definition, dict(zip(definition.qubits, on, strict=True)), inner, when)

    def measure(self, k: int, bit: int, when: int | None) -> None:
        into, old = self.fresh(), self.record[bit]
        self.operations.append((XGate().control(1 if when is None else 2), [*_all(when), self.wire[k], into]))
        if when is not None and old is not None and old != when:  # a bit that is 0 where it is its own condition
            self.operations.append((XGate().control(2, ctrl_state=0b10), [when, old, into]))
        self.record[bit] = into

    def reset(self, k: int, when: int | None) -> None:
        fresh = self.fresh()
        if when is None:
            self.wire[k] = fresh
        else:
            self.operations.append((SwapGate().control(1), [when, self.wire[k], fresh]))

    def control_flow(
        self, op: ControlFlowOp, on: list[int], into: list[int], bits: dict[Any, int], when: int | None
    ) -> None:
        branches = list(_branches(op, bits))
        # all conditions are read before any body runs: a body may overwrite the bit that chose it
        controls = [when if condition is None else self.truth(condition, when) for _, condition in branches]
        for (body, _), control in zip(branches, controls, strict=True):
            inner = dict(zip(body.qubits, on, strict=True)), dict(zip(body.clbits, into, strict=True))
            self.body(body, *inner, control)

    def truth(self, condition: _Condition, when: int | None) -> int:
        """A fresh wire that holds `when and condition`."""
        read = [bit for bit in condition.bits if self.record[bit] is not None]
        if len(read) > MAX_CONDITION_BITS:
            raise Undecidable(f"a condition reads {len(read)} bits (at most {MAX_CONDITION_BITS})")
        if when is None and len(read) == 1 and condition.holds(1 << read[0]) and not condition.holds(0):
            return _known(self.record[read[0]])  # no wire that holds a record is ever changed
        into = self.fresh()
        wires = [_known(self.record[bit]) for bit in read]
        for values in product((0, 1), repeat=len(read)):
            if not condition.holds(sum(v << bit for v, bit in zip(values, read, strict=True))):
                continue
            controls = dict.fromkeys(
                _all(when), 1
            )  # a record may itself be the outer condition, and is one control
            if any(controls.setdefault(wire, v) != v for wire, v in zip(wires, values, strict=True)):
                continue
            if not controls:
                self.operations.append((XGate(), [into]))
                continue
            state = sum(v << j for j, v in enumerate(controls.values()))
            self.operations.append((XGate().control(len(controls), ctrl_state=state), [*controls, into]))
        return into


@dataclass(frozen=True)
class _Condition:
    bits: tuple[int, ...]  # classical bits it reads
    holds: Callable[[int], bool]  # of the classical record


def _branches(op: ControlFlowOp, bits: Mapping[Any, int]) -> Iterator[tuple[QuantumCircuit, _Condition | None]]:
    """Every body of a control-flow operation, with the condition under which it runs (None: always)."""
    if isinstance(op, IfElseOp):
        test = _Condition(bits_read(op.condition, bits), lambda r: holds(op.condition, r, bits))
        yield op.blocks[0], test
        if len(op.blocks) > 1:
            yield op.blocks[1], _Condition(test.bits, lambda r: not test.holds(r))
    elif isinstance(op, SwitchCaseOp):
        read = bits_read((op.target, 0), bits)
        earlier: list[int | None] = []
        for labels, body in op.cases_specifier():
            values = [int(v) if isinstance(v, int) else None for v in labels]
            yield body, _Condition(read, _case(op.target, bits, values, list(earlier)))
            earlier += values
    elif isinstance(op, ForLoopOp):
        indices, variable, body = op.params
        if leaves_early(body):
            raise Undecidable("a `for` loop with `break` or `continue` has no deferred form here")
        for index in indices:
            yield (body if variable is None else bind(body, {variable: index})), None
    elif isinstance(op, BoxOp):
        yield op.blocks[0], None
    else:
        raise Undecidable(f"`{op.name}` has no bound that is known here, so it has no deferred form")


def _case(
    target: Any, bits: Mapping[Any, int], labels: list[int | None], earlier: list[int | None]
) -> Callable[[int], bool]:
    def chosen(record: int) -> bool:
        value = target_value(target, record, bits)
        return (value in labels or None in labels) and value not in earlier

    return chosen


def _hides_measurement(op: Operation) -> bool:
    """Whether a composite operation contains anything but gates."""
    if is_leaf(op):
        return False
    return any(
        isinstance(item.operation, Measure | Reset | ControlFlowOp) or _hides_measurement(item.operation)
        for item in op.definition.data
        if not isinstance(item.operation, Barrier | Delay)
    )


def _all(when: int | None) -> list[int]:
    return [] if when is None else [when]


def _known(wire: int | None) -> int:
    if wire is None:
        raise AssertionError("a condition bit without a wire")
    return wire
