"""Translation validation: what will be trained is compared with the reference semantics before it is trained.

    defect = max |<O_k>_compiled(w, x) - <O_k>_reference(w, x)|   over random w in [-pi, pi], x in the claimed range

The compiled side is the very functions that the cell calls, not each circuit's on its own.
Source: Pnueli, Siegel and Singerman, Translation Validation, TACAS 1998.
The bound 1e-10 is far above float64 rounding for these sizes (about 1e-14) and far below what a wrong gate
does (about 1e-1). Limits: numerical, at the points drawn; a fault that vanishes almost everywhere would pass.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from qlstm.cells import Cell, vqcs
from qlstm.errors import TranslationDiffers
from qlstm.models import Parameters
from qverify import VerifiedCircuit
from qverify.semantics import expectations as reference

BOUND = 1e-10
POINTS = 8
Array = NDArray[np.float64]


def validate_cell(cell: Cell, rng: np.random.Generator) -> float:
    """Compare all six circuits at `POINTS` random points.

    Returns:
        The largest difference seen, in the observables' unit.

    Raises:
        TranslationDiffers: it is above `BOUND`, or not a number.
    """
    v, u = (_features(cell.verified[role], rng) for role in ("forget", "hidden"))
    weights = {role: rng.uniform(-np.pi, np.pi, len(c.weights)) for role, c in cell.circuits.items()}

    @jax.jit
    def compiled(parameters: Parameters, v: jax.Array, u: jax.Array) -> tuple[jax.Array, ...]:
        vqc_1_to_4, vqc_5, vqc_6 = vqcs(cell, parameters)
        return (*vqc_1_to_4(v), *vqc_5(u), *vqc_6(u))

    found = compiled({role: jnp.asarray(w) for role, w in weights.items()}, jnp.asarray(v), jnp.asarray(u))
    largest = 0.0
    for (role, circuit), values in zip(cell.verified.items(), found, strict=True):
        x = u if role in ("hidden", "output_processing") else v
        defect = float(np.max(np.abs(np.asarray(values) - _expected(circuit, weights[role], x))))
        if not defect <= BOUND:
            raise TranslationDiffers(
                f"the compiled circuit differs from the reference by {defect:.2e}, more than {BOUND:.0e}; "
                "it is not trained; please report it",
                str(circuit.subject.path),
            )
        largest = max(largest, defect)
    return largest


def _features(verified: VerifiedCircuit, rng: np.random.Generator) -> Array:
    """Random features in the claimed range, shape (POINTS, n_features)."""
    claims = verified.subject.claims
    low, high = claims.feature_range
    return rng.uniform(low, high, (POINTS, len(claims.features)))


def _expected(verified: VerifiedCircuit, weights: Array, x: Array) -> Array:
    claims = verified.subject.claims
    values = {name: x[:, k] for k, name in enumerate(claims.features)}
    values |= {name: np.full(POINTS, weights[k]) for k, name in enumerate(claims.weights)}
    return reference(verified.subject.circuit, values, claims.observables)
