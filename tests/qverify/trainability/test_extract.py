"""From circuits to chains: laws, data, inputs, and every reason to refuse."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from qiskit.circuit import Gate, Parameter, QuantumCircuit
from qiskit.circuit.classical import expr

from qverify.errors import Undecidable
from qverify.trainability.eligible import Ineligible
from qverify.trainability.extract import chain_of
from qverify.trainability.laws import parse_law
from qverify.trainability.means import mean_square, mean_squares
from qverify.trainability.transfer import second_exact
from tests.qverify.trainability.brute import hermite, law_moments, legendre, observable, whole_turn

a, b, d, x, y = (Parameter(name) for name in "abdxy")


def chain(circuit, text="Z0", weights=None, **kind):
    names = [p.name for p in circuit.parameters if p.name not in kind.get("features", ())]
    return chain_of(circuit, observable(circuit, text), names if weights is None else weights, **kind)


def built(n, *gates, bits=0):
    circuit = QuantumCircuit(n, bits)
    for name, *arguments in gates:
        getattr(circuit, name)(*arguments)
    return circuit


# ------------------------------------------------------------------------------ laws

NARROW = built(2, ("ry", a, 0), ("rx", 2 * b, 1), ("cx", 0, 1), ("ry", d, 1), ("cz", 0, 1), ("rx", x, 0))
LAWS = {"a": "uniform(-0.5, 0.5)", "b": "normal(0, 0.6)", "d": "uniform(-0.3, 0.3)", "x": "uniform"}
NODES = {
    "a": legendre(-0.5, 0.5, 9),
    "b": hermite(0.0, 0.6),
    "d": legendre(-0.3, 0.3, 9),
    "x": whole_turn(),
}
SLOPES = {"a": 1, "b": 2, "d": 1, "x": 1}


@pytest.mark.parametrize("text", ["Z0", "Z1", "Y0 Z1", "X0"])
def test_symmetric_laws_have_the_moments_of_a_quadrature(text):
    made = chain(NARROW, text, laws={k: parse_law(v) for k, v in LAWS.items()})
    cost, mean, gradients = law_moments(NARROW, text, NODES, SLOPES)
    second = second_exact(made)
    assert second.cost.value == pytest.approx(cost, abs=1e-11)
    assert mean_square(made).value == pytest.approx(mean**2, abs=1e-11)
    for k, name in enumerate(made.names):
        assert second.gradients[k].value == pytest.approx(gradients[name][0], abs=1e-11)
        assert mean_squares(made)[k].value == pytest.approx(gradients[name][1] ** 2, abs=1e-11)


@pytest.mark.parametrize("centre", [math.pi / 2, -math.pi, 3 * math.pi / 2])
def test_a_law_about_a_quarter_turn_is_a_clifford_gate_and_a_law_about_zero(centre):
    circuit = built(2, ("ry", a, 0), ("cx", 0, 1), ("rx", b + 0.2, 1))
    laws = {"a": parse_law(f"uniform({centre - 0.4}, {centre + 0.4})"), "b": parse_law("normal(-0.2, 0.3)")}
    made = chain(circuit, "Z1", laws=laws)
    nodes = {"a": legendre(centre - 0.4, centre + 0.4), "b": hermite(-0.2, 0.3)}
    cost, mean, gradients = law_moments(circuit, "Z1", nodes, {"a": 1, "b": 1})
    second = second_exact(made)
    assert second.cost.value == pytest.approx(cost, abs=1e-11)
    assert mean_square(made).value == pytest.approx(mean**2, abs=1e-11)
    assert [g.value for g in second.gradients] == pytest.approx([gradients[n][0] for n in made.names], abs=1e-11)
    assert [m.value for m in mean_squares(made)] == pytest.approx(
        [gradients[n][1] ** 2 for n in made.names], abs=1e-11
    )


def test_a_uniform_law_that_is_no_whole_period_is_taken_as_it_is():
    circuit = built(1, ("ry", 0.5 * a, 0))
    made = chain(circuit)
    cost, _, gradients = law_moments(circuit, "Z0", {"a": legendre(0, 2 * math.pi)}, {"a": 0.5})
    assert second_exact(made).cost.value == pytest.approx(cost, abs=1e-12)
    assert second_exact(made).gradients[0].value == pytest.approx(gradients["a"][0], abs=1e-12)


def test_the_mean_gradient_of_uniform_angles_is_exactly_zero():
    made = chain(built(2, ("ry", a, 0), ("cx", 0, 1), ("rx", b, 1)), "Z1")
    assert all(m.value == 0.0 for m in mean_squares(made))


def test_a_law_that_is_not_symmetric_is_refused():
    with pytest.raises(Ineligible, match="law of `a` is not symmetric"):
        chain(built(1, ("ry", a, 0)), laws={"a": parse_law("arctan(uniform(0, 3))")})


# ------------------------------------------------------------------------------ data


def with_data(circuit, text, weights, low=-1.0, high=1.0, features="xy"):
    nodes = {name: whole_turn() for name in weights}
    nodes |= {name: legendre(low, high, 24) for name in features}
    return law_moments(circuit, text, nodes, dict.fromkeys(weights, 1))


@pytest.mark.parametrize("text", ["Z0", "Y0 Z1"])
def test_data_at_the_start_is_a_product_input(text):
    circuit = built(2, ("h", 0), ("ry", x.arctan(), 0), ("rz", (x * x).arctan(), 0), ("x", 1), ("ry", y + 0.3, 1))
    circuit.compose(built(2, ("cx", 0, 1), ("ry", a, 0), ("rz", b, 1), ("cz", 0, 1), ("rx", d, 0)), inplace=True)
    made = chain(circuit, text, features=("x", "y"))
    assert made.draw is None
    cost, _, gradients = with_data(circuit, text, "abd")
    second = second_exact(made)
    assert second.cost.value == pytest.approx(cost, abs=1e-12)
    assert [g.value for g in second.gradients] == pytest.approx([gradients[n][0] for n in made.names], abs=1e-12)


def test_signs_of_gates_between_turns_at_the_start_matter():
    circuit = built(1, ("ry", 0.3, 0), ("x", 0), ("rx", 0.4, 0), ("z", 0), ("ry", 0.9, 0), ("s", 0), ("rx", x, 0))
    circuit.rz(a, 0)
    for text in ("X0", "Z0"):
        cost, _, _ = with_data(circuit, text, "a", features="x")
        assert second_exact(chain(circuit, text, features=("x",))).cost.value == pytest.approx(cost, abs=1e-12)


def test_a_pauli_gate_on_two_wires_is_no_gap_in_what_prepares_one_of_them():
    circuit = built(2, ("ry", 0.3, 0), ("rz", 0.4, 0), ("rxx", math.pi, 0, 1), ("rx", 0.7, 0), ("rz", a, 0))
    for text in ("X0", "Z0"):
        with pytest.raises(Ineligible, match="interfere"):
            chain(circuit, text)


def test_data_that_several_wires_share_is_drawn_once_for_all():
    circuit = built(2, ("ry", x, 0), ("ry", 2 * x, 1), ("ry", a, 0), ("ry", b, 1), ("cx", 0, 1))
    made = chain(circuit, "Z1", features=("x",))
    drawn = made.draw(np.random.default_rng(1), 1000)
    assert np.isnan(made.start).all()
    np.testing.assert_allclose(sum(drawn.starts.values())[1], 0, atol=1e-30)
    z = 2 * drawn.starts[0][2] - 1  # cos 2x
    np.testing.assert_allclose(2 * drawn.starts[1][2] - 1, 2 * z**2 - 1, atol=1e-12)
    with pytest.raises(Undecidable, match="drawn"):
        second_exact(made)


def test_data_in_the_middle_is_a_drawn_turn_that_a_uniform_one_twirls():
    circuit = built(1, ("ry", a, 0), ("rz", x, 0), ("ry", b, 0))
    made = chain(circuit, "Z0", features=("x",))
    stays = made.draw(np.random.default_rng(0), 20000).stays
    assert stays.shape == (1, 20000)
    cost, _, _ = with_data(circuit, "Z0", "ab", features="x")
    # Z -> cos b Z + sin b X;  X -> drawn X or Y;  over a: E cos**2 = E sin**2 = 1/2, Y is lost
    assert 0.25 + 0.25 * stays.mean() == pytest.approx(cost, abs=0.01)


def test_data_beside_a_uniform_weight_does_not_matter():
    circuit = built(1, ("h", 0), ("rz", a + x, 0))
    made = chain(circuit, "X0", features=("x",))
    assert made.draw is None
    assert second_exact(made).cost.value == 0.5


def test_free_wires_start_in_a_random_letter():
    circuit = built(2, ("ry", a, 0), ("cx", 0, 1))
    made = chain(circuit, "Z1", zero_wires=[0])
    assert second_exact(made).cost.value == pytest.approx(1 / 6, abs=1e-15)


# ------------------------------------------------------------------------------ what is refused


def feed_forward(body, condition=None):
    circuit = built(2, ("ry", a, 0), ("measure", 0, 0), bits=2)
    with circuit.if_test((circuit.clbits[0], 1) if condition is None else condition(circuit)):
        body(circuit)
    return circuit


REFUSED = [
    (built(1, ("ry", a, 0), ("ry", a, 0)), "Z0", "`a` turns several gates"),
    (built(2, ("h", 0), ("crx", a, 0, 1)), "Z1", "several rotations that share its angle"),
    (built(1, ("ry", a * b, 0)), "Z0", "not linear in it"),
    (built(1, ("ry", a.arctan(), 0)), "Z0", "not linear in it"),
    (built(2, ("ry", a, 0)), "Z0 + Z0 Z1", "interfere"),
    (built(1, ("h", 0), ("t", 0), ("h", 0), ("ry", a, 0), ("h", 0), ("t", 0), ("t", 0), ("h", 0)), "Z0", "fixed"),
    (built(1, ("ry", a, 0), ("h", 0), ("t", 0), ("t", 0), ("h", 0), ("ry", b, 0)), "Z0", "fixed"),
    (built(2, ("ry", a, 0), ("measure", 0, 0), bits=1), "M0 + Z0", "reset"),
    (feed_forward(lambda c: c.ry(b, 1)), "Z1", "`ry` under a measured bit is two rotations that share one angle"),
    (feed_forward(lambda c: c.h(1)), "Z1", "`h` under a measured bit is no Clifford gate"),
    (feed_forward(lambda c: c.reset(1)), "X1", "`reset` under a measured bit"),
    (feed_forward(lambda c: c.x(1), lambda c: (c.cregs[0], 3)), "Z1", "no parity of bits"),
]


@pytest.mark.parametrize(("circuit", "text", "reason"), REFUSED)
def test_what_is_no_walk_is_refused_by_name(circuit, text, reason):
    with pytest.raises(Ineligible, match=re.escape(reason)):
        chain(circuit, text)


def test_unknown_gates_and_loops_are_refused_by_name():
    circuit = built(1, ("ry", a, 0))
    circuit.append(Gate("mystery", 1, []), [0])
    with pytest.raises(Ineligible, match="`mystery`"):
        chain(circuit)
    loop = built(1, ("ry", a, 0), ("measure", 0, 0), bits=1)
    with loop.while_loop((loop.clbits[0], 1)):
        loop.h(0)
        loop.measure(0, 0)
    with pytest.raises(Ineligible, match="while_loop"):
        chain(loop)
    stored = built(1, ("ry", a, 0), bits=1)
    stored.store(stored.clbits[0], expr.lift(True))
    with pytest.raises(Ineligible, match="stores"):
        chain(stored)


def test_what_is_outside_the_cone_does_not_refuse():
    circuit = built(3, ("ry", a, 0), ("crx", b, 1, 2), ("t", 1), ("ry", d, 2), ("ry", d, 1))
    assert second_exact(chain(circuit, "Z0")).cost.value == 0.5


def test_a_parity_of_bits_is_a_condition_that_is_followed():
    circuit = built(3, ("ry", a, 0), ("ry", b, 1), ("measure", [0, 1], [0, 1]), bits=2)
    with circuit.if_test(expr.not_equal(circuit.clbits[0], circuit.clbits[1])):
        circuit.x(2)
    assert second_exact(chain(circuit, "Z2")).cost.value == 0.25
