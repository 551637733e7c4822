"""The series against closed forms and other integrators."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from qlstm.data import (
    SERIES,
    bessel_j2,
    damped_shm,
    delayed_control,
    mackey_glass,
    named_series,
    narma10,
    population_inversion,
    sine,
)
from qlstm.errors import BadUsage
from qlstm.windows import windowed


def test_sine_has_frequency_one_fifth():
    values = sine()
    assert values[0] == 0
    t = np.linspace(0, 20, 240)
    np.testing.assert_allclose(values, np.imag(np.exp(2j * np.pi * t / 5)), atol=1e-14)


def test_bessel_is_its_integral():
    def integral(x):
        return quad(lambda a: np.cos(2 * a - x * np.sin(a)), 0, np.pi, limit=400)[0] / np.pi

    points = [0, 17, 130, 255]
    x = np.linspace(2, 100, 256)[points]
    np.testing.assert_allclose(bessel_j2()[points], [integral(value) for value in x], atol=1e-10)


def test_damped_pendulum_agrees_with_another_integrator():
    t = np.linspace(0, 20, 240)
    path = solve_ivp(
        lambda _, s: [s[1], -0.15 * s[1] - 9.81 * np.sin(s[0])],
        (0, 20),
        [0, 3],
        "DOP853",
        t,
        rtol=1e-12,
        atol=1e-12,
    )
    np.testing.assert_allclose(damped_shm(), path.y[1], atol=1e-6)


def test_delayed_control_peaks_at_even_x():
    values = delayed_control()
    for peak in range(0, 20, 2):  # at x = 2n one Gaussian is 1 and its neighbours are exp(-40)
        assert values[round((peak + 2) / 0.01)] == pytest.approx(np.exp(-peak / 16), abs=1e-12)


def test_population_inversion_starts_inverted_and_sums_the_photon_numbers():
    values = population_inversion()
    assert values[0] == pytest.approx(1, abs=1e-12)
    t, weight, total = np.linspace(0, 200, 2500)[37], np.exp(-40.0), 0.0
    for n in range(101):  # Pois(n + 1) = Pois(n) * 40 / (n + 1)
        total += weight * np.cos(2 * t * np.sqrt(n + 1))
        weight *= 40 / (n + 1)
    assert values[37] == pytest.approx(total, abs=1e-12)


def test_mackey_glass_follows_its_closed_form_while_the_past_is_constant():
    drive = 0.2 * 1.2 / (1 + 1.2**10)
    t = np.array([0, 6, 12])
    expected = drive / 0.1 + (1.2 - drive / 0.1) * np.exp(-0.1 * t)
    np.testing.assert_allclose(mackey_glass(3), expected, atol=1e-9)


def test_mackey_glass_hardly_depends_on_the_step_before_chaos_sets_in():
    np.testing.assert_allclose(mackey_glass(40), mackey_glass(40, steps_per_unit=40), atol=5e-4)


def test_narma_is_its_recursion():
    n, u = 60, np.random.default_rng(3).uniform(0, 0.5, 60)
    y = narma10(np.random.default_rng(3), n)
    for t in range(9, n - 1):
        memory = sum(y[t - i] for i in range(10))
        assert y[t + 1] == pytest.approx(0.3 * y[t] + 0.05 * y[t] * memory + 1.5 * u[t - 9] * u[t] + 0.1, abs=1e-14)


@pytest.mark.parametrize(
    ("name", "train", "test"),
    [
        ("sine", 157, 78), ("damped_shm", 157, 78), ("bessel_j2", 168, 83), ("delayed_control", 1470, 725),
        ("population_inversion", 1671, 824), ("mackey_glass", 197, 98), ("narma10", 331, 164),
    ],
)  # fmt: skip
def test_split_sizes_are_the_published_ones(name, train, test):
    split = windowed(named_series(name), 4)
    assert (len(split.train.targets), len(split.test.targets)) == (train, test)


def test_every_series_is_finite_and_the_same_each_time():
    for make in SERIES.values():
        assert np.isfinite(make()).all()
        np.testing.assert_array_equal(make(), make())


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(BadUsage, match="did you mean `bessel_j2`"):
        named_series("bessel2")
