"""The classical LSTM against a plain NumPy one."""

from __future__ import annotations

import jax
import numpy as np

from qlstm.lstm import LSTM166
from qlstm.models import count


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_it_has_166_weights():
    assert count(LSTM166.initial(jax.random.key(0))) == 166


def test_forecast_is_that_of_the_equations_written_out():
    w = {name: np.asarray(value) for name, value in LSTM166.initial(jax.random.key(3)).items()}
    windows = np.random.default_rng(0).uniform(-1, 1, (3, 4))
    expected = []
    for window in windows:
        h, c = np.zeros(5), np.zeros(5)
        for x in window:
            i, f, new, o = ((x * w["w_x"][0] + w["w_h"].T @ h + w["b_x"] + w["b_h"])[5 * k :][:5] for k in range(4))
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(new)
            h = sigmoid(o) * np.tanh(c)
        expected.append(w["w_y"] @ h + w["b_y"])
    np.testing.assert_allclose(LSTM166.forecast(w, windows), expected, atol=1e-14)
