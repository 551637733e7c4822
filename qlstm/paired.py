"""Is one model better than another, seed by seed? Two paired tests for every data set, corrected for their number.

    d_k = error of A - error of B with seed k
    Wilcoxon    signed ranks of log(error of A) - log(error of B), two-sided      (Wilcoxon 1945)
    sign        number of d_k < 0 among the d_k != 0, binomial(1/2), two-sided
    Holm        the k-th smallest of m p-values times m - k + 1, made monotone    (Holm 1979)

The logarithm makes a seed that diverged one large rank and not the whole statistic; it changes no sign. n seeds can
at best reach p = 2**(1 - n), so that five seeds never reach 0.05.
A verdict is `better`, `worse` or `undecided`, at 0.05 after Holm over the data sets, by both tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, wilcoxon

Array = NDArray[np.float64]
Verdict = Literal["better", "worse", "undecided"]
LEVEL = 0.05


@dataclass(frozen=True)
class Paired:
    """A against B on one data set. p_wilcoxon, p_sign: after Holm's correction, once `holm` was applied."""

    data: str
    seeds: int
    wins: int
    median_ratio: float
    p_wilcoxon: float
    p_sign: float

    @property
    def verdict(self) -> Verdict:
        """What both tests say of A."""
        if not (self.p_wilcoxon <= LEVEL and self.p_sign <= LEVEL):
            return "undecided"
        return "better" if 2 * self.wins > self.seeds else "worse"


def paired(data: str, a: Array, b: Array) -> Paired:
    """Compare errors seed by seed, uncorrected.

    Args:
        a, b: positive errors, shape (n_seeds,), the same seeds in the same order; b may be one value for all.
    """
    b = np.broadcast_to(b, a.shape)
    tiny = np.finfo(np.float64).tiny
    apart = np.log(np.maximum(a, tiny)) - np.log(np.maximum(b, tiny))
    different = apart[apart != 0]
    wins = int(np.sum(apart < 0))
    p_sign = float(binomtest(wins, len(different)).pvalue) if len(different) else 1.0
    p_wilcoxon = float(wilcoxon(different).pvalue) if len(different) else 1.0
    return Paired(data, len(a), wins, float(np.exp(np.median(apart))), p_wilcoxon, p_sign)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's correction, in the order given; at most 1."""
    order = sorted(range(len(p_values)), key=lambda k: p_values[k])
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, k in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[k]))
        corrected[k] = highest
    return corrected


def over_sets(found: Sequence[Paired]) -> list[Paired]:
    """The same comparisons with p-values corrected for the number of data sets."""
    by_rank = holm([one.p_wilcoxon for one in found])
    by_sign = holm([one.p_sign for one in found])
    return [
        Paired(one.data, one.seeds, one.wins, one.median_ratio, rank, sign)
        for one, rank, sign in zip(found, by_rank, by_sign, strict=True)
    ]
