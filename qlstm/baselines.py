"""What any model must be compared with: persistence, and autoregression by least squares.

persistence   y_{t+1} = s_t
AR(L)         y_{t+1} = a_0 + sum_{k=1..L} a_k s_{t+1-k},  a = argmin sum (y - target)^2 on the training part

Where windows hold several features, every value in a window has a coefficient. The classical LSTMs of chosen sizes
are in lstm.py, because they are trained like the cells.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qlstm.windows import Part

Array = NDArray[np.float64]


def persistence(windows: Array) -> Array:
    """The last value again: (n, L) -> (n,). Where windows hold features it is `Part.before`."""
    return windows[:, -1]


def autoregression(train: Part) -> Array:
    """L n_features + 1 coefficients, constant first, then oldest to newest; the shortest solution of many."""
    coefficients, *_ = np.linalg.lstsq(_design(train.windows), train.targets, rcond=None)
    return np.asarray(coefficients, dtype=np.float64)


def autoregressive_forecast(coefficients: Array, windows: Array) -> Array:
    """(L n_features + 1,), (n, L) or (n, L, n_features) -> (n,)."""
    return np.asarray(_design(windows) @ coefficients, dtype=np.float64)


def _design(windows: Array) -> Array:
    return np.column_stack([np.ones(len(windows)), windows.reshape(len(windows), -1)])
