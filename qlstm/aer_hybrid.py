"""The cell with classical gates between its circuits, on qiskit-aer: every expectation value from its own shots.

At each time step the circuits of a stage are run for all windows, S shots each, and what they give goes through
sigmoid and tanh into the next stage: 2 stages a step and 1 at the end, where all shots must be in before the next
can begin. A window costs (5 L - 4 + 1) S runs of a circuit, a cell that measures S runs of one.
The equations are those of cells.py, in NumPy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qlstm.cells import Cell
from qverify.errors import Unusable

Array = NDArray[np.float64]
FIRST = ("forget", "input", "update", "output")


def forecast(cell: Cell, parameters: Mapping[str, Any], windows: Array, shots: int, seed: int, noise: Any) -> Array:
    """Windows (B, L) to next values (B,), as sampled.

    Args:
        seed: of Aer's random numbers; every stage has its own.
        noise: an Aer `NoiseModel`, or none.

    Raises:
        Unusable: an observable is not diagonal, or Aer cannot run a circuit.
    """
    seeds = iter(np.random.default_rng(seed).integers(2**31, size=2 * windows.shape[1] + 1))

    def stage(roles: tuple[str, ...], features: Array) -> list[Array]:
        return _expectations(cell, parameters, roles, features, shots, int(next(seeds)), noise)

    h = np.zeros((len(windows), len(cell.circuits["hidden"].observables)))
    c = np.zeros((len(windows), len(cell.circuits["forget"].observables)))
    u = c
    for t, x in enumerate(windows.T):
        f, i, new, o = stage(FIRST, np.column_stack([x, h]))
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(new)
        u = _sigmoid(o) * np.tanh(c)
        if t + 1 < windows.shape[1]:
            (h,) = stage(("hidden",), u)
    (y,) = stage(("output_processing",), u)
    return np.asarray(y @ np.asarray(parameters["linear_weight"]) + float(parameters["linear_bias"]))


def _sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def _expectations(
    cell: Cell,
    parameters: Mapping[str, Any],
    roles: tuple[str, ...],
    features: Array,
    shots: int,
    seed: int,
    noise: Any,
) -> list[Array]:
    """For each role (B, n_observables)."""
    from qiskit_aer import AerSimulator

    circuits = [_bound(cell, role, parameters[role], row) for role in roles for row in features]
    result = (
        AerSimulator(noise_model=noise, max_parallel_threads=1)
        .run(circuits, shots=shots, seed_simulator=seed)
        .result()
    )
    if not result.success:
        raise Unusable(f"qiskit-aer could not run a circuit ({result.status})")
    found = []
    for k, role in enumerate(roles):
        observables = np.asarray(cell.circuits[role].observables)
        diagonal = np.diagonal(observables, axis1=1, axis2=2).real  # (n_observables, 2**n)
        if not np.allclose(observables, diagonal[:, :, None] * np.eye(diagonal.shape[1])):
            raise Unusable(
                "only observables of I and Z are read from shots here", str(cell.verified[role].subject.path)
            )
        values = np.zeros((len(features), len(diagonal)))
        for b in range(len(features)):
            for text, runs in result.data(k * len(features) + b)["counts"].items():
                values[b] += diagonal[:, int(text, 16)] * (runs / shots)
        found.append(values)
    return found


def _bound(cell: Cell, role: str, weights: Any, features: Array) -> Any:
    subject = cell.verified[role].subject
    values = dict(zip(subject.claims.weights, map(float, weights), strict=True))
    values |= dict(zip(subject.claims.features, map(float, features), strict=True))
    circuit = subject.circuit.assign_parameters({p: values[p.name] for p in subject.circuit.parameters})
    circuit.measure_all()
    return circuit
