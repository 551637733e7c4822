"""The check `every_measurement_tells`: outcomes that never vary, and measurements that could be left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from qiskit.circuit import Measure, QuantumCircuit

from qverify.hygiene import executions, explored, flow_of, program_of
from tests.chances import NOTHING, chance_of_one
from tests.strategies import dynamic_circuit, seeded, steady
from tests.subjects import generator, judged, subject_of, subject_with

CHECK = "every_measurement_tells"
Q = "qubit[3] q; bit[2] c; "


@pytest.mark.parametrize(
    "body",
    [
        Q + "h q[0]; c[0] = measure q[0]; reset q[0];",
        Q + "h q[0]; cx q[0], q[1]; c[0] = measure q[0]; c[1] = measure q[1]; reset q[2];",  # a Bell pair
        Q + "c[0] = measure q[0]; c[1] = measure q[0]; reset q[0];",  # both are read at the end
        Q + "cx q[0], q[2]; c[0] = measure q[2]; cx q[0], q[2]; c[1] = measure q[2];",  # rounds of a check
        Q + "for int i in [0:1] { c[0] = measure q[2]; cx q[0], q[2]; } reset q[2];",
    ],
)
def test_measurement_whose_outcome_varies_passes(body: str) -> None:
    assert judged(CHECK, subject_of(body, zero_wires=[2])).verdict == "pass"


@pytest.mark.parametrize(
    ("body", "said", "strength"),
    [
        ("c[0] = measure q[2]; cx q[0], q[2];", "measure q2 -> c0 (line 3): the outcome is always 0", "proof"),
        ("x q[2]; c[0] = measure q[2]; cx q[0], q[2];", "the outcome is always 1", "proof"),
        ("h q[2]; z q[2]; h q[2]; c[0] = measure q[2]; reset q[2];", "the outcome is always 1", "exact"),
        ("cx q[0], q[2]; cx q[0], q[2]; c[0] = measure q[2]; reset q[2];", "always 0", "exact"),
        (
            "h q[0]; c[0] = measure q[0]; reset q[0]; c[0] = measure q[1];",
            "q0 -> c0 (line 3): nobody reads it",
            "proof",
        ),
        ("c[0] = measure q[0]; c[0] = measure q[0]; reset q[0];", "nobody reads it", "proof"),
    ],
)
def test_measurement_that_tells_nothing_fails_and_is_named(body: str, said: str, strength: str) -> None:
    found = judged(CHECK, subject_of(Q + body, zero_wires=[2]))
    assert found.verdict == "fail"
    assert said in found.finding.evidence[0].where
    assert found.finding.evidence[0].strength == strength


def test_experiment_in_which_nothing_varies_may_have_a_certain_outcome() -> None:
    body = "qubit[1] q; bit[2] c; h q[0]; h q[0]; c[0] = measure q[0]; x q[0]; c[1] = measure q[0];"
    assert judged(CHECK, subject_of(body, zero_wires=[0])).verdict == "pass"


def test_count_is_judged_by_the_bound() -> None:
    subject = subject_of(Q + "c[0] = measure q[2]; c[1] = measure q[1]; cx q[0], q[2];", zero_wires=[1, 2])
    assert judged(CHECK, subject, at_most=2).verdict == "pass"
    assert judged(CHECK, subject, at_most=1).verdict == "fail"


def test_rare_outcome_and_many_wires_are_undecided() -> None:
    rare = "qubit[2] q; bit c; ry(1e-7) q[0]; c = measure q[0]; reset q[0];"
    assert judged(CHECK, subject_of(rare, zero_wires=[0])).verdict == "inconclusive"
    assert judged(CHECK, subject_of("qubit[30] q; bit c; h q; c = measure q[0]; h q[0];")).verdict == "inconclusive"


@pytest.mark.parametrize(
    "body", ["qubit q; h q;", "qubit q; reset q;", "qubit[40] q; bit[40] c; h q; c = measure q;"]
)
def test_circuit_measured_at_the_end_alone_is_not_applicable(body: str) -> None:
    assert judged(CHECK, subject_of(body)).verdict == "not_applicable"


@steady(25)
@given(seeded())
def test_every_measurement_at_the_top_agrees_with_density_matrices(source) -> None:
    circuit: QuantumCircuit = dynamic_circuit(source, 2, 2, length=7, depth=1, loops=False)
    zero = [k for k in range(2) if source.random() < 0.5]
    program = program_of(subject := subject_with(circuit, zero_wires=zero))
    known = explored(subject, program, flow_of(program), generator(0, CHECK, ""), executions(program.steps))
    seen = {step.site: known.outcomes[step][0] for step in executions(program.steps) if step.kind == "measure"}
    for index, item in enumerate(circuit.data):
        if isinstance(item.operation, Measure):
            one = chance_of_one(circuit, index, circuit.find_bit(item.qubits[0]).index, zero)
            truth = (1 - one > NOTHING, one > NOTHING)
            assert all(found in (true, None) for found, true in zip(seen[index,], truth, strict=True))
