"""Float64 arithmetic in JAX, switched on at the edge of the program.

JAX computes in float32 unless told otherwise before the first array is made; verification bounds near 1e-10
need float64. Commands, tests and benchmarks call `float64()`; importing the package does not.
"""

from __future__ import annotations

import jax


def float64() -> None:
    """Make float64 and complex128 JAX's default types for this process. Calling it twice is harmless."""
    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]  # JAX leaves it untyped
