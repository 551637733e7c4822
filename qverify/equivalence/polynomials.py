"""Angles as polynomials, which live with the semantics, under the name that this room uses."""

from qverify.semantics.polynomials import MAX_POWER, MAX_TERMS, expanded

__all__ = ["MAX_POWER", "MAX_TERMS", "expanded"]
