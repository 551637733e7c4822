"""How good a forecast is, under every definition of "accuracy" in use; no one of them tells the whole.

With targets y, forecasts f, the last value of each window p, all scaled so that the training range is 2:

    mse             mean (f - y)^2                             unit: scaled units squared
    r2              1 - sum (f - y)^2 / sum (y - mean y)^2      .98 for a forecast worse than persistence on a sine:
                                                               never quote it alone
    one_minus_mape  1 - mean |f - y| / |y|                      ill-posed where y crosses zero; can be below 0
    one_minus_wape  1 - sum |f - y| / sum |y|
    within_5        share with |f - y| <= 5 % of the range, that is 0.1
    within_2_5      share with |f - y| <= 2.5 % of the range, that is 0.05
    directional     share with sign(f - p) = sign(y - p)        0 for persistence by definition

How far a forecast carries and how soon it was learned are in metrics.py.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

RANGE = 2.0  # of the interval [-1, 1] that the scaler maps the training values to
METRICS = ("mse", "r2", "one_minus_mape", "one_minus_wape", "within_5", "within_2_5", "directional")
Array = NDArray[np.float64]


def accuracies(forecast: Array, targets: Array, last: Array) -> dict[str, float | None]:
    """Every definition at once.

    Args:
        forecast, targets: shape (n,), scaled units.
        last: the last value of each window, shape (n,), scaled units.

    Returns:
        One value for each name in `METRICS`; None where a definition divides by zero or overflows.
    """
    error = np.abs(forecast - targets)
    with np.errstate(all="ignore"):
        values = {
            "mse": np.mean(error**2),
            "r2": 1 - np.sum(error**2) / np.sum((targets - targets.mean()) ** 2),
            "one_minus_mape": 1 - np.mean(error / np.abs(targets)),
            "one_minus_wape": 1 - np.sum(error) / np.sum(np.abs(targets)),
            "within_5": np.mean(error <= 0.05 * RANGE),
            "within_2_5": np.mean(error <= 0.025 * RANGE),
            "directional": np.mean(np.sign(forecast - last) == np.sign(targets - last)),
        }
    return {name: float(value) if math.isfinite(value) else None for name, value in values.items()}
