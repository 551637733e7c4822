"""Levenberg-Marquardt against MINPACK's, and its two ways of ending."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import least_squares

from qlstm.levenberg import FIRST, improved, jacobian, step_function
from qlstm.lstm import LSTM166
from qlstm.models import Model
from qlstm.windows import Part

X = np.linspace(-1, 1, 40)
Y = 0.7 * np.exp(-1.3 * X) + 0.1 * np.sin(9 * X)
WAVE = Model(
    "wave",
    lambda key: {"w": jax.random.normal(key, (2,))},
    lambda p, windows: p["w"][0] * jnp.exp(p["w"][1] * windows[:, 0]),
)
PART = Part(X[:, None], Y)


def test_ends_where_minpack_ends():
    step, parameters, mu = step_function(WAVE, PART), {"w": jnp.array([0.1, 0.1])}, jnp.asarray(FIRST)
    losses = []
    for _ in range(30):
        parameters, mu, loss = step(parameters, mu)
        losses.append(float(loss))
    theirs = least_squares(lambda w: w[0] * np.exp(w[1] * X) - Y, [0.1, 0.1], method="lm", xtol=1e-14, ftol=1e-14)
    np.testing.assert_allclose(parameters["w"], theirs.x, rtol=1e-6)
    assert losses == sorted(losses, reverse=True)


def test_weights_stay_where_nothing_lowers_the_error():
    w = jnp.array([1.0, 2.0])
    found, mu, loss = improved(lambda w: jnp.array([1.0, 1.0]) + 0 * w, jnp.zeros((2, 2)), w, jnp.asarray(1.0))
    np.testing.assert_array_equal(found, w)
    assert (float(loss), float(mu) > 1) == (1.0, True)


def test_jacobian_without_a_shared_part_is_jaxs():
    parameters = LSTM166.initial(jax.random.key(0))
    windows = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (3, 2)))
    flat, unravel = jax.flatten_util.ravel_pytree(parameters)
    expected = jax.jacrev(lambda w: LSTM166.forecast(unravel(w), windows))(flat)
    np.testing.assert_allclose(jacobian(LSTM166, parameters, windows), expected, atol=1e-14)
