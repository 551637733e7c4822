"""Fixed values for parameters, without changing the circuit that has them.

`QuantumCircuit.assign_parameters` of Qiskit 2.6 writes into the original where a composite or an openly controlled
gate stands inside control flow, because the copies of a body (deep ones too) share such gates.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from qiskit.circuit import ControlFlowOp, Parameter, QuantumCircuit


def bind(circuit: QuantumCircuit, values: Mapping[Any, float]) -> QuantumCircuit:
    """A circuit with values in place of parameters (`Parameter`s or their names); the given one stays as it is.

    Values for what the circuit does not have are ignored. Cost: a deep copy.
    """
    return unshared(circuit).assign_parameters(values, inplace=False, strict=False)


def renamed(circuit: QuantumCircuit, names: Mapping[str, str]) -> QuantumCircuit:
    """The circuit with other names for its parameters; in two steps, since names may be exchanged."""
    aside = {name: Parameter(f"parameter {k}, set aside") for k, name in enumerate(names)}
    out = unshared(circuit).assign_parameters(aside, inplace=False, strict=False)
    final = {aside[name]: Parameter(new) for name, new in names.items()}
    return unshared(out).assign_parameters(final, inplace=False, strict=False)


def unshared(circuit: QuantumCircuit) -> QuantumCircuit:
    """An equal circuit that has no gate and no body in common with the given one."""
    out = circuit.copy_empty_like()
    for item in circuit.data:
        op = item.operation
        if isinstance(op, ControlFlowOp):
            own = op.replace_blocks([unshared(block) for block in op.blocks])
        else:
            own = deepcopy(op)
        out.append(item.replace(operation=own), copy=False)
    return out
