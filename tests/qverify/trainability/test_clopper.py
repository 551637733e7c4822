"""Clopper-Pearson intervals against the binomial tails that define them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from qverify.trainability.clopper import clopper_pearson


def test_the_ends_are_where_the_tails_are_half_the_risk():
    hits = np.array([[1, 7], [99, 50]])
    lo, hi = clopper_pearson(hits, 100, 1e-3)
    assert binom.sf(hits - 1, 100, lo) == pytest.approx(np.full((2, 2), 5e-4))
    assert binom.cdf(hits, 100, hi) == pytest.approx(np.full((2, 2), 5e-4))


def test_nothing_and_everything_are_one_sided():
    lo, hi = clopper_pearson(np.array([0, 1 << 20]), 1 << 20, 0.05)
    assert lo[0] == 0.0 and hi[0] == pytest.approx(1 - 0.025 ** (2.0**-20))
    assert hi[1] == 1.0 and lo[1] == pytest.approx(0.025 ** (2.0**-20))
