"""Gradients by lag of windows given as circuits, against closed forms."""

from __future__ import annotations

import json

import numpy as np
import pytest
from qiskit import qpy
from qiskit.circuit import Parameter, QuantumCircuit

from qverify.errors import Unusable
from qverify.plateau import Request, plateau
from qverify.report.plateau import plateau_json
from qverify.subject import parse_observable
from qverify.trainability import Question
from qverify.trainability.through_time import steps_of, through_time


def window(length, measures=True):
    """Memory wire 0 turned by w_t and, for X inputs, by x_t; wire 1 is read out and reset at every step."""
    qc = QuantumCircuit(2, length)
    for t in range(length):
        qc.ry(Parameter(f"x_{t}"), 0)
        qc.rz(Parameter(f"w_{t}"), 0)
        if measures:
            qc.cx(0, 1)
            qc.measure(1, t)
            qc.reset(1)
    return qc


def measured(length, measures=True):
    qc = window(length, measures)
    question = Question(parse_observable("Z0", 2, length), tuple(f"w_{t}" for t in range(length)))
    steps = steps_of((), tuple(p.name for p in qc.parameters))
    return through_time(qc, question, steps, np.random.default_rng(0))


def test_a_measured_memory_falls_by_e_cos_squared_a_step():
    """<Z> after L steps is prod cos x_t, so (d/dx_t)**2 is sin**2 x_t times the other cos**2, for every lag."""
    cos2 = 0.5 + np.sin(2.0) / 4.0  # x uniform in [-1, 1]
    found = measured(3)
    assert [g.lag for g in found.lags] == [0, 1, 2]
    assert [g.features for g in found.lags] == [("x_2",), ("x_1",), ("x_0",)]
    for g in found.lags:
        assert g.lo <= (1 - cos2) * cos2**2 <= g.hi
        assert g.hi - g.lo < 0.5 * g.value


def test_a_turned_memory_forgets_by_its_angles():
    """RY(x_t) RZ(w_t) with w uniform: exact second moments of Z pulled back through the steps."""
    cos2 = 0.5 + np.sin(2.0) / 4.0
    found = measured(3, measures=False)
    expected = walked(3, cos2)
    for g in found.lags:
        assert g.lo <= expected[g.lag] <= g.hi


def walked(length, cos2):
    """E (d <Z> / d x_t)**2 by brute force over the steps' second moments, backwards from Z."""
    sin2, out = 1 - cos2, []
    for lag in range(length):
        z, x, y = 1.0, 0.0, 0.0
        for step in range(length):
            x, y = (x + y) / 2, (x + y) / 2  # RZ by a uniform angle
            z, x, y = (
                (sin2 * z + cos2 * x, cos2 * z + sin2 * x, 0.0)
                if step == lag
                else (cos2 * z + sin2 * x, sin2 * z + cos2 * x, y)
            )
        out.append(z)
    return out


def test_steps_come_from_names_or_from_claims():
    assert steps_of((), ("x_10", "x_2", "w", "x_0")) == (("x_0",), ("x_2",), ("x_10",))
    assert steps_of((), ("x[1]", "x[0]", "theta")) == (("x[0]",), ("x[1]",))
    assert steps_of(("b", "a")) == (("b",), ("a",))
    assert steps_of(("u_0", "v_0", "u_1", "v_1")) == (("u_0", "v_0"), ("u_1", "v_1"))
    for none in ((), ("x",)):
        with pytest.raises(Unusable, match="two or more steps"):
            steps_of(none, ("w",))


def test_the_command_reports_every_lag(tmp_path):
    with (tmp_path / "w.qpy").open("wb") as out:
        qpy.dump(window(2), out)
    (tmp_path / "w.toml").write_text(
        'features = ["x_0", "x_1"]\nweights = ["w_0", "w_1"]\nobservables = ["Z0"]\nzero_wires = [0, 1]\n'
    )
    answer = plateau(Request(str(tmp_path / "w.qpy"), through_time=True), 120.0, 4096)
    lags = json.loads(plateau_json(answer))["through_time"]
    assert [g["lag"] for g in lags] == [0, 1]
    assert all(set(g) == {"lag", "value", "lo", "hi"} and 0 < g["lo"] < g["value"] < g["hi"] for g in lags)
