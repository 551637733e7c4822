"""The rotation form of a circuit, which lives with the semantics, under the name that this room uses."""

from qverify.semantics.rotations import (
    HALF,
    QUARTER,
    UNITARITY,
    Clifford,
    Fixed,
    Rotation,
    Step,
    Wires,
    steps,
    steps_and_matrices,
    steps_of,
    unitary,
)

__all__ = [
    "HALF",
    "QUARTER",
    "UNITARITY",
    "Clifford",
    "Fixed",
    "Rotation",
    "Step",
    "Wires",
    "steps",
    "steps_and_matrices",
    "steps_of",
    "unitary",
]
