"""The chain: a circuit as the random walk of Pauli strings that its second moments are.

In the Heisenberg picture a rotation exp(-i t Q / 2) takes P to P where they commute, else to cos t P + i sin t Q P.
Where no two different strings of one observable ever meet again (`eligible`), E f**2 is a sum over walks, run from
the observable (the circuit's end) to the input (its beginning):

    P -> P with weight `stay` = E cos**2 t,   P -> Q P with weight 1 - stay       (P and Q anticommute)
    E f**2          = sum over terms of c**2 * E[ prod over wires of r_P**2 ]     at the input, r the Bloch vector
    E (d_k f)**2    = the same with the weights exchanged at the rotations of k, times slope**2, and 0 where P and Q
                      commute there

Signs never matter, so a string is two bits a wire: X = (1, 0), Y = (1, 1), Z = (0, 1).
Source: Heyraud et al., PRX Quantum 4, 040335 (2023), arXiv:2302.04649; Letcher, Woerner, Zoufal, Quantum 8 (2024).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Turn:
    """exp(-i t Q / 2) with Q the word on the wires; t = slope * parameter + offset, its law symmetric about 0.

    wires, word: a letter X, Y or Z for each wire; wires are distinct.
    parameter: index in `Chain.names`; -1 for an angle that is fixed or drawn, whose gradient nobody asks for.
    slope: dt / d parameter, radians; 0.0 without a parameter.
    stay: E cos**2 t, in [0, 1]; NaN where `drawn` says it.
    mean: E cos t (E sin t is 0); 0.0 for a uniform turn.
    drawn: row of `Draws.stays` with cos**2 t; -1 if none.
    """

    wires: tuple[int, ...]
    word: str
    parameter: int
    slope: float
    stay: float
    mean: float = 0.0
    drawn: int = -1


@dataclass(frozen=True, slots=True)
class Linear:
    """A fixed Clifford gate as it takes strings backwards, P -> U^dagger P U.

    rows: the images of X and Z on each wire, in the order X_0, Z_0, X_1, Z_1 ...; an image is a number whose bits
        2 j and 2 j + 1 say whether it has x and z on wire j of `wires`.
    """

    wires: tuple[int, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Dephase:
    """A measurement whose outcome this step forgets: X and Y on the wire end the walk (weight 0)."""

    wire: int


@dataclass(frozen=True, slots=True)
class Reset:
    """A wire set to |0>: Z becomes I, X and Y end the walk."""

    wire: int


Step = Turn | Linear | Dephase | Reset


@dataclass(frozen=True)
class End:
    """One term of the observable, or a projector as the mixture of strings that it is.

    weight: total, c**2 for a Pauli string; for a projector the weights of all its strings come from `letters`.
    letters: wire -> weights of I, X, Y, Z >= 0 there; wires that are not named are I. A string's weight is `weight`
        times the product over wires. For Z0 this is {0: (0, 0, 0, 1)}, for |0><0| on wire 0 {0: (1/4, 0, 0, 1/4)}.
    """

    weight: float
    letters: dict[int, tuple[float, float, float, float]]


@dataclass(frozen=True)
class Draws:
    """What was drawn for `count` walks: stays (rows, count), starts wire -> squares of shape (3, count)."""

    stays: Real
    starts: dict[int, Real]


@dataclass(frozen=True)
class Chain:
    """A circuit and one observable, ready for any of the second-moment routes.

    wires: qubits and one wire a classical bit that is used.
    names: the parameters whose gradients are asked for.
    steps: in the order of the circuit; walks run through them backwards.
    ends: the observable; each End walks on its own.
    start: shape (wires, 3), E r_X**2, E r_Y**2, E r_Z**2 of the input's Bloch vectors; NaN rows come from `draw`.
    draw: gives `count` independent draws of everything that is drawn; None where nothing is.
    """

    wires: int
    names: tuple[str, ...]
    steps: tuple[Step, ...]
    ends: tuple[End, ...]
    start: Real
    draw: Callable[[Generator, int], Draws] | None = None
