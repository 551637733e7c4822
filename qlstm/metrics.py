"""What a forecast's accuracy at one step does not say: how far it carries, and how soon it was learned.

    closed loop        y_{t+1} = f(s_{t-L+1} .. s_t),  y_{t+2} = f(s_{t-L+2} .. s_t, y_{t+1}), ...
    horizon            steps of a closed loop until |y - s| first exceeds 5 % of the range; the median over starts
    epochs_to_target   the first epoch whose training loss is at or below a target; None if there is none

A horizon says more than an error at one step where a series is chaotic, and is at most the number of steps tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from qlstm.evaluate import RANGE
from qlstm.windows import Part

Array = NDArray[np.float64]
Forecast = Callable[[Array], Array]  # windows (n, L) -> next values (n,)


def closed_loop(forecast: Forecast, windows: Array, steps: int) -> Array:
    """Forecasts that are fed back, shape (n, steps).

    Args:
        windows: where each loop starts, shape (n, L); each holds the series itself.
    """
    held, found = windows.copy(), []
    for _ in range(steps):
        following = forecast(held)
        found.append(following)
        held = np.column_stack([held[:, 1:], following])
    return np.stack(found, axis=1)


def horizons(forecasts: Array, truth: Array, tolerance: float = 0.05) -> NDArray[np.int64]:
    """Steps until each closed loop has left the truth, shape (n,).

    Args:
        forecasts, truth: shape (n, steps), scaled units.
        tolerance: share of the range.
    """
    left = ~(np.abs(forecasts - truth) <= tolerance * RANGE)  # a forecast that is no number has left
    found: NDArray[np.int64] = np.where(left.any(axis=1), left.argmax(axis=1), left.shape[1])
    return found


def horizon(forecast: Forecast, part: Part, steps: int) -> float | None:
    """The median horizon over all starts whose next `steps` values are in the part.

    None where the part is too short, or where windows hold something else than the series.
    """
    n_starts = len(part.targets) - steps + 1
    if n_starts < 1 or part.last is not None:
        return None
    truth = np.lib.stride_tricks.sliding_window_view(part.targets, steps)
    looped = closed_loop(forecast, part.windows, steps)  # all of them, so that what is compiled is compiled once
    return float(np.median(horizons(looped[:n_starts], truth)))


def epochs_to_target(losses: Sequence[float], target: float) -> int | None:
    """The first epoch, counted from 1, with a loss at or below the target."""
    return next((epoch for epoch, loss in enumerate(losses, 1) if loss <= target), None)
