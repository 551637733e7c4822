"""The check `every_reset_and_branch_acts`: resets of |0>, and branches in whose place one arm could stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from qiskit.circuit import QuantumCircuit, Reset

from qverify.hygiene import executions, explored, flow_of, program_of
from tests.chances import NOTHING, chance_of_one
from tests.strategies import GATES, dynamic_circuit, seeded, static_circuit, steady
from tests.subjects import generator, judged, subject_of, subject_with

CHECK = "every_reset_and_branch_acts"
EXACT = {k: GATES[k] for k in ("HGate", "SGate", "RXGate", "RYGate", "RZZGate", "CXGate", "CRYGate", "CPhaseGate")}
HEAD = "input float[64] a; input float[64] b; qubit[2] q; bit[2] c; h q[0]; c[0] = measure q[0]; "


@pytest.mark.parametrize(
    "body",
    [
        "reset q[0];",
        "if (c[0]) { ry(a) q[1]; } else { ry(b) q[1]; }",
        "if (c[0]) { c[1] = measure q[0]; }",
        "if (c[0]) { reset q[1]; }",
        "switch (c) { case 1 { x q[1]; } default { } }",
        "if (c[0]) { if (c[1]) { x q[1]; } }",
        "if (c[0]) { rz(a) q[1]; }",
    ],
)
def test_reset_or_branch_that_acts_passes(body: str) -> None:
    assert judged(CHECK, subject_of(HEAD + body)).verdict == "pass"


@pytest.mark.parametrize(
    ("body", "said", "strength"),
    [
        ("reset q[0]; reset q[0];", "reset q0 (line 3): the wire is in |0> anyway", "proof"),
        ("if (c[0]) { x q[0]; } reset q[0];", "reset q0", "proof"),
        ("reset q[0]; h q[0]; h q[0]; reset q[0];", "reset q0", "exact"),
        ("if (c[0]) { }", "if on c0 (line 3): the same whichever arm runs", "proof"),
        ("if (c[0]) { ry(a) q[1]; ry(-a) q[1]; }", "if on c0", "exact"),
        ("if (c[0]) { rx(2*pi) q[1]; }", "if on c0", "exact"),
        ("if (c[0]) { ry(a) q[1]; } else { ry(a) q[1]; }", "if on c0", "exact"),
        ("if (c[0]) { h q[1]; x q[1]; } else { z q[1]; h q[1]; }", "if on c0", "exact"),
        (
            "switch (c) { case 0 { c[1] = measure q[1]; } default { c[1] = measure q[1]; } }",
            "switch on c0, c1",
            "exact",
        ),
    ],
)
def test_reset_or_branch_without_effect_fails_and_is_named(body: str, said: str, strength: str) -> None:
    found = judged(CHECK, subject_of(HEAD + body))
    assert found.verdict == "fail"
    assert said in found.finding.evidence[0].where
    assert found.finding.evidence[0].strength == strength


def test_reset_of_a_claimed_zero_wire_acts_on_nothing() -> None:
    body = "qubit[2] q; reset q[0]; h q[0]; cx q[0], q[1];"
    assert judged(CHECK, subject_of(body)).verdict == "pass"
    assert judged(CHECK, subject_of(body, zero_wires=[0])).verdict == "fail"


def test_reset_that_acts_in_one_turn_of_a_loop_passes() -> None:
    body = "qubit[1] q; for int i in [0:2] { reset q[0]; h q[0]; }"
    assert judged(CHECK, subject_of(body, zero_wires=[0])).verdict == "pass"


def test_count_is_judged_by_the_bound() -> None:
    subject = subject_of(HEAD + "reset q[0]; reset q[0]; if (c[0]) { }")
    assert judged(CHECK, subject, at_most=2).verdict == "pass"
    assert judged(CHECK, subject, at_most=1).verdict == "fail"


def test_many_wires_without_a_proof_are_undecided() -> None:
    assert judged(CHECK, subject_of("qubit[30] q; h q; reset q[0];")).verdict == "inconclusive"
    # a branch is looked at on its own wires
    wide = "qubit[30] q; bit c; h q; c = measure q[0]; if (c) { x q[1]; }"
    assert judged(CHECK, subject_of(wide)).verdict == "pass"


def test_static_circuit_is_not_applicable() -> None:
    assert judged(CHECK, subject_of("qubit q; h q;")).verdict == "not_applicable"


@steady(25)
@given(seeded())
def test_every_reset_at_the_top_agrees_with_density_matrices(source) -> None:
    circuit = dynamic_circuit(source, 2, 2, length=7, depth=1, loops=False)
    circuit.reset(source.randrange(2))
    zero = [k for k in range(2) if source.random() < 0.5]
    program = program_of(subject := subject_with(circuit, zero_wires=zero))
    known = explored(subject, program, flow_of(program), generator(0, CHECK, ""), executions(program.steps))
    seen = {step.site: known.outcomes[step][0][1] for step in executions(program.steps) if step.kind == "reset"}
    for index, item in enumerate(circuit.data):
        if isinstance(item.operation, Reset):
            wire = circuit.find_bit(item.qubits[0]).index
            assert seen[index,] in (chance_of_one(circuit, index, wire, zero) > NOTHING, None)


@steady(15)
@given(seeded())
def test_gates_and_their_inverse_are_no_branch_and_one_more_gate_is(source) -> None:
    body = static_circuit(source, 2, 3, composites=False, gates=EXACT)
    for extra in (False, True):
        circuit = QuantumCircuit(2, 1)
        circuit.h(0)
        circuit.measure(0, 0)
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.compose(body, inplace=True)
            circuit.compose(body.inverse(), inplace=True)
            if extra:
                circuit.ry(0.3, 1)
        assert judged(CHECK, subject_with(circuit)).verdict == ("pass" if extra else "fail")
