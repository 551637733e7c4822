"""The routing table: every verdict is right, says how strong it is, and shows what it claims."""

from __future__ import annotations

import math

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Clbit, Parameter
from qiskit.circuit.library import efficient_su2
from qiskit.circuit.random import random_circuit

from qverify.equivalence.answer import Answer
from qverify.equivalence.decide import Question, decide
from qverify.equivalence.distance import Side, distance
from qverify.errors import CannotCompare
from qverify.layout import layout_undone
from tests.qverify.equivalence.test_pauli_form import BASIS, damaged
from tests.subjects import subject_of, subject_with

x, y = Parameter("x"), Parameter("y")


def asked(a: QuantumCircuit, b: QuantumCircuit, notion: str = "unitary", **more: object) -> Answer:
    return decide(subject_with(a), subject_with(b), Question(notion, **more))  # type: ignore[arg-type]


def circuit(build, n: int = 2) -> QuantumCircuit:  # type: ignore[no-untyped-def]
    out = QuantumCircuit(n)
    build(out)
    return out


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (lambda c: c.rz(x + 0.7, 0), lambda c: c.rz(x - 0.7, 0)),
        (lambda c: c.rz(x**2, 0), lambda c: c.rz(2 * x, 0)),
        (lambda c: c.ry((x**2).arctan(), 0), lambda c: c.ry(x.arctan(), 0)),
        (lambda c: c.rz(x * y, 0), lambda c: c.rz(x + y, 0)),
        (lambda c: c.crz(x, 0, 1), lambda c: c.crz(x + 2 * math.pi, 0, 1)),
        (lambda c: c.cry(x, 0, 1), lambda c: c.cry(x, 0, 1, ctrl_state=0)),
        (lambda c: c.rx(x, 0), lambda c: c.rx(x + 1e-4, 0)),
        (lambda c: c.ry(x, 0), lambda c: c.ry(x + 1e-6, 0)),
    ],
)
def test_known_false_equivalents_of_other_checkers_are_different(left, right) -> None:  # type: ignore[no-untyped-def]
    extra = lambda build: circuit(lambda c: (build(c), c.rx(y, 1), c.rz(x, 1)))  # noqa: E731  # both have x and y
    found = asked(extra(left), extra(right))
    assert found.verdict == "different"
    assert found.counterexample is not None
    assert found.distance is not None
    assert found.distance.lo > 0


def test_distributed_angle_is_equivalent_by_proof() -> None:
    found = asked(circuit(lambda c: c.rz(2 * (x + y), 0)), circuit(lambda c: c.rz(2 * x + 2 * y, 0)))
    assert (found.verdict, found.strength) == ("equivalent", "proof")


def test_inverted_condition_and_missing_measurement_are_different() -> None:
    body = "qubit[2] q; bit[2] c; h q[0]; c[0] = measure q[0]; if (c[0] == {}) {{ x q[1]; }} c[1] = measure q[1];"
    right, inverted = subject_of(body.format(1)), subject_of(body.format(0))
    assert decide(right, inverted, Question("instrument")).verdict == "different"
    unmeasured = subject_of(body.format(1).replace("c[1] = measure q[1];", ""))
    assert decide(right, unmeasured, Question("instrument")).verdict == "different"
    assert decide(right, right, Question("instrument")).verdict == "equivalent"


@pytest.mark.parametrize("block", range(4))
def test_generated_pairs_are_never_answered_wrongly(block: int) -> None:
    undecided = 0
    for seed in range(20 * block, 20 * block + 20):
        one = random_circuit(3, 4, max_operands=3, seed=seed)
        other = transpile(one, basis_gates=BASIS, optimization_level=seed % 4, seed_transpiler=seed)
        if seed % 2:
            other = damaged(other, np.random.default_rng(seed))
        truth = distance(Side(one), Side(layout_undone(other)), {}, "unitary")
        found = asked(one, other)
        if found.verdict == "equivalent":
            assert truth.lo <= 1.1e-8
        elif found.verdict == "different":
            assert truth.hi > 0.9e-8
        undecided += found.verdict == "undecided"
        assert found.distance is None or found.distance.lo <= truth.hi + 1e-12
        assert found.distance is None or truth.lo <= found.distance.hi + 1e-12
    assert undecided <= 1


