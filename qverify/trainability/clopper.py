"""Clopper-Pearson intervals for many counts at once, which all hold together.

    lo = the (r / 2)-quantile of Beta(h, S - h + 1),   hi = the (1 - r / 2)-quantile of Beta(h + 1, S - h)

h hits in S samples, r the risk of one interval; m intervals hold together with confidence 1 - m r (Bonferroni),
whatever their dependence. No hits give (0, 1 - (r / 2)**(1 / S)).
Source: Clopper and Pearson, Biometrika 26, 404 (1934).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainccinv, betaincinv

Real = NDArray[np.float64]


def clopper_pearson(hits: NDArray[np.int64], samples: int, risk: float) -> tuple[Real, Real]:
    """The ends of the intervals of counts, each missed with probability at most `risk`.

    Args:
        hits: any shape, 0 <= hits <= samples.
        samples: independent trials behind every count, >= 1.
        risk: in (0, 1), split evenly between the two sides.

    Returns:
        (lo, hi), of the shape of `hits`.  Cost: two quantiles a distinct count.
    """
    different, where = np.unique(hits, return_inverse=True)
    h = different.astype(np.float64)
    lo, hi = np.zeros_like(h), np.ones_like(h)
    some, less = h > 0, h < samples
    lo[some] = betaincinv(h[some], samples - h[some] + 1.0, risk / 2.0)
    hi[less] = betainccinv(h[less] + 1.0, samples - h[less], risk / 2.0)
    where = where.reshape(np.shape(hits))
    return lo[where], hi[where]
