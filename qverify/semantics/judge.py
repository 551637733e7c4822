"""A second opinion on what a circuit does: qiskit-aer, another simulator in another language.

Two questions. Exact: the probabilities of all records of the deferred-measurement form, from its state vector.
Sampled: the counts of the dynamic circuit itself, measured, reset and fed forward by Aer. Aer's averaged density
matrix of a circuit with branches is a sample mean and is not used.
Source: Qiskit Aer (Apache-2.0), methods `statevector` and `density_matrix`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import transpile
from qiskit.circuit import Measure, QuantumCircuit
from qiskit.exceptions import QiskitError

from qverify.errors import Undecidable
from qverify.semantics.aer_words import in_aer_words
from qverify.semantics.deferral import Deferred
from qverify.structure import leaves

MAX_WIRES = 22


def _simulator(seed: int, n: int) -> Any:
    from qiskit_aer import AerSimulator

    if n > MAX_WIRES:
        raise Undecidable(f"{n} wires are too many for qiskit-aer's state vector here (at most {MAX_WIRES})")
    # fusion off: gates are applied one by one, as written; one thread: the same bytes on every machine
    return AerSimulator(method="statevector", seed_simulator=seed, fusion_enable=False, max_parallel_threads=1)


def deferred_probabilities(deferred: Deferred, prepared: QuantumCircuit) -> dict[int, float]:
    """Probability of every classical record of the deferred form, by Aer.

    Args:
        prepared: prepares the input on the original wires.
    """
    n = deferred.circuit.num_qubits
    whole = QuantumCircuit(n)
    whole.compose(prepared, range(deferred.inputs), inplace=True)
    whole.compose(deferred.circuit, inplace=True)
    return _marginal(np.abs(_final_state(whole)) ** 2, deferred.records)


def state_from(prepared: QuantumCircuit, circuit: QuantumCircuit) -> NDArray[np.complex128]:
    """The state vector after a circuit of gates with numbers for angles, by Aer.

    Args:
        prepared: prepares the input on the same wires.

    Raises:
        Undecidable: too many wires. QiskitError: Aer knows a gate neither by name nor by definition.
    """
    return _final_state(prepared.compose(circuit))


def _final_state(whole: QuantumCircuit) -> NDArray[np.complex128]:
    simulator = _simulator(0, whole.num_qubits)
    whole.save_statevector()  # a method that qiskit-aer adds when it is imported
    ready = transpile(whole, simulator, optimization_level=0)
    return np.asarray(simulator.run(ready).result().get_statevector())


def _marginal(weights: NDArray[np.float64], records: tuple[int | None, ...]) -> dict[int, float]:
    index = np.arange(len(weights))
    key = np.zeros_like(index)
    for bit, wire in enumerate(records):
        if wire is not None:
            key |= (index >> wire & 1) << bit
    totals = np.bincount(key, weights=weights)
    return {record: float(p) for record, p in enumerate(totals) if p > 0.0}


def sampled_counts(circuit: QuantumCircuit, prepared: QuantumCircuit, shots: int, seed: int) -> dict[int, int]:
    """Counts of the classical records of the dynamic circuit itself, run by Aer shot by shot.

    Raises:
        Undecidable: Aer does not run it, a condition reads too many bits, or a `while` has no known bound.
    """
    whole = in_aer_words(circuit, prepared)
    if not _measures(whole):
        return {0: shots}  # Aer gives no counts where nothing is measured
    simulator = _simulator(seed, whole.num_qubits)
    try:
        ready = transpile(whole, simulator, optimization_level=0)
        # by classical bit, unlike `get_counts`, which spells by register, wrongly where registers share bits
        found = simulator.run(ready, shots=shots).result().data()["counts"]
    except (QiskitError, KeyError) as fault:
        raise Undecidable(f"qiskit-aer does not run it: {str(fault).splitlines()[0]}") from None
    counts: dict[int, int] = {}
    for memory, count in found.items():
        record = int(memory, 16) & ((1 << circuit.num_clbits) - 1)
        counts[record] = counts.get(record, 0) + int(count)
    return counts


def _measures(circuit: QuantumCircuit) -> bool:
    """Whether anything is measured anywhere, in branches too."""
    return any(
        isinstance(leaf.operation, Measure) or any(map(_measures, getattr(leaf.operation, "blocks", ())))
        for leaf in leaves(circuit)
    )


def excess(counts: Mapping[int, int], expected: Mapping[int, float], failure: float) -> tuple[float, int]:
    """How far frequencies are outside the radius that chance explains, and the record where.

    Hoeffding: |frequency - p| <= sqrt(ln(2 m / failure) / (2 shots)) for all m records together, except with
    probability `failure`.
    """
    shots = sum(counts.values())
    records = sorted(set(counts) | set(expected))
    radius = math.sqrt(math.log(2 * len(records) / failure) / (2 * shots))
    gaps = [(abs(counts.get(r, 0) / shots - expected.get(r, 0.0)) - radius, r) for r in records]
    largest, record = max(gaps)
    return max(0.0, largest), record
