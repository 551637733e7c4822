"""Translation validation: what will be trained is compared with the reference semantics before it is trained.

    defect = max |<O_k>_compiled(w, x) - <O_k>_reference(w, x)|   over random w in [-pi, pi], x in the claimed range

The compiled side is the very functions that the cell calls, not each circuit's on its own. For a cell that measures
O_k are the signs (-1)**bit of all bits in a window of `STEPS` time steps, and the reference is the Qiskit circuit
of that window (compose.py), so that what is carried from step to step is compared too.
Source: Pnueli, Siegel and Singerman, Translation Validation, TACAS 1998.
The bound 1e-10 is far above float64 rounding for these sizes (about 1e-14) and far below what a wrong gate
does (about 1e-1). Limits: numerical, at the points drawn; a fault that vanishes almost everywhere would pass.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from qlstm.cells import AnyCell, Cell, vqcs
from qlstm.compose import compose, window
from qlstm.errors import TranslationDiffers
from qlstm.measured_cell import MeasuredCell, readouts
from qlstm.models import Parameters
from qverify import VerifiedCircuit
from qverify.semantics import expectations as reference

BOUND = 1e-10
POINTS = 8
STEPS = 2
Array = NDArray[np.float64]


def validate_cell(cell: AnyCell, rng: np.random.Generator) -> float:
    """Compare all six circuits, or the window that they make, at `POINTS` random points.

    Returns:
        The largest difference seen, in the observables' unit.

    Raises:
        TranslationDiffers: it is above `BOUND`, or not a number.
    """
    if isinstance(cell, MeasuredCell):
        return _validate_measured(cell, rng)
    return _validate_hybrid(cell, rng)


def _validate_hybrid(cell: Cell, rng: np.random.Generator) -> float:
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
        largest = max(largest, _within_bound(defect, "circuit", str(circuit.subject.path)))
    return largest


def _validate_measured(cell: MeasuredCell, rng: np.random.Generator) -> float:
    channel = cell.channel
    circuit = window(
        compose({str(v.subject.path): v.subject.circuit for v in cell.verified.values()}), STEPS, channel.features
    )
    weights = rng.uniform(-np.pi, np.pi, (POINTS, len(channel.weights)))
    ranges = [_range(cell, name) for name in channel.features]
    x = np.stack([rng.uniform(low, high, (POINTS, STEPS)) for low, high in ranges], axis=-1)
    values = {name: weights[:, k] for k, name in enumerate(channel.weights)}
    values |= {f"{name}_{t}": x[:, t, k] for t in range(STEPS) for k, name in enumerate(channel.features)}
    registers = {register.name: register for register in circuit.cregs}
    numbers = [
        circuit.find_bit(registers[f"{name}_{t}"][k]).index
        for t in range(STEPS)
        for name, k in channel.sequence.bits
    ]
    expected = reference(circuit, values, tuple(f"M{k}" for k in numbers))
    found = jax.jit(jax.vmap(lambda w, one: readouts(cell, w, one[None])[0]))(jnp.asarray(weights), jnp.asarray(x))
    defect = float(np.max(np.abs(np.asarray(found).reshape(POINTS, -1) - expected)))
    return _within_bound(defect, "window", ", ".join(str(v.subject.path) for v in cell.verified.values()))


def _within_bound(defect: float, what: str, where: str) -> float:
    if not defect <= BOUND:
        raise TranslationDiffers(
            f"the compiled {what} differs from the reference by {defect:.2e}, more than {BOUND:.0e}; "
            "it is not trained; please report it",
            where,
        )
    return defect


def _range(cell: MeasuredCell, feature: str) -> tuple[float, float]:
    """The values that every block which takes the feature claims for it."""
    ranges = [
        v.subject.claims.feature_range for v in cell.verified.values() if feature in v.subject.claims.features
    ]
    return max(low for low, _ in ranges), min(high for _, high in ranges)


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
