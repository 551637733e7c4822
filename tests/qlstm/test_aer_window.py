"""The trained form against qiskit-aer: its density matrix on the deferred form, and sampled dynamic circuits."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister

from qlstm import aer_window, noise, rerun, shots
from qlstm.measured_cell import forecast, initial_parameters, readouts
from qlstm.noise import Noise
from qverify.errors import Unusable
from tests.qlstm.shipped_cell import measured_cell

LENGTH, SHOTS = 4, 4096


@pytest.fixture(scope="module")
def cell():
    return measured_cell()


@pytest.fixture(scope="module")
def parameters(cell):
    return initial_parameters(cell, LENGTH, jax.random.key(3))


@pytest.fixture(scope="module")
def windows():
    return np.random.default_rng(3).uniform(-1, 1, (3, LENGTH))


@pytest.fixture(scope="module")
def exact(cell, parameters, windows):
    """<(-1)**bit> by qiskit-aer's density matrix, in the head's order."""
    circuits = rerun.window_circuits(cell, parameters, windows)
    return aer_window.exact(circuits)[:, rerun.bit_order(cell, circuits[0], LENGTH)]


@pytest.fixture(scope="module")
def ours(cell, parameters, windows):
    """Readouts, forecast, and mean and variance of one run."""

    @jax.jit
    def all_of_them(parameters, windows):
        told = readouts(cell, parameters["weights"], windows).reshape(len(windows), -1)
        return told, forecast(cell, parameters, windows), *shots.moments(cell, parameters, windows)

    return [np.asarray(found) for found in all_of_them(parameters, windows)]


@pytest.fixture(scope="module")
def head(parameters):
    return np.asarray(parameters["head"]).reshape(-1), float(np.asarray(parameters["bias"]).reshape(()))


def test_trained_window_is_that_of_aers_density_matrix(ours, exact, head):
    weights, bias = head
    told, forecasts, means, _ = ours
    np.testing.assert_allclose(told, exact, atol=1e-10)
    np.testing.assert_allclose(forecasts, exact @ weights + bias, atol=1e-10)
    np.testing.assert_allclose(means, exact @ weights + bias, atol=1e-10)


def test_sampled_dynamic_circuit_agrees_within_its_error(cell, parameters, windows, exact, ours, head):
    circuits = rerun.window_circuits(cell, parameters, windows[:1])
    order = rerun.bit_order(cell, circuits[0], LENGTH)
    found = [(signs[:, order], shares) for signs, shares in aer_window.records(circuits, SHOTS, 11)]
    pull = (aer_window.means(found)[0] - exact[0]) / np.sqrt((1 - exact[0] ** 2) / SHOTS)
    assert np.max(np.abs(pull)) < 7, "16 bits beyond seven sigma: a chance below 1e-10, and the seed is fixed"
    mean, variance = aer_window.forecasts(found, *head)
    assert abs(mean[0] - ours[2][0]) < 7 * np.sqrt(ours[3][0] / SHOTS)
    assert variance[0] == pytest.approx(ours[3][0], rel=0.2), "bits of one run vary together"


def test_waiting_wires_relax_and_nothing_changes_without_noise(cell, parameters, windows):
    (circuit,) = rerun.window_circuits(cell, parameters, windows[:1])
    assert noise.with_waits(circuit, Noise()) is circuit
    relaxed = noise.with_waits(circuit, Noise(t1=1e5, t2=1e5))
    added = len(relaxed.data) - len(circuit.data)
    # per step: four measurements and resets, two other wires each; one branch, three wires
    assert added == LENGTH * (4 * 2 * 2 + 3)
    found = aer_window.records([noise.with_waits(circuit, Noise(t1=1.0, t2=1.0))], 8, 0)
    assert found[0][1].sum() == pytest.approx(1)


def test_deferred_form_takes_registers_and_both_arms():
    bits, wires = ClassicalRegister(2, "c"), QuantumRegister(3, "q")
    circuit = QuantumCircuit(wires, bits, ClassicalRegister(1, "d"))
    circuit.ry(0.7, 0)
    circuit.ry(1.1, 1)
    circuit.measure([0, 1], bits)
    with circuit.if_test((bits, 2)) as otherwise:
        circuit.ry(0.4, 2)
    with otherwise:
        circuit.ry(1.9, 2)
    circuit.measure(2, 2)
    one = [np.sin(angle / 2) ** 2 for angle in (0.7, 1.1)]
    both = (1 - one[0]) * one[1]  # c = 2: bit 1 is one and bit 0 is not
    expected = [np.cos(0.7), np.cos(1.1), both * np.cos(0.4) + (1 - both) * np.cos(1.9)]
    np.testing.assert_allclose(aer_window.exact([circuit])[0], expected, atol=1e-12)


def test_what_cannot_be_deferred_is_refused():
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    with circuit.if_test((0, 1)):
        circuit.reset(0)
    with pytest.raises(Unusable, match="only gates inside a branch"):
        aer_window.deferred(circuit)
    twice = QuantumCircuit(1, 1)
    twice.measure([0, 0], [0, 0])
    with pytest.raises(Unusable, match="written twice"):
        aer_window.deferred(twice)
