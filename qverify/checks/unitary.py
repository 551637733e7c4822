"""The circuit is one unitary: it keeps the norm of every input and the overlap of every two.

Why: a reset or a measurement hidden inside a composite gate makes a variational circuit forget its input, and
training goes on without complaint.
Formula: tr(C(phi) C(psi)) = |<phi|psi>|^2 and tr C(psi) = 1 for all product inputs phi, psi; product states span
the operators, so a channel that passes for all of them is a unitary one.
Source: Nielsen and Chuang, Quantum Computation and Quantum Information (2010), sec. 8.2; Wigner's theorem.
Limits: a proof where every leaf operation is a gate, at any width; otherwise (and to 8 qubits besides) numerical,
at the angles and inputs tried, on at most 16 qubits.
Fails: a composite gate `u_block` whose definition resets a wire.
Fix: remove the reset or measurement, or claim `kind = "dynamic"`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from hypothesis import strategies as st
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.check import NotApplicable, check
from qverify.draws import inputs, product_state, search, values
from qverify.finding import Counterexample, Evidence
from qverify.semantics import run
from qverify.semantics.unitarity import proved_unitary_defect
from qverify.snippet import load_lines, prepare_lines, snippet
from qverify.structure import is_dynamic, leaf_count
from qverify.subject import Subject

_SHOW = [
    "simulator = AerSimulator(method='density_matrix')",
    "ends = []",
    "for start in (phi, psi):",
    "    whole = start.compose(circuit)",
    "    whole.save_density_matrix()",
    "    result = simulator.run(transpile(whole, simulator, optimization_level=0)).result()",
    "    ends.append(np.asarray(result.data()['density_matrix']))",
    "print('norms', [float(np.trace(end).real) for end in ends])",
    "print('overlap of the outputs', float(np.trace(ends[0] @ ends[1]).real))",
]
Vector = NDArray[np.complex128]
Case = tuple[dict[str, float], tuple[str, str]]
EXAMPLES = 40
BESIDE = 12  # drawn cases beside a proof
SMALL = 8  # wires up to which the proof is checked against state vectors
ROUNDING = 2.0**-50  # four units in the last place for each gate


@check()
def unitary(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """Search for the inputs whose norm or overlap changes most."""
    if subject.claims.kind != "unitary" and (subject.claims.kind == "dynamic" or is_dynamic(subject.circuit)):
        raise NotApplicable("speaks of circuits without measurement, reset or branch, or claimed `unitary`")
    proved = proved_unitary_defect(subject.circuit)
    if proved is not None:
        yield Evidence(
            quantity="max change of a norm or an overlap",
            lo=0.0,
            hi=proved,
            unit="1",
            where="the whole circuit",
            method="every leaf operation is a unitary gate",
            strength="proof",
        )
    if proved is None or subject.circuit.num_qubits <= SMALL:
        yield _searched(subject, rng, EXAMPLES if proved is None else BESIDE)


def _searched(subject: Subject, rng: Generator, examples: int) -> Evidence:
    """The largest change over drawn angles and pairs of inputs."""
    n = subject.circuit.num_qubits
    cases = st.tuples(values(subject), st.tuples(inputs(n), inputs(n)))
    rounding = ROUNDING * (leaf_count(subject.circuit) + n)
    worst = search(cases, lambda case: _defect(subject, case), rng, floor=100 * rounding, examples=examples)
    return Evidence(
        quantity="max change of a norm or an overlap",
        lo=max(0.0, worst.defect - rounding),
        hi=worst.defect + rounding,
        unit="1",
        where="the whole circuit",
        method=f"{worst.tried} drawn angles and pairs of product inputs",
        strength="numerical",
        counterexample=None if worst.case is None else _counterexample(subject, worst.case),
    )


def _defect(subject: Subject, case: Case) -> float:
    overlaps, wanted = _overlaps(subject, case)
    return max(abs(found - right) for found, right in zip(overlaps, wanted, strict=True))


def _overlaps(subject: Subject, case: Case) -> tuple[list[float], list[float]]:
    """(norm of each output, tr of their product), measured and as a unitary would have them."""
    bound, (first, second) = case
    phi, psi = product_state(first), product_state(second)
    end_phi, end_psi = _output(subject, bound, phi), _output(subject, bound, psi)
    norms = [sum(float(np.vdot(v, v).real) for v in vs) for vs in (_flat(end_phi), _flat(end_psi))]
    overlap = sum(
        abs(np.vdot(v, w)) ** 2 for record in end_phi for v in end_phi[record] for w in end_psi.get(record, [])
    )
    return [*norms, float(overlap)], [1.0, 1.0, float(abs(np.vdot(phi, psi)) ** 2)]


def _output(subject: Subject, bound: Mapping[str, float], psi: Vector) -> dict[int, list[Vector]]:
    return run(subject.circuit, {p: np.array([v]) for p, v in bound.items()}, psi)


def _flat(end: dict[int, list[Vector]]) -> list[Vector]:
    return [v for branches in end.values() for v in branches]


def _counterexample(subject: Subject, case: Case) -> Counterexample:
    bound, (first, second) = case
    found, wanted = _overlaps(subject, case)
    text = "norms {:.6g} and {:.6g}, overlap {:.6g}"
    return Counterexample(
        values=bound,
        input=f"{first} and {second}",
        record="",
        expected=text.format(*wanted),
        observed=text.format(*found),
        snippet=snippet(
            load_lines(subject.path, bound),
            prepare_lines(first, "phi"),
            prepare_lines(second, "psi"),
            _SHOW,
            imports=("from qiskit import transpile", "from qiskit_aer import AerSimulator", "import numpy as np"),
        ),
    )
