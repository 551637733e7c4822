"""Evidence from answers: what is undecided never passes, and circuits that measure are proved for all angles."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.classical import expr

from qverify.comparison import evidence_of, same_computation, starting_in_zero
from qverify.equivalence.answer import FARTHEST, Answer, DistanceInterval
from qverify.equivalence.dynamic import by_deferral, by_isometry_form
from qverify.equivalence.question import Question, paired
from qverify.layout import layout_undone
from tests.strategies import dynamic_circuit, seeded
from tests.subjects import NESTED, subject_with


def answer(verdict: str, strength: str, lo: float, hi: float) -> Answer:
    return Answer(verdict, "unitary", "any", "m", strength, 1e-20, DistanceInterval("d", lo, hi), message="why")  # type: ignore[arg-type]


def test_undecided_answer_reaches_the_largest_distance() -> None:
    found = evidence_of(answer("undecided", "none", 0.0, 1e-14), "here", bound=False)
    assert (found.lo, found.hi) == (0.0, FARTHEST)
    assert "undecided" in found.method
    assert "why" in found.method


def test_difference_at_some_angles_is_no_upper_bound() -> None:
    assert evidence_of(answer("different", "numerical", 0.1, 0.1), "", bound=False).hi == FARTHEST
    assert evidence_of(answer("different", "numerical", 0.1, 0.1), "", bound=True).hi == 0.1


def test_exact_answer_names_its_chance_of_error() -> None:
    assert (
        "wrong with probability below 1e-20"
        in evidence_of(answer("equivalent", "exact", 0, 0), "", bound=False).method
    )


def measured(turn: float | Parameter, *, bit: int = 1, reset: bool = True) -> QuantumCircuit:
    circuit = QuantumCircuit(2, 1)
    circuit.ry(turn, 0)
    circuit.cx(0, 1)
    circuit.measure(0, 0)
    if reset:
        circuit.reset(0)
    with circuit.if_test((circuit.clbits[0], bit)):
        circuit.rx(Parameter("b"), 1)
    return circuit


def proved_by_deferral(a: QuantumCircuit, b: QuantumCircuit) -> float | None:
    pair = paired(subject_with(a), subject_with(b), Question("instrument"))
    found = by_isometry_form(pair) or by_deferral(pair)
    return None if found is None else found.distance.hi


def test_circuit_that_measures_is_proved_equal_to_itself_in_other_gates() -> None:
    from qiskit import transpile

    circuit = measured(Parameter("a"))
    other = layout_undone(transpile(circuit, basis_gates=["rz", "sx", "x", "cx"], optimization_level=3))
    found = proved_by_deferral(circuit, other)
    assert found is not None
    assert found < 1e-9


@pytest.mark.parametrize(
    "other",
    [
        measured(Parameter("a"), bit=0),
        measured(Parameter("a"), reset=False),
        measured(-Parameter("a")),
        measured(Parameter("a") + 1e-3),
    ],
    ids=["inverted condition", "dropped reset", "angle negated", "angle shifted"],
)
def test_fault_is_never_proved_equal(other: QuantumCircuit) -> None:
    found = proved_by_deferral(measured(Parameter("a")), other)
    assert found is None or found > 1e-4
    evidence = same_computation(subject_with(measured(Parameter("a"))), subject_with(other), "")
    assert evidence.lo > 1e-4


@settings(NESTED, max_examples=20)
@given(seeded())
def test_what_deferral_proves_the_instruments_confirm(source) -> None:
    from qverify.equivalence import Side, distance

    circuit = dynamic_circuit(source, 2, 2, 5)
    other = circuit.copy()
    if source.random() < 0.5:
        other.x(source.randrange(2))
    found = proved_by_deferral(circuit, other)
    if found is not None:
        assert distance(Side(circuit), Side(other), {}, "instrument").lo <= found + 1e-9


def test_a_reset_is_put_before_a_circuit_with_variables() -> None:
    circuit = QuantumCircuit(1, 1)
    flag = circuit.add_var("flag", expr.lift(True))
    with circuit.if_test(flag):
        circuit.x(0)
    started = starting_in_zero(subject_with(circuit), (0,)).circuit
    assert [item.operation.name for item in started.data] == ["reset", "store", "if_else"]
