"""Undoing the layout of a transpiled circuit, so that its wires are the original's again.

Qiskit's transpiler puts virtual qubit v on physical wire initial[v] and leaves it on final[v]; a circuit that keeps
its layout (in memory, or in QPY) is the original only up to these two permutations.
Source: Qiskit, `TranspileLayout.initial_index_layout` and `final_index_layout`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qiskit.circuit import QuantumCircuit


def layout_undone(circuit: QuantumCircuit) -> QuantumCircuit:
    """The same circuit with wire v standing for virtual qubit v, at the start and at the end.

    A circuit without a layout is returned as it is. Swaps at the end put the wires back.
    """
    layout = circuit.layout
    if layout is None:
        return circuit
    initial = layout.initial_index_layout(filter_ancillas=False)
    final = layout.final_index_layout(filter_ancillas=False)
    virtual = {physical: v for v, physical in enumerate(initial)}
    out = circuit.copy_empty_like()
    out._layout = None  # there is no public way to say that the layout is gone
    own = {qubit: out.qubits[virtual[k]] for k, qubit in enumerate(circuit.qubits)}
    for item in circuit.data:
        # gates are shared, not copied: a copy of nested composites may take exponential time
        out.append(item.replace(qubits=tuple(own[q] for q in item.qubits)), copy=False)
    holds = {virtual[final[v]]: v for v in range(circuit.num_qubits)}  # wire -> the virtual qubit that ended there
    for wire in range(circuit.num_qubits):
        while holds[wire] != wire:
            other = holds[wire]
            out.swap(wire, other)
            holds[wire], holds[other] = holds[other], holds[wire]
    return out
