"""Measured now or later: branches, the deferred form, the claimed reference and qiskit-aer tell one story.

Why: an inverted condition, a dropped reset or a bit on the wrong wire trains without complaint.
Formula: diamond norm of the difference of the instruments (one map for every classical record) of the circuit, of
its deferred-measurement form and of the claimed reference; probabilities and counts of the records in qiskit-aer.
Source: Nielsen and Chuang, Quantum Computation and Quantum Information (2010), sec. 4.4; Burgholzer and Wille,
Handling Non-Unitaries in Quantum Circuit Equivalence Checking, arXiv:2106.01099.
Limits: equality with the reference is proved or exact, for all angles, or undecided, at any width. The rest is
numerical, at the angles tried, and left out above 10 wires; the counts miss a deviation below about 0.06.
Fails: `if (c == 0)` where the reference acts on `c == 1`.
Fix: follow the record of the counterexample through both circuits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from numpy.random import Generator
from qiskit.circuit import QuantumCircuit

from qverify.check import NotApplicable, check
from qverify.comparison import against_reference, claimed, sides
from qverify.domain import draw_values
from qverify.draws import LETTERS, product_state, search, values
from qverify.equivalence import Side, distance
from qverify.errors import Undecidable
from qverify.finding import Evidence
from qverify.semantics import defer
from qverify.semantics.binding import bind
from qverify.semantics.deferral import Deferred
from qverify.semantics.instrument import MAX_ANCILLAS, MAX_WIRES, instrument, outcome_distribution
from qverify.semantics.judge import deferred_probabilities, excess, sampled_counts
from qverify.snippet import PREPARE
from qverify.structure import is_dynamic, leaf_count, measures_only_at_the_end
from qverify.subject import Reference, Subject

EXAMPLES = 12
JUDGED = 3
SHOTS = 4096
FLOOR = 1e-9
FAILURE = 1e-9  # chance that a right circuit's counts are called wrong


@check()
def deferred_measurement(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """Compare the four tellings at drawn angles and inputs."""
    reference = subject.reference if subject.claims.equivalent_to is not None else None
    dynamic = is_dynamic(subject.circuit)
    if not dynamic and (reference is None or not is_dynamic(reference.circuit)):
        raise NotApplicable("speaks of circuits that measure, reset or branch")
    if reference is None and measures_only_at_the_end(subject.circuit):
        raise NotApplicable(
            "every measurement stands at the end already; `equivalent_to` would give it a reference"
        )
    wide = _too_wide(subject, reference)
    if wide and reference is None:
        raise Undecidable(f"{wide}; `equivalent_to` would give it a reference")
    if dynamic and not wide:
        yield _against_deferred(subject, rng)
    if reference is not None and not wide:
        yield _against_reference(subject, rng)
    if dynamic and not wide:
        yield from _against_aer(subject, rng)
    if reference is not None:
        alone = f"; with nothing else, because {wide}" if wide else ""
        yield against_reference(subject, f"against {reference.path}, for all angles{alone}")


def _too_wide(subject: Subject, reference: Reference | None) -> str:
    """Why a circuit, with its ancillas or those of the reference, cannot be simulated; empty where it can."""
    n, most = subject.circuit.num_qubits, MAX_WIRES + MAX_ANCILLAS
    if n > MAX_WIRES:
        return f"{n} wires are too many to be simulated (at most {MAX_WIRES})"
    whole = max(defer(subject.circuit).circuit.num_qubits, reference.circuit.num_qubits if reference else 0)
    return "" if whole <= most else f"{whole} wires with ancillas are too many to be simulated (at most {most})"


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
    )


def _bits(record: int, n_bits: int) -> str:
    return format(record, f"0{n_bits}b") if n_bits else ""


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
