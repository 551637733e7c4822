"""A second opinion on what a circuit does: qiskit-aer, another simulator in another language.

Two questions. Exact: the probabilities of all records of the deferred-measurement form, from its state vector.
Sampled: the counts of the dynamic circuit itself, measured, reset and fed forward by Aer. Aer's averaged density
matrix of a circuit with branches is a sample mean and is not used.
Source: Qiskit Aer (Apache-2.0), methods `statevector` and `density_matrix`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import transpile
from qiskit.circuit import (
    BoxOp,
    ControlFlowOp,
    ForLoopOp,
    IfElseOp,
    Measure,
    QuantumCircuit,
    SwitchCaseOp,
)
from qiskit.exceptions import QiskitError

from qverify.errors import Undecidable
from qverify.semantics.binding import bind
from qverify.semantics.conditions import bits_read
from qverify.semantics.deferral import Deferred
from qverify.semantics.run import bodies
from qverify.structure import leaves

MAX_WIRES = 22
MAX_CONDITION_BITS = 8


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
    """Counts of the classical records of the dynamic circuit itself, run by Aer shot by shot."""
    whole = circuit.copy_empty_like()
    whole.compose(prepared, whole.qubits, inplace=True)
    _spread(circuit, whole, range(whole.num_qubits), range(whole.num_clbits))
    if not _measures(whole):
        return {0: shots}  # Aer gives no counts where nothing is measured
    simulator = _simulator(seed, circuit.num_qubits)
    try:
        ready = transpile(whole, simulator, optimization_level=0)
        # by classical bit, unlike `get_counts`, which spells by register, wrongly where registers share bits
        counts = simulator.run(ready, shots=shots).result().data()["counts"]
    except (QiskitError, KeyError) as fault:
        raise Undecidable(f"qiskit-aer does not run it: {str(fault).splitlines()[0]}") from None
    return {int(record, 16): int(count) for record, count in counts.items()}


def _measures(circuit: QuantumCircuit) -> bool:
    """Whether anything is measured anywhere, in branches too."""
    return any(
        isinstance(leaf.operation, Measure) or any(map(_measures, getattr(leaf.operation, "blocks", ())))
        for leaf in leaves(circuit)
    )


def _spread(circuit: QuantumCircuit, into: QuantumCircuit, wires: Sequence[int], bits: Sequence[int]) -> None:
    """Append a circuit in words that Aer knows and reads rightly.

    Loops are unrolled, boxes and measuring composites opened. Every body stands on all wires and bits of `into`: in
    Aer, a condition inside a body reads bits by identity.
    """
    own_q, own_c = dict(zip(circuit.qubits, wires, strict=True)), dict(zip(circuit.clbits, bits, strict=True))
    into.global_phase += circuit.global_phase
    for item in circuit.data:
        op = item.operation
        on, at = [own_q[q] for q in item.qubits], [own_c[c] for c in item.clbits]
        if isinstance(op, ForLoopOp):
            indices, variable, body = op.params
            for index in indices:
                _spread(body if variable is None else bind(body, {variable: index}), into, on, at)
        elif isinstance(op, BoxOp):
            _spread(op.blocks[0], into, on, at)
        elif isinstance(op, IfElseOp | SwitchCaseOp):
            decided = _decided(op, into, (on, at), own_c)
            for inner in () if decided is None else decided.data:
                into.append(inner)
        elif at and not isinstance(op, Measure | ControlFlowOp) and getattr(op, "definition", None) is not None:
            _spread(op.definition, into, on, at)
        else:
            into.append(op, on, at)


def _decided(
    op: ControlFlowOp, into: QuantumCircuit, at: tuple[list[int], list[int]], bits: Mapping[Any, int]
) -> QuantumCircuit | None:
    """A branching operation as a tree of questions about single bits, because Aer misreads casts and negations."""
    steered = op.condition if isinstance(op, IfElseOp) else (op.target, 0)
    read = bits_read(steered, bits)
    if len(read) > MAX_CONDITION_BITS:
        raise Undecidable(f"a condition reads {len(read)} bits, too many for qiskit-aer here")

    def tree(k: int, record: int) -> QuantumCircuit | None:
        whole = into.copy_empty_like()
        whole.global_phase = 0.0
        if k == len(read):
            for body, _ in bodies(op, record, bits):
                _spread(body, whole, *at)
            return whole if whole.data else None
        yes, no = tree(k + 1, record | 1 << read[k]), tree(k + 1, record)
        nothing = into.copy_empty_like()
        if yes is None and no is None:
            return None
        whole.if_else((into.clbits[read[k]], 1), nothing if yes is None else yes, no, into.qubits, into.clbits)
        return whole

    return tree(0, 0)


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
