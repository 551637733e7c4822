"""Changes that Qiskit itself makes of a whole circuit: compiling, opening, inverting, binding.

Truth is computed, so a compiler that drops a small rotation counts as a difference and not as a mistake of ours.
"""

# ruff: noqa: ARG001  # every change takes the same arguments
from __future__ import annotations

import contextlib
from collections.abc import Callable
from random import Random
from typing import Any

from qiskit import QuantumCircuit, transpile
from qiskit.transpiler import CouplingMap, TranspilerError

from .sketches import as_gate

Change = Callable[[Random, QuantumCircuit], QuantumCircuit]
BASES = [
    ["rz", "sx", "x", "cx"], ["u", "cx"], ["rx", "rz", "cz"], ["ry", "rz", "cx"], ["p", "sx", "cx"],
    ["rx", "ry", "rz", "rzz"], ["rz", "sx", "x", "ecr"], ["h", "s", "t", "tdg", "rz", "cx"],
    ["rx", "ry", "rxx"], None,
]  # fmt: skip

# no way into a basis; and Qiskit 2.6 cannot copy an expression whose parameters cancelled, such as x - x
CANNOT_COMPILE = (TranspilerError, TypeError)


def compiled(level: int, routed: bool) -> Change:
    """Transpiled at a level, on all wires or on a line or ring, from a drawn layout."""

    def change(source: Random, circuit: QuantumCircuit) -> QuantumCircuit:
        n, options = circuit.num_qubits, dict[str, Any]()
        if routed and n > 1:
            coupling = source.choice([CouplingMap.from_line(n), CouplingMap.from_ring(n)])
            options["coupling_map"] = coupling
            if source.random() < 0.6:
                options["initial_layout"] = source.sample(range(n), n)
        options |= {"optimization_level": level, "seed_transpiler": source.randrange(2**31), "num_processes": 1}
        # by default the compiler takes idle wires for |0>, which keeps states from zero and not the unitary
        options["qubits_initially_zero"] = source.random() < 0.15
        for gates in (source.choice(BASES) if source.random() < 0.6 else BASES[0], BASES[0]):
            with contextlib.suppress(*CANNOT_COMPILE):
                return transpile(circuit, basis_gates=gates, **options)
        return circuit

    return change


def opened(source: Random, circuit: QuantumCircuit) -> QuantumCircuit:
    """Definitions in place of gates."""
    return circuit.decompose(reps=source.choice([1, 1, 2, 3]))


def inverted_twice(source: Random, circuit: QuantumCircuit) -> QuantumCircuit:
    """The inverse of the inverse."""
    return circuit.inverse().inverse()


def boxed(source: Random, circuit: QuantumCircuit) -> QuantumCircuit:
    """The whole circuit as one gate, nested a few times, on permuted wires."""
    out = circuit
    for _ in range(source.randint(1, 3)):
        order = source.sample(range(circuit.num_qubits), circuit.num_qubits)
        inner = QuantumCircuit(circuit.num_qubits)
        inner.compose(out, order, inplace=True)
        outer = QuantumCircuit(circuit.num_qubits)
        outer.append(as_gate(inner), [order.index(k) for k in range(circuit.num_qubits)])
        out = outer.inverse().inverse()
    return out


CHANGES: dict[str, Change] = {
    f"compiled at {level}{', routed' if routed else ''}": compiled(level, routed)
    for level in range(4)
    for routed in (False, True)
} | {"definitions opened": opened, "inverse of the inverse": inverted_twice, "nested gates": boxed}
