"""What is surely known of wires and bits: never against what is seen, and enough to be useful at any width."""

from __future__ import annotations

import pytest
from hypothesis import given

from qverify.hygiene import executions, explored, flow_of, program_of
from qverify.hygiene.flow import Held
from tests.strategies import dynamic_circuit, seeded, steady
from tests.subjects import generator, subject_of, subject_with

Q = "input float[64] a; qubit[3] q; bit[2] c; "


def values_before_last(body: str, **claims: object):
    program = program_of(subject_of(Q + body, **claims))
    return flow_of(program).values[program.steps[-1]]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("reset q[0]; h q[0];", 0),
        ("reset q[0]; x q[0]; h q[0];", 1),
        ("reset q[0]; h q[0]; h q[0];", None),
        ("c[0] = measure q[0]; h q[0];", Held(0)),
        ("c[0] = measure q[0]; rz(a) q[0]; cx q[0], q[1]; h q[0];", Held(0)),
        ("c[0] = measure q[0]; c[0] = measure q[1]; h q[0];", None),
        ("c[0] = measure q[0]; if (c[0]) { x q[0]; } h q[0];", 0),
        ("c[0] = measure q[0]; if (!c[0]) { x q[0]; } h q[0];", 1),
        ("c[0] = measure q[0]; if (c[1]) { x q[0]; } h q[0];", Held(0)),  # c[1] is 0
        ("c[0] = measure q[0]; c[1] = measure q[1]; if (c[1]) { x q[0]; } h q[0];", None),
        ("c[0] = measure q[0]; if (c[0]) { z q[0]; } h q[0];", Held(0)),
        ("reset q; x q[1]; cx q[1], q[0]; h q[0];", 1),
        ("reset q; swap q[0], q[1]; x q[1]; swap q[0], q[1]; h q[0];", 1),
        ("c[0] = measure q[0]; if (c[0]) { reset q[0]; } h q[0];", 0),
    ],
)
def test_value_of_a_wire(body: str, value: object) -> None:
    assert values_before_last(body) == (value,)


@pytest.mark.parametrize(
    ("body", "coin"),
    [
        ("h q[0]; c[1] = measure q[0];", True),
        ("cx q[0], q[1]; ry(a) q[0]; c[1] = measure q[0];", True),
        ("cx q[1], q[0]; c[1] = measure q[0];", False),
        ("h q[0]; cx q[0], q[1]; c[1] = measure q[0];", False),
        ("c[0] = measure q[1]; if (c[0]) { h q[0]; } c[1] = measure q[0];", True),  # given c[0]
        (
            "c[0] = measure q[1]; if (c[0]) { h q[0]; } c[0] = measure q[2]; c[1] = measure q[0];",
            False,
        ),  # c[0] is lost
        ("c[0] = measure q[1]; if (c[0]) { h q[0]; c[0] = measure q[2]; } c[1] = measure q[0];", False),
        ("h q[0]; h q[1]; cx q[0], q[1]; reset q[1]; c[1] = measure q[0];", False),
    ],
)
def test_wire_alone_and_moved_by_weights_is_a_coin(body: str, coin: bool) -> None:
    program = program_of(subject_of(Q + body, weights=["a"], zero_wires=[0]))
    assert (program.steps[-1] in flow_of(program).coins) == coin


@steady(60)
@given(seeded())
def test_nothing_that_is_seen_is_excluded(source) -> None:
    """`explored` fails where a proof and a drawn point disagree."""
    circuit = dynamic_circuit(source, source.choice([1, 2, 3]), source.choice([1, 2, 3]), length=7, depth=2)
    zero = [k for k in range(circuit.num_qubits) if source.random() < 0.6]
    program = program_of(subject := subject_with(circuit, zero_wires=zero))
    known = explored(subject, program, flow_of(program), generator(0, "flow", ""), executions(program.steps))
    assert set(known.by) == set(executions(program.steps))
