"""Showing that two circuits differ: an input, what each makes of it, and lines of Qiskit that print both."""

from __future__ import annotations

from collections.abc import Mapping

from qverify.equivalence.clifford_points import CliffordWitness
from qverify.equivalence.question import Pair
from qverify.equivalence.states import Shown
from qverify.finding import Counterexample
from qverify.snippet import load_lines, prepare_lines, snippet


def _both(pair: Pair, values: Mapping[str, float]) -> list[str]:
    """Lines that load both circuits at the same angles, each by its own names."""
    theirs = {pair.own_names[name]: value for name, value in values.items()}
    return [*load_lines(pair.a.path, values), *load_lines(pair.b.path, theirs, "reference")]


def show_states(pair: Pair, shown: Shown) -> Counterexample:
    """A counterexample that prints the distance of two output states."""
    return Counterexample(
        values=shown.values,
        input=shown.letters,
        record="",
        expected=f"the state that {pair.b.path} prepares from it",
        observed=f"a state at distance {shown.distance:.6g} from it",
        snippet=snippet(
            _both(pair, shown.values),
            prepare_lines(shown.letters),
            [
                "found, wanted = (Statevector(prepared.compose(c)).data for c in (circuit, reference))",
                "overlap = np.vdot(wanted, found)",
                "phase = overlap / abs(overlap) if abs(overlap) else 1.0",
                "print('distance', np.linalg.norm(found - phase * wanted))",
            ],
            imports=("from qiskit.quantum_info import Statevector", "import numpy as np"),
        ),
    )


def show_interval(pair: Pair, bound: Mapping[str, float], lo: float, hi: float) -> Counterexample:
    """Where no simulator can hold the states: the angles, and lines that find the distance again."""
    return Counterexample(
        values=dict(bound),
        input="",
        record="",
        expected=f"the unitary of {pair.b.path}, up to phase",
        observed=f"a unitary at a distance between {lo:.6g} and {hi:.6g} from it",
        snippet=snippet(
            _both(pair, bound),
            ["print(compare_bound(circuit, reference))"],
            imports=("from qverify.equivalence.clusters import compare_bound",),
        ),
    )


def show_expectation(pair: Pair, witness: CliffordWitness) -> Counterexample:
    """A counterexample that prints one expectation value of each circuit, by a simulator that likes Cliffords."""
    letter, k = witness.observable[0], int(witness.observable[1:])
    return Counterexample(
        values=witness.values,
        input=witness.letters,
        record="",
        expected=f"<{witness.observable}> = {witness.other:g} after {pair.b.path}",
        observed=f"<{witness.observable}> = 1 after {pair.a.path}",
        snippet=snippet(
            _both(pair, witness.values),
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
