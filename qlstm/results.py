"""The results of a run as one value, and as text: a JSON object, or a table of models x accuracy definitions."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from qlstm.evaluate import METRICS, accuracies
from qlstm.windows import Part, Split

Array = NDArray[np.float64]
SCHEMA = "qlstm/train/1"
HEADINGS = {
    "mse": "MSE",
    "r2": "R²",
    "one_minus_mape": "1-MAPE",
    "one_minus_wape": "1-WAPE",
    "within_5": "within 5 %",
    "within_2_5": "within 2.5 %",
    "directional": "direction",
}


@dataclass(frozen=True, eq=False)
class Row:
    """One model's forecasts, shape (n,) on each part, and what they cost.

    losses: training loss of each epoch, scaled units squared; empty for what is not trained by epochs.
    """

    name: str
    parameters: int
    train: Array
    test: Array
    losses: tuple[float, ...] = ()
    seconds_per_epoch: float | None = None

    def metrics(self, split: Split) -> dict[str, dict[str, float | None]]:
        """Every accuracy definition on both parts."""
        return {"train": _accuracies(self.train, split.train), "test": _accuracies(self.test, split.test)}

    def as_dict(self, split: Split) -> dict[str, object]:
        """For the JSON object."""
        return {
            "metrics": self.metrics(split),
            "parameters": self.parameters,
            "seconds_per_epoch": self.seconds_per_epoch,
            "loss": list(self.losses),
        }


def _accuracies(forecast: Array, part: Part) -> dict[str, float | None]:
    return accuracies(forecast, part.targets, part.before)


def as_json(result: dict[str, object]) -> str:
    """One JSON object; never NaN, which is not JSON."""
    return json.dumps(result, indent=2, allow_nan=False)


def as_table(title: str, rows: list[Row], split: Split) -> Table:
    """Models x accuracy definitions on the test part."""
    table = Table(
        title=title, caption="test part; scaled units, range 2", title_justify="left", caption_justify="left"
    )
    table.add_column("model", no_wrap=True)
    for heading in ("weights", *(HEADINGS[name] for name in METRICS), "ms / epoch"):
        table.add_column(heading, justify="right")
    for row in rows:
        test = row.metrics(split)["test"]
        cells = [_text(test[name], "9.2e" if name == "mse" else ".3f") for name in METRICS]
        duration = None if row.seconds_per_epoch is None else 1e3 * row.seconds_per_epoch
        table.add_row(row.name, str(row.parameters), *cells, _text(duration, ".2f"))
    return table


def _text(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form).strip()
