"""A finished run taken up again: its cell on qiskit-aer with shots and noise, or left to run on its own forecasts.

The checkpoint says which cell, data and configuration; the circuits are admitted again, and their digests and the
series' must be those of the checkpoint.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from qlstm import aer_hybrid, aer_window, shots, train
from qlstm.cells import AnyCell, Cell, model
from qlstm.checkpoint import load_checkpoint
from qlstm.compose import compose, window
from qlstm.config import Config
from qlstm.data import Series
from qlstm.errors import BadCheckpoint
from qlstm.evaluate import accuracies
from qlstm.measured_cell import MeasuredCell
from qlstm.metrics import closed_loop
from qlstm.models import Parameters
from qlstm.noise import Noise, aer_model, with_waits
from qlstm.run import load_series, provenance_of, verified_cell
from qlstm.windows import Part, Split, windowed

Array = NDArray[np.float64]
SCHEMA = "qlstm/evaluate/1"
REFIT_WINDOWS = 24  # of the training part, evenly spread


@dataclass(frozen=True, eq=False)
class Run:
    """A trained cell with its data."""

    config: Config
    cell: AnyCell
    parameters: Parameters
    split: Split
    series: Series

    def exact(self, windows: Array) -> Array:
        """The compiled forecast, scaled, shape (n,)."""
        forecast = jax.jit(model(self.cell, self.config.window).forecast)
        return np.asarray(forecast(self.parameters, jnp.asarray(windows)))


def load_run(folder: Path, circuits: Path, certificates: Path, policy: Path) -> Run:
    """Read a run's folder, and admit its circuits again.

    Raises:
        BadCheckpoint: there is no run, it is damaged, or it belongs to other circuits or data.
        NotAdmitted, Unusable, TranslationDiffers: as `verified_cell`.
    """
    path = folder / "checkpoint.safetensors"
    config = _config(path)
    series = load_series(config)
    split = windowed(series, config.window, config.data)
    cell = verified_cell(config.cell, circuits, certificates, policy, config.seed)
    template = train.start(model(cell, config.window), config, jax.random.key(config.seed))
    progress = load_checkpoint(path, template, provenance_of(config, cell, series))
    return Run(config, cell, progress.chosen, split, series)


def _config(path: Path) -> Config:
    if not path.is_file():
        raise BadCheckpoint("there is no run here; name the folder that `qlstm train` wrote", str(path.parent))
    known = {field.name for field in fields(Config)}
    try:
        with safe_open(path, framework="numpy") as file:
            kept = json.loads((file.metadata() or {}).get("qlstm", "null"))["config"]
        return Config(**{name: value for name, value in kept.items() if name in known})
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadCheckpoint(f"the checkpoint is damaged ({error}); start the run anew", str(path)) from None


def spread(part: Part, most: int) -> Part:
    """At most so many windows, evenly spread over the part; all of them for 0."""
    n = len(part.targets)
    chosen = np.unique(np.linspace(0, n - 1, min(most, n) if most else n).round().astype(int))
    return Part(part.windows[chosen], part.targets[chosen], part.before[chosen])


def evaluated(run: Run, n_shots: int, noise: Noise, seed: int, most: int = 0) -> dict[str, Any]:
    """The trained cell on the test part, exact and as sampled.

    Args:
        n_shots: runs of a window's circuit; for a cell of six circuits, of each circuit.
        most: test windows, evenly spread; 0 for all.

    Returns:
        For JSON. `refit`: gain and offset fitted on noisy forecasts of the training part, where there is noise.
        `expected`: of a cell that measures without noise, the squared error on average over runs.
    """
    part = spread(run.split.test, most)
    exact, sampled = run.exact(part.windows), sampled_forecast(run, part.windows, n_shots, noise, seed)
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "cell": run.cell.name,
        "data": run.config.data,
        "shots": n_shots,
        "noise": {name: value if math.isfinite(value) else None for name, value in asdict(noise).items()},
        "seed": seed,
        "windows": len(part.targets),
        "exact": _accuracies(exact, part),
        "sampled": _accuracies(sampled, part),
        "refit": None,
        "expected": None,
        "targets": part.targets.tolist(),
        "exact_forecast": exact.tolist(),
        "sampled_forecast": sampled.tolist(),
    }
    noisy = aer_model(noise) is not None or noise.waits
    if noisy:
        seen = spread(run.split.train, REFIT_WINDOWS)
        gain, offset = shots.refitted(sampled_forecast(run, seen.windows, n_shots, noise, seed + 1), seen.targets)
        found["refit"] = _accuracies(gain * sampled + offset, part) | {"gain": gain, "offset": offset}
    elif isinstance(run.cell, MeasuredCell):
        exact_part, shot_part = shots.expected_error(run.cell, run.parameters, part, n_shots)
        found["expected"] = {"mse_exact": exact_part, "mse_from_shots": shot_part}
    return found


def _accuracies(forecast: Array, part: Part) -> dict[str, float | None]:
    return accuracies(forecast, part.targets, part.before)


def sampled_forecast(run: Run, windows: Array, n_shots: int, noise: Noise, seed: int) -> Array:
    """Next values from circuits run on qiskit-aer, shape (n,)."""
    if isinstance(run.cell, Cell):
        return aer_hybrid.forecast(run.cell, run.parameters, windows, n_shots, seed, aer_model(noise))
    circuits = [with_waits(c, noise) for c in window_circuits(run.cell, run.parameters, windows)]
    head = np.asarray(run.parameters["head"]).reshape(-1)
    found = aer_window.records(circuits, n_shots, seed, aer_model(noise))
    order = bit_order(run.cell, circuits[0], windows.shape[1])
    found = [(signs[:, order], shares) for signs, shares in found]
    return aer_window.forecasts(found, head, float(np.asarray(run.parameters["bias"]).reshape(())))[0]


def window_circuits(cell: MeasuredCell, parameters: Parameters, windows: Array) -> list[Any]:
    """A dynamic circuit for every window."""
    step = compose({str(v.subject.path): v.subject.circuit for v in cell.verified.values()})
    whole = window(step, windows.shape[1], cell.channel.features)
    weights = dict(zip(cell.channel.weights, map(float, parameters["weights"]), strict=True))
    return [aer_window.bound(whole, weights, one, cell.channel.features) for one in windows]


def bit_order(cell: MeasuredCell, circuit: Any, length: int) -> list[int]:
    """The circuit's number of each bit, step by step in the cell's order, which is the head's."""
    registers = {register.name: register for register in circuit.cregs}
    bits: Sequence[tuple[str, int]] = cell.channel.sequence.bits
    return [circuit.find_bit(registers[f"{name}_{t}"][k]).index for t in range(length) for name, k in bits]


def carried_on(run: Run, steps: int, from_test: bool = False) -> tuple[Array, Array]:
    """A closed loop: (forecasts, what came before) in the series' unit, shapes (steps,) and (n,).

    Args:
        from_test: begin where the test part begins, not where the series ends.
    """
    n_seen = len(run.split.train.targets) + run.config.window if from_test else len(run.series)
    before = run.series[:n_seen]
    scaler = run.split.scaler
    forecast = jax.jit(model(run.cell, run.config.window).forecast)
    scaled = closed_loop(
        lambda held: np.asarray(forecast(run.parameters, jnp.asarray(held))),
        scaler.scaled(before[-run.config.window :])[None],
        steps,
    )[0]
    return (scaled + 1) * (scaler.high - scaler.low) / 2 + scaler.low, before
