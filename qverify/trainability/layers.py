"""The layers of a circuit, and the circuit with fewer of them.

A layer is what repeats: operations are compared by name, wires and bits, and the longest stretch with a period that
holds two periods or more, and more than half of all operations, is cut into periods. Where nothing repeats so, the
operations between barriers over all wires are the layers (random axes differ from layer to layer). A static circuit
without either is cut in time: operation i is at step 1 + the latest step before it on its wires.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import Barrier, CircuitInstruction, QuantumCircuit

from qverify.structure import is_dynamic

Ids = NDArray[np.int64]
FEWEST_STEPS = 4  # of a cut in time


@dataclass(frozen=True)
class Layers:
    """Where the circuit may be cut.

    starts: the first operation of each layer, and the end of the last one; indices of `circuit.data`.
    sign: how the layers were recognised, in words.
    """

    starts: tuple[int, ...]
    sign: str

    @property
    def count(self) -> int:
        """How many layers there are."""
        return len(self.starts) - 1


def layers_of(circuit: QuantumCircuit) -> Layers | None:
    """The layers, two or more of them; None where none are recognised.

    Cost: a comparison of all operations for each place where the middle one recurs.
    """
    ids = _ids(circuit)
    start, period, count = _periodic(ids)
    if count >= 2 and _turns(circuit.data[start : start + period]):
        return Layers(tuple(start + k * period for k in range(count + 1)), "what repeats")
    n = circuit.num_qubits
    walls = [
        k for k, i in enumerate(circuit.data) if isinstance(i.operation, Barrier) and len(i.qubits) == n and n > 1
    ]
    edges = [-1, *walls, len(circuit.data)]
    rooms = [a + 1 for a, b in pairwise(edges) if _turns(circuit.data[a + 1 : b])]
    # what comes before the first layer stays, so a lone first room is a layer like the others
    return Layers((*rooms, len(circuit.data)), "barriers") if len(rooms) >= 2 else None


def first_layers(circuit: QuantumCircuit, layers: Layers, count: int) -> QuantumCircuit:
    """The circuit with the first `count` layers, and what stands before and after all of them."""
    data = list(circuit.data)
    return _of(circuit, data[: layers.starts[count]] + data[layers.starts[-1] :])


def steps_in(circuit: QuantumCircuit) -> int:
    """How many time steps a static circuit has; 0 where a cut in time has no meaning."""
    return 0 if is_dynamic(circuit) else max(_times(circuit), default=0)


def first_steps(circuit: QuantumCircuit, count: int) -> QuantumCircuit:
    """The operations of the first `count` time steps."""
    return _of(circuit, [i for i, t in zip(circuit.data, _times(circuit), strict=True) if t <= count])


def _of(circuit: QuantumCircuit, data: list[CircuitInstruction]) -> QuantumCircuit:
    kept = circuit.copy_empty_like()
    for item in data:
        kept.append(item)
    return kept


def _turns(data: list[CircuitInstruction]) -> bool:
    """Whether some angle in there is free."""
    return any(getattr(p, "parameters", None) for item in data for p in item.operation.params)


def _times(circuit: QuantumCircuit) -> list[int]:
    latest: dict[object, int] = {}
    times = []
    for item in circuit.data:
        at = max((latest.get(q, 0) for q in item.qubits), default=0)
        at += not isinstance(item.operation, Barrier)
        times.append(at)
        latest.update(dict.fromkeys(item.qubits, at))
    return times


def _ids(circuit: QuantumCircuit) -> Ids:
    """A number for each operation, the same where name, wires and bits are."""
    place = {q: k for k, q in enumerate((*circuit.qubits, *circuit.clbits))}
    known: dict[tuple[object, ...], int] = {}
    found = [
        known.setdefault((i.operation.name, *(place[b] for b in (*i.qubits, *i.clbits))), len(known))
        for i in circuit.data
    ]
    return np.array(found, dtype=np.int64)


def _periodic(ids: Ids) -> tuple[int, int, int]:
    """Start, period and number of whole periods of the longest stretch; (0, 0, 0) where none is over half."""
    best = (0, 0, 0, 0)  # length, -period, start, count
    middle = len(ids) // 2
    recurs = np.flatnonzero(ids == ids[middle]) - middle if len(ids) else np.array([], dtype=np.int64)
    for period in sorted({abs(int(d)) for d in recurs if d}):
        same = np.concatenate([[False], ids[period:] == ids[:-period], [False]])
        edges = np.flatnonzero(same[1:] != same[:-1])
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            length = int(stop - start) + period
            if length // period >= 2:
                best = max(best, (length, -period, int(start), length // period))
    length, period, start, count = best
    return (start, -period, count) if 2 * length > len(ids) else (0, 0, 0)
