"""Slopes of angles and derivatives of gate matrices, against differences and Qiskit's own derivative."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import ControlledGate, library

from qverify.angle_text import parse_angle
from qverify.angles import angle_of, evaluate
from qverify.trainability.slopes import gate_of, slopes
from tests.strategies import GATES, expression, parameters, sources, steady


@steady(60)
@given(sources())
def test_slopes_are_those_of_qiskits_symbolic_gradient(source):
    known = parameters(3)
    angle = expression(source, known, 3)
    at = {p: 0.3 + 0.41 * k for k, p in enumerate(known)}
    found = slopes(angle_of(angle), {p.name: np.full(2, v) for p, v in at.items()})
    for p in angle.parameters:
        wanted = angle.gradient(p)
        wanted = wanted.bind({q: at[q] for q in wanted.parameters}) if hasattr(wanted, "bind") else wanted
        scale = 1 + abs(complex(wanted))
        if np.isfinite(complex(wanted)):
            np.testing.assert_allclose(found.get(p.name, 0.0), complex(wanted).real, rtol=0, atol=1e-9 * scale)


@pytest.mark.parametrize(
    "text",
    [
        "tan(x)", "arccos(x/3)", "arcsin(x*y)", "exp(x*y)", "log(x + 2*y)", "sqrt(x)", "x/y", "2/x", "x**3",
        "x**y", "2**x", "(x - 1)**2", "abs(x - y)", "sign(x)*y", "x**0.5",
    ],
)  # fmt: skip
def test_slopes_are_those_of_a_difference_quotient_of(text):
    angle, h = parse_angle(text, ("x", "y")), 1e-5
    at = {"x": np.array([0.37, 0.81]), "y": np.array([0.6, 0.45])}
    found = slopes(angle, at)
    for name, slope in found.items():
        ends = [evaluate(angle, at | {name: at[name] + s * h}) for s in (1, -1)]
        np.testing.assert_allclose(np.broadcast_to(slope, 2), (ends[0] - ends[1]) / (2 * h), rtol=1e-8, atol=1e-8)


TURNED = [(kind, False) for kind, (_, angles) in GATES.items() if angles]
OPENED = [(kind, True) for kind, _ in TURNED if issubclass(getattr(library, kind), ControlledGate)]


@pytest.mark.parametrize(("kind", "opened"), TURNED + OPENED)
def test_the_derivative_of_a_gates_matrix_is_exact(kind, opened):
    wires, count = GATES[kind]
    named = parameters(count)
    op = getattr(library, kind)(*named)
    if opened:
        op = op.to_mutable()
        op.ctrl_state = 0
    gate = gate_of(op, tuple(range(wires)), {})
    rng = np.random.default_rng(4)
    at = {p.name: rng.uniform(-4, 4, 3) for p in named}
    found = dict(gate.derivatives(at, [p.name for p in named]))
    assert list(found) == [p.name for p in named]
    h = 2.0**-9
    for name, derivative in found.items():
        f = [gate.matrix(at | {name: at[name] + s * h}) for s in (-2, -1, 1, 2)]
        wanted = (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h)
        np.testing.assert_allclose(derivative, wanted, atol=1e-11)
