"""Gradients by lag against closed forms and difference quotients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from qlstm import cells
from qlstm.cells import Cell
from qlstm.lstm import LSTM166
from qlstm.models import Model
from qlstm.through_time import fall_per_lag, gradient_by_lag
from tests.qlstm.published import compiled_cell


@pytest.fixture(scope="module")
def windows():
    return jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (3, 3)))


def linear(factor):
    """s' = factor * s + x, forecast s: d y / d x_t = factor**lag."""

    def forecast(parameters, windows):
        s = jnp.zeros(windows.shape[0])
        for x in windows.T:
            s = factor * s + x
        return s

    return Model("linear", lambda _: {}, forecast)


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.2])
def test_a_linear_memory_falls_by_its_factor(factor, windows):
    found = gradient_by_lag(linear(factor), {}, windows)
    np.testing.assert_allclose(found, factor ** np.arange(3), rtol=1e-12)
    assert fall_per_lag(found) == pytest.approx(factor)


def test_a_forecast_of_the_last_value_alone_feels_lag_zero_alone(windows):
    last = Model("last", lambda _: {}, lambda _, windows: windows[:, -1] ** 2)
    found = gradient_by_lag(last, {}, windows)
    np.testing.assert_allclose(found[0], np.sqrt(np.mean(4 * windows[:, -1] ** 2)))
    assert not np.any(found[1:])
    assert fall_per_lag(found) == 1.0


def test_features_of_one_step_are_summed():
    both = Model("both", lambda _: {}, lambda _, windows: 3 * windows[:, 0, 0] + 4 * windows[:, 0, 1])
    assert gradient_by_lag(both, {}, jnp.zeros((2, 2, 2))).tolist() == [0.0, 5.0]


def test_cells_agree_with_difference_quotients(windows):
    for model in (cells.model(Cell("chen2020", compiled_cell(), {}), 3), LSTM166):
        parameters = model.initial(jax.random.key(1))
        forecast, squares, step = jax.jit(model.forecast), [], 1e-5
        for t in range(3):
            ahead = forecast(parameters, windows.at[:, t].add(step))
            behind = forecast(parameters, windows.at[:, t].add(-step))
            squares.append(np.mean(((ahead - behind) / (2 * step)) ** 2))
        found = jax.jit(lambda p, x, model=model: gradient_by_lag(model, p, x))(parameters, windows)
        np.testing.assert_allclose(found, np.sqrt(squares)[::-1], rtol=1e-7, atol=1e-10)
