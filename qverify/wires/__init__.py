"""The wires of a circuit: which of them matter to any output."""

from qverify.wires.cones import Use, uses

__all__ = ["Use", "uses"]
