from __future__ import annotations

import numpy as np

from qlstm.baselines import autoregression, autoregressive_forecast
from qlstm.data import sine
from qlstm.metrics import closed_loop, epochs_to_target, horizon, horizons
from qlstm.windows import windowed


def test_closed_loop_feeds_forecasts_back():
    looped = closed_loop(lambda w: w[:, 0] + w[:, 1], np.array([[1.0, 1.0], [0.0, 2.0]]), 4)
    np.testing.assert_array_equal(looped, [[2, 3, 5, 8], [2, 4, 6, 10]])


def test_horizon_is_the_first_step_outside_five_percent_of_the_range():
    truth = np.zeros((4, 3))
    forecasts = np.array([[0.0999, 0.1001, 0], [0, 0, 0], [1, 0, 0], [0, np.nan, 0]])
    assert list(horizons(forecasts, truth)) == [1, 3, 0, 1]


def test_an_exact_recursion_carries_a_sine_to_the_end_and_persistence_does_not():
    split = windowed(sine(), 4)
    a = autoregression(split.train)
    assert horizon(lambda w: autoregressive_forecast(a, w), split.test, 30) == 30
    assert horizon(lambda w: w[:, -1], split.test, 30) < 5


def test_there_is_no_horizon_beyond_the_part():
    split = windowed(sine()[:20], 4)
    assert horizon(lambda w: w[:, -1], split.test, 30) is None


def test_epochs_are_counted_from_one():
    assert epochs_to_target((3.0, 2.0, 1.0), 2.0) == 2
    assert epochs_to_target((3.0, 2.0, 1.0), 0.5) is None
