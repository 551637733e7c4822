"""How strongly a circuit's outputs respond to its weights."""

from qverify.trainability.dead import proved_dead
from qverify.trainability.laws import laws_of
from qverify.trainability.route import Question, Responses, respond
from qverify.trainability.variance import GradientSample, Interval, sample_gradients, variance_intervals

__all__ = [
    "GradientSample",
    "Interval",
    "Question",
    "Responses",
    "laws_of",
    "proved_dead",
    "respond",
    "sample_gradients",
    "variance_intervals",
]
