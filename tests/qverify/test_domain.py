"""Where angles are defined, and values drawn only there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from qiskit.circuit import Parameter, QuantumCircuit, library
from qiskit.circuit.classical import expr, types

from qverify.domain import all_angles, defined, draw_values, partial_angles
from qverify.errors import Undecidable
from qverify.subject import Claims, make_subject

X, W = Parameter("x"), Parameter("w")


def subject(circuit, **claims):
    return make_subject("c.qpy", circuit, tuple(p.name for p in circuit.parameters), claims=Claims(**claims))


def circuit_of(*angles):
    circuit = QuantumCircuit(1)
    for angle in angles:
        circuit.rx(angle, 0)
    return circuit


def texts(circuit):
    return [angle.text() for _, _, angle in all_angles(circuit)]


def test_angles_are_found_in_branches_and_composites_and_once_for_every_turn():
    part = circuit_of(2 * W).to_gate()
    circuit = QuantumCircuit(1, 1)
    circuit.append(part, [0])
    with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
        circuit.rx(W, 0)
    with otherwise:
        circuit.rx(-W, 0)
    with circuit.for_loop((1, 3)) as i:
        circuit.rx(i * W, 0)
    with circuit.for_loop(range(2)):
        circuit.rx(X, 0)
    found = texts(circuit)
    assert found[:3] == ["2.0*w", "w", "-1.0*w"]
    assert len(found) == 7
    assert found[5:] == ["x", "x"]
    assert partial_angles(circuit) == ()


def test_the_gate_and_the_place_of_an_angle_are_told():
    circuit = QuantumCircuit(1)
    circuit.append(library.RGate(0.1, W), [0])
    assert [(kind, k) for kind, k, _ in all_angles(circuit)] == [("RGate", 0), ("RGate", 1)]


def test_too_many_turns_are_undecided(monkeypatch):
    monkeypatch.setattr("qverify.domain.MAX_ANGLES", 10)
    circuit = QuantumCircuit(1)
    with circuit.for_loop(range(11)):
        circuit.rx(W, 0)
    with pytest.raises(Undecidable, match="10 angles"):
        list(all_angles(circuit))


def test_an_empty_loop_of_many_turns_costs_nothing():
    circuit = QuantumCircuit(1)
    with circuit.for_loop(range(10**12)):
        circuit.x(0)
    assert texts(circuit) == []


@pytest.mark.parametrize(
    ("angle", "partial"),
    [
        (X, False), (X.sin(), False), (X.arctan() * W, False), (X.abs(), False),
        (X.arcsin(), True), (X.log(), True), (1 / X, True), (X.tan(), True), ((X / W).sin(), True), (X**2, True),
    ],
)  # fmt: skip
def test_an_angle_counts_as_partial_unless_it_is_known_to_be_defined_everywhere(angle, partial):
    assert bool(partial_angles(circuit_of(angle))) is partial


def test_an_angle_is_defined_where_it_is_finite():
    angles = partial_angles(circuit_of(X.arcsin(), X.log()))
    np.testing.assert_array_equal(defined(angles, {"x": np.array([-0.5, 0.0, 0.5, 2.0])}), [0, 0, 1, 0])


def test_drawn_values_are_defined_and_features_stay_in_their_range():
    made = subject(circuit_of(X.arcsin() + W), features=("x",), weights=("w",), feature_range=(-3.0, 3.0))
    drawn = draw_values(made, np.random.default_rng(1), 200)
    assert drawn["x"].shape == drawn["w"].shape == (200,)
    assert np.all(np.abs(drawn["x"]) <= 1)
    assert drawn["w"].max() > math.pi  # over a turn
    assert np.all((drawn["w"] >= 0) & (drawn["w"] < 2 * math.pi))


def test_drawing_is_decided_by_the_seed():
    made = subject(circuit_of(X + W), features=("x",), weights=("w",))
    one, two, other = (draw_values(made, np.random.default_rng(s), 5)["w"] for s in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_no_parameters_need_no_values():
    assert draw_values(subject(circuit_of(0.1)), np.random.default_rng(1), 5) == {}


def test_angles_undefined_almost_everywhere_are_undecided():
    with pytest.raises(Undecidable, match="feature_range"):
        draw_values(subject(circuit_of((X + 9).arcsin())), np.random.default_rng(1), 5)


def _turned_while(angle):
    circuit = QuantumCircuit(1, 1)
    k = circuit.add_var("k", expr.lift(0, types.Uint(2)))
    with circuit.while_loop(expr.less(k, 3)):
        circuit.rx(angle, 0)
        circuit.store(k, expr.add(k, 1))
    return circuit


def test_how_often_a_while_turns_a_parameter_is_undecided():
    with pytest.raises(Undecidable, match="`while`"):
        list(all_angles(_turned_while(W)))
    assert "0.5" in "".join(texts(_turned_while(0.5)))
    assert partial_angles(_turned_while(X.arcsin()))


def test_very_many_turns_are_undecided_at_once():
    circuit = QuantumCircuit(1)
    with circuit.for_loop(range(10**9)):
        circuit.rx(W, 0)
    with pytest.raises(Undecidable, match="unrolled"):
        list(all_angles(circuit))


def test_the_variable_of_a_loop_is_no_parameter_of_its_name():
    circuit = QuantumCircuit(1)
    with circuit.for_loop(range(2), expr.Var.new("w", types.Uint(2))):
        circuit.rx(W, 0)
    assert texts(circuit) == [texts(circuit_of(W))[0]] * 2
