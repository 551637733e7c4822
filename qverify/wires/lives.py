"""The lives of a circuit's wires, and which must have begun before another can end.

A life is a wire from |0> to its end: a reset ends one and begins the next. It can end, and its place be used again,
if nobody wants its final state: the wire is measured or reset last, was never touched, or is discarded by claim.

    step s must wait for step r < s    if they share a wire on which they are not diagonal in one basis, or a
                                       classical bit that one of them writes
    cone(i)                            the lives that act in a step of life i, or in one that such a step waits for

Life i can end only after all of cone(i) has begun: this is all that bounds the width (`qverify.wires.reuse`).
Barriers and delays are left out, composite gates opened, branches and loops kept whole; gates that no output can
feel, such as those behind the last measurement of a wire, are left out too, unless they hold a parameter. A
circuit starts in |0...0>. Source: DeCross et al., Phys. Rev. X 13, 041057 (2023), arXiv:2210.08039, causal cones.
Cost: O(leaves), with masks of as many bits as there are lives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from qiskit.circuit import (
    Barrier,
    ControlFlowOp,
    Delay,
    Measure,
    Operation,
    QuantumCircuit,
    Reset,
    Store,
    SwitchCaseOp,
)

from qverify.semantics.conditions import bits_read
from qverify.structure import leaves
from qverify.wires.lives_bases import bases

Keeps = Literal["unmeasured", "nothing"]
VARIABLES = "variables"  # stands for all classical variables together


class Step(NamedTuple):
    """One operation: the lives it acts on, in its own order, its classical bits, and the groups it waits for."""

    operation: Operation
    lives: tuple[int, ...]
    clbits: tuple[int, ...]
    waits: tuple[int, ...]


@dataclass(frozen=True)
class Lives:
    """A circuit as lives.

    steps: in the circuit's order. groups: steps that share a place and may change places there.
    wires: the wire of each life. kept: the lives whose final state is an output.
    cones: for each life, the lives that must have begun before it can end, as bits.
    """

    steps: tuple[Step, ...]
    groups: tuple[tuple[int, ...], ...]
    wires: tuple[int, ...]
    kept: frozenset[int]
    cones: tuple[int, ...]

    def of_life(self) -> list[list[int]]:
        """The steps of each life."""
        found: list[list[int]] = [[] for _ in self.wires]
        for k, step in enumerate(self.steps):
            for life in step.lives:
                found[life].append(k)
        return found


class _Part(NamedTuple):
    """A leaf, or a whole composite with control flow in it: wires, bits read and bits written."""

    operation: Operation
    qubits: tuple[int, ...]
    clbits: tuple[int, ...]
    read: frozenset[Any]
    written: frozenset[Any]


def lives(circuit: QuantumCircuit, discarded: Collection[int] = (), keeps: Keeps = "unmeasured") -> Lives:
    """The lives of a circuit that starts in |0...0>.

    Args:
        discarded: wires whose final state nobody uses.
        keeps: "unmeasured" if the final state of every wire that does not end in a measurement or a reset is an
            output, "nothing" if only the classical bits are.

    Raises:
        Undecidable: too many gates once composites are opened.
    """
    parts = list(_parts(circuit))
    outputs = set() if keeps == "nothing" else kept_wires(parts) - set(discarded)
    return _Weaver().woven(list(reversed(list(_felt(reversed(parts), outputs)))), outputs)


def kept_wires(parts: list[_Part]) -> set[int]:
    """The wires on which the last operation is neither a measurement nor a reset."""
    last = {wire: part.operation for part in parts for wire in part.qubits}
    return {wire for wire, op in last.items() if not isinstance(op, Measure | Reset)}


def _parts(circuit: QuantumCircuit) -> Iterator[_Part]:
    places = {bit: k for k, bit in enumerate(circuit.clbits)}
    variables = bool(circuit.num_vars)
    found = list(leaves(circuit))
    whole = {leaf.top for leaf in found if isinstance(leaf.operation, ControlFlowOp | Store)}
    seen: set[int] = set()
    for leaf in found:
        item = circuit.data[leaf.top]
        if leaf.top not in whole:
            if not isinstance(leaf.operation, Barrier | Delay):
                # nothing but a measurement writes, and nothing but control flow and stores reads
                yield _Part(leaf.operation, leaf.qubits, leaf.clbits, frozenset(), frozenset(leaf.clbits))
        elif leaf.top not in seen:
            seen.add(leaf.top)
            qubits = tuple(circuit.find_bit(q).index for q in item.qubits)
            clbits = tuple(places[c] for c in item.clbits)
            yield _whole(item.operation, qubits, clbits, places, variables)


def _whole(
    op: Operation, qubits: tuple[int, ...], clbits: tuple[int, ...], places: dict[Any, int], variables: bool
) -> _Part:
    if variables or isinstance(op, Store):
        everything = frozenset({*places.values(), VARIABLES})
        return _Part(op, qubits, clbits, everything, everything)
    read = set(clbits)
    if isinstance(op, SwitchCaseOp):
        read.update(bits_read((op.target, 0), places))
    elif getattr(op, "condition", None) is not None:
        read.update(bits_read(op.condition, places))
    written = {clbits[k] for k in _written(op)} if isinstance(op, ControlFlowOp) else clbits
    return _Part(op, qubits, clbits, frozenset(read), frozenset(written))


def _written(op: ControlFlowOp) -> set[int]:
    """The positions of the classical bits that the bodies may write."""
    found: set[int] = set()
    for body in op.blocks:
        for leaf in leaves(body):
            inner = leaf.operation
            if isinstance(inner, ControlFlowOp):
                found.update(leaf.clbits[k] for k in _written(inner))
            elif isinstance(inner, Store):
                found.update(range(op.num_clbits))
            else:
                found.update(leaf.clbits)
    return found


def _felt(backwards: Iterator[_Part], outputs: set[int]) -> Iterator[_Part]:
    """The operations, last first, that some output or classical bit may feel; those with a parameter all stay.

    What commutes with all that is felt after it could as well stand behind that, where its wires are nobody's. So
    each wire that is felt has the basis in which all that feels it is diagonal, "" for none.
    """
    felt = dict.fromkeys(outputs, "")
    for part in backwards:
        op = part.operation
        if isinstance(op, Reset):
            felt.pop(part.qubits[0], None)
            yield part
            continue
        on = dict(zip(part.qubits, bases(op), strict=True))
        unfelt = all(basis and felt[k] == basis for k, basis in on.items() if k in felt)
        if unfelt and not part.written and not _has_parameter(op):
            continue
        felt |= {k: basis if felt.get(k, basis) == basis else "" for k, basis in on.items()}
        yield part


def _has_parameter(op: Operation) -> bool:
    return any(getattr(p, "parameters", ()) for p in op.params)


@dataclass
class _Group:
    """Steps in a row on one place that may change places there, and the group before."""

    number: int
    basis: str
    before: int | None


@dataclass
class _Weaver:
    """The walk: who acts on each place now, and which life each wire is in.

    masks: of each group, the lives in its steps and in all that these wait for.
    """

    groups: list[list[int]] = field(default_factory=list)
    masks: list[int] = field(default_factory=list)
    at: dict[Any, _Group] = field(default_factory=dict)
    wires: list[int] = field(default_factory=list)
    life: dict[int, int] = field(default_factory=dict)
    cones: list[int] = field(default_factory=list)

    def woven(self, parts: list[_Part], outputs: set[int]) -> Lives:
        steps: list[Step] = []
        for part in parts:
            if isinstance(part.operation, Reset):
                self.life.pop(part.qubits[0], None)
            else:
                steps.append(self.step(len(steps), part))
        kept = frozenset(self.life[wire] for wire in outputs if wire in self.life)
        groups = tuple(tuple(group) for group in self.groups)
        return Lives(tuple(steps), groups, tuple(self.wires), kept, tuple(self.cones))

    def step(self, number: int, part: _Part) -> Step:
        on = tuple(self.life_of(wire) for wire in part.qubits)
        joined = [
            self.join(number, ("life", life), basis) for life, basis in zip(on, bases(part.operation), strict=True)
        ]
        joined += [self.join(number, place, "") for place in sorted(part.written, key=str)]
        joined += [self.join(number, place, "read") for place in sorted(part.read - part.written, key=str)]
        waits = tuple(dict.fromkeys(group.before for group in joined if group.before is not None))
        mask = 0
        for life in on:
            mask |= 1 << life
        for group in waits:
            mask |= self.masks[group]
        for at in joined:
            self.masks[at.number] |= mask
        for life in on:
            self.cones[life] |= mask
        return Step(part.operation, on, part.clbits, waits)

    def life_of(self, wire: int) -> int:
        if wire not in self.life:
            self.life[wire] = len(self.wires)
            self.wires.append(wire)
            self.cones.append(1 << self.life[wire])
        return self.life[wire]

    def join(self, number: int, place: Any, basis: str) -> _Group:
        """Put a step into the group of a place, or begin a new one that waits for it."""
        group = self.at.get(place)
        if group is None or not basis or group.basis != basis:
            group = _Group(len(self.groups), basis, None if group is None else group.number)
            self.groups.append([])
            self.masks.append(0)
            self.at[place] = group
        self.groups[group.number].append(number)
        return group
