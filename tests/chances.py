"""What can happen before an operation of a small circuit, by density matrices: the truth for tests of hygiene.

Every free wire starts maximally mixed: what has probability zero then has it for every input.
"""

from __future__ import annotations

import numpy as np
from qiskit.circuit import Clbit, QuantumCircuit, Qubit

from tests.oracles import evolve, kron_all

NOTHING = 1e-12


def mixed(n: int, zero: list[int]) -> np.ndarray:  # type: ignore[type-arg]
    """|0><0| on some wires and 1/2 on the others."""
    return kron_all([np.diag([1, 0]) if k in zero else np.eye(2) / 2 for k in range(n)])


def before(circuit: QuantumCircuit, index: int) -> QuantumCircuit:
    """The circuit up to an operation."""
    out = circuit.copy_empty_like()
    for item in circuit.data[:index]:
        out.append(item)
    return out


def chance_of_one(circuit: QuantumCircuit, index: int, wire: int, zero: list[int]) -> float:
    """Probability that a wire is found in |1> just before an operation."""
    ends = evolve(before(circuit, index), mixed(circuit.num_qubits, zero)[None])
    one = (np.arange(2**circuit.num_qubits) >> wire & 1).astype(bool)
    return float(sum(np.real(np.diag(rho[0]))[one].sum() for rho in ends.values()))


def chance_of_condition(circuit: QuantumCircuit, index: int, zero: list[int]) -> float:
    """Probability that the condition of an `if` holds: a fresh wire is flipped where it does, and measured."""
    marked = before(circuit, index)
    flag, mark = Qubit(), Clbit()
    marked.add_bits([flag, mark])
    body = QuantumCircuit([flag], circuit.clbits, *circuit.cregs)
    body.x(flag)
    marked.if_test(circuit.data[index].operation.condition, body, [flag], circuit.clbits)
    marked.measure(flag, mark)
    n = circuit.num_qubits
    ends = evolve(marked, mixed(n + 1, [*zero, n])[None])
    return float(sum(np.trace(rho[0]).real for record, rho in ends.items() if record >> circuit.num_clbits & 1))
