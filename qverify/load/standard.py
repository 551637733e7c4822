"""Gates of a file that carry the name of a Qiskit standard gate.

Rule: Qiskit and Aer know many gates by name alone, so a gate that a file defines never keeps such a name: either
its definition is Qiskit's own, operation by operation, and then it is that standard gate times a known phase, or
it is renamed with the suffix `_of_file`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit.library import get_standard_gate_name_mapping

SUFFIX = "_of_file"


@cache
def _classes() -> dict[str, type]:
    return {name: type(gate) for name, gate in get_standard_gate_name_mapping().items() if isinstance(gate, Gate)}


@cache
def reserved_names() -> frozenset[str]:
    """Names that Qiskit gives a meaning of its own."""
    words = {"u0", "unitary", "initialize", "kraus", "superop", "if_else", "while_loop", "for_loop", "switch_case"}
    return frozenset(get_standard_gate_name_mapping()) | words


def own_name(name: str) -> str:
    """The name under which a gate that a file defines is stored."""
    return name + SUFFIX if name in reserved_names() else name


def standard_twin(name: str, angles: Sequence[Any], definition: QuantumCircuit) -> tuple[Gate, Any] | None:
    """Qiskit's standard gate of that name, if its definition has exactly the same operations.

    Returns:
        The gate, and the phase in radians by which the definition is ahead of it (Qiskit's OpenQASM writers drop
        the global phase of definitions, so `sxdg` in a file is e^{-i pi/4} times Qiskit's).
    """
    kind = _classes().get(name)
    if kind is None:
        return None
    try:
        gate = kind(*angles)
    except (TypeError, ValueError):
        return None
    own = gate.definition if isinstance(gate, Gate) and gate.num_qubits == definition.num_qubits else None
    if own is None or _steps(own) != _steps(definition):
        return None
    return gate, definition.global_phase - own.global_phase


def _steps(circuit: QuantumCircuit) -> list[Any]:
    """The operations in order, exactly; unlike Qiskit's `==`, which takes angles 1e-10 apart for equal."""
    steps: list[Any] = []
    for item in circuit.data:
        qubits = tuple(circuit.find_bit(q).index for q in item.qubits)
        steps.append((item.operation.base_class, list(item.operation.params), qubits))
    return steps
