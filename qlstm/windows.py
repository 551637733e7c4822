"""From a series to scaled windows: past values in, next value out, split in time.

    window k = (s_k, ..., s_{k+L-1}) -> s_{k+L},   k = 0 .. n - L - 2      (the last possible window is left out,
    scaled = 2 (s - min) / (max - min) - 1                                  as in the published code)

The first 67 % of the windows train, the rest test. min and max are those of the values that training windows
and training targets hold, so nothing of the future enters; the published code scales by the whole series.
Scaled test values can therefore leave [-1, 1].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qlstm.data import Series
from qlstm.errors import BadData
from qverify.errors import counted

TRAIN_SHARE = 0.67
FEWEST_WINDOWS = 12  # below this a test part of four windows says nothing
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scaler:
    """The affine map of [low, high] to [-1, 1]."""

    low: float
    high: float

    def scaled(self, series: Series) -> Series:
        """2 (s - low) / (high - low) - 1."""
        return 2 * (series - self.low) / (self.high - self.low) - 1


@dataclass(frozen=True, eq=False)
class Part:
    """Windows of shape (n, L) and the values that follow them, shape (n,), scaled."""

    windows: Array
    targets: Array


@dataclass(frozen=True, eq=False)
class Split:
    """A series prepared for training."""

    train: Part
    test: Part
    scaler: Scaler


def windowed(series: Series, length: int, where: str = "") -> Split:
    """Cut, scale and split a series.

    Args:
        series: shape (n_points,).
        length: L, values per window.
        where: the file, for refusals.

    Raises:
        BadData: too few values, or a training part without variation.
    """
    n_windows = len(series) - length - 1
    if n_windows < FEWEST_WINDOWS:
        fewest = FEWEST_WINDOWS + length + 1
        values = counted(len(series), "value")
        raise BadData(f"the series has {values}, but windows of {length} need at least {fewest}", where)
    n_train = int(TRAIN_SHARE * n_windows)
    seen = series[: n_train + length]  # every value in a training window or training target
    scaler = Scaler(float(seen.min()), float(seen.max()))
    span = scaler.high - scaler.low
    if not np.isfinite(span):
        raise BadData(
            f"the training part spans more than a float can hold (up to {scaler.high:.3g}); scale it down", where
        )
    if not (span > 1e-12 * max(abs(scaler.low), abs(scaler.high))):
        raise BadData(
            f"the training part (the first {len(seen)} values) lies between {scaler.low:.6g} and "
            f"{scaler.high:.6g}, which leaves nothing to learn; give a series that varies there",
            where,
        )
    scaled = scaler.scaled(series)
    windows = np.lib.stride_tricks.sliding_window_view(scaled, length)[:n_windows].copy()
    targets = scaled[length : length + n_windows]
    return Split(Part(windows[:n_train], targets[:n_train]), Part(windows[n_train:], targets[n_train:]), scaler)
