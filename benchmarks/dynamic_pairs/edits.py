"""More kinds of mutants of circuits that measure and branch, beside those of `benchmarks/mutation/dynamic.py`."""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Clbit, ControlFlowOp, ControlledGate, IfElseOp, Measure, Reset
from qiskit.circuit.library import SwapGate

from benchmarks.mutation.dynamic import ALL_KINDS, every_edit
from benchmarks.mutation.edits import Edit, Kind, angle_kind, edited, wires_of

SIZES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)  # radians


def reset_at_an_end(*, first: bool) -> Kind:
    """A reset before everything, or after everything."""

    def kind(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
        for j, wire in enumerate(circuit.qubits):
            new = CircuitInstruction(Reset(), (wire,))
            k = 0 if first else len(circuit.data) - 1
            item = circuit.data[k]
            yield Edit(f"of q{j}", {k: (new, item) if first else (item, new)})

    return kind


def exchanged_with_next(wanted: type) -> Kind:
    """An operation of a type and what follows it are in the other order."""

    def kind(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
        for k, (one, other) in enumerate(zip(circuit.data, circuit.data[1:], strict=False)):
            kinds = isinstance(one.operation, wanted), isinstance(other.operation, wanted)
            if any(kinds) and {*one.qubits, *one.clbits} & {*other.qubits, *other.clbits}:
                where = f"{wires_of(circuit, one)} and {wires_of(circuit, other)} (operation {k})"
                yield Edit(where, {k: (other,), k + 1: (one,)})

    return kind


def overwritten(circuit: QuantumCircuit, rng: Generator) -> Iterator[Edit]:
    """After a measurement, a drawn wire is measured into the same bit."""
    for k, item in enumerate(circuit.data):
        if isinstance(item.operation, Measure):
            j = int(rng.integers(circuit.num_qubits))
            new = CircuitInstruction(Measure(), (circuit.qubits[j],), item.clbits)
            yield Edit(f"by q{j} after {wires_of(circuit, item)} (operation {k})", {k: (item, new)})


def labels_swapped(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """Two bits stand for each other in every measurement, and in no condition."""
    for a in range(circuit.num_clbits):
        for b in range(a):
            other = {circuit.clbits[a]: circuit.clbits[b], circuit.clbits[b]: circuit.clbits[a]}
            edits = {
                k: (item.replace(clbits=(other[item.clbits[0]],)),)
                for k, item in enumerate(circuit.data)
                if isinstance(item.operation, Measure) and item.clbits[0] in other
            }
            yield Edit(f"bits {b} and {a}", edits)


def wires_swapped_last(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """Two wires are exchanged at the end."""
    last = len(circuit.data) - 1
    for a in range(circuit.num_qubits):
        for b in range(a):
            new = CircuitInstruction(SwapGate(), (circuit.qubits[a], circuit.qubits[b]))
            yield Edit(f"q{b} and q{a}", {last: (circuit.data[last], new)})


def control_elsewhere(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """A gate's first control is another wire."""
    for k, item in enumerate(circuit.data):
        for j, wire in enumerate(circuit.qubits):
            if isinstance(item.operation, ControlledGate) and wire not in item.qubits:
                new = item.replace(qubits=(wire, *item.qubits[1:]))
                yield Edit(f"{wires_of(circuit, item)} (operation {k}) by q{j}", {k: (new,)})


def wrong_value(circuit: QuantumCircuit, _rng: Generator) -> Iterator[Edit]:
    """A condition wants another value of its register."""
    for k, item in enumerate(circuit.data):
        condition = getattr(item.operation, "condition", None)
        if (
            isinstance(item.operation, IfElseOp)
            and isinstance(condition, tuple)
            and not isinstance(condition[0], Clbit)
        ):
            for value in range(2 ** len(condition[0])):
                if value != condition[1]:
                    new = IfElseOp((condition[0], value), *item.operation.blocks)
                    yield Edit(f"if (operation {k}) wants {value}", {k: (item.replace(operation=new),)})


def fed_forward(size: float) -> Kind:
    """The first angle of a gate inside a branch is off."""
    off = angle_kind(lambda t: t + size)  # type: ignore[operator]

    def kind(circuit: QuantumCircuit, rng: Generator) -> Iterator[Edit]:
        for k, item in enumerate(circuit.data):
            blocks = item.operation.blocks if isinstance(item.operation, ControlFlowOp) else ()
            for b, body in enumerate(blocks):
                for edit in every_edit(off, body, rng):
                    changed = [edited(body, edit) if j == b else other for j, other in enumerate(blocks)]
                    inside = item.replace(operation=item.operation.replace_blocks(changed))
                    yield Edit(f"{item.operation.name} (operation {k}): {edit.where}", {k: (inside,)})

    return kind


EVERYWHERE: dict[str, Kind] = {
    **ALL_KINDS,
    "measurement moved": exchanged_with_next(Measure),
    "reset moved": exchanged_with_next(Reset),
    "branch moved": exchanged_with_next(IfElseOp),
    "bit overwritten": overwritten,
    "labels swapped": labels_swapped,
    "control on a wrong wire": control_elsewhere,
    "wrong value in a condition": wrong_value,
}
AT_THE_TOP: dict[str, Kind] = {
    "reset first": reset_at_an_end(first=True),
    "reset last": reset_at_an_end(first=False),
    "wires exchanged at the end": wires_swapped_last,
    **{f"feed-forward off by {size:g}": fed_forward(size) for size in SIZES},
}


def all_edits(kind: str, circuit: QuantumCircuit, rng: Generator) -> list[Edit]:
    """The edits of a kind, inside bodies too where that is meant."""
    if kind in AT_THE_TOP:
        return [edit for edit in AT_THE_TOP[kind](circuit, rng) if edit.instead]
    return list(every_edit(EVERYWHERE[kind], circuit, rng))
