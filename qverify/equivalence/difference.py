"""Showing that two circuits differ: an input, what each makes of it, and lines of Qiskit that print both."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from qverify.draws import product_state
from qverify.equivalence.clifford_points import CliffordWitness
from qverify.finding import Counterexample
from qverify.semantics import run
from qverify.snippet import load_lines, prepare_lines, snippet
from qverify.subject import Reference, Subject

Named = Subject | Reference
Vector = NDArray[np.complex128]


def state_distance(a: Named, b: Named, bound: Mapping[str, float], letters: str) -> float:
    """min over phase of || U psi - e^{i phi} V psi || for circuits of gates, from the residual.

    The residual is right down to rounding, where 1 - |overlap| would lose half the digits.
    """
    psi = product_state(letters)
    left, right = (_end(side.circuit, bound, psi) for side in (a, b))
    overlap = np.vdot(right, left)
    phase = overlap / abs(overlap) if abs(overlap) > 0 else 1.0
    return float(np.linalg.norm(left - phase * right))


def _end(circuit: QuantumCircuit, bound: Mapping[str, float], psi: Vector) -> Vector:
    names = {p.name for p in circuit.parameters}
    end: Vector = run(circuit, {p: np.array([v]) for p, v in bound.items() if p in names}, psi)[0][0][0]
    return end


def show_states(a: Named, b: Named, bound: Mapping[str, float], letters: str) -> Counterexample:
    """A counterexample that prints the distance of two output states."""
    return Counterexample(
        values=dict(bound),
        input=letters,
        record="",
        expected=f"the state that {b.path} prepares from it",
        observed=f"a state at distance {state_distance(a, b, bound, letters):.6g} from it",
        snippet=snippet(
            load_lines(a.path, bound),
            load_lines(b.path, bound, "reference"),
            prepare_lines(letters),
            [
                "found, wanted = (Statevector(prepared.compose(c)).data for c in (circuit, reference))",
                "overlap = np.vdot(wanted, found)",
                "phase = overlap / abs(overlap) if abs(overlap) else 1.0",
                "print('distance', np.linalg.norm(found - phase * wanted))",
            ],
            imports=("from qiskit.quantum_info import Statevector", "import numpy as np"),
        ),
    )


def show_expectation(a: Named, b: Named, witness: CliffordWitness) -> Counterexample:
    """A counterexample that prints one expectation value of each circuit, by a simulator that likes Cliffords."""
    letter, k = witness.observable[0], int(witness.observable[1:])
    return Counterexample(
        values=witness.values,
        input=witness.letters,
        record="",
        expected=f"<{witness.observable}> = {witness.other:g} after {b.path}",
        observed=f"<{witness.observable}> = 1 after {a.path}",
        snippet=snippet(
            load_lines(a.path, witness.values),
            load_lines(b.path, witness.values, "reference"),
            prepare_lines(witness.letters),
            [
                f"observable = SparsePauliOp.from_sparse_list([('{letter}', [{k}], 1)], circuit.num_qubits)",
                "simulator = AerSimulator(method='matrix_product_state')",
                "for name, c in (('circuit', circuit), ('reference', reference)):",
                "    whole = prepared.compose(c)",
                "    whole.save_expectation_value(observable, whole.qubits)",
                "    result = simulator.run(transpile(whole, simulator, optimization_level=0)).result()",
                "    print(name, round(result.data()['expectation_value'], 9))",
            ],
            imports=(
                "from qiskit import transpile",
                "from qiskit.quantum_info import SparsePauliOp",
                "from qiskit_aer import AerSimulator",
            ),
        ),
    )
