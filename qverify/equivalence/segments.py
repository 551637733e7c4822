"""Where in a circuit a rotation of its normal form comes from: wires, and the segment of the DAG between gates.

A rotation slides along its wires until a gate on several wires stops it, so a place is named by these gates: "wire
2 after its 3rd gate on several wires". A gate's index in a file would be meaningless.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from qiskit.circuit import QuantumCircuit

from qverify.equivalence.frame import Frame
from qverify.equivalence.layers import Word
from qverify.equivalence.pauli_form import SNAP, Lost, apply_clifford, reduced_angle
from qverify.semantics.rotations import Clifford, steps_of
from qverify.structure import leaves

SHOWN = 3


def segments(circuit: QuantumCircuit, words: Collection[Word]) -> str:
    """Where rotations about these words stand, the earliest first, in words; empty where none is found."""
    found = dict.fromkeys(place for word, place in _places(circuit) if word in words)
    shown = list(found)[:SHOWN]
    return "; ".join(shown) + (f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else "")


def _places(circuit: QuantumCircuit) -> Iterator[tuple[Word, str]]:
    """The word of each rotation in circuit order, and its place."""
    frame, lost, passed = Frame(circuit.num_qubits), Lost(SNAP), [0] * circuit.num_qubits
    for leaf in leaves(circuit):
        for step in steps_of(leaf.operation, leaf.qubits):
            if isinstance(step, Clifford):
                apply_clifford(frame, step)
                continue
            rest, quarters = reduced_angle(step.angle, lost)
            word = frame.word(step.letters, step.wires)
            if quarters:
                frame.rotate(step.letters, step.wires, quarters)
            if rest is not None:
                yield (word[0], word[1]), _place(leaf.qubits, passed)
        if len(leaf.qubits) > 1:
            for k in leaf.qubits:
                passed[k] += 1


def _place(wires: tuple[int, ...], passed: list[int]) -> str:
    return " and ".join(f"wire {k} {_after(passed[k])}" for k in wires)


def _after(count: int) -> str:
    if count == 0:
        return "before its 1st gate on several wires"
    last = count % 10 if count % 100 not in (11, 12, 13) else 0
    ending = {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
    return f"after its {count}{ending} gate on several wires"
