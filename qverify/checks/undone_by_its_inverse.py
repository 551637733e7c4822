"""The circuit followed by its own inverse does nothing, for every angle and input.

Why: uncomputing, fidelities of feature maps and adjoint gradients run `circuit.inverse()`. A gate whose inverse
does not follow from what it does, such as a controlled gate saved with one definition and another base gate, or a
gate of one's own with a wrong `inverse`, spoils them without an error.
Formula: min over phi of the operator norm of W U - e^{i phi}, with U the circuit as it is read here and W Qiskit's
`circuit.inverse()`, read in the same way.
Source: Mitarai et al., Phys. Rev. A 98, 032309 (2018) (the uses); Qiskit, `QuantumCircuit.inverse`; Litinski,
Quantum 3, 128 (2019), arXiv:1808.02892 (the normal form that proves it at any width).
Limits: it says that circuit and inverse belong together, not that either is the circuit that was meant. OpenQASM
defines gates by gates, so what is read from it fails only by a fault of Qiskit or of this program.
Fails: a controlled gate in a QPY file whose definition does more than its base gate says.
Fix: define the gate by its definition alone, or correct its `inverse`.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator
from qiskit import QuantumCircuit
from qiskit.circuit import Operation

from qverify.check import NotApplicable, check
from qverify.comparison import TOLERANCE, replayed_with, same_computation
from qverify.equivalence import proved_equal
from qverify.equivalence.answer import FARTHEST
from qverify.equivalence.symbolic import UNITARY
from qverify.finding import Evidence
from qverify.load.panics import refusing_panics
from qverify.structure import is_dynamic, is_leaf
from qverify.subject import Subject, make_subject

_HERE = "qverify.checks.undone_by_its_inverse"


@check()
def undone_by_its_inverse(subject: Subject, rng: Generator) -> Iterator[Evidence]:  # noqa: ARG001  # nothing is drawn
    """Compare circuit and inverse in sequence with no gate at all; at last gate by gate."""
    if is_dynamic(subject.circuit):
        raise NotApplicable("speaks of circuits of gates; what measures, resets or branches has no inverse")
    wires, there_and_back = subject.circuit.num_qubits, f"{subject.path} and its inverse"
    whole = make_subject(there_and_back, then_undone(subject.circuit), subject.parameters, claims=subject.claims)
    nothing = make_subject("no gate at all", QuantumCircuit(wires), subject.parameters)
    if proved_equal(whole.circuit, nothing.circuit) is None:
        defect = _gate_by_gate(subject.circuit, _inverse(subject.circuit))
        if defect <= TOLERANCE:
            yield Evidence(UNITARY, 0.0, defect, "1", "every gate", "each gate is undone by its inverse", "exact")
            return
    found = same_computation(whole, nothing, "the whole circuit")
    loaded = f"qverify.load_subject({subject.path!r}).circuit"
    built = {there_and_back: f"then_undone({loaded})", nothing.path: f"QuantumCircuit({wires})"}
    yield replayed_with(found, built, f"from {_HERE} import then_undone")


def _gate_by_gate(circuit: QuantumCircuit, back: QuantumCircuit) -> float:
    """The sum of what is left of every gate after its inverse; FARTHEST where one is not undone."""
    if len(circuit.data) != len(back.data):
        return FARTHEST
    wires, others = ({q: k for k, q in enumerate(c.qubits)} for c in (circuit, back))
    known: dict[str, float] = {}
    total = 0.0
    for item, undo in zip(circuit.data, reversed(back.data), strict=True):
        if [wires[q] for q in item.qubits] != [others[q] for q in undo.qubits]:
            return FARTHEST
        pair = QuantumCircuit(len(item.qubits))
        pair.append(item.operation, pair.qubits)
        pair.append(undo.operation, pair.qubits)
        names = tuple(p.name for p in pair.parameters)
        both = make_subject("a gate and its inverse", pair, names)
        if both.circuit_digest not in known:
            known[both.circuit_digest] = _left_of(item.operation, undo.operation, both)
        total += known[both.circuit_digest]
        if total > TOLERANCE:
            return FARTHEST
    return total


def _left_of(gate: Operation, undo: Operation, both: Subject) -> float:
    if not (is_leaf(gate) or is_leaf(undo)):
        inside = _gate_by_gate(gate.definition, undo.definition)
        if inside <= TOLERANCE:
            return inside
    nothing = make_subject("no gate at all", QuantumCircuit(both.circuit.num_qubits), both.parameters)
    return same_computation(both, nothing, "").hi


def _inverse(circuit: QuantumCircuit) -> QuantumCircuit:
    with refusing_panics("Qiskit cannot invert it ({})"):
        return circuit.inverse()


def then_undone(circuit: QuantumCircuit) -> QuantumCircuit:
    """A circuit of gates followed by what Qiskit calls its inverse.

    Raises:
        CannotLoad: Qiskit has no inverse for an operation.
    """
    return circuit.compose(_inverse(circuit))
