from __future__ import annotations

import numpy as np
import pytest

from qlstm.data import sine
from qlstm.errors import BadData
from qlstm.windows import Scaler, windowed


def test_windows_and_targets_are_consecutive_values():
    series = np.arange(40.0) ** 1.5
    split = windowed(series, 4)
    scaled = split.scaler.scaled(series)
    np.testing.assert_array_equal(split.train.windows[3], scaled[3:7])
    assert split.train.targets[3] == scaled[7]
    n_train, n = len(split.train.targets), 40 - 4 - 1
    assert n_train == int(0.67 * n)
    np.testing.assert_array_equal(split.test.windows[0], scaled[n_train : n_train + 4])
    assert split.test.targets[-1] == scaled[38], "the last possible window is left out"


def test_scaler_maps_the_training_range_to_plus_minus_one():
    split = windowed(np.linspace(3, 7, 60), 4)
    assert split.train.windows.min() == -1
    assert split.train.targets.max() == 1
    assert split.test.targets.max() > 1, "the future may leave the range"


def test_scaler_sees_the_training_part_only():
    series = sine()
    split = windowed(series, 4)
    seen = len(split.train.targets) + 4
    other = series.copy()
    other[seen:] = 1e6 * np.arange(len(series) - seen)
    disturbed = windowed(other, 4)
    assert disturbed.scaler == split.scaler == Scaler(series[:seen].min(), series[:seen].max())
    np.testing.assert_array_equal(disturbed.train.windows, split.train.windows)
    np.testing.assert_array_equal(disturbed.train.targets, split.train.targets)


def test_scaler_sees_the_last_training_target():
    series = np.sin(np.arange(60.0))
    n_train = len(windowed(series, 4).train.targets)
    series[n_train + 3] = 50.0
    assert windowed(series, 4).scaler.high == 50.0


def test_too_short_series_says_how_many_values_it_needs():
    with pytest.raises(BadData, match="has 16 values, but windows of 4 need at least 17"):
        windowed(np.arange(16.0), 4)
    assert len(windowed(np.arange(17.0), 4).test.targets) == 4


def test_training_part_wider_than_a_float_is_refused():
    series = np.r_[-1.7e308, 1.7e308, np.zeros(40)]
    with np.errstate(over="ignore"), pytest.raises(BadData, match="more than a float can hold"):
        windowed(series, 4, "file.csv")


@pytest.mark.parametrize("series", [np.full(50, 2.0), np.r_[np.zeros(40), np.ones(10)]])
def test_training_part_without_variation_is_refused(series):
    with np.errstate(over="ignore"), pytest.raises(BadData, match="leaves nothing to learn"):
        windowed(series, 4, "file.csv")
