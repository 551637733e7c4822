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
from qiskit.circuit import ClassicalRegister, QuantumCircuit

from qverify.errors import Undecidable
from qverify.semantics.deferral import Deferred

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
    simulator = _simulator(0, n)
    whole.save_statevector()  # a method that qiskit-aer adds when it is imported
    ready = transpile(whole, simulator, optimization_level=0)
    vector = np.asarray(simulator.run(ready).result().get_statevector())
    return _marginal(np.abs(vector) ** 2, deferred.records)


def _marginal(weights: NDArray[np.float64], records: tuple[int | None, ...]) -> dict[int, float]:
    index = np.arange(len(weights))
    key = np.zeros_like(index)
    for bit, wire in enumerate(records):
        if wire is not None:
            key |= (index >> wire & 1) << bit
    totals = np.bincount(key, weights=weights)
    return {record: float(p) for record, p in enumerate(totals) if p > 0.0}


def sampled_counts(circuit: QuantumCircuit, prepared: QuantumCircuit, shots: int, seed: int) -> dict[int, int]:
    """Counts of the classical records of the dynamic circuit itself, run by Aer shot by shot."""
    whole = QuantumCircuit(*circuit.qregs, *circuit.cregs)
    loose = [bit for bit in circuit.qubits if bit not in whole.qubits]
    whole.add_bits([*loose, *(bit for bit in circuit.clbits if bit not in whole.clbits)])
    whole.compose(prepared, whole.qubits, inplace=True)
    whole.compose(circuit, whole.qubits, whole.clbits, inplace=True)
    loose_bits = [bit for bit in whole.clbits if not any(bit in register for register in whole.cregs)]
    if loose_bits:
        whole.add_register(ClassicalRegister(bits=loose_bits))
    simulator = _simulator(seed, circuit.num_qubits)
    ready = transpile(whole, simulator, optimization_level=0)
    counts = simulator.run(ready, shots=shots).result().get_counts()
    order = [whole.find_bit(bit).index for register in whole.cregs for bit in register]
    out: dict[int, int] = {}
    for word, count in counts.items():
        letters = word.replace(" ", "")[::-1]  # registers in order, each least significant bit first
        record = sum(int(letter) << order[j] for j, letter in enumerate(letters))
        out[record] = out.get(record, 0) + int(count)
    return out


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
