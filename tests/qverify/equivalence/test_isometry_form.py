"""The deferred normal form: what it proves, dense maps never refute; and it proves what people write."""

from __future__ import annotations

from random import Random

import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter

from benchmarks.feed_forward import iterative_phase_estimation, phase_estimation
from qverify.equivalence.answer import Answer
from qverify.equivalence.distance import Side, distance
from qverify.equivalence.dynamic import by_isometry_form
from qverify.equivalence.question import Question, paired
from qverify.errors import CannotCompare
from qverify.layout import layout_undone
from qverify.semantics.binding import bind
from tests.qverify.equivalence.test_field_branches import NOTIONS, damaged, grown
from tests.subjects import subject_of, subject_with

BASIS = ["rz", "sx", "x", "cx", "reset"]
theta = Parameter("theta")


def asked(a: QuantumCircuit, b: QuantumCircuit, notion: str = "instrument", **more: object) -> Answer | None:
    question = Question(notion, **more)  # type: ignore[arg-type]
    return by_isometry_form(paired(subject_with(a), subject_with(b), question))


def of(body: str) -> QuantumCircuit:
    return subject_of(body).circuit


@pytest.mark.parametrize("block", range(5))
def test_what_is_proved_is_never_refuted(block: int) -> None:
    proved = 0
    for seed in range(20 * block, 20 * block + 20):
        source = Random(seed)  # noqa: S311
        one = grown(source, 2 + seed % 2, 2, source.randint(2, 9))
        other = one
        if seed % 3:
            other = transpile(
                one, basis_gates=BASIS, optimization_level=seed % 3, seed_transpiler=1, qubits_initially_zero=False
            )
        if seed % 2:
            other = damaged(other, source)
        notion, given = source.choice(NOTIONS), source.choice(["any", "zero"])
        try:
            found = asked(one, other, notion, input=given)
        except CannotCompare:
            continue  # a parameter was dropped
        if found is None:
            continue
        proved += 1
        for point in ({"x": 0.7, "y": -2.1}, {"x": -3.3, "y": 1.9}):
            sides = [Side(bind(c, {p: point[p.name] for p in c.parameters})) for c in (one, layout_undone(other))]
            assert distance(*sides, {}, notion, given).lo < 1e-8, seed  # type: ignore[arg-type]
    assert proved >= 5


@pytest.mark.parametrize("rounds", [2, 5, 12])
def test_iterative_phase_estimation_is_the_static_one(rounds: int) -> None:
    found = asked(
        iterative_phase_estimation(rounds, theta), phase_estimation(rounds, theta), "outcomes", input="zero"
    )
    assert found is not None
    assert found.strength == "proof"
    wrong = phase_estimation(rounds, theta)
    wrong.data.pop(-rounds - 2 if rounds > 2 else 2)
    assert asked(iterative_phase_estimation(rounds, theta), wrong, "outcomes", input="zero") is None


def test_inverted_feed_forward_is_not_proved() -> None:
    right = iterative_phase_estimation(4, theta)
    inverted = QuantumCircuit(2, 4)
    for item in right.data:
        op = item.operation
        if op.name == "if_else":
            bit = op.condition[0]
            inverted.if_test((inverted.clbits[right.clbits.index(bit)], 0), op.blocks[0], item.qubits, item.clbits)
        else:
            inverted.append(op, item.qubits, item.clbits)
    assert asked(right, inverted, "outcomes", input="zero") is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("h q[0]; c[0] = measure q[0]; if (c[0]) { z q[0]; }", "h q[0]; c[0] = measure q[0];"),
        ("h q[0]; rz(0.3) q[0]; c[0] = measure q[0];", "h q[0]; c[0] = measure q[0];"),
        ("c[0] = measure q[0]; if (c[0]) { x q[1]; }", "cx q[0], q[1]; c[0] = measure q[0];"),
        ("c[0] = measure q[0]; if (c[0]) { rx(0.4) q[1]; }", "crx(0.4) q[0], q[1]; c[0] = measure q[0];"),
        ("c[0] = measure q[0]; if (c[0]) { x q[0]; }", "c[0] = measure q[0]; reset q[0];"),
        ("c[0] = measure q[0]; c[0] = measure q[0];", "c[0] = measure q[0];"),
        ("reset q[0]; reset q[0];", "reset q[0];"),
        ("reset q[0]; c[0] = measure q[0];", "reset q[0];"),
        ("reset q[0]; c[0] = measure q[0]; if (c[0]) { h q[1]; }", "reset q[0]; c[0] = measure q[0];"),
        ("c[0] = measure q[0]; if (c == 1) { x q[1]; }", "c[0] = measure q[0]; if (c[0]) { x q[1]; }"),
    ],
)
def test_what_is_equal_in_another_way_is_proved(left: str, right: str) -> None:
    found = asked(*(of(f"qubit[2] q; bit[2] c; {body}") for body in (left, right)))
    assert found is not None
    assert found.strength == "proof"


@pytest.mark.parametrize(
    ("left", "right", "notion"),
    [
        ("h q[0]; c[0] = measure q[0];", "h q[0];", "channel"),
        ("c[0] = measure q[0]; reset q[0];", "c[0] = measure q[0];", "instrument"),
        ("c[0] = measure q[0]; x q[0];", "c[0] = measure q[0];", "channel"),
        ("c[0] = measure q[0]; c[1] = measure q[1];", "c[1] = measure q[0]; c[0] = measure q[1];", "outcomes"),
        ("reset q[0]; c[0] = measure q[0];", "c[0] = measure q[0];", "outcomes"),
        ("reset q[0]; h q[0]; c[0] = measure q[0];", "reset q[0]; c[0] = measure q[0];", "outcomes"),
        (
            "reset q[0]; h q[0]; c[0] = measure q[0];",
            "reset q[0];",
            "outcomes",
        ),  # a coin, and a bit that is always 0
        ("reset q[0]; h q[0]; c[0] = measure q[0];", "reset q[0]; h q[0]; c[1] = measure q[0];", "outcomes"),
        ("c[0] = measure q[0]; if (c[0]) { x q[1]; }", "c[0] = measure q[0]; if (!c[0]) { x q[1]; }", "channel"),
    ],
)
def test_what_differs_is_not_proved(left: str, right: str, notion: str) -> None:
    assert asked(*(of(f"qubit[2] q; bit[2] c; {body}") for body in (left, right)), notion) is None


def test_measuring_into_the_bit_that_is_the_condition() -> None:
    inside = "c[0] = measure q[0]; if (c[0]) { h q[1]; c[0] = measure q[1]; if (c[0]) { x q[0]; } }"
    one = of(f"qubit[2] q; bit[2] c; {inside}")
    found = asked(one, one)
    assert found is not None
    assert distance(Side(one), Side(one), {}, "instrument").hi < 1e-9


def test_teleportation_is_the_identity() -> None:
    body = (
        "qubit[3] q; bit[2] c; h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0]; c[0] = measure q[0]; "
        "c[1] = measure q[1]; if (c[1]) { x q[2]; } if (c[0]) { z q[2]; } reset q[0]; reset q[1];"
    )
    plain = "qubit[3] q; swap q[0], q[2]; reset q[0]; reset q[1];"
    question = Question("channel", input="zero")
    assert by_isometry_form(paired(subject_of(body), subject_of(plain), question)) is not None
