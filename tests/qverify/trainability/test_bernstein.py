"""Intervals for means and variances: coverage, ends, and the known cases."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qverify.trainability.bernstein import mean_ends, second_ends, variance_ends

DRAWS = {
    "a square of a sine": (lambda rng, shape: np.sin(rng.uniform(0, 2 * math.pi, shape)) ** 2, 0.5),
    "a coin": (lambda rng, shape: (rng.random(shape) < 0.5) * 1.0, 0.5),
    "a rare event": (lambda rng, shape: (rng.random(shape) < 0.02) * 1.0, 0.02),
    "a skewed one": (lambda rng, shape: rng.random(shape) ** 8, 1 / 9),
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("count", [20, 300])
def test_means_are_covered_at_least_as_often_as_said(name, count):
    """2000 repeats: misses beyond 0.1 + 4 standard errors would have a chance below 1e-4."""
    draw, truth = DRAWS[name]
    x = draw(np.random.default_rng(1), (count, 2000))
    found = mean_ends(x, np.zeros(2000), np.ones(2000), 0.1)
    missed = np.mean((truth < found.lo) | (truth > found.hi))
    assert missed <= 0.1


@pytest.mark.parametrize("centred", [True, False])
def test_variances_are_covered_at_least_as_often_as_said(centred):
    g = np.sin(np.random.default_rng(2).uniform(0, 2 * math.pi, (200, 1000)))
    bound = np.ones(1000)
    square = second_ends(g, bound, 0.05)
    found = variance_ends(g, bound, np.full(1000, centred), square, 0.05)
    assert np.mean((found.lo > 0.5) | (found.hi < 0.5)) <= 0.1
    assert np.all(found.lo <= found.value)
    assert np.all(found.value <= found.hi)


def test_an_interval_is_narrower_than_maurer_and_pontils():
    x = np.sin(np.random.default_rng(3).uniform(0, 2 * math.pi, (1024, 1))) ** 2
    found, delta, count = mean_ends(x, np.zeros(1), np.ones(1), 0.05), 0.05, 1024
    log = math.log(4 / delta)
    theirs = math.sqrt(2 * x.var(ddof=1) * log / count) + 7 * log / (3 * (count - 1))
    assert (found.hi - found.lo)[0] / 2 < 0.85 * theirs


def test_what_is_always_zero_has_an_upper_end_of_the_order_of_one_over_the_samples():
    found = mean_ends(np.zeros((1000, 1)), np.zeros(1), np.ones(1), 0.05)
    assert found.lo[0] == 0.0
    assert found.hi[0] < 2 * math.log(2 / 0.05) / 1000


def test_ends_scale_with_the_range():
    x = np.random.default_rng(4).uniform(-1, 3, (50, 1))
    unit = mean_ends((x + 1) / 4, np.zeros(1), np.ones(1), 0.05)
    found = mean_ends(x, np.array([-1.0]), np.array([3.0]), 0.05)
    np.testing.assert_allclose(found, [4 * np.asarray(end) - 1 for end in unit], atol=1e-12)


def test_a_variable_without_range_is_known():
    found = second_ends(np.zeros((10, 1)), np.zeros(1), 0.05)
    assert (found.value[0], found.lo[0], found.hi[0]) == (0.0, 0.0, 0.0)


def test_one_sample_says_nothing_and_warns_of_nothing():
    found = mean_ends(np.array([[0.3]]), np.zeros(1), np.ones(1), 0.05)
    assert found.lo[0] == 0.0
    assert found.hi[0] == 1.0
