"""The distance and the infidelity of tensor products, against the whole matrix."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np
import pytest
from scipy.stats import unitary_group

from qverify.equivalence.spectrum import distance_to_phase, infidelity_root, spectrum
from qverify.semantics.gates import rotation
from qverify.semantics.instrument import unitary_distance


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("size", [1e-9, 1e-3, 0.5, 4.0])
def test_tensor_product_has_the_distance_and_fidelity_of_its_matrix(seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    bases = [unitary_group.rvs(2**k, random_state=rng) for k in rng.integers(1, 3, size=3)]
    parts = [(U * np.exp(1j * size * rng.uniform(-1, 1, len(U)))) @ U.conj().T for U in bases]
    whole = reduce(np.kron, parts)
    found = [spectrum(part) for part in parts]
    slack = sum(part.slack for part in found) + 1e-13
    truth = unitary_distance(np.eye(len(whole), dtype=np.complex128), whole, 1e-13)
    interval = distance_to_phase(found)
    assert interval.lo - slack <= truth.hi
    assert truth.lo <= interval.hi + slack
    assert interval.hi - interval.lo < 1e-12
    root = infidelity_root(found)
    fidelity = abs(np.trace(whole) / len(whole)) ** 2
    assert root.lo**2 - 1e-12 <= 1 - fidelity <= root.hi**2 + 1e-12


@pytest.mark.parametrize("exponent", range(0, 13, 3))
def test_rotation_has_the_closed_form(exponent: int) -> None:
    t = 10.0**-exponent
    part = spectrum(rotation("X", np.array([t]))[0])
    for found, truth in (
        (distance_to_phase([part]), 2 * math.sin(t / 4)),
        (infidelity_root([part]), math.sin(t / 2)),
    ):
        wide = found.widened(part.slack)
        assert wide.lo <= truth <= wide.hi
        assert wide.hi - wide.lo < 1e-13


def test_many_large_factors_bound_what_they_do_not_multiply_out() -> None:
    parts = [spectrum(rotation("Z", np.array([1.0 + k / 7]))[0]) for k in range(30)]
    found = distance_to_phase(parts)
    assert math.sqrt(2) <= found.lo <= found.hi <= 2.0 + 1e-9
