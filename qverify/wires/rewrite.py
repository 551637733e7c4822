"""A circuit written again on fewer wires: lives in a new order, each on a wire that is free.

    for each life in the order of ends:  the steps it waits for, in the circuit's order, then its own
    a life begins at its first step, on the free wire that was left first; a reset makes a used one |0> again
    a life ends after its last step, and leaves its wire, unless its final state is an output

Lives whose final state is an output come to stand on the first wires, in the order of their old ones. Classical
bits and registers, variables, parameters and conditions are those of the original. Source: `qverify.wires.lives`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from qiskit.circuit import CircuitInstruction, ClassicalRegister, QuantumCircuit, QuantumRegister, Reset

from qverify.errors import Undecidable
from qverify.wires.lives import Keeps, Lives, lives
from qverify.wires.reuse import Order, order


@dataclass(frozen=True)
class Span:
    """One life on a wire: the wire of the original that it was, its first and its last step."""

    wire: int
    original: int
    first: int
    last: int


@dataclass(frozen=True)
class Narrowed:
    """A circuit on fewer wires, or itself where none fewer were found.

    outputs: wires of the original whose final state is an output; where there are fewer wires now, these are the
        first ones, in this order.
    order: of the lives, and what is known of the least width. wires: of the original, for each life.
    begun: the wires of the original as their lives begin now, those without a life last.
    before, after: the lives on the wires of both, counted in steps of each circuit.
    """

    circuit: QuantumCircuit
    outputs: tuple[int, ...]
    order: Order
    wires: tuple[int, ...]
    begun: tuple[int, ...]
    before: tuple[Span, ...]
    after: tuple[Span, ...]


def narrowed(circuit: QuantumCircuit, discarded: Collection[int] = (), keeps: Keeps = "unmeasured") -> Narrowed:
    """A circuit that starts in |0...0>, written on as few wires as an order of its lives is found for.

    Args:
        discarded, keeps: whose final state is no output, as in `lives`.

    Raises:
        Undecidable: the final state of every wire is an output; or as in `lives`.
    """
    found = lives(circuit, discarded, keeps)
    outputs = tuple(sorted(found.wires[life] for life in found.kept))
    if len(outputs) == circuit.num_qubits:
        raise Undecidable(
            "nothing can be reused, because no wire ends in a measurement or a reset, so the final state of every "
            "wire is an output; measure what is read, or say which wires are discarded (`discarded_wires`)"
        )
    chosen = order(found.cones, found.kept)
    before = _as_it_was(found)
    written = _Writer(circuit, found)
    for life in chosen.ends:
        written.through(written.own[life])
    written.through(range(len(found.steps)))
    if written.width >= circuit.num_qubits:
        return Narrowed(circuit, outputs, chosen, found.wires, tuple(range(circuit.num_qubits)), before, before)
    begun = dict.fromkeys([*(found.wires[life] for life in written.on), *range(circuit.num_qubits)])
    return Narrowed(written.circuit(), outputs, chosen, found.wires, tuple(begun), before, written.spans())


def _as_it_was(found: Lives) -> tuple[Span, ...]:
    own = found.of_life()
    return tuple(Span(wire, wire, own[k][0], own[k][-1]) for k, wire in enumerate(found.wires))


class _Writer:
    """What is written so far: (step or None for a reset, wires it is on), and which wire each life is on."""

    def __init__(self, original: QuantumCircuit, found: Lives) -> None:
        self.original, self.found, self.own = original, found, found.of_life()
        self.written: list[tuple[int | None, tuple[int, ...]]] = []
        self.done = [False] * len(found.steps)
        self.entered = [False] * len(found.groups)
        self.left = [len(steps) for steps in self.own]
        self.on: dict[int, int] = {}
        self.span: dict[int, list[int]] = {}
        self.free: list[int] = []
        self.width = 0

    def through(self, wanted: Sequence[int] | range) -> None:
        """Write some steps after all that they wait for."""
        needed: list[int] = []
        stack = [k for k in wanted if not self.done[k]]
        while stack:
            k = stack.pop()
            if self.done[k]:
                continue
            self.done[k] = True
            needed.append(k)
            for group in self.found.steps[k].waits:
                if not self.entered[group]:
                    self.entered[group] = True
                    stack += [j for j in self.found.groups[group] if not self.done[j]]
        for k in sorted(needed):
            self.step(k)

    def step(self, k: int) -> None:
        on = self.found.steps[k].lives
        for life in on:
            if life not in self.on:
                self.begin(life)
        self.written.append((k, tuple(self.on[life] for life in on)))
        for life in on:
            self.span[life][1] = len(self.written) - 1
            self.left[life] -= 1
            if not self.left[life] and life not in self.found.kept:
                self.free.append(self.on[life])

    def begin(self, life: int) -> None:
        if self.free:
            self.on[life] = self.free.pop(0)
            self.written.append((None, (self.on[life],)))
        else:
            self.on[life] = self.width
            self.width += 1
        self.span[life] = [len(self.written)] * 2

    def places(self) -> dict[int, int]:
        """The new number of each wire: those with outputs first, in the order of the original."""
        kept = sorted(self.found.kept, key=lambda life: self.found.wires[life])
        first = [self.on[life] for life in kept]
        rest = [k for k in range(self.width) if k not in set(first)]
        return {wire: k for k, wire in enumerate([*first, *rest])}

    def spans(self) -> tuple[Span, ...]:
        goes = self.places()
        made = [Span(goes[self.on[k]], self.found.wires[k], *self.span[k]) for k in sorted(self.on)]
        return tuple(sorted(made, key=lambda span: (span.wire, span.first)))

    def circuit(self) -> QuantumCircuit:
        goes, new = self.places(), self.empty()
        for k, wires in self.written:
            qubits = [new.qubits[goes[wire]] for wire in wires]
            if k is None:
                new.append(CircuitInstruction(Reset(), qubits, ()), copy=False)
            else:
                step = self.found.steps[k]
                bits = [new.clbits[c] for c in step.clbits]
                new.append(CircuitInstruction(step.operation, qubits, bits), copy=False)
        return new

    def empty(self) -> QuantumCircuit:
        """Wires under the name of the original's first register; its bits, registers and variables."""
        old = self.original
        name = old.qregs[0].name if old.qregs else _unused("q", old.cregs)
        new = QuantumCircuit(QuantumRegister(self.width, name), name=old.name, global_phase=old.global_phase)
        new.add_bits(old.clbits)
        for register in old.cregs:
            new.add_register(register)
        for variable in old.iter_input_vars():
            new.add_input(variable)
        for variable in old.iter_declared_vars():
            new.add_uninitialized_var(variable)
        return new


def _unused(name: str, registers: Sequence[ClassicalRegister]) -> str:
    taken = {register.name for register in registers}
    return next(word for word in _words(name) if word not in taken)


def _words(name: str) -> Iterator[str]:
    while True:
        yield name
        name += "_"
