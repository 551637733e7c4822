"""Every cell and baseline on the same splits with the same budget, seed by seed; finished rows are kept in a file.

    budget    optimizer, epochs, batch, learning rate, window: one for all that is trained
    row       one model, data set and seed: accuracy on the test part, and what it cost
    file      JSON lines: a header with the budget, then a row a line; what is there is not run again

Persistence and autoregression do not depend on a seed and have one row with seed null. `epochs_to_target` counts
epochs until the training loss is at or below a tenth of persistence's mean squared error on the same training part.
Seconds are of training one seed, compiled; compiling happens once a model and data set and is not in them.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from qlstm import baselines, levenberg, train
from qlstm.config import Config
from qlstm.csv_series import read_csv, read_features
from qlstm.data import SERIES, named_features, named_series
from qlstm.errors import BadData, BadUsage
from qlstm.evaluate import accuracies
from qlstm.lstm import lstm
from qlstm.metrics import Array, epochs_to_target, horizon
from qlstm.models import Model, Parameters, count
from qlstm.optimizers import first_order_epochs
from qlstm.windows import Part, Split, windowed

SCHEMA = "qlstm/compare/1"
TARGET_SHARE = 0.1  # of persistence's error on the training part
HORIZON_STEPS = 30
BUDGET = ("optimizer", "epochs", "batch", "learning_rate", "clip", "window")
Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Contestant:
    """A model to be trained, and the live qubits it needs."""

    model: Model
    qubits: int = 0


@dataclass(frozen=True)
class Question:
    """What is forecast from what. target: a .csv file's column. features: columns that windows hold instead."""

    data: str
    target: str | None = None
    features: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What rows call it."""
        asked = [self.target] * (self.target is not None) + list(self.features)
        return f"{self.data}:{','.join(map(str, asked))}" if asked else self.data


def load_split(question: Question, window: int) -> Split:
    """The data of a question, cut, scaled and split; a known name comes before a file called so.

    Raises:
        BadUsage, BadData: as the readers of series, columns and windows say.
    """
    data, path = question.data, Path(question.data)
    is_file = data not in SERIES and (data.endswith(".csv") or path.is_file())
    if not is_file and question.target is not None:
        raise BadUsage(f"--target is for .csv files, and `--data {data}` is none; leave it out")
    series = read_csv(path, question.target) if is_file else named_series(data)
    if not question.features:
        return windowed(series, window, data)
    columns = read_features(path, question.features) if is_file else named_features(data, question.features)
    return windowed(series, window, data, columns)


def classical(name: str, window: int, n_features: int = 1) -> Contestant:
    """`lstm166`, `lstm100`, `lstm64`, each also with `-all` for the all-step head.

    Raises:
        BadUsage: another name.
    """
    plain = name.removeprefix("lstm").removesuffix("-all")
    if not (name.startswith("lstm") and plain.isdecimal()):
        raise BadUsage(f"`{name}` is no LSTM; write lstm166, lstm100 or lstm64, with -all for the all-step head")
    return Contestant(lstm(int(plain), window, n_features, name.endswith("-all")))


def compare(
    contestants: Sequence[Contestant],
    questions: Iterable[Question],
    config: Config,
    seeds: Iterable[int],
    kept: Kept,
    report: Callable[[Row], None],
) -> list[Row]:
    """Run what is missing, in a fixed order, and return all rows.

    Args:
        config: of the budget; its cell, data and seed are not used.
        seeds: of the initial weights.
        kept: the file with finished rows.
        report: called with each new row.
    """
    rows, seeds = list(kept.rows), list(seeds)
    done = {(row["model"], row["data"], row["seed"]) for row in rows}

    def keep(row: Row) -> None:
        kept.add(row)
        rows.append(row)
        report(row)

    for question in questions:
        split = load_split(question, config.window)
        for row in unseeded(question.name, split):
            if (row["model"], row["data"], None) not in done:
                keep(row)
        for contestant in contestants:
            missing = [s for s in seeds if (contestant.model.name, question.name, s) not in done]
            for row in seeded(contestant, question.name, split, config, missing) if missing else ():
                keep(row)
    return rows


def unseeded(data: str, split: Split) -> Iterator[Row]:
    """Persistence and autoregression by least squares."""
    begin = time.perf_counter()
    coefficients = baselines.autoregression(split.train)
    seconds = time.perf_counter() - begin
    own_past = split.test.last is None

    def ar(windows: Array) -> Array:
        return baselines.autoregressive_forecast(coefficients, windows)

    def last(windows: Array) -> Array:
        return windows[:, -1]

    order = split.train.windows.shape[1]
    carried = horizon(last, split.test, HORIZON_STEPS) if own_past else None
    costs = {"parameters": 0, "qubits": 0, "seconds": 0.0, "epochs_to_target": None}
    yield _row("persistence", data, None, split.test.before, split) | costs | {"horizon": carried}
    costs |= {"parameters": len(coefficients), "seconds": seconds}
    carried = horizon(ar, split.test, HORIZON_STEPS)
    yield _row(f"AR({order})", data, None, ar(split.test.windows), split) | costs | {"horizon": carried}


def seeded(contestant: Contestant, data: str, split: Split, config: Config, seeds: Sequence[int]) -> Iterator[Row]:
    """One contestant on one data set, compiled once for all seeds.

    Raises:
        BadData: a loss is no finite number.
    """
    model = contestant.model
    fit = trainer(model, split.train, config)
    answer = jax.jit(model.forecast)
    target = TARGET_SHARE * float(np.mean((split.train.before - split.train.targets) ** 2))
    for seed in seeds:
        begin = time.perf_counter()
        parameters, losses = fit(jax.random.key(seed))
        seconds = time.perf_counter() - begin
        if not math.isfinite(losses[-1]):
            raise BadData(f"the loss of {model.name} with seed {seed} is {losses[-1]}; lower --learning-rate", data)

        def forecast(windows: Array, parameters: Parameters = parameters) -> Array:
            return np.asarray(answer(parameters, jnp.asarray(windows)))

        yield _row(model.name, data, seed, forecast(split.test.windows), split) | {
            "parameters": count(parameters),
            "qubits": contestant.qubits,
            "seconds": seconds,
            "epochs_to_target": epochs_to_target(losses, target),
            "train_mse": losses[-1],
            "horizon": horizon(forecast, split.test, HORIZON_STEPS),
        }


def trainer(
    model: Model, part: Part, config: Config
) -> Callable[[jax.Array], tuple[Parameters, tuple[float, ...]]]:
    """PRNG key -> weights after the whole budget, and the loss of each epoch; compiled here, for any key.

    What `train.train` does without patience; that one compiles anew for every run.
    """
    first = train.epoch_function(model, part, config)
    second = levenberg.step_function(model, part)
    n_first = first_order_epochs(config)

    def fit(key: jax.Array) -> tuple[Parameters, tuple[float, ...]]:
        progress = train.start(model, config, key)
        parameters, state, losses = progress.parameters, progress.opt_state, []
        for _ in range(n_first):
            parameters, state, loss = first(parameters, state)
            losses.append(loss)
        mu = state.mu
        for _ in range(config.epochs - n_first):
            parameters, mu, loss = second(parameters, mu)
            losses.append(loss)
        return parameters, tuple(float(loss) for loss in losses)

    scratch = train.start(model, config, jax.random.key(0))
    first(scratch.parameters, scratch.opt_state)
    if n_first < config.epochs:
        second(scratch.parameters, scratch.opt_state.mu)
    return fit


def _row(name: str, data: str, seed: int | None, forecast: Array, split: Split) -> Row:
    found = accuracies(forecast, split.test.targets, split.test.before)
    return {"model": name, "data": data, "seed": seed, **found}


class Kept:
    """Finished rows in a file of JSON lines; a line that was cut off by a crash is dropped."""

    def __init__(self, path: Path | None, config: Config) -> None:
        """Open, or start, a file.

        Raises:
            BadUsage: the file holds rows of another budget, or is no such file.
        """
        self.path, self.rows = path, list[Row]()
        header = {"schema": SCHEMA, "budget": {name: asdict(config)[name] for name in BUDGET}}
        if path is None:
            return
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
        whole = [line for line in lines if line.endswith("\n")]
        if not whole:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(header) + "\n", encoding="utf-8")
            return
        try:
            found, *self.rows = [json.loads(line) for line in whole]
        except ValueError:
            raise BadUsage("this is no file of finished rows; name another with --out", str(path)) from None
        if found != header:
            raise BadUsage(
                f"the rows there have another budget ({json.dumps(found.get('budget'))}); name another file",
                str(path),
            )
        if len(whole) < len(lines):
            path.write_text("".join(whole), encoding="utf-8")

    def add(self, row: Row) -> None:
        """One more row, on the disk before this returns."""
        self.rows.append(row)
        if self.path is None:
            return
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
