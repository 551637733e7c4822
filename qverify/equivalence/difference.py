"""Showing that two circuits differ: an input, what each makes of it, and lines of Qiskit that print both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qiskit.circuit import ControlFlowOp, QuantumCircuit

from qverify.equivalence.clifford_points import CliffordWitness
from qverify.equivalence.events import Described, Event, chance, telling_event
from qverify.equivalence.question import Pair
from qverify.equivalence.states import Shown
from qverify.errors import Undecidable
from qverify.finding import Counterexample
from qverify.semantics.binding import bind
from qverify.snippet import load_lines, prepare_any, prepare_lines, snippet

CLEARLY = 8.0  # times smaller than the distance may be what an event shows
VISIBLE = 0.05  # difference of two probabilities that a few thousand shots show
SHOTS = 4096
SIMULATED = 20  # wires
LEAST = 1e-9  # probability of a record behind which states are told
TOLD = 4  # outputs whose states are told


def _both(pair: Pair, values: Mapping[str, float]) -> list[str]:
    """Lines that load both circuits at the same angles, each by its own names."""
    theirs = {pair.own_names[name]: value for name, value in values.items()}
    return [*load_lines(pair.a.path, values), *load_lines(pair.b.path, theirs, "reference")]


def show_states(pair: Pair, shown: Shown) -> Counterexample:
    """A counterexample that prints the distance of two output states."""
    loops = any(isinstance(i.operation, ControlFlowOp) for side in (pair.a, pair.b) for i in side.circuit.data)
    return Counterexample(
        values=shown.values,
        input=shown.letters,
        record="",
        expected=f"the state that {pair.b.path} prepares from it",
        observed=f"a state at distance {shown.distance:.6g} from it",
        snippet=snippet(
            _both(pair, shown.values),
            ["circuit, reference = defer(circuit).circuit, defer(reference).circuit  # loops unrolled"] * loops,
            prepare_lines(shown.letters),
            [
                "found, wanted = (Statevector(prepared.compose(c)).data for c in (circuit, reference))",
                "overlap = np.vdot(wanted, found)",
                "phase = overlap / abs(overlap) if abs(overlap) else 1.0",
                "print('distance', np.linalg.norm(found - phase * wanted))",
            ],
            imports=(
                "from qiskit.quantum_info import Statevector",
                "import numpy as np",
                *(["from qverify.semantics import defer"] * loops),
            ),
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


def simplest_event(pair: Pair, at: Mapping[str, float], apart: float) -> Counterexample | None:
    """Something that happens more often in one of two circuits; clearly more often, where that is found.

    Args:
        apart: their distance at these parameters.
    """
    for least in (max(pair.question.tolerance, apart / CLEARLY), pair.question.tolerance / 2):
        try:
            event = telling_event(pair, at, least, thorough=True)
        except Undecidable:
            return None
        if event is not None:
            return show_event(pair, at, event)
    return None


def show_event(pair: Pair, at: Mapping[str, float], event: Event) -> Counterexample:
    """A counterexample that prints the probability of one event in each circuit, and how often Aer sees it."""
    mine: Described = event.inputs if pair.question.input == "any" else ("0",) * pair.wires
    theirs = _on_all_wires(pair, mine)
    gone = set(pair.question.discard)
    outputs = [k for k in range(pair.b.circuit.num_qubits) if k not in gone]
    ends = dict(event.ends), {outputs[j]: end for j, end in event.ends.items()}
    n_bits = max(pair.a.circuit.num_clbits, pair.b.circuit.num_clbits)
    lines = [
        *prepare_any(mine),
        *prepare_any(theirs, "prepared_reference"),
        f"bits = {dict(event.bits)!r}  # classical bit -> value",
        "for name, c, inputs, start, ends in (",
        f"    ('circuit', circuit, {mine!r}, prepared, {ends[0]!r}),",
        f"    ('reference', reference, {theirs!r}, prepared_reference, {ends[1]!r}),",
        "):",
        "    print(name, 'probability', round(chance(c, inputs, bits, ends), 12))",
    ]
    imports = ["from qverify.equivalence.events import chance"]
    if event.gap > VISIBLE and max(pair.wires, pair.b.circuit.num_qubits) <= SIMULATED:
        lines += [line.replace("N_BITS", str(n_bits)) for line in _AER]
        imports += ["from qiskit.circuit import Clbit", "from qverify.errors import Undecidable"]
        imports.append("from qverify.semantics.judge import sampled_counts")
    what = "this record" if event.bits else "this outcome"
    if event.ends:
        read = ", ".join(f"{v} on wire {k} in {basis}" for k, (basis, v) in sorted(event.ends.items()))
        what = f"this record and then {read}" if event.bits else f"measuring {read} at the end"
    told = _states_after(pair, at, event, mine, theirs, outputs)
    return Counterexample(
        values=dict(at),
        input=_word(mine),
        record="".join(str(event.bits.get(k, ".")) for k in reversed(range(n_bits))),
        expected=f"probability {event.right.value:.9g} of {what}, as in {pair.b.path}{told[1]}",
        observed=f"probability {event.left.value:.9g}{told[0]}",
        snippet=snippet(_both(pair, at), lines, imports=tuple(imports)),
    )


_AER = [
    "    whole, wanted = c.copy(), dict(bits)",
    "    whole.add_bits([Clbit() for _ in range(N_BITS - c.num_clbits + len(ends))])",
    "    for j, (wire, (basis, outcome)) in enumerate(sorted(ends.items())):",
    "        for gate in {'X': ['h'], 'Y': ['sdg', 'h'], 'Z': []}[basis]:",
    "            getattr(whole, gate)(wire)",
    "        whole.measure(wire, N_BITS + j)",
    "        wanted[N_BITS + j] = outcome",
    "    try:",
    f"        counts = sampled_counts(whole, start, {SHOTS}, seed=1)",
    "    except Undecidable as why:",
    "        print(name, why)",
    "        continue",
    "    seen = sum(n for r, n in counts.items() if all(r >> b & 1 == v for b, v in wanted.items()))",
    f"    print(name, 'frequency in qiskit-aer', seen / {SHOTS})",
]


def _word(states: Sequence[str | tuple[float, float]]) -> str:
    if all(isinstance(one, str) for one in states):
        return "".join(map(str, states))
    return " ".join(one if isinstance(one, str) else f"({one[0]:g},{one[1]:g})" for one in states)


def _on_all_wires(pair: Pair, mine: Described) -> Described:
    """The same input on the wires of B, whose ancillas start in |0>."""
    if pair.question.input == "zero":
        return ("0",) * int(pair.b.circuit.num_qubits)
    rest, zero = iter(mine), set(pair.question.ancilla)
    return tuple("0" if k in zero else next(rest) for k in range(int(pair.b.circuit.num_qubits)))


def _states_after(
    pair: Pair, at: Mapping[str, float], event: Event, mine: Described, theirs: Described, outputs: Sequence[int]
) -> tuple[str, str]:
    """Behind the record, the Bloch vector of every output in A and in B, where states count and wires are few."""
    if pair.question.notion == "outcomes" or len(outputs) > TOLD:
        return "", ""
    sides = (pair.a.circuit, mine, range(pair.wires)), (pair.b.circuit, theirs, outputs)
    texts = []
    for circuit, inputs, wires in sides:
        bound = bind(circuit, {p: v for p, v in at.items() if p in {q.name for q in circuit.parameters}})
        try:
            texts.append(_bloch(bound, inputs, dict(event.bits), wires))
        except Undecidable:
            return "", ""
    return texts[0], texts[1]


def _bloch(circuit: QuantumCircuit, inputs: Described, bits: Mapping[int, int], wires: Sequence[int]) -> str:
    whole = chance(circuit, inputs, bits)
    if whole < LEAST:
        return "; this record does not occur"
    vectors = []
    for wire in wires:
        up = [chance(circuit, inputs, bits, {wire: (basis, 0)}) / whole for basis in "XYZ"]
        vectors.append("(" + ", ".join(f"{round(2 * p - 1, 6) + 0.0:g}" for p in up) + ")")
    return f"; then Bloch vectors {' '.join(vectors)}"
