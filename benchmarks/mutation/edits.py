"""Mutants: a circuit with one fault, or with one change that makes no difference.

An edit says which operations are replaced, and by what; edited circuits share everything else. A kind is a function
from a circuit to all its edits of that kind. Kinds whose name begins with `same:` leave the circuit equal up to a
global phase; of the others most mutants differ, and an independent computation says which (`truth.py`).
Source: DeMillo, Lipton and Sayward, Hints on Test Data Selection, Computer 11, 34 (1978); for circuits Fortunato,
Campos and Abreu, QMutPy, ISSTA 2022, doi:10.1145/3533767.3543296.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from numpy.random import Generator
from qiskit import QuantumCircuit
from qiskit.circuit import Barrier, CircuitInstruction, ControlledGate, Gate
from qiskit.circuit.library import standard_gates as gates

OFFSET, SMALL_OFFSET = 0.1, 1e-6  # radians
ADDED = (gates.HGate, gates.XGate, gates.SGate, gates.SXGate)
OTHER: dict[str, Callable[..., Gate]] = {
    "h": gates.XGate, "x": gates.YGate, "y": gates.ZGate, "z": gates.SGate, "s": gates.SdgGate, "sdg": gates.TGate,
    "t": gates.TdgGate, "tdg": gates.ZGate, "sx": gates.XGate, "sxdg": gates.SXGate, "rx": gates.RYGate,
    "ry": gates.RZGate, "rz": gates.RXGate, "p": gates.RYGate, "u1": gates.RXGate, "cx": gates.CZGate,
    "cz": gates.CXGate, "cy": gates.CXGate, "ch": gates.CXGate, "cp": gates.CRYGate, "crx": gates.CRYGate,
    "cry": gates.CRZGate, "crz": gates.CPhaseGate, "rzz": gates.RXXGate, "rxx": gates.RYYGate, "ryy": gates.RZZGate,
    "swap": gates.iSwapGate, "iswap": gates.SwapGate, "ccx": gates.CCZGate, "ccz": gates.CCXGate,
    "cswap": gates.CCXGate, "rccx": gates.CCXGate, "ecr": gates.CXGate,
}  # fmt: skip
WHOLE_TURN = ("rx", "ry", "rz", "rxx", "ryy", "rzz", "p", "u1", "cp")  # equal after 2 pi, up to a global phase
ADDS_UP = (*WHOLE_TURN, "crx", "cry", "crz")  # the gate of t is the gate of t/2, twice

Instructions = tuple[CircuitInstruction, ...]


@dataclass(frozen=True)
class Edit:
    """Operations by index in `circuit.data` -> what stands there instead; `where` says it in words."""

    where: str
    instead: dict[int, Instructions]


Kind = Callable[[QuantumCircuit, Generator], Iterator[Edit]]


def edited(circuit: QuantumCircuit, edit: Edit) -> QuantumCircuit:
    """The circuit after an edit; wires, bits and global phase stay, a transpiler's layout is dropped."""
    out = QuantumCircuit(*circuit.qregs, *circuit.cregs, global_phase=circuit.global_phase)
    out.add_bits([bit for bit in (*circuit.qubits, *circuit.clbits) if bit not in {*out.qubits, *out.clbits}])
    for k, item in enumerate(circuit.data):
        for each in edit.instead.get(k, (item,)):
            out.append(each)
    return out


def wires_of(circuit: QuantumCircuit, item: CircuitInstruction) -> str:
    """As `cx q1, q2`."""
    return f"{item.operation.name} {', '.join(f'q{circuit.find_bit(q).index}' for q in item.qubits)}"


def gate_places(circuit: QuantumCircuit) -> Iterator[tuple[int, CircuitInstruction, str]]:
    """(index, gate, where) of every gate at the top level."""
    for k, item in enumerate(circuit.data):
        if isinstance(item.operation, Gate):
            yield k, item, f"{wires_of(circuit, item)} (operation {k})"


def angle_places(circuit: QuantumCircuit) -> Iterator[tuple[int, CircuitInstruction, str]]:
    """The gates with angles."""
    for k, item, where in gate_places(circuit):
        if item.operation.params and item.operation.name != "unitary":
            yield k, item, where