def test_parameterised_pair_that_only_the_identity_test_decides_is_exact() -> None:
    left = circuit(lambda c: (c.rx(math.pi / 2, 0), c.rz(x, 0), c.rx(math.pi / 2, 0), c.rz(y, 0)))
    swapped = circuit(lambda c: (c.rz(math.pi, 0), c.rx(-math.pi / 2, 0), c.rz(x, 0), c.rx(-math.pi / 2, 0)))
    swapped.rz(y + math.pi, 0)
    found = asked(left, swapped)
    assert found.verdict == "equivalent"
    assert found.strength in ("proof", "exact")


def test_exchanged_output_wires_are_told_as_a_permutation() -> None:
    left = efficient_su2(4, reps=1)
    right = left.copy()
    right.swap(1, 3)
    found = asked(left, right)
    assert found.verdict == "different"
    assert found.up_to_permutation == (0, 3, 2, 1)


def test_hundred_qubits_with_a_turned_cnot_are_different_by_proof() -> None:
    left = efficient_su2(100, reps=1)
    right = left.copy_empty_like()
    for k, item in enumerate(left.data):
        right.append(
            item.operation, item.qubits[::-1] if item.operation.name == "cx" and k % 7 == 0 else item.qubits
        )
    found = asked(left, right)
    assert (found.verdict, found.strength, found.method) == ("different", "proof", "Clifford point")


def test_same_pair_gives_the_same_answer_every_time() -> None:
    left, right = efficient_su2(3, reps=1), efficient_su2(3, reps=1)
    right.rx(1e-5, 0)
    assert len({str(asked(left, right)) for _ in range(3)}) == 1


def test_equal_from_zero_only_is_different_in_general() -> None:
    left, right = circuit(lambda c: c.cx(0, 1)), circuit(lambda c: c.cx(1, 0))
    assert asked(left, right).verdict == "different"
    assert asked(left, right, input="zero").verdict == "equivalent"


@pytest.mark.parametrize(
    ("left", "right", "notion", "said"),
    [
        ("qubit[2] q; h q;", "qubit[3] q; h q;", "unitary", "say which extra wires start in |0>"),
        (
            "input float[64] a; qubit q; rx(a) q;",
            "input float[64] b; qubit q; rx(b) q;",
            "unitary",
            "the parameter `a`",
        ),
        ("qubit q; reset q;", "qubit q; h q;", "unitary", "use --notion instrument"),
    ],
)
def test_question_that_does_not_fit_is_one_sentence(left: str, right: str, notion: str, said: str) -> None:
    with pytest.raises(CannotCompare) as caught:
        decide(subject_of(left), subject_of(right), Question(notion))  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_agreement_at_drawn_angles_alone_is_undecided() -> None:
    root, size = circuit(lambda c: c.rx((x**2) ** 0.5, 0), 1), circuit(lambda c: c.rx(x.abs(), 0), 1)
    found = asked(root, size)
    assert (found.verdict, found.strength) == ("undecided", "none")
    assert "proves nothing about the others" in found.message
    for side in (root, size):
        side.add_bits([Clbit()])
        side.measure(0, 0)
    found = asked(root, size, "instrument")
    assert (found.verdict, found.strength) == ("undecided", "none")


def test_parameterised_circuit_that_measures_is_compared_for_all_angles() -> None:
    body = "input float[64] a; qubit[2] q; bit c; rx(a) q[0]; c = measure q[0]; if (c) { ry(a) q[1]; }"
    found = decide(
        subject_of(body), subject_of(body.replace("ry(a)", "ry(a/2) q[1]; ry(a/2)")), Question("instrument")
    )
    assert found.verdict == "equivalent"
    assert found.strength in ("proof", "exact")
    found = decide(subject_of(body), subject_of(body.replace("if (c)", "if (!c)")), Question("instrument"))
    assert found.verdict == "different"


def test_bound_and_compiled_at_twenty_qubits_is_equivalent_and_a_tiny_fault_is_not() -> None:
    one = efficient_su2(20, reps=2)
    one = one.assign_parameters(np.linspace(0.1, 6.0, one.num_parameters))
    other = transpile(one, basis_gates=BASIS, optimization_level=1, seed_transpiler=1)
    assert asked(one, other).verdict == "equivalent"
    other.rz(1e-6, 7)
    found = asked(one, other)
    assert found.verdict == "different"
    assert found.distance is not None
    assert found.distance.lo <= 2 * math.sin(1e-6 / 4) <= found.distance.hi
