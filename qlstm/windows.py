"""From a series to scaled windows: past values in, next value out, split in time.

    window k = (s_k, ..., s_{k+L-1}) -> s_{k+L},   k = 0 .. n - L - 2      (the last possible window is left out,
    scaled = 2 (s - min) / (max - min) - 1                                  as in the published code)

The first 67 % of the windows train, the rest test. min and max are those of the values that training windows
and training targets hold, so nothing of the future enters; the published code scales by the whole series.
Scaled test values can therefore leave [-1, 1].
Where other columns are given as features, a window holds those instead, each with a scaler of its own that is
fitted on what training windows hold of it; the target then enters only if it is one of them.
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
    """Windows of shape (n, L), or (n, L, n_features) for several features, and what follows them, scaled.

    targets: shape (n,).
    last: the target's value at each window's last time, shape (n,); None where the windows hold it.
    """

    windows: Array
    targets: Array
    last: Array | None = None

    @property
    def before(self) -> Array:
        """The target's value just before each target, shape (n,)."""
        return self.windows[:, -1] if self.last is None else self.last


@dataclass(frozen=True, eq=False)
class Split:
    """A series prepared for training. feature_scalers: of each feature; none where the series is its own."""

    train: Part
    test: Part
    scaler: Scaler
    feature_scalers: tuple[Scaler, ...] = ()


def windowed(series: Series, length: int, where: str = "", features: Array | None = None) -> Split:
    """Cut, scale and split a series.

    Args:
        series: what is forecast, shape (n_points,).
        length: L, time steps per window.
        where: the file, for refusals.
        features: what windows hold, shape (n_points, n_features); the series itself if absent.

    Raises:
        BadData: too few values, or a training part without variation.
    """
    n_windows = len(series) - length - 1
    if n_windows < FEWEST_WINDOWS:
        fewest = FEWEST_WINDOWS + length + 1
        values = counted(len(series), "value")
        raise BadData(f"the series has {values}, but windows of {length} need at least {fewest}", where)
    n_train = int(TRAIN_SHARE * n_windows)
    scaler = _fitted(series[: n_train + length], "", where)  # every value in a training window or training target
    scaled = scaler.scaled(series)
    targets = scaled[length : length + n_windows]
    if features is None:
        windows = np.lib.stride_tricks.sliding_window_view(scaled, length)[:n_windows].copy()
        return Split(Part(windows[:n_train], targets[:n_train]), Part(windows[n_train:], targets[n_train:]), scaler)
    columns = features.T
    scalers = tuple(
        _fitted(column[: n_train + length - 1], f" of feature {k + 1}", where) for k, column in enumerate(columns)
    )
    held = np.stack([one.scaled(column) for one, column in zip(scalers, columns, strict=True)], axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(held, length, axis=0)[:n_windows].swapaxes(1, 2).copy()
    windows = windows[:, :, 0] if len(scalers) == 1 else windows
    last = scaled[length - 1 : length - 1 + n_windows]
    return Split(
        Part(windows[:n_train], targets[:n_train], last[:n_train]),
        Part(windows[n_train:], targets[n_train:], last[n_train:]),
        scaler,
        scalers,
    )


def _fitted(seen: Array, of_what: str, where: str) -> Scaler:
    """The scaler of values seen in training.

    Raises:
        BadData: they do not vary, or by more than a float can hold.
    """
    scaler = Scaler(float(seen.min()), float(seen.max()))
    span = scaler.high - scaler.low
    if not np.isfinite(span):
        raise BadData(
            f"the training part{of_what} spans more than a float can hold (up to {scaler.high:.3g}); scale it down",
            where,
        )
    if not (span > 1e-12 * max(abs(scaler.low), abs(scaler.high))):
        raise BadData(
            f"the training part{of_what} (the first {len(seen)} values) lies between {scaler.low:.6g} and "
            f"{scaler.high:.6g}, which leaves nothing to learn; give a series that varies there",
            where,
        )
    return scaler
