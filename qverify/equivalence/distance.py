"""Are two circuits the same, under which notion, and how far apart are they?

    unitary      min over phase of the operator norm of U - e^{i phi} V
    instrument   diamond norm of the difference of the maps, classical record kept
    channel      the same with the records summed away
    outcomes     the distribution of the records alone (half its l1 distance, for the worst input)

Input `any` compares as maps, `zero` from |0...0> only. A circuit with extra wires compares after its ancillas
start in |0> and its discarded wires are traced out.
This module answers at given parameter values, by the reference semantics; its answers are intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from qiskit.circuit import QuantumCircuit

from qverify.errors import Undecidable, counted
from qverify.semantics.instrument import (
    Distance,
    Instrument,
    instrument,
    instrument_distance,
    merged,
    unitary_distance,
)
from qverify.structure import is_dynamic, leaf_count
from qverify.subject.claims import Input, Notion

UNIT = 2.0**-50  # rounding of one gate on a unit vector, with room


@dataclass(frozen=True)
class Side:
    """A circuit and its wires that are no input (start in |0>) or no output (traced out)."""

    circuit: QuantumCircuit
    zero: Sequence[int] = ()
    discard: Sequence[int] = ()

    def map(self, values: Mapping[str, float], notion: Notion) -> Instrument:
        """The instrument under a notion; `unitary` refuses what is none."""
        if notion == "unitary" and is_dynamic(self.circuit):
            raise Undecidable("measures, resets or branches, so it has no unitary; compare it as an instrument")
        names = {p.name for p in self.circuit.parameters}
        bound = {name: value for name, value in values.items() if name in names}
        return instrument(self.circuit, bound, zero=self.zero, discard=self.discard)


def distance(a: Side, b: Side, values: Mapping[str, float], notion: Notion, given_input: Input = "any") -> Distance:
    """How far apart two circuits are at given parameter values.

    Raises:
        Undecidable: widths that do not fit, a notion that does not apply, or too many wires.
    """
    if given_input == "zero":
        a, b = (Side(s.circuit, range(s.circuit.num_qubits), s.discard) for s in (a, b))
    left, right = a.map(values, notion), b.map(values, notion)
    shapes = [next(iter(m.values())).shape[1:] for m in (left, right)]
    if notion == "outcomes":
        shapes = [shape[1:] for shape in shapes]
    if shapes[0] != shapes[1]:
        raise Undecidable(
            f"{_width(a)} and {_width(b)} do not compare: claim which extra wires start in |0> (`ancilla`) "
            "and which are traced out (`discard`)"
        )
    rounding = map_rounding(a.circuit, b.circuit)
    # where wires start in |0>, U^dagger V would miss what leaves the image of the other side
    if notion == "unitary" and not any((a.zero, b.zero, a.discard, b.discard)):
        return unitary_distance(left[0][0], right[0][0], rounding)
    if notion == "outcomes":
        return _outcome_distance(left, right, rounding)
    if notion != "instrument":
        left, right = merged(left), merged(right)
    return instrument_distance(left, right, rounding)


def map_rounding(*circuits: QuantumCircuit) -> float:
    """A bound on the rounding of the maps of some circuits, operator norm."""
    return float(UNIT * sum(leaf_count(circuit) + circuit.num_qubits for circuit in circuits))


def _width(side: Side) -> str:
    n_in, n_out = (side.circuit.num_qubits - len(cut) for cut in (side.zero, side.discard))
    return f"a circuit with {counted(n_in, 'input')} and {counted(n_out, 'output')}"


def _outcome_distance(a: Instrument, b: Instrument, rounding: float) -> Distance:
    """Half the l1 distance of the two distributions, for the worst input: an interval.

    With E_m = sum K^dagger K the effect of record m and D_m the difference of the two: for every input state it
    is at most half the sum of the operator norms of D_m, and at least their largest.
    """
    norms = []
    for record in sorted(set(a) | set(b)):
        effects = [np.einsum("roi,roj->ij", k.conj(), k) for k in (a.get(record), b.get(record)) if k is not None]
        difference = effects[0] - effects[1] if len(effects) == 2 else effects[0]
        norms.append(float(np.abs(np.linalg.eigvalsh(difference)).max()))
    lo, hi = max(norms) - rounding, min(1.0, sum(norms) / 2 + rounding)
    return Distance("total variation of the outcomes", max(0.0, min(lo, hi)), hi)
