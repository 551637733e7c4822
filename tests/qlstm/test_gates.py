"""Every gate's matrix against Qiskit's own."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from qiskit.circuit.library import get_standard_gate_name_mapping

from qlstm.gates import CONSTANT, KNOWN, SINGLE, entries, matrix, stacked

ANGLES = [0.7, -2.3, 5.1]


def angles_for(name: str) -> list[float]:
    return ANGLES[: len(get_standard_gate_name_mapping()[name].params)]


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_matrix_is_qiskits(name):
    angles = angles_for(name)
    expected = get_standard_gate_name_mapping()[name].base_class(*angles).to_matrix()
    np.testing.assert_allclose(matrix(name, [jnp.asarray(a) for a in angles]), expected, atol=1e-15)


@pytest.mark.parametrize("name", sorted(KNOWN - CONSTANT.keys()))
def test_many_angles_at_once_are_the_same_as_one_after_the_other(name):
    count = len(angles_for(name))
    many = [jnp.asarray([[0.1, 2.0, -3.0]]) * (k + 1) for k in range(count)]
    together = matrix(name, many)
    for column in range(3):
        single = matrix(name, [a[0, column] for a in many])
        np.testing.assert_allclose(together[0, column], single, atol=1e-15)


@pytest.mark.parametrize("name", sorted(SINGLE.keys() | {n for n in CONSTANT if len(CONSTANT[n]) == 2}))
def test_entries_left_out_are_zeros(name):
    angles = [jnp.asarray(a) for a in angles_for(name)]
    np.testing.assert_allclose(stacked(entries(name, angles), ()), matrix(name, angles), atol=0)


@pytest.mark.parametrize("name", sorted(KNOWN - CONSTANT.keys()))
def test_derivative_is_that_of_finite_differences(name):
    angles = [jnp.asarray(a) for a in angles_for(name)]

    def real_part(t):
        return jnp.real(matrix(name, [t, *angles[1:]]))

    step = 1e-6
    differences = (real_part(angles[0] + step) - real_part(angles[0] - step)) / (2 * step)
    np.testing.assert_allclose(jax.jacobian(real_part)(angles[0]), differences, atol=1e-9)
