"""The classical LSTM against a plain NumPy one."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from qlstm.lstm import LSTM166, lstm
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


@pytest.mark.parametrize(
    ("weights", "length", "n_features", "all_steps", "total"),
    [
        (166, 4, 1, False, 166),
        (100, 4, 1, False, 100),
        (64, 4, 1, False, 64),
        (64, 4, 1, True, 73),
        (64, 12, 1, True, 97),
        (64, 4, 3, False, 88),
    ],
)
def test_sizes_and_names_say_the_number_of_weights(weights, length, n_features, all_steps, total):
    model = lstm(weights, length, n_features, all_steps)
    parameters = model.initial(jax.random.key(0))
    assert count(parameters) == total
    assert model.name == f"LSTM{total}" + " all steps" * all_steps


def test_several_features_enter_one_by_one():
    several, one = lstm(64, n_features=3), lstm(64)
    w = several.initial(jax.random.key(1))
    windows = np.zeros((5, 2, 3))
    windows[..., 1] = np.random.default_rng(1).uniform(-1, 1, (5, 2))
    alone = one.forecast(w | {"w_x": w["w_x"][1:2]}, windows[..., 1])
    np.testing.assert_allclose(several.forecast(w, windows), alone, atol=1e-15)


def test_all_step_head_with_zeros_before_the_last_step_is_the_plain_head():
    plain, whole = lstm(64), lstm(64, all_steps=True)
    w = plain.initial(jax.random.key(2))
    padded = w | {"w_y": np.vstack([np.zeros((3, 3)), w["w_y"]])}
    windows = np.random.default_rng(2).uniform(-1, 1, (5, 4))
    np.testing.assert_allclose(whole.forecast(padded, windows), plain.forecast(w, windows), atol=1e-15)
