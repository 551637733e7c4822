"""Exact second moments: closed forms, and the mean over all angles of small circuits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from qiskit.circuit import ClassicalRegister, Parameter, ParameterVector, QuantumCircuit, QuantumRegister

from qverify.errors import Undecidable
from qverify.trainability.cone import live_names, reduced
from qverify.trainability.dead import dead_names
from qverify.trainability.extract import chain_of
from qverify.trainability.transfer import second_exact
from tests.qverify.trainability.brute import observable, uniform_moments
from tests.qverify.trainability.sweep import sweep


def names(circuit):
    return [p.name for p in circuit.parameters]


def exact(circuit, text, **kind):
    second = second_exact(chain_of(circuit, observable(circuit, text), names(circuit), **kind))
    return second.cost.value, dict(zip(names(circuit), (g.value for g in second.gradients), strict=True))


def hardware_efficient(n, layers):
    """Per layer RY and RZ on each qubit, then a line of CZ."""
    w = ParameterVector("w", 2 * n * layers)
    circuit, k = QuantumCircuit(n), 0
    for _ in range(layers):
        for q in range(n):
            circuit.ry(w[k], q)
            circuit.rz(w[k + 1], q)
            k += 2
        for q in range(n - 1):
            circuit.cz(q, q + 1)
    return circuit


def ry_product(n):
    circuit = QuantumCircuit(n)
    for k in range(n):
        circuit.ry(Parameter(f"w{k}"), k)
    return circuit


@pytest.mark.parametrize("n", [1, 3, 6])
def test_a_product_of_ry_has_the_moments_of_the_closed_form(n):
    cost, gradients = exact(ry_product(n), "zeros")
    assert cost == pytest.approx((3 / 8) ** n, abs=1e-14)
    np.testing.assert_allclose(list(gradients.values()), (1 / 8) * (3 / 8) ** (n - 1), atol=1e-14)
    local = " + ".join(f"{1 / n!r}*P0[{k}]" for k in range(n))
    cost, gradients = exact(ry_product(n), local)
    assert cost - 0.25 == pytest.approx(1 / (8 * n), abs=1e-13)
    np.testing.assert_allclose(list(gradients.values()), 1 / (8 * n**2), atol=1e-13)
    assert exact(ry_product(n), " ".join(f"Z{k}" for k in range(n)))[0] == pytest.approx(2.0**-n, abs=1e-15)


@pytest.mark.parametrize("layers", [1, 2, 5, 20])
def test_rx_and_rz_on_one_qubit_have_the_moments_of_the_closed_form(layers):
    circuit = QuantumCircuit(1)
    for k in range(layers):
        circuit.rx(Parameter(f"a{k:02}"), 0)
        circuit.rz(Parameter(f"b{k:02}"), 0)
    cost, gradients = exact(circuit, "Z0")
    assert cost == pytest.approx(1 / 3 + 2 / 3 * 4.0**-layers, abs=1e-14)
    assert gradients["a00"] == pytest.approx(1 / 3 + 1 / 6 * 4.0 ** -(layers - 1), abs=1e-14)


def haar_blocks(m):
    """A staircase of blocks that are two-qubit 2-designs: uniform angles about a universal set, again and again."""
    circuit, count = QuantumCircuit(m + 1), iter(range(10**6))
    for block in range(m):
        for _ in range(25):
            for q in (block, block + 1):
                circuit.rz(Parameter(f"p{next(count):06}"), q)
                circuit.ry(Parameter(f"p{next(count):06}"), q)
                circuit.rz(Parameter(f"p{next(count):06}"), q)
            circuit.cx(block, block + 1)
            circuit.cx(block + 1, block)
    return circuit


@pytest.mark.parametrize("m", [1, 2, 3])
def test_a_staircase_of_random_blocks_has_the_moments_of_the_closed_form(m):
    cost, _ = exact(haar_blocks(m), f"Z{m}")
    assert cost == pytest.approx(1 / 9 + 4 / 45 * (2 / 5) ** (m - 1), abs=1e-10)


@pytest.mark.parametrize("n", [2, 3])
def test_deep_matchgates_have_the_moments_of_the_closed_form(n):
    circuit, k = QuantumCircuit(n), 0
    for _ in range(60 * n):
        for q in range(n):
            circuit.rz(Parameter(f"w{k:06}"), q)
            k += 1
        for q in range(n - 1):
            circuit.rxx(Parameter(f"w{k:06}"), q, q + 1)
            k += 1
    assert exact(circuit, "Z0")[0] == pytest.approx(1 / (2 * n - 1), abs=1e-10)


def test_the_hardware_efficient_circuit_has_the_values_of_the_prototype():
    assert exact(hardware_efficient(4, 4), "Z0")[1]["w[0]"] == pytest.approx(0.172195, abs=5e-7)
    chain = chain_of(hardware_efficient(8, 8), observable(QuantumCircuit(8), "Z0"), names(hardware_efficient(8, 8)))
    second = second_exact(chain)
    assert second.gradients[0].value == pytest.approx(0.078078, abs=5e-7)
    zero = {name for name, g in zip(chain.names, second.gradients, strict=True) if g.value == 0.0}
    assert zero == dead_names(chain)


@pytest.mark.parametrize(
    ("n", "layers", "text", "dead"), [(8, 8, "Z0", 64), (8, 4, "Z0", 48), (8, 8, "global", 8), (20, 20, "Z0", 400)]
)
def test_the_hardware_efficient_circuit_has_as_many_dead_weights_as_it_should(n, layers, text, dead):
    circuit = hardware_efficient(n, layers)
    word = " ".join(f"Z{k}" for k in range(n)) if text == "global" else text
    chain = chain_of(circuit, observable(circuit, word), names(circuit))
    assert len(dead_names(chain)) == dead
    assert len(live_names(chain)) == 2 * n * layers - dead


@pytest.mark.parametrize("gate", ["t", "ry"])
def test_a_fixed_turn_under_the_twirl_condition_is_exact(gate):
    a = [Parameter(f"a{k}") for k in range(6)]
    circuit = QuantumCircuit(2)
    for k, (name, q) in enumerate([("ry", 0), ("rz", 0), ("rx", 1)]):
        getattr(circuit, name)(a[k], q)
    circuit.cx(0, 1)
    circuit.t(0) if gate == "t" else circuit.ry(0.3, 0)
    circuit.rx(a[3], 0)
    circuit.cz(0, 1)
    circuit.ry(a[4], 1)
    circuit.rz(a[5], 0)
    cost, gradients = exact(circuit, "X0 Z1")
    wanted, slopes = uniform_moments(circuit, "X0 Z1", dict.fromkeys(names(circuit), 1))
    assert cost == pytest.approx(wanted, abs=1e-12)
    assert gradients == pytest.approx(slopes, abs=1e-12)


def teleported():
    """RY on a state that is teleported: Bell measurement, and corrections under its bits."""
    q, c = QuantumRegister(3), ClassicalRegister(2)
    circuit = QuantumCircuit(q, c)
    circuit.ry(Parameter("a"), 0)
    circuit.rz(Parameter("b"), 0)
    circuit.h(1)
    circuit.cx(1, 2)
    circuit.cx(0, 1)
    circuit.h(0)
    circuit.measure([0, 1], [0, 1])
    with circuit.if_test((c[1], 1)):
        circuit.x(2)
    with circuit.if_test((c[0], 0)) as other:
        pass
    with other:
        circuit.z(2)
    circuit.rx(Parameter("d"), 2)
    return circuit


@pytest.mark.parametrize("text", ["Z2", "X2", "Y2", "M0", "P0[2]"])
def test_teleportation_changes_no_second_moment(text):
    direct = QuantumCircuit(3)
    direct.ry(Parameter("a"), 2)
    direct.rz(Parameter("b"), 2)
    direct.rx(Parameter("d"), 2)
    cost, gradients = exact(teleported(), text)
    wanted, slopes = exact(direct, text) if text != "M0" else (0.0, dict.fromkeys("abd", 0.0))
    assert cost == pytest.approx(wanted, abs=1e-14)
    assert gradients == pytest.approx(slopes, abs=1e-14)


def test_whole_slopes_square_into_the_gradient():
    circuit = QuantumCircuit(1)
    circuit.ry(3 * Parameter("a") + 0.3, 0)
    cost, gradients = exact(circuit, "Z0")
    assert (cost, gradients["a"]) == (0.5, pytest.approx(4.5, abs=1e-13))


def test_two_parameters_in_one_angle_are_two_turns():
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("a") + Parameter("b"), 0)
    cost, gradients = exact(circuit, "Z0")
    assert (cost, gradients) == (0.5, {"a": 0.5, "b": 0.5})


def test_random_circuits_agree_with_the_mean_over_all_angles():
    tally = sweep(range(50))
    assert tally.wrong == []
    assert tally.accepted > 20
    assert tally.dead > 30


def test_a_cone_of_more_wires_than_fit_is_refused():
    circuit = ry_product(9)
    with pytest.raises(Undecidable, match="9 wires"):
        exact(circuit, "zeros")


def test_wires_outside_the_cone_are_left_out():
    circuit = hardware_efficient(30, 2)
    chain = chain_of(circuit, observable(circuit, "Z15"), names(circuit))
    cone = reduced(chain)
    assert cone.names == chain.names
    assert cone.wires <= 5
    assert math.isclose(second_exact(chain).cost.value, second_exact(cone).cost.value)
