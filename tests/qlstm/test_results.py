from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from qlstm.evaluate import METRICS
from qlstm.results import HEADINGS, Row, as_json, as_table
from qlstm.windows import windowed

SPLIT = windowed(np.sin(np.arange(40.0)), 4)
ROWS = [
    Row("perfect", 3, SPLIT.train.targets, SPLIT.test.targets, (0.5, 0.25), 0.00125),
    Row("persistence", 0, SPLIT.train.windows[:, -1], SPLIT.test.windows[:, -1]),
]


def test_table_holds_every_model_and_every_definition():
    text = io.StringIO()
    Console(file=text, width=140).print(as_table("sine", ROWS, SPLIT))
    lines = text.getvalue().splitlines()
    assert all(HEADINGS[name] in lines[2] for name in METRICS)
    perfect = next(line for line in lines if "perfect" in line)
    assert [cell.strip() for cell in perfect.split("│")[1:-1]] == [
        "perfect", "3", "0.00e+00", "1.000", "1.000", "1.000", "1.000", "1.000", "1.000", "1.25",
    ]  # fmt: skip
    assert next(line for line in lines if "persistence" in line).rstrip("│ ").endswith("-")


def test_row_tells_both_parts_and_its_losses():
    told = ROWS[0].as_dict(SPLIT)
    assert told["metrics"]["train"]["mse"] == told["metrics"]["test"]["mse"] == 0
    assert told["loss"] == [0.5, 0.25]


def test_json_never_holds_what_json_lacks():
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"mse": float("nan")})
