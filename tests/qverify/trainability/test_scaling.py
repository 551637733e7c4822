"""Scaling: eight laws of known class, the intervals of rate and power, and what must stay inconclusive."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qverify.errors import Unusable
from qverify.trainability.moment import ZERO, Moment, exact, within
from qverify.trainability.scaling import HORIZON, band, classify
from tests.known_scaling import LAWS, RANGES, noisy, tally

LN2 = math.log(2)


def exactly(law, sizes):
    return [(n, Moment(*[law(n) / LN2] * 3, "exact")) for n in sizes]


@pytest.mark.parametrize("name", LAWS)
def test_a_law_that_is_known_exactly_is_named_right_up_to_64_qubits(name):
    truth, law = LAWS[name]
    found = classify(exactly(law, RANGES["4..64"]), 0.95)
    assert found.klass == truth
    assert found.confidence == 1.0
    assert found.qubits[1] == 64


@pytest.mark.parametrize("name", LAWS)
def test_no_class_is_wrong_and_few_are_open_at_3_percent(name):
    """Wrong needs an interval that fails: at confidence 1 - 1e-6 that has a chance below 1e-5 here."""
    assert tally(name, RANGES["4..64"], 0.03, repeats=2, confidence=1 - 1e-6)["wrong"] == 0
    assert tally(name, RANGES["4..100"], 0.03, repeats=2, seed=1)["right"] == 2


@pytest.mark.parametrize("sizes", ["4..12", "4..24"])
@pytest.mark.parametrize("error", [0.03, 0.001])
def test_a_slow_exponential_is_never_called_polynomial_from_a_short_range(sizes, error):
    assert tally("0.95**n / n", RANGES[sizes], error, repeats=4)["wrong"] == 0


@pytest.mark.parametrize("seed", range(6))
def test_true_constants_lie_in_their_intervals_whenever_the_data_do(seed):
    rng = np.random.default_rng(seed)
    b, c = rng.uniform(0, 0.3), rng.uniform(0, 2)
    points = noisy(lambda n: -1 - b * n - c * math.log(n), RANGES["4..24"], 0.02, 1 - 1e-9, rng)
    found = classify(points, 0.95)
    assert found.rate_lo <= b <= found.rate_hi
    assert found.power_lo <= c <= found.power_hi
    assert found.rate_lo <= found.rate <= found.rate_hi
    for n, (lo, hi) in zip((4, 11, 24, 40), band(points, found, (4, 11, 24, 40)), strict=True):
        assert lo <= (-1 - b * n - c * math.log(n)) / LN2 <= hi


def test_the_upper_rate_is_the_largest_that_passes():
    """Brute force over a grid of rates and powers: a curve passes if some a puts it between all ends."""
    points = [(n, within(n**-1.0, 0.9 / n, 1.1 / n)) for n in (4, 8, 16, 32)]
    found, slack = classify(points, 0.95), 0.01
    n = np.array([p[0] for p in points], dtype=float)
    lo, hi = (np.log([getattr(m, end) for _, m in points]) for end in ("lo", "hi"))
    b, c = np.meshgrid(np.linspace(-0.1, 0.1, 801), np.linspace(0, 2, 801), indexing="ij")
    bent = b[..., None] * n + c[..., None] * np.log(n)
    passes = (lo - slack + bent).max(axis=-1) <= (hi + slack + bent).min(axis=-1)
    assert found.rate_hi == pytest.approx(b[passes].max(), abs=6e-4)
    assert found.rate_lo == pytest.approx(b[passes].min(), abs=6e-4)
    assert found.bits_hi == pytest.approx(found.rate_hi / LN2)


def test_small_sizes_that_do_not_fit_are_left_out_and_named():
    """A transient that dies with n on top of a constant, as at the end of a staircase of blocks."""
    law = lambda n: math.log(1 / 9 + 4 / 45 * 0.4 ** (n / 4 - 1))  # noqa: E731
    found = classify(exactly(law, (4, 8, 16, 32, 64, 100)), 0.95)
    assert found.klass == "constant"
    assert found.dropped and "without 4" in found.reason
    assert found.qubits == (next(n for n in (8, 16, 32) if n not in found.dropped), 100)


def test_what_fits_at_no_sizes_is_inconclusive():
    found = classify([(n, exact(1.0 if k % 2 else 0.1)) for k, n in enumerate((4, 8, 16, 32, 64, 80))], 0.95)
    assert found.klass == "inconclusive"
    assert "no curve" in found.reason
    assert found.rate_hi == math.inf and found.fit is None
    assert np.isnan(band([], found, (4, 8))).all()


def test_three_sizes_are_too_few():
    found = classify(exactly(LAWS["0.5**n"][1], (4, 8, 64)), 0.95)
    assert found.klass == "inconclusive"
    assert "3 sizes are too few" in found.reason


def test_lower_bounds_alone_certify_nothing():
    points = [(n, Moment(-n, -n - 1.0, 0.0, "lower")) for n in RANGES["4..64"]]
    found = classify(points, 0.95)
    assert found.klass == "inconclusive"
    assert found.rate_hi == math.inf
    assert "no rate is excluded" in found.reason


def test_a_lower_bound_at_the_largest_size_still_excludes_fast_rates():
    points = [(n, within(1 / n, 0.8 / n, 1.25 / n)) for n in (4, 8, 16, 32)]
    with_one = classify([*points, (100, Moment(-6.8, -7.0, 0.0, "lower"))], 0.95)
    without = classify(points, 0.95)
    assert with_one.rate_hi < without.rate_hi / 2
    assert with_one.rate_lo == pytest.approx(without.rate_lo)


def test_no_hits_at_large_sizes_leave_an_upper_bound_that_certifies_a_decay():
    points = [
        *exactly(LAWS["0.5**n"][1], (4, 8, 12)),
        *((n, Moment(-math.inf, -math.inf, -17.0)) for n in (16, 24)),
    ]
    found = classify(points, 0.95)
    assert found.klass == "exponential"
    assert found.rate_lo * 20 > LN2


def test_a_family_that_is_exactly_zero_has_no_class():
    found = classify([*exactly(LAWS["0.5**n"][1], (4, 8, 12)), (16, ZERO)], 0.95)
    assert found.klass == "inconclusive"
    assert "exactly zero at 16 qubits" in found.reason


def test_growth_is_said_and_not_called_a_class():
    found = classify(exactly(lambda n: 0.1 * n, RANGES["4..64"]), 0.95)
    assert found.klass == "inconclusive"
    assert "grows" in found.reason


def test_rates_just_above_and_below_the_margin_part():
    """b R = ln 2 at R = 60; the slack of an exact value leaves a narrow gap where it stays open."""
    classes = [
        classify(exactly(lambda n, s=s: -s * LN2 / 60 * n, RANGES["4..64"]), 0.95).klass for s in (0.5, 1.0, 1.5)
    ]
    assert classes == ["constant", "inconclusive", "exponential"]
    assert HORIZON < 60


RIVALS = {
    "a power law that begins late": lambda n: -4 * math.log(n + 20),
    "a stretched exponential": lambda n: -3 * math.sqrt(n),
    "faster than every power, slower than every exponential": lambda n: -0.5 * math.log(n) ** 2,
}


@pytest.mark.parametrize("name", RIVALS)
@pytest.mark.parametrize("half", [0.0, 0.05])
def test_what_lies_between_the_classes_is_not_called_exponential(name, half):
    law = RIVALS[name]
    points = [(n, Moment(*((law(n) + d) / LN2 for d in (0.0, -half, half)))) for n in RANGES["4..64"]]
    found = classify(points, 0.95)
    assert found.klass == "inconclusive"
    assert "so does a power of n +" in found.reason


def test_numbers_far_below_the_smallest_float_are_classified():
    found = classify(exactly(lambda n: -20.0 * n, (10, 40, 100, 400)), 0.95)
    assert found.klass == "exponential"
    assert found.rate == pytest.approx(20.0, abs=0.01)


@pytest.mark.parametrize("sizes", [(4, 4, 8, 16), (0, 4, 8, 16)])
def test_sizes_that_are_no_sizes_are_refused(sizes):
    with pytest.raises(Unusable, match="different and at least 1"):
        classify([(n, exact(0.1)) for n in sizes], 0.95)


def test_the_order_of_the_points_changes_nothing():
    points = noisy(LAWS["0.9**n"][1], RANGES["4..24"], 0.02, 0.95, np.random.default_rng(3))
    assert classify(points, 0.95) == classify(points[::-1], 0.95)
