from __future__ import annotations

import pytest

from qlstm.compose import compose, window
from qlstm.resources import hybrid_step, resources
from qlstm.roles import ROLES
from qverify import load_subject
from tests.qlstm.shipped_cell import measured_cell
from tests.shipped import ROOT


@pytest.fixture(scope="module")
def published():
    subjects = {role: load_subject(str(ROOT / "circuits" / "chen2020" / f"{role}.qasm")) for role in ROLES}
    return {r: s.circuit for r, s in subjects.items()}, {r: s.claims.features for r, s in subjects.items()}


@pytest.mark.parametrize(("shared", "qubits"), [(False, 24), (True, 4)])
def test_published_cell_on_separate_and_shared_registers(published, shared, qubits):
    blocks, features = published
    found = resources(*hybrid_step(blocks, features, shared), stages=1)
    assert (found.qubits, found.cx, found.measurements) == (qubits, 96, 24)
    assert found.resets == (20 if shared else 0)


def test_cell_that_measures_has_three_qubits_and_one_branch_a_step():
    cell = measured_cell()
    step = compose({role: v.subject.circuit for role, v in cell.verified.items()})
    one = resources(step, ("x",))
    assert (one.qubits, one.measurements, one.resets, one.feed_forward) == (3, 4, 4, 1)
    assert one.encodings == 6
    four = resources(window(step, 4), tuple(f"x_{t}" for t in range(4)))
    assert (four.qubits, four.cx, four.measurements, four.feed_forward) == (3, 4 * one.cx, 16, 4)
    assert four.time > 3.5 * one.time
