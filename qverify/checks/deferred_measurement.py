"""Measured now or later: branches, the deferred form, the claimed reference and qiskit-aer tell one story.

Why: an inverted condition, a dropped reset or a bit on the wrong wire trains without complaint.
Formula: diamond norm of the difference of the instruments (one map for every classical record) of the circuit, of
its deferred-measurement form and of the claimed reference; probabilities and counts of the records in qiskit-aer.
Source: Nielsen and Chuang, Quantum Computation and Quantum Information (2010), sec. 4.4; Burgholzer and Wille,
Handling Non-Unitaries in Quantum Circuit Equivalence Checking, arXiv:2106.01099.
Limits: equality with the reference is proved or exact, for all angles, or undecided. The rest is numerical, at the
angles tried, on at most 10 input wires; the counts miss a deviation below about 0.06.
Fails: `if (c == 0)` where the reference acts on `c == 1`.
Fix: follow the record of the counterexample through both circuits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator
from qiskit.circuit import QuantumCircuit

from qverify.check import NotApplicable, check
from qverify.comparison import against_reference, claimed, sides
from qverify.domain import draw_values
from qverify.draws import LETTERS, inputs, product_state, search, values
from qverify.equivalence import Side, distance
from qverify.equivalence.question import Pair
from qverify.finding import Counterexample, Evidence
from qverify.semantics import defer
from qverify.semantics.binding import bind
from qverify.semantics.deferral import Deferred
from qverify.semantics.instrument import Instrument, Kraus, instrument, outcome_distribution
from qverify.semantics.judge import deferred_probabilities, excess, sampled_counts
from qverify.snippet import PREPARE, load_lines, prepare_lines, snippet
from qverify.structure import is_dynamic, leaf_count, measures_only_at_the_end
from qverify.subject import Subject

EXAMPLES = 12
JUDGED = 3
SHOTS = 4096
FLOOR = 1e-9
FAILURE = 1e-9  # chance that a right circuit's counts are called wrong
Case = tuple[dict[str, float], str]


@check()
def deferred_measurement(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """Compare the four tellings at drawn angles and inputs."""
    if not is_dynamic(subject.circuit):
        if subject.reference is None or not is_dynamic(subject.reference.circuit):
            raise NotApplicable("speaks of circuits that measure, reset or branch")
        yield _against_reference(subject, rng)
        yield against_reference(subject, f"against {subject.reference.path}, for all angles")
        return
    if measures_only_at_the_end(subject.circuit) and subject.claims.equivalent_to is None:
        raise NotApplicable(
            "every measurement stands at the end already; `equivalent_to` would give it a reference"
        )
    yield _against_deferred(subject, rng)
    if subject.claims.equivalent_to is not None:
        yield _against_reference(subject, rng)
    yield from _against_aer(subject, rng)
    if subject.reference is not None and subject.claims.equivalent_to is not None:
        yield against_reference(subject, f"against {subject.reference.path}, for all angles")


def _bound(subject: Subject, values: Mapping[str, float]) -> QuantumCircuit:
    return bind(subject.circuit, {p: values[p] for p in subject.parameters})


def measured_at_end(deferred: Deferred) -> Side:
    """The deferred form as a side to compare: its ancillas start in |0> and are traced out."""
    return Side(deferred.measured(), deferred.ancillas, deferred.ancillas)


def _against_deferred(subject: Subject, rng: Generator) -> Evidence:
    def apart(at: dict[str, float]) -> float:
        circuit = _bound(subject, at)
        deferred = measured_at_end(defer(circuit))
        return distance(Side(circuit), deferred, {}, "instrument").hi

    worst = search(values(subject), apart, rng, floor=FLOOR, examples=EXAMPLES)
    return Evidence(
        quantity="diamond norm, branches against deferred form",
        lo=0.0 if worst.case is None else worst.defect / 2 ** (subject.circuit.num_qubits + 1),
        hi=worst.defect,
        unit="1",
        where="every classical record",
        method=f"{worst.tried} drawn angles",
        strength="numerical",
    )


def _against_reference(subject: Subject, rng: Generator) -> Evidence:
    claim, pair = claimed(subject)
    left, right = sides(subject)
    worst = search(
        values(subject),
        lambda at: distance(left, right, at, claim.notion, claim.input).hi,
        rng,
        floor=FLOOR,
        examples=EXAMPLES,
    )
    largest = distance(left, right, worst.at, claim.notion, claim.input)
    return Evidence(
        quantity=largest.quantity,
        lo=largest.lo,
        hi=worst.defect,
        unit="1",
        where=f"against {pair.b.path}",
        method=f"{worst.tried} drawn angles, notion {claim.notion}, input {claim.input}",
        strength="numerical",
        counterexample=None if worst.case is None else _counterexample(subject, rng),
    )


def _counterexample(subject: Subject, rng: Generator) -> Counterexample | None:
    """The simplest angles and product input whose records are distributed differently, or whose states differ."""
    _, pair = claimed(subject)
    left, right = sides(subject)
    free = subject.circuit.num_qubits - len(left.zero)

    def tellings(case: Case) -> tuple[Instrument, Instrument]:
        return left.map(case[0], "instrument"), right.map(case[0], "instrument")

    def apart(case: Case) -> tuple[float, int]:
        psi, pair = product_state(case[1])[0], tellings(case)
        outputs = [_outputs(m, psi) for m in pair]
        zero = np.zeros_like(next(iter(outputs[0].values())))
        records = sorted(set(outputs[0]) | set(outputs[1]))
        gaps = [(float(np.linalg.norm(outputs[0].get(r, zero) - outputs[1].get(r, zero))), r) for r in records]
        return max(gaps)

    cases = st.tuples(values(subject), inputs(free))
    worst = search(cases, lambda case: apart(case)[0], rng, floor=FLOOR, examples=4 * EXAMPLES)
    if worst.case is None:
        return None
    at, letters = worst.case
    gap, record = apart(worst.case)
    spread = [outcome_distribution(m, product_state(letters)[0]).get(record, 0.0) for m in tellings(worst.case)]
    whole = _with_zeros(letters, subject.circuit.num_qubits, left.zero)
    return Counterexample(
        values=at,
        input=whole,
        record=_bits(record, subject.circuit.num_clbits),
        expected=f"probability {spread[1]:.6g} of this record, as in {pair.b.path}",
        observed=f"probability {spread[0]:.6g}, output states {gap:.6g} apart",
        snippet=_replay(pair, at, whole),
    )


def _outputs(maps: Instrument, psi: Kraus) -> dict[int, Kraus]:
    """The unnormalised output density matrix of every record."""
    return {r: np.einsum("ra,rb->ab", k @ psi, (k @ psi).conj()) for r, k in maps.items()}


def _with_zeros(letters: str, n: int, zero: Sequence[int]) -> str:
    rest = iter(letters)
    return "".join("0" if k in set(zero) else next(rest) for k in range(n))


def _bits(record: int, n_bits: int) -> str:
    return format(record, f"0{n_bits}b") if n_bits else ""


def _replay(pair: Pair, at: Mapping[str, float], letters: str) -> str:
    return snippet(
        load_lines(pair.a.path, at),
        load_lines(pair.b.path, {pair.own_names[p]: v for p, v in at.items()}, "reference"),
        prepare_lines(letters),
        [
            "for name, c in (('circuit', circuit), ('reference', reference)):",
            "    whole = c.copy_empty_like(vars_mode='drop')",
            f"    whole.compose(prepared, range({len(letters)}), inplace=True)",
            "    whole.compose(c, inplace=True)",
            "    simulator = AerSimulator(method='density_matrix', seed_simulator=1)",
            f"    whole.save_density_matrix(list(range({len(letters)})), conditional=True)",
            "    result = simulator.run(transpile(whole, simulator, optimization_level=0), shots=4096).result()",
            "    print(name, result.get_counts())",
            "    print({k: v.data.round(4).tolist() for k, v in result.data()['density_matrix'].items()})",
        ],
        imports=("from qiskit import transpile", "from qiskit_aer import AerSimulator"),
    )


def _against_aer(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """Aer on the deferred form (exact) and on the dynamic circuit itself (counts)."""
    n, zero = subject.circuit.num_qubits, set(subject.claims.zero_wires)
    exact, sampled, where = 0.0, 0.0, "every record"
    drawn = draw_values(subject, rng, JUDGED)
    for case in range(JUDGED):
        at = {p: float(v[case]) for p, v in drawn.items()}
        letters = "".join("0" if k in zero else LETTERS[rng.integers(len(LETTERS))] for k in range(n))
        circuit, prepared = _bound(subject, at), QuantumCircuit(n)
        for k, letter in enumerate(letters):
            for gate in PREPARE[letter]:
                getattr(prepared, gate)(k)
        ours = outcome_distribution(instrument(circuit, {}), product_state(letters)[0])
        theirs = deferred_probabilities(defer(circuit), prepared)
        exact = max(exact, *(abs(ours.get(r, 0.0) - theirs.get(r, 0.0)) for r in {*ours, *theirs}))
        if not circuit.num_clbits:
            continue  # nothing is recorded, so there is nothing to count
        counts = sampled_counts(circuit, prepared, SHOTS, int(rng.integers(2**31)))
        beyond, record = excess(counts, ours, FAILURE / JUDGED)
        if beyond > sampled:
            sampled, where = beyond, f"record {_bits(record, circuit.num_clbits)}"
    rounding = 2.0**-48 * (leaf_count(subject.circuit) + n)
    yield Evidence(
        quantity="max difference of a record's probability from qiskit-aer",
        lo=max(0.0, exact - rounding),
        hi=exact + rounding,
        unit="1",
        where="deferred form",
        method=f"qiskit-aer state vector at {JUDGED} drawn angles and inputs",
        strength="numerical",
    )
    yield Evidence(
        quantity="frequency in qiskit-aer beyond what chance explains",
        lo=sampled,
        hi=sampled,
        unit="1",
        where=where,
        method=f"{SHOTS} shots at {JUDGED} drawn angles and inputs, wrong with probability {FAILURE:g}",
        strength="statistical",
    )
