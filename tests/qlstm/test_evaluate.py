"""Accuracy definitions on numbers small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest

from qlstm.evaluate import METRICS, accuracies

TARGETS = np.array([1.0, -0.5, 0.25, 0.5])
LAST = np.array([0.5, 0.0, 0.25, 0.75])
FORECAST = TARGETS + np.array([0.0, 0.05, -0.1, 0.2])


def test_definitions_by_hand():
    found = accuracies(FORECAST, TARGETS, LAST)
    assert found["mse"] == pytest.approx((0.0025 + 0.01 + 0.04) / 4)
    mean = 1.25 / 4
    assert found["r2"] == pytest.approx(1 - 0.0525 / sum((y - mean) ** 2 for y in TARGETS))
    assert found["one_minus_mape"] == pytest.approx(1 - (0 + 0.1 + 0.4 + 0.4) / 4)
    assert found["one_minus_wape"] == pytest.approx(1 - 0.35 / 2.25)
    # up and foretold; down and foretold; unchanged and foretold down; down and foretold down
    assert found["directional"] == 0.75


@pytest.mark.parametrize(
    ("error", "within_5", "within_2_5"), [(0.0499, 1, 1), (0.0501, 1, 0), (0.0999, 1, 0), (0.1001, 0, 0)]
)
def test_tolerances_are_shares_of_a_range_of_two(error, within_5, within_2_5):
    found = accuracies(TARGETS + error, TARGETS, LAST)
    assert (found["within_5"], found["within_2_5"]) == (within_5, within_2_5)


def test_perfect_forecast_scores_one_everywhere():
    found = accuracies(TARGETS, TARGETS, LAST)
    assert found == {name: 0 if name == "mse" else 1 for name in METRICS}


def test_persistence_never_foretells_a_direction():
    assert accuracies(TARGETS - 0.1, TARGETS, TARGETS - 0.1)["directional"] == 0


def test_undefined_ratio_is_none():
    found = accuracies(np.ones(3), np.zeros(3), np.zeros(3))
    assert found["one_minus_mape"] is None
    assert found["one_minus_wape"] is None
    assert found["r2"] is None
