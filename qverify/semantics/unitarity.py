"""A product of unitary gates is unitary: a proof that needs no state vector.

    U = U_L ... U_1 with ||U_k^dagger U_k - 1|| <= e_k   =>   ||U^dagger U - 1|| <= e = prod (1 + e_k) - 1

Standard gates with real angles are unitary by their formula (e_k = 0); the defect of a matrix given in numbers is
computed. A norm then changes by at most e, an overlap |<phi|psi>|^2 by at most 2 e + e^2.
Cost: O(leaf operations), at any number of qubits.
"""

from __future__ import annotations

import numpy as np
from qiskit.circuit import Barrier, Delay, QuantumCircuit
from qiskit.circuit.library import UnitaryGate

from qverify.structure import leaves, standard_class


def proved_unitary_defect(circuit: QuantumCircuit) -> float | None:
    """A bound on the change of any norm or overlap; None where some operation is no gate.

    Raises:
        Undecidable: too many gates once composites are opened.
    """
    growth = 1.0
    for leaf in leaves(circuit):
        op = leaf.operation
        if isinstance(op, UnitaryGate):
            matrix = np.asarray(op.params[0], dtype=np.complex128)
            growth *= 1.0 + float(np.linalg.norm(matrix.conj().T @ matrix - np.eye(len(matrix)), 2))
        elif not standard_class(op) and not isinstance(op, Barrier | Delay):
            return None
    e = growth - 1.0
    return 2 * e + e**2
