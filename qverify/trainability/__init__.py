"""How strongly a circuit's outputs respond to its weights."""

from qverify.trainability.dead import proved_dead
from qverify.trainability.variance import GradientSample, Interval, sample_gradients, variance_intervals

__all__ = ["GradientSample", "Interval", "proved_dead", "sample_gradients", "variance_intervals"]
