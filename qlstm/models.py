"""What the trainer trains: a way to start and a way to forecast, whatever is inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax

Parameters = dict[str, jax.Array]


@dataclass(frozen=True, eq=False)
class Model:
    """A pure function of its parameters.

    initial: PRNG key -> parameters.
    forecast: parameters, windows (B, L) in scaled units -> next values (B,) in scaled units.
    prepare, read: the same in two steps, where something is built once for all windows: forecast(p, w) =
        read(prepare(p), w). Second-order training differentiates the two apart.
    """

    name: str
    initial: Callable[[jax.Array], Parameters]
    forecast: Callable[[Parameters, jax.Array], jax.Array]
    prepare: Callable[[Parameters], Parameters] | None = None
    read: Callable[[Parameters, jax.Array], jax.Array] | None = None


def count(parameters: Parameters) -> int:
    """How many numbers are trained."""
    return sum(int(value.size) for value in parameters.values())
