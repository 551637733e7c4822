"""Eight laws of known class, and how often a classifier names them right from noisy intervals."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import norm

from qverify.trainability.moment import Moment
from qverify.trainability.scaling import classify


def haar(n):
    """A gradient between two 2-designs: D**2 / (2 (D - 1) (D + 1)**2)."""
    D = 2.0**n
    return math.log(D / (D - 1)) + math.log(D / (D + 1)) - math.log(2 * (D + 1))


# name -> (class, ln V at n qubits)
LAWS = {
    "1/50": ("constant", lambda _: math.log(0.02)),
    "n**-1": ("polynomial", lambda n: -math.log(n)),
    "n**-2": ("polynomial", lambda n: -2 * math.log(n)),
    "n**-1.3219": ("polynomial", lambda n: -1.3219 * math.log(n)),
    "0.5**n": ("exponential", lambda n: n * math.log(0.5)),
    "0.9**n": ("exponential", lambda n: n * math.log(0.9)),
    "0.95**n / n": ("exponential", lambda n: n * math.log(0.95) - math.log(n)),
    "Haar": ("exponential", haar),
}
RANGES = {
    "4..12": tuple(range(4, 13)),
    "4..24": (4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24),
    "4..64": (4, 6, 8, 12, 16, 24, 32, 40, 52, 64),
    "4..100": (4, 8, 12, 16, 24, 32, 48, 64, 80, 100),
}


def noisy(law, sizes, error, confidence, rng):
    """Points with normal errors of ln V and intervals that hold together with `confidence` (Bonferroni)."""
    z = norm.ppf(1 - (1 - confidence) / (2 * len(sizes)))
    points = []
    for n in sizes:
        found, half = law(n) + error * rng.standard_normal(), z * error
        points.append((n, Moment(*(x / math.log(2) for x in (found, found - half, found + half)))))
    return points


def tally(name, sizes, error, repeats, seed=0, confidence=0.95):
    """How often the class is right, inconclusive and wrong."""
    truth, law = LAWS[name]
    rng, counts = np.random.default_rng(seed), {"right": 0, "inconclusive": 0, "wrong": 0}
    for _ in range(repeats):
        klass = classify(noisy(law, sizes, error, confidence, rng), confidence).klass
        counts["right" if klass == truth else "inconclusive" if klass == "inconclusive" else "wrong"] += 1
    return counts