def turned(item: CircuitInstruction, change: Callable[[object], object]) -> Instructions:
    """The gate with its first angle changed."""
    return (with_angles(item, [change(item.operation.params[0]), *item.operation.params[1:]]),)


def with_angles(item: CircuitInstruction, angles: list[object]) -> CircuitInstruction:
    """The same kind of gate with other angles."""
    operation = item.operation.to_mutable()
    operation.params = angles
    return item.replace(operation=operation)


def removed(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """A gate is missing."""
    for k, _, where in gate_places(circuit):
        yield Edit(where, {k: ()})


def added(circuit: QuantumCircuit, rng: Generator) -> Iterator[Edit]:
    """A drawn gate stands after another one, on its last wire."""
    for k, item, where in gate_places(circuit):
        new = ADDED[rng.integers(len(ADDED))]()
        yield Edit(f"{new.name} after {where}", {k: (item, CircuitInstruction(new, item.qubits[-1:]))})


def repeated(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """A gate is applied twice."""
    for k, item, where in gate_places(circuit):
        yield Edit(where, {k: (item, item)})


def replaced(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """Another gate of the same shape."""
    for k, item, where in gate_places(circuit):
        other = OTHER.get(item.operation.name)
        if other is not None and getattr(item.operation, "ctrl_state", 0) in (0, 1, 3):
            new = other(*item.operation.params)
            yield Edit(f"{new.name} for {where}", {k: (item.replace(operation=new),)})


def turned_round(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """The last control and the target are exchanged, or the two wires of a gate on two."""
    for k, item, where in gate_places(circuit):
        if isinstance(item.operation, ControlledGate) or item.operation.num_qubits == 2:
            n = getattr(item.operation, "num_ctrl_qubits", 1)
            on = list(item.qubits)
            on[n - 1], on[n] = on[n], on[n - 1]
            yield Edit(where, {k: (item.replace(qubits=tuple(on)),)})


def angle_kind(change: Callable[[object], object]) -> Kind:
    """The kind that changes the first angle of a gate."""

    def kind(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
        for k, item, where in angle_places(circuit):
            yield Edit(where, {k: turned(item, change)})

    return kind


def angles_exchanged(circuit: QuantumCircuit, rng: Generator) -> Iterator[Edit]:
    """Two gates have each other's first angle: the parameter is swapped."""
    places = list(angle_places(circuit))
    for k, item, where in places:
        j, other, there = places[rng.integers(len(places))]
        mine, theirs = item.operation.params[0], other.operation.params[0]
        if mine != theirs:
            edit = {k: turned(item, lambda _, t=theirs: t), j: turned(other, lambda _, t=mine: t)}
            yield Edit(f"{where} and {there}", edit)


def angle_reused(circuit: QuantumCircuit, rng: Generator) -> Iterator[Edit]:
    """A gate has the angle of another one, whose parameter is thereby used twice."""
    places = list(angle_places(circuit))
    for k, item, where in places:
        _, other, there = places[rng.integers(len(places))]
        theirs = other.operation.params[0]
        if item.operation.params[0] != theirs:
            yield Edit(f"{where} with the angle of {there}", {k: turned(item, lambda _, t=theirs: t)})


def wrong_wire(circuit: QuantumCircuit, rng: Generator) -> Iterator[Edit]:
    """A gate's last wire is another one."""
    for k, item, where in gate_places(circuit):
        free = [q for q in circuit.qubits if q not in item.qubits]
        if free:
            on = free[rng.integers(len(free))]
            moved = item.replace(qubits=(*item.qubits[:-1], on))
            yield Edit(f"{where} moved to q{circuit.find_bit(on).index}", {k: (moved,)})


def _exchanged_from(circuit: QuantumCircuit, start: int, pair: tuple[int, int]) -> dict[int, Instructions]:
    """From an operation on, two wires stand for each other."""
    a, b = (circuit.qubits[k] for k in pair)
    other = {a: b, b: a}
    return {
        k: (item.replace(qubits=tuple(other.get(q, q) for q in item.qubits)),)
        for k, item in enumerate(circuit.data)
        if k >= start and {a, b} & set(item.qubits)
    }


def wires_permuted(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """Two wires stand for each other in the whole circuit."""
    for a in range(circuit.num_qubits):
        for b in range(a):
            yield Edit(f"q{b} and q{a}", _exchanged_from(circuit, 0, (b, a)))


def wires_permuted_from_here(circuit: QuantumCircuit, rng: Generator) -> Iterator[Edit]:
    """Two wires stand for each other from an operation on."""
    if circuit.num_qubits < 2:
        return
    for k, _, where in list(gate_places(circuit))[1:]:
        b, a = sorted(int(w) for w in rng.choice(circuit.num_qubits, 2, replace=False))
        yield Edit(f"q{b} and q{a} from {where}", _exchanged_from(circuit, k, (b, a)))


def neighbours_exchanged(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """Two gates that follow each other on a wire are in the other order."""
    last: dict[object, int] = {}
    for k, item in enumerate(circuit.data):
        before = {last[q] for q in item.qubits if q in last}
        last |= dict.fromkeys(item.qubits, k)
        for j in sorted(before):
            first = circuit.data[j]
            if all(isinstance(i.operation, Gate) for i in (item, first)) and first != item:
                where = f"{wires_of(circuit, first)} and {wires_of(circuit, item)} (operations {j}, {k})"
                yield Edit(where, {j: (), k: (item, first)})


# ------------------------------------------------------------- changes that make no difference


def inverse_added(circuit: QuantumCircuit, rng: Generator) -> Iterator[Edit]:
    """A gate of the circuit, once more at another place and undone there."""
    places = list(gate_places(circuit))
    for k, item, where in places:
        _, other, _ = places[rng.integers(len(places))]
        undone = other.replace(operation=other.operation.inverse())
        yield Edit(f"{wires_of(circuit, other)} and its inverse after {where}", {k: (item, other, undone)})


def rewritten(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """A gate as its definition says it, or a CX as H CZ H."""
    for k, item, where in gate_places(circuit):
        if item.operation.name == "cx" and item.operation.ctrl_state == 1:
            h = CircuitInstruction(gates.HGate(), item.qubits[1:])
            yield Edit(where, {k: (h, item.replace(operation=gates.CZGate()), h)})
        elif item.operation.definition is not None and item.operation.definition.data:
            yield Edit(where, {k: tuple(_opened(item))})


def _opened(item: CircuitInstruction) -> Iterator[CircuitInstruction]:
    definition = item.operation.definition
    wires = dict(zip(definition.qubits, item.qubits, strict=True))
    for inner in definition.data:
        yield inner.replace(qubits=tuple(wires[q] for q in inner.qubits))
    if definition.global_phase:
        yield CircuitInstruction(gates.GlobalPhaseGate(definition.global_phase), ())


def angle_split(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """A rotation by t as two by t/2."""
    for k, item, where in angle_places(circuit):
        if item.operation.name in ADDS_UP:
            half = turned(item, lambda t: t / 2)
            yield Edit(where, {k: half + half})


def whole_turn(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """A rotation by t + 2 pi."""
    for k, item, where in angle_places(circuit):
        if item.operation.name in WHOLE_TURN:
            yield Edit(where, {k: turned(item, lambda t: t + 2 * math.pi)})


def barrier_added(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """A barrier over all wires."""
    for k, item, where in gate_places(circuit):
        wall = CircuitInstruction(Barrier(circuit.num_qubits), tuple(circuit.qubits))
        yield Edit(f"after {where}", {k: (item, wall)})


KINDS: dict[str, Kind] = {
    "gate removed": removed,
    "gate added": added,
    "gate applied twice": repeated,
    "gate replaced": replaced,
    "control and target swapped": turned_round,
    "angle negated": angle_kind(lambda t: -t),
    "angle doubled": angle_kind(lambda t: 2 * t),
    "angle off by 0.1": angle_kind(lambda t: t + OFFSET),
    "angle off by 1e-6": angle_kind(lambda t: t + SMALL_OFFSET),
    "parameter swapped": angles_exchanged,
    "parameter used twice": angle_reused,
    "gate on a wrong wire": wrong_wire,
    "wires permuted": wires_permuted,
    "wires permuted from a gate on": wires_permuted_from_here,
    "order of two gates exchanged": neighbours_exchanged,
    "same: gate and inverse added": inverse_added,
    "same: gate written out": rewritten,
    "same: rotation split in two": angle_split,
    "same: rotation by a turn more": whole_turn,
    "same: barrier added": barrier_added,
}
