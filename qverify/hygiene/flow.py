"""What is surely known of wires and bits, at any number of wires, without a state vector.

Forward over the steps, for every path at once:

    records   the values that the classical memory may have, on the bits that some condition reads
    value     of a wire: surely |0>, surely |1>, surely |bit>, or unknown
    cluster   wires that may be entangled or share chance; given the memory, clusters are in a product state
    private   given the memory, a cluster's state is a function of the weights alone

A control in |0> does nothing, one in |bit> is a classical condition, a measured wire leaves its cluster. A wire
that is alone in a private cluster and is measured is a coin: nothing that comes in moves it, and nothing that is
left feels it. Source: abstract interpretation, Cousot and Cousot, POPL 1977; the domain is this project's own.
Sound: what is said holds for all weights, features and inputs. Cost: O(steps * (wires + records)).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from qiskit.circuit import ControlledGate

from qverify.hygiene.program import Branch, Program, Step, executions
from qverify.structure import standard_class

MAX_RECORDS = 4096
_DIAGONAL = frozenset({
    "IGate", "ZGate", "SGate", "SdgGate", "TGate", "TdgGate", "RZGate", "PhaseGate", "U1Gate", "CZGate",
    "CPhaseGate", "CU1Gate", "CRZGate", "CSGate", "CSdgGate", "CCZGate", "RZZGate", "MCPhaseGate",
})  # fmt: skip
_FLIPS = frozenset({"XGate", "YGate", "CXGate", "CYGate", "CCXGate", "C3XGate", "C4XGate"})


class Held(NamedTuple):
    """A wire is in the basis state that a classical bit says."""

    bit: int


Value = int | Held | None


@dataclass
class Flow:
    """What is known before each step.

    records: of a branch, the possible records on the bits that conditions read; None: any.
    values: of the wires of a gate, measurement or reset.
    coins: the measurements of a wire alone in a private cluster.
    unreachable: the steps that no path reaches.
    """

    records: dict[Step, frozenset[int] | None] = field(default_factory=dict)
    values: dict[Step, tuple[Value, ...]] = field(default_factory=dict)
    coins: set[Step] = field(default_factory=set)
    unreachable: set[Step] = field(default_factory=set)


@dataclass(frozen=True)
class _Cluster:
    wires: frozenset[int]
    private: bool
    bits: frozenset[int]  # classical bits that its state depends on


@dataclass
class _State:
    records: frozenset[int] | None
    values: list[Value]
    clusters: list[_Cluster]  # a partition of the wires

    def copy(self) -> _State:
        return _State(self.records, list(self.values), list(self.clusters))

    def cluster(self, wire: int) -> _Cluster:
        return next(c for c in self.clusters if wire in c.wires)

    def isolate(self, wire: int, bits: frozenset[int]) -> None:
        """The wire alone, in a state that these bits say."""
        old = self.cluster(wire)
        self.clusters.remove(old)
        if len(old.wires) > 1:
            self.clusters.append(_Cluster(old.wires - {wire}, old.private, old.bits | bits))
        self.clusters.append(_Cluster(frozenset([wire]), True, bits))

    def merge(self, chosen: Sequence[_Cluster], private: bool, bits: frozenset[int]) -> None:
        if not chosen:
            return
        for each in chosen:
            self.clusters.remove(each)
        self.clusters.append(_merged(chosen, private, bits))

    def forget(self, bit: int) -> None:
        """A bit is about to be written: what depended on its old value now shares a lost chance."""
        self.values = [None if v == Held(bit) else v for v in self.values]
        self.merge([c for c in self.clusters if bit in c.bits], False, frozenset())


def _merged(chosen: Iterable[_Cluster], private: bool, bits: frozenset[int]) -> _Cluster:
    all_of = list(chosen)
    return _Cluster(
        frozenset[int]().union(*(c.wires for c in all_of)),
        private and all(c.private for c in all_of),
        bits.union(*(c.bits for c in all_of)),
    )


def flow_of(program: Program) -> Flow:
    """What is surely known before each step of a program."""
    read = {bit for step in executions(program.steps) if step.branch for bit in step.branch.bits}
    values: list[Value] = [0 if k in program.zero else None for k in range(program.n)]
    clusters = [_Cluster(frozenset([k]), True, frozenset()) for k in sorted(program.zero)]
    if program.free:
        clusters.append(_Cluster(frozenset(program.free), False, frozenset()))
    interpreter = _Interpreter(program.data, frozenset(read), Flow())
    interpreter.steps(program.steps, _State(frozenset([0]), values, clusters))
    return interpreter.flow


@dataclass
class _Interpreter:
    data: frozenset[str]
    read: frozenset[int]
    flow: Flow

    def steps(self, steps: Sequence[Step], state: _State) -> _State:
        for step in steps:
            if step.branch is not None:
                self.flow.records[step] = state.records
                state = self.branch(step, step.branch, state)
                continue
            self.flow.values[step] = tuple(state.values[k] for k in step.wires)
            if step.kind == "measure":
                self.measure(step, state)
            elif step.kind == "reset":
                state.isolate(step.wires[0], frozenset())
                state.values[step.wires[0]] = 0
            else:
                self.gate(step, state)
        return state

    def measure(self, step: Step, state: _State) -> None:
        wire, bit = step.wires[0], step.bit
        value = state.values[wire]
        cluster = state.cluster(wire)
        if value is None and cluster.private and len(cluster.wires) == 1:
            self.flow.coins.add(step)
        if bit in self.read and state.records is not None:
            state.records = _limited({after for r in state.records for after in _written(r, bit, value, self.read)})
        state.forget(bit)
        state.isolate(wire, frozenset([bit]))
        state.values[wire] = value if value in (0, 1) else Held(bit)

    def gate(self, step: Step, state: _State) -> None:
        op = step.operation
        kind = standard_class(op)
        if kind == "SwapGate":
            self.swap(step, state)
            return
        controls = op.num_ctrl_qubits if isinstance(op, ControlledGate) and kind else 0
        said: set[int] = set()
        left: list[int] = []
        for place, wire in enumerate(step.wires):
            value = state.values[wire]
            if value is None or not (place < controls or kind in _DIAGONAL):
                left.append(wire)
            elif isinstance(value, Held):
                said.add(value.bit)
            elif isinstance(op, ControlledGate) and place < controls and value != op.ctrl_state >> place & 1:
                return
        if not left:
            return  # a phase, which nothing feels
        target = step.wires[-1]
        flips = kind in _FLIPS and left == [target] and not said and state.values[target] in (0, 1)
        new = 1 - state.values[target] if flips else None  # type: ignore[operator]  # it is 0 or 1
        for wire in left:
            state.values[wire] = new
        touched = [c for c in state.clusters if not c.wires.isdisjoint(left)]
        state.merge(touched, not step.parameters & self.data, frozenset(said))

    def swap(self, step: Step, state: _State) -> None:
        a, b = step.wires
        state.values[a], state.values[b] = state.values[b], state.values[a]
        other = {a: b, b: a}
        state.clusters = [
            _Cluster(frozenset(other.get(k, k) for k in c.wires), c.private, c.bits) for c in state.clusters
        ]

    def branch(self, step: Step, branch: Branch, before: _State) -> _State:
        ends: list[_State] = []
        for index, arm in enumerate(branch.arms):
            state = before.copy()
            if before.records is not None:
                state.records = frozenset(r for r in before.records if branch.chosen(r) == index)
                if not state.records:
                    self.flow.unreachable.update(executions(arm))
                    continue
                state.values = [_refined(v, state.records, self.read) for v in state.values]
            ends.append(self.steps(arm, state))
        lost = {s.bit for s in executions([step]) if s.kind == "measure"} & set(branch.bits)
        return _joined(before, ends, _Around(frozenset(step.wires), frozenset(branch.bits), bool(lost), self.read))


def _written(record: int, bit: int, value: Value, read: frozenset[int]) -> Iterable[int]:
    if isinstance(value, Held):
        known = (record >> value.bit & 1,) if value.bit in read else (0, 1)
    else:
        known = (0, 1) if value is None else (value,)
    return [record & ~(1 << bit) | v << bit for v in known]


def _limited(records: set[int]) -> frozenset[int] | None:
    return frozenset(records) if len(records) <= MAX_RECORDS else None


def _refined(value: Value, records: frozenset[int], read: frozenset[int]) -> Value:
    """What a condition that these records meet says of a wire in the state of a bit; records hold no other bits."""
    if not isinstance(value, Held) or value.bit not in read:
        return value
    seen = {record >> value.bit & 1 for record in records}
    return seen.pop() if len(seen) == 1 else value


@dataclass(frozen=True)
class _Around:
    """A branch from outside: wires some arm acts on, its bits, whether an arm writes one, all bits ever read."""

    touched: frozenset[int]
    bits: frozenset[int]
    lost: bool
    read: frozenset[int]


def _joined(before: _State, ends: list[_State], around: _Around) -> _State:
    records: frozenset[int] | None = frozenset[int]()
    for end in ends:
        records = None if records is None or end.records is None else _limited({*records, *end.records})
    values = [_same([(e.values[k], e.records) for e in ends], v, around.read) for k, v in enumerate(before.values)]
    clusters: list[_Cluster] = []
    for each in (c for end in ends for c in end.clusters):
        met = [c for c in clusters if not c.wires.isdisjoint(each.wires)]
        clusters = [c for c in clusters if c not in met] + [_merged([*met, each], True, frozenset())]
    joined = _State(records, values, clusters)
    felt = [c for c in clusters if not c.wires.isdisjoint(around.touched)]
    if around.lost:
        joined.merge(felt, False, frozenset())
    else:
        joined.clusters = [_merged([c], True, around.bits) if c in felt else c for c in clusters]
    return joined


def _same(ends: Sequence[tuple[Value, frozenset[int] | None]], before: Value, read: frozenset[int]) -> Value:
    """The value of a wire after a branch: where all arms agree, or where each is what the same bit says."""
    values: Mapping[Value, None] = dict.fromkeys(value for value, _ in ends)
    if len(values) == 1:
        return next(iter(values))
    if isinstance(before, Held) and all(
        value == before
        or (records is not None and isinstance(value, int) and _refined(before, records, read) == value)
        for value, records in ends
    ):
        return before
    return None
