"""Instruments: every record's map, restricted inputs, discarded outputs, and distances with closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from qiskit.circuit import QuantumCircuit

from qverify.errors import Undecidable
from qverify.semantics.instrument import (
    instrument,
    instrument_distance,
    merged,
    outcome_distribution,
    unitary_distance,
)
from tests.oracles import choi, evolve, partial_trace
from tests.strategies import dynamic_circuit, seeded, steady

EYE = np.eye(2, dtype=complex)


def images(maps):
    """record -> the image of every |i><j|, as `choi` lists them."""
    out = {}
    for record, kraus in maps.items():
        d_out, d_in = kraus.shape[1:]
        out[record] = np.einsum("rai,rbj->ijab", kraus, kraus.conj()).reshape(d_in**2, d_out, d_out)
    return out


def largest_gap(a, b):
    zero = 0 * next(iter(a.values()))
    return max(float(np.abs(a.get(r, zero) - b.get(r, zero)).max()) for r in {*a, *b})


@given(seeded())
@steady(100)
def test_the_map_of_every_record_is_the_one_found_by_listing_all_outcomes(source):
    circuit = dynamic_circuit(source, source.randint(1, 3), source.randint(1, 3), source.randint(1, 7))
    assert largest_gap(choi(circuit), images(instrument(circuit, {}))) < 1e-10


@given(seeded())
@steady(60)
def test_wires_in_zero_and_wires_traced_out_are_those_of_the_density_matrix(source):
    n = 3
    circuit = dynamic_circuit(source, n, 2, 6)
    zero, discard = (sorted(source.sample(range(n), source.randint(0, 2))) for _ in range(2))
    free = [k for k in range(n) if k not in zero]
    psi = np.array([complex(source.uniform(-1, 1), source.uniform(-1, 1)) for _ in range(2 ** len(free))])
    wide = np.zeros(8, dtype=complex)
    for index, value in enumerate(psi):
        wide[sum((index >> j & 1) << k for j, k in enumerate(free))] = value
    found = instrument(circuit, {}, zero=zero, discard=discard)
    expected = evolve(circuit, [np.outer(wide, wide.conj())])
    for record in {*found, *expected}:
        rho = sum(np.outer(k @ psi, (k @ psi).conj()) for k in found.get(record, []))
        wanted = expected.get(record, np.zeros((1, 8, 8)))[0]
        np.testing.assert_allclose(rho, partial_trace(wanted, discard, n), atol=1e-10)


@given(seeded())
@steady(60)
def test_an_instrument_conserves_probability(source):
    circuit = dynamic_circuit(source, source.randint(1, 3), 2, 7)
    total = sum(np.einsum("roi,roj->ij", k.conj(), k) for k in instrument(circuit, {}).values())
    np.testing.assert_allclose(total, np.eye(len(total)), atol=1e-10)


@given(seeded())
@steady(40)
def test_the_merged_instrument_is_the_sum_over_records(source):
    circuit = dynamic_circuit(source, 2, 2, 6)
    maps = instrument(circuit, {})
    found = images(merged(maps))[0]
    np.testing.assert_allclose(found, sum(choi(circuit).values()), atol=1e-10)


def test_the_outcomes_of_a_bell_measurement_are_even():
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    assert outcome_distribution(instrument(circuit, {}), np.eye(4)[0]) == pytest.approx(
        {0: 0.5, 3: 0.5, 1: 0, 2: 0}
    )


@given(seeded())
@steady(40)
def test_an_instrument_is_at_distance_zero_from_itself_in_any_order_of_its_kraus_operators(source):
    maps = instrument(dynamic_circuit(source, 2, 2, 6), {})
    turned = {r: np.exp(0.7j) * kraus[::-1] for r, kraus in maps.items()}
    found = instrument_distance(maps, turned, 1e-12)
    assert found.lo == 0
    assert found.hi < 1e-10


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 1.0])
def test_the_interval_holds_the_diamond_norm_of_a_phase_flip(p):
    flipped = {0: np.stack([math.sqrt(1 - p) * EYE, math.sqrt(p) * np.diag([1, -1])])}
    found = instrument_distance({0: EYE[None]}, flipped, 1e-13)
    assert found.lo <= 2 * p + 1e-12  # Pauli channels: 2 p, reached at the maximally entangled input
    assert found.hi >= 2 * p - 1e-12
    assert found.lo == pytest.approx(2 * p, abs=1e-11)


def test_the_interval_holds_the_distance_of_a_reset_from_the_identity():
    reset = {0: np.array([[[1, 0], [0, 0]], [[0, 1], [0, 0]]], dtype=complex)}
    found = instrument_distance({0: EYE[None]}, reset, 1e-13)
    assert found.lo <= 2 <= found.hi  # |1> goes to an orthogonal state, so the norm is 2


def test_instruments_with_other_records_are_as_far_apart_as_can_be():
    found = instrument_distance({0: EYE[None]}, {1: EYE[None]}, 1e-13)
    assert found.lo == pytest.approx(2)
    assert found.hi == 2


@pytest.mark.parametrize("t", [0.0, 1e-9, 0.3, math.pi, 4.0, 2 * math.pi])
def test_a_rotation_is_at_the_distance_of_its_closed_form_from_the_identity(t):
    V = np.diag(np.exp([-0.5j * t, 0.5j * t]))
    arc = min(t, 2 * math.pi - t)
    found = unitary_distance(EYE, V, 1e-14)
    assert found.lo - 1e-14 <= 2 * math.sin(arc / 4) <= found.hi + 1e-14
    assert found.hi - found.lo < 1e-13


def test_the_distance_of_unitaries_is_the_best_over_a_grid_of_phases():
    rng = np.random.default_rng(5)
    for _ in range(5):
        U, V = (np.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))[0] for _ in range(2))
        grid = min(np.linalg.norm(U - np.exp(1j * p) * V, 2) for p in np.linspace(0, 2 * np.pi, 20001))
        found = unitary_distance(U, V, 1e-13)
        assert found.lo <= grid  # the grid's best is no better than the true one, and at most half a step worse
        assert grid <= found.hi + 2e-4


def test_the_distance_ignores_a_phase_also_at_the_cut_of_the_angle():
    for phase in (0.0, 1.0, np.pi, -np.pi + 1e-16):
        assert unitary_distance(EYE, np.exp(1j * phase) * EYE, 1e-14).lo == 0


def test_a_circuit_too_wide_for_the_reference_is_undecided():
    with pytest.raises(Undecidable, match="too many"):
        instrument(QuantumCircuit(11), {})
