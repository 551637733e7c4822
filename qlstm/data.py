"""The published toy series, each exactly as its formula says, by name.

    sine                 sin(2 pi 0.2 t),                          t in linspace(0, 20, 240)
    damped_shm           theta' of theta'' = -0.15 theta' - 9.81 sin theta, t in linspace(0, 20, 240)
    bessel_j2            J_2(x),                                   x in linspace(2, 100, 256)
    delayed_control      sum_{n=0..10} exp(-10 (x - 2n)^2) exp(-x / 16), x in arange(-2, 20, 0.01)
    population_inversion sum_{n=0..100} Poisson(n; 40) cos(2 t sqrt(n + 1)), t in linspace(0, 200, 2500)
    mackey_glass         x' = 0.2 x_tau / (1 + x_tau^10) - 0.1 x, x_tau(t) = x(t - 17), every 6 time units
    narma10              y' = 0.3 y + 0.05 y sum_{i=0..9} y_-i + 1.5 u_-9 u + 0.1, u uniform in [0, 0.5]

Sources: the first four, github.com/ycchen1989/Quantum_FWP and FederatedQLSTM; Jaynes-Cummings inversion,
arXiv:2009.01783; Mackey and Glass, Science 197, 287 (1977); NARMA-10, Atiya and Parlos, IEEE TNN 11, 697 (2000).
Models see the series' own past unless told otherwise. Of NARMA-10 the input u is at hand as a feature: without it
the part that u drives cannot be forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import odeint
from scipy.special import jv
from scipy.stats import poisson

from qlstm.errors import BadUsage, did_you_mean

Series = NDArray[np.float64]  # shape (n_points,), in the series' own unit
NARMA_SEED = 0  # the input u is drawn once and for all, so that every seed of a training sees one series


def sine() -> Series:
    """A sine of frequency 0.2, shape (240,)."""
    return np.sin(2 * np.pi * 0.2 * np.linspace(0, 20, 240))


def damped_shm() -> Series:
    """Angular velocity of a damped pendulum, b = 0.15, g = 9.81, l = m = 1, from theta = 0, theta' = 3: (240,)."""

    def pendulum(state: Series, _: float) -> list[float]:
        theta, omega = state
        return [omega, -0.15 * omega - 9.81 * np.sin(theta)]

    path = odeint(pendulum, [0.0, 3.0], np.linspace(0, 20, 240))
    return np.asarray(path[:, 1], dtype=np.float64)


def bessel_j2() -> Series:
    """The Bessel function of the first kind and order 2, shape (256,)."""
    return np.asarray(jv(2, np.linspace(2, 100, 256)), dtype=np.float64)


def delayed_control() -> Series:
    """Fidelity peaks of delayed quantum control, shape (2200,)."""
    x = np.arange(-2, 20, 0.01)
    peaks = np.exp(-10 * (x[:, None] - 2 * np.arange(11)) ** 2)  # (2200, 11)
    return np.asarray(peaks.sum(axis=1) * np.exp(-x / 16), dtype=np.float64)


def population_inversion() -> Series:
    """Collapse and revival in the Jaynes-Cummings model, 40 photons on average, g = 1, shape (2500,)."""
    n = np.arange(101)
    t = np.linspace(0, 200, 2500)
    return np.asarray(np.cos(2 * np.outer(t, np.sqrt(n + 1))) @ poisson.pmf(n, 40), dtype=np.float64)


def mackey_glass(n_points: int = 300, steps_per_unit: int = 10) -> Series:
    """Mackey-Glass from the constant past 1.2 by Runge-Kutta steps, shape (n_points,); chaotic."""
    dt, delay, every = 1 / steps_per_unit, 17 * steps_per_unit, 6 * steps_per_unit

    def slope(x: float, x_tau: float) -> float:
        return 0.2 * x_tau / (1 + x_tau**10) - 0.1 * x

    path = [1.2] * (delay + 1)  # the past up to t = 0
    for _ in range((n_points - 1) * every):
        x, early, late = path[-1], path[-1 - delay], path[-delay]
        middle = (early + late) / 2
        k1 = slope(x, early)
        k2 = slope(x + dt / 2 * k1, middle)
        k3 = slope(x + dt / 2 * k2, middle)
        k4 = slope(x + dt * k3, late)
        path.append(x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
    return np.array(path[delay::every])


def narma10(rng: np.random.Generator, n_points: int = 500) -> Series:
    """NARMA-10 from zeros, shape (n_points,)."""
    u = narma10_input(rng, n_points)
    y = np.zeros(n_points)
    for t in range(9, n_points - 1):
        y[t + 1] = 0.3 * y[t] + 0.05 * y[t] * y[t - 9 : t + 1].sum() + 1.5 * u[t - 9] * u[t] + 0.1
    return y


def narma10_input(rng: np.random.Generator, n_points: int = 500) -> Series:
    """What drives NARMA-10, uniform on [0, 0.5], shape (n_points,); u[t] enters y[t + 1]."""
    return rng.uniform(0, 0.5, n_points)


SERIES: dict[str, Callable[[], Series]] = {
    "sine": sine,
    "damped_shm": damped_shm,
    "bessel_j2": bessel_j2,
    "delayed_control": delayed_control,
    "population_inversion": population_inversion,
    "mackey_glass": mackey_glass,
    "narma10": lambda: narma10(np.random.default_rng(NARMA_SEED)),
}


FEATURES: dict[str, dict[str, Callable[[], Series]]] = {
    "narma10": {
        "u": lambda: narma10_input(np.random.default_rng(NARMA_SEED)),
        "y": SERIES["narma10"],
    }
}


def named_features(name: str, features: Sequence[str]) -> Series:
    """Columns that windows of a series can hold instead of the series, shape (n_points, n_features).

    Raises:
        BadUsage: the series has no feature of that name.
    """
    known = FEATURES.get(name, {})
    for feature in features:
        if feature not in known:
            has = did_you_mean(feature, known) if known else "; its only input is its own past"
            raise BadUsage(f"the series `{name}` has no feature `{feature}`{has}")
    return np.stack([known[feature]() for feature in features], axis=1)


def named_series(name: str) -> Series:
    """A series by its name.

    Raises:
        BadUsage: there is no series of that name.
    """
    if name not in SERIES:
        raise BadUsage(f"`--data {name}` is neither a series nor a .csv file{did_you_mean(name, SERIES)}")
    return SERIES[name]()
