"""A training run from files to files: the series, the admitted circuits, the training, the comparison.

series -> Split;  circuits + certificates + policy -> admitted -> Cell -> validated translation
Cell + Split -> Progress -> checkpoint, result.json, forecast.png          (each written wholly or not at all)
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from qlstm import baselines, train
from qlstm.cells import AnyCell, assemble, model
from qlstm.checkpoint import Provenance, load_checkpoint, save_checkpoint, write_atomically
from qlstm.config import Config
from qlstm.csv_series import read_csv
from qlstm.data import SERIES, Series, named_series
from qlstm.errors import BadUsage
from qlstm.lstm import LSTM166
from qlstm.measured_cell import MeasuredCell
from qlstm.models import Model, Parameters, count
from qlstm.optimizers import EPOCHS, LEARNING_RATES
from qlstm.plots import forecast_png
from qlstm.progress import Stopwatch
from qlstm.results import SCHEMA, Array, Row, as_json
from qlstm.translation import validate_cell
from qlstm.windows import Part, Split, windowed
from qverify import admit_folder
from qverify.errors import counted

EPOCHS_PER_CHECKPOINT = 10
Report = Callable[[str, int, float], None]  # model, epochs done, loss


def load_series(config: Config) -> Series:
    """The series that the configuration names; a known name comes before a file called so."""
    is_file = config.data.endswith(".csv") or Path(config.data).is_file()
    if is_file and config.data not in SERIES:
        return read_csv(Path(config.data), config.target)
    if config.target is not None:
        raise BadUsage(f"--target is for .csv files, and `--data {config.data}` is none; leave it out")
    return named_series(config.data)


def verified_cell(name: str, circuits: Path, certificates: Path, policy: Path, seed: int) -> AnyCell:
    """Admit a folder, assemble a cell, and compare what was compiled with the reference.

    Raises:
        NotAdmitted: a circuit below the folder has no certificate that holds.
        Unusable: the circuits make no such cell.
        TranslationDiffers: a compiled circuit disagrees with the reference.
    """
    cell = assemble(name, admit_folder(circuits, certificates, policy))
    validate_cell(cell, np.random.default_rng(seed))
    return cell


def configured(config: Config, cell: AnyCell, wanted: dict[str, Any]) -> Config:
    """The configuration with what was asked for, and for the rest what suits the cell and the optimizer."""
    name = wanted.get("optimizer") or ("adam+lm" if isinstance(cell, MeasuredCell) else "rmsprop")
    usual: dict[str, Any] = {"optimizer": name, "learning_rate": LEARNING_RATES[name], "epochs": EPOCHS[name]}
    return replace(config, **usual | wanted)


def train_and_compare(
    config: Config, series: Series, cell: AnyCell, out: Path, resume: bool, report: Report
) -> tuple[dict[str, object], list[Row], Split]:
    """Train the cell and its baselines, and write everything below `out`.

    Returns:
        The result for JSON, a row for each model, and the data they were measured on.
    """
    split = windowed(series, config.window, config.data)
    cell_key, lstm_key = jax.random.split(jax.random.key(config.seed))
    provenance = provenance_of(config, cell, series)
    cell.still_holds()
    path = out / "checkpoint.safetensors"
    progress, clock = _train_cell(cell, split.train, cell_key, provenance, path, resume, report)
    cell.still_holds()
    quantum = _row(model(cell, config.window), progress, split, clock)
    rows = [quantum, *_baselines(config, split, lstm_key, report)]
    result = _result(config, cell, split, rows, provenance)
    losses = {row.name: row.losses for row in rows if row.losses}
    title = f"{config.data}: forecast of the test part"
    picture = forecast_png(title, split.test.targets, {row.name: row.test for row in rows}, losses)
    write_atomically(out / "forecast.png", picture)
    write_atomically(out / "result.json", as_json(result).encode())
    return result, rows, split


def provenance_of(config: Config, cell: AnyCell, series: Series) -> Provenance:
    """What a checkpoint of this run belongs to."""
    return Provenance(
        config,
        {role: circuit.digest for role, circuit in cell.circuits.items()},
        {role: circuit.certificate_digest for role, circuit in cell.circuits.items()},
        "sha256:" + hashlib.sha256(np.ascontiguousarray(series, dtype="<f8").tobytes()).hexdigest(),
    )


def _train_cell(
    cell: AnyCell, part: Part, key: jax.Array, provenance: Provenance, path: Path, resume: bool, report: Report
) -> tuple[train.Progress, Stopwatch]:
    """Train up to the configured epochs, keeping a checkpoint at `path`."""
    config = provenance.config
    quantum, clock = model(cell, config.window), Stopwatch()
    progress = train.start(quantum, config, key)
    if resume:
        progress = load_checkpoint(path, progress, provenance)
        if len(progress.losses) > config.epochs:
            done = counted(len(progress.losses), "epoch")
            raise BadUsage(f"the run has done {done}; give --epochs at least that", str(path))
    latest = progress

    def save() -> None:
        cell.still_holds()
        save_checkpoint(path, latest, provenance)

    def after_epoch(now: train.Progress) -> None:
        nonlocal latest
        latest = now
        clock.lap()
        report(quantum.name, len(now.losses), now.losses[-1])
        if len(now.losses) % EPOCHS_PER_CHECKPOINT == 0:
            save()
            clock.since = time.perf_counter()  # writing is no training

    try:
        progress = train.train(quantum, part, config, progress, after_epoch)
    except KeyboardInterrupt:
        if latest.losses:
            save()
        raise
    save()
    return progress, clock


def _baselines(config: Config, split: Split, key: jax.Array, report: Report) -> list[Row]:
    clock = Stopwatch()

    def after_epoch(now: train.Progress) -> None:
        clock.lap()
        report(LSTM166.name, len(now.losses), now.losses[-1])

    progress = train.train(LSTM166, split.train, config, train.start(LSTM166, config, key), after_epoch)
    seen, unseen = split.train.windows, split.test.windows
    coefficients = baselines.autoregression(split.train)
    linear = baselines.autoregressive_forecast
    return [
        Row("persistence", 0, baselines.persistence(seen), baselines.persistence(unseen)),
        Row(f"AR({config.window})", len(coefficients), linear(coefficients, seen), linear(coefficients, unseen)),
        _row(LSTM166, progress, split, clock),
    ]


def _row(trained: Model, progress: train.Progress, split: Split, clock: Stopwatch) -> Row:
    def forecast(windows: Array) -> Array:
        return np.asarray(jax.jit(trained.forecast)(progress.chosen, jnp.asarray(windows)))

    parameters: Parameters = progress.parameters
    return Row(
        trained.name,
        count(parameters),
        forecast(split.train.windows),
        forecast(split.test.windows),
        progress.losses,
        clock.per_epoch(),
    )


def _result(
    config: Config, cell: AnyCell, split: Split, rows: list[Row], provenance: Provenance
) -> dict[str, object]:
    quantum = rows[0]
    return {
        "schema": SCHEMA,
        "cell": cell.name,
        "data": config.data,
        "config": asdict(config),
        **quantum.as_dict(split),
        "qubits": cell.qubits,
        "windows": {"train": len(split.train.targets), "test": len(split.test.targets)},
        "scaler": asdict(split.scaler),
        "baselines": {row.name: row.as_dict(split) for row in rows[1:]},
        "certificates": [
            {
                "role": role,
                "circuit": provenance.circuits[role],
                "certificate": provenance.certificates[role],
            }
            for role in cell.circuits
        ],
        "series": provenance.series,
        "versions": {name: version(name) for name in ("jax", "jaxlib", "optax", "numpy", "qiskit")},
    }
