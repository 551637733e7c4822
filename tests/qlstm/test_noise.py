from __future__ import annotations

import math

import numpy as np
import pytest
from qiskit import QuantumCircuit

from qlstm.aer_window import means, records
from qlstm.errors import BadUsage
from qlstm.noise import Noise, aer_model, of_strength, with_waits

SHOTS = 20_000


def sampled(circuit, noise):
    return means(records([with_waits(circuit, noise)], SHOTS, 5, aer_model(noise)))[0]


def test_a_readout_error_shrinks_the_sign_by_one_minus_twice_its_probability():
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    assert sampled(circuit, Noise(readout=0.1))[0] == pytest.approx(0.8, abs=7 / math.sqrt(SHOTS))


def test_depolarising_shrinks_it_after_gates_but_not_after_turns_about_z():
    circuit = QuantumCircuit(1, 1)
    circuit.ry(0.0, 0)
    circuit.rz(0.3, 0)
    circuit.measure(0, 0)
    assert sampled(circuit, Noise(one=0.2))[0] == pytest.approx(0.8, abs=7 / math.sqrt(SHOTS))


def test_a_wire_that_waits_for_a_measurement_decays():
    circuit = QuantumCircuit(2, 2)
    circuit.x(1)
    circuit.measure(0, 0)
    circuit.measure(1, 1)
    alone = circuit.copy()
    found = sampled(alone, Noise(t1=2000.0, t2=2000.0))
    assert found[1] == -1, "measured at the same time, so nothing waits"
    later = QuantumCircuit(2, 2)
    later.x(1)
    later.measure(0, 0)
    later.reset(0)
    later.measure(1, 1)
    survived = np.exp(-2000 / 2000)  # 1000 ns of measurement and 1000 ns of reset
    assert sampled(later, Noise(t1=2000.0, t2=2000.0))[1] == pytest.approx(
        1 - 2 * survived, abs=7 / math.sqrt(SHOTS)
    )


def test_one_number_is_a_machine():
    assert of_strength(0.01) == Noise(0.001, 0.01, 0.01)
    assert aer_model(Noise()) is None


@pytest.mark.parametrize(
    "wrong", [{"one": -0.1}, {"readout": 1.5}, {"two": math.nan}, {"t1": 0.0}, {"t1": 1.0, "t2": 3.0}]
)
def test_impossible_noise_is_refused(wrong):
    with pytest.raises(BadUsage):
        Noise(**wrong)
