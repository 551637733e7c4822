"""What a circuit means: the slow, obvious reference, and the deferred-measurement form."""

from qverify.semantics.deferral import Deferred, defer
from qverify.semantics.expectation import difference_gradient, expectations, shift_gradient, zero_state
from qverify.semantics.instrument import Distance, instrument, instrument_distance, unitary_distance
from qverify.semantics.run import run

__all__ = [
    "Deferred",
    "Distance",
    "defer",
    "difference_gradient",
    "expectations",
    "instrument",
    "instrument_distance",
    "run",
    "shift_gradient",
    "unitary_distance",
    "zero_state",
]
