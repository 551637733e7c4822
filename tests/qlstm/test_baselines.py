from __future__ import annotations

import numpy as np

from qlstm.baselines import autoregression, autoregressive_forecast, persistence
from qlstm.data import sine
from qlstm.windows import windowed


def test_persistence_repeats_the_last_value():
    assert list(persistence(np.array([[1.0, 2.0], [3.0, 4.0]]))) == [2, 4]


def test_autoregression_is_exact_on_a_sine():
    split = windowed(sine(), 4)
    forecast = autoregressive_forecast(autoregression(split.train), split.test.windows)
    np.testing.assert_allclose(forecast, split.test.targets, atol=1e-12)


def test_autoregression_finds_the_recursion_of_a_damped_oscillation():
    # s_k = r^k cos(a k) obeys s_k = 2 r cos(a) s_{k-1} - r^2 s_{k-2}; the scaler's shift is the constant
    r, a = 0.99, 0.4
    series = r ** np.arange(80) * np.cos(a * np.arange(80))
    split = windowed(series, 2)
    constant, older, newer = autoregression(split.train)
    np.testing.assert_allclose([older, newer], [-(r**2), 2 * r * np.cos(a)], atol=1e-10)
    shift = split.scaler.scaled(np.zeros(1))[0]
    np.testing.assert_allclose(constant, shift * (1 - older - newer), atol=1e-10)
