"""Fixed values for parameters, without changing the circuit that has them.

`QuantumCircuit.assign_parameters` of Qiskit 2.6 writes into the original where a composite or an openly controlled
gate stands inside control flow, because the copies of a body share such gates. A deep copy shares none.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from qiskit.circuit import QuantumCircuit


def bind(circuit: QuantumCircuit, values: Mapping[Any, float]) -> QuantumCircuit:
    """A circuit with values in place of parameters (`Parameter`s or their names); the given one stays as it is.

    What the circuit does not have is ignored. Cost: a deep copy.
    """
    return deepcopy(circuit).assign_parameters(values, strict=False)
