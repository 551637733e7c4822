"""Every path of a program at once: for each classical record the vectors of its Kraus operators.

    measure   projects, and writes the bit;   reset   |0><0| and |0><1|;   branch   each record runs its arm

The same walk serves two arithmetics: floating point at many drawn points (`numbers`) and residues modulo a prime at
one point of all parameters (`residues`). Vectors have shape (paths, rows, 2**n); wire 0 is the least significant
bit of the last axis, as in Qiskit. Source: Nielsen and Chuang (2010), sec. 2.2.5 and 8.2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qverify.errors import Undecidable
from qverify.hygiene.program import Step

Vectors = NDArray[Any]  # (paths, rows, 2**n)
State = dict[int, Vectors]
See = Callable[[Step, State], None]


@dataclass
class Walk:
    """One arithmetic on n wires.

    gate: what a gate does to vectors. merged: fewer paths with the same sum of outer products, where that is
    possible. most: entries of all vectors together; work: those that all steps may touch.
    """

    n: int
    gate: Callable[[Step, Vectors], Vectors]
    merged: Callable[[Vectors], Vectors]
    most: int
    work: int

    def steps(self, steps: Sequence[Step], state: State, see: See) -> State:
        """The state after some steps; `see` is told every step and the state before it.

        Raises:
            Undecidable: too many paths.
        """
        for step in steps:
            see(step, state)
            if step.branch is not None:
                ends = [
                    self.steps(arm, {r: v for r, v in state.items() if step.branch.chosen(r) == k}, see)
                    for k, arm in enumerate(step.branch.arms)
                ]
                state = self.gathered([(r, v) for end in ends for r, v in end.items()])
            else:
                state = self.gathered([done for r, v in state.items() for done in self.one(step, r, v)])
        return state

    def one(self, step: Step, record: int, vectors: Vectors) -> list[tuple[int, Vectors]]:
        """What one step makes of one record's vectors."""
        wire = step.wires[0] if step.wires else 0
        if step.kind == "gate":
            return [(record, self.gate(step, vectors))]
        halves = [half(vectors, wire, value) for value in (0, 1)]
        if step.kind == "reset":
            flipped = halves[1][..., np.arange(2**self.n) ^ (1 << wire)]
            return [(record, halves[0]), (record, flipped)]
        return [(record & ~(1 << step.bit) | value << step.bit, halves[value]) for value in (0, 1)]

    def gathered(self, parts: Sequence[tuple[int, Vectors]]) -> State:
        """Vectors of one record together."""
        found: dict[int, list[Vectors]] = {}
        for record, vectors in parts:
            if len(vectors):
                found.setdefault(record, []).append(vectors)
        state = {r: v[0] if len(v) == 1 else self.merged(np.concatenate(v)) for r, v in found.items()}
        size = sum(v.size for v in state.values())
        self.work -= size
        if size > self.most or self.work < 0:
            raise Undecidable("it has too many paths")
        return state


def half(vectors: Vectors, wire: int, value: int) -> Vectors:
    """|value><value| on a wire; paths that end are left out."""
    index = np.arange(vectors.shape[-1])
    out = np.where((index >> wire & 1) == value, vectors, 0)
    return np.asarray(out[np.any(out != 0, axis=(1, 2))])
