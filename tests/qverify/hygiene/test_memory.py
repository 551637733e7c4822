"""Which measurement a condition may read, and which outcomes nobody reads, across branches and loops."""

from __future__ import annotations

import pytest

from qverify.hygiene import dead_writes, program_of, reads_of_nothing, steered_by
from tests.subjects import subject_of

Q = "qubit[3] q; bit[2] c; "


@pytest.mark.parametrize(
    ("body", "steering"),
    [
        ("c[0] = measure q[0]; if (c[0]) { x q[1]; }", ["measure q0 -> c0"]),
        ("c[0] = measure q[0]; c[0] = measure q[1]; if (c[0]) { x q[1]; }", ["measure q1 -> c0"]),
        (
            "c[0] = measure q[0]; if (c[0]) { c[0] = measure q[1]; } if (c[0]) { x q[2]; }",
            ["measure q0 -> c0", "measure q1 -> c0"],
        ),
        ("c[0] = measure q[0]; if (c[1]) { x q[1]; }", []),
        ("c[0] = measure q[0]; if (c[0]) { }", []),
    ],
)
def test_measurement_steers_what_its_bit_may_reach(body: str, steering: list[str]) -> None:
    found = sorted(step.where.split(" (")[0] for step in steered_by(program_of(subject_of(Q + body))))
    assert found == steering


def test_bit_written_in_one_branch_alone_counts_as_written_and_as_live_before() -> None:
    body = Q + "c[0] = measure q[0]; if (c[0]) { c[1] = measure q[1]; } if (c[1]) { x q[2]; }"
    program = program_of(subject_of(body))
    assert not reads_of_nothing(program)
    assert not dead_writes(program)


def test_bit_overwritten_in_both_branches_is_dead() -> None:
    body = (
        Q
        + "c[1] = measure q[2]; c[0] = measure q[0];"
        + "if (c[0]) { c[1] = measure q[1]; } else { c[1] = measure q[0]; }"
    )
    dead = dead_writes(program_of(subject_of(body)))
    assert list(dead.values()) == ["overwritten before it is read"]
